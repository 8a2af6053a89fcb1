/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "model/scalar.h"

#include <base/string.h>
#include <base/uuid.h>

/* What must not stand as itself. Blanks other than spaces would be normalised away in attributes;
 * a carriage return everywhere. */
static const struct escape {
    char c;
    uint8_t places; /* bits of enum scalar_place */
    const char *text;
} escapes[] = {
    {'&', 15, "&amp;"},
    {'<', 15, "&lt;"},
    {'>', 15, "&gt;"},
    {'\r', 15, "&#13;"},
    {'"', 1 << SCALAR_IN_TEXT | 1 << SCALAR_IN_SINGLE_QUOTES | 1 << SCALAR_IN_DOUBLE_QUOTES,
     "&quot;"},
    {'\'', 1 << SCALAR_IN_TEXT | 1 << SCALAR_IN_SINGLE_QUOTES, "&apos;"},
    {'\n', 1 << SCALAR_IN_SINGLE_QUOTES | 1 << SCALAR_IN_DOUBLE_QUOTES, "&#10;"},
    {'\t', 1 << SCALAR_IN_SINGLE_QUOTES | 1 << SCALAR_IN_DOUBLE_QUOTES, "&#9;"},
};

static const char *escape_of(char c, enum scalar_place place)
{
    for (size_t i = 0; i < ARRAY_SIZE(escapes); i++) {
        if (escapes[i].c == c)
            return (escapes[i].places >> place) & 1 ? escapes[i].text : NULL;
    }
    return NULL;
}

void scalar_escape(struct buffer *buffer, const char *text, size_t length, enum scalar_place place)
{
    const char *end = text + length;
    const char *plain = text;
    for (const char *at = text; at < end; at++) {
        /* All letters, and most else, lie above '>'. */
        if (*at > '>' || *at == ' ' || (*at >= '*' && *at <= ';'))
            continue;
        const char *escape = escape_of(*at, place);
        if (!escape)
            continue;
        scalar_append(buffer, plain, (size_t)(at - plain));
        scalar_append(buffer, escape, strlen(escape));
        plain = at + 1;
    }
    scalar_append(buffer, plain, (size_t)(end - plain));
}

static void append_decimal(struct buffer *buffer, uint64_t number)
{
    char digits[20];
    size_t at = sizeof digits;
    do {
        digits[--at] = (char)('0' + number % 10);
        number /= 10;
    } while (number > 0);
    scalar_append(buffer, digits + at, sizeof digits - at);
}

static void append_hexadecimal(struct buffer *buffer, uint64_t number, unsigned least)
{
    char digits[18];
    size_t at = sizeof digits;
    do {
        digits[--at] = "0123456789abcdef"[number % 16];
        number /= 16;
    } while (number > 0 || sizeof digits - at < least);
    digits[--at] = 'x';
    digits[--at] = '0';
    scalar_append(buffer, digits + at, sizeof digits - at);
}

static void append_number(const struct model_row *row, struct buffer *buffer, uint64_t number)
{
    const struct model_number *range = row->detail;
    if (range && range->digits)
        append_hexadecimal(buffer, number, range->digits);
    else
        append_decimal(buffer, number);
}

static void append_word(struct buffer *buffer, const char *word)
{
    if (word)
        scalar_append(buffer, word, strlen(word));
}

static uint64_t size_of(const struct model_row *row, const void *member)
{
    return row->kind == MODEL_KIND_AMOUNT ? *(const uint64_t *)member
                                          : ((const struct model_uint *)member)->value;
}

/* An amount that the usual unit cannot express is written in the unit that it is held in. */
static bool size_fits(const struct model_scale *scale, uint64_t size)
{
    if (scale->written <= scale->stored)
        return true;
    return size % (scale->written / scale->stored) == 0;
}

static void write_size(const struct model_row *row, const void *member, struct buffer *buffer)
{
    const struct model_scale *scale = row->detail;
    uint64_t size = size_of(row, member);
    if (scale->written > scale->stored && size_fits(scale, size))
        size /= scale->written / scale->stored;
    append_decimal(buffer, size);
}

void scalar_write_unit(const struct model_row *row, const void *member, struct buffer *buffer)
{
    const struct model_scale *scale = row->detail;
    if (size_fits(scale, size_of(row, member)))
        append_word(buffer, scale->unit);
    else
        append_word(buffer, scale->stored == 1 ? "bytes" : "KiB");
}

static void write_uuid(struct buffer *buffer, const struct model_uuid *uuid)
{
    char text[HVK_UUID_STRING_SIZE];
    uuid_format(uuid->bytes, text);
    scalar_append(buffer, text, strlen(text));
}

static void write_mac(struct buffer *buffer, const struct model_mac *mac)
{
    char text[18];
    char *at = text;
    for (size_t i = 0; i < sizeof mac->bytes; i++) {
        *at++ = "0123456789abcdef"[mac->bytes[i] >> 4];
        *at++ = "0123456789abcdef"[mac->bytes[i] & 15];
        *at++ = ':';
    }
    scalar_append(buffer, text, sizeof text - 1);
}

static void write_integer(struct buffer *buffer, int64_t number)
{
    if (number < 0)
        scalar_append(buffer, "-", 1);
    append_decimal(buffer, number < 0 ? 0 - (uint64_t)number : (uint64_t)number);
}

static void write_string(const struct model_row *row, struct buffer *buffer, const char *text)
{
    scalar_escape(buffer, text, strlen(text),
                  row->place == MODEL_AT_ATTRIBUTE ? SCALAR_IN_SINGLE_QUOTES : SCALAR_IN_TEXT);
}

void scalar_write(const struct model_row *row, const void *member, struct buffer *buffer)
{
    switch ((enum model_kind)row->kind) {
    case MODEL_KIND_STRING:
    case MODEL_KIND_SET:
        write_string(row, buffer, *(const char *const *)member);
        break;
    case MODEL_KIND_UINT:
        append_number(row, buffer, ((const struct model_uint *)member)->value);
        break;
    case MODEL_KIND_U32:
        append_number(row, buffer, *(const uint32_t *)member);
        break;
    case MODEL_KIND_U64:
        append_number(row, buffer, *(const uint64_t *)member);
        break;
    case MODEL_KIND_INT:
        write_integer(buffer, ((const struct model_int *)member)->value);
        break;
    case MODEL_KIND_ENUM:
        append_word(buffer, model_word(row->detail, *(const unsigned *)member));
        break;
    case MODEL_KIND_YESNO:
        append_word(buffer, *(const unsigned *)member == MODEL_SWITCH_ON ? "yes" : "no");
        break;
    case MODEL_KIND_ONOFF:
        append_word(buffer, *(const unsigned *)member == MODEL_SWITCH_ON ? "on" : "off");
        break;
    case MODEL_KIND_SIZE:
    case MODEL_KIND_AMOUNT:
        write_size(row, member, buffer);
        break;
    case MODEL_KIND_UNIT:
        scalar_write_unit(row, member, buffer);
        break;
    case MODEL_KIND_UUID:
        write_uuid(buffer, member);
        break;
    case MODEL_KIND_MAC:
        write_mac(buffer, member);
        break;
    case MODEL_KIND_NONE:
    case MODEL_KIND_BOOL:
    case MODEL_KINDS:
        break;
    }
}

static size_t value_size(const struct model_row *row)
{
    switch ((enum model_kind)row->kind) {
    case MODEL_KIND_UUID:
        return sizeof((struct model_uuid *)NULL)->bytes;
    case MODEL_KIND_MAC:
        return sizeof((struct model_mac *)NULL)->bytes;
    case MODEL_KIND_BOOL:
        return sizeof(bool);
    case MODEL_KIND_ENUM:
    case MODEL_KIND_YESNO:
    case MODEL_KIND_ONOFF:
    case MODEL_KIND_U32:
        return sizeof(uint32_t);
    case MODEL_KIND_UINT:
    case MODEL_KIND_INT:
    case MODEL_KIND_SIZE:
    case MODEL_KIND_U64:
    case MODEL_KIND_AMOUNT:
        return sizeof(uint64_t);
    case MODEL_KIND_NONE:
    case MODEL_KIND_UNIT:
    case MODEL_KIND_STRING:
    case MODEL_KIND_SET:
    case MODEL_KINDS:
        return 0;
    }
    return 0;
}

bool scalar_equal(const struct model_row *row, const void *a, const void *b)
{
    if (scalar_is_set(row, a) != scalar_is_set(row, b))
        return false;
    if (!scalar_is_set(row, a) || row->kind == MODEL_KIND_UNIT)
        return true;
    if (row->kind == MODEL_KIND_STRING || row->kind == MODEL_KIND_SET)
        return strcmp(*(const char *const *)a, *(const char *const *)b) == 0;
    return memcmp(a, b, value_size(row)) == 0;
}
