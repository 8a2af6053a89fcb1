/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* struct hvk_core: what drivers ask of the core. Each function finds the context behind the call
 * that it is given; one that the core did not make has none, and is answered as if it stood on no
 * lane. */
#include "core.h"
#include "event.h"
#include "job.h"
#include "node.h"
#include "reserve.h"
#include "source.h"
#include "state.h"
#include "stream.h"

#include <base/string.h>
#include <hvkit/client.h>
#include <runtime/child.h>

static struct hvk_error *error_of(struct hvk_call *call)
{
    return call ? &call->error : NULL;
}

/* The context, when its call stands on a lane and may wait there. */
static struct context *waiting_context(struct hvk_call *call, const char *function)
{
    struct context *context = context_of(call);
    if (context && context->job && !context->callback)
        return context;
    core_log(HVK_LOG_ERROR, "hvk_core.%s() was called %s", function,
             context ? "where a driver must not wait" : "with a call that is not the core's");
    return NULL;
}

/* ---- the call ------------------------------------------------------------------------------- */

static void service_log(struct hvk_call *call, int32_t level, const char *text)
{
    struct context *context = context_of(call);
    if (text)
        core_log(level, "%s%s%s", context ? node_driver_id(context->node) : "", context ? ": " : "",
                 text);
}

static void service_warn(struct hvk_call *call, const char *text)
{
    struct context *context = context_of(call);
    if (context && text)
        context_warn(context, text);
}

static bool service_check(struct hvk_call *call)
{
    struct context *context = context_of(call);
    if (context && context->job)
        return lane_job_check(context->job, &call->error);
    return !call || call_check(call);
}

/* ---- lanes ---------------------------------------------------------------------------------- */

/* Whoever comes in meanwhile sees what this job did: its events come first. */
static void service_lane_leave(struct hvk_call *call)
{
    struct context *context = waiting_context(call, "lane_leave");
    if (!context)
        return;
    event_flush(context, NULL);
    lane_job_leave(context->job);
}

static bool service_lane_enter(struct hvk_call *call)
{
    struct context *context = waiting_context(call, "lane_enter");
    return context ? lane_job_enter(context->job, &call->error)
                   : hvk_error_set(error_of(call), HVK_ERR_DRIVER_FAILED,
                                   "lane_enter() outside a call that may wait");
}

static bool service_lane_wait(struct hvk_call *call, hvk_ready_function ready, void *user,
                              int32_t timeout_ms)
{
    struct context *context = ready ? waiting_context(call, "lane_wait") : NULL;
    if (!context)
        return hvk_error_set(error_of(call), HVK_ERR_DRIVER_FAILED,
                             "lane_wait() outside a call that may wait");
    event_flush(context, NULL);
    return lane_job_wait(context->job, ready, user, timeout_ms, &call->error);
}

static bool service_lane_post(struct hvk_node *node, uint32_t kind, const uint8_t *key,
                              hvk_lane_function function, void *user)
{
    return node && function && source_post(node, kind, key, function, user);
}

static void service_lane_end(struct hvk_call *call)
{
    struct context *context = context_of(call);
    if (context && context->job && context->lane->kind != HVK_OBJECT_CONNECTION)
        lane_end(context->lane->lane);
}

/* ---- publishing ----------------------------------------------------------------------------- */

static bool service_publish(struct hvk_call *call, struct hvk_node *node,
                            const struct hvk_published *row)
{
    if (!node)
        return hvk_error_set(error_of(call), HVK_ERR_DRIVER_FAILED, "publish() without a node");
    return published_put(node->published, row, error_of(call));
}

static void service_unpublish(struct hvk_node *node, uint32_t kind, const uint8_t *uuid)
{
    if (node && uuid)
        published_remove(node->published, kind, uuid);
}

static void *service_object(struct hvk_node *node, uint32_t kind, const uint8_t *uuid)
{
    return published_object(node->published, kind, uuid);
}

static void service_for_each_object(struct hvk_node *node, uint32_t kind,
                                    void (*visit)(void *object, void *user), void *user)
{
    uint32_t count;
    auto_free void **objects = published_objects(node->published, kind, &count);
    for (uint32_t i = 0; i < count; i++)
        visit(objects[i], user);
}

/* ---- resources ------------------------------------------------------------------------------ */

static struct hvk_reservation *service_reserve(struct hvk_call *call, struct hvk_node *node,
                                               const char *kind, const char *key)
{
    return reserve_take(node, kind, key, error_of(call));
}

static int32_t service_spawn(struct hvk_call *call, const struct hvk_spawn *spawn,
                             int32_t *out_pidfd)
{
    return child_spawn(spawn, out_pidfd, error_of(call));
}

static int32_t service_state_directory(struct hvk_call *call, struct hvk_node *node,
                                       const char *path)
{
    return state_directory_open(node, path, error_of(call));
}

static bool service_stream_attach(struct hvk_call *call, struct hvk_stream *stream, int32_t fd)
{
    return stream_attach(stream, fd, error_of(call));
}

static struct hvk_job *service_job_begin(struct hvk_call *call, struct hvk_node *node,
                                         uint32_t kind, const uint8_t *key, int32_t operation)
{
    return job_begin(node, kind, key, operation, error_of(call));
}

/* ---- other drivers -------------------------------------------------------------------------- */

static const void *service_find(struct hvk_call *call, struct hvk_node *node, const char *table_id,
                                void **out_provider)
{
    const void *table = table_id ? node->driver->driver->find(table_id) : NULL;
    if (out_provider)
        *out_provider = table ? node->instance : NULL;
    if (!table)
        hvk_error_set(error_of(call), HVK_ERR_NO_SUPPORT, "no driver of %s provides %s",
                      node->uri->text, table_id ? table_id : "(no table)");
    return table;
}

static struct hvk_connection *service_open(struct hvk_call *call, struct hvk_node *node,
                                           const char *uri)
{
    (void)node;
    return hvk_connection_open(call, uri, HVK_CONNECT_NO_ALIASES);
}

/* ---- by id ---------------------------------------------------------------------------------- */

static const char *options_get(const char *driver_id, const char *name)
{
    struct registry *registry = core_registry(NULL);
    return registry ? registry_option(registry, driver_id, name) : NULL;
}

static const struct hvk_options options = {.size = sizeof options, .get = options_get};

static const void *service_by_id(const char *service_id)
{
    return string_equal(service_id, HVK_OPTIONS_SERVICE) ? &options : NULL;
}

const struct hvk_core core_services = {
    .size = sizeof(struct hvk_core),
    .revision = HVK_ABI_REVISION,
    .log = service_log,
    .warn = service_warn,
    .check = service_check,
    .lane_leave = service_lane_leave,
    .lane_enter = service_lane_enter,
    .lane_wait = service_lane_wait,
    .lane_post = service_lane_post,
    .lane_end = service_lane_end,
    .watch_fd = source_watch_fd,
    .watch_fd_events = source_watch_fd_events,
    .add_timer = source_add_timer,
    .source_remove = source_remove,
    .publish = service_publish,
    .unpublish = service_unpublish,
    .object = service_object,
    .for_each_object = service_for_each_object,
    .emit = event_emit,
    .reserve = service_reserve,
    .release = reserve_release,
    .spawn = service_spawn,
    .state_directory = service_state_directory,
    .stream_attach = service_stream_attach,
    .stream_on_close = stream_on_close,
    .job_begin = service_job_begin,
    .job_progress = job_progress,
    .job_end = job_end,
    .find = service_find,
    .open = service_open,
    .service = service_by_id,
};
