/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qmp_json.h"

#include <ctype.h>
#include <string.h>

static const char largest[] = "9223372036854775807";
#define LARGEST_DIGITS (sizeof largest - 1)

/* Does this run of digits fit a signed 64-bit integer? */
static bool fits(const char *digits, size_t count)
{
    return count < LARGEST_DIGITS ||
           (count == LARGEST_DIGITS && memcmp(digits, largest, LARGEST_DIGITS) <= 0);
}

/* Puts the largest number in the place of the digits; blanks fill what it does not need. */
static void saturate(char *digits, size_t count)
{
    memset(digits, ' ', count);
    memcpy(digits, largest, LARGEST_DIGITS);
}

static void saturate_all(char *text, size_t length)
{
    bool in_string = false;
    for (size_t i = 0; i < length; i++) {
        if (in_string && text[i] == '\\') {
            i++;
        } else if (text[i] == '"') {
            in_string = !in_string;
        } else if (!in_string && isdigit((unsigned char)text[i])) {
            size_t start = i;
            while (i + 1 < length && isdigit((unsigned char)text[i + 1]))
                i++;
            if (!fits(text + start, i + 1 - start))
                saturate(text + start, i + 1 - start);
        }
    }
}

json_t *qmp_json_parse(char *text, size_t length, struct hvk_error *err)
{
    json_error_t why;
    json_t *message = json_loadb(text, length, JSON_REJECT_DUPLICATES, &why);
    if (!message && json_error_code(&why) == json_error_numeric_overflow) {
        saturate_all(text, length);
        message = json_loadb(text, length, JSON_REJECT_DUPLICATES, &why);
    }
    if (!message)
        hvk_error_set(err, HVK_ERR_PARSE_FAILED, "%s (byte %d of a message of %zu)", why.text,
                      why.position, length);
    return message;
}
