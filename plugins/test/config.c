/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What is stored: defining, undefining, reading and renaming. */
#include "domain.h"

#include <string.h>

void domain_warn(void *call, uint32_t line, uint32_t column, const char *text)
{
    (void)line;
    (void)column; /* the text says both */
    test_core->warn(call, text);
}

struct model_domain *domain_parse(struct hvk_call *call, const struct hvk_domain *identity,
                                  const char *xml, bool validate)
{
    struct model_report report = {.warn = domain_warn, .data = call};
    auto_model_domain model =
        model_domain_parse(xml, strlen(xml), MODEL_PARSE_INACTIVE | (validate ? MODEL_VALIDATE : 0),
                           &report, &call->error);
    if (!model || !identity)
        return TAKE(model);
    if (strcmp(model->name, identity->name) != 0) {
        hvk_error_set(&call->error, HVK_ERR_INVALID_ARG,
                      "the XML is about domain '%s', not about '%s'", model->name, identity->name);
        return NULL;
    }
    memcpy(model->uuid.bytes, identity->uuid, HVK_UUID_SIZE);
    model->uuid.set = true;
    return TAKE(model);
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

bool domain_define_xml(struct hvk_call *call, void *instance, const struct hvk_domain *identity,
                       const char *xml, uint32_t flags, struct hvk_domain_sink *out_domain)
{
    struct test_node *node = instance;
    if (!inject(call, node->core, &node->injections, "define_xml"))
        return false;
    auto_model_domain model = domain_parse(call, identity, xml, flags & HVK_DOMAIN_DEFINE_VALIDATE);
    struct machine *machine = model ? machine_obtain(call, node, identity) : NULL;
    if (!machine)
        return false;
    struct machine next = *machine;
    int32_t detail =
        machine->config ? HVK_DOMAIN_EVENT_DEFINED_UPDATED : HVK_DOMAIN_EVENT_DEFINED_ADDED;
    next.config = TAKE(model);
    if (!machine_commit(call, machine, &next))
        return false;
    machine_emit_lifecycle(machine, HVK_DOMAIN_EVENT_DEFINED, detail);
    struct hvk_domain value = machine_value(machine);
    return hvk_put_domain(out_domain, &value);
}

static bool check_undefine(struct hvk_call *call, const struct machine *machine, uint32_t flags)
{
    if (!machine->config)
        return hvk_error_set(&call->error, HVK_ERR_OPERATION_INVALID,
                             "cannot undefine transient domain '%s'", machine->live->name);
    if (machine->saved && !(flags & HVK_DOMAIN_UNDEFINE_MANAGED_SAVE))
        return hvk_error_set(
            &call->error, HVK_ERR_OPERATION_INVALID,
            "cannot undefine domain '%s' while it has a managed save image: remove "
            "it, or ask for both with --managed-save",
            machine->config->name);
    return true;
}

bool domain_undefine(struct hvk_call *call, void *instance, const struct hvk_domain *domain,
                     uint32_t flags)
{
    struct machine *machine = machine_find(call, instance, domain, "undefine");
    if (!machine || !check_undefine(call, machine, flags))
        return false;
    if (!machine->live) {
        machine_remove(call, machine, HVK_DOMAIN_EVENT_UNDEFINED,
                       HVK_DOMAIN_EVENT_UNDEFINED_REMOVED);
        return true;
    }
    struct machine next = *machine; /* goes on as a transient domain */
    next.config = NULL;
    next.saved = NULL;
    next.autostart = false;
    if (!machine_commit(call, machine, &next))
        return false;
    machine_emit_lifecycle(machine, HVK_DOMAIN_EVENT_UNDEFINED, HVK_DOMAIN_EVENT_UNDEFINED_REMOVED);
    return true;
}

bool domain_put_xml(struct hvk_call *call, const struct model_domain *model, uint32_t flags,
                    struct hvk_string_sink *out_xml)
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
    auto_free char *xml = model_domain_format(model, format, &call->error);
    return xml && hvk_put_string(out_xml, xml);
}

bool domain_get_xml_desc(struct hvk_call *call, void *instance, const struct hvk_domain *domain,
                         uint32_t flags, struct hvk_string_sink *out_xml)
{
    struct machine *machine = machine_find(call, instance, domain, "get_xml_desc");
    if (!machine)
        return false;
    if (!machine->live)
        flags |= HVK_DOMAIN_XML_INACTIVE;
    bool stored = flags & HVK_DOMAIN_XML_INACTIVE && machine->config;
    return domain_put_xml(call, stored ? machine->config : machine->live, flags, out_xml);
}

static struct model_domain *renamed(const struct model_domain *model, const char *name,
                                    struct hvk_error *err)
{
    auto_model_domain copy = model_domain_copy(model, err);
    if (!copy)
        return NULL;
    copy->name = model_domain_string(copy, name);
    if (!copy->name) {
        hvk_error_memory(err);
        return NULL;
    }
    return model_domain_check(copy, err) ? TAKE(copy) : NULL;
}

bool domain_rename(struct hvk_call *call, void *instance, const struct hvk_domain *domain,
                   const char *new_name, uint32_t flags)
{
    (void)flags;
    struct machine *machine = machine_find(call, instance, domain, "rename");
    if (!machine || !machine_need_inactive(call, machine, "rename"))
        return false;
    if (machine->saved)
        return hvk_error_set(&call->error, HVK_ERR_OPERATION_INVALID,
                             "cannot rename domain '%s': its managed save image has the old name; "
                             "start it or remove the image first",
                             machine->config->name);
    auto_free char *old_name = strdup(machine->config->name);
    if (!old_name)
        return hvk_error_memory(&call->error);
    struct hvk_domain old = machine_value(machine);
    old.name = old_name;
    struct machine next = *machine;
    next.config = renamed(machine->config, new_name, &call->error);
    if (!next.config || !machine_commit(call, machine, &next))
        return false;
    struct hvk_event_domain_lifecycle gone = {.size = sizeof gone,
                                              .event = HVK_DOMAIN_EVENT_UNDEFINED,
                                              .detail = HVK_DOMAIN_EVENT_UNDEFINED_RENAMED};
    machine->node->core->emit(machine->node->host, HVK_EVENT_DOMAIN_LIFECYCLE, &old, &gone);
    machine_emit_lifecycle(machine, HVK_DOMAIN_EVENT_DEFINED, HVK_DOMAIN_EVENT_DEFINED_RENAMED);
    return true;
}

bool domain_set_autostart(struct hvk_call *call, void *instance, const struct hvk_domain *domain,
                          bool autostart)
{
    struct machine *machine = machine_find(call, instance, domain, "set_autostart");
    if (!machine)
        return false;
    if (!machine->config)
        return hvk_error_set(&call->error, HVK_ERR_OPERATION_INVALID,
                             "cannot set autostart of transient domain '%s'", machine->live->name);
    struct machine next = *machine;
    next.autostart = autostart;
    return machine_commit(call, machine, &next);
}
