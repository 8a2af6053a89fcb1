/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Values described by tables: what is refused, what a copy holds, what a collector bounds. */
#include "cmocka_all.h"
#include "open_fds.h"

#include <base/cleanup.h>
#include <base/error.h>
#include <base/value.h>
#include <fcntl.h>
#include <hvkit/values.h>
#include <string.h>

/* A record with one member of each shape, and one of which an older version lacked the end. */
struct leaf {
    uint32_t size;
    int32_t number;
    const char *text;
};

struct tree {
    uint32_t size;
    uint32_t flag;
    uint8_t uuid[HVK_UUID_SIZE];
    char code[8];
    const struct leaf *best;
    const struct leaf *leaves;
    uint64_t leaf_count;
    const char *const *names;
    uint64_t name_count;
    const struct hvk_param *params;
    uint64_t param_count;
    const uint64_t *sizes;
    uint64_t size_count;
    const char *newer;
};

static const struct field leaf_fields[] = {
    {.name = "number",
     .offset = offsetof(struct leaf, number),
     .kind = FIELD_INT32,
     .min = -5,
     .max = 100},
    {.name = "text",
     .offset = offsetof(struct leaf, text),
     .kind = FIELD_STRING,
     .max = 8,
     .flags = FIELD_OPTIONAL},
};
static const struct record leaf_record = {"leaf", sizeof(struct leaf), 2, leaf_fields};

#define COUNTED(member, count, how, most)                                                          \
    .name = #member, .offset = offsetof(struct tree, member),                                      \
    .count_offset = offsetof(struct tree, count), .kind = how, .max = most

static const struct field tree_fields[] = {
    {.name = "flag", .offset = offsetof(struct tree, flag), .kind = FIELD_BOOL},
    {.name = "uuid", .offset = offsetof(struct tree, uuid), .kind = FIELD_UUID},
    {.name = "code", .offset = offsetof(struct tree, code), .kind = FIELD_CHARS, .max = 8},
    {.name = "best",
     .offset = offsetof(struct tree, best),
     .kind = FIELD_RECORD,
     .flags = FIELD_OPTIONAL,
     .record = &leaf_record},
    {COUNTED(leaves, leaf_count, FIELD_RECORDS, 3), .record = &leaf_record},
    {COUNTED(names, name_count, FIELD_STRINGS, 4)},
    {COUNTED(params, param_count, FIELD_PARAMS, 4)},
    {COUNTED(sizes, size_count, FIELD_UINT64S, 4)},
    {.name = "newer",
     .offset = offsetof(struct tree, newer),
     .kind = FIELD_STRING,
     .flags = FIELD_OPTIONAL},
};
static const struct record tree_record = {"tree", sizeof(struct tree), ARRAY_SIZE(tree_fields),
                                          tree_fields};

static const struct leaf leaves[] = {{sizeof(struct leaf), 1, "one"},
                                     {sizeof(struct leaf), 2, NULL}};
static const char *const names[] = {"ash", "", "oak"};
static const uint64_t sizes[] = {7, 8, 9};

static struct hvk_param params[2];

static struct tree whole_tree(void)
{
    params[0] = (struct hvk_param){.size = sizeof params[0], .type = HVK_PARAM_STRING, .name = "a"};
    params[0].value.string = "text";
    params[1] = (struct hvk_param){.size = sizeof params[1], .type = HVK_PARAM_UINT64, .name = "b"};
    params[1].value.u64 = UINT64_MAX;
    return (struct tree){.size = sizeof(struct tree),
                         .flag = 1,
                         .uuid = {1, 2, 3},
                         .code = "abc",
                         .best = &leaves[0],
                         .leaves = leaves,
                         .leaf_count = 2,
                         .names = names,
                         .name_count = 3,
                         .params = params,
                         .param_count = 2,
                         .sizes = sizes,
                         .size_count = 3,
                         .newer = "new"};
}

static void assert_refused(const struct tree *tree, const char *part)
{
    struct hvk_error err;
    assert_false(value_check_record("plant()", &tree_record, tree, HVK_ERR_INVALID_ARG, &err));
    if (!strstr(err.text, part))
        fail_msg("'%s' does not say '%s'", err.text, part);
}

static void what_breaks_a_bound_is_named(void **state)
{
    (void)state;
    struct hvk_error err;
    struct tree tree = whole_tree();
    assert_true(value_check_record("plant()", &tree_record, &tree, HVK_ERR_INVALID_ARG, &err));
    tree.flag = 2;
    assert_refused(&tree, "plant(): tree.flag is neither 0 nor 1");
    tree = whole_tree();
    memset(tree.code, 'x', sizeof tree.code);
    assert_refused(&tree, "code has no NUL");
    tree = whole_tree();
    struct leaf wrong = {sizeof wrong, 101, NULL};
    tree.best = &wrong;
    assert_refused(&tree, "best.number is 101, at most 100 is allowed");
    wrong = (struct leaf){sizeof wrong, -6, NULL};
    assert_refused(&tree, "best.number is -6, at least -5 is required");
    wrong = (struct leaf){sizeof wrong, 0, "much too long"};
    assert_refused(&tree, "best.text is 13 bytes long, at most 8 are allowed");
    wrong.size = 0;
    assert_refused(&tree, "best has the size 0");
    tree = whole_tree();
    tree.leaf_count = 4;
    assert_refused(&tree, "leaves has 4 items, at most 3 are allowed");
    tree.leaves = NULL;
    tree.leaf_count = 1;
    assert_refused(&tree, "leaves is NULL although its count is 1");
    tree = whole_tree();
    params[1].name = "a";
    assert_refused(&tree, "names 'a' twice");
    tree = whole_tree();
    params[1].type = 9;
    assert_refused(&tree, "unknown type 9");
}

static void a_copy_is_whole_and_in_one_block(void **state)
{
    (void)state;
    struct tree tree = whole_tree();
    auto_free struct tree *copy = value_copy(&tree_record, &tree);
    assert_non_null(copy);
    memset(&tree, 0xee, sizeof tree);
    memset(params, 0xee, sizeof params);
    assert_int_equal(copy->uuid[2], 3);
    assert_string_equal(copy->code, "abc");
    assert_string_equal(copy->best->text, "one");
    assert_ptr_not_equal(copy->best, &leaves[0]);
    assert_int_equal(copy->leaves[1].number, 2);
    assert_null(copy->leaves[1].text);
    assert_string_equal(copy->names[0], "ash");
    assert_string_equal(copy->names[1], "");
    assert_string_equal(copy->names[2], "oak");
    assert_string_equal(copy->params[0].name, "a");
    assert_string_equal(copy->params[0].value.string, "text");
    assert_true(copy->params[1].value.u64 == UINT64_MAX);
    assert_int_equal(copy->sizes[2], 9);
    assert_string_equal(copy->newer, "new");
}

static void what_an_older_struct_lacks_is_zero_in_the_copy(void **state)
{
    (void)state;
    struct hvk_error err;
    struct tree tree = whole_tree();
    tree.size = offsetof(struct tree, newer);
    tree.newer = (const char *)1; /* not part of that struct: never looked at */
    assert_true(value_check_record("plant()", &tree_record, &tree, HVK_ERR_INVALID_ARG, &err));
    auto_free struct tree *copy = value_copy(&tree_record, &tree);
    assert_int_equal(copy->size, sizeof *copy);
    assert_null(copy->newer);
    assert_string_equal(copy->names[2], "oak");
}

struct arguments {
    const struct leaf *leaf;
    const uint8_t *uuid;
    bool yes;
    uint32_t flags;
    const int32_t *fds;
    uint64_t fd_count;
    char **out_text;
};

static const struct field argument_fields[] = {
    {.name = "leaf",
     .offset = offsetof(struct arguments, leaf),
     .kind = FIELD_RECORD,
     .record = &leaf_record},
    {.name = "uuid", .offset = offsetof(struct arguments, uuid), .kind = FIELD_UUID},
    {.name = "yes", .offset = offsetof(struct arguments, yes), .kind = FIELD_BOOL},
    {.name = "flags", .offset = offsetof(struct arguments, flags), .kind = FIELD_FLAGS, .max = 3},
    {.name = "fds",
     .offset = offsetof(struct arguments, fds),
     .count_offset = offsetof(struct arguments, fd_count),
     .kind = FIELD_FDS,
     .max = 2},
    {.name = "text",
     .offset = offsetof(struct arguments, out_text),
     .kind = FIELD_STRING,
     .flags = FIELD_RESULT},
};

static void arguments_are_checked_and_copied_without_their_results(void **state)
{
    (void)state;
    struct hvk_error err;
    uint8_t uuid[HVK_UUID_SIZE] = {9};
    int32_t fds[] = {0};
    char *text;
    struct arguments args = {&leaves[0], uuid, true, 2, fds, 1, &text};
    assert_true(value_check("f", argument_fields, ARRAY_SIZE(argument_fields), &args, &err));
    auto_free struct arguments *copy =
        value_copy_arguments(argument_fields, ARRAY_SIZE(argument_fields), sizeof args, &args);
    uuid[0] = 0;
    assert_int_equal(copy->uuid[0], 9);
    assert_string_equal(copy->leaf->text, "one");
    assert_true(copy->yes);
    assert_null(copy->out_text);
    args.flags = 4;
    assert_false(value_check("f", argument_fields, ARRAY_SIZE(argument_fields), &args, &err));
    assert_string_equal(err.text, "f(): flags has the unknown bits 0x4, known are 0x3");
    args.flags = 0;
    args.uuid = NULL;
    assert_false(value_check("f", argument_fields, ARRAY_SIZE(argument_fields), &args, &err));
    assert_string_equal(err.text, "f(): uuid must not be NULL");
    args.uuid = uuid;
    fds[0] = 99999;
    assert_false(value_check("f", argument_fields, ARRAY_SIZE(argument_fields), &args, &err));
    assert_non_null(strstr(err.text, "99999, which is not an open descriptor"));
}

/* ---- collecting ----------------------------------------------------------------------------- */

static void a_list_grows_to_its_bound(void **state)
{
    (void)state;
    static const struct field field = {
        .name = "leaves", .kind = FIELD_RECORDS, .max = 1000, .record = &leaf_record};
    struct hvk_error err;
    struct collector collector;
    bool none;
    collector_init(&collector, &field, &err);
    for (int i = 0; i < 1000; i++) {
        struct leaf leaf = {sizeof leaf, i % 100, i % 2 ? "odd" : NULL};
        assert_true(collector.sink.put(&collector.sink, &leaf, sizeof leaf));
    }
    struct {
        uint32_t size, stride;
        uint64_t count;
        const struct leaf *items;
    } *list = collector_take(&collector, &none);
    assert_int_equal(list->count, 1000);
    assert_int_equal(list->stride, sizeof(struct leaf));
    assert_int_equal(list->items[998].number, 98);
    assert_null(list->items[998].text);
    assert_string_equal(list->items[999].text, "odd");
    free(list);
    collector_fini(&collector);

    collector_init(&collector, &field, &err);
    struct leaf leaf = {sizeof leaf, 1, NULL};
    for (int i = 0; i < 1000; i++)
        assert_true(collector.sink.put(&collector.sink, &leaf, sizeof leaf));
    assert_false(collector.sink.put(&collector.sink, &leaf, sizeof leaf));
    assert_int_equal(err.code, HVK_ERR_LIMIT);
    assert_null(collector_take(&collector, &none));
    collector_fini(&collector);
}

static void a_wrong_item_is_the_drivers_failure(void **state)
{
    (void)state;
    static const struct field field = {
        .name = "leaf", .kind = FIELD_RECORD, .record = &leaf_record};
    struct hvk_error err;
    struct collector collector;
    struct leaf leaf = {sizeof leaf, 1000, NULL};
    collector_init(&collector, &field, &err);
    assert_false(collector.sink.put(&collector.sink, &leaf, sizeof leaf));
    assert_int_equal(err.code, HVK_ERR_DRIVER_FAILED);
    collector_fini(&collector);
    collector_init(&collector, &field, &err);
    leaf.number = 1;
    assert_true(collector.sink.put(&collector.sink, &leaf, sizeof leaf));
    assert_false(collector.sink.put(&collector.sink, &leaf, sizeof leaf));
    assert_string_equal(err.text, "the result 'leaf' was given twice");
    collector_fini(&collector);
}

static void a_result_that_was_not_given_is_missed_unless_it_is_optional(void **state)
{
    (void)state;
    struct field field = {.name = "xml", .kind = FIELD_STRING, .max = 5};
    struct hvk_error err;
    struct collector collector;
    bool none;
    collector_init(&collector, &field, &err);
    assert_null(collector_take(&collector, &none));
    assert_false(none);
    assert_int_equal(err.code, HVK_ERR_DRIVER_FAILED);
    collector_fini(&collector);
    field.flags = FIELD_OPTIONAL;
    collector_init(&collector, &field, &err);
    assert_null(collector_take(&collector, &none));
    assert_true(none);
    assert_false(hvk_put_string((void *)&collector, "longer than five"));
    assert_int_equal(err.code, HVK_ERR_LIMIT);
    collector_fini(&collector);
}

static void lists_of_texts_and_values_read_back(void **state)
{
    (void)state;
    static const struct field texts = {.name = "texts", .kind = FIELD_STRINGS};
    static const struct field values = {.name = "values", .kind = FIELD_PARAMS};
    static const struct field bytes = {.name = "bytes", .kind = FIELD_BYTES, .max = 3};
    struct hvk_error err;
    struct collector collector;
    bool none;
    collector_init(&collector, &texts, &err);
    assert_true(hvk_put_string((void *)&collector, "a") && hvk_put_string((void *)&collector, ""));
    auto_free struct hvk_string_list *strings = collector_take(&collector, &none);
    assert_int_equal(strings->count, 2);
    assert_string_equal(*hvk_string_list_at(strings, 0), "a");
    collector_fini(&collector);
    collector_init(&collector, &values, &err);
    assert_true(hvk_put_param_string((void *)&collector, "k", "v"));
    assert_true(hvk_put_param_u64((void *)&collector, "n", 5));
    auto_free struct hvk_param_list *list = collector_take(&collector, &none);
    assert_string_equal(hvk_param_list_at(list, 0)->value.string, "v");
    assert_int_equal(hvk_param_list_at(list, 1)->value.u64, 5);
    collector_fini(&collector);
    collector_init(&collector, &bytes, &err);
    assert_true(hvk_put_bytes((void *)&collector, "\0\1\2", 3));
    auto_free struct hvk_bytes *run = collector_take(&collector, &none);
    assert_int_equal(run->count, 3);
    assert_int_equal(run->items[2], 2);
    collector_fini(&collector);
}

static void descriptors_that_nobody_took_are_closed(void **state)
{
    (void)state;
    static const struct field field = {.name = "fds", .kind = FIELD_FDS, .max = 4};
    struct hvk_error err;
    struct collector collector;
    int before = count_open_fds();
    collector_init(&collector, &field, &err);
    assert_true(hvk_put_fd((void *)&collector, 0));
    assert_int_equal(count_open_fds(), before + 1);
    assert_false(hvk_put_fd((void *)&collector, 99999));
    collector_fini(&collector);
    assert_int_equal(count_open_fds(), before);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_breaks_a_bound_is_named),
        cmocka_unit_test(a_copy_is_whole_and_in_one_block),
        cmocka_unit_test(what_an_older_struct_lacks_is_zero_in_the_copy),
        cmocka_unit_test(arguments_are_checked_and_copied_without_their_results),
        cmocka_unit_test(a_list_grows_to_its_bound),
        cmocka_unit_test(a_wrong_item_is_the_drivers_failure),
        cmocka_unit_test(a_result_that_was_not_given_is_missed_unless_it_is_optional),
        cmocka_unit_test(lists_of_texts_and_values_read_back),
        cmocka_unit_test(descriptors_that_nobody_took_are_closed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
