/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Walking a model by its tables: what is shown, clearing, copying, comparing. */
#include "model/scalar.h"
#include <base/string.h>

bool model_row_is_shown(const struct model_type *type, const struct model_row *row,
                        const void *base, uint32_t flags)
{
    if ((row->flags & MODEL_ROW_LIVE) && (flags & MODEL_FORMAT_INACTIVE))
        return false;
    if ((row->flags & MODEL_ROW_SECRET) && !(flags & MODEL_FORMAT_SECURE))
        return false;
    if (!model_row_applies(type, row, base))
        return false;
    return !row->shown || row->shown(base, flags);
}

bool model_array_add(struct model_arena *arena, struct model_array *array, void *item)
{
    if (array->count == array->capacity) {
        uint32_t capacity = array->capacity ? array->capacity * 2 : 4;
        void **items = model_arena_alloc(arena, capacity * sizeof *items);
        if (!items)
            return false;
        if (array->count > 0)
            memcpy(items, array->items, array->count * sizeof *items);
        array->items = items;
        array->capacity = capacity;
    }
    array->items[array->count++] = item;
    return true;
}

static size_t member_size(const struct model_row *row)
{
    static const size_t sizes[MODEL_KINDS] = {
        [MODEL_KIND_BOOL] = sizeof(bool),
        [MODEL_KIND_STRING] = sizeof(char *),
        [MODEL_KIND_UINT] = sizeof(struct model_uint),
        [MODEL_KIND_INT] = sizeof(struct model_int),
        [MODEL_KIND_U32] = sizeof(uint32_t),
        [MODEL_KIND_U64] = sizeof(uint64_t),
        [MODEL_KIND_ENUM] = sizeof(unsigned),
        [MODEL_KIND_YESNO] = sizeof(enum model_switch),
        [MODEL_KIND_ONOFF] = sizeof(enum model_switch),
        [MODEL_KIND_SIZE] = sizeof(struct model_uint),
        [MODEL_KIND_AMOUNT] = sizeof(uint64_t),
        [MODEL_KIND_UUID] = sizeof(struct model_uuid),
        [MODEL_KIND_MAC] = sizeof(struct model_mac),
        [MODEL_KIND_SET] = sizeof(char *),
    };
    switch ((enum model_place)row->place) {
    case MODEL_AT_CHILD:
        return row->type->size;
    case MODEL_AT_POINTER:
        return sizeof(void *);
    case MODEL_AT_ITEMS:
    case MODEL_AT_SUBTREES:
        return sizeof(struct model_array);
    case MODEL_AT_ATTRIBUTE:
    case MODEL_AT_TEXT:
    case MODEL_AT_PRESENCE:
    case MODEL_AT_LEAF:
    case MODEL_AT_FLAG:
        break;
    }
    return sizes[row->kind];
}

/* Clears a hidden member. A flat child has no bytes of its own: its members go one by one. */
static void member_clear(const struct model_row *row, void *member)
{
    if (row->place == MODEL_AT_CHILD && row->type->size == 0) {
        for (uint16_t i = 0; i < row->type->count; i++)
            member_clear(&row->type->rows[i], (char *)member + row->type->rows[i].offset);
        *model_node_of(row->type, member) = (struct model_node){0};
        return;
    }
    memset(member, 0, member_size(row));
}

static bool prune_member(struct model_arena *arena, const struct model_row *row, void *member,
                         uint32_t flags)
{
    if (row->place < MODEL_AT_CHILD)
        return true;
    if (row->place == MODEL_AT_CHILD) {
        const struct model_node *node = model_node_of(row->type, member);
        return (node && !node->present) || model_prune(arena, row->type, member, flags);
    }
    if (row->place == MODEL_AT_POINTER)
        return !*(void **)member || model_prune(arena, row->type, *(void **)member, flags);
    const struct model_array *array = member;
    for (uint32_t i = 0; row->place == MODEL_AT_ITEMS && i < array->count; i++) {
        if (!model_prune(arena, row->type, array->items[i], flags))
            return false;
    }
    return true;
}

bool model_prune(struct model_arena *arena, const struct model_type *type, void *base,
                 uint32_t flags)
{
    bool cleared = false;
    for (uint16_t i = 0; i < type->count; i++) {
        const struct model_row *row = &type->rows[i];
        void *member = (char *)base + row->offset;
        bool open = !row->flags && !row->only && !row->shown;
        if (open || model_row_is_shown(type, row, base, flags)) {
            if (!prune_member(arena, row, member, flags))
                return false;
        } else if (model_row_applies(type, row, base)) {
            member_clear(row, member);
            cleared = true;
        }
    }
    /* What was derived from a cleared member is derived again. */
    return !cleared || !type->finish || type->finish(arena, base);
}

static bool copy_string(struct model_arena *arena, const char **string)
{
    if (*string)
        *string = model_arena_string(arena, *string);
    return true;
}

static bool copy_extras(struct model_arena *arena, struct model_node *node)
{
    for (struct model_extra **at = &node->extras; *at; at = &(*at)->next) {
        struct model_extra *copy = model_arena_alloc(arena, sizeof *copy);
        if (!copy)
            return false;
        *copy = **at;
        copy->text = model_arena_string(arena, copy->text);
        if (!copy->text || (copy->name && !(copy->name = model_arena_string(arena, copy->name))))
            return false;
        *at = copy;
    }
    return true;
}

static struct model_raw *copy_raw(struct model_arena *arena, const struct model_raw *raw)
{
    struct model_raw *copy = model_arena_alloc(arena, sizeof *copy);
    if (!copy)
        return NULL;
    *copy = *raw;
    copy->name = model_arena_string(arena, raw->name);
    copy->ns = raw->ns ? model_arena_string(arena, raw->ns) : NULL;
    copy->xml = model_arena_string(arena, raw->xml);
    return copy->name && copy->xml && (!raw->ns || copy->ns) ? copy : NULL;
}

static bool copy_array(struct model_arena *arena, const struct model_row *row,
                       struct model_array *array)
{
    const struct model_array from = *array;
    *array = (struct model_array){0};
    for (uint32_t i = 0; i < from.count; i++) {
        void *item = row->place == MODEL_AT_SUBTREES ? (void *)copy_raw(arena, from.items[i])
                                                     : model_copy(arena, row->type, from.items[i]);
        if (!item || !model_array_add(arena, array, item))
            return false;
    }
    return true;
}

static bool copy_member(struct model_arena *arena, const struct model_row *row, void *member)
{
    switch ((enum model_place)row->place) {
    case MODEL_AT_CHILD:
        return model_copy_members(arena, row->type, member);
    case MODEL_AT_POINTER:
        if (!*(void **)member)
            return true;
        *(void **)member = model_copy(arena, row->type, *(void **)member);
        return *(void **)member != NULL;
    case MODEL_AT_ITEMS:
    case MODEL_AT_SUBTREES:
        return copy_array(arena, row, member);
    case MODEL_AT_ATTRIBUTE:
    case MODEL_AT_TEXT:
    case MODEL_AT_PRESENCE:
    case MODEL_AT_LEAF:
    case MODEL_AT_FLAG:
        break;
    }
    if (row->kind != MODEL_KIND_STRING && row->kind != MODEL_KIND_SET)
        return true;
    const char **string = member;
    return !*string || (copy_string(arena, string) && *string);
}

bool model_copy_members(struct model_arena *arena, const struct model_type *type, void *base)
{
    struct model_node *node = model_node_of(type, base);
    if (node && !copy_extras(arena, node))
        return false;
    for (uint16_t i = 0; i < type->count; i++) {
        const struct model_row *row = &type->rows[i];
        if (model_row_applies(type, row, base) &&
            !copy_member(arena, row, (char *)base + row->offset))
            return false;
    }
    return true;
}

void *model_copy(struct model_arena *arena, const struct model_type *type, const void *base)
{
    void *copy = model_arena_alloc(arena, type->size);
    if (!copy)
        return NULL;
    memcpy(copy, base, type->size);
    return model_copy_members(arena, type, copy) ? copy : NULL;
}
