/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Owns calls in flight. */
#include "request.h"

#include "core.h"

#include <runtime/loop.h>
#include <string.h>

/* An identity is copied by table like every other value. */
static const struct field identity_fields[] = {
    {.name = "pid", .offset = offsetof(struct hvk_identity, pid), .kind = FIELD_INT32},
    {.name = "uid", .offset = offsetof(struct hvk_identity, uid), .kind = FIELD_INT64},
    {.name = "gid", .offset = offsetof(struct hvk_identity, gid), .kind = FIELD_INT64},
    {.name = "user_name", .offset = offsetof(struct hvk_identity, user_name), .kind = FIELD_STRING},
    {.name = "sasl_name", .offset = offsetof(struct hvk_identity, sasl_name), .kind = FIELD_STRING},
    {.name = "x509_name", .offset = offsetof(struct hvk_identity, x509_name), .kind = FIELD_STRING},
};
static const struct record identity_record = {
    .name = "identity",
    .size = sizeof(struct hvk_identity),
    .field_count = ARRAY_SIZE(identity_fields),
    .fields = identity_fields,
};

static void request_cancelled(struct cancel_listener *listener);

void request_init(struct request *request, struct hvk_connection *connection,
                  struct lane_entry *lane, const char *function)
{
    context_init(&request->context, connection->node, lane);
    request->context.defers_events = true;
    atomic_init(&request->references, 1);
    atomic_init(&request->ending, 0);
    atomic_init(&request->replied, false);
    request->connection = connection;
    request->function = function;
    list_init(&request->in_flight);
    request->listener = (struct cancel_listener){.cancelled = request_cancelled};
    list_init(&request->listener.entry);
}

struct request *request_ref(struct request *request)
{
    if (request)
        atomic_fetch_add(&request->references, 1);
    return request;
}

void request_unref(struct request *request)
{
    if (!request || atomic_fetch_sub(&request->references, 1) != 1)
        return;
    lane_job_unref(request->context.job);
    hvk_cancel_free(request->own_cancel);
    free(request->identity);
    context_fini(&request->context);
    request->destroy(request);
}

/* ---- on the lane ---------------------------------------------------------------------------- */

static void request_run(struct lane_job *job, void *user)
{
    struct request *request = user;
    struct hvk_error *err = &request->context.call.error;
    context_begin(&request->context);
    request->succeeded = lane_job_check(job, err) && request->run(request);
    context_end(&request->context);
    const char *driver = node_driver_id(request->context.node);
    if (!request->succeeded && err->code == HVK_ERR_OK)
        hvk_error_set(err, HVK_ERR_DRIVER_FAILED, "%s(): the driver '%s' failed without saying why",
                      request->function, driver);
    else if (request->succeeded && err->code != HVK_ERR_OK)
        core_log(HVK_LOG_WARNING, "%s(): the driver '%s' succeeded, yet left an error: %s",
                 request->function, driver, err->text);
    event_flush(&request->context, request);
}

static void request_done(struct lane_job *job, void *user)
{
    struct request *request = user;
    (void)job;
    if (request->done)
        request->done(request);
    node_lane_put(request->context.node, request->context.lane);
    connection_leave(request->connection, &request->in_flight);
    request_unref(request);
}

/* ---- in the caller's thread ----------------------------------------------------------------- */

void request_abandon(struct request *request, int32_t code)
{
    unsigned none = 0;
    atomic_compare_exchange_strong(&request->ending, &none, (unsigned)code);
    lane_job_cancel(request->context.job);
    hvk_cancel(request->own_cancel);
    lane_job_wake(request->context.job);
}

static void request_cancelled(struct cancel_listener *listener)
{
    request_abandon(CONTAINER_OF(listener, struct request, listener), HVK_ERR_CANCELLED);
}

static bool request_is_ending(void *user)
{
    struct request *request = user;
    return atomic_load(&request->ending) != 0;
}

/* Why the caller leaves work that goes on. */
static bool request_leave(struct request *request, struct hvk_call *call)
{
    static const struct {
        int32_t code;
        const char *why;
    } reasons[] = {
        {HVK_ERR_DEADLINE, "the deadline passed; allow more time, or see what it is busy with"},
        {HVK_ERR_CANCELLED, "it was cancelled"},
        {HVK_ERR_INVALID_CONN, "the connection was closed"},
    };
    bool named = request->object && request->object[0] != '\0';
    request_abandon(request, HVK_ERR_DEADLINE);
    int32_t code = (int32_t)atomic_load(&request->ending);
    const char *why = reasons[0].why;
    for (size_t i = 0; i < ARRAY_SIZE(reasons); i++) {
        if (reasons[i].code == code)
            why = reasons[i].why;
    }
    return hvk_error_set(&call->error, code,
                         "%s()%s%s%s%s%s was given up before the driver '%s' had finished; the "
                         "driver was told to stop: %s",
                         request->function, named ? " of " : "", named ? request->noun : "",
                         named ? " '" : "", named ? request->object : "", named ? "'" : "",
                         node_driver_id(request->context.node), why);
}

static bool request_detach(struct request *request, struct hvk_call *call)
{
    struct hvk_call *own = &request->context.call;
    if (call->identity) {
        own->identity = request->identity = value_copy(&identity_record, call->identity);
        if (!own->identity)
            return hvk_error_memory(&call->error);
    }
    return !request->detach || request->detach(request, &call->error);
}

static bool request_submit(struct request *request, struct hvk_call *call)
{
    struct lane *lane = request->context.lane->lane;
    if ((call->flags & HVK_CALL_NO_WAIT) && lane_get_state(lane, NULL) != LANE_IDLE)
        return hvk_error_set(&call->error, HVK_ERR_RESOURCE_BUSY,
                             "%s(): the object is busy, and the call was not to wait",
                             request->function);
    return request_detach(request, call) && lane_submit(lane, request->context.job, &call->error);
}

/* Prepares the driver's call; the job has a reference of its own from here on. */
static bool request_prepare(struct request *request, struct hvk_call *call)
{
    struct hvk_call *own = &request->context.call;
    own->flags = call->flags;
    own->deadline_ns = call_deadline(call, request->class);
    own->identity = call->identity;
    own->cancel = request->own_cancel = hvk_cancel_new();
    if (!own->cancel)
        return hvk_error_memory(&call->error);
    memcpy(own->trace, call->trace, sizeof own->trace);
    request->context.job =
        lane_job_new(request->kind, request_run, request_done, request, &call->error);
    if (!request->context.job)
        return false;
    lane_job_set_deadline(request->context.job, own->deadline_ns);
    return connection_enter(request->connection, &request->in_flight, &call->error);
}

/* The job never ran and so never ends. */
static bool request_undo(struct request *request)
{
    request_done(request->context.job, request);
    return false;
}

static bool request_await(struct request *request, struct hvk_call *call)
{
    struct lane *lane = lane_ref(request->context.lane->lane); /* request_done() drops the entry */
    struct lane_job *job = request->context.job;
    cancel_listen(call->cancel, &request->listener);
    bool ran = request->here && lane_run_here(lane, job);
    bool accepted = ran || request_submit(request, call);
    bool done = ran || (accepted && lane_job_join(job, request->context.call.deadline_ns,
                                                  request_is_ending, request));
    cancel_unlisten(call->cancel, &request->listener);
    lane_unref(lane);
    if (!accepted)
        return request_undo(request);
    if (!done)
        return request_leave(request, call);
    context_give_warnings(&request->context, call);
    if (request->succeeded)
        return true;
    /* A driver that is told to stop only knows that. */
    const struct hvk_error *error = &request->context.call.error;
    if (error->code == HVK_ERR_CANCELLED && atomic_load(&request->ending) == HVK_ERR_INVALID_CONN)
        return request_leave(request, call);
    hvk_error_copy(&call->error, error);
    return false;
}

bool request_perform(struct request *request, struct hvk_call *call)
{
    if (!call_check(call) || !request_prepare(request, call)) {
        if (request->done)
            request->done(request);
        node_lane_put(request->context.node, request->context.lane);
        return false;
    }
    request_ref(request);
    return request_await(request, call);
}

void request_reply(struct request *request)
{
    atomic_store(&request->replied, true);
    event_kick(request->connection);
}
