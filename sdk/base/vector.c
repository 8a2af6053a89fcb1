/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/vector.h"

#include <assert.h>
#include <string.h>

void vector_fini(struct vector *vector)
{
    free(vector->items);
    vector->items = NULL;
    vector->count = vector->capacity = 0;
}

void *vector_add(struct vector *vector)
{
    if (vector->count == vector->capacity) {
        size_t capacity = vector->capacity ? vector->capacity * 2 : 8;
        void *items = reallocarray(vector->items, capacity, vector->item_size);
        if (!items)
            return NULL;
        vector->items = items;
        vector->capacity = capacity;
    }
    void *item = vector_at(vector, vector->count++);
    memset(item, 0, vector->item_size);
    return item;
}

bool vector_push(struct vector *vector, const void *item)
{
    void *room = vector_add(vector);
    if (room)
        memcpy(room, item, vector->item_size);
    return room != NULL;
}

void vector_remove(struct vector *vector, size_t index)
{
    assert(index < vector->count);
    vector->count--;
    memmove(vector_at(vector, index), vector_at(vector, index + 1),
            (vector->count - index) * vector->item_size);
}
