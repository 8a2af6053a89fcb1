/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Saving, restoring and managed saves of the test driver, and files that are not what they should
 * be. */
#include "test_driver.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static struct hvk_connection *connection;
static struct journal *journal;
static const struct hvk_domain test = {.size = sizeof test, .id = -1, .name = "test"};

static int setup(void **state)
{
    connection = open_node("test:///default");
    journal = journal_start(connection);
    return scratch_setup(state);
}

static int teardown(void **state)
{
    journal_stop(journal);
    hvk_connection_close(connection);
    return scratch_teardown(state);
}

static struct hvk_param file_param(const char *name)
{
    return (struct hvk_param){.size = sizeof(struct hvk_param),
                              .type = HVK_PARAM_STRING,
                              .name = HVK_DOMAIN_SAVE_PARAM_FILE,
                              .value.string = scratch_path(name)};
}

static struct hvk_param dxml_param(const char *xml)
{
    return (struct hvk_param){.size = sizeof(struct hvk_param),
                              .type = HVK_PARAM_STRING,
                              .name = HVK_DOMAIN_SAVE_PARAM_DXML,
                              .value.string = xml};
}

static void save(const char *name, uint32_t flags)
{
    struct hvk_param param = file_param(name);
    DONE(hvk_domain_save, connection, &test, &param, 1, flags);
}

static void restore(const char *name, uint32_t flags)
{
    struct hvk_param param = file_param(name);
    DONE(hvk_domain_restore, connection, &param, 1, flags);
}

static void refuse_restore(const char *name, int32_t number, const char *words)
{
    struct hvk_param param = file_param(name);
    REFUSED(number, words, hvk_domain_restore, connection, &param, 1, 0);
}

static void a_saved_domain_comes_back_as_it_was(void **state)
{
    (void)state;
    save("image", 0);
    expect_event(journal, 0, HVK_DOMAIN_EVENT_STOPPED, 4);
    expect_state(connection, "test", HVK_DOMAIN_SHUTOFF, 5);
    restore("image", 0);
    expect_event(journal, 1, HVK_DOMAIN_EVENT_STARTED, 2);
    expect_state(connection, "test", HVK_DOMAIN_RUNNING, 3);
    refuse_restore("image", HVK_ERR_OPERATION_INVALID, "running already");
    DONE(hvk_domain_suspend, connection, &test);
    save("image", 0);
    restore("image", 0);
    expect_event(journal, 5, HVK_DOMAIN_EVENT_SUSPENDED, 4);
    expect_state(connection, "test", HVK_DOMAIN_PAUSED, 1);
}

static void flags_say_how_it_comes_back(void **state)
{
    (void)state;
    save("image", HVK_DOMAIN_SAVE_PAUSED);
    restore("image", 0);
    expect_state(connection, "test", HVK_DOMAIN_PAUSED, 1);
    save("image", 0);
    restore("image", HVK_DOMAIN_SAVE_RUNNING);
    expect_state(connection, "test", HVK_DOMAIN_RUNNING, 3);
}

static void a_domain_that_is_gone_comes_back_transient(void **state)
{
    (void)state;
    save("image", 0);
    DONE(hvk_domain_undefine, connection, &test, 0);
    restore("image", 0);
    assert_int_equal(status_of(connection, "test").persistent, 0);
}

static void what_is_no_image_is_refused(void **state)
{
    (void)state;
    DONE(hvk_domain_destroy, connection, &test, 0);
    refuse_restore("absent", HVK_ERR_SYSTEM_ERROR, "No such file");
    assert_int_equal(mkfifo(scratch_path("fifo"), 0600), 0);
    refuse_restore("fifo", HVK_ERR_OPERATION_FAILED, "not a regular file");
    assert_int_equal(mkdir(scratch_path("directory"), 0700), 0);
    refuse_restore("directory", HVK_ERR_OPERATION_FAILED, "not a regular file");
    scratch_write("empty", "");
    refuse_restore("empty", HVK_ERR_OPERATION_FAILED, "not a save file of the test driver");
    scratch_write("other", "hvkit-test-save-1 sleeping\n<domain/>");
    refuse_restore("other", HVK_ERR_OPERATION_FAILED, "not a save file of the test driver");
    scratch_write("broken", "hvkit-test-save-1 running\n<domain type='test'><name>test</na");
    refuse_restore("broken", HVK_ERR_XML_DETAIL, scratch_path("broken"));
    expect_state(connection, "test", HVK_DOMAIN_SHUTOFF, 2);
}

static void refuse_save(const char *name, int32_t number, const char *words)
{
    struct hvk_param param = file_param(name);
    REFUSED(number, words, hvk_domain_save, connection, &test, &param, 1, 0);
}

static void a_save_that_fails_leaves_the_domain_running_and_no_file(void **state)
{
    (void)state;
    refuse_save("no/such/directory", HVK_ERR_SYSTEM_ERROR, "No such file");
    assert_int_equal(mkfifo(scratch_path("fifo"), 0600), 0);
    refuse_save("fifo", HVK_ERR_OPERATION_FAILED, "not a regular file");
    assert_int_equal(mkdir(scratch_path("directory"), 0700), 0);
    refuse_save("directory", HVK_ERR_OPERATION_FAILED, "not a regular file");
    REFUSED(HVK_ERR_INVALID_ARG, "'file'", hvk_domain_save, connection, &test, NULL, 0, 0);
    expect_state(connection, "test", HVK_DOMAIN_RUNNING, 0);
    assert_int_equal(unlink(scratch_path("fifo")), 0);
    assert_int_equal(rmdir(scratch_path("directory")), 0);
    assert_int_equal(rmdir(scratch_path("")), 0); /* nothing else was in it */
    assert_int_equal(mkdir(scratch_path(""), 0700), 0);
}

static void an_image_is_replaced_whole(void **state)
{
    struct stat info;
    (void)state;
    scratch_write("image", "something of the user's");
    save("image", 0);
    assert_int_equal(stat(scratch_path("image"), &info), 0);
    assert_int_equal(info.st_mode & 0777, 0600);
    restore("image", 0);
}

static void the_xml_of_an_image_can_be_read_and_changed_but_not_its_owner(void **state)
{
    char *xml = NULL, *other = domain_xml("vm", "");
    (void)state;
    save("image", 0);
    DONE(hvk_domain_save_image_get_xml_desc, connection, scratch_path("image"), 0, &xml);
    assert_non_null(strstr(xml, "<name>test</name>"));
    memcpy(strstr(xml, "diskimage1"), "diskimage2", 10);
    REFUSED(HVK_ERR_INVALID_ARG, "holds domain 'test'", hvk_domain_save_image_define_xml,
            connection, scratch_path("image"), other, 0);
    REFUSED(HVK_ERR_XML_DETAIL, "", hvk_domain_save_image_define_xml, connection,
            scratch_path("image"), "<domain", 0);
    DONE(hvk_domain_save_image_define_xml, connection, scratch_path("image"), xml,
         HVK_DOMAIN_SAVE_PAUSED);
    restore("image", 0);
    expect_xml(connection, "test", 0, "/guest/diskimage2", true);
    expect_state(connection, "test", HVK_DOMAIN_PAUSED, 1);
    hvk_free(xml);
    free(other);
}

static void another_xml_can_be_given_on_the_way(void **state)
{
    char *other = domain_xml("vm", "");
    struct hvk_param params[] = {file_param("image"), dxml_param(other)};
    (void)state;
    REFUSED(HVK_ERR_INVALID_ARG, "about domain 'vm'", hvk_domain_save, connection, &test, params, 2,
            0);
    char *xml = NULL;
    DONE(hvk_domain_get_xml_desc, connection, &test, HVK_DOMAIN_XML_SECURE, &xml);
    memcpy(strstr(xml, "diskimage1"), "diskimage3", 10);
    params[1] = dxml_param(xml);
    DONE(hvk_domain_save, connection, &test, params, 2, 0);
    restore("image", 0);
    expect_xml(connection, "test", 0, "/guest/diskimage3", true);
    hvk_free(xml);
    free(other);
}

static void a_managed_save_is_kept_used_and_removed(void **state)
{
    (void)state;
    DONE(hvk_domain_suspend, connection, &test);
    DONE(hvk_domain_managed_save, connection, &test, 0);
    expect_event(journal, 1, HVK_DOMAIN_EVENT_STOPPED, 4);
    assert_int_equal(status_of(connection, "test").managed_save, 1);
    REFUSED(HVK_ERR_OPERATION_INVALID, "managed save", hvk_domain_undefine, connection, &test, 0);
    DONE(hvk_domain_create, connection, &test, NULL, 0, 0, NULL);
    expect_state(connection, "test", HVK_DOMAIN_PAUSED, 1);
    assert_int_equal(status_of(connection, "test").managed_save, 0);
    DONE(hvk_domain_managed_save, connection, &test, HVK_DOMAIN_SAVE_RUNNING);
    DONE(hvk_domain_managed_save_remove, connection, &test, 0);
    assert_int_equal(status_of(connection, "test").managed_save, 0);
    DONE(hvk_domain_managed_save_remove, connection, &test, 0);
    DONE(hvk_domain_create, connection, &test, NULL, 0, 0, NULL);
    expect_state(connection, "test", HVK_DOMAIN_RUNNING, 1);
    DONE(hvk_domain_managed_save, connection, &test, 0);
    DONE(hvk_domain_create, connection, &test, NULL, 0, HVK_DOMAIN_START_FORCE_BOOT, NULL);
    expect_state(connection, "test", HVK_DOMAIN_RUNNING, 1);
    DONE(hvk_domain_managed_save, connection, &test, 0);
    DONE(hvk_domain_undefine, connection, &test, HVK_DOMAIN_UNDEFINE_MANAGED_SAVE);
}

static void the_xml_of_a_managed_save_can_be_read_and_changed(void **state)
{
    char *xml = NULL;
    (void)state;
    REFUSED(HVK_ERR_OPERATION_INVALID, "no managed save", hvk_domain_managed_save_get_xml_desc,
            connection, &test, 0, NULL);
    DONE(hvk_domain_managed_save, connection, &test, 0);
    DONE(hvk_domain_managed_save_get_xml_desc, connection, &test, 0, &xml);
    memcpy(strstr(xml, "diskimage1"), "diskimage4", 10);
    DONE(hvk_domain_managed_save_define_xml, connection, &test, xml, HVK_DOMAIN_SAVE_PAUSED);
    DONE(hvk_domain_create, connection, &test, NULL, 0, 0, NULL);
    expect_xml(connection, "test", 0, "/guest/diskimage4", true);
    expect_state(connection, "test", HVK_DOMAIN_PAUSED, 1);
    hvk_free(xml);
}

static void a_dump_leaves_the_guest_running_unless_it_is_to_crash(void **state)
{
    (void)state;
    DONE(hvk_domain_core_dump, connection, &test, scratch_path("core"), 0, 0);
    expect_state(connection, "test", HVK_DOMAIN_RUNNING, 0);
    REFUSED(HVK_ERR_OPERATION_UNSUPPORTED, "raw", hvk_domain_core_dump, connection, &test,
            scratch_path("core"), HVK_DOMAIN_DUMP_FORMAT_KDUMP_LZO, 0);
    DONE(hvk_domain_core_dump, connection, &test, scratch_path("core"), 0, HVK_DOMAIN_DUMP_CRASH);
    expect_event(journal, 0, HVK_DOMAIN_EVENT_STOPPED, 2);
    expect_state(connection, "test", HVK_DOMAIN_SHUTOFF, 3);
}

int main(void)
{
#define SAVE(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
    const struct CMUnitTest tests[] = {
        SAVE(a_saved_domain_comes_back_as_it_was),
        SAVE(flags_say_how_it_comes_back),
        SAVE(a_domain_that_is_gone_comes_back_transient),
        SAVE(what_is_no_image_is_refused),
        SAVE(a_save_that_fails_leaves_the_domain_running_and_no_file),
        SAVE(an_image_is_replaced_whole),
        SAVE(the_xml_of_an_image_can_be_read_and_changed_but_not_its_owner),
        SAVE(another_xml_can_be_given_on_the_way),
        SAVE(a_managed_save_is_kept_used_and_removed),
        SAVE(the_xml_of_a_managed_save_can_be_read_and_changed),
        SAVE(a_dump_leaves_the_guest_running_unless_it_is_to_crash),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
