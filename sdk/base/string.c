/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/string.h"

#include <errno.h>

char *string_vformat(const char *format, va_list arguments)
{
    char *text = NULL;
    return vasprintf(&text, format, arguments) < 0 ? NULL : text;
}

char *string_format(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    char *text = string_vformat(format, arguments);
    va_end(arguments);
    return text;
}

int string_hex_digit(char digit)
{
    if (digit >= '0' && digit <= '9')
        return digit - '0';
    if (digit >= 'a' && digit <= 'f')
        return digit - 'a' + 10;
    if (digit >= 'A' && digit <= 'F')
        return digit - 'A' + 10;
    return -1;
}

bool string_to_u64(const char *text, uint64_t min, uint64_t max, uint64_t *out_value)
{
    unsigned base = 10;
    if (text[0] == '0' && (text[1] == 'x' || text[1] == 'X')) {
        base = 16;
        text += 2;
    }
    if (*text == '\0')
        return false;
    uint64_t value = 0;
    for (; *text != '\0'; text++) {
        unsigned digit = (unsigned)string_hex_digit(*text);
        if (digit >= base || __builtin_mul_overflow(value, base, &value) ||
            __builtin_add_overflow(value, digit, &value))
            return false;
    }
    if (value < min || value > max)
        return false;
    *out_value = value;
    return true;
}

bool string_to_i64(const char *text, int64_t min, int64_t max, int64_t *out_value)
{
    bool negative = text[0] == '-';
    uint64_t magnitude;
    if (!string_to_u64(text + negative, 0, (uint64_t)INT64_MAX + negative, &magnitude))
        return false;
    int64_t value = negative ? (int64_t)(0 - magnitude) : (int64_t)magnitude;
    if (value < min || value > max)
        return false;
    *out_value = value;
    return true;
}

bool string_to_bool(const char *text, bool *out_value)
{
    static const struct {
        const char *text;
        bool value;
    } words[] = {{"yes", true}, {"on", true},   {"1", true},  {"true", true},
                 {"no", false}, {"off", false}, {"0", false}, {"false", false}};
    for (size_t i = 0; i < ARRAY_SIZE(words); i++) {
        if (strcmp(text, words[i].text) == 0) {
            *out_value = words[i].value;
            return true;
        }
    }
    return false;
}

static size_t utf8_length(const unsigned char *text)
{
    static const struct {
        unsigned char first_min, first_max, second_min, second_max;
        size_t length;
    } rows[] = {{0xc2, 0xdf, 0x80, 0xbf, 2}, {0xe0, 0xe0, 0xa0, 0xbf, 3},
                {0xe1, 0xec, 0x80, 0xbf, 3}, {0xed, 0xed, 0x80, 0x9f, 3},
                {0xee, 0xef, 0x80, 0xbf, 3}, {0xf0, 0xf0, 0x90, 0xbf, 4},
                {0xf1, 0xf3, 0x80, 0xbf, 4}, {0xf4, 0xf4, 0x80, 0x8f, 4}};
    if (text[0] < 0x80)
        return 1;
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        if (text[0] < rows[i].first_min || text[0] > rows[i].first_max)
            continue;
        if (text[1] < rows[i].second_min || text[1] > rows[i].second_max)
            return 0;
        for (size_t k = 2; k < rows[i].length; k++) {
            if ((text[k] & 0xc0) != 0x80)
                return 0;
        }
        return rows[i].length;
    }
    return 0;
}

size_t string_utf8_length(const char *text)
{
    return utf8_length((const unsigned char *)text);
}

static bool is_control(const unsigned char *at)
{
    return *at < 0x20 || *at == 0x7f || (at[0] == 0xc2 && at[1] < 0xa0);
}

bool string_is_clean_utf8(const char *text, const char *allowed)
{
    const unsigned char *at = (const unsigned char *)text;
    while (*at != '\0') {
        size_t length = utf8_length(at);
        if (length == 0)
            return false;
        if (is_control(at) && !strchr(allowed, *at))
            return false;
        at += length;
    }
    return true;
}
