/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Buffer, string, uuid, vector and list. */
#include "cmocka_all.h"

#include <base/buffer.h>
#include <base/list.h>
#include <base/string.h>
#include <base/uuid.h>
#include <base/vector.h>

/* ---- buffer ---- */

static void buffer_grows_and_stays_terminated(void **state)
{
    (void)state;
    auto_buffer buffer = BUFFER_INIT;
    auto_buffer expected = BUFFER_INIT;
    for (int i = 0; i < 1000; i++) {
        buffer_add_format(&buffer, "%d,", i);
        buffer_add_string(&buffer, NULL);
        assert_int_equal(strlen(buffer.data), buffer.length);
        char number[16];
        snprintf(number, sizeof number, "%d", i);
        buffer_add_string(&expected, number);
        buffer_add_char(&expected, ',');
    }
    assert_string_equal(buffer.data, expected.data);
    buffer_reset(&buffer);
    assert_int_equal(buffer.length, 0);
    assert_string_equal(buffer.data, "");
}

static void taken_bytes_are_terminated_however_they_came(void **state)
{
    (void)state;
    struct buffer buffer = BUFFER_INIT;
    char *room = buffer_reserve(&buffer, 300);
    memset(room, 'x', 300);
    buffer.length = 3;
    auto_free char *text = buffer_take(&buffer);
    assert_string_equal(text, "xxx");
    assert_null(buffer.data);
    auto_free char *empty = buffer_take(&buffer);
    assert_string_equal(empty, "");
}

static void failed_buffer_stays_failed_until_taken(void **state)
{
    (void)state;
    struct buffer buffer = BUFFER_INIT;
    buffer_add_string(&buffer, "x");
    assert_null(buffer_reserve(&buffer, SIZE_MAX));
    assert_null(buffer_reserve(&buffer, 1));
    buffer_add_string(&buffer, "y");
    buffer_add_format(&buffer, "%d", 1);
    assert_int_equal(buffer.length, 1);
    assert_null(buffer_take(&buffer));
    buffer_add_string(&buffer, "again");
    auto_free char *text = buffer_take(&buffer);
    assert_string_equal(text, "again");
}

/* ---- string ---- */

static void numbers_are_read_whole_and_within_bounds(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        bool valid;
        uint64_t value;
    } rows[] = {
        {"0", true, 0},
        {"007", true, 7},
        {"18446744073709551615", true, UINT64_MAX},
        {"18446744073709551616", false, 0},
        {"0x10", true, 16},
        {"0XfF", true, 255},
        {"0xffffffffffffffff", true, UINT64_MAX},
        {"0x10000000000000000", false, 0},
        {"", false, 0},
        {"0x", false, 0},
        {"+1", false, 0},
        {"-1", false, 0},
        {" 1", false, 0},
        {"1 ", false, 0},
        {"1k", false, 0},
        {"12a", false, 0},
    };
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        uint64_t value = 0;
        assert_int_equal(string_to_u64(rows[i].text, 0, UINT64_MAX, &value), rows[i].valid);
        assert_true(value == rows[i].value);
    }
    uint64_t value;
    assert_false(string_to_u64("9", 10, 20, &value));
    assert_true(string_to_u64("10", 10, 20, &value) && string_to_u64("20", 10, 20, &value));
    assert_false(string_to_u64("21", 10, 20, &value));
}

static void signed_numbers_reach_both_ends(void **state)
{
    (void)state;
    int64_t value;
    assert_true(string_to_i64("-9223372036854775808", INT64_MIN, INT64_MAX, &value));
    assert_true(value == INT64_MIN);
    assert_true(string_to_i64("9223372036854775807", INT64_MIN, INT64_MAX, &value));
    assert_true(value == INT64_MAX);
    assert_false(string_to_i64("9223372036854775808", INT64_MIN, INT64_MAX, &value));
    assert_false(string_to_i64("-9223372036854775809", INT64_MIN, INT64_MAX, &value));
    assert_false(string_to_i64("--1", INT64_MIN, INT64_MAX, &value));
    assert_false(string_to_i64("-", INT64_MIN, INT64_MAX, &value));
    assert_true(string_to_i64("-5", -5, 5, &value) && value == -5);
    assert_false(string_to_i64("-6", -5, 5, &value));
}

static void booleans_have_four_names_each(void **state)
{
    (void)state;
    static const char *const yes[] = {"yes", "on", "1", "true"}, *const no[] = {"no", "off", "0",
                                                                                "false"};
    bool value;
    for (size_t i = 0; i < ARRAY_SIZE(yes); i++) {
        assert_true(string_to_bool(yes[i], &value) && value);
        assert_true(string_to_bool(no[i], &value) && !value);
    }
    assert_false(string_to_bool("Yes", &value));
    assert_false(string_to_bool("", &value));
}

static void only_clean_utf8_passes(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        bool clean;
    } rows[] = {
        {"", true},
        {"plain", true},
        {"\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80", true},
        {"\xf4\x8f\xbf\xbf", true},  /* U+10FFFF */
        {"\xf4\x90\x80\x80", false}, /* beyond */
        {"\xc0\x80", false},         /* longer than needed */
        {"\xe0\x9f\xbf", false},
        {"\xed\xa0\x80", false}, /* a surrogate */
        {"\xe2\x82", false},     /* cut */
        {"\xe2\x82(", false},
        {"\x80", false},
        {"a\nb", false},
        {"a\tb", true}, /* allowed below */
        {"a\033b", false},
        {"a\x7f", false},
        {"\xc2\x9b"
         "31m",
         false}, /* C1 */
        {"\xc2\xa0", true},
    };
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
        assert_int_equal(string_is_clean_utf8(rows[i].text, "\t"), rows[i].clean);
}

static void strings_compare_with_null(void **state)
{
    (void)state;
    assert_true(string_equal(NULL, NULL) && string_equal("a", "a"));
    assert_false(string_equal(NULL, "") || string_equal("", NULL) || string_equal("a", "b"));
    assert_true(string_starts_with("qemu+ssh", "qemu") && !string_starts_with("q", "qemu"));
    auto_free char *text = string_format("%s-%d", "a", 7);
    assert_string_equal(text, "a-7");
}

/* ---- uuid ---- */

static void uuid_is_read_as_libvirt_reads_it(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        bool valid;
    } rows[] = {
        {"c695eb01-f6a4-8304-79aa-97f2502e193f", true},
        {"C695EB01F6A4830479AA97F2502E193F", true},
        {"\n  c695eb01 f6a4 8304 79aa 97f2502e193f\n", true},
        {"-c695eb01--f6a4830479aa97f2502e193f", true},
        {"c-695eb01f6a4830479aa97f2502e193f", false},
        {"c695eb01f6a4830479aa97f2502e193f-", false},
        {"c695eb01-f6a4-8304-79aa-97f2502e193", false},
        {"c695eb01-f6a4-8304-79aa-97f2502e193f0", false},
        {"g695eb01-f6a4-8304-79aa-97f2502e193f", false},
        {"", false},
        {"-", false},
    };
    static const uint8_t expected[] = {0xc6, 0x95, 0xeb, 0x01, 0xf6, 0xa4, 0x83, 0x04,
                                       0x79, 0xaa, 0x97, 0xf2, 0x50, 0x2e, 0x19, 0x3f};
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        uint8_t uuid[HVK_UUID_SIZE];
        assert_int_equal(uuid_parse(rows[i].text, uuid), rows[i].valid);
        if (rows[i].valid)
            assert_memory_equal(uuid, expected, sizeof expected);
    }
    char text[HVK_UUID_STRING_SIZE];
    uuid_format(expected, text);
    assert_string_equal(text, rows[0].text);
}

static void generated_uuids_are_of_version_4_and_differ(void **state)
{
    (void)state;
    uint8_t one[HVK_UUID_SIZE], other[HVK_UUID_SIZE];
    static const uint8_t null[HVK_UUID_SIZE];
    assert_true(uuid_generate(one) && uuid_generate(other));
    assert_memory_not_equal(one, other, sizeof one);
    assert_int_equal(one[6] >> 4, 4);
    assert_int_equal(one[8] >> 6, 2);
    assert_true(uuid_is_null(null));
    assert_false(uuid_is_null(one));
}

/* ---- vector ---- */

static void vector_keeps_its_order(void **state)
{
    (void)state;
    auto_vector vector = VECTOR_INIT(int);
    for (int i = 0; i < 100; i++)
        assert_true(vector_push(&vector, &i));
    int *zero = vector_add(&vector);
    assert_int_equal(*zero, 0);
    vector_remove(&vector, 100);
    vector_remove(&vector, 0);
    vector_remove(&vector, 49);
    int expected = 1;
    VECTOR_FOR_EACH (&vector, int, item) {
        assert_int_equal(*item, expected);
        expected += expected == 49 ? 2 : 1;
    }
    assert_int_equal(vector.count, 98);
    assert_int_equal(*(int *)vector_at(&vector, 97), 99);
}

/* ---- list ---- */

struct node {
    int value;
    struct list link;
};

static void assert_values(struct list *head, const char *expected)
{
    char text[16] = "";
    size_t length = 0;
    LIST_FOR_EACH (head, link)
        text[length++] = (char)('0' + LIST_ENTRY(link, struct node, link)->value);
    assert_string_equal(text, expected);
}

static void list_keeps_its_order_through_every_change(void **state)
{
    (void)state;
    struct list head = LIST_INIT(head), other = LIST_INIT(other);
    struct node nodes[5];
    for (int i = 0; i < 5; i++) {
        nodes[i].value = i;
        list_init(&nodes[i].link);
    }
    assert_true(list_is_empty(&head));
    list_append(&head, &nodes[1].link);
    list_append(&head, &nodes[2].link);
    list_prepend(&head, &nodes[0].link);
    assert_values(&head, "012");
    list_append(&other, &nodes[3].link);
    list_append(&other, &nodes[4].link);
    list_take_all(&head, &other);
    assert_values(&head, "01234");
    assert_true(list_is_empty(&other));
    list_take_all(&head, &other);
    assert_values(&head, "01234");
    LIST_FOR_EACH (&head, link) {
        if (LIST_ENTRY(link, struct node, link)->value % 2 == 0)
            list_remove(link);
    }
    assert_values(&head, "13");
    list_remove(&nodes[0].link); /* twice does nothing */
    list_insert_before(&nodes[3].link, &nodes[0].link);
    assert_values(&head, "103");
    list_take_all(&other, &head);
    assert_values(&other, "103");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(buffer_grows_and_stays_terminated),
        cmocka_unit_test(taken_bytes_are_terminated_however_they_came),
        cmocka_unit_test(failed_buffer_stays_failed_until_taken),
        cmocka_unit_test(numbers_are_read_whole_and_within_bounds),
        cmocka_unit_test(signed_numbers_reach_both_ends),
        cmocka_unit_test(booleans_have_four_names_each),
        cmocka_unit_test(only_clean_utf8_passes),
        cmocka_unit_test(strings_compare_with_null),
        cmocka_unit_test(uuid_is_read_as_libvirt_reads_it),
        cmocka_unit_test(generated_uuids_are_of_version_4_and_differ),
        cmocka_unit_test(vector_keeps_its_order),
        cmocka_unit_test(list_keeps_its_order_through_every_change),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
