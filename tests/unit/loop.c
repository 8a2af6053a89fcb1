/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "cmocka_all.h"
#include "open_fds.h"

#include <base/cleanup.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <runtime/loop.h>
#include <semaphore.h>
#include <signal.h>
#include <stdatomic.h>
#include <string.h>

struct counter {
    sem_t called;
    sem_t freed;
    atomic_int count;
    atomic_uint events;
    struct loop_source *source;
    struct counter *victim; /* removed by this one's callback */
    sigset_t mask;
};

static void counter_init(struct counter *counter)
{
    memset(counter, 0, sizeof *counter);
    sem_init(&counter->called, 0, 0);
    sem_init(&counter->freed, 0, 0);
}

static void count_call(void *user)
{
    struct counter *counter = user;
    atomic_fetch_add(&counter->count, 1);
    sem_post(&counter->called);
}

static void count_fd(int fd, uint32_t events, void *user)
{
    struct counter *counter = user;
    (void)fd;
    counter->events = events;
    count_call(user);
}

static void note_freed(void *user)
{
    sem_post(&((struct counter *)user)->freed);
}

static struct loop *new_loop(void)
{
    struct loop *loop = loop_new(NULL);
    assert_non_null(loop);
    return loop;
}

/* Everything posted before is over when this returns. */
static void loop_settle(struct loop *loop)
{
    struct counter counter;
    counter_init(&counter);
    for (int round = 0; round < 2; round++) {
        assert_true(loop_post(loop, count_call, &counter, NULL));
        sem_wait(&counter.called);
    }
}

static char order[8];

static void note_order(void *user)
{
    strncat(order, user, 1);
}

static void posts_run_in_order_and_before_free_returns(void **state)
{
    (void)state;
    struct loop *loop = new_loop();
    assert_true(loop_post(loop, note_order, (void *)"a", NULL));
    assert_true(loop_post(loop, note_order, (void *)"b", NULL));
    assert_true(loop_post(loop, note_order, (void *)"c", NULL));
    loop_free(loop);
    assert_string_equal(order, "abc");
}

static void unused_loop_is_freed_without_a_thread(void **state)
{
    (void)state;
    int before = count_open_fds();
    loop_free(new_loop());
    loop_free(NULL);
    assert_int_equal(count_open_fds(), before);
}

static void descriptor_calls_back_until_paused(void **state)
{
    (void)state;
    int before = count_open_fds();
    struct loop *loop = new_loop();
    struct counter counter;
    counter_init(&counter);
    int ends[2];
    assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
    counter.source = loop_watch_fd(loop, ends[0], POLLIN, count_fd, &counter, note_freed, NULL);
    assert_non_null(counter.source);
    assert_int_equal(write(ends[1], "x", 1), 1);
    sem_wait(&counter.called);
    sem_wait(&counter.called); /* level triggered: the byte is still there */
    assert_int_equal(counter.events, POLLIN);

    loop_watch_fd_events(counter.source, 0);
    close(ends[1]); /* not even a hang-up gets through */
    loop_settle(loop);
    int count = atomic_load(&counter.count);
    loop_settle(loop);
    assert_int_equal(atomic_load(&counter.count), count);

    loop_watch_fd_events(counter.source, POLLIN);
    while (sem_wait(&counter.called) == 0 && !(counter.events & POLLHUP))
        ;
    loop_source_remove(counter.source);
    close(ends[0]);
    sem_wait(&counter.freed);
    loop_free(loop);
    assert_int_equal(count_open_fds(), before);
}

static void oneshot_calls_back_once_for_each_arming(void **state)
{
    (void)state;
    struct loop *loop = new_loop();
    struct counter counter;
    counter_init(&counter);
    int ends[2];
    assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
    assert_int_equal(write(ends[1], "x", 1), 1);
    counter.source =
        loop_watch_fd(loop, ends[0], POLLIN | LOOP_ONESHOT, count_fd, &counter, NULL, NULL);
    for (int i = 1; i <= 3; i++) {
        sem_wait(&counter.called);
        loop_settle(loop);
        assert_int_equal(atomic_load(&counter.count), i);
        loop_watch_fd_events(counter.source, POLLIN | LOOP_ONESHOT);
    }
    loop_source_remove(counter.source);
    close(ends[0]);
    close(ends[1]);
    loop_free(loop);
}

static void remove_victim(int fd, uint32_t events, void *user)
{
    struct counter *counter = user;
    (void)fd;
    (void)events;
    loop_source_remove(counter->source);
    loop_source_remove(counter->victim->source);
    sem_post(&counter->called);
}

static void source_removed_by_another_in_the_same_batch_stays_silent(void **state)
{
    (void)state;
    struct loop *loop = new_loop();
    struct counter pair[2];
    int ends[2], twin;
    assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
    twin = fcntl(ends[0], F_DUPFD_CLOEXEC, 0);
    for (int i = 0; i < 2; i++) {
        counter_init(&pair[i]);
        pair[i].victim = &pair[1 - i];
        pair[i].source =
            loop_watch_fd(loop, i ? twin : ends[0], 0, remove_victim, &pair[i], note_freed, NULL);
        loop_watch_fd_events(pair[i].source, POLLIN);
    }
    assert_int_equal(write(ends[1], "x", 1), 1);
    sem_wait(&pair[0].freed);
    sem_wait(&pair[1].freed);
    int first, second;
    sem_getvalue(&pair[0].called, &first);
    sem_getvalue(&pair[1].called, &second);
    assert_int_equal(first + second, 1);
    close(ends[0]);
    close(ends[1]);
    close(twin);
    loop_free(loop);
}

static void number_may_be_reused_right_after_removal(void **state)
{
    (void)state;
    struct loop *loop = new_loop();
    for (int i = 0; i < 200; i++) {
        struct counter counter;
        counter_init(&counter);
        int ends[2];
        assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
        counter.source = loop_watch_fd(loop, ends[0], POLLIN, count_fd, &counter, note_freed, NULL);
        assert_non_null(counter.source);
        assert_int_equal(write(ends[1], "x", 1), 1);
        sem_wait(&counter.called);
        loop_source_remove(counter.source);
        close(ends[0]);
        close(ends[1]);
        sem_wait(&counter.freed);
    }
    loop_free(loop);
}

static void second_source_on_one_descriptor_is_refused(void **state)
{
    (void)state;
    struct loop *loop = new_loop();
    struct counter counter;
    struct hvk_error err;
    counter_init(&counter);
    int ends[2];
    assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
    counter.source = loop_watch_fd(loop, ends[0], POLLIN, count_fd, &counter, NULL, &err);
    assert_null(loop_watch_fd(loop, ends[0], POLLIN, count_fd, &counter, NULL, &err));
    assert_int_equal(err.native, EEXIST);
    auto_fd int file = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
    assert_null(loop_watch_fd(loop, file, POLLIN, count_fd, &counter, NULL, &err));
    assert_int_equal(err.native, EPERM);
    loop_source_remove(counter.source);
    close(ends[0]);
    close(ends[1]);
    loop_free(loop);
}

static void timers_fire_once_or_again_and_again(void **state)
{
    (void)state;
    struct loop *loop = new_loop();
    struct counter once, often;
    counter_init(&once);
    counter_init(&often);
    int64_t start = loop_now_ns();
    once.source = loop_add_timer(loop, 5, 0, count_call, &once, note_freed, NULL);
    often.source = loop_add_timer(loop, 1, 1, count_call, &often, note_freed, NULL);
    sem_wait(&once.called);
    assert_true(loop_now_ns() - start >= 4 * 1000 * 1000);
    for (int i = 0; i < 5; i++)
        sem_wait(&often.called);
    loop_source_remove(often.source);
    sem_wait(&often.freed);
    int count = atomic_load(&often.count);
    loop_settle(loop);
    assert_int_equal(atomic_load(&often.count), count);
    assert_int_equal(atomic_load(&once.count), 1);
    loop_source_remove(once.source);
    sem_wait(&once.freed);
    loop_free(loop);
}

static void timer_removed_at_once_is_freed_unfired(void **state)
{
    (void)state;
    struct loop *loop = new_loop();
    struct counter counter;
    counter_init(&counter);
    counter.source = loop_add_timer(loop, 3600 * 1000, 0, count_call, &counter, note_freed, NULL);
    loop_source_remove(counter.source);
    sem_wait(&counter.freed);
    assert_int_equal(atomic_load(&counter.count), 0);
    loop_free(loop);
}

static void *add_and_remove(void *user)
{
    struct loop *loop = user;
    for (int i = 0; i < 50; i++) {
        struct counter counters[2];
        int ends[2];
        counter_init(&counters[0]);
        counter_init(&counters[1]);
        if (pipe2(ends, O_CLOEXEC) != 0 || write(ends[1], "x", 1) != 1)
            return user;
        counters[0].source =
            loop_watch_fd(loop, ends[0], POLLIN, count_fd, &counters[0], note_freed, NULL);
        counters[1].source = loop_add_timer(loop, 0, 1, count_call, &counters[1], note_freed, NULL);
        if (!counters[0].source || !counters[1].source)
            return user;
        if (i % 2)
            sem_wait(&counters[0].called);
        loop_watch_fd_events(counters[0].source, i % 3 ? POLLIN | LOOP_ONESHOT : 0);
        loop_source_remove(counters[0].source);
        loop_source_remove(counters[1].source);
        close(ends[0]);
        close(ends[1]);
        sem_wait(&counters[0].freed);
        sem_wait(&counters[1].freed);
    }
    return NULL;
}

static void threads_add_and_remove_sources_at_once(void **state)
{
    (void)state;
    int before = count_open_fds();
    struct loop *loop = new_loop();
    pthread_t threads[8];
    for (size_t i = 0; i < ARRAY_SIZE(threads); i++)
        assert_int_equal(pthread_create(&threads[i], NULL, add_and_remove, loop), 0);
    for (size_t i = 0; i < ARRAY_SIZE(threads); i++) {
        void *failed;
        pthread_join(threads[i], &failed);
        assert_null(failed);
    }
    loop_free(loop);
    assert_int_equal(count_open_fds(), before);
}

static void note_mask(void *user)
{
    struct counter *counter = user;
    pthread_sigmask(SIG_SETMASK, NULL, &counter->mask);
    sem_post(&counter->called);
}

static void signals_are_left_to_the_application(void **state)
{
    (void)state;
    struct sigaction before[32], after;
    for (int signal = 1; signal < 32; signal++)
        sigaction(signal, NULL, &before[signal]);
    struct loop *loop = new_loop();
    struct counter counter;
    counter_init(&counter);
    assert_true(loop_post(loop, note_mask, &counter, NULL));
    sem_wait(&counter.called);
    assert_true(sigismember(&counter.mask, SIGCHLD) && sigismember(&counter.mask, SIGINT));
    for (int signal = 1; signal < 32; signal++) {
        sigaction(signal, NULL, &after);
        assert_ptr_equal(before[signal].sa_handler, after.sa_handler);
    }
    loop_free(loop);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(posts_run_in_order_and_before_free_returns),
        cmocka_unit_test(unused_loop_is_freed_without_a_thread),
        cmocka_unit_test(descriptor_calls_back_until_paused),
        cmocka_unit_test(oneshot_calls_back_once_for_each_arming),
        cmocka_unit_test(source_removed_by_another_in_the_same_batch_stays_silent),
        cmocka_unit_test(number_may_be_reused_right_after_removal),
        cmocka_unit_test(second_source_on_one_descriptor_is_refused),
        cmocka_unit_test(timers_fire_once_or_again_and_again),
        cmocka_unit_test(timer_removed_at_once_is_freed_unfired),
        cmocka_unit_test(threads_add_and_remove_sources_at_once),
        cmocka_unit_test(signals_are_left_to_the_application),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
