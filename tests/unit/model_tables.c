/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Claims about the tables themselves, proved by documents that are made from them. */
#include "cmocka_all.h"
#include "model/engine.h"
#include "model/tables.h"
#include <base/string.h>

#define VARIANTS 40 /* more than any enum has words */

struct writer {
    struct buffer text;
    unsigned variant;
    unsigned depth;
    uint64_t random; /* 0: write every member */
};

/* Where the values of an enclosing struct's enums come from. */
struct scope {
    const struct model_type *type;
    const struct scope *outer;
};

static unsigned enum_value(const struct writer *writer, const struct model_words *words)
{
    return 1 + writer->variant % (words->count - 1);
}

static bool wanted(struct writer *writer, const struct model_row *row)
{
    if (writer->random == 0 || (row->flags & MODEL_ROW_REQUIRED) || row->preset)
        return true;
    writer->random = writer->random * 6364136223846793005U + 1442695040888963407U;
    return (writer->random >> 62) != 0;
}

/* The value that the writer gives to the enum at `offset` of the struct that is being written. */
static unsigned selector_value(const struct writer *writer, const struct scope *scope,
                               uint32_t offset)
{
    for (; scope; scope = scope->outer) {
        for (uint16_t i = 0; i < scope->type->count; i++) {
            const struct model_row *row = &scope->type->rows[i];
            if (row->kind == MODEL_KIND_ENUM && row->offset == offset &&
                row->place == MODEL_AT_ATTRIBUTE)
                return enum_value(writer, row->detail);
        }
        if (scope->type->size != 0)
            break;
    }
    return 0;
}

static bool applies(const struct writer *writer, const struct scope *scope,
                    const struct model_row *row)
{
    return row->only == 0 ||
           ((row->only >> selector_value(writer, scope, scope->type->selector)) & 1);
}

static void put_number(struct writer *writer, const struct model_row *row)
{
    const struct model_number *range = row->detail;
    uint64_t number = range && range->min > 1 ? range->min : 1;
    if (!range || range->max > 200)
        number += writer->variant;
    if (range && range->digits)
        buffer_add_format(&writer->text, "0x%0*llx", range->digits, (unsigned long long)number);
    else
        buffer_add_format(&writer->text, "%llu", (unsigned long long)number);
}

static void put_value(struct writer *writer, const struct model_row *row)
{
    const struct model_scale *scale = row->detail;
    switch ((enum model_kind)row->kind) {
    case MODEL_KIND_STRING:
        buffer_add_format(&writer->text, "s%u &amp; &lt;ä", writer->variant);
        break;
    case MODEL_KIND_UINT:
    case MODEL_KIND_U32:
    case MODEL_KIND_U64:
        put_number(writer, row);
        break;
    case MODEL_KIND_INT:
        buffer_add_format(&writer->text, "%u", 5900 + writer->variant);
        break;
    case MODEL_KIND_ENUM:
        buffer_add_string(&writer->text, model_word(row->detail, enum_value(writer, row->detail)));
        break;
    case MODEL_KIND_YESNO:
        buffer_add_string(&writer->text, writer->variant % 2 ? "no" : "yes");
        break;
    case MODEL_KIND_ONOFF:
        buffer_add_string(&writer->text, writer->variant % 2 ? "off" : "on");
        break;
    case MODEL_KIND_SIZE:
    case MODEL_KIND_AMOUNT:
        buffer_add_format(&writer->text, "%u", 3 + writer->variant);
        break;
    case MODEL_KIND_UNIT:
        buffer_add_string(&writer->text, scale->unit);
        break;
    case MODEL_KIND_UUID:
        buffer_add_format(&writer->text, "c7a5fdbd-cdaf-9455-926a-d65c16db18%02x", writer->variant);
        break;
    case MODEL_KIND_MAC:
        buffer_add_format(&writer->text, "52:54:00:12:34:%02x", writer->variant);
        break;
    case MODEL_KIND_SET:
        buffer_add_format(&writer->text, "0-%u,%u", 1 + writer->variant, 4 + writer->variant);
        break;
    case MODEL_KIND_NONE:
    case MODEL_KIND_BOOL:
    case MODEL_KINDS:
        break;
    }
}

static void put_indent(struct writer *writer)
{
    for (unsigned i = 0; i < writer->depth; i++)
        buffer_add_string(&writer->text, "  ");
}

static void put_name(struct writer *writer, const struct model_namespace *ns, const char *name)
{
    buffer_add_format(&writer->text, "%s%s%s", ns ? ns->prefix : "", ns ? ":" : "", name);
}

/* Every namespace that a row of the outermost element is in. */
static void put_namespaces(struct writer *writer, const struct model_type *type)
{
    const struct model_namespace *last = NULL;
    for (uint16_t i = 0; i < type->count; i++) {
        const struct model_namespace *ns = type->rows[i].ns;
        if (ns && ns != last)
            buffer_add_format(&writer->text, " xmlns:%s='%s'", ns->prefix, ns->uri);
        last = ns ? ns : last;
    }
}

static void put_element(struct writer *writer, const struct model_namespace *ns, const char *name,
                        const struct model_type *type, const struct scope *outer);

static void put_child(struct writer *writer, const struct model_row *row, const struct scope *scope)
{
    if (row->place == MODEL_AT_CHILD || row->place == MODEL_AT_POINTER ||
        row->place == MODEL_AT_ITEMS) {
        put_element(writer, row->ns, row->name, row->type, scope);
        if (row->place == MODEL_AT_ITEMS && !row->shown)
            put_element(writer, row->ns, row->name, row->type, scope);
        return;
    }
    put_indent(writer);
    if (row->place == MODEL_AT_FLAG) {
        buffer_add_format(&writer->text, "<%s/>\n", row->name);
    } else if (row->place == MODEL_AT_SUBTREES) {
        buffer_add_string(&writer->text,
                          "<a:x xmlns:a=\"urn:a\" b=\"&quot;\">t<![CDATA[<]]></a:x>\n");
    } else {
        const struct model_scale *scale = row->detail;
        buffer_add_string(&writer->text, "<");
        put_name(writer, row->ns, row->name);
        if (row->kind == MODEL_KIND_SIZE)
            buffer_add_format(&writer->text, " unit='%s'", scale->unit);
        buffer_add_char(&writer->text, '>');
        put_value(writer, row);
        buffer_add_string(&writer->text, "</");
        put_name(writer, row->ns, row->name);
        buffer_add_string(&writer->text, ">\n");
    }
}

static bool is_text_element(const struct model_type *type)
{
    for (uint16_t i = 0; i < type->count; i++) {
        if (type->rows[i].place == MODEL_AT_TEXT)
            return true;
    }
    return false;
}

/* Writes the element the way that format does, members of `type` in the table's order. */
static void put_element(struct writer *writer, const struct model_namespace *ns, const char *name,
                        const struct model_type *type, const struct scope *outer)
{
    const struct scope scope = {type, outer};
    bool has_text = is_text_element(type);
    bool content = false;
    put_indent(writer);
    buffer_add_string(&writer->text, "<");
    put_name(writer, ns, name);
    for (uint16_t i = 0; i < type->count; i++) {
        const struct model_row *row = &type->rows[i];
        if (row->place != MODEL_AT_ATTRIBUTE || !applies(writer, &scope, row) ||
            !wanted(writer, row))
            continue;
        buffer_add_format(&writer->text, " %s='", row->name);
        put_value(writer, row);
        buffer_add_char(&writer->text, '\'');
    }
    if (writer->depth == 0)
        put_namespaces(writer, type);
    writer->depth++;
    for (uint16_t i = 0; i < type->count; i++) {
        const struct model_row *row = &type->rows[i];
        bool child = row->place >= MODEL_AT_LEAF && !has_text && writer->depth < 12;
        if (!(child || row->place == MODEL_AT_TEXT) || !applies(writer, &scope, row) ||
            !wanted(writer, row))
            continue;
        if (!content)
            buffer_add_string(&writer->text, child ? ">\n" : ">");
        content = true;
        if (child)
            put_child(writer, row, &scope);
        else
            put_value(writer, row);
    }
    writer->depth--;
    if (!content) {
        buffer_add_string(&writer->text, "/>\n");
        return;
    }
    if (!has_text)
        put_indent(writer);
    buffer_add_string(&writer->text, "</");
    put_name(writer, ns, name);
    buffer_add_string(&writer->text, ">\n");
}

static void no_warning(void *data, uint32_t line, uint32_t column, const char *text)
{
    (void)data;
    fail_msg("line %u, column %u: %s", line, column, text);
}

/* Prints the first line that differs. */
static void assert_same_text(const char *expected, const char *actual)
{
    while (*expected && *expected == *actual) {
        size_t length = strcspn(expected, "\n") + 1;
        if (strncmp(expected, actual, length) != 0)
            break;
        expected += length;
        actual += length;
    }
    if (strcmp(expected, actual) != 0)
        fail_msg("expected: %.*s\nactual: %.*s", (int)strcspn(expected, "\n"), expected,
                 (int)strcspn(actual, "\n"), actual);
}

static const struct model_root domain_root = {"domain", &model_type_domain};
static const struct model_report strict = {no_warning, NULL};

static void *parse(struct model_arena *arena, const char *xml)
{
    struct hvk_error err = {0};
    void *model =
        model_parse(arena, "domain", xml, strlen(xml), &domain_root, 1, 0, &strict, NULL, &err);
    if (!model)
        fail_msg("%s", err.text);
    return model;
}

/* xml → model → text → model: nothing may be lost, nothing may change any more. */
static void assert_stable(const char *xml)
{
    struct model_arena *arena = model_arena_new();
    char path[256];
    void *first = parse(arena, xml);
    char *text = model_format_text(&domain_root, first, MODEL_FORMAT_SECURE, NULL);
    void *second = parse(arena, text);
    if (!model_equal(&model_type_domain, first, second, path, sizeof path))
        fail_msg("%s differs after a round trip", path);
    char *again = model_format_text(&domain_root, second, MODEL_FORMAT_SECURE, NULL);
    assert_same_text(text, again);
    void *copy = model_copy(arena, &model_type_domain, first);
    char *copied = model_format_text(&domain_root, copy, MODEL_FORMAT_SECURE, NULL);
    assert_same_text(text, copied);
    free(text);
    free(again);
    free(copied);
    model_arena_free(arena);
}

static void every_member_is_written_as_it_was_read(void **state)
{
    (void)state;
    for (unsigned variant = 0; variant < VARIANTS; variant++) {
        struct writer writer = {.variant = variant};
        put_element(&writer, NULL, "domain", &model_type_domain, NULL);
        assert_false(writer.text.failed);
        struct model_arena *arena = model_arena_new();
        void *model = parse(arena, writer.text.data);
        char *text = model_format_text(&domain_root, model, MODEL_FORMAT_SECURE, NULL);
        assert_same_text(writer.text.data, text);
        free(text);
        model_arena_free(arena);
        buffer_fini(&writer.text);
    }
}

static void any_selection_of_members_survives_a_round_trip(void **state)
{
    (void)state;
    for (unsigned seed = 1; seed <= 200; seed++) {
        struct writer writer = {.variant = seed % VARIANTS, .random = seed};
        put_element(&writer, NULL, "domain", &model_type_domain, NULL);
        assert_stable(writer.text.data);
        buffer_fini(&writer.text);
    }
}

static void check_type(const struct model_type *type, unsigned depth)
{
    assert_true(type->count <= MODEL_TYPE_ROWS_MAX);
    for (uint16_t i = 0; i < type->count; i++) {
        const struct model_row *row = &type->rows[i];
        assert_non_null(row->name);
        assert_true(row->place != MODEL_AT_PRESENCE || i == 0);
        if (i > 0 && !model_row_is_child(row))
            assert_true(type->rows[i - 1].place <= row->place);
        if (row->kind == MODEL_KIND_ENUM || row->kind == MODEL_KIND_SIZE ||
            row->kind == MODEL_KIND_AMOUNT || row->kind == MODEL_KIND_UNIT)
            assert_non_null(row->detail);
        for (uint16_t k = 0; k < i; k++) {
            const struct model_row *other = &type->rows[k];
            bool same =
                (other->place == MODEL_AT_ATTRIBUTE) == (row->place == MODEL_AT_ATTRIBUTE) &&
                strcmp(other->name, row->name) == 0 && other->ns == row->ns;
            if (same && !(row->only && other->only && (row->only & other->only) == 0))
                fail_msg("two rows are named '%s'", row->name);
        }
        if (row->type && depth < 12)
            check_type(row->type, depth + 1);
    }
}

static void no_table_names_a_member_twice_or_out_of_order(void **state)
{
    (void)state;
    check_type(&model_type_domain, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_table_names_a_member_twice_or_out_of_order),
        cmocka_unit_test(every_member_is_written_as_it_was_read),
        cmocka_unit_test(any_selection_of_members_survives_a_round_trip),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
