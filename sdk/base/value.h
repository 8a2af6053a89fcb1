/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Values described by tables: arguments, results and records of the operations in sdk/api. The
 * scanner generates the tables; the functions here check, copy and compare any value that has one,
 * so that no operation needs code of its own. */
#ifndef HVKIT_BASE_VALUE_H
#define HVKIT_BASE_VALUE_H

#include <base/buffer.h>
#include <hvkit/driver.h>

enum field_kind {
    FIELD_BOOL,    /* bool in arguments; uint32_t in records */
    FIELD_INT32,
    FIELD_UINT32,
    FIELD_INT64,
    FIELD_UINT64,
    FIELD_DOUBLE,
    FIELD_FLAGS,   /* uint32_t; `max` is the mask of the known bits */
    FIELD_FLAGS64,
    FIELD_CHARS,   /* char[max] inside a record, NUL-terminated */
    FIELD_STRING,  /* const char *; max: bytes without the NUL */
    FIELD_UUID,    /* uint8_t[16] in records, const uint8_t * in arguments */
    FIELD_BYTES,   /* const void * and a uint64_t count; max: bytes */
    FIELD_PARAMS,  /* const struct hvk_param * and a uint64_t count; max: items */
    FIELD_RECORD,  /* const struct RECORD * */
    FIELD_STRINGS, /* const char *const * and a uint64_t count */
    FIELD_INT32S,  /* const int32_t * and a uint64_t count */
    FIELD_UINT32S,
    FIELD_UINT64S,
    FIELD_RECORDS, /* const struct RECORD * and a uint64_t count; items lie record->size apart */
    FIELD_FDS,     /* const int32_t * and a uint64_t count */
    FIELD_STREAM,  /* struct hvk_stream * */
};

#define FIELD_OPTIONAL (1u << 0) /* the pointer may be NULL */
#define FIELD_RESULT (1u << 1)   /* an out member of an argument struct: see struct method */
#define FIELD_SUBJECT (1u << 2)  /* the object whose lane the call runs on */

struct record;

struct field {
    const char *name;
    uint16_t offset;       /* in the argument struct or the record */
    uint16_t count_offset; /* of the uint64_t count, for those that have one */
    uint8_t kind;          /* enum field_kind */
    uint8_t flags;         /* FIELD_* */
    uint16_t reserved;
    uint64_t max;          /* bytes, items, mask, or the largest scalar (0: the type's own) */
    int64_t min;           /* the smallest scalar */
    const struct record *record;
};

/* A struct of the public headers. Its first member is uint32_t size. */
struct record {
    const char *name; /* "domain" */
    uint32_t size;
    uint32_t field_count;
    const struct field *fields;
};

/* Is every member within its bounds? Names the argument that is not: "hvk_domain_define_xml():
 * xml is 2097152 bytes long, at most 1048576 are allowed". */
bool value_check(const char *function, const struct field *fields, uint32_t field_count,
                 const void *values, struct hvk_error *err);

/* One malloc'ed block with a copy of the item and everything it points to; free() it. */
void *value_copy(const struct record *record, const void *item);

/* ---- collecting results ---- */

/* A sink that builds a result in growing memory, then hands out one block. Usable as any of the
 * typed sinks. */
struct collector {
    struct hvk_sink sink;       /* first */
    const struct field *field;  /* the result it is for */
    struct hvk_error *err;      /* the call's */
    struct buffer items;
    struct buffer heap;         /* what items point to; offsets until taken */
    uint64_t count;
    bool failed;
};

void collector_init(struct collector *collector, const struct field *field, struct hvk_error *err);
void collector_fini(struct collector *collector);

/* The finished result, one malloc'ed block: char * for a string, struct hvk_X * for a record,
 * struct hvk_X_list * (size, stride, count, items) for a list. NULL with the error when nothing
 * was put for a result that is not optional, or memory ran out. out_none: an optional result that
 * was not put. */
void *collector_take(struct collector *collector, bool *out_none);

#endif
