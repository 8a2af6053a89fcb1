/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "machine.h"

#include <base/uuid.h>
#include <string.h>
#include <time.h>

/* ---- finding -------------------------------------------------------------------------------- */

struct machine *machine_find(struct hvk_call *call, struct test_node *node,
                             const struct hvk_domain *domain, const char *method)
{
    /* The delay comes first: other jobs may run meanwhile, and the domain may go. */
    if (!inject(call, node->core, &node->injections, method))
        return NULL;
    struct machine *machine = node->core->object(node->host, HVK_OBJECT_DOMAIN, domain->uuid);
    if (!machine) {
        char uuid[HVK_UUID_STRING_SIZE];
        uuid_format(domain->uuid, uuid);
        hvk_error_set(&call->error, HVK_ERR_NO_DOMAIN, "there is no domain '%s' (%s)",
                      domain->name ? domain->name : "", uuid);
    }
    return machine;
}

struct machine *machine_find_active(struct hvk_call *call, struct test_node *node,
                                    const struct hvk_domain *domain, const char *method,
                                    const char *to)
{
    struct machine *machine = machine_find(call, node, domain, method);
    return machine && machine_need_active(call, machine, to) ? machine : NULL;
}

struct machine *machine_obtain(struct hvk_call *call, struct test_node *node,
                               const struct hvk_domain *identity)
{
    struct machine *machine = node->core->object(node->host, HVK_OBJECT_DOMAIN, identity->uuid);
    if (machine)
        return machine;
    machine = calloc(1, sizeof *machine);
    if (!machine) {
        hvk_error_memory(&call->error);
        return NULL;
    }
    machine->node = node;
    memcpy(machine->uuid, identity->uuid, HVK_UUID_SIZE);
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

/* ---- what it is ----------------------------------------------------------------------------- */

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

/* ---- publishing ----------------------------------------------------------------------------- */

/* The id is all that this driver adds to a domain that runs. */
static bool differ(const struct machine *machine)
{
    if (!machine->live || !machine->config)
        return false;
    struct model_domain live = *machine->live;
    live.id = machine->config->id;
    return !model_domain_equal(&live, machine->config, NULL, 0);
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
    if (differ(machine))
        flags |= HVK_PUBLISHED_UPDATED;
    return flags;
}

/* Publishes what `next` says, as the facts of `machine`. */
static bool publish(struct hvk_call *call, struct machine *machine, const struct machine *next)
{
    const struct model_domain *model = machine_model(next);
    struct hvk_published row = {
        .size = sizeof row,
        .kind = HVK_OBJECT_DOMAIN,
        .name = model->name,
        .id = next->id,
        .state = next->state,
        .reason = next->reason,
        .flags = published_flags(next),
        .memory_kib = machine_memory(model),
        .max_memory_kib = model->memory.kib,
        .vcpus = machine_vcpus(model),
        .max_vcpus = model->vcpu.maximum,
        .cpu_time_ns = machine_uptime_ns(next),
        .cpu_time_fd = -1,
        .os_type = model_word(&model_os_kind_words, model->os.type.kind),
        .generation = next->generation,
        .object = machine,
    };
    memcpy(row.uuid, machine->uuid, HVK_UUID_SIZE);
    return machine->node->core->publish(call, machine->node->host, &row);
}

/* Frees a model unless the machine has it. */
static void drop_model(struct model_domain *model, const struct machine *machine)
{
    if (model != machine->config && model != machine->live && model != machine->saved)
        model_domain_free(model);
}

bool machine_commit(struct hvk_call *call, struct machine *machine, struct machine *next)
{
    struct machine dropped = *next;
    bool is_new = machine->generation == 0;
    next->generation = machine->generation + 1;
    bool published = publish(call, machine, next);
    if (published) {
        dropped = *machine;
        *machine = *next;
    }
    drop_model(dropped.config, machine);
    drop_model(dropped.live, machine);
    drop_model(dropped.saved, machine);
    if (!published && is_new)
        machine_free(machine);
    return published;
}

void machine_emit_lifecycle(const struct machine *machine, int32_t event, int32_t detail)
{
    struct hvk_domain domain = machine_value(machine);
    struct hvk_event_domain_lifecycle payload = {
        .size = sizeof payload, .event = event, .detail = detail};
    machine->node->core->emit(machine->node->host, HVK_EVENT_DOMAIN_LIFECYCLE, &domain, &payload);
}

/* ---- starting and stopping ------------------------------------------------------------------ */

bool machine_run(struct hvk_call *call, struct machine *machine, struct machine *next)
{
    next->id = node_next_id(machine->node);
    next->started_ns = now_ns();
    next->live->id = MODEL_UINT((uint64_t)next->id);
    return machine_commit(call, machine, next);
}

bool machine_start(struct hvk_call *call, struct machine *machine, struct machine *next,
                   bool paused, bool restored)
{
    int32_t running = restored ? HVK_DOMAIN_RUNNING_RESTORED : HVK_DOMAIN_RUNNING_BOOTED;
    next->state = paused ? HVK_DOMAIN_PAUSED : HVK_DOMAIN_RUNNING;
    next->reason = paused ? HVK_DOMAIN_PAUSED_USER : running;
    if (!machine_run(call, machine, next))
        return false;
    machine_emit_lifecycle(machine, HVK_DOMAIN_EVENT_STARTED,
                           restored ? HVK_DOMAIN_EVENT_STARTED_RESTORED
                                    : HVK_DOMAIN_EVENT_STARTED_BOOTED);
    if (paused)
        machine_emit_lifecycle(machine, HVK_DOMAIN_EVENT_SUSPENDED,
                               restored ? HVK_DOMAIN_EVENT_SUSPENDED_RESTORED
                                        : HVK_DOMAIN_EVENT_SUSPENDED_PAUSED);
    return true;
}

bool machine_stop(struct hvk_call *call, struct machine *machine, struct machine *next,
                  int32_t reason, int32_t detail)
{
    if (!next->config) {
        machine->id = -1;
        machine_remove(call, machine, HVK_DOMAIN_EVENT_STOPPED, detail);
        return true;
    }
    next->live = NULL;
    next->id = -1;
    next->state = HVK_DOMAIN_SHUTOFF;
    next->reason = reason;
    if (!machine_commit(call, machine, next))
        return false;
    machine_close_consoles(machine);
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
