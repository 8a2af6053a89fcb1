/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The vocabulary of sdk/api as one table; docs/GENERATED.md explains the words. */
#include "schema.h"

#include <base/string.h>

enum text_rule { TEXT_NONE, TEXT_MAY, TEXT_MUST };

/* Words are separated by single blanks. */
struct element {
    const char *name;
    const char *required;
    const char *optional;
    const char *children;
    enum text_rule text;
};

static const struct element elements[] = {
    {"common", "", "date", "limit term permission", TEXT_NONE},
    {"limit", "name value", "", "", TEXT_MUST},
    {"term", "name", "", "", TEXT_MUST},
    {"permission", "object name", "readonly", "", TEXT_MUST},
    {"object", "name", "table kind value part",
     "doc enum flagset names record rule method view event", TEXT_NONE},
    {"doc", "", "", "", TEXT_MUST},
    {"enum", "name prefix", "", "doc value", TEXT_NONE},
    {"flagset", "name prefix", "", "doc flag", TEXT_NONE},
    {"names", "name prefix", "", "doc name", TEXT_NONE},
    {"value", "name value", "since", "", TEXT_MAY},
    {"flag", "name value", "since", "", TEXT_MAY},
    {"name", "name value", "since", "", TEXT_MAY},
    {"record", "name", "since", "doc field pad", TEXT_NONE},
    {"field", "name type", "of max min set optional since", "", TEXT_MAY},
    {"pad", "size", "since", "", TEXT_NONE},
    {"rule", "name", "", "permit", TEXT_NONE},
    {"permit", "", "need rule each any none arg", "", TEXT_NONE},
    {"method", "name slot class lane since",
     "source readonly readonly-not readonly-arg static internal subject identify custom sensitive",
     "doc arg flags result permit wire", TEXT_NONE},
    {"arg", "name type", "of max min set optional content key encode", "", TEXT_MAY},
    {"flags", "", "set", "", TEXT_NONE},
    {"result", "name type", "of max min set optional query encode", "", TEXT_MAY},
    {"wire", "", "procedure message program view flags result order", "fix fold project",
     TEXT_NONE},
    {"fix", "arg value", "", "", TEXT_NONE},
    {"fold", "arg param", "", "", TEXT_NONE},
    {"project", "field param", "", "", TEXT_NONE},
    {"view", "name of members since", "", "doc", TEXT_NONE},
    {"event", "name id since", "", "doc arg pad permit wire", TEXT_NONE},
};

static const struct element *find_element(const char *name)
{
    for (size_t i = 0; i < ARRAY_SIZE(elements); i++)
        if (strcmp(elements[i].name, name) == 0)
            return &elements[i];
    return NULL;
}

static bool has_word(const char *words, const char *word)
{
    size_t length = strlen(word);
    for (const char *at = words; (at = strstr(at, word)); at += length)
        if ((at == words || at[-1] == ' ') && (at[length] == ' ' || !at[length]))
            return true;
    return false;
}

static bool check_attributes(struct report *faults, const struct node *node,
                             const struct element *element)
{
    bool good = true;
    for (size_t i = 0; i < node->attribute_count; i++) {
        const struct attribute *attribute = &node->attributes[i];
        if (!has_word(element->required, attribute->name) &&
            !has_word(element->optional, attribute->name))
            good = report(faults, &attribute->at,
                          "<%s> has no attribute '%s'; it knows: %s%s%s; correct or remove it",
                          node->name, attribute->name, element->required,
                          *element->required && *element->optional ? " " : "", element->optional);
        else if (!*attribute->value)
            good = report(faults, &attribute->at,
                          "attribute '%s' of <%s> is empty; give it a value or remove it",
                          attribute->name, node->name);
    }
    return good;
}

static bool check_required(struct report *faults, const struct node *node,
                           const struct element *element)
{
    bool good = true;
    char word[32];
    for (const char *at = element->required; *at; at += *at == ' ') {
        size_t length = strcspn(at, " ");
        snprintf(word, sizeof word, "%.*s", (int)length, at);
        at += length;
        if (!node_get(node, word))
            good = report(faults, &node->at, "<%s> lacks its attribute '%s'; add %s=\"…\"",
                          node->name, word, word);
    }
    return good;
}

static bool check_text(struct report *faults, const struct node *node,
                       const struct element *element)
{
    if (node->text && element->text == TEXT_NONE)
        return report(faults, &node->at, "<%s> takes no text; move it into <doc>", node->name);
    if (!node->text && element->text == TEXT_MUST)
        return report(faults, &node->at, "<%s> is empty; say in words what it is", node->name);
    return true;
}

static bool check_node(struct report *faults, const struct node *node,
                       const struct element *element)
{
    bool good = check_attributes(faults, node, element);
    good = check_required(faults, node, element) && good;
    good = check_text(faults, node, element) && good;
    NODE_FOR_EACH (node, child) {
        const struct element *below = find_element(child->name);
        if (!below || !has_word(element->children, child->name))
            good = report(
                faults, &child->at, "<%s> cannot stand in <%s>; expected: %s; correct or remove it",
                child->name, node->name, *element->children ? element->children : "nothing");
        else
            good = check_node(faults, child, below) && good;
    }
    return good;
}

bool schema_check(struct report *faults, const struct node *root)
{
    if (strcmp(root->name, "object") != 0 && strcmp(root->name, "common") != 0)
        return report(faults, &root->at, "a description starts with <object> or <common>, not <%s>",
                      root->name);
    return check_node(faults, root, find_element(root->name));
}
