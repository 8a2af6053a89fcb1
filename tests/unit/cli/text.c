/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Claims about sizes, words, suggestions, escaping and processor sets. */
#include "text.h"
#include "../cmocka_all.h"
#include "cpumap.h"
#include <base/string.h>
#include <limits.h>

static void a_size_is_a_whole_number_with_a_unit(void **state)
{
    static const struct {
        const char *text;
        uint64_t bytes;
    } rows[] = {{"1", 1024},           {"7b", 7},
                {"7bytes", 7},         {"2k", 2048},
                {"2KiB", 2048},        {"2KB", 2000},
                {"3M", 3145728},       {"3mib", 3145728},
                {"3MB", 3000000},      {"1GiB", 1073741824},
                {"1T", 1099511627776}, {"0", 0},
                {"15EiB", 15ull << 60}};
    uint64_t bytes;

    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        assert_true(text_to_size(rows[i].text, 1024, &bytes));
        assert_int_equal(bytes, rows[i].bytes);
    }
}

static void what_is_no_size_is_refused(void **state)
{
    static const char *const wrong[] = {"",
                                        "k",
                                        "-1",
                                        "1.5G",
                                        "1 k",
                                        "1kk",
                                        "1Kib ",
                                        "1XB",
                                        "16EiB",
                                        "1i",
                                        "99999999999999999999",
                                        "0x10",
                                        "1e3"};
    uint64_t bytes;

    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(wrong); i++)
        assert_false(text_to_size(wrong[i], 1024, &bytes));
}

static void distance_counts_edits_and_swaps(void **state)
{
    (void)state;
    assert_int_equal(text_distance("start", "start"), 0);
    assert_int_equal(text_distance("strat", "start"), 1);
    assert_int_equal(text_distance("stat", "start"), 1);
    assert_int_equal(text_distance("sttart", "start"), 1);
    assert_int_equal(text_distance("", "abc"), 3);
    assert_int_equal(text_distance("kitten", "sitting"), 3);
}

static void a_long_word_is_compared_up_to_a_bound(void **state)
{
    char a[1001], b[1001];

    (void)state;
    memset(a, 'a', 1000);
    memset(b, 'b', 1000);
    a[1000] = b[1000] = '\0';
    assert_int_equal(text_distance(a, b), 63);
}

static void only_what_is_close_is_suggested(void **state)
{
    unsigned best = UINT_MAX;

    (void)state;
    assert_false(text_is_closer("list", "undefine", &best));
    assert_false(text_is_closer("ab", "xy", &best));
    assert_true(text_is_closer("dominf", "dominfo", &best));
    assert_int_equal(best, 1);
    assert_false(text_is_closer("dominf", "domid", &best));
}

static void assert_words(const char *line, bool commands, const char *const *expected,
                         const char *next)
{
    struct vector words = VECTOR_INIT(char *);
    const char *rest;
    size_t count = 0;

    assert_true(text_split(line, commands, &words, &rest));
    for (; expected[count]; count++) {
        assert_true(count < words.count);
        assert_string_equal(*(char **)vector_at(&words, count), expected[count]);
    }
    assert_int_equal(words.count, count);
    if (next)
        assert_string_equal(rest, next);
    else
        assert_null(rest);
    text_free_words(&words);
}

#define WORDS(...) ((const char *const[]){__VA_ARGS__, NULL})

static void a_line_is_split_as_a_shell_does(void **state)
{
    (void)state;
    assert_words("list --all", true, WORDS("list", "--all"), NULL);
    assert_words("  start \t web\n", true, WORDS("start", "web"), NULL);
    assert_words("desc web 'two words' \"a \\\"b\\\"\" c\\ d", true,
                 WORDS("desc", "web", "two words", "a \"b\"", "c d"), NULL);
    assert_words("a''b \"\"", true, WORDS("ab", ""), NULL);
    assert_words("suspend web; resume web", true, WORDS("suspend", "web"), " resume web");
    assert_words("vi;x -f", false, WORDS("vi;x", "-f"), NULL);
    assert_words("list # and nothing more", true, WORDS("list"), NULL);
    assert_words("name#1", true, WORDS("name#1"), NULL);
    assert_words("", true, (const char *const[]){NULL}, NULL);
}

static void an_open_quote_is_refused(void **state)
{
    struct vector words = VECTOR_INIT(char *);
    const char *rest;

    (void)state;
    assert_false(text_split("start 'web", true, &words, &rest));
    text_free_words(&words);
}

static void xml_is_escaped(void **state)
{
    auto_buffer out = BUFFER_INIT;

    (void)state;
    text_add_xml(&out, "a<b>&'\"\n\xc3\xa4");
    assert_string_equal(out.data, "a&#60;b&#62;&#38;&#39;&#34;&#10;\xc3\xa4");
}

static void processors_are_shown_as_marks_and_ranges(void **state)
{
    static const uint8_t bits[] = {0x0b, 0x80};
    struct hvk_bytes map = {.count = 2, .items = bits};
    auto_buffer marks = BUFFER_INIT, list = BUFFER_INIT;

    (void)state;
    cpumap_add_marks(&marks, &map, 16);
    assert_string_equal(marks.data, "yy-y-----------y");
    cpumap_add_list(&list, &map, 64);
    assert_string_equal(list.data, "0-1,3,15");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_size_is_a_whole_number_with_a_unit),
        cmocka_unit_test(what_is_no_size_is_refused),
        cmocka_unit_test(distance_counts_edits_and_swaps),
        cmocka_unit_test(a_long_word_is_compared_up_to_a_bound),
        cmocka_unit_test(only_what_is_close_is_suggested),
        cmocka_unit_test(a_line_is_split_as_a_shell_does),
        cmocka_unit_test(an_open_quote_is_refused),
        cmocka_unit_test(xml_is_escaped),
        cmocka_unit_test(processors_are_shown_as_marks_and_ranges),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
