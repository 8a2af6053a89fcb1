/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What guards the operations, for the daemon and for people: polkit's actions, the permissions of
 * each method, the read-only allow-list; and which procedure of the wire is which method. */
#include "emit.h"

#include <base/string.h>

#define POLKIT_PREFIX "org.hvkit.api"

static const char *escape_xml(struct arena *arena, const char *text)
{
    static const char *const entities[] = {['&'] = "&amp;", ['<'] = "&lt;", ['>'] = "&gt;"};
    auto_buffer escaped = BUFFER_INIT;
    for (; *text; text++) {
        unsigned char c = (unsigned char)*text;
        if (c < ARRAY_SIZE(entities) && entities[c])
            buffer_add_string(&escaped, entities[c]);
        else
            buffer_add_char(&escaped, (char)c);
    }
    if (escaped.failed)
        arena_exhausted();
    return arena_string(arena, escaped.data ? escaped.data : "");
}

/* polkit's names have dashes where ours have underscores. */
static char *action_name(struct arena *arena, const struct permission *permission)
{
    char *name =
        arena_format(arena, "%s.%s.%s", POLKIT_PREFIX, permission->object, permission->name);
    for (char *at = name; *at; at++)
        if (*at == '_')
            *at = '-';
    return name;
}

static void out_action(struct output *output, const struct permission *permission)
{
    const char *allowed = permission->read_only ? "yes" : "auth_admin_keep";
    const char *words = escape_xml(output->arena, permission->doc);
    out(output, "  <action id=\"%s\">\n", action_name(output->arena, permission));
    out(output, "    <description>%s</description>\n", words);
    out(output, "    <message>Authentication is required to %s</message>\n", words);
    out(output,
        "    <defaults>\n      <allow_any>%s</allow_any>\n"
        "      <allow_inactive>%s</allow_inactive>\n"
        "      <allow_active>%s</allow_active>\n    </defaults>\n  </action>\n",
        permission->read_only ? "yes" : "auth_admin", allowed, allowed);
}

static void out_actions(struct output *output)
{
    out(output, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
                "<!DOCTYPE policyconfig PUBLIC \"-//freedesktop//DTD PolicyKit Policy "
                "Configuration 1.0//EN\"\n"
                " \"http://www.freedesktop.org/standards/PolicyKit/1/policyconfig.dtd\">\n"
                "<policyconfig>\n  <vendor>hvkit</vendor>\n");
    VECTOR_FOR_EACH (&output->description->permissions, struct permission, permission)
        out_action(output, permission);
    out(output, "</policyconfig>\n");
}

/* ---- tables, one method a line -------------------------------------------------------------- */

static void out_permissions(struct output *output)
{
    out(output, "# method\tpermissions\teach item of the result\n");
    VECTOR_FOR_EACH (&output->description->objects, struct object *, object)
        VECTOR_FOR_EACH (&(*object)->methods, struct method *, item) {
            const struct method *method = *item;
            if (method->internal)
                continue;
            out(output, "%s.%s\t%s\t", (*object)->name, method->name,
                permits_text(output->arena, method));
            out(output, method->each ? "%s:%s\n" : "-\n", method->each ? method->each->object : "",
                method->each ? method->each->name : "");
        }
}

static void out_read_only(struct output *output)
{
    out(output, "# what a read-only connection may call\tbut not with\n");
    VECTOR_FOR_EACH (&output->description->objects, struct object *, object)
        VECTOR_FOR_EACH (&(*object)->methods, struct method *, item) {
            const struct method *method = *item;
            if (!method->read_only)
                continue;
            const char *argument =
                method->read_only_argument ? method->read_only_argument : "flags";
            out(output, "%s.%s", (*object)->name, method->name);
            if (method->read_only_not)
                out(output, "\t%s 0x%x", argument, method->read_only_not);
            out(output, "\n");
        }
}

static void out_wire_parts(struct output *output, const struct wire *wire)
{
    static const char *const kinds[] = {
        [WIRE_FIX] = "fix", [WIRE_FOLD] = "fold", [WIRE_PROJECT] = "project"};
    VECTOR_FOR_EACH (&wire->parts, struct wire_part, part)
        out(output, "\t%s:%s=%s", kinds[part->kind], part->from, part->to);
}

static void out_wire(struct output *output, const char *name, const struct vector *wires)
{
    VECTOR_FOR_EACH (wires, struct wire, wire) {
        out(output, "%s\t%u\t%s\t%s", wire->program, wire->procedure, name,
            wire->view ? wire->view : "-");
        if (wire->has_flags)
            out(output, "\tflags=0x%x", wire->flags);
        if (wire->order)
            out(output, "\torder=%s", wire->order);
        if (wire->result)
            out(output, "\tresult=%s", wire->result);
        out_wire_parts(output, wire);
        out(output, "\n");
    }
}

static void out_wires(struct output *output)
{
    struct arena *arena = output->arena;
    out(output, "# program\tprocedure\tmethod or event\tview\twhat differs\n");
    VECTOR_FOR_EACH (&output->description->objects, struct object *, object) {
        VECTOR_FOR_EACH (&(*object)->methods, struct method *, method)
            out_wire(output, arena_format(arena, "%s.%s", (*object)->name, (*method)->name),
                     &(*method)->wires);
        VECTOR_FOR_EACH (&(*object)->events, struct event *, event)
            out_wire(output, arena_format(arena, "%s.%s", (*object)->name, (*event)->name),
                     &(*event)->wires);
    }
}

bool emit_policy(const struct description *description, const char *directory)
{
    static const struct {
        const char *path;
        void (*write)(struct output *output);
    } files[] = {{"org.hvkit.api.policy", out_actions},
                 {"permissions.txt", out_permissions},
                 {"read-only.txt", out_read_only},
                 {"wire.txt", out_wires}};
    for (size_t i = 0; i < ARRAY_SIZE(files); i++) {
        auto_arena arena = ARENA_INIT;
        struct output output = {.arena = &arena, .description = description};
        files[i].write(&output);
        if (!output_write(&output, directory, files[i].path))
            return false;
    }
    return true;
}
