/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Tables and file formats of the QEMU driver. */
#include "cmocka_all.h"

#include <fcntl.h>
#include <files.h>
#include <hvkit/domain.h>
#include <keymap.h>
#include <log_tail.h>
#include <run_state.h>
#include <save_file.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include <xml_write.h>

static void every_code_set_finds_the_same_key(void **state)
{
    (void)state;
    static const struct {
        uint32_t set;
        uint32_t code;
        int32_t qnum;
    } cases[] = {
        {HVK_KEYCODE_SET_LINUX, 30, 0x1e},      {HVK_KEYCODE_SET_USB, 0x04, 0x1e},
        {HVK_KEYCODE_SET_XT, 0x1e, 0x1e},       {HVK_KEYCODE_SET_ATSET1, 0x1e, 0x1e},
        {HVK_KEYCODE_SET_ATSET2, 0x1c, 0x1e},   {HVK_KEYCODE_SET_ATSET3, 0x1c, 0x1e},
        {HVK_KEYCODE_SET_OSX, 0x00, 0x1e},      {HVK_KEYCODE_SET_WIN32, 'A', 0x1e},
        {HVK_KEYCODE_SET_QNUM, 0x1e, 0x1e},     {HVK_KEYCODE_SET_XT_KBD, 0x1e, 0x1e},
        {HVK_KEYCODE_SET_LINUX, 111, 0xd3},     {HVK_KEYCODE_SET_XT, 0xe053, 0xd3},
        {HVK_KEYCODE_SET_USB, 0x4c, 0xd3},      {HVK_KEYCODE_SET_WIN32, 0x2e, 0xd3},
        {HVK_KEYCODE_SET_ATSET2, 0xe071, 0xd3},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_int_equal(keymap_to_qnum(cases[i].set, cases[i].code), cases[i].qnum);
    assert_int_equal(keymap_to_qnum(HVK_KEYCODE_SET_LINUX, 60000), -1);
    assert_int_equal(keymap_to_qnum(HVK_KEYCODE_SET_XT, 0), -1);
    assert_int_equal(keymap_to_qnum(99, 30), -1);
    assert_int_equal(keymap_to_qnum(HVK_KEYCODE_SET_USB, UINT32_MAX), -1);
}

static void run_states_have_their_reasons(void **state)
{
    (void)state;
    assert_int_equal(run_state_find("running")->state, HVK_DOMAIN_RUNNING);
    assert_int_equal(run_state_find("io-error")->reason, HVK_DOMAIN_PAUSED_IOERROR);
    assert_int_equal(run_state_find("internal-error")->reason, HVK_DOMAIN_PAUSED_CRASHED);
    assert_int_equal(run_state_find("guest-panicked")->state, HVK_DOMAIN_CRASHED);
    assert_int_equal(run_state_find("from-the-future")->state, HVK_DOMAIN_PAUSED);
    assert_int_equal(run_state_find(NULL)->reason, HVK_DOMAIN_PAUSED_UNKNOWN);
}

/* ---- saved domains -------------------------------------------------------------------------- */

static int new_file(void)
{
    int fd = memfd_create("saved", MFD_CLOEXEC);
    assert_true(fd >= 0);
    return fd;
}

static void saved_file_is_read_back(void **state)
{
    (void)state;
    struct hvk_error err = {.size = sizeof err};
    struct save_header header;
    int fd = new_file();
    assert_true(save_file_begin(fd, "f", "<domain/>", SAVE_FILE_PAUSED, &err));
    assert_int_equal(write(fd, "stream", 6), 6);
    assert_null(save_file_read(fd, "f", &header, &err));
    assert_non_null(strstr(err.text, "interrupted"));
    assert_true(save_file_complete(fd, "f", &err));
    char *xml = save_file_read(fd, "f", &header, &err);
    assert_string_equal(xml, "<domain/>");
    assert_int_equal(header.flags, SAVE_FILE_PAUSED);
    assert_int_equal(header.data_size, 6);
    char data[8] = "";
    assert_int_equal(read(fd, data, sizeof data), 6);
    assert_string_equal(data, "stream");
    free(xml);
    assert_true(save_file_replace_xml(fd, "f", "<domain><name>other</name></domain>", &err));
    xml = save_file_read(fd, "f", &header, &err);
    assert_string_equal(xml, "<domain><name>other</name></domain>");
    free(xml);
    close(fd);
}

/* Any single byte of the header or the XML that differs is noticed. */
static void every_changed_byte_is_noticed(void **state)
{
    (void)state;
    struct hvk_error err = {.size = sizeof err};
    struct save_header header;
    int fd = new_file();
    assert_true(save_file_begin(fd, "f", "<domain/>", 0, &err));
    assert_true(save_file_complete(fd, "f", &err));
    for (off_t at = 0; at < (off_t)(sizeof header + strlen("<domain/>")); at++) {
        unsigned char byte;
        assert_int_equal(pread(fd, &byte, 1, at), 1);
        byte ^= 0x55;
        assert_int_equal(pwrite(fd, &byte, 1, at), 1);
        char *xml = save_file_read(fd, "f", &header, &err);
        assert_null(xml);
        assert_int_equal(err.code, HVK_ERR_STATE_DAMAGED);
        byte ^= 0x55;
        assert_int_equal(pwrite(fd, &byte, 1, at), 1);
    }
    close(fd);
}

/* A FIFO would keep the call until somebody writes, and a device may never end. */
static void only_regular_files_are_opened_as_saved_domains(void **state)
{
    (void)state;
    struct hvk_error err = {.size = sizeof err};
    char directory[] = "/tmp/hvkit-saved-XXXXXX";
    char path[sizeof directory + 8];
    assert_non_null(mkdtemp(directory));
    snprintf(path, sizeof path, "%s/fifo", directory);
    assert_int_equal(mkfifo(path, 0600), 0);
    assert_int_equal(save_file_open(path, false, &err), -1);
    assert_non_null(strstr(err.text, "not a regular file"));
    assert_int_equal(save_file_open("/dev/zero", true, &err), -1);
    assert_int_equal(err.code, HVK_ERR_INVALID_ARG);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(rmdir(directory), 0);
}

static void lengths_that_lie_are_refused(void **state)
{
    (void)state;
    struct hvk_error err = {.size = sizeof err};
    struct save_header header = {.magic = "HVKITSA", .version = 1};
    header.magic[7] = 'V';
    header.xml_size = UINT64_MAX;
    header.data_offset = 4096;
    int fd = new_file();
    assert_int_equal(pwrite(fd, &header, sizeof header, 0), sizeof header);
    assert_null(save_file_read(fd, "f", &header, &err));
    assert_int_equal(err.code, HVK_ERR_STATE_DAMAGED);
    assert_int_equal(ftruncate(fd, 10), 0);
    assert_null(save_file_read(fd, "f", &header, &err));
    assert_non_null(strstr(err.text, "cut off"));
    close(fd);
}

/* ---- texts and files ------------------------------------------------------------------------ */

static void words_of_a_log_are_clean(void **state)
{
    (void)state;
    int fd = new_file();
    assert_int_equal(write(fd, "old\n", 4), 4);
    assert_null(log_tail(fd, 4));
    assert_int_equal(write(fd, "first\nse\x1b[1mcond\r\n\n", 19), 19);
    char *text = log_tail(fd, 4);
    assert_string_equal(text, "first; se?[1mcond");
    free(text);
    text = log_head(fd, 0);
    assert_string_equal(text, "old; first; se?[1mcond");
    free(text);
    struct hvk_error err = {.size = sizeof err};
    hvk_error_set(&err, HVK_ERR_OPERATION_FAILED, "it ended");
    assert_false(log_tail_explain(fd, 4, &err, "cannot do '%s'", "x"));
    assert_string_equal(err.text, "cannot do 'x': it ended; it printed: first; se?[1mcond");
    close(fd);
}

static void notices_do_not_hide_the_reason(void **state)
{
    (void)state;
    static const char notices[] = "char device redirected to /dev/pts/7 (label charserial0)\n"
                                  "2026-01-01T00:00:00.0Z qemu: warning: no such feature\n";
    static const char reason[] = "qemu: Failed to get \"write\" lock\n";
    int fd = new_file();
    assert_int_equal(write(fd, notices, strlen(notices)), strlen(notices));
    auto_free char *alone = log_tail(fd, 0);
    assert_non_null(strstr(alone, "no such feature"));
    assert_int_equal(write(fd, reason, strlen(reason)), strlen(reason));
    auto_free char *text = log_tail(fd, 0);
    assert_string_equal(text, "qemu: Failed to get \"write\" lock");
    close(fd);
}

static void documents_are_escaped(void **state)
{
    (void)state;
    struct xml xml = {0};
    xml_open(&xml, "a", "b", "<'&>", "left-out", NULL, NULL);
    xml_text(&xml, "c", "x<y", NULL);
    xml_empty(&xml, "d", NULL);
    xml_close(&xml, "a");
    assert_string_equal(xml.text.data,
                        "<a b='&lt;&apos;&amp;&gt;'>\n  <c>x&lt;y</c>\n  <d/>\n</a>\n");
    xml_fini(&xml);
}

static void directories_are_removed_without_following_links(void **state)
{
    (void)state;
    struct hvk_error err = {.size = sizeof err};
    char root[] = "/tmp/hvkit-files-XXXXXX";
    assert_non_null(mkdtemp(root));
    int fd = open(root, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    int kept = files_directory(fd, "kept", &err);
    int gone = files_directory(fd, "gone", &err);
    assert_true(files_replace(kept, "file", "x", 1, &err));
    assert_true(files_replace(gone, "file", "x", 1, &err));
    int below = files_directory(gone, "below", &err);
    assert_true(files_replace(below, "file", "x", 1, &err));
    assert_int_equal(symlinkat("../kept", gone, "link"), 0);
    assert_true(files_remove_directory(fd, "gone", &err));
    assert_int_equal(faccessat(fd, "gone", F_OK, 0), -1);
    assert_int_equal(faccessat(kept, "file", F_OK, 0), 0);
    assert_null(files_read(kept, "file", 0, NULL, &err));
    assert_int_equal(err.code, HVK_ERR_LIMIT);
    assert_true(files_remove_directory(fd, "kept", &err));
    close(below);
    close(gone);
    close(kept);
    close(fd);
    assert_int_equal(rmdir(root), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_code_set_finds_the_same_key),
        cmocka_unit_test(run_states_have_their_reasons),
        cmocka_unit_test(saved_file_is_read_back),
        cmocka_unit_test(every_changed_byte_is_noticed),
        cmocka_unit_test(only_regular_files_are_opened_as_saved_domains),
        cmocka_unit_test(lengths_that_lie_are_refused),
        cmocka_unit_test(words_of_a_log_are_clean),
        cmocka_unit_test(notices_do_not_hide_the_reason),
        cmocka_unit_test(documents_are_escaped),
        cmocka_unit_test(directories_are_removed_without_following_links),
    };
    return cmocka_run_group_tests_name("qemu_pure", tests, NULL, NULL);
}
