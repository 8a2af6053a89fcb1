/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "model/reader.h"

#include "model/model.h"
#include <base/error.h>
#include <base/string.h>
#include <libxml/parser.h>
#include <libxml/parserInternals.h>
#include <strings.h>

/* libxml2 gives attributes as quintuples of pointers, namespaces as pairs: read in place. */
_Static_assert(sizeof(struct reader_attribute) == 5 * sizeof(char *), "five pointers");
_Static_assert(sizeof(struct reader_namespace) == 2 * sizeof(char *), "two pointers");

struct reader {
    const char *what;
    const char *xml;
    size_t length;
    const struct reader_handler *handler;
    void *data;
    struct hvk_error *err;
    xmlParserCtxtPtr parser;
    size_t depth;
    size_t elements;
    size_t line_start; /* offset of the line that was located last */
    uint32_t line;
    bool stopped;
    bool failed;
};

/* Positions are asked for in the order of the document, so each byte is looked at once. */
static struct reader_position position_at(struct reader *reader, size_t offset)
{
    if (offset > reader->length)
        offset = reader->length;
    if (offset < reader->line_start) {
        reader->line_start = 0;
        reader->line = 1;
    }
    const char *at = reader->xml + reader->line_start;
    const char *end = reader->xml + offset;
    for (const char *newline; (newline = memchr(at, '\n', (size_t)(end - at)));) {
        at = newline + 1;
        reader->line++;
    }
    reader->line_start = (size_t)(at - reader->xml);
    return (struct reader_position){reader->line, (uint32_t)(offset - reader->line_start) + 1};
}

static size_t offset_here(const struct reader *reader)
{
    const xmlParserInput *input = reader->parser->input;
    size_t offset = input ? input->consumed + (size_t)(input->cur - input->base) : 0;
    return offset > reader->length ? reader->length : offset;
}

/* An attribute's value cannot hold '<', so the last one before the cursor opens the tag. */
static size_t tag_offset(const struct reader *reader)
{
    size_t here = offset_here(reader);
    const char *tag = memrchr(reader->xml, '<', here);
    return tag ? (size_t)(tag - reader->xml) : here;
}

struct reader_position reader_here(struct reader *reader)
{
    return position_at(reader, offset_here(reader));
}

struct reader_position reader_tag_position(struct reader *reader)
{
    return position_at(reader, tag_offset(reader));
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/* Steps over one `name = "value"`; NULL at the end of the tag. */
static const char *attribute_skip(const char *at, const char *end)
{
    const char *equals = memchr(at, '=', (size_t)(end - at));
    if (!equals)
        return NULL;
    const char *quote = equals + 1;
    while (quote < end && *quote != '"' && *quote != '\'')
        quote++;
    if (quote == end)
        return NULL;
    const char *close = memchr(quote + 1, *quote, (size_t)(end - quote - 1));
    return close ? close + 1 : NULL;
}

struct reader_position reader_attribute_position(struct reader *reader,
                                                 const struct reader_attribute *attribute)
{
    size_t tag = tag_offset(reader);
    const char *end = reader->xml + offset_here(reader);
    const char *at = reader->xml + tag;
    size_t prefix_length = attribute->prefix ? strlen(attribute->prefix) + 1 : 0;
    size_t length = prefix_length + strlen(attribute->name);
    while (at < end && !is_blank(*at))
        at++;
    while (at) {
        while (at < end && is_blank(*at))
            at++;
        if ((size_t)(end - at) > length &&
            memcmp(at + prefix_length, attribute->name, length - prefix_length) == 0 &&
            (is_blank(at[length]) || at[length] == '='))
            return position_at(reader, (size_t)(at - reader->xml));
        at = attribute_skip(at, end);
    }
    return position_at(reader, tag);
}

static void reader_stop(struct reader *reader)
{
    reader->stopped = true;
    xmlStopParser(reader->parser);
}

static void reader_fail(struct reader *reader, int32_t code, const char *why)
{
    if (reader->failed || reader->stopped)
        return;
    reader->failed = true;
    struct reader_position at = reader_here(reader);
    if (code == HVK_ERR_NO_MEMORY)
        hvk_error_memory(reader->err);
    else
        hvk_error_set(reader->err, code, "%s XML, line %u, column %u: %s", reader->what, at.line,
                      at.column, why);
    reader_stop(reader);
}

static void on_start(void *data, const xmlChar *name, const xmlChar *prefix, const xmlChar *ns,
                     int namespace_count, const xmlChar **namespaces, int attribute_count,
                     int defaulted, const xmlChar **attributes)
{
    struct reader *reader = data;
    (void)defaulted;
    if (reader->stopped)
        return;
    if (++reader->depth > MODEL_XML_DEPTH_MAX) {
        reader_fail(reader, HVK_ERR_LIMIT, "elements are nested too deeply (200 at most)");
        return;
    }
    if (++reader->elements > MODEL_XML_ELEMENTS_MAX) {
        reader_fail(reader, HVK_ERR_LIMIT, "too many elements (200000 at most)");
        return;
    }
    struct reader_element element = {
        .name = (const char *)name,
        .prefix = (const char *)prefix,
        .ns = (const char *)ns,
        .attributes = (const struct reader_attribute *)(const void *)attributes,
        .attribute_count = (size_t)attribute_count,
        .namespaces = (const struct reader_namespace *)(const void *)namespaces,
        .namespace_count = (size_t)namespace_count,
    };
    if (!reader->handler->start(reader, reader->data, &element))
        reader_stop(reader);
}

static void on_end(void *data, const xmlChar *name, const xmlChar *prefix, const xmlChar *ns)
{
    struct reader *reader = data;
    (void)ns;
    if (reader->stopped)
        return;
    reader->depth--;
    if (!reader->handler->end(reader, reader->data, (const char *)prefix, (const char *)name))
        reader_stop(reader);
}

static void on_text(void *data, const xmlChar *text, int length)
{
    struct reader *reader = data;
    if (!reader->stopped && reader->handler->text &&
        !reader->handler->text(reader, reader->data, (const char *)text, (size_t)length))
        reader_stop(reader);
}

static void on_cdata(void *data, const xmlChar *text, int length)
{
    struct reader *reader = data;
    if (!reader->stopped && reader->handler->cdata &&
        !reader->handler->cdata(reader, reader->data, (const char *)text, (size_t)length))
        reader_stop(reader);
}

static void on_comment(void *data, const xmlChar *text)
{
    struct reader *reader = data;
    if (!reader->stopped && reader->handler->comment &&
        !reader->handler->comment(reader, reader->data, (const char *)text))
        reader_stop(reader);
}

static void on_instruction(void *data, const xmlChar *target, const xmlChar *text)
{
    struct reader *reader = data;
    if (!reader->stopped && reader->handler->instruction &&
        !reader->handler->instruction(reader, reader->data, (const char *)target,
                                      text ? (const char *)text : ""))
        reader_stop(reader);
}

static void on_doctype(void *data, const xmlChar *name, const xmlChar *external_id,
                       const xmlChar *system_id)
{
    (void)name, (void)external_id, (void)system_id;
    reader_fail(data, HVK_ERR_XML_DETAIL,
                "a document type (<!DOCTYPE) is refused, as are the entities that it would define");
}

static void on_error(void *data, xmlErrorPtr error)
{
    struct reader *reader = data;
    if (error->level == XML_ERR_WARNING || reader->failed || reader->stopped)
        return;
    char why[256];
    snprintf(why, sizeof why, "%s", error->message ? error->message : "not well-formed");
    why[strcspn(why, "\n")] = '\0';
    reader_fail(reader, error->code == XML_ERR_NO_MEMORY ? HVK_ERR_NO_MEMORY : HVK_ERR_XML_DETAIL,
                why);
}

static const xmlSAXHandler events = {
    .initialized = XML_SAX2_MAGIC,
    .startElementNs = on_start,
    .endElementNs = on_end,
    .characters = on_text,
    .ignorableWhitespace = on_text,
    .cdataBlock = on_cdata,
    .comment = on_comment,
    .processingInstruction = on_instruction,
    .internalSubset = on_doctype,
    .serror = on_error,
};

/* The offset of the first byte that is not UTF-8 (or of a NUL), length when there is none. */
static size_t utf8_check(const char *xml, size_t length)
{
    size_t at = 0;
    while (at < length) {
        uint64_t word;
        if (length - at >= sizeof word) {
            memcpy(&word, xml + at, sizeof word);
            bool plain = !(word & 0x8080808080808080U) &&
                         !((word - 0x0101010101010101U) & 0x8080808080808080U);
            if (plain) {
                at += sizeof word;
                continue;
            }
        }
        if (xml[at] == '\0')
            return at;
        size_t size = 1;
        if ((unsigned char)xml[at] >= 0x80) {
            char sequence[5] = {xml[at]};
            while (size < 4 && at + size < length && (xml[at + size] & 0xc0) == 0x80) {
                sequence[size] = xml[at + size];
                size++;
            }
            if (!string_is_clean_utf8(sequence, ""))
                return at;
        }
        at += size;
    }
    return length;
}

/* Other encodings would be converted while reading, which loses columns. */
static bool encoding_is_utf8(const char *xml, size_t length)
{
    static const char *const names[] = {"utf-8", "utf8", "us-ascii", "ascii"};
    if (length < 6 || memcmp(xml, "<?xml", 5) != 0)
        return true;
    const char *end = memmem(xml, length, "?>", 2);
    const char *at = end ? memmem(xml, (size_t)(end - xml), "encoding", 8) : NULL;
    if (!at)
        return true;
    at += 8;
    at += strspn(at, " \t\r\n=");
    for (size_t i = 0; at < end && i < ARRAY_SIZE(names); i++) {
        size_t size = strlen(names[i]);
        if ((size_t)(end - at) > size + 1 && at[size + 1] == at[0] &&
            strncasecmp(at + 1, names[i], size) == 0)
            return true;
    }
    return false;
}

static bool input_check(struct reader *reader)
{
    if (reader->length > MODEL_XML_SIZE_MAX)
        return hvk_error_set(reader->err, HVK_ERR_LIMIT,
                             "%s XML has %zu bytes; at most %zu are accepted", reader->what,
                             reader->length, MODEL_XML_SIZE_MAX);
    size_t bad = utf8_check(reader->xml, reader->length);
    if (bad < reader->length) {
        struct reader_position at = position_at(reader, bad);
        return hvk_error_set(reader->err, HVK_ERR_XML_DETAIL,
                             "%s XML, line %u, column %u: byte 0x%02x is not UTF-8; convert the "
                             "document to UTF-8",
                             reader->what, at.line, at.column, (unsigned char)reader->xml[bad]);
    }
    if (!encoding_is_utf8(reader->xml, reader->length))
        return hvk_error_set(reader->err, HVK_ERR_XML_DETAIL,
                             "%s XML declares an encoding other than UTF-8; convert it to UTF-8",
                             reader->what);
    return true;
}

bool reader_run(const char *what, const char *xml, size_t length,
                const struct reader_handler *handler, void *data, struct hvk_error *err)
{
    struct reader reader = {.what = what,
                            .xml = xml,
                            .length = length,
                            .handler = handler,
                            .data = data,
                            .err = err,
                            .line = 1};
    if (!input_check(&reader))
        return false;
    if (length == 0)
        return hvk_error_set(err, HVK_ERR_XML_DETAIL, "%s XML is empty", what);
    reader.parser = xmlCreateMemoryParserCtxt(xml, (int)length);
    if (!reader.parser)
        return hvk_error_memory(err);
    xmlCtxtUseOptions(reader.parser, XML_PARSE_NONET | XML_PARSE_NOENT);
    *reader.parser->sax = events;
    reader.parser->userData = &reader;
    int status = xmlParseDocument(reader.parser);
    bool well_formed = status == 0 && reader.parser->wellFormed;
    if (!well_formed && !reader.stopped)
        reader_fail(&reader,
                    reader.parser->errNo == XML_ERR_NO_MEMORY ? HVK_ERR_NO_MEMORY
                                                              : HVK_ERR_XML_DETAIL,
                    "not well-formed");
    xmlFreeParserCtxt(reader.parser);
    return !reader.failed && (well_formed || reader.stopped);
}
