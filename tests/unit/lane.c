/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Lanes one property at a time; lane_stress.c races them. Jobs meet at semaphores, never at a
 * time: where a test says "nothing happens", it is because the lane is provably occupied. */
#include "cmocka_all.h"

#include <pthread.h>
#include <runtime/lane.h>
#include <runtime/loop.h>
#include <semaphore.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#define MS INT64_C(1000000)

struct probe {
    struct lane *lane;
    sem_t running; /* posted by the job */
    sem_t go;      /* awaited by the job */
    sem_t came_back;
    atomic_int order;
    bool ready;
    bool waited;
    int wait_code;
    pthread_t thread;
    char log[16];
};

static void probe_init(struct probe *probe, struct lane *lane)
{
    memset(probe, 0, sizeof *probe);
    probe->lane = lane;
    sem_init(&probe->running, 0, 0);
    sem_init(&probe->go, 0, 0);
    sem_init(&probe->came_back, 0, 0);
}

static struct lane_pool *new_pool(uint32_t workers, uint32_t control_workers)
{
    struct lane_limits limits = LANE_LIMITS_DEFAULT;
    limits.workers = workers;
    limits.control_workers = control_workers;
    limits.queued_per_lane = 4;
    struct hvk_error err;
    struct lane_pool *pool = lane_pool_new(&limits, &err);
    assert_non_null(pool);
    return pool;
}

static struct lane *new_lane(struct lane_pool *pool)
{
    struct lane *lane = lane_new(pool, NULL);
    assert_non_null(lane);
    return lane;
}

static struct lane_job *submit_until(struct lane *lane, enum lane_job_kind kind,
                                     void (*run)(struct lane_job *, void *), void *user,
                                     int64_t deadline_ns)
{
    struct hvk_error err;
    struct lane_job *job = lane_job_new(kind, run, NULL, user, &err);
    assert_non_null(job);
    lane_job_set_deadline(job, deadline_ns);
    assert_true(lane_submit(lane, job, &err));
    return job;
}

static struct lane_job *submit(struct lane *lane, enum lane_job_kind kind,
                               void (*run)(struct lane_job *, void *), void *user)
{
    return submit_until(lane, kind, run, user, 0);
}

static void join(struct lane_job *job)
{
    assert_true(lane_job_join(job, 0, NULL, NULL));
    lane_job_unref(job);
}

/* ---- jobs ---- */

static void stay_inside(struct lane_job *job, void *user)
{
    struct probe *probe = user;
    (void)job;
    sem_post(&probe->running);
    sem_wait(&probe->go);
}

static void leave_and_block(struct lane_job *job, void *user)
{
    struct probe *probe = user;
    struct hvk_error err;
    hvk_error_init(&err);
    lane_job_leave(job);
    sem_post(&probe->running);
    sem_wait(&probe->go);
    probe->waited = lane_job_enter(job, &err);
    probe->wait_code = err.code;
    sem_post(&probe->came_back);
}

static bool probe_is_ready(void *user)
{
    return ((struct probe *)user)->ready;
}

static void wait_until_ready(struct lane_job *job, void *user)
{
    struct probe *probe = user;
    struct hvk_error err;
    hvk_error_init(&err);
    probe->thread = pthread_self();
    sem_post(&probe->running);
    probe->waited = lane_job_wait(job, probe_is_ready, probe, -1, &err);
    probe->wait_code = err.code;
}

static void make_ready(struct lane_job *job, void *user)
{
    (void)job;
    ((struct probe *)user)->ready = true;
}

static void log_char(struct lane_job *job, void *user)
{
    (void)job;
    struct probe *probe = *(struct probe **)user;
    probe->log[atomic_fetch_add(&probe->order, 1)] = ((char *)user)[sizeof probe];
}

struct entry {
    struct probe *probe;
    char name;
};

static void only_check(struct lane_job *job, void *user)
{
    struct hvk_error err;
    hvk_error_init(&err);
    lane_job_check(job, &err);
    *(int *)user = err.code;
}

static void end_object(struct lane_job *job, void *user)
{
    struct probe *probe = user;
    lane_end(probe->lane);
    probe->waited = lane_job_check(job, NULL);
}

/* ---- claims ---- */

static void job_runs_once_and_join_sees_it_done(void **state)
{
    (void)state;
    struct lane_pool *pool = new_pool(2, 1);
    struct lane *lane = new_lane(pool);
    struct probe probe;
    probe_init(&probe, lane);
    struct entry entry = {&probe, 'a'};
    join(submit(lane, LANE_JOB_ORDINARY, log_char, &entry));
    assert_string_equal(probe.log, "a");
    lane_unref(lane);
    lane_pool_free(pool);
}

static void ordinary_jobs_keep_their_order(void **state)
{
    (void)state;
    struct lane_pool *pool = new_pool(4, 1);
    struct lane *lane = new_lane(pool);
    struct probe probe;
    probe_init(&probe, lane);
    struct entry entries[] = {{&probe, 'a'}, {&probe, 'b'}, {&probe, 'c'}, {&probe, 'd'}};
    struct lane_job *first = submit(lane, LANE_JOB_ORDINARY, stay_inside, &probe);
    sem_wait(&probe.running);
    struct lane_job *jobs[4];
    for (int i = 0; i < 4; i++)
        jobs[i] = submit(lane, LANE_JOB_ORDINARY, log_char, &entries[i]);
    sem_post(&probe.go);
    join(first);
    for (int i = 0; i < 4; i++)
        join(jobs[i]);
    assert_string_equal(probe.log, "abcd");
    lane_unref(lane);
    lane_pool_free(pool);
}

static void callbacks_then_control_go_before_ordinary_jobs(void **state)
{
    (void)state;
    struct lane_pool *pool = new_pool(4, 2);
    struct lane *lane = new_lane(pool);
    struct probe probe;
    probe_init(&probe, lane);
    struct entry entries[] = {{&probe, 'o'}, {&probe, 'c'}, {&probe, 'e'}};
    struct lane_job *first = submit(lane, LANE_JOB_ORDINARY, stay_inside, &probe);
    sem_wait(&probe.running);
    struct lane_job *jobs[3];
    for (int i = 0; i < 3; i++)
        jobs[i] = submit(lane, (enum lane_job_kind)i, log_char, &entries[i]);
    sem_post(&probe.go);
    join(first);
    for (int i = 0; i < 3; i++)
        join(jobs[i]);
    assert_string_equal(probe.log, "eco");
    lane_unref(lane);
    lane_pool_free(pool);
}

static void lanes_run_in_parallel(void **state)
{
    (void)state;
    struct lane_pool *pool = new_pool(2, 1);
    struct lane *one = new_lane(pool), *other = new_lane(pool);
    struct probe stuck;
    probe_init(&stuck, one);
    struct lane_job *held = submit(one, LANE_JOB_ORDINARY, stay_inside, &stuck);
    sem_wait(&stuck.running);
    struct entry entry = {&stuck, 'x'};
    join(submit(other, LANE_JOB_ORDINARY, log_char, &entry));
    assert_string_equal(stuck.log, "x");
    sem_post(&stuck.go);
    join(held);
    lane_unref(one);
    lane_unref(other);
    lane_pool_free(pool);
}

static void only_control_runs_while_a_job_has_left(void **state)
{
    (void)state;
    struct lane_pool *pool = new_pool(4, 2);
    struct lane *lane = new_lane(pool);
    struct probe away;
    probe_init(&away, lane);
    struct entry ordinary = {&away, 'o'}, control = {&away, 'c'};
    struct lane_job *left = submit(lane, LANE_JOB_ORDINARY, leave_and_block, &away);
    sem_wait(&away.running);
    int64_t since;
    assert_int_equal(lane_get_state(lane, &since), LANE_LEFT);
    assert_true(since > 0);
    struct lane_job *queued = submit(lane, LANE_JOB_ORDINARY, log_char, &ordinary);
    join(submit(lane, LANE_JOB_CONTROL, log_char, &control));
    assert_string_equal(away.log, "c");
    sem_post(&away.go);
    join(left);
    join(queued);
    assert_true(away.waited);
    assert_string_equal(away.log, "co");
    assert_int_equal(lane_get_state(lane, &since), LANE_IDLE);
    assert_int_equal(since, 0);
    lane_unref(lane);
    lane_pool_free(pool);
}

static void control_runs_although_every_worker_waits(void **state)
{
    (void)state;
    struct lane_pool *pool = new_pool(2, 1);
    struct lane *lanes[3] = {new_lane(pool), new_lane(pool), new_lane(pool)};
    struct probe probes[3];
    struct lane_job *jobs[3];
    for (int i = 0; i < 3; i++) {
        probe_init(&probes[i], lanes[i]);
        jobs[i] = submit(lanes[i], LANE_JOB_ORDINARY, leave_and_block, &probes[i]);
    }
    sem_wait(&probes[0].running);
    sem_wait(&probes[1].running);
    struct entry control = {&probes[1], 'c'};
    join(submit(lanes[1], LANE_JOB_CONTROL, log_char, &control));
    assert_string_equal(probes[1].log, "c");
    for (int i = 0; i < 3; i++)
        sem_post(&probes[i].go);
    for (int i = 0; i < 3; i++) {
        join(jobs[i]);
        lane_unref(lanes[i]);
    }
    lane_pool_free(pool);
}

static void callbacks_run_although_every_control_worker_waits(void **state)
{
    (void)state;
    struct lane_pool *pool = new_pool(1, 1);
    struct lane *lane = new_lane(pool);
    struct probe probes[2];
    struct lane_job *jobs[2];
    for (int i = 0; i < 2; i++) {
        probe_init(&probes[i], lane);
        jobs[i] = submit(lane, (enum lane_job_kind)i, leave_and_block, &probes[i]);
        sem_wait(&probes[i].running);
    }
    struct entry callback = {&probes[0], 'e'};
    join(submit(lane, LANE_JOB_CALLBACK, log_char, &callback));
    assert_string_equal(probes[0].log, "e");
    for (int i = 0; i < 2; i++) {
        sem_post(&probes[i].go);
        join(jobs[i]);
    }
    lane_unref(lane);
    lane_pool_free(pool);
}

static void note_thread(struct lane_job *job, void *user)
{
    struct probe *probe = user;
    make_ready(job, user);
    assert_true(pthread_equal(probe->thread, pthread_self()));
}

static void callback_runs_on_the_thread_that_waits_for_it(void **state)
{
    (void)state;
    struct lane_pool *pool = new_pool(4, 2);
    struct lane *lane = new_lane(pool);
    struct probe probe;
    probe_init(&probe, lane);
    struct lane_job *waiting = submit(lane, LANE_JOB_ORDINARY, wait_until_ready, &probe);
    sem_wait(&probe.running);
    join(submit(lane, LANE_JOB_CALLBACK, note_thread, &probe));
    join(waiting);
    assert_true(probe.waited);
    lane_unref(lane);
    lane_pool_free(pool);
}

static void wait_ends_when_a_control_job_makes_it_ready(void **state)
{
    (void)state;
    struct lane_pool *pool = new_pool(4, 2);
    struct lane *lane = new_lane(pool);
    struct probe probe;
    probe_init(&probe, lane);
    struct lane_job *waiting = submit(lane, LANE_JOB_ORDINARY, wait_until_ready, &probe);
    sem_wait(&probe.running);
    join(submit(lane, LANE_JOB_CONTROL, make_ready, &probe));
    join(waiting);
    assert_true(probe.waited);
    lane_unref(lane);
    lane_pool_free(pool);
}

static void make_ready_and_leave(struct lane_job *job, void *user)
{
    struct probe *probe = user;
    probe->ready = true;
    lane_job_leave(job);
    sem_wait(&probe->go);
    lane_job_enter(job, NULL);
}

static void wait_ends_when_the_job_that_made_it_ready_leaves(void **state)
{
    (void)state;
    struct lane_pool *pool = new_pool(4, 2);
    struct lane *lane = new_lane(pool);
    struct probe probe;
    probe_init(&probe, lane);
    struct lane_job *waiting = submit(lane, LANE_JOB_ORDINARY, wait_until_ready, &probe);
    sem_wait(&probe.running);
    struct lane_job *maker = submit(lane, LANE_JOB_CONTROL, make_ready_and_leave, &probe);
    join(waiting);
    assert_true(probe.waited);
    sem_post(&probe.go);
    join(maker);
    lane_unref(lane);
    lane_pool_free(pool);
}

static void wait_in_vain(struct lane_job *job, void *user)
{
    struct probe *probe = user;
    struct hvk_error err;
    probe->waited = lane_job_wait(job, probe_is_ready, probe, 5, &err);
    probe->wait_code = err.code;
}

static void wait_times_out(void **state)
{
    (void)state;
    struct lane_pool *pool = new_pool(1, 1);
    struct lane *lane = new_lane(pool);
    struct probe probe;
    probe_init(&probe, lane);
    join(submit(lane, LANE_JOB_ORDINARY, wait_in_vain, &probe));
    assert_false(probe.waited);
    assert_int_equal(probe.wait_code, HVK_ERR_OPERATION_TIMEOUT);
    join(submit(lane, LANE_JOB_CALLBACK, wait_in_vain, &probe));
    assert_int_equal(probe.wait_code, HVK_ERR_DRIVER_FAILED);
    lane_unref(lane);
    lane_pool_free(pool);
}

static void cancel_ends_a_wait(void **state)
{
    (void)state;
    struct lane_pool *pool = new_pool(1, 1);
    struct lane *lane = new_lane(pool);
    struct probe probe;
    probe_init(&probe, lane);
    struct lane_job *waiting = submit(lane, LANE_JOB_ORDINARY, wait_until_ready, &probe);
    sem_wait(&probe.running);
    int code;
    join(submit(lane, LANE_JOB_CONTROL, only_check, &code)); /* runs, so the other one waits */
    lane_job_cancel(waiting);
    lane_job_cancel(waiting);
    join(waiting);
    assert_int_equal(probe.wait_code, HVK_ERR_CANCELLED);
    lane_unref(lane);
    lane_pool_free(pool);
}

static void cancelled_job_still_runs_and_knows(void **state)
{
    (void)state;
    struct lane_pool *pool = new_pool(1, 1);
    struct lane *lane = new_lane(pool);
    int code = -1;
    struct lane_job *job = lane_job_new(LANE_JOB_ORDINARY, only_check, NULL, &code, NULL);
    lane_job_cancel(job);
    assert_true(lane_submit(lane, job, NULL));
    join(job);
    assert_int_equal(code, HVK_ERR_CANCELLED);
    lane_unref(lane);
    lane_pool_free(pool);
}

static void deadline_passes_while_queued(void **state)
{
    (void)state;
    struct lane_pool *pool = new_pool(1, 1);
    struct lane *lane = new_lane(pool);
    struct probe probe;
    probe_init(&probe, lane);
    int code = -1;
    int64_t deadline = loop_now_ns() + 5 * MS;
    struct lane_job *held = submit(lane, LANE_JOB_ORDINARY, stay_inside, &probe);
    struct lane_job *late = submit_until(lane, LANE_JOB_ORDINARY, only_check, &code, deadline);
    assert_false(lane_job_join(late, deadline, NULL, NULL));
    assert_true(loop_now_ns() >= deadline);
    sem_post(&probe.go);
    join(held);
    join(late);
    assert_int_equal(code, HVK_ERR_DEADLINE);
    lane_unref(lane);
    lane_pool_free(pool);
}

static void deadline_passes_while_waiting(void **state)
{
    (void)state;
    struct lane_pool *pool = new_pool(1, 1);
    struct lane *lane = new_lane(pool);
    struct probe probe;
    probe_init(&probe, lane);
    join(submit_until(lane, LANE_JOB_ORDINARY, wait_until_ready, &probe, loop_now_ns() + 5 * MS));
    assert_int_equal(probe.wait_code, HVK_ERR_DEADLINE);
    lane_unref(lane);
    lane_pool_free(pool);
}

static void end_reaches_jobs_that_wait_left_or_are_queued(void **state)
{
    (void)state;
    struct lane_pool *pool = new_pool(4, 2);
    struct lane *lane = new_lane(pool);
    struct probe waits, left, ends;
    int queued_code = -1, next_code = -1;
    probe_init(&waits, lane);
    probe_init(&left, lane);
    probe_init(&ends, lane);
    struct lane_job *waiting = submit(lane, LANE_JOB_ORDINARY, wait_until_ready, &waits);
    sem_wait(&waits.running);
    struct lane_job *away = submit(lane, LANE_JOB_CONTROL, leave_and_block, &left);
    sem_wait(&left.running);
    struct lane_job *queued = submit(lane, LANE_JOB_ORDINARY, only_check, &queued_code);

    join(submit(lane, LANE_JOB_CONTROL, end_object, &ends));
    assert_true(ends.waited); /* its own check */
    join(waiting);
    assert_int_equal(waits.wait_code, HVK_ERR_OBJECT_GONE);
    sem_post(&left.go);
    join(away);
    assert_int_equal(left.wait_code, HVK_ERR_OBJECT_GONE);
    join(queued);
    assert_int_equal(queued_code, HVK_ERR_OBJECT_GONE);
    join(submit(lane, LANE_JOB_ORDINARY, only_check, &next_code));
    assert_int_equal(next_code, HVK_ERR_OK);
    lane_unref(lane);
    lane_pool_free(pool);
}

static void full_queue_refuses_its_own_kind_only(void **state)
{
    (void)state;
    struct lane_pool *pool = new_pool(2, 1);
    struct lane *lane = new_lane(pool);
    struct probe probe;
    probe_init(&probe, lane);
    struct entry entry = {&probe, 'o'}, control = {&probe, 'c'};
    struct lane_job *jobs[6] = {submit(lane, LANE_JOB_ORDINARY, stay_inside, &probe)};
    sem_wait(&probe.running);
    for (int i = 1; i <= 4; i++)
        jobs[i] = submit(lane, LANE_JOB_ORDINARY, log_char, &entry);
    struct hvk_error err;
    struct lane_job *refused = lane_job_new(LANE_JOB_ORDINARY, log_char, NULL, &entry, NULL);
    assert_false(lane_submit(lane, refused, &err));
    assert_int_equal(err.code, HVK_ERR_RESOURCE_BUSY);
    jobs[5] = submit(lane, LANE_JOB_CONTROL, log_char, &control);
    sem_post(&probe.go);
    for (int i = 0; i < 6; i++)
        join(jobs[i]);
    assert_string_equal(probe.log, "coooo");
    assert_true(lane_submit(lane, refused, &err));
    join(refused);
    lane_unref(lane);
    lane_pool_free(pool);
}

static bool is_set(void *user)
{
    return atomic_load((atomic_bool *)user);
}

struct waker {
    struct lane_job *job;
    atomic_bool set;
};

static void *wake_joiner(void *user)
{
    struct waker *waker = user;
    lane_job_wake(waker->job); /* in vain */
    atomic_store(&waker->set, true);
    lane_job_wake(waker->job);
    return NULL;
}

static void join_can_be_interrupted(void **state)
{
    (void)state;
    struct lane_pool *pool = new_pool(2, 1);
    struct lane *lane = new_lane(pool);
    struct probe probe;
    probe_init(&probe, lane);
    struct waker waker = {.job = submit(lane, LANE_JOB_ORDINARY, stay_inside, &probe)};
    pthread_t thread;
    assert_int_equal(pthread_create(&thread, NULL, wake_joiner, &waker), 0);
    assert_false(lane_job_join(waker.job, 0, is_set, &waker.set));
    pthread_join(thread, NULL);
    sem_post(&probe.go);
    join(waker.job);
    lane_unref(lane);
    lane_pool_free(pool);
}

static void join_ends_at_a_deadline_long_past(void **state)
{
    (void)state;
    static const int64_t past[] = {1, -1, INT64_MIN};
    struct lane_pool *pool = new_pool(2, 1);
    struct lane *lane = new_lane(pool);
    struct probe probe;
    probe_init(&probe, lane);
    struct lane_job *job = submit(lane, LANE_JOB_ORDINARY, stay_inside, &probe);
    for (size_t i = 0; i < sizeof past / sizeof past[0]; i++) {
        alarm(20); /* where a thread would spin */
        assert_false(lane_job_join(job, past[i], NULL, NULL));
        alarm(0);
    }
    sem_post(&probe.go);
    join(job);
    lane_unref(lane);
    lane_pool_free(pool);
}

static void idle_lane_runs_a_job_in_place_and_a_busy_one_does_not(void **state)
{
    (void)state;
    struct lane_pool *pool = new_pool(2, 1);
    struct lane *lane = new_lane(pool);
    struct probe probe;
    probe_init(&probe, lane);
    struct entry entry = {&probe, 'h'};
    struct lane_job *here = lane_job_new(LANE_JOB_ORDINARY, log_char, NULL, &entry, NULL);
    assert_true(lane_run_here(lane, here));
    assert_string_equal(probe.log, "h");
    join(here);

    struct lane_job *away = submit(lane, LANE_JOB_ORDINARY, leave_and_block, &probe);
    sem_wait(&probe.running);
    here = lane_job_new(LANE_JOB_ORDINARY, log_char, NULL, &entry, NULL);
    assert_false(lane_run_here(lane, here));
    sem_post(&probe.go);
    join(away);
    lane_job_unref(here);
    lane_unref(lane);
    lane_pool_free(pool);
}

static void lanes_take_turns_on_the_workers(void **state)
{
    (void)state;
    struct lane_pool *pool = new_pool(1, 1);
    struct lane *greedy = new_lane(pool), *modest = new_lane(pool);
    struct probe probe;
    probe_init(&probe, greedy);
    struct entry many = {&probe, 'g'}, one = {&probe, 'm'};
    struct lane_job *jobs[6] = {submit(greedy, LANE_JOB_ORDINARY, stay_inside, &probe)};
    sem_wait(&probe.running);
    for (int i = 1; i < 5; i++)
        jobs[i] = submit(greedy, LANE_JOB_ORDINARY, log_char, &many);
    jobs[5] = submit(modest, LANE_JOB_ORDINARY, log_char, &one);
    sem_post(&probe.go);
    for (int i = 0; i < 6; i++)
        join(jobs[i]);
    assert_string_equal(probe.log, "mgggg");
    lane_unref(greedy);
    lane_unref(modest);
    lane_pool_free(pool);
}

static void need_other_lane(struct lane_job *job, void *user)
{
    struct entry *entry = user;
    struct lane_job *needed = submit(entry->probe->lane, LANE_JOB_ORDINARY, log_char, entry);
    lane_job_leave(job);
    join(needed);
    lane_job_enter(job, NULL);
}

static void jobs_that_need_another_lane_do_not_use_up_the_workers(void **state)
{
    (void)state;
    struct lane_pool *pool = new_pool(2, 1);
    struct lane *shared = new_lane(pool);
    struct lane *lanes[4];
    struct lane_job *jobs[4];
    struct probe probe;
    probe_init(&probe, shared);
    struct entry entry = {&probe, 'n'};
    for (int i = 0; i < 4; i++) {
        lanes[i] = new_lane(pool);
        jobs[i] = submit(lanes[i], LANE_JOB_ORDINARY, need_other_lane, &entry);
    }
    for (int i = 0; i < 4; i++) {
        join(jobs[i]);
        lane_unref(lanes[i]);
    }
    assert_string_equal(probe.log, "nnnn");
    lane_unref(shared);
    lane_pool_free(pool);
}

static void leave_for_good(struct lane_job *job, void *user)
{
    (void)user;
    lane_job_leave(job);
}

static void job_that_forgets_to_enter_harms_nobody(void **state)
{
    (void)state;
    struct lane_pool *pool = new_pool(2, 1);
    struct lane *lane = new_lane(pool);
    join(submit(lane, LANE_JOB_ORDINARY, leave_for_good, NULL));
    assert_int_equal(lane_get_state(lane, NULL), LANE_IDLE);
    int code = -1;
    join(submit(lane, LANE_JOB_ORDINARY, only_check, &code));
    assert_int_equal(code, HVK_ERR_OK);
    lane_unref(lane);
    lane_pool_free(pool);
}

static void misuse(struct lane_job *job, void *user)
{
    struct probe *probe = user;
    struct hvk_error err;
    probe->waited = lane_job_enter(job, NULL);
    lane_job_leave(job);
    lane_job_leave(job);
    lane_job_wait(job, probe_is_ready, probe, -1, &err);
    probe->wait_code = err.code;
    lane_job_enter(job, NULL);
    lane_job_enter(job, NULL);
}

static void leaving_and_entering_out_of_turn_harm_nobody(void **state)
{
    (void)state;
    struct lane_pool *pool = new_pool(2, 1);
    struct lane *lane = new_lane(pool);
    struct probe probe;
    probe_init(&probe, lane);
    join(submit(lane, LANE_JOB_ORDINARY, misuse, &probe));
    assert_true(probe.waited);
    assert_int_equal(probe.wait_code, HVK_ERR_DRIVER_FAILED);
    join(submit(lane, LANE_JOB_CALLBACK, misuse, &probe));
    assert_int_equal(lane_get_state(lane, NULL), LANE_IDLE);
    lane_end(lane); /* with nothing inside */
    int code = -1;
    join(submit(lane, LANE_JOB_ORDINARY, only_check, &code));
    assert_int_equal(code, HVK_ERR_OK);
    lane_unref(lane);
    lane_pool_free(pool);
}

static void post_running(struct lane_job *job, void *user)
{
    (void)job;
    sem_post(&((struct probe *)user)->running);
}

static void note_mask(struct lane_job *job, void *user)
{
    (void)job;
    pthread_sigmask(SIG_SETMASK, NULL, user);
}

static void free_waits_for_queued_jobs_and_refuses_later_ones(void **state)
{
    (void)state;
    struct lane_pool *pool = new_pool(2, 1);
    struct lane *lanes[8];
    struct probe probe;
    probe_init(&probe, NULL);
    for (int i = 0; i < 32; i++) {
        if (i < 8)
            lanes[i] = new_lane(pool);
        lane_job_unref(submit(lanes[i % 8], LANE_JOB_ORDINARY, post_running, &probe));
    }
    lane_pool_free(pool);
    int count;
    sem_getvalue(&probe.running, &count);
    assert_int_equal(count, 32);

    struct lane_job *late = lane_job_new(LANE_JOB_ORDINARY, post_running, NULL, &probe, NULL);
    assert_false(lane_submit(lanes[0], late, NULL));
    assert_false(lane_run_here(lanes[0], late));
    lane_job_unref(late);
    for (int i = 0; i < 8; i++)
        lane_unref(lanes[i]);
}

static void worker_blocks_every_signal(void **state)
{
    (void)state;
    struct lane_pool *pool = new_pool(1, 1);
    struct lane *lane = new_lane(pool);
    sigset_t mask;
    sigemptyset(&mask);
    join(submit(lane, LANE_JOB_ORDINARY, note_mask, &mask));
    assert_true(sigismember(&mask, SIGCHLD) && sigismember(&mask, SIGTERM));
    lane_unref(lane);
    lane_pool_free(pool);
}

static void idle_workers_end(void **state)
{
    (void)state;
    struct lane_limits limits = LANE_LIMITS_DEFAULT;
    limits.idle_ms = 0;
    struct lane_pool *pool = lane_pool_new(&limits, NULL);
    struct lane *lane = new_lane(pool);
    for (int i = 0; i < 50; i++) {
        int code = -1;
        join(submit(lane, LANE_JOB_ORDINARY, only_check, &code));
        assert_int_equal(code, HVK_ERR_OK);
    }
    lane_unref(lane);
    lane_pool_free(pool);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(job_runs_once_and_join_sees_it_done),
        cmocka_unit_test(ordinary_jobs_keep_their_order),
        cmocka_unit_test(callbacks_then_control_go_before_ordinary_jobs),
        cmocka_unit_test(lanes_run_in_parallel),
        cmocka_unit_test(only_control_runs_while_a_job_has_left),
        cmocka_unit_test(control_runs_although_every_worker_waits),
        cmocka_unit_test(callbacks_run_although_every_control_worker_waits),
        cmocka_unit_test(callback_runs_on_the_thread_that_waits_for_it),
        cmocka_unit_test(wait_ends_when_a_control_job_makes_it_ready),
        cmocka_unit_test(wait_ends_when_the_job_that_made_it_ready_leaves),
        cmocka_unit_test(wait_times_out),
        cmocka_unit_test(cancel_ends_a_wait),
        cmocka_unit_test(cancelled_job_still_runs_and_knows),
        cmocka_unit_test(deadline_passes_while_queued),
        cmocka_unit_test(deadline_passes_while_waiting),
        cmocka_unit_test(end_reaches_jobs_that_wait_left_or_are_queued),
        cmocka_unit_test(full_queue_refuses_its_own_kind_only),
        cmocka_unit_test(join_can_be_interrupted),
        cmocka_unit_test(join_ends_at_a_deadline_long_past),
        cmocka_unit_test(idle_lane_runs_a_job_in_place_and_a_busy_one_does_not),
        cmocka_unit_test(lanes_take_turns_on_the_workers),
        cmocka_unit_test(jobs_that_need_another_lane_do_not_use_up_the_workers),
        cmocka_unit_test(job_that_forgets_to_enter_harms_nobody),
        cmocka_unit_test(leaving_and_entering_out_of_turn_harm_nobody),
        cmocka_unit_test(free_waits_for_queued_jobs_and_refuses_later_ones),
        cmocka_unit_test(worker_blocks_every_signal),
        cmocka_unit_test(idle_workers_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
