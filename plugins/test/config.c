/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What is stored: defining, undefining, reading and renaming. */
#include "domain.h"

#include <string.h>

static void warn(void *data, uint32_t line, uint32_t column, const char *text)
{
    (void)line;
    (void)column;
    test_core->warn(data, text);
}

struct model_domain *domain_parse(struct hvk_call *call, const struct hvk_domain *identity,
                                  const char *xml, bool validate)
{
    struct model_report report = {.warn = warn, .data = call};
    struct model_domain *model =
        model_domain_parse(xml, strlen(xml), MODEL_PARSE_INACTIVE | (validate ? MODEL_VALIDATE : 0),
                           &report, &call->error);
    if (model && identity) {
        memcpy(model->uuid.bytes, identity->uuid, HVK_UUID_SIZE);
        model->uuid.set = true;
    }
    return model;
}

bool domain_identify(struct hvk_call *call, void *instance, const char *xml,
                     struct hvk_domain_sink *out_domain)
{
    (void)instance;
    struct model_identity identity;
    if (!model_identify("domain", xml, strlen(xml), &identity, &call->error))
        return false;
    struct hvk_domain domain = {.size = sizeof domain, .id = -1, .name = identity.name};
    memcpy(domain.uuid, identity.uuid, HVK_UUID_SIZE);
    return hvk_put_domain(out_domain, &domain);
}

/* Takes model. */
static struct machine *define(struct hvk_call *call, struct test_node *node,
                              const struct hvk_domain *identity, struct model_domain *model)
{
    struct machine *machine = node->core->object(node->host, HVK_OBJECT_DOMAIN, identity->uuid);
    bool added = machine == NULL;
    if (added) {
        machine = machine_new(node, identity->uuid, model, &call->error);
    } else {
        model_domain_free(machine->config);
        machine->config = model;
    }
    if (!machine)
        return NULL;
    if (!machine_publish(call, machine)) {
        if (added)
            machine_free(machine);
        return NULL;
    }
    machine_emit_lifecycle(machine, HVK_DOMAIN_EVENT_DEFINED,
                           added ? HVK_DOMAIN_EVENT_DEFINED_ADDED
                                 : HVK_DOMAIN_EVENT_DEFINED_UPDATED);
    return machine;
}

bool domain_define_xml(struct hvk_call *call, void *instance, const struct hvk_domain *identity,
                       const char *xml, uint32_t flags, struct hvk_domain_sink *out_domain)
{
    struct test_node *node = instance;
    if (!inject(call, node->core, &node->injections, "define_xml"))
        return false;
    struct model_domain *model =
        domain_parse(call, identity, xml, flags & HVK_DOMAIN_DEFINE_VALIDATE);
    struct machine *machine = model ? define(call, node, identity, model) : NULL;
    if (!machine)
        return false;
    struct hvk_domain value = machine_value(machine);
    return hvk_put_domain(out_domain, &value);
}

bool domain_undefine(struct hvk_call *call, void *instance, const struct hvk_domain *domain,
                     uint32_t flags)
{
    struct test_node *node = instance;
    if (!inject(call, node->core, &node->injections, "undefine"))
        return false;
    struct machine *machine = machine_find(call, node, domain);
    if (!machine)
        return false;
    if (!machine->config)
        return hvk_error_set(&call->error, HVK_ERR_OPERATION_INVALID,
                             "cannot undefine transient domain '%s'", machine->live->name);
    if (machine->saved && !(flags & HVK_DOMAIN_UNDEFINE_MANAGED_SAVE))
        return hvk_error_set(&call->error, HVK_ERR_OPERATION_INVALID,
                             "cannot undefine domain '%s' while it has a managed save image: remove "
                             "it, or ask for both with --managed-save",
                             machine->config->name);
    if (!machine->live) {
        machine_remove(call, machine, HVK_DOMAIN_EVENT_UNDEFINED,
                       HVK_DOMAIN_EVENT_UNDEFINED_REMOVED);
        return true;
    }
    model_domain_free(machine->config);
    machine->config = NULL;
    model_domain_free(machine->saved);
    machine->saved = NULL;
    machine->autostart = false;
    if (!machine_publish(call, machine))
        return false;
    machine_emit_lifecycle(machine, HVK_DOMAIN_EVENT_UNDEFINED, HVK_DOMAIN_EVENT_UNDEFINED_REMOVED);
    return true;
}

uint32_t domain_format_flags(uint32_t flags)
{
    static const struct {
        uint32_t flag;
        uint32_t format;
    } rows[] = {
        {HVK_DOMAIN_XML_SECURE, MODEL_FORMAT_SECURE},
        {HVK_DOMAIN_XML_INACTIVE, MODEL_FORMAT_INACTIVE},
        {HVK_DOMAIN_XML_MIGRATABLE, MODEL_FORMAT_MIGRATABLE},
    };
    uint32_t format = 0;
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        if (flags & rows[i].flag)
            format |= rows[i].format;
    }
    return format;
}

bool domain_get_xml_desc(struct hvk_call *call, void *instance, const struct hvk_domain *domain,
                         uint32_t flags, struct hvk_string_sink *out_xml)
{
    struct machine *machine = machine_find(call, instance, domain);
    if (!machine)
        return false;
    const struct model_domain *model = machine_model(machine);
    if (flags & HVK_DOMAIN_XML_INACTIVE && machine->config)
        model = machine->config;
    uint32_t format = domain_format_flags(flags);
    if (!machine->live)
        format |= MODEL_FORMAT_INACTIVE;
    auto_free char *xml = model_domain_format(model, format, &call->error);
    return xml && hvk_put_string(out_xml, xml);
}

bool domain_rename(struct hvk_call *call, void *instance, const struct hvk_domain *domain,
                   const char *new_name, uint32_t flags)
{
    (void)flags;
    struct machine *machine = machine_find(call, instance, domain);
    if (!machine || !machine_need_inactive(call, machine, "rename"))
        return false;
    struct hvk_domain old = machine_value(machine);
    struct model_domain *renamed = model_domain_copy(machine->config, &call->error);
    if (!renamed)
        return false;
    renamed->name = model_domain_string(renamed, new_name);
    struct model_domain *before = machine->config;
    machine->config = renamed;
    if (!renamed->name || !model_domain_check(renamed, &call->error) ||
        !machine_publish(call, machine)) {
        machine->config = before;
        model_domain_free(renamed);
        return call->error.code != 0 ? false : hvk_error_memory(&call->error);
    }
    struct hvk_event_domain_lifecycle gone = {.size = sizeof gone,
                                              .event = HVK_DOMAIN_EVENT_UNDEFINED,
                                              .detail = HVK_DOMAIN_EVENT_UNDEFINED_RENAMED};
    machine->node->core->emit(machine->node->host, HVK_EVENT_DOMAIN_LIFECYCLE, &old, &gone);
    machine_emit_lifecycle(machine, HVK_DOMAIN_EVENT_DEFINED, HVK_DOMAIN_EVENT_DEFINED_RENAMED);
    model_domain_free(before);
    return true;
}

bool domain_set_autostart(struct hvk_call *call, void *instance, const struct hvk_domain *domain,
                          bool autostart)
{
    struct machine *machine = machine_find(call, instance, domain);
    if (!machine)
        return false;
    if (!machine->config)
        return hvk_error_set(&call->error, HVK_ERR_OPERATION_INVALID,
                             "cannot set autostart of transient domain '%s'", machine->live->name);
    machine->autostart = autostart;
    return machine_publish(call, machine);
}
