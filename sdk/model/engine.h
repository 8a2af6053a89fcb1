/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The engine: tables say where the members of a struct live in the XML, and the functions here
 * parse, format, copy and compare by them. A table stands in the order in which members are
 * written. Private to this room; model/rows.h has the macros that tables are written with. */
#ifndef HVKIT_MODEL_ENGINE_H
#define HVKIT_MODEL_ENGINE_H

#include "model/model.h"
#include <base/buffer.h>

/* Where a member stands, seen from its element. */
enum model_place {
    MODEL_AT_PRESENCE,  /* true when the element is there at all */
    MODEL_AT_ATTRIBUTE, /* an attribute of it */
    MODEL_AT_TEXT,      /* its own text */
    MODEL_AT_LEAF,      /* the text of a child that has nothing else */
    MODEL_AT_FLAG,      /* true when such a child is there */
    MODEL_AT_CHILD,     /* a struct of its own; inline */
    MODEL_AT_POINTER,   /* the same, allocated when it is there */
    MODEL_AT_ITEMS,     /* an array of them */
    MODEL_AT_SUBTREES,  /* an array of struct model_raw: any child */
};

/* How a member is written. */
enum model_kind {
    MODEL_KIND_NONE,   /* structs and arrays */
    MODEL_KIND_BOOL,   /* bool, by being there */
    MODEL_KIND_STRING, /* const char * */
    MODEL_KIND_UINT,   /* struct model_uint; detail: struct model_number */
    MODEL_KIND_INT,    /* struct model_int; detail: struct model_integer */
    MODEL_KIND_U32,    /* uint32_t, always written; detail: struct model_number */
    MODEL_KIND_U64,    /* uint64_t, always written; detail: struct model_number */
    MODEL_KIND_ENUM,   /* an enum; detail: struct model_words */
    MODEL_KIND_YESNO,  /* enum model_switch */
    MODEL_KIND_ONOFF,  /* enum model_switch */
    MODEL_KIND_SIZE,   /* struct model_uint with a unit; detail: struct model_scale */
    MODEL_KIND_AMOUNT, /* uint64_t with a unit, always written; detail: struct model_scale */
    MODEL_KIND_UNIT,   /* the unit of another member of the element, which it points to */
    MODEL_KIND_UUID,   /* struct model_uuid */
    MODEL_KIND_MAC,    /* struct model_mac */
    MODEL_KIND_SET,    /* const char *, "0-3,8" */
    MODEL_KINDS,
};

struct model_number {
    uint64_t min, max;
    uint8_t digits; /* at least so many hexadecimal ones; 0: decimal */
    bool omit_zero;
};

struct model_integer {
    int64_t min, max;
};

/* The value is held in `stored` bytes and written in `written` bytes with `unit`; a number
 * without a unit means `implied` bytes. */
struct model_scale {
    uint64_t implied, stored, written;
    const char *unit;
};

enum model_row_flags {
    MODEL_ROW_REQUIRED = 1 << 0,
    MODEL_ROW_LIVE = 1 << 1,   /* belongs to a running domain only */
    MODEL_ROW_SECRET = 1 << 2, /* written with MODEL_FORMAT_SECURE only */
    MODEL_ROW_ALWAYS = 1 << 3, /* a unit whose amount is never unset */
};

/* A namespace that rows live in, and the prefix that it is written with. */
struct model_namespace {
    const char *prefix;
    const char *uri;
};

struct model_type;

struct model_row {
    const char *name;                 /* of the attribute or child; "*" for MODEL_AT_SUBTREES */
    const struct model_namespace *ns; /* of a child; NULL for none */
    uint8_t place;
    uint8_t kind;
    uint16_t flags;
    uint32_t offset; /* in the struct of the enclosing type */
    uint32_t only;   /* bits of the selector's values that have this member; 0: all */
    const void *detail;
    const struct model_type *type;
    const char *preset; /* what is meant when it is not said; written out */
    /* May it be read and written in this state? Flags are those of formatting. */
    bool (*shown)(const void *base, uint32_t flags);
};

#define MODEL_NO_NODE UINT32_MAX
#define MODEL_TYPE_ROWS_MAX 96

/* Rows stand in this order: MODEL_AT_PRESENCE first, attributes, text, children. Loops rely on it,
 * so that they end early. */
struct model_type {
    const struct model_row *rows;
    uint16_t count;
    uint32_t size;     /* of the struct; 0 when members lie in the enclosing one's struct */
    uint32_t node;     /* offset of struct model_node */
    uint32_t selector; /* offset of the enum that `only` of the rows speaks of */
    /* Runs when the element ends: derives what one member says about another. */
    bool (*finish)(struct model_arena *arena, void *base);
};

/* A document's outermost element. */
struct model_root {
    const char *name;
    const struct model_type *type;
};

/* What no row knows. `row` is 1 + the index of the last known sibling before it (0: none) and
 * `item` that sibling's position in its array. */
enum model_extra_kind {
    MODEL_EXTRA_ATTRIBUTE, /* of the element itself: name and raw value */
    MODEL_EXTRA_OF_CHILD,  /* attribute of the leaf `row` - 1 */
    MODEL_EXTRA_CONTENT,   /* element, comment or text between the children */
};

struct model_extra {
    struct model_extra *next;
    uint8_t kind;
    uint16_t row;
    uint32_t item;
    const char *name;
    const char *text;
};

/* Reads one document into new structs of the arena. roots names what it may be; *out_root says
 * which it was. */
void *model_parse(struct model_arena *arena, const char *what, const char *xml, size_t length,
                  const struct model_root *roots, size_t root_count, uint32_t flags,
                  const struct model_report *report, const struct model_root **out_root,
                  struct hvk_error *err);

/* Appends the element, indented by `depth` levels. Out of memory is the buffer's to tell. */
void model_format(struct buffer *buffer, const struct model_root *root, const void *base,
                  uint32_t flags, unsigned depth);

/* The same as a text of its own, the caller's to free(). */
char *model_format_text(const struct model_root *root, const void *base, uint32_t flags,
                        struct hvk_error *err);

/* Does every member that `wanted` sets have the same value in `held`? Arrays go by position. */
bool model_covers(const struct model_type *type, const void *wanted, const void *held, char *path,
                  size_t path_size);

/* Clears what formatting with `flags` would leave out; false when out of memory. */
bool model_prune(struct model_arena *arena, const struct model_type *type, void *base,
                 uint32_t flags);

/* May the member be written with these flags, given what else the struct says? */
bool model_row_is_shown(const struct model_type *type, const struct model_row *row,
                        const void *base, uint32_t flags);

/* A deep copy in `arena`; NULL when out of memory. */
void *model_copy(struct model_arena *arena, const struct model_type *type, const void *base);

/* Makes *to, whose members were copied bit by bit, independent of where they came from. */
bool model_copy_members(struct model_arena *arena, const struct model_type *type, void *base);

/* Are they the same for everyone who reads their XML? `path` gets where the first difference is. */
bool model_equal(const struct model_type *type, const void *a, const void *b, char *path,
                 size_t path_size);

/* Adds a pointer to an array. */
bool model_array_add(struct model_arena *arena, struct model_array *array, void *item);

static inline bool model_row_applies(const struct model_type *type, const struct model_row *row,
                                     const void *base)
{
    return row->only == 0 ||
           ((row->only >> *(const unsigned *)((const char *)base + type->selector)) & 1);
}

/* Is it one of the rows behind the attributes and the text? */
static inline bool model_row_is_child(const struct model_row *row)
{
    return row->place >= MODEL_AT_LEAF;
}

static inline struct model_node *model_node_of(const struct model_type *type, const void *base)
{
    return type->node == MODEL_NO_NODE
               ? NULL
               : (struct model_node *)(void *)((char *)(uintptr_t)base + type->node);
}

#endif
