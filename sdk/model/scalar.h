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

static inline bool scalar_number_is_set(const struct model_row *row, uint64_t number)
{
    const struct model_number *range = row->detail;
    return number != 0 || !range || !range->omit_zero;
}

/* Is there something to write? */
static inline bool scalar_is_set(const struct model_row *row, const void *member)
{
    switch ((enum model_kind)row->kind) {
    case MODEL_KIND_STRING:
    case MODEL_KIND_SET:
        return *(const char *const *)member != NULL;
    case MODEL_KIND_ENUM:
    case MODEL_KIND_YESNO:
    case MODEL_KIND_ONOFF:
        return *(const unsigned *)member != 0;
    case MODEL_KIND_UINT:
    case MODEL_KIND_SIZE:
        return ((const struct model_uint *)member)->set;
    case MODEL_KIND_INT:
        return ((const struct model_int *)member)->set;
    case MODEL_KIND_UUID:
        return ((const struct model_uuid *)member)->set;
    case MODEL_KIND_MAC:
        return ((const struct model_mac *)member)->set;
    case MODEL_KIND_BOOL:
        return *(const bool *)member;
    case MODEL_KIND_U32:
        return scalar_number_is_set(row, *(const uint32_t *)member);
    case MODEL_KIND_U64:
        return scalar_number_is_set(row, *(const uint64_t *)member);
    case MODEL_KIND_AMOUNT:
        return true;
    case MODEL_KIND_UNIT:
        return (row->flags & MODEL_ROW_ALWAYS) || ((const struct model_uint *)member)->set;
    case MODEL_KIND_NONE:
    case MODEL_KINDS:
        return false;
    }
    return false;
}

#endif
