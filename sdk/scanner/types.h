/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The types of the description: how each one looks in C, in every place where it may stand. */
#ifndef HVKIT_SCANNER_TYPES_H
#define HVKIT_SCANNER_TYPES_H

#include <hvkit/types.h>

enum type {
    TYPE_BOOL,
    TYPE_INT32,
    TYPE_UINT32,
    TYPE_INT64,
    TYPE_UINT64,
    TYPE_DOUBLE,
    TYPE_FLAGS,
    TYPE_CHARS,
    TYPE_STRING,
    TYPE_UUID,
    TYPE_BYTES,
    TYPE_PARAMS,
    TYPE_RECORD,
    TYPE_STRINGS,
    TYPE_INT32S,
    TYPE_UINT32S,
    TYPE_UINT64S,
    TYPE_RECORDS,
    TYPE_FDS,
    TYPE_STREAM,
    TYPE_PAD, /* unused bytes of a record, so that nothing in it is implicit */
};

enum type_bound {
    BOUND_NONE,
    BOUND_VALUE,  /* min and max are optional: the type's own range */
    BOUND_LENGTH, /* max is required: bytes or items */
};

/* `%s` in a C type stands for the record's name. NULL: the type cannot stand there. */
struct type_info {
    const char *name;         /* in the description */
    const char *list_of;      /* for `type="list" of="…"` */
    const char *kind;         /* enum field_kind */
    const char *argument;     /* C of an argument */
    const char *member;       /* C of a member of a record; the same as the argument if NULL */
    const char *result;       /* C of the public function's out argument */
    const char *table_result; /* C of the driver function's */
    const char *slot;         /* member of union result_slot; NULL: the collector */
    const char *count_suffix; /* "_count": a uint64_t with the number of items follows */
    uint32_t size;            /* as a member of a record, without its count */
    uint32_t align;
    enum type_bound bound;
    bool plain; /* a record of such members alone lives in its caller's memory */
};

const struct type_info *type_info(enum type type);

/* type: the attribute `type`; of: the attribute `of`, may be NULL. */
bool type_parse(const char *type, const char *of, enum type *out_type);

#endif
