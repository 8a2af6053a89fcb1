/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* RAM, where it comes from, processors and NUMA cells. */
#include "command/machine.h"

#include <inttypes.h>

static bool has_hugepages(const struct build *b)
{
    return b->domain->memory_backing.hugepages.node.present;
}

static bool has_cells(const struct build *b)
{
    return b->domain->cpu.numa.cells.count > 0;
}

bool memory_has_backend(const struct build *b)
{
    return !has_cells(b);
}

/* ---- one backend ---- */

/* The page size for a cell, in KiB: that of the entry that names it, else of the one without a
 * node set; 0: the system's default. */
static uint64_t hugepage_size(const struct build *b, const struct model_numa_cell *cell)
{
    uint64_t size = 0;
    MODEL_FOR_EACH(&b->domain->memory_backing.hugepages.pages, struct model_hugepage, page)
    {
        if (!page->nodeset) {
            size = page->size.value;
            continue;
        }
        const char *at = page->nodeset;
        uint32_t first, last;
        while (cell && model_set_next(&at, &first, &last))
            if (cell->id.value >= first && cell->id.value <= last)
                return page->size.value;
    }
    return size;
}

static const char *backend_type(const struct build *b)
{
    const struct model_memory_backing *backing = &b->domain->memory_backing;
    if (backing->source == MODEL_MEMORY_SOURCE_MEMFD || has_hugepages(b))
        return "memory-backend-memfd";
    if (backing->source == MODEL_MEMORY_SOURCE_FILE)
        return "memory-backend-file";
    /* only shared memory that has a descriptor can be handed to another process */
    return build_has_shared_memory(b->domain) ? "memory-backend-memfd" : "memory-backend-ram";
}

static void put_policy(const struct build *b, json_t *json)
{
    const struct model_numatune_memory *memory = &b->domain->numatune.memory;
    static const char *const policies[] = {
        [MODEL_NUMATUNE_STRICT] = "bind",
        [MODEL_NUMATUNE_PREFERRED] = "preferred",
        [MODEL_NUMATUNE_INTERLEAVE] = "interleave",
    };
    if (!memory->node.present || !memory->nodeset || memory->mode == MODEL_NUMATUNE_RESTRICTIVE)
        return;
    json_t *nodes = json_array();
    const char *at = memory->nodeset;
    uint32_t first, last;
    while (model_set_next(&at, &first, &last))
        for (uint32_t node = first; node <= last; node++)
            json_array_append_new(nodes, json_integer(node));
    json_object_set_new(json, "host-nodes", nodes);
    json_put_string(json, "policy", policies[memory->mode ? memory->mode : MODEL_NUMATUNE_STRICT]);
}

json_t *memory_backend(struct build *b, const char *id, uint64_t bytes,
                       enum model_memory_access access, enum model_switch discard,
                       const struct model_node *node)
{
    const struct model_memory_backing *backing = &b->domain->memory_backing;
    const char *type = backend_type(b);
    if (!build_need_object(b, node, "memoryBacking", type))
        return NULL;
    json_t *json =
        json_pack("{s:s,s:s,s:I}", "qom-type", type, "id", id, "size", (json_int_t)bytes);
    if (!json) {
        hvk_error_memory(b->err);
        return NULL;
    }
    if (!access)
        access = backing->access;
    if (access)
        json_object_set_new(json, "share", json_boolean(access == MODEL_MEMORY_ACCESS_SHARED));
    if (strcmp(type, "memory-backend-file") == 0)
        json_put_string(json, "mem-path", b->in->runtime_directory);
    if (backing->allocation == MODEL_MEMORY_ALLOCATION_IMMEDIATE || has_hugepages(b)) {
        json_object_set_new(json, "prealloc", json_true());
        json_put_uint(json, "prealloc-threads", backing->allocation_threads);
    }
    put_policy(b, json);
    if (discard != MODEL_SWITCH_ON && (discard == MODEL_SWITCH_OFF || !backing->discard))
        return json;
    json_object_set_new(json, "discard-data", json_true());
    if (strcmp(type, "memory-backend-file") == 0)
        return json;
    build_refuse(b, node, "memoryBacking", "only memory of source type 'file' can be discarded");
    json_decref(json);
    return NULL;
}

static void put_hugepages(const struct build *b, json_t *json, const struct model_numa_cell *cell)
{
    uint64_t kib = hugepage_size(b, cell);
    if (!has_hugepages(b))
        return;
    json_object_set_new(json, "hugetlb", json_true());
    if (kib > 0)
        json_object_set_new(json, "hugetlbsize", json_integer((json_int_t)kib * 1024));
}

/* ---- RAM ---- */

static uint64_t cells_kib(const struct build *b)
{
    uint64_t kib = 0;
    MODEL_FOR_EACH(&b->domain->cpu.numa.cells, struct model_numa_cell, cell)
    kib += cell->memory.value;
    return kib;
}

static uint64_t devices_kib(const struct build *b)
{
    uint64_t kib = 0;
    MODEL_FOR_EACH(&b->domain->devices.memories, struct model_memory_device, memory)
    kib += memory->target.size.value;
    return kib;
}

/* <memory> counts the memory devices, which are not there yet when the board is made. */
static uint64_t board_kib(const struct build *b)
{
    uint64_t total = b->domain->memory.kib, devices = devices_kib(b);
    if (has_cells(b))
        return cells_kib(b);
    return total > devices ? total - devices : total;
}

static bool add_size(struct build *b)
{
    const struct model_memory *maximum = &b->domain->max_memory;
    uint64_t kib = board_kib(b);
    if (kib == 0)
        return build_refuse(b, &b->domain->memory.node, "memory", "a domain needs memory");
    if (!maximum->node.present)
        return build_option_format(b, "-m", "size=%" PRIu64 "k", kib);
    if (!has_cells(b))
        return build_refuse(b, &maximum->node, "maxMemory",
                            "memory that is added later needs a NUMA cell: define cpu/numa");
    return build_option_format(b, "-m", "size=%" PRIu64 "k,slots=%" PRIu64 ",maxmem=%" PRIu64 "k",
                               kib, maximum->slots.value, maximum->kib);
}

static bool add_ram(struct build *b)
{
    if (!add_size(b))
        return false;
    if (memory_has_backend(b)) {
        json_t *json = memory_backend(b, MEMORY_BACKEND_ID, board_kib(b) * 1024, 0,
                                      MODEL_SWITCH_UNSET, &b->domain->memory_backing.node);
        if (!json)
            return false;
        put_hugepages(b, json, NULL);
        if (!build_part(b, PART_OBJECT, json))
            return false;
    }
    return build_option(b, "-overcommit",
                        b->domain->memory_backing.locked ? "mem-lock=on" : "mem-lock=off");
}

/* ---- processors ---- */

static bool add_smp(struct build *b)
{
    const struct model_vcpu_total *vcpu = &b->domain->vcpu;
    const struct model_cpu_topology *topology = &b->domain->cpu.topology;
    const struct caps_machine *machine = caps_find_machine(b->caps, b->domain->os.type.machine);
    uint64_t current = vcpu->current.set ? vcpu->current.value : vcpu->maximum;
    if (current == 0 || current > vcpu->maximum)
        return build_refuse(b, &vcpu->node, "vcpu", "%u of at most %u vCPUs", (unsigned)current,
                            vcpu->maximum);
    if (machine && machine->max_cpus && vcpu->maximum > machine->max_cpus)
        return build_refuse(b, &vcpu->node, "vcpu",
                            "machine type '%s' has at most %u vCPUs, not %u", machine->name,
                            machine->max_cpus, vcpu->maximum);
    if (vcpu->placement == MODEL_PLACEMENT_AUTO ||
        b->domain->numatune.memory.placement == MODEL_PLACEMENT_AUTO)
        return build_refuse(b, &vcpu->node, "vcpu/@placement",
                            "automatic placement is not supported");
    if (topology->clusters.set && topology->clusters.value != 1)
        return build_refuse(b, &topology->node, "cpu/topology/@clusters", "a PC has no clusters");
    uint64_t sockets = vcpu->maximum, dies = 1, cores = 1, threads = 1;
    if (topology->node.present) {
        sockets = topology->sockets.set ? topology->sockets.value : 1;
        dies = topology->dies.set ? topology->dies.value : 1;
        cores = topology->cores.set ? topology->cores.value : 1;
        threads = topology->threads.set ? topology->threads.value : 1;
        if (sockets * dies * cores * threads != vcpu->maximum)
            return build_refuse(b, &topology->node, "cpu/topology",
                                "it has room for %u vCPUs, but there are %u",
                                (unsigned)(sockets * dies * cores * threads), vcpu->maximum);
    }
    json_t *json = json_pack("{s:I}", "cpus", (json_int_t)current);
    if (current != vcpu->maximum)
        json_object_set_new(json, "maxcpus", json_integer(vcpu->maximum));
    json_object_set_new(json, "sockets", json_integer((json_int_t)sockets));
    if (dies > 1)
        json_object_set_new(json, "dies", json_integer((json_int_t)dies));
    json_object_set_new(json, "cores", json_integer((json_int_t)cores));
    json_object_set_new(json, "threads", json_integer((json_int_t)threads));
    return build_option_keyval(b, "-smp", "cpus", json);
}

static bool add_iothreads(struct build *b)
{
    MODEL_FOR_EACH(&b->domain->iothreadids.items, struct model_iothread, iothread)
    {
        char id[32];
        snprintf(id, sizeof id, "iothread%u", (unsigned)iothread->id.value);
        json_t *json = json_pack("{s:s,s:s}", "qom-type", "iothread", "id", id);
        json_put_uint(json, "thread-pool-min", iothread->thread_pool_min);
        json_put_uint(json, "thread-pool-max", iothread->thread_pool_max);
        if (!build_part(b, PART_OBJECT, json))
            return false;
    }
    return true;
}

/* ---- cells ---- */

static bool add_cell(struct build *b, const struct model_numa_cell *cell)
{
    auto_buffer text = BUFFER_INIT;
    const char *at = cell->cpus;
    uint32_t first, last;
    buffer_add_format(&text, "node,nodeid=%u", (unsigned)cell->id.value);
    while (at && model_set_next(&at, &first, &last))
        buffer_add_format(&text, first == last ? ",cpus=%u" : ",cpus=%u-%u", first, last);
    if (cell->memory.value > 0) {
        char id[32];
        snprintf(id, sizeof id, "ram-node%u", (unsigned)cell->id.value);
        json_t *json = memory_backend(b, id, cell->memory.value * 1024, cell->access, cell->discard,
                                      &cell->node);
        if (!json)
            return false;
        put_hugepages(b, json, cell);
        if (!build_part(b, PART_OBJECT, json))
            return false;
        buffer_add_format(&text, ",memdev=%s", id);
    }
    return text.failed ? hvk_error_memory(b->err) : build_option(b, "-numa", text.data);
}

static bool add_distances(struct build *b, const struct model_numa_cell *cell)
{
    MODEL_FOR_EACH(&cell->distances.siblings, struct model_numa_distance, sibling)
    if (!build_option_format(b, "-numa", "dist,src=%u,dst=%u,val=%u", (unsigned)cell->id.value,
                             (unsigned)sibling->id.value, (unsigned)sibling->value.value))
        return false;
    return true;
}

static bool add_cells(struct build *b)
{
    MODEL_FOR_EACH(&b->domain->cpu.numa.cells, struct model_numa_cell, cell)
    if (!add_cell(b, cell))
        return false;
    MODEL_FOR_EACH(&b->domain->cpu.numa.cells, struct model_numa_cell, cell)
    if (!add_distances(b, cell))
        return false;
    return true;
}

bool memory_build(struct build *b)
{
    return add_ram(b) && add_smp(b) && add_iothreads(b) && add_cells(b);
}
