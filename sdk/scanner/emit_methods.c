/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* methods.c: the tables of base/method.h, and the thunks that call a driver's functions. */
#include "emit.h"

#include <base/string.h>

/* ---- fields --------------------------------------------------------------------------------- */

static uint64_t field_max(const struct member *member)
{
    return member->type == TYPE_FLAGS ? member_flag_mask(member) : member->max;
}

static char *field_min(struct arena *arena, const struct member *member)
{
    if (member->has_min)
        return arena_format(arena, "%lld", (long long)member->min);
    if (member->type == TYPE_INT32)
        return arena_string(arena, "INT32_MIN");
    return arena_string(arena, member->type == TYPE_INT64 ? "INT64_MIN" : "0");
}

static char *field_flags(struct arena *arena, const struct method *method,
                         const struct member *member, bool result)
{
    char *text = arena_string(arena, member->optional ? "FIELD_OPTIONAL" : "");
    if (result)
        text = arena_format(arena, "%s%sFIELD_RESULT%s", text, *text ? " | " : "",
                            result_in_place(member) ? " | FIELD_IN_PLACE" : "");
    if (method && !result && member->key)
        text = arena_format(arena, "%s%sFIELD_SUBJECT", text, *text ? " | " : "");
    return *text ? text : arena_string(arena, "0");
}

static void out_field(struct output *output, const struct method *method, const char *owner,
                      const struct member *member, bool result)
{
    struct arena *arena = output->arena;
    const struct type_info *info = type_info(member->type);
    struct items items = {.count = 0};
    const char *prefix = result ? "out_" : "";
    items_add(&items, arena_format(arena, ".name = \"%s\"", member->name));
    items_add(&items,
              arena_format(arena, ".offset = offsetof(%s, %s%s)", owner, prefix, member->name));
    if (info->count_suffix && !result)
        items_add(&items, arena_format(arena, ".count_offset = offsetof(%s, %s%s)", owner,
                                       member->name, info->count_suffix));
    items_add(&items, arena_format(arena, ".kind = %s", info->kind));
    items_add(&items,
              arena_format(arena, ".flags = %s", field_flags(arena, method, member, result)));
    items_add(&items,
              arena_format(arena, ".max = UINT64_C(%llu)", (unsigned long long)field_max(member)));
    items_add(&items, arena_format(arena, ".min = %s", field_min(arena, member)));
    if (member->record)
        items_add(&items, arena_format(arena, ".record = &hvk_record_%s", member->record->c_name));
    out_list(output, "    {", &items, "},\n");
}

static void out_record(struct output *output, const struct record *record)
{
    const char *name = record->c_name;
    const char *owner = arena_format(output->arena, "struct hvk_%s", name);
    out(output, "\nstatic const struct field record_%s_fields[] = {\n", name);
    VECTOR_FOR_EACH (&record->members, struct member, member)
        if (member->type != TYPE_PAD)
            out_field(output, NULL, owner, member, false);
    out(output, "};\n\nconst struct record hvk_record_%s = {\"%s\", sizeof(%s),", name,
        record->name, owner);
    out(output, "\n%*sARRAY_SIZE(record_%s_fields), record_%s_fields};\n",
        (int)strlen(arena_format(output->arena, "const struct record hvk_record_%s = {", name)), "",
        name, name);
}

/* ---- thunks --------------------------------------------------------------------------------- */

static char *result_slot(struct arena *arena, const struct member *result, size_t index)
{
    const char *slot = type_info(result->type)->slot;
    if (result_in_place(result))
        return arena_format(arena, "(struct hvk_%s *)(void *)v->results[%zu].record",
                            result->record->c_name, index);
    if (slot)
        return arena_format(arena, "(%s)(void *)&v->results[%zu].%s",
                            type_info(result->type)->table_result, index, slot);
    const char *type = type_info(result->type)->table_result;
    const char *sink =
        result->record ? arena_format(arena, "struct hvk_%s_sink *", result->record->c_name) : type;
    return arena_format(arena, "(%s)(void *)&v->results[%zu].collector", sink, index);
}

static void out_thunk(struct output *output, const struct method *method)
{
    struct arena *arena = output->arena;
    const char *object = method->object->c_name;
    struct items items = {.text = {"call", "v->instance"}, .count = 2};
    size_t index = 0;
    if (method->identify)
        items_add(&items, "v->identity");
    VECTOR_FOR_EACH (&method->arguments, struct member, argument) {
        const char *suffix = type_info(argument->type)->count_suffix;
        items_add(&items, arena_format(arena, "a->%s", argument->name));
        if (suffix)
            items_add(&items, arena_format(arena, "a->%s%s", argument->name, suffix));
    }
    VECTOR_FOR_EACH (&method->results, struct member, result)
        items_add(&items, result_slot(arena, result, index++));
    out(output,
        "\nstatic bool %s_%s_invoke(struct hvk_call *call, const struct invocation *v)\n{\n",
        object, method->name);
    if (method->arguments.count)
        out(output, "    const struct hvk_%s_%s_args *a = v->args;\n", object, method->name);
    out(output, "    const struct hvk_%s_table *t = v->table;\n", object);
    out_list(output, arena_format(arena, "    return t->%s(", table_member(arena, method)), &items,
             ");\n}\n");
}

/* ---- methods -------------------------------------------------------------------------------- */

static int argument_index(const struct method *method, const char *name)
{
    const struct member *argument = model_argument(method, name);
    return argument ? (int)(argument - (const struct member *)method->arguments.items) : -1;
}

static int subject_index(const struct method *method)
{
    bool content = strcmp(method->subject, "content") == 0;
    VECTOR_FOR_EACH (&method->arguments, struct member, argument)
        if (content ? argument->content : argument->key)
            return argument_index(method, argument->name);
    return -1;
}

static void out_permits(struct output *output, const struct method *method)
{
    out(output, "\nstatic const struct permit %s_%s_permits[] = {\n", method->object->c_name,
        method->name);
    VECTOR_FOR_EACH (&method->permits, struct permit, permit)
        out(output, "    {PERMISSION_%s_%s, %d, 0x%xu, 0x%xu},\n",
            upper_name(output->arena, permit->permission->object),
            upper_name(output->arena, permit->permission->name),
            permit->argument ? 1 + argument_index(method, permit->argument) : 0, permit->any,
            permit->none);
    out(output, "};\n");
}

static void out_fields(struct output *output, const struct method *method)
{
    const char *owner =
        arena_format(output->arena, "struct hvk_%s_%s_args", method->object->c_name, method->name);
    out(output, "\nstatic const struct field %s_%s_fields[] = {\n", method->object->c_name,
        method->name);
    VECTOR_FOR_EACH (&method->arguments, struct member, argument)
        out_field(output, method, owner, argument, false);
    VECTOR_FOR_EACH (&method->results, struct member, result)
        out_field(output, method, owner, result, true);
    out(output, "};\n");
}

static char *permission_macro(struct arena *arena, const struct permission *permission)
{
    return arena_format(arena, "PERMISSION_%s_%s", upper_name(arena, permission->object),
                        upper_name(arena, permission->name));
}

/* The members of struct method whose values are words of the description. */
static void out_method_words(struct output *output, const struct method *method)
{
    static const char *const subjects[][2] = {{"connection", "METHOD_ON_CONNECTION"},
                                              {"argument", "METHOD_ON_ARGUMENT"},
                                              {"content", "METHOD_ON_CONTENT"},
                                              {"result", "METHOD_ON_RESULT"}};
    struct arena *arena = output->arena;
    out(output, "    .class = METHOD_%s,\n    .lane = METHOD_LANE_%s,\n    .source = METHOD_%s,\n",
        upper_name(arena, method->class), upper_name(arena, method->lane),
        upper_name(arena, method->source));
    for (size_t i = 0; i < ARRAY_SIZE(subjects); i++)
        if (strcmp(subjects[i][0], method->subject) == 0)
            out(output, "    .subject = %s,\n", subjects[i][1]);
}

static void out_method_rights(struct output *output, const struct method *method)
{
    const char *argument = method->read_only_argument;
    out(output, "    .read_only = %d,\n    .read_only_not = 0x%xu,\n", method->read_only,
        method->read_only_not);
    if (argument)
        out(output, "    .read_only_argument = %d,\n", 1 + argument_index(method, argument));
    if (method->permits.count)
        out(output,
            "    .permit_count = ARRAY_SIZE(%s_%s_permits),\n    .permits = %s_%s_permits,\n",
            method->object->c_name, method->name, method->object->c_name, method->name);
    if (method->each)
        out(output, "    .each = 1 + %s,\n", permission_macro(output->arena, method->each));
}

static void out_method(struct output *output, const struct method *method)
{
    const char *object = method->object->c_name;
    const char *name = method->name;
    bool fields = method->arguments.count + method->results.count > 0;
    if (fields)
        out_fields(output, method);
    if (method->permits.count)
        out_permits(output, method);
    if (method_in_table(method))
        out_thunk(output, method);
    out(output, "\nconst struct method hvk_method_%s_%s = {\n", object, name);
    out(output, "    .object = \"%s\",\n    .name = \"%s\",\n    .function = \"hvk_%s_%s\",\n",
        method->object->name, name, object, name);
    out(output, "    .table = \"%s\",\n    .slot = %u,\n    .kind = HVK_OBJECT_%s,\n",
        method->object->table, method->slot, method->object->kind);
    out_method_words(output, method);
    out_method_rights(output, method);
    out(output, "    .identify = %u,\n    .since = %u,\n",
        method->identify ? method->identify->slot : 0, method->since);
    out(output, "    .args_size = sizeof(struct hvk_%s_%s_args),\n", object, name);
    if (fields)
        out(output, "    .field_count = ARRAY_SIZE(%s_%s_fields),\n    .fields = %s_%s_fields,\n",
            object, name, object, name);
    out(output, "    .flags_field = %d,\n    .subject_field = %d,\n",
        argument_index(method, "flags"), subject_index(method));
    if (method_in_table(method))
        out(output,
            "    .table_offset = offsetof(struct hvk_%s_table, %s),\n    .invoke = %s_%s_invoke,\n",
            object, table_member(output->arena, method), object, name);
    out(output, "};\n");
}

static void out_index(struct output *output)
{
    out(output, "\nconst struct method *const method_tables[] = {\n");
    VECTOR_FOR_EACH (&output->description->objects, struct object *, object)
        VECTOR_FOR_EACH (&(*object)->methods, struct method *, method)
            out(output, "    &hvk_method_%s_%s,\n", (*object)->c_name, (*method)->name);
    out(output, "    NULL,\n};\n\nconst char *const permission_names[] = {\n");
    VECTOR_FOR_EACH (&output->description->permissions, struct permission, permission)
        out(output, "    \"%s:%s\",\n", permission->object, permission->name);
    out(output, "    NULL,\n};\n");
}

/* ---- events --------------------------------------------------------------------------------- */

static void out_event(struct output *output, const struct event *event)
{
    struct arena *arena = output->arena;
    struct items items = {.count = 0};
    items_add(&items, arena_format(arena, ".name = \"%s.%s\"", event->object->name, event->name));
    items_add(&items, arena_format(arena, ".number = %s", event_macro(arena, event)));
    items_add(&items, arena_format(arena, ".kind = HVK_OBJECT_%s", event->object->kind));
    items_add(&items,
              arena_format(arena, ".permission = %s", permission_macro(arena, event->permission)));
    if (event->each)
        items_add(&items,
                  arena_format(arena, ".each = 1 + %s", permission_macro(arena, event->each)));
    if (event->object->value)
        items_add(&items,
                  arena_format(arena, ".object = &hvk_record_%s", event->object->value->c_name));
    if (event->payload)
        items_add(&items, arena_format(arena, ".payload = &hvk_record_%s", event->payload->c_name));
    out_list(output, "    {", &items, "},\n");
}

static void out_events(struct output *output)
{
    out(output, "\nconst struct event event_table[] = {\n");
    VECTOR_FOR_EACH (&output->description->objects, struct object *, object)
        VECTOR_FOR_EACH (&(*object)->events, struct event *, event)
            out_event(output, *event);
    out(output, "    {.name = NULL},\n};\n");
}

/* ---- methods.h ------------------------------------------------------------------------------ */

static void out_args(struct output *output, const struct method *method)
{
    struct arena *arena = output->arena;
    out(output, "\nstruct hvk_%s_%s_args {\n", method->object->c_name, method->name);
    VECTOR_FOR_EACH (&method->arguments, struct member, argument) {
        const char *count = count_declaration(arena, argument);
        out(output, "    %s;\n",
            argument->type == TYPE_UUID ? arena_format(arena, "const uint8_t *%s", argument->name)
                                        : argument_declaration(arena, argument));
        if (count)
            out(output, "    %s;\n", count);
    }
    VECTOR_FOR_EACH (&method->results, struct member, result)
        out(output, "    %s;\n", result_declaration(arena, result));
    if (method->arguments.count + method->results.count == 0)
        out(output, "    uint32_t unused;\n");
    out(output, "};\nextern const struct method hvk_method_%s_%s;\n", method->object->c_name,
        method->name);
}

static void out_permission_enum(struct output *output)
{
    out(output, "\n/* Indices into permission_names[]. */\nenum permission {\n");
    VECTOR_FOR_EACH (&output->description->permissions, struct permission, permission)
        out(output, "    %s,\n", permission_macro(output->arena, permission));
    out(output, "    PERMISSION_COUNT,\n};\n");
}

static bool emit_methods_header(const struct description *description, const char *directory)
{
    auto_arena arena = ARENA_INIT;
    struct output output = {.arena = &arena, .description = description};
    out_banner(&output, "What libhvkit and the wire know about every method.");
    out(&output, "#ifndef HVKIT_PRIVATE_METHODS_H\n#define HVKIT_PRIVATE_METHODS_H\n\n"
                 "#include <base/method.h>\n#include <hvkit/hvkit.h>\n");
    VECTOR_FOR_EACH (&description->objects, struct object *, object)
        out(&output, "#include <hvkit/%s-driver.h>\n", (*object)->name);
    out_permission_enum(&output);
    out(&output, "\n");
    VECTOR_FOR_EACH (&description->objects, struct object *, object)
        VECTOR_FOR_EACH (&(*object)->records, struct record *, record)
            out(&output, "extern const struct record hvk_record_%s;\n", (*record)->c_name);
    VECTOR_FOR_EACH (&description->objects, struct object *, object)
        VECTOR_FOR_EACH (&(*object)->methods, struct method *, method)
            out_args(&output, *method);
    out(&output,
        "\n/* libhvkit's: checks the arguments, chooses the lane, runs the method and moves its\n"
        " * results to where the result members of args point. */\n"
        "bool method_call(struct hvk_call *call, struct hvk_connection *connection,\n"
        "                 const struct method *method, void *args);\n\n#endif\n");
    return output_write(&output, directory, "include/hvkit-private/methods.h");
}

bool emit_methods(const struct description *description, const char *directory)
{
    auto_arena arena = ARENA_INIT;
    struct output output = {.arena = &arena, .description = description};
    out_banner(&output, "Fields, permits, methods and events.");
    out(&output, "#include <hvkit-private/methods.h>\n");
    VECTOR_FOR_EACH (&description->objects, struct object *, object)
        VECTOR_FOR_EACH (&(*object)->records, struct record *, record)
            out_record(&output, *record);
    VECTOR_FOR_EACH (&description->objects, struct object *, object)
        VECTOR_FOR_EACH (&(*object)->methods, struct method *, method)
            out_method(&output, *method);
    out_index(&output);
    out_events(&output);
    return output_write(&output, directory, "methods.c") &&
           emit_methods_header(description, directory);
}
