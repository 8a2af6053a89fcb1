/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Object values (struct hvk_domain …) seen through their tables: every one has a name, most a
 * uuid. */
#ifndef HVKIT_LOADER_OBJECT_H
#define HVKIT_LOADER_OBJECT_H

#include <base/value.h>

/* What names a kind of object in messages, and the codes for one that is not there or is there
 * already. */
struct object_words {
    const char *noun;
    int32_t missing;
    int32_t exists;
};
const struct object_words *object_words(uint32_t kind);

/* "" when the value has none. */
const char *object_name(const struct record *record, const void *item);
/* NULL when the value has none. */
const uint8_t *object_uuid(const struct record *record, const void *item);

/* What tells objects of one kind apart: the uuid, else a number made of the name. Two names with
 * one number share a lane, which costs time only. */
void object_key(const struct record *record, const void *item, uint8_t key[HVK_UUID_SIZE]);

/* A value with name and uuid (NULL: all zero), id -1; free() it. */
void *object_new(const struct record *record, const char *name, const uint8_t *uuid);

#endif
