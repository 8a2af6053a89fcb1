/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Lanes: an object's queue, whose jobs run one after the other on a small pool of workers. A lane
 * is a monitor: at most one thread is inside at any instant. A job that waits leaves the lane;
 * control jobs and callbacks of the object run meanwhile, ordinary jobs do not.
 *
 * Fairness and limits: lanes take turns on the workers; a number of workers are kept for control
 * jobs and callbacks, so that a destroy always runs although every other worker waits, and one for
 * callbacks alone. Workers start when needed and end after an idle time; they block every signal.
 * A job that waits keeps its worker (its stack), and the pool starts a replacement up to the
 * limit; one that joins a job of another lane gives its place up meanwhile, so that jobs which
 * need each other's lanes (in one direction) never use the workers up.
 *
 * An idle lane costs some 160 bytes: no thread, no descriptor. Every function may be called from
 * any thread unless it says otherwise; times are CLOCK_MONOTONIC (loop_now_ns()). */
#ifndef HVKIT_RUNTIME_LANE_H
#define HVKIT_RUNTIME_LANE_H

#include <base/error.h>

struct lane_pool;
struct lane;
struct lane_job;

struct lane_limits {
    uint32_t workers;         /* threads for ordinary jobs; each waiting job holds one */
    uint32_t control_workers; /* more threads, for control jobs and callbacks only */
    uint32_t queued_per_lane; /* jobs of one kind that wait on one lane; then RESOURCE_BUSY */
    uint32_t idle_ms;         /* before an idle worker ends */
};
#define LANE_LIMITS_DEFAULT                                                                        \
    {                                                                                              \
        .workers = 64, .control_workers = 8, .queued_per_lane = 1024, .idle_ms = 10000             \
    }

struct lane_pool *lane_pool_new(const struct lane_limits *limits, struct hvk_error *err);
/* Waits for every job, also those that are queued meanwhile, then ends the workers; not from a
 * job. Afterwards lane_submit() fails and the rest of this file stays safe to call. */
void lane_pool_free(struct lane_pool *pool);

struct lane *lane_new(struct lane_pool *pool, struct hvk_error *err);
struct lane *lane_ref(struct lane *lane);
void lane_unref(struct lane *lane); /* jobs hold references of their own */

enum lane_job_kind {
    LANE_JOB_ORDINARY,
    LANE_JOB_CONTROL,  /* also runs while an ordinary job has left the lane; before queued ones */
    LANE_JOB_CALLBACK, /* like control, before those; must not wait */
};

/* Jobs are counted; lane_job_new() gives the caller's reference. A job is submitted once. run is
 * called once, inside the lane, also for a job that was cancelled before it began (it asks
 * lane_job_check()): on a worker, or, for a callback, on the thread of a job that waits in this
 * lane. done (may be NULL) follows outside the lane, before the pool drops its reference. */
struct lane_job *lane_job_new(enum lane_job_kind kind, void (*run)(struct lane_job *, void *user),
                              void (*done)(struct lane_job *, void *user), void *user,
                              struct hvk_error *err);
struct lane_job *lane_job_ref(struct lane_job *job);
void lane_job_unref(struct lane_job *job);
void lane_job_set_deadline(struct lane_job *job, int64_t deadline_ns); /* before it is submitted */

/* Queues the job; RESOURCE_BUSY when the lane's queue is full. When it fails, run is never called
 * and the job may be submitted again. */
bool lane_submit(struct lane *lane, struct lane_job *job, struct hvk_error *err);

/* Runs the job in the caller's thread when the lane is idle, instead of a hand-over: true when it
 * ran, and it is done then. For work that never waits long. */
bool lane_run_here(struct lane *lane, struct lane_job *job);

/* From any thread, any number of times: the job's waits and checks fail with CANCELLED. */
void lane_job_cancel(struct lane_job *job);

/* Waits, outside any lane, until the job is done (its done function has returned), the deadline
 * (0: none) passes or interrupted() (may be NULL; asked first and after each lane_job_wake) is
 * true: true when the job is done. The job was submitted. A job that joins another has left its
 * own lane. */
bool lane_job_join(struct lane_job *job, int64_t deadline_ns, bool (*interrupted)(void *),
                   void *user);
void lane_job_wake(struct lane_job *job);

/* Inside the job, on its own thread. check: CANCELLED, OBJECT_GONE or DEADLINE. enter: inside again
 * when it returns, whatever the result, which is check's. wait: leaves, and is inside again when
 * it returns, whatever the result: true when ready(), else check's error or OPERATION_TIMEOUT.
 * ready() is evaluated inside the lane, on any thread, quickly: first at once, then whenever
 * another job of the lane leaves or ends, never after the object ended. timeout_ms -1: none.
 *
 * What a driver gets wrong harms it alone: leaving twice and entering without having left do
 * nothing, waiting after having left fails with DRIVER_FAILED, a job that ends outside is brought
 * back first. A callback must not wait: leave and enter do nothing in one, wait fails. */
bool lane_job_check(struct lane_job *job, struct hvk_error *err);
void lane_job_leave(struct lane_job *job);
bool lane_job_enter(struct lane_job *job, struct hvk_error *err);
bool lane_job_wait(struct lane_job *job, bool (*ready)(void *), void *user, int64_t timeout_ms,
                   struct hvk_error *err);

/* From a job inside the lane: its object is gone. Every other job that is queued or has left fails
 * with OBJECT_GONE at its next check, enter or wait; those that wait are woken. The job inside goes
 * on unharmed. Jobs submitted from then on belong to whatever object gets the same key next. */
void lane_end(struct lane *lane);

/* What get_control_info reports. since_ns: when the current job entered, 0 while idle. */
enum lane_state { LANE_IDLE, LANE_BUSY, LANE_LEFT };
enum lane_state lane_get_state(struct lane *lane, int64_t *out_since_ns);

#endif
