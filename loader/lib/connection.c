/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Owns connections: opening by URI, closing while calls are in flight. */
#include "connection.h"

#include "core.h"
#include "core_limits.h"
#include "request.h"
#include "route.h"
#include "stream.h"
#include "uri.h"

#include <base/string.h>
#include <runtime/loop.h>
#include <time.h>

bool connection_is_read_only(const struct hvk_connection *connection)
{
    return (connection->flags & HVK_CONNECT_READ_ONLY) != 0;
}

/* ---- life ----------------------------------------------------------------------------------- */

static struct hvk_connection *connection_new(struct hvk_node *node, uint32_t flags,
                                             struct hvk_error *err)
{
    struct hvk_connection *connection = calloc(1, sizeof *connection);
    if (!connection) {
        hvk_error_memory(err);
        return NULL;
    }
    connection->node = node;
    connection->flags = flags;
    connection->references = 1;
    list_init(&connection->requests);
    list_init(&connection->streams);
    event_queue_init(&connection->events);
    pthread_mutex_init(&connection->mutex, NULL);
    pthread_condattr_t attributes;
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(&connection->idle, &attributes);
    pthread_condattr_destroy(&attributes);
    pthread_mutex_lock(&node->mutex);
    list_append(&node->connections, &connection->node_entry);
    pthread_mutex_unlock(&node->mutex);
    return connection;
}

static void connection_free(struct hvk_connection *connection, bool wait)
{
    struct hvk_node *node = connection->node;
    event_queue_fini(&connection->events);
    pthread_cond_destroy(&connection->idle);
    pthread_mutex_destroy(&connection->mutex);
    free(connection);
    node_unref(node, wait);
}

bool connection_enter(struct hvk_connection *connection, struct list *entry, struct hvk_error *err)
{
    pthread_mutex_lock(&connection->mutex);
    bool open = !connection->closed;
    if (open) {
        connection->references++;
        connection->in_flight++;
        if (entry)
            list_append(&connection->requests, entry);
    }
    pthread_mutex_unlock(&connection->mutex);
    return open || hvk_error_set(err, HVK_ERR_INVALID_CONN, "the connection was closed");
}

void connection_leave(struct hvk_connection *connection, struct list *entry)
{
    pthread_mutex_lock(&connection->mutex);
    if (entry)
        list_remove(entry);
    bool last = --connection->references == 0;
    if (--connection->in_flight == 0 && !last)
        pthread_cond_broadcast(&connection->idle);
    pthread_mutex_unlock(&connection->mutex);
    if (last)
        connection_free(connection, false);
}

bool connection_add_stream(struct hvk_connection *connection, struct list *entry,
                           struct hvk_error *err)
{
    pthread_mutex_lock(&connection->mutex);
    bool open = !connection->closed;
    if (open)
        list_append(&connection->streams, entry);
    pthread_mutex_unlock(&connection->mutex);
    return open || hvk_error_set(err, HVK_ERR_INVALID_CONN, "the connection was closed");
}

void connection_remove_stream(struct hvk_connection *connection, struct list *entry)
{
    pthread_mutex_lock(&connection->mutex);
    list_remove(entry);
    pthread_mutex_unlock(&connection->mutex);
}

static void connection_abandon_requests(struct hvk_connection *connection)
{
    pthread_mutex_lock(&connection->mutex);
    connection->closed = true;
    LIST_FOR_EACH (&connection->requests, at)
        request_abandon(LIST_ENTRY(at, struct request, in_flight), HVK_ERR_INVALID_CONN);
    pthread_mutex_unlock(&connection->mutex);
}

/* Drops the application's reference once nothing is in flight any more, or after LIMIT_CLOSE_MS:
 * what is left then ends the node when it ends. */
static bool connection_wait_idle(struct hvk_connection *connection)
{
    int64_t until = hvk_deadline_in(LIMIT_CLOSE_MS);
    struct timespec deadline = {.tv_sec = until / 1000000000, .tv_nsec = until % 1000000000};
    bool inside = event_queue_is_inside(connection);
    pthread_mutex_lock(&connection->mutex);
    while (connection->in_flight > 0 && !inside &&
           pthread_cond_timedwait(&connection->idle, &connection->mutex, &deadline) == 0)
        ;
    bool last = --connection->references == 0;
    pthread_mutex_unlock(&connection->mutex);
    return last;
}

void hvk_connection_close(struct hvk_connection *connection)
{
    if (!connection)
        return;
    connection_abandon_requests(connection);
    pthread_mutex_lock(&connection->node->mutex);
    list_remove(&connection->node_entry);
    pthread_mutex_unlock(&connection->node->mutex);
    stream_abort_all(connection);
    event_queue_close(connection);
    if (connection_wait_idle(connection))
        connection_free(connection, true);
}

/* ---- opening -------------------------------------------------------------------------------- */

static bool opening_run(struct request *request)
{
    return node_open(request->context.node, &request->context.call);
}

static void opening_destroy(struct request *request)
{
    free(request);
}

static struct request *opening_new(struct hvk_connection *connection, struct hvk_error *err)
{
    struct lane_entry *lane = node_lane_get(connection->node, HVK_OBJECT_CONNECTION, NULL, err);
    struct request *request = lane ? calloc(1, sizeof *request) : NULL;
    if (!request) {
        if (lane)
            hvk_error_memory(err);
        node_lane_put(connection->node, lane);
        return NULL;
    }
    request_init(request, connection, lane, "hvk_connection_open");
    request->class = METHOD_BLOCKING;
    request->kind = LANE_JOB_ORDINARY;
    request->run = opening_run;
    request->destroy = opening_destroy;
    return request;
}

static bool connection_open_node(struct hvk_connection *connection, struct hvk_call *call)
{
    struct request *request = opening_new(connection, &call->error);
    if (!request)
        return false;
    bool opened = request_perform(request, call);
    request_unref(request);
    return opened;
}

/* For no URI at all: the driver that says it serves this machine, at its default place. */
static struct hvk_uri *probe_uri(struct registry *registry, struct hvk_call *call,
                                 const struct registered_driver **out_driver)
{
    *out_driver = registry_probe(registry, call);
    if (!*out_driver)
        return NULL;
    const char *schemes = (*out_driver)->identity->schemes;
    auto_free char *text = string_format("%.*s:///", (int)strcspn(schemes, " "), schemes);
    if (!text) {
        hvk_error_memory(&call->error);
        return NULL;
    }
    return uri_parse(text, &call->error);
}

/* The driver that a URI names: `remote` where it leads to another machine. */
static const struct registered_driver *uri_driver(struct registry *registry, struct hvk_call *call,
                                                  const struct hvk_uri *uri)
{
    if (uri->transport[0] != '\0')
        return registry_get(registry, call, "remote");
    const struct registered_driver *driver = registry_get(registry, call, uri->scheme);
    if (driver && driver->identity->place == HVK_DRIVER_NODE && uri->host[0] != '\0')
        return registry_get(registry, call, "remote");
    return driver;
}

static struct hvk_uri *choose_driver(struct hvk_call *call, const char *text, bool aliases,
                                     const struct registered_driver **out_driver)
{
    *out_driver = NULL;
    struct registry *registry = core_registry(&call->error);
    if (!registry)
        return NULL;
    auto_free char *resolved = uri_resolve(text, aliases, &call->error);
    if (!resolved)
        return call->error.code == HVK_ERR_OK ? probe_uri(registry, call, out_driver) : NULL;
    auto_free struct hvk_uri *uri = uri_parse(resolved, &call->error);
    if (!uri)
        return NULL;
    *out_driver = uri_driver(registry, call, uri);
    return *out_driver ? TAKE(uri) : NULL;
}

struct hvk_connection *hvk_connection_open(struct hvk_call *call, const char *text, uint32_t flags)
{
    struct hvk_call spare;
    call = call_enter(call, &spare);
    if (!call)
        return NULL;
    uint32_t known = HVK_CONNECT_READ_ONLY | HVK_CONNECT_NO_ALIASES;
    if (flags & ~known) {
        hvk_error_set(&call->error, HVK_ERR_INVALID_ARG,
                      "hvk_connection_open(): flags has the unknown bits 0x%x, known are 0x%x",
                      flags & ~known, known);
        return NULL;
    }
    const struct registered_driver *driver;
    struct hvk_uri *uri = choose_driver(call, text, !(flags & HVK_CONNECT_NO_ALIASES), &driver);
    struct hvk_node *node = uri && driver ? node_get(driver, uri, &call->error) : NULL;
    if (!node)
        return NULL;
    struct hvk_connection *connection = connection_new(node, flags, &call->error);
    if (!connection)
        node_unref(node, true);
    else if (connection_open_node(connection, call))
        return connection;
    hvk_connection_close(connection); /* keeps nothing; the error is in the caller's call */
    return NULL;
}

bool hvk_connection_supports(struct hvk_connection *connection, const char *method)
{
    return connection && method && route_supports(connection, method);
}

const void *hvk_connection_vendor_table(struct hvk_connection *connection, const char *table_id,
                                        void **out_node)
{
    if (out_node)
        *out_node = NULL;
    if (!connection || !table_id)
        return NULL;
    const void *table = connection->node->driver->driver->find(table_id);
    if (table && out_node)
        *out_node = connection->node->instance;
    return table;
}
