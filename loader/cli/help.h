/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Help and the manual page, written from the table of verbs. */
#ifndef HVKIT_CLI_HELP_H
#define HVKIT_CLI_HELP_H

#include "verb.h"

bool help_print_overview(void);
bool help_print_verb(const struct verb *verb);

/* The source of hvkit(1), in mdoc(7). */
bool manual_print(void);

/* "--mode MODE" without markup, as help names an option. */
struct option_label {
    char text[96];
};
struct option_label option_label(const struct option_row *option);

#endif
