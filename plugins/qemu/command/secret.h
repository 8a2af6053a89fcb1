/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Passwords and keys for QEMU. They travel through an anonymous file that only QEMU inherits: never
 * in the argument vector, never in a file system. */
#ifndef HVKIT_QEMU_COMMAND_SECRET_H
#define HVKIT_QEMU_COMMAND_SECRET_H

#include "command/build.h"

/* Adds a secret object with the value that the node's secrets hold for the reference. */
bool secret_add(struct build *b, const char *id, const struct model_secret_ref *reference,
                const char *element);

bool secret_add_data(struct build *b, const char *id, const void *data, size_t length);

#endif
