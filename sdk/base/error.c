/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/error.h"

#include <base/string.h>
#include <errno.h>
#include <stdio.h>

/* More than fits, so that a text is not cut inside a character before copy_clean() cuts it. */
#define FORMATTED_SIZE (HVK_ERROR_TEXT_SIZE + 8)
/* What is attempted may be long (paths are); the reason behind it has to fit all the same. */
#define REASON_SIZE 128
#define ATTEMPT_SIZE (HVK_ERROR_TEXT_SIZE - REASON_SIZE - 16)
#define CONTEXT_SIZE (HVK_ERROR_TEXT_SIZE / 2)
#define ELLIPSIS "…"
#define CODE_OWN 0x10000 /* hvkit's codes start there */

static const struct code_row {
    int32_t code;
    int32_t wire;
    const char *name;
} codes[] = {
#define CODE_ROW(name, number, wire) {number, wire, #name},
    HVK_ERROR_CODES(CODE_ROW)
#undef CODE_ROW
};

static const struct code_row *code_find(int32_t code)
{
    for (size_t i = 0; i < sizeof codes / sizeof codes[0]; i++) {
        if (codes[i].code == code)
            return &codes[i];
    }
    return NULL;
}

void hvk_error_init(struct hvk_error *err)
{
    err->size = sizeof *err;
    err->code = HVK_ERR_OK;
    err->source = HVK_FROM_NONE;
    err->native = 0;
    err->text[0] = '\0';
}

/* Copies what fits. Texts quote names and outputs of others: bytes that are no UTF-8 and control
 * characters, which could steer a terminal, become question marks. */
static void copy_clean(char text[HVK_ERROR_TEXT_SIZE], const char *from)
{
    size_t length = 0;
    while (*from != '\0') {
        size_t sequence = string_utf8_length(from);
        char one[5] = "?";
        if (sequence > 0)
            memcpy(one, from, sequence);
        one[sequence > 0 ? sequence : 1] = '\0';
        if (!string_is_clean_utf8(one, "\n\t"))
            strcpy(one, "?");
        if (length + strlen(one) >= HVK_ERROR_TEXT_SIZE)
            break;
        memcpy(text + length, one, strlen(one));
        length += strlen(one);
        from += sequence > 0 ? sequence : 1;
    }
    text[length] = '\0';
}

/* What does not fit is cut off between characters, and an ellipsis shows it. */
static void format_cut(char *text, size_t size, const char *format, va_list arguments)
{
    int length = vsnprintf(text, size, format, arguments);
    if (length >= 0 && (size_t)length < size)
        return;
    size_t at = size - sizeof ELLIPSIS;
    while (length >= 0 && at > 0 && ((unsigned char)text[at] & 0xc0) == 0x80)
        at--;
    strcpy(text + (length < 0 ? 0 : at), ELLIPSIS);
}

bool hvk_error_vset(struct hvk_error *err, int32_t code, const char *format, va_list arguments)
{
    char text[FORMATTED_SIZE]; /* the arguments may be what err holds */
    if (!err)
        return false;
    if (vsnprintf(text, sizeof text, format, arguments) < 0)
        snprintf(text, sizeof text, "%s", format);
    hvk_error_init(err);
    err->code = code;
    copy_clean(err->text, text);
    return false;
}

bool hvk_error_set(struct hvk_error *err, int32_t code, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    hvk_error_vset(err, code, format, arguments);
    va_end(arguments);
    return false;
}

bool hvk_error_errno(struct hvk_error *err, int number, const char *attempt, ...)
{
    char text[ATTEMPT_SIZE];
    char reason[REASON_SIZE];
    va_list arguments;
    va_start(arguments, attempt);
    format_cut(text, sizeof text, attempt, arguments);
    va_end(arguments);
    hvk_error_set(err, number == ENOMEM ? HVK_ERR_NO_MEMORY : HVK_ERR_SYSTEM_ERROR, "cannot %s: %s",
                  text, strerror_r(number, reason, sizeof reason));
    if (err)
        err->native = number;
    return false;
}

bool hvk_error_memory(struct hvk_error *err)
{
    return hvk_error_set(err, HVK_ERR_NO_MEMORY, "out of memory");
}

bool hvk_error_prefix(struct hvk_error *err, const char *format, ...)
{
    if (!err)
        return false;
    struct hvk_error old = *err;
    char context[CONTEXT_SIZE];
    va_list arguments;
    va_start(arguments, format);
    format_cut(context, sizeof context, format, arguments);
    va_end(arguments);
    hvk_error_set(err, old.code, "%s: %s", context, old.text);
    err->source = old.source;
    err->native = old.native;
    return false;
}

bool hvk_error_from(struct hvk_error *err, int32_t source)
{
    if (err && err->source == HVK_FROM_NONE)
        err->source = source;
    return false;
}

void hvk_error_copy(struct hvk_error *to, const struct hvk_error *from)
{
    if (to && from && to != from)
        *to = *from;
}

const char *hvk_error_code_name(int32_t code)
{
    const struct code_row *row = code_find(code);
    if (row)
        return row->name;
    return code == HVK_ERR_OK ? "OK" : "UNKNOWN";
}

int32_t hvk_error_wire_code(int32_t code)
{
    const struct code_row *row = code_find(code);
    if (row)
        return row->wire;
    return code < CODE_OWN ? code : HVK_ERR_INTERNAL_ERROR;
}
