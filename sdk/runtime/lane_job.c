/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A job's life: made, run, waited for, cancelled, and what it does inside its lane. */
#include <assert.h>
#include <runtime/clock.h>
#include <runtime/lane_internal.h>

/* ---- jobs ----------------------------------------------------------------------------------- */

struct lane_job *lane_job_new(enum lane_job_kind kind, void (*run)(struct lane_job *, void *user),
                              void (*done)(struct lane_job *, void *user), void *user,
                              struct hvk_error *err)
{
    struct lane_job *job = calloc(1, sizeof *job);
    if (!job) {
        hvk_error_memory(err);
        return NULL;
    }
    atomic_init(&job->refs, 1);
    job->kind = kind;
    job->run = run;
    job->done = done;
    job->user = user;
    list_init(&job->link);
    lane_condition_init(&job->entered);
    lane_condition_init(&job->joined);
    return job;
}

struct lane_job *lane_job_ref(struct lane_job *job)
{
    atomic_fetch_add(&job->refs, 1);
    return job;
}

void lane_job_unref(struct lane_job *job)
{
    if (!job || atomic_fetch_sub(&job->refs, 1) != 1)
        return;
    pthread_cond_destroy(&job->entered);
    pthread_cond_destroy(&job->joined);
    lane_unref(atomic_load(&job->lane));
    free(job);
}

void lane_job_set_deadline(struct lane_job *job, int64_t deadline_ns)
{
    assert(!atomic_load(&job->lane));
    job->deadline_ns = deadline_ns;
}

/* The mutex that guards a job: its lane's pool's. NULL before it was submitted. */
static pthread_mutex_t *job_mutex(struct lane_job *job)
{
    struct lane *lane = atomic_load(&job->lane);
    return lane ? &lane->pool->mutex : NULL;
}

bool lane_job_is_gone(struct lane_job *job)
{
    struct lane *lane = atomic_load(&job->lane);
    return atomic_load(&job->generation) != atomic_load(&lane->generation);
}

static bool job_is_late(const struct lane_job *job)
{
    return job->deadline_ns != 0 && clock_now_ns() >= job->deadline_ns;
}

/* ---- inside a job --------------------------------------------------------------------------- */

bool lane_job_check(struct lane_job *job, struct hvk_error *err)
{
    if (atomic_load(&job->cancelled))
        return hvk_error_set(err, HVK_ERR_CANCELLED, "the call was cancelled");
    if (lane_job_is_gone(job))
        return hvk_error_set(err, HVK_ERR_OBJECT_GONE, "the object went away during the call");
    if (job_is_late(job))
        return hvk_error_set(err, HVK_ERR_DEADLINE, "the deadline of the call has passed");
    return true;
}

/* With the mutex held: the lane goes to whoever comes next. */
static void job_go_out(struct lane_job *job, bool waits)
{
    struct lane *lane = atomic_load(&job->lane);
    assert(lane->inside == job);
    lane_ask_waiting(lane);
    if (waits)
        list_append(&lane->waiting, &job->link);
    job->is_waiting = waits;
    job->is_left = true;
    lane->left++;
    lane->inside = NULL;
    lane_advance(lane, true);
}

/* With the mutex held: stops waiting and stands in line. */
static void job_line_up(struct lane_job *job)
{
    struct lane *lane = atomic_load(&job->lane);
    job->is_waiting = false;
    list_remove(&job->link);
    list_append(&lane->entering, &job->link);
    if (!lane->inside)
        lane_advance(lane, true);
}

static void job_come_back(struct lane_job *job)
{
    struct lane *lane = atomic_load(&job->lane);
    job_line_up(job);
    while (lane->inside != job)
        pthread_cond_wait(&job->entered, &lane->pool->mutex);
}

void lane_job_leave(struct lane_job *job)
{
    if (job->kind == LANE_JOB_CALLBACK)
        return;
    pthread_mutex_lock(job_mutex(job));
    if (!job->is_left)
        job_go_out(job, false);
    pthread_mutex_unlock(job_mutex(job));
}

bool lane_job_enter(struct lane_job *job, struct hvk_error *err)
{
    if (job->kind != LANE_JOB_CALLBACK) {
        pthread_mutex_lock(job_mutex(job));
        if (job->is_left)
            job_come_back(job);
        pthread_mutex_unlock(job_mutex(job));
    }
    return lane_job_check(job, err);
}

static void job_run_errand(struct lane_job *job)
{
    struct lane_job *errand = TAKE(job->errand);
    lane_job_execute(errand, false);
    lane_job_unref(errand);
}

/* With the mutex held: until ready() was true, until_ns (0: never) passed or the job must stop. */
static void job_wait_outside(struct lane_job *job, int64_t until_ns)
{
    struct lane *lane = atomic_load(&job->lane);
    while (lane->inside != job) {
        if (job->errand) {
            job_run_errand(job);
        } else if (!job->is_waiting) {
            pthread_cond_wait(&job->entered, &lane->pool->mutex);
        } else if (atomic_load(&job->cancelled) ||
                   !lane_condition_wait(&job->entered, &lane->pool->mutex, until_ns)) {
            if (job->is_waiting && !job->errand)
                job_line_up(job);
        }
    }
}

/* When the wait ends for want of time: the job's deadline or the timeout; 0: never. */
static int64_t job_wait_limit(const struct lane_job *job, int64_t timeout_ms)
{
    int64_t now_ns = clock_now_ns();
    if (timeout_ms < 0 || timeout_ms > (INT64_MAX - now_ns) / CLOCK_NS_PER_MS)
        return job->deadline_ns;
    int64_t until_ns = now_ns + timeout_ms * CLOCK_NS_PER_MS;
    return job->deadline_ns != 0 && job->deadline_ns < until_ns ? job->deadline_ns : until_ns;
}

bool lane_job_wait(struct lane_job *job, bool (*ready)(void *), void *user, int64_t timeout_ms,
                   struct hvk_error *err)
{
    if (job->is_left)
        return hvk_error_set(err, HVK_ERR_DRIVER_FAILED,
                             "a job that has left its object must enter it before it waits there");
    if (ready(user))
        return true;
    if (job->kind == LANE_JOB_CALLBACK)
        return hvk_error_set(err, HVK_ERR_DRIVER_FAILED, "a callback of an object must not wait");
    if (!lane_job_check(job, err))
        return false;
    int64_t until_ns = job_wait_limit(job, timeout_ms);
    struct lane *lane = atomic_load(&job->lane);
    pthread_mutex_lock(&lane->pool->mutex);
    job->ready = ready;
    job->ready_user = user;
    job_go_out(job, true);
    job_wait_outside(job, until_ns);
    pthread_mutex_unlock(&lane->pool->mutex);

    /* What ready() looks at may have gone with the object. */
    if (!lane_job_is_gone(job) && ready(user))
        return true;
    return lane_job_check(job, err) &&
           hvk_error_set(err, HVK_ERR_OPERATION_TIMEOUT,
                         "nothing happened within %lld milliseconds", (long long)timeout_ms);
}

/* ---- running -------------------------------------------------------------------------------- */

void lane_job_execute(struct lane_job *job, bool on_worker)
{
    struct lane *lane = atomic_load(&job->lane);
    pthread_mutex_t *mutex = &lane->pool->mutex;
    pthread_mutex_unlock(mutex);
    job->run(job, job->user);
    pthread_mutex_lock(mutex);
    if (job->is_left) /* it forgot to enter: its end must be inside all the same */
        job_come_back(job);
    lane_ask_waiting(lane);
    lane->inside = NULL;
    lane_advance(lane, !on_worker || job->done);
    if (job->done) {
        pthread_mutex_unlock(mutex);
        job->done(job, job->user);
        pthread_mutex_lock(mutex);
    }
    job->is_done = true;
    pthread_cond_broadcast(&job->joined);
    lane_pool_job_ended(lane->pool);
}

/* ---- from outside --------------------------------------------------------------------------- */

void lane_job_cancel(struct lane_job *job)
{
    atomic_store(&job->cancelled, true);
    pthread_mutex_t *mutex = job_mutex(job);
    if (!mutex)
        return;
    pthread_mutex_lock(mutex);
    pthread_cond_signal(&job->entered);
    pthread_mutex_unlock(mutex);
}

void lane_job_wake(struct lane_job *job)
{
    pthread_mutex_t *mutex = job_mutex(job);
    if (!mutex)
        return;
    pthread_mutex_lock(mutex);
    job->wakes++;
    pthread_cond_broadcast(&job->joined);
    pthread_mutex_unlock(mutex);
}

/* With the mutex held, which is released while interrupted() runs. */
static bool job_join_until(struct lane_job *job, int64_t deadline_ns, bool (*interrupted)(void *),
                           void *user)
{
    pthread_mutex_t *mutex = job_mutex(job);
    uint32_t seen = job->wakes - 1; /* ask once before the first wait */
    while (!job->is_done) {
        if (interrupted && seen != job->wakes) {
            seen = job->wakes;
            pthread_mutex_unlock(mutex);
            bool stop = interrupted(user);
            pthread_mutex_lock(mutex);
            if (stop)
                break;
        } else if (!lane_condition_wait(&job->joined, mutex, deadline_ns)) {
            break;
        }
    }
    return job->is_done;
}

bool lane_job_join(struct lane_job *job, int64_t deadline_ns, bool (*interrupted)(void *),
                   void *user)
{
    struct lane *lane = atomic_load(&job->lane);
    assert(lane);
    pthread_mutex_lock(&lane->pool->mutex);
    bool done = job->is_done;
    if (!done) {
        struct lane_worker *worker = lane_pool_lend_place(lane->pool);
        done = job_join_until(job, deadline_ns, interrupted, user);
        lane_pool_take_place(lane->pool, worker);
    }
    pthread_mutex_unlock(&lane->pool->mutex);
    return done;
}
