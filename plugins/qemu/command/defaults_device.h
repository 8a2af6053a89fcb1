/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Models, buses, formats and companions that devices leave unsaid. */
#ifndef HVKIT_QEMU_COMMAND_DEFAULTS_DEVICE_H
#define HVKIT_QEMU_COMMAND_DEFAULTS_DEVICE_H

#include "command/build.h"

bool defaults_fill_devices(struct build *b);

#endif
