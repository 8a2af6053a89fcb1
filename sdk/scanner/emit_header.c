/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* hvkit/OBJECT.h: values, flags, events and functions of one object, and hvkit/hvkit.h. */
#include "emit.h"

#include <base/string.h>

static void out_section(struct output *output, const char *title)
{
    int dashes = EMIT_COLUMNS - 13 - (int)strlen(title);
    out(output, "\n/* ---- %s %.*s */\n", title, dashes,
        "--------------------------------------------------------------------------------------");
}

/* ---- enums, flags and names ----------------------------------------------------------------- */

static void out_enum(struct output *output, const struct set *set)
{
    out(output, "enum hvk_%s {\n", set->c_name);
    VECTOR_FOR_EACH (&set->values, struct value, value) {
        out_since(output, value->since);
        out_comment(output, "    ", value->doc);
        out(output, "    %s = %lld,\n", value->c_name, (long long)value->number);
        out_since_end(output, value->since);
    }
    out(output, "};\n");
}

static const char *flag_number(struct arena *arena, int64_t number)
{
    if (number == 0)
        return "0u";
    return arena_format(arena, "(1u << %d)", __builtin_ctzll((unsigned long long)number));
}

static void out_macros(struct output *output, const struct set *set)
{
    VECTOR_FOR_EACH (&set->values, struct value, value) {
        out_since(output, value->since);
        out_comment(output, "", value->doc);
        if (set->kind == SET_FLAGS)
            out(output, "#define %s %s\n", value->c_name,
                flag_number(output->arena, value->number));
        else
            out(output, "#define %s \"%s\"\n", value->c_name, value->text);
        out_since_end(output, value->since);
    }
}

static void out_sets(struct output *output, const struct object *object)
{
    VECTOR_FOR_EACH (&object->sets, struct set *, set) {
        out(output, "\n");
        out_comment(output, "", (*set)->doc);
        ((*set)->kind == SET_ENUM ? out_enum : out_macros)(output, *set);
    }
}

/* ---- records -------------------------------------------------------------------------------- */

static const char *member_text(struct arena *arena, const struct member *member)
{
    const char *text = member->doc;
    if (member->type == TYPE_BOOL)
        text = arena_format(arena, "0 or 1: %s", text);
    if (member->set && member->set->kind == SET_ENUM)
        text = arena_format(arena, "enum hvk_%s: %s", member->set->c_name, text);
    if (member->type == TYPE_FLAGS && member->sets.count)
        text = arena_format(arena, "%s: %s", sets_text(arena, member), text);
    if (member->optional)
        text = arena_format(arena, "%s; NULL when unknown", text);
    return text;
}

static void out_record_member(struct output *output, const struct member *member)
{
    const char *count = count_declaration(output->arena, member);
    out_since(output, member->since);
    if (member->type != TYPE_PAD)
        out_comment(output, "    ", member_text(output->arena, member));
    out(output, "    %s;\n", member_declaration(output->arena, member));
    if (count)
        out(output, "    %s;\n", count);
    out_since_end(output, member->since);
}

static void out_record(struct output *output, const struct record *record)
{
    out(output, "\n");
    if (record->doc)
        out_comment(output, "", record->doc);
    out(output, "struct hvk_%s {\n    uint32_t size;\n", record->c_name);
    VECTOR_FOR_EACH (&record->members, struct member, member)
        out_record_member(output, member);
    out(output, "};\n");
    if (record_has_list(output->description, record))
        out(output, "HVK_LIST(hvk_%s_list, struct hvk_%s)\n", record->c_name, record->c_name);
}

/* ---- events --------------------------------------------------------------------------------- */

static void out_event(struct output *output, const struct event *event)
{
    out(output, "\n");
    out_since(output, event->since);
    out_comment(output, "",
                arena_format(output->arena, "%s Payload: %s.", event->doc,
                             event->payload ? arena_format(output->arena, "struct hvk_%s",
                                                           event->payload->c_name)
                                            : "none"));
    out(output, "#define %s 0x%xu\n", event_macro(output->arena, event), event_number(event));
    if (event->payload)
        out_record(output, event->payload);
    out_since_end(output, event->since);
}

/* ---- functions ------------------------------------------------------------------------------ */

static char *bound_text(struct arena *arena, const struct member *member)
{
    if (type_info(member->type)->bound == BOUND_NONE || !member->has_max)
        return arena_string(arena, "");
    const char *unit = member->type == TYPE_STRING || member->type == TYPE_BYTES ? " bytes" : "";
    return arena_format(arena, " (at most %llu%s)", (unsigned long long)member->max, unit);
}

static void out_argument_doc(struct output *output, const struct member *member, const char *prefix)
{
    struct arena *arena = output->arena;
    const char *sets = member->sets.count ? sets_text(arena, member) : NULL;
    const char *separator = sets ? "; " : "";
    const char *words = member->doc;
    if (sets && member->type == TYPE_FLAGS && strcmp(member->name, "flags") == 0)
        words = separator = "";
    out(output, "\n");
    out_folded(output, " *   ", " *       ",
               arena_format(arena, "%s%s: %s%s%s%s%s", prefix, member->name, sets ? sets : "",
                            separator, words, bound_text(arena, member),
                            member->optional ? "; may be NULL" : ""));
}

static const char *read_only_text(struct arena *arena, const struct method *method)
{
    if (!method->read_only)
        return "not on a read-only connection";
    return method->read_only_not ? arena_string(arena, "on a read-only connection with some flags "
                                                       "only")
                                 : "also on a read-only connection";
}

static void out_function(struct output *output, const struct method *method)
{
    struct arena *arena = output->arena;
    struct items items = {.count = 0};
    if (method->internal || method->custom)
        return;
    out(output, "\n");
    out_since(output, method->since);
    out_folded(output, "/* ", " * ", method->doc);
    VECTOR_FOR_EACH (&method->arguments, struct member, argument)
        if (!argument->key || argument->record != method->object->value)
            out_argument_doc(output, argument, "");
    VECTOR_FOR_EACH (&method->results, struct member, result)
        out_argument_doc(output, result, "out_");
    out(output, "\n");
    out_folded(output, " * ", " * ",
               arena_format(arena, "Needs %s; %s. %s. Since revision %u.",
                            permits_text(arena, method), read_only_text(arena, method),
                            cost_text(arena, method), method->since));
    out(output, " */\n");
    signature_items(arena, method, SIGNATURE_PUBLIC, &items);
    out_list(output,
             arena_format(arena, "HVK_EXPORT bool %s(",
                          function_name(arena, method->object, method->name)),
             &items, ");\n");
    out_since_end(output, method->since);
}

static void out_view(struct output *output, const struct object *object, const struct view *view)
{
    struct arena *arena = output->arena;
    struct items items = {.count = 0};
    out(output, "\n");
    out_since(output, view->since);
    out_comment(output, "",
                arena_format(arena, "%s What %s() says, in part. Since revision %u.", view->doc,
                             function_name(arena, object, view->method->name), view->since));
    view_items(arena, view, &items);
    out_list(output,
             arena_format(arena, "HVK_EXPORT bool %s(", function_name(arena, object, view->name)),
             &items, ");\n");
    out_since_end(output, view->since);
}

/* ---- files ---------------------------------------------------------------------------------- */

static bool emit_header(const struct description *description, const struct object *object,
                        const char *directory)
{
    auto_arena arena = ARENA_INIT;
    struct output output = {.arena = &arena, .description = description};
    const char *guard = upper_name(&arena, object->name);
    out_banner(&output, arena_format(&arena, "%s", object->doc));
    out(&output, "#ifndef HVKIT_%s_H\n#define HVKIT_%s_H\n\n", guard, guard);
    out(&output, "#include <hvkit/client.h>\n#include <hvkit/values.h>\n");
    out_includes(&output, object, ".h");
    out(&output, "\nHVK_BEGIN\n");
    out_sets(&output, object);
    out_section(&output, "values");
    VECTOR_FOR_EACH (&object->records, struct record *, record)
        if (!(*record)->payload)
            out_record(&output, *record);
    if (object->events.count)
        out_section(&output, "events");
    VECTOR_FOR_EACH (&object->events, struct event *, event)
        out_event(&output, *event);
    out_section(&output, "operations");
    VECTOR_FOR_EACH (&object->methods, struct method *, method)
        out_function(&output, *method);
    VECTOR_FOR_EACH (&object->views, struct view, view)
        out_view(&output, object, view);
    out(&output, "\nHVK_END\n\n#endif\n");
    return output_write(&output, directory,
                        arena_format(&arena, "include/hvkit/%s.h", object->name));
}

static bool emit_umbrella(const struct description *description, const char *directory)
{
    auto_arena arena = ARENA_INIT;
    struct output output = {.arena = &arena, .description = description};
    out_banner(&output, "Everything that an application uses.");
    out(&output, "#ifndef HVKIT_HVKIT_H\n#define HVKIT_HVKIT_H\n\n#include <hvkit/client.h>\n");
    VECTOR_FOR_EACH (&description->objects, struct object *, object)
        out(&output, "#include <hvkit/%s.h>\n", (*object)->name);
    out(&output, "#include <hvkit/limits.h>\n\n#endif\n");
    return output_write(&output, directory, "include/hvkit/hvkit.h");
}

static bool emit_limits(const struct description *description, const char *directory)
{
    auto_arena arena = ARENA_INIT;
    struct output output = {.arena = &arena, .description = description};
    out_banner(&output, "The bounds of arguments and results: bytes, or items of a list.");
    out(&output, "#ifndef HVKIT_LIMITS_H\n#define HVKIT_LIMITS_H\n\n");
    VECTOR_FOR_EACH (&description->limits, struct limit, limit) {
        out_comment(&output, "", limit->doc);
        out(&output, "#define HVK_MAX_%s %lluu\n", limit->name, (unsigned long long)limit->value);
    }
    out(&output, "\n#endif\n");
    return output_write(&output, directory, "include/hvkit/limits.h");
}

bool emit_headers(const struct description *description, const char *directory)
{
    VECTOR_FOR_EACH (&description->objects, struct object *, object)
        if (!emit_header(description, *object, directory))
            return false;
    return emit_umbrella(description, directory) && emit_limits(description, directory);
}
