/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a description must fulfil beyond its vocabulary: words, bounds and permissions that are
 * there, numbers that do not clash. Each fault is reported where it stands. */
#include "model.h"

#include <base/buffer.h>
#include <base/string.h>

#define RESULTS_MAX 4           /* METHOD_RESULTS_MAX of base/method.h */
#define RECORD_IN_PLACE_MAX 512 /* union result_slot of base/method.h */

static bool is_one_of(const char *word, const char *const *words)
{
    for (; *words; words++)
        if (strcmp(*words, word) == 0)
            return true;
    return false;
}

static bool check_word(struct report *faults, const struct method *method, const char *attribute,
                       const char *word, const char *const *words)
{
    if (is_one_of(word, words))
        return true;
    auto_buffer known = BUFFER_INIT;
    for (; *words; words++)
        buffer_add_format(&known, " %s", *words);
    return report(faults, &method->at, "method '%s' has %s=\"%s\"; expected one of:%s",
                  method->name, attribute, word, known.data);
}

static bool check_doc(struct report *faults, const struct place *at, const char *doc,
                      const char *what, const char *name)
{
    if (doc && strstr(doc, "*/"))
        return report(faults, at, "the words of %s '%s' end a C comment; leave out the */", what,
                      name);
    if (doc)
        return true;
    return report(faults, at, "%s '%s' is not documented; say in words what it is", what, name);
}

/* Names become identifiers of C and C++. */
static bool check_identifier(struct report *faults, const struct place *at, const char *name)
{
    static const char *const reserved[] = {
        "auto",      "bool",     "break",   "case",      "catch",  "char",     "class",   "const",
        "default",   "do",       "double",  "else",      "enum",   "extern",   "false",   "float",
        "for",       "friend",   "goto",    "if",        "inline", "int",      "long",    "mutable",
        "namespace", "operator", "private", "protected", "public", "register", "return",  "short",
        "signed",    "sizeof",   "static",  "struct",    "switch", "template", "this",    "throw",
        "true",      "try",      "typedef", "typename",  "union",  "unsigned", "virtual", "void",
        "volatile",  "while",    NULL};
    static const char letters[] = "abcdefghijklmnopqrstuvwxyz_0123456789";
    if (name[strspn(name, letters)] || strchr("_0123456789", name[0]))
        return report(faults, at, "'%s' is no name; expected lower-case letters, digits and '_'",
                      name);
    if (is_one_of(name, reserved))
        return report(faults, at, "'%s' is a word of C or C++; choose another name", name);
    return true;
}

/* ---- members -------------------------------------------------------------------------------- */

static bool check_bound(struct report *faults, const struct member *member)
{
    const struct type_info *info = type_info(member->type);
    if (info->bound == BOUND_LENGTH && !member->has_max)
        return report(faults, &member->at,
                      "'%s' is a %s without a bound; add max=\"…\" with a number or the name of a "
                      "<limit>",
                      member->name, info->name);
    if (info->bound == BOUND_NONE && member->type != TYPE_PAD &&
        (member->has_max || member->has_min))
        return report(faults, &member->at, "'%s' is a %s, which has no bounds; remove min and max",
                      member->name, info->name);
    return true;
}

static bool check_flag_clash(struct report *faults, const struct member *member)
{
    uint32_t seen = 0;
    VECTOR_FOR_EACH (&member->sets, struct set *, set)
        VECTOR_FOR_EACH (&(*set)->values, struct value, value) {
            if (seen & (uint32_t)value->number)
                return report(faults, &member->at,
                              "flag %s of set '%s' has a bit that another set of '%s' uses; the "
                              "sets cannot be combined",
                              value->name, (*set)->name, member->name);
            seen |= (uint32_t)value->number;
        }
    return true;
}

static bool check_member_sets(struct report *faults, const struct member *member)
{
    enum set_kind expected = member->type == TYPE_FLAGS    ? SET_FLAGS
                             : member->type == TYPE_PARAMS ? SET_NAMES
                                                           : SET_ENUM;
    VECTOR_FOR_EACH (&member->sets, struct set *, set)
        if ((*set)->kind != expected)
            return report(faults, &member->at, "set '%s' does not fit '%s'; expected %s",
                          (*set)->name, member->name,
                          expected == SET_FLAGS   ? "a <flagset>"
                          : expected == SET_NAMES ? "<names>"
                                                  : "an <enum>");
    return member->type == TYPE_FLAGS ? check_flag_clash(faults, member) : true;
}

static bool check_member(struct report *faults, const struct member *member, const char *what)
{
    bool good = check_doc(faults, &member->at, member->doc, what, member->name);
    good = check_identifier(faults, &member->at, member->name) && good;
    good = check_bound(faults, member) && good;
    return check_member_sets(faults, member) && good;
}

static bool check_twins(struct report *faults, const struct vector *members)
{
    VECTOR_FOR_EACH (members, struct member, member)
        for (const struct member *other = members->items; other < member; other++)
            if (strcmp(other->name, member->name) == 0)
                return report(faults, &member->at, "'%s' stands here twice; rename one",
                              member->name);
    return true;
}

/* ---- records and sets ----------------------------------------------------------------------- */

static bool check_record(struct report *faults, const struct record *record)
{
    bool good = check_twins(faults, &record->members);
    if (!record->payload)
        good = check_doc(faults, &record->at, record->doc, "record", record->name) && good;
    VECTOR_FOR_EACH (&record->members, struct member, member) {
        good = check_member(faults, member, "member") && good;
        if (!type_info(member->type)->member && !type_info(member->type)->argument)
            good = report(faults, &member->at, "a record cannot hold a %s",
                          type_info(member->type)->name);
    }
    return good;
}

/* Values become constants of every program that includes a header. */
static bool check_constant(struct report *faults, const struct value *value)
{
    static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ_0123456789";
    if (string_starts_with(value->c_name, "HVK_") && !value->c_name[strspn(value->c_name, letters)])
        return true;
    return report(faults, &value->at,
                  "'%s' is no name of a constant; expected HVK_ and capital letters, digits and "
                  "'_'",
                  value->c_name);
}

static bool check_value(struct report *faults, const struct set *set, const struct value *value)
{
    bool good = check_doc(faults, &value->at, value->doc, "value", value->c_name);
    good = check_constant(faults, value) && good;
    uint32_t number = (uint32_t)value->number;
    if (set->kind == SET_NAMES && strpbrk(value->text, "\"\\"))
        good = report(faults, &value->at, "the name of %s has a quote or a backslash in it",
                      value->c_name);
    if (set->kind == SET_FLAGS && (value->number < 0 || (number & (number - 1))))
        good = report(faults, &value->at, "flag %s is not one bit", value->c_name);
    for (const struct value *other = set->values.items; other < value; other++)
        if (strcmp(other->name, value->name) == 0 ||
            (set->kind == SET_NAMES ? strcmp(other->text, value->text) == 0
                                    : other->number == value->number))
            good = report(faults, &value->at, "%s has the name or the value of %s; change one",
                          value->c_name, other->c_name);
    return good;
}

static bool check_set(struct report *faults, const struct set *set)
{
    bool good = check_doc(faults, &set->at, set->doc, "set", set->name);
    VECTOR_FOR_EACH (&set->values, struct value, value)
        good = check_value(faults, set, value) && good;
    return good;
}

/* ---- methods -------------------------------------------------------------------------------- */

static bool check_method_words(struct report *faults, const struct method *method)
{
    static const char *const classes[] = {"instant", "blocking", "long", NULL};
    static const char *const lanes[] = {"self", "node", "control", "loop", NULL};
    static const char *const sources[] = {"driver", "fallback", "published", "core", NULL};
    static const char *const subjects[] = {"connection", "argument", "content", "result", NULL};
    bool good = check_word(faults, method, "class", method->class, classes);
    good = check_word(faults, method, "lane", method->lane, lanes) && good;
    good = check_word(faults, method, "source", method->source, sources) && good;
    return check_word(faults, method, "subject", method->subject, subjects) && good;
}

static bool check_method_slot(struct report *faults, const struct method *method)
{
    bool core = strcmp(method->source, "core") == 0;
    if (core == method_in_table(method))
        return report(faults, &method->at,
                      "method '%s' has slot %u; a method of the core has one from %d on, any other "
                      "one below it",
                      method->name, method->slot, SLOT_CORE);
    return true;
}

static bool check_method_permits(struct report *faults, const struct method *method)
{
    bool always = method->open || method->internal;
    VECTOR_FOR_EACH (&method->permits, struct permit, permit)
        always = always || (!permit->any && !permit->none);
    if (!always)
        return report(faults, &method->at,
                      "method '%s' needs no permission in some case; add <permit need=\"…\"/> "
                      "without any= and none=",
                      method->name);
    return true;
}

static bool check_method_results(struct report *faults, const struct method *method)
{
    if (method->results.count > RESULTS_MAX)
        return report(faults, &method->at, "method '%s' has more than %d results; make a record",
                      method->name, RESULTS_MAX);
    bool good = true;
    VECTOR_FOR_EACH (&method->results, struct member, result) {
        if (!type_info(result->type)->result)
            good = report(faults, &result->at, "a %s cannot be a result",
                          type_info(result->type)->name);
        if (result->type == TYPE_RECORD && result->record->in_place &&
            result->record->size > RECORD_IN_PLACE_MAX)
            good = report(faults, &result->at,
                          "record '%s' has %u bytes, at most %d fit a result; use strings instead "
                          "of chars",
                          result->record->name, result->record->size, RECORD_IN_PLACE_MAX);
    }
    return good;
}

static bool check_method_members(struct report *faults, const struct method *method)
{
    bool good = check_twins(faults, &method->arguments) && check_twins(faults, &method->results);
    VECTOR_FOR_EACH (&method->arguments, struct member, argument) {
        good = check_member(faults, argument, "argument") && good;
        if (!type_info(argument->type)->argument)
            good = report(faults, &argument->at, "a %s cannot be an argument",
                          type_info(argument->type)->name);
    }
    VECTOR_FOR_EACH (&method->results, struct member, result)
        good = check_member(faults, result, "result") && good;
    return good;
}

static bool check_method(struct report *faults, const struct method *method)
{
    bool good = check_doc(faults, &method->at, method->doc, "method", method->name);
    good = check_identifier(faults, &method->at, method->name) && good;
    good = check_method_words(faults, method) && good;
    good = check_method_slot(faults, method) && good;
    good = check_method_permits(faults, method) && good;
    good = check_method_results(faults, method) && good;
    good = check_method_members(faults, method) && good;
    if (strcmp(method->subject, "content") == 0 && !method->identify)
        good = report(faults, &method->at,
                      "method '%s' names its object inside its content, but '%s' has no method "
                      "'%s'; describe it (internal=\"yes\")",
                      method->name, method->object->name, method->identify_name);
    return good;
}

/* Methods are sorted by slot. */
static bool check_slots(struct report *faults, const struct object *object)
{
    bool good = true;
    struct method **methods = object->methods.items;
    for (size_t i = 1; i < object->methods.count; i++)
        if (methods[i]->slot == methods[i - 1]->slot)
            good = report(faults, &methods[i]->at,
                          "method '%s' has slot %u of '%s' (%s:%u); give it one that was never "
                          "used",
                          methods[i]->name, methods[i]->slot, methods[i - 1]->name,
                          methods[i - 1]->at.file, methods[i - 1]->at.line);
    return good;
}

/* Methods and views share one name space: both become public functions. */
static bool check_names(struct report *faults, const struct object *object)
{
    bool good = true;
    VECTOR_FOR_EACH (&object->methods, struct method *, method)
        for (struct method **other = object->methods.items; other < method; other++)
            if (strcmp((*other)->name, (*method)->name) == 0)
                good = report(faults, &(*method)->at, "method '%s' is described twice",
                              (*method)->name);
    VECTOR_FOR_EACH (&object->views, struct view, view) {
        good = check_doc(faults, &view->at, view->doc, "view", view->name) && good;
        VECTOR_FOR_EACH (&object->methods, struct method *, method)
            if (strcmp((*method)->name, view->name) == 0)
                good = report(faults, &view->at, "view '%s' has the name of a method", view->name);
    }
    return good;
}

static bool check_events(struct report *faults, const struct object *object)
{
    bool good = true;
    VECTOR_FOR_EACH (&object->events, struct event *, event) {
        good = check_doc(faults, &(*event)->at, (*event)->doc, "event", (*event)->name) && good;
        if (!(*event)->permission)
            good =
                report(faults, &(*event)->at,
                       "event '%s' needs no permission; add <permit need=\"…\"/>", (*event)->name);
        for (struct event **other = object->events.items; other < event; other++)
            if ((*other)->id == (*event)->id)
                good = report(faults, &(*event)->at, "event '%s' has id %u of '%s'", (*event)->name,
                              (*event)->id, (*other)->name);
    }
    return good;
}

static bool check_object(struct report *faults, const struct object *object)
{
    bool good = check_doc(faults, &object->at, object->doc, "object", object->name);
    if (!object->table)
        good = report(faults, &object->at,
                      "object '%s' has only parts; one file must name its "
                      "table=\"…\" and kind=\"…\"",
                      object->name);
    VECTOR_FOR_EACH (&object->sets, struct set *, set)
        good = check_set(faults, *set) && good;
    VECTOR_FOR_EACH (&object->records, struct record *, record)
        good = check_record(faults, *record) && good;
    VECTOR_FOR_EACH (&object->methods, struct method *, method)
        good = check_method(faults, *method) && good;
    good = check_slots(faults, object) && good;
    good = check_names(faults, object) && good;
    return check_events(faults, object) && good;
}

/* ---- what is common ------------------------------------------------------------------------- */

static bool check_limits(struct report *faults, const struct vector *limits)
{
    bool good = true;
    VECTOR_FOR_EACH (limits, struct limit, limit)
        for (const struct limit *other = limits->items; other < limit; other++)
            if (strcmp(other->name, limit->name) == 0)
                good = report(faults, &limit->at, "<limit> '%s' is described twice", limit->name);
    return good;
}

static bool check_permissions(struct report *faults, const struct vector *permissions)
{
    bool good = true;
    VECTOR_FOR_EACH (permissions, struct permission, permission) {
        good = check_identifier(faults, &permission->at, permission->name) && good;
        for (const struct permission *other = permissions->items; other < permission; other++)
            if (strcmp(other->object, permission->object) == 0 &&
                strcmp(other->name, permission->name) == 0)
                good = report(faults, &permission->at, "permission '%s:%s' is described twice",
                              permission->object, permission->name);
    }
    return good;
}

bool check_description(struct description *description)
{
    bool good = check_limits(description->faults, &description->limits);
    good = check_permissions(description->faults, &description->permissions) && good;
    VECTOR_FOR_EACH (&description->objects, struct object *, object)
        good = check_object(description->faults, *object) && good;
    return good;
}
