/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a driver published about its objects: rows found by uuid, name and id, read in parallel and
 * changed in one step. Any thread. */
#ifndef HVKIT_LOADER_PUBLISH_H
#define HVKIT_LOADER_PUBLISH_H

#include <base/error.h>
#include <hvkit/driver.h>

struct published;

#define PUBLISHED_KINDS (HVK_OBJECT_SECRET + 1)

/* A row; valid between published_begin() and published_end(). */
struct published_row {
    struct hvk_published data;
};

struct published *published_new(struct hvk_error *err);
void published_free(struct published *published);

/* Replaces the row with this kind and uuid. Fails when another object has the name or the id, or
 * when the row itself is wrong; the table is then as it was. */
bool published_put(struct published *published, const struct hvk_published *row,
                   struct hvk_error *err);
void published_remove(struct published *published, uint32_t kind, const uint8_t *uuid);

/* Reading. Nothing changes in between; a reader must not publish. */
void published_begin(struct published *published);
void published_end(struct published *published);
const struct published_row *published_by_uuid(struct published *published, uint32_t kind,
                                              const uint8_t *uuid);
const struct published_row *published_by_name(struct published *published, uint32_t kind,
                                              const char *name);
const struct published_row *published_by_id(struct published *published, uint32_t kind, int32_t id);
/* Every row in the order of the names, until visit returns false. */
void published_for_each(struct published *published, uint32_t kind,
                        bool (*visit)(void *user, const struct published_row *row), void *user);

/* What the driver gave with the row; NULL when there is none. Locks by itself. */
void *published_object(struct published *published, uint32_t kind, const uint8_t *uuid);
/* Those of all rows of a kind: malloc'ed, *out_count of them; NULL for none. */
void **published_objects(struct published *published, uint32_t kind, uint32_t *out_count);

/* The uuid of the object that a value means: its own, or while that is all zero that of the name.
 * Locks by itself. */
bool published_resolve(struct published *published, uint32_t kind, const uint8_t *uuid,
                       const char *name, uint8_t out_uuid[HVK_UUID_SIZE]);

/* Is there an object with this uuid? Locks by itself. */
bool published_has(struct published *published, uint32_t kind, const uint8_t *uuid);

/* Nanoseconds: read from the row's descriptor where it has one. */
uint64_t published_cpu_time(const struct published_row *row);

#endif
