/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "index.h"

#include <pthread.h>
#include <search.h>
#include <string.h>

#include <base/string.h>
#include <base/vector.h>

#include "machine.h"

struct index {
    pthread_mutex_t mutex; /* everything below */
    void *machines;        /* tsearch(3) tree of struct machine, by uuid */
    struct vector caps;    /* struct caps *: a handful */
    int32_t last_id;
};

static int compare(const void *a, const void *b)
{
    const struct machine *x = a;
    const struct machine *y = b;
    return memcmp(x->uuid, y->uuid, HVK_UUID_SIZE);
}

struct index *index_new(void)
{
    struct index *index = calloc(1, sizeof *index);
    if (!index)
        return NULL;
    pthread_mutex_init(&index->mutex, NULL);
    index->caps = (struct vector)VECTOR_INIT(struct caps *);
    return index;
}

static void drop(void *machine)
{
    machine_unref(machine);
}

void index_free(struct index *index)
{
    if (!index)
        return;
    tdestroy(index->machines, drop);
    VECTOR_FOR_EACH (&index->caps, struct caps *, caps)
        caps_unref(*caps);
    vector_fini(&index->caps);
    pthread_mutex_destroy(&index->mutex);
    free(index);
}

struct machine *index_find(struct index *index, const uint8_t *uuid)
{
    struct machine key;
    memcpy(key.uuid, uuid, HVK_UUID_SIZE);
    pthread_mutex_lock(&index->mutex);
    struct machine **found = tfind(&key, &index->machines, compare);
    struct machine *machine = found ? machine_ref(*found) : NULL;
    pthread_mutex_unlock(&index->mutex);
    return machine;
}

bool index_add(struct index *index, struct machine *machine)
{
    pthread_mutex_lock(&index->mutex);
    struct machine **place = tsearch(machine, &index->machines, compare);
    if (place && *place == machine)
        machine_ref(machine);
    pthread_mutex_unlock(&index->mutex);
    return place && *place == machine;
}

void index_remove(struct index *index, struct machine *machine)
{
    pthread_mutex_lock(&index->mutex);
    struct machine **found = tfind(machine, &index->machines, compare);
    bool here = found && *found == machine;
    if (here)
        tdelete(machine, &index->machines, compare);
    pthread_mutex_unlock(&index->mutex);
    if (here)
        machine_unref(machine);
}

struct walk {
    void (*visit)(struct machine *machine, void *user);
    void *user;
};

static void walk_node(const void *node, VISIT order, void *closure)
{
    const struct walk *walk = closure;
    if (order == postorder || order == leaf)
        walk->visit(*(struct machine *const *)node, walk->user);
}

void index_for_each(struct index *index, void (*visit)(struct machine *machine, void *user),
                    void *user)
{
    struct walk walk = {.visit = visit, .user = user};
    pthread_mutex_lock(&index->mutex);
    twalk_r(index->machines, walk_node, &walk);
    pthread_mutex_unlock(&index->mutex);
}

struct caps *index_find_caps(struct index *index, const struct caps_identity *identity)
{
    struct caps *match = NULL;
    pthread_mutex_lock(&index->mutex);
    VECTOR_FOR_EACH (&index->caps, struct caps *, caps)
        if (!match && caps_is_of(*caps, identity))
            match = caps_ref(*caps);
    pthread_mutex_unlock(&index->mutex);
    return match;
}

void index_put_caps(struct index *index, struct caps *caps)
{
    struct caps *old = NULL;
    pthread_mutex_lock(&index->mutex);
    VECTOR_FOR_EACH (&index->caps, struct caps *, known)
        if (!old && string_equal(caps_get_path(*known), caps_get_path(caps))) {
            old = *known;
            *known = caps_ref(caps);
        }
    if (!old) {
        struct caps *added = caps_ref(caps);
        if (!vector_push(&index->caps, &added))
            old = added; /* it is only asked again */
    }
    pthread_mutex_unlock(&index->mutex);
    caps_unref(old);
}

int32_t index_next_id(struct index *index)
{
    pthread_mutex_lock(&index->mutex);
    index->last_id = index->last_id == INT32_MAX ? 1 : index->last_id + 1;
    int32_t id = index->last_id;
    pthread_mutex_unlock(&index->mutex);
    return id;
}

void index_used_id(struct index *index, int32_t id)
{
    pthread_mutex_lock(&index->mutex);
    if (id > index->last_id)
        index->last_id = id;
    pthread_mutex_unlock(&index->mutex);
}
