/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What lane.c (the monitor: who is inside), lane_job.c (the jobs) and lane_pool.c (the threads)
 * share. The pool's mutex guards every member below that is not atomic or constant. It is never
 * held while a job, a done function, ready() or interrupted() runs. */
#ifndef HVKIT_RUNTIME_LANE_INTERNAL_H
#define HVKIT_RUNTIME_LANE_INTERNAL_H

#include <base/list.h>
#include <pthread.h>
#include <runtime/lane.h>
#include <stdatomic.h>

#define LANE_JOB_KINDS 3
#define LANE_NOT_READY LANE_JOB_KINDS

struct lane_pool {
    pthread_mutex_t mutex;
    struct lane_limits limits;
    atomic_uint refs;                  /* the owner's and one for each lane */
    struct list ready[LANE_JOB_KINDS]; /* free lanes by the kind of their next job */
    struct list idle;                  /* workers, the one that was busy last in front */
    uint32_t running[LANE_JOB_KINDS];  /* jobs that hold a worker */
    uint32_t threads;
    uint32_t starting; /* threads that have not looked for work yet */
    uint64_t jobs;     /* submitted and not done */
    bool stopping;
    bool has_ended;
    pthread_t ended;        /* the worker that ended last: the next one joins it */
    pthread_cond_t changed; /* jobs or threads became 0 */
};

struct lane {
    struct lane_pool *pool;
    atomic_uint refs;
    atomic_uint generation; /* grows when the object ends */
    struct list queue[LANE_JOB_KINDS];
    struct list ready_link;
    struct list waiting;     /* left, until ready() is true */
    struct list entering;    /* left, want to be inside again */
    struct lane_job *inside; /* NULL: free */
    int64_t since_ns;
    uint32_t queued[LANE_JOB_KINDS];
    uint32_t left;       /* jobs that are in neither queue nor lane: waiting, entering or away */
    uint8_t ready_as;    /* the list of the pool that ready_link is in; LANE_NOT_READY */
    bool entering_first; /* whose turn it is when both sides want the lane */
};

struct lane_job {
    atomic_uint refs;
    enum lane_job_kind kind;
    void (*run)(struct lane_job *, void *user);
    void (*done)(struct lane_job *, void *user);
    void *user;
    _Atomic(struct lane *) lane; /* set when it is submitted */
    int64_t deadline_ns;
    atomic_bool cancelled;
    bool is_done;
    bool is_left;
    bool is_waiting;        /* in lane->waiting */
    atomic_uint generation; /* of the lane when it was submitted */
    uint32_t wakes;
    struct list link; /* in one of the lane's lists */
    bool (*ready)(void *);
    void *ready_user;
    struct lane_job *errand; /* a callback for this job's thread, which waits */
    pthread_cond_t entered;  /* for this job's thread */
    pthread_cond_t joined;   /* for those in lane_job_join() */
};

void lane_condition_init(pthread_cond_t *condition); /* on CLOCK_MONOTONIC */
/* at_ns 0: no limit. False when the time has passed. */
bool lane_condition_wait(pthread_cond_t *condition, pthread_mutex_t *mutex, int64_t at_ns);

struct lane_pool *lane_pool_ref(struct lane_pool *pool);
void lane_pool_unref(struct lane_pool *pool);

/* All that follow: with the mutex held. */
bool lane_pool_has_worker(struct lane_pool *pool, struct hvk_error *err);
void lane_pool_dispatch(struct lane_pool *pool);
void lane_pool_job_ended(struct lane_pool *pool);

/* The thread that runs a job and blocks in lane_job_join() lends its place to another one. */
struct lane_worker *lane_pool_lend_place(struct lane_pool *pool);
void lane_pool_take_place(struct lane_pool *pool, struct lane_worker *worker);

/* Takes the lane's next job, which is inside from now on; the lane is free and has one. */
struct lane_job *lane_start_next(struct lane *lane);
/* Fills a lane that is free. dispatch: wakes workers; else the caller looks for work itself. */
void lane_advance(struct lane *lane, bool dispatch);
/* Moves the waiting jobs whose ready() is true to those that enter; the caller's job is inside. */
void lane_ask_waiting(struct lane *lane);
bool lane_job_is_gone(struct lane_job *job);

/* Runs a job that is inside; on_worker: the caller looks for work itself afterwards. */
void lane_job_execute(struct lane_job *job, bool on_worker);

#endif
