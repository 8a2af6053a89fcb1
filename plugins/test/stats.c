/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Figures. They grow with the time that the guest runs, at fixed rates, so that a monitor has
 * something to plot; only their relations mean anything. */
#include "domain.h"

#include <base/string.h>
#include <inttypes.h>
#include <stdio.h>

#define DISK_CAPACITY (1024ull * 1024 * 1024 * 1024) /* bytes */

static struct machine *find_active(struct hvk_call *call, struct test_node *node,
                                   const struct hvk_domain *domain, const char *method)
{
    return machine_find_active(call, node, domain, method, "read figures of");
}

bool domain_memory_stats(struct hvk_call *call, void *instance, const struct hvk_domain *domain,
                         uint32_t flags, struct hvk_domain_memory_stat_sink *out_stats)
{
    (void)flags;
    struct machine *machine = find_active(call, instance, domain, "memory_stats");
    if (!machine)
        return false;
    uint64_t memory = machine_memory(machine->live);
    const struct {
        int32_t tag;
        uint64_t value;
    } rows[] = {
        {HVK_DOMAIN_MEMORY_STAT_ACTUAL_BALLOON, memory},
        {HVK_DOMAIN_MEMORY_STAT_SWAP_IN, 0},
        {HVK_DOMAIN_MEMORY_STAT_SWAP_OUT, 0},
        {HVK_DOMAIN_MEMORY_STAT_AVAILABLE, memory},
        {HVK_DOMAIN_MEMORY_STAT_UNUSED, memory / 2},
        {HVK_DOMAIN_MEMORY_STAT_USABLE, memory / 2},
        {HVK_DOMAIN_MEMORY_STAT_DISK_CACHES, memory / 8},
        {HVK_DOMAIN_MEMORY_STAT_RSS, memory / 2},
    };
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        struct hvk_domain_memory_stat stat = {
            .size = sizeof stat, .tag = rows[i].tag, .value = rows[i].value};
        if (!hvk_put_domain_memory_stat(out_stats, &stat))
            return false;
    }
    return true;
}

/* ---- disks ---------------------------------------------------------------------------------- */

/* By target ("vda") or by source. */
static const struct model_disk *find_disk(struct hvk_call *call, const struct machine *machine,
                                          const char *name)
{
    const struct model_devices *devices = &machine_model(machine)->devices;
    for (uint32_t i = 0; i < devices->disks.count; i++) {
        const struct model_disk *disk = devices->disks.items[i];
        if (string_equal(disk->target.dev, name) || string_equal(disk->source.file, name))
            return disk;
    }
    hvk_error_set(&call->error, HVK_ERR_INVALID_ARG, "domain '%s' has no disk '%s'",
                  machine_model(machine)->name, name);
    return NULL;
}

struct disk_figure {
    const char *name;      /* of hvk_domain_block_stats() */
    const char *bulk_name; /* of hvk_domain_get_all_stats(), behind "block.N." */
    uint64_t per_second;
};

static const struct disk_figure disk_figures[] = {
    {"rd_operations", "rd.reqs", 20},     {"rd_bytes", "rd.bytes", 81920},
    {"rd_total_times", "rd.times", 1000}, {"wr_operations", "wr.reqs", 10},
    {"wr_bytes", "wr.bytes", 40960},      {"wr_total_times", "wr.times", 1000},
    {"flush_operations", "fl.reqs", 1},   {"flush_total_times", "fl.times", 100},
};

static uint64_t figure(const struct machine *machine, uint64_t per_second)
{
    return (uint64_t)((double)machine_uptime_ns(machine) / 1e9 * (double)per_second);
}

bool domain_block_stats(struct hvk_call *call, void *instance, const struct hvk_domain *domain,
                        const char *disk, uint32_t flags, struct hvk_param_sink *out_params)
{
    (void)flags;
    struct machine *machine = find_active(call, instance, domain, "block_stats");
    if (!machine || (*disk && !find_disk(call, machine, disk)))
        return false;
    uint64_t disks = *disk ? 1 : machine->live->devices.disks.count;
    for (size_t i = 0; i < ARRAY_SIZE(disk_figures); i++) {
        if (!hvk_put_param_i64(out_params, disk_figures[i].name,
                               (int64_t)(disks * figure(machine, disk_figures[i].per_second))))
            return false;
    }
    return true;
}

bool domain_get_block_info(struct hvk_call *call, void *instance, const struct hvk_domain *domain,
                           const char *disk, uint32_t flags, struct hvk_domain_block_info *out_info)
{
    (void)flags;
    struct machine *machine = machine_find(call, instance, domain, "get_block_info");
    if (!machine || !find_disk(call, machine, disk))
        return false;
    out_info->capacity = out_info->physical = out_info->allocation = DISK_CAPACITY;
    return true;
}

bool domain_get_disk_errors(struct hvk_call *call, void *instance, const struct hvk_domain *domain,
                            uint32_t flags, struct hvk_domain_disk_error_sink *out_errors)
{
    (void)flags;
    (void)out_errors; /* there are none */
    return find_active(call, instance, domain, "get_disk_errors") != NULL;
}

/* ---- interfaces ----------------------------------------------------------------------------- */

bool domain_interface_stats(struct hvk_call *call, void *instance, const struct hvk_domain *domain,
                            const char *device, struct hvk_domain_interface_stats *out_stats)
{
    struct machine *machine = find_active(call, instance, domain, "interface_stats");
    if (!machine)
        return false;
    for (uint32_t i = 0; i < machine->live->devices.interfaces.count; i++) {
        if (!string_equal(machine->live->devices.interfaces.items[i]->target.dev, device))
            continue;
        out_stats->rx_bytes = (int64_t)figure(machine, 9000);
        out_stats->rx_packets = (int64_t)figure(machine, 6);
        out_stats->tx_bytes = (int64_t)figure(machine, 3000);
        out_stats->tx_packets = (int64_t)figure(machine, 2);
        return true;
    }
    return hvk_error_set(&call->error, HVK_ERR_INVALID_ARG,
                         "domain '%s' has no interface whose target is '%s'", machine->live->name,
                         device);
}

/* ---- vCPUs ---------------------------------------------------------------------------------- */

static uint64_t vcpu_time(const struct machine *machine)
{
    uint32_t vcpus = machine_vcpus(machine_model(machine));
    return vcpus ? machine_uptime_ns(machine) / vcpus : 0;
}

/* Every processor of the node. */
struct node_map {
    uint8_t bits[TEST_CPUS_MAX / 8];
    uint64_t size;
};

static struct node_map node_map(const struct test_node *node)
{
    struct node_map map = {.size = (node->cpus + 7) / 8};
    for (uint32_t cpu = 0; cpu < node->cpus; cpu++)
        map.bits[cpu / 8] |= (uint8_t)(1u << cpu % 8);
    return map;
}

bool domain_get_vcpus(struct hvk_call *call, void *instance, const struct hvk_domain *domain,
                      struct hvk_vcpu_info_sink *out_vcpus)
{
    struct machine *machine = find_active(call, instance, domain, "get_vcpus");
    if (!machine)
        return false;
    struct node_map map = node_map(machine->node);
    for (uint32_t i = 0; i < machine_vcpus(machine->live); i++) {
        struct hvk_vcpu_info info = {.size = sizeof info,
                                     .number = i,
                                     .state = HVK_VCPU_RUNNING,
                                     .cpu = (int32_t)(i % machine->node->cpus),
                                     .cpu_time_ns = vcpu_time(machine),
                                     .cpumap = map.bits,
                                     .cpumap_size = map.size};
        if (!hvk_put_vcpu_info(out_vcpus, &info))
            return false;
    }
    return true;
}

bool domain_get_vcpu_pin_info(struct hvk_call *call, void *instance,
                              const struct hvk_domain *domain, uint32_t flags,
                              struct hvk_vcpu_pin_sink *out_pins)
{
    (void)flags;
    struct machine *machine = machine_find(call, instance, domain, "get_vcpu_pin_info");
    if (!machine)
        return false;
    struct node_map map = node_map(machine->node);
    for (uint32_t i = 0; i < machine_model(machine)->vcpu.maximum; i++) {
        struct hvk_vcpu_pin pin = {
            .size = sizeof pin, .number = i, .cpumap = map.bits, .cpumap_size = map.size};
        if (!hvk_put_vcpu_pin(out_pins, &pin))
            return false;
    }
    return true;
}

/* ---- all at once ---------------------------------------------------------------------------- */

static bool put_state(const struct machine *machine, struct hvk_param_sink *params)
{
    return hvk_put_param_i32(params, "state.state", machine->state) &&
           hvk_put_param_i32(params, "state.reason", machine->reason);
}

static bool put_cpu(const struct machine *machine, struct hvk_param_sink *params)
{
    uint64_t time = machine_uptime_ns(machine);
    return !machine->live || (hvk_put_param_u64(params, "cpu.time", time) &&
                              hvk_put_param_u64(params, "cpu.user", time / 4 * 3) &&
                              hvk_put_param_u64(params, "cpu.system", time / 4));
}

static bool put_balloon(const struct machine *machine, struct hvk_param_sink *params)
{
    const struct model_domain *model = machine_model(machine);
    return hvk_put_param_u64(params, "balloon.current", machine_memory(model)) &&
           hvk_put_param_u64(params, "balloon.maximum", model->memory.kib);
}

static bool put_vcpu(const struct machine *machine, struct hvk_param_sink *params)
{
    const struct model_domain *model = machine_model(machine);
    char name[32];
    if (!hvk_put_param_u32(params, "vcpu.current", machine_vcpus(model)) ||
        !hvk_put_param_u32(params, "vcpu.maximum", model->vcpu.maximum))
        return false;
    for (uint32_t i = 0; machine->live && i < machine_vcpus(model); i++) {
        snprintf(name, sizeof name, "vcpu.%u.state", i);
        if (!hvk_put_param_i32(params, name, HVK_VCPU_RUNNING))
            return false;
        snprintf(name, sizeof name, "vcpu.%u.time", i);
        if (!hvk_put_param_u64(params, name, vcpu_time(machine)))
            return false;
    }
    return true;
}

static bool put_interface(const struct machine *machine, struct hvk_param_sink *params)
{
    static const struct {
        const char *name;
        uint64_t per_second;
    } rows[] = {{"rx.bytes", 9000}, {"rx.pkts", 6}, {"rx.errs", 0}, {"rx.drop", 0},
                {"tx.bytes", 3000}, {"tx.pkts", 2}, {"tx.errs", 0}, {"tx.drop", 0}};
    const struct model_devices *devices = &machine_model(machine)->devices;
    char name[48];
    if (!machine->live)
        return true;
    if (!hvk_put_param_u32(params, "net.count", devices->interfaces.count))
        return false;
    for (uint32_t i = 0; i < devices->interfaces.count; i++) {
        const char *target = devices->interfaces.items[i]->target.dev;
        snprintf(name, sizeof name, "net.%u.name", i);
        if (!hvk_put_param_string(params, name, target ? target : ""))
            return false;
        for (size_t k = 0; k < ARRAY_SIZE(rows); k++) {
            snprintf(name, sizeof name, "net.%u.%s", i, rows[k].name);
            if (!hvk_put_param_u64(params, name, figure(machine, rows[k].per_second)))
                return false;
        }
    }
    return true;
}

static bool put_disk(const struct machine *machine, const struct model_disk *disk, uint32_t index,
                     struct hvk_param_sink *params)
{
    char name[48];
    snprintf(name, sizeof name, "block.%u.name", index);
    if (!hvk_put_param_string(params, name, disk->target.dev))
        return false;
    snprintf(name, sizeof name, "block.%u.path", index);
    if (disk->source.file && !hvk_put_param_string(params, name, disk->source.file))
        return false;
    for (size_t i = 0; machine->live && i < ARRAY_SIZE(disk_figures); i++) {
        snprintf(name, sizeof name, "block.%u.%s", index, disk_figures[i].bulk_name);
        if (!hvk_put_param_u64(params, name, figure(machine, disk_figures[i].per_second)))
            return false;
    }
    static const char *const sizes[] = {"allocation", "capacity", "physical"};
    for (size_t i = 0; i < ARRAY_SIZE(sizes); i++) {
        snprintf(name, sizeof name, "block.%u.%s", index, sizes[i]);
        if (!hvk_put_param_u64(params, name, DISK_CAPACITY))
            return false;
    }
    return true;
}

static bool put_block(const struct machine *machine, struct hvk_param_sink *params)
{
    const struct model_devices *devices = &machine_model(machine)->devices;
    if (!hvk_put_param_u32(params, "block.count", devices->disks.count))
        return false;
    for (uint32_t i = 0; i < devices->disks.count; i++) {
        if (!put_disk(machine, devices->disks.items[i], i, params))
            return false;
    }
    return true;
}

static const struct stats_group {
    uint32_t flag;
    bool (*put)(const struct machine *machine, struct hvk_param_sink *params);
} groups[] = {
    {HVK_DOMAIN_STATS_STATE, put_state},         {HVK_DOMAIN_STATS_CPU_TOTAL, put_cpu},
    {HVK_DOMAIN_STATS_BALLOON, put_balloon},     {HVK_DOMAIN_STATS_VCPU, put_vcpu},
    {HVK_DOMAIN_STATS_INTERFACE, put_interface}, {HVK_DOMAIN_STATS_BLOCK, put_block},
};

static bool check_groups(struct hvk_call *call, uint32_t stats, uint32_t flags)
{
    uint32_t known = 0;
    for (size_t i = 0; i < ARRAY_SIZE(groups); i++)
        known |= groups[i].flag;
    return !(flags & HVK_DOMAIN_STATS_ENFORCE) || !(stats & ~known) ||
           hvk_error_set(&call->error, HVK_ERR_ARGUMENT_UNSUPPORTED,
                         "the test driver has no figures for the groups 0x%x", stats & ~known);
}

bool domain_get_stats(struct hvk_call *call, void *instance, const struct hvk_domain *domain,
                      uint32_t stats, uint32_t flags, struct hvk_param_sink *out_params)
{
    struct machine *machine = machine_find(call, instance, domain, "get_stats");
    if (!machine || !check_groups(call, stats, flags))
        return false;
    for (size_t i = 0; i < ARRAY_SIZE(groups); i++) {
        if ((stats == 0 || stats & groups[i].flag) && !groups[i].put(machine, out_params))
            return false;
    }
    return true;
}
