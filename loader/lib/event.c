/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Owns the events on their way to the callbacks of applications. */
#include "event.h"

#include "connection.h"
#include "core.h"
#include "core_limits.h"
#include "object.h"
#include "request.h"
#include "watch.h"

#include <errno.h>
#include <string.h>
#include <sys/eventfd.h>

/* One event, shared by the queues of all connections. */
struct emitted {
    atomic_uint references;
    const struct event *event;
    void *object;
    void *payload;
    uint8_t key[HVK_UUID_SIZE];
};

struct queued {
    struct list entry;
    struct emitted *emitted;
    struct request *gate; /* to be replied to first; NULL: none */
    uint64_t before;      /* watches that were there: those with a smaller serial */
};

static _Thread_local struct delivery *innermost;

struct delivery *delivery_of(const struct hvk_watch *watch)
{
    struct delivery *delivery = innermost;
    while (delivery && delivery->watch != watch)
        delivery = delivery->outer;
    return delivery;
}

void event_queue_init(struct event_queue *queue)
{
    *queue = (struct event_queue){.fd = -1, .next_serial = 1};
    pthread_mutex_init(&queue->mutex, NULL);
    pthread_cond_init(&queue->delivered, NULL);
    list_init(&queue->queued);
    list_init(&queue->watches);
}

static void emitted_unref(struct emitted *emitted)
{
    if (!emitted || atomic_fetch_sub(&emitted->references, 1) != 1)
        return;
    free(emitted->object);
    free(emitted->payload);
    free(emitted);
}
DEFINE_AUTO_PTR(struct emitted, emitted_unref)

static void queued_free(struct queued *queued)
{
    if (!queued)
        return;
    list_remove(&queued->entry);
    emitted_unref(queued->emitted);
    request_unref(queued->gate);
    free(queued);
}

void event_queue_fini(struct event_queue *queue)
{
    LIST_FOR_EACH (&queue->queued, at)
        queued_free(LIST_ENTRY(at, struct queued, entry));
    lane_unref(queue->lane);
    if (queue->fd >= 0)
        close(queue->fd);
    pthread_cond_destroy(&queue->delivered);
    pthread_mutex_destroy(&queue->mutex);
}

const struct event *event_find(uint32_t number)
{
    for (const struct event *event = event_table; event->name; event++) {
        if (event->number == number)
            return event;
    }
    return NULL;
}

/* ---- from the driver to the queues ---------------------------------------------------------- */

static struct emitted *emitted_new(const struct event *event, const void *object,
                                   const void *payload)
{
    AUTO(emitted_unref_auto) struct emitted *emitted = calloc(1, sizeof *emitted);
    if (!emitted)
        return NULL;
    atomic_init(&emitted->references, 1);
    emitted->event = event;
    emitted->object = event->object ? value_copy(event->object, object) : NULL;
    emitted->payload = event->payload ? value_copy(event->payload, payload) : NULL;
    if ((event->object && !emitted->object) || (event->payload && !emitted->payload))
        return NULL;
    if (event->object)
        object_key(event->object, object, emitted->key);
    return TAKE(emitted);
}

static bool event_check(const struct event *event, const void *object, const void *payload,
                        struct hvk_error *err)
{
    if (event->object && !value_check_record("the object of an event", event->object, object,
                                             HVK_ERR_DRIVER_FAILED, err))
        return false;
    return !event->payload || value_check_record("the payload of an event", event->payload, payload,
                                                 HVK_ERR_DRIVER_FAILED, err);
}

static bool watch_matches(const struct hvk_watch *watch, const struct emitted *emitted)
{
    return watch->event == emitted->event &&
           (!watch->of_one || memcmp(watch->key, emitted->key, HVK_UUID_SIZE) == 0);
}

static bool queue_is_watched(struct event_queue *queue, const struct event *event)
{
    bool watched = false;
    pthread_mutex_lock(&queue->mutex);
    LIST_FOR_EACH (&queue->watches, at)
        watched = watched || LIST_ENTRY(at, struct hvk_watch, entry)->event == event;
    pthread_mutex_unlock(&queue->mutex);
    return watched;
}

static bool node_is_watched(struct hvk_node *node, const struct event *event)
{
    bool watched = false;
    pthread_mutex_lock(&node->mutex);
    LIST_FOR_EACH (&node->connections, at) {
        struct hvk_connection *connection = LIST_ENTRY(at, struct hvk_connection, node_entry);
        watched = watched || queue_is_watched(&connection->events, event);
    }
    pthread_mutex_unlock(&node->mutex);
    return watched;
}

/* With the node's mutex held. */
static void queue_add(struct hvk_connection *connection, struct emitted *emitted,
                      struct request *gate)
{
    struct event_queue *queue = &connection->events;
    struct queued *queued = NULL;
    if (!queue_is_watched(queue, emitted->event))
        return;
    pthread_mutex_lock(&queue->mutex);
    if (!queue->overflowed && queue->count < LIMIT_EVENTS_QUEUED)
        queued = calloc(1, sizeof *queued);
    if (queued) {
        atomic_fetch_add(&emitted->references, 1);
        queued->emitted = emitted;
        queued->before = queue->next_serial;
        if (gate && gate->connection == connection)
            queued->gate = request_ref(gate);
        list_append(&queue->queued, &queued->entry);
        queue->count++;
    } else {
        queue->overflowed = true;
    }
    pthread_mutex_unlock(&queue->mutex);
}

static void node_deliver(struct hvk_node *node, struct emitted *emitted, struct request *gate)
{
    pthread_mutex_lock(&node->mutex);
    LIST_FOR_EACH (&node->connections, at) {
        struct hvk_connection *connection = LIST_ENTRY(at, struct hvk_connection, node_entry);
        queue_add(connection, emitted, gate);
        event_kick(connection);
    }
    pthread_mutex_unlock(&node->mutex);
}

void event_emit(struct hvk_node *node, uint32_t number, const void *object, const void *payload)
{
    struct hvk_error err;
    const struct event *event = event_find(number);
    hvk_error_init(&err);
    if (!node)
        return;
    if (!event || !event_check(event, object, payload, &err)) {
        core_log(HVK_LOG_WARNING, "the driver '%s' emitted an event that is wrong: %s",
                 node_driver_id(node), event ? err.text : "its number is unknown");
        return;
    }
    if (!node_is_watched(node, event))
        return;
    AUTO(emitted_unref_auto) struct emitted *emitted = emitted_new(event, object, payload);
    struct context *context = context_current();
    bool defer = context && context->defers_events && context->node == node;
    struct queued *queued = defer && emitted ? calloc(1, sizeof *queued) : NULL;
    if (!emitted)
        core_log(HVK_LOG_ERROR, "an event was lost: out of memory");
    else if (queued) {
        queued->emitted = TAKE(emitted);
        list_append(&context->events, &queued->entry);
    } else {
        node_deliver(node, emitted, NULL);
    }
}

void event_flush(struct context *context, struct request *gate)
{
    LIST_FOR_EACH (&context->events, at) {
        struct queued *queued = LIST_ENTRY(at, struct queued, entry);
        node_deliver(context->node, queued->emitted, gate);
        queued_free(queued);
    }
}

/* ---- from the queue to the callbacks -------------------------------------------------------- */

bool event_queue_is_inside(const struct hvk_connection *connection)
{
    const struct delivery *delivery = innermost;
    while (delivery && delivery->connection != connection)
        delivery = delivery->outer;
    return delivery != NULL;
}

/* With the mutex held, as everything below that takes a queue. */
static bool queue_is_due(const struct event_queue *queue)
{
    if (list_is_empty(&queue->queued))
        return queue->overflowed;
    const struct queued *first = LIST_ENTRY(queue->queued.next, struct queued, entry);
    return !first->gate || atomic_load(&first->gate->replied);
}

/* The next watch behind `last` that an event (NULL: the news that some were lost) is for. */
static struct hvk_watch *queue_next_watch(struct event_queue *queue, uint64_t last,
                                          const struct queued *queued)
{
    LIST_FOR_EACH (&queue->watches, at) {
        struct hvk_watch *watch = LIST_ENTRY(at, struct hvk_watch, entry);
        if (watch->serial > last &&
            (!queued || (watch->serial < queued->before && watch_matches(watch, queued->emitted))))
            return watch;
    }
    return NULL;
}

void watch_end(struct hvk_watch *watch)
{
    if (watch->free_user)
        watch->free_user(watch->user);
    watch->free_user = NULL;
}

static void queue_run(struct hvk_connection *connection, struct hvk_watch *watch,
                      const struct emitted *emitted)
{
    struct event_queue *queue = &connection->events;
    struct delivery delivery = {.connection = connection, .watch = watch, .outer = innermost};
    innermost = &delivery;
    queue->running = watch;
    pthread_mutex_unlock(&queue->mutex);
    if (emitted)
        watch->callback(connection, emitted->event->number, emitted->object, emitted->payload,
                        watch->user);
    else
        watch->callback(connection, HVK_EVENT_OVERFLOW, NULL, NULL, watch->user);
    innermost = delivery.outer;
    if (delivery.ended || delivery.freed)
        watch_end(watch);
    if (delivery.freed)
        free(watch);
    pthread_mutex_lock(&queue->mutex);
    queue->running = NULL;
    pthread_cond_broadcast(&queue->delivered);
}

/* Delivers the first entry; how many callbacks ran. */
static uint32_t queue_deliver_one(struct hvk_connection *connection)
{
    struct event_queue *queue = &connection->events;
    struct queued *queued = NULL;
    uint32_t ran = 0;
    if (list_is_empty(&queue->queued)) {
        queue->overflowed = false;
    } else {
        queued = LIST_ENTRY(queue->queued.next, struct queued, entry);
        list_remove(&queued->entry);
        queue->count--;
    }
    struct hvk_watch *watch;
    for (uint64_t last = 0; (watch = queue_next_watch(queue, last, queued)); ran++) {
        last = watch->serial;
        queue_run(connection, watch, queued ? queued->emitted : NULL);
    }
    queued_free(queued);
    return ran;
}

static void deliver_run(struct lane_job *job, void *user)
{
    struct hvk_connection *connection = user;
    struct event_queue *queue = &connection->events;
    (void)job;
    pthread_mutex_lock(&queue->mutex);
    while (queue->fd < 0 && queue_is_due(queue))
        queue_deliver_one(connection);
    queue->scheduled = false;
    pthread_cond_broadcast(&queue->delivered);
    pthread_mutex_unlock(&queue->mutex);
}

static void deliver_done(struct lane_job *job, void *user)
{
    (void)job;
    connection_leave(user, NULL);
}

/* On a worker; with the queue's mutex held. */
static void queue_schedule(struct hvk_connection *connection)
{
    struct event_queue *queue = &connection->events;
    struct hvk_error err;
    struct lane_job *job =
        lane_job_new(LANE_JOB_ORDINARY, deliver_run, deliver_done, connection, &err);
    queue->scheduled = job && connection_enter(connection, NULL, &err);
    if (queue->scheduled && !lane_submit(queue->lane, job, &err)) {
        queue->scheduled = false;
        connection_leave(connection, NULL);
    }
    lane_job_unref(job);
}

void event_kick(struct hvk_connection *connection)
{
    struct event_queue *queue = &connection->events;
    pthread_mutex_lock(&queue->mutex);
    if (queue_is_due(queue)) {
        if (queue->fd >= 0)
            eventfd_write(queue->fd, 1);
        else if (!queue->scheduled && queue->lane)
            queue_schedule(connection);
    }
    pthread_mutex_unlock(&queue->mutex);
}

uint32_t hvk_connection_dispatch(struct hvk_connection *connection)
{
    struct hvk_error err;
    uint32_t ran = 0;
    if (!connection || !connection_enter(connection, NULL, &err))
        return 0;
    struct event_queue *queue = &connection->events;
    pthread_mutex_lock(&queue->mutex);
    if (queue->fd >= 0 && !queue->scheduled) {
        eventfd_t ignored;
        eventfd_read(queue->fd, &ignored);
        queue->scheduled = true; /* one thread at a time delivers */
        for (uint32_t due = queue->count + 1; due > 0 && queue_is_due(queue); due--)
            ran += queue_deliver_one(connection);
        queue->scheduled = false;
        pthread_cond_broadcast(&queue->delivered);
        if (queue_is_due(queue))
            eventfd_write(queue->fd, 1);
    }
    pthread_mutex_unlock(&queue->mutex);
    connection_leave(connection, NULL);
    return ran;
}

int hvk_connection_get_event_fd(struct hvk_call *call, struct hvk_connection *connection)
{
    struct hvk_call spare;
    call = call_enter(call, &spare);
    if (!call || !connection || !connection_enter(connection, NULL, &call->error))
        return -1;
    struct event_queue *queue = &connection->events;
    pthread_mutex_lock(&queue->mutex);
    if (queue->fd < 0) {
        queue->fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
        if (queue->fd < 0)
            hvk_error_errno(&call->error, errno, "create the descriptor of a connection's events");
    }
    int fd = queue->fd;
    bool inside = event_queue_is_inside(connection);
    while (fd >= 0 && queue->scheduled && !inside)
        pthread_cond_wait(&queue->delivered, &queue->mutex);
    if (fd >= 0 && queue_is_due(queue))
        eventfd_write(fd, 1);
    pthread_mutex_unlock(&queue->mutex);
    connection_leave(connection, NULL);
    return fd;
}
