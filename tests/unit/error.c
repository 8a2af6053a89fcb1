/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "cmocka_all.h"

#include <base/error.h>
#include <base/string.h>
#include <errno.h>
#include <string.h>

static void setting_returns_false_and_replaces_what_was_there(void **state)
{
    (void)state;
    struct hvk_error err;
    hvk_error_init(&err);
    assert_int_equal(err.code, HVK_ERR_OK);
    err.native = 5;
    err.source = HVK_FROM_QEMU;
    assert_false(hvk_error_set(&err, HVK_ERR_NO_DOMAIN, "no domain '%s'", "x"));
    assert_int_equal(err.size, sizeof err);
    assert_int_equal(err.code, HVK_ERR_NO_DOMAIN);
    assert_int_equal(err.native, 0);
    assert_int_equal(err.source, HVK_FROM_NONE);
    assert_string_equal(err.text, "no domain 'x'");
    assert_false(hvk_error_set(NULL, HVK_ERR_NO_DOMAIN, "details are lost"));
    assert_false(hvk_error_prefix(NULL, "x"));
    assert_false(hvk_error_from(NULL, HVK_FROM_XML));
    hvk_error_copy(NULL, &err);
}

static void text_may_quote_the_error_that_it_replaces(void **state)
{
    (void)state;
    struct hvk_error err;
    hvk_error_set(&err, HVK_ERR_INTERNAL_ERROR, "inner");
    hvk_error_set(&err, HVK_ERR_INTERNAL_ERROR, "outer (%s)", err.text);
    assert_string_equal(err.text, "outer (inner)");
}

static void errno_says_what_was_attempted_and_why_it_failed(void **state)
{
    (void)state;
    struct hvk_error err;
    assert_false(hvk_error_errno(&err, ENOENT, "open '%s'", "/x"));
    assert_int_equal(err.code, HVK_ERR_SYSTEM_ERROR);
    assert_int_equal(err.native, ENOENT);
    assert_string_equal(err.text, "cannot open '/x': No such file or directory");
    hvk_error_errno(&err, ENOMEM, "open it");
    assert_int_equal(err.code, HVK_ERR_NO_MEMORY);
}

static void reason_survives_a_long_attempt_and_a_long_context(void **state)
{
    (void)state;
    struct hvk_error err;
    char path[4096];
    memset(path, 'p', sizeof path - 1);
    path[sizeof path - 1] = '\0';
    hvk_error_errno(&err, ENOENT, "open '%s'", path);
    assert_non_null(strstr(err.text, "p…: No such file or directory"));
    hvk_error_prefix(&err, "driver '%s'", path);
    assert_non_null(strstr(err.text, "p…: cannot open 'pp"));
    for (size_t i = 0; i + 2 < sizeof path; i += 2)
        memcpy(path + i, "ü", 2);
    hvk_error_errno(&err, ENOENT, "open '%s'", path);
    assert_non_null(strstr(err.text, "ü…: No such file or directory"));
    hvk_error_errno(&err, ENOENT, "open  '%s'", path);
    assert_non_null(strstr(err.text, "ü…: No such file or directory"));
}

static void prefix_keeps_code_source_and_native(void **state)
{
    (void)state;
    struct hvk_error err, copy;
    hvk_error_errno(&err, EIO, "read");
    hvk_error_from(&err, HVK_FROM_STORAGE);
    hvk_error_from(&err, HVK_FROM_QEMU); /* the first one stays */
    hvk_error_prefix(&err, "domain '%s'", "vm1");
    assert_string_equal(err.text, "domain 'vm1': cannot read: Input/output error");
    assert_int_equal(err.code, HVK_ERR_SYSTEM_ERROR);
    assert_int_equal(err.source, HVK_FROM_STORAGE);
    assert_int_equal(err.native, EIO);
    hvk_error_copy(&copy, &err);
    assert_memory_equal(&copy, &err, sizeof err);
}

static void long_text_is_cut_between_characters(void **state)
{
    (void)state;
    static const char euro[] = "\xe2\x82\xac";
    char text[3 * HVK_ERROR_TEXT_SIZE + 1] = "";
    for (int i = 0; i < HVK_ERROR_TEXT_SIZE; i++)
        memcpy(text + 3 * i, euro, 3);
    for (int shift = 0; shift < 3; shift++) {
        struct hvk_error err;
        hvk_error_set(&err, HVK_ERR_INTERNAL_ERROR, "%.*s%s", shift, "ab", text);
        size_t length = strlen(err.text);
        assert_true(length < HVK_ERROR_TEXT_SIZE && length > HVK_ERROR_TEXT_SIZE - 4);
        assert_true(string_is_clean_utf8(err.text, ""));
        assert_null(strchr(err.text, '?'));
    }
}

static void bytes_that_could_harm_a_reader_become_question_marks(void **state)
{
    (void)state;
    struct hvk_error err;
    hvk_error_set(&err, HVK_ERR_INTERNAL_ERROR,
                  "a\033[2Jb\xff"
                  "c\xc2\x9b"
                  "d\xe2\x82\ne\tf\x7f");
    assert_string_equal(err.text, "a?[2Jb?c?d??\ne\tf?");
}

static void every_code_has_a_name_and_a_number_for_the_wire(void **state)
{
    (void)state;
    assert_string_equal(hvk_error_code_name(HVK_ERR_OK), "OK");
    assert_string_equal(hvk_error_code_name(HVK_ERR_NO_DOMAIN), "NO_DOMAIN");
    assert_string_equal(hvk_error_code_name(424242), "UNKNOWN");
    assert_int_equal(hvk_error_wire_code(HVK_ERR_NO_DOMAIN), 42);
    assert_int_equal(hvk_error_wire_code(HVK_ERR_CANCELLED), HVK_ERR_OPERATION_ABORTED);
    assert_int_equal(hvk_error_wire_code(0), 0);
    /* A newer libvirt's number may mean something to its clients, a newer hvkit's means nothing. */
    assert_int_equal(hvk_error_wire_code(999), 999);
    assert_int_equal(hvk_error_wire_code(0x1ffff), HVK_ERR_INTERNAL_ERROR);
#define ASSERT_ROW(name, number, wire)                                                             \
    assert_string_equal(hvk_error_code_name(number), #name);                                       \
    assert_true((number) >= 0x10000 || (number) == (wire));                                        \
    assert_int_equal(hvk_error_wire_code(number), wire);
    HVK_ERROR_CODES(ASSERT_ROW)
#undef ASSERT_ROW
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(setting_returns_false_and_replaces_what_was_there),
        cmocka_unit_test(text_may_quote_the_error_that_it_replaces),
        cmocka_unit_test(errno_says_what_was_attempted_and_why_it_failed),
        cmocka_unit_test(reason_survives_a_long_attempt_and_a_long_context),
        cmocka_unit_test(prefix_keeps_code_source_and_native),
        cmocka_unit_test(long_text_is_cut_between_characters),
        cmocka_unit_test(bytes_that_could_harm_a_reader_become_question_marks),
        cmocka_unit_test(every_code_has_a_name_and_a_number_for_the_wire),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
