/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/buffer.h"

#include <stdarg.h>
#include <string.h>

void buffer_fini(struct buffer *buffer)
{
    free(buffer->data);
    *buffer = (struct buffer)BUFFER_INIT;
}

void buffer_reset(struct buffer *buffer)
{
    buffer->length = 0;
    buffer->failed = false;
    if (buffer->data)
        buffer->data[0] = '\0';
}

char *buffer_reserve(struct buffer *buffer, size_t more)
{
    if (buffer->failed)
        return NULL;
    size_t needed;
    if (__builtin_add_overflow(buffer->length, more, &needed) || needed >= SIZE_MAX / 2) {
        buffer->failed = true;
        return NULL;
    }
    if (needed + 1 > buffer->capacity) {
        size_t capacity = buffer->capacity ? buffer->capacity * 2 : 128;
        if (capacity < needed + 1)
            capacity = needed + 1;
        char *data = realloc(buffer->data, capacity);
        if (!data) {
            buffer->failed = true;
            return NULL;
        }
        buffer->data = data;
        buffer->capacity = capacity;
    }
    return buffer->data + buffer->length;
}

void buffer_add(struct buffer *buffer, const void *data, size_t length)
{
    char *room = buffer_reserve(buffer, length);
    if (!room)
        return;
    if (length > 0)
        memcpy(room, data, length);
    room[length] = '\0';
    buffer->length += length;
}

void buffer_add_string(struct buffer *buffer, const char *text)
{
    if (text)
        buffer_add(buffer, text, strlen(text));
}

void buffer_add_char(struct buffer *buffer, char c)
{
    buffer_add(buffer, &c, 1);
}

void buffer_add_format(struct buffer *buffer, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(NULL, 0, format, arguments);
    va_end(arguments);
    char *room = length < 0 ? NULL : buffer_reserve(buffer, (size_t)length);
    if (!room) {
        buffer->failed = true;
        return;
    }
    va_start(arguments, format);
    vsnprintf(room, (size_t)length + 1, format, arguments);
    va_end(arguments);
    buffer->length += (size_t)length;
}

char *buffer_take(struct buffer *buffer)
{
    if (buffer->failed) {
        buffer_fini(buffer);
        return NULL;
    }
    char *data = buffer->data ? buffer->data : strdup("");
    if (buffer->data) /* what went through buffer_reserve() has no end yet */
        data[buffer->length] = '\0';
    *buffer = (struct buffer)BUFFER_INIT;
    return data;
}
