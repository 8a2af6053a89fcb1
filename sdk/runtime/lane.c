/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The monitor: who is inside a lane and who comes next. The jobs' side is lane_job.c's, the
 * threads are lane_pool.c's. */
#include "runtime/lane.h"

#include <assert.h>
#include <runtime/clock.h>
#include <runtime/lane_internal.h>

/* ---- lanes ---------------------------------------------------------------------------------- */

struct lane *lane_new(struct lane_pool *pool, struct hvk_error *err)
{
    struct lane *lane = calloc(1, sizeof *lane);
    if (!lane) {
        hvk_error_memory(err);
        return NULL;
    }
    lane->pool = lane_pool_ref(pool);
    atomic_init(&lane->refs, 1);
    for (int kind = 0; kind < LANE_JOB_KINDS; kind++)
        list_init(&lane->queue[kind]);
    list_init(&lane->ready_link);
    list_init(&lane->waiting);
    list_init(&lane->entering);
    lane->ready_as = LANE_NOT_READY;
    return lane;
}

struct lane *lane_ref(struct lane *lane)
{
    atomic_fetch_add(&lane->refs, 1);
    return lane;
}

void lane_unref(struct lane *lane)
{
    if (!lane || atomic_fetch_sub(&lane->refs, 1) != 1)
        return;
    lane_pool_unref(lane->pool);
    free(lane);
}

enum lane_state lane_get_state(struct lane *lane, int64_t *out_since_ns)
{
    enum lane_state state = LANE_IDLE;
    pthread_mutex_lock(&lane->pool->mutex);
    if (lane->inside)
        state = LANE_BUSY;
    else if (lane->left > 0)
        state = LANE_LEFT;
    if (out_since_ns)
        *out_since_ns = state == LANE_IDLE ? 0 : lane->since_ns;
    pthread_mutex_unlock(&lane->pool->mutex);
    return state;
}

/* ---- who comes next; all with the pool's mutex held ----------------------------------------- */

/* The kind of the job that a free lane would start, LANE_NOT_READY for none. */
static uint8_t lane_next_kind(const struct lane *lane)
{
    if (!list_is_empty(&lane->queue[LANE_JOB_CALLBACK]))
        return LANE_JOB_CALLBACK;
    if (!list_is_empty(&lane->queue[LANE_JOB_CONTROL]))
        return LANE_JOB_CONTROL;
    if (!list_is_empty(&lane->queue[LANE_JOB_ORDINARY]) && lane->left == 0)
        return LANE_JOB_ORDINARY;
    return LANE_NOT_READY;
}

/* Puts the lane where the workers look for it, keeping its place among its equals. */
static void lane_update_ready(struct lane *lane)
{
    uint8_t kind = lane->inside ? LANE_NOT_READY : lane_next_kind(lane);
    if (kind == lane->ready_as)
        return;
    list_remove(&lane->ready_link);
    if (kind != LANE_NOT_READY)
        list_append(&lane->pool->ready[kind], &lane->ready_link);
    lane->ready_as = kind;
}

static struct lane_job *lane_take_queued(struct lane *lane, enum lane_job_kind kind)
{
    struct lane_job *job = LIST_ENTRY(lane->queue[kind].next, struct lane_job, link);
    list_remove(&job->link);
    lane->queued[kind]--;
    return job;
}

/* A queued job becomes the one inside. */
static void lane_start(struct lane *lane, struct lane_job *job)
{
    lane->inside = job;
    lane->entering_first = true;
    if (lane->left == 0)
        lane->since_ns = clock_now_ns();
    lane_update_ready(lane);
}

struct lane_job *lane_start_next(struct lane *lane)
{
    struct lane_job *job = lane_take_queued(lane, (enum lane_job_kind)lane->ready_as);
    lane_start(lane, job);
    return job;
}

/* A job that had left becomes the one inside. */
static void lane_let_in(struct lane *lane)
{
    struct lane_job *job = LIST_ENTRY(lane->entering.next, struct lane_job, link);
    list_remove(&job->link);
    job->is_left = false;
    lane->left--;
    lane->inside = job;
    lane->entering_first = false;
    lane_update_ready(lane);
    pthread_cond_signal(&job->entered);
}

/* A thread that waits in this lane runs the callback: what it waits for is likely to be just that,
 * and one thread less has to wake up. */
static bool lane_send_errand(struct lane *lane)
{
    if (list_is_empty(&lane->waiting) || list_is_empty(&lane->queue[LANE_JOB_CALLBACK]))
        return false;
    struct lane_job *waiting = LIST_ENTRY(lane->waiting.next, struct lane_job, link);
    waiting->errand = lane_take_queued(lane, LANE_JOB_CALLBACK);
    lane_start(lane, waiting->errand);
    pthread_cond_signal(&waiting->entered);
    return true;
}

/* Fills a lane that became free, or that got work while it was. Jobs that come back and jobs from
 * the queue take turns; but one that comes back has its thread already and never waits for a
 * worker, which might be waiting for it. */
void lane_advance(struct lane *lane, bool dispatch)
{
    bool returning = !list_is_empty(&lane->entering);
    if (!returning || !lane->entering_first) {
        if (lane_send_errand(lane))
            return;
        lane_update_ready(lane);
        if (dispatch)
            lane_pool_dispatch(lane->pool);
    }
    if (returning && !lane->inside)
        lane_let_in(lane);
}

/* Asks the waiting jobs whether they are ready, inside the lane and without the mutex. A job may
 * stop waiting meanwhile, but cannot return before the lane is free. */
void lane_ask_waiting(struct lane *lane)
{
    pthread_mutex_t *mutex = &lane->pool->mutex;
    struct list asked;
    list_init(&asked);
    while (!list_is_empty(&lane->waiting)) {
        struct lane_job *job = LIST_ENTRY(lane->waiting.next, struct lane_job, link);
        list_remove(&job->link);
        list_append(&asked, &job->link);
        if (lane_job_is_gone(job))
            continue;
        pthread_mutex_unlock(mutex);
        bool ready = job->ready(job->ready_user);
        pthread_mutex_lock(mutex);
        if (ready && job->is_waiting) {
            job->is_waiting = false;
            list_remove(&job->link);
            list_append(&lane->entering, &job->link);
        }
    }
    list_take_all(&lane->waiting, &asked);
}

void lane_end(struct lane *lane)
{
    pthread_mutex_lock(&lane->pool->mutex);
    uint32_t generation = atomic_fetch_add(&lane->generation, 1) + 1;
    if (lane->inside)
        atomic_store(&lane->inside->generation, generation);
    LIST_FOR_EACH (&lane->waiting, link) {
        struct lane_job *job = LIST_ENTRY(link, struct lane_job, link);
        job->is_waiting = false;
        list_remove(&job->link);
        list_append(&lane->entering, &job->link);
    }
    if (!lane->inside)
        lane_advance(lane, true);
    pthread_mutex_unlock(&lane->pool->mutex);
}

/* ---- submitting ------------------------------------------------------------------------------ */

static void job_bind(struct lane_job *job, struct lane *lane)
{
    assert(!atomic_load(&job->lane));
    atomic_store(&job->generation, atomic_load(&lane->generation));
    atomic_store(&job->lane, lane_ref(lane));
    lane_job_ref(job);
    lane->pool->jobs++;
}

static bool lane_accepts(struct lane *lane, enum lane_job_kind kind, struct hvk_error *err)
{
    struct lane_pool *pool = lane->pool;
    if (pool->stopping)
        return hvk_error_set(err, HVK_ERR_OPERATION_INVALID,
                             "cannot start a job: its pool of lanes has ended");
    if (lane->queued[kind] >= pool->limits.queued_per_lane)
        return hvk_error_set(err, HVK_ERR_RESOURCE_BUSY,
                             "%u calls wait for this object already, more are not accepted: try "
                             "again once some have ended",
                             lane->queued[kind]);
    return lane_pool_has_worker(pool, err);
}

bool lane_submit(struct lane *lane, struct lane_job *job, struct hvk_error *err)
{
    pthread_mutex_t *mutex = &lane->pool->mutex;
    pthread_mutex_lock(mutex);
    bool accepted = lane_accepts(lane, job->kind, err);
    if (accepted) {
        job_bind(job, lane);
        list_append(&lane->queue[job->kind], &job->link);
        lane->queued[job->kind]++;
        if (!lane->inside)
            lane_advance(lane, true);
    }
    pthread_mutex_unlock(mutex);
    return accepted;
}

bool lane_run_here(struct lane *lane, struct lane_job *job)
{
    struct lane_pool *pool = lane->pool;
    pthread_mutex_lock(&pool->mutex);
    bool idle = !pool->stopping && !lane->inside && lane->left == 0 &&
                lane_next_kind(lane) == LANE_NOT_READY;
    if (idle) {
        job_bind(job, lane);
        lane_start(lane, job);
        lane_job_execute(job, false);
    }
    pthread_mutex_unlock(&pool->mutex);
    if (idle)
        lane_job_unref(job);
    return idle;
}
