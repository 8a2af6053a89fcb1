/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The root directory itself: where it is, whose it is, what is in it. */
#ifndef HVKIT_QEMU_ROOT_H
#define HVKIT_QEMU_ROOT_H

#include "node.h"

/* Creates what is missing below path, takes the lock and fills the node's members. RESOURCE_BUSY
 * names the process that owns the root. */
bool root_open(struct node *node, const char *path, struct hvk_error *err);
void root_close(struct node *node);

#endif
