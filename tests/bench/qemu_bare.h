/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A QEMU that runs already, started once more by hand: the same program, arguments and environment,
 * with a listening socket of our own where the first one had its monitor's. */
#ifndef HVKIT_BENCH_QEMU_BARE_H
#define HVKIT_BENCH_QEMU_BARE_H

#include <sys/types.h>

struct bare_command;

/* What the process was started with whose environment holds the text; NULL when there is none. */
struct bare_command *bare_command_of(const char *mark);
void bare_command_free(struct bare_command *command);

struct bare_process {
    pid_t pid;
    int monitor; /* connected */
};

/* Each of these exits with a message when it fails. */
void bare_start(const struct bare_command *command, struct bare_process *out);
void bare_await_greeting(const struct bare_process *process);
/* Lets the guest run: QEMU greets long before the machine is built, and answers this afterwards. */
void bare_run(const struct bare_process *process);
void bare_end(struct bare_process *process); /* SIGTERM, and the end awaited */

#endif
