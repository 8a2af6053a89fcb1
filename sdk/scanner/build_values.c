/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Enums, flag sets, parameter names, records and their members. */
#include "build.h"

#include <base/string.h>

size_t split_words(struct arena *arena, const char *words, const char *out_words[WORDS_MAX])
{
    size_t count = 0;
    while (words && *words && count < WORDS_MAX) {
        size_t length = strcspn(words, " ");
        if (length)
            out_words[count++] = arena_copy(arena, words, length);
        words += length + (words[length] == ' ');
    }
    return count;
}

/* ---- sets ----------------------------------------------------------------------------------- */

/* Numbers may be written 1<<4 as well. */
static bool parse_number(const char *text, int64_t *out_number)
{
    uint64_t bit;
    if (string_starts_with(text, "1<<") && string_to_u64(text + 3, 0, 31, &bit)) {
        *out_number = (int64_t)(UINT64_C(1) << bit);
        return true;
    }
    return string_to_i64(text, INT32_MIN, UINT32_MAX, out_number);
}

static bool build_value(struct description *description, struct set *set, const struct node *node)
{
    struct value *value = arena_add(description->arena, &set->values, sizeof *value);
    *value = (struct value){
        .at = node->at,
        .name = node_get(node, "name"),
        .c_name = arena_format(description->arena, "%s%s", set->prefix, node_get(node, "name")),
        .text = node_get(node, "value"),
        .since = parse_since(description, node),
        .doc = node->text,
    };
    if (set->kind == SET_NAMES || parse_number(value->text, &value->number))
        return true;
    return report(description->faults, &node_attribute(node, "value")->at,
                  "'%s' is no number; expected a decimal one, 0x… or 1<<N", value->text);
}

static bool build_set(struct description *description, struct object *object,
                      const struct node *node, enum set_kind kind)
{
    const char *name = node_get(node, "name");
    const struct set *twin = model_set(description, name);
    if (twin)
        return report(description->faults, &node->at,
                      "'%s' is described twice, first at %s:%u; rename one", name, twin->at.file,
                      twin->at.line);
    struct set *set = arena_alloc(description->arena, sizeof *set);
    *set = (struct set){
        .at = node->at,
        .name = name,
        .c_name = c_name(description->arena, name),
        .prefix = node_get(node, "prefix"),
        .kind = kind,
        .doc = node_doc(node),
    };
    *(struct set **)arena_add(description->arena, &object->sets, sizeof set) = set;
    bool good = true;
    NODE_FOR_EACH (node, child)
        if (strcmp(child->name, "doc") != 0)
            good = build_value(description, set, child) && good;
    return good;
}

bool build_enum(struct description *description, struct object *object, const struct node *node)
{
    return build_set(description, object, node, SET_ENUM);
}

bool build_flagset(struct description *description, struct object *object, const struct node *node)
{
    return build_set(description, object, node, SET_FLAGS);
}

bool build_names(struct description *description, struct object *object, const struct node *node)
{
    return build_set(description, object, node, SET_NAMES);
}

/* ---- members -------------------------------------------------------------------------------- */

/* A bound is a number, or the name of a <limit>. */
static bool parse_max(struct description *description, const struct node *node,
                      struct member *member)
{
    const struct attribute *attribute = node_attribute(node, "max");
    if (!attribute)
        return true;
    member->has_max = true;
    if (string_to_u64(attribute->value, 0, UINT64_MAX, &member->max))
        return true;
    VECTOR_FOR_EACH (&description->limits, struct limit, limit)
        if (strcmp(limit->name, attribute->value) == 0) {
            member->max = limit->value;
            return true;
        }
    return report(description->faults, &attribute->at,
                  "unknown bound '%s'; expected a number or the name of a <limit>",
                  attribute->value);
}

static bool parse_min(struct description *description, const struct node *node,
                      struct member *member)
{
    const struct attribute *attribute = node_attribute(node, "min");
    if (!attribute)
        return true;
    member->has_min = true;
    if (string_to_i64(attribute->value, INT64_MIN, INT64_MAX, &member->min))
        return true;
    return report(description->faults, &attribute->at, "'%s' is no number", attribute->value);
}

static bool resolve_record(struct description *description, const struct node *node,
                           struct member *member)
{
    if (member->type != TYPE_RECORD && member->type != TYPE_RECORDS)
        return true;
    member->record = member->of ? model_record(description, member->of) : NULL;
    if (member->record)
        return true;
    const struct attribute *of = node_attribute(node, "of");
    return report(description->faults, of ? &of->at : &node->at,
                  "unknown record '%s'; expected of=\"…\" with the name of a <record>",
                  member->of ? member->of : "");
}

static bool resolve_sets(struct description *description, const struct node *node,
                         struct member *member)
{
    const char *words[WORDS_MAX];
    size_t count = split_words(description->arena, node_get(node, "set"), words);
    for (size_t i = 0; i < count; i++) {
        const struct set *set = model_set(description, words[i]);
        if (!set)
            return report(description->faults, &node_attribute(node, "set")->at,
                          "unknown set '%s'; expected the name of an <enum>, <flagset> or <names>",
                          words[i]);
        *(const struct set **)arena_add(description->arena, &member->sets, sizeof set) = set;
    }
    member->set = count ? *(struct set **)member->sets.items : NULL;
    return true;
}

bool build_flags(struct description *description, const struct node *node,
                 struct member *out_member)
{
    *out_member = (struct member){
        .at = node->at, .name = "flags", .type = TYPE_FLAGS, .doc = "none is known: 0", .since = 1};
    return resolve_sets(description, node, out_member);
}

bool build_member(struct description *description, const struct node *node,
                  struct member *out_member)
{
    *out_member = (struct member){
        .at = node->at,
        .name = node_get(node, "name"),
        .of = node_get(node, "of"),
        .optional = parse_yes(node, "optional"),
        .content = parse_yes(node, "content"),
        .key = parse_yes(node, "key"),
        .query = node_get(node, "query"),
        .encode = node_get(node, "encode"),
        .doc = doc_or_term(description, node),
        .since = parse_since(description, node),
    };
    if (!type_parse(node_get(node, "type"), out_member->of, &out_member->type) ||
        out_member->type == TYPE_PAD)
        return report(description->faults, &node_attribute(node, "type")->at,
                      "unknown type '%s'; expected bool, int32, uint32, int64, uint64, double, "
                      "flags, chars, string, uuid, bytes, params, record, list (with of=), fds or "
                      "stream",
                      node_get(node, "type"));
    bool good = parse_max(description, node, out_member);
    good = parse_min(description, node, out_member) && good;
    good = resolve_record(description, node, out_member) && good;
    return resolve_sets(description, node, out_member) && good;
}

/* ---- records -------------------------------------------------------------------------------- */

static struct record *new_record(struct description *description, struct object *object,
                                 const char *name, const struct node *node)
{
    struct record *record = arena_alloc(description->arena, sizeof *record);
    *record = (struct record){
        .at = node->at,
        .object = object,
        .name = name,
        .c_name = c_name(description->arena, name),
        .doc = node_doc(node),
    };
    *(struct record **)arena_add(description->arena, &object->records, sizeof record) = record;
    return record;
}

bool build_record(struct description *description, struct object *object, const struct node *node)
{
    const char *name = node_get(node, "name");
    const struct record *twin = model_record(description, name);
    if (twin)
        return report(description->faults, &node->at,
                      "record '%s' is described twice, first at %s:%u; rename one", name,
                      twin->at.file, twin->at.line);
    new_record(description, object, name, node);
    return true;
}

static bool build_pad(struct description *description, const struct node *node,
                      struct record *record)
{
    size_t pads = 0;
    VECTOR_FOR_EACH (&record->members, struct member, member)
        pads += member->type == TYPE_PAD;
    struct member *pad = arena_add(description->arena, &record->members, sizeof *pad);
    *pad = (struct member){
        .at = node->at,
        .name = arena_format(description->arena, pads ? "reserved%zu" : "reserved", pads + 1),
        .type = TYPE_PAD,
        .doc = "0",
        .since = parse_since(description, node),
    };
    return parse_unsigned(description, node, "size", 64, &pad->max);
}

static bool add_members(struct description *description, const struct node *node,
                        const char *element, struct record *record)
{
    bool good = true;
    NODE_FOR_EACH (node, child) {
        if (strcmp(child->name, "pad") == 0)
            good = build_pad(description, child, record) && good;
        if (strcmp(child->name, element) == 0)
            good = build_member(
                       description, child,
                       arena_add(description->arena, &record->members, sizeof(struct member))) &&
                   good;
    }
    return good && layout_record(description, record);
}

bool build_record_members(struct description *description, struct object *object,
                          const struct node *node)
{
    (void)object;
    return add_members(description, node, "field",
                       model_record(description, node_get(node, "name")));
}

static bool has_argument(const struct node *node)
{
    return node_child(node, "arg") != NULL;
}

bool build_event(struct description *description, struct object *object, const struct node *node)
{
    uint64_t id = 0;
    struct event *event = arena_alloc(description->arena, sizeof *event);
    *event = (struct event){.at = node->at,
                            .object = object,
                            .name = node_get(node, "name"),
                            .doc = node_doc(node),
                            .since = parse_since(description, node)};
    *(struct event **)arena_add(description->arena, &object->events, sizeof event) = event;
    bool good = parse_unsigned(description, node, "id", UINT16_MAX, &id);
    event->id = (uint32_t)id;
    if (has_argument(node)) {
        const char *name =
            arena_format(description->arena, "event-%s-%s", object->name, event->name);
        event->payload = new_record(description, object, name, node);
        event->payload->payload = true;
        good = add_members(description, node, "arg", event->payload) && good;
    }
    struct vector permits = {0};
    good = build_permits(description, object, node, NULL, &permits, &event->each) && good;
    if (permits.count)
        event->permission = ((const struct permit *)permits.items)->permission;
    return build_wires(description, node, NULL, &event->wires) && good;
}
