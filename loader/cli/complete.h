/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Completion scripts for bash, zsh and fish, written from the table of verbs. */
#ifndef HVKIT_CLI_COMPLETE_H
#define HVKIT_CLI_COMPLETE_H

#include "cli.h"

bool complete_run(struct cli *cli, const struct arguments *arguments);

#endif
