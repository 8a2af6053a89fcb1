/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The description against the facts of libvirt's wire: every procedure that a method claims is
 * there, asks for the same permissions, and none is forgotten. */
#include "cmocka_all.h"

#include <base/buffer.h>
#include <base/string.h>
#include <glob.h>
#include <model.h>

#define FACTS_MAX 512

struct fact {
    char *line;
    const char *program;
    uint32_t number;
    const char *name;
    const char *arguments;
    const char *results;
    const char *permissions;
    const char *filter;
    unsigned claims;
};

struct fixture {
    struct arena arena;
    struct report faults;
    struct description description;
    struct fact facts[FACTS_MAX];
    size_t fact_count;
};

/* Where libvirt 9.0 asks for less than the method that the procedure is a case of. */
static const struct {
    uint32_t procedure;
    const char *why;
} stricter[] = {
    {30, "sets the maximum, which is stored as well: domain:save in addition"},
    {58, "writes although it only asks for domain:read"},
};

/* Migration as it was before its third version: peers without it are not served. */
static const uint32_t not_served[] = {61, 62, 63, 108, 109, 148};

/* ---- reading -------------------------------------------------------------------------------- */

static bool parse_fact(struct fact *fact, char *line)
{
    char *fields[7] = {NULL};
    uint64_t number = 0;
    line[strcspn(line, "\n")] = '\0';
    fact->line = line;
    for (size_t i = 0; i < ARRAY_SIZE(fields); i++)
        fields[i] = strsep(&line, "\t");
    if (!fields[6] || !string_to_u64(fields[1], 0, UINT32_MAX, &number))
        return false;
    fact->program = fields[0];
    fact->number = (uint32_t)number;
    fact->name = fields[2];
    fact->arguments = fields[3];
    fact->results = fields[4];
    fact->permissions = fields[5];
    fact->filter = fields[6];
    return true;
}

static void read_facts(struct fixture *fixture)
{
    auto_file FILE *file = fopen(SCANNER_FACTS, "re");
    assert_non_null(file);
    char line[1024];
    while (fgets(line, sizeof line, file)) {
        if (*line == '#')
            continue;
        assert_in_range(fixture->fact_count, 0, FACTS_MAX - 1);
        assert_true(parse_fact(&fixture->facts[fixture->fact_count++],
                               arena_string(&fixture->arena, line)));
    }
}

static int set_up(void **state)
{
    struct fixture *fixture = calloc(1, sizeof *fixture);
    assert_non_null(fixture);
    fixture->faults.to = stderr;
    fixture->description = (struct description){
        .arena = &fixture->arena, .faults = &fixture->faults, .revision = HVK_ABI_REVISION};
    glob_t files = {0};
    assert_int_equal(glob(SCANNER_API "/*.xml", 0, NULL, &files), 0);
    assert_int_equal(glob(SCANNER_API "/*/*.xml", GLOB_APPEND, NULL, &files), 0);
    assert_true(
        model_build(&fixture->description, (const char *const *)files.gl_pathv, files.gl_pathc));
    globfree(&files);
    read_facts(fixture);
    *state = fixture;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *fixture = *state;
    arena_fini(&fixture->arena);
    free(fixture);
    return 0;
}

static struct fact *find_fact(struct fixture *fixture, const struct wire *wire)
{
    for (size_t i = 0; i < fixture->fact_count; i++)
        if (fixture->facts[i].number == wire->procedure &&
            strcmp(fixture->facts[i].program, wire->program) == 0)
            return &fixture->facts[i];
    return NULL;
}

/* ---- what is claimed ------------------------------------------------------------------------ */

static void claim(struct fixture *fixture, const char *owner, const struct vector *wires)
{
    VECTOR_FOR_EACH (wires, struct wire, wire) {
        struct fact *fact = find_fact(fixture, wire);
        if (!fact)
            fail_msg("%s claims procedure %u of %s, which does not exist", owner, wire->procedure,
                     wire->program);
        if (fact->claims++)
            fail_msg("%s claims %s (%u), which another method has", owner, fact->name,
                     fact->number);
    }
}

static void every_claimed_procedure_exists_and_is_claimed_once(void **state)
{
    struct fixture *fixture = *state;
    VECTOR_FOR_EACH (&fixture->description.objects, struct object *, object) {
        VECTOR_FOR_EACH (&(*object)->methods, struct method *, method)
            claim(fixture, (*method)->name, &(*method)->wires);
        VECTOR_FOR_EACH (&(*object)->events, struct event *, event)
            claim(fixture, (*event)->name, &(*event)->wires);
    }
}

static bool is_not_served(const struct fact *fact)
{
    for (size_t i = 0; i < ARRAY_SIZE(not_served); i++)
        if (fact->number == not_served[i] && strcmp(fact->program, "remote") == 0)
            return true;
    return false;
}

/* Relies on the claims that the test before it counted. */
static void no_procedure_is_forgotten(void **state)
{
    struct fixture *fixture = *state;
    for (size_t i = 0; i < fixture->fact_count; i++) {
        const struct fact *fact = &fixture->facts[i];
        if (is_not_served(fact) ? fact->claims > 0 : fact->claims != 1)
            fail_msg("procedure %u of %s, %s, is claimed by %u methods", fact->number,
                     fact->program, fact->name, fact->claims);
    }
}

/* ---- permissions ---------------------------------------------------------------------------- */

/* One permission as the facts write it, with what the procedure's fixed flags leave of it; NULL
 * when they leave nothing. */
static const char *permit_under(struct arena *arena, const struct permit *permit,
                                const struct wire *wire)
{
    const char *name =
        arena_format(arena, "%s:%s", permit->permission->object, permit->permission->name);
    bool conditional = permit->any || permit->none;
    if (!conditional)
        return name;
    if (wire->has_flags && !permit->argument) {
        bool needed = permit->any ? (wire->flags & permit->any) : !(wire->flags & permit->none);
        return needed ? name : NULL;
    }
    if (permit->argument)
        return arena_format(arena, "%s/%s=0x%x", name, permit->argument, permit->any);
    return permit->any ? arena_format(arena, "%s/any=0x%x", name, permit->any)
                       : arena_format(arena, "%s/none=0x%x", name, permit->none);
}

static bool has_word(const char *words, const char *word)
{
    size_t length = strlen(word);
    for (const char *at = strstr(words, word); at; at = strstr(at + 1, word))
        if ((at == words || at[-1] == ' ' || at[-1] == ',') &&
            (!at[length] || at[length] == ' ' || at[length] == ','))
            return true;
    return false;
}

/* "A B C", each once. */
static char *needed_permissions(struct arena *arena, const struct method *method,
                                const struct wire *wire)
{
    char *words = arena_string(arena, "");
    VECTOR_FOR_EACH (&method->permits, struct permit, permit) {
        const char *word = permit_under(arena, permit, wire);
        if (word && !has_word(words, word))
            words = arena_format(arena, "%s%s%s", words, *words ? " " : "", word);
    }
    return *words ? words : arena_string(arena, "none");
}

static bool same_words(const char *a, const char *b)
{
    if (strlen(a) != strlen(b))
        return false;
    auto_free char *copy = strdup(a);
    char *rest = copy;
    for (char *word; (word = strsep(&rest, " "));)
        if (!has_word(b, word))
            return false;
    return true;
}

static bool is_stricter(const struct wire *wire)
{
    for (size_t i = 0; i < ARRAY_SIZE(stricter); i++)
        if (stricter[i].procedure == wire->procedure && strcmp(wire->program, "remote") == 0)
            return true;
    return false;
}

static void check_permissions(struct fixture *fixture, const struct method *method,
                              const struct wire *wire)
{
    const struct fact *fact = find_fact(fixture, wire);
    const char *each = method->each ? arena_format(&fixture->arena, "%s:%s", method->each->object,
                                                   method->each->name)
                                    : "-";
    /* Whoever may subscribe may cancel; an event is checked when it is subscribed to. */
    if (strcmp(fact->permissions, "-") == 0 || string_equal(wire->view, "event") ||
        string_equal(wire->view, "cancel"))
        return;
    const char *needed = needed_permissions(&fixture->arena, method, wire);
    if (!same_words(needed, fact->permissions) && !is_stricter(wire))
        fail_msg("%s.%s as %s (%u) needs %s; libvirt asks for %s", method->object->name,
                 method->name, fact->name, fact->number, needed, fact->permissions);
    if (strcmp(fact->filter, "-") != 0 && strcmp(each, fact->filter) != 0)
        fail_msg("%s.%s as %s (%u) filters by %s; libvirt by %s", method->object->name,
                 method->name, fact->name, fact->number, each, fact->filter);
}

static void permissions_are_those_of_the_wire(void **state)
{
    struct fixture *fixture = *state;
    VECTOR_FOR_EACH (&fixture->description.objects, struct object *, object)
        VECTOR_FOR_EACH (&(*object)->methods, struct method *, method)
            VECTOR_FOR_EACH (&(*method)->wires, struct wire, wire)
                check_permissions(fixture, *method, wire);
}

static void a_read_only_caller_can_satisfy_what_it_may_call(void **state)
{
    struct fixture *fixture = *state;
    VECTOR_FOR_EACH (&fixture->description.objects, struct object *, object)
        VECTOR_FOR_EACH (&(*object)->methods, struct method *, item)
            VECTOR_FOR_EACH (&(*item)->permits, struct permit, permit) {
                const struct method *method = *item;
                bool excluded = permit->any && (permit->any & ~method->read_only_not) == 0;
                if (method->read_only && !permit->permission->read_only && !excluded)
                    fail_msg("%s.%s may be called read-only, yet needs %s:%s", (*object)->name,
                             method->name, permit->permission->object, permit->permission->name);
            }
}

/* ---- names ---------------------------------------------------------------------------------- */

static void what_a_procedure_fixes_or_folds_is_among_its_fields(void **state)
{
    struct fixture *fixture = *state;
    VECTOR_FOR_EACH (&fixture->description.objects, struct object *, object)
        VECTOR_FOR_EACH (&(*object)->methods, struct method *, method)
            VECTOR_FOR_EACH (&(*method)->wires, struct wire, wire)
                VECTOR_FOR_EACH (&wire->parts, struct wire_part, part) {
                    const struct fact *fact = find_fact(fixture, wire);
                    const char *fields =
                        part->kind == WIRE_PROJECT ? fact->results : fact->arguments;
                    bool own = part->kind == WIRE_FIX && model_argument(*method, part->from);
                    if (!own && !has_word(fields, part->from))
                        fail_msg("%s has no field '%s'; it has %s", fact->name, part->from, fields);
                }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_claimed_procedure_exists_and_is_claimed_once),
        cmocka_unit_test(no_procedure_is_forgotten),
        cmocka_unit_test(permissions_are_those_of_the_wire),
        cmocka_unit_test(a_read_only_caller_can_satisfy_what_it_may_call),
        cmocka_unit_test(what_a_procedure_fixes_or_folds_is_among_its_fields),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
