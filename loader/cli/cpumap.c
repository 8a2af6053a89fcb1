/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cpumap.h"

static bool has(const struct hvk_bytes *map, uint32_t cpu)
{
    return cpu / 8 < map->count && (map->items[cpu / 8] >> cpu % 8 & 1);
}

void cpumap_add_marks(struct buffer *out, const struct hvk_bytes *map, uint32_t cpus)
{
    for (uint32_t cpu = 0; cpu < cpus && cpu / 8 < map->count; cpu++)
        buffer_add_char(out, has(map, cpu) ? 'y' : '-');
}

void cpumap_add_list(struct buffer *out, const struct hvk_bytes *map, uint32_t cpus)
{
    for (uint32_t cpu = 0; cpu < cpus && cpu / 8 < map->count; cpu++) {
        uint32_t first = cpu;

        if (!has(map, cpu))
            continue;
        while (cpu + 1 < cpus && has(map, cpu + 1))
            cpu++;
        buffer_add_format(out, "%s%u", out->length ? "," : "", first);
        if (cpu > first)
            buffer_add_format(out, "-%u", cpu);
    }
}
