/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Owns the format of the baseline: makes the lines of a description and compares them. */
#include "baseline.h"

#include <base/string.h>
#include <errno.h>

/* ---- the lines of a description ------------------------------------------------------------- */

static void add_line(struct arena *arena, struct vector *lines, const struct place *at, char *key,
                     char *text)
{
    *(struct baseline_line *)arena_add(arena, lines, sizeof(struct baseline_line)) =
        (struct baseline_line){*at, key, text};
}

static char *join(struct arena *arena, const struct items *items)
{
    char *text = arena_string(arena, "");
    for (size_t i = 0; i < items->count; i++)
        text = arena_format(arena, "%s%s%s", text, i ? ", " : "", items->text[i]);
    return text;
}

static void add_methods(struct arena *arena, struct vector *lines, const struct object *object)
{
    VECTOR_FOR_EACH (&object->methods, struct method *, item) {
        const struct method *method = *item;
        struct items items = {.count = 0};
        signature_items(arena, method, method_in_table(method) ? SIGNATURE_TABLE : SIGNATURE_PUBLIC,
                        &items);
        const char *offset = method_in_table(method)
                                 ? arena_format(arena, "offset %u", 8 + 8 * method->slot)
                                 : "core";
        add_line(arena, lines, &method->at,
                 arena_format(arena, "slot %s %u", object->name, method->slot),
                 arena_format(arena, "%s %s (%s)", table_member(arena, method), offset,
                              join(arena, &items)));
    }
}

/* The size of a record as a build for that revision sees it; 0: it does not see the record. */
static uint32_t size_at(const struct record *record, unsigned revision)
{
    uint32_t size = record->size;
    for (size_t i = record->members.count; i > 0; i--) {
        const struct member *member = vector_at(&record->members, i - 1);
        if (member->since <= revision)
            return size;
        size = member->offset;
    }
    return 0;
}

static void add_sizes(struct arena *arena, struct vector *lines, const struct record *record,
                      unsigned newest)
{
    uint32_t before = 0;
    for (unsigned revision = 1; revision <= newest; revision++) {
        uint32_t size = size_at(record, revision);
        if (size != before)
            add_line(arena, lines, &record->at,
                     arena_format(arena, "record %s %u", record->c_name, revision),
                     arena_format(arena, "size %u", size));
        before = size;
    }
}

static void add_records(struct arena *arena, struct vector *lines, const struct object *object,
                        unsigned newest)
{
    VECTOR_FOR_EACH (&object->records, struct record *, record) {
        VECTOR_FOR_EACH (&(*record)->members, struct member, member)
            add_line(arena, lines, &member->at,
                     arena_format(arena, "member %s.%s", (*record)->c_name, member->name),
                     arena_format(arena, "offset %u %s", member->offset,
                                  member_declaration(arena, member)));
        add_sizes(arena, lines, *record, newest);
    }
}

static void add_sets(struct arena *arena, struct vector *lines, const struct object *object)
{
    VECTOR_FOR_EACH (&object->sets, struct set *, set)
        VECTOR_FOR_EACH (&(*set)->values, struct value, value)
            add_line(arena, lines, &value->at, arena_format(arena, "value %s", value->c_name),
                     (*set)->kind == SET_NAMES
                         ? arena_format(arena, "\"%s\"", value->text)
                         : arena_format(arena, "%lld", (long long)value->number));
}

static void add_events(struct arena *arena, struct vector *lines, const struct object *object)
{
    VECTOR_FOR_EACH (&object->events, struct event *, event)
        add_line(arena, lines, &(*event)->at,
                 arena_format(arena, "event %s", event_macro(arena, *event)),
                 arena_format(arena, "0x%x", event_number(*event)));
}

static struct vector described_lines(const struct description *description)
{
    struct vector lines = {0};
    struct arena *arena = description->arena;
    VECTOR_FOR_EACH (&description->objects, struct object *, object) {
        add_line(arena, &lines, &(*object)->at, arena_format(arena, "table %s", (*object)->name),
                 arena_string(arena, (*object)->table));
        add_methods(arena, &lines, *object);
        add_records(arena, &lines, *object, description->revision);
        add_sets(arena, &lines, *object);
        add_events(arena, &lines, *object);
    }
    return lines;
}

/* ---- the file ------------------------------------------------------------------------------- */

static bool parse_line(struct description *description, struct baseline *baseline,
                       const struct place *at, char *text)
{
    char *end = strchr(text, '\n');
    if (end)
        *end = '\0';
    if (!*text || *text == '#')
        return true;
    char *mark = strstr(text, ": ");
    if (!mark)
        return report(description->faults, at,
                      "not a line of a baseline; expected `KIND NAME: TEXT`");
    add_line(description->arena, &baseline->lines, at,
             arena_copy(description->arena, text, (size_t)(mark - text)),
             arena_string(description->arena, mark + 2));
    return true;
}

bool baseline_read(struct description *description, const char *path, struct baseline *baseline)
{
    struct place at = {arena_string(description->arena, path), 0, 1};
    auto_file FILE *file = fopen(path, "re");
    auto_free char *text = NULL;
    size_t capacity = 0;
    bool good = true;
    if (!file)
        return report(description->faults, &at, "cannot open the baseline: %s", strerror(errno));
    while (getline(&text, &capacity, file) >= 0) {
        at.line++;
        good = parse_line(description, baseline, &at, text) && good;
    }
    return good;
}

static int compare_lines(const void *a, const void *b)
{
    const struct baseline_line *left = *(const struct baseline_line *const *)a;
    const struct baseline_line *right = *(const struct baseline_line *const *)b;
    return strcmp(left->key, right->key);
}

/* Pointers to the lines, sorted by key. */
static const struct baseline_line **index_lines(struct arena *arena, const struct vector *lines)
{
    const struct baseline_line **index =
        arena_alloc(arena, (lines->count + 1) * sizeof(const struct baseline_line *));
    for (size_t i = 0; i < lines->count; i++)
        index[i] = vector_at(lines, i);
    if (lines->count)
        qsort(index, lines->count, sizeof *index, compare_lines);
    return index;
}

static const struct baseline_line *find_line(const struct baseline_line **index, size_t count,
                                             const struct baseline_line *key)
{
    const struct baseline_line **found =
        count ? bsearch(&key, index, count, sizeof *index, compare_lines) : NULL;
    return found ? *found : NULL;
}

/* ---- comparing ------------------------------------------------------------------------------ */

/* What was promised must still be described, word for word. */
static bool check_promises(struct description *description, const struct baseline *baseline,
                           const struct vector *described)
{
    bool good = true;
    const struct baseline_line **index = index_lines(description->arena, described);
    VECTOR_FOR_EACH (&baseline->lines, struct baseline_line, line) {
        const struct baseline_line *now = find_line(index, described->count, line);
        if (!now)
            good = report(description->faults, &line->at,
                          "'%s' was promised and is no longer described; describe it again as it "
                          "was: %s",
                          line->key, line->text);
        else if (strcmp(now->text, line->text) != 0)
            good = report(description->faults, &now->at,
                          "'%s' contradicts %s:%u: promised `%s`, described `%s`; restore it and "
                          "add what is new with a slot, value or name of its own",
                          line->key, line->at.file, line->at.line, line->text, now->text);
    }
    return good;
}

bool baseline_check(struct description *description, const struct baseline *baseline,
                    const char *path)
{
    struct vector described = described_lines(description);
    const struct baseline_line **index = index_lines(description->arena, &baseline->lines);
    bool good = check_promises(description, baseline, &described);
    VECTOR_FOR_EACH (&described, struct baseline_line, line)
        if (!find_line(index, baseline->lines.count, line))
            good = report(description->faults, &line->at,
                          "'%s' is not in %s yet; append it: build the target abi-append",
                          line->key, path);
    return good;
}

bool baseline_append(struct description *description, const struct baseline *baseline,
                     const char *path)
{
    struct vector described = described_lines(description);
    const struct baseline_line **index = index_lines(description->arena, &baseline->lines);
    if (!check_promises(description, baseline, &described))
        return false;
    auto_file FILE *file = fopen(path, "ae");
    if (!file) {
        fprintf(stderr, "hvkit-scanner: cannot append to '%s': %s\n", path, strerror(errno));
        return false;
    }
    VECTOR_FOR_EACH (&described, struct baseline_line, line)
        if (!find_line(index, baseline->lines.count, line))
            fprintf(file, "%s: %s\n", line->key, line->text);
    return fflush(file) == 0;
}

/* ---- assertions ----------------------------------------------------------------------------- */

/* "offset 24 int32_t state" and "create offset 64 (…)" both name one. */
static bool line_offset(const struct baseline_line *line, unsigned *out_offset)
{
    const char *at = strstr(line->text, "offset ");
    return at && sscanf(at, "offset %u", out_offset) == 1;
}

static void out_offset(struct output *output, const struct baseline_line *line, const char *type,
                       const char *member, unsigned since)
{
    unsigned offset = 0;
    if (!line_offset(line, &offset))
        return;
    out_since(output, since);
    out(output, "HVK_ASSERT_OFFSET(struct hvk_%s, %s, %u);\n", type, member, offset);
    out_since_end(output, since);
}

static void out_slot_offset(struct output *output, const struct baseline_line *line,
                            const struct object *object)
{
    struct arena *arena = output->arena;
    VECTOR_FOR_EACH (&object->methods, struct method *, method)
        if (strcmp(line->key, arena_format(arena, "slot %s %u", object->name, (*method)->slot)) ==
            0)
            out_offset(output, line, arena_format(arena, "%s_table", object->c_name),
                       table_member(arena, *method), (*method)->since);
}

static void out_member_offset(struct output *output, const struct baseline_line *line,
                              const struct record *record)
{
    VECTOR_FOR_EACH (&record->members, struct member, member)
        if (strcmp(line->key,
                   arena_format(output->arena, "member %s.%s", record->c_name, member->name)) == 0)
            out_offset(output, line, record->c_name, member->name, member->since);
}

static void out_baseline_line(struct output *output, const struct baseline_line *line,
                              const struct object *object)
{
    if (string_starts_with(line->key, "slot "))
        out_slot_offset(output, line, object);
    if (string_starts_with(line->key, "member "))
        VECTOR_FOR_EACH (&object->records, struct record *, record)
            out_member_offset(output, line, *record);
}

void out_layout(struct output *output, const struct baseline *baseline, const struct object *object)
{
    out(output, "\n/* The numbers of the committed baseline. */\n");
    VECTOR_FOR_EACH (&baseline->lines, struct baseline_line, line)
        out_baseline_line(output, line, object);
}
