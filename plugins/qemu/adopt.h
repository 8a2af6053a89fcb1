/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Taking over what a previous owner of the root left running. */
#ifndef HVKIT_QEMU_ADOPT_H
#define HVKIT_QEMU_ADOPT_H

#include "node.h"

/* Reads every ROOT/run/UUID: machines whose QEMU lives get their run; of the others the traces are
 * removed. Publishes nothing yet. One that cannot be read is reported and left alone. */
bool adopt_all(struct hvk_call *call, struct node *node);

/* On the machine's lane, once it is published: connects to its monitor again, and makes what is
 * known of it true. */
bool adopt_connect(struct hvk_call *call, struct machine *machine);

#endif
