/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* functions.c: the public functions. Each packs its arguments and calls method_call(). */
#include "emit.h"

static void out_pack(struct items *items, struct arena *arena, const char *name)
{
    items_add(items, arena_format(arena, ".%s = %s", name, name));
}

static void out_function(struct output *output, const struct method *method)
{
    struct arena *arena = output->arena;
    struct items parameters = {.count = 0};
    struct items values = {.count = 0};
    const char *name = method->name;
    const char *object = method->object->c_name;
    signature_items(arena, method, SIGNATURE_PUBLIC, &parameters);
    out(output, "\n");
    out_list(output, arena_format(arena, "bool hvk_%s_%s(", object, name), &parameters, ")\n{\n");
    VECTOR_FOR_EACH (&method->arguments, struct member, argument) {
        const char *suffix = type_info(argument->type)->count_suffix;
        out_pack(&values, arena, argument->name);
        if (suffix)
            out_pack(&values, arena, arena_format(arena, "%s%s", argument->name, suffix));
    }
    VECTOR_FOR_EACH (&method->results, struct member, result)
        out_pack(&values, arena, arena_format(arena, "out_%s", result->name));
    if (values.count == 0)
        items_add(&values, "0");
    out(output, "    struct hvk_%s_%s_args args = {\n", object, name);
    out_list(output, "        ", &values, "};\n");
    out(output, "    return method_call(call, connection, &hvk_method_%s_%s, &args);\n}\n", object,
        name);
}

static void out_view(struct output *output, const struct object *object, const struct view *view)
{
    struct arena *arena = output->arena;
    struct items parameters = {.count = 0};
    struct items arguments = {.text = {"call", "connection"}, .count = 2};
    const struct member *result = view->method->results.items;
    view_items(arena, view, &parameters);
    VECTOR_FOR_EACH (&view->method->arguments, struct member, argument)
        items_add(&arguments, argument->type == TYPE_FLAGS ? "0" : argument->name);
    items_add(&arguments, "&record");
    out(output, "\n");
    out_list(output, arena_format(arena, "bool hvk_%s_%s(", object->c_name, view->name),
             &parameters, ")\n{\n");
    out(output, "    struct hvk_%s record = HVK_RECORD_INIT(record);\n", result->record->c_name);
    out_list(output, arena_format(arena, "    if (!hvk_%s_%s(", object->c_name, view->method->name),
             &arguments, "))\n        return false;\n");
    VECTOR_FOR_EACH (&view->members, const struct member *, member)
        out(output, "    if (out_%s)\n        *out_%s = record.%s%s;\n", (*member)->name,
            (*member)->name, (*member)->name, (*member)->type == TYPE_BOOL ? " != 0" : "");
    out(output, "    return true;\n}\n");
}

bool emit_functions(const struct description *description, const char *directory)
{
    auto_arena arena = ARENA_INIT;
    struct output output = {.arena = &arena, .description = description};
    out_banner(&output, "The public functions.");
    out(&output, "#include <hvkit-private/methods.h>\n");
    VECTOR_FOR_EACH (&description->objects, struct object *, object) {
        VECTOR_FOR_EACH (&(*object)->methods, struct method *, method)
            if (!(*method)->internal && !(*method)->custom)
                out_function(&output, *method);
        VECTOR_FOR_EACH (&(*object)->views, struct view, view)
            out_view(&output, *object, view);
    }
    return output_write(&output, directory, "functions.c");
}
