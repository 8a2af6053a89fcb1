/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Reading XML as a sequence of events, bounded and without any access to the outside. The only
 * user of Expat in this room. Document types are refused, so there are no entities but the five
 * that XML predefines. Columns count bytes from 1. */
#ifndef HVKIT_MODEL_READER_H
#define HVKIT_MODEL_READER_H

#include <hvkit/error.h>

struct reader;

struct reader_attribute {
    const char *name;
    const char *prefix; /* NULL for none */
    const char *ns;
    const char *value; /* not terminated: ends at `end` */
    const char *end;
};

struct reader_namespace {
    const char *prefix; /* NULL: the default namespace */
    const char *uri;
};

/* Everything is valid during the event only. */
struct reader_element {
    const char *name;
    const char *prefix;
    const char *ns;
    const struct reader_attribute *attributes;
    size_t attribute_count;
    const struct reader_namespace *namespaces; /* declared here */
    size_t namespace_count;
};

/* Each returns false to stop: with an error set in the err of reader_run(), or without one for a
 * reader that has seen enough. */
struct reader_handler {
    bool (*start)(struct reader *reader, void *data, const struct reader_element *element);
    bool (*end)(struct reader *reader, void *data, const char *prefix, const char *name);
    bool (*text)(struct reader *reader, void *data, const char *text, size_t length);
    bool (*cdata)(struct reader *reader, void *data, const char *text, size_t length);
    bool (*comment)(struct reader *reader, void *data, const char *text);
    bool (*instruction)(struct reader *reader, void *data, const char *target, const char *text);
};

/* Reads a whole document. XML_DETAIL with line and column when it is not well-formed, LIMIT past a
 * bound of model.h. True also when a handler stopped: what that means is the handler's to know.
 * `what` is said in messages: "domain". */
bool reader_run(const char *what, const char *xml, size_t length,
                const struct reader_handler *handler, void *data, struct hvk_error *err);

struct reader_position {
    uint32_t line;
    uint32_t column;
};

/* During `start`: where the tag begins. */
struct reader_position reader_tag_position(struct reader *reader);

/* During `start`: where the attribute begins. */
struct reader_position reader_attribute_position(struct reader *reader,
                                                 const struct reader_attribute *attribute);

/* During any other event: where reading stands. */
struct reader_position reader_here(struct reader *reader);

#endif
