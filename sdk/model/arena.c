/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "model/arena.h"

#include <base/cleanup.h>
#include <stdalign.h>
#include <stdint.h>
#include <string.h>

#define CHUNK_FIRST ((size_t)16 << 10)
#define CHUNK_LARGEST ((size_t)256 << 10)

struct chunk {
    struct chunk *next;
    alignas(max_align_t) char bytes[];
};

struct model_arena {
    struct chunk *chunks;
    char *at; /* strings fill a chunk from its end, so that they need no padding */
    char *end;
    size_t total;
    size_t next_size;
    bool full;
};

struct model_arena *model_arena_new(void)
{
    struct model_arena *arena = calloc(1, sizeof *arena);
    if (arena)
        arena->next_size = CHUNK_FIRST;
    return arena;
}

void model_arena_free(struct model_arena *arena)
{
    if (!arena)
        return;
    for (struct chunk *chunk = arena->chunks; chunk;) {
        struct chunk *next = chunk->next;
        free(chunk);
        chunk = next;
    }
    free(arena);
}

static struct chunk *chunk_add(struct model_arena *arena, size_t size)
{
    if (size > MODEL_ARENA_MAX - arena->total) {
        arena->full = true;
        return NULL;
    }
    struct chunk *chunk = malloc(sizeof *chunk + size);
    if (!chunk)
        return NULL;
    arena->total += size;
    chunk->next = arena->chunks;
    arena->chunks = chunk;
    return chunk;
}

/* Something larger than a quarter of a chunk gets one of its own, so that little is wasted. */
static void *alloc_alone(struct model_arena *arena, size_t size)
{
    struct chunk *chunk = chunk_add(arena, size);
    return chunk ? chunk->bytes : NULL;
}

static bool room_make(struct model_arena *arena)
{
    struct chunk *chunk = chunk_add(arena, arena->next_size);
    if (!chunk)
        return false;
    arena->at = chunk->bytes;
    arena->end = chunk->bytes + arena->next_size;
    if (arena->next_size < CHUNK_LARGEST)
        arena->next_size *= 2;
    return true;
}

void *model_arena_alloc(struct model_arena *arena, size_t size)
{
    if (size > MODEL_ARENA_MAX) {
        arena->full = true;
        return NULL;
    }
    size = (size + alignof(max_align_t) - 1) & ~(alignof(max_align_t) - 1);
    void *memory;
    if (size > (size_t)(arena->end - arena->at) && size > arena->next_size / 4) {
        memory = alloc_alone(arena, size);
    } else if (size > (size_t)(arena->end - arena->at) && !room_make(arena)) {
        memory = NULL;
    } else {
        memory = arena->at;
        arena->at += size;
    }
    return memory ? memset(memory, 0, size) : NULL;
}

char *model_arena_copy(struct model_arena *arena, const char *text, size_t length)
{
    char *copy;
    if (length < (size_t)(arena->end - arena->at)) {
        arena->end -= length + 1;
        copy = arena->end;
    } else {
        if (length >= MODEL_ARENA_MAX) {
            arena->full = true;
            return NULL;
        }
        if (length >= arena->next_size / 4)
            copy = alloc_alone(arena, length + 1);
        else if (room_make(arena))
            return model_arena_copy(arena, text, length);
        else
            copy = NULL;
    }
    if (!copy)
        return NULL;
    memcpy(copy, text, length);
    copy[length] = '\0';
    return copy;
}

char *model_arena_string(struct model_arena *arena, const char *text)
{
    return model_arena_copy(arena, text, strlen(text));
}

bool model_arena_is_full(const struct model_arena *arena)
{
    return arena->full;
}
