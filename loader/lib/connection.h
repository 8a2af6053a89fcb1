/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A connection: one user of a node, with the calls that are in flight on it, its watches and its
 * streams. */
#ifndef HVKIT_LOADER_CONNECTION_H
#define HVKIT_LOADER_CONNECTION_H

#include "event.h"
#include "node.h"

struct hvk_connection {
    struct hvk_node *node;
    uint32_t flags;         /* HVK_CONNECT_* */
    struct list node_entry; /* in the node's connections, under its mutex */
    struct event_queue events;

    pthread_mutex_t mutex; /* what follows */
    pthread_cond_t idle;   /* in_flight became 0 */
    uint32_t references;
    uint32_t in_flight; /* references of calls and of the delivery of events */
    bool closed;
    struct list requests;
    struct list streams;
};

bool connection_is_read_only(const struct hvk_connection *connection);

/* One more user that closing waits for; false with INVALID_CONN once it is closed. entry (may be
 * NULL) is told of the closing through request_abandon(). */
bool connection_enter(struct hvk_connection *connection, struct list *entry, struct hvk_error *err);
void connection_leave(struct hvk_connection *connection, struct list *entry);

/* The same for what closing does not wait for. */
bool connection_add_stream(struct hvk_connection *connection, struct list *entry,
                           struct hvk_error *err);
void connection_remove_stream(struct hvk_connection *connection, struct list *entry);

#endif
