/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Calls: the caller's side (deadline, cancel token, error) and the context that a driver's function
 * gets. */
#ifndef HVKIT_LOADER_CALL_H
#define HVKIT_LOADER_CALL_H

#include <base/buffer.h>
#include <base/error.h>
#include <base/list.h>
#include <base/method.h>
#include <hvkit/client.h>
#include <pthread.h>
#include <runtime/lane.h>
#include <stdatomic.h>

struct hvk_node;

/* ---- the caller's side ---------------------------------------------------------------------- */

/* The call to work with, its error cleared: the caller's own, or *spare for NULL. NULL when its
 * size is none that hvkit ever had: there is then no room for an error either. */
struct hvk_call *call_enter(struct hvk_call *call, struct hvk_call *spare);

/* CLOCK_MONOTONIC: the caller's deadline, or now plus the default of the method's class. */
int64_t call_deadline(const struct hvk_call *call, enum method_class class);

/* CANCELLED or DEADLINE, when that is how things stand before anything was done. */
bool call_check(struct hvk_call *call);

/* ---- cancel tokens -------------------------------------------------------------------------- */

/* Told of a cancellation, with the token's mutex held: it must not wait and not touch the token. */
struct cancel_listener {
    struct list entry;
    void (*cancelled)(struct cancel_listener *listener);
};

struct hvk_cancel *cancel_ref(struct hvk_cancel *cancel); /* NULL stays NULL */
bool cancel_is_set(struct hvk_cancel *cancel);            /* NULL: no */
/* A token that was cancelled already tells the listener at once. */
void cancel_listen(struct hvk_cancel *cancel, struct cancel_listener *listener);
/* The listener does not run after this. */
void cancel_unlisten(struct hvk_cancel *cancel, struct cancel_listener *listener);
/* Readable once the token is cancelled; the token's. -1 for NULL and when there is no descriptor
 * left, with the error. */
int cancel_fd(struct hvk_cancel *cancel, struct hvk_error *err);

/* ---- the driver's side ---------------------------------------------------------------------- */

struct lane_entry;

/* What stands behind the hvk_call of a driver's function. Services find it through the call. */
struct context {
    struct hvk_call call;
    struct hvk_node *node;
    struct lane_entry *lane; /* NULL: on no lane */
    struct lane_job *job;    /* NULL: on no lane */
    struct context *outer;   /* the context that this thread was in before */
    struct list events;      /* emitted by this job, delivered when it ends or leaves its lane */
    bool defers_events;
    bool callback; /* must not wait */
    pthread_mutex_t warnings_mutex;
    struct buffer warnings; /* NUL-terminated texts */
    uint32_t warning_count;
};

void context_init(struct context *context, struct hvk_node *node, struct lane_entry *lane);
void context_fini(struct context *context);

/* The context that a driver's call belongs to; NULL for a call that the core did not make. */
struct context *context_of(const struct hvk_call *call);

/* Around a driver's function, so that events which it emits are known to be its. */
void context_begin(struct context *context);
void context_end(struct context *context);
struct context *context_current(void);

void context_warn(struct context *context, const char *text);
/* Hands the collected warnings to the caller. */
void context_give_warnings(struct context *context, const struct hvk_call *to);

#endif
