/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "model/visit.h"

#include "model/scalar.h"
#include "model/tables.h"
#include <string.h>

struct walk {
    model_visit visit;
    void *data;
    char path[MODEL_PATH_MAX];
    size_t length;
};

/* Appends a step; the caller restores length. A path that is too long is cut: no table has one. */
static void descend(struct walk *walk, const struct model_row *row)
{
    size_t room = sizeof walk->path - walk->length - 1, length = strlen(row->name);
    char *at = walk->path + walk->length;
    if (room < length + 2)
        return;
    if (walk->length > 0)
        *at++ = '/';
    if (row->place == MODEL_AT_ATTRIBUTE)
        *at++ = '@';
    memcpy(at, row->name, length + 1);
    walk->length = (size_t)(at - walk->path) + length;
}

/* Does the row say anything that needs a look? Most of a domain is unset. */
static bool is_said(const struct model_row *row, const void *member)
{
    switch ((enum model_place)row->place) {
    case MODEL_AT_ATTRIBUTE:
    case MODEL_AT_LEAF:
    case MODEL_AT_FLAG:
    case MODEL_AT_TEXT:
    case MODEL_AT_PRESENCE:
        return scalar_is_set(row, member);
    case MODEL_AT_CHILD: {
        const char *bytes = member;
        return row->type->size == 0 || bytes[0] != 0 ||
               memcmp(bytes, bytes + 1, row->type->size - 1) != 0;
    }
    case MODEL_AT_POINTER:
        return *(void *const *)member != NULL;
    case MODEL_AT_ITEMS:
        return ((const struct model_array *)member)->count > 0;
    case MODEL_AT_SUBTREES:
        break;
    }
    return false;
}

static bool walk_struct(struct walk *walk, const struct model_type *type, const void *base,
                        const struct model_node *around);

static bool walk_items(struct walk *walk, const struct model_row *row,
                       const struct model_array *items, const struct model_node *node)
{
    for (uint32_t i = 0; i < items->count; i++)
        if (!walk_struct(walk, row->type, items->items[i], node))
            return false;
    return true;
}

static bool walk_row(struct walk *walk, const struct model_row *row, const void *member,
                     const struct model_node *node)
{
    switch ((enum model_place)row->place) {
    case MODEL_AT_CHILD:
        return walk_struct(walk, row->type, member, node);
    case MODEL_AT_POINTER:
        return walk_struct(walk, row->type, *(void *const *)member, node);
    case MODEL_AT_ITEMS:
        return walk_items(walk, row, member, node);
    case MODEL_AT_ATTRIBUTE:
    case MODEL_AT_LEAF:
    case MODEL_AT_FLAG:
    case MODEL_AT_TEXT:
    case MODEL_AT_PRESENCE:
    case MODEL_AT_SUBTREES:
        break;
    }
    return walk->visit(walk->data, walk->path, node);
}

static bool walk_struct(struct walk *walk, const struct model_type *type, const void *base,
                        const struct model_node *around)
{
    const struct model_node *own = model_node_of(type, base);
    const struct model_node *node = own ? own : around;
    for (uint16_t i = 0; i < type->count; i++) {
        const struct model_row *row = &type->rows[i];
        const void *member = (const char *)base + row->offset;
        if (row->kind == MODEL_KIND_UNIT || !is_said(row, member) ||
            !model_row_applies(type, row, base))
            continue;
        size_t length = walk->length;
        /* an element's own text, or its mere presence, is said under the element's path */
        if (row->place != MODEL_AT_TEXT && row->place != MODEL_AT_PRESENCE)
            descend(walk, row);
        bool more = walk_row(walk, row, member, node);
        walk->length = length;
        walk->path[length] = '\0';
        if (!more)
            return false;
    }
    return true;
}

bool model_domain_visit(const struct model_domain *domain, model_visit visit, void *data)
{
    struct walk walk = {.visit = visit, .data = data};
    return walk_struct(&walk, &model_type_domain, domain, &domain->node);
}
