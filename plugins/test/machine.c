/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "machine.h"

#include <base/uuid.h>
#include <string.h>
#include <time.h>

struct machine *machine_new(struct test_node *node, const uint8_t *uuid,
                            struct model_domain *config, struct hvk_error *err)
{
    struct machine *machine = calloc(1, sizeof *machine);
    if (!machine) {
        model_domain_free(config);
        hvk_error_memory(err);
        return NULL;
    }
    machine->node = node;
    memcpy(machine->uuid, uuid, HVK_UUID_SIZE);
    machine->config = config;
    machine->id = -1;
    machine->state = HVK_DOMAIN_SHUTOFF;
    list_init(&machine->consoles);
    return machine;
}

void machine_free(struct machine *machine)
{
    if (!machine)
        return;
    machine_close_consoles(machine);
    model_domain_free(machine->config);
    model_domain_free(machine->live);
    model_domain_free(machine->saved);
    free(machine);
}

struct machine *machine_find(struct hvk_call *call, struct test_node *node,
                             const struct hvk_domain *domain)
{
    struct machine *machine = node->core->object(node->host, HVK_OBJECT_DOMAIN, domain->uuid);
    if (!machine) {
        char uuid[HVK_UUID_STRING_SIZE];
        uuid_format(domain->uuid, uuid);
        hvk_error_set(&call->error, HVK_ERR_NO_DOMAIN, "there is no domain '%s' (%s)",
                      domain->name ? domain->name : "", uuid);
    }
    return machine;
}

const struct model_domain *machine_model(const struct machine *machine)
{
    return machine->live ? machine->live : machine->config;
}

struct hvk_domain machine_value(const struct machine *machine)
{
    struct hvk_domain value = {.size = sizeof value, .id = machine->id};
    memcpy(value.uuid, machine->uuid, HVK_UUID_SIZE);
    value.name = machine_model(machine)->name;
    return value;
}

uint64_t machine_memory(const struct model_domain *model)
{
    return model->current_memory.node.present ? model->current_memory.kib : model->memory.kib;
}

uint32_t machine_vcpus(const struct model_domain *model)
{
    return model->vcpu.current.set ? (uint32_t)model->vcpu.current.value : model->vcpu.maximum;
}

static int64_t now_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1000000000LL + now.tv_nsec;
}

uint64_t machine_uptime_ns(const struct machine *machine)
{
    return machine->live ? (uint64_t)(now_ns() - machine->started_ns) : 0;
}

static uint32_t published_flags(const struct machine *machine)
{
    uint32_t flags = 0;
    if (machine->live)
        flags |= HVK_PUBLISHED_ACTIVE;
    if (machine->config)
        flags |= HVK_PUBLISHED_PERSISTENT;
    if (machine->autostart)
        flags |= HVK_PUBLISHED_AUTOSTART;
    if (machine->saved)
        flags |= HVK_PUBLISHED_MANAGED_SAVE;
    if (machine->live && machine->config && !model_domain_equal(machine->live, machine->config, NULL, 0))
        flags |= HVK_PUBLISHED_UPDATED;
    return flags;
}

bool machine_publish(struct hvk_call *call, struct machine *machine)
{
    const struct model_domain *model = machine_model(machine);
    struct hvk_published row = {
        .size = sizeof row,
        .kind = HVK_OBJECT_DOMAIN,
        .name = model->name,
        .id = machine->id,
        .state = machine->state,
        .reason = machine->reason,
        .flags = published_flags(machine),
        .memory_kib = machine_memory(model),
        .max_memory_kib = model->memory.kib,
        .vcpus = machine_vcpus(model),
        .max_vcpus = model->vcpu.maximum,
        .cpu_time_ns = machine_uptime_ns(machine),
        .cpu_time_fd = -1,
        .os_type = model_word(&model_os_kind_words, model->os.type.kind),
        .generation = ++machine->generation,
        .object = machine,
    };
    memcpy(row.uuid, machine->uuid, HVK_UUID_SIZE);
    return machine->node->core->publish(call, machine->node->host, &row);
}

void machine_emit_lifecycle(const struct machine *machine, int32_t event, int32_t detail)
{
    struct hvk_domain domain = machine_value(machine);
    struct hvk_event_domain_lifecycle payload = {
        .size = sizeof payload, .event = event, .detail = detail};
    machine->node->core->emit(machine->node->host, HVK_EVENT_DOMAIN_LIFECYCLE, &domain, &payload);
}

bool machine_run(struct hvk_call *call, struct machine *machine, struct model_domain *live,
                 bool paused, int32_t reason, int32_t detail)
{
    machine->live = live;
    machine->id = node_next_id(machine->node);
    machine->state = paused ? HVK_DOMAIN_PAUSED : HVK_DOMAIN_RUNNING;
    machine->reason = paused ? HVK_DOMAIN_PAUSED_USER : reason;
    machine->started_ns = now_ns();
    live->id = (struct model_uint){.value = (uint64_t)machine->id, .set = true};
    if (!machine_publish(call, machine)) {
        machine->id = -1;
        machine->state = HVK_DOMAIN_SHUTOFF;
        model_domain_free(TAKE(machine->live));
        return false;
    }
    machine_emit_lifecycle(machine, HVK_DOMAIN_EVENT_STARTED, detail);
    if (paused)
        machine_emit_lifecycle(machine, HVK_DOMAIN_EVENT_SUSPENDED,
                               HVK_DOMAIN_EVENT_SUSPENDED_PAUSED);
    return true;
}

bool machine_stop(struct hvk_call *call, struct machine *machine, int32_t reason, int32_t detail)
{
    machine_close_consoles(machine);
    machine->id = -1;
    machine->state = HVK_DOMAIN_SHUTOFF;
    machine->reason = reason;
    if (!machine->config) {
        machine_remove(call, machine, HVK_DOMAIN_EVENT_STOPPED, detail);
        return true;
    }
    model_domain_free(machine->live);
    machine->live = NULL;
    if (!machine_publish(call, machine))
        return false;
    machine_emit_lifecycle(machine, HVK_DOMAIN_EVENT_STOPPED, detail);
    return true;
}

void machine_remove(struct hvk_call *call, struct machine *machine, int32_t event, int32_t detail)
{
    const struct hvk_core *core = machine->node->core;
    core->unpublish(machine->node->host, HVK_OBJECT_DOMAIN, machine->uuid);
    machine_emit_lifecycle(machine, event, detail);
    core->lane_end(call);
    machine_free(machine);
}

bool machine_need_active(struct hvk_call *call, const struct machine *machine, const char *to)
{
    return machine->live || hvk_error_set(&call->error, HVK_ERR_OPERATION_INVALID,
                                          "cannot %s domain '%s': it is not running", to,
                                          machine_model(machine)->name);
}

bool machine_need_inactive(struct hvk_call *call, const struct machine *machine, const char *to)
{
    return !machine->live || hvk_error_set(&call->error, HVK_ERR_OPERATION_INVALID,
                                           "cannot %s domain '%s': it is running already", to,
                                           machine_model(machine)->name);
}
