/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The vocabulary of tables. `tag` is always the struct without "model_"; a member whose C type
 * does not fit its kind fails to compile. */
#ifndef HVKIT_MODEL_ROWS_H
#define HVKIT_MODEL_ROWS_H

#include "model/engine.h"
#include <stddef.h>

#define CTYPE_BOOL bool
#define CTYPE_STRING const char *
#define CTYPE_UINT struct model_uint
#define CTYPE_INT struct model_int
#define CTYPE_U32 uint32_t
#define CTYPE_U64 uint64_t
#define CTYPE_YESNO enum model_switch
#define CTYPE_ONOFF enum model_switch
#define CTYPE_SIZE struct model_uint
#define CTYPE_AMOUNT uint64_t
#define CTYPE_UUID struct model_uuid
#define CTYPE_MAC struct model_mac
#define CTYPE_SET const char *

#define MEMBER_OF_(tag, member) (((struct model_##tag *)0)->member)

/* offsetof, after making sure of what is there. */
#define OFFSET_CHECKED_(tag, member, condition)                                                    \
    (offsetof(struct model_##tag, member) + 0 * sizeof(struct {                                    \
                                                _Static_assert(condition,                          \
                                                               "the member does not fit its row"); \
                                                int unused;                                        \
                                            }))
#define OFFSET_TYPED_(tag, member, c_type)                                                         \
    OFFSET_CHECKED_(tag, member,                                                                   \
                    __builtin_types_compatible_p(__typeof__(MEMBER_OF_(tag, member)), c_type))

#define ROW_(xml, at, how, where, ...)                                                             \
    {                                                                                              \
        .name = (xml), .place = MODEL_AT_##at, .kind = MODEL_KIND_##how, .offset = (where),        \
        __VA_ARGS__                                                                                \
    }

/* ATTRIBUTE(tag, "name", member, KIND, ...) and so on; what follows are further members of
 * struct model_row: .detail, .flags, .preset, .only, .shown */
#define ATTRIBUTE(tag, xml, member, how, ...)                                                      \
    ROW_(xml, ATTRIBUTE, how, OFFSET_TYPED_(tag, member, CTYPE_##how), __VA_ARGS__)
#define TEXT(tag, member, how, ...)                                                                \
    ROW_("text", TEXT, how, OFFSET_TYPED_(tag, member, CTYPE_##how), __VA_ARGS__)
#define LEAF(tag, xml, member, how, ...)                                                           \
    ROW_(xml, LEAF, how, OFFSET_TYPED_(tag, member, CTYPE_##how), __VA_ARGS__)
#define FLAG(tag, xml, member)                                                                     \
    ROW_(xml, FLAG, BOOL, OFFSET_TYPED_(tag, member, bool), .detail = NULL)
#define PRESENCE(tag, member)                                                                      \
    ROW_("presence", PRESENCE, BOOL, OFFSET_TYPED_(tag, member, bool), .detail = NULL)

/* The same with an enum, whose words follow from its name. */
#define ENUM_OFFSET_(tag, member, e) OFFSET_TYPED_(tag, member, enum model_##e)
#define ATTRIBUTE_ENUM(tag, xml, member, e, ...)                                                   \
    ROW_(xml, ATTRIBUTE, ENUM, ENUM_OFFSET_(tag, member, e), .detail = &model_##e##_words,         \
         __VA_ARGS__)
#define TEXT_ENUM(tag, member, e, ...)                                                             \
    ROW_("text", TEXT, ENUM, ENUM_OFFSET_(tag, member, e), .detail = &model_##e##_words,           \
         __VA_ARGS__)
#define LEAF_ENUM(tag, xml, member, e, ...)                                                        \
    ROW_(xml, LEAF, ENUM, ENUM_OFFSET_(tag, member, e), .detail = &model_##e##_words, __VA_ARGS__)

/* The attribute `unit`, which says how `member` (an attribute or the text) is to be read. */
#define UNIT(tag, member, ...)                                                                     \
    ROW_("unit", ATTRIBUTE, UNIT,                                                                  \
         OFFSET_CHECKED_(tag, member, sizeof(MEMBER_OF_(tag, member)) <= 16), __VA_ARGS__)

/* A child element with a struct of its own: of_type is the name of its TYPE. */
#define CHILD(tag, xml, member, of_type, ...)                                                      \
    ROW_(xml, CHILD, NONE,                                                                         \
         OFFSET_CHECKED_(tag, member, sizeof(MEMBER_OF_(tag, member)) == of_type##_SIZE),          \
         .type = &model_type_##of_type, __VA_ARGS__)
/* A child element whose members lie in the enclosing struct. */
#define CHILD_FLAT(xml, of_type, ...)                                                              \
    ROW_(xml, CHILD, NONE, 0, .type = &model_type_##of_type, __VA_ARGS__)
#define POINTER(tag, xml, member, of_type, ...)                                                    \
    ROW_(xml, POINTER, NONE,                                                                       \
         OFFSET_CHECKED_(tag, member, sizeof(*MEMBER_OF_(tag, member)) == of_type##_SIZE),         \
         .type = &model_type_##of_type, __VA_ARGS__)
#define ITEMS(tag, xml, member, of_type, ...)                                                      \
    ROW_(xml, ITEMS, NONE,                                                                         \
         OFFSET_CHECKED_(tag, member, sizeof(**MEMBER_OF_(tag, member).items) == of_type##_SIZE),  \
         .type = &model_type_##of_type, __VA_ARGS__)
#define SUBTREES(tag, member)                                                                      \
    ROW_("*", SUBTREES, NONE, offsetof(struct model_##tag, member), .detail = NULL)

/* TYPE(tag): model_type_tag from tag_rows, a struct model_tag with a `node` first. TYPE_AS gives
 * another name; SHARED_TYPE is seen by other tables, which DECLARE_TYPE it; FLAT_TYPE is one whose
 * members lie in the struct model_tag around it. */
#define TYPE_BODY_(of_type, tag, ...)                                                              \
    const struct model_type model_type_##of_type = {.rows = of_type##_rows,                        \
                                                    .count = ARRAY_SIZE(of_type##_rows),           \
                                                    .size = sizeof(struct model_##tag),            \
                                                    __VA_ARGS__};                                  \
    _Static_assert(ARRAY_SIZE(of_type##_rows) <= MODEL_TYPE_ROWS_MAX, "too many rows")
#define DECLARE_TYPE(of_type, tag)                                                                 \
    enum { of_type##_SIZE = sizeof(struct model_##tag) };                                          \
    extern const struct model_type model_type_##of_type
#define SHARED_TYPE(of_type, tag, ...) TYPE_BODY_(of_type, tag, __VA_ARGS__)
#define TYPE_AS(of_type, tag, ...)                                                                 \
    enum { of_type##_SIZE = sizeof(struct model_##tag) };                                          \
    static TYPE_BODY_(of_type, tag, __VA_ARGS__)
#define TYPE(tag, ...) TYPE_AS(tag, tag, __VA_ARGS__)
#define FLAT_TYPE(of_type, tag, node_member, ...)                                                  \
    static const struct model_type model_type_##of_type = {                                        \
        .rows = of_type##_rows,                                                                    \
        .count = ARRAY_SIZE(of_type##_rows),                                                       \
        .node = offsetof(struct model_##tag, node_member),                                         \
        __VA_ARGS__}

#endif
