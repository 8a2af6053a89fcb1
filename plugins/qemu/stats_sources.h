/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Where figures come from: QEMU's replies and the kernel's files. */
#ifndef HVKIT_QEMU_STATS_SOURCES_H
#define HVKIT_QEMU_STATS_SOURCES_H

#include "machine.h"

/* ---- memory ---- */

#define MEMORY_FIGURES_MAX 16

struct memory_figures {
    uint32_t count;
    struct {
        int32_t tag; /* HVK_DOMAIN_MEMORY_STAT_* */
        uint64_t value;
    } items[MEMORY_FIGURES_MAX];
};

/* What the host knows, and what the guest reports through its balloon when it was asked to. */
bool stats_memory(struct hvk_call *call, struct machine *machine, struct memory_figures *out);
/* "available": the word of the bulk statistics for a tag; NULL when they have none. */
const char *stats_memory_word(int32_t tag);

/* ---- disks ---- */

struct block_figure {
    const char *param;  /* of hvk_domain_block_stats */
    const char *word;   /* of the bulk statistics: "rd.reqs"; NULL: not there */
    const char *member; /* of query-blockstats; NULL: the failed ones together */
};
extern const struct block_figure block_figures[];
extern const size_t block_figure_count;

/* 0 when QEMU says nothing of the disk. */
int64_t stats_block_figure(const json_t *blockstats, const struct model_disk *disk,
                           const struct block_figure *figure);
/* HVK_DOMAIN_DISK_ERROR_*: what stopped the guest at this disk, until it goes on. blocks: the reply
 * of query-block. */
int32_t stats_block_error(const json_t *blocks, const struct model_disk *disk);
/* blocks: the reply of query-block, NULL while the domain does not run: then the file is read. */
bool stats_block_size(const struct model_disk *disk, const json_t *blocks,
                      struct hvk_domain_block_info *out, struct hvk_error *err);

/* ---- the rest ---- */

/* Of a device of the host, seen from the guest: what it sends, the device receives. */
bool stats_interface(const char *device, struct hvk_domain_interface_stats *out,
                     struct hvk_error *err);
bool stats_process_times(int32_t pid, uint64_t *out_user_ns, uint64_t *out_system_ns);
/* Processors the process may run on, one bit each; the bytes used. */
uint64_t stats_affinity(int32_t pid, uint8_t *map, uint64_t size);

#endif
