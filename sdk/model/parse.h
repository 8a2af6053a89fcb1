/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The state of one parse, shared by its two halves: parse.c follows the document's structure,
 * parse-value.c turns texts into members and keeps what no row knows. Private to the engine. */
#ifndef HVKIT_MODEL_PARSE_H
#define HVKIT_MODEL_PARSE_H

#include "model/engine.h"
#include "model/raw.h"
#include "model/reader.h"

#define UNIT_TEXT_SIZE 16 /* no unit is longer */

/* One open element that a row knows. */
struct frame {
    const struct model_type *type; /* NULL: a leaf or a flag */
    const struct model_row *row;   /* NULL: the outermost */
    const char *name;
    void *base; /* of the struct that the row's or the type's offsets count from */
    struct model_node *node;
    const struct model_row *text_row; /* whose value the text is; NULL: none belongs here */
    struct model_extra *last_extra;
    uint64_t seen[MODEL_TYPE_ROWS_MAX / 64 + 1];
    uint16_t child_row;  /* 1 + the row of the last known child */
    uint32_t child_item; /* its position in its array */
    uint32_t number;     /* from 1 among its like; 0: there is only one */
    size_t text_start;
    struct reader_position position;
    bool has_unit;
    char unit[UNIT_TEXT_SIZE];
};

/* What becomes of the subtree that is being written back. */
enum capture {
    CAPTURE_NOTHING,
    CAPTURE_EXTRA,
    CAPTURE_SUBTREE,
};

struct parse {
    struct model_arena *arena;
    const char *what;
    const struct model_root *roots;
    size_t root_count;
    const struct model_root *root;
    uint32_t flags;
    const struct model_report *report;
    struct hvk_error *err;
    bool failed;
    uint32_t warnings;
    void *result;
    struct buffer text;
    struct raw raw;
    enum capture capture;
    struct model_raw *subtree;
    size_t depth;
    struct frame frames[MODEL_XML_DEPTH_MAX + 1];
};

static inline bool parse_is_blank(const char *text, size_t length)
{
    size_t at = 0;
    while (at < length &&
           (text[at] == ' ' || text[at] == '\n' || text[at] == '\t' || text[at] == '\r'))
        at++;
    return at == length;
}

static inline struct frame *parse_top(struct parse *parse)
{
    return parse->depth ? &parse->frames[parse->depth - 1] : NULL;
}

/* The failure of what stands at `position`: member is "/name", "/@name" or "". Returns false. */
bool parse_fail(struct parse *parse, int32_t code, struct reader_position position,
                const char *member, const char *format, ...) HVK_PRINTF(5, 6);

/* Out of memory, or the arena's bound. Returns false. */
bool parse_no_memory(struct parse *parse);

/* Something that no row knows: a warning, or an error with MODEL_VALIDATE. */
bool parse_unknown(struct parse *parse, struct reader_position position, const char *member,
                   const char *format, ...) HVK_PRINTF(4, 5);

/* All attributes of the element that `frame` stands for. */
bool parse_attributes(struct parse *parse, struct reader *reader, struct frame *frame,
                      const struct reader_element *element);

/* The text of an element that ends. */
bool parse_text(struct parse *parse, struct frame *frame);

/* Presets, what is missing, and what the type derives at the end. */
bool parse_finish(struct parse *parse, struct frame *frame);

/* Keeps a content extra, or an attribute, of the innermost element that has a node. */
bool parse_keep(struct parse *parse, enum model_extra_kind kind, const char *name, const char *text,
                size_t length);

#endif
