/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Devices that come, go and change. */
#include "affect.h"
#include "domain.h"

#include <string.h>

/* Changes the model as `device` says; found is the domain's device that was meant. */
typedef bool (*device_change)(struct model_domain *model, const struct model_device_ref *device,
                              struct model_device_ref *found, struct hvk_error *err);

static bool add(struct model_domain *model, const struct model_device_ref *device,
                struct model_device_ref *found, struct hvk_error *err)
{
    return model_domain_add_device(model, device, found, err);
}

static bool take_out(struct model_domain *model, const struct model_device_ref *device,
                     struct model_device_ref *found, struct hvk_error *err)
{
    if (!model_domain_find_device(model, device, found, err))
        return false;
    model_domain_remove_device(model, found);
    return true;
}

static bool replace(struct model_domain *model, const struct model_device_ref *device,
                    struct model_device_ref *found, struct hvk_error *err)
{
    return model_domain_find_device(model, device, found, err) &&
           model_domain_replace_device(model, found, device, err);
}

/* "" for none. */
static const char *alias_of(const struct model_device_ref *device)
{
    const char *name = device->device ? device->device->alias.name : NULL;
    return name ? name : "";
}

static void emit_device(const struct machine *machine, uint32_t event, const char *alias)
{
    struct hvk_domain value = machine_value(machine);
    struct hvk_event_domain_device_added payload = {.size = sizeof payload, .device = alias};
    machine->node->core->emit(machine->node->host, event, &value, &payload);
}
_Static_assert(sizeof(struct hvk_event_domain_device_added) ==
                   sizeof(struct hvk_event_domain_device_removed),
               "one payload serves both events");

/* event (0: none) is what a running domain tells. */
static bool change_device(struct hvk_call *call, struct machine *machine, const char *xml,
                          uint32_t flags, device_change change, uint32_t event)
{
    auto_affected affected = {0};
    struct model_device_ref device, found[2] = {0};
    if (!machine || !affect_begin(call, machine, flags, &affected))
        return false;
    for (size_t i = 0; i < ARRAY_SIZE(found); i++) {
        struct model_domain *model = affected.models[i];
        if (model &&
            (!model_device_parse(model->arena, xml, strlen(xml), 0, NULL, &device, &call->error) ||
             !change(model, &device, &found[i], &call->error)))
            return false;
    }
    bool live = affected.models[AFFECTED_LIVE] != NULL;
    /* A device that was taken out lives on in the model's memory. */
    if (!affect_commit(call, &affected))
        return false;
    if (live && event != 0)
        emit_device(machine, event, alias_of(&found[AFFECTED_LIVE]));
    return true;
}

bool domain_attach_device(struct hvk_call *call, void *instance, const struct hvk_domain *domain,
                          const char *xml, uint32_t flags)
{
    return change_device(call, machine_find(call, instance, domain, "attach_device"), xml, flags,
                         add, HVK_EVENT_DOMAIN_DEVICE_ADDED);
}

bool domain_detach_device(struct hvk_call *call, void *instance, const struct hvk_domain *domain,
                          const char *xml, uint32_t flags)
{
    return change_device(call, machine_find(call, instance, domain, "detach_device"), xml, flags,
                         take_out, HVK_EVENT_DOMAIN_DEVICE_REMOVED);
}

bool domain_update_device(struct hvk_call *call, void *instance, const struct hvk_domain *domain,
                          const char *xml, uint32_t flags)
{
    return change_device(call, machine_find(call, instance, domain, "update_device"), xml, flags,
                         replace, 0);
}

static bool take_out_alias(struct model_domain *model, const char *alias, struct hvk_error *err)
{
    struct model_device_ref at = {0};
    while (model_device_next(model, &at)) {
        if (strcmp(alias_of(&at), alias) != 0)
            continue;
        model_domain_remove_device(model, &at);
        return true;
    }
    return hvk_error_set(err, HVK_ERR_DEVICE_MISSING, "domain '%s' has no device with alias '%s'",
                         model->name, alias);
}

bool domain_detach_device_alias(struct hvk_call *call, void *instance,
                                const struct hvk_domain *domain, const char *alias, uint32_t flags)
{
    auto_affected affected = {0};
    struct machine *machine = machine_find(call, instance, domain, "detach_device_alias");
    if (!machine || !affect_begin(call, machine, flags, &affected))
        return false;
    bool live = affected.models[AFFECTED_LIVE] != NULL;
    AFFECT_FOR_EACH(&affected, model)
    {
        if (!take_out_alias(model, alias, &call->error))
            return false;
    }
    if (!affect_commit(call, &affected))
        return false;
    if (live)
        emit_device(machine, HVK_EVENT_DOMAIN_DEVICE_REMOVED, alias);
    return true;
}
