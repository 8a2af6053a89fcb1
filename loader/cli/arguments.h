/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the user typed, read by the rows of a verb. Values are borrowed from the argument vector. */
#ifndef HVKIT_CLI_ARGUMENTS_H
#define HVKIT_CLI_ARGUMENTS_H

#include "verb.h"
#include <base/error.h>
#include <base/vector.h>

#define ARGUMENT_OPTIONS_MAX 64

struct arguments {
    const struct option_row *rows;
    const char *values[ARGUMENT_OPTIONS_MAX]; /* by row; "" for a switch that was given */
    struct vector rest; /* const char *: the values of the row with OPTION_REPEATED */
    uint32_t bits;      /* of all switches that were given */
};

#define ARGUMENTS_INIT                                                                             \
    {                                                                                              \
        .rest = VECTOR_INIT(const char *)                                                          \
    }
#define auto_arguments AUTO(arguments_fini) struct arguments

void arguments_fini(struct arguments *arguments);

/* Reads options up to the first operand or "--"; returns how many words it took, -1 on failure.
 * Used for the options that stand before the verb. */
int arguments_read_global(struct arguments *arguments, int count, char *const words[],
                          struct hvk_error *err);

/* Reads everything that follows a verb. An option that the verb does not have is looked up in the
 * global ones and goes to `global`. INVALID_ARG says what is wrong and suggests what was meant. */
bool arguments_read(struct arguments *arguments, struct arguments *global, const struct verb *verb,
                    int count, char *const words[], struct hvk_error *err);

/* The row must exist: asking for an option that the verb does not have is a programming error. */
bool arguments_have(const struct arguments *arguments, const char *name);
const char *arguments_text(const struct arguments *arguments, const char *name); /* NULL: absent */
uint64_t arguments_number(const struct arguments *arguments, const char *name, uint64_t absent);
uint64_t arguments_bytes(const struct arguments *arguments, const char *name, uint64_t absent);
int arguments_choice(const struct arguments *arguments, const char *name, int absent);

#endif
