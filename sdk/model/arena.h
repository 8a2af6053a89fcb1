/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The memory of one model: given out in pieces, freed at once. Not thread-safe; it belongs to
 * whoever owns the model. */
#ifndef HVKIT_MODEL_ARENA_H
#define HVKIT_MODEL_ARENA_H

#include <stdbool.h>
#include <stddef.h>

/* A model that would need more is refused: a small hostile text can describe large structs. A
 * document of the test driver with 10,000 domains needs two thirds of it. */
#define MODEL_ARENA_MAX ((size_t)128 << 20)

struct model_arena;

/* NULL when out of memory. */
struct model_arena *model_arena_new(void);
void model_arena_free(struct model_arena *arena);

/* Zeroed and aligned for any member; NULL when out of memory or past MODEL_ARENA_MAX. */
void *model_arena_alloc(struct model_arena *arena, size_t size);

/* A NUL-terminated copy. */
char *model_arena_copy(struct model_arena *arena, const char *text, size_t length);
char *model_arena_string(struct model_arena *arena, const char *text);

/* Was an allocation refused because of MODEL_ARENA_MAX? */
bool model_arena_is_full(const struct model_arena *arena);

#endif
