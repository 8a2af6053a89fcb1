/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Answers about this machine, for node-side drivers that have none of their own: what it is and
 * what its processors do. */
#include "core_limits.h"
#include "host.h"
#include "route.h"

#include <base/string.h>
#include <errno.h>
#include <hvkit-private/methods.h>
#include <inttypes.h>
#include <string.h>
#include <sys/utsname.h>

#define NS_PER_SECOND 1000000000ull

static bool node_get_info(struct hvk_call *call, struct hvk_connection *connection,
                          const struct invocation *v)
{
    struct hvk_node_info *info = (void *)v->results[0].record;
    struct utsname names;
    struct host_topology topology;
    (void)connection;
    if (uname(&names) < 0)
        return hvk_error_errno(&call->error, errno, "get the architecture of this machine");
    if (!host_get_topology(&topology, &call->error) ||
        !host_get_memory_kib(&info->memory_kib, &call->error))
        return false;
    snprintf(info->model, sizeof info->model, "%.*s", (int)sizeof info->model - 1, names.machine);
    info->cpus = topology.cpus;
    info->mhz = host_get_mhz();
    info->nodes = topology.nodes;
    info->sockets = topology.sockets;
    info->cores = topology.cores;
    info->threads = topology.threads;
    return true;
}

/* ---- processors ----------------------------------------------------------------------------- */

struct cpu_map {
    uint8_t bits[LIMIT_HOST_CPUS / 8];
    uint32_t set;
    uint32_t highest;
};

static bool cpu_map_add(void *user, uint32_t cpu)
{
    struct cpu_map *map = user;
    map->bits[cpu / 8] |= (uint8_t)(1u << cpu % 8);
    map->set++;
    map->highest = cpu;
    return true;
}

static bool cpu_map_read(struct cpu_map *map, const char *path, struct hvk_error *err)
{
    auto_free char *text = host_read_file(path, err);
    if (!text)
        return false;
    memset(map, 0, sizeof *map);
    return host_for_each_in_set(text, LIMIT_HOST_CPUS, cpu_map_add, map) ||
           hvk_error_set(err, HVK_ERR_INTERNAL_ERROR, "cannot understand %s: '%.100s'", path, text);
}

static bool node_get_cpu_map(struct hvk_call *call, struct hvk_connection *connection,
                             const struct invocation *v)
{
    struct cpu_map present, online;
    struct hvk_sink *sink = &v->results[0].collector.sink;
    (void)connection;
    if (!cpu_map_read(&present, "/sys/devices/system/cpu/present", &call->error) ||
        !cpu_map_read(&online, "/sys/devices/system/cpu/online", &call->error))
        return false;
    v->results[1].u32 = online.set;
    v->results[2].u32 = present.highest + 1;
    return sink->put(sink, online.bits, (present.highest + 8) / 8);
}

/* The columns of a line of /proc/stat (proc(5)), in clock ticks. */
enum { CPU_USER, CPU_NICE, CPU_SYSTEM, CPU_IDLE, CPU_IOWAIT, CPU_IRQ, CPU_SOFTIRQ, CPU_COLUMNS };

/* The line that starts with "cpu3 " ("cpu " for all together). */
static bool cpu_times(const char *stat, const char *label, uint64_t columns[CPU_COLUMNS])
{
    const char *line = string_starts_with(stat, label) ? stat : NULL;
    char pattern[40]; /* a label is at most 31 characters */
    snprintf(pattern, sizeof pattern, "\n%s", label);
    if (!line)
        line = strstr(stat, pattern);
    if (!line)
        return false;
    line = strchr(line, ' ');
    return line && sscanf(line,
                          " %" SCNu64 " %" SCNu64 " %" SCNu64 " %" SCNu64 " %" SCNu64 " %" SCNu64
                          " %" SCNu64,
                          &columns[0], &columns[1], &columns[2], &columns[3], &columns[4],
                          &columns[5], &columns[6]) == CPU_COLUMNS;
}

static bool node_get_cpu_stats(struct hvk_call *call, struct hvk_connection *connection,
                               const struct invocation *v)
{
    const struct hvk_connection_node_get_cpu_stats_args *args = v->args;
    struct hvk_param_sink *sink = (void *)&v->results[0].collector;
    auto_free char *stat = host_read_file("/proc/stat", &call->error);
    uint64_t columns[CPU_COLUMNS];
    char label[32] = "cpu ";
    (void)connection;
    if (!stat)
        return false;
    if (args->cpu >= 0)
        snprintf(label, sizeof label, "cpu%d ", args->cpu);
    if (!cpu_times(stat, label, columns))
        return hvk_error_set(&call->error, HVK_ERR_INVALID_ARG,
                             "this machine has no processor %d that is online", args->cpu);
    uint64_t tick = NS_PER_SECOND / (uint64_t)sysconf(_SC_CLK_TCK);
    return hvk_put_param_u64(sink, HVK_NODE_CPU_STATS_KERNEL,
                             (columns[CPU_SYSTEM] + columns[CPU_IRQ] + columns[CPU_SOFTIRQ]) *
                                 tick) &&
           hvk_put_param_u64(sink, HVK_NODE_CPU_STATS_USER,
                             (columns[CPU_USER] + columns[CPU_NICE]) * tick) &&
           hvk_put_param_u64(sink, HVK_NODE_CPU_STATS_IDLE, columns[CPU_IDLE] * tick) &&
           hvk_put_param_u64(sink, HVK_NODE_CPU_STATS_IOWAIT, columns[CPU_IOWAIT] * tick);
}

/* Guests are confined by what their driver sets up for each; no module labels them. */
static bool node_get_security_model(struct hvk_call *call, struct hvk_connection *connection,
                                    const struct invocation *v)
{
    struct hvk_sink *sink = &v->results[0].collector.sink;
    struct hvk_node_security_model model = {.size = sizeof model, .model = "none", .doi = "0"};
    (void)call;
    (void)connection;
    return sink->put(sink, &model, sizeof model);
}

const struct core_answer_row node_answers[] = {
    {&hvk_method_connection_node_get_info, node_get_info},
    {&hvk_method_connection_node_get_cpu_map, node_get_cpu_map},
    {&hvk_method_connection_node_get_cpu_stats, node_get_cpu_stats},
    {&hvk_method_connection_node_get_security_model, node_get_security_model},
    {NULL, NULL},
};
