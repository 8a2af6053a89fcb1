/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Watches: order, filters, the end of a watch, dispatching in the application's own loop. */
#include "core/rack.h"

#include "cmocka_all.h"

#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#define LOG_MAX 16384

/* What a watch was told. */
struct journal {
    pthread_mutex_t mutex;
    pthread_cond_t grew;
    int32_t events[LOG_MAX];
    unsigned count;
    unsigned freed;
    unsigned overflows;
};

static struct journal journal;

static int setup(void **state)
{
    memset(&journal, 0, sizeof journal);
    pthread_mutex_init(&journal.mutex, NULL);
    pthread_cond_init(&journal.grew, NULL);
    *state = rack_open("rack:///events");
    return 0;
}

static int teardown(void **state)
{
    hvk_connection_close(*state);
    return 0;
}

static void note(struct hvk_connection *connection, uint32_t event, const void *object,
                 const void *payload, void *user)
{
    struct journal *to = user;
    const struct hvk_event_domain_lifecycle *lifecycle = payload;
    (void)connection;
    (void)object;
    pthread_mutex_lock(&to->mutex);
    if (event == HVK_EVENT_OVERFLOW)
        to->overflows++;
    else if (to->count < LOG_MAX)
        to->events[to->count++] = lifecycle ? lifecycle->event : -1;
    pthread_cond_broadcast(&to->grew);
    pthread_mutex_unlock(&to->mutex);
}

static void note_end(void *user)
{
    struct journal *to = user;
    pthread_mutex_lock(&to->mutex);
    to->freed++;
    pthread_cond_broadcast(&to->grew);
    pthread_mutex_unlock(&to->mutex);
}

static void await_events(unsigned count)
{
    pthread_mutex_lock(&journal.mutex);
    while (journal.count < count)
        pthread_cond_wait(&journal.grew, &journal.mutex);
    pthread_mutex_unlock(&journal.mutex);
}

static struct hvk_watch *watch(struct hvk_connection *connection, const struct hvk_domain *domain)
{
    struct hvk_watch *made = hvk_connection_watch(NULL, connection, HVK_EVENT_DOMAIN_LIFECYCLE,
                                                  domain, note, &journal, note_end);
    assert_non_null(made);
    return made;
}

static void live_once(struct hvk_connection *connection, const char *name)
{
    struct hvk_domain domain = rack_named(name);
    rack_define(connection, name);
    assert_true(hvk_domain_create(NULL, connection, &domain, NULL, 0, 0, NULL));
    assert_true(hvk_domain_destroy(NULL, connection, &domain, 0));
    assert_true(hvk_domain_undefine(NULL, connection, &domain, 0));
}

static void events_come_in_the_order_of_what_happened(void **state)
{
    struct hvk_watch *all = watch(*state, NULL);
    live_once(*state, "m1");
    await_events(4);
    const int32_t expected[] = {HVK_DOMAIN_EVENT_DEFINED, HVK_DOMAIN_EVENT_STARTED,
                                HVK_DOMAIN_EVENT_STOPPED, HVK_DOMAIN_EVENT_UNDEFINED};
    assert_memory_equal(journal.events, expected, sizeof expected);
    hvk_watch_free(all);
    assert_int_equal(journal.freed, 1);
}

static void a_watch_of_one_object_hears_of_no_other(void **state)
{
    struct hvk_domain *one = NULL;
    assert_true(hvk_domain_define_xml(NULL, *state, "m1", 0, &one));
    struct hvk_watch *of_one = watch(*state, one);
    live_once(*state, "m2");
    assert_true(hvk_domain_create(NULL, *state, one, NULL, 0, 0, NULL));
    await_events(1);
    assert_int_equal(journal.count, 1);
    assert_int_equal(journal.events[0], HVK_DOMAIN_EVENT_STARTED);
    hvk_watch_free(of_one);
    assert_true(hvk_domain_destroy(NULL, *state, one, 0));
    hvk_free(one);
}

static void every_connection_of_a_node_hears(void **state)
{
    struct hvk_connection *other = rack_open("rack:///events");
    struct hvk_watch *far = watch(other, NULL);
    live_once(*state, "m3");
    await_events(4);
    hvk_watch_free(far);
    hvk_connection_close(other);
}

static void the_application_may_dispatch_in_its_own_loop(void **state)
{
    struct hvk_watch *all = watch(*state, NULL);
    int fd = hvk_connection_get_event_fd(NULL, *state);
    assert_true(fd >= 0);
    struct pollfd waiting = {.fd = fd, .events = POLLIN};
    assert_int_equal(poll(&waiting, 1, 0), 0);
    live_once(*state, "m4");
    assert_int_equal(poll(&waiting, 1, 10000), 1);
    assert_int_equal(journal.count, 0); /* nothing runs by itself any more */
    assert_int_equal(hvk_connection_dispatch(*state), 4);
    assert_int_equal(journal.count, 4);
    assert_int_equal(poll(&waiting, 1, 0), 0);
    assert_int_equal(hvk_connection_dispatch(*state), 0);
    hvk_watch_free(all);
}

static void a_reply_comes_before_the_events_of_its_call(void **state)
{
    struct hvk_watch *all = watch(*state, NULL);
    assert_true(hvk_connection_get_event_fd(NULL, *state) >= 0);
    rack_define(*state, "m5"); /* the reply; its event is due only now */
    assert_int_equal(hvk_connection_dispatch(*state), 1);
    assert_int_equal(journal.events[0], HVK_DOMAIN_EVENT_DEFINED);
    hvk_watch_free(all);
}

static void a_full_queue_says_that_events_were_lost(void **state)
{
    struct hvk_watch *all = watch(*state, NULL);
    assert_true(hvk_connection_get_event_fd(NULL, *state) >= 0);
    for (int i = 0; i < 5000; i++)
        rack_define(*state, "m6");
    while (hvk_connection_dispatch(*state) > 0)
        ;
    assert_int_equal(journal.count, 4096);
    assert_int_equal(journal.overflows, 1);
    rack_define(*state, "m6"); /* and goes on */
    assert_int_equal(hvk_connection_dispatch(*state), 1);
    assert_int_equal(journal.count, 4097);
    hvk_watch_free(all);
}

static void timers_and_posted_functions_run_on_the_lane(void **state)
{
    struct hvk_domain domain = rack_named("m9");
    rack_define(*state, "m9");
    struct hvk_watch *reboots = hvk_connection_watch(NULL, *state, HVK_EVENT_DOMAIN_REBOOT, &domain,
                                                     note, &journal, note_end);
    assert_non_null(reboots); /* named only: found by its name */
    for (int i = 0; i < 20; i++) {
        assert_true(hvk_domain_reboot(NULL, *state, &domain, 0));
        assert_true(hvk_domain_reset(NULL, *state, &domain, 0));
        assert_true(hvk_domain_create(NULL, *state, &domain, NULL, 0, 0, NULL));
        assert_true(hvk_domain_destroy(NULL, *state, &domain, 0));
    }
    await_events(40);
    assert_int_equal(rack_collisions(), 0);
    hvk_watch_free(reboots);
    assert_int_equal(journal.count, 40); /* a timer that was removed is not due again */
}

static void a_watch_of_a_name_that_is_not_there_is_refused(void **state)
{
    struct hvk_call call = HVK_CALL_INIT;
    struct hvk_domain domain = rack_named("nobody");
    assert_null(hvk_connection_watch(&call, *state, HVK_EVENT_DOMAIN_LIFECYCLE, &domain, note,
                                     &journal, NULL));
    assert_int_equal(call.error.code, HVK_ERR_NO_DOMAIN);
}

/* ---- the end of a watch --------------------------------------------------------------------- */

static struct hvk_watch *once;

static void free_itself(struct hvk_connection *connection, uint32_t event, const void *object,
                        const void *payload, void *user)
{
    hvk_watch_free(once);
    assert_int_equal(journal.freed, 0); /* user is still ours until this returns */
    note(connection, event, object, payload, user);
}

static void a_callback_may_free_its_own_watch(void **state)
{
    once = hvk_connection_watch(NULL, *state, HVK_EVENT_DOMAIN_LIFECYCLE, NULL, free_itself,
                                &journal, note_end);
    live_once(*state, "m7");
    pthread_mutex_lock(&journal.mutex);
    while (journal.freed == 0)
        pthread_cond_wait(&journal.grew, &journal.mutex);
    pthread_mutex_unlock(&journal.mutex);
    assert_int_equal(journal.count, 1);
}

static struct hvk_connection *doomed;

static void close_connection(struct hvk_connection *connection, uint32_t event, const void *object,
                             const void *payload, void *user)
{
    assert_ptr_equal(connection, doomed);
    hvk_connection_close(connection);
    note(connection, event, object, payload, user);
}

static void a_callback_may_close_its_connection(void **state)
{
    (void)state;
    unsigned closed = rack_closed();
    doomed = rack_open("rack:///doomed");
    struct hvk_watch *last = hvk_connection_watch(NULL, doomed, HVK_EVENT_DOMAIN_LIFECYCLE, NULL,
                                                  close_connection, &journal, note_end);
    rack_define(doomed, "m1");
    await_events(1);
    pthread_mutex_lock(&journal.mutex);
    while (journal.freed == 0)
        pthread_cond_wait(&journal.grew, &journal.mutex);
    pthread_mutex_unlock(&journal.mutex);
    while (rack_closed() == closed)
        sched_yield();
    hvk_watch_free(last);
}

static void a_watch_may_be_freed_after_its_connection_was_closed(void **state)
{
    (void)state;
    struct hvk_connection *connection = rack_open("rack:///early");
    struct hvk_watch *all = watch(connection, NULL);
    hvk_connection_close(connection);
    assert_int_equal(journal.freed, 1);
    hvk_watch_free(all);
    assert_int_equal(journal.freed, 1);
}

static atomic_bool racing;

static void *live_on(void *user)
{
    while (atomic_load(&racing))
        live_once(user, "m8");
    return NULL;
}

struct guarded {
    atomic_bool valid;
    atomic_uint calls;
};

static void touch(struct hvk_connection *connection, uint32_t event, const void *object,
                  const void *payload, void *user)
{
    struct guarded *guarded = user;
    (void)connection;
    (void)event;
    (void)object;
    (void)payload;
    assert_true(atomic_load(&guarded->valid));
    atomic_fetch_add(&guarded->calls, 1);
}

static void no_callback_runs_after_its_watch_was_freed(void **state)
{
    pthread_t thread;
    atomic_store(&racing, true);
    pthread_create(&thread, NULL, live_on, *state);
    for (int i = 0; i < 200; i++) {
        struct guarded *guarded = calloc(1, sizeof *guarded);
        atomic_store(&guarded->valid, true);
        struct hvk_watch *brief = hvk_connection_watch(NULL, *state, HVK_EVENT_DOMAIN_LIFECYCLE,
                                                       NULL, touch, guarded, NULL);
        while (i % 4 == 0 && atomic_load(&guarded->calls) == 0)
            sched_yield();
        hvk_watch_free(brief);
        atomic_store(&guarded->valid, false);
        free(guarded);
    }
    atomic_store(&racing, false);
    pthread_join(thread, NULL);
}

static void unknown_events_and_objects_are_refused(void **state)
{
    struct hvk_call call = HVK_CALL_INIT;
    assert_null(hvk_connection_watch(&call, *state, 0x7fffffffu, NULL, note, NULL, NULL));
    assert_int_equal(call.error.code, HVK_ERR_INVALID_ARG);
    struct hvk_domain blank = {0};
    assert_null(
        hvk_connection_watch(&call, *state, HVK_EVENT_DOMAIN_LIFECYCLE, &blank, note, NULL, NULL));
    assert_int_equal(call.error.code, HVK_ERR_INVALID_ARG);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(events_come_in_the_order_of_what_happened),
        TEST(a_watch_of_one_object_hears_of_no_other),
        TEST(every_connection_of_a_node_hears),
        TEST(the_application_may_dispatch_in_its_own_loop),
        TEST(a_reply_comes_before_the_events_of_its_call),
        TEST(a_full_queue_says_that_events_were_lost),
        TEST(timers_and_posted_functions_run_on_the_lane),
        TEST(a_watch_of_a_name_that_is_not_there_is_refused),
        TEST(a_callback_may_free_its_own_watch),
        TEST(a_callback_may_close_its_connection),
        TEST(a_watch_may_be_freed_after_its_connection_was_closed),
        TEST(no_callback_runs_after_its_watch_was_freed),
        TEST(unknown_events_and_objects_are_refused),
    };
    rack_install();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
