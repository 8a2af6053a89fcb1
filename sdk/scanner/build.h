/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The steps of model_build(), shared by the files that take one each. */
#ifndef HVKIT_SCANNER_BUILD_H
#define HVKIT_SCANNER_BUILD_H

#include "model.h"

/* Attributes; a fault is reported with its place. */
bool parse_unsigned(struct description *description, const struct node *node, const char *name,
                    uint64_t max, uint64_t *out_value);
bool parse_yes(const struct node *node, const char *name);
unsigned parse_since(struct description *description, const struct node *node);
char *c_name(struct arena *arena, const char *name);
const char *node_doc(const struct node *node);
const char *doc_or_term(const struct description *description, const struct node *node);
const struct permission *model_permission(const struct description *description, const char *name);

/* One step each: of the object, this child. */
bool build_enum(struct description *description, struct object *object, const struct node *node);
bool build_flagset(struct description *description, struct object *object, const struct node *node);
bool build_names(struct description *description, struct object *object, const struct node *node);
bool build_record(struct description *description, struct object *object, const struct node *node);
bool build_record_members(struct description *description, struct object *object,
                          const struct node *node);
bool build_rule(struct description *description, struct object *object, const struct node *node);
bool build_method(struct description *description, struct object *object, const struct node *node);
bool build_view(struct description *description, struct object *object, const struct node *node);
bool build_event(struct description *description, struct object *object, const struct node *node);
void model_sort_methods(struct description *description);

/* An argument, a result or a member of a record. */
bool build_member(struct description *description, const struct node *node,
                  struct member *out_member);
bool build_flags(struct description *description, const struct node *node,
                 struct member *out_member);
/* "LIVE CONFIG" in the sets of the member: bits (of a set of flags) or the or of the numbers (of
 * an enum). */
bool build_mask(struct description *description, const struct attribute *attribute,
                const struct member *member, uint32_t *out_mask);
bool build_permits(struct description *description, struct object *object,
                   const struct node *parent, const struct method *method, struct vector *permits,
                   const struct permission **out_each);
bool build_wires(struct description *description, const struct node *parent,
                 const struct method *method, struct vector *wires);

/* Calls use(word) for each word of a list separated by blanks. */
#define WORDS_MAX 32
size_t split_words(struct arena *arena, const char *words, const char *out_words[WORDS_MAX]);

#endif
