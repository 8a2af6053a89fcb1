/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Owns the lists that builders add to, and the ways in which they fail. */
#include "command/build.h"

#include "command/keyval.h"
#include <unistd.h>

void build_init(struct build *b, const struct command_input *in, struct command *out,
                struct hvk_error *err)
{
    *b = (struct build){
        .in = in,
        .domain = in->domain,
        .caps = in->caps,
        .out = out,
        .err = err,
        .parts = VECTOR_INIT(struct part),
        .fds = VECTOR_INIT(struct device_fd),
    };
}

void build_fini(struct build *b)
{
    VECTOR_FOR_EACH (&b->parts, struct part, part) {
        free(part->text);
        json_decref(part->json);
    }
    vector_fini(&b->parts);
    VECTOR_FOR_EACH (&b->fds, struct device_fd, fd) {
        close(fd->fd);
        free(fd->name);
    }
    vector_fini(&b->fds);
}

static bool add_part(struct build *b, struct part part)
{
    if (vector_push(&b->parts, &part))
        return true;
    free(part.text);
    json_decref(part.json);
    return hvk_error_memory(b->err);
}

bool build_part(struct build *b, enum part_kind kind, json_t *json)
{
    if (!json)
        return hvk_error_memory(b->err);
    return add_part(b, (struct part){.kind = kind, .json = json});
}

bool build_option(struct build *b, const char *option, const char *value)
{
    char *text = value ? strdup(value) : NULL;
    if (value && !text)
        return hvk_error_memory(b->err);
    return add_part(b, (struct part){.kind = PART_OPTION, .option = option, .text = text});
}

bool build_option_format(struct build *b, const char *option, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    char *text = string_vformat(format, arguments);
    va_end(arguments);
    if (!text)
        return hvk_error_memory(b->err);
    return add_part(b, (struct part){.kind = PART_OPTION, .option = option, .text = text});
}

bool build_option_keyval(struct build *b, const char *option, const char *implied, json_t *json)
{
    if (!json)
        return hvk_error_memory(b->err);
    char *text = keyval_format(json, implied, b->err);
    json_decref(json);
    return text && add_part(b, (struct part){.kind = PART_OPTION, .option = option, .text = text});
}

bool build_setup(struct build *b, const char *execute, json_t *arguments)
{
    if (!b->out->setup)
        b->out->setup = json_array();
    json_t *step = arguments ? json_pack("{s:s,s:o}", "execute", execute, "arguments", arguments)
                             : json_pack("{s:s}", "execute", execute);
    if (!b->out->setup || !step || json_array_append_new(b->out->setup, step) < 0)
        return hvk_error_memory(b->err);
    return true;
}

char *build_fd(struct build *b, int fd, const char *name)
{
    struct device_fd entry = {.name = strdup(name), .fd = fd};
    if (!entry.name || !vector_push(&b->fds, &entry)) {
        free(entry.name);
        close(fd);
        hvk_error_memory(b->err);
        return NULL;
    }
    char *text = b->running ? strdup(name) : string_format("%d", fd);
    if (!text)
        hvk_error_memory(b->err);
    return text;
}

bool build_file(struct build *b, const char *path, const char *copy_of, uint32_t mode, bool keep)
{
    struct command_file *file = vector_add(&b->out->files);
    if (!file)
        return hvk_error_memory(b->err);
    file->path = strdup(path);
    file->copy_of = copy_of ? strdup(copy_of) : NULL;
    file->mode = mode;
    file->keep = keep;
    return (file->path && (file->copy_of || !copy_of)) || hvk_error_memory(b->err);
}

bool build_chardev_note(struct build *b, const char *alias, const char *path, bool pty)
{
    struct command_chardev *chardev = vector_add(&b->out->chardevs);
    if (!chardev)
        return hvk_error_memory(b->err);
    chardev->alias = strdup(alias);
    chardev->path = path ? strdup(path) : NULL;
    chardev->pty = pty;
    return (chardev->alias && (chardev->path || !path)) || hvk_error_memory(b->err);
}

bool build_refuse(struct build *b, const struct model_node *node, const char *path,
                  const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    hvk_error_vset(b->err, HVK_ERR_CONFIG_UNSUPPORTED, format, arguments);
    va_end(arguments);
    const char *name = b->domain->name ? b->domain->name : "";
    if (node && node->line > 0)
        return hvk_error_prefix(b->err, "domain '%s', %s (line %u)", name, path, node->line);
    return hvk_error_prefix(b->err, "domain '%s', %s", name, path);
}

void build_warn(struct build *b, const char *format, ...)
{
    if (!b->in->warn)
        return;
    va_list arguments;
    va_start(arguments, format);
    auto_free char *text = string_vformat(format, arguments);
    va_end(arguments);
    if (text)
        b->in->warn(b->in->user, text);
}

bool build_need_device(struct build *b, const struct model_node *node, const char *path,
                       const char *type)
{
    if (caps_has_device(b->caps, type))
        return true;
    return build_refuse(b, node, path, "it needs QEMU's device '%s', which %s does not have", type,
                        caps_get_path(b->caps));
}

bool build_need_object(struct build *b, const struct model_node *node, const char *path,
                       const char *type)
{
    if (caps_has_object(b->caps, type))
        return true;
    return build_refuse(b, node, path, "it needs QEMU's object '%s', which %s does not have", type,
                        caps_get_path(b->caps));
}

void *build_alloc(struct build *b, size_t size)
{
    void *memory = model_arena_alloc(b->domain->arena, size);
    if (!memory)
        hvk_error_memory(b->err);
    return memory;
}

bool build_append(struct build *b, void *array, void *item)
{
    struct model_array *to = array;
    if (to->count == to->capacity) {
        uint32_t capacity = to->capacity ? to->capacity * 2 : 8;
        void **items = build_alloc(b, capacity * sizeof *items);
        if (!items)
            return false;
        if (to->count > 0)
            memcpy(items, to->items, to->count * sizeof *items);
        to->items = items;
        to->capacity = capacity;
    }
    to->items[to->count++] = item;
    return true;
}

const char *build_text(struct build *b, const char *text)
{
    const char *copy = model_arena_string(b->domain->arena, text);
    if (!copy)
        hvk_error_memory(b->err);
    return copy;
}

const char *build_text_format(struct build *b, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    auto_free char *text = string_vformat(format, arguments);
    va_end(arguments);
    if (text)
        return build_text(b, text);
    hvk_error_memory(b->err);
    return NULL;
}

void json_put_string(json_t *json, const char *key, const char *value)
{
    if (value)
        json_object_set_new(json, key, json_string(value));
}

void json_put_uint(json_t *json, const char *key, struct model_uint value)
{
    if (value.set)
        json_object_set_new(json, key, json_integer((json_int_t)value.value));
}

void json_put_bool(json_t *json, const char *key, enum model_switch value)
{
    if (value != MODEL_SWITCH_UNSET)
        json_object_set_new(json, key, json_boolean(value == MODEL_SWITCH_ON));
}

void json_put_onoff(json_t *json, const char *key, enum model_switch value)
{
    if (value != MODEL_SWITCH_UNSET)
        json_object_set_new(json, key, json_string(value == MODEL_SWITCH_ON ? "on" : "off"));
}

void json_put_virtio(json_t *json, const struct model_virtio *virtio)
{
    json_put_bool(json, "iommu_platform", virtio->iommu);
    json_put_bool(json, "ats", virtio->ats);
    json_put_bool(json, "packed", virtio->packed);
    json_put_bool(json, "page-per-vq", virtio->page_per_vq);
}

static const void *member_of(const void *base, const struct property *row)
{
    return (const char *)base + row->offset;
}

static bool is_set(const void *base, const struct property *row)
{
    const void *member = member_of(base, row);
    switch (row->kind) {
    case PROPERTY_STRING:
        return *(const char *const *)member != NULL;
    case PROPERTY_UINT:
        return ((const struct model_uint *)member)->set;
    case PROPERTY_BOOL:
    case PROPERTY_ONOFF:
    case PROPERTY_WORD:
        return *(const unsigned *)member != 0;
    }
    return false;
}

static void put_property(json_t *json, const void *base, const struct property *row)
{
    const void *member = member_of(base, row);
    switch (row->kind) {
    case PROPERTY_STRING:
        json_put_string(json, row->name, *(const char *const *)member);
        break;
    case PROPERTY_UINT:
        json_put_uint(json, row->name, *(const struct model_uint *)member);
        break;
    case PROPERTY_BOOL:
        json_put_bool(json, row->name, *(const enum model_switch *)member);
        break;
    case PROPERTY_ONOFF:
        json_put_onoff(json, row->name, *(const enum model_switch *)member);
        break;
    case PROPERTY_WORD:
        json_put_string(json, row->name, model_word(row->words, *(const unsigned *)member));
        break;
    }
}

bool build_properties(struct build *b, json_t *json, const struct property *rows, size_t count,
                      const void *base, uint32_t variant, const struct model_node *node,
                      const char *element)
{
    for (const struct property *row = rows; row < rows + count; row++) {
        if (!is_set(base, row))
            continue;
        if (row->variants && !(row->variants & variant))
            return build_refuse(b, node, element, "%s is not possible with this kind of device",
                                row->path);
        if (row->name)
            put_property(json, base, row);
    }
    return true;
}

static bool machine_is(const struct model_domain *domain, const char *family, const char *alias)
{
    const char *machine = domain->os.type.machine;
    return machine && (string_starts_with(machine, family) || strcmp(machine, alias) == 0);
}

bool build_is_q35(const struct model_domain *domain)
{
    return machine_is(domain, "pc-q35", "q35");
}

bool build_is_i440fx(const struct model_domain *domain)
{
    /* before version 2.0 the machines of this family were "pc-1.3" */
    const char *machine = domain->os.type.machine;
    return machine_is(domain, "pc-i440fx", "pc") ||
           (machine && string_starts_with(machine, "pc-") && machine[3] >= '0' &&
            machine[3] <= '9');
}

bool build_has_shared_memory(const struct model_domain *domain)
{
    if (domain->memory_backing.access == MODEL_MEMORY_ACCESS_SHARED)
        return true;
    MODEL_FOR_EACH(&domain->cpu.numa.cells, struct model_numa_cell, cell)
    if (cell->access == MODEL_MEMORY_ACCESS_SHARED)
        return true;
    return false;
}
