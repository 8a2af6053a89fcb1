/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Values described by tables: arguments, results and records of the operations in sdk/api. The
 * scanner generates the tables; the functions here check, copy and compare any value that has one,
 * so that no operation needs code of its own. */
#ifndef HVKIT_BASE_VALUE_H
#define HVKIT_BASE_VALUE_H

#include <base/buffer.h>
#include <hvkit/driver.h>

enum field_kind {
    FIELD_BOOL, /* bool in arguments; uint32_t (0 or 1) in records */
    FIELD_INT32,
    FIELD_UINT32,
    FIELD_INT64,
    FIELD_UINT64,
    FIELD_DOUBLE,
    FIELD_FLAGS, /* uint32_t; `max` is the mask of the known bits */
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
#define FIELD_IN_PLACE (1u << 3) /* a FIELD_RECORD result that goes to the caller's own struct */

struct record;

struct field {
    const char *name;
    uint16_t offset;       /* in the argument struct or the record */
    uint16_t count_offset; /* of the uint64_t count, for those that have one */
    uint8_t kind;          /* enum field_kind */
    uint8_t flags;         /* FIELD_* */
    uint16_t reserved;
    uint64_t max; /* bytes, items, mask, or the largest scalar (0: the type's own) */
    int64_t min;  /* the smallest scalar; with max 0 and min 0 any value is allowed */
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

/* The same for one record; what a driver gave is refused with DRIVER_FAILED. what: "a row of
 * hvk_core.publish()". */
bool value_check_record(const char *what, const struct record *record, const void *item,
                        int32_t code, struct hvk_error *err);

/* One malloc'ed block with a copy of the item and everything it points to; free() it. Members
 * behind the item's own size are zero in the copy. NULL when out of memory. */
void *value_copy(const struct record *record, const void *item);

/* The same for an argument struct of the given size. Streams and descriptors are copied as they
 * are, result members are NULL in the copy. */
void *value_copy_arguments(const struct field *fields, uint32_t field_count, uint32_t size,
                           const void *values);

/* Is this a record of scalars and characters only, which a caller provides? */
bool record_is_plain(const struct record *record);
/* The member with this name, or NULL. */
const struct field *record_field(const struct record *record, const char *name);

/* Does the member have a count of its own? Is it a pointer to one thing? Where does it end? A uuid
 * and a bool look different in arguments and in records. */
bool field_is_counted(const struct field *field);
bool field_is_pointer(const struct field *field, bool in_record);
size_t field_end(const struct field *field, bool in_record);

/* How values are packed into one block; for value.c and collector.c. Pointers are offsets into the
 * heap plus one (0: NULL) until pack_finish(), since the memory moves while it grows. */
void pack_record(struct buffer *at, struct buffer *heap, const struct record *record,
                 const void *item, size_t size);
uint64_t pack_string(struct buffer *heap, const char *text, size_t length);
void pack_param(struct buffer *at, struct buffer *heap, const struct hvk_param *param);
/* header bytes, then the items, then the heap, with every pointer set; malloc'ed. */
void *pack_finish(size_t header, const struct buffer *items, const struct buffer *heap,
                  const struct field *field, uint64_t count);

/* ---- collecting results ---- */

/* A sink that builds a result in growing memory, then hands out one block. Usable as any of the
 * typed sinks. */
struct collector {
    struct hvk_sink sink;      /* first */
    const struct field *field; /* the result it is for */
    struct hvk_error *err;     /* the call's */
    struct buffer items;
    struct buffer heap; /* what items point to; offsets until taken */
    uint64_t count;
    bool failed;
};

/* What one result may hold in all, whatever its own bounds allow: bytes. */
#define COLLECTOR_BYTES_MAX (256u * 1024 * 1024)

void collector_init(struct collector *collector, const struct field *field, struct hvk_error *err);
void collector_fini(struct collector *collector);

/* The finished result, one malloc'ed block: char * for a string, struct hvk_X * for a record,
 * struct hvk_X_list * (size, stride, count, items) for a list. NULL with the error when nothing
 * was put for a result that is not optional, or memory ran out. out_none: an optional result that
 * was not put. Descriptors belong to who took them. */
void *collector_take(struct collector *collector, bool *out_none);

#endif
