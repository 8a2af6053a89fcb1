/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the lanes of a node share: which machine a uuid names, and what each emulator can do. The
 * only file of the driver that locks; nothing waits while it holds the lock. */
#ifndef HVKIT_QEMU_INDEX_H
#define HVKIT_QEMU_INDEX_H

#include <base/error.h>

#include "caps.h"

struct machine;

struct index *index_new(void);
void index_free(struct index *index); /* drops its references */

/* The machine with this uuid, with a reference for the caller; NULL when there is none. */
struct machine *index_find(struct index *index, const uint8_t *uuid);
bool index_add(struct index *index, struct machine *machine); /* false: out of memory */
void index_remove(struct index *index, struct machine *machine);
/* Calls visit for each with the lock held. */
void index_for_each(struct index *index, void (*visit)(struct machine *machine, void *user),
                    void *user);

/* What is known of exactly this binary, with a reference; NULL when it was not asked yet. */
struct caps *index_find_caps(struct index *index, const struct caps_identity *identity);
void index_put_caps(struct index *index, struct caps *caps);

/* Ids of running domains, from 1. */
int32_t index_next_id(struct index *index);
void index_used_id(struct index *index, int32_t id); /* of an adopted one */

#endif
