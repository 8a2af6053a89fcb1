/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Text helpers: strict number parsing, comparison, formatting. None depends on the locale. */
#ifndef HVKIT_BASE_STRING_H
#define HVKIT_BASE_STRING_H

#include <base/cleanup.h>
#include <hvkit/types.h>
#include <stdarg.h>
#include <string.h>

static inline bool string_equal(const char *a, const char *b)
{
    return a == b || (a && b && strcmp(a, b) == 0);
}

static inline bool string_starts_with(const char *text, const char *prefix)
{
    return strncmp(text, prefix, strlen(prefix)) == 0;
}

/* malloc'ed; NULL when out of memory. */
char *string_format(const char *format, ...) HVK_PRINTF(1, 2);
char *string_vformat(const char *format, va_list arguments);

/* Whole text, decimal or 0x hexadecimal, no sign for unsigned, no blanks, within [min, max]. */
bool string_to_u64(const char *text, uint64_t min, uint64_t max, uint64_t *out_value);
bool string_to_i64(const char *text, int64_t min, int64_t max, int64_t *out_value);

/* The digit's value; -1: it is none. */
int string_hex_digit(char digit);

/* "yes"/"on"/"1"/"true" and their opposites. */
bool string_to_bool(const char *text, bool *out_value);

/* The length of the UTF-8 sequence (RFC 3629) that text starts with; 0: it is none, or cut. */
size_t string_utf8_length(const char *text);

/* Is text valid UTF-8 without control characters (C0, DEL, C1) other than those in `allowed`? */
bool string_is_clean_utf8(const char *text, const char *allowed);

#endif
