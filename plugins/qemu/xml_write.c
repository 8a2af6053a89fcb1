/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "xml_write.h"

#include <stdarg.h>

void xml_fini(struct xml *xml)
{
    buffer_fini(&xml->text);
}

static void escape(struct buffer *text, const char *value)
{
    for (; *value; value++) {
        switch (*value) {
        case '&':
            buffer_add_string(text, "&amp;");
            break;
        case '<':
            buffer_add_string(text, "&lt;");
            break;
        case '>':
            buffer_add_string(text, "&gt;");
            break;
        case '\'':
            buffer_add_string(text, "&apos;");
            break;
        default:
            buffer_add_char(text, *value);
        }
    }
}

static void begin(struct xml *xml, const char *element, va_list attributes)
{
    buffer_add_format(&xml->text, "%*s<%s", (int)xml->depth * 2, "", element);
    const char *name;
    while ((name = va_arg(attributes, const char *))) {
        const char *value = va_arg(attributes, const char *);
        if (!value)
            continue;
        buffer_add_format(&xml->text, " %s='", name);
        escape(&xml->text, value);
        buffer_add_char(&xml->text, '\'');
    }
}

void xml_open(struct xml *xml, const char *element, ...)
{
    va_list attributes;
    va_start(attributes, element);
    begin(xml, element, attributes);
    va_end(attributes);
    buffer_add_string(&xml->text, ">\n");
    xml->depth++;
}

void xml_close(struct xml *xml, const char *element)
{
    xml->depth--;
    buffer_add_format(&xml->text, "%*s</%s>\n", (int)xml->depth * 2, "", element);
}

void xml_empty(struct xml *xml, const char *element, ...)
{
    va_list attributes;
    va_start(attributes, element);
    begin(xml, element, attributes);
    va_end(attributes);
    buffer_add_string(&xml->text, "/>\n");
}

void xml_text(struct xml *xml, const char *element, const char *text, ...)
{
    va_list attributes;
    va_start(attributes, text);
    begin(xml, element, attributes);
    va_end(attributes);
    buffer_add_char(&xml->text, '>');
    escape(&xml->text, text);
    buffer_add_format(&xml->text, "</%s>\n", element);
}
