/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "machine.h"

#include <string.h>

#include <base/error.h>
#include <base/string.h>
#include <base/uuid.h>
#include <model/domain-xml.h>

#include "index.h"

struct machine *machine_new(struct node *node, const uint8_t *uuid, const char *name)
{
    struct machine *machine = calloc(1, sizeof *machine);
    if (!machine)
        return NULL;
    counted_init(&machine->counted);
    machine->node = node;
    memcpy(machine->uuid, uuid, HVK_UUID_SIZE);
    uuid_format(uuid, machine->uuid_text);
    machine->id = -1;
    machine->state = HVK_DOMAIN_SHUTOFF;
    machine->name = strdup(name);
    if (machine->name)
        return machine;
    machine_unref(machine);
    return NULL;
}

struct machine *machine_ref(struct machine *machine)
{
    counted_ref(&machine->counted);
    return machine;
}

void machine_unref(struct machine *machine)
{
    if (!machine || !counted_unref(&machine->counted))
        return;
    run_free(machine->node, machine->run);
    model_domain_free(machine->config);
    model_domain_free(machine->live);
    free(machine->unread);
    free(machine->trouble);
    free(machine->name);
    free(machine);
}

struct machine *machine_find(struct hvk_call *call, void *instance, const struct hvk_domain *domain)
{
    struct node *node = instance;
    struct machine *machine = index_find(node->index, domain->uuid);
    if (machine && !machine->gone) {
        if (definition_read(machine, &call->error))
            return machine;
        machine_unref(machine);
        return NULL;
    }
    machine_unref(machine);
    char uuid[HVK_UUID_STRING_SIZE];
    uuid_format(domain->uuid, uuid);
    hvk_error_set(&call->error, HVK_ERR_NO_DOMAIN, "there is no domain '%s' (%s) in '%s'",
                  domain->name ? domain->name : "", uuid, node->root);
    hvk_error_from(&call->error, HVK_FROM_QEMU);
    return NULL;
}

struct machine *machine_find_running(struct hvk_call *call, void *instance,
                                     const struct hvk_domain *domain)
{
    auto_machine struct machine *machine = machine_find(call, instance, domain);
    if (!machine)
        return NULL;
    if (machine_is_active(machine))
        return TAKE(machine);
    hvk_error_set(&call->error, HVK_ERR_OPERATION_INVALID, "the domain '%s' is not running",
                  machine->name);
    hvk_error_from(&call->error, HVK_FROM_QEMU);
    return NULL;
}

static bool is_adopted(void *user)
{
    const struct machine *machine = user;
    return !machine->run || machine->run->ended || !machine->run->adopting;
}

/* A control method may come while the adoption waits for QEMU's answer. */
static bool wait_adopted(struct hvk_call *call, struct machine *machine)
{
    if (is_adopted(machine))
        return true;
    return machine->node->core->lane_wait(call, is_adopted, machine, MONITOR_TIMEOUT_MS) &&
           machine_still_runs(call, machine);
}

struct machine *machine_find_monitored(struct hvk_call *call, void *instance,
                                       const struct hvk_domain *domain)
{
    auto_machine struct machine *machine = machine_find_running(call, instance, domain);
    if (!machine || !wait_adopted(call, machine))
        return NULL;
    if (machine->run->monitor && !monitor_is_lost(machine->run->monitor))
        return TAKE(machine);
    hvk_error_set(&call->error, HVK_ERR_OPERATION_FAILED, "%s; the domain can still be destroyed",
                  machine->trouble ? machine->trouble : "the monitor is not connected");
    hvk_error_from(&call->error, HVK_FROM_QEMU);
    return NULL;
}

bool machine_still_runs(struct hvk_call *call, const struct machine *machine)
{
    return (machine->run && !machine->run->ended) ||
           hvk_error_set(&call->error, HVK_ERR_OPERATION_ABORTED, "the domain '%s' ended meanwhile",
                         machine->name);
}

bool machine_command(struct hvk_call *call, struct machine *machine, const char *name,
                     json_t *arguments, json_t **out_result)
{
    json_t *result = NULL;
    if (monitor_call(call, machine->run->monitor, name, arguments, &result) &&
        machine_still_runs(call, machine)) {
        if (out_result)
            *out_result = result;
        else
            json_decref(result);
        return true;
    }
    json_decref(result);
    hvk_error_prefix(&call->error, "domain '%s'", machine->name);
    return hvk_error_from(&call->error, HVK_FROM_QEMU);
}

bool machine_has_balloon(const struct machine *machine)
{
    MODEL_FOR_EACH(&machine_current(machine)->devices.memballoons, struct model_memballoon, balloon)
    if (!string_equal(balloon->model, "none"))
        return true;
    return false;
}

struct model_domain *machine_current(const struct machine *machine)
{
    return machine->live ? machine->live : machine->config;
}

bool machine_is_active(const struct machine *machine)
{
    return machine->run && machine->run->started && !machine->run->ended;
}

struct hvk_domain machine_value(const struct machine *machine)
{
    struct hvk_domain value = {.size = sizeof value, .id = machine->id, .name = machine->name};
    memcpy(value.uuid, machine->uuid, HVK_UUID_SIZE);
    return value;
}
