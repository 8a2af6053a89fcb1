/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Events: from a driver's emit to the watches of each connection. A connection has one bounded
 * queue, so that callbacks run one at a time and in the order in which things happened, and never
 * before the reply to the call that caused them. */
#ifndef HVKIT_LOADER_EVENT_H
#define HVKIT_LOADER_EVENT_H

#include "call.h"

struct hvk_connection;
struct request;

struct event_queue {
    pthread_mutex_t mutex;
    pthread_cond_t delivered; /* a callback returned */
    struct list queued;
    uint32_t count;
    bool overflowed; /* the queue was full: its last entry says so */
    struct list watches;
    uint32_t watch_count;
    uint64_t next_serial;      /* of watches, to find the place again after a callback */
    struct lane *lane;         /* callbacks run on it, unless the application dispatches */
    bool scheduled;            /* a job on the lane delivers */
    int fd;                    /* an eventfd once the application asked for it, else -1 */
    struct hvk_watch *running; /* whose callback runs */
};

void event_queue_init(struct event_queue *queue);
void event_queue_fini(struct event_queue *queue);
/* Ends every watch, waiting for a callback that runs in another thread. */
void event_queue_close(struct hvk_connection *connection);
/* Does the calling thread run one of the connection's callbacks? */
bool event_queue_is_inside(const struct hvk_connection *connection);

/* A driver's emit: checked, copied, and either kept in the context of the job that runs in this
 * thread or queued at once. */
void event_emit(struct hvk_node *node, uint32_t event, const void *object, const void *payload);

/* Queues what a context kept. gate: its delivery waits for the reply to this request; NULL for
 * none. */
void event_flush(struct context *context, struct request *gate);

/* Delivers what may be delivered now. */
void event_kick(struct hvk_connection *connection);

/* The description of an event, NULL for an unknown number. */
const struct event *event_find(uint32_t number);

#endif
