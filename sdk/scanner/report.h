/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the scanner has to say about a description: `FILE:LINE:COLUMN: what; expected; way out`.
 * A run reports everything it finds, up to REPORT_MAX, and then fails. */
#ifndef HVKIT_SCANNER_REPORT_H
#define HVKIT_SCANNER_REPORT_H

#include <hvkit/types.h>
#include <stdio.h>

#define REPORT_MAX 50

struct place {
    const char *file;
    unsigned line;
    unsigned column;
};

struct report {
    FILE *to;
    unsigned count;
};

/* Always false, so that a check can end in it. */
bool report(struct report *report, const struct place *at, const char *format, ...)
    HVK_PRINTF(3, 4);

#endif
