/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* References that any thread may take and drop. */
#ifndef HVKIT_QEMU_COUNTED_H
#define HVKIT_QEMU_COUNTED_H

#include <stdatomic.h>
#include <stdbool.h>

struct counted {
    atomic_uint references;
};

/* The first reference is whoever's who made it. */
static inline void counted_init(struct counted *counted)
{
    atomic_init(&counted->references, 1);
}

static inline void counted_ref(struct counted *counted)
{
    atomic_fetch_add(&counted->references, 1);
}

/* True when that was the last one: then it is the caller's to free. */
static inline bool counted_unref(struct counted *counted)
{
    return atomic_fetch_sub(&counted->references, 1) == 1;
}

#endif
