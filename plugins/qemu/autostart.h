/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef HVKIT_QEMU_AUTOSTART_H
#define HVKIT_QEMU_AUTOSTART_H

#include "node.h"

/* Starts the domains that are to start by themselves: when the root is opened for the first time
 * since the machine booted. Does not wait for them. Where that cannot be noted (a full disk) it
 * warns and starts none: the root is open all the same. */
void autostart_all(struct hvk_call *call, struct node *node);

#endif
