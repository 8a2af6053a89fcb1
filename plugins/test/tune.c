/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Changing what a domain has: memory, vCPUs, texts, what follows its end. */
#include "affect.h"
#include "domain.h"

#include <inttypes.h>

bool domain_set_memory(struct hvk_call *call, void *instance, const struct hvk_domain *domain,
                       uint64_t memory_kib, uint32_t flags)
{
    auto_affected affected = {0};
    struct machine *machine = machine_find(call, instance, domain, "set_memory");
    if (!machine || !affect_begin(call, machine, flags, &affected))
        return false;
    bool maximum = flags & HVK_DOMAIN_MEM_MAXIMUM;
    if (maximum && affected.models[AFFECTED_LIVE])
        return hvk_error_set(&call->error, HVK_ERR_OPERATION_INVALID,
                             "cannot change the maximum memory of running domain '%s': change its "
                             "stored configuration",
                             machine_model(machine)->name);
    AFFECT_FOR_EACH(&affected, model)
    {
        if (!maximum && memory_kib > model->memory.kib)
            return hvk_error_set(&call->error, HVK_ERR_INVALID_ARG,
                                 "cannot give domain '%s' %" PRIu64 " KiB: its maximum is %" PRIu64
                                 " KiB",
                                 model->name, memory_kib, model->memory.kib);
        if (maximum)
            model->memory.kib = memory_kib;
        if (!maximum || machine_memory(model) > memory_kib) {
            model->current_memory.node.present = true;
            model->current_memory.kib = memory_kib;
        }
    }
    return affect_commit(call, &affected);
}

bool domain_set_memory_stats_period(struct hvk_call *call, void *instance,
                                    const struct hvk_domain *domain, int32_t period_s,
                                    uint32_t flags)
{
    auto_affected affected = {0};
    if (period_s < 0)
        return hvk_error_set(&call->error, HVK_ERR_INVALID_ARG,
                             "a period of %d seconds is negative; 0 ends collecting", period_s);
    struct machine *machine = machine_find(call, instance, domain, "set_memory_stats_period");
    if (!machine || !affect_begin(call, machine, flags, &affected))
        return false;
    AFFECT_FOR_EACH(&affected, model)
    {
        if (model->devices.memballoons.count == 0)
            return hvk_error_set(&call->error, HVK_ERR_OPERATION_INVALID,
                                 "domain '%s' has no memory balloon", model->name);
        struct model_memballoon *balloon = model->devices.memballoons.items[0];
        balloon->stats_node.present = period_s > 0;
        balloon->stats_period =
            (struct model_uint){.value = (uint64_t)period_s, .set = period_s > 0};
    }
    return affect_commit(call, &affected);
}

bool domain_set_vcpus(struct hvk_call *call, void *instance, const struct hvk_domain *domain,
                      uint32_t vcpus, uint32_t flags)
{
    auto_affected affected = {0};
    struct machine *machine = machine_find(call, instance, domain, "set_vcpus");
    if (!machine || !affect_begin(call, machine, flags, &affected))
        return false;
    bool maximum = flags & HVK_DOMAIN_VCPU_MAXIMUM;
    if (maximum && affected.models[AFFECTED_LIVE])
        return hvk_error_set(&call->error, HVK_ERR_OPERATION_INVALID,
                             "cannot change the maximum vCPUs of running domain '%s': change its "
                             "stored configuration",
                             machine_model(machine)->name);
    AFFECT_FOR_EACH(&affected, model)
    {
        if (!maximum && vcpus > model->vcpu.maximum)
            return hvk_error_set(&call->error, HVK_ERR_INVALID_ARG,
                                 "cannot give domain '%s' %u vCPUs: its maximum is %u", model->name,
                                 vcpus, model->vcpu.maximum);
        if (maximum)
            model->vcpu.maximum = vcpus;
        uint32_t current = maximum && machine_vcpus(model) < vcpus ? machine_vcpus(model) : vcpus;
        model->vcpu.current =
            (struct model_uint){.value = current, .set = current != model->vcpu.maximum};
    }
    return affect_commit(call, &affected);
}

bool domain_get_vcpus_count(struct hvk_call *call, void *instance, const struct hvk_domain *domain,
                            uint32_t flags, int32_t *out_vcpus)
{
    struct machine *machine = machine_find(call, instance, domain, "get_vcpus_count");
    const struct model_domain *model = machine ? affect_read(call, machine, flags) : NULL;
    if (!model)
        return false;
    *out_vcpus =
        (int32_t)(flags & HVK_DOMAIN_VCPU_MAXIMUM ? model->vcpu.maximum : machine_vcpus(model));
    return true;
}

/* ---- texts ---------------------------------------------------------------------------------- */

/* Which text is meant? uri is needed for the metadata of others alone. */
static bool check_metadata(struct hvk_call *call, int32_t type, const char *uri)
{
    if (type < HVK_DOMAIN_METADATA_DESCRIPTION || type > HVK_DOMAIN_METADATA_ELEMENT)
        return hvk_error_set(&call->error, HVK_ERR_INVALID_ARG, "there is no metadata type %d",
                             type);
    return type != HVK_DOMAIN_METADATA_ELEMENT || uri ||
           hvk_error_set(&call->error, HVK_ERR_INVALID_ARG,
                         "metadata of your own needs the URI of its namespace");
}

bool domain_get_metadata(struct hvk_call *call, void *instance, const struct hvk_domain *domain,
                         int32_t type, const char *uri, uint32_t flags,
                         struct hvk_string_sink *out_metadata)
{
    struct machine *machine = machine_find(call, instance, domain, "get_metadata");
    const struct model_domain *model = machine ? affect_read(call, machine, flags) : NULL;
    if (!model || !check_metadata(call, type, uri))
        return false;
    const struct model_raw *raw =
        type == HVK_DOMAIN_METADATA_ELEMENT ? model_metadata_find(model, uri) : NULL;
    const struct {
        const char *what;
        const char *text;
    } metadata[] = {
        [HVK_DOMAIN_METADATA_DESCRIPTION] = {"description", model->description},
        [HVK_DOMAIN_METADATA_TITLE] = {"title", model->title},
        [HVK_DOMAIN_METADATA_ELEMENT] = {uri, raw ? raw->xml : NULL},
    };
    if (!metadata[type].text)
        return hvk_error_set(&call->error, HVK_ERR_NO_DOMAIN_METADATA,
                             "domain '%s' has no metadata '%s'", model->name, metadata[type].what);
    return hvk_put_string(out_metadata, metadata[type].text);
}

static bool metadata_apply(struct model_domain *model, int32_t type, const char *text,
                           const char *key, const char *uri, struct hvk_error *err)
{
    if (type == HVK_DOMAIN_METADATA_ELEMENT)
        return model_metadata_set(model, uri, key, text, err);
    bool has_text = text && *text;
    const char *copy = has_text ? model_domain_string(model, text) : NULL;
    if (has_text && !copy)
        return hvk_error_memory(err);
    *(type == HVK_DOMAIN_METADATA_TITLE ? &model->title : &model->description) = copy;
    return model_domain_check(model, err);
}

bool domain_set_metadata(struct hvk_call *call, void *instance, const struct hvk_domain *domain,
                         int32_t type, const char *metadata, const char *key, const char *uri,
                         uint32_t flags)
{
    auto_affected affected = {0};
    struct test_node *node = instance;
    struct machine *machine = machine_find(call, node, domain, "set_metadata");
    if (!machine || !check_metadata(call, type, uri) ||
        !affect_begin(call, machine, flags, &affected))
        return false;
    AFFECT_FOR_EACH(&affected, model)
    {
        if (!metadata_apply(model, type, metadata, key, uri, &call->error))
            return false;
    }
    if (!affect_commit(call, &affected))
        return false;
    struct hvk_domain value = machine_value(machine);
    struct hvk_event_domain_metadata_change payload = {
        .size = sizeof payload, .type = type, .uri = uri};
    node->core->emit(node->host, HVK_EVENT_DOMAIN_METADATA_CHANGE, &value, &payload);
    return true;
}

bool domain_set_lifecycle_action(struct hvk_call *call, void *instance,
                                 const struct hvk_domain *domain, uint32_t type, uint32_t action,
                                 uint32_t flags)
{
    auto_affected affected = {0};
    struct machine *machine = machine_find(call, instance, domain, "set_lifecycle_action");
    if (!machine || !affect_begin(call, machine, flags, &affected))
        return false;
    /* The numbers of actions are those of the model, which counts "unset" as 0. */
    enum model_lifecycle value = (enum model_lifecycle)(action + 1);
    AFFECT_FOR_EACH(&affected, model)
    {
        enum model_lifecycle *places[] = {&model->on_poweroff, &model->on_reboot, &model->on_crash};
        if (type >= ARRAY_SIZE(places) || value > MODEL_LIFECYCLE_COREDUMP_RESTART)
            return hvk_error_set(&call->error, HVK_ERR_INVALID_ARG,
                                 "there is no life cycle type %u or action %u", type, action);
        *places[type] = value;
    }
    return affect_commit(call, &affected);
}
