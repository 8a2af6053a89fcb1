/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A domain's XML, read as far as the command line needs it: to show disks and interfaces as they
 * are written, and to hand one device's element back to the driver unchanged. The command checks
 * and changes no meaning here; that is the driver's (sdk/model). See
 * docs/decisions/0002-expat-in-the-command.md.
 */
#ifndef HVKIT_CLI_DOCUMENT_H
#define HVKIT_CLI_DOCUMENT_H

#include <base/buffer.h>
#include <base/error.h>
#include <base/vector.h>

#define DOCUMENT_BYTES_MAX (16u << 20)
#define DOCUMENT_DEPTH_MAX 64
#define DOCUMENT_ELEMENTS_MAX 200000

struct element {
    char *name;
    char **attributes; /* name, value, name, value, NULL */
    struct element *parent;
    struct element *children; /* the first */
    struct element *next;     /* sibling */
    struct element *last_child;
    size_t begin; /* bytes [begin, end) of the text are the whole element */
    size_t end;
};

struct document {
    char *text;
    struct element *root;
};

/* Keeps a copy of text. Document type declarations are refused. NULL with XML_ERROR. */
struct document *document_parse(const char *text, struct hvk_error *err);
void document_free(struct document *document);
DEFINE_AUTO_PTR(struct document, document_free)
#define auto_document AUTO(document_free_auto) struct document

/* The first child of that name; NULL for a NULL element too, so that calls may be nested. */
const struct element *element_child(const struct element *element, const char *name);
/* The next sibling of the same name. */
const struct element *element_next(const struct element *element);
const char *element_attribute(const struct element *element, const char *name); /* NULL: none */

#define ELEMENT_FOR_EACH(parent, child_name, child)                                                \
    for (const struct element *child = element_child((parent), (child_name)); child;               \
         child = element_next(child))

/* Adds the element as it is written. */
void document_add_element(const struct document *document, const struct element *element,
                          struct buffer *out);

#endif
