/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Sets of processors: a bit each, the lowest in the first byte. */
#ifndef HVKIT_CLI_CPUMAP_H
#define HVKIT_CLI_CPUMAP_H

#include <base/buffer.h>
#include <hvkit/values.h>

/* "yy-y": a character for each of so many processors. */
void cpumap_add_marks(struct buffer *out, const struct hvk_bytes *map, uint32_t cpus);
/* "0-1,3" */
void cpumap_add_list(struct buffer *out, const struct hvk_bytes *map, uint32_t cpus);

#endif
