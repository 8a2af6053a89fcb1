/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Definitions on disk: one value of the store for each domain, {"format", "autostart", "xml"}. */
#include <string.h>

#include <base/uuid.h>
#include <model/domain-xml.h>

#include "index.h"
#include "machine.h"

#define DEFINITION_FORMAT 1

bool definition_write(struct machine *machine, struct hvk_error *err)
{
    auto_free char *xml =
        model_domain_format(machine->config, MODEL_FORMAT_INACTIVE | MODEL_FORMAT_SECURE, err);
    if (!xml)
        return false;
    json_t *json = json_pack("{s:i, s:b, s:s}", "format", DEFINITION_FORMAT, "autostart",
                             (int)machine->autostart, "xml", xml);
    auto_free char *text = json ? json_dumps(json, JSON_COMPACT) : NULL;
    json_decref(json);
    if (!text)
        return hvk_error_memory(err);
    if (store_write(machine->node->domains, machine->uuid_text, text, strlen(text), err))
        return true;
    return hvk_error_prefix(err, "cannot keep the definition of the domain '%s'", machine->name);
}

/* The definition in one value of the store; NULL with the error. */
static struct model_domain *parse_definition(const char *data, size_t size, bool *out_autostart,
                                             struct hvk_error *err)
{
    json_t *json = json_loadb(data, size, JSON_REJECT_DUPLICATES, NULL);
    int format = 0;
    int autostart = 0;
    const char *xml = NULL;
    struct model_domain *domain = NULL;
    if (!json || json_unpack(json, "{s:i, s:b, s:s}", "format", &format, "autostart", &autostart,
                             "xml", &xml) < 0)
        hvk_error_set(err, HVK_ERR_STATE_DAMAGED, "it is not a definition");
    else if (format != DEFINITION_FORMAT)
        hvk_error_set(err, HVK_ERR_STATE_DAMAGED, "it has format %d; this driver knows %d", format,
                      DEFINITION_FORMAT);
    else
        domain = model_domain_parse(xml, strlen(xml), MODEL_PARSE_INACTIVE, NULL, err);
    json_decref(json);
    *out_autostart = autostart;
    return domain;
}

struct load {
    struct hvk_call *call;
    struct node *node;
};

static void warn(const struct load *load, const char *key, const char *why)
{
    auto_free char *text = NULL;
    if (asprintf(&text, "the definition '%s/domains/%s' is left alone: %s", load->node->root, key,
                 why) >= 0)
        load->node->core->warn(load->call, text);
    else
        text = NULL;
}

/* Reading one domain never fails the opening of the others. */
static bool load_one(void *user, const char *key, const char *data, size_t size)
{
    struct load *load = user;
    struct hvk_error err = {.size = sizeof err};
    uint8_t uuid[HVK_UUID_SIZE];
    bool autostart;
    struct model_domain *domain = parse_definition(data, size, &autostart, &err);
    if (!domain || !uuid_parse(key, uuid)) {
        warn(load, key, domain ? "its name is no uuid" : err.text);
        model_domain_free(domain);
        return true;
    }
    auto_machine struct machine *machine = machine_new(load->node, uuid, domain->name);
    if (!machine || !index_add(load->node->index, machine)) {
        model_domain_free(domain);
        warn(load, key, "out of memory");
        return true;
    }
    machine->config = domain;
    machine->autostart = autostart;
    return true;
}

static void on_damaged(void *user, const char *text)
{
    const struct load *load = user;
    load->node->core->warn(load->call, text);
}

bool definition_load_all(struct hvk_call *call, struct node *node)
{
    struct load load = {.call = call, .node = node};
    return store_for_each(node->domains, load_one, on_damaged, &load, &call->error);
}
