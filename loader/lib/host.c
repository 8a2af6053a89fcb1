/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "host.h"

#include "core_limits.h"

#include <base/buffer.h>
#include <base/string.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>

#define CPU_DIRECTORY "/sys/devices/system/cpu"

char *host_read_file(const char *path, struct hvk_error *err)
{
    auto_fd int fd = open(path, O_RDONLY | O_CLOEXEC);
    auto_buffer text = BUFFER_INIT;
    ssize_t got = fd < 0 ? -1 : 1;
    while (got > 0 && text.length < LIMIT_SYSTEM_FILE_BYTES) {
        char *room = buffer_reserve(&text, 4096);
        got = room ? read(fd, room, 4096) : -1;
        if (got > 0)
            text.length += (size_t)got;
    }
    if (got < 0) {
        hvk_error_errno(err, text.failed ? ENOMEM : errno, "read %s", path);
        return NULL;
    }
    buffer_add(&text, "", 0);
    char *whole = buffer_take(&text);
    if (!whole)
        hvk_error_memory(err);
    return whole;
}

bool host_read_number(const char *path, uint64_t *out_value)
{
    struct hvk_error ignored;
    auto_free char *text = host_read_file(path, &ignored);
    return text && sscanf(text, "%" SCNu64, out_value) == 1;
}

bool host_write_number(const char *path, uint64_t value, struct hvk_error *err)
{
    char text[32];
    int length = snprintf(text, sizeof text, "%" PRIu64, value);
    auto_fd int fd = open(path, O_WRONLY | O_CLOEXEC);
    if (fd < 0 || write(fd, text, (size_t)length) != length)
        return hvk_error_errno(err, errno, "write %s to %s", text, path);
    return true;
}

bool host_for_each_in_set(const char *text, uint32_t limit, bool (*visit)(void *, uint32_t),
                          void *user)
{
    while (*text && *text != '\n') {
        char *end;
        unsigned long first = strtoul(text, &end, 10);
        unsigned long last = first;
        if (end == text)
            return false;
        if (*end == '-')
            last = strtoul(end + 1, &end, 10);
        if (last < first || last >= limit)
            return false;
        for (unsigned long member = first; member <= last; member++) {
            if (!visit(user, (uint32_t)member))
                return true;
        }
        text = *end == ',' ? end + 1 : end;
        if (end == text && *text && *text != '\n')
            return false;
    }
    return true;
}

/* ---- topology ------------------------------------------------------------------------------- */

/* The distinct values of one property of the processors, for counting. */
struct values {
    uint64_t items[LIMIT_HOST_CPUS];
    uint32_t count;
};

struct survey {
    struct values packages; /* sockets */
    struct values cores;    /* (socket, core) */
    uint32_t cpus;
};

static void values_add(struct values *values, uint64_t value)
{
    for (uint32_t i = 0; i < values->count; i++) {
        if (values->items[i] == value)
            return;
    }
    if (values->count < LIMIT_HOST_CPUS)
        values->items[values->count++] = value;
}

static bool survey_cpu(void *user, uint32_t cpu)
{
    struct survey *survey = user;
    char path[128];
    uint64_t package = 0, core = cpu;
    snprintf(path, sizeof path, CPU_DIRECTORY "/cpu%u/topology/physical_package_id", cpu);
    host_read_number(path, &package);
    snprintf(path, sizeof path, CPU_DIRECTORY "/cpu%u/topology/core_id", cpu);
    host_read_number(path, &core);
    values_add(&survey->packages, package);
    values_add(&survey->cores, package << 32 | (core & UINT32_MAX));
    survey->cpus++;
    return true;
}

static bool count_one(void *user, uint32_t member)
{
    (void)member;
    ++*(uint32_t *)user;
    return true;
}

static uint32_t count_nodes(void)
{
    struct hvk_error ignored;
    auto_free char *text = host_read_file("/sys/devices/system/node/online", &ignored);
    uint32_t count = 0;
    if (text)
        host_for_each_in_set(text, LIMIT_HOST_CELLS, count_one, &count);
    return count > 0 ? count : 1;
}

bool host_get_topology(struct host_topology *topology, struct hvk_error *err)
{
    auto_free char *online = host_read_file(CPU_DIRECTORY "/online", err);
    auto_free struct survey *survey = calloc(1, sizeof *survey);
    if (!online)
        return false;
    if (!survey)
        return hvk_error_memory(err);
    if (!host_for_each_in_set(online, LIMIT_HOST_CPUS, survey_cpu, survey) || survey->cpus == 0)
        return hvk_error_set(err, HVK_ERR_INTERNAL_ERROR,
                             "cannot understand " CPU_DIRECTORY "/online: '%.100s'", online);
    uint32_t nodes = count_nodes();
    uint32_t sockets = survey->packages.count, cores = survey->cores.count;
    *topology = (struct host_topology){.cpus = survey->cpus, .nodes = nodes};
    /* Regular machines only have a product; what is not regular is one flat cell of cores. */
    if (sockets % nodes == 0 && cores % sockets == 0 && survey->cpus % cores == 0) {
        topology->sockets = sockets / nodes;
        topology->cores = cores / sockets;
        topology->threads = survey->cpus / cores;
    } else {
        topology->nodes = topology->sockets = topology->threads = 1;
        topology->cores = survey->cpus;
    }
    return true;
}

/* ---- memory and frequency ------------------------------------------------------------------- */

bool host_get_memory_kib(uint64_t *out_kib, struct hvk_error *err)
{
    auto_free char *text = host_read_file("/proc/meminfo", err);
    if (!text)
        return false;
    const char *line = strstr(text, "MemTotal:");
    if (!line || sscanf(line, "MemTotal: %" SCNu64 " kB", out_kib) != 1)
        return hvk_error_set(err, HVK_ERR_INTERNAL_ERROR, "/proc/meminfo has no MemTotal");
    return true;
}

/* cpufreq says kHz; without it x86's /proc/cpuinfo says MHz. */
uint32_t host_get_mhz(void)
{
    struct hvk_error ignored;
    uint64_t khz;
    if (host_read_number(CPU_DIRECTORY "/cpu0/cpufreq/scaling_cur_freq", &khz))
        return (uint32_t)(khz / 1000);
    auto_free char *text = host_read_file("/proc/cpuinfo", &ignored);
    const char *line = text ? strstr(text, "\ncpu MHz") : NULL;
    double mhz = 0;
    if (line && (line = strchr(line, ':')))
        sscanf(line + 1, "%lf", &mhz);
    return mhz > 0 && mhz < 1e6 ? (uint32_t)mhz : 0;
}
