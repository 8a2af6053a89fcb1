/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Guests outlive whoever started them. */
#include <fcntl.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "qemu_process.h"

#define CALL &lab->call, lab->connection

static struct hvk_domain *find(struct lab *lab, const char *name)
{
    struct hvk_domain *domain = NULL;
    lab_ok(lab, hvk_domain_lookup_by_name(CALL, name, &domain));
    return domain;
}

static void start_and_kill_owner(struct lab *lab, const char *name, const char *more)
{
    struct owner_process owner;
    char *xml = lab_xml(lab, name, NULL, more);
    lab_close(lab);
    owner_spawn(lab, "start", xml, &owner);
    owner_expect(&owner, "started");
    free(owner_kill(&owner));
    free(xml);
    assert_int_equal(lab_processes(lab), 1);
}

static void guest_of_a_killed_owner_is_adopted(void **state)
{
    struct lab *lab = *state;
    start_and_kill_owner(lab, "left", NULL);
    lab_open(lab);
    struct hvk_domain *domain = find(lab, "left");
    assert_true(domain->id > 0);
    assert_int_equal(lab_state(lab, domain, NULL), HVK_DOMAIN_RUNNING);
    struct hvk_stream *console = lab_console(lab, domain);
    lab_expect(lab, console, "tick");
    lab_send(lab, console, "still there?");
    lab_expect(lab, console, "still there?");
    lab_ok(lab, hvk_domain_suspend(CALL, domain));
    lab_ok(lab, hvk_domain_resume(CALL, domain));
    lab_ok(lab, hvk_domain_shutdown(CALL, domain, 0));
    lab_wait_lifecycle(lab, "left", HVK_DOMAIN_EVENT_STOPPED, HVK_DOMAIN_EVENT_STOPPED_SHUTDOWN);
    assert_int_equal(lab_processes(lab), 0);
    lab_ok(lab, hvk_domain_create(CALL, domain, NULL, 0, 0, NULL));
    hvk_stream_free(console);
    hvk_free(domain);
}

static void adopted_guest_is_saved_and_restored(void **state)
{
    struct lab *lab = *state;
    start_and_kill_owner(lab, "passed-on", NULL);
    lab_open(lab);
    struct hvk_domain *domain = find(lab, "passed-on");
    lab_ok(lab, hvk_domain_managed_save(CALL, domain, 0));
    lab_ok(lab, hvk_domain_create(CALL, domain, NULL, 0, 0, NULL));
    struct hvk_stream *console = lab_console(lab, domain);
    lab_expect(lab, console, "tick");
    hvk_stream_free(console);
    hvk_free(domain);
}

/* Tells the QEMU of the root's only guest to stop it, while no driver watches. */
static void stop_behind_the_back(const struct lab *lab)
{
    static const char commands[] = "{'execute':'qmp_capabilities'}{'execute':'stop'}";
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    char pattern[400], text[4096];
    glob_t found;
    snprintf(pattern, sizeof pattern, "%s/run/*/monitor", lab->root);
    assert_int_equal(glob(pattern, 0, NULL, &found), 0);
    assert_true(strlen(found.gl_pathv[0]) < sizeof address.sun_path);
    strcpy(address.sun_path, found.gl_pathv[0]);
    globfree(&found);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(connect(fd, (struct sockaddr *)&address, sizeof address), 0);
    assert_int_equal(write(fd, commands, strlen(commands)), strlen(commands));
    size_t have = 0;
    do {
        ssize_t got = read(fd, text + have, sizeof text - 1 - have);
        assert_true(got > 0);
        text[have += (size_t)got] = '\0';
    } while (!strstr(text, "STOP"));
    close(fd);
}

/* The first look at it, which asks nobody, already shows it. */
static void state_that_changed_unseen_is_found(void **state)
{
    struct lab *lab = *state;
    struct hvk_domain *domain = lab_boot(lab, "unseen", NULL, NULL);
    lab_close(lab);
    stop_behind_the_back(lab);
    lab_open(lab);
    assert_int_equal(lab_state(lab, domain, NULL), HVK_DOMAIN_PAUSED);
    lab_ok(lab, hvk_domain_resume(CALL, domain));
    hvk_free(domain);
}

static void guest_that_ended_unseen_is_shut_off(void **state)
{
    struct lab *lab = *state;
    struct hvk_domain *domain = lab_boot(lab, "gone", NULL, NULL);
    lab_close(lab);
    assert_int_equal(lab_kill_processes(lab), 1);
    lab_open(lab);
    assert_int_equal(lab_state(lab, domain, NULL), HVK_DOMAIN_SHUTOFF);
    assert_int_equal(lab_run_directories(lab), 0);
    lab_ok(lab, hvk_domain_create(CALL, domain, NULL, 0, 0, NULL));
    hvk_free(domain);
}

static void autodestroy_ends_with_the_owner(void **state)
{
    struct lab *lab = *state;
    struct hvk_domain *domain = lab_define(lab, "bound", NULL, NULL);
    lab_ok(lab, hvk_domain_create(CALL, domain, NULL, 0, HVK_DOMAIN_START_AUTODESTROY, NULL));
    lab_close(lab);
    assert_int_equal(lab_processes(lab), 0);
    lab_open(lab);
    assert_int_equal(lab_state(lab, domain, NULL), HVK_DOMAIN_SHUTOFF);
    hvk_free(domain);
}

static void root_has_one_owner(void **state)
{
    struct lab *lab = *state;
    struct owner_process owner;
    char *xml = lab_xml(lab, "single", NULL, NULL);
    lab_close(lab);
    owner_spawn(lab, "start", xml, &owner);
    owner_expect(&owner, "started");
    char pid[32];
    snprintf(pid, sizeof pid, "process %d", owner.pid);
    assert_null(hvk_connection_open(&lab->call, lab->uri, 0));
    lab_check_error(&lab->call.error, HVK_ERR_RESOURCE_BUSY, pid);
    free(owner_kill(&owner));
    lab_open(lab);
    free(xml);
}

static void killed_qemu_is_noticed_at_once(void **state)
{
    struct lab *lab = *state;
    struct hvk_domain *domain = lab_boot(lab, "victim", NULL, NULL);
    assert_int_equal(lab_kill_processes(lab), 1);
    lab_wait_lifecycle(lab, "victim", HVK_DOMAIN_EVENT_STOPPED, HVK_DOMAIN_EVENT_STOPPED_FAILED);
    int32_t reason;
    assert_int_equal(lab_state(lab, domain, &reason), HVK_DOMAIN_SHUTOFF);
    assert_int_equal(reason, HVK_DOMAIN_SHUTOFF_CRASHED);
    lab_ok(lab, hvk_domain_create(CALL, domain, NULL, 0, 0, NULL));
    hvk_free(domain);
}

/* What QEMU is told of the order stays out of the XML that is kept: the two exclude each other
 * there. */
static void guest_with_boot_devices_is_adopted(void **state)
{
    struct lab *lab = *state;
    char path[256], disk[512];
    snprintf(path, sizeof path, "%s/disk.img", lab->root);
    int fd = open(path, O_RDWR | O_CREAT | O_EXCL, 0600);
    assert_int_equal(ftruncate(fd, 1 << 20), 0);
    close(fd);
    snprintf(disk, sizeof disk,
             "<disk type='file' device='disk'><driver name='qemu' type='raw'/>"
             "<source file='%s'/><target dev='vda' bus='virtio'/></disk>",
             path);
    char *plain = lab_xml(lab, "ordered", disk, NULL), *xml = NULL;
    char *at = strstr(plain, "</os>");
    assert_true(asprintf(&xml, "%.*s<boot dev='hd'/>%s", (int)(at - plain), plain, at) > 0);
    struct hvk_domain *domain = NULL;
    lab_ok(lab, hvk_domain_create_xml(CALL, xml, NULL, 0, 0, &domain));
    lab_reopen(lab);
    assert_int_equal(lab_state(lab, domain, NULL), HVK_DOMAIN_RUNNING);
    lab_ok(lab, hvk_domain_destroy(CALL, domain, 0));
    hvk_free(domain);
    free(xml);
    free(plain);
}

/* Two QEMUs would write to the same disks. */
static void guest_that_cannot_be_adopted_is_not_started_twice(void **state)
{
    struct lab *lab = *state;
    struct hvk_domain *domain = lab_boot(lab, "orphan", NULL, NULL);
    char pattern[400];
    glob_t found;
    lab_close(lab);
    snprintf(pattern, sizeof pattern, "%s/run/*/status", lab->root);
    assert_int_equal(glob(pattern, 0, NULL, &found), 0);
    assert_int_equal(found.gl_pathc, 1);
    assert_int_equal(truncate(found.gl_pathv[0], 10), 0);
    lab_open(lab);
    lab_fails(lab, hvk_domain_create(CALL, domain, NULL, 0, 0, NULL), HVK_ERR_OPERATION_INVALID,
              "may still be running");
    assert_int_equal(access(found.gl_pathv[0], F_OK), 0);
    globfree(&found);
    assert_int_equal(lab_processes(lab), 1);
    assert_int_equal(lab_kill_processes(lab), 1);
    hvk_free(domain);
}

int main(void)
{
#define CLAIM(name) cmocka_unit_test_setup_teardown(name, lab_setup, lab_teardown)
    const struct CMUnitTest tests[] = {
        CLAIM(guest_of_a_killed_owner_is_adopted),
        CLAIM(adopted_guest_is_saved_and_restored),
        CLAIM(state_that_changed_unseen_is_found),
        CLAIM(guest_that_ended_unseen_is_shut_off),
        CLAIM(autodestroy_ends_with_the_owner),
        CLAIM(root_has_one_owner),
        CLAIM(killed_qemu_is_noticed_at_once),
        CLAIM(guest_with_boot_devices_is_adopted),
        CLAIM(guest_that_cannot_be_adopted_is_not_started_twice),
    };
    return cmocka_run_group_tests_name("qemu-adopt", tests, NULL, NULL);
}
