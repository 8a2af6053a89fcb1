/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The controlling terminal in raw mode. A process has one, and it must come back to how it was
 * whatever ends the process, so its saved state is the one thing here that is global. */
#ifndef HVKIT_CLI_TERMINAL_H
#define HVKIT_CLI_TERMINAL_H

#include <base/error.h>

/* Puts the terminal on fd into raw mode: no echo, no line editing, no signals from keys. Until
 * terminal_restore(), signals that end the process restore it first, and SIGTSTP and SIGCONT take
 * it out of raw mode and back into it. */
bool terminal_raw(int fd, struct hvk_error *err);

/* Does nothing unless the terminal is raw; safe in a signal handler and from any thread. */
void terminal_restore(void);

/* The width of the terminal on fd in columns, 0 when it is none. */
unsigned terminal_columns(int fd);

#endif
