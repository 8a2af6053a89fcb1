/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* XML files as trees of nodes that know where they stand. The only user of libxml2 here. */
#ifndef HVKIT_SCANNER_READ_H
#define HVKIT_SCANNER_READ_H

#include "arena.h"
#include "report.h"

#define READ_FILE_MAX (4u << 20) /* bytes of one description file */
#define READ_DEPTH_MAX 8

struct attribute {
    const char *name;
    const char *value;
    struct place at;
};

struct node {
    struct place at;
    const char *name;
    const char *text; /* its own characters, blanks folded; a blank line separates paragraphs */
    struct attribute *attributes;
    size_t attribute_count;
    struct node *parent;
    struct node *first;
    struct node *last;
    struct node *next;
};

#define NODE_FOR_EACH(parent_node, child)                                                          \
    for (struct node *child = (parent_node)->first; child; child = child->next)

/* The root element of the file; NULL after reporting why it cannot be read. */
struct node *read_file(struct arena *arena, struct report *faults, const char *path);

/* NULL when the node has no such attribute. */
const struct attribute *node_attribute(const struct node *node, const char *name);
const char *node_get(const struct node *node, const char *name);
struct node *node_child(const struct node *node, const char *name);

#endif
