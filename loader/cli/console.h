/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HVKIT_CLI_CONSOLE_H
#define HVKIT_CLI_CONSOLE_H

#include "cli.h"

struct console_settings {
    const char *device; /* alias; NULL: the first */
    const char *escape; /* "^]"; NULL: that */
    uint32_t flags;     /* HVK_DOMAIN_CONSOLE_* */
    bool resume;        /* resume the guest once the console is open */
};

/* Connects the terminal (raw while it lasts) or the pipe on standard input and output to the
 * guest's console until the guest closes it or the escape character is typed. */
bool console_attach(struct cli *cli, const struct hvk_domain *domain,
                    const struct console_settings *settings);

#endif
