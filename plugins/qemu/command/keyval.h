/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The builder describes everything as JSON; options of QEMU 7.2 that take no JSON get the same
 * object as "key=value,key.member=value" (QEMU's keyval notation, a comma doubled inside values).
 */
#ifndef HVKIT_QEMU_COMMAND_KEYVAL_H
#define HVKIT_QEMU_COMMAND_KEYVAL_H

#include <base/error.h>
#include <jansson.h>

/* malloc'ed. The member named `implied` comes first and without its key; NULL: none. Booleans
 * become on and off. */
char *keyval_format(const json_t *object, const char *implied, struct hvk_error *err);

#endif
