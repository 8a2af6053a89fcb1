/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* hvkit/OBJECT-driver.h: the table a driver fills, the sinks of the object's records, and the
 * assertions that keep both where the baseline says they are. */
#include "baseline.h"
#include "emit.h"

static void out_sink(struct output *output, const struct record *record)
{
    const char *name = record->c_name;
    out(output, "\nstruct hvk_%s_sink;\n\n", name);
    struct items items = {.text = {arena_format(output->arena, "struct hvk_%s_sink *sink", name),
                                   arena_format(output->arena, "const struct hvk_%s *item", name)},
                          .count = 2};
    out_list(output, arena_format(output->arena, "static inline bool hvk_put_%s(", name), &items,
             ")\n");
    out(output, "{\n    struct hvk_sink *to = (struct hvk_sink *)(void *)sink;\n"
                "    return to->put(to, item, sizeof *item);\n}\n");
}

static void out_table_member(struct output *output, const struct method *method)
{
    struct arena *arena = output->arena;
    struct items items = {.count = 0};
    signature_items(arena, method, SIGNATURE_TABLE, &items);
    out_since(output, method->since);
    out_list(output, arena_format(arena, "    bool (*%s)(", table_member(arena, method)), &items,
             ");\n");
    out_since_end(output, method->since);
}

/* Slots that are free stay in the struct, so that an offset follows from its slot. */
static void out_table(struct output *output, const struct object *object)
{
    unsigned next = 0;
    out(output, "\n/* Table %s. A NULL member, or one beyond size, is not supported. */\n",
        object->table);
    out(output, "struct hvk_%s_table {\n    uint32_t size;\n    uint32_t reserved;\n",
        object->c_name);
    VECTOR_FOR_EACH (&object->methods, struct method *, method) {
        if (!method_in_table(*method))
            continue;
        for (; next < (*method)->slot; next++)
            out(output, "    void (*unused_%u)(void);\n", next);
        out_table_member(output, *method);
        next++;
    }
    out(output, "};\n#define HVK_%s_TABLE \"%s\"\n", upper_name(output->arena, object->name),
        object->table);
}

static bool emit_driver_header(const struct description *description,
                               const struct baseline *baseline, const struct object *object,
                               const char *directory)
{
    auto_arena arena = ARENA_INIT;
    struct output output = {.arena = &arena, .description = description};
    const char *guard = upper_name(&arena, object->name);
    out_banner(&output,
               arena_format(&arena, "What a driver that provides '%s' implements.", object->name));
    out(&output, "#ifndef HVKIT_%s_DRIVER_H\n#define HVKIT_%s_DRIVER_H\n\n", guard, guard);
    out(&output, "#include <hvkit/%s.h>\n#include <hvkit/driver.h>\n", object->name);
    out_includes(&output, object, "-driver.h");
    out(&output, "\nHVK_BEGIN\n");
    VECTOR_FOR_EACH (&object->records, struct record *, record)
        if (record_has_sink(description, *record))
            out_sink(&output, *record);
    out_table(&output, object);
    out_layout(&output, baseline, object);
    out(&output, "\nHVK_END\n\n#endif\n");
    return output_write(&output, directory,
                        arena_format(&arena, "include/hvkit/%s-driver.h", object->name));
}

bool emit_driver_headers(const struct description *description, const struct baseline *baseline,
                         const char *directory)
{
    VECTOR_FOR_EACH (&description->objects, struct object *, object)
        if (!emit_driver_header(description, baseline, *object, directory))
            return false;
    return true;
}
