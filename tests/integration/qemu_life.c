/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The life of a domain, with a real QEMU and a real guest. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "qemu_lab.h"

#define CALL &lab->call, lab->connection

static void definition_survives_reopening(void **state)
{
    struct lab *lab = *state;
    struct hvk_domain *domain = lab_define(lab, "kept", NULL, NULL);
    lab_ok(lab, hvk_domain_set_autostart(CALL, domain, true));
    lab_reopen(lab);
    struct hvk_domain *found = NULL;
    lab_ok(lab, hvk_domain_lookup_by_name(CALL, "kept", &found));
    assert_memory_equal(found->uuid, domain->uuid, sizeof found->uuid);
    struct hvk_domain_status status = HVK_RECORD_INIT(status);
    lab_ok(lab, hvk_domain_get_status(CALL, found, &status));
    assert_true(status.autostart && status.persistent && !status.active);
    lab_ok(lab, hvk_domain_undefine(CALL, found, 0));
    lab_reopen(lab);
    lab_fails(lab, hvk_domain_lookup_by_name(CALL, "kept", &found), HVK_ERR_NO_DOMAIN, "kept");
    hvk_free(found);
    hvk_free(domain);
}

static void guest_starts_talks_and_is_destroyed(void **state)
{
    struct lab *lab = *state;
    struct hvk_domain *domain = lab_define(lab, "talker", NULL, NULL);
    struct hvk_domain *started = NULL;
    lab_ok(lab, hvk_domain_create(CALL, domain, NULL, 0, 0, &started));
    assert_true(started->id > 0);
    lab_wait_lifecycle(lab, "talker", HVK_DOMAIN_EVENT_STARTED, HVK_DOMAIN_EVENT_STARTED_BOOTED);
    struct hvk_stream *console = lab_console(lab, domain);
    lab_expect(lab, console, "tick");
    lab_send(lab, console, "hello?");
    lab_expect(lab, console, "hello?");
    hvk_stream_free(console);
    assert_int_equal(lab_processes(lab), 1);
    lab_fails(lab, hvk_domain_create(CALL, domain, NULL, 0, 0, NULL), HVK_ERR_OPERATION_INVALID,
              "runs already");
    lab_ok(lab, hvk_domain_destroy(CALL, domain, 0));
    lab_wait_lifecycle(lab, "talker", HVK_DOMAIN_EVENT_STOPPED, HVK_DOMAIN_EVENT_STOPPED_DESTROYED);
    int32_t reason;
    assert_int_equal(lab_state(lab, domain, &reason), HVK_DOMAIN_SHUTOFF);
    assert_int_equal(reason, HVK_DOMAIN_SHUTOFF_DESTROYED);
    assert_int_equal(lab_processes(lab), 0);
    lab_fails(lab, hvk_domain_destroy(CALL, domain, 0), HVK_ERR_OPERATION_INVALID, "not running");
    hvk_free(started);
    hvk_free(domain);
}

static void suspended_guest_is_silent_until_resumed(void **state)
{
    struct lab *lab = *state;
    struct hvk_domain *domain = lab_boot(lab, "sleeper", NULL, NULL);
    lab_ok(lab, hvk_domain_suspend(CALL, domain));
    lab_wait_lifecycle(lab, "sleeper", HVK_DOMAIN_EVENT_SUSPENDED,
                       HVK_DOMAIN_EVENT_SUSPENDED_PAUSED);
    int32_t reason;
    assert_int_equal(lab_state(lab, domain, &reason), HVK_DOMAIN_PAUSED);
    assert_int_equal(reason, HVK_DOMAIN_PAUSED_USER);
    struct hvk_stream *console = lab_console(lab, domain);
    lab_send(lab, console, "x");
    char byte;
    struct hvk_call quick = HVK_CALL_INIT;
    quick.deadline_ns = hvk_deadline_in(1500); /* longer than the guest's tick */
    while (hvk_stream_read(&quick, console, &byte, 1) > 0)
        assert_int_not_equal(byte, 'x');
    lab_ok(lab, hvk_domain_resume(CALL, domain));
    lab_wait_lifecycle(lab, "sleeper", HVK_DOMAIN_EVENT_RESUMED, HVK_DOMAIN_EVENT_RESUMED_UNPAUSED);
    lab_expect(lab, console, "x");
    lab_fails(lab, hvk_domain_resume(CALL, domain), HVK_ERR_OPERATION_INVALID, "runs already");
    hvk_stream_free(console);
    hvk_free(domain);
}

static void guest_obeys_the_power_button(void **state)
{
    struct lab *lab = *state;
    struct hvk_domain *domain = lab_boot(lab, "obedient", NULL, NULL);
    lab_ok(lab, hvk_domain_shutdown(CALL, domain, 0));
    lab_wait_lifecycle(lab, "obedient", HVK_DOMAIN_EVENT_SHUTDOWN, HVK_DOMAIN_EVENT_SHUTDOWN_GUEST);
    lab_wait_lifecycle(lab, "obedient", HVK_DOMAIN_EVENT_STOPPED,
                       HVK_DOMAIN_EVENT_STOPPED_SHUTDOWN);
    assert_int_equal(lab_state(lab, domain, NULL), HVK_DOMAIN_SHUTOFF);
    hvk_free(domain);
}

static void guest_that_ignores_the_button_goes_on_until_destroyed(void **state)
{
    struct lab *lab = *state;
    struct hvk_domain *domain = lab_boot(lab, "deaf", NULL, NULL);
    struct hvk_stream *console = lab_console(lab, domain);
    lab_send(lab, console, "!i");
    lab_expect(lab, console, "IGNORING");
    lab_ok(lab, hvk_domain_shutdown(CALL, domain, 0));
    lab_expect(lab, console, "BUTTON");
    assert_int_equal(lab_state(lab, domain, NULL), HVK_DOMAIN_RUNNING);
    lab_ok(lab, hvk_domain_destroy(CALL, domain, HVK_DOMAIN_DESTROY_GRACEFUL));
    assert_int_equal(lab_state(lab, domain, NULL), HVK_DOMAIN_SHUTOFF);
    hvk_stream_free(console);
    hvk_free(domain);
}

static void reboot_and_reset_start_the_guest_again(void **state)
{
    struct lab *lab = *state;
    struct hvk_domain *domain = lab_boot(lab, "again", NULL, NULL);
    struct hvk_stream *console = lab_console(lab, domain);
    lab_ok(lab, hvk_domain_reboot(CALL, domain, 0));
    lab_expect(lab, console, "POWEROFF");
    lab_expect(lab, console, "READY");
    lab_wait_event(lab, "again", HVK_EVENT_DOMAIN_REBOOT);
    lab_ok(lab, hvk_domain_reset(CALL, domain, 0));
    lab_expect(lab, console, "READY");
    lab_send(lab, console, "!r"); /* from inside */
    lab_expect(lab, console, "READY");
    assert_int_equal(lab_state(lab, domain, NULL), HVK_DOMAIN_RUNNING);
    lab_ok(lab, hvk_domain_shutdown(CALL, domain, 0)); /* a later shutdown is none of a reboot */
    lab_wait_lifecycle(lab, "again", HVK_DOMAIN_EVENT_STOPPED, HVK_DOMAIN_EVENT_STOPPED_SHUTDOWN);
    hvk_stream_free(console);
    hvk_free(domain);
}

static void actions_say_what_follows_a_power_off(void **state)
{
    struct lab *lab = *state;
    struct hvk_domain *domain =
        lab_boot(lab, "phoenix", NULL, "<on_poweroff>restart</on_poweroff>");
    struct hvk_stream *console = lab_console(lab, domain);
    lab_send(lab, console, "!o");
    lab_expect(lab, console, "POWEROFF");
    lab_expect(lab, console, "READY");
    assert_int_equal(lab_state(lab, domain, NULL), HVK_DOMAIN_RUNNING);
    hvk_stream_free(console);
    lab_ok(lab, hvk_domain_destroy(CALL, domain, 0));
    hvk_free(domain);

    domain = lab_boot(lab, "once", NULL, "<on_reboot>destroy</on_reboot>");
    console = lab_console(lab, domain);
    lab_send(lab, console, "!r");
    lab_wait_lifecycle(lab, "once", HVK_DOMAIN_EVENT_STOPPED, -1);
    hvk_stream_free(console);
    hvk_free(domain);
}

static void panic_is_an_event_and_a_state(void **state)
{
    struct lab *lab = *state;
    static const char panic[] = "<panic model='isa'/>";
    struct hvk_domain *domain = lab_boot(lab, "doomed", panic, "<on_crash>preserve</on_crash>");
    struct hvk_stream *console = lab_console(lab, domain);
    lab_send(lab, console, "!p");
    lab_wait_lifecycle(lab, "doomed", HVK_DOMAIN_EVENT_CRASHED, HVK_DOMAIN_EVENT_CRASHED_PANICKED);
    int32_t reason;
    assert_int_equal(lab_state(lab, domain, &reason), HVK_DOMAIN_CRASHED);
    assert_int_equal(reason, HVK_DOMAIN_CRASHED_PANICKED);
    hvk_stream_free(console);
    lab_ok(lab, hvk_domain_destroy(CALL, domain, 0));
    hvk_free(domain);

    domain = lab_boot(lab, "doomed2", panic, "<on_crash>destroy</on_crash>");
    console = lab_console(lab, domain);
    lab_send(lab, console, "!p");
    lab_wait_lifecycle(lab, "doomed2", HVK_DOMAIN_EVENT_STOPPED, HVK_DOMAIN_EVENT_STOPPED_CRASHED);
    hvk_stream_free(console);
    hvk_free(domain);
}

static void memory_of_a_crashed_guest_is_kept_when_wanted(void **state)
{
    struct lab *lab = *state;
    struct hvk_domain *domain =
        lab_boot(lab, "evidence", "<panic model='isa'/>", "<on_crash>coredump-restart</on_crash>");
    struct hvk_stream *console = lab_console(lab, domain);
    lab_send(lab, console, "!p");
    lab_expect(lab, console, "READY");
    assert_int_equal(lab_files(lab, "dump"), 1);
    assert_int_equal(lab_state(lab, domain, NULL), HVK_DOMAIN_RUNNING);
    hvk_stream_free(console);
    lab_ok(lab, hvk_domain_destroy(CALL, domain, 0));
    hvk_free(domain);

    domain =
        lab_boot(lab, "evidence2", "<panic model='isa'/>", "<on_crash>coredump-destroy</on_crash>");
    console = lab_console(lab, domain);
    lab_send(lab, console, "!p");
    lab_wait_lifecycle(lab, "evidence2", HVK_DOMAIN_EVENT_STOPPED,
                       HVK_DOMAIN_EVENT_STOPPED_CRASHED);
    assert_int_equal(lab_files(lab, "dump"), 2);
    hvk_stream_free(console);
    hvk_free(domain);
}

static void transient_domain_is_gone_when_it_ends(void **state)
{
    struct lab *lab = *state;
    char *xml = lab_xml(lab, "mayfly", NULL, NULL);
    struct hvk_domain *domain = NULL;
    lab_ok(lab, hvk_domain_create_xml(CALL, xml, NULL, 0, HVK_DOMAIN_START_PAUSED, &domain));
    free(xml);
    assert_int_equal(lab_state(lab, domain, NULL), HVK_DOMAIN_PAUSED);
    struct hvk_domain_status status = HVK_RECORD_INIT(status);
    lab_ok(lab, hvk_domain_get_status(CALL, domain, &status));
    assert_true(status.active && !status.persistent);
    lab_fails(lab, hvk_domain_undefine(CALL, domain, 0), HVK_ERR_OPERATION_INVALID, "transient");
    lab_ok(lab, hvk_domain_resume(CALL, domain));
    lab_ok(lab, hvk_domain_destroy(CALL, domain, 0));
    lab_wait_lifecycle(lab, "mayfly", HVK_DOMAIN_EVENT_STOPPED, -1);
    struct hvk_domain *found = NULL;
    lab_fails(lab, hvk_domain_lookup_by_name(CALL, "mayfly", &found), HVK_ERR_NO_DOMAIN, "mayfly");
    hvk_free(domain);
}

static void undefined_while_running_becomes_transient(void **state)
{
    struct lab *lab = *state;
    struct hvk_domain *domain = lab_boot(lab, "orphan", NULL, NULL);
    lab_ok(lab, hvk_domain_undefine(CALL, domain, 0));
    struct hvk_domain_status status = HVK_RECORD_INIT(status);
    lab_ok(lab, hvk_domain_get_status(CALL, domain, &status));
    assert_true(status.active && !status.persistent);
    char *xml = lab_xml(lab, "orphan2", NULL, NULL);
    free(xml);
    lab_ok(lab, hvk_domain_destroy(CALL, domain, 0));
    struct hvk_domain *found = NULL;
    lab_fails(lab, hvk_domain_lookup_by_name(CALL, "orphan", &found), HVK_ERR_NO_DOMAIN, "orphan");
    hvk_free(domain);
}

static void rename_moves_the_domain_durably(void **state)
{
    struct lab *lab = *state;
    struct hvk_domain *domain = lab_define(lab, "before", NULL, NULL);
    struct hvk_domain *other = lab_define(lab, "taken", NULL, NULL);
    lab_fails(lab, hvk_domain_rename(CALL, domain, "taken", 0), HVK_ERR_DOM_EXIST, "taken");
    lab_ok(lab, hvk_domain_rename(CALL, domain, "after", 0));
    lab_reopen(lab);
    struct hvk_domain *found = NULL;
    lab_ok(lab, hvk_domain_lookup_by_name(CALL, "after", &found));
    assert_memory_equal(found->uuid, domain->uuid, sizeof found->uuid);
    char *xml = NULL;
    lab_ok(lab, hvk_domain_get_xml_desc(CALL, found, 0, &xml));
    assert_non_null(strstr(xml, "<name>after</name>"));
    hvk_free(xml);
    hvk_free(found);
    hvk_free(other);
    hvk_free(domain);
}

static void metadata_is_kept_and_told(void **state)
{
    struct lab *lab = *state;
    struct hvk_domain *domain = lab_define(lab, "described", NULL, NULL);
    char *text = NULL;
    lab_fails(lab, hvk_domain_get_metadata(CALL, domain, HVK_DOMAIN_METADATA_TITLE, NULL, 0, &text),
              HVK_ERR_NO_DOMAIN_METADATA, "described");
    lab_ok(lab, hvk_domain_set_metadata(CALL, domain, HVK_DOMAIN_METADATA_TITLE, "a title", NULL,
                                        NULL, 0));
    lab_wait_event(lab, "described", HVK_EVENT_DOMAIN_METADATA_CHANGE);
    lab_ok(lab, hvk_domain_set_metadata(CALL, domain, HVK_DOMAIN_METADATA_ELEMENT,
                                        "<note>kept</note>", "app", "http://example.org/app", 0));
    /* XML has no way to write it: kept, it would have made the definition unreadable. */
    lab_fails(lab,
              hvk_domain_set_metadata(CALL, domain, HVK_DOMAIN_METADATA_DESCRIPTION, "a\001b", NULL,
                                      NULL, 0),
              HVK_ERR_XML_ERROR, "control characters");
    lab_reopen(lab);
    lab_ok(lab, hvk_domain_get_metadata(CALL, domain, HVK_DOMAIN_METADATA_TITLE, NULL, 0, &text));
    assert_string_equal(text, "a title");
    hvk_free(text);
    lab_ok(lab, hvk_domain_get_metadata(CALL, domain, HVK_DOMAIN_METADATA_ELEMENT,
                                        "http://example.org/app", 0, &text));
    assert_non_null(strstr(text, "kept"));
    hvk_free(text);
    hvk_free(domain);
}

static void variables_of_the_firmware_follow_their_domain(void **state)
{
    struct lab *lab = *state;
    struct hvk_domain *domain = lab_define(lab, "old", NULL, NULL);
    struct hvk_domain *other = lab_define(lab, "other", NULL, NULL);
    char before[256], after[256];
    snprintf(before, sizeof before, "%s/nvram/old_VARS.fd", lab->root);
    snprintf(after, sizeof after, "%s/nvram/other_VARS.fd", lab->root);
    fclose(fopen(after, "we")); /* of the other one */
    lab_fails(lab, hvk_domain_rename(CALL, domain, "other", 0), HVK_ERR_DOM_EXIST, "other");
    assert_int_equal(access(after, F_OK), 0);
    fclose(fopen(before, "we"));
    lab_fails(lab, hvk_domain_undefine(CALL, domain, 0), HVK_ERR_OPERATION_INVALID, "NVRAM");
    lab_ok(lab, hvk_domain_undefine(CALL, other, HVK_DOMAIN_UNDEFINE_NVRAM));
    assert_int_equal(access(after, F_OK), -1);
    lab_ok(lab, hvk_domain_rename(CALL, domain, "other", 0));
    assert_int_equal(access(before, F_OK), -1);
    assert_int_equal(access(after, F_OK), 0);
    lab_ok(lab, hvk_domain_undefine(CALL, domain, HVK_DOMAIN_UNDEFINE_KEEP_NVRAM));
    assert_int_equal(access(after, F_OK), 0);
    hvk_free(other);
    hvk_free(domain);
}

static void autostart_happens_once_per_boot_of_the_machine(void **state)
{
    struct lab *lab = *state;
    struct hvk_domain *domain = lab_define(lab, "early", NULL, NULL);
    lab_ok(lab, hvk_domain_set_autostart(CALL, domain, true));
    lab_reopen(lab); /* the root was opened since this machine booted: nothing starts */
    assert_int_equal(lab_state(lab, domain, NULL), HVK_DOMAIN_SHUTOFF);
    char note[256];
    snprintf(note, sizeof note, "%s/run/.autostarted", lab->root);
    lab_close(lab);
    assert_int_equal(remove(note), 0);
    lab_open(lab);
    lab_wait_lifecycle(lab, "early", HVK_DOMAIN_EVENT_STARTED, HVK_DOMAIN_EVENT_STARTED_BOOTED);
    hvk_free(domain);
}

static void uri_of_a_daemon_names_the_way_out(void **state)
{
    struct lab *lab = *state;
    assert_null(hvk_connection_open(&lab->call, "qemu:///embed", 0));
    assert_non_null(strstr(lab->call.error.text, "root="));
    assert_null(hvk_connection_open(&lab->call, "qemu:///embed?root=relative", 0));
    assert_non_null(strstr(lab->call.error.text, "absolute"));
}

/* "/" holds a "run" of its own, which a root is cleaned of what is not its own. */
static void directory_of_something_else_is_no_root(void **state)
{
    struct lab *lab = *state;
    char folder[256], inner[300], uri[300];
    snprintf(folder, sizeof folder, "%s/other", lab->root);
    snprintf(inner, sizeof inner, "%s/run", folder);
    snprintf(uri, sizeof uri, "qemu:///embed?root=%s", folder);
    assert_int_equal(mkdir(folder, 0700), 0);
    assert_int_equal(mkdir(inner, 0755), 0);
    assert_null(hvk_connection_open(&lab->call, uri, 0));
    assert_non_null(strstr(lab->call.error.text, "holds a 'run' already"));
    assert_int_equal(rmdir(inner), 0);
    assert_int_equal(rmdir(folder), 0); /* and nothing was put into it */
}

/* Whatever mask the creator of a folder had: its sockets and definitions are for one user alone. */
static void folders_are_closed_to_others(void **state)
{
    struct lab *lab = *state;
    struct stat st;
    char folder[256];
    snprintf(folder, sizeof folder, "%s/run", lab->root);
    lab_close(lab);
    assert_int_equal(chmod(folder, 0777), 0);
    lab_open(lab);
    assert_int_equal(stat(folder, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0700);
    if (geteuid() != 0)
        return;
    lab_close(lab);
    assert_int_equal(chown(folder, 65534, 65534), 0);
    assert_null(hvk_connection_open(&lab->call, lab->uri, 0));
    assert_non_null(strstr(lab->call.error.text, "belongs to user 65534"));
    assert_int_equal(chown(folder, 0, 0), 0);
    lab_open(lab);
}

int main(void)
{
#define CLAIM(name) cmocka_unit_test_setup_teardown(name, lab_setup, lab_teardown)
    const struct CMUnitTest tests[] = {
        CLAIM(definition_survives_reopening),
        CLAIM(guest_starts_talks_and_is_destroyed),
        CLAIM(suspended_guest_is_silent_until_resumed),
        CLAIM(guest_obeys_the_power_button),
        CLAIM(guest_that_ignores_the_button_goes_on_until_destroyed),
        CLAIM(reboot_and_reset_start_the_guest_again),
        CLAIM(actions_say_what_follows_a_power_off),
        CLAIM(panic_is_an_event_and_a_state),
        CLAIM(memory_of_a_crashed_guest_is_kept_when_wanted),
        CLAIM(directory_of_something_else_is_no_root),
        CLAIM(folders_are_closed_to_others),
        CLAIM(transient_domain_is_gone_when_it_ends),
        CLAIM(undefined_while_running_becomes_transient),
        CLAIM(rename_moves_the_domain_durably),
        CLAIM(metadata_is_kept_and_told),
        CLAIM(variables_of_the_firmware_follow_their_domain),
        CLAIM(autostart_happens_once_per_boot_of_the_machine),
        CLAIM(uri_of_a_daemon_names_the_way_out),
    };
    return cmocka_run_group_tests_name("qemu-life", tests, NULL, NULL);
}
