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
static void descend(struct walk *walk, const char *prefix, const char *name)
{
    size_t room = sizeof walk->path - walk->length;
    int added =
        snprintf(walk->path + walk->length, room, "%s%s%s", walk->length ? "/" : "", prefix, name);
    walk->length += (size_t)added < room ? (size_t)added : room - 1;
}

static bool walk_struct(struct walk *walk, const struct model_type *type, const void *base,
                        const struct model_node *around);

static bool walk_row(struct walk *walk, const struct model_row *row, const void *member,
                     const struct model_node *node)
{
    switch ((enum model_place)row->place) {
    case MODEL_AT_ATTRIBUTE:
    case MODEL_AT_LEAF:
    case MODEL_AT_FLAG:
        return !scalar_is_set(row, member) || walk->visit(walk->data, walk->path, node);
    case MODEL_AT_CHILD:
        return walk_struct(walk, row->type, member, node);
    case MODEL_AT_POINTER:
        return !*(void *const *)member ||
               walk_struct(walk, row->type, *(void *const *)member, node);
    case MODEL_AT_ITEMS:
        for (uint32_t i = 0; i < ((const struct model_array *)member)->count; i++)
            if (!walk_struct(walk, row->type, ((const struct model_array *)member)->items[i], node))
                return false;
        return true;
    case MODEL_AT_TEXT:
    case MODEL_AT_PRESENCE:
    case MODEL_AT_SUBTREES:
        break;
    }
    return true;
}

/* An element's own text, or its mere presence, is said under the element's path. */
static bool walk_self(struct walk *walk, const struct model_row *row, const void *member,
                      const struct model_node *node)
{
    bool self = row->place == MODEL_AT_TEXT || row->place == MODEL_AT_PRESENCE;
    return !self || !scalar_is_set(row, member) || walk->visit(walk->data, walk->path, node);
}

static bool walk_struct(struct walk *walk, const struct model_type *type, const void *base,
                        const struct model_node *around)
{
    const struct model_node *own = model_node_of(type, base);
    const struct model_node *node = own ? own : around;
    for (uint16_t i = 0; i < type->count; i++) {
        const struct model_row *row = &type->rows[i];
        const void *member = (const char *)base + row->offset;
        if (row->kind == MODEL_KIND_UNIT || !model_row_applies(type, row, base))
            continue;
        if (!walk_self(walk, row, member, node))
            return false;
        size_t length = walk->length;
        descend(walk, row->place == MODEL_AT_ATTRIBUTE ? "@" : "", row->name);
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
