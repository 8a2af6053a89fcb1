/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef HVKIT_QEMU_COMMAND_ARGV_H
#define HVKIT_QEMU_COMMAND_ARGV_H

#include "command/build.h"

/* The parts as an argument vector: options that take JSON get it, the rest keyval. */
bool argv_make(struct build *b, const char *path, char ***out_argv);
void argv_free(char **argv);

#endif
