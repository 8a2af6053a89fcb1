/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A growing run of bytes, always NUL-terminated once anything was added. Out of memory is sticky:
 * additions after it do nothing and buffer_take() reports it, so callers check once. */
#ifndef HVKIT_BASE_BUFFER_H
#define HVKIT_BASE_BUFFER_H

#include <base/cleanup.h>
#include <hvkit/types.h>

struct buffer {
    char *data; /* NULL while empty */
    size_t length;
    size_t capacity;
    bool failed;
};

#define BUFFER_INIT                                                                                \
    {                                                                                              \
        0                                                                                          \
    }
#define auto_buffer AUTO(buffer_fini) struct buffer

void buffer_fini(struct buffer *buffer);
void buffer_reset(struct buffer *buffer); /* empties it, keeping the memory */

void buffer_add(struct buffer *buffer, const void *data, size_t length);
void buffer_add_string(struct buffer *buffer, const char *text); /* NULL adds nothing */
void buffer_add_char(struct buffer *buffer, char c);
void buffer_add_format(struct buffer *buffer, const char *format, ...) HVK_PRINTF(2, 3);

/* Room for `more` bytes past length and a NUL; the caller writes there and adds to length itself
 * (the NUL is missing until the next addition or buffer_take()). NULL when out of memory. */
char *buffer_reserve(struct buffer *buffer, size_t more);

/* The bytes, NUL-terminated, now the caller's to free(); "" for an empty buffer; NULL when any
 * addition failed or there is no memory. The buffer is empty afterwards. */
char *buffer_take(struct buffer *buffer);

#endif
