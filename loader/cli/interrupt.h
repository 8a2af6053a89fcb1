/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Signals turned into cancellation. The command's calls block, so one thread waits for SIGINT,
 * SIGTERM and SIGHUP in their place and cancels whatever call is under way; the same thread drives
 * the progress line of long work. A second signal of the same command ends the process. */
#ifndef HVKIT_CLI_INTERRUPT_H
#define HVKIT_CLI_INTERRUPT_H

#include <base/error.h>
#include <hvkit/client.h>

struct interrupt;

/* Called on the interrupt's thread. `signal` is 0 for a tick of the timer, else the signal that
 * came; returning true for a signal means that it was dealt with and no call is to be cancelled. */
typedef bool (*interrupt_handler)(void *user, int signal);

/* Blocks the three signals in the calling thread (those that are not ignored already) and, by
 * inheritance, in every thread that starts later: call it before a connection is opened. */
struct interrupt *interrupt_new(struct hvk_error *err);
void interrupt_free(struct interrupt *interrupt); /* gives the signals back */

/* Forgets earlier signals. The token is valid until the next call. NULL when out of memory. */
struct hvk_cancel *interrupt_begin(struct interrupt *interrupt);

/* Becomes readable when a signal came and stays so until interrupt_begin(): for poll(). */
int interrupt_get_fd(const struct interrupt *interrupt);
int interrupt_get_signal(const struct interrupt *interrupt); /* 0: none came */

/* While something else has the terminal (an editor), SIGINT is its own and ignored here. */
void interrupt_set_ignored(struct interrupt *interrupt, bool ignored);

/* From now on handler runs at every signal and every `milliseconds` (0: no ticks). A NULL handler
 * ends that; it does not run any more once this has returned. */
void interrupt_set_handler(struct interrupt *interrupt, interrupt_handler handler, void *user,
                           unsigned milliseconds);

#endif
