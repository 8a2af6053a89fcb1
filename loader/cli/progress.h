/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Long work on a domain: how far it is, on one line of standard error when that is a terminal, and
 * Ctrl-C, which aborts the job in the hypervisor rather than only the wait for it. */
#ifndef HVKIT_CLI_PROGRESS_H
#define HVKIT_CLI_PROGRESS_H

#include "cli.h"

struct progress {
    struct cli *cli;
    struct hvk_connection *connection;
    const struct hvk_domain *domain;
    const char *what; /* "Saving" */
    bool shown;       /* something stands on the line */
    bool visible;     /* standard error is a terminal and --quiet was not given */
};

/* Around the one call that does the work. */
void progress_begin(struct progress *progress, struct cli *cli, const struct hvk_domain *domain,
                    const char *what);
void progress_end(struct progress *progress);

#endif
