/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Starting QEMU and its helpers. */
#ifndef HVKIT_QEMU_START_SPAWN_H
#define HVKIT_QEMU_START_SPAWN_H

#include "command/command.h"
#include "machine.h"

/* In the environment of everything that is started for a domain: its runtime directory. It is how
 * an owner finds what a predecessor started and had no time to note. */
#define START_MARK "HVKIT_RUN"

/* Fills machine->run. monitor_fd: handed to QEMU. */
bool start_spawn_all(struct hvk_call *call, struct machine *machine, const struct command *command,
                     int monitor_fd);

#endif
