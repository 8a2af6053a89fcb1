/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* One value between its text and its member. Private to the engine. */
#ifndef HVKIT_MODEL_SCALAR_H
#define HVKIT_MODEL_SCALAR_H

#include "model/engine.h"

#define SCALAR_EXPECTED_SIZE 512

struct scalar_text {
    const char *text;
    size_t length;
};

enum scalar_result {
    SCALAR_OK,
    SCALAR_BAD, /* `expected` says what would have been right */
    SCALAR_NO_MEMORY,
};

struct scalar_input {
    struct model_arena *arena;
    struct scalar_text value;
    struct scalar_text unit; /* text NULL: none was given */
    char expected[SCALAR_EXPECTED_SIZE];
};

enum scalar_result scalar_parse(const struct model_row *row, void *member,
                                struct scalar_input *input);

/* Is there something to write? */
bool scalar_is_set(const struct model_row *row, const void *member);

/* Appends the value, escaped for an attribute in single quotes. */
void scalar_write(const struct model_row *row, const void *member, struct buffer *buffer);

/* Appends the unit that scalar_write() counts in. */
void scalar_write_unit(const struct model_row *row, const void *member, struct buffer *buffer);

bool scalar_equal(const struct model_row *row, const void *a, const void *b);

/* Where text is going to stand. */
enum scalar_place {
    SCALAR_IN_CONTENT, /* between tags, somebody else's: escaped no more than needed */
    SCALAR_IN_TEXT,    /* between tags: quotes as well, as libvirt does */
    SCALAR_IN_SINGLE_QUOTES,
    SCALAR_IN_DOUBLE_QUOTES,
};

/* Appends text with everything escaped that must not stand there as itself. */
void scalar_escape(struct buffer *buffer, const char *text, size_t length, enum scalar_place place);

static inline void scalar_append(struct buffer *buffer, const char *text, size_t length)
{
    if (buffer->capacity - buffer->length <= length || buffer->failed) {
        buffer_add(buffer, text, length);
        return;
    }
    __builtin_memcpy(buffer->data + buffer->length, text, length);
    buffer->length += length;
    buffer->data[buffer->length] = '\0';
}

#endif
