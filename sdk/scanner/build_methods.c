/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Methods, what they need, how they look on the wire, and views of them. */
#include "build.h"

#include <base/string.h>

/* ---- flags by name -------------------------------------------------------------------------- */

static const struct value *value_in_sets(const struct member *member, const char *name)
{
    VECTOR_FOR_EACH (&member->sets, struct set *, set) {
        const struct value *value = set_value(*set, name);
        if (value)
            return value;
    }
    return NULL;
}

bool build_mask(struct description *description, const struct attribute *attribute,
                const struct member *member, uint32_t *out_mask)
{
    const char *words[WORDS_MAX];
    size_t count = split_words(description->arena, attribute ? attribute->value : NULL, words);
    *out_mask = 0;
    for (size_t i = 0; i < count; i++) {
        const struct value *value = member ? value_in_sets(member, words[i]) : NULL;
        if (!value && strcmp(words[i], "0") != 0)
            return report(description->faults, &attribute->at,
                          "'%s' is not among the flags of this method; expected a short name from "
                          "its sets",
                          words[i]);
        *out_mask |= value ? (uint32_t)value->number : 0;
    }
    return true;
}

/* ---- permissions ---------------------------------------------------------------------------- */

bool build_rule(struct description *description, struct object *object, const struct node *node)
{
    struct permit_rule *rule =
        arena_add(description->arena, &object->rules, sizeof(struct permit_rule));
    *rule = (struct permit_rule){node->at, node_get(node, "name"), node};
    return true;
}

static const struct node *find_rule(const struct object *object, const char *name)
{
    VECTOR_FOR_EACH (&object->rules, struct permit_rule, rule)
        if (strcmp(rule->name, name) == 0)
            return rule->node;
    return NULL;
}

static const struct permission *parse_permission(struct description *description,
                                                 const struct attribute *attribute)
{
    const struct permission *permission = model_permission(description, attribute->value);
    if (!permission)
        report(description->faults, &attribute->at,
               "unknown permission '%s'; expected object:name of a <permission>", attribute->value);
    return permission;
}

static bool build_need(struct description *description, const struct node *node,
                       const struct method *method, struct vector *permits)
{
    if (strcmp(node_get(node, "need"), "none") == 0)
        return true;
    const char *name = node_get(node, "arg");
    const struct member *argument = method ? model_argument(method, name ? name : "flags") : NULL;
    struct permit permit = {.at = node->at, .argument = name};
    if (name && !argument)
        return report(description->faults, &node_attribute(node, "arg")->at,
                      "this method has no argument '%s'", name);
    permit.permission = parse_permission(description, node_attribute(node, "need"));
    bool good = permit.permission != NULL;
    good = build_mask(description, node_attribute(node, "any"), argument, &permit.any) && good;
    good = build_mask(description, node_attribute(node, "none"), argument, &permit.none) && good;
    *(struct permit *)arena_add(description->arena, permits, sizeof permit) = permit;
    return good;
}

static bool build_permit(struct description *description, struct object *object,
                         const struct node *node, const struct method *method,
                         struct vector *permits, const struct permission **out_each)
{
    const char *rule = node_get(node, "rule");
    if (rule) {
        const struct node *found = find_rule(object, rule);
        return found ? build_permits(description, object, found, method, permits, out_each)
                     : report(description->faults, &node->at, "unknown rule '%s'", rule);
    }
    if (!node_get(node, "need") && !node_get(node, "each"))
        return report(description->faults, &node->at,
                      "<permit> says nothing; expected need=, each= or rule=");
    bool good = true;
    if (node_get(node, "each")) {
        *out_each = parse_permission(description, node_attribute(node, "each"));
        good = *out_each != NULL;
    }
    if (node_get(node, "need"))
        good = build_need(description, node, method, permits) && good;
    return good;
}

bool build_permits(struct description *description, struct object *object,
                   const struct node *parent, const struct method *method, struct vector *permits,
                   const struct permission **out_each)
{
    bool good = true;
    NODE_FOR_EACH (parent, child)
        if (strcmp(child->name, "permit") == 0)
            good = build_permit(description, object, child, method, permits, out_each) && good;
    return good;
}

/* ---- the wire ------------------------------------------------------------------------------- */

static void build_wire_parts(struct description *description, const struct node *node,
                             struct wire *wire)
{
    static const struct {
        const char *element;
        const char *from;
        const char *to;
        enum wire_part_kind kind;
    } parts[] = {{"fix", "arg", "value", WIRE_FIX},
                 {"fold", "arg", "param", WIRE_FOLD},
                 {"project", "field", "param", WIRE_PROJECT}};
    NODE_FOR_EACH (node, child)
        for (size_t i = 0; i < ARRAY_SIZE(parts); i++)
            if (strcmp(parts[i].element, child->name) == 0)
                *(struct wire_part *)arena_add(description->arena, &wire->parts,
                                               sizeof(struct wire_part)) = (struct wire_part){
                    parts[i].kind, node_get(child, parts[i].from), node_get(child, parts[i].to)};
}

static bool build_wire(struct description *description, const struct node *node,
                       const struct method *method, struct vector *wires)
{
    uint64_t procedure = 0;
    struct wire *wire = arena_add(description->arena, wires, sizeof(struct wire));
    const char *program = node_get(node, "program");
    const struct member *flags = method ? model_argument(method, "flags") : NULL;
    *wire = (struct wire){.at = node->at,
                          .program = program ? program : "remote",
                          .view = node_get(node, "view"),
                          .result = node_get(node, "result"),
                          .order = node_get(node, "order"),
                          .has_flags = node_get(node, "flags") != NULL};
    bool good =
        parse_unsigned(description, node, method ? "procedure" : "message", UINT16_MAX, &procedure);
    wire->procedure = (uint32_t)procedure;
    build_wire_parts(description, node, wire);
    return build_mask(description, node_attribute(node, "flags"), flags, &wire->flags) && good;
}

bool build_wires(struct description *description, const struct node *parent,
                 const struct method *method, struct vector *wires)
{
    bool good = true;
    NODE_FOR_EACH (parent, child)
        if (strcmp(child->name, "wire") == 0)
            good = build_wire(description, child, method, wires) && good;
    return good;
}

/* ---- methods -------------------------------------------------------------------------------- */

/* Every method that is not static is about its object: the first argument. */
static void add_subject(struct description *description, struct method *method)
{
    if (method->is_static || !method->object->value)
        return;
    struct member *subject = arena_add(description->arena, &method->arguments, sizeof *subject);
    *subject = (struct member){
        .at = method->at,
        .name = method->object->value->c_name,
        .type = TYPE_RECORD,
        .of = method->object->value->name,
        .record = method->object->value,
        .key = true,
        .doc = "found by its uuid, or by its name where the uuid is all zero",
        .since = 1,
    };
}

static bool add_children(struct description *description, const struct node *node,
                         const char *element, struct vector *members)
{
    bool good = true;
    NODE_FOR_EACH (node, child)
        if (strcmp(child->name, element) == 0) {
            struct member *member = arena_add(description->arena, members, sizeof(struct member));
            good = (strcmp(element, "flags") == 0 ? build_flags : build_member)(description, child,
                                                                                member) &&
                   good;
        }
    return good;
}

static const char *derive_subject(const struct method *method, const struct node *node)
{
    if (node_get(node, "subject"))
        return node_get(node, "subject");
    VECTOR_FOR_EACH (&method->arguments, struct member, argument) {
        if (argument->content)
            return "content";
        if (argument->key)
            return "argument";
    }
    return "connection";
}

static bool build_read_only(struct description *description, const struct node *node,
                            struct method *method)
{
    method->read_only = parse_yes(node, "readonly");
    method->read_only_argument = node_get(node, "readonly-arg");
    const char *name = method->read_only_argument ? method->read_only_argument : "flags";
    return build_mask(description, node_attribute(node, "readonly-not"),
                      model_argument(method, name), &method->read_only_not);
}

bool build_method(struct description *description, struct object *object, const struct node *node)
{
    uint64_t slot = 0;
    const char *source = node_get(node, "source");
    const char *identify = node_get(node, "identify");
    struct method *method = arena_alloc(description->arena, sizeof *method);
    *method = (struct method){
        .at = node->at,
        .object = object,
        .name = node_get(node, "name"),
        .doc = node_doc(node),
        .class = node_get(node, "class"),
        .lane = node_get(node, "lane"),
        .source = source ? source : "driver",
        .custom = node_get(node, "custom"),
        .identify_name = identify ? identify : "identify",
        .is_static = parse_yes(node, "static"),
        .internal = parse_yes(node, "internal"),
        .sensitive = parse_yes(node, "sensitive"),
        .since = parse_since(description, node),
    };
    *(struct method **)arena_add(description->arena, &object->methods, sizeof method) = method;
    add_subject(description, method);
    bool good = parse_unsigned(description, node, "slot", SLOT_MAX - 1, &slot);
    method->slot = (unsigned)slot;
    good = add_children(description, node, "arg", &method->arguments) && good;
    good = add_children(description, node, "flags", &method->arguments) && good;
    good = add_children(description, node, "result", &method->results) && good;
    method->subject = derive_subject(method, node);
    good = build_read_only(description, node, method) && good;
    good =
        build_permits(description, object, node, method, &method->permits, &method->each) && good;
    method->open = method->permits.count == 0 && node_child(node, "permit") &&
                   string_equal(node_get(node_child(node, "permit"), "need"), "none");
    return build_wires(description, node, method, &method->wires) && good;
}

static int compare_slots(const void *a, const void *b)
{
    const struct method *left = *(const struct method *const *)a;
    const struct method *right = *(const struct method *const *)b;
    return (left->slot > right->slot) - (left->slot < right->slot);
}

static const struct method *find_method(const struct object *object, const char *name)
{
    VECTOR_FOR_EACH (&object->methods, struct method *, method)
        if (strcmp((*method)->name, name) == 0)
            return *method;
    return NULL;
}

void model_sort_methods(struct description *description)
{
    VECTOR_FOR_EACH (&description->objects, struct object *, object) {
        struct vector *methods = &(*object)->methods;
        if (methods->count)
            qsort(methods->items, methods->count, sizeof(struct method *), compare_slots);
        VECTOR_FOR_EACH (methods, struct method *, method)
            if (strcmp((*method)->subject, "content") == 0)
                (*method)->identify = find_method(*object, (*method)->identify_name);
    }
}

/* ---- views ---------------------------------------------------------------------------------- */

static const struct member *find_record_member(const struct record *record, const char *name)
{
    VECTOR_FOR_EACH (&record->members, struct member, member)
        if (strcmp(member->name, name) == 0)
            return member;
    return NULL;
}

bool build_view(struct description *description, struct object *object, const struct node *node)
{
    struct view *view = arena_add(description->arena, &object->views, sizeof(struct view));
    *view = (struct view){.at = node->at,
                          .name = node_get(node, "name"),
                          .doc = node_doc(node),
                          .method = find_method(object, node_get(node, "of")),
                          .since = parse_since(description, node)};
    const struct member *result =
        view->method && view->method->results.count == 1 ? view->method->results.items : NULL;
    if (!result || !result->record || !result->record->in_place)
        return report(description->faults, &node_attribute(node, "of")->at,
                      "a view needs a method whose one result is a record of plain members; '%s' "
                      "is none",
                      node_get(node, "of"));
    const char *words[WORDS_MAX];
    size_t count = split_words(description->arena, node_get(node, "members"), words);
    for (size_t i = 0; i < count; i++) {
        const struct member *member = find_record_member(result->record, words[i]);
        if (!member)
            return report(description->faults, &node_attribute(node, "members")->at,
                          "record '%s' has no member '%s'", result->record->name, words[i]);
        *(const struct member **)arena_add(description->arena, &view->members, sizeof member) =
            member;
    }
    return true;
}
