/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Claims about how a command line is read by the rows of a verb. */
#include "arguments.h"
#include "../cmocka_all.h"
#include <base/string.h>

#define BIT_A (1u << 3)
#define BIT_B (1u << 7)

static const struct verb verb = {
    .name = "probe",
    .options = OPTIONS(DOMAIN_OPERAND, FILE_OPERAND("a file"), SWITCH("paused", BIT_A, "a"),
                       SWITCH("force", BIT_B, "b"), TEXT_OPTION("mode", "MODE", "a mode"),
                       NUMBER_OPTION("count", "COUNT", 1, 16, "a number"),
                       {.name = "size", .value = "SIZE", .help = "a size", .type = OPTION_SIZE},
                       CHOICE_OPTION("kind", "KIND", "a kind", "red", "green"),
                       {.name = "stamp",
                        .letter = 's',
                        .value = "TIME",
                        .help = "a time",
                        .type = OPTION_TEXT,
                        .flags = OPTION_MAY_LACK_VALUE},
                       {.name = "rest",
                        .value = "WORD",
                        .help = "words",
                        .type = OPTION_TEXT,
                        .flags = OPTION_OPERAND | OPTION_REPEATED}),
};

struct reading {
    struct arguments own;
    struct arguments global;
    struct hvk_error err;
    bool done;
};

static struct reading *read_words(const char *const *words)
{
    struct reading *reading = calloc(1, sizeof(*reading));
    int count = 0;

    assert_non_null(reading);
    reading->own = (struct arguments)ARGUMENTS_INIT;
    reading->global = (struct arguments)ARGUMENTS_INIT;
    reading->global.rows = global_options;
    hvk_error_init(&reading->err);
    while (words[count])
        count++;
    reading->done = arguments_read(&reading->own, &reading->global, &verb, count,
                                   (char *const *)(uintptr_t)words, &reading->err);
    return reading;
}

#define READ(...) read_words((const char *const[]){__VA_ARGS__, NULL})

static void reading_free(struct reading *reading)
{
    arguments_fini(&reading->own);
    arguments_fini(&reading->global);
    free(reading);
}

/* Fails unless the words are refused with a message that holds the text. */
static void assert_refused(struct reading *reading, const char *text)
{
    assert_false(reading->done);
    assert_int_equal(reading->err.code, HVK_ERR_INVALID_ARG);
    if (!strstr(reading->err.text, text))
        fail_msg("'%s' does not say '%s'", reading->err.text, text);
    reading_free(reading);
}

static void operands_fill_rows_in_order(void **state)
{
    struct reading *reading = READ("web", "disk.img");

    (void)state;
    assert_true(reading->done);
    assert_string_equal(arguments_text(&reading->own, "domain"), "web");
    assert_string_equal(arguments_text(&reading->own, "file"), "disk.img");
    assert_false(arguments_have(&reading->own, "mode"));
    reading_free(reading);
}

static void operands_may_be_named(void **state)
{
    struct reading *reading = READ("--file=disk.img", "--domain", "web");

    (void)state;
    assert_true(reading->done);
    assert_string_equal(arguments_text(&reading->own, "domain"), "web");
    assert_string_equal(arguments_text(&reading->own, "file"), "disk.img");
    reading_free(reading);
}

static void an_operand_skips_a_row_that_was_named(void **state)
{
    struct reading *reading = READ("--domain", "web", "disk.img");

    (void)state;
    assert_true(reading->done);
    assert_string_equal(arguments_text(&reading->own, "file"), "disk.img");
    reading_free(reading);
}

static void switches_add_their_bits(void **state)
{
    struct reading *reading = READ("--force", "web", "--paused", "x");

    (void)state;
    assert_true(reading->done);
    assert_int_equal(reading->own.bits, BIT_A | BIT_B);
    reading_free(reading);
}

static void the_repeated_operand_takes_the_rest(void **state)
{
    struct reading *reading = READ("web", "x", "one", "--paused", "two", "--", "--three");

    (void)state;
    assert_true(reading->done);
    assert_int_equal(reading->own.rest.count, 3);
    assert_string_equal(*(const char **)vector_at(&reading->own.rest, 2), "--three");
    reading_free(reading);
}

static void global_options_may_follow_the_verb(void **state)
{
    struct reading *reading = READ("web", "-qr", "x", "--json", "-ctest:///default");

    (void)state;
    assert_true(reading->done);
    assert_true(arguments_have(&reading->global, "quiet"));
    assert_true(arguments_have(&reading->global, "readonly"));
    assert_true(arguments_have(&reading->global, "json"));
    assert_string_equal(arguments_text(&reading->global, "connect"), "test:///default");
    reading_free(reading);
}

static void help_needs_no_operands(void **state)
{
    struct reading *reading = READ("--help");

    (void)state;
    assert_true(reading->done);
    reading_free(reading);
}

static void values_are_read_by_their_type(void **state)
{
    struct reading *reading =
        READ("web", "x", "--count", "16", "--size", "2GiB", "--kind=green", "--stamp");

    (void)state;
    assert_true(reading->done);
    assert_int_equal(arguments_number(&reading->own, "count", 0), 16);
    assert_int_equal(arguments_bytes(&reading->own, "size", 0), 2147483648u);
    assert_int_equal(arguments_choice(&reading->own, "kind", -1), 1);
    assert_string_equal(arguments_text(&reading->own, "stamp"), "");
    assert_int_equal(arguments_number(&reading->own, "mode", 7), 7);
    reading_free(reading);
}

static void a_mistyped_option_is_suggested(void **state)
{
    (void)state;
    assert_refused(READ("web", "x", "--pausd"), "did you mean '--paused'?");
    assert_refused(READ("web", "x", "--conect=u"), "did you mean '--connect'?");
    assert_refused(READ("web", "x", "--zzzzzz"), "unknown option '--zzzzzz' (");
    assert_refused(READ("web", "x", "-z"), "unknown option '-z'");
}

static void what_is_missing_is_named(void **state)
{
    (void)state;
    assert_refused(READ("web"), "needs FILE");
    assert_refused(READ("web", "x", "--mode"), "--mode needs a value");
}

static void what_is_wrong_is_named(void **state)
{
    (void)state;
    assert_refused(READ("web", "x", "--count", "17"), "from 1 to 16, not '17'");
    assert_refused(READ("web", "x", "--count", "-1"), "not '-1'");
    assert_refused(READ("web", "x", "--count", "1x"), "not '1x'");
    assert_refused(READ("web", "x", "--size", "2XB"), "not '2XB'");
    assert_refused(READ("web", "x", "--kind", "blue"), "known are: red, green");
    assert_refused(READ("web", "x", "--paused=yes"), "--paused takes no value");
    assert_refused(READ("web", "x", "--mode", "a", "--mode", "b"), "--mode is given twice");
    assert_refused(READ("web", "x", "--domain", "b"), "--domain is given twice");
}

static void options_before_the_verb_end_at_it(void **state)
{
    const char *const words[] = {"-c", "test:///default", "--json", "list", "--all"};
    auto_arguments arguments = ARGUMENTS_INIT;
    struct hvk_error err;

    (void)state;
    hvk_error_init(&err);
    assert_int_equal(arguments_read_global(&arguments, 5, (char *const *)(uintptr_t)words, &err),
                     3);
    assert_string_equal(arguments_text(&arguments, "connect"), "test:///default");
    assert_int_equal(
        arguments_read_global(&arguments, 1, (char *[]){(char *)(uintptr_t) "--jsn"}, &err), -1);
    assert_non_null(strstr(err.text, "--json"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(operands_fill_rows_in_order),
        cmocka_unit_test(operands_may_be_named),
        cmocka_unit_test(an_operand_skips_a_row_that_was_named),
        cmocka_unit_test(switches_add_their_bits),
        cmocka_unit_test(the_repeated_operand_takes_the_rest),
        cmocka_unit_test(global_options_may_follow_the_verb),
        cmocka_unit_test(help_needs_no_operands),
        cmocka_unit_test(values_are_read_by_their_type),
        cmocka_unit_test(a_mistyped_option_is_suggested),
        cmocka_unit_test(what_is_missing_is_named),
        cmocka_unit_test(what_is_wrong_is_named),
        cmocka_unit_test(options_before_the_verb_end_at_it),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
