/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Devices, memory, processors, figures and keys of real guests. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "qemu_lab.h"

#define CALL &lab->call, lab->connection

static void make_image(const struct lab *lab, const char *name, off_t size, char *path)
{
    snprintf(path, 256, "%s/%s", lab->root, name);
    int fd = open(path, O_RDWR | O_CREAT | O_EXCL, 0600);
    assert_true(fd >= 0);
    assert_int_equal(ftruncate(fd, size), 0);
    close(fd);
}

static bool xml_has(struct lab *lab, const struct hvk_domain *domain, uint32_t flags,
                    const char *text)
{
    char *xml = NULL;
    lab_ok(lab, hvk_domain_get_xml_desc(CALL, domain, flags, &xml));
    bool found = strstr(xml, text) != NULL;
    hvk_free(xml);
    return found;
}

static void disk_comes_and_goes_while_the_guest_runs(void **state)
{
    struct lab *lab = *state;
    char path[256], disk[512];
    make_image(lab, "extra.img", 4 << 20, path);
    snprintf(disk, sizeof disk,
             "<disk type='file' device='disk'><driver name='qemu' type='raw'/>"
             "<source file='%s'/><target dev='sda' bus='usb'/></disk>",
             path);
    struct hvk_domain *domain =
        lab_boot(lab, "plugged", "<controller type='usb' model='qemu-xhci'/>", NULL);
    lab_ok(lab, hvk_domain_attach_device(CALL, domain, disk,
                                         HVK_DOMAIN_AFFECT_LIVE | HVK_DOMAIN_AFFECT_CONFIG));
    lab_wait_event(lab, "plugged", HVK_EVENT_DOMAIN_DEVICE_ADDED);
    assert_true(xml_has(lab, domain, 0, path));
    assert_true(xml_has(lab, domain, HVK_DOMAIN_XML_INACTIVE, path));
    lab_fails(lab, hvk_domain_attach_device(CALL, domain, disk, HVK_DOMAIN_AFFECT_LIVE),
              HVK_ERR_XML_ERROR, "sda");
    struct hvk_domain_block_info info = HVK_RECORD_INIT(info);
    lab_ok(lab, hvk_domain_get_block_info(CALL, domain, "sda", 0, &info));
    assert_int_equal(info.capacity, 4 << 20);
    lab_ok(lab, hvk_domain_detach_device(CALL, domain, disk, HVK_DOMAIN_AFFECT_LIVE));
    lab_wait_event(lab, "plugged", HVK_EVENT_DOMAIN_DEVICE_REMOVED);
    assert_false(xml_has(lab, domain, 0, path));
    assert_true(xml_has(lab, domain, HVK_DOMAIN_XML_INACTIVE, path));
    hvk_free(domain);
}

/* The image is locked by the first disk. What QEMU was told before it refused is taken back before
 * the call returns, so that it does not stand in the way of whoever comes next. */
static void refused_disk_leaves_nothing_behind(void **state)
{
    static const char form[] = "<disk type='file' device='disk'><driver name='qemu' type='raw'/>"
                               "<source file='%s'/><target dev='%s' bus='virtio'/></disk>";
    struct lab *lab = *state;
    char path[256], other[256], first[512], second[512], third[512];
    make_image(lab, "one.img", 1 << 20, path);
    make_image(lab, "two.img", 1 << 20, other);
    snprintf(first, sizeof first, form, path, "vda");
    snprintf(second, sizeof second, form, path, "vdb");
    snprintf(third, sizeof third, form, other, "vdb");
    struct hvk_domain *domain = lab_boot(lab, "refused", NULL, NULL);
    lab_ok(lab, hvk_domain_attach_device(CALL, domain, first, HVK_DOMAIN_AFFECT_LIVE));
    lab_fails(lab, hvk_domain_attach_device(CALL, domain, second, HVK_DOMAIN_AFFECT_LIVE),
              HVK_ERR_OPERATION_FAILED, "lock");
    lab_reopen(lab);
    lab_ok(lab, hvk_domain_attach_device(CALL, domain, third, HVK_DOMAIN_AFFECT_LIVE));
    hvk_free(domain);
}

static void medium_of_a_drive_is_changed(void **state)
{
    struct lab *lab = *state;
    char first[256], second[256], devices[512], update[512];
    make_image(lab, "first.iso", 1 << 20, first);
    make_image(lab, "second.iso", 2 << 20, second);
    static const char drive[] =
        "<disk type='file' device='cdrom'><driver name='qemu' type='raw'/>"
        "<source file='%s'/><target dev='sda' bus='sata'/><readonly/></disk>";
    snprintf(devices, sizeof devices, drive, first);
    snprintf(update, sizeof update, drive, second);
    struct hvk_domain *domain = lab_boot(lab, "reader", devices, NULL);
    lab_ok(lab, hvk_domain_update_device(CALL, domain, update, HVK_DOMAIN_AFFECT_LIVE));
    assert_true(xml_has(lab, domain, 0, second));
    assert_false(xml_has(lab, domain, 0, first));
    struct hvk_domain_block_info info = HVK_RECORD_INIT(info);
    lab_ok(lab, hvk_domain_get_block_info(CALL, domain, "sda", 0, &info));
    assert_int_equal(info.capacity, 2 << 20);
    hvk_free(domain);
}

static const char *find_param(const struct hvk_param_list *list, const char *name,
                              const struct hvk_param **out)
{
    for (uint64_t i = 0; i < list->count; i++) {
        const struct hvk_param *param = hvk_param_list_at(list, i);
        if (strcmp(param->name, name) == 0) {
            *out = param;
            return param->name;
        }
    }
    return NULL;
}

static void figures_are_those_of_the_guest(void **state)
{
    struct lab *lab = *state;
    char path[256], devices[700];
    make_image(lab, "disk.img", 8 << 20, path);
    snprintf(devices, sizeof devices,
             "<disk type='file' device='disk'><driver name='qemu' type='raw'/>"
             "<source file='%s'/><target dev='vda' bus='virtio'/></disk>"
             "<memballoon model='virtio'/>",
             path);
    struct hvk_domain *domain = lab_boot(lab, "counted", devices, NULL);
    struct hvk_param_list *list = NULL;
    const struct hvk_param *param = NULL;
    lab_ok(lab, hvk_domain_get_stats(CALL, domain, 0, 0, &list));
    assert_non_null(find_param(list, "state.state", &param));
    assert_int_equal(param->value.i32, HVK_DOMAIN_RUNNING);
    assert_non_null(find_param(list, "cpu.time", &param));
    assert_true(param->value.u64 > 0);
    assert_non_null(find_param(list, "block.count", &param));
    assert_int_equal(param->value.u32, 1);
    assert_non_null(find_param(list, "block.0.name", &param));
    assert_string_equal(param->value.string, "vda");
    assert_non_null(find_param(list, "block.0.capacity", &param));
    assert_int_equal(param->value.u64, 8 << 20);
    assert_non_null(find_param(list, "balloon.maximum", &param));
    assert_int_equal(param->value.u64, 32 << 10);
    assert_non_null(find_param(list, "vcpu.0.time", &param));
    hvk_free(list);
    lab_ok(lab, hvk_domain_block_stats(CALL, domain, "vda", 0, &list));
    assert_non_null(find_param(list, HVK_DOMAIN_BLOCK_STATS_READ_REQ, &param));
    hvk_free(list);
    struct hvk_domain_info info = HVK_RECORD_INIT(info);
    lab_ok(lab, hvk_domain_get_info(CALL, domain, &info));
    assert_true(info.cpu_time_ns > 0);
    assert_int_equal(info.max_memory_kib, 32 << 10);
    struct hvk_domain_memory_stat_list *memory = NULL;
    lab_ok(lab, hvk_domain_memory_stats(CALL, domain, 0, &memory));
    assert_true(memory->count >= 2);
    hvk_free(memory);
    struct hvk_vcpu_info_list *vcpus = NULL;
    lab_ok(lab, hvk_domain_get_vcpus(CALL, domain, &vcpus));
    assert_int_equal(vcpus->count, 1);
    hvk_free(vcpus);
    hvk_free(domain);
}

static void memory_and_vcpus_change_within_their_bounds(void **state)
{
    struct lab *lab = *state;
    char *xml = lab_xml(lab, "elastic", NULL, NULL);
    char *at = strstr(xml, "<vcpu>1</vcpu>");
    memcpy(at, "<vcpu>2</vcpu>", 14);
    struct hvk_domain *domain = NULL;
    lab_ok(lab, hvk_domain_define_xml(CALL, xml, 0, &domain));
    free(xml);
    int32_t vcpus;
    lab_ok(lab, hvk_domain_set_vcpus(CALL, domain, 1, HVK_DOMAIN_AFFECT_CONFIG));
    lab_ok(lab, hvk_domain_create(CALL, domain, NULL, 0, 0, NULL));
    lab_ok(lab, hvk_domain_get_vcpus_count(CALL, domain, HVK_DOMAIN_AFFECT_LIVE, &vcpus));
    assert_int_equal(vcpus, 1);
    lab_ok(lab, hvk_domain_set_vcpus(CALL, domain, 2, HVK_DOMAIN_AFFECT_LIVE));
    lab_ok(lab, hvk_domain_get_vcpus_count(CALL, domain, HVK_DOMAIN_AFFECT_LIVE, &vcpus));
    assert_int_equal(vcpus, 2);
    lab_fails(lab, hvk_domain_set_vcpus(CALL, domain, 3, HVK_DOMAIN_AFFECT_LIVE),
              HVK_ERR_INVALID_ARG, "more than");
    lab_fails(lab, hvk_domain_set_memory(CALL, domain, 64 << 10, 0), HVK_ERR_INVALID_ARG,
              "more than");
    lab_ok(lab, hvk_domain_set_memory(CALL, domain, 16 << 10, HVK_DOMAIN_AFFECT_LIVE));
    lab_ok(lab, hvk_domain_set_memory(CALL, domain, 64 << 10,
                                      HVK_DOMAIN_AFFECT_CONFIG | HVK_DOMAIN_MEM_MAXIMUM));
    assert_true(xml_has(lab, domain, HVK_DOMAIN_XML_INACTIVE, "65536"));
    hvk_free(domain);
}

static void screen_is_pictured_and_keys_are_pressed(void **state)
{
    struct lab *lab = *state;
    struct hvk_domain *domain = lab_boot(
        lab, "shown", "<video><model type='vga'/></video><input type='keyboard' bus='ps2'/>", NULL);
    struct hvk_stream *stream = hvk_stream_new(CALL);
    char *mime = NULL;
    char magic[8] = "";
    lab_ok(lab, hvk_domain_screenshot(CALL, domain, 0, stream, 0, &mime));
    assert_string_equal(mime, "image/png");
    assert_int_equal(hvk_stream_read(&lab->call, stream, magic, sizeof magic), sizeof magic);
    assert_memory_equal(magic, "\211PNG\r\n\032\n", sizeof magic);
    char rest[4096];
    int64_t got;
    while ((got = hvk_stream_read(&lab->call, stream, rest, sizeof rest)) > 0)
        ;
    assert_int_equal(got, 0);
    hvk_stream_free(stream);
    hvk_free(mime);
    stream = hvk_stream_new(CALL);
    lab_fails(lab, hvk_domain_screenshot(CALL, domain, 7, stream, 0, &mime), HVK_ERR_INVALID_ARG,
              "no screen 7");
    hvk_stream_free(stream);
    const uint32_t linux_keys[] = {29, 56, 111}; /* control, alt, delete */
    lab_ok(lab, hvk_domain_send_key(CALL, domain, HVK_KEYCODE_SET_LINUX, 50, linux_keys, 3, 0));
    const uint32_t usb_keys[] = {0x04};
    lab_ok(lab, hvk_domain_send_key(CALL, domain, HVK_KEYCODE_SET_USB, 0, usb_keys, 1, 0));
    const uint32_t unknown[] = {60000};
    lab_fails(lab, hvk_domain_send_key(CALL, domain, HVK_KEYCODE_SET_LINUX, 0, unknown, 1, 0),
              HVK_ERR_INVALID_ARG, "60000");
    lab_ok(lab, hvk_domain_inject_nmi(CALL, domain, 0));
    hvk_free(domain);
}

static void helpers_come_and_go_with_their_guest(void **state)
{
    struct lab *lab = *state;
    if (access("/usr/bin/swtpm", X_OK) < 0) {
        print_message("skipped, because there is no swtpm\n");
        skip();
    }
    struct hvk_domain *domain = lab_boot(
        lab, "sealed", "<tpm model='tpm-crb'><backend type='emulator' version='2.0'/></tpm>", NULL);
    assert_int_equal(lab_processes(lab), 2);
    lab_reopen(lab);
    lab_ok(lab, hvk_domain_destroy(CALL, domain, 0));
    assert_int_equal(lab_processes(lab), 0);
    assert_int_equal(lab_state(lab, domain, NULL), HVK_DOMAIN_SHUTOFF);
    assert_int_equal(lab_run_directories(lab), 0);
    lab_ok(lab, hvk_domain_create(CALL, domain, NULL, 0, HVK_DOMAIN_START_PAUSED, NULL));
    struct hvk_stream *console = lab_run(lab, domain);
    lab_ok(lab, hvk_domain_shutdown(CALL, domain, 0));
    lab_wait_lifecycle(lab, "sealed", HVK_DOMAIN_EVENT_STOPPED, HVK_DOMAIN_EVENT_STOPPED_SHUTDOWN);
    assert_int_equal(lab_processes(lab), 0);
    hvk_stream_free(console);
    hvk_free(domain);
}

static void second_client_of_a_console_needs_force(void **state)
{
    struct lab *lab = *state;
    struct hvk_domain *domain = lab_boot(lab, "wanted", NULL, NULL);
    struct hvk_stream *first = lab_console(lab, domain);
    lab_expect(lab, first, "tick");
    struct hvk_stream *second = hvk_stream_new(CALL);
    lab_fails(lab, hvk_domain_open_console(CALL, domain, NULL, second, 0), HVK_ERR_OPERATION_FAILED,
              "FORCE");
    hvk_stream_free(second);
    second = lab_console(lab, domain);
    char byte[256];
    int64_t got;
    lab->call.deadline_ns = hvk_deadline_in(LAB_WAIT_MS);
    while ((got = hvk_stream_read(&lab->call, first, byte, sizeof byte)) > 0)
        ;
    assert_int_equal(got, 0); /* the first has ended */
    lab->call.deadline_ns = 0;
    lab_expect(lab, second, "tick");
    lab_ok(lab, hvk_domain_destroy(CALL, domain, 0));
    lab->call.deadline_ns = hvk_deadline_in(LAB_WAIT_MS);
    while ((got = hvk_stream_read(&lab->call, second, byte, sizeof byte)) > 0)
        ;
    assert_int_equal(got, 0); /* and the second with its guest */
    hvk_stream_free(first);
    hvk_stream_free(second);
    hvk_free(domain);
}

static void capabilities_describe_guests_and_emulators(void **state)
{
    struct lab *lab = *state;
    char *xml = NULL;
    lab_ok(lab, hvk_connection_get_capabilities(CALL, &xml));
    assert_non_null(strstr(xml, "<emulator>" LAB_EMULATOR "</emulator>"));
    assert_non_null(strstr(xml, "<machine canonical='pc-q35-"));
    hvk_free(xml);
    lab_ok(lab, hvk_connection_get_domain_capabilities(CALL, NULL, "x86_64", "q35", lab->accel, 0,
                                                       &xml));
    assert_non_null(strstr(xml, "<value>virtio</value>"));
    assert_non_null(strstr(xml, "<mode name='custom' supported='yes'>"));
    hvk_free(xml);
    lab_fails(
        lab,
        hvk_connection_get_domain_capabilities(CALL, NULL, "x86_64", "nonsense", NULL, 0, &xml),
        HVK_ERR_INVALID_ARG, "nonsense");
}

int main(void)
{
#define CLAIM(name) cmocka_unit_test_setup_teardown(name, lab_setup, lab_teardown)
    const struct CMUnitTest tests[] = {
        CLAIM(disk_comes_and_goes_while_the_guest_runs),
        CLAIM(refused_disk_leaves_nothing_behind),
        CLAIM(medium_of_a_drive_is_changed),
        CLAIM(figures_are_those_of_the_guest),
        CLAIM(memory_and_vcpus_change_within_their_bounds),
        CLAIM(screen_is_pictured_and_keys_are_pressed),
        CLAIM(helpers_come_and_go_with_their_guest),
        CLAIM(second_client_of_a_console_needs_force),
        CLAIM(capabilities_describe_guests_and_emulators),
    };
    return cmocka_run_group_tests_name("qemu-device", tests, NULL, NULL);
}
