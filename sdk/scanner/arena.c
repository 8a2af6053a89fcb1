/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Owns the blocks of an arena: a singly linked list, one block an allocation. */
#include "arena.h"

#include <base/string.h>

struct arena_block {
    struct arena_block *next;
    max_align_t data[];
};

void arena_exhausted(void)
{
    fputs("hvkit-scanner: out of memory\n", stderr);
    exit(EXIT_FAILURE);
}

void arena_fini(struct arena *arena)
{
    while (arena->blocks) {
        struct arena_block *next = arena->blocks->next;
        free(arena->blocks);
        arena->blocks = next;
    }
}

void *arena_alloc(struct arena *arena, size_t size)
{
    struct arena_block *block = calloc(1, sizeof *block + size);
    if (!block)
        arena_exhausted();
    block->next = arena->blocks;
    arena->blocks = block;
    return block->data;
}

char *arena_copy(struct arena *arena, const char *text, size_t length)
{
    char *copy = arena_alloc(arena, length + 1);
    memcpy(copy, text, length);
    return copy;
}

char *arena_string(struct arena *arena, const char *text)
{
    return arena_copy(arena, text, strlen(text));
}

char *arena_format(struct arena *arena, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    auto_free char *text = string_vformat(format, arguments);
    va_end(arguments);
    if (!text)
        arena_exhausted();
    return arena_string(arena, text);
}

void *arena_add(struct arena *arena, struct vector *vector, size_t item_size)
{
    if (vector->count == vector->capacity) {
        size_t capacity = vector->capacity ? vector->capacity * 2 : 4;
        void *items = arena_alloc(arena, capacity * item_size);
        if (vector->count)
            memcpy(items, vector->items, vector->count * item_size);
        vector->items = items;
        vector->capacity = capacity;
        vector->item_size = item_size;
    }
    return vector_at(vector, vector->count++);
}
