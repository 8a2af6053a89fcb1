/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Devices that come, change and go. What QEMU has to be told is the command folder's plan; here it
 * is carried out, and undone when a step fails. */
#include <string.h>

#include <base/string.h>
#include <model/arena.h>
#include <model/domain-xml.h>

#include "affect.h"
#include "command/command.h"
#include "domain.h"
#include "machine.h"
#include "start_files.h"

/* ---- carrying out a plan -------------------------------------------------------------------- */

static bool run_step(struct hvk_call *call, struct machine *machine, const json_t *step)
{
    const char *name = json_string_value(json_object_get(step, "execute"));
    json_t *arguments = json_incref(json_object_get(step, "arguments"));
    return machine_command(call, machine, name, arguments, NULL);
}

static bool hand_over(struct hvk_call *call, struct machine *machine,
                      const struct device_plan *plan)
{
    VECTOR_FOR_EACH (&plan->fds, struct device_fd, fd)
        if (!monitor_call_fd(call, machine->run->monitor, "getfd",
                             json_pack("{s:s}", "fdname", fd->name), fd->fd) ||
            !machine_still_runs(call, machine))
            return false;
    return true;
}

/* The undo steps of those that were done, the last first; what they answer changes nothing, but it
 * is waited for: QEMU drops the commands of a connection that is closed, and the caller may end
 * now. */
static void undo(struct hvk_call *call, struct machine *machine, const json_t *steps, size_t done)
{
    if (!machine->run || !machine->run->monitor)
        return;
    struct hvk_error why = call->error, ignored = {.size = sizeof ignored};
    auto_monitor_batch batch = MONITOR_BATCH_INIT(machine->run->monitor);
    while (done > 0) {
        const json_t *step = json_array_get(steps, --done);
        const char *name = json_string_value(json_object_get(step, "execute"));
        if (name)
            monitor_batch_add(&batch, name, json_incref(json_object_get(step, "arguments")),
                              &ignored);
    }
    monitor_batch_wait(call, &batch, MONITOR_TIMEOUT_MS);
    call->error = why;
}

static bool carry_out(struct hvk_call *call, struct machine *machine,
                      const struct device_plan *plan)
{
    if (!hand_over(call, machine, plan))
        return false;
    size_t i;
    json_t *step;
    json_array_foreach(plan->steps, i, step) if (!run_step(call, machine, step))
    {
        undo(call, machine, plan->undo, i);
        return false;
    }
    return true;
}

struct removal {
    const struct machine *machine;
    const struct run *run;
    const char *id;
};

static bool is_removed(void *user)
{
    const struct removal *removal = user;
    const struct run *run = removal->machine->run;
    return run != removal->run || run->ended || string_equal(run->unplug_refused, removal->id) ||
           run_was_deleted(run, removal->id);
}

/* A guest decides when it lets go of a device. */
static bool await_removal(struct hvk_call *call, struct machine *machine, const char *id)
{
    struct removal removal = {.machine = machine, .run = machine->run, .id = id};
    bool waited = machine->node->core->lane_wait(call, is_removed, &removal, RUN_UNPLUG_MS);
    if (!waited && call->error.code == HVK_ERR_OPERATION_TIMEOUT)
        return hvk_error_set(&call->error, HVK_ERR_OPERATION_TIMEOUT,
                             "the guest '%s' has not let go of '%s' within %d seconds; it may "
                             "still do so",
                             machine->name, id, RUN_UNPLUG_MS / 1000);
    if (!waited || !machine_still_runs(call, machine))
        return false;
    return run_was_deleted(machine->run, id) ||
           hvk_error_set(&call->error, HVK_ERR_OPERATION_FAILED,
                         "the guest '%s' refused to let go of '%s'", machine->name, id);
}

static bool carry_out_removal(struct hvk_call *call, struct machine *machine,
                              const struct device_plan *plan)
{
    if (plan->device_id)
        run_forget_deleted(machine->run, plan->device_id);
    if (!carry_out(call, machine, plan) ||
        (plan->device_id && !await_removal(call, machine, plan->device_id)))
        return false;
    size_t i;
    json_t *step;
    json_array_foreach(plan->after, i, step) if (!run_step(call, machine, step)) return false;
    return true;
}

/* ---- what runs ------------------------------------------------------------------------------ */

struct work {
    struct hvk_call *call;
    struct machine *machine;
    struct start_ports ports;
    char *nvram;
    struct command_input input;
};

static bool work_begin(struct work *work, struct hvk_call *call, struct machine *machine,
                       struct model_domain *domain)
{
    *work = (struct work){.call = call,
                          .machine = machine,
                          .ports = {.call = call, .machine = machine},
                          .nvram = node_path(machine->node, "nvram", NULL)};
    if (!work->nvram)
        return hvk_error_memory(&call->error);
    if (!machine->run->caps)
        return hvk_error_set(&call->error, HVK_ERR_OPERATION_FAILED,
                             "it is not known what the emulator of the domain '%s' can do",
                             machine->name);
    work->input = (struct command_input){.domain = domain,
                                         .caps = machine->run->caps,
                                         .runtime_directory = machine->run->directory,
                                         .nvram_directory = work->nvram,
                                         .state_directory = machine->node->root,
                                         .monitor_fd = -1,
                                         .take_port = start_take_port,
                                         .user = &work->ports,
                                         .warn = start_warn};
    return true;
}

static void work_fini(struct work *work)
{
    free(work->nvram);
}

/* The live configuration becomes the changed copy once QEMU has done its part. */
static bool adopt_live(struct hvk_call *call, struct machine *machine, struct model_domain **fresh)
{
    struct model_domain *old = machine->live;
    machine->live = *fresh;
    *fresh = old;
    return status_write(machine, &call->error) && machine_publish(call, machine);
}

static void tell_added(struct machine *machine, const char *alias)
{
    struct hvk_domain value = machine_value(machine);
    struct hvk_event_domain_device_added payload = {.size = sizeof payload, .device = alias};
    if (alias)
        machine->node->core->emit(machine->node->handle, HVK_EVENT_DOMAIN_DEVICE_ADDED, &value,
                                  &payload);
}

static bool attach_live(struct hvk_call *call, struct machine *machine,
                        const struct model_device_ref *device)
{
    AUTO(work_fini) struct work work = {0};
    AUTO(device_plan_fini) struct device_plan plan;
    device_plan_init(&plan);
    struct model_device_ref added;
    auto_model_domain fresh = model_domain_copy(machine->live, &call->error);
    if (!fresh || !model_domain_add_device(fresh, device, &added, &call->error) ||
        !work_begin(&work, call, machine, fresh) ||
        !device_plan_attach(&work.input, &added, &plan, &call->error) ||
        !carry_out(call, machine, &plan))
        return false;
    auto_free char *alias = added.device->alias.name ? strdup(added.device->alias.name) : NULL;
    if (!adopt_live(call, machine, &fresh))
        return false;
    tell_added(machine, alias);
    return true;
}

static bool detach_live(struct hvk_call *call, struct machine *machine,
                        const struct model_device_ref *wanted)
{
    AUTO(work_fini) struct work work = {0};
    AUTO(device_plan_fini) struct device_plan plan;
    device_plan_init(&plan);
    struct model_device_ref found;
    auto_model_domain fresh = model_domain_copy(machine->live, &call->error);
    if (!fresh || !model_domain_find_device(fresh, wanted, &found, &call->error) ||
        !work_begin(&work, call, machine, fresh) ||
        !device_plan_detach(&work.input, &found, &plan, &call->error) ||
        !carry_out_removal(call, machine, &plan))
        return false;
    model_domain_remove_device(fresh, &found);
    return adopt_live(call, machine, &fresh);
}

static bool replace(struct model_domain *domain, const struct model_device_ref *device,
                    struct hvk_error *err)
{
    struct model_device_ref old;
    return model_domain_find_device(domain, device, &old, err) &&
           model_domain_replace_device(domain, &old, device, err);
}

/* Whether the changed domain makes sense is found out before QEMU is told. */
static bool update_live(struct hvk_call *call, struct machine *machine,
                        const struct model_device_ref *device)
{
    AUTO(work_fini) struct work work = {0};
    AUTO(device_plan_fini) struct device_plan plan;
    device_plan_init(&plan);
    struct hvk_error *err = &call->error;
    struct model_device_ref old;
    auto_model_domain trial = model_domain_copy(machine->live, err);
    auto_model_domain before = trial ? model_domain_copy(machine->live, err) : NULL;
    if (!before || !replace(trial, device, err) ||
        !model_domain_find_device(before, device, &old, err) ||
        !work_begin(&work, call, machine, before) ||
        !device_plan_update(&work.input, &old, device, &plan, err) ||
        !carry_out(call, machine, &plan))
        return false;
    auto_model_domain fresh = model_domain_copy(machine->live, err);
    return fresh && replace(fresh, device, err) && adopt_live(call, machine, &fresh);
}

/* ---- what is stored ------------------------------------------------------------------------- */

static bool attach_stored(struct model_domain *config, void *user, struct hvk_error *err)
{
    struct model_device_ref added;
    return model_domain_add_device(config, user, &added, err);
}

static bool detach_stored(struct model_domain *config, void *user, struct hvk_error *err)
{
    struct model_device_ref found;
    if (!model_domain_find_device(config, user, &found, err))
        return false;
    model_domain_remove_device(config, &found);
    return true;
}

static bool update_stored(struct model_domain *config, void *user, struct hvk_error *err)
{
    struct model_device_ref found;
    return model_domain_find_device(config, user, &found, err) &&
           model_domain_replace_device(config, &found, user, err);
}

/* ---- the verbs ------------------------------------------------------------------------------ */

struct verb {
    bool (*live)(struct hvk_call *call, struct machine *machine,
                 const struct model_device_ref *device);
    affect_change stored;
};

static const struct verb attach = {attach_live, attach_stored};
static const struct verb detach = {detach_live, detach_stored};
static const struct verb update = {update_live, update_stored};

static bool change_device(DOMAIN_ARGS, const struct verb *verb, const char *xml, uint32_t flags)
{
    struct affect affect;
    auto_machine struct machine *machine = machine_find(call, instance, domain);
    if (!machine || !affect_resolve(call, machine, flags, &affect))
        return false;
    struct model_arena *arena = model_arena_new();
    struct model_device_ref device = {0};
    bool ok = arena ? model_device_parse(arena, xml, strlen(xml), MODEL_PARSE_INACTIVE, NULL,
                                         &device, &call->error)
                    : hvk_error_memory(&call->error);
    ok = ok && (!affect.live || verb->live(call, machine, &device)) &&
         (!affect.config || affect_config(call, machine, verb->stored, &device));
    model_arena_free(arena);
    return ok || hvk_error_from(&call->error, HVK_FROM_QEMU);
}

bool domain_attach_device(DOMAIN_ARGS, const char *xml, uint32_t flags)
{
    return change_device(call, instance, domain, &attach, xml, flags);
}

bool domain_detach_device(DOMAIN_ARGS, const char *xml, uint32_t flags)
{
    return change_device(call, instance, domain, &detach, xml, flags);
}

bool domain_update_device(DOMAIN_ARGS, const char *xml, uint32_t flags)
{
    return change_device(call, instance, domain, &update, xml, flags);
}

bool domain_detach_device_alias(DOMAIN_ARGS, const char *alias, uint32_t flags)
{
    struct affect affect;
    auto_machine struct machine *machine = machine_find(call, instance, domain);
    if (!machine || !affect_resolve(call, machine, flags, &affect))
        return false;
    struct model_device_ref device = {0};
    while (model_device_next(affect.live ? machine->live : machine->config, &device))
        if (string_equal(device.device->alias.name, alias))
            return (!affect.live || detach_live(call, machine, &device)) &&
                   (!affect.config || affect_config(call, machine, detach_stored, &device));
    return hvk_error_set(&call->error, HVK_ERR_DEVICE_MISSING,
                         "the domain '%s' has no device with the alias '%s'", machine->name, alias);
}
