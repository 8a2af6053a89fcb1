/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "reserve.h"

#include "core_limits.h"
#include "node.h"

#include <search.h>
#include <string.h>

struct hvk_reservation {
    struct hvk_node *node;
    char *key;
    char kind[]; /* then key, in one block */
};

static int compare(const void *a, const void *b)
{
    const struct hvk_reservation *one = a, *other = b;
    int order = strcmp(one->kind, other->kind);
    return order ? order : strcmp(one->key, other->key);
}

static struct hvk_reservation *reservation_new(struct hvk_node *node, const char *kind,
                                               const char *key, struct hvk_error *err)
{
    size_t kind_size = strlen(kind) + 1, key_size = strlen(key) + 1;
    struct hvk_reservation *reservation = malloc(sizeof *reservation + kind_size + key_size);
    if (!reservation) {
        hvk_error_memory(err);
        return NULL;
    }
    reservation->node = node;
    reservation->key = reservation->kind + kind_size;
    memcpy(reservation->kind, kind, kind_size);
    memcpy(reservation->key, key, key_size);
    return reservation;
}

/* With the node's mutex held: enters it, unless there is one like it. */
static bool enter(struct hvk_node *node, struct hvk_reservation *reservation, struct hvk_error *err)
{
    if (node->reservation_count >= LIMIT_RESERVATIONS)
        return hvk_error_set(err, HVK_ERR_LIMIT, "a node may hold %u reservations",
                             LIMIT_RESERVATIONS);
    struct hvk_reservation **found = tsearch(reservation, &node->reservations, compare);
    if (!found)
        return hvk_error_memory(err);
    if (*found != reservation)
        return hvk_error_set(err, HVK_ERR_RESOURCE_BUSY, "the %s '%.200s' is taken already",
                             reservation->kind, reservation->key);
    node->reservation_count++;
    return true;
}

struct hvk_reservation *reserve_take(struct hvk_node *node, const char *kind, const char *key,
                                     struct hvk_error *err)
{
    if (!node || !kind || !key || strlen(kind) > LIMIT_RESERVATION_KIND_BYTES ||
        strlen(key) > LIMIT_RESERVATION_KEY_BYTES) {
        hvk_error_set(
            err, HVK_ERR_DRIVER_FAILED,
            "a reservation needs a node, a kind of at most %u and a key of at most %u bytes",
            LIMIT_RESERVATION_KIND_BYTES, LIMIT_RESERVATION_KEY_BYTES);
        return NULL;
    }
    struct hvk_reservation *reservation = reservation_new(node, kind, key, err);
    if (!reservation)
        return NULL;
    pthread_mutex_lock(&node->mutex);
    bool entered = enter(node, reservation, err);
    pthread_mutex_unlock(&node->mutex);
    if (entered)
        return reservation;
    free(reservation);
    return NULL;
}

void reserve_release(struct hvk_reservation *reservation)
{
    if (!reservation)
        return;
    struct hvk_node *node = reservation->node;
    pthread_mutex_lock(&node->mutex);
    tdelete(reservation, &node->reservations, compare);
    node->reservation_count--;
    pthread_mutex_unlock(&node->mutex);
    free(reservation);
}

void reserve_release_all(struct hvk_node *node)
{
    pthread_mutex_lock(&node->mutex);
    tdestroy(TAKE(node->reservations), free);
    node->reservation_count = 0;
    pthread_mutex_unlock(&node->mutex);
}
