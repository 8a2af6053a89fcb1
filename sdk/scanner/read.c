/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Owns the parser. A file is read whole, so that libxml2's byte offset leads back to the start of
 * each tag and attribute: its own line numbers point behind them. */
#include "read.h"

#include <base/buffer.h>
#include <base/string.h>
#include <errno.h>
#include <libxml/parser.h>
#include <libxml/parserInternals.h>

struct reader {
    struct arena *arena;
    struct report *faults;
    const char *file;
    struct buffer source;
    struct buffer text;
    struct place place; /* of the byte at `offset`: places are asked for in rising order */
    size_t offset;
    xmlParserCtxtPtr parser;
    struct node *root;
    struct node *current;
    unsigned depth;
    bool failed;
};

static struct place place_of(struct reader *reader, size_t offset)
{
    struct place at = reader->place;
    size_t from = reader->offset;
    if (offset < from || at.line == 0) {
        at = (struct place){.file = reader->file, .line = 1, .column = 1};
        from = 0;
    }
    for (size_t i = from; i < offset; i++) {
        at.column++;
        if (reader->source.data[i] == '\n') {
            at.line++;
            at.column = 1;
        }
    }
    reader->place = at;
    reader->offset = offset;
    return at;
}

/* The '<' of the tag that the parser has just read. */
static size_t tag_start(const struct reader *reader)
{
    long consumed = xmlByteConsumed(reader->parser);
    size_t offset = consumed < 0 ? 0 : (size_t)consumed;
    if (offset >= reader->source.length)
        offset = reader->source.length - 1;
    while (offset > 0 && reader->source.data[offset] != '<')
        offset--;
    return offset;
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static size_t attribute_start(const struct reader *reader, size_t tag, const char *name)
{
    size_t length = strlen(name);
    const char *text = reader->source.data;
    for (size_t i = tag + 1; i + length < reader->source.length && text[i] != '>'; i++)
        if (is_blank(text[i - 1]) && strncmp(text + i, name, length) == 0 &&
            (text[i + length] == '=' || is_blank(text[i + length])))
            return i;
    return tag;
}

static bool reader_fail(struct reader *reader, const struct place *at, const char *text)
{
    reader->failed = true;
    xmlStopParser(reader->parser);
    return report(reader->faults, at, "%s", text);
}

/* Blanks become one space, empty lines end a paragraph. */
static char *fold_blanks(struct arena *arena, const char *text)
{
    char *folded = arena_alloc(arena, strlen(text) + 2);
    size_t length = 0;
    while (*text) {
        unsigned lines = 0;
        bool blank = is_blank(*text);
        for (; is_blank(*text); text++)
            lines += *text == '\n';
        if (!*text)
            break;
        if (blank && length)
            folded[length++] = lines > 1 ? '\n' : ' ';
        while (*text && !is_blank(*text))
            folded[length++] = *text++;
    }
    return folded;
}

/* Text that stands between children belongs to the parent as well: it is collected per node. */
static void flush_text(struct reader *reader)
{
    if (!reader->current || reader->text.length == 0)
        return;
    char *text = fold_blanks(reader->arena, reader->text.data);
    if (*text)
        reader->current->text = reader->current->text ? arena_format(reader->arena, "%s %s",
                                                                     reader->current->text, text)
                                                      : text;
    buffer_reset(&reader->text);
}

static void link_node(struct reader *reader, struct node *node)
{
    node->parent = reader->current;
    if (!reader->current)
        reader->root = node;
    else if (!reader->current->last)
        reader->current->first = reader->current->last = node;
    else
        reader->current->last = reader->current->last->next = node;
    reader->current = node;
}

static void on_start(void *context, const xmlChar *name, const xmlChar *prefix, const xmlChar *uri,
                     int namespace_count, const xmlChar **namespaces, int count, int defaulted,
                     const xmlChar **attributes)
{
    (void)prefix, (void)uri, (void)namespace_count, (void)namespaces, (void)defaulted;
    struct reader *reader = ((xmlParserCtxtPtr)context)->_private;
    size_t tag = tag_start(reader);
    struct place at = place_of(reader, tag);
    if (++reader->depth > READ_DEPTH_MAX) {
        reader_fail(reader, &at, "elements are nested too deeply for a description");
        return;
    }
    flush_text(reader);
    struct node *node = arena_alloc(reader->arena, sizeof *node);
    node->at = at;
    node->name = arena_string(reader->arena, (const char *)name);
    node->attributes = arena_alloc(reader->arena, (size_t)count * sizeof *node->attributes);
    node->attribute_count = (size_t)count;
    for (int i = 0; i < count; i++, attributes += 5) {
        struct attribute *attribute = &node->attributes[i];
        attribute->name = arena_string(reader->arena, (const char *)attributes[0]);
        attribute->value = arena_copy(reader->arena, (const char *)attributes[3],
                                      (size_t)(attributes[4] - attributes[3]));
        attribute->at = place_of(reader, attribute_start(reader, tag, attribute->name));
    }
    link_node(reader, node);
}

static void on_end(void *context, const xmlChar *name, const xmlChar *prefix, const xmlChar *uri)
{
    (void)name, (void)prefix, (void)uri;
    struct reader *reader = ((xmlParserCtxtPtr)context)->_private;
    flush_text(reader);
    reader->depth--;
    if (reader->current)
        reader->current = reader->current->parent;
}

static void on_text(void *context, const xmlChar *text, int length)
{
    struct reader *reader = ((xmlParserCtxtPtr)context)->_private;
    buffer_add(&reader->text, text, (size_t)length);
}

/* A description is one file: no entities, no external subset. */
static void on_doctype(void *context, const xmlChar *name, const xmlChar *external,
                       const xmlChar *system)
{
    (void)name, (void)external, (void)system;
    struct reader *reader = ((xmlParserCtxtPtr)context)->_private;
    struct place at = place_of(reader, tag_start(reader));
    reader_fail(reader, &at, "a document type is not allowed in a description: remove it");
}

static void on_error(void *context, xmlErrorPtr error)
{
    struct reader *reader = ((xmlParserCtxtPtr)context)->_private;
    if (reader->failed)
        return;
    struct place at = {reader->file, (unsigned)error->line, (unsigned)error->int2};
    size_t length = strcspn(error->message, "\n");
    auto_free char *text = string_format("not well-formed XML: %.*s", (int)length, error->message);
    reader_fail(reader, &at, text ? text : "not well-formed XML");
}

static bool load(struct reader *reader)
{
    struct place at = {reader->file, 1, 1};
    auto_file FILE *file = fopen(reader->file, "re");
    if (!file)
        return report(reader->faults, &at, "cannot open the description: %s", strerror(errno));
    size_t got = 1;
    while (got > 0 && reader->source.length <= READ_FILE_MAX) {
        char *to = buffer_reserve(&reader->source, BUFSIZ);
        if (!to)
            arena_exhausted();
        got = fread(to, 1, BUFSIZ, file);
        reader->source.length += got;
    }
    if (ferror(file))
        return report(reader->faults, &at, "cannot read the description: %s", strerror(errno));
    if (reader->source.length > READ_FILE_MAX)
        return report(reader->faults, &at, "the description is longer than %u bytes: split it",
                      READ_FILE_MAX);
    if (reader->source.length == 0)
        return report(reader->faults, &at, "the description is empty");
    return true;
}

static bool parse(struct reader *reader)
{
    static const xmlSAXHandler handler = {
        .initialized = XML_SAX2_MAGIC,
        .startElementNs = on_start,
        .endElementNs = on_end,
        .characters = on_text,
        .cdataBlock = on_text,
        .internalSubset = on_doctype,
        .serror = on_error,
    };
    reader->parser = xmlCreateMemoryParserCtxt(reader->source.data, (int)reader->source.length);
    if (!reader->parser)
        arena_exhausted();
    *reader->parser->sax = handler;
    reader->parser->_private = reader;
    reader->parser->userData = reader->parser;
    xmlCtxtUseOptions(reader->parser, XML_PARSE_NONET | XML_PARSE_NOBLANKS);
    xmlParseDocument(reader->parser);
    bool parsed = reader->parser->wellFormed && !reader->failed;
    xmlFreeDoc(reader->parser->myDoc);
    xmlFreeParserCtxt(reader->parser);
    return parsed;
}

struct node *read_file(struct arena *arena, struct report *faults, const char *path)
{
    struct reader reader = {.arena = arena, .faults = faults, .file = arena_string(arena, path)};
    struct node *root = load(&reader) && parse(&reader) ? reader.root : NULL;
    buffer_fini(&reader.source);
    buffer_fini(&reader.text);
    return root;
}

const struct attribute *node_attribute(const struct node *node, const char *name)
{
    for (size_t i = 0; i < node->attribute_count; i++)
        if (strcmp(node->attributes[i].name, name) == 0)
            return &node->attributes[i];
    return NULL;
}

const char *node_get(const struct node *node, const char *name)
{
    const struct attribute *attribute = node_attribute(node, name);
    return attribute ? attribute->value : NULL;
}

struct node *node_child(const struct node *node, const char *name)
{
    NODE_FOR_EACH (node, child)
        if (strcmp(child->name, name) == 0)
            return child;
    return NULL;
}
