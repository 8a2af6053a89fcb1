/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What event.c (from emit to callback) and watch.c (who wants to know) share. */
#ifndef HVKIT_LOADER_WATCH_H
#define HVKIT_LOADER_WATCH_H

#include "event.h"

struct hvk_watch {
    struct list entry;
    struct hvk_connection *connection; /* NULL once it was closed; under watches_mutex */
    uint64_t serial;
    const struct event *event;
    bool of_one;
    uint8_t key[HVK_UUID_SIZE];
    hvk_event_callback callback;
    void *user;
    void (*free_user)(void *user);
};

/* A callback that runs in this thread, and what it did to its own watch: that is carried out once
 * it has returned. */
struct delivery {
    const struct hvk_connection *connection;
    struct hvk_watch *watch;
    bool ended; /* the connection was closed */
    bool freed; /* hvk_watch_free() */
    struct delivery *outer;
};

/* The callback of this watch in which the calling thread is; NULL when it is in none. */
struct delivery *delivery_of(const struct hvk_watch *watch);

/* Calls free_user, once. */
void watch_end(struct hvk_watch *watch);

#endif
