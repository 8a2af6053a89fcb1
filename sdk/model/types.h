/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The members that model structs are made of. A zeroed struct is an element of which nothing was
 * said: every optional value is "unset" in that state. Everything that a model struct points to
 * lives in the arena of its root, and goes with it. */
#ifndef HVKIT_MODEL_TYPES_H
#define HVKIT_MODEL_TYPES_H

#include <hvkit/types.h>

struct model_extra;

/* First member of every struct that stands for an XML element. */
struct model_node {
    struct model_extra *extras; /* what no row knows, kept in place (engine only) */
    uint32_t line;              /* of the start tag; 0 when made by the program */
    uint32_t column;
    bool present; /* the element exists. A program need set it only where nothing else is set */
};

/* An integer that may be absent. */
struct model_uint {
    uint64_t value;
    bool set;
};

struct model_int {
    int64_t value;
    bool set;
};

#define MODEL_UINT(number) ((struct model_uint){.value = (number), .set = true})
#define MODEL_INT(number) ((struct model_int){.value = (number), .set = true})

struct model_uuid {
    uint8_t bytes[HVK_UUID_SIZE];
    bool set;
};

struct model_mac {
    uint8_t bytes[6];
    bool set;
};

/* yes/no, on/off: which words the XML uses is the row's business. */
enum model_switch {
    MODEL_SWITCH_UNSET,
    MODEL_SWITCH_ON,
    MODEL_SWITCH_OFF,
};

/* Subtrees that belong to somebody else (metadata), as text. */
struct model_raw {
    struct model_node node;
    const char *name; /* local name of the outermost element */
    const char *ns;   /* its namespace URI, NULL for none */
    const char *xml;  /* the whole subtree, well-formed where its prefixes are declared */
};

/* An ordered array of pointers to structs, stable while others come and go. */
#define MODEL_ARRAY(type)                                                                          \
    struct {                                                                                       \
        type **items;                                                                              \
        uint32_t count;                                                                            \
        uint32_t capacity;                                                                         \
    }

struct model_array {
    void **items;
    uint32_t count;
    uint32_t capacity;
};

#define MODEL_FOR_EACH(array, type, item)                                                          \
    for (type **item##_at = (array)->items, **item##_end = item##_at + (array)->count,             \
              *item = item##_at < item##_end ? *item##_at : (type *)0;                             \
         item##_at < item##_end;                                                                   \
         item##_at++, item = item##_at < item##_end ? *item##_at : (type *)0)

/* The words of an enum: words[value], words[0] being NULL (unset). */
struct model_words {
    const char *what; /* "disk bus", for messages */
    uint32_t count;   /* words[0] included */
    const char *const *words;
};

/* The word for value; NULL for unset or a value out of range. */
const char *model_word(const struct model_words *words, unsigned value);

/* The value for word, 0 when there is none. */
unsigned model_word_find(const struct model_words *words, const char *word);

/* An enum and its words from one list: LIST(X) is X(NAME, "word") X(...) */
#define MODEL_ENUM_VALUE_(name, word) name,
#define MODEL_ENUM(tag, unset, LIST)                                                               \
    enum tag { unset, LIST(MODEL_ENUM_VALUE_) };                                                   \
    extern const struct model_words tag##_words;

#endif
