/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Figures of one kind at a time. Where they come from is in stats_sources.c. */
#include <errno.h>
#include <string.h>

#include <base/string.h>

#include "domain.h"
#include "machine.h"
#include "stats_sources.h"
#include "vcpus.h"

/* ---- memory --------------------------------------------------------------------------------- */

bool domain_memory_stats(DOMAIN_ARGS, uint32_t flags, struct hvk_domain_memory_stat_sink *out)
{
    (void)flags;
    struct memory_figures figures;
    auto_machine struct machine *machine = machine_find_monitored(call, instance, domain);
    if (!machine || !stats_memory(call, machine, &figures))
        return false;
    for (uint32_t i = 0; i < figures.count; i++) {
        struct hvk_domain_memory_stat stat = {
            .size = sizeof stat, .tag = figures.items[i].tag, .value = figures.items[i].value};
        if (!hvk_put_domain_memory_stat(out, &stat))
            return false;
    }
    return true;
}

/* ---- disks ---------------------------------------------------------------------------------- */

static const struct model_disk *find_disk(struct hvk_call *call, const struct machine *machine,
                                          const char *name)
{
    const struct model_domain *source = machine_current(machine);
    MODEL_FOR_EACH(&source->devices.disks, struct model_disk, disk)
    if (string_equal(disk->target.dev, name) || string_equal(disk->source.file, name) ||
        string_equal(disk->source.dev, name))
        return disk;
    hvk_error_set(&call->error, HVK_ERR_INVALID_ARG, "the domain '%s' has no disk '%s'",
                  machine->name, name);
    return NULL;
}

/* "": all disks together. */
bool domain_block_stats(DOMAIN_ARGS, const char *disk, uint32_t flags, struct hvk_param_sink *out)
{
    (void)flags;
    auto_machine struct machine *machine = machine_find_monitored(call, instance, domain);
    const struct model_disk *found = machine && disk[0] ? find_disk(call, machine, disk) : NULL;
    if (!machine || (disk[0] && !found))
        return false;
    json_t *blocks = NULL;
    if (!machine_command(call, machine, "query-blockstats", NULL, &blocks))
        return false;
    bool ok = true;
    for (size_t i = 0; ok && i < block_figure_count; i++) {
        int64_t total = 0;
        MODEL_FOR_EACH(&machine->live->devices.disks, struct model_disk, each)
        if (!found || each == found)
            total += stats_block_figure(blocks, each, &block_figures[i]);
        ok = hvk_put_param_i64(out, block_figures[i].param, total);
    }
    json_decref(blocks);
    return ok;
}

bool domain_get_block_info(DOMAIN_ARGS, const char *disk, uint32_t flags,
                           struct hvk_domain_block_info *out)
{
    (void)flags;
    auto_machine struct machine *machine = machine_find(call, instance, domain);
    const struct model_disk *found = machine ? find_disk(call, machine, disk) : NULL;
    json_t *blocks = NULL;
    if (!found)
        return false;
    if (machine_is_active(machine) && machine->run->monitor &&
        !machine_command(call, machine, "query-block", NULL, &blocks))
        return false;
    bool ok = stats_block_size(found, blocks, out, &call->error);
    json_decref(blocks);
    return ok;
}

static bool put_disk_errors(const struct machine *machine, const json_t *blocks,
                            struct hvk_domain_disk_error_sink *out)
{
    MODEL_FOR_EACH(&machine->live->devices.disks, struct model_disk, disk)
    {
        struct hvk_domain_disk_error item = {.size = sizeof item,
                                             .error = stats_block_error(blocks, disk),
                                             .disk = disk->target.dev};
        if (item.error != HVK_DOMAIN_DISK_ERROR_NONE && !hvk_put_domain_disk_error(out, &item))
            return false;
    }
    return true;
}

bool domain_get_disk_errors(DOMAIN_ARGS, uint32_t flags, struct hvk_domain_disk_error_sink *out)
{
    (void)flags;
    json_t *blocks = NULL;
    auto_machine struct machine *machine = machine_find_monitored(call, instance, domain);
    if (!machine)
        return false;
    /* QEMU keeps the mark of an error when the guest goes on. */
    if (machine->state != HVK_DOMAIN_PAUSED || machine->reason != HVK_DOMAIN_PAUSED_IOERROR)
        return true;
    if (!machine_command(call, machine, "query-block", NULL, &blocks))
        return false;
    bool ok = put_disk_errors(machine, blocks, out);
    json_decref(blocks);
    return ok;
}

/* ---- interfaces ----------------------------------------------------------------------------- */

static const struct model_interface *
find_interface(struct hvk_call *call, const struct machine *machine, const char *device)
{
    MODEL_FOR_EACH(&machine->live->devices.interfaces, struct model_interface, interface)
    {
        char mac[18];
        const uint8_t *b = interface->mac.bytes;
        snprintf(mac, sizeof mac, "%02x:%02x:%02x:%02x:%02x:%02x", b[0], b[1], b[2], b[3], b[4],
                 b[5]);
        if (string_equal(interface->target.dev, device) || string_equal(mac, device) ||
            string_equal(interface->device.alias.name, device))
            return interface;
    }
    hvk_error_set(&call->error, HVK_ERR_INVALID_ARG, "the domain '%s' has no interface '%s'",
                  machine->name, device);
    return NULL;
}

bool domain_interface_stats(DOMAIN_ARGS, const char *device, struct hvk_domain_interface_stats *out)
{
    auto_machine struct machine *machine = machine_find_running(call, instance, domain);
    const struct model_interface *found = machine ? find_interface(call, machine, device) : NULL;
    if (!found)
        return false;
    if (!found->target.dev)
        return hvk_error_set(&call->error, HVK_ERR_OPERATION_UNSUPPORTED,
                             "the interface '%s' of the domain '%s' has no device on this machine, "
                             "which would count",
                             device, machine->name);
    return stats_interface(found->target.dev, out, &call->error);
}

/* ---- processors ----------------------------------------------------------------------------- */

bool domain_get_vcpus(DOMAIN_ARGS, struct hvk_vcpu_info_sink *out)
{
    json_t *cpus = NULL;
    auto_machine struct machine *machine = machine_find_monitored(call, instance, domain);
    if (!machine || !machine_command(call, machine, "query-cpus-fast", NULL, &cpus))
        return false;
    uint8_t map[128];
    uint64_t map_size = stats_affinity(machine->run->qemu.pid, map, sizeof map);
    bool ok = true;
    size_t i;
    json_t *cpu;
    json_array_foreach(cpus, i, cpu)
    {
        uint64_t user = 0, system = 0;
        struct hvk_vcpu_info info = {
            .size = sizeof info,
            .number = (uint32_t)json_integer_value(json_object_get(cpu, "cpu-index")),
            .state = HVK_VCPU_RUNNING,
            .cpu = -2,
            .cpumap = map,
            .cpumap_size = map_size};
        vcpus_thread_times(machine->run->qemu.pid,
                           (int32_t)json_integer_value(json_object_get(cpu, "thread-id")), &user,
                           &system, &info.cpu);
        info.cpu_time_ns = user + system;
        if (!(ok = hvk_put_vcpu_info(out, &info)))
            break;
    }
    json_decref(cpus);
    return ok;
}

bool domain_get_cpu_stats(DOMAIN_ARGS, int32_t start_cpu, uint32_t cpu_count, uint32_t flags,
                          struct hvk_domain_cpu_stats_sink *out)
{
    (void)flags;
    (void)cpu_count;
    uint64_t user, system;
    auto_machine struct machine *machine = machine_find_running(call, instance, domain);
    if (!machine)
        return false;
    if (start_cpu >= 0)
        return hvk_error_set(&call->error, HVK_ERR_OPERATION_UNSUPPORTED,
                             "processor time is known for all processors together only (-1)");
    if (!stats_process_times(machine->run->qemu.pid, &user, &system))
        return hvk_error_set(&call->error, HVK_ERR_OPERATION_FAILED,
                             "the processor time of the domain '%s' cannot be read", machine->name);
    struct hvk_param params[] = {
        {.size = sizeof *params, .type = HVK_PARAM_UINT64, .name = HVK_DOMAIN_CPU_STATS_CPUTIME},
        {.size = sizeof *params, .type = HVK_PARAM_UINT64, .name = HVK_DOMAIN_CPU_STATS_USERTIME},
        {.size = sizeof *params, .type = HVK_PARAM_UINT64, .name = HVK_DOMAIN_CPU_STATS_SYSTEMTIME},
    };
    params[0].value.u64 = user + system;
    params[1].value.u64 = user;
    params[2].value.u64 = system;
    struct hvk_domain_cpu_stats stats = {
        .size = sizeof stats, .cpu = -1, .params = params, .params_count = ARRAY_SIZE(params)};
    return hvk_put_domain_cpu_stats(out, &stats);
}
