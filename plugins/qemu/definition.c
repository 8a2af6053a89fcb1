/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Definitions on disk: one value of the store for each domain, a line of JSON {"format", "name",
 * "autostart", "sizes": [memory, maximum memory, vCPUs, maximum vCPUs]} and the domain's XML.
 * Opening a root reads the line only, the XML waits until somebody needs it: a node with ten
 * thousand domains is ready, and listed, without parsing one of them. */
#include <string.h>

#include <base/string.h>
#include <base/uuid.h>
#include <model/domain-xml.h>

#include "index.h"
#include "machine.h"

#define DEFINITION_FORMAT 1

struct machine_sizes machine_sizes_of(const struct model_domain *domain)
{
    uint64_t memory_kib = domain->memory.kib;
    uint32_t vcpus = domain->vcpu.maximum;
    return (struct machine_sizes){
        .memory_kib = domain->current_memory.node.present ? domain->current_memory.kib : memory_kib,
        .max_memory_kib = memory_kib,
        .vcpus = domain->vcpu.current.set ? (uint32_t)domain->vcpu.current.value : vcpus,
        .max_vcpus = vcpus};
}

static char *line_write(const struct machine *machine, struct machine_sizes sizes)
{
    json_t *json = json_pack("{s:i, s:s, s:b, s:[I, I, I, I]}", "format", DEFINITION_FORMAT, "name",
                             machine->config->name, "autostart", (int)machine->autostart, "sizes",
                             (json_int_t)sizes.memory_kib, (json_int_t)sizes.max_memory_kib,
                             (json_int_t)sizes.vcpus, (json_int_t)sizes.max_vcpus);
    char *line = json ? json_dumps(json, JSON_COMPACT) : NULL;
    json_decref(json);
    return line;
}

bool definition_write(struct machine *machine, struct hvk_error *err)
{
    auto_free char *xml =
        model_domain_format(machine->config, MODEL_FORMAT_INACTIVE | MODEL_FORMAT_SECURE, err);
    if (!xml)
        return false;
    auto_free char *line = line_write(machine, machine_sizes_of(machine->config));
    auto_free char *text = line ? string_format("%s\n%s", line, xml) : NULL;
    if (!text)
        return hvk_error_memory(err);
    if (store_write(machine->node->domains, machine->uuid_text, text, strlen(text), err))
        return true;
    return hvk_error_prefix(err, "cannot keep the definition of the domain '%s'", machine->name);
}

bool definition_read(struct machine *machine, struct hvk_error *err)
{
    if (!machine->unread)
        return true;
    machine->config = model_domain_parse(machine->unread, strlen(machine->unread),
                                         MODEL_PARSE_INACTIVE, NULL, err);
    if (!machine->config)
        return hvk_error_prefix(err, "cannot read the definition of the domain '%s'",
                                machine->name);
    free(TAKE(machine->unread));
    return true;
}

/* A machine of what the line says, without its XML; NULL with the error. */
static struct machine *line_read(struct node *node, const uint8_t *uuid, const char *line,
                                 size_t length, struct hvk_error *err)
{
    json_t *json = json_loadb(line, length, JSON_REJECT_DUPLICATES, NULL);
    int format = 0, autostart = 0;
    const char *name = NULL;
    json_int_t sizes[4];
    struct machine *machine = NULL;
    if (!json || json_unpack(json, "{s:i, s:s, s:b, s:[I, I, I, I]}", "format", &format, "name",
                             &name, "autostart", &autostart, "sizes", &sizes[0], &sizes[1],
                             &sizes[2], &sizes[3]) < 0)
        hvk_error_set(err, HVK_ERR_STATE_DAMAGED, "it is not a definition");
    else if (format != DEFINITION_FORMAT)
        hvk_error_set(err, HVK_ERR_STATE_DAMAGED, "it has format %d; this driver knows %d", format,
                      DEFINITION_FORMAT);
    else if (!(machine = machine_new(node, uuid, name)))
        hvk_error_memory(err);
    if (machine) {
        machine->autostart = autostart;
        machine->sizes = (struct machine_sizes){
            .memory_kib = (uint64_t)sizes[0],
            .max_memory_kib = (uint64_t)sizes[1],
            .vcpus = (uint32_t)sizes[2],
            .max_vcpus = (uint32_t)sizes[3],
        };
    }
    json_decref(json);
    return machine;
}

/* The definition in one value of the store, in a machine of its own; NULL with the error. */
static struct machine *parse_definition(struct node *node, const uint8_t *uuid, const char *data,
                                        size_t size, struct hvk_error *err)
{
    const char *end = memchr(data, '\n', size);
    if (!end) {
        hvk_error_set(err, HVK_ERR_STATE_DAMAGED, "it is not a definition");
        return NULL;
    }
    auto_machine struct machine *machine = line_read(node, uuid, data, (size_t)(end - data), err);
    if (!machine)
        return NULL;
    machine->unread = strndup(end + 1, (size_t)(data + size - (end + 1)));
    if (!machine->unread) {
        hvk_error_memory(err);
        return NULL;
    }
    return TAKE(machine);
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
    if (!uuid_parse(key, uuid)) {
        warn(load, key, "its name is no uuid");
        return true;
    }
    auto_machine struct machine *machine = parse_definition(load->node, uuid, data, size, &err);
    if (!machine)
        warn(load, key, err.text);
    else if (!index_add(load->node->index, machine))
        warn(load, key, "out of memory");
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
