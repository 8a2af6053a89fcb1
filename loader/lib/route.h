/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Who answers an operation: the driver's table, or the core from what it knows. */
#ifndef HVKIT_LOADER_ROUTE_H
#define HVKIT_LOADER_ROUTE_H

#include "connection.h"

/* The core's own answer to an operation, in the caller's thread: it never waits. Results go where
 * a driver would put them. */
typedef bool (*core_answer)(struct hvk_call *call, struct hvk_connection *connection,
                            const struct invocation *invocation);

struct core_answer_row {
    const struct method *method;
    core_answer answer;
};

/* Each array ends with a NULL method. */
extern const struct core_answer_row domain_answers[];      /* from what was published */
extern const struct core_answer_row session_answers[];     /* about the connection itself */
extern const struct core_answer_row domain_core_answers[]; /* composed of other operations */
/* About this machine: for node-side drivers only, since the objects of others are elsewhere. */
extern const struct core_answer_row node_answers[];
extern const struct core_answer_row memory_answers[];
extern const struct core_answer_row firmware_answers[];

struct route {
    const void *table;  /* the driver's, when it has the function */
    core_answer answer; /* else the core's */
};

/* NO_SUPPORT, naming method and driver, when there is neither. */
bool route_find(const struct hvk_node *node, const struct method *method, struct route *route,
                struct hvk_error *err);
/* The table when it is long enough for the method and has it, else NULL. */
const void *route_table(const struct registered_driver *driver, const struct method *method);

/* The kinds of object whose listing the driver leaves to the core. */
void route_publishes(const struct registered_driver *driver, bool publishes[PUBLISHED_KINDS]);

/* "domain.create" */
bool route_supports(const struct hvk_connection *connection, const char *name);

/* The method of this object with this slot, or NULL. */
const struct method *method_by_slot(const char *object, uint16_t slot);

#endif
