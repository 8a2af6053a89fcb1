/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The description as structs: what read.c and model.c build, check.c judges and the emitters read.
 * Everything lives in the arena of the description. */
#ifndef HVKIT_SCANNER_MODEL_H
#define HVKIT_SCANNER_MODEL_H

#include "read.h"
#include "types.h"

#include <base/vector.h>

/* Slots below it have a member in the driver table; those from it on are the core's alone. */
#define SLOT_CORE 512
#define SLOT_MAX 1024
#define ACTION_DEFAULT_MAX 32

/* A named bound. */
struct limit {
    struct place at;
    const char *name; /* "DOMAIN_LIST", in C HVK_MAX_DOMAIN_LIST */
    uint64_t value;
    const char *doc;
};

/* What an argument of this name means where it says nothing about itself. */
struct term {
    struct place at;
    const char *name;
    const char *doc;
};

struct permission {
    struct place at;
    const char *object; /* "domain" */
    const char *name;   /* "read_secure" */
    const char *doc;
    bool read_only; /* a read-only connection has it */
};

/* A value of an enum or one flag. */
struct value {
    struct place at;
    const char *name;   /* "SECURE" */
    const char *c_name; /* "HVK_DOMAIN_XML_SECURE" */
    int64_t number;
    const char *text; /* of SET_NAMES: what the parameter is called */
    unsigned since;
    const char *doc;
};

/* An enum, a set of flags, or the names that parameters may have. */
enum set_kind { SET_ENUM, SET_FLAGS, SET_NAMES };

struct set {
    struct place at;
    const char *name;   /* "domain-xml" */
    const char *c_name; /* "domain_xml" */
    const char *prefix; /* "HVK_DOMAIN_XML_" */
    enum set_kind kind;
    const char *doc;
    struct vector values; /* struct value */
};

struct record;

/* An argument, a result or a member of a record. */
struct member {
    struct place at;
    const char *name;
    enum type type;
    const char *of; /* the record's name */
    struct record *record;
    struct set *set;    /* the values of an int32 or uint32, the names of params */
    struct vector sets; /* struct set *: the flags */
    bool has_max;
    uint64_t max;
    bool has_min;
    int64_t min;
    bool optional;
    bool content;       /* the object that the call is about is named in this argument */
    bool key;           /* this record argument is what the call is about */
    const char *query;  /* how the wire asks for the number of items */
    const char *encode; /* how the wire writes it, where not as its type says */
    const char *doc;
    unsigned since;
    uint32_t offset; /* in a record */
    uint32_t count_offset;
};

struct object;

struct record {
    struct place at;
    struct object *object;
    const char *name;   /* "domain-info" */
    const char *c_name; /* "domain_info": struct hvk_domain_info */
    const char *doc;
    struct vector members; /* struct member; without the leading size */
    uint32_t size;
    uint32_t align;
    bool in_place; /* plain members only: results go to the caller's memory */
    bool payload;  /* of an event */
};

struct permit {
    struct place at;
    const struct permission *permission;
    const char *argument; /* NULL: flags */
    uint32_t any;
    uint32_t none;
};

struct permit_rule {
    struct place at;
    const char *name;
    const struct node *node;
};

enum wire_part_kind { WIRE_FIX, WIRE_FOLD, WIRE_PROJECT };

struct wire_part {
    enum wire_part_kind kind;
    const char *from; /* argument, or field of the record */
    const char *to;   /* value, or name of the parameter */
};

struct wire {
    struct place at;
    const char *program; /* "remote" */
    uint32_t procedure;
    const char *view;
    const char *result;
    const char *order;
    bool has_flags;
    uint32_t flags;
    struct vector parts; /* struct wire_part */
};

struct method {
    struct place at;
    struct object *object;
    const char *name;
    const char *doc;
    const char *class;
    const char *lane;
    const char *source;
    const char *subject; /* "connection", "argument", "content", "result" */
    const char *custom;
    bool read_only;
    uint32_t read_only_not;
    const char *read_only_argument; /* NULL: read_only_not is about flags */
    bool is_static;
    bool internal;
    bool open; /* <permit need="none"/>: anybody may call it */
    bool sensitive;
    unsigned slot;
    unsigned since;
    struct vector arguments; /* struct member; the object first, flags last */
    struct vector results;   /* struct member */
    struct vector permits;   /* struct permit */
    const struct permission *each;
    const char *identify_name; /* what finds the object inside the content */
    const struct method *identify;
    struct vector wires; /* struct wire */
};

/* A public function that hands out members of another method's record. */
struct view {
    struct place at;
    const char *name;
    const char *doc;
    const struct method *method;
    struct vector members; /* const struct member * */
    unsigned since;
};

struct event {
    struct place at;
    struct object *object;
    const char *name;
    const char *doc;
    uint32_t id;
    unsigned since;
    struct record *payload; /* NULL: none */
    const struct permission *permission;
    const struct permission *each;
    struct vector wires;
};

struct object {
    struct place at;
    const char *name;
    const char *c_name;
    const char *table; /* "hvkit.domain/1" */
    const char *kind;  /* "DOMAIN": HVK_OBJECT_DOMAIN */
    unsigned kind_number;
    const char *doc;
    struct record *value;  /* NULL: the connection */
    struct vector records; /* struct record * */
    struct vector sets;    /* struct set * */
    struct vector rules;   /* struct permit_rule */
    struct vector methods; /* struct method *, by slot */
    struct vector views;   /* struct view */
    struct vector events;  /* struct event *, by id */
    struct vector nodes;   /* const struct node *: the root of each part */
};

struct description {
    struct arena *arena;
    struct report *faults;
    struct vector limits;      /* struct limit */
    struct vector terms;       /* struct term */
    struct vector permissions; /* struct permission; the index is the permission's number */
    struct vector objects;     /* struct object * */
    struct vector common;      /* const struct node *: roots that are no objects */
    const char *date;          /* of the manual pages */
    unsigned revision;         /* of the ABI: the newest `since` */
};

/* Builds the description from the files. False when anything was reported. */
bool model_build(struct description *description, const char *const *files, size_t count);

const struct set *model_set(const struct description *description, const char *name);
struct record *model_record(const struct description *description, const char *name);
const struct member *model_argument(const struct method *method, const char *name);
unsigned model_permission_index(const struct description *description,
                                const struct permission *permission);
/* The value of the set with the short name, or NULL. */
const struct value *set_value(const struct set *set, const char *name);
/* Every known bit. */
uint32_t member_flag_mask(const struct member *member);
bool method_in_table(const struct method *method);

/* Offsets, sizes and padding of a record; false after reporting an implicit hole. */
bool layout_record(struct description *description, struct record *record);

/* Everything that the structs alone do not guarantee. */
bool check_description(struct description *description);

#endif
