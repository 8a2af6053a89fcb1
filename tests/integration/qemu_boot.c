/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Linux guests, booted by the driver through libhvkit: what the command line promised is what the
 * guest finds. */
#include "qemu_guest.h"

#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define CALL &lab->call, lab->connection
#define IMAGE_SIZE (1 << 20)

/* ---- files ---- */

static void read_start(const char *path, char text[64])
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    assert_true(fd >= 0);
    memset(text, 0, 64);
    assert_true(read(fd, text, 63) > 0);
    close(fd);
}

static void run(const char *const *argv)
{
    pid_t pid;
    int status = -1;
    assert_int_equal(
        posix_spawn(&pid, argv[0], NULL, NULL, (char *const *)(uintptr_t)argv, environ), 0);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(status, 0);
}

/* ---- claims ---- */

static void linux_boots_talks_and_powers_off(void **state)
{
    struct lab *lab = *state;
    need_guest("kernel");
    const struct guest guest = {
        .devices = "<interface type='user'><mac address='52:54:00:12:34:56'/><model "
                   "type='virtio'/></interface>"};
    struct hvk_domain *domain = start_guest(lab, "linux", &guest);
    struct console *console = open_console(lab, domain);
    expect(lab, console, "GUEST nic eth0 52:54:00:12:34:56 10.0.2.15/24");
    expect(lab, console, "GUEST firmware bios");
    expect(lab, console, "USERSPACE-UP");
    ask(lab, console, "echo answer-$((6*7))", "answer-42");
    power_off(lab, "linux", domain);
    close_console(console);
    hvk_free(domain);
}

static void guest_that_ignores_acpi_keeps_running(void **state)
{
    struct lab *lab = *state;
    need_guest("kernel");
    const struct guest guest = {.command = " guest.ignore=acpi guest.address=none"};
    struct hvk_domain *domain = start_guest(lab, "deaf", &guest);
    struct console *console = open_console(lab, domain);
    expect(lab, console, "USERSPACE-UP");
    lab_ok(lab, hvk_domain_shutdown(CALL, domain, HVK_DOMAIN_SHUTDOWN_ACPI_POWER_BTN));
    ask(lab, console, "echo still-$((1+1))", "still-2");
    lab_ok(lab, hvk_domain_destroy(CALL, domain, 0));
    lab_wait_lifecycle(lab, "deaf", HVK_DOMAIN_EVENT_STOPPED, HVK_DOMAIN_EVENT_STOPPED_DESTROYED);
    close_console(console);
    hvk_free(domain);
}

/* virtio over a chain of images, SCSI, and a CD: all seen by the guest, with what is in them, and
 * only the top of the chain is written. */
static void disks_hold_what_their_images_hold(void **state)
{
    struct lab *lab = *state;
    need_guest("kernel");
    char *base = lab_file(lab, "base.raw"), *overlay = lab_file(lab, "overlay.qcow2");
    char *scsi = lab_file(lab, "scsi.raw"), *cd = lab_file(lab, "cd.raw"), *devices = NULL;
    write_file(base, "FROM-THE-BASE", IMAGE_SIZE);
    write_file(scsi, "FROM-SCSI", IMAGE_SIZE);
    write_file(cd, "FROM-THE-CD", IMAGE_SIZE);
    const char *const create[] = {"/usr/bin/qemu-img", "create", "-q",  "-f",    "qcow2", "-b",
                                  "base.raw",          "-F",     "raw", overlay, NULL};
    run(create);
    assert_true(
        asprintf(
            &devices,
            "<disk type='file' device='disk'><driver name='qemu' type='qcow2'/><source file='%s'/>"
            "<target dev='vda' bus='virtio'/><serial>CHAIN</serial></disk>"
            "<controller type='scsi' model='virtio-scsi'/>"
            "<disk type='file' device='disk'><source file='%s'/><target dev='sda' bus='scsi'/>"
            "<serial>PLAIN</serial></disk>"
            "<disk type='file' device='cdrom'><source file='%s'/><target dev='sdb' "
            "bus='scsi'/></disk>",
            overlay, scsi, cd) > 0);
    const struct guest guest = {.devices = devices, .command = " guest.address=none"};
    struct hvk_domain *domain = start_guest(lab, "disks", &guest);
    struct console *console = open_console(lab, domain);
    expect(lab, console, "GUEST disk sda 2048 ro=0 serial=PLAIN");
    expect(lab, console, "GUEST disk vda 2048 ro=0 serial=CHAIN");
    expect(lab, console, "USERSPACE-UP");
    ask(lab, console, "head -c 13 /dev/vda | tr a-z- A-Z_", "FROM_THE_BASE");
    ask(lab, console, "head -c 9 /dev/sda | tr - _", "FROM_SCSI");
    ask(lab, console, "head -c 11 /dev/sr0 | tr - _", "FROM_THE_CD");
    ask(lab, console, "printf WRITTEN | dd of=/dev/vda conv=notrunc,fsync 2>&1 | tr '+' _",
        "0_1 records out");
    power_off(lab, "disks", domain);
    char text[64];
    read_start(base, text);
    assert_memory_equal(text, "FROM-THE-BASE", 13);
    close_console(console);
    hvk_free(domain);
    free(devices);
    free(base);
    free(overlay);
    free(scsi);
    free(cd);
}

static void ide_and_old_cards_work_on_the_old_board(void **state)
{
    struct lab *lab = *state;
    need_guest("kernel");
    char *disk = lab_file(lab, "ide.raw"), *devices = NULL;
    write_file(disk, "FROM-IDE", IMAGE_SIZE);
    assert_true(
        asprintf(&devices,
                 "<disk type='file' device='disk'><source file='%s'/><target dev='hda' bus='ide'/>"
                 "<serial>OLD</serial></disk><console type='pty'><target type='serial'/></console>"
                 "<console type='file'><source path='%s/hvc'/><target type='virtio'/></console>",
                 disk, lab->root) > 0);
    const struct guest guest = {
        .machine = "pc", .devices = devices, .command = " guest.address=none"};
    struct hvk_domain *domain = start_guest(lab, "board", &guest);
    struct console *console = open_console(lab, domain);
    expect(lab, console, "GUEST disk sda 2048 ro=0");
    expect(lab, console, "USERSPACE-UP");
    ask(lab, console, "head -c 8 /dev/sda | tr - _", "FROM_IDE");
    power_off(lab, "board", domain);
    char *hvc = lab_file(lab, "hvc"), text[64];
    read_start(hvc, text);
    assert_non_null(strstr(text, "GUEST disk"));
    close_console(console);
    hvk_free(domain);
    free(hvc);
    free(disk);
    free(devices);
}

/* Variables that the guest writes are there at the next start: the store is copied from its
 * template once. */
static void uefi_keeps_its_variables(void **state)
{
    struct lab *lab = *state;
    need_guest("kernel");
    if (access("/usr/share/OVMF/OVMF_CODE_4M.fd", R_OK) < 0) {
        print_message("skipped, because the package ovmf is not installed\n");
        skip();
    }
    static const char variable[] =
        "/sys/firmware/efi/efivars/Hvkit-5b446ed1-e30b-4faa-871a-3654eca36080";
    const struct guest guest = {.os = " firmware='efi'", .command = " guest.address=none"};
    struct hvk_domain *domain = start_guest(lab, "uefi", &guest);
    struct console *console = open_console(lab, domain);
    char *line = NULL;
    expect(lab, console, "GUEST firmware uefi");
    expect(lab, console, "USERSPACE-UP");
    lab_send(lab, console->stream, "mount -t efivarfs vars /sys/firmware/efi/efivars\n");
    assert_true(asprintf(&line, "printf '\\7\\0\\0\\0kept' >%s && echo wrote-$((2+3))", variable) >
                0);
    ask(lab, console, line, "wrote-5");
    power_off(lab, "uefi", domain);
    close_console(console);
    free(line);
    lab_ok(lab, hvk_domain_create(CALL, domain, NULL, 0, 0, NULL));
    console = open_console(lab, domain);
    expect(lab, console, "USERSPACE-UP");
    lab_send(lab, console->stream, "mount -t efivarfs vars /sys/firmware/efi/efivars\n");
    assert_true(asprintf(&line, "tail -c 4 %s | tr ke KE", variable) > 0);
    ask(lab, console, line, "KEpt");
    power_off(lab, "uefi", domain);
    close_console(console);
    hvk_free(domain);
    free(line);
}

static void tpm_is_there_and_keeps_its_state(void **state)
{
    struct lab *lab = *state;
    need_guest("kernel");
    if (access("/usr/bin/swtpm", X_OK) < 0) {
        print_message("skipped, because the package swtpm is not installed\n");
        skip();
    }
    const struct guest guest = {
        .devices = "<tpm model='tpm-tis'><backend type='emulator' version='2.0'/></tpm>",
        .command = " guest.address=none"};
    struct hvk_domain *domain = start_guest(lab, "tpm", &guest);
    struct console *console = open_console(lab, domain);
    expect(lab, console, "GUEST tpm 2");
    expect(lab, console, "USERSPACE-UP");
    assert_int_equal(lab_processes(lab), 2); /* QEMU and swtpm */
    power_off(lab, "tpm", domain);
    close_console(console);
    hvk_free(domain);
}

static void virtiofs_shares_a_folder(void **state)
{
    struct lab *lab = *state;
    need_guest("kernel");
    if (access("/usr/lib/qemu/virtiofsd", X_OK) < 0 || geteuid() != 0) {
        print_message("skipped, because virtiofsd is not there or needs root\n");
        skip();
    }
    char *folder = lab_file(lab, "shared"), *marker = lab_file(lab, "shared/marker"),
         *devices = NULL;
    assert_int_equal(mkdir(folder, 0755), 0);
    write_file(marker, "seen-in-the-guest", 0);
    assert_true(asprintf(&devices,
                         "<filesystem type='mount'><driver type='virtiofs'/><binary><sandbox "
                         "mode='chroot'/></binary>"
                         "<source dir='%s'/><target dir='share'/></filesystem>",
                         folder) > 0);
    const struct guest guest = {
        .elements = "<memoryBacking><source type='memfd'/><access mode='shared'/></memoryBacking>",
        .devices = devices,
        .command = " guest.address=none guest.share=virtiofs:share"};
    struct hvk_domain *domain = start_guest(lab, "share", &guest);
    struct console *console = open_console(lab, domain);
    expect(lab, console, "GUEST share share seen-in-the-guest");
    expect(lab, console, "USERSPACE-UP");
    ask(lab, console, "printf back >/mnt/share/answer && sync && echo done-$((4+5))", "done-9");
    power_off(lab, "share", domain);
    char *answer = lab_file(lab, "shared/answer"), text[64];
    read_start(answer, text);
    assert_string_equal(text, "back");
    close_console(console);
    hvk_free(domain);
    free(answer);
    free(devices);
    free(marker);
    free(folder);
}

static void panic_of_the_guest_is_noticed(void **state)
{
    struct lab *lab = *state;
    need_guest("kernel");
    const struct guest guest = {.devices = "<panic model='isa'/>",
                                .command = " guest.address=none guest.then=panic"};
    struct hvk_domain *domain = start_guest(lab, "panic", &guest);
    lab_wait_lifecycle(lab, "panic", HVK_DOMAIN_EVENT_STOPPED, HVK_DOMAIN_EVENT_STOPPED_CRASHED);
    int32_t reason;
    assert_int_equal(lab_state(lab, domain, &reason), HVK_DOMAIN_SHUTOFF);
    assert_int_equal(reason, HVK_DOMAIN_SHUTOFF_CRASHED);
    hvk_free(domain);
}

/* A disk and a network card come and go while the guest runs, each noticed by it. */
static void devices_come_and_go(void **state)
{
    struct lab *lab = *state;
    need_guest("kernel");
    char *image = lab_file(lab, "late.raw"), *disk = NULL;
    write_file(image, "CAME-LATE", IMAGE_SIZE);
    assert_true(asprintf(&disk,
                         "<disk type='file' device='disk'><source file='%s'/><target dev='vda' "
                         "bus='virtio'/></disk>",
                         image) > 0);
    const struct guest guest = {.command = " guest.address=none"};
    struct hvk_domain *domain = start_guest(lab, "plug", &guest);
    struct console *console = open_console(lab, domain);
    expect(lab, console, "USERSPACE-UP");
    lab_ok(lab, hvk_domain_attach_device(CALL, domain, disk, HVK_DOMAIN_AFFECT_LIVE));
    ask(lab, console, "until [ -e /dev/vda ]; do usleep 100000; done; head -c 9 /dev/vda | tr - _",
        "CAME_LATE");
    static const char card[] = "<interface type='user'><mac address='52:54:00:00:00:09'/><model "
                               "type='virtio'/></interface>";
    lab_ok(lab, hvk_domain_attach_device(CALL, domain, card, HVK_DOMAIN_AFFECT_LIVE));
    ask(lab, console,
        "until [ -e /sys/class/net/eth0 ]; do usleep 100000; done; cat /sys/class/net/eth0/address "
        "| tr : _",
        "52_54_00_00_00_09");
    lab_ok(lab, hvk_domain_detach_device(CALL, domain, disk, HVK_DOMAIN_AFFECT_LIVE));
    ask(lab, console, "while [ -e /dev/vda ]; do usleep 100000; done; echo gone-$((3+4))",
        "gone-7");
    lab_ok(lab, hvk_domain_detach_device(CALL, domain, card, HVK_DOMAIN_AFFECT_LIVE));
    ask(lab, console,
        "while [ -e /sys/class/net/eth0 ]; do usleep 100000; done; echo gone-$((4+4))", "gone-8");
    /* what was behind them went with them: the same can come again */
    lab_ok(lab, hvk_domain_attach_device(CALL, domain, disk, HVK_DOMAIN_AFFECT_LIVE));
    ask(lab, console, "until [ -e /dev/vda ]; do usleep 100000; done; echo back-$((4+5))",
        "back-9");
    power_off(lab, "plug", domain);
    close_console(console);
    hvk_free(domain);
    free(disk);
    free(image);
}

static void a_medium_is_changed_and_ejected(void **state)
{
    struct lab *lab = *state;
    need_guest("kernel");
    char *one = lab_file(lab, "one.raw"), *two = lab_file(lab, "two.raw"), *devices = NULL,
         *other = NULL;
    write_file(one, "DISC-ONE", IMAGE_SIZE);
    write_file(two, "DISC-TWO", IMAGE_SIZE);
    static const char drive[] =
        "<disk type='file' device='cdrom'>%s%s%s<target dev='sda' bus='scsi'/></disk>";
    assert_true(asprintf(&other, drive, "<source file='", two, "'/>") > 0);
    assert_true(
        asprintf(&devices,
                 "<controller type='scsi' model='virtio-scsi'/><disk type='file' device='cdrom'>"
                 "<source file='%s'/><target dev='sda' bus='scsi'/></disk>",
                 one) > 0);
    const struct guest guest = {.devices = devices, .command = " guest.address=none"};
    struct hvk_domain *domain = start_guest(lab, "media", &guest);
    struct console *console = open_console(lab, domain);
    expect(lab, console, "USERSPACE-UP");
    ask(lab, console, "head -c 8 /dev/sr0 | tr - _", "DISC_ONE");
    lab_ok(lab, hvk_domain_update_device(CALL, domain, other, HVK_DOMAIN_AFFECT_LIVE));
    lab_wait_event(lab, "media", HVK_EVENT_DOMAIN_TRAY_CHANGE);
    ask(lab, console,
        "until head -c 8 /dev/sr0 | grep -q TWO; do usleep 100000; done; head -c 8 /dev/sr0 | tr - "
        "_",
        "DISC_TWO");
    lab_ok(lab, hvk_domain_update_device(
                    CALL, domain,
                    "<disk type='file' device='cdrom'><target dev='sda' bus='scsi'/></disk>",
                    HVK_DOMAIN_AFFECT_LIVE));
    ask(lab, console,
        "while head -c 1 /dev/sr0 >/run/null 2>&1; do usleep 100000; done; echo empty-$((5+5))",
        "empty-10");
    power_off(lab, "media", domain);
    close_console(console);
    hvk_free(domain);
    free(devices);
    free(other);
    free(one);
    free(two);
}

static void a_link_that_is_taken_down_loses_its_carrier(void **state)
{
    struct lab *lab = *state;
    need_guest("kernel");
    static const char nic[] = "<interface type='user'><mac address='52:54:00:00:00:05'/><model "
                              "type='virtio'/></interface>";
    static const char down[] = "<interface type='user'><mac address='52:54:00:00:00:05'/><model "
                               "type='virtio'/><link state='down'/></interface>";
    const struct guest guest = {.devices = nic};
    struct hvk_domain *domain = start_guest(lab, "link", &guest);
    struct console *console = open_console(lab, domain);
    expect(lab, console, "USERSPACE-UP");
    ask(lab, console, "cat /sys/class/net/eth0/carrier | sed s/^/carrier=/", "carrier=1");
    lab_ok(lab, hvk_domain_update_device(CALL, domain, down, HVK_DOMAIN_AFFECT_LIVE));
    ask(lab, console,
        "until grep -q 0 /sys/class/net/eth0/carrier; do usleep 100000; done; echo down-$((5+6))",
        "down-11");
    power_off(lab, "link", domain);
    close_console(console);
    hvk_free(domain);
}

/* The agent answers where the power button is ignored. */
static void agent_shuts_down_a_guest_that_ignores_acpi(void **state)
{
    struct lab *lab = *state;
    need_guest("initramfs-agent");
    const struct guest guest = {
        .initrd = "initramfs-agent",
        .devices =
            "<channel type='unix'><target type='virtio' name='org.qemu.guest_agent.0'/></channel>",
        .command = " guest.address=none guest.ignore=acpi"};
    struct hvk_domain *domain = start_guest(lab, "agent", &guest);
    struct console *console = open_console(lab, domain);
    expect(lab, console, "GUEST port org.qemu.guest_agent.0");
    expect(lab, console, "USERSPACE-UP");
    ask(lab, console, "until pidof qemu-ga >/run/null; do usleep 100000; done; echo agent-$((6+6))",
        "agent-12");
    lab_ok(lab, hvk_domain_shutdown(CALL, domain, HVK_DOMAIN_SHUTDOWN_GUEST_AGENT));
    lab_wait_lifecycle(lab, "agent", HVK_DOMAIN_EVENT_STOPPED, HVK_DOMAIN_EVENT_STOPPED_SHUTDOWN);
    close_console(console);
    hvk_free(domain);
}

/* The big kernel has the drivers of real hardware. */
static void sata_usb_old_cards_and_9p_work(void **state)
{
    struct lab *lab = *state;
    need_guest("full/kernel");
    char *sata = lab_file(lab, "sata.raw"), *usb = lab_file(lab, "usb.raw"),
         *folder = lab_file(lab, "folder");
    char *marker = lab_file(lab, "folder/marker"), *devices = NULL;
    write_file(sata, "FROM-SATA", IMAGE_SIZE);
    write_file(usb, "FROM-USB", IMAGE_SIZE);
    assert_int_equal(mkdir(folder, 0755), 0);
    write_file(marker, "over-9p", 0);
    assert_true(asprintf(&devices,
                         "<disk type='file' device='disk'><source file='%s'/><target dev='sda' "
                         "bus='sata'/></disk>"
                         "<disk type='file' device='disk'><source file='%s'/><target dev='sdb' "
                         "bus='usb'/></disk>"
                         "<interface type='user'><mac address='52:54:00:00:00:01'/><model "
                         "type='e1000'/></interface>"
                         "<interface type='user'><mac address='52:54:00:00:00:02'/><model "
                         "type='e1000e'/></interface>"
                         "<interface type='user'><mac address='52:54:00:00:00:03'/><model "
                         "type='rtl8139'/></interface>"
                         "<filesystem type='mount' accessmode='mapped'><source dir='%s'/><target "
                         "dir='nine'/></filesystem>",
                         sata, usb, folder) > 0);
    const struct guest guest = {.kernel = "full/kernel",
                                .initrd = "full/initramfs",
                                .devices = devices,
                                .command = " guest.share=9p:nine"};
    struct hvk_domain *domain = start_guest(lab, "full", &guest);
    struct console *console = open_console(lab, domain);
    expect(lab, console, "GUEST share nine over-9p");
    expect(lab, console, "USERSPACE-UP");
    ask(lab, console,
        "for n in /sys/class/net/eth*; do cat $n/address; done | sort | tr ':' _ | tr '\\n' '.'",
        "52_54_00_00_00_01.52_54_00_00_00_02.52_54_00_00_00_03");
    ask(lab, console, "ip -4 address show | grep -c 10.0.2.15/24 | sed s/^/addresses=/",
        "addresses=3");
    ask(lab, console, "for d in /dev/sd?; do head -c 9 $d | tr '-' _; echo; done", "FROM_");
    ask(lab, console, "cat /dev/sda /dev/sdb | tr '\\0' '\\n' | grep -c FROM | sed s/^/disks=/",
        "disks=2");
    power_off(lab, "full", domain);
    close_console(console);
    hvk_free(domain);
    free(devices);
    free(marker);
    free(folder);
    free(usb);
    free(sata);
}

/* With an argument, only the tests whose names match the pattern. */
int main(int argc, char **argv)
{
    if (argc > 1)
        cmocka_set_test_filter(argv[1]);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(linux_boots_talks_and_powers_off, lab_setup, lab_teardown),
        cmocka_unit_test_setup_teardown(guest_that_ignores_acpi_keeps_running, lab_setup,
                                        lab_teardown),
        cmocka_unit_test_setup_teardown(disks_hold_what_their_images_hold, lab_setup, lab_teardown),
        cmocka_unit_test_setup_teardown(ide_and_old_cards_work_on_the_old_board, lab_setup,
                                        lab_teardown),
        cmocka_unit_test_setup_teardown(uefi_keeps_its_variables, lab_setup, lab_teardown),
        cmocka_unit_test_setup_teardown(tpm_is_there_and_keeps_its_state, lab_setup, lab_teardown),
        cmocka_unit_test_setup_teardown(virtiofs_shares_a_folder, lab_setup, lab_teardown),
        cmocka_unit_test_setup_teardown(panic_of_the_guest_is_noticed, lab_setup, lab_teardown),
        cmocka_unit_test_setup_teardown(devices_come_and_go, lab_setup, lab_teardown),
        cmocka_unit_test_setup_teardown(a_medium_is_changed_and_ejected, lab_setup, lab_teardown),
        cmocka_unit_test_setup_teardown(a_link_that_is_taken_down_loses_its_carrier, lab_setup,
                                        lab_teardown),
        cmocka_unit_test_setup_teardown(agent_shuts_down_a_guest_that_ignores_acpi, lab_setup,
                                        lab_teardown),
        cmocka_unit_test_setup_teardown(sata_usb_old_cards_and_9p_work, lab_setup, lab_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
