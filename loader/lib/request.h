/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A call in flight: runs on a lane while its caller waits, and outlives a caller that left because
 * of its deadline, a cancellation or the end of the connection. It then works in memory of its
 * own. */
#ifndef HVKIT_LOADER_REQUEST_H
#define HVKIT_LOADER_REQUEST_H

#include "connection.h"

struct request {
    struct context context; /* first */
    atomic_uint references;
    struct hvk_connection *connection;
    const char *function; /* the public function, and the object that it is about ("domain", */
    const char *noun;     /* "vm1"; NULL: none), for messages in the caller's thread */
    const char *object;
    enum method_class class;
    enum lane_job_kind kind;
    bool here; /* may run in the caller's thread when the lane is idle */

    /* Inside the lane: what is to be done; false with context.call.error. */
    bool (*run)(struct request *request);
    /* In the caller's thread, before the work is handed to another: copies what is borrowed. */
    bool (*detach)(struct request *request, struct hvk_error *err);
    /* When the work ended, or never began: once, in any thread, before others can notice. */
    void (*done)(struct request *request);
    /* Frees the struct around the request. */
    void (*destroy)(struct request *request);

    bool succeeded;      /* once the job is done */
    atomic_uint ending;  /* why the caller is to leave: an error code, 0 while it waits */
    atomic_bool replied; /* the caller has its answer: events of this call may be delivered */
    struct list in_flight;
    struct cancel_listener listener;
    struct hvk_cancel *own_cancel; /* what the driver sees: any reason to stop */
    void *identity;
};

/* lane is taken. The caller's reference is given up with request_unref(). */
void request_init(struct request *request, struct hvk_connection *connection,
                  struct lane_entry *lane, const char *function);
struct request *request_ref(struct request *request);
void request_unref(struct request *request);

/* Runs it and waits. True when it ran and succeeded; call->error says otherwise. */
bool request_perform(struct request *request, struct hvk_call *call);

/* After the results were handed over, or the caller left: events may follow. */
void request_reply(struct request *request);

/* Makes the caller leave with the error code, and tells the work to stop. */
void request_abandon(struct request *request, int32_t code);

#endif
