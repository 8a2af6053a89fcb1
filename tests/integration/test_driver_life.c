/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The life of a domain: what each step leads to, what it tells, and where it is refused. The
 * numbers are libvirt's, written out, so that a wrong enum does not go unnoticed. */
#include "test_driver.h"

#include <poll.h>
#include <stdlib.h>
#include <string.h>

enum { RUNNING = 1, PAUSED = 3, SHUTOFF = 5 };
enum { DEFINED, UNDEFINED, STARTED, SUSPENDED, RESUMED, STOPPED };

static struct hvk_connection *connection;
static struct journal *journal;
static const struct hvk_domain vm = {.size = sizeof vm, .id = -1, .name = "vm"};

static int setup(void **state)
{
    (void)state;
    connection = open_node("test:///default");
    journal = journal_start(connection);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    journal_stop(journal);
    hvk_connection_close(connection);
    return 0;
}

static void start(uint32_t flags)
{
    struct hvk_domain *started = NULL;
    DONE(hvk_domain_create, connection, &vm, NULL, 0, flags, &started);
    assert_true(started->id > 1);
    hvk_free(started);
}

static void the_default_domain_runs_with_the_facts_that_suites_expect(void **state)
{
    struct hvk_domain *domain = NULL;
    struct hvk_domain_info info = HVK_RECORD_INIT(info);
    static const uint8_t uuid[] = {0x66, 0x95, 0xeb, 0x01, 0xf6, 0xa4, 0x83, 0x04,
                                   0x79, 0xaa, 0x97, 0xf2, 0x50, 0x2e, 0x19, 0x3f};
    (void)state;
    DONE(hvk_domain_lookup_by_id, connection, 1, &domain);
    assert_string_equal(domain->name, "test");
    assert_memory_equal(domain->uuid, uuid, sizeof uuid);
    DONE(hvk_domain_get_info, connection, domain, &info);
    assert_int_equal(info.max_memory_kib, 8388608);
    assert_int_equal(info.memory_kib, 2097152);
    assert_int_equal(info.vcpus, 2);
    hvk_free(domain);
    expect_state(connection, "test", RUNNING, 0);
    assert_int_equal(status_of(connection, "test").updated, 0);
}

static void each_step_has_its_state_its_reason_and_its_event(void **state)
{
    (void)state;
    define(connection, "vm", "");
    expect_event(journal, 0, DEFINED, 0);
    expect_state(connection, "vm", SHUTOFF, 0);
    start(0);
    expect_event(journal, 1, STARTED, 0);
    expect_state(connection, "vm", RUNNING, 1);
    DONE(hvk_domain_suspend, connection, &vm);
    expect_event(journal, 2, SUSPENDED, 0);
    expect_state(connection, "vm", PAUSED, 1);
    DONE(hvk_domain_resume, connection, &vm);
    expect_event(journal, 3, RESUMED, 0);
    expect_state(connection, "vm", RUNNING, 5);
    DONE(hvk_domain_shutdown, connection, &vm, 0);
    expect_event(journal, 4, STOPPED, 0);
    expect_state(connection, "vm", SHUTOFF, 1);
    start(0);
    DONE(hvk_domain_destroy, connection, &vm, 0);
    expect_event(journal, 6, STOPPED, 1);
    expect_state(connection, "vm", SHUTOFF, 2);
    DONE(hvk_domain_undefine, connection, &vm, 0);
    expect_event(journal, 7, UNDEFINED, 0);
    REFUSED(HVK_ERR_NO_DOMAIN, "no domain 'vm'", hvk_domain_create, connection, &vm, NULL, 0, 0,
            NULL);
}

static void a_start_can_be_paused(void **state)
{
    (void)state;
    define(connection, "vm", "");
    start(HVK_DOMAIN_START_PAUSED);
    expect_event(journal, 1, STARTED, 0);
    expect_event(journal, 2, SUSPENDED, 0);
    expect_state(connection, "vm", PAUSED, 1);
}

static void what_is_published_comes_before_its_event(void **state)
{
    static const int32_t states[] = {SHUTOFF, RUNNING, PAUSED, RUNNING, SHUTOFF};
    (void)state;
    define(connection, "vm", "");
    const struct note *note = journal_at(journal, 0);
    assert_int_equal(note->state, states[0]);
    start(0);
    assert_int_equal(journal_at(journal, 1)->state, states[1]);
    DONE(hvk_domain_suspend, connection, &vm);
    assert_int_equal(journal_at(journal, 2)->state, states[2]);
    DONE(hvk_domain_resume, connection, &vm);
    assert_int_equal(journal_at(journal, 3)->state, states[3]);
    DONE(hvk_domain_destroy, connection, &vm, 0);
    assert_int_equal(journal_at(journal, 4)->state, states[4]);
    DONE(hvk_domain_undefine, connection, &vm, 0);
    assert_int_equal(journal_at(journal, 5)->state, -1);
}

static void count_event(struct hvk_connection *of, uint32_t event, const void *object,
                        const void *payload, void *user)
{
    (void)of;
    (void)event;
    (void)object;
    (void)payload;
    ++*(unsigned *)user;
}

static void an_application_with_a_loop_gets_events_behind_the_reply(void **state)
{
    unsigned count = 0;
    (void)state;
    struct hvk_connection *own = open_node("test:///default");
    int fd = hvk_connection_get_event_fd(NULL, own);
    assert_true(fd >= 0);
    struct hvk_watch *watch = hvk_connection_watch(NULL, own, HVK_EVENT_DOMAIN_LIFECYCLE, NULL,
                                                   count_event, &count, NULL);
    define(own, "vm", "");
    assert_int_equal(count, 0); /* the reply is here, and nothing ran in this thread yet */
    struct pollfd poll_fd = {.fd = fd, .events = POLLIN};
    assert_int_equal(poll(&poll_fd, 1, -1), 1);
    assert_int_equal(hvk_connection_dispatch(own), 1);
    assert_int_equal(count, 1);
    assert_int_equal(hvk_connection_dispatch(own), 0);
    hvk_watch_free(watch);
    hvk_connection_close(own);
}

static void an_operation_in_the_wrong_state_says_so(void **state)
{
    (void)state;
    define(connection, "vm", "");
    REFUSED(HVK_ERR_OPERATION_INVALID, "not running", hvk_domain_destroy, connection, &vm, 0);
    REFUSED(HVK_ERR_OPERATION_INVALID, "not running", hvk_domain_shutdown, connection, &vm, 0);
    REFUSED(HVK_ERR_OPERATION_INVALID, "not running", hvk_domain_reboot, connection, &vm, 0);
    REFUSED(HVK_ERR_OPERATION_INVALID, "not running", hvk_domain_reset, connection, &vm, 0);
    REFUSED(HVK_ERR_OPERATION_INVALID, "not running", hvk_domain_suspend, connection, &vm);
    REFUSED(HVK_ERR_OPERATION_INVALID, "not paused", hvk_domain_resume, connection, &vm);
    start(0);
    REFUSED(HVK_ERR_OPERATION_INVALID, "running already", hvk_domain_create, connection, &vm, NULL,
            0, 0, NULL);
    REFUSED(HVK_ERR_OPERATION_INVALID, "not paused", hvk_domain_resume, connection, &vm);
    DONE(hvk_domain_suspend, connection, &vm);
    REFUSED(HVK_ERR_OPERATION_INVALID, "not running", hvk_domain_suspend, connection, &vm);
    REFUSED(HVK_ERR_OPERATION_INVALID, "not running", hvk_domain_shutdown, connection, &vm, 0);
    DONE(hvk_domain_reset, connection, &vm, 0);
    expect_state(connection, "vm", PAUSED, 1);
}

static void starts_refuse_what_they_cannot_do(void **state)
{
    static const int32_t fds[] = {0};
    (void)state;
    define(connection, "vm", "");
    REFUSED(HVK_ERR_ARGUMENT_UNSUPPORTED, "connection", hvk_domain_create, connection, &vm, NULL, 0,
            HVK_DOMAIN_START_AUTODESTROY, NULL);
    REFUSED(HVK_ERR_ARGUMENT_UNSUPPORTED, "descriptors", hvk_domain_create, connection, &vm, fds, 1,
            0, NULL);
    REFUSED(HVK_ERR_INVALID_ARG, "flags", hvk_domain_create, connection, &vm, NULL, 0, 1u << 30,
            NULL);
    expect_state(connection, "vm", SHUTOFF, 0);
}

static void reboots_and_resets_are_told_and_change_nothing(void **state)
{
    (void)state;
    DONE(hvk_domain_reboot, connection, &(struct hvk_domain){.size = sizeof vm, .name = "test"}, 0);
    assert_int_equal(journal_at(journal, 0)->event, HVK_EVENT_DOMAIN_REBOOT);
    DONE(hvk_domain_reset, connection, &(struct hvk_domain){.size = sizeof vm, .name = "test"}, 0);
    assert_int_equal(journal_at(journal, 1)->event, HVK_EVENT_DOMAIN_REBOOT);
    expect_state(connection, "test", RUNNING, 0);
}

static void what_follows_a_guests_end_is_as_configured(void **state)
{
    (void)state;
    define(connection, "vm", "<on_poweroff>restart</on_poweroff><on_reboot>destroy</on_reboot>");
    start(0);
    DONE(hvk_domain_shutdown, connection, &vm, 0);
    assert_int_equal(journal_at(journal, 2)->event, HVK_EVENT_DOMAIN_REBOOT);
    expect_state(connection, "vm", RUNNING, 1);
    DONE(hvk_domain_reboot, connection, &vm, 0);
    expect_event(journal, 3, STOPPED, 0);
    expect_state(connection, "vm", SHUTOFF, 1);
}

static void a_transient_domain_is_gone_when_it_stops(void **state)
{
    char *xml = domain_xml("vm", "");
    (void)state;
    DONE(hvk_domain_create_xml, connection, xml, NULL, 0, 0, NULL);
    expect_event(journal, 0, STARTED, 0);
    assert_int_equal(status_of(connection, "vm").persistent, 0);
    REFUSED(HVK_ERR_OPERATION_INVALID, "running already", hvk_domain_create_xml, connection, xml,
            NULL, 0, 0, NULL);
    REFUSED(HVK_ERR_OPERATION_INVALID, "transient", hvk_domain_undefine, connection, &vm, 0);
    REFUSED(HVK_ERR_OPERATION_INVALID, "transient", hvk_domain_set_autostart, connection, &vm,
            true);
    REFUSED(HVK_ERR_OPERATION_INVALID, "transient", hvk_domain_managed_save, connection, &vm, 0);
    REFUSED(HVK_ERR_OPERATION_INVALID, "transient", hvk_domain_set_memory, connection, &vm, 131072,
            HVK_DOMAIN_AFFECT_CONFIG);
    DONE(hvk_domain_shutdown, connection, &vm, 0);
    expect_event(journal, 1, STOPPED, 0);
    REFUSED(HVK_ERR_NO_DOMAIN, "vm", hvk_domain_undefine, connection, &vm, 0);
    free(xml);
}

static void a_transient_domain_can_be_kept_and_a_stored_one_forgotten(void **state)
{
    char *xml = domain_xml("vm", "");
    (void)state;
    DONE(hvk_domain_create_xml, connection, xml, NULL, 0, 0, NULL);
    define(connection, "vm", "");
    expect_event(journal, 1, DEFINED, 0);
    define(connection, "vm", "<title>again</title>");
    expect_event(journal, 2, DEFINED, 1);
    assert_int_equal(status_of(connection, "vm").persistent, 1);
    assert_int_equal(status_of(connection, "vm").updated, 1);
    DONE(hvk_domain_undefine, connection, &vm, 0);
    expect_event(journal, 3, UNDEFINED, 0);
    assert_int_equal(status_of(connection, "vm").persistent, 0);
    expect_state(connection, "vm", RUNNING, 1);
    DONE(hvk_domain_destroy, connection, &vm, 0);
    REFUSED(HVK_ERR_NO_DOMAIN, "vm", hvk_domain_destroy, connection, &vm, 0);
    free(xml);
}

int main(void)
{
#define LIFE(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
    const struct CMUnitTest tests[] = {
        LIFE(the_default_domain_runs_with_the_facts_that_suites_expect),
        LIFE(each_step_has_its_state_its_reason_and_its_event),
        LIFE(a_start_can_be_paused),
        LIFE(what_is_published_comes_before_its_event),
        LIFE(an_application_with_a_loop_gets_events_behind_the_reply),
        LIFE(an_operation_in_the_wrong_state_says_so),
        LIFE(starts_refuse_what_they_cannot_do),
        LIFE(reboots_and_resets_are_told_and_change_nothing),
        LIFE(what_follows_a_guests_end_is_as_configured),
        LIFE(a_transient_domain_is_gone_when_it_stops),
        LIFE(a_transient_domain_can_be_kept_and_a_stored_one_forgotten),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
