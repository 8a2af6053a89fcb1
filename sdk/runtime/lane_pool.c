/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The workers of the lanes: they start when a free lane has a job and no worker is idle, and end
 * after an idle time. Limits are counted by what a thread runs, not by thread, so that any worker
 * can take any job. */
#include "runtime/lane_internal.h"

#include <assert.h>
#include <runtime/clock.h>
#include <signal.h>
#include <string.h>

#define WORKER_STACK_SIZE (2u * 1024 * 1024)

struct lane_worker {
    struct lane_pool *pool;
    struct list link; /* in pool->idle */
    pthread_cond_t wake;
    struct lane_job *job; /* what it runs, or is to run next */
};

static _Thread_local struct lane_worker *this_worker;

void lane_condition_init(pthread_cond_t *condition)
{
    pthread_condattr_t attributes;
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(condition, &attributes);
    pthread_condattr_destroy(&attributes);
}

bool lane_condition_wait(pthread_cond_t *condition, pthread_mutex_t *mutex, int64_t at_ns)
{
    if (at_ns == 0)
        return pthread_cond_wait(condition, mutex) == 0;
    struct timespec at = {.tv_sec = at_ns / CLOCK_NS_PER_S, .tv_nsec = at_ns % CLOCK_NS_PER_S};
    return pthread_cond_timedwait(condition, mutex, &at) == 0; /* EINVAL: before the clock began */
}

struct lane_pool *lane_pool_ref(struct lane_pool *pool)
{
    atomic_fetch_add(&pool->refs, 1);
    return pool;
}

void lane_pool_unref(struct lane_pool *pool)
{
    if (atomic_fetch_sub(&pool->refs, 1) != 1)
        return;
    pthread_cond_destroy(&pool->changed);
    pthread_mutex_destroy(&pool->mutex);
    free(pool);
}

struct lane_pool *lane_pool_new(const struct lane_limits *limits, struct hvk_error *err)
{
    if (limits->workers == 0 || limits->control_workers == 0 || limits->queued_per_lane == 0) {
        hvk_error_set(err, HVK_ERR_INVALID_ARG,
                      "a pool of lanes needs at least one worker, one control worker and room for "
                      "one job a lane");
        return NULL;
    }
    struct lane_pool *pool = calloc(1, sizeof *pool);
    if (!pool) {
        hvk_error_memory(err);
        return NULL;
    }
    pthread_mutex_init(&pool->mutex, NULL);
    lane_condition_init(&pool->changed);
    pool->limits = *limits;
    atomic_init(&pool->refs, 1);
    list_init(&pool->idle);
    for (int kind = 0; kind < LANE_JOB_KINDS; kind++)
        list_init(&pool->ready[kind]);
    return pool;
}

void lane_pool_free(struct lane_pool *pool)
{
    if (!pool)
        return;
    assert(!this_worker || this_worker->pool != pool);
    pthread_mutex_lock(&pool->mutex);
    while (pool->jobs > 0)
        pthread_cond_wait(&pool->changed, &pool->mutex);
    pool->stopping = true;
    LIST_FOR_EACH (&pool->idle, link)
        pthread_cond_signal(&LIST_ENTRY(link, struct lane_worker, link)->wake);
    while (pool->threads > 0)
        pthread_cond_wait(&pool->changed, &pool->mutex);
    pthread_mutex_unlock(&pool->mutex);
    if (pool->has_ended)
        pthread_join(pool->ended, NULL);
    lane_pool_unref(pool);
}

void lane_pool_job_ended(struct lane_pool *pool)
{
    if (--pool->jobs == 0)
        pthread_cond_broadcast(&pool->changed);
}

/* May one more job of this kind hold a worker? The last worker is for callbacks alone: they never
 * wait, so events are delivered although every other worker does. */
static bool pool_has_place(const struct lane_pool *pool, enum lane_job_kind kind)
{
    uint32_t ordinary = pool->running[LANE_JOB_ORDINARY];
    uint32_t waiting = ordinary + pool->running[LANE_JOB_CONTROL];
    uint32_t all = pool->limits.workers + pool->limits.control_workers;
    switch (kind) {
    case LANE_JOB_ORDINARY:
        return ordinary < pool->limits.workers && waiting < all;
    case LANE_JOB_CONTROL:
        return waiting < all;
    case LANE_JOB_CALLBACK:
        return waiting + pool->running[LANE_JOB_CALLBACK] <= all;
    }
    return false;
}

/* The lane that is served next: callbacks, then control, then ordinary jobs; among equals the one
 * that has waited longest. */
static struct lane *pool_next_lane(struct lane_pool *pool)
{
    for (int kind = LANE_JOB_KINDS - 1; kind >= 0; kind--) {
        struct list *ready = &pool->ready[kind];
        if (!list_is_empty(ready) && pool_has_place(pool, (enum lane_job_kind)kind))
            return LIST_ENTRY(ready->next, struct lane, ready_link);
    }
    return NULL;
}

static struct lane_job *pool_pick(struct lane_pool *pool)
{
    struct lane *lane = pool_next_lane(pool);
    if (!lane)
        return NULL;
    struct lane_job *job = lane_start_next(lane);
    pool->running[job->kind]++;
    return job;
}

/* Waits for a job; NULL when the worker is to end. */
static struct lane_job *worker_idle(struct lane_worker *worker)
{
    struct lane_pool *pool = worker->pool;
    int64_t until = clock_now_ns() + pool->limits.idle_ms * CLOCK_NS_PER_MS;
    bool in_time = true;
    list_prepend(&pool->idle, &worker->link);
    while (!worker->job && in_time && !pool->stopping)
        in_time = lane_condition_wait(&worker->wake, &pool->mutex, until);
    list_remove(&worker->link);
    return worker->job;
}

static void worker_loop(struct lane_worker *worker)
{
    struct lane_pool *pool = worker->pool;
    for (;;) {
        worker->job = pool_pick(pool);
        if (!worker->job && !worker_idle(worker))
            return;
        struct lane_job *job = worker->job;
        lane_pool_dispatch(pool);
        lane_job_execute(job, true);
        pool->running[job->kind]--;
        lane_job_unref(job);
    }
}

/* Threads are joined, so that none still runs when the pool's owner unloads this code: each that
 * ends joins the one before it, and lane_pool_free() the last. */
static void *worker_main(void *user)
{
    struct lane_worker worker = {.pool = user};
    struct lane_pool *pool = worker.pool;
    lane_condition_init(&worker.wake);
    list_init(&worker.link);
    this_worker = &worker;
    pthread_setname_np(pthread_self(), "hvkit-lane");

    pthread_mutex_lock(&pool->mutex);
    pool->starting--;
    worker_loop(&worker);
    bool has_previous = pool->has_ended;
    pthread_t previous = pool->ended;
    pool->ended = pthread_self();
    pool->has_ended = true;
    if (--pool->threads == 0)
        pthread_cond_broadcast(&pool->changed);
    pthread_mutex_unlock(&pool->mutex);

    this_worker = NULL;
    pthread_cond_destroy(&worker.wake);
    if (has_previous)
        pthread_join(previous, NULL);
    return NULL;
}

/* Returns an errno. A worker blocks every signal: handlers are the application's. */
static int pool_start_worker(struct lane_pool *pool)
{
    sigset_t all, before;
    pthread_attr_t attributes;
    pthread_t thread;
    sigfillset(&all);
    pthread_attr_init(&attributes);
    pthread_attr_setstacksize(&attributes, WORKER_STACK_SIZE);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    int failure = pthread_create(&thread, &attributes, worker_main, pool);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    pthread_attr_destroy(&attributes);
    if (failure == 0) {
        pool->threads++;
        pool->starting++;
    }
    return failure;
}

bool lane_pool_has_worker(struct lane_pool *pool, struct hvk_error *err)
{
    int failure = pool->threads > 0 ? 0 : pool_start_worker(pool);
    return failure == 0 || hvk_error_errno(err, failure, "start a worker thread");
}

/* Hands ready lanes to idle workers. When none is left, one thread more is started, which looks
 * for work and starts the next one in turn; where that fails, the workers there are will do it. */
void lane_pool_dispatch(struct lane_pool *pool)
{
    while (!list_is_empty(&pool->idle)) {
        struct lane_job *job = pool_pick(pool);
        if (!job)
            return;
        struct lane_worker *worker = LIST_ENTRY(pool->idle.next, struct lane_worker, link);
        list_remove(&worker->link);
        worker->job = job;
        pthread_cond_signal(&worker->wake);
    }
    if (pool->starting == 0 && pool_next_lane(pool))
        pool_start_worker(pool);
}

struct lane_worker *lane_pool_lend_place(struct lane_pool *pool)
{
    if (!this_worker || this_worker->pool != pool)
        return NULL;
    pool->running[this_worker->job->kind]--;
    lane_pool_dispatch(pool);
    return this_worker;
}

void lane_pool_take_place(struct lane_pool *pool, struct lane_worker *worker)
{
    if (worker)
        pool->running[worker->job->kind]++;
}
