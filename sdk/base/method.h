/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The tables that the scanner generates from sdk/api: one struct method for each operation. */
#ifndef HVKIT_BASE_METHOD_H
#define HVKIT_BASE_METHOD_H

#include <base/value.h>

enum method_class { METHOD_INSTANT, METHOD_BLOCKING, METHOD_LONG };

enum method_lane {
    METHOD_LANE_SELF,    /* the subject's */
    METHOD_LANE_NODE,    /* the node's own */
    METHOD_LANE_CONTROL, /* the subject's, also while a job has left it */
    METHOD_LANE_LOOP,    /* none: answered in the caller's thread from what the core knows */
};

enum method_source {
    METHOD_DRIVER,    /* the driver's table */
    METHOD_FALLBACK,  /* the driver's table, else the core's own answer */
    METHOD_PUBLISHED, /* what the driver published, unless its table has the function */
    METHOD_CORE,      /* the core alone: identity, session, lane state */
};

enum method_subject {
    METHOD_ON_CONNECTION, /* no object, or objects in lists */
    METHOD_ON_ARGUMENT,   /* the argument with FIELD_SUBJECT */
    METHOD_ON_CONTENT,    /* named inside the argument `content`: identify() finds it */
    METHOD_ON_RESULT,     /* known once the result is */
};

/* One permission that a call needs: always when any and none are 0; when (flags & any) != 0; when
 * none is not 0 and (flags & none) == 0. `argument` names another uint32 argument to read instead
 * of flags. Permissions are indices into permission_names[]. */
struct permit {
    uint16_t permission;
    uint16_t argument; /* 1 + index of the field; 0: flags */
    uint32_t any;
    uint32_t none;
};

struct invocation;

struct method {
    const char *object;   /* "domain" */
    const char *name;     /* "get_xml_desc" */
    const char *function; /* "hvk_domain_get_xml_desc" */
    const char *table;    /* "hvkit.domain/1" */
    uint16_t slot;
    uint16_t kind;     /* enum hvk_object_kind */
    uint8_t class;     /* enum method_class */
    uint8_t lane;      /* enum method_lane */
    uint8_t source;    /* enum method_source */
    uint8_t subject;   /* enum method_subject */
    uint8_t read_only; /* 1: a read-only connection may call it */
    uint8_t identify;  /* the slot of the table's identify function, for METHOD_ON_CONTENT */
    uint16_t since;
    uint16_t read_only_argument; /* 1 + index of the field that read_only_not is about; 0: flags */
    uint32_t read_only_not;      /* … unless one of these flags is set */
    uint32_t args_size;
    uint32_t table_offset; /* of the function pointer in the table; 0: the table has none */
    uint16_t field_count;
    uint16_t permit_count;
    const struct field *fields; /* arguments and results, in order */
    const struct permit *permits;
    uint16_t each;         /* 1 + permission that each item of a list result needs; 0: none */
    int16_t flags_field;   /* index of the flags argument, -1: none */
    int16_t subject_field; /* index of the subject (or, ON_CONTENT, of the content), -1: none */
    /* Calls the driver's function with the arguments. results: one collector or scalar slot for
     * each field with FIELD_RESULT, in order. */
    bool (*invoke)(struct hvk_call *call, const struct invocation *invocation);
};

/* Where results go while a call runs: never the caller's memory, since the caller may have left. */
union result_slot {
    struct collector collector; /* everything that is not listed below */
    uint32_t u32;               /* BOOL (as 0/1), INT32, UINT32 */
    uint64_t u64;               /* INT64, UINT64 */
    double number;
    uint64_t record[128]; /* a record with scalars only; size set, rest zero */
};
#define METHOD_RESULTS_MAX 4

struct invocation {
    const struct method *method;
    const void *table;    /* the driver's */
    void *instance;       /* what hvk_driver.open returned */
    const void *args;     /* struct hvk_OBJECT_METHOD_args */
    const void *identity; /* METHOD_ON_CONTENT: the object's value, as reserved */
    union result_slot *results;
};

/* Every method, by object and slot; ends with NULL. */
extern const struct method *const method_tables[];
extern const char *const permission_names[]; /* "domain:read", …; NULL at the end */

/* Events. */
struct event {
    const char *name; /* "domain.lifecycle" */
    uint32_t number;  /* HVK_EVENT_* */
    uint16_t kind;    /* enum hvk_object_kind */
    uint16_t permission;
    uint16_t each; /* 1 + permission */
    uint16_t reserved;
    const struct record *object;  /* the value type it is about */
    const struct record *payload; /* NULL: none */
};
extern const struct event event_table[]; /* ends with a NULL name */

#endif
