/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Expat gives names with a namespace as "URI\fNAME\fPREFIX"; those are split into scratch memory
 * that lasts for the event, all others are borrowed as they are. */
#include "model/reader.h"

#include "model/model.h"
#include <base/buffer.h>
#include <base/error.h>
#include <base/string.h>
#include <base/vector.h>
#include <expat.h>
#include <strings.h>

/* A form feed cannot stand in XML, so neither in a name nor in a URI. */
#define SEPARATOR '\f'

struct reader {
    const char *what;
    const char *xml;
    size_t length;
    const struct reader_handler *handler;
    void *data;
    struct hvk_error *err;
    XML_Parser parser;
    struct vector attributes; /* of the current start tag */
    struct vector namespaces; /* declared by the start tag that follows */
    struct vector scratch;    /* char *: copies that the event's structs point to */
    struct buffer cdata;      /* the section that is being read */
    bool in_cdata;
    size_t depth;
    size_t open[MODEL_XML_DEPTH_MAX + 1]; /* offsets of the start tags that are not closed */
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

static size_t tag_offset(const struct reader *reader)
{
    XML_Index index = XML_GetCurrentByteIndex(reader->parser);
    return index < 0 ? 0 : (size_t)index;
}

/* Behind what the event is about. */
static size_t offset_here(const struct reader *reader)
{
    return tag_offset(reader) + (size_t)XML_GetCurrentByteCount(reader->parser);
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
    XML_StopParser(reader->parser, XML_FALSE);
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

/* ---- names ---------------------------------------------------------------------------------- */

static void scratch_reset(struct reader *reader)
{
    VECTOR_FOR_EACH (&reader->scratch, char *, copy)
        free(*copy);
    reader->scratch.count = 0;
}

/* A copy that lasts for the event. */
static char *scratch_copy(struct reader *reader, const char *text)
{
    char **place = vector_add(&reader->scratch);
    if (place)
        *place = strdup(text);
    return place ? *place : NULL;
}

struct name {
    const char *local;
    const char *prefix;
    const char *ns;
};

static bool name_split(struct reader *reader, const char *full, struct name *name)
{
    *name = (struct name){.local = full};
    if (!strchr(full, SEPARATOR))
        return true;
    char *rest = scratch_copy(reader, full);
    if (!rest)
        return false;
    name->ns = strsep(&rest, (const char[]){SEPARATOR, '\0'});
    name->local = strsep(&rest, (const char[]){SEPARATOR, '\0'});
    name->prefix = rest;
    return true;
}

static bool attribute_add(struct reader *reader, const char *full, const char *value)
{
    struct name name;
    struct reader_attribute *attribute = vector_add(&reader->attributes);
    if (!attribute || !name_split(reader, full, &name))
        return false;
    *attribute = (struct reader_attribute){.name = name.local,
                                           .prefix = name.prefix,
                                           .ns = name.ns,
                                           .value = value,
                                           .end = value + strlen(value)};
    return true;
}

/* ---- events --------------------------------------------------------------------------------- */

static void on_namespace(void *data, const XML_Char *prefix, const XML_Char *uri)
{
    struct reader *reader = data;
    struct reader_namespace *declared = reader->stopped ? NULL : vector_add(&reader->namespaces);
    if (!declared)
        return;
    declared->prefix = prefix ? scratch_copy(reader, prefix) : NULL;
    declared->uri = scratch_copy(reader, uri ? uri : "");
    if (!declared->uri || (prefix && !declared->prefix))
        reader_fail(reader, HVK_ERR_NO_MEMORY, NULL);
}

static bool start_bounded(struct reader *reader)
{
    if (++reader->depth > MODEL_XML_DEPTH_MAX)
        reader_fail(reader, HVK_ERR_LIMIT, "elements are nested too deeply (200 at most)");
    else if (++reader->elements > MODEL_XML_ELEMENTS_MAX)
        reader_fail(reader, HVK_ERR_LIMIT, "too many elements (200000 at most)");
    else
        reader->open[reader->depth] = tag_offset(reader);
    return !reader->failed;
}

static void on_start(void *data, const XML_Char *full, const XML_Char **attributes)
{
    struct reader *reader = data;
    struct name name;
    if (reader->stopped || !start_bounded(reader))
        return;
    if (XML_GetSpecifiedAttributeCount(reader->parser) / 2 > MODEL_XML_ATTRIBUTES_MAX) {
        reader_fail(reader, HVK_ERR_LIMIT, "too many attributes (1000 at most)");
        return;
    }
    bool complete = name_split(reader, full, &name);
    for (; complete && *attributes; attributes += 2)
        complete = attribute_add(reader, attributes[0], attributes[1]);
    if (!complete) {
        reader_fail(reader, HVK_ERR_NO_MEMORY, NULL);
        return;
    }
    struct reader_element element = {
        .name = name.local,
        .prefix = name.prefix,
        .ns = name.ns,
        .attributes = reader->attributes.items,
        .attribute_count = reader->attributes.count,
        .namespaces = reader->namespaces.items,
        .namespace_count = reader->namespaces.count,
    };
    if (!reader->handler->start(reader, reader->data, &element))
        reader_stop(reader);
    reader->attributes.count = 0;
    reader->namespaces.count = 0;
    scratch_reset(reader);
}

static void on_end(void *data, const XML_Char *full)
{
    struct reader *reader = data;
    struct name name;
    if (reader->stopped)
        return;
    reader->depth--;
    if (!name_split(reader, full, &name))
        reader_fail(reader, HVK_ERR_NO_MEMORY, NULL);
    else if (!reader->handler->end(reader, reader->data, name.prefix, name.local))
        reader_stop(reader);
    scratch_reset(reader);
}

static void on_text(void *data, const XML_Char *text, int length)
{
    struct reader *reader = data;
    if (reader->stopped)
        return;
    if (reader->in_cdata)
        buffer_add(&reader->cdata, text, (size_t)length);
    else if (reader->handler->text &&
             !reader->handler->text(reader, reader->data, text, (size_t)length))
        reader_stop(reader);
}

static void on_cdata_start(void *data)
{
    struct reader *reader = data;
    reader->in_cdata = true;
    buffer_reset(&reader->cdata);
}

static void on_cdata_end(void *data)
{
    struct reader *reader = data;
    reader->in_cdata = false;
    if (reader->stopped || !reader->handler->cdata)
        return;
    if (reader->cdata.failed)
        reader_fail(reader, HVK_ERR_NO_MEMORY, NULL);
    else if (!reader->handler->cdata(reader, reader->data,
                                     reader->cdata.data ? reader->cdata.data : "",
                                     reader->cdata.length))
        reader_stop(reader);
}

static void on_comment(void *data, const XML_Char *text)
{
    struct reader *reader = data;
    if (!reader->stopped && reader->handler->comment &&
        !reader->handler->comment(reader, reader->data, text))
        reader_stop(reader);
}

static void on_instruction(void *data, const XML_Char *target, const XML_Char *text)
{
    struct reader *reader = data;
    if (!reader->stopped && reader->handler->instruction &&
        !reader->handler->instruction(reader, reader->data, target, text))
        reader_stop(reader);
}

static void on_doctype(void *data, const XML_Char *name, const XML_Char *system_id,
                       const XML_Char *public_id, int has_internal_subset)
{
    (void)name, (void)system_id, (void)public_id, (void)has_internal_subset;
    reader_fail(data, HVK_ERR_XML_DETAIL,
                "a document type (<!DOCTYPE) is refused, as are the entities that it would define");
}

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

/* Why it is not well-formed; for a wrong or missing end tag, which element is open. */
static void fail_malformed(struct reader *reader)
{
    enum XML_Error error = XML_GetErrorCode(reader->parser);
    char why[256];
    if (error == XML_ERROR_NO_MEMORY || reader->depth == 0 || reader->stopped ||
        (error != XML_ERROR_TAG_MISMATCH && error != XML_ERROR_NO_ELEMENTS)) {
        reader_fail(reader, error == XML_ERROR_NO_MEMORY ? HVK_ERR_NO_MEMORY : HVK_ERR_XML_DETAIL,
                    XML_ErrorString(error));
        return;
    }
    size_t tag = reader->open[reader->depth];
    const char *name = reader->xml + tag + 1;
    int length = (int)strcspn(name, " \t\r\n/>");
    snprintf(why, sizeof why, "%s: <%.*s> of line %u is still open", XML_ErrorString(error),
             length < 100 ? length : 100, name, position_at(reader, tag).line);
    reader_fail(reader, HVK_ERR_XML_DETAIL, why);
}

static bool parser_init(struct reader *reader)
{
    /* The document is UTF-8 (input_check), whatever it declares. */
    reader->parser = XML_ParserCreateNS("UTF-8", SEPARATOR);
    if (!reader->parser)
        return false;
    XML_SetUserData(reader->parser, reader);
    XML_SetReturnNSTriplet(reader->parser, 1);
    XML_SetElementHandler(reader->parser, on_start, on_end);
    XML_SetStartNamespaceDeclHandler(reader->parser, on_namespace);
    XML_SetCharacterDataHandler(reader->parser, on_text);
    XML_SetCdataSectionHandler(reader->parser, on_cdata_start, on_cdata_end);
    XML_SetCommentHandler(reader->parser, on_comment);
    XML_SetProcessingInstructionHandler(reader->parser, on_instruction);
    XML_SetStartDoctypeDeclHandler(reader->parser, on_doctype);
    return true;
}

static void parser_fini(struct reader *reader)
{
    XML_ParserFree(reader->parser);
    scratch_reset(reader);
    vector_fini(&reader->scratch);
    vector_fini(&reader->attributes);
    vector_fini(&reader->namespaces);
    buffer_fini(&reader->cdata);
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
                            .attributes = VECTOR_INIT(struct reader_attribute),
                            .namespaces = VECTOR_INIT(struct reader_namespace),
                            .scratch = VECTOR_INIT(char *),
                            .line = 1};
    if (!input_check(&reader))
        return false;
    if (length == 0)
        return hvk_error_set(err, HVK_ERR_XML_DETAIL, "%s XML is empty", what);
    if (!parser_init(&reader))
        return hvk_error_memory(err);
    bool well_formed = XML_Parse(reader.parser, xml, (int)length, XML_TRUE) == XML_STATUS_OK;
    if (!well_formed)
        fail_malformed(&reader);
    parser_fini(&reader);
    return !reader.failed && (well_formed || reader.stopped);
}
