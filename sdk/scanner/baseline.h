/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The committed promise: sdk/api/abi-1.baseline. One fact a line, `KIND NAME: TEXT`; lines are
 * only ever added. */
#ifndef HVKIT_SCANNER_BASELINE_H
#define HVKIT_SCANNER_BASELINE_H

#include "emit.h"

struct baseline_line {
    struct place at;
    const char *key;  /* "slot domain.create" */
    const char *text; /* "7 offset 64 (call, …)" */
};

struct baseline {
    struct vector lines; /* struct baseline_line */
};

/* Reads the file; false after reporting. */
bool baseline_read(struct description *description, const char *path, struct baseline *baseline);

/* Compares: what the baseline holds must be described with the same text, and what is described
 * must be in the baseline. */
bool baseline_check(struct description *description, const struct baseline *baseline,
                    const char *path);

/* Adds what is described and not yet promised to the end of the file. Refuses what contradicts. */
bool baseline_append(struct description *description, const struct baseline *baseline,
                     const char *path);

/* Static assertions with the baseline's numbers, for the driver header of an object. */
void out_layout(struct output *output, const struct baseline *baseline,
                const struct object *object);

#endif
