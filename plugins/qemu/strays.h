/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Processes that an owner started and had no time to note before it was killed. */
#ifndef HVKIT_QEMU_STRAYS_H
#define HVKIT_QEMU_STRAYS_H

#include <base/error.h>

/* Kills every process that carries the mark of this runtime directory in its environment (see
 * START_MARK), and waits for its end. */
bool strays_kill(const char *run_directory, struct hvk_error *err);

#endif
