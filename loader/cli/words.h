/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What may stand at the cursor of a command line: verbs, options, choices, domain names, files. */
#ifndef HVKIT_CLI_WORDS_H
#define HVKIT_CLI_WORDS_H

#include "cli.h"

struct candidates {
    struct vector words; /* char *, sorted, malloc'ed */
    size_t typed;        /* how many bytes of them stand before the cursor already */
};
#define CANDIDATES_INIT                                                                            \
    {                                                                                              \
        .words = VECTOR_INIT(char *)                                                               \
    }
#define auto_candidates AUTO(candidates_fini) struct candidates

void candidates_fini(struct candidates *candidates);

/* Everything that could complete the last word of line, which ends at the cursor. Domain names come
 * from the connection; when it cannot be had there are none. */
bool candidates_find(struct cli *cli, const char *line, struct candidates *candidates);

/* How many bytes all candidates begin with in common. */
size_t candidates_common(const struct candidates *candidates);

#endif
