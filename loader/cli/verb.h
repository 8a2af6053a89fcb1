/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The table of verbs. Each family's file holds the rows of its verbs beside the functions that run
 * them; verbs.c joins the families. Help, the manual page, shell completion and option parsing are
 * all driven by these rows, so that nothing about a verb is said twice. */
#ifndef HVKIT_CLI_VERB_H
#define HVKIT_CLI_VERB_H

#include <base/cleanup.h>
#include <hvkit/types.h>

struct arguments;
struct cli;

enum option_type {
    OPTION_SWITCH, /* takes no value */
    OPTION_TEXT,
    OPTION_NUMBER, /* within min and max */
    OPTION_SIZE,   /* a number with a unit; without one KiB, as virsh reads it */
    OPTION_CHOICE, /* one of choices */
    OPTION_FILE,
    OPTION_DOMAIN, /* name, uuid or id */
    OPTION_VERB,
};

#define OPTION_OPERAND (1u << 0) /* may also stand without its name, in the order of the table */
#define OPTION_REQUIRED (1u << 1)
#define OPTION_REPEATED (1u << 2) /* the last operand: takes every operand that is left */
#define OPTION_MAY_LACK_VALUE (1u << 3)

struct option_row {
    const char *name;
    const char *value; /* what help calls the value; NULL for a switch */
    const char *help;
    const char *const *choices; /* NULL-terminated */
    uint64_t min;
    uint64_t max;
    uint32_t bit; /* of a switch: what it adds to arguments.bits */
    uint8_t type; /* enum option_type */
    uint8_t flags;
    char letter; /* 0: has no short form */
};

#define VERB_IN_SHELL_ONLY (1u << 0)
#define VERB_OUTSIDE_SHELL (1u << 1) /* replaces the process or makes no sense at a prompt */

/* Runs a verb; false with the reason in the call's error (see cli_call() and cli_usage()). */
typedef bool (*verb_function)(struct cli *cli, const struct arguments *arguments);

struct verb {
    const char *name;
    const char *aliases; /* separated by blanks; NULL: none */
    const char *summary; /* one line without a full stop */
    const char *description;
    const char *examples; /* one a line: command, then " # " and what it does; NULL: none */
    const struct option_row *options; /* ends with a NULL name */
    verb_function run;
    uint32_t flags;
};

struct family {
    const char *title;
    const struct verb *verbs; /* ends with a NULL name */
};

extern const struct family verb_families[]; /* ends with a NULL title */
extern const struct option_row global_options[];

/* By name or alias; NULL when there is none. */
const struct verb *verb_find(const char *name);

/* The verb whose name is closest to a mistyped one, NULL when none is close. */
const char *verb_suggest(const char *name);

/* Calls visit for every verb in the order of the table. */
#define VERB_FOR_EACH(verb)                                                                        \
    for (const struct family *verb##_family = verb_families; verb##_family->title;                 \
         verb##_family++)                                                                          \
        for (const struct verb *verb = verb##_family->verbs; verb->name; verb++)

#define OPTION_FOR_EACH(rows, option)                                                              \
    for (const struct option_row *option = (rows); option && option->name; option++)

/* ---- how rows are written ---- */

#define OPTIONS(...)                                                                               \
    (const struct option_row[])                                                                    \
    {                                                                                              \
        __VA_ARGS__,                                                                               \
        {                                                                                          \
            0                                                                                      \
        }                                                                                          \
    }
#define CHOICES(...)                                                                               \
    (const char *const[])                                                                          \
    {                                                                                              \
        __VA_ARGS__, NULL                                                                          \
    }

#define SWITCH(option_name, option_bit, text)                                                      \
    {                                                                                              \
        .name = (option_name), .help = (text), .bit = (option_bit), .type = OPTION_SWITCH          \
    }
#define DOMAIN_OPERAND                                                                             \
    {                                                                                              \
        .name = "domain", .value = "DOMAIN", .help = "name, uuid or id of the domain",             \
        .type = OPTION_DOMAIN, .flags = OPTION_OPERAND | OPTION_REQUIRED                           \
    }
#define TEXT_OPTION(option_name, metavar, text)                                                    \
    {                                                                                              \
        .name = (option_name), .value = (metavar), .help = (text), .type = OPTION_TEXT             \
    }
#define CHOICE_OPTION(option_name, metavar, text, ...)                                             \
    {                                                                                              \
        .name = (option_name), .value = (metavar), .help = (text), .type = OPTION_CHOICE,          \
        .choices = CHOICES(__VA_ARGS__)                                                            \
    }
#define TEXT_OPERAND(option_name, metavar, text)                                                   \
    {                                                                                              \
        .name = (option_name), .value = (metavar), .help = (text), .type = OPTION_TEXT,            \
        .flags = OPTION_OPERAND | OPTION_REQUIRED                                                  \
    }
#define NUMBER_OPTION(option_name, metavar, least, most, text)                                     \
    {                                                                                              \
        .name = (option_name), .value = (metavar), .help = (text), .type = OPTION_NUMBER,          \
        .min = (least), .max = (most)                                                              \
    }
#define FILE_OPTION(option_name, text)                                                             \
    {                                                                                              \
        .name = (option_name), .value = "FILE", .help = (text), .type = OPTION_FILE                \
    }
#define FILE_OPERAND(text)                                                                         \
    {                                                                                              \
        .name = "file", .value = "FILE", .help = (text), .type = OPTION_FILE,                      \
        .flags = OPTION_OPERAND | OPTION_REQUIRED                                                  \
    }

#endif
