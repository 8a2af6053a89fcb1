/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Owns watches: their beginning, and their end while callbacks run and connections close. */
#include "watch.h"

#include "connection.h"
#include "core.h"
#include "core_limits.h"
#include "object.h"

#include <base/uuid.h>

/* Lets hvk_watch_free() and hvk_connection_close() meet in any order. Taken before a queue's. */
static pthread_mutex_t watches_mutex = PTHREAD_MUTEX_INITIALIZER;

/* Which object a watch is of: what has no uuid is found by its name. */
static bool watch_find_object(struct hvk_watch *watch, struct hvk_node *node, const void *object,
                              struct hvk_error *err)
{
    const struct event *event = watch->event;
    if (!event->object)
        return hvk_error_set(err, HVK_ERR_INVALID_ARG,
                             "hvk_connection_watch(): the event '%s' is not about an object",
                             event->name);
    if (!value_check_record("hvk_connection_watch()", event->object, object, HVK_ERR_INVALID_ARG,
                            err))
        return false;
    const uint8_t *uuid = object_uuid(event->object, object);
    const char *name = object_name(event->object, object);
    watch->of_one = true;
    object_key(event->object, object, watch->key);
    if (!uuid || !uuid_is_null(uuid) || !node->publishes[event->kind])
        return true;
    return published_resolve(node->published, event->kind, uuid, name, watch->key) ||
           hvk_error_set(err, object_words(event->kind)->missing,
                         "hvk_connection_watch(): there is no %s '%s' on %s",
                         object_words(event->kind)->noun, name, node->uri->text);
}

static struct hvk_watch *watch_new(const struct event *event, struct hvk_node *node,
                                   const void *object, struct hvk_error *err)
{
    auto_free struct hvk_watch *watch = calloc(1, sizeof *watch);
    if (!watch) {
        hvk_error_memory(err);
        return NULL;
    }
    list_init(&watch->entry);
    watch->event = event;
    return !object || watch_find_object(watch, node, object, err) ? TAKE(watch) : NULL;
}

static bool queue_add_watch(struct event_queue *queue, struct hvk_watch *watch,
                            struct hvk_error *err)
{
    struct lane_pool *pool = core_pool(err);
    if (!pool)
        return false;
    pthread_mutex_lock(&queue->mutex);
    bool added = queue->watch_count < LIMIT_WATCHES;
    if (!added)
        hvk_error_set(err, HVK_ERR_LIMIT, "a connection may have %u watches", LIMIT_WATCHES);
    if (added && !queue->lane)
        added = (queue->lane = lane_new(pool, err)) != NULL;
    if (added) {
        watch->serial = queue->next_serial++;
        list_append(&queue->watches, &watch->entry);
        queue->watch_count++;
    }
    pthread_mutex_unlock(&queue->mutex);
    return added;
}

struct hvk_watch *hvk_connection_watch(struct hvk_call *call, struct hvk_connection *connection,
                                       uint32_t number, const void *object,
                                       hvk_event_callback callback, void *user,
                                       void (*free_user)(void *user))
{
    struct hvk_call spare;
    call = call_enter(call, &spare);
    if (!call || !connection || !connection_enter(connection, NULL, &call->error))
        return NULL;
    const struct event *event = event_find(number);
    struct hvk_watch *watch = NULL;
    if (!event || !callback)
        hvk_error_set(&call->error, HVK_ERR_INVALID_ARG, "hvk_connection_watch(): %s",
                      event ? "callback is NULL" : "the event's number is unknown");
    else
        watch = watch_new(event, connection->node, object, &call->error);
    if (watch) {
        watch->connection = connection;
        watch->callback = callback;
        watch->user = user;
        watch->free_user = free_user;
        if (!queue_add_watch(&connection->events, watch, &call->error)) {
            free(watch);
            watch = NULL;
        }
    }
    connection_leave(connection, NULL);
    return watch;
}

/* Takes the watch out of the queue and waits until its callback is not running. False when that
 * callback is the caller. */
static bool queue_remove_watch(struct event_queue *queue, struct hvk_watch *watch)
{
    bool inside = delivery_of(watch) != NULL;
    pthread_mutex_lock(&queue->mutex);
    list_remove(&watch->entry);
    queue->watch_count--;
    while (!inside && queue->running == watch)
        pthread_cond_wait(&queue->delivered, &queue->mutex);
    pthread_mutex_unlock(&queue->mutex);
    return !inside;
}

void hvk_watch_free(struct hvk_watch *watch)
{
    if (!watch)
        return;
    struct hvk_error err;
    pthread_mutex_lock(&watches_mutex);
    struct hvk_connection *connection = TAKE(watch->connection);
    /* Not entered: the connection was closed, whose end was the watch's. */
    bool entered = connection && connection_enter(connection, NULL, &err);
    pthread_mutex_unlock(&watches_mutex);
    if (entered && queue_remove_watch(&connection->events, watch))
        watch_end(watch);
    if (delivery_of(watch))
        delivery_of(watch)->freed = true;
    else
        free(watch);
    if (entered)
        connection_leave(connection, NULL);
}

/* The first watch that hvk_watch_free() is not at already, detached from its connection. */
static struct hvk_watch *queue_take_watch(struct event_queue *queue)
{
    struct hvk_watch *found = NULL;
    pthread_mutex_lock(&watches_mutex);
    pthread_mutex_lock(&queue->mutex);
    LIST_FOR_EACH (&queue->watches, at) {
        struct hvk_watch *watch = LIST_ENTRY(at, struct hvk_watch, entry);
        if (!found && watch->connection)
            found = watch;
    }
    if (found)
        found->connection = NULL;
    pthread_mutex_unlock(&queue->mutex);
    pthread_mutex_unlock(&watches_mutex);
    return found;
}

void event_queue_close(struct hvk_connection *connection)
{
    struct hvk_watch *watch;
    while ((watch = queue_take_watch(&connection->events))) {
        if (queue_remove_watch(&connection->events, watch))
            watch_end(watch);
        else
            delivery_of(watch)->ended = true;
    }
}
