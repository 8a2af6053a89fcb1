/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Saving and restoring real guests. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "qemu_lab.h"

#define CALL &lab->call, lab->connection

static struct hvk_param text_param(const char *name, const char *value)
{
    struct hvk_param param = {.size = sizeof param, .type = HVK_PARAM_STRING, .name = name};
    param.value.string = value;
    return param;
}

static bool save(struct lab *lab, const struct hvk_domain *domain, const char *file, uint32_t flags)
{
    struct hvk_param params[] = {text_param(HVK_DOMAIN_SAVE_PARAM_FILE, file)};
    return hvk_domain_save(CALL, domain, params, 1, flags);
}

static bool restore(struct lab *lab, const char *file, uint32_t flags)
{
    struct hvk_param params[] = {text_param(HVK_DOMAIN_SAVE_PARAM_FILE, file)};
    return hvk_domain_restore(CALL, params, 1, flags);
}

/* A guest that was told something keeps it in memory: whether it still ignores the button shows
 * that what came back is what was saved. */
static void make_deaf(struct lab *lab, const struct hvk_domain *domain)
{
    struct hvk_stream *console = lab_console(lab, domain);
    lab_send(lab, console, "!i");
    lab_expect(lab, console, "IGNORING");
    hvk_stream_free(console);
}

static void check_deaf(struct lab *lab, const struct hvk_domain *domain)
{
    struct hvk_stream *console = lab_console(lab, domain);
    lab_ok(lab, hvk_domain_shutdown(CALL, domain, 0));
    lab_expect(lab, console, "BUTTON");
    hvk_stream_free(console);
}

static void managed_save_goes_on_where_it_stopped(void **state)
{
    struct lab *lab = *state;
    struct hvk_domain *domain = lab_boot(lab, "saved", NULL, NULL);
    make_deaf(lab, domain);
    lab_ok(lab, hvk_domain_managed_save(CALL, domain, 0));
    lab_wait_lifecycle(lab, "saved", HVK_DOMAIN_EVENT_STOPPED, HVK_DOMAIN_EVENT_STOPPED_SAVED);
    assert_int_equal(lab_processes(lab), 0);
    int32_t reason;
    assert_int_equal(lab_state(lab, domain, &reason), HVK_DOMAIN_SHUTOFF);
    assert_int_equal(reason, HVK_DOMAIN_SHUTOFF_SAVED);
    lab_reopen(lab);
    struct hvk_domain_status status = HVK_RECORD_INIT(status);
    lab_ok(lab, hvk_domain_get_status(CALL, domain, &status));
    assert_true(status.managed_save);
    lab_fails(lab, hvk_domain_undefine(CALL, domain, 0), HVK_ERR_OPERATION_INVALID, "MANAGED_SAVE");
    lab_ok(lab, hvk_domain_create(CALL, domain, NULL, 0, 0, NULL));
    lab_wait_lifecycle(lab, "saved", HVK_DOMAIN_EVENT_STARTED, HVK_DOMAIN_EVENT_STARTED_RESTORED);
    check_deaf(lab, domain);
    lab_ok(lab, hvk_domain_get_status(CALL, domain, &status));
    assert_false(status.managed_save);
    hvk_free(domain);
}

static void forced_boot_discards_the_managed_save(void **state)
{
    struct lab *lab = *state;
    struct hvk_domain *domain = lab_boot(lab, "fresh", NULL, NULL);
    lab_ok(lab, hvk_domain_managed_save(CALL, domain, 0));
    lab_ok(lab, hvk_domain_create(CALL, domain, NULL, 0,
                                  HVK_DOMAIN_START_FORCE_BOOT | HVK_DOMAIN_START_PAUSED, NULL));
    hvk_stream_free(lab_run(lab, domain));
    lab_ok(lab, hvk_domain_managed_save(CALL, domain, 0));
    lab_ok(lab, hvk_domain_managed_save_remove(CALL, domain, 0));
    lab_ok(lab, hvk_domain_undefine(CALL, domain, 0));
    hvk_free(domain);
}

static void saved_file_restores_with_its_state(void **state)
{
    struct lab *lab = *state;
    char file[256];
    snprintf(file, sizeof file, "%s/guest.save", lab->root);
    struct hvk_domain *domain = lab_boot(lab, "filed", NULL, NULL);
    make_deaf(lab, domain);
    lab_ok(lab, hvk_domain_suspend(CALL, domain));
    lab_ok(lab, save(lab, domain, file, 0));
    char *xml = NULL;
    lab_ok(lab, hvk_domain_save_image_get_xml_desc(CALL, file, 0, &xml));
    assert_non_null(strstr(xml, "<name>filed</name>"));
    hvk_free(xml);
    lab_ok(lab, restore(lab, file, 0));
    assert_int_equal(lab_state(lab, domain, NULL), HVK_DOMAIN_PAUSED); /* as it was */
    lab_fails(lab, restore(lab, file, 0), HVK_ERR_OPERATION_INVALID, "runs already");
    lab_ok(lab, hvk_domain_resume(CALL, domain));
    check_deaf(lab, domain);
    lab_ok(lab, hvk_domain_destroy(CALL, domain, 0));
    lab_ok(lab, restore(lab, file, HVK_DOMAIN_SAVE_RUNNING)); /* and once more, otherwise */
    assert_int_equal(lab_state(lab, domain, NULL), HVK_DOMAIN_RUNNING);
    hvk_free(domain);
}

static void transient_domain_comes_back_from_its_file(void **state)
{
    struct lab *lab = *state;
    char file[256];
    snprintf(file, sizeof file, "%s/transient.save", lab->root);
    char *xml = lab_xml(lab, "nomad", NULL, NULL);
    struct hvk_domain *domain = NULL;
    lab_ok(lab, hvk_domain_create_xml(CALL, xml, NULL, 0, HVK_DOMAIN_START_PAUSED, &domain));
    free(xml);
    hvk_stream_free(lab_run(lab, domain));
    lab_fails(lab, hvk_domain_managed_save(CALL, domain, 0), HVK_ERR_OPERATION_INVALID,
              "transient");
    lab_ok(lab, save(lab, domain, file, 0));
    struct hvk_domain *found = NULL;
    lab_fails(lab, hvk_domain_lookup_by_name(CALL, "nomad", &found), HVK_ERR_NO_DOMAIN, "nomad");
    lab_ok(lab, restore(lab, file, 0));
    assert_int_equal(lab_state(lab, domain, NULL), HVK_DOMAIN_RUNNING);
    hvk_free(domain);
}

static void damaged_files_are_refused_with_the_reason(void **state)
{
    struct lab *lab = *state;
    char file[256];
    snprintf(file, sizeof file, "%s/damaged.save", lab->root);
    struct hvk_domain *domain = lab_boot(lab, "damaged", NULL, NULL);
    lab_ok(lab, save(lab, domain, file, 0));
    struct stat st;
    assert_int_equal(stat(file, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
    int fd = open(file, O_RDWR);
    assert_int_equal(ftruncate(fd, st.st_size / 2), 0);
    lab_fails(lab, restore(lab, file, 0), HVK_ERR_STATE_DAMAGED, "cut off");
    assert_int_equal(pwrite(fd, "x", 1, 100), 1);
    lab_fails(lab, restore(lab, file, 0), HVK_ERR_STATE_DAMAGED, "checksum");
    assert_int_equal(pwrite(fd, "HVKITPAR", 8, 0), 8);
    lab_fails(lab, restore(lab, file, 0), HVK_ERR_STATE_DAMAGED, "interrupted");
    assert_int_equal(pwrite(fd, "nonsense", 8, 0), 8);
    lab_fails(lab, restore(lab, file, 0), HVK_ERR_STATE_DAMAGED, "no saved domain");
    close(fd);
    assert_int_equal(lab_processes(lab), 0);
    hvk_free(domain);
}

/* The finished file takes its name's place by rename(): a device there would be gone. */
static void save_replaces_files_only_and_follows_links(void **state)
{
    struct lab *lab = *state;
    struct stat st;
    char fifo[256], file[256], link[256];
    snprintf(fifo, sizeof fifo, "%s/fifo", lab->root);
    snprintf(file, sizeof file, "%s/old.save", lab->root);
    snprintf(link, sizeof link, "%s/link.save", lab->root);
    assert_int_equal(mkfifo(fifo, 0600), 0);
    close(open(file, O_CREAT | O_WRONLY, 0600));
    assert_int_equal(symlink(file, link), 0);
    struct hvk_domain *domain = lab_boot(lab, "careful", NULL, NULL);
    lab_fails(lab, save(lab, domain, fifo, 0), HVK_ERR_INVALID_ARG, "not a regular file");
    lab_fails(lab, save(lab, domain, lab->root, 0), HVK_ERR_INVALID_ARG, "not a regular file");
    assert_int_equal(stat(fifo, &st), 0);
    assert_true(S_ISFIFO(st.st_mode));
    assert_int_equal(lab_state(lab, domain, NULL), HVK_DOMAIN_RUNNING);
    lab_ok(lab, save(lab, domain, link, 0));
    assert_int_equal(lstat(link, &st), 0);
    assert_true(S_ISLNK(st.st_mode));
    lab_ok(lab, restore(lab, file, 0));
    hvk_free(domain);
}

static void save_onto_a_full_disk_fails_and_the_guest_goes_on(void **state)
{
    struct lab *lab = *state;
    char folder[160], file[256];
    snprintf(folder, sizeof folder, "%s/full", lab->root);
    snprintf(file, sizeof file, "%s/guest.save", folder);
    assert_int_equal(mkdir(folder, 0700), 0);
    if (mount("none", folder, "tmpfs", 0, "size=64k") < 0) {
        print_message("skipped, because mounting a small file system needs privileges\n");
        skip();
    }
    struct hvk_domain *domain = lab_boot(lab, "squeezed", NULL, NULL);
    lab_fails(lab, save(lab, domain, file, 0), HVK_ERR_OPERATION_FAILED, "squeezed");
    assert_int_equal(access(file, F_OK), -1);
    struct hvk_stream *console = lab_console(lab, domain);
    lab_send(lab, console, "alive");
    lab_expect(lab, console, "alive");
    hvk_stream_free(console);
    int32_t reason;
    assert_int_equal(lab_state(lab, domain, &reason), HVK_DOMAIN_RUNNING);
    assert_int_equal(reason, HVK_DOMAIN_RUNNING_SAVE_CANCELED);
    umount(folder);
    hvk_free(domain);
}

static void core_dump_is_an_elf_file_and_the_guest_goes_on(void **state)
{
    struct lab *lab = *state;
    char file[256], magic[4];
    snprintf(file, sizeof file, "%s/guest.core", lab->root);
    struct hvk_domain *domain = lab_boot(lab, "dumped", NULL, NULL);
    lab_ok(lab, hvk_domain_core_dump(CALL, domain, file, HVK_DOMAIN_DUMP_FORMAT_RAW,
                                     HVK_DOMAIN_DUMP_MEMORY_ONLY));
    int fd = open(file, O_RDONLY);
    assert_int_equal(read(fd, magic, sizeof magic), sizeof magic);
    assert_memory_equal(magic, "\177ELF", sizeof magic);
    close(fd);
    struct hvk_stream *console = lab_console(lab, domain);
    lab_send(lab, console, "alive");
    lab_expect(lab, console, "alive");
    hvk_stream_free(console);
    hvk_free(domain);
}

int main(void)
{
#define CLAIM(name) cmocka_unit_test_setup_teardown(name, lab_setup, lab_teardown)
    const struct CMUnitTest tests[] = {
        CLAIM(managed_save_goes_on_where_it_stopped),
        CLAIM(forced_boot_discards_the_managed_save),
        CLAIM(saved_file_restores_with_its_state),
        CLAIM(transient_domain_comes_back_from_its_file),
        CLAIM(damaged_files_are_refused_with_the_reason),
        CLAIM(save_replaces_files_only_and_follows_links),
        CLAIM(save_onto_a_full_disk_fails_and_the_guest_goes_on),
        CLAIM(core_dump_is_an_elf_file_and_the_guest_goes_on),
    };
    return cmocka_run_group_tests_name("qemu-save", tests, NULL, NULL);
}
