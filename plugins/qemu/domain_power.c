/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Starting, stopping and pausing. */
#include <string.h>

#include <model/domain-xml.h>

#include "agent.h"
#include "domain.h"
#include "domain_xml.h"
#include "index.h"
#include "machine.h"
#include "machine_start.h"
#include "machine_stop.h"
#include "save.h"

/* ---- starting ------------------------------------------------------------------------------- */

static bool check_startable(struct hvk_call *call, const struct machine *machine,
                            uint64_t fds_count)
{
    if (machine->run)
        return hvk_error_set(&call->error, HVK_ERR_OPERATION_INVALID,
                             "the domain '%s' runs already", machine->name);
    if (fds_count > 0)
        return hvk_error_set(&call->error, HVK_ERR_ARGUMENT_UNSUPPORTED,
                             "a QEMU guest takes no descriptors: they are for containers");
    return true;
}

static bool put_value(const struct machine *machine, struct hvk_domain_sink *out)
{
    struct hvk_domain value = machine_value(machine);
    return hvk_put_domain(out, &value);
}

static bool boot(struct hvk_call *call, struct machine *machine, uint32_t flags)
{
    struct start start = {.flags = flags, .restore_fd = -1};
    struct model_domain *live = machine_live_copy(machine, &call->error);
    return live && machine_start(call, machine, live, &start);
}

bool domain_create(DOMAIN_ARGS, const int32_t *fds, uint64_t fds_count, uint32_t flags,
                   struct hvk_domain_sink *out)
{
    (void)fds;
    auto_machine struct machine *machine = machine_find(call, instance, domain);
    if (!machine || !check_startable(call, machine, fds_count))
        return false;
    if (machine->managed_save && flags & HVK_DOMAIN_START_FORCE_BOOT &&
        !save_remove_managed(machine, &call->error))
        return false;
    if (!(machine->managed_save ? save_restore_managed(call, machine, flags)
                                : boot(call, machine, flags)))
        return false;
    return put_value(machine, out);
}

/* A transient machine is in the index while it starts, so that a destroy finds it. */
static bool create_transient(struct hvk_call *call, struct machine *machine,
                             struct model_domain *live, uint32_t flags)
{
    struct start start = {.flags = flags, .restore_fd = -1};
    if (!index_add(machine->node->index, machine)) {
        model_domain_free(live);
        return hvk_error_memory(&call->error);
    }
    if (machine_start(call, machine, live, &start))
        return true;
    machine->gone = true;
    index_remove(machine->node->index, machine);
    return false;
}

bool domain_create_xml(struct hvk_call *call, void *instance, const struct hvk_domain *identity,
                       const char *xml, const int32_t *fds, uint64_t fds_count, uint32_t flags,
                       struct hvk_domain_sink *out)
{
    (void)fds;
    struct node *node = instance;
    auto_machine struct machine *machine = index_find(node->index, identity->uuid);
    bool known = machine != NULL;
    if (!known && !(machine = machine_new(node, identity->uuid, identity->name)))
        return hvk_error_memory(&call->error);
    if (!check_startable(call, machine, fds_count))
        return false;
    struct model_domain *live =
        domain_xml_read(call, node, identity, xml, flags & HVK_DOMAIN_START_VALIDATE);
    if (!live)
        return false;
    struct start start = {.flags = flags, .restore_fd = -1};
    if (!(known ? machine_start(call, machine, live, &start)
                : create_transient(call, machine, live, flags)))
        return false;
    return put_value(machine, out);
}

/* ---- ending --------------------------------------------------------------------------------- */

bool domain_destroy(DOMAIN_ARGS, uint32_t flags)
{
    auto_machine struct machine *machine = machine_find(call, instance, domain);
    if (!machine)
        return false;
    /* Also one that is only just starting. */
    if (!machine->run)
        return hvk_error_set(&call->error, HVK_ERR_OPERATION_INVALID,
                             "the domain '%s' is not running", machine->name);
    if (!machine_stop(call, machine, flags & HVK_DOMAIN_DESTROY_GRACEFUL))
        return false;
    return !(flags & HVK_DOMAIN_DESTROY_REMOVE_LOGS) || machine_remove_logs(machine, &call->error);
}

/* Ways to ask a guest, in the order in which they are tried when the caller names none. */
enum way { WAY_AGENT, WAY_ACPI };

static bool choose_way(struct hvk_call *call, const struct machine *machine, uint32_t flags,
                       const char *what, enum way *out_way)
{
    uint32_t unsupported =
        flags & ~(uint32_t)(HVK_DOMAIN_SHUTDOWN_ACPI_POWER_BTN | HVK_DOMAIN_SHUTDOWN_GUEST_AGENT);
    bool agent = flags & HVK_DOMAIN_SHUTDOWN_GUEST_AGENT;
    if (unsupported)
        return hvk_error_set(&call->error, HVK_ERR_ARGUMENT_UNSUPPORTED,
                             "a QEMU guest can be asked to %s through ACPI or its agent only",
                             what);
    if (agent && !machine->run->agent_path)
        return hvk_error_set(&call->error, HVK_ERR_ARGUMENT_UNSUPPORTED,
                             "the domain '%s' has no channel org.qemu.guest_agent.0, which an "
                             "agent would answer on",
                             machine->name);
    *out_way = agent || (flags == 0 && machine->run->agent_connected) ? WAY_AGENT : WAY_ACPI;
    return true;
}

static bool press_button(struct hvk_call *call, struct machine *machine)
{
    return machine_command(call, machine, "system_powerdown", NULL, NULL);
}

bool domain_shutdown(DOMAIN_ARGS, uint32_t flags)
{
    auto_machine struct machine *machine = machine_find_monitored(call, instance, domain);
    enum way way = WAY_ACPI;
    if (!machine || !choose_way(call, machine, flags, "shut down", &way))
        return false;
    machine->run->reboot_wanted = false;
    return way == WAY_AGENT ? agent_shutdown(call, machine, "powerdown")
                            : press_button(call, machine);
}

/* ACPI knows a power button only: what it leads to is held, and turned into a reset. */
static bool reboot_by_button(struct hvk_call *call, struct machine *machine)
{
    auto_monitor_batch batch = MONITOR_BATCH_INIT(machine->run->monitor);
    machine->run->reboot_wanted = true;
    if (monitor_batch_add(&batch, "set-action", json_pack("{s:s}", "shutdown", "pause"),
                          &call->error) &&
        monitor_batch_add(&batch, "system_powerdown", NULL, &call->error) &&
        monitor_batch_wait(call, &batch, MONITOR_TIMEOUT_MS) &&
        monitor_batch_result(&batch, 0, &call->error) &&
        monitor_batch_result(&batch, 1, &call->error) && machine_still_runs(call, machine))
        return status_write(machine, &call->error);
    if (machine->run)
        machine->run->reboot_wanted = false;
    return false;
}

bool domain_reboot(DOMAIN_ARGS, uint32_t flags)
{
    auto_machine struct machine *machine = machine_find_monitored(call, instance, domain);
    enum way way = WAY_ACPI;
    if (!machine || !choose_way(call, machine, flags, "reboot", &way))
        return false;
    return way == WAY_AGENT ? agent_shutdown(call, machine, "reboot")
                            : reboot_by_button(call, machine);
}

bool domain_reset(DOMAIN_ARGS, uint32_t flags)
{
    (void)flags;
    auto_machine struct machine *machine = machine_find_monitored(call, instance, domain);
    return machine && machine_command(call, machine, "system_reset", NULL, NULL);
}

/* ---- pausing -------------------------------------------------------------------------------- */

bool domain_suspend(DOMAIN_ARGS)
{
    auto_machine struct machine *machine = machine_find_monitored(call, instance, domain);
    if (!machine)
        return false;
    if (machine->state == HVK_DOMAIN_PAUSED)
        return true;
    if (machine->state != HVK_DOMAIN_RUNNING)
        return hvk_error_set(&call->error, HVK_ERR_OPERATION_INVALID,
                             "the domain '%s' is not running: there is nothing to suspend",
                             machine->name);
    struct run *run = machine->run;
    run->own_stop = true;
    if (!machine_command(call, machine, "stop", NULL, NULL)) {
        if (machine->run == run)
            run->own_stop = false;
        return false;
    }
    machine_set_state(call, machine, HVK_DOMAIN_PAUSED, HVK_DOMAIN_PAUSED_USER,
                      HVK_DOMAIN_EVENT_SUSPENDED, HVK_DOMAIN_EVENT_SUSPENDED_PAUSED);
    return true;
}

bool domain_resume(DOMAIN_ARGS)
{
    auto_machine struct machine *machine = machine_find_monitored(call, instance, domain);
    if (!machine)
        return false;
    if (machine->trouble)
        return hvk_error_set(&call->error, HVK_ERR_ACCELERATOR, "cannot resume: %s",
                             machine->trouble);
    if (machine->state == HVK_DOMAIN_RUNNING)
        return hvk_error_set(&call->error, HVK_ERR_OPERATION_INVALID,
                             "the domain '%s' runs already", machine->name);
    struct run *run = machine->run;
    run->own_resume = true;
    const char *command = machine->state == HVK_DOMAIN_PMSUSPENDED ? "system_wakeup" : "cont";
    if (!machine_command(call, machine, command, NULL, NULL)) {
        if (machine->run == run)
            run->own_resume = false;
        return false;
    }
    machine_set_state(call, machine, HVK_DOMAIN_RUNNING, HVK_DOMAIN_RUNNING_UNPAUSED,
                      HVK_DOMAIN_EVENT_RESUMED, HVK_DOMAIN_EVENT_RESUMED_UNPAUSED);
    return true;
}
