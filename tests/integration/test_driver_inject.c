/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* inject=: every method can be made to wait and to fail; what waits can be cancelled, runs into its
 * deadline, and keeps nobody else waiting. */
#include "test_driver.h"

#include <sched.h>
#include <stdlib.h>
#include <string.h>

#define ERROR HVK_ERR_SYSTEM_ERROR /* 38 */
#define FOREVER "3600000"

static const struct hvk_domain test = {.size = sizeof test, .id = -1, .name = "test"};
static struct hvk_connection *connection;

static void parameters_that_nobody_knows_are_refused(void **state)
{
    (void)state;
    refuse_node("test:///default?colour=red", HVK_ERR_INVALID_ARG, "'colour'");
    refuse_node("test:///default?inject=", HVK_ERR_INVALID_ARG, "METHOD:delay=");
    refuse_node("test:///default?inject=create", HVK_ERR_INVALID_ARG, "METHOD:delay=");
    refuse_node("test:///default?inject=creates:error=1", HVK_ERR_INVALID_ARG, "'creates'");
    refuse_node("test:///default?inject=create:delay=long", HVK_ERR_INVALID_ARG, "'delay=long'");
    refuse_node("test:///default?inject=create:delay=3600001", HVK_ERR_INVALID_ARG, "3600000");
    refuse_node("test:///default?inject=create:error=0", HVK_ERR_INVALID_ARG, "'error=0'");
    char many[2048] = "test:///default?inject=create:error=1";
    for (int i = 0; i < 32; i++)
        strcat(many, ",create:error=1");
    refuse_node(many, HVK_ERR_LIMIT, "32");
}

#define FAILS(method, ...)                                                                         \
    REFUSED(ERROR, #method ": this error was asked for", hvk_domain_##method, connection,          \
            __VA_ARGS__)

static void life_and_configuration_fail_on_request(void)
{
    char *xml = domain_xml("vm", "");
    FAILS(define_xml, xml, 0, NULL);
    FAILS(create_xml, xml, NULL, 0, 0, NULL);
    FAILS(create, &test, NULL, 0, 0, NULL);
    FAILS(destroy, &test, 0);
    FAILS(shutdown, &test, 0);
    FAILS(reboot, &test, 0);
    FAILS(reset, &test, 0);
    FAILS(suspend, &test);
    FAILS(resume, &test);
    FAILS(undefine, &test, 0);
    FAILS(get_xml_desc, &test, 0, NULL);
    FAILS(rename, &test, "other", 0);
    FAILS(set_autostart, &test, true);
    FAILS(set_memory, &test, 1024, 0);
    FAILS(set_memory_stats_period, &test, 1, 0);
    FAILS(set_vcpus, &test, 1, 0);
    FAILS(get_vcpus_count, &test, 0, &(int32_t){0});
    FAILS(get_metadata, &test, 0, NULL, 0, NULL);
    FAILS(set_metadata, &test, 0, "text", NULL, NULL, 0);
    FAILS(set_lifecycle_action, &test, 0, 0, 0);
    FAILS(attach_device, &test, "<disk/>", 0);
    FAILS(detach_device, &test, "<disk/>", 0);
    FAILS(detach_device_alias, &test, "a", 0);
    FAILS(update_device, &test, "<disk/>", 0);
    free(xml);
}

static void saves_fail_on_request(void)
{
    struct hvk_param file = {.size = sizeof file,
                             .type = HVK_PARAM_STRING,
                             .name = HVK_DOMAIN_SAVE_PARAM_FILE,
                             .value.string = "/nonexistent/file"};
    FAILS(save, &test, &file, 1, 0);
    FAILS(save_image_get_xml_desc, "/nonexistent", 0, NULL);
    FAILS(save_image_define_xml, "/nonexistent", "<domain/>", 0);
    FAILS(managed_save, &test, 0);
    FAILS(managed_save_remove, &test, 0);
    FAILS(managed_save_get_xml_desc, &test, 0, NULL);
    FAILS(managed_save_define_xml, &test, NULL, 0);
    FAILS(core_dump, &test, "/nonexistent/file", 0, 0);
}

static void guests_and_figures_fail_on_request(void)
{
    struct hvk_domain_time time = HVK_RECORD_INIT(time);
    struct hvk_domain_block_info info = HVK_RECORD_INIT(info);
    struct hvk_domain_interface_stats stats = HVK_RECORD_INIT(stats);
    struct hvk_stream *console = hvk_stream_new(NULL, connection);
    struct hvk_stream *screen = hvk_stream_new(NULL, connection);
    FAILS(open_console, &test, NULL, console, 0);
    FAILS(screenshot, &test, 0, screen, 0, NULL);
    FAILS(send_key, &test, 0, 0, &(uint32_t){30}, 1, 0);
    FAILS(get_hostname, &test, 0, NULL);
    FAILS(get_fsinfo, &test, 0, NULL);
    FAILS(get_time, &test, 0, &time);
    FAILS(interface_addresses, &test, 0, 0, NULL);
    FAILS(get_security_labels, &test, NULL);
    FAILS(memory_stats, &test, 0, NULL);
    FAILS(block_stats, &test, "vda", 0, NULL);
    FAILS(interface_stats, &test, "testnet0", &stats);
    FAILS(get_block_info, &test, "vda", 0, &info);
    FAILS(get_disk_errors, &test, 0, NULL);
    FAILS(get_stats, &test, 0, 0, NULL);
    FAILS(get_vcpus, &test, NULL);
    FAILS(get_vcpu_pin_info, &test, 0, NULL);
    hvk_stream_free(console);
    hvk_stream_free(screen);
}

static void every_method_fails_on_request(void **state)
{
    (void)state;
    connection = open_fresh("*:error=38");
    life_and_configuration_fail_on_request();
    saves_fail_on_request();
    guests_and_figures_fail_on_request();
    expect_state(connection, "test", HVK_DOMAIN_RUNNING, 0);
    hvk_connection_close(connection);
}

/* ---- waiting -------------------------------------------------------------------------------- */

/* A shutdown that waits in another thread. */
struct waiting {
    pthread_t thread;
    struct hvk_call call;
    struct hvk_domain domain;
    bool done;
};

static void *shut_down(void *user)
{
    struct waiting *waiting = user;
    waiting->done = hvk_domain_shutdown(&waiting->call, connection, &waiting->domain, 0);
    return NULL;
}

/* Comes back once the shutdown is outside the lane. */
static void begin_waiting(struct waiting *waiting, const char *name, int64_t deadline_ns)
{
    struct hvk_domain_control_info info = HVK_RECORD_INIT(info);
    *waiting = (struct waiting){.call = HVK_CALL_INIT, .domain = named(name)};
    waiting->call.cancel = hvk_cancel_new();
    waiting->call.deadline_ns = deadline_ns;
    assert_int_equal(pthread_create(&waiting->thread, NULL, shut_down, waiting), 0);
    while (info.state != HVK_DOMAIN_CONTROL_JOB) {
        DONE(hvk_domain_get_control_info, connection, &waiting->domain, 0, &info);
        sched_yield();
    }
}

static void expect_failure(struct waiting *waiting, int32_t code)
{
    pthread_join(waiting->thread, NULL);
    assert_false(waiting->done);
    expect_error(&waiting->call.error, code, "");
    hvk_cancel_free(waiting->call.cancel);
}

static int open_waiting(void **state)
{
    (void)state;
    connection = open_fresh("shutdown:delay=" FOREVER);
    return 0;
}

static int close_waiting(void **state)
{
    (void)state;
    hvk_connection_close(connection);
    return 0;
}

static void a_wait_can_be_cancelled(void **state)
{
    struct waiting waiting;
    (void)state;
    begin_waiting(&waiting, "test", 0);
    hvk_cancel(waiting.call.cancel);
    expect_failure(&waiting, HVK_ERR_CANCELLED);
    expect_state(connection, "test", HVK_DOMAIN_RUNNING, 0);
}

static void a_wait_ends_at_its_deadline(void **state)
{
    struct hvk_call call = HVK_CALL_INIT;
    (void)state;
    call.deadline_ns = hvk_deadline_in(30);
    assert_false(hvk_domain_shutdown(&call, connection, &test, 0));
    expect_error(&call.error, HVK_ERR_DEADLINE, "deadline");
    DONE(hvk_domain_suspend, connection, &test);
    expect_state(connection, "test", HVK_DOMAIN_PAUSED, 1);
}

static void a_wait_keeps_nobody_else_waiting(void **state)
{
    struct waiting waiting;
    struct hvk_domain vm = named("vm");
    (void)state;
    begin_waiting(&waiting, "test", 0);
    define(connection, "vm", "");
    DONE(hvk_domain_create, connection, &vm, NULL, 0, 0, NULL);
    DONE(hvk_domain_list, connection, 0, NULL);
    expect_state(connection, "test", HVK_DOMAIN_RUNNING, 0);
    DONE(hvk_domain_suspend, connection, &test); /* a control method of the domain itself */
    expect_state(connection, "test", HVK_DOMAIN_PAUSED, 1);
    hvk_cancel(waiting.call.cancel);
    expect_failure(&waiting, HVK_ERR_CANCELLED);
}

static void a_domain_can_be_destroyed_under_a_wait(void **state)
{
    struct waiting waiting;
    (void)state;
    begin_waiting(&waiting, "test", 0);
    DONE(hvk_domain_destroy, connection, &test, 0);
    expect_state(connection, "test", HVK_DOMAIN_SHUTOFF, 2);
    hvk_cancel(waiting.call.cancel);
    expect_failure(&waiting, HVK_ERR_CANCELLED);
}

static void a_wait_ends_with_its_domain(void **state)
{
    struct waiting waiting;
    char *xml = domain_xml("vm", "");
    struct hvk_domain vm = named("vm");
    (void)state;
    DONE(hvk_domain_create_xml, connection, xml, NULL, 0, 0, NULL);
    begin_waiting(&waiting, "vm", 0);
    DONE(hvk_domain_destroy, connection, &vm, 0);
    expect_failure(&waiting, HVK_ERR_OBJECT_GONE);
    free(xml);
}

static void a_wait_ends_when_its_connection_is_closed(void **state)
{
    struct waiting waiting;
    (void)state;
    begin_waiting(&waiting, "test", 0);
    hvk_connection_close(connection);
    expect_failure(&waiting, HVK_ERR_INVALID_CONN);
    connection = NULL;
}

static void a_delay_that_is_over_lets_the_call_succeed(void **state)
{
    struct hvk_connection *own = open_fresh("suspend:delay=1,get_xml_desc:delay=1");
    (void)state;
    DONE(hvk_domain_suspend, own, &test);
    expect_xml(own, "test", 0, "<name>test</name>", true);
    expect_state(own, "test", HVK_DOMAIN_PAUSED, 1);
    hvk_connection_close(own);
}

int main(void)
{
#define WAIT(test) cmocka_unit_test_setup_teardown(test, open_waiting, close_waiting)
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(parameters_that_nobody_knows_are_refused),
        cmocka_unit_test(every_method_fails_on_request),
        WAIT(a_wait_can_be_cancelled),
        WAIT(a_wait_ends_at_its_deadline),
        WAIT(a_wait_keeps_nobody_else_waiting),
        WAIT(a_domain_can_be_destroyed_under_a_wait),
        WAIT(a_wait_ends_with_its_domain),
        WAIT(a_wait_ends_when_its_connection_is_closed),
        cmocka_unit_test(a_delay_that_is_over_lets_the_call_succeed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
