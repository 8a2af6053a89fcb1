/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* anchor.c: one function whose argument reaches every struct that crosses the ABI, so that tools
 * which compare debugging information (abidiff) see all of them. */
#include "emit.h"

#include <base/string.h>

/* Those of the hand-written headers. */
static const char *const written[] = {
    "driver",  "driver_identity",  "core",  "published", "spawn", "uri",   "uri_param",
    "call",    "identity",         "error", "param",     "sink",  "bytes", "param_list",
    "fd_list", "driver_info_list",
};

static void out_object(struct output *output, const struct object *object)
{
    out(output, "    const struct hvk_%s_table *%s_table;\n", object->c_name, object->c_name);
    VECTOR_FOR_EACH (&object->records, struct record *, record)
        out(output, "    const struct hvk_%s *record_%s;\n", (*record)->c_name, (*record)->c_name);
}

bool emit_anchor(const struct description *description, const char *directory)
{
    auto_arena arena = ARENA_INIT;
    struct output output = {.arena = &arena, .description = description};
    out_banner(&output, "Reaches every struct that crosses the ABI.");
    out(&output, "#include <hvkit/hvkit.h>\n\n#include <hvkit/driver.h>\n");
    VECTOR_FOR_EACH (&description->objects, struct object *, object)
        out(&output, "#include <hvkit/%s-driver.h>\n", (*object)->name);
    out(&output, "\nunion hvk_abi_anchor {\n");
    for (size_t i = 0; i < ARRAY_SIZE(written); i++)
        out(&output, "    const struct hvk_%s *%s;\n", written[i], written[i]);
    VECTOR_FOR_EACH (&description->objects, struct object *, object)
        out_object(&output, *object);
    out(&output, "};\n\nHVK_EXPORT const union hvk_abi_anchor *hvk_abi_anchor(const union "
                 "hvk_abi_anchor *anchor);\n\n"
                 "const union hvk_abi_anchor *hvk_abi_anchor(const union hvk_abi_anchor *anchor)\n"
                 "{\n    return anchor;\n}\n");
    return output_write(&output, directory, "anchor.c");
}
