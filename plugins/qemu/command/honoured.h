/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Nothing that the model knows and QEMU's driver does not do may be dropped without a word. */
#ifndef HVKIT_QEMU_COMMAND_HONOURED_H
#define HVKIT_QEMU_COMMAND_HONOURED_H

#include "command/build.h"

/* Refuses a definition that says something this driver does not honour, with its path. Values that
 * it does not honour are refused where they are used. */
bool honoured_check(struct build *b);

#endif
