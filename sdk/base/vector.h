/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A growing array of items of one size. */
#ifndef HVKIT_BASE_VECTOR_H
#define HVKIT_BASE_VECTOR_H

#include <base/cleanup.h>
#include <hvkit/types.h>

struct vector {
    void *items;
    size_t count;
    size_t capacity;
    size_t item_size;
};

#define VECTOR_INIT(type)                                                                          \
    {                                                                                              \
        .item_size = sizeof(type)                                                                  \
    }
#define auto_vector AUTO(vector_fini) struct vector

void vector_fini(struct vector *vector); /* frees the array, not what its items point to */

/* Appends a zeroed item and returns it, or NULL when out of memory. */
void *vector_add(struct vector *vector);

/* Appends a copy of *item. */
bool vector_push(struct vector *vector, const void *item);

static inline void *vector_at(const struct vector *vector, size_t index)
{
    return (char *)vector->items + index * vector->item_size;
}

/* Removes one item, keeping the order of the rest. */
void vector_remove(struct vector *vector, size_t index);

#define VECTOR_FOR_EACH(vector, type, item)                                                        \
    for (__typeof__(type) *item = (vector)->items, *item##_end = item + (vector)->count;           \
         item < item##_end; item++)

#endif
