/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "model/raw.h"

#include "model/scalar.h"
#include <base/string.h>

static void name_add(struct buffer *text, const char *prefix, const char *name)
{
    if (prefix) {
        buffer_add_string(text, prefix);
        buffer_add_char(text, ':');
    }
    buffer_add_string(text, name);
}

static void value_add(struct buffer *text, const char *value, size_t length)
{
    buffer_add(text, "=\"", 2);
    scalar_escape(text, value, length, SCALAR_IN_DOUBLE_QUOTES);
    buffer_add_char(text, '"');
}

/* Content follows the start tag. */
static void tag_close(struct raw *raw)
{
    if (raw->tag_open)
        buffer_add_char(&raw->text, '>');
    raw->tag_open = false;
}

void raw_start(struct raw *raw, const struct reader_element *element)
{
    struct buffer *text = &raw->text;
    tag_close(raw);
    buffer_add_char(text, '<');
    name_add(text, element->prefix, element->name);
    for (size_t i = 0; i < element->namespace_count; i++) {
        const struct reader_namespace *ns = &element->namespaces[i];
        buffer_add_char(text, ' ');
        name_add(text, ns->prefix ? "xmlns" : NULL, ns->prefix ? ns->prefix : "xmlns");
        value_add(text, ns->uri, strlen(ns->uri));
    }
    for (size_t i = 0; i < element->attribute_count; i++) {
        const struct reader_attribute *attribute = &element->attributes[i];
        buffer_add_char(text, ' ');
        name_add(text, attribute->prefix, attribute->name);
        value_add(text, attribute->value, (size_t)(attribute->end - attribute->value));
    }
    raw->tag_open = true;
    raw->depth++;
}

void raw_end(struct raw *raw, const char *prefix, const char *name)
{
    raw->depth--;
    if (raw->tag_open) {
        buffer_add(&raw->text, "/>", 2);
        raw->tag_open = false;
        return;
    }
    buffer_add(&raw->text, "</", 2);
    name_add(&raw->text, prefix, name);
    buffer_add_char(&raw->text, '>');
}

void raw_text(struct raw *raw, const char *text, size_t length)
{
    tag_close(raw);
    scalar_escape(&raw->text, text, length, SCALAR_IN_CONTENT);
}

void raw_cdata(struct raw *raw, const char *text, size_t length)
{
    tag_close(raw);
    buffer_add_string(&raw->text, "<![CDATA[");
    buffer_add(&raw->text, text, length);
    buffer_add_string(&raw->text, "]]>");
}

void raw_comment(struct raw *raw, const char *text)
{
    tag_close(raw);
    buffer_add_string(&raw->text, "<!--");
    buffer_add_string(&raw->text, text);
    buffer_add_string(&raw->text, "-->");
}

void raw_instruction(struct raw *raw, const char *target, const char *text)
{
    tag_close(raw);
    buffer_add_string(&raw->text, "<?");
    buffer_add_string(&raw->text, target);
    buffer_add_char(&raw->text, ' ');
    buffer_add_string(&raw->text, text);
    buffer_add_string(&raw->text, "?>");
}
