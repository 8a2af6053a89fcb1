/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "command/keyval.h"

#include <base/buffer.h>
#include <base/string.h>

static void add_text(struct buffer *out, const char *text)
{
    for (; *text; text++) {
        if (*text == ',')
            buffer_add_char(out, ',');
        buffer_add_char(out, *text);
    }
}

static void add_scalar(struct buffer *out, const json_t *value)
{
    if (json_is_string(value))
        add_text(out, json_string_value(value));
    else if (json_is_integer(value))
        buffer_add_format(out, "%" JSON_INTEGER_FORMAT, json_integer_value(value));
    else
        buffer_add_string(out, json_is_true(value) ? "on" : "off");
}

static void add_value(struct buffer *out, const char *key, const json_t *value);

static void add_members(struct buffer *out, const char *key, const json_t *value)
{
    const char *name;
    json_t *member;
    json_object_foreach((json_t *)value, name, member)
    {
        auto_free char *path = string_format("%s.%s", key, name);
        if (!path)
            out->failed = true;
        else
            add_value(out, path, member);
    }
}

static void add_items(struct buffer *out, const char *key, const json_t *value)
{
    size_t index;
    json_t *item;
    json_array_foreach(value, index, item)
    {
        auto_free char *path = string_format("%s.%zu", key, index);
        if (!path)
            out->failed = true;
        else
            add_value(out, path, item);
    }
}

static void add_value(struct buffer *out, const char *key, const json_t *value)
{
    if (json_is_object(value)) {
        add_members(out, key, value);
        return;
    }
    if (json_is_array(value)) {
        add_items(out, key, value);
        return;
    }
    buffer_add_format(out, "%s%s=", out->length > 0 ? "," : "", key);
    add_scalar(out, value);
}

char *keyval_format(const json_t *object, const char *implied, struct hvk_error *err)
{
    auto_buffer out = BUFFER_INIT;
    const json_t *first = implied ? json_object_get(object, implied) : NULL;
    if (first)
        add_scalar(&out, first);
    const char *name;
    json_t *member;
    json_object_foreach((json_t *)object, name, member) if (member != first)
        add_value(&out, name, member);
    char *text = buffer_take(&out);
    if (!text)
        hvk_error_memory(err);
    return text;
}
