/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef HVKIT_QEMU_CRASH_H
#define HVKIT_QEMU_CRASH_H

#include "machine.h"

/* The guest has panicked and stands still, and <on_crash> wants its memory kept: writes it to
 * ROOT/dump/NAME-TIME.core, then ends the domain or starts its guest again. Does not wait. */
void crash_dump(struct machine *machine);

#endif
