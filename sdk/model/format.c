/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "model/scalar.h"
#include <base/error.h>
#include <base/string.h>

#define TEXT_SIZE_USUAL 8192 /* most domains fit */

struct writer {
    struct buffer *buffer;
    uint32_t flags;
    unsigned depth;
    bool tag_open; /* '>' is owed before content */
    bool inlined;  /* within text, where blanks would count */
};

static void put(struct writer *writer, const char *text, size_t length)
{
    scalar_append(writer->buffer, text, length);
}

static void put_string(struct writer *writer, const char *text)
{
    put(writer, text, strlen(text));
}

static void put_line_start(struct writer *writer)
{
    static const char blanks[] = "                                                                ";
    if (writer->inlined)
        return;
    for (size_t left = 2 * (size_t)writer->depth; left > 0;) {
        size_t part = left < sizeof blanks - 1 ? left : sizeof blanks - 1;
        put(writer, blanks, part);
        left -= part;
    }
}

static void put_line_end(struct writer *writer)
{
    if (!writer->inlined)
        put(writer, "\n", 1);
}

/* Content of the open element follows, on lines of its own. */
static void content_begin(struct writer *writer)
{
    if (!writer->tag_open)
        return;
    put(writer, ">", 1);
    put_line_end(writer);
    writer->tag_open = false;
}

static void put_attribute_start(struct writer *writer, const char *name)
{
    put(writer, " ", 1);
    put_string(writer, name);
    put(writer, "='", 2);
}

static void put_attribute(struct writer *writer, const char *name, const char *value)
{
    put_attribute_start(writer, name);
    scalar_escape(writer->buffer, value, strlen(value), SCALAR_IN_SINGLE_QUOTES);
    put(writer, "'", 1);
}

static void put_name(struct writer *writer, const struct model_namespace *ns, const char *name)
{
    if (ns) {
        put_string(writer, ns->prefix);
        put(writer, ":", 1);
    }
    put_string(writer, name);
}

static bool write_attributes(struct writer *writer, const struct model_type *type, const void *base)
{
    bool any = false;
    for (uint16_t i = 0; i < type->count; i++) {
        const struct model_row *row = &type->rows[i];
        const void *member = (const char *)base + row->offset;
        if (row->place > MODEL_AT_ATTRIBUTE)
            break;
        if (row->place == MODEL_AT_PRESENCE || !scalar_is_set(row, member) ||
            !model_row_is_shown(type, row, base, writer->flags))
            continue;
        put_attribute_start(writer, row->name);
        scalar_write(row, member, writer->buffer);
        put(writer, "'", 1);
        any = true;
    }
    return any;
}

static bool array_or_struct_is_set(const struct model_row *row, const void *member)
{
    if (row->place == MODEL_AT_ITEMS || row->place == MODEL_AT_SUBTREES)
        return ((const struct model_array *)member)->count > 0;
    if (row->place == MODEL_AT_POINTER)
        return *(void *const *)member != NULL;
    return ((const struct model_node *)member)->present;
}

static bool is_present(const struct model_type *type, const void *base)
{
    const struct model_node *node = model_node_of(type, base);
    if (type->rows[0].place == MODEL_AT_PRESENCE)
        return *(const bool *)((const char *)base + type->rows[0].offset);
    return node && node->present;
}

/* Was any member set? A struct of its own is looked at as bytes; one whose members lie in the
 * enclosing struct row by row. */
static bool is_untouched(const struct model_type *type, const void *base)
{
    const char *bytes = base;
    const struct model_node *node = model_node_of(type, base);
    if (node && node->present)
        return false;
    if (type->size > 0)
        return bytes[0] == 0 && memcmp(bytes, bytes + 1, type->size - 1) == 0;
    if (is_present(type, base))
        return false;
    for (uint16_t i = 0; i < type->count; i++) {
        const struct model_row *row = &type->rows[i];
        const void *member = bytes + row->offset;
        if (row->place < MODEL_AT_CHILD
                ? row->place != MODEL_AT_PRESENCE && scalar_is_set(row, member)
            : row->place == MODEL_AT_CHILD ? !is_untouched(row->type, member)
                                           : array_or_struct_is_set(row, member))
            return false;
    }
    return true;
}

/* Is there nothing to write? Asked of every row, so it must be cheap. */
static bool is_absent(const struct model_row *row, const void *member)
{
    if (row->place < MODEL_AT_CHILD)
        return !scalar_is_set(row, member);
    if (row->place == MODEL_AT_CHILD)
        return is_untouched(row->type, member);
    return !array_or_struct_is_set(row, member);
}

static bool is_declared(const struct model_extra *extras, const struct model_namespace *ns)
{
    for (const struct model_extra *extra = extras; extra; extra = extra->next) {
        if (extra->kind == MODEL_EXTRA_ATTRIBUTE && string_starts_with(extra->name, "xmlns:") &&
            strcmp(extra->name + strlen("xmlns:"), ns->prefix) == 0)
            return true;
    }
    return false;
}

/* Namespaces of children that are there, unless the document declares them itself. An element of a
 * namespace stands where that is declared already. */
static bool write_namespaces(struct writer *writer, const struct model_type *type, const void *base,
                             const struct model_namespace *own, const struct model_extra *extras)
{
    const struct model_namespace *last = own;
    for (uint16_t i = 0; i < type->count; i++) {
        const struct model_row *row = &type->rows[i];
        if (!row->ns || row->ns == last || is_absent(row, (const char *)base + row->offset))
            continue;
        last = row->ns;
        if (is_declared(extras, row->ns))
            continue;
        put(writer, " xmlns:", 7);
        put_string(writer, row->ns->prefix);
        put(writer, "='", 2);
        put_string(writer, row->ns->uri);
        put(writer, "'", 1);
    }
    return last != own;
}

static bool write_extra_attributes(struct writer *writer, const struct model_extra *extras,
                                   enum model_extra_kind kind, uint16_t row)
{
    bool any = false;
    for (const struct model_extra *extra = extras; extra; extra = extra->next) {
        if (extra->kind != kind || (kind == MODEL_EXTRA_OF_CHILD && extra->row != row))
            continue;
        put_attribute(writer, extra->name, extra->text);
        any = true;
    }
    return any;
}

/* Content extras that stand behind the given sibling, and before the next one of its array. */
static const struct model_extra *
write_extras(struct writer *writer, const struct model_extra *extra, uint16_t row, uint32_t item)
{
    for (; extra; extra = extra->next) {
        if (extra->kind != MODEL_EXTRA_CONTENT || extra->row != row)
            continue;
        if (extra->item > item)
            break;
        content_begin(writer);
        put_line_start(writer);
        put_string(writer, extra->text);
        put_line_end(writer);
    }
    return extra;
}

static void write_leaf(struct writer *writer, const struct model_row *row, uint16_t index,
                       const void *member, const struct model_extra *extras)
{
    content_begin(writer);
    put_line_start(writer);
    put(writer, "<", 1);
    put_name(writer, row->ns, row->name);
    if (row->kind == MODEL_KIND_SIZE) {
        put_attribute_start(writer, "unit");
        scalar_write_unit(row, member, writer->buffer);
        put(writer, "'", 1);
    }
    write_extra_attributes(writer, extras, MODEL_EXTRA_OF_CHILD, index);
    if (row->place == MODEL_AT_FLAG) {
        put(writer, "/>", 2);
    } else {
        put(writer, ">", 1);
        scalar_write(row, member, writer->buffer);
        put(writer, "</", 2);
        put_name(writer, row->ns, row->name);
        put(writer, ">", 1);
    }
    put_line_end(writer);
}

static void write_element(struct writer *writer, const struct model_namespace *ns, const char *name,
                          const struct model_type *type, const void *base, bool kept);

static void write_subtrees(struct writer *writer, const struct model_array *array)
{
    for (uint32_t i = 0; i < array->count; i++) {
        const struct model_raw *raw = array->items[i];
        content_begin(writer);
        put_line_start(writer);
        put_string(writer, raw->xml);
        put_line_end(writer);
    }
}

static void write_items(struct writer *writer, const struct model_row *row, uint16_t index,
                        const struct model_array *array, const struct model_extra *extras)
{
    for (uint32_t i = 0; i < array->count; i++) {
        write_element(writer, row->ns, row->name, row->type, array->items[i], true);
        extras = write_extras(writer, extras, index, i);
    }
    write_extras(writer, extras, index, UINT32_MAX);
}

static void write_text(struct writer *writer, const struct model_row *row, const void *member)
{
    put(writer, ">", 1);
    writer->tag_open = false;
    writer->inlined = true;
    scalar_write(row, member, writer->buffer);
}

static void write_child(struct writer *writer, const struct model_row *row, uint16_t index,
                        const void *member, const struct model_extra *extras)
{
    switch ((enum model_place)row->place) {
    case MODEL_AT_LEAF:
    case MODEL_AT_FLAG:
        write_leaf(writer, row, index, member, extras);
        break;
    case MODEL_AT_CHILD:
        write_element(writer, row->ns, row->name, row->type, member, false);
        break;
    case MODEL_AT_POINTER:
        write_element(writer, row->ns, row->name, row->type, *(void *const *)member, true);
        break;
    case MODEL_AT_ITEMS:
        write_items(writer, row, index, member, extras);
        break;
    case MODEL_AT_SUBTREES:
        write_subtrees(writer, member);
        break;
    case MODEL_AT_TEXT:
        write_text(writer, row, member);
        break;
    case MODEL_AT_ATTRIBUTE:
    case MODEL_AT_PRESENCE:
        break;
    }
}

static void write_content(struct writer *writer, const struct model_type *type, const void *base,
                          const struct model_extra *extras)
{
    if (extras)
        write_extras(writer, extras, 0, UINT32_MAX);
    for (uint16_t i = 0; i < type->count; i++) {
        const struct model_row *row = &type->rows[i];
        const void *member = (const char *)base + row->offset;
        if (row->place <= MODEL_AT_ATTRIBUTE)
            continue;
        bool shown = !is_absent(row, member) && model_row_is_shown(type, row, base, writer->flags);
        if (shown)
            write_child(writer, row, (uint16_t)(i + 1), member, extras);
        /* An array has written what stands behind its items. */
        if (extras && !(shown && row->place == MODEL_AT_ITEMS))
            write_extras(writer, extras, (uint16_t)(i + 1), UINT32_MAX);
    }
}

/* Writes the element, and takes it back when it turns out to say nothing and nobody said that it
 * is there: a program that sets a member need not set node.present as well. */
static void write_element(struct writer *writer, const struct model_namespace *ns, const char *name,
                          const struct model_type *type, const void *base, bool kept)
{
    const struct writer outer = *writer;
    size_t start = writer->buffer->length;
    const struct model_node *node = model_node_of(type, base);
    const struct model_extra *extras = node ? node->extras : NULL;
    content_begin(writer);
    put_line_start(writer);
    put(writer, "<", 1);
    put_name(writer, ns, name);
    bool any = write_attributes(writer, type, base);
    any |= write_namespaces(writer, type, base, ns, extras);
    any |= write_extra_attributes(writer, extras, MODEL_EXTRA_ATTRIBUTE, 0);
    writer->tag_open = true;
    writer->depth = outer.depth + 1;
    write_content(writer, type, base, extras);
    bool empty = writer->tag_open;
    writer->depth = outer.depth;
    if (empty && !any && !kept && !is_present(type, base)) {
        writer->buffer->length = start;
        *writer = outer;
        return;
    }
    if (empty) {
        put(writer, "/>", 2);
    } else {
        put_line_start(writer);
        put(writer, "</", 2);
        put_name(writer, ns, name);
        put(writer, ">", 1);
    }
    writer->tag_open = false;
    writer->inlined = outer.inlined;
    put_line_end(writer);
}

void model_format(struct buffer *buffer, const struct model_root *root, const void *base,
                  uint32_t flags, unsigned depth)
{
    struct writer writer = {.buffer = buffer, .flags = flags, .depth = depth};
    write_element(&writer, NULL, root->name, root->type, base, true);
}

char *model_format_text(const struct model_root *root, const void *base, uint32_t flags,
                        struct hvk_error *err)
{
    auto_buffer buffer = BUFFER_INIT;
    buffer_reserve(&buffer, TEXT_SIZE_USUAL);
    model_format(&buffer, root, base, flags, 0);
    char *xml = buffer_take(&buffer);
    if (!xml)
        hvk_error_memory(err);
    return xml;
}
