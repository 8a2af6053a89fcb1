/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "model/parse.h"

#include <base/error.h>
#include <base/string.h>

/* Children mostly come in the table's order, so the search starts where the last one was found. */
static const struct model_row *child_row(const struct frame *frame,
                                         const struct reader_element *element)
{
    const struct model_type *type = frame->type;
    uint16_t start = frame->child_row ? (uint16_t)(frame->child_row - 1) : 0;
    for (uint16_t i = 0, at = start; i < type->count; i++, at++) {
        if (at == type->count)
            at = 0;
        const struct model_row *row = &type->rows[at];
        if (!model_row_is_child(row))
            continue;
        if (row->place == MODEL_AT_SUBTREES)
            return row;
        if (row->name[0] == element->name[0] && strcmp(row->name, element->name) == 0 &&
            string_equal(row->ns ? row->ns->uri : NULL, element->ns))
            return row;
    }
    return NULL;
}

static const struct model_row *text_row(const struct frame *frame)
{
    if (!frame->type)
        return frame->row->place == MODEL_AT_LEAF ? frame->row : NULL;
    for (uint16_t i = 0; i < frame->type->count && !model_row_is_child(&frame->type->rows[i]);
         i++) {
        if (frame->type->rows[i].place == MODEL_AT_TEXT)
            return &frame->type->rows[i];
    }
    return NULL;
}

/* Opens the frame of an element whose struct is at base (for a leaf: the enclosing struct). */
static struct frame *frame_push(struct parse *parse, const struct model_type *type,
                                const struct model_row *row, const char *name, void *base,
                                struct reader_position position)
{
    struct frame *frame = &parse->frames[parse->depth++];
    *frame = (struct frame){.type = type,
                            .row = row,
                            .name = name,
                            .base = base,
                            .node = type ? model_node_of(type, base) : NULL,
                            .text_start = parse->text.length,
                            .position = position};
    if (frame->node) {
        frame->node->present = true;
        frame->node->line = position.line;
        frame->node->column = position.column;
    }
    if (type && type->rows[0].place == MODEL_AT_PRESENCE)
        *(bool *)((char *)base + type->rows[0].offset) = true;
    frame->text_row = text_row(frame);
    return frame;
}

/* From here to the element's end everything is written back instead of being understood. */
static void capture_begin(struct parse *parse, enum capture capture,
                          const struct reader_element *element)
{
    parse->capture = capture;
    buffer_reset(&parse->raw.text);
    raw_start(&parse->raw, element);
}

static bool subtree_begin(struct parse *parse, struct frame *parent, const struct model_row *row,
                          const struct reader_element *element, struct reader_position position)
{
    struct model_raw *subtree = model_arena_alloc(parse->arena, sizeof *subtree);
    if (!subtree)
        return parse_no_memory(parse);
    subtree->node =
        (struct model_node){.present = true, .line = position.line, .column = position.column};
    subtree->name = model_arena_string(parse->arena, element->name);
    subtree->ns = element->ns ? model_arena_string(parse->arena, element->ns) : NULL;
    void *array = (char *)parent->base + row->offset;
    if (!subtree->name || (element->ns && !subtree->ns) ||
        !model_array_add(parse->arena, array, subtree))
        return parse_no_memory(parse);
    parse->subtree = subtree;
    capture_begin(parse, CAPTURE_SUBTREE, element);
    return true;
}

/* The names of the children that a type knows, as far as they fit. */
static void children_list(const struct model_type *type, char *list, size_t size)
{
    size_t used = 0;
    list[0] = '\0';
    for (uint16_t i = 0; i < type->count && used < size; i++) {
        if (type->rows[i].place >= MODEL_AT_LEAF)
            used += (size_t)snprintf(list + used, size - used, "%s%s", used ? ", " : "",
                                     type->rows[i].name);
    }
}

static bool unknown_element(struct parse *parse, const struct frame *parent,
                            const struct reader_element *element, struct reader_position position,
                            const char *why)
{
    char member[80];
    char known[400] = "";
    snprintf(member, sizeof member, "/%s", element->name);
    if (why == NULL && (parse->flags & MODEL_VALIDATE) && parent->type)
        children_list(parent->type, known, sizeof known);
    bool ok = why ? parse_unknown(parse, position, member, "%s", why)
                  : parse_unknown(parse, position, member, "this element is not known here%s%s",
                                  known[0] ? "; expected one of " : "", known);
    if (ok)
        capture_begin(parse, CAPTURE_EXTRA, element);
    return ok;
}

static void *pointer_target(struct parse *parse, const struct model_row *row, void *member)
{
    void *target = model_arena_alloc(parse->arena, row->type->size);
    if (!target)
        return NULL;
    if (row->place == MODEL_AT_POINTER)
        *(void **)member = target;
    else if (!model_array_add(parse->arena, member, target))
        return NULL;
    return target;
}

static struct frame *known_element(struct parse *parse, struct frame *parent,
                                   const struct model_row *row, struct reader_position position)
{
    void *member = (char *)parent->base + row->offset;
    void *base = member;
    uint32_t number = 0;
    switch ((enum model_place)row->place) {
    case MODEL_AT_FLAG:
        *(bool *)member = true;
        base = parent->base;
        break;
    case MODEL_AT_LEAF:
        base = parent->base;
        break;
    case MODEL_AT_POINTER:
    case MODEL_AT_ITEMS:
        base = pointer_target(parse, row, member);
        if (!base) {
            parse_no_memory(parse);
            return NULL;
        }
        if (row->place == MODEL_AT_ITEMS)
            number = ((struct model_array *)member)->count;
        break;
    case MODEL_AT_CHILD:
    case MODEL_AT_ATTRIBUTE:
    case MODEL_AT_TEXT:
    case MODEL_AT_PRESENCE:
    case MODEL_AT_SUBTREES:
        break;
    }
    parent->child_row = (uint16_t)(row - parent->type->rows + 1);
    parent->child_item = number ? number - 1 : 0;
    struct frame *frame = frame_push(parse, row->type, row, row->name, base, position);
    frame->number = number;
    return frame;
}

static bool root_start(struct parse *parse, struct reader *reader,
                       const struct reader_element *element)
{
    struct reader_position position = reader_tag_position(reader);
    for (size_t i = 0; i < parse->root_count; i++) {
        const struct model_root *root = &parse->roots[i];
        if (strcmp(root->name, element->name) != 0 || element->ns)
            continue;
        parse->root = root;
        parse->result = model_arena_alloc(parse->arena, root->type->size);
        if (!parse->result)
            return parse_no_memory(parse);
        struct frame *frame =
            frame_push(parse, root->type, NULL, root->name, parse->result, position);
        return parse_attributes(parse, reader, frame, element);
    }
    char known[400];
    size_t used = 0;
    known[0] = '\0';
    for (size_t i = 0; i < parse->root_count && used < sizeof known; i++)
        used += (size_t)snprintf(known + used, sizeof known - used, "%s<%s>", i ? ", " : "",
                                 parse->roots[i].name);
    return parse_fail(parse, HVK_ERR_XML_ERROR, position, "",
                      "the outermost element is <%.80s>%s; expected %s", element->name,
                      element->ns ? " of a foreign namespace" : "", known);
}

static bool child_start(struct parse *parse, struct reader *reader, struct frame *parent,
                        const struct reader_element *element)
{
    struct reader_position position = reader_tag_position(reader);
    const struct model_row *row = parent->type ? child_row(parent, element) : NULL;
    if (!row)
        return unknown_element(parse, parent, element, position, NULL);
    if (row->place == MODEL_AT_SUBTREES)
        return subtree_begin(parse, parent, row, element, position);
    size_t index = (size_t)(row - parent->type->rows);
    uint64_t bit = UINT64_C(1) << (index % 64);
    if ((parent->seen[index / 64] & bit) && row->place != MODEL_AT_ITEMS)
        return unknown_element(parse, parent, element, position,
                               "it stands here for the second time; the first one counts");
    parent->seen[index / 64] |= bit;
    struct frame *frame = known_element(parse, parent, row, position);
    return frame && parse_attributes(parse, reader, frame, element);
}

static bool on_start(struct reader *reader, void *data, const struct reader_element *element)
{
    struct parse *parse = data;
    struct frame *parent = parse_top(parse);
    if (parse->capture) {
        raw_start(&parse->raw, element);
        return true;
    }
    return parent ? child_start(parse, reader, parent, element)
                  : root_start(parse, reader, element);
}

static bool capture_end(struct parse *parse)
{
    enum capture capture = parse->capture;
    const struct buffer *text = &parse->raw.text;
    parse->capture = CAPTURE_NOTHING;
    if (text->failed)
        return parse_no_memory(parse);
    if (capture == CAPTURE_EXTRA)
        return parse_keep(parse, MODEL_EXTRA_CONTENT, NULL, text->data, text->length);
    parse->subtree->xml = model_arena_copy(parse->arena, text->data, text->length);
    return parse->subtree->xml ? true : parse_no_memory(parse);
}

static bool on_end(struct reader *reader, void *data, const char *prefix, const char *name)
{
    struct parse *parse = data;
    (void)reader;
    if (parse->capture) {
        raw_end(&parse->raw, prefix, name);
        return parse->raw.depth > 0 || capture_end(parse);
    }
    struct frame *frame = parse_top(parse);
    if (!parse_text(parse, frame) || !parse_finish(parse, frame))
        return false;
    parse->text.length = frame->text_start;
    parse->depth--;
    return true;
}

static bool on_text(struct reader *reader, void *data, const char *text, size_t length)
{
    struct parse *parse = data;
    (void)reader;
    struct frame *frame = parse_top(parse);
    if (parse->capture)
        raw_text(&parse->raw, text, length);
    else if (frame && (frame->text_row || !parse_is_blank(text, length)))
        buffer_add(&parse->text, text, length);
    return true;
}

static bool on_cdata(struct reader *reader, void *data, const char *text, size_t length)
{
    struct parse *parse = data;
    (void)reader;
    if (parse->capture)
        raw_cdata(&parse->raw, text, length);
    else
        buffer_add(&parse->text, text, length);
    return true;
}

/* A comment or an instruction: kept in its place among what is known. */
static bool keep_aside(struct parse *parse, const struct raw *aside)
{
    if (aside->text.failed)
        return parse_no_memory(parse);
    return parse_keep(parse, MODEL_EXTRA_CONTENT, NULL, aside->text.data, aside->text.length);
}

static bool on_comment(struct reader *reader, void *data, const char *text)
{
    struct parse *parse = data;
    (void)reader;
    if (parse->capture) {
        raw_comment(&parse->raw, text);
        return true;
    }
    struct raw aside = {0};
    raw_comment(&aside, text);
    bool ok = parse->depth == 0 || keep_aside(parse, &aside);
    buffer_fini(&aside.text);
    return ok;
}

static bool on_instruction(struct reader *reader, void *data, const char *target, const char *text)
{
    struct parse *parse = data;
    (void)reader;
    if (parse->capture) {
        raw_instruction(&parse->raw, target, text);
        return true;
    }
    struct raw aside = {0};
    raw_instruction(&aside, target, text);
    bool ok = parse->depth == 0 || keep_aside(parse, &aside);
    buffer_fini(&aside.text);
    return ok;
}

static const struct reader_handler handler = {
    .start = on_start,
    .end = on_end,
    .text = on_text,
    .cdata = on_cdata,
    .comment = on_comment,
    .instruction = on_instruction,
};

void *model_parse(struct model_arena *arena, const char *what, const char *xml, size_t length,
                  const struct model_root *roots, size_t root_count, uint32_t flags,
                  const struct model_report *report, const struct model_root **out_root,
                  struct hvk_error *err)
{
    auto_free struct parse *parse = malloc(sizeof *parse);
    if (!parse) {
        hvk_error_memory(err);
        return NULL;
    }
    memset(parse, 0, offsetof(struct parse, frames));
    parse->arena = arena;
    parse->what = what;
    parse->roots = roots;
    parse->root_count = root_count;
    parse->flags = flags;
    parse->report = report;
    parse->err = err;
    bool ok = reader_run(what, xml, length, &handler, parse, err) && !parse->failed;
    buffer_fini(&parse->text);
    buffer_fini(&parse->raw.text);
    hvk_error_from(ok ? NULL : err, HVK_FROM_XML);
    if (!ok)
        return NULL;
    if ((flags & MODEL_PARSE_INACTIVE) &&
        !model_prune(arena, parse->root->type, parse->result,
                     MODEL_FORMAT_INACTIVE | MODEL_FORMAT_SECURE)) {
        parse_no_memory(parse);
        return NULL;
    }
    if (out_root)
        *out_root = parse->root;
    return parse->result;
}
