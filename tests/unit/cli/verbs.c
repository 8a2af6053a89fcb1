/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Claims that hold for every row of the table of verbs. */
#include "../cmocka_all.h"
#include "arguments.h"
#include "cli.h"
#include "verb.h"
#include <base/string.h>
#include <ctype.h>

static void every_verb_is_found_by_its_own_name_only(void **state)
{
    (void)state;
    VERB_FOR_EACH(verb)
    assert_ptr_equal(verb_find(verb->name), verb);
    assert_null(verb_find(""));
    assert_null(verb_find("lis"));
}

static void aliases_lead_to_their_verb(void **state)
{
    (void)state;
    assert_string_equal(verb_find("exit")->name, "quit");
    assert_string_equal(verb_find("ls")->name, "list");
}

static void every_verb_explains_itself(void **state)
{
    (void)state;
    VERB_FOR_EACH(verb)
    {
        size_t length = strlen(verb->summary);

        assert_non_null(verb->run);
        assert_true(islower((unsigned char)verb->summary[0]) || verb->summary[0] == 'h');
        assert_true(length > 5 && length < 70 && verb->summary[length - 1] != '.');
        assert_true(!verb->description || strchr(verb->description, '.'));
    }
}

static void check_option(const struct verb *verb, const struct option_row *row)
{
    if (!row->help || !*row->help || (row->type != OPTION_SWITCH) != (row->value != NULL))
        fail_msg("%s --%s lacks help, or has a value that it does not take", verb->name, row->name);
    if ((row->type == OPTION_CHOICE) && !row->choices)
        fail_msg("%s --%s has no choices", verb->name, row->name);
    if (row->max && row->min > row->max)
        fail_msg("%s --%s allows nothing", verb->name, row->name);
    OPTION_FOR_EACH(row + 1, other)
    {
        if (string_equal(row->name, other->name) || (row->letter && row->letter == other->letter))
            fail_msg("%s has --%s twice", verb->name, row->name);
    }
}

static void every_option_is_complete_and_unique(void **state)
{
    (void)state;
    VERB_FOR_EACH(verb)
    {
        size_t count = 0;

        OPTION_FOR_EACH(verb->options, row)
        {
            check_option(verb, row);
            count++;
        }
        assert_true(count < ARGUMENT_OPTIONS_MAX);
    }
}

/* Otherwise an operand could never reach the required one behind an optional one. */
static void required_operands_come_first_and_repeated_ones_last(void **state)
{
    (void)state;
    VERB_FOR_EACH(verb)
    {
        bool optional = false, repeated = false;

        OPTION_FOR_EACH(verb->options, row)
        {
            if (!(row->flags & OPTION_OPERAND))
                continue;
            if (repeated || (optional && (row->flags & OPTION_REQUIRED)))
                fail_msg("%s: %s can never be given as an operand", verb->name, row->value);
            optional = optional || !(row->flags & OPTION_REQUIRED);
            repeated = repeated || (row->flags & OPTION_REPEATED);
        }
    }
}

static void examples_name_their_verb(void **state)
{
    (void)state;
    VERB_FOR_EACH(verb)
    {
        if (verb->examples && !strstr(verb->examples, verb->name))
            fail_msg("the examples of %s do not show it", verb->name);
        if (verb->examples && !strstr(verb->examples, " # "))
            fail_msg("an example of %s does not say what it does", verb->name);
    }
}

static void mistyped_verbs_are_suggested(void **state)
{
    (void)state;
    assert_string_equal(verb_suggest("strat"), "start");
    assert_string_equal(verb_suggest("lsit"), "list");
    assert_string_equal(verb_suggest("dominf"), "dominfo");
    assert_null(verb_suggest("migrate-everything"));
}

static void errors_choose_the_exit_status(void **state)
{
    (void)state;
    assert_int_equal(exit_status_of(HVK_ERR_NO_DOMAIN), EXIT_NOT_FOUND);
    assert_int_equal(exit_status_of(HVK_ERR_DRIVER_MISSING), EXIT_NO_CONNECTION);
    assert_int_equal(exit_status_of(HVK_ERR_DEADLINE), EXIT_STOPPED);
    assert_int_equal(exit_status_of(HVK_ERR_CANCELLED), EXIT_STOPPED);
    assert_int_equal(exit_status_of(HVK_ERR_OPERATION_DENIED), EXIT_DENIED);
    assert_int_equal(exit_status_of(HVK_ERR_NO_SUPPORT), EXIT_UNSUPPORTED);
    assert_int_equal(exit_status_of(HVK_ERR_OPERATION_INVALID), EXIT_WRONG_STATE);
    assert_int_equal(exit_status_of(HVK_ERR_XML_ERROR), EXIT_FAILED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_verb_is_found_by_its_own_name_only),
        cmocka_unit_test(aliases_lead_to_their_verb),
        cmocka_unit_test(every_verb_explains_itself),
        cmocka_unit_test(every_option_is_complete_and_unique),
        cmocka_unit_test(required_operands_come_first_and_repeated_ones_last),
        cmocka_unit_test(examples_name_their_verb),
        cmocka_unit_test(mistyped_verbs_are_suggested),
        cmocka_unit_test(errors_choose_the_exit_status),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
