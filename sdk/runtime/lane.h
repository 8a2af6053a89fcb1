/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Lanes: an object's queue, whose jobs run one after the other on a small pool of workers. A lane
 * is a monitor: at most one thread is inside at any instant. A job that waits leaves the lane;
 * control jobs and callbacks of the object run meanwhile, ordinary jobs do not.
 *
 * Fairness and limits: lanes take turns on the workers; a number of workers are kept for control
 * jobs and callbacks, so that a destroy always runs although every other worker waits. Workers
 * start when needed and end after an idle time. A job that waits keeps its worker (its stack), and
 * the pool starts a replacement up to the limit. */
#ifndef HVKIT_RUNTIME_LANE_H
#define HVKIT_RUNTIME_LANE_H

#include <base/error.h>

struct lane_pool;
struct lane;
struct lane_job;

struct lane_limits {
    uint32_t workers;         /* threads for ordinary jobs; each waiting job holds one */
    uint32_t control_workers; /* more threads, for control jobs and callbacks only */
    uint32_t queued_per_lane; /* jobs that wait on one lane; then RESOURCE_BUSY */
    uint32_t idle_ms;         /* before an idle worker ends */
};
#define LANE_LIMITS_DEFAULT                                                                        \
    {.workers = 64, .control_workers = 8, .queued_per_lane = 1024, .idle_ms = 10000}

struct lane_pool *lane_pool_new(const struct lane_limits *limits, struct hvk_error *err);
/* Waits for every job. No lane may be used afterwards. */
void lane_pool_free(struct lane_pool *pool);

struct lane *lane_new(struct lane_pool *pool, struct hvk_error *err);
struct lane *lane_ref(struct lane *lane);
void lane_unref(struct lane *lane); /* jobs hold references of their own */

enum lane_job_kind {
    LANE_JOB_ORDINARY,
    LANE_JOB_CONTROL,  /* also runs while an ordinary job has left the lane; before queued ones */
    LANE_JOB_CALLBACK, /* like control, before those; must not wait */
};

/* Jobs are counted; lane_job_new() gives the caller's reference. run is called once, inside the
 * lane, on a worker, also for a job that was cancelled before it began (it asks lane_job_check()).
 * done (may be NULL) follows outside the lane, before the pool drops its reference. */
struct lane_job *lane_job_new(enum lane_job_kind kind, void (*run)(struct lane_job *, void *user),
                              void (*done)(struct lane_job *, void *user), void *user,
                              struct hvk_error *err);
struct lane_job *lane_job_ref(struct lane_job *job);
void lane_job_unref(struct lane_job *job);
void lane_job_set_deadline(struct lane_job *job, int64_t deadline_ns); /* before it is submitted */

/* Queues the job; RESOURCE_BUSY when the lane's queue is full. */
bool lane_submit(struct lane *lane, struct lane_job *job, struct hvk_error *err);

/* Runs the job in the caller's thread when the lane is idle, instead of a hand-over: true when it
 * ran. For work that never waits long. */
bool lane_run_here(struct lane *lane, struct lane_job *job);

/* From any thread, any number of times: the job's waits and checks fail with CANCELLED. */
void lane_job_cancel(struct lane_job *job);

/* Waits, outside any lane, until the job is done, the deadline (0: none) passes or interrupted()
 * (may be NULL; asked after each lane_job_wake) is true: true when the job is done. */
bool lane_job_join(struct lane_job *job, int64_t deadline_ns, bool (*interrupted)(void *),
                   void *user);
void lane_job_wake(struct lane_job *job);

/* Inside the job. check: CANCELLED, DEADLINE or OBJECT_GONE. wait: leaves, and is inside again
 * when it returns, whatever the result; ready() is evaluated inside the lane, first at once and
 * then after each other job of the lane. timeout_ms -1: none. */
bool lane_job_check(struct lane_job *job, struct hvk_error *err);
void lane_job_leave(struct lane_job *job);
bool lane_job_enter(struct lane_job *job, struct hvk_error *err);
bool lane_job_wait(struct lane_job *job, bool (*ready)(void *), void *user, int64_t timeout_ms,
                   struct hvk_error *err);

/* Inside the lane: its object is gone. Every job that has left fails with OBJECT_GONE when it
 * enters, every queued ordinary job when it checks. lane_begin() makes the lane usable for a new
 * object under the same key: jobs submitted from then on are of the new object. */
void lane_end(struct lane *lane);

/* What get_control_info reports. since_ns: when the current job entered, 0 while idle. */
enum lane_state { LANE_IDLE, LANE_BUSY, LANE_LEFT };
enum lane_state lane_get_state(struct lane *lane, int64_t *out_since_ns);

#endif
