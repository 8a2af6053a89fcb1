/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef HVKIT_QEMU_AUTOSTART_H
#define HVKIT_QEMU_AUTOSTART_H

#include "node.h"

/* Starts the domains that are to start by themselves: when the root is opened for the first time
 * since the machine booted. Does not wait for them. */
bool autostart_all(struct hvk_call *call, struct node *node);

#endif
