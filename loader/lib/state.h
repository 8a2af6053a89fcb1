/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Where a node keeps what it must remember. */
#ifndef HVKIT_LOADER_STATE_H
#define HVKIT_LOADER_STATE_H

#include "node.h"

/* A descriptor of the node's directory, or of one below it, created with mode 0700 where it is not
 * there. The directory is the URI's parameter `root` (absolute); else DRIVER/PATH below
 * /var/lib/hvkit for root and below $XDG_STATE_HOME/hvkit for everybody else. -1 with the error. */
int state_directory_open(const struct hvk_node *node, const char *path, struct hvk_error *err);

#endif
