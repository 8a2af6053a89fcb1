/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What an application sees of calls: refusals, answers, deadlines, cancellation, closing. */
#include "core/rack.h"

#include "cmocka_all.h"
#include "open_fds.h"

#include <base/cleanup.h>
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

static unsigned hung; /* starts and reboots that have hung so far */

static int setup(void **state)
{
    *state = rack_open("rack:///calls");
    return 0;
}

static int teardown(void **state)
{
    hvk_connection_close(*state);
    return 0;
}

static void assert_says(const struct hvk_call *call, int32_t code, const char *part)
{
    assert_int_equal(call->error.code, code);
    if (!strstr(call->error.text, part))
        fail_msg("'%s' does not say '%s'", call->error.text, part);
}

/* ---- refusals ------------------------------------------------------------------------------- */

static void unknown_flags_are_refused_with_the_known_ones_named(void **state)
{
    struct hvk_call call = HVK_CALL_INIT;
    struct hvk_domain domain = rack_named("m1");
    rack_define(*state, "m1");
    assert_false(hvk_domain_destroy(&call, *state, &domain, 1u << 30));
    assert_says(&call, HVK_ERR_INVALID_ARG,
                "hvk_domain_destroy(): flags has the unknown bits 0x40000000");
}

static void a_value_that_was_not_initialised_is_refused(void **state)
{
    struct hvk_call call = HVK_CALL_INIT;
    struct hvk_domain domain = {.name = "m1"};
    assert_false(hvk_domain_destroy(&call, *state, &domain, 0));
    assert_says(&call, HVK_ERR_INVALID_ARG, "sizeof(struct hvk_domain)");
    struct hvk_domain_info info = {0};
    domain = rack_named("m1");
    assert_false(hvk_domain_get_info(&call, *state, &domain, &info));
    assert_says(&call, HVK_ERR_INVALID_ARG, "HVK_RECORD_INIT");
}

static void a_missing_function_is_named_with_its_driver(void **state)
{
    struct hvk_call call = HVK_CALL_INIT;
    struct hvk_domain domain = rack_named("m1");
    assert_false(hvk_connection_supports(*state, "domain.suspend"));
    assert_true(hvk_connection_supports(*state, "domain.create"));
    assert_true(hvk_connection_supports(*state, "domain.list"));
    assert_false(hvk_domain_suspend(&call, *state, &domain));
    assert_says(&call, HVK_ERR_NO_SUPPORT, "the driver 'rack' 1 does not support domain.suspend");
}

static void what_lies_behind_the_end_of_a_table_is_never_called(void **state)
{
    struct hvk_call call = HVK_CALL_INIT;
    auto_free char *name = NULL;
    assert_true(hvk_connection_get_hostname(&call, *state, &name)); /* the core's own answer */
    char own[256];
    gethostname(own, sizeof own);
    assert_non_null(strstr(name, own));
    uint64_t version = 0;
    assert_true(hvk_connection_get_version(&call, *state, &version));
    assert_int_equal(version, 42);
}

static void a_read_only_connection_may_only_look(void **state)
{
    struct hvk_call call = HVK_CALL_INIT;
    struct hvk_domain domain = rack_named("m1");
    rack_define(*state, "m1");
    struct hvk_connection *reader =
        hvk_connection_open(&call, "rack:///calls", HVK_CONNECT_READ_ONLY | HVK_CONNECT_NO_ALIASES);
    assert_non_null(reader);
    assert_false(hvk_domain_destroy(&call, reader, &domain, 0));
    assert_says(&call, HVK_ERR_OPERATION_DENIED, "read-only");
    auto_free char *xml = NULL;
    assert_false(hvk_domain_get_xml_desc(&call, reader, &domain, HVK_DOMAIN_XML_SECURE, &xml));
    assert_says(&call, HVK_ERR_OPERATION_DENIED, "the flags 0x1");
    assert_true(hvk_domain_get_xml_desc(&call, reader, &domain, 0, &xml));
    assert_string_equal(xml, "m1");
    hvk_connection_close(reader);
}

static void an_unknown_object_is_refused_before_the_driver_is_asked(void **state)
{
    struct hvk_call call = HVK_CALL_INIT;
    struct hvk_domain domain = rack_named("nobody");
    assert_false(hvk_domain_create(&call, *state, &domain, NULL, 0, 0, NULL));
    assert_says(&call, HVK_ERR_NO_DOMAIN, "there is no domain 'nobody' on rack:///calls");
    memset(domain.uuid, 0xab, sizeof domain.uuid);
    assert_false(hvk_domain_create(&call, *state, &domain, NULL, 0, 0, NULL));
    assert_says(&call, HVK_ERR_NO_DOMAIN, "abababab-abab-abab-abab-abababababab");
}

static void an_error_that_the_driver_forgot_is_reported_as_its_failure(void **state)
{
    struct hvk_call call = HVK_CALL_INIT;
    struct hvk_domain domain = rack_named("m2-mute");
    rack_define(*state, "m2-mute");
    assert_false(hvk_domain_create(&call, *state, &domain, NULL, 0, 0, NULL));
    assert_says(&call, HVK_ERR_DRIVER_FAILED, "hvk_domain_create(): the driver 'rack'");
    rack_define(*state, "m3-confused");
    domain = rack_named("m3-confused");
    assert_true(hvk_domain_create(&call, *state, &domain, NULL, 0, 0, NULL));
    assert_int_equal(call.error.code, HVK_ERR_OK);
}

/* ---- names ---------------------------------------------------------------------------------- */

static void a_name_keeps_its_uuid_and_a_uuid_its_name(void **state)
{
    struct hvk_call call = HVK_CALL_INIT;
    struct hvk_domain *first = NULL, *again = NULL;
    assert_true(hvk_domain_define_xml(&call, *state, "m4", 0, &first));
    assert_true(hvk_domain_define_xml(&call, *state, "m4", 0, &again));
    assert_memory_equal(first->uuid, again->uuid, HVK_UUID_SIZE);
    assert_false(
        hvk_domain_define_xml(&call, *state, "m4 11111111111111111111111111111111", 0, NULL));
    assert_says(&call, HVK_ERR_DOM_EXIST, "11111111-1111-1111-1111-111111111111");
    rack_define(*state, "m5 22222222222222222222222222222222");
    assert_false(
        hvk_domain_define_xml(&call, *state, "m6 22222222222222222222222222222222", 0, NULL));
    assert_says(&call, HVK_ERR_DOM_EXIST, "belongs to the domain 'm5'");
    hvk_free(first);
    hvk_free(again);
}

static void note_warning(void *user, const char *text)
{
    assert_string_equal(text, "the rack does not know 'warns'");
    ++*(int *)user;
}

static void warnings_reach_the_caller(void **state)
{
    int warnings = 0;
    struct hvk_call call = HVK_CALL_INIT;
    call.warning = note_warning;
    call.warning_user = &warnings;
    assert_true(hvk_domain_define_xml(&call, *state, "m63 warns", 0, NULL));
    assert_int_equal(warnings, 1);
}

/* ---- published answers ---------------------------------------------------------------------- */

static uint64_t count_listed(struct hvk_connection *connection, uint32_t flags)
{
    struct hvk_domain_list *list = NULL;
    assert_true(hvk_domain_list(NULL, connection, flags, &list));
    uint64_t count = list->count;
    hvk_free(list);
    return count;
}

static void listing_filters_by_groups(void **state)
{
    (void)state;
    struct hvk_connection *connection = rack_open("rack:///listing");
    struct hvk_domain domain = rack_named("m2");
    rack_define(connection, "m3");
    rack_define(connection, "m2");
    rack_define(connection, "m1");
    assert_true(hvk_domain_create(NULL, connection, &domain, NULL, 0, 0, NULL));
    struct hvk_domain_list *list = NULL;
    assert_true(hvk_domain_list(NULL, connection, 0, &list));
    assert_int_equal(list->count, 3);
    assert_string_equal(hvk_domain_list_at(list, 0)->name, "m1");
    assert_string_equal(hvk_domain_list_at(list, 2)->name, "m3");
    hvk_free(list);
    assert_int_equal(count_listed(connection, HVK_DOMAIN_LIST_ACTIVE), 1);
    assert_int_equal(count_listed(connection, HVK_DOMAIN_LIST_INACTIVE), 2);
    assert_int_equal(count_listed(connection, HVK_DOMAIN_LIST_ACTIVE | HVK_DOMAIN_LIST_INACTIVE),
                     3);
    assert_int_equal(count_listed(connection, HVK_DOMAIN_LIST_ACTIVE | HVK_DOMAIN_LIST_SHUTOFF), 0);
    assert_int_equal(count_listed(connection, HVK_DOMAIN_LIST_RUNNING | HVK_DOMAIN_LIST_SHUTOFF),
                     3);
    assert_int_equal(count_listed(connection, HVK_DOMAIN_LIST_TRANSIENT), 0);
    hvk_connection_close(connection);
}

static void status_and_info_come_from_what_was_published(void **state)
{
    struct hvk_call call = HVK_CALL_INIT;
    struct hvk_domain domain = rack_named("m7");
    rack_define(*state, "m7");
    struct hvk_domain *started = NULL, *found = NULL;
    assert_true(hvk_domain_create(&call, *state, &domain, NULL, 0, 0, &started));
    struct hvk_domain_status status = HVK_RECORD_INIT(status);
    struct hvk_domain_info info = HVK_RECORD_INIT(info);
    assert_true(hvk_domain_get_status(&call, *state, started, &status));
    assert_int_equal(status.state, HVK_DOMAIN_RUNNING);
    assert_int_equal(status.id, started->id);
    assert_true(status.active && status.persistent && !status.autostart);
    assert_true(hvk_domain_get_info(&call, *state, started, &info));
    assert_int_equal(info.max_memory_kib, 2048);
    assert_int_equal(info.cpu_time_ns, 7);
    assert_true(hvk_domain_lookup_by_id(&call, *state, started->id, &found));
    assert_string_equal(found->name, "m7");
    hvk_free(found);
    assert_true(hvk_domain_lookup_by_uuid(&call, *state, started->uuid, &found));
    assert_int_equal(found->id, started->id);
    hvk_free(found);
    found = NULL;
    assert_false(hvk_domain_lookup_by_name(&call, *state, "m99", &found));
    assert_null(found);
    assert_says(&call, HVK_ERR_NO_DOMAIN, "m99");
    hvk_free(started);
}

/* ---- deadlines and cancellation ------------------------------------------------------------- */

static void a_driver_that_ignores_the_deadline_keeps_nobody(void **state)
{
    struct hvk_call call = HVK_CALL_INIT;
    struct hvk_domain hangs = rack_named("m10-hangs"), other = rack_named("m11");
    rack_define(*state, "m10-hangs");
    rack_define(*state, "m11");
    call.deadline_ns = hvk_deadline_in(50);
    assert_false(hvk_domain_create(&call, *state, &hangs, NULL, 0, 0, NULL));
    assert_says(&call, HVK_ERR_DEADLINE, "hvk_domain_create() of domain 'm10-hangs' was given up");
    rack_await_hanging(++hung);
    /* Its lane is taken; nothing else is. */
    call.deadline_ns = 0;
    assert_true(hvk_domain_create(&call, *state, &other, NULL, 0, 0, NULL));
    struct hvk_domain_control_info info = HVK_RECORD_INIT(info);
    assert_true(hvk_domain_get_control_info(&call, *state, &hangs, 0, &info));
    assert_int_equal(info.state, HVK_DOMAIN_CONTROL_OCCUPIED);
    call.flags = HVK_CALL_NO_WAIT;
    assert_false(hvk_domain_destroy(&call, *state, &hangs, 0));
    assert_says(&call, HVK_ERR_RESOURCE_BUSY, "hvk_domain_destroy()");
    rack_release();
    call.flags = 0;
    assert_true(hvk_domain_destroy(&call, *state, &hangs, 0)); /* behind the start that went on */
    rack_hold();
}

struct start {
    struct hvk_connection *connection;
    const char *name;
    struct hvk_cancel *cancel;
    struct hvk_call call;
    bool done;
};

static void *start_in_thread(void *user)
{
    struct start *start = user;
    struct hvk_domain domain = rack_named(start->name);
    start->call = (struct hvk_call)HVK_CALL_INIT;
    start->call.cancel = start->cancel;
    start->done = hvk_domain_create(&start->call, start->connection, &domain, NULL, 0, 0, NULL);
    return NULL;
}

static void a_cancelled_call_returns_at_once(void **state)
{
    pthread_t thread;
    struct start start = {.connection = *state, .name = "m12-hangs", .cancel = hvk_cancel_new()};
    rack_define(*state, start.name);
    pthread_create(&thread, NULL, start_in_thread, &start);
    rack_await_hanging(++hung);
    hvk_cancel(start.cancel);
    pthread_join(thread, NULL);
    assert_false(start.done);
    assert_says(&start.call, HVK_ERR_CANCELLED, "it was cancelled");
    struct hvk_domain domain = rack_named(start.name);
    assert_false(hvk_domain_destroy(&start.call, *state, &domain, 0)); /* the token stays set */
    assert_int_equal(start.call.error.code, HVK_ERR_CANCELLED);
    hvk_cancel_free(start.cancel);
    rack_release();
    assert_true(hvk_domain_destroy(NULL, *state, &domain, 0));
    rack_hold();
}

static void destroy_ends_a_start_that_waits(void **state)
{
    pthread_t thread;
    struct start start = {.connection = *state, .name = "m13-waits"};
    struct hvk_domain domain = rack_named(start.name);
    rack_define(*state, start.name);
    pthread_create(&thread, NULL, start_in_thread, &start);
    while (!hvk_domain_destroy(NULL, *state, &domain, 0)) /* until the start has begun */
        sched_yield();
    pthread_join(thread, NULL);
    assert_false(start.done);
    assert_says(&start.call, HVK_ERR_OPERATION_ABORTED, "destroyed while it started");
}

static void closing_ends_calls_in_flight(void **state)
{
    (void)state;
    pthread_t thread;
    struct hvk_connection *connection = rack_open("rack:///closing");
    struct start start = {.connection = connection, .name = "m14-hangs"};
    rack_define(connection, start.name);
    unsigned closed = rack_closed();
    pthread_create(&thread, NULL, start_in_thread, &start);
    rack_await_hanging(++hung);
    hvk_connection_close(connection);
    pthread_join(thread, NULL);
    assert_false(start.done);
    assert_says(&start.call, HVK_ERR_INVALID_CONN, "the connection was closed");
    assert_int_equal(rack_closed(), closed); /* the driver is still inside */
    rack_release();
    while (rack_closed() == closed)
        sched_yield();
    rack_hold();
}

/* ---- threading models ----------------------------------------------------------------------- */

static void a_serial_driver_runs_one_call_at_a_time(void **state)
{
    (void)state;
    pthread_t thread;
    struct hvk_call call = HVK_CALL_INIT;
    struct hvk_connection *connection = rack_open("queue:///serial");
    struct start start = {.connection = connection, .name = "m16-hangs"};
    struct hvk_domain other = rack_named("m17");
    rack_define(connection, start.name);
    rack_define(connection, "m17");
    pthread_create(&thread, NULL, start_in_thread, &start);
    rack_await_hanging(++hung);
    call.deadline_ns = hvk_deadline_in(50);
    auto_free char *xml = NULL;
    assert_false(hvk_domain_get_xml_desc(&call, connection, &other, 0, &xml));
    assert_int_equal(call.error.code, HVK_ERR_DEADLINE);
    assert_int_equal(count_listed(connection, 0), 2); /* listing needs no call of the driver */
    rack_release();
    pthread_join(thread, NULL);
    assert_true(start.done);
    rack_hold();
    hvk_connection_close(connection);
}

static void a_parallel_driver_is_read_while_it_changes(void **state)
{
    (void)state;
    pthread_t thread;
    struct hvk_call call = HVK_CALL_INIT;
    struct hvk_connection *connection = rack_open("crowd:///parallel");
    struct start start = {.connection = connection, .name = "m18-hangs"};
    struct hvk_domain same = rack_named(start.name);
    rack_define(connection, start.name);
    pthread_create(&thread, NULL, start_in_thread, &start);
    rack_await_hanging(++hung);
    auto_free char *xml = NULL;
    assert_true(hvk_domain_get_xml_desc(NULL, connection, &same, 0, &xml));
    call.deadline_ns = hvk_deadline_in(50); /* changes still take turns */
    assert_false(hvk_domain_undefine(&call, connection, &same, 0));
    assert_int_equal(call.error.code, HVK_ERR_DEADLINE);
    rack_release();
    pthread_join(thread, NULL);
    rack_hold();
    hvk_connection_close(connection);
}

/* ---- nodes ---------------------------------------------------------------------------------- */

static void connections_to_one_uri_share_a_node(void **state)
{
    (void)state;
    unsigned opened = rack_opened(), closed = rack_closed();
    struct hvk_connection *one = rack_open("rack:///shared");
    struct hvk_connection *other = rack_open("rack:///shared");
    assert_int_equal(rack_opened(), opened + 1);
    rack_define(one, "m1");
    assert_int_equal(count_listed(other, 0), 1);
    hvk_connection_close(one);
    assert_int_equal(count_listed(other, 0), 1);
    assert_int_equal(rack_closed(), closed);
    hvk_connection_close(other);
    assert_int_equal(rack_closed(), closed + 1);
}

static void *close_in_thread(void *user)
{
    hvk_connection_close(user);
    return NULL;
}

static void a_node_closes_after_a_callback_that_removed_its_source(void **state)
{
    (void)state;
    pthread_t thread;
    struct timespec until;
    unsigned closed = rack_closed(), refused = rack_refused();
    struct hvk_connection *connection = rack_open("rack:///callback");
    struct hvk_domain domain = rack_named("m19-hangs");
    rack_define(connection, "m19-hangs");
    assert_true(hvk_domain_reboot(NULL, connection, &domain, 0));
    rack_await_hanging(++hung);
    pthread_create(&thread, NULL, close_in_thread, connection);
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec++;
    assert_int_equal(pthread_timedjoin_np(thread, NULL, &until), ETIMEDOUT);
    assert_int_equal(rack_closed(), closed); /* the callback is still inside */
    rack_release();
    pthread_join(thread, NULL);
    assert_int_equal(rack_closed(), closed + 1);
    assert_int_equal(rack_refused(), refused + 1); /* it would have run after the close */
    rack_hold();
}

static void a_node_that_does_not_open_says_why(void **state)
{
    (void)state;
    struct hvk_call call = HVK_CALL_INIT;
    int before = count_open_fds();
    assert_null(hvk_connection_open(&call, "rack:///broken", HVK_CONNECT_NO_ALIASES));
    assert_says(&call, HVK_ERR_OPEN_FAILED, "this rack is broken");
    assert_null(hvk_connection_open(&call, "rack:///x", 1u << 31));
    assert_says(&call, HVK_ERR_INVALID_ARG, "0x80000000");
    assert_int_equal(count_open_fds(), before);
}

static void a_nodes_state_lives_below_its_root(void **state)
{
    (void)state;
    struct hvk_call call = HVK_CALL_INIT;
    struct stat found;
    char root[256], uri[512], path[512];
    const char *temporary = getenv("TMPDIR");
    snprintf(root, sizeof root, "%s/hvkit-state-XXXXXX", temporary ? temporary : "/tmp");
    assert_non_null(mkdtemp(root));
    snprintf(uri, sizeof uri, "rack:///state?root=%s/new", root);
    hvk_connection_close(rack_open(uri));
    snprintf(path, sizeof path, "%s/new/marks/here", root);
    assert_int_equal(stat(path, &found), 0);
    assert_int_equal(found.st_mode & 07777, 0700);
    static const char *const left[] = {"/new/marks/here/mark", "/new/marks/here", "/new/marks",
                                       "/new", ""};
    for (size_t i = 0; i < ARRAY_SIZE(left); i++) {
        snprintf(path, sizeof path, "%s%s", root, left[i]);
        assert_int_equal(remove(path), 0);
    }
    assert_null(hvk_connection_open(&call, "rack:///state?root=near", HVK_CONNECT_NO_ALIASES));
    assert_says(&call, HVK_ERR_INVALID_ARG, "root must be an absolute path");
}

static void descriptors_of_a_call_are_its_own(void **state)
{
    int ends[2];
    char got = 0;
    assert_int_equal(pipe(ends), 0);
    rack_define(*state, "m15");
    struct hvk_domain domain = rack_named("m15");
    assert_true(hvk_domain_create(NULL, *state, &domain, &ends[1], 1, 0, NULL));
    assert_int_equal(read(ends[0], &got, 1), 1);
    assert_int_equal(got, '!');
    close(ends[1]);
    assert_int_equal(read(ends[0], &got, 1), 0); /* no copy of the other end is left */
    close(ends[0]);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(unknown_flags_are_refused_with_the_known_ones_named),
        TEST(a_value_that_was_not_initialised_is_refused),
        TEST(a_missing_function_is_named_with_its_driver),
        TEST(what_lies_behind_the_end_of_a_table_is_never_called),
        TEST(a_read_only_connection_may_only_look),
        TEST(an_unknown_object_is_refused_before_the_driver_is_asked),
        TEST(an_error_that_the_driver_forgot_is_reported_as_its_failure),
        TEST(a_name_keeps_its_uuid_and_a_uuid_its_name),
        TEST(warnings_reach_the_caller),
        TEST(listing_filters_by_groups),
        TEST(status_and_info_come_from_what_was_published),
        TEST(a_driver_that_ignores_the_deadline_keeps_nobody),
        TEST(a_cancelled_call_returns_at_once),
        TEST(destroy_ends_a_start_that_waits),
        TEST(closing_ends_calls_in_flight),
        TEST(a_serial_driver_runs_one_call_at_a_time),
        TEST(a_parallel_driver_is_read_while_it_changes),
        TEST(connections_to_one_uri_share_a_node),
        TEST(a_node_closes_after_a_callback_that_removed_its_source),
        TEST(a_node_that_does_not_open_says_why),
        TEST(a_nodes_state_lives_below_its_root),
        TEST(descriptors_of_a_call_are_its_own),
    };
    rack_install();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
