/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* This machine, read from /proc and /sys as Linux documents them (Documentation/ABI). */
#ifndef HVKIT_LOADER_HOST_H
#define HVKIT_LOADER_HOST_H

#include <base/error.h>

/* The whole of a small file, NUL-terminated; free() it. NULL with the error. */
char *host_read_file(const char *path, struct hvk_error *err);
/* One number in a file; false when there is no such file or number. */
bool host_read_number(const char *path, uint64_t *out_value);
bool host_write_number(const char *path, uint64_t value, struct hvk_error *err);

/* A set as the kernel writes it ("0-3,8"): calls visit for each member, at most `limit`. */
bool host_for_each_in_set(const char *text, uint32_t limit, bool (*visit)(void *, uint32_t),
                          void *user);

struct host_topology {
    uint32_t cpus;    /* online */
    uint32_t nodes;   /* NUMA cells; 1 when cells differ, so that the product holds */
    uint32_t sockets; /* in a cell */
    uint32_t cores;   /* in a socket */
    uint32_t threads; /* in a core */
};
bool host_get_topology(struct host_topology *topology, struct hvk_error *err);

bool host_get_memory_kib(uint64_t *out_kib, struct hvk_error *err);
uint32_t host_get_mhz(void); /* 0 when unknown */

#endif
