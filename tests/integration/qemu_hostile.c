/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What goes wrong: emulators that misbehave, images that are missing or in use, machines that do
 * not exist. Every failure names its reason and leaves nothing behind. */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "qemu_lab.h"

#define CALL &lab->call, lab->connection

/* ---- emulators that misbehave --------------------------------------------------------------- */

/* A domain whose emulator is the fake under this name. */
static struct hvk_domain *define_fake(struct lab *lab, const char *vice)
{
    char path[256], *xml, *at, *changed = NULL;
    snprintf(path, sizeof path, "%s/%s", lab->root, vice);
    assert_int_equal(link(LAB_FAKE, path) == 0 || (errno == EXDEV && symlink(LAB_FAKE, path) == 0),
                     1);
    xml = lab_xml(lab, vice, NULL, NULL);
    at = strstr(xml, LAB_EMULATOR);
    *at = '\0';
    assert_true(asprintf(&changed, "%s%s%s", xml, path, at + strlen(LAB_EMULATOR)) > 0);
    struct hvk_domain *domain = NULL;
    lab_ok(lab, hvk_domain_define_xml(CALL, changed, 0, &domain));
    free(changed);
    free(xml);
    return domain;
}

static bool start(struct lab *lab, const struct hvk_domain *domain)
{
    return hvk_domain_create(CALL, domain, NULL, 0, 0, NULL);
}

/* Whoever gave up waiting returns at once; what it began ends on the domain's lane, before this. */
static void await_lane(struct lab *lab, const struct hvk_domain *domain)
{
    char *xml = NULL;
    lab_ok(lab, hvk_domain_get_xml_desc(CALL, domain, 0, &xml));
    hvk_free(xml);
}

static void last_words_of_an_emulator_are_in_the_error(void **state)
{
    struct lab *lab = *state;
    struct hvk_domain *domain = define_fake(lab, "fake-dies");
    lab_fails(lab, start(lab, domain), HVK_ERR_OPERATION_FAILED, "there is no machine today");
    assert_non_null(strstr(lab->call.error.text, "status 3"));
    assert_int_equal(lab_run_directories(lab), 0);
    assert_int_equal(lab_state(lab, domain, NULL), HVK_DOMAIN_SHUTOFF);
    hvk_free(domain);
}

static void option_that_qemu_refuses_is_in_the_error(void **state)
{
    struct lab *lab = *state;
    struct hvk_domain *domain = lab_define(lab, "wrong", NULL,
                                           "<qemu:commandline><qemu:arg value='-device'/>"
                                           "<qemu:arg value='no-such-device'/></qemu:commandline>");
    lab_fails(lab, start(lab, domain), HVK_ERR_OPERATION_FAILED, "no-such-device");
    assert_int_equal(lab_run_directories(lab), 0);
    hvk_free(domain);
}

/* The monitor is lost, the guest is left alone, and a destroy still works. */
static void loses_its_monitor(struct lab *lab, const char *vice, const char *words)
{
    struct hvk_domain *domain = define_fake(lab, vice);
    lab_ok(lab, start(lab, domain));
    if (hvk_domain_suspend(CALL, domain))
        fail_msg("suspend succeeded with %s", vice);
    if (!strstr(lab->call.error.text, words))
        fail_msg("%s: '%s'", vice, lab->call.error.text);
    lab_wait_event(lab, vice, HVK_EVENT_DOMAIN_CONTROL_ERROR);
    assert_int_equal(lab_state(lab, domain, NULL), HVK_DOMAIN_NOSTATE);
    assert_int_equal(lab_processes(lab), 1);
    lab_fails(lab, hvk_domain_reset(CALL, domain, 0), HVK_ERR_OPERATION_FAILED, "is lost");
    lab_ok(lab, hvk_domain_destroy(CALL, domain, 0));
    assert_int_equal(lab_state(lab, domain, NULL), HVK_DOMAIN_SHUTOFF);
    assert_int_equal(lab_processes(lab), 0);
    hvk_free(domain);
}

static void garbled_monitor_is_lost_with_a_reason(void **state)
{
    struct lab *lab = *state;
    loses_its_monitor(lab, "fake-garbles", "where a message should begin");
    loses_its_monitor(lab, "fake-deep", "nested more than");
    loses_its_monitor(lab, "fake-huge", "message of more than");
    loses_its_monitor(lab, "fake-stranger", "was not sent");
}

static void flood_of_events_delays_nobody(void **state)
{
    struct lab *lab = *state;
    struct hvk_domain *domain = define_fake(lab, "fake-floods");
    struct hvk_call quick = HVK_CALL_INIT;
    quick.deadline_ns = hvk_deadline_in(2000);
    /* Its own start may drown in the flood; that has a deadline like every call. */
    hvk_domain_create(&quick, lab->connection, domain, NULL, 0, 0, NULL);
    struct hvk_domain *other = lab_boot(lab, "quiet", NULL, NULL);
    lab_ok(lab, hvk_domain_suspend(CALL, other));
    lab_ok(lab, hvk_domain_destroy(CALL, other, 0));
    if (lab_processes(lab) > 0)
        lab_ok(lab, hvk_domain_destroy(CALL, domain, 0));
    assert_int_equal(lab_processes(lab), 0);
    hvk_free(other);
    hvk_free(domain);
}

static void start_that_hangs_ends_at_its_deadline(void **state)
{
    struct lab *lab = *state;
    struct hvk_domain *domain = define_fake(lab, "fake-silent");
    lab->call.deadline_ns = hvk_deadline_in(1000);
    lab_fails(lab, start(lab, domain), HVK_ERR_DEADLINE, "");
    lab->call.deadline_ns = 0;
    await_lane(lab, domain);
    assert_int_equal(lab_processes(lab), 0);
    assert_int_equal(lab_run_directories(lab), 0);
    assert_int_equal(lab_state(lab, domain, NULL), HVK_DOMAIN_SHUTOFF);
    hvk_free(domain);
}

struct starter {
    struct lab *lab;
    const struct hvk_domain *domain;
    struct hvk_call call;
    bool ok;
};

static void *start_in_thread(void *user)
{
    struct starter *starter = user;
    starter->ok = hvk_domain_create(&starter->call, starter->lab->connection, starter->domain, NULL,
                                    0, 0, NULL);
    return NULL;
}

static void destroy_ends_a_start_that_hangs(void **state)
{
    struct lab *lab = *state;
    struct hvk_domain *domain = define_fake(lab, "fake-silent");
    struct starter starter = {.lab = lab, .domain = domain, .call = HVK_CALL_INIT};
    pthread_t thread;
    assert_int_equal(pthread_create(&thread, NULL, start_in_thread, &starter), 0);
    while (!hvk_domain_destroy(CALL, domain, 0)) /* until the start has begun */
        lab_check_error(&lab->call.error, HVK_ERR_OPERATION_INVALID, "not running");
    pthread_join(thread, NULL);
    assert_false(starter.ok);
    lab_check_error(&starter.call.error, HVK_ERR_OPERATION_ABORTED, "ended by a destroy");
    assert_int_equal(lab_processes(lab), 0);
    assert_int_equal(lab_run_directories(lab), 0);
    hvk_free(domain);
}

static void cancelled_start_leaves_nothing(void **state)
{
    struct lab *lab = *state;
    struct hvk_domain *domain = define_fake(lab, "fake-silent");
    struct starter starter = {.lab = lab, .domain = domain, .call = HVK_CALL_INIT};
    struct hvk_cancel *cancel = hvk_cancel_new();
    starter.call.cancel = cancel;
    pthread_t thread;
    assert_int_equal(pthread_create(&thread, NULL, start_in_thread, &starter), 0);
    while (lab_processes(lab) == 0)
        ; /* until there is something to leave */
    hvk_cancel(cancel);
    pthread_join(thread, NULL);
    assert_false(starter.ok);
    lab_check_error(&starter.call.error, HVK_ERR_CANCELLED, "");
    await_lane(lab, domain);
    assert_int_equal(lab_processes(lab), 0);
    hvk_cancel_free(cancel);
    hvk_free(domain);
}

/* ---- images --------------------------------------------------------------------------------- */

static char *disk_xml(const char *path)
{
    char *xml = NULL;
    assert_true(asprintf(&xml,
                         "<disk type='file' device='disk'><driver name='qemu' type='raw'/>"
                         "<source file='%s'/><target dev='vda' bus='virtio'/></disk>",
                         path) > 0);
    return xml;
}

static void missing_image_is_named(void **state)
{
    struct lab *lab = *state;
    char *disk = disk_xml("/nonexistent/disk.img");
    struct hvk_domain *domain = lab_define(lab, "diskless", disk, NULL);
    if (start(lab, domain))
        fail_msg("the start succeeded without its disk");
    assert_non_null(strstr(lab->call.error.text, "/nonexistent/disk.img"));
    assert_int_equal(lab_run_directories(lab), 0);
    free(disk);
    hvk_free(domain);
}

static void image_that_another_guest_writes_is_refused(void **state)
{
    struct lab *lab = *state;
    char path[256];
    snprintf(path, sizeof path, "%s/shared.img", lab->root);
    int fd = open(path, O_RDWR | O_CREAT | O_EXCL, 0600);
    assert_int_equal(ftruncate(fd, 1 << 20), 0);
    close(fd);
    char *disk = disk_xml(path);
    struct hvk_domain *first = lab_boot(lab, "first", disk, NULL);
    struct hvk_domain *second = lab_define(lab, "second", disk, NULL);
    lab_fails(lab, start(lab, second), HVK_ERR_OPERATION_FAILED, "lock");
    assert_int_equal(lab_state(lab, first, NULL), HVK_DOMAIN_RUNNING);
    lab_ok(lab, hvk_domain_destroy(CALL, first, 0));
    lab_ok(lab, start(lab, second));
    free(disk);
    hvk_free(first);
    hvk_free(second);
}

static void missing_emulator_is_named(void **state)
{
    struct lab *lab = *state;
    char *xml = lab_xml(lab, "homeless", NULL, NULL);
    char *at = strstr(xml, LAB_EMULATOR);
    memcpy(at, "/nowhere/", strlen("/nowhere/"));
    struct hvk_domain *domain = NULL;
    if (hvk_domain_define_xml(CALL, xml, 0, &domain))
        fail_msg("the definition succeeded without an emulator");
    assert_non_null(strstr(lab->call.error.text, "/nowhere/"));
    free(xml);
}

/* ---- the store ------------------------------------------------------------------------------ */

static void full_disk_keeps_what_was_acknowledged(void **state)
{
    struct lab *lab = *state;
    struct hvk_domain *kept = lab_define(lab, "kept", NULL, NULL);
    char domains[sizeof lab->root], filler[200];
    assert_true(snprintf(domains, sizeof domains, "%s/small", lab->root) < (int)sizeof domains);
    assert_int_equal(mkdir(domains, 0700), 0);
    if (mount("none", domains, "tmpfs", 0, "size=256k") < 0) {
        print_message("skipped, because mounting a small file system needs privileges\n");
        skip();
    }
    struct lab small = {.accel = lab->accel, .call = HVK_CALL_INIT};
    memcpy(small.root, domains, sizeof small.root);
    snprintf(small.uri, sizeof small.uri, "qemu:///embed?root=%s", domains);
    small.connection = hvk_connection_open(&small.call, small.uri, 0);
    assert_non_null(small.connection);
    struct hvk_domain *first = lab_define(&small, "first", NULL, NULL);
    snprintf(filler, sizeof filler, "%s/filler", domains);
    int fd = open(filler, O_RDWR | O_CREAT, 0600);
    static char zero[4096];
    while (write(fd, zero, sizeof zero) > 0)
        ;
    close(fd);
    char *xml = lab_xml(&small, "second", NULL, "<title>too much</title>");
    struct hvk_domain *second = NULL;
    lab_fails(&small, hvk_domain_define_xml(&small.call, small.connection, xml, 0, &second),
              HVK_ERR_SYSTEM_ERROR, "No space left");
    lab_fails(&small, hvk_domain_lookup_by_name(&small.call, small.connection, "second", &second),
              HVK_ERR_NO_DOMAIN, "second");
    hvk_connection_close(small.connection);
    small.connection = hvk_connection_open(&small.call, small.uri, 0);
    if (!small.connection) /* also with a full disk */
        fail_msg("open again: %s", small.call.error.text);
    lab_ok(&small, hvk_domain_lookup_by_name(&small.call, small.connection, "first", &second));
    hvk_connection_close(small.connection);
    umount(domains);
    free(xml);
    hvk_free(first);
    hvk_free(second);
    hvk_free(kept);
}

static void damaged_definition_is_set_aside_and_the_rest_loads(void **state)
{
    struct lab *lab = *state;
    struct hvk_domain *good = lab_define(lab, "good", NULL, NULL);
    char path[256];
    lab_close(lab);
    snprintf(path, sizeof path, "%s/domains/00000000-0000-4000-8000-000000000001", lab->root);
    int fd = open(path, O_RDWR | O_CREAT, 0600);
    assert_int_equal(write(fd, "rubbish", 7), 7);
    close(fd);
    lab_open(lab);
    struct hvk_domain_list *list = NULL;
    lab_ok(lab, hvk_domain_list(CALL, 0, &list));
    assert_int_equal(list->count, 1);
    assert_int_equal(access(path, F_OK), -1);
    hvk_free(list);
    hvk_free(good);
}

/* ---- an accelerator that gives up ----------------------------------------------------------- */

static void guest_that_kvm_cannot_run_is_told_with_the_reason(void **state)
{
    struct lab *lab = *state;
    if (strcmp(lab->accel, "kvm") != 0) {
        print_message("skipped, because this machine has no KVM that boots the test guest\n");
        skip();
    }
    struct hvk_domain *domain = lab_boot(lab, "stuck", NULL, NULL);
    struct hvk_stream *console = lab_console(lab, domain);
    lab_send(lab, console, "!k");
    struct hvk_call call = HVK_CALL_INIT;
    call.deadline_ns = hvk_deadline_in(3000);
    char text[1024] = "";
    size_t have = 0;
    int64_t got;
    while (!strstr(text, "SURVIVED") && have < sizeof text - 1 &&
           (got = hvk_stream_read(&call, console, text + have, sizeof text - 1 - have)) > 0)
        text[have += (size_t)got] = '\0';
    hvk_stream_free(console);
    if (strstr(text, "SURVIVED")) {
        print_message("skipped, because this machine's KVM runs everything\n");
        hvk_free(domain);
        skip();
    }
    lab_wait_lifecycle(lab, "stuck", HVK_DOMAIN_EVENT_SUSPENDED,
                       HVK_DOMAIN_EVENT_SUSPENDED_API_ERROR);
    int32_t reason;
    assert_int_equal(lab_state(lab, domain, &reason), HVK_DOMAIN_PAUSED);
    assert_int_equal(reason, HVK_DOMAIN_PAUSED_CRASHED);
    lab_fails(lab, hvk_domain_resume(CALL, domain), HVK_ERR_ACCELERATOR, "type='qemu'");
    assert_non_null(strstr(lab->call.error.text, "KVM internal error"));
    struct hvk_string_list *messages = NULL;
    lab_ok(lab, hvk_domain_get_messages(CALL, domain, 0, &messages));
    assert_true(messages->count >= 1);
    hvk_free(messages);
    hvk_free(domain);
}

int main(void)
{
#define CLAIM(name) cmocka_unit_test_setup_teardown(name, lab_setup, lab_teardown)
    const struct CMUnitTest tests[] = {
        CLAIM(last_words_of_an_emulator_are_in_the_error),
        CLAIM(option_that_qemu_refuses_is_in_the_error),
        CLAIM(garbled_monitor_is_lost_with_a_reason),
        CLAIM(flood_of_events_delays_nobody),
        CLAIM(start_that_hangs_ends_at_its_deadline),
        CLAIM(destroy_ends_a_start_that_hangs),
        CLAIM(cancelled_start_leaves_nothing),
        CLAIM(missing_image_is_named),
        CLAIM(image_that_another_guest_writes_is_refused),
        CLAIM(missing_emulator_is_named),
        CLAIM(full_disk_keeps_what_was_acknowledged),
        CLAIM(damaged_definition_is_set_aside_and_the_rest_loads),
        CLAIM(guest_that_kvm_cannot_run_is_told_with_the_reason),
    };
    return cmocka_run_group_tests_name("qemu-hostile", tests, NULL, NULL);
}
