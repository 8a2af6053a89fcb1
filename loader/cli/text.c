/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "text.h"
#include <base/string.h>
#include <ctype.h>
#include <limits.h>

#define WORD_MAX 63

bool text_to_size(const char *text, uint64_t unit, uint64_t *out_bytes)
{
    static const char powers[] = "kmgtpe";
    size_t digits = strspn(text, "0123456789");
    const char *suffix = text + digits;
    uint64_t number, scale = unit;
    char decimal[32];

    if (digits == 0 || digits >= sizeof(decimal))
        return false;
    memcpy(decimal, text, digits);
    decimal[digits] = '\0';
    if (!string_to_u64(decimal, 0, UINT64_MAX, &number))
        return false;
    if (*suffix) {
        const char *power = strchr(powers, tolower((unsigned char)*suffix));
        uint64_t base = strcasecmp(suffix + 1, "b") == 0 ? 1000 : 1024;
        bool known = power && (!suffix[1] || base == 1000 || strcasecmp(suffix + 1, "ib") == 0);
        bool bytes = strcasecmp(suffix, "b") == 0 || strcasecmp(suffix, "bytes") == 0;

        if (!known && !bytes)
            return false;
        scale = 1;
        for (long i = 0; known && i <= power - powers; i++)
            scale *= base;
    }
    return !__builtin_mul_overflow(number, scale, out_bytes);
}

unsigned text_distance(const char *a, const char *b)
{
    unsigned rows[3][WORD_MAX + 1], *before = rows[0], *last = rows[1], *now = rows[2];
    size_t length_a = strnlen(a, WORD_MAX), length_b = strnlen(b, WORD_MAX);

    for (size_t j = 0; j <= length_b; j++)
        last[j] = (unsigned)j;
    for (size_t i = 1; i <= length_a; i++) {
        now[0] = (unsigned)i;
        for (size_t j = 1; j <= length_b; j++) {
            unsigned best = last[j - 1] + (a[i - 1] != b[j - 1]);

            best = last[j] + 1 < best ? last[j] + 1 : best;
            best = now[j - 1] + 1 < best ? now[j - 1] + 1 : best;
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] &&
                before[j - 2] + 1 < best)
                best = before[j - 2] + 1;
            now[j] = best;
        }
        unsigned *oldest = before;
        before = last;
        last = now;
        now = oldest;
    }
    return last[length_b];
}

bool text_is_closer(const char *typed, const char *candidate, unsigned *best)
{
    size_t length = strlen(typed);
    unsigned distance = text_distance(typed, candidate);
    unsigned allowed = length < 4 ? 1 : length < 9 ? 2 : 3;

    /* A beginning is meant as one, however much is missing: "--inact", "dominf". */
    if (length >= 3 && string_starts_with(candidate, typed))
        distance = 1;
    if (distance > allowed || distance >= *best)
        return false;
    *best = distance;
    return true;
}

/* Takes one word from *line, which stands on its first character. False: a quote is left open. */
static bool take_word(const char **line, bool commands, struct buffer *word)
{
    const char *p = *line;
    char quote = '\0';

    for (; *p && (quote || (!isspace((unsigned char)*p) && !(commands && *p == ';'))); p++) {
        if (quote && *p == quote)
            quote = '\0';
        else if (!quote && (*p == '\'' || *p == '"'))
            quote = *p;
        else if (*p == '\\' && quote != '\'' && p[1])
            buffer_add_char(word, *++p);
        else
            buffer_add_char(word, *p);
    }
    *line = p;
    return !quote;
}

bool text_split(const char *line, bool commands, struct vector *words, const char **out_next)
{
    if (out_next)
        *out_next = NULL;
    for (;;) {
        line += strspn(line, " \t\r\n\v\f");
        if (!*line || *line == '#')
            return true;
        if (commands && *line == ';') {
            *out_next = line + 1;
            return true;
        }
        auto_buffer word = BUFFER_INIT;
        bool closed = take_word(&line, commands, &word);
        auto_free char *text = buffer_take(&word);

        if (!closed || !text || !vector_push(words, &text))
            return false;
        text = NULL;
    }
}

void text_free_words(struct vector *words)
{
    VECTOR_FOR_EACH (words, char *, word)
        free(*word);
    vector_fini(words);
}

void text_add_xml(struct buffer *buffer, const char *text)
{
    for (const char *p = text; *p; p++) {
        if (strchr("&<>\"'", *p) || ((unsigned char)*p < ' ' && strchr("\t\r\n", *p)))
            buffer_add_format(buffer, "&#%d;", *p);
        else
            buffer_add_char(buffer, *p);
    }
}

void text_add_quoted(struct buffer *buffer, const char *text)
{
    buffer_add_char(buffer, '\'');
    for (const char *p = text; *p; p++) {
        if (*p == '\'')
            buffer_add_string(buffer, "'\\''");
        else
            buffer_add_char(buffer, *p);
    }
    buffer_add_char(buffer, '\'');
}
