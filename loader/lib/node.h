/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Open nodes: what a URI leads to. A driver whose place is the node has one struct hvk_node for
 * each canonical URI, shared by connections; a client-side driver has one for each connection. A
 * node ends when its last reference goes and its lane has run the driver's close(). */
#ifndef HVKIT_LOADER_NODE_H
#define HVKIT_LOADER_NODE_H

#include "call.h"
#include "publish.h"
#include "registry.h"

struct hvk_connection;
struct request;

/* A lane of a node. Kept while somebody uses it, so that an object which is undefined and defined
 * again meanwhile has one lane only. */
struct lane_entry {
    uint32_t kind;
    uint8_t key[HVK_UUID_SIZE];
    uint32_t users; /* under the node's mutex */
    bool alone;     /* not in the node's index: one call of a driver that locks by itself */
    struct lane *lane;
};

struct hvk_node {
    struct list entry; /* in nodes; with references, closing and ending: under the nodes' mutex */
    uint32_t references;
    bool shared;
    bool closing; /* the job that closes it was submitted */
    bool ending;  /* that job runs: the driver's close() is next, or at work */
    const struct registered_driver *driver;
    struct hvk_uri *uri;
    void *instance; /* the driver's; on the node's lane, constant while a connection is open */
    struct published *published;
    bool publishes[PUBLISHED_KINDS]; /* the driver leaves listing these to the core */

    pthread_mutex_t mutex; /* what follows */
    void *lanes;           /* tsearch(3) tree of struct lane_entry */
    struct list claims;    /* of content.c */
    void *reservations;    /* tsearch(3) tree, of reserve.c */
    uint32_t reservation_count;
    struct list jobs;    /* of job.c */
    struct list sources; /* of source.c */
    uint32_t source_count;
    struct list connections;
    uint32_t callbacks;   /* of sources, queued or running */
    pthread_cond_t quiet; /* callbacks became 0 */
};

/* The node for a URI, which it takes: an open one that may be shared, or a new one. */
struct hvk_node *node_get(const struct registered_driver *driver, struct hvk_uri *uri,
                          struct hvk_error *err);
struct hvk_node *node_ref(struct hvk_node *node);
/* For work that the driver leaves for later: false when its close() would come first. */
bool node_ref_open(struct hvk_node *node);
/* Waits for the driver's close() when this was the last reference and `wait`. */
void node_unref(struct hvk_node *node, bool wait);

/* On the node's lane: opens it unless it is open. */
bool node_open(struct hvk_node *node, struct hvk_call *call);

/* The lane for (kind, key), as the driver's threading model has it. Freed with node_lane_put(). */
struct lane_entry *node_lane_get(struct hvk_node *node, uint32_t kind, const uint8_t *key,
                                 struct hvk_error *err);
/* A lane that nothing else runs on. */
struct lane_entry *node_lane_alone(struct hvk_node *node, struct hvk_error *err);
/* The state of a lane that is there only while it is used. */
enum lane_state node_lane_state(struct hvk_node *node, uint32_t kind, const uint8_t *key,
                                int64_t *out_since_ns);
void node_lane_put(struct hvk_node *node, struct lane_entry *entry);

/* Around a callback of a source, from its queueing to its end outside the lane: it uses the lane,
 * and the node is not freed before. */
void node_callback_begins(struct hvk_node *node, struct lane_entry *entry);
void node_callback_ended(struct hvk_node *node, struct lane_entry *entry);

/* "test": for messages. */
const char *node_driver_id(const struct hvk_node *node);

#endif
