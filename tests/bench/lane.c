/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What lanes cost: a hand-over (submit, run on a worker, join) beside what it is made of at least,
 * two threads that wake each other through a mutex and a condition; a run in place; a callback
 * that ends a wait; and the memory of an idle lane. Times are per round, the best of several
 * runs, since the machine has other work too. */
#include <malloc.h>
#include <pthread.h>
#include <runtime/lane.h>
#include <runtime/loop.h>
#include <stdio.h>
#include <stdlib.h>

#define RUNS 5
#define ROUNDS 20000
#define IDLE_LANES 10000

static double best_of(void (*run)(void *), void *user)
{
    double best = 0;
    for (int i = 0; i < RUNS; i++) {
        int64_t start_ns = loop_now_ns();
        run(user);
        double each = (double)(loop_now_ns() - start_ns) / ROUNDS;
        if (i == 0 || each < best)
            best = each;
    }
    return best;
}

/* ---- bare threads ---- */

struct ping_pong {
    pthread_mutex_t mutex;
    pthread_cond_t changed;
    int turn;
};

static void take_turns(struct ping_pong *game, int mine)
{
    pthread_mutex_lock(&game->mutex);
    for (int i = 0; i < ROUNDS; i++) {
        while (game->turn != mine)
            pthread_cond_wait(&game->changed, &game->mutex);
        game->turn = !mine;
        pthread_cond_signal(&game->changed);
    }
    pthread_mutex_unlock(&game->mutex);
}

static void *pong(void *user)
{
    take_turns(user, 1);
    return NULL;
}

static void bare_ping_pong(void *user)
{
    pthread_t thread;
    if (pthread_create(&thread, NULL, pong, user) != 0)
        abort();
    take_turns(user, 0);
    pthread_join(thread, NULL);
}

/* ---- lanes ---- */

static void nothing(struct lane_job *job, void *user)
{
    (void)job;
    (void)user;
}

static struct lane_job *job_of(enum lane_job_kind kind, void (*run)(struct lane_job *, void *),
                               void *user)
{
    struct lane_job *job = lane_job_new(kind, run, NULL, user, NULL);
    if (!job)
        abort();
    return job;
}

static void submit_and_join(void *lane)
{
    for (int i = 0; i < ROUNDS; i++) {
        struct lane_job *job = job_of(LANE_JOB_ORDINARY, nothing, NULL);
        if (!lane_submit(lane, job, NULL) || !lane_job_join(job, 0, NULL, NULL))
            abort();
        lane_job_unref(job);
    }
}

static void run_in_place(void *lane)
{
    for (int i = 0; i < ROUNDS; i++) {
        struct lane_job *job = job_of(LANE_JOB_ORDINARY, nothing, NULL);
        if (!lane_run_here(lane, job))
            abort();
        lane_job_unref(job);
    }
}

static bool is_set(void *user)
{
    return *(bool *)user;
}

static void set(struct lane_job *job, void *user)
{
    (void)job;
    *(bool *)user = true;
}

struct waits {
    struct lane *lane;
    bool set;
};

/* Each wait is ended by a callback that another lane's job submits: here the job itself, before
 * it waits, as a reply that comes at once would. */
static void wait_for_callbacks(struct lane_job *job, void *user)
{
    struct waits *waits = user;
    for (int i = 0; i < ROUNDS; i++) {
        waits->set = false;
        struct lane_job *callback = job_of(LANE_JOB_CALLBACK, set, &waits->set);
        if (!lane_submit(waits->lane, callback, NULL) ||
            !lane_job_wait(job, is_set, &waits->set, -1, NULL))
            abort();
        lane_job_unref(callback);
    }
}

static void wait_in_lane(void *lane)
{
    struct waits waits = {.lane = lane};
    struct lane_job *job = job_of(LANE_JOB_ORDINARY, wait_for_callbacks, &waits);
    if (!lane_submit(lane, job, NULL) || !lane_job_join(job, 0, NULL, NULL))
        abort();
    lane_job_unref(job);
}

static double idle_lane_size(struct lane_pool *pool)
{
    static struct lane *lanes[IDLE_LANES];
    size_t before = mallinfo2().uordblks;
    for (int i = 0; i < IDLE_LANES; i++)
        lanes[i] = lane_new(pool, NULL);
    double each = (double)(mallinfo2().uordblks - before) / IDLE_LANES;
    for (int i = 0; i < IDLE_LANES; i++)
        lane_unref(lanes[i]);
    return each;
}

int main(void)
{
    struct lane_limits limits = LANE_LIMITS_DEFAULT;
    struct lane_pool *pool = lane_pool_new(&limits, NULL);
    struct lane *lane = pool ? lane_new(pool, NULL) : NULL;
    struct ping_pong game = {PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, 0};
    if (!lane)
        return 1;
    printf("two threads, there and back   %8.0f ns\n", best_of(bare_ping_pong, &game));
    printf("lane: submit, run, join       %8.0f ns\n", best_of(submit_and_join, lane));
    printf("lane: run in place            %8.0f ns\n", best_of(run_in_place, lane));
    printf("lane: callback ends a wait    %8.0f ns\n", best_of(wait_in_lane, lane));
    printf("lane: memory while idle       %8.0f bytes\n", idle_lane_size(pool));
    lane_unref(lane);
    lane_pool_free(pool);
    return 0;
}
