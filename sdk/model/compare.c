/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "model/scalar.h"
#include <base/string.h>

struct comparison {
    char *path;
    size_t size;
    size_t used;
};

/* Puts "/name" (or "/name[number]") in front of what a deeper level wrote. */
static bool differs(struct comparison *comparison, const char *name, uint32_t number)
{
    char part[80];
    int length = snprintf(part, sizeof part, number ? "/%s[%u]" : "/%s", name, number);
    size_t size = length < 0 || (size_t)length >= sizeof part ? sizeof part - 1 : (size_t)length;
    if (comparison->used + size < comparison->size) {
        memmove(comparison->path + size, comparison->path, comparison->used + 1);
        memcpy(comparison->path, part, size);
        comparison->used += size;
    }
    return false;
}

static bool structs_equal(struct comparison *comparison, const struct model_type *type,
                          const void *a, const void *b);

static bool extras_equal(const struct model_extra *a, const struct model_extra *b)
{
    for (; a && b; a = a->next, b = b->next) {
        if (a->kind != b->kind || !string_equal(a->name, b->name) || strcmp(a->text, b->text) != 0)
            return false;
    }
    return a == b;
}

static bool items_equal(struct comparison *comparison, const struct model_row *row,
                        const struct model_array *a, const struct model_array *b)
{
    for (uint32_t i = 0; i < a->count && i < b->count; i++) {
        bool equal = row->place == MODEL_AT_SUBTREES
                         ? strcmp(((const struct model_raw *)a->items[i])->xml,
                                  ((const struct model_raw *)b->items[i])->xml) == 0
                         : structs_equal(comparison, row->type, a->items[i], b->items[i]);
        if (!equal)
            return differs(comparison, row->name, i + 1);
    }
    if (a->count != b->count)
        return differs(comparison, row->name, 1 + (a->count < b->count ? a->count : b->count));
    return true;
}

static bool pointers_equal(struct comparison *comparison, const struct model_row *row,
                           const void *a, const void *b)
{
    if (!a || !b)
        return a == b || differs(comparison, row->name, 0);
    return structs_equal(comparison, row->type, a, b) || differs(comparison, row->name, 0);
}

static bool members_equal(struct comparison *comparison, const struct model_row *row, const void *a,
                          const void *b)
{
    switch ((enum model_place)row->place) {
    case MODEL_AT_CHILD:
        return structs_equal(comparison, row->type, a, b) || differs(comparison, row->name, 0);
    case MODEL_AT_POINTER:
        return pointers_equal(comparison, row, *(void *const *)a, *(void *const *)b);
    case MODEL_AT_ITEMS:
    case MODEL_AT_SUBTREES:
        return items_equal(comparison, row, a, b);
    case MODEL_AT_ATTRIBUTE:
    case MODEL_AT_TEXT:
    case MODEL_AT_PRESENCE:
    case MODEL_AT_LEAF:
    case MODEL_AT_FLAG:
        break;
    }
    char name[80];
    snprintf(name, sizeof name, row->place == MODEL_AT_ATTRIBUTE ? "@%s" : "%s", row->name);
    return scalar_equal(row, a, b) || differs(comparison, name, 0);
}

static bool structs_equal(struct comparison *comparison, const struct model_type *type,
                          const void *a, const void *b)
{
    for (uint16_t i = 0; i < type->count; i++) {
        const struct model_row *row = &type->rows[i];
        if (model_row_applies(type, row, a) &&
            !members_equal(comparison, row, (const char *)a + row->offset,
                           (const char *)b + row->offset))
            return false;
    }
    const struct model_node *node_a = model_node_of(type, a);
    const struct model_node *node_b = model_node_of(type, b);
    return !node_a || extras_equal(node_a->extras, node_b->extras);
}

bool model_equal(const struct model_type *type, const void *a, const void *b, char *path,
                 size_t path_size)
{
    char nowhere[1];
    struct comparison comparison = {path ? path : nowhere, path ? path_size : 0, 0};
    if (path_size > 0 && path)
        path[0] = '\0';
    return structs_equal(&comparison, type, a, b);
}

static bool structs_covered(struct comparison *comparison, const struct model_type *type,
                            const void *wanted, const void *held);

static bool items_covered(struct comparison *comparison, const struct model_row *row,
                          const struct model_array *wanted, const struct model_array *held)
{
    for (uint32_t i = 0; i < wanted->count; i++) {
        if (i >= held->count ||
            !structs_covered(comparison, row->type, wanted->items[i], held->items[i]))
            return differs(comparison, row->name, i + 1);
    }
    return true;
}

static bool pointer_covered(struct comparison *comparison, const struct model_row *row,
                            const void *wanted, const void *held)
{
    return !wanted || (held && structs_covered(comparison, row->type, wanted, held)) ||
           differs(comparison, row->name, 0);
}

static bool member_covered(struct comparison *comparison, const struct model_row *row,
                           const void *wanted, const void *held)
{
    switch ((enum model_place)row->place) {
    case MODEL_AT_CHILD:
        return structs_covered(comparison, row->type, wanted, held) ||
               differs(comparison, row->name, 0);
    case MODEL_AT_POINTER:
        return pointer_covered(comparison, row, *(void *const *)wanted, *(void *const *)held);
    case MODEL_AT_ITEMS:
        return items_covered(comparison, row, wanted, held);
    case MODEL_AT_SUBTREES:
        return true;
    case MODEL_AT_ATTRIBUTE:
    case MODEL_AT_TEXT:
    case MODEL_AT_PRESENCE:
    case MODEL_AT_LEAF:
    case MODEL_AT_FLAG:
        break;
    }
    return !scalar_is_set(row, wanted) || scalar_equal(row, wanted, held) ||
           differs(comparison, row->name, 0);
}

static bool structs_covered(struct comparison *comparison, const struct model_type *type,
                            const void *wanted, const void *held)
{
    for (uint16_t i = 0; i < type->count; i++) {
        const struct model_row *row = &type->rows[i];
        if (!model_row_applies(type, row, wanted) ||
            (row->shown && !row->shown(wanted, MODEL_FORMAT_SECURE)))
            continue;
        if (!member_covered(comparison, row, (const char *)wanted + row->offset,
                            (const char *)held + row->offset))
            return false;
    }
    return true;
}

bool model_covers(const struct model_type *type, const void *wanted, const void *held, char *path,
                  size_t path_size)
{
    char nowhere[1];
    struct comparison comparison = {path ? path : nowhere, path ? path_size : 0, 0};
    if (path && path_size > 0)
        path[0] = '\0';
    return structs_covered(&comparison, type, wanted, held);
}
