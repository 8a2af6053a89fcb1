/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "model/identify.h"

#include "model/reader.h"
#include <base/error.h>
#include <base/string.h>
#include <base/uuid.h>

struct search {
    const char *element;
    struct model_identity *identity;
    struct hvk_error *err;
    size_t depth;
    char *text; /* where the current element's text goes, NULL: nowhere */
    size_t length;
    size_t room;
    char uuid[HVK_UUID_SIZE * 4];
    bool has_name;
    bool failed;
};

static bool search_fail(struct search *search, struct reader *reader, const char *why)
{
    struct reader_position at = reader_here(reader);
    search->failed = true;
    return hvk_error_set(search->err, HVK_ERR_XML_ERROR, "%s XML, line %u, column %u: %s",
                         search->element, at.line, at.column, why);
}

static bool on_start(struct reader *reader, void *data, const struct reader_element *element)
{
    struct search *search = data;
    search->depth++;
    if (search->depth == 1 && (strcmp(element->name, search->element) != 0 || element->ns)) {
        char why[128];
        snprintf(why, sizeof why, "the outermost element is <%.40s>; expected <%.40s>",
                 element->name, search->element);
        return search_fail(search, reader, why);
    }
    if (search->depth > 2 && search->text)
        return search_fail(search, reader, "an element inside <name> or <uuid> is not expected");
    if (search->depth != 2 || element->ns)
        return true;
    search->length = 0;
    if (strcmp(element->name, "name") == 0 && !search->has_name) {
        search->text = search->identity->name;
        search->room = sizeof search->identity->name;
    } else if (strcmp(element->name, "uuid") == 0 && !search->identity->has_uuid) {
        search->text = search->uuid;
        search->room = sizeof search->uuid;
    }
    return true;
}

static bool on_text(struct reader *reader, void *data, const char *text, size_t length)
{
    struct search *search = data;
    if (!search->text)
        return true;
    if (length >= search->room - search->length)
        return search_fail(search, reader,
                           search->text == search->uuid ? "this is too long to be a UUID"
                                                        : "the name is longer than 255 bytes");
    memcpy(search->text + search->length, text, length);
    search->length += length;
    return true;
}

static bool uuid_read(struct search *search, struct reader *reader)
{
    const char *start = search->uuid + strspn(search->uuid, " \t\r\n");
    char *end = search->uuid + search->length;
    while (end > start && strchr(" \t\r\n", end[-1]))
        *--end = '\0';
    if (*start == '\0')
        return true;
    search->identity->has_uuid = uuid_parse(start, search->identity->uuid);
    return search->identity->has_uuid || search_fail(search, reader, "this is not a UUID");
}

static bool on_end(struct reader *reader, void *data, const char *prefix, const char *name)
{
    struct search *search = data;
    (void)prefix, (void)name;
    search->depth--;
    if (!search->text)
        return true;
    search->text[search->length] = '\0';
    if (search->text == search->identity->name)
        search->has_name = search->length > 0;
    else if (!uuid_read(search, reader))
        return false;
    search->text = NULL;
    return !(search->has_name && search->identity->has_uuid);
}

static const struct reader_handler handler = {
    .start = on_start,
    .end = on_end,
    .text = on_text,
    .cdata = on_text,
};

bool model_identify(const char *element, const char *xml, size_t length,
                    struct model_identity *out_identity, struct hvk_error *err)
{
    struct search search = {.element = element, .identity = out_identity, .err = err};
    *out_identity = (struct model_identity){0};
    if (!reader_run(element, xml, length, &handler, &search, err) || search.failed)
        return hvk_error_from(err, HVK_FROM_XML);
    if (search.has_name)
        return true;
    hvk_error_set(err, HVK_ERR_NO_NAME, "%s XML has no <name>", element);
    return hvk_error_from(err, HVK_FROM_XML);
}
