/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "model/set.h"

#include "model/device-common.h"
#include <base/string.h>

#define WORD_BITS 64

struct set {
    uint64_t words[MODEL_SET_MAX / WORD_BITS];
};

static bool set_has(const struct set *set, uint32_t member)
{
    return (set->words[member / WORD_BITS] >> (member % WORD_BITS)) & 1;
}

static void set_change(struct set *set, uint32_t first, uint32_t last, bool add)
{
    for (uint32_t member = first; member <= last; member++) {
        uint64_t bit = UINT64_C(1) << (member % WORD_BITS);
        if (add)
            set->words[member / WORD_BITS] |= bit;
        else
            set->words[member / WORD_BITS] &= ~bit;
    }
}

static void blanks_skip(const char **at, const char *end)
{
    while (*at < end && strchr(" \t\r\n", **at))
        (*at)++;
}

static bool number_read(const char **at, const char *end, uint32_t *out_number)
{
    uint32_t number = 0;
    const char *start = *at;
    while (*at < end && **at >= '0' && **at <= '9') {
        number = number * 10 + (uint32_t)(**at - '0');
        if (number >= MODEL_SET_MAX)
            return false;
        (*at)++;
    }
    *out_number = number;
    return *at > start;
}

/* "3", "0-3" or "^2" */
static bool range_read(struct set *set, const char **at, const char *end)
{
    uint32_t first;
    uint32_t last;
    blanks_skip(at, end);
    bool add = !(*at < end && **at == '^');
    *at += !add;
    if (!number_read(at, end, &first))
        return false;
    last = first;
    if (*at < end && **at == '-') {
        (*at)++;
        if (!number_read(at, end, &last) || last < first)
            return false;
    }
    set_change(set, first, last, add);
    blanks_skip(at, end);
    return true;
}

static bool set_read(struct set *set, const char *text, size_t length)
{
    const char *at = text;
    const char *end = text + length;
    do {
        if (!range_read(set, &at, end))
            return false;
    } while (at < end && *at++ == ',' && at < end);
    return at == end && end > text && end[-1] != ',';
}

static void set_write(const struct set *set, struct buffer *buffer)
{
    const char *comma = "";
    for (uint32_t first = 0; first < MODEL_SET_MAX; first++) {
        if (first % WORD_BITS == 0 && set->words[first / WORD_BITS] == 0) {
            first += WORD_BITS - 1;
            continue;
        }
        if (!set_has(set, first))
            continue;
        uint32_t last = first;
        while (last + 1 < MODEL_SET_MAX && set_has(set, last + 1))
            last++;
        buffer_add_format(buffer, last > first ? "%s%u-%u" : "%s%u", comma, first, last);
        comma = ",";
        first = last;
    }
}

bool set_normalize(const char *text, size_t length, struct buffer *buffer)
{
    struct set set = {0};
    size_t before = buffer->length;
    if (!set_read(&set, text, length))
        return false;
    set_write(&set, buffer);
    return buffer->length > before || buffer->failed;
}

bool model_set_next(const char **at, uint32_t *out_first, uint32_t *out_last)
{
    if (!*at || **at == '\0')
        return false;
    const char *end = *at + strlen(*at);
    if (!number_read(at, end, out_first))
        return false;
    *out_last = *out_first;
    if (**at == '-') {
        (*at)++;
        if (!number_read(at, end, out_last))
            return false;
    }
    if (**at == ',')
        (*at)++;
    return true;
}
