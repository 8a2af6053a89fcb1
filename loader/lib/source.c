/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Owns the sources of drivers. A source that is due is paused, run on its lane and then armed
 * again, so that one that stays ready queues one job at most. */
#include "source.h"

#include "core.h"
#include "core_limits.h"
#include "node.h"

#include <stdatomic.h>

struct hvk_source {
    struct list entry; /* in the node's sources; with it `listed_quiet`: under its mutex */
    bool listed_quiet;
    atomic_uint references; /* the driver's, the loop's, a queued callback's */
    struct hvk_node *node;
    struct lane_entry *lane;
    struct loop_source *watched;
    int32_t fd; /* -1: a timer */
    hvk_fd_function fd_function;
    hvk_timer_function timer_function;
    void *user;
    pthread_mutex_t mutex; /* never held while the callback runs, which may use other sources */
    pthread_cond_t idle;
    bool running; /* the callback, on this thread: */
    pthread_t runner;
    bool removed;
    bool leaves;     /* its callback has removed it: it stays listed until that ends */
    bool quiet;      /* the driver is being closed: it is called back no more */
    uint32_t events; /* wanted */
    atomic_uint due; /* what is ready */
    atomic_bool queued;
};

static void source_unref(struct hvk_source *source)
{
    if (!source || atomic_fetch_sub(&source->references, 1) != 1)
        return;
    pthread_cond_destroy(&source->idle);
    pthread_mutex_destroy(&source->mutex);
    free(source);
}

/* Until it is due once: what stays ready must not be reported again before its callback ran. */
static void source_arm(struct hvk_source *source)
{
    loop_watch_fd_events(source->watched, source->events ? source->events | LOOP_ONESHOT : 0);
}

/* Out of the node's list. */
static void source_leave(struct hvk_source *source)
{
    struct hvk_node *node = source->node;
    pthread_mutex_lock(&node->mutex);
    list_remove(&source->entry);
    node->source_count--;
    pthread_mutex_unlock(&node->mutex);
}

/* ---- running on the lane -------------------------------------------------------------------- */

static void callback_log(const struct context *context, const char *what)
{
    if (context->call.error.code != HVK_ERR_OK)
        core_log(HVK_LOG_WARNING, "%s of the driver '%s' failed: %s", what,
                 node_driver_id(context->node), context->call.error.text);
}

static void source_call(struct hvk_source *source, struct lane_job *job)
{
    struct context context;
    context_init(&context, source->node, source->lane);
    context.job = job;
    context.callback = true;
    context_begin(&context);
    if (source->fd >= 0)
        source->fd_function(&context.call, source->fd, atomic_load(&source->due), source->user);
    else
        source->timer_function(&context.call, source->user);
    context_end(&context);
    callback_log(&context, "a callback");
    context_fini(&context);
}

/* With the mutex: returns when no callback runs, or the one that runs is the caller's own. */
static void source_await_idle(struct hvk_source *source)
{
    while (source->running && !pthread_equal(source->runner, pthread_self()))
        pthread_cond_wait(&source->idle, &source->mutex);
}

static void source_run(struct lane_job *job, void *user)
{
    struct hvk_source *source = user;
    pthread_mutex_lock(&source->mutex);
    atomic_store(&source->queued, false);
    if (!source->removed && !source->quiet) {
        source->running = true;
        source->runner = pthread_self();
        pthread_mutex_unlock(&source->mutex);
        source_call(source, job);
        pthread_mutex_lock(&source->mutex);
        if (source->leaves)
            source_leave(source);
        source->running = false;
        pthread_cond_broadcast(&source->idle);
    }
    if (!source->removed && !source->quiet && source->fd >= 0)
        source_arm(source);
    pthread_mutex_unlock(&source->mutex);
}

static void source_done(struct lane_job *job, void *user)
{
    struct hvk_source *source = user;
    (void)job;
    node_callback_ended(source->node, source->lane);
    source_unref(source);
}

static bool source_submit(struct hvk_source *source)
{
    struct hvk_error err;
    struct lane_job *job = lane_job_new(LANE_JOB_CALLBACK, source_run, source_done, source, &err);
    bool submitted = false;
    pthread_mutex_lock(&source->mutex);
    if (job && !source->removed) { /* so the node and the lane are there, and stay */
        atomic_fetch_add(&source->references, 1);
        node_callback_begins(source->node, source->lane);
        submitted = lane_submit(source->lane->lane, job, &err);
        if (!submitted)
            source_done(job, source);
    }
    pthread_mutex_unlock(&source->mutex);
    lane_job_unref(job);
    return submitted;
}

/* On the loop's thread. A timer that comes due while its callback is still queued is that one. */
static void source_queue(struct hvk_source *source)
{
    if (atomic_exchange(&source->queued, true))
        return;
    if (!source_submit(source))
        atomic_store(&source->queued, false);
}

static void source_fd_ready(int fd, uint32_t events, void *user)
{
    struct hvk_source *source = user;
    (void)fd;
    atomic_store(&source->due, events);
    source_queue(source);
}

static void source_timer_due(void *user)
{
    source_queue(user);
}

static void source_forgotten(void *user)
{
    source_unref(user);
}

/* ---- life ----------------------------------------------------------------------------------- */

static bool source_enter(struct hvk_node *node, struct hvk_source *source, struct hvk_error *err)
{
    pthread_mutex_lock(&node->mutex);
    bool room = node->source_count < LIMIT_SOURCES;
    if (room) {
        node->source_count++;
        list_append(&node->sources, &source->entry);
    }
    pthread_mutex_unlock(&node->mutex);
    return room || hvk_error_set(err, HVK_ERR_LIMIT, "a node may watch %u descriptors and timers",
                                 LIMIT_SOURCES);
}

static struct hvk_source *source_new(struct hvk_node *node, uint32_t kind, const uint8_t *key,
                                     void *user, struct hvk_error *err)
{
    struct hvk_source *source = calloc(1, sizeof *source);
    struct lane_entry *lane = source ? node_lane_get(node, kind, key, err) : NULL;
    if (!lane) {
        if (!source)
            hvk_error_memory(err);
        free(source);
        return NULL;
    }
    pthread_mutex_init(&source->mutex, NULL);
    pthread_cond_init(&source->idle, NULL);
    atomic_init(&source->references, 2);
    source->node = node;
    source->lane = lane;
    source->user = user;
    source->fd = -1;
    list_init(&source->entry);
    if (source_enter(node, source, err))
        return source;
    node_lane_put(node, lane);
    pthread_cond_destroy(&source->idle);
    pthread_mutex_destroy(&source->mutex);
    free(source);
    return NULL;
}

static struct hvk_source *source_give_up(struct hvk_source *source, const struct hvk_error *err)
{
    core_log(HVK_LOG_ERROR, "cannot watch for the driver '%s': %s", node_driver_id(source->node),
             err->text);
    source_leave(source);
    node_lane_put(source->node, source->lane);
    source_unref(source);
    source_unref(source);
    return NULL;
}

struct hvk_source *source_watch_fd(struct hvk_node *node, uint32_t kind, const uint8_t *key,
                                   int32_t fd, uint32_t events, hvk_fd_function function,
                                   void *user)
{
    struct hvk_error err;
    struct loop *loop = core_loop(&err);
    struct hvk_source *source =
        loop && node && function ? source_new(node, kind, key, user, &err) : NULL;
    if (!source)
        return NULL;
    source->fd = fd;
    source->fd_function = function;
    source->events = events;
    /* Paused at first: its callback uses `watched`, which is known once this returns. */
    source->watched = loop_watch_fd(loop, fd, 0, source_fd_ready, source, source_forgotten, &err);
    if (!source->watched)
        return source_give_up(source, &err);
    source_arm(source);
    return source;
}

struct hvk_source *source_add_timer(struct hvk_node *node, uint32_t kind, const uint8_t *key,
                                    uint64_t first_ms, uint64_t repeat_ms,
                                    hvk_timer_function function, void *user)
{
    struct hvk_error err;
    struct loop *loop = core_loop(&err);
    struct hvk_source *source =
        loop && node && function ? source_new(node, kind, key, user, &err) : NULL;
    if (!source)
        return NULL;
    source->timer_function = function;
    source->watched =
        loop_add_timer(loop, first_ms, repeat_ms, source_timer_due, source, source_forgotten, &err);
    return source->watched ? source : source_give_up(source, &err);
}

void source_watch_fd_events(struct hvk_source *source, uint32_t events)
{
    if (!source || source->fd < 0)
        return;
    pthread_mutex_lock(&source->mutex);
    source->events = events;
    if (!source->removed && !atomic_load(&source->queued))
        source_arm(source);
    pthread_mutex_unlock(&source->mutex);
}

/* Called from another lane than its own it waits for a callback that runs. One that removes its own
 * source goes on: the source stays in the list, where source_quiet_all() waits for it. */
void source_remove(struct hvk_source *source)
{
    if (!source)
        return;
    pthread_mutex_lock(&source->mutex);
    bool first = !source->removed;
    source->removed = true;
    source_await_idle(source);
    bool inside = source->running;
    source->leaves = source->leaves || (first && inside);
    pthread_mutex_unlock(&source->mutex);
    if (!first)
        return;
    if (!inside)
        source_leave(source);
    node_lane_put(source->node, source->lane);
    loop_source_remove(source->watched);
    source_unref(source);
}

/* One that may still call back, with a reference; NULL when there is none. */
static struct hvk_source *source_take_loud(struct hvk_node *node)
{
    struct hvk_source *loud = NULL;
    pthread_mutex_lock(&node->mutex);
    LIST_FOR_EACH (&node->sources, entry) {
        struct hvk_source *source = LIST_ENTRY(entry, struct hvk_source, entry);
        if (!source->listed_quiet) {
            loud = source;
            break;
        }
    }
    if (loud) {
        loud->listed_quiet = true;
        atomic_fetch_add(&loud->references, 1);
    }
    pthread_mutex_unlock(&node->mutex);
    return loud;
}

/* A callback that runs is waited for: what it added is found next. */
void source_quiet_all(struct hvk_node *node)
{
    struct hvk_source *source;
    while ((source = source_take_loud(node))) {
        pthread_mutex_lock(&source->mutex);
        source->quiet = true;
        source_await_idle(source);
        pthread_mutex_unlock(&source->mutex);
        source_unref(source);
    }
}

void source_remove_all(struct hvk_node *node)
{
    for (;;) {
        pthread_mutex_lock(&node->mutex);
        struct hvk_source *source = list_is_empty(&node->sources)
                                        ? NULL
                                        : LIST_ENTRY(node->sources.next, struct hvk_source, entry);
        pthread_mutex_unlock(&node->mutex);
        if (!source)
            return;
        source_remove(source);
    }
}

/* ---- posted functions ----------------------------------------------------------------------- */

struct posted {
    struct context context;
    hvk_lane_function function;
    void *user;
};

static void posted_run(struct lane_job *job, void *user)
{
    struct posted *posted = user;
    posted->context.job = job;
    context_begin(&posted->context);
    posted->function(&posted->context.call, posted->user);
    context_end(&posted->context);
    callback_log(&posted->context, "a posted function");
}

static void posted_done(struct lane_job *job, void *user)
{
    struct posted *posted = user;
    struct hvk_node *node = posted->context.node;
    (void)job;
    node_lane_put(node, posted->context.lane);
    context_fini(&posted->context);
    free(posted);
    node_unref(node, false);
}

bool source_post(struct hvk_node *node, uint32_t kind, const uint8_t *key,
                 hvk_lane_function function, void *user)
{
    struct hvk_error err;
    struct posted *posted = calloc(1, sizeof *posted);
    struct lane_entry *lane = posted ? node_lane_get(node, kind, key, &err) : NULL;
    struct lane_job *job =
        lane ? lane_job_new(LANE_JOB_CONTROL, posted_run, posted_done, posted, &err) : NULL;
    /* What a callback posts while the driver is about to close would run after that. */
    if (!job || !node_ref_open(node)) {
        lane_job_unref(job);
        node_lane_put(node, lane);
        free(posted);
        return false;
    }
    context_init(&posted->context, node, lane);
    posted->function = function;
    posted->user = user;
    struct lane *on = lane_ref(lane->lane);
    bool submitted = lane_submit(on, job, &err);
    if (!submitted)
        posted_done(job, posted);
    lane_unref(on);
    lane_job_unref(job);
    return submitted;
}
