/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Nodes to structs, in the order in which one needs the other: names first, then what refers to
 * them. The parts of an object (`<object name="domain" part="…">`) are read as if they were one. */
#include "model.h"

#include "build.h"
#include "schema.h"

#include <base/string.h>

bool parse_unsigned(struct description *description, const struct node *node, const char *name,
                    uint64_t max, uint64_t *out_value)
{
    const struct attribute *attribute = node_attribute(node, name);
    if (attribute && string_to_u64(attribute->value, 0, max, out_value))
        return true;
    return report(description->faults, attribute ? &attribute->at : &node->at,
                  "'%s' of <%s> must be a number from 0 to %llu", name, node->name,
                  (unsigned long long)max);
}

bool parse_yes(const struct node *node, const char *name)
{
    return string_equal(node_get(node, name), "yes");
}

unsigned parse_since(struct description *description, const struct node *node)
{
    uint64_t since = 1;
    if (node_get(node, "since"))
        parse_unsigned(description, node, "since", description->revision, &since);
    return (unsigned)since;
}

char *c_name(struct arena *arena, const char *name)
{
    char *copy = arena_string(arena, name);
    for (char *at = copy; *at; at++)
        if (*at == '-')
            *at = '_';
    return copy;
}

const char *node_doc(const struct node *node)
{
    const struct node *doc = node_child(node, "doc");
    return doc ? doc->text : NULL;
}

static const struct term *find_term(const struct description *description, const char *name)
{
    VECTOR_FOR_EACH (&description->terms, struct term, term)
        if (strcmp(term->name, name) == 0)
            return term;
    return NULL;
}

const char *doc_or_term(const struct description *description, const struct node *node)
{
    if (node->text)
        return node->text;
    const struct term *term = find_term(description, node_get(node, "name"));
    return term ? term->doc : NULL;
}

/* ---- common --------------------------------------------------------------------------------- */

static bool add_limit(struct description *description, const struct node *node)
{
    struct limit *limit = arena_add(description->arena, &description->limits, sizeof(struct limit));
    *limit = (struct limit){.at = node->at, .name = node_get(node, "name"), .doc = node->text};
    return parse_unsigned(description, node, "value", UINT64_MAX, &limit->value);
}

static bool add_term(struct description *description, const struct node *node)
{
    struct term *term = arena_add(description->arena, &description->terms, sizeof(struct term));
    *term = (struct term){node->at, node_get(node, "name"), node->text};
    return true;
}

static bool add_permission(struct description *description, const struct node *node)
{
    struct permission *permission =
        arena_add(description->arena, &description->permissions, sizeof(struct permission));
    *permission = (struct permission){
        .at = node->at,
        .object = node_get(node, "object"),
        .name = node_get(node, "name"),
        .doc = node->text,
        .read_only = parse_yes(node, "readonly"),
    };
    return true;
}

static bool add_common(struct description *description, const struct node *root)
{
    static const struct {
        const char *name;
        bool (*add)(struct description *description, const struct node *node);
    } adders[] = {{"limit", add_limit}, {"term", add_term}, {"permission", add_permission}};
    bool good = true;
    if (node_get(root, "date"))
        description->date = node_get(root, "date");
    NODE_FOR_EACH (root, child)
        for (size_t i = 0; i < ARRAY_SIZE(adders); i++)
            if (strcmp(adders[i].name, child->name) == 0)
                good = adders[i].add(description, child) && good;
    return good;
}

/* ---- objects -------------------------------------------------------------------------------- */

static const char *const kinds[] = {"CONNECTION",   "DOMAIN",      "NETWORK",  "INTERFACE",
                                    "STORAGE_POOL", "NODE_DEVICE", "NWFILTER", "SECRET"};

static struct object *find_object(const struct description *description, const char *name)
{
    VECTOR_FOR_EACH (&description->objects, struct object *, object)
        if (strcmp((*object)->name, name) == 0)
            return *object;
    return NULL;
}

static bool set_identity(struct description *description, struct object *object,
                         const struct node *root)
{
    object->at = root->at;
    object->table = node_get(root, "table");
    object->kind = node_get(root, "kind");
    object->doc = node_doc(root);
    for (size_t i = 0; object->kind && i < ARRAY_SIZE(kinds); i++)
        if (strcmp(kinds[i], object->kind) == 0) {
            object->kind_number = (unsigned)i;
            return true;
        }
    return report(description->faults, &root->at,
                  "object '%s' needs kind=\"…\" with the name of an HVK_OBJECT_* (DOMAIN, …)",
                  object->name);
}

static bool add_object(struct description *description, const struct node *root)
{
    const char *name = node_get(root, "name");
    struct object *object = find_object(description, name);
    if (!object) {
        object = arena_alloc(description->arena, sizeof *object);
        object->at = root->at;
        object->name = name;
        object->c_name = c_name(description->arena, name);
        *(struct object **)arena_add(description->arena, &description->objects, sizeof object) =
            object;
    }
    *(const struct node **)arena_add(description->arena, &object->nodes, sizeof root) = root;
    if (node_get(root, "part"))
        return true;
    if (object->table)
        return report(description->faults, &root->at,
                      "object '%s' is described twice; name this one's part=\"…\"", name);
    return set_identity(description, object, root);
}

/* Calls add for every child with the name, of every part of every object. */
typedef bool (*add_function)(struct description *description, struct object *object,
                             const struct node *node);

static bool for_each_child(struct description *description, const char *name, add_function add)
{
    bool good = true;
    VECTOR_FOR_EACH (&description->objects, struct object *, object)
        VECTOR_FOR_EACH (&(*object)->nodes, const struct node *, part)
            NODE_FOR_EACH (*part, child)
                if (strcmp(child->name, name) == 0)
                    good = add(description, *object, child) && good;
    return good;
}

/* The file that says what the object is, among its parts. */
static const struct node *main_part(const struct object *object)
{
    VECTOR_FOR_EACH (&object->nodes, const struct node *, part)
        if (!node_get(*part, "part"))
            return *part;
    return NULL;
}

static bool resolve_value(struct description *description, struct object *object)
{
    const struct node *root = main_part(object);
    const char *name = root ? node_get(root, "value") : NULL;
    object->value = name ? model_record(description, name) : NULL;
    if (name && !object->value)
        return report(description->faults, &root->at,
                      "object '%s' names its value '%s', but there is no such <record>",
                      object->name, name);
    return true;
}

static bool build_objects(struct description *description)
{
    static const struct {
        const char *name;
        add_function add;
    } steps[] = {
        {"enum", build_enum},
        {"flagset", build_flagset},
        {"names", build_names},
        {"record", build_record},
        {"record", build_record_members},
        {"rule", build_rule},
        {"method", build_method},
        {"view", build_view},
        {"event", build_event},
    };
    bool good = true;
    for (size_t i = 0; i < ARRAY_SIZE(steps); i++) {
        if (steps[i].add == build_rule)
            VECTOR_FOR_EACH (&description->objects, struct object *, object)
                good = resolve_value(description, *object) && good;
        if (steps[i].add == build_view)
            model_sort_methods(description);
        good = for_each_child(description, steps[i].name, steps[i].add) && good;
    }
    return good;
}

bool model_build(struct description *description, const char *const *files, size_t count)
{
    bool good = true;
    struct vector roots = {0};
    for (size_t i = 0; i < count; i++) {
        struct node *root = read_file(description->arena, description->faults, files[i]);
        good = root && schema_check(description->faults, root) && good;
        *(struct node **)arena_add(description->arena, &roots, sizeof root) = root;
    }
    if (!good)
        return false;
    VECTOR_FOR_EACH (&roots, struct node *, root)
        if (strcmp((*root)->name, "common") == 0)
            good = add_common(description, *root) && good;
    VECTOR_FOR_EACH (&roots, struct node *, root)
        if (strcmp((*root)->name, "object") == 0)
            good = add_object(description, *root) && good;
    return good && build_objects(description) && check_description(description) &&
           description->faults->count == 0;
}

/* ---- looking up ----------------------------------------------------------------------------- */

const struct set *model_set(const struct description *description, const char *name)
{
    VECTOR_FOR_EACH (&description->objects, struct object *, object)
        VECTOR_FOR_EACH (&(*object)->sets, struct set *, set)
            if (strcmp((*set)->name, name) == 0)
                return *set;
    return NULL;
}

struct record *model_record(const struct description *description, const char *name)
{
    VECTOR_FOR_EACH (&description->objects, struct object *, object)
        VECTOR_FOR_EACH (&(*object)->records, struct record *, record)
            if (strcmp((*record)->name, name) == 0)
                return *record;
    return NULL;
}

const struct permission *model_permission(const struct description *description, const char *name)
{
    VECTOR_FOR_EACH (&description->permissions, struct permission, permission) {
        size_t length = strlen(permission->object);
        if (strncmp(name, permission->object, length) == 0 && name[length] == ':' &&
            strcmp(name + length + 1, permission->name) == 0)
            return permission;
    }
    return NULL;
}

unsigned model_permission_index(const struct description *description,
                                const struct permission *permission)
{
    return (unsigned)(permission - (const struct permission *)description->permissions.items);
}

const struct member *model_argument(const struct method *method, const char *name)
{
    VECTOR_FOR_EACH (&method->arguments, struct member, argument)
        if (strcmp(argument->name, name) == 0)
            return argument;
    return NULL;
}

const struct value *set_value(const struct set *set, const char *name)
{
    VECTOR_FOR_EACH (&set->values, struct value, value)
        if (strcmp(value->name, name) == 0)
            return value;
    return NULL;
}

uint32_t member_flag_mask(const struct member *member)
{
    uint32_t mask = 0;
    VECTOR_FOR_EACH (&member->sets, struct set *, set)
        VECTOR_FOR_EACH (&(*set)->values, struct value, value)
            mask |= (uint32_t)value->number;
    return mask;
}

bool method_in_table(const struct method *method)
{
    return method->slot < SLOT_CORE;
}
