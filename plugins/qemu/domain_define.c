/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Definitions: coming, changing, going. */
#include <errno.h>
#include <string.h>

#include <base/string.h>
#include <base/uuid.h>
#include <model/arena.h>
#include <model/domain-xml.h>

#include "command/command.h"
#include "domain.h"
#include "domain_xml.h"
#include "index.h"
#include "keepsakes.h"
#include "machine.h"
#include "machine_stop.h"
#include "save.h"

/* ---- defining ------------------------------------------------------------------------------- */

bool domain_identify(struct hvk_call *call, void *instance, const char *xml,
                     struct hvk_domain_sink *out)
{
    (void)instance;
    struct model_identity identity;
    if (!model_identify("domain", xml, strlen(xml), &identity, &call->error))
        return false;
    struct hvk_domain value = {.size = sizeof value, .id = -1, .name = identity.name};
    memcpy(value.uuid, identity.uuid, HVK_UUID_SIZE);
    return hvk_put_domain(out, &value);
}

/* A machine that is new gets into the index only once its definition is durable. */
static bool add_definition(struct hvk_call *call, struct machine *machine)
{
    struct node *node = machine->node;
    if (!definition_write(machine, &call->error))
        return false;
    if (!index_add(node->index, machine) || !machine_publish(call, machine)) {
        index_remove(node->index, machine);
        struct hvk_error ignored = {.size = sizeof ignored};
        store_remove(node->domains, machine->uuid_text, &ignored);
        return call->error.code ? false : hvk_error_memory(&call->error);
    }
    machine_emit_lifecycle(machine, HVK_DOMAIN_EVENT_DEFINED, HVK_DOMAIN_EVENT_DEFINED_ADDED);
    return true;
}

static bool define_new(struct hvk_call *call, struct node *node, const struct hvk_domain *identity,
                       struct model_domain *config, struct hvk_domain_sink *out)
{
    auto_machine struct machine *machine = machine_new(node, identity->uuid, identity->name);
    if (!machine) {
        model_domain_free(config);
        return hvk_error_memory(&call->error);
    }
    machine->config = config;
    if (!add_definition(call, machine))
        return false;
    struct hvk_domain value = machine_value(machine);
    return hvk_put_domain(out, &value);
}

static bool define_again(struct hvk_call *call, struct machine *machine,
                         struct model_domain *config, struct hvk_domain_sink *out)
{
    struct model_domain *old = machine->config;
    bool persistent = machine_is_persistent(machine);
    machine->config = config;
    if (!definition_write(machine, &call->error)) {
        machine->config = old;
        model_domain_free(config);
        return false;
    }
    free(TAKE(machine->unread)); /* what was never read is replaced unread */
    machine->updated = machine_is_active(machine);
    if (!machine_publish(call, machine))
        return false; /* the name is the same: only memory can lack */
    machine_emit_lifecycle(machine, HVK_DOMAIN_EVENT_DEFINED,
                           persistent ? HVK_DOMAIN_EVENT_DEFINED_UPDATED
                                      : HVK_DOMAIN_EVENT_DEFINED_ADDED);
    model_domain_free(old);
    struct hvk_domain value = machine_value(machine);
    return hvk_put_domain(out, &value);
}

static bool check_name(struct hvk_call *call, const struct machine *machine, const char *name)
{
    return strcmp(machine->name, name) == 0 ||
           hvk_error_set(&call->error, HVK_ERR_DOM_EXIST,
                         "the uuid %s is that of the domain '%s': give '%s' another one, or rename "
                         "that domain first",
                         machine->uuid_text, machine->name, name);
}

bool domain_define_xml(struct hvk_call *call, void *instance, const struct hvk_domain *identity,
                       const char *xml, uint32_t flags, struct hvk_domain_sink *out)
{
    struct node *node = instance;
    auto_machine struct machine *machine = index_find(node->index, identity->uuid);
    if (machine && !check_name(call, machine, identity->name))
        return false;
    struct model_domain *config =
        domain_xml_read(call, node, identity, xml, flags & HVK_DOMAIN_DEFINE_VALIDATE);
    if (!config)
        return false;
    return machine ? define_again(call, machine, config, out)
                   : define_new(call, node, identity, config, out);
}

/* ---- undefining ----------------------------------------------------------------------------- */

static bool remove_save(struct hvk_call *call, struct machine *machine, uint32_t flags)
{
    if (!machine->managed_save)
        return true;
    if (!(flags & HVK_DOMAIN_UNDEFINE_MANAGED_SAVE))
        return hvk_error_set(&call->error, HVK_ERR_OPERATION_INVALID,
                             "the domain '%s' has a managed save: undefine needs the flag "
                             "MANAGED_SAVE to remove it",
                             machine->name);
    return save_remove_managed(machine, &call->error);
}

bool domain_undefine(DOMAIN_ARGS, uint32_t flags)
{
    auto_machine struct machine *machine = machine_find(call, instance, domain);
    if (!machine)
        return false;
    if (!machine->config)
        return hvk_error_set(&call->error, HVK_ERR_OPERATION_INVALID,
                             "the domain '%s' is transient: it has no definition to remove",
                             machine->name);
    if (!keepsakes_remove(machine, flags, &call->error) || !remove_save(call, machine, flags) ||
        !store_remove(machine->node->domains, machine->uuid_text, &call->error))
        return false;
    bool active = machine->run != NULL;
    machine_emit_lifecycle(machine, HVK_DOMAIN_EVENT_UNDEFINED, HVK_DOMAIN_EVENT_UNDEFINED_REMOVED);
    if (!active) {
        machine_forget(call, machine);
        return true;
    }
    model_domain_free(TAKE(machine->config));
    machine->autostart = machine->updated = false;
    return machine_publish(call, machine);
}

/* ---- changing ------------------------------------------------------------------------------- */

static bool set_name(struct machine *machine, const char *name, struct hvk_error *err)
{
    char *copy = strdup(name);
    const char *in_config = copy ? model_arena_string(machine->config->arena, name) : NULL;
    if (!in_config) {
        free(copy);
        return hvk_error_memory(err);
    }
    free(machine->name);
    machine->name = copy;
    machine->config->name = in_config;
    return true;
}

/* Under the new name, or as before. Published first: only that tells whether the name is taken, and
 * a definition under another's name must never get to disk. */
static bool take_name(struct hvk_call *call, struct machine *machine, const char *new_name)
{
    struct hvk_error why;
    auto_free char *old = strdup(machine->name);
    bool linked = false;
    if (!old)
        return hvk_error_memory(&call->error);
    if (!keepsakes_link(machine, new_name, &linked, &call->error))
        return false;
    if (set_name(machine, new_name, &call->error) && machine_publish(call, machine) &&
        definition_write(machine, &call->error)) {
        if (linked)
            keepsakes_unlink(machine, old);
        return true;
    }
    why = call->error;
    if (linked)
        keepsakes_unlink(machine, new_name);
    if (set_name(machine, old, &call->error))
        machine_publish(call, machine);
    call->error = why;
    return false;
}

bool domain_rename(DOMAIN_ARGS, const char *new_name, uint32_t flags)
{
    (void)flags;
    auto_machine struct machine *machine = machine_find(call, instance, domain);
    if (!machine)
        return false;
    if (machine->run)
        return hvk_error_set(&call->error, HVK_ERR_OPERATION_INVALID,
                             "the domain '%s' runs: it can be renamed once it is shut off",
                             machine->name);
    if (strcmp(machine->name, new_name) == 0)
        return hvk_error_set(&call->error, HVK_ERR_INVALID_ARG,
                             "the domain '%s' has that name already", new_name);
    if (machine->managed_save)
        return hvk_error_set(&call->error, HVK_ERR_OPERATION_INVALID,
                             "the domain '%s' has a managed save, which holds its name: start it "
                             "or remove the save first",
                             machine->name);
    if (!take_name(call, machine, new_name))
        return false;
    machine_emit_lifecycle(machine, HVK_DOMAIN_EVENT_UNDEFINED, HVK_DOMAIN_EVENT_UNDEFINED_RENAMED);
    machine_emit_lifecycle(machine, HVK_DOMAIN_EVENT_DEFINED, HVK_DOMAIN_EVENT_DEFINED_RENAMED);
    return true;
}

bool domain_set_autostart(DOMAIN_ARGS, bool autostart)
{
    auto_machine struct machine *machine = machine_find(call, instance, domain);
    if (!machine)
        return false;
    if (!machine->config)
        return hvk_error_set(&call->error, HVK_ERR_OPERATION_INVALID,
                             "the domain '%s' is transient: it cannot start by itself",
                             machine->name);
    if (machine->autostart == autostart)
        return true;
    machine->autostart = autostart;
    if (definition_write(machine, &call->error))
        return machine_publish(call, machine);
    machine->autostart = !autostart;
    return false;
}

/* ---- reading -------------------------------------------------------------------------------- */

bool domain_get_xml_desc(DOMAIN_ARGS, uint32_t flags, struct hvk_string_sink *out)
{
    auto_machine struct machine *machine = machine_find(call, instance, domain);
    if (!machine)
        return false;
    bool inactive = flags & HVK_DOMAIN_XML_INACTIVE && machine->config;
    const struct model_domain *source = inactive ? machine->config : machine_current(machine);
    uint32_t format = (inactive || !machine->live ? MODEL_FORMAT_INACTIVE : 0) |
                      (flags & HVK_DOMAIN_XML_SECURE ? MODEL_FORMAT_SECURE : 0) |
                      (flags & HVK_DOMAIN_XML_MIGRATABLE ? MODEL_FORMAT_MIGRATABLE : 0);
    auto_free char *xml = model_domain_format(source, format, &call->error);
    return xml && hvk_put_string(out, xml);
}
