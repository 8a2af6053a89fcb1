/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Sets of CPUs or NUMA nodes, written as "0-3,^2,8". */
#ifndef HVKIT_MODEL_SET_H
#define HVKIT_MODEL_SET_H

#include <base/buffer.h>

#define MODEL_SET_MAX 16384 /* members are below */

/* Appends the set in its canonical form: sorted ranges without exclusions. False when text is not
 * a set or names nothing. */
bool set_normalize(const char *text, size_t length, struct buffer *buffer);

#endif
