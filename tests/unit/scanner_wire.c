/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The description against the facts of libvirt's wire: every procedure that a method claims is
 * there, asks for the same permissions, and none of the described objects is forgotten. */
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
    fixture->description =
        (struct description){.arena = &fixture->arena, .faults = &fixture->faults};
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
    EACH(wires, struct wire, wire)
    {
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
    EACH(&fixture->description.objects, struct object *, object)
    {
        EACH(&(*object)->methods, struct method *, method)
        claim(fixture, (*method)->name, &(*method)->wires);
        EACH(&(*object)->events, struct event *, event)
        claim(fixture, (*event)->name, &(*event)->wires);
    }
}

static bool is_described(const struct description *description, const char *object)
{
    EACH(&description->objects, struct object *, item)
    if (strcmp((*item)->c_name, object) == 0)
        return true;
    return false;
}

/* The object that a procedure belongs to, by its name. */
static const char *owner_of(const struct fact *fact)
{
    static const char *const prefixes[][2] = {
        {"domain_snapshot_", "domain_snapshot"},
        {"domain_checkpoint_", "domain_checkpoint"},
        {"domain_list_all_checkpoints", "domain_checkpoint"},
        {"domain_list_all_snapshots", "domain_snapshot"},
        {"domain_has_current_snap", "domain_snapshot"},
        {"domain_revert_to_snap", "domain_snapshot"},
        {"domain_event_", "domain"},
        {"network_event", "network"},
        {"domain_open_namespace", "domain_lxc"},
        {"domain_monitor", "domain_qemu"},
        {"domain_", "domain"},
        {"connect_domain_event", "domain"},
        {"connect_list_all_domains", "domain"},
        {"connect_list_domains", "domain"},
        {"connect_num_of_domains", "domain"},
        {"connect_list_defined_domains", "domain"},
        {"connect_num_of_defined_domains", "domain"},
        {"connect_get_all_domain", "domain"},
        {"connect_domain_xml", "domain"},
        {"node_get_", "connection"},
        {"node_set_", "connection"},
        {"node_alloc", "connection"},
        {"node_suspend", "connection"},
        {"auth_", "connection"},
        {"connect_get_storage_pool", "storage_pool"},
        {"connect_get_", "connection"},
        {"connect_open", "connection"},
        {"connect_close", "connection"},
        {"connect_supports", "connection"},
        {"connect_is_secure", "connection"},
        {"connect_baseline", "connection"},
        {"connect_compare", "connection"},
    };
    static const char *const whole[][2] = {
        {"domain_snapshot_num", "domain_snapshot"},
        {"domain_snapshot_list_names", "domain_snapshot"},
    };
    for (size_t i = 0; i < ARRAY_SIZE(whole); i++)
        if (strcmp(fact->name, whole[i][0]) == 0)
            return whole[i][1];
    for (size_t i = 0; i < ARRAY_SIZE(prefixes); i++)
        if (string_starts_with(fact->name, prefixes[i][0]))
            return prefixes[i][1];
    return "";
}

static bool is_not_served(const struct fact *fact)
{
    for (size_t i = 0; i < ARRAY_SIZE(not_served); i++)
        if (fact->number == not_served[i] && strcmp(fact->program, "remote") == 0)
            return true;
    return false;
}

static void no_procedure_of_a_described_object_is_forgotten(void **state)
{
    struct fixture *fixture = *state;
    for (size_t i = 0; i < fixture->fact_count; i++) {
        const struct fact *fact = &fixture->facts[i];
        if (fact->claims == 0 && !is_not_served(fact) &&
            is_described(&fixture->description, owner_of(fact)))
            fail_msg("no method has procedure %u, %s", fact->number, fact->name);
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
    EACH(&method->permits, struct permit, permit)
    {
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
    EACH(&fixture->description.objects, struct object *, object)
    EACH(&(*object)->methods, struct method *, method)
    EACH(&(*method)->wires, struct wire, wire)
    check_permissions(fixture, *method, wire);
}

static void a_read_only_caller_can_satisfy_what_it_may_call(void **state)
{
    struct fixture *fixture = *state;
    EACH(&fixture->description.objects, struct object *, object)
    EACH(&(*object)->methods, struct method *, item)
    EACH(&(*item)->permits, struct permit, permit)
    {
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
    EACH(&fixture->description.objects, struct object *, object)
    EACH(&(*object)->methods, struct method *, method)
    EACH(&(*method)->wires, struct wire, wire)
    EACH(&wire->parts, struct wire_part, part)
    {
        const struct fact *fact = find_fact(fixture, wire);
        const char *fields = part->kind == WIRE_PROJECT ? fact->results : fact->arguments;
        bool own = part->kind == WIRE_FIX && model_argument(*method, part->from);
        if (!own && !has_word(fields, part->from))
            fail_msg("%s has no field '%s'; it has %s", fact->name, part->from, fields);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_claimed_procedure_exists_and_is_claimed_once),
        cmocka_unit_test(no_procedure_of_a_described_object_is_forgotten),
        cmocka_unit_test(permissions_are_those_of_the_wire),
        cmocka_unit_test(a_read_only_caller_can_satisfy_what_it_may_call),
        cmocka_unit_test(what_a_procedure_fixes_or_folds_is_among_its_fields),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
