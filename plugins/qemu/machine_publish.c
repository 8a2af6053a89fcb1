/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the rest of the world is told of a machine: its row, its events. */
#include <string.h>
#include <time.h>

#include "machine.h"

static uint32_t published_flags(const struct machine *machine)
{
    return (machine_is_active(machine) ? HVK_PUBLISHED_ACTIVE : 0) |
           (machine_is_persistent(machine) ? HVK_PUBLISHED_PERSISTENT : 0) |
           (machine->autostart ? HVK_PUBLISHED_AUTOSTART : 0) |
           (machine->updated ? HVK_PUBLISHED_UPDATED : 0) |
           (machine->managed_save ? HVK_PUBLISHED_MANAGED_SAVE : 0);
}

static void fill_sizes(const struct machine *machine, struct hvk_published *row)
{
    const struct model_domain *domain = machine_current(machine);
    struct machine_sizes sizes = domain ? machine_sizes_of(domain) : machine->sizes;
    row->max_memory_kib = sizes.max_memory_kib;
    row->memory_kib = sizes.memory_kib;
    if (machine_is_active(machine) && machine->balloon_kib > 0)
        row->memory_kib = machine->balloon_kib;
    row->max_vcpus = sizes.max_vcpus;
    row->vcpus = sizes.vcpus;
}

bool machine_publish(struct hvk_call *call, struct machine *machine)
{
    struct hvk_published row = {.size = sizeof row,
                                .kind = HVK_OBJECT_DOMAIN,
                                .name = machine->name,
                                .id = machine_is_active(machine) ? machine->id : -1,
                                .state = machine->state,
                                .reason = machine->reason,
                                .flags = published_flags(machine),
                                .cpu_time_fd =
                                    machine_is_active(machine) ? machine->run->cpu_fd : -1,
                                .os_type = "hvm",
                                .generation = ++machine->generation};
    memcpy(row.uuid, machine->uuid, HVK_UUID_SIZE);
    fill_sizes(machine, &row);
    return machine->node->core->publish(call, machine->node->handle, &row);
}

void machine_emit_lifecycle(struct machine *machine, int32_t event, int32_t detail)
{
    struct hvk_domain value = machine_value(machine);
    struct hvk_event_domain_lifecycle payload = {
        .size = sizeof payload, .event = event, .detail = detail};
    machine->node->core->emit(machine->node->handle, HVK_EVENT_DOMAIN_LIFECYCLE, &value, &payload);
}

static int64_t now_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1000000000ll + now.tv_nsec;
}

void machine_set_state(struct hvk_call *call, struct machine *machine, int32_t state,
                       int32_t reason, int32_t event, int32_t detail)
{
    const struct hvk_core *core = machine->node->core;
    struct hvk_error err = {.size = sizeof err};
    machine->state = state;
    machine->reason = reason;
    machine->state_since_ns = now_ns();
    if (machine->run && !machine->run->ended && !status_write(machine, &err))
        core->log(call, HVK_LOG_WARNING, err.text);
    /* A row cannot be refused for its name here: it is published under it already. */
    machine_publish(call, machine);
    if (event >= 0)
        machine_emit_lifecycle(machine, event, detail);
}
