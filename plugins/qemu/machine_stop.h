/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* How a run ends, by itself or because somebody wants it. */
#ifndef HVKIT_QEMU_MACHINE_STOP_H
#define HVKIT_QEMU_MACHINE_STOP_H

#include "machine.h"

#define STOP_TERM_MS 10000 /* for QEMU to close its files after SIGTERM */
#define STOP_KILL_MS 15000 /* for the kernel to end it after SIGKILL */

/* The pidfd says that QEMU has ended. */
void machine_on_exit(struct hvk_call *call, struct machine *machine);

/* Ends QEMU and waits for it: SIGTERM first, then (unless graceful) SIGKILL. When it returns true
 * the run is over, published and told. */
bool machine_stop(struct hvk_call *call, struct machine *machine, bool graceful);

/* A transient machine that does not run, or one that was undefined: out of the index, unpublished,
 * its lane ended. */
void machine_forget(struct hvk_call *call, struct machine *machine);

#endif
