/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Threads race on few lanes with everything a lane offers. What the objects hold is plain memory:
 * ThreadSanitizer sees every moment in which two threads are inside, the owner sees it without. */
#include "cmocka_all.h"

#include <base/cleanup.h>
#include <fcntl.h>
#include <pthread.h>
#include <runtime/lane.h>
#include <runtime/loop.h>
#include <sched.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define THREADS 64
#define LANES 16
#define JOBS_PER_THREAD 150
#define US INT64_C(1000)

struct object {
    struct lane *lane;
    const void *owner; /* the task that is inside */
    uint64_t entries;
    uint64_t events; /* what tasks wait for */
    int ordinary_away;
};

enum behaviour { PLAIN, LEAVE, WAIT, WAIT_LONG, END, BEHAVIOURS };

struct task {
    struct lane_job *job;
    struct object *object;
    enum lane_job_kind kind;
    enum behaviour behaviour;
    bool accepted;
    uint64_t seen;
    atomic_int ran;
    atomic_int done;
};

struct racer {
    pthread_t thread;
    struct object *objects;
    struct task tasks[JOBS_PER_THREAD];
    unsigned seed;
};

static atomic_int violations;

static void expect(bool holds)
{
    if (!holds)
        atomic_fetch_add(&violations, 1);
}

static void come_in(struct task *task)
{
    expect(task->object->owner == NULL);
    task->object->owner = task;
    task->object->entries++;
}

static void go_out(struct task *task)
{
    expect(task->object->owner == task);
    task->object->owner = NULL;
}

/* Evaluated inside the lane, by whichever thread is: that one is the owner, or nobody. */
static bool something_happened(void *user)
{
    struct task *task = user;
    return task->object->events != task->seen;
}

static void wait_for_event(struct lane_job *job, struct task *task, int64_t timeout_ms)
{
    struct hvk_error err;
    task->seen = task->object->events;
    go_out(task);
    bool happened = lane_job_wait(job, something_happened, task, timeout_ms, &err);
    come_in(task);
    expect(!happened || task->object->events != task->seen);
}

static void leave_and_enter(struct lane_job *job, struct task *task)
{
    go_out(task);
    lane_job_leave(job);
    sched_yield();
    lane_job_enter(job, NULL);
    come_in(task);
}

static void task_run(struct lane_job *job, void *user)
{
    struct task *task = user;
    struct object *object = task->object;
    atomic_fetch_add(&task->ran, 1);
    come_in(task);
    if (task->kind == LANE_JOB_ORDINARY)
        expect(object->ordinary_away++ == 0); /* also while others have left */
    object->events++;
    if (task->behaviour == LEAVE)
        leave_and_enter(job, task);
    else if (task->behaviour == WAIT)
        wait_for_event(job, task, 1);
    else if (task->behaviour == WAIT_LONG)
        wait_for_event(job, task, 20);
    else if (task->behaviour == END)
        lane_end(object->lane);
    if (task->kind == LANE_JOB_ORDINARY)
        object->ordinary_away--;
    go_out(task);
}

static void task_done(struct lane_job *job, void *user)
{
    (void)job;
    atomic_fetch_add(&((struct task *)user)->done, 1);
}

static void task_choose(struct task *task, struct racer *racer)
{
    static const enum lane_job_kind kinds[] = {LANE_JOB_ORDINARY, LANE_JOB_ORDINARY,
                                               LANE_JOB_CONTROL, LANE_JOB_CALLBACK};
    task->object = &racer->objects[rand_r(&racer->seed) % LANES];
    task->kind = kinds[rand_r(&racer->seed) % ARRAY_SIZE(kinds)];
    task->behaviour = (enum behaviour)(rand_r(&racer->seed) % BEHAVIOURS);
    if (task->kind == LANE_JOB_CALLBACK)
        task->behaviour = PLAIN;
    else if (task->behaviour == END && task->kind != LANE_JOB_CONTROL)
        task->behaviour = LEAVE;
}

static void race(struct task *task, struct racer *racer)
{
    task_choose(task, racer);
    task->job = lane_job_new(task->kind, task_run, task_done, task, NULL);
    unsigned choice = (unsigned)rand_r(&racer->seed) % 8;
    int64_t deadline_ns = loop_now_ns() + rand_r(&racer->seed) % 2000 * US;
    if (choice == 0)
        lane_job_cancel(task->job);
    if (choice == 1)
        lane_job_set_deadline(task->job, deadline_ns);
    if (choice == 2 && lane_run_here(task->object->lane, task->job)) {
        task->accepted = true;
        return;
    }
    task->accepted = lane_submit(task->object->lane, task->job, NULL);
    if (!task->accepted)
        return;
    if (choice <= 3)
        lane_job_cancel(task->job);
    if (choice <= 5)
        lane_job_join(task->job, choice == 4 ? deadline_ns : 0, NULL, NULL);
}

static void *racer_main(void *user)
{
    struct racer *racer = user;
    for (int i = 0; i < JOBS_PER_THREAD; i++)
        race(&racer->tasks[i], racer);
    return NULL;
}

static void racing_threads_lose_nothing_and_never_meet_in_a_lane(void **state)
{
    (void)state;
    struct lane_limits limits = {
        .workers = 8, .control_workers = 3, .queued_per_lane = 16, .idle_ms = 1};
    struct lane_pool *pool = lane_pool_new(&limits, NULL);
    struct object objects[LANES] = {0};
    auto_free struct racer *racers = calloc(THREADS, sizeof *racers);
    for (int i = 0; i < LANES; i++)
        objects[i].lane = lane_new(pool, NULL);
    for (unsigned i = 0; i < THREADS; i++) {
        racers[i].objects = objects;
        racers[i].seed = i;
        assert_int_equal(pthread_create(&racers[i].thread, NULL, racer_main, &racers[i]), 0);
    }
    for (int i = 0; i < THREADS; i++)
        pthread_join(racers[i].thread, NULL);
    lane_pool_free(pool);

    uint64_t accepted = 0;
    for (int i = 0; i < THREADS; i++) {
        for (int k = 0; k < JOBS_PER_THREAD; k++) {
            struct task *task = &racers[i].tasks[k];
            assert_int_equal(atomic_load(&task->ran), task->accepted);
            assert_int_equal(atomic_load(&task->done), task->accepted);
            lane_job_unref(task->job);
            accepted += task->accepted;
        }
    }
    uint64_t entries = 0;
    for (int i = 0; i < LANES; i++) {
        entries += objects[i].entries;
        assert_null(objects[i].owner);
        assert_int_equal(lane_get_state(objects[i].lane, NULL), LANE_IDLE);
        lane_unref(objects[i].lane);
    }
    assert_int_equal(atomic_load(&violations), 0);
    assert_true(accepted > THREADS * JOBS_PER_THREAD / 2 && entries >= accepted);
}

/* ---- a job that hangs ---- */

struct hang {
    sem_t inside;
    int fd;
};

static void hang_on_descriptor(struct lane_job *job, void *user)
{
    struct hang *hang = user;
    char byte;
    (void)job;
    sem_post(&hang->inside);
    expect(read(hang->fd, &byte, 1) == 1);
}

static void count(struct lane_job *job, void *user)
{
    (void)job;
    atomic_fetch_add((atomic_int *)user, 1);
}

static void job_that_hangs_inside_delays_nothing_but_its_lane(void **state)
{
    (void)state;
    struct lane_limits limits = LANE_LIMITS_DEFAULT;
    struct lane_pool *pool = lane_pool_new(&limits, NULL);
    struct lane *lanes[LANES];
    int ends[2];
    atomic_int counted = 0, behind = 0;
    assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
    for (int i = 0; i < LANES; i++)
        lanes[i] = lane_new(pool, NULL);
    struct hang hang = {.fd = ends[0]};
    sem_init(&hang.inside, 0, 0);
    struct lane_job *hung = lane_job_new(LANE_JOB_ORDINARY, hang_on_descriptor, NULL, &hang, NULL);
    struct lane_job *waits = lane_job_new(LANE_JOB_CONTROL, count, NULL, &behind, NULL);
    assert_true(lane_submit(lanes[0], hung, NULL));
    sem_wait(&hang.inside);
    assert_true(lane_submit(lanes[0], waits, NULL));
    for (int i = 0; i < 1000; i++) {
        struct lane_job *job =
            lane_job_new((enum lane_job_kind)(i % 3), count, NULL, &counted, NULL);
        assert_true(lane_submit(lanes[1 + i % (LANES - 1)], job, NULL));
        assert_true(lane_job_join(job, 0, NULL, NULL));
        lane_job_unref(job);
    }
    assert_int_equal(atomic_load(&counted), 1000);
    assert_int_equal(atomic_load(&behind), 0);
    assert_int_equal(lane_get_state(lanes[0], NULL), LANE_BUSY);
    assert_int_equal(write(ends[1], "x", 1), 1);
    assert_true(lane_job_join(waits, 0, NULL, NULL));
    lane_job_unref(hung);
    lane_job_unref(waits);
    lane_pool_free(pool);
    for (int i = 0; i < LANES; i++)
        lane_unref(lanes[i]);
    close(ends[0]);
    close(ends[1]);
    assert_int_equal(atomic_load(&violations), 0);
}

/* ---- jobs that hurry ---- */

#define HURRIES 3
#define ROUNDS_BEFORE 500

struct hurry {
    struct lane *lane;
    struct lane_job *control;
    uint64_t rounds; /* of all of them; inside the lane, like what follows */
    uint64_t submitted_at;
    uint64_t told_at;
    bool told;
};

static void tell(struct lane_job *job, void *user)
{
    struct hurry *hurry = user;
    (void)job;
    hurry->told = true;
    hurry->told_at = hurry->rounds;
}

static void leave_and_enter_until_told(struct lane_job *job, void *user)
{
    struct hurry *hurry = user;
    while (!hurry->told) {
        lane_job_leave(job);
        lane_job_enter(job, NULL);
        if (++hurry->rounds == ROUNDS_BEFORE) {
            hurry->submitted_at = hurry->rounds;
            expect(lane_submit(hurry->lane, hurry->control, NULL));
        }
    }
}

static uint64_t rounds_until_told(struct lane *lane)
{
    struct hurry hurry = {.lane = lane};
    struct lane_job *jobs[HURRIES];
    hurry.control = lane_job_new(LANE_JOB_CONTROL, tell, NULL, &hurry, NULL);
    for (int i = 0; i < HURRIES; i++) {
        jobs[i] = lane_job_new(i == 0 ? LANE_JOB_ORDINARY : LANE_JOB_CONTROL,
                               leave_and_enter_until_told, NULL, &hurry, NULL);
        assert_true(lane_submit(lane, jobs[i], NULL));
    }
    for (int i = 0; i < HURRIES; i++) {
        assert_true(lane_job_join(jobs[i], 0, NULL, NULL));
        lane_job_unref(jobs[i]);
    }
    lane_job_unref(hurry.control);
    return hurry.told_at - hurry.submitted_at;
}

static void meet(struct lane_job *job, void *user)
{
    (void)job;
    pthread_barrier_wait(user);
}

/* So many workers have run at once, and are idle afterwards. */
static void start_workers(struct lane_pool *pool, unsigned count)
{
    pthread_barrier_t barrier;
    pthread_barrier_init(&barrier, NULL, count);
    struct lane_job *jobs[LANES];
    for (unsigned i = 0; i < count; i++) {
        struct lane *lane = lane_new(pool, NULL);
        jobs[i] = lane_job_new(LANE_JOB_ORDINARY, meet, NULL, &barrier, NULL);
        assert_true(lane_submit(lane, jobs[i], NULL));
        lane_unref(lane);
    }
    for (unsigned i = 0; i < count; i++) {
        assert_true(lane_job_join(jobs[i], 0, NULL, NULL));
        lane_job_unref(jobs[i]);
    }
    pthread_barrier_destroy(&barrier);
}

/* With a worker at hand it is handed the lane itself; without, it would race to catch it. */
static void control_gets_its_turn_among_jobs_that_keep_coming_back(void **state)
{
    (void)state;
    struct lane_limits limits = LANE_LIMITS_DEFAULT;
    struct lane_pool *pool = lane_pool_new(&limits, NULL);
    struct lane *lane = lane_new(pool, NULL);
    start_workers(pool, 2 * (HURRIES + 1));
    for (int i = 0; i < 10; i++)
        assert_true(rounds_until_told(lane) <= 2);
    lane_unref(lane);
    lane_pool_free(pool);
    assert_int_equal(atomic_load(&violations), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(racing_threads_lose_nothing_and_never_meet_in_a_lane),
        cmocka_unit_test(job_that_hangs_inside_delays_nothing_but_its_lane),
        cmocka_unit_test(control_gets_its_turn_among_jobs_that_keep_coming_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
