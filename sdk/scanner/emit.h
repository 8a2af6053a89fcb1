/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Writing generated sources: text that grows, C laid out in 100 columns, files that are only
 * touched when they change. */
#ifndef HVKIT_SCANNER_EMIT_H
#define HVKIT_SCANNER_EMIT_H

#include "model.h"

#include <base/buffer.h>

#define EMIT_COLUMNS 100
#define EMIT_ITEMS_MAX 32

/* The parts of a list that is broken over lines: parameters, initialisers. */
struct items {
    const char *text[EMIT_ITEMS_MAX];
    size_t count;
};

void items_add(struct items *items, const char *text);

struct output {
    struct arena *arena;
    const struct description *description;
    struct buffer text;
};

void out(struct output *output, const char *format, ...) HVK_PRINTF(2, 3);
/* The banner with the licence, what the file holds. */
void out_banner(struct output *output, const char *what);
/* `HEAD` + items + `TAIL`, items aligned behind the head where a line is full. */
void out_list(struct output *output, const char *head, const struct items *items, const char *tail);
/* Text folded to lines: the first starts with `first`, every other with `rest`. */
void out_folded(struct output *output, const char *first, const char *rest, const char *text);
/* A comment of its own, paragraphs kept. */
void out_comment(struct output *output, const char *indent, const char *text);
/* #include <hvkit/OTHER…> for every object whose records this one uses. */
void out_includes(struct output *output, const struct object *object, const char *suffix);
/* Guards what is newer than revision 1: HVK_TARGET_REVISION hides it. */
void out_since(struct output *output, unsigned since);
void out_since_end(struct output *output, unsigned since);

/* Ends the output: writes its text to DIRECTORY/PATH, creating directories, unless the file holds
 * it already. */
bool output_write(struct output *output, const char *directory, const char *path);

/* One kind of file each. */
bool emit_headers(const struct description *description, const char *directory);
struct baseline;
bool emit_driver_headers(const struct description *description, const struct baseline *baseline,
                         const char *directory);
bool emit_methods(const struct description *description, const char *directory);
bool emit_functions(const struct description *description, const char *directory);
bool emit_manual(const struct description *description, const char *directory);
bool emit_anchor(const struct description *description, const char *directory);
bool emit_policy(const struct description *description, const char *directory);

/* ---- pieces of C ---------------------------------------------------------------------------- */

char *upper_name(struct arena *arena, const char *name); /* "DOMAIN_SNAPSHOT" */
char *function_name(struct arena *arena, const struct object *object, const char *name);
/* The name of the method's member in the driver table. */
const char *table_member(struct arena *arena, const struct method *method);
/* The declarations of a view's public function. */
void view_items(struct arena *arena, const struct view *view, struct items *items);
/* Declarations of the arguments of a method, by who declares them. */
enum signature { SIGNATURE_PUBLIC, SIGNATURE_TABLE };
void signature_items(struct arena *arena, const struct method *method, enum signature signature,
                     struct items *items);
/* "uint32_t flags", "uint8_t uuid[16]", with the count as a second declaration or NULL. */
char *argument_declaration(struct arena *arena, const struct member *member);
char *member_declaration(struct arena *arena, const struct member *member);
char *count_declaration(struct arena *arena, const struct member *member);
char *result_declaration(struct arena *arena, const struct member *member);
bool result_in_place(const struct member *member);
/* "HVK_DOMAIN_XML_SECURE | …" prefixes of the sets, for documentation. */
char *sets_text(struct arena *arena, const struct member *member);
/* "domain:read; domain:read_secure with SECURE or MIGRATABLE" */
char *permits_text(struct arena *arena, const struct method *method);
/* "Blocking, on the lane of its object": a sentence without its full stop. */
char *cost_text(struct arena *arena, const struct method *method);
/* HVK_EVENT_DOMAIN_LIFECYCLE and its number. */
char *event_macro(struct arena *arena, const struct event *event);
uint32_t event_number(const struct event *event);
bool record_has_list(const struct description *description, const struct record *record);
bool record_has_sink(const struct description *description, const struct record *record);

#endif
