/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Memory that lives as long as one run of the scanner, released in one step. A build tool that is
 * out of memory can do nothing but say so: these functions end the program. */
#ifndef HVKIT_SCANNER_ARENA_H
#define HVKIT_SCANNER_ARENA_H

#include <base/vector.h>

struct arena_block;

struct arena {
    struct arena_block *blocks;
};

#define ARENA_INIT                                                                                 \
    {                                                                                              \
        0                                                                                          \
    }
#define auto_arena AUTO(arena_fini) struct arena

void arena_fini(struct arena *arena);
void *arena_alloc(struct arena *arena, size_t size); /* zeroed */
char *arena_copy(struct arena *arena, const char *text, size_t length);
char *arena_string(struct arena *arena, const char *text);
char *arena_format(struct arena *arena, const char *format, ...) HVK_PRINTF(2, 3);

/* Appends a zeroed item to a vector whose memory is the arena's: nothing frees it by itself, and
 * earlier items may move. */
void *arena_add(struct arena *arena, struct vector *vector, size_t item_size);

/* "scanner: out of memory", exit status 1. */
_Noreturn void arena_exhausted(void);

#endif
