/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "model/parse.h"

#include "model/scalar.h"
#include <base/error.h>
#include <base/string.h>

#define PATH_SIZE 256

/* "/domain/devices/disk[2]" */
static void path_write(const struct parse *parse, char path[PATH_SIZE])
{
    size_t used = 0;
    path[0] = '\0';
    for (size_t i = 0; i < parse->depth && used < PATH_SIZE; i++) {
        const struct frame *frame = &parse->frames[i];
        int length = snprintf(path + used, PATH_SIZE - used, frame->number ? "/%s[%u]" : "/%s",
                              frame->name, frame->number);
        used += (size_t)length;
    }
}

static void fail_at(struct parse *parse, int32_t code, struct reader_position position,
                    const char *member, const char *format, va_list arguments)
{
    char path[PATH_SIZE];
    char why[HVK_ERROR_TEXT_SIZE];
    path_write(parse, path);
    vsnprintf(why, sizeof why, format, arguments);
    parse->failed = true;
    hvk_error_set(parse->err, code, "%s XML, line %u, column %u: %s%s: %s", parse->what,
                  position.line, position.column, path, member, why);
}

bool parse_fail(struct parse *parse, int32_t code, struct reader_position position,
                const char *member, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    fail_at(parse, code, position, member, format, arguments);
    va_end(arguments);
    return false;
}

bool parse_no_memory(struct parse *parse)
{
    parse->failed = true;
    if (!model_arena_is_full(parse->arena))
        return hvk_error_memory(parse->err);
    return hvk_error_set(parse->err, HVK_ERR_LIMIT,
                         "%s XML describes more than %zu MiB of structures", parse->what,
                         MODEL_ARENA_MAX >> 20);
}

static void warn(struct parse *parse, struct reader_position position, const char *member,
                 const char *why)
{
    char path[PATH_SIZE];
    char text[PATH_SIZE + 80 + HVK_ERROR_TEXT_SIZE + 40];
    if (!parse->report || !parse->report->warn || ++parse->warnings > MODEL_WARNINGS_MAX)
        return;
    path_write(parse, path);
    if (parse->warnings == MODEL_WARNINGS_MAX)
        snprintf(text, sizeof text, "further warnings are left out");
    else
        snprintf(text, sizeof text, "%s%s: %s; it is kept as it is", path, member, why);
    parse->report->warn(parse->report->data, position.line, position.column, text);
}

bool parse_unknown(struct parse *parse, struct reader_position position, const char *member,
                   const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    if (parse->flags & MODEL_VALIDATE) {
        fail_at(parse, HVK_ERR_XML_INVALID_SCHEMA, position, member, format, arguments);
    } else {
        char why[HVK_ERROR_TEXT_SIZE];
        vsnprintf(why, sizeof why, format, arguments);
        warn(parse, position, member, why);
    }
    va_end(arguments);
    return !parse->failed;
}

bool parse_keep(struct parse *parse, enum model_extra_kind kind, const char *name, const char *text,
                size_t length)
{
    struct frame *frame = parse_top(parse);
    while (frame > parse->frames && !frame->node)
        frame--;
    if (!frame || !frame->node)
        return true;
    struct model_extra *extra = model_arena_alloc(parse->arena, sizeof *extra);
    if (!extra)
        return parse_no_memory(parse);
    extra->kind = (uint8_t)kind;
    extra->row = frame->child_row;
    extra->item = frame->child_item;
    extra->name = name ? model_arena_string(parse->arena, name) : NULL;
    extra->text = model_arena_copy(parse->arena, text, length);
    if (!extra->text || (name && !extra->name))
        return parse_no_memory(parse);
    if (frame->last_extra)
        frame->last_extra->next = extra;
    else
        frame->node->extras = extra;
    frame->last_extra = extra;
    return true;
}

/* Converts a value and says precisely what is wrong with one that does not fit. */
static bool value_set(struct parse *parse, const struct model_row *row, void *base,
                      struct scalar_input *input, struct reader_position position,
                      const char *member)
{
    input->arena = parse->arena;
    switch (scalar_parse(row, (char *)base + row->offset, input)) {
    case SCALAR_OK:
        return true;
    case SCALAR_NO_MEMORY:
        return parse_no_memory(parse);
    case SCALAR_BAD:
        break;
    }
    int shown = input->value.length > 80 ? 80 : (int)input->value.length;
    return parse_fail(parse, HVK_ERR_XML_ERROR, position, member,
                      "'%.*s' is not accepted; expected %s", shown, input->value.text,
                      input->expected);
}

static const struct reader_attribute *attribute_find(const struct reader_element *element,
                                                     const char *name)
{
    for (size_t i = 0; i < element->attribute_count; i++) {
        if (!element->attributes[i].prefix && strcmp(element->attributes[i].name, name) == 0)
            return &element->attributes[i];
    }
    return NULL;
}

static bool attribute_set(struct parse *parse, struct reader *reader, struct frame *frame,
                          const struct reader_element *element,
                          const struct reader_attribute *attribute, const struct model_row *row)
{
    struct scalar_input input;
    char member[80];
    input.value =
        (struct scalar_text){attribute->value, (size_t)(attribute->end - attribute->value)};
    input.unit.text = NULL;
    if (row->kind == MODEL_KIND_SIZE) {
        const struct reader_attribute *unit = attribute_find(element, "unit");
        if (unit)
            input.unit = (struct scalar_text){unit->value, (size_t)(unit->end - unit->value)};
    }
    input.arena = parse->arena;
    size_t index = (size_t)(row - frame->type->rows);
    frame->seen[index / 64] |= UINT64_C(1) << (index % 64);
    if (scalar_parse(row, (char *)frame->base + row->offset, &input) == SCALAR_OK)
        return true;
    snprintf(member, sizeof member, "/@%s", attribute->name);
    return value_set(parse, row, frame->base, &input, reader_attribute_position(reader, attribute),
                     member);
}

static const struct model_row *attribute_row(const struct frame *frame, const char *name)
{
    const struct model_type *type = frame->type;
    for (uint16_t i = 0; i < type->count; i++) {
        const struct model_row *row = &type->rows[i];
        if (model_row_is_child(row))
            break;
        if (row->place == MODEL_AT_ATTRIBUTE && row->name[0] == name[0] &&
            strcmp(row->name, name) == 0 && model_row_applies(type, row, frame->base))
            return row;
    }
    return NULL;
}

static void unit_remember(struct frame *frame, const struct reader_attribute *unit)
{
    size_t length = (size_t)(unit->end - unit->value);
    if (length >= UNIT_TEXT_SIZE)
        length = UNIT_TEXT_SIZE - 1;
    memcpy(frame->unit, unit->value, length);
    frame->unit[length] = '\0';
    frame->has_unit = true;
}

static bool attribute_keep(struct parse *parse, struct frame *frame, const char *prefix,
                           const char *name, const char *value, size_t length)
{
    auto_free char *full = prefix ? string_format("%s:%s", prefix, name) : NULL;
    if (prefix && !full)
        return parse_no_memory(parse);
    return parse_keep(parse, frame->type ? MODEL_EXTRA_ATTRIBUTE : MODEL_EXTRA_OF_CHILD,
                      full ? full : name, value, length);
}

static bool attribute_parse(struct parse *parse, struct reader *reader, struct frame *frame,
                            const struct reader_element *element,
                            const struct reader_attribute *attribute)
{
    bool plain = attribute->prefix == NULL;
    bool is_unit = plain && strcmp(attribute->name, "unit") == 0;
    if (is_unit)
        unit_remember(frame, attribute);
    if (plain && frame->type) {
        const struct model_row *row = attribute_row(frame, attribute->name);
        if (row)
            return attribute_set(parse, reader, frame, element, attribute, row);
    } else if (is_unit && frame->row && frame->row->kind == MODEL_KIND_SIZE) {
        return true;
    }
    char member[80];
    snprintf(member, sizeof member, "/@%s", attribute->name);
    return parse_unknown(parse, reader_attribute_position(reader, attribute), member,
                         "this attribute is not known here") &&
           attribute_keep(parse, frame, attribute->prefix, attribute->name, attribute->value,
                          (size_t)(attribute->end - attribute->value));
}

/* Declarations are kept where they stand, since what is written back may need them. */
static bool namespace_keep(struct parse *parse, struct frame *frame,
                           const struct reader_namespace *ns)
{
    const struct model_type *type = frame->type;
    for (uint16_t i = 0; type && ns->prefix && i < type->count; i++) {
        const struct model_namespace *known = type->rows[i].ns;
        if (known && strcmp(known->prefix, ns->prefix) == 0 && strcmp(known->uri, ns->uri) != 0)
            return parse_fail(parse, HVK_ERR_XML_ERROR, frame->position, "",
                              "the prefix '%s' stands for '%s'; expected '%s'", ns->prefix, ns->uri,
                              known->uri);
    }
    return attribute_keep(parse, frame, ns->prefix ? "xmlns" : NULL,
                          ns->prefix ? ns->prefix : "xmlns", ns->uri, strlen(ns->uri));
}

/* Which members an element has may depend on one of its attributes: that one goes first. */
static bool selector_parse(struct parse *parse, struct reader *reader, struct frame *frame,
                           const struct reader_element *element)
{
    const struct model_row *first = frame->type->rows;
    if (frame->type->selector == 0 || first->offset != frame->type->selector)
        return true;
    const struct reader_attribute *attribute = attribute_find(element, first->name);
    return !attribute || attribute_set(parse, reader, frame, element, attribute, first);
}

bool parse_attributes(struct parse *parse, struct reader *reader, struct frame *frame,
                      const struct reader_element *element)
{
    if (frame->type && !selector_parse(parse, reader, frame, element))
        return false;
    for (size_t i = 0; i < element->namespace_count; i++) {
        if (!namespace_keep(parse, frame, &element->namespaces[i]))
            return false;
    }
    for (size_t i = 0; i < element->attribute_count; i++) {
        if (!attribute_parse(parse, reader, frame, element, &element->attributes[i]))
            return false;
    }
    return true;
}

static struct scalar_text trimmed(const char *text, size_t length)
{
    while (length > 0 && parse_is_blank(text + length - 1, 1))
        length--;
    while (length > 0 && parse_is_blank(text, 1)) {
        text++;
        length--;
    }
    return (struct scalar_text){text, length};
}

/* Text where none belongs. */
static bool stray_text(struct parse *parse, struct frame *frame, struct scalar_text text)
{
    if (text.length == 0)
        return true;
    auto_buffer escaped = BUFFER_INIT;
    scalar_escape(&escaped, text.text, text.length, SCALAR_IN_CONTENT);
    if (escaped.failed)
        return parse_no_memory(parse);
    return parse_unknown(parse, frame->position, "", "text is not expected in this element") &&
           parse_keep(parse, MODEL_EXTRA_CONTENT, NULL, escaped.data, escaped.length);
}

bool parse_text(struct parse *parse, struct frame *frame)
{
    if (parse->text.failed)
        return parse_no_memory(parse);
    const char *text = parse->text.data ? parse->text.data + frame->text_start : "";
    size_t length = parse->text.length - frame->text_start;
    const struct model_row *row = frame->text_row;
    struct scalar_text content = trimmed(text, length);
    if (!row)
        return stray_text(parse, frame, content);
    if (content.length == 0 && frame->type && !(row->flags & MODEL_ROW_REQUIRED))
        return true;
    struct scalar_input input;
    input.value = row->kind == MODEL_KIND_STRING ? (struct scalar_text){text, length} : content;
    input.unit = (struct scalar_text){frame->has_unit ? frame->unit : NULL, strlen(frame->unit)};
    if (frame->type)
        frame->seen[(row - frame->type->rows) / 64] |= UINT64_C(1)
                                                       << ((row - frame->type->rows) % 64);
    return value_set(parse, row, frame->base, &input, frame->position, "");
}

static bool preset_apply(struct parse *parse, struct frame *frame, const struct model_row *row)
{
    struct scalar_input input = {.value = {row->preset, strlen(row->preset)}};
    if (scalar_is_set(row, (char *)frame->base + row->offset) ||
        !model_row_applies(frame->type, row, frame->base))
        return true;
    return value_set(parse, row, frame->base, &input, frame->position, "");
}

bool parse_finish(struct parse *parse, struct frame *frame)
{
    const struct model_type *type = frame->type;
    for (uint16_t i = 0; type && i < type->count; i++) {
        const struct model_row *row = &type->rows[i];
        if (!row->preset && !(row->flags & MODEL_ROW_REQUIRED))
            continue;
        bool seen = (frame->seen[i / 64] >> (i % 64)) & 1;
        if (seen)
            continue;
        if (row->preset && !preset_apply(parse, frame, row))
            return false;
        if ((row->flags & MODEL_ROW_REQUIRED) && model_row_applies(type, row, frame->base))
            return parse_fail(parse, HVK_ERR_XML_ERROR, frame->position, "",
                              row->place == MODEL_AT_ATTRIBUTE ? "the attribute '%s' is missing"
                              : row->place == MODEL_AT_TEXT    ? "its %s is missing"
                                                               : "the element <%s> is missing",
                              row->name);
    }
    if (type && type->finish && !type->finish(parse->arena, frame->base))
        return parse_no_memory(parse);
    return true;
}
