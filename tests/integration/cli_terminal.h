/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The command on a pseudo-terminal of its own. */
#ifndef HVKIT_TESTS_CLI_TERMINAL_H
#define HVKIT_TESTS_CLI_TERMINAL_H

#include "../unit/cmocka_all.h"
#include <sys/types.h>
#include <termios.h>

struct terminal {
    pid_t pid;
    int pidfd;
    int master;
    int slave; /* held so that the settings can be read after the command has ended */
    struct termios before;
    char output[65536];
    size_t length;
    size_t seen; /* how much of it terminal_expect() has passed */
};

/* Starts the words, a NULL at their end. HVKIT_URI is `uri`. */
void terminal_start(struct terminal *terminal, const char *uri, const char *const words[]);
/* Waits until the text is printed behind what was expected last; fails the test when the command
 * ends first or 20 seconds pass. */
void terminal_expect(struct terminal *terminal, const char *text);
void terminal_type(struct terminal *terminal, const char *keys);
/* The status of waitpid(). */
int terminal_wait(struct terminal *terminal);
/* Has the terminal the settings that it had before the command? */
bool terminal_is_restored(const struct terminal *terminal);
bool terminal_is_raw(const struct terminal *terminal);
void terminal_close(struct terminal *terminal);

#endif
