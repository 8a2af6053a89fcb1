/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What takes a guest that does something: bytes through a channel, a disk that fills, sleep, and a
 * save that is big enough to be interrupted. */
#include "qemu_guest.h"

#include <dirent.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "qemu_process.h"

#define CALL &lab->call, lab->connection
#define MEMORY_BEGINS (4 << 20) /* bytes of a save, far behind its head */

static void channel_carries_bytes_both_ways(void **state)
{
    struct lab *lab = *state;
    need_guest("kernel");
    static const char channel[] =
        "<channel type='unix'><target type='virtio' name='org.example.talk'/></channel>";
    const struct guest guest = {.devices = channel, .command = " guest.address=none"};
    struct hvk_domain *domain = start_guest(lab, "talking", &guest);
    struct console *console = open_console(lab, domain);
    expect(lab, console, "GUEST port org.example.talk");
    expect(lab, console, "USERSPACE-UP");
    struct hvk_stream *stream = hvk_stream_new(&lab->call, lab->connection);
    lab_fails(lab, hvk_domain_open_channel(CALL, domain, "org.example.other", stream, 0),
              HVK_ERR_NO_DEVICE, "channel");
    hvk_stream_free(stream);
    stream = hvk_stream_new(&lab->call, lab->connection);
    lab_ok(lab, hvk_domain_open_channel(CALL, domain, "org.example.talk", stream, 0));
    lab_send(lab, console->stream,
             "read word </dev/virtio-ports/org.example.talk; echo got-$word; "
             "echo and-back >/dev/virtio-ports/org.example.talk\n");
    lab_send(lab, stream, "ping\n");
    expect(lab, console, "got-ping");
    lab_expect(lab, stream, "and-back");
    hvk_stream_free(stream);
    power_off(lab, "talking", domain);
    close_console(console);
    hvk_free(domain);
}

/* ---- a disk without room -------------------------------------------------------------------- */

static void expect_disk_errors(struct lab *lab, const struct hvk_domain *domain, uint64_t count)
{
    struct hvk_domain_disk_error_list *errors = NULL;
    lab_ok(lab, hvk_domain_get_disk_errors(CALL, domain, 0, &errors));
    assert_int_equal(errors->count, count);
    if (count > 0) {
        const struct hvk_domain_disk_error *error = hvk_domain_disk_error_list_at(errors, 0);
        assert_string_equal(error->disk, "vda");
        assert_int_equal(error->error, HVK_DOMAIN_DISK_ERROR_NO_SPACE);
    }
    hvk_free(errors);
}

/* The guest is stopped rather than told that its disk is broken, and goes on once there is room. */
static void stop_and_go_on(struct lab *lab, const char *folder)
{
    char image[256], devices[512];
    snprintf(image, sizeof image, "%s/grows.raw", folder);
    write_file(image, "", 64 << 20);
    snprintf(
        devices, sizeof devices,
        "<disk type='file' device='disk'><driver name='qemu' type='raw' error_policy='enospace'/>"
        "<source file='%s'/><target dev='vda' bus='virtio'/></disk>",
        image);
    const struct guest guest = {.devices = devices, .command = " guest.address=none"};
    struct hvk_domain *domain = start_guest(lab, "full", &guest);
    struct console *console = open_console(lab, domain);
    int32_t reason;
    expect(lab, console, "USERSPACE-UP");
    expect_disk_errors(lab, domain, 0);
    lab_send(lab, console->stream,
             "dd if=/dev/zero of=/dev/vda bs=64k count=64 conv=fsync && echo written-$((1+1))\n");
    lab_wait_event(lab, "full", HVK_EVENT_DOMAIN_IO_ERROR_REASON);
    lab_wait_lifecycle(lab, "full", HVK_DOMAIN_EVENT_SUSPENDED, HVK_DOMAIN_EVENT_SUSPENDED_IOERROR);
    assert_int_equal(lab_state(lab, domain, &reason), HVK_DOMAIN_PAUSED);
    assert_int_equal(reason, HVK_DOMAIN_PAUSED_IOERROR);
    expect_disk_errors(lab, domain, 1);
    assert_int_equal(mount("none", folder, "tmpfs", MS_REMOUNT, "size=32m"), 0);
    lab_ok(lab, hvk_domain_resume(CALL, domain));
    expect(lab, console, "written-2");
    expect_disk_errors(lab, domain, 0);
    close_console(console);
    lab_ok(lab, hvk_domain_destroy(CALL, domain, 0));
    hvk_free(domain);
}

static char *mounted; /* unmounted by the teardown, also of a test that failed */

static void full_disk_stops_the_guest_until_there_is_room(void **state)
{
    struct lab *lab = *state;
    need_guest("kernel");
    char *folder = lab_file(lab, "small");
    assert_int_equal(mkdir(folder, 0700), 0);
    if (mount("none", folder, "tmpfs", 0, "size=1m") < 0) {
        free(folder);
        print_message("skipped, because mounting a small file system needs privileges\n");
        skip();
    }
    mounted = folder;
    stop_and_go_on(lab, folder);
}

static int unmount_and_teardown(void **state)
{
    if (mounted)
        umount2(mounted, MNT_DETACH);
    free(mounted);
    mounted = NULL;
    return lab_teardown(state);
}

/* ---- sleep ---------------------------------------------------------------------------------- */

static void guest_that_sleeps_is_woken(void **state)
{
    struct lab *lab = *state;
    need_guest("kernel");
    const struct guest guest = {.elements = "<pm><suspend-to-mem enabled='yes'/></pm>",
                                .command = " guest.address=none no_console_suspend"};
    struct hvk_domain *domain = start_guest(lab, "tired", &guest);
    struct console *console = open_console(lab, domain);
    expect(lab, console, "USERSPACE-UP");
    lab_fails(lab, hvk_domain_pm_wakeup(CALL, domain, 0), HVK_ERR_OPERATION_INVALID, "tired");
    lab_send(lab, console->stream, "echo mem >/sys/power/state; echo woken-$((2+2))\n");
    lab_wait_event(lab, "tired", HVK_EVENT_DOMAIN_PMSUSPEND);
    assert_int_equal(lab_state(lab, domain, NULL), HVK_DOMAIN_PMSUSPENDED);
    lab_ok(lab, hvk_domain_pm_wakeup(CALL, domain, 0));
    lab_wait_event(lab, "tired", HVK_EVENT_DOMAIN_PMWAKEUP);
    expect(lab, console, "woken-4");
    assert_int_equal(lab_state(lab, domain, NULL), HVK_DOMAIN_RUNNING);
    close_console(console);
    lab_ok(lab, hvk_domain_destroy(CALL, domain, 0));
    hvk_free(domain);
}

/* ---- a save that loses its owner ------------------------------------------------------------ */

static int is_visible(const struct dirent *entry)
{
    return entry->d_name[0] != '.';
}

/* Until so much of the guest's memory is in the only file of the folder that QEMU must be writing.
 */
static void await_memory(int notify, const char *folder)
{
    struct dirent **names;
    struct stat st = {0};
    while (st.st_size < MEMORY_BEGINS) {
        char events[4096], path[512];
        struct pollfd wait = {.fd = notify, .events = POLLIN};
        assert_int_equal(poll(&wait, 1, LAB_WAIT_MS), 1);
        assert_true(read(notify, events, sizeof events) > 0);
        int count = scandir(folder, &names, is_visible, NULL);
        assert_int_equal(count, 1);
        snprintf(path, sizeof path, "%s/%s", folder, names[0]->d_name);
        assert_int_equal(stat(path, &st), 0);
        free(names[0]);
        free(names);
    }
}

static void save_goes_on_when_its_owner_is_killed(void **state)
{
    struct lab *lab = *state;
    need_guest("kernel");
    const struct guest guest = {.command = " guest.address=none"};
    struct owner_process owner;
    struct hvk_domain_status status = HVK_RECORD_INIT(status);
    struct hvk_domain *domain = start_guest(lab, "moving", &guest);
    struct console *console = open_console(lab, domain);
    expect(lab, console, "USERSPACE-UP");
    ask(lab, console,
        "yes kept | head -c 1000000 >/tmp/part; for i in $(seq 100); do cat /tmp/part; done "
        ">/tmp/memory; echo filled-$((1+2))",
        "filled-3");
    close_console(console);
    char *folder = lab_file(lab, "save");
    int notify = inotify_init1(IN_CLOEXEC);
    lab_close(lab);
    assert_true(notify >= 0 && inotify_add_watch(notify, folder, IN_MODIFY) >= 0);
    owner_spawn(lab, "save", "moving", &owner);
    await_memory(notify, folder);
    char *said = owner_kill(&owner);
    assert_null(strstr(said, "- save")); /* it was not done yet */
    lab_open(lab);
    if (lab_state(lab, domain, NULL) != HVK_DOMAIN_SHUTOFF)
        lab_wait_lifecycle(lab, "moving", HVK_DOMAIN_EVENT_STOPPED, HVK_DOMAIN_EVENT_STOPPED_SAVED);
    lab_ok(lab, hvk_domain_get_status(CALL, domain, &status));
    assert_true(status.managed_save && !status.active);
    lab_ok(lab, hvk_domain_create(CALL, domain, NULL, 0, 0, NULL));
    console = open_console(lab, domain);
    ask(lab, console, "wc -c </tmp/memory; head -n 1 /tmp/memory | sed s/^/still-/", "still-kept");
    close_console(console);
    lab_ok(lab, hvk_domain_destroy(CALL, domain, 0));
    close(notify);
    free(said);
    free(folder);
    hvk_free(domain);
}

int main(void)
{
#define CLAIM(name, teardown) cmocka_unit_test_setup_teardown(name, lab_setup, teardown)
    const struct CMUnitTest tests[] = {
        CLAIM(channel_carries_bytes_both_ways, lab_teardown),
        CLAIM(full_disk_stops_the_guest_until_there_is_room, unmount_and_teardown),
        CLAIM(guest_that_sleeps_is_woken, lab_teardown),
        CLAIM(save_goes_on_when_its_owner_is_killed, lab_teardown),
    };
    return cmocka_run_group_tests_name("qemu-linux", tests, NULL, NULL);
}
