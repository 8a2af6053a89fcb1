/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "document.h"
#include <base/string.h>
#include <expat.h>

struct parsing {
    XML_Parser parser;
    struct document *document;
    struct element *open; /* the innermost element that has not ended */
    unsigned depth;
    unsigned count;
    const char *refused; /* why parsing was stopped; NULL: it was not */
};

static void stop(struct parsing *parsing, const char *reason)
{
    if (!parsing->refused)
        parsing->refused = reason;
    XML_StopParser(parsing->parser, XML_FALSE);
}

static bool copy_attributes(struct element *element, const char **attributes)
{
    size_t count = 0;

    while (attributes[count])
        count++;
    element->attributes = calloc(count + 1, sizeof(char *));
    for (size_t i = 0; element->attributes && i < count; i++) {
        element->attributes[i] = strdup(attributes[i]);
        if (!element->attributes[i])
            return false;
    }
    return element->attributes != NULL;
}

/* Hangs the element into the tree at once, so that whatever goes wrong later frees it. */
static void insert(struct parsing *parsing, struct element *element)
{
    struct element *parent = parsing->open;

    element->parent = parent;
    if (!parent)
        parsing->document->root = element;
    else if (parent->last_child)
        parent->last_child->next = element;
    else
        parent->children = element;
    if (parent)
        parent->last_child = element;
    parsing->open = element;
}

static void XMLCALL start_element(void *user, const char *name, const char **attributes)
{
    struct parsing *parsing = user;

    if (parsing->refused)
        return;
    if (++parsing->depth > DOCUMENT_DEPTH_MAX || ++parsing->count > DOCUMENT_ELEMENTS_MAX)
        return stop(parsing, "it has too many elements, or they are nested too deeply");
    struct element *element = calloc(1, sizeof(*element));
    if (!element)
        return stop(parsing, "out of memory");
    element->begin = (size_t)XML_GetCurrentByteIndex(parsing->parser);
    insert(parsing, element);
    element->name = strdup(name);
    if (!element->name || !copy_attributes(element, attributes))
        stop(parsing, "out of memory");
}

static void XMLCALL end_element(void *user, const char *name)
{
    struct parsing *parsing = user;
    struct element *element = parsing->open;

    (void)name;
    if (parsing->refused || !element)
        return;
    /* The event is "</x>", or for "<x/>" the place behind it, which has no length. */
    element->end = (size_t)XML_GetCurrentByteIndex(parsing->parser) +
                   (size_t)XML_GetCurrentByteCount(parsing->parser);
    parsing->open = element->parent;
    parsing->depth--;
}

static void XMLCALL start_doctype(void *user, const char *name, const char *system,
                                  const char *public, int internal)
{
    (void)name;
    (void)system;
    (void)public;
    (void)internal;
    stop(user, "it holds a document type declaration");
}

static bool parse_text(struct parsing *parsing, struct hvk_error *err)
{
    const char *text = parsing->document->text;
    size_t length = strlen(text);

    if (length > DOCUMENT_BYTES_MAX)
        return hvk_error_set(err, HVK_ERR_LIMIT, "the XML has %zu bytes, at most %u are read",
                             length, DOCUMENT_BYTES_MAX);
    XML_SetUserData(parsing->parser, parsing);
    XML_SetElementHandler(parsing->parser, start_element, end_element);
    XML_SetStartDoctypeDeclHandler(parsing->parser, start_doctype);
    if (XML_Parse(parsing->parser, text, (int)length, XML_TRUE) == XML_STATUS_OK)
        return true;
    return hvk_error_set(err, HVK_ERR_XML_ERROR, "cannot read the XML at line %lu, column %lu: %s",
                         (unsigned long)XML_GetCurrentLineNumber(parsing->parser),
                         (unsigned long)XML_GetCurrentColumnNumber(parsing->parser) + 1,
                         parsing->refused ? parsing->refused
                                          : XML_ErrorString(XML_GetErrorCode(parsing->parser)));
}

struct document *document_parse(const char *text, struct hvk_error *err)
{
    auto_document *document = calloc(1, sizeof(*document));
    struct parsing parsing = {.document = document, .parser = XML_ParserCreate("UTF-8")};

    if (document)
        document->text = strdup(text);
    if (!document || !document->text || !parsing.parser) {
        XML_ParserFree(parsing.parser);
        hvk_error_memory(err);
        return NULL;
    }
    bool parsed = parse_text(&parsing, err);
    XML_ParserFree(parsing.parser);
    return parsed ? TAKE(document) : NULL;
}

static void free_element(struct element *element)
{
    for (char **attribute = element->attributes; attribute && *attribute; attribute++)
        free(*attribute);
    free(element->attributes);
    free(element->name);
    free(element);
}

/* Children first; the tree is bounded in depth, yet one loop needs no stack at all. */
void document_free(struct document *document)
{
    struct element *element = document ? document->root : NULL;

    while (element) {
        struct element *next = element->children;

        if (next) {
            element->children = next->next;
        } else {
            next = element->parent;
            free_element(element);
            element = next;
            continue;
        }
        element = next;
    }
    if (document)
        free(document->text);
    free(document);
}

static const struct element *find_from(const struct element *element, const char *name)
{
    while (element && !string_equal(element->name, name))
        element = element->next;
    return element;
}

const struct element *element_child(const struct element *element, const char *name)
{
    return element ? find_from(element->children, name) : NULL;
}

const struct element *element_next(const struct element *element)
{
    return find_from(element->next, element->name);
}

const char *element_attribute(const struct element *element, const char *name)
{
    char *const *attribute = element ? element->attributes : NULL;

    for (; attribute && *attribute; attribute += 2) {
        if (string_equal(attribute[0], name))
            return attribute[1];
    }
    return NULL;
}

void document_add_element(const struct document *document, const struct element *element,
                          struct buffer *out)
{
    buffer_add(out, document->text + element->begin, element->end - element->begin);
}
