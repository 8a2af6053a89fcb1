/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Pieces of C that several emitters need: names, declarations, the words of a permission. */
#include "emit.h"

#include <base/string.h>

char *upper_name(struct arena *arena, const char *name)
{
    char *copy = arena_string(arena, name);
    for (char *at = copy; *at; at++) {
        if (*at >= 'a' && *at <= 'z')
            *at = (char)(*at - 'a' + 'A');
        if (*at == '-')
            *at = '_';
    }
    return copy;
}

char *function_name(struct arena *arena, const struct object *object, const char *name)
{
    return arena_format(arena, "hvk_%s_%s", object->c_name, name);
}

/* C++ reserves words that are good names of operations; a member of a table then ends in '_'. */
const char *table_member(struct arena *arena, const struct method *method)
{
    static const char *const reserved[] = {"delete", "new",      "export",
                                           "import", "explicit", "using"};
    for (size_t i = 0; i < ARRAY_SIZE(reserved); i++)
        if (strcmp(reserved[i], method->name) == 0)
            return arena_format(arena, "%s_", method->name);
    return method->name;
}

/* A type of the table with the record's name in it. */
static char *type_text(struct arena *arena, const char *format, const struct member *member)
{
    const char *mark = format ? strstr(format, "%s") : NULL;
    if (!format || !mark)
        return format ? arena_string(arena, format) : NULL;
    return arena_format(arena, "%.*s%s%s", (int)(mark - format), format, member->record->c_name,
                        mark + 2);
}

char *argument_declaration(struct arena *arena, const struct member *member)
{
    const char *type = type_text(arena, type_info(member->type)->argument, member);
    return arena_format(arena, "%s%s%s", type, member->name,
                        member->type == TYPE_UUID ? "[HVK_UUID_SIZE]" : "");
}

char *member_declaration(struct arena *arena, const struct member *member)
{
    const struct type_info *info = type_info(member->type);
    const char *type = type_text(arena, info->member ? info->member : info->argument, member);
    if (member->type == TYPE_UUID)
        return arena_format(arena, "%s%s[HVK_UUID_SIZE]", type, member->name);
    if (member->type == TYPE_CHARS || member->type == TYPE_PAD)
        return arena_format(arena, "%s%s[%llu]", type, member->name,
                            (unsigned long long)member->max);
    return arena_format(arena, "%s%s", type, member->name);
}

char *count_declaration(struct arena *arena, const struct member *member)
{
    const char *suffix = type_info(member->type)->count_suffix;
    return suffix ? arena_format(arena, "uint64_t %s%s", member->name, suffix) : NULL;
}

bool result_in_place(const struct member *member)
{
    return member->type == TYPE_RECORD && member->record->in_place;
}

char *result_declaration(struct arena *arena, const struct member *member)
{
    if (result_in_place(member))
        return arena_format(arena, "struct hvk_%s *out_%s", member->record->c_name, member->name);
    return arena_format(arena, "%sout_%s",
                        type_text(arena, type_info(member->type)->result, member), member->name);
}

static char *table_result(struct arena *arena, const struct member *member)
{
    if (result_in_place(member))
        return result_declaration(arena, member);
    const struct type_info *info = type_info(member->type);
    return arena_format(arena, "%sout_%s", type_text(arena, info->table_result, member),
                        member->name);
}

void signature_items(struct arena *arena, const struct method *method, enum signature signature,
                     struct items *items)
{
    bool table = signature == SIGNATURE_TABLE;
    items_add(items, "struct hvk_call *call");
    items_add(items, table ? "void *instance" : "struct hvk_connection *connection");
    if (table && method->identify)
        items_add(items, arena_format(arena, "const struct hvk_%s *identity",
                                      method->object->value->c_name));
    VECTOR_FOR_EACH (&method->arguments, struct member, argument) {
        items_add(items, argument_declaration(arena, argument));
        items_add(items, count_declaration(arena, argument));
    }
    VECTOR_FOR_EACH (&method->results, struct member, result)
        items_add(items, table ? table_result(arena, result) : result_declaration(arena, result));
}

char *sets_text(struct arena *arena, const struct member *member)
{
    char *text = arena_string(arena, "");
    VECTOR_FOR_EACH (&member->sets, struct set *, set)
        text = arena_format(arena, "%s%s%s%s", text, *text ? ", " : "", (*set)->prefix,
                            (*set)->kind == SET_NAMES ? "… names" : "*");
    return text;
}

/* ---- permissions in words ------------------------------------------------------------------- */

/* "LIVE, CONFIG" */
static char *mask_text(struct arena *arena, const struct member *member, uint32_t mask)
{
    char *text = arena_string(arena, "");
    VECTOR_FOR_EACH (&member->sets, struct set *, set)
        VECTOR_FOR_EACH (&(*set)->values, struct value, value)
            if (value->number & mask)
                text = arena_format(arena, "%s%s%s", text, *text ? " or " : "", value->c_name);
    return text;
}

static char *permit_text(struct arena *arena, const struct method *method,
                         const struct permit *permit)
{
    const char *name =
        arena_format(arena, "%s:%s", permit->permission->object, permit->permission->name);
    const struct member *argument =
        model_argument(method, permit->argument ? permit->argument : "flags");
    if (permit->any)
        return arena_format(arena, "%s with %s", name, mask_text(arena, argument, permit->any));
    if (permit->none)
        return arena_format(arena, "%s without %s", name, mask_text(arena, argument, permit->none));
    return arena_string(arena, name);
}

char *permits_text(struct arena *arena, const struct method *method)
{
    char *text = arena_string(arena, "");
    VECTOR_FOR_EACH (&method->permits, struct permit, permit)
        text = arena_format(arena, "%s%s%s", text, *text ? "; " : "",
                            permit_text(arena, method, permit));
    return *text ? text : arena_string(arena, "no permission");
}

static const struct {
    const char *word;
    const char *text;
} costs[] = {
    {"instant", "Instant"},
    {"blocking", "Blocking"},
    {"long", "Long"},
    {"self", "on the lane of its object"},
    {"node", "on the lane of the node"},
    {"control", "also while other work waits on its object"},
    {"loop", "without a lane"},
};

static const char *cost_word(const char *word)
{
    for (size_t i = 0; i < ARRAY_SIZE(costs); i++)
        if (strcmp(costs[i].word, word) == 0)
            return costs[i].text;
    return word;
}

char *cost_text(struct arena *arena, const struct method *method)
{
    return arena_format(arena, "%s, %s", cost_word(method->class), cost_word(method->lane));
}

/* ---- events and records --------------------------------------------------------------------- */

char *event_macro(struct arena *arena, const struct event *event)
{
    return arena_format(arena, "HVK_EVENT_%s_%s", upper_name(arena, event->object->name),
                        upper_name(arena, event->name));
}

uint32_t event_number(const struct event *event)
{
    return event->object->kind_number << 16 | event->id;
}

static bool members_use(const struct vector *members, const struct record *record, enum type type)
{
    VECTOR_FOR_EACH (members, struct member, member)
        if (member->record == record && member->type == type)
            return true;
    return false;
}

static bool results_use(const struct description *description, const struct record *record,
                        enum type type)
{
    VECTOR_FOR_EACH (&description->objects, struct object *, object)
        VECTOR_FOR_EACH (&(*object)->methods, struct method *, method)
            if (members_use(&(*method)->results, record, type))
                return true;
    return false;
}

bool record_has_list(const struct description *description, const struct record *record)
{
    return results_use(description, record, TYPE_RECORDS);
}

bool record_has_sink(const struct description *description, const struct record *record)
{
    return record_has_list(description, record) ||
           (!record->in_place && results_use(description, record, TYPE_RECORD));
}

void view_items(struct arena *arena, const struct view *view, struct items *items)
{
    items_add(items, "struct hvk_call *call");
    items_add(items, "struct hvk_connection *connection");
    VECTOR_FOR_EACH (&view->method->arguments, struct member, argument)
        if (argument->type != TYPE_FLAGS)
            items_add(items, argument_declaration(arena, argument));
    VECTOR_FOR_EACH (&view->members, const struct member *, member)
        items_add(items, result_declaration(arena, *member));
}

static bool uses_object(const struct vector *members, const struct object *other)
{
    VECTOR_FOR_EACH (members, struct member, member)
        if (member->record && member->record->object == other)
            return true;
    return false;
}

static bool object_uses(const struct object *object, const struct object *other)
{
    VECTOR_FOR_EACH (&object->records, struct record *, record)
        if (uses_object(&(*record)->members, other))
            return true;
    VECTOR_FOR_EACH (&object->methods, struct method *, method)
        if (uses_object(&(*method)->arguments, other) || uses_object(&(*method)->results, other))
            return true;
    return false;
}

void out_includes(struct output *output, const struct object *object, const char *suffix)
{
    VECTOR_FOR_EACH (&output->description->objects, struct object *, other)
        if (*other != object && object_uses(object, *other))
            out(output, "#include <hvkit/%s%s>\n", (*other)->name, suffix);
}
