/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "log_tail.h"

#include <ctype.h>
#include <string.h>
#include <sys/stat.h>

#include <base/buffer.h>
#include <base/string.h>

/* Said of every start: they only push the reason out of sight. */
static bool is_notice(const char *line, size_t length)
{
    static const char redirected[] = "char device redirected to ";
    static const char warning[] = ": warning: ";
    return (length >= strlen(redirected) && memcmp(line, redirected, strlen(redirected)) == 0) ||
           memmem(line, length, warning, strlen(warning)) != NULL;
}

static void add_clean(struct buffer *out, const char *line, size_t length)
{
    if (out->length > 0)
        buffer_add_string(out, "; ");
    for (size_t i = 0; i < length; i++)
        buffer_add_char(out, isprint((unsigned char)line[i]) ? line[i] : '?');
}

static void add_lines(struct buffer *out, const char *data, size_t size, bool notices)
{
    while (size > 0) {
        const char *end = data;
        while (end < data + size && *end != '\n' && *end != '\r')
            end++;
        size_t length = (size_t)(end - data);
        if (length > 0 && (notices || !is_notice(data, length)))
            add_clean(out, data, length);
        size_t taken = length < size ? length + 1 : length;
        data += taken;
        size -= taken;
    }
}

static char *read_clean(int fd, off_t offset)
{
    char data[LOG_TAIL_MAX];
    ssize_t got = pread(fd, data, sizeof data, offset);
    auto_buffer out = BUFFER_INIT;
    if (got > 0)
        add_lines(&out, data, (size_t)got, false);
    if (got > 0 && out.length == 0)
        add_lines(&out, data, (size_t)got, true);
    return out.length > 0 ? buffer_take(&out) : NULL;
}

char *log_tail(int fd, off_t offset)
{
    off_t size = log_size(fd);
    if (size <= offset)
        return NULL;
    return read_clean(fd, size - offset > LOG_TAIL_MAX ? size - LOG_TAIL_MAX : offset);
}

char *log_head(int fd, off_t offset)
{
    return read_clean(fd, offset);
}

off_t log_size(int fd)
{
    struct stat st;
    return fstat(fd, &st) == 0 ? st.st_size : 0;
}

bool log_tail_explain(int fd, off_t offset, struct hvk_error *err, const char *context, ...)
{
    va_list arguments;
    va_start(arguments, context);
    auto_free char *text = string_vformat(context, arguments);
    va_end(arguments);
    auto_free char *tail = log_tail(fd, offset);
    auto_free char *why = strdup(err->text);
    int32_t native = err->native;
    if (!text || !why)
        return hvk_error_memory(err);
    if (tail)
        hvk_error_set(err, err->code, "%s: %s; it printed: %s", text, why, tail);
    else
        hvk_error_set(err, err->code, "%s: %s", text, why);
    err->native = native;
    return hvk_error_from(err, HVK_FROM_QEMU);
}
