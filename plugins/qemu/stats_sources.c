/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "stats_sources.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include <base/string.h>

#include "files.h"

/* ---- memory --------------------------------------------------------------------------------- */

/* What virtio-balloon's "guest-stats" calls it; sizes are bytes there, and KiB here. */
static const struct {
    int32_t tag;
    const char *member;
    const char *word;
    bool bytes;
} guest_figures[] = {
    {HVK_DOMAIN_MEMORY_STAT_SWAP_IN, "stat-swap-in", "swap_in", true},
    {HVK_DOMAIN_MEMORY_STAT_SWAP_OUT, "stat-swap-out", "swap_out", true},
    {HVK_DOMAIN_MEMORY_STAT_MAJOR_FAULT, "stat-major-faults", "major_fault", false},
    {HVK_DOMAIN_MEMORY_STAT_MINOR_FAULT, "stat-minor-faults", "minor_fault", false},
    {HVK_DOMAIN_MEMORY_STAT_UNUSED, "stat-free-memory", "unused", true},
    {HVK_DOMAIN_MEMORY_STAT_AVAILABLE, "stat-total-memory", "available", true},
    {HVK_DOMAIN_MEMORY_STAT_USABLE, "stat-available-memory", "usable", true},
    {HVK_DOMAIN_MEMORY_STAT_DISK_CACHES, "stat-disk-caches", "disk_caches", true},
    {HVK_DOMAIN_MEMORY_STAT_HUGETLB_PGALLOC, "stat-htlb-pgalloc", "hugetlb_pgalloc", false},
    {HVK_DOMAIN_MEMORY_STAT_HUGETLB_PGFAIL, "stat-htlb-pgfail", "hugetlb_pgfail", false},
};

const char *stats_memory_word(int32_t tag)
{
    for (size_t i = 0; i < ARRAY_SIZE(guest_figures); i++)
        if (guest_figures[i].tag == tag)
            return guest_figures[i].word;
    return tag == HVK_DOMAIN_MEMORY_STAT_RSS           ? "rss"
           : tag == HVK_DOMAIN_MEMORY_STAT_LAST_UPDATE ? "last-update"
                                                       : NULL;
}

static void add(struct memory_figures *figures, int32_t tag, uint64_t value)
{
    if (figures->count == MEMORY_FIGURES_MAX)
        return;
    figures->items[figures->count].tag = tag;
    figures->items[figures->count++].value = value;
}

static void add_guest_figures(struct memory_figures *figures, const json_t *reported)
{
    const json_t *stats = json_object_get(reported, "stats");
    for (size_t i = 0; i < ARRAY_SIZE(guest_figures); i++) {
        const json_t *value = json_object_get(stats, guest_figures[i].member);
        json_int_t number = json_integer_value(value);
        /* -1: the guest does not know; that or its saturated twin. */
        if (json_is_integer(value) && number >= 0 && number != INT64_MAX)
            add(figures, guest_figures[i].tag,
                (uint64_t)number / (guest_figures[i].bytes ? 1024 : 1));
    }
    add(figures, HVK_DOMAIN_MEMORY_STAT_LAST_UPDATE,
        (uint64_t)json_integer_value(json_object_get(reported, "last-update")));
}

/* Resident pages: the second number of /proc/PID/statm. */
static bool resident_kib(int32_t pid, uint64_t *out_kib)
{
    char path[64];
    unsigned long long pages;
    struct hvk_error ignored = {.size = sizeof ignored};
    snprintf(path, sizeof path, "/proc/%d/statm", pid);
    auto_free char *text = files_read(AT_FDCWD, path, 4096, NULL, &ignored);
    if (!text || sscanf(text, "%*u %llu", &pages) != 1)
        return false;
    *out_kib = pages * (uint64_t)sysconf(_SC_PAGESIZE) / 1024;
    return true;
}

static const char *balloon_alias(const struct machine *machine)
{
    MODEL_FOR_EACH(&machine->live->devices.memballoons, struct model_memballoon, balloon)
    if (!string_equal(balloon->model, "none"))
        return balloon->device.alias.name;
    return NULL;
}

bool stats_memory(struct hvk_call *call, struct machine *machine, struct memory_figures *out)
{
    const char *alias = balloon_alias(machine);
    uint64_t resident;
    out->count = 0;
    add(out, HVK_DOMAIN_MEMORY_STAT_ACTUAL_BALLOON,
        machine->balloon_kib ? machine->balloon_kib : machine->live->memory.kib);
    if (alias) {
        auto_free char *path = string_format("/machine/peripheral/%s", alias);
        auto_monitor_batch batch = MONITOR_BATCH_INIT(machine->run->monitor);
        if (!path)
            return hvk_error_memory(&call->error);
        if (!monitor_batch_add(&batch, "qom-get",
                               json_pack("{s:s, s:s}", "path", path, "property", "guest-stats"),
                               &call->error) ||
            !monitor_batch_wait(call, &batch, MONITOR_TIMEOUT_MS) ||
            !machine_still_runs(call, machine))
            return false;
        struct hvk_error ignored = {.size = sizeof ignored};
        const json_t *reported = monitor_batch_result(&batch, 0, &ignored);
        if (reported) /* a guest without the driver has reported nothing */
            add_guest_figures(out, reported);
    }
    if (resident_kib(machine->run->qemu.pid, &resident))
        add(out, HVK_DOMAIN_MEMORY_STAT_RSS, resident);
    return true;
}

/* ---- disks ---------------------------------------------------------------------------------- */

const struct block_figure block_figures[] = {
    {HVK_DOMAIN_BLOCK_STATS_READ_REQ, "rd.reqs", "rd_operations"},
    {HVK_DOMAIN_BLOCK_STATS_READ_BYTES, "rd.bytes", "rd_bytes"},
    {HVK_DOMAIN_BLOCK_STATS_READ_TOTAL_TIMES, "rd.times", "rd_total_time_ns"},
    {HVK_DOMAIN_BLOCK_STATS_WRITE_REQ, "wr.reqs", "wr_operations"},
    {HVK_DOMAIN_BLOCK_STATS_WRITE_BYTES, "wr.bytes", "wr_bytes"},
    {HVK_DOMAIN_BLOCK_STATS_WRITE_TOTAL_TIMES, "wr.times", "wr_total_time_ns"},
    {HVK_DOMAIN_BLOCK_STATS_FLUSH_REQ, "fl.reqs", "flush_operations"},
    {HVK_DOMAIN_BLOCK_STATS_FLUSH_TOTAL_TIMES, "fl.times", "flush_total_time_ns"},
    {HVK_DOMAIN_BLOCK_STATS_ERRS, "errors", NULL},
};
const size_t block_figure_count = ARRAY_SIZE(block_figures);

/* "/machine/peripheral/virtio-disk0/virtio-backend" belongs to the alias "virtio-disk0". */
static bool is_device(const char *qdev, const char *alias)
{
    const char *at = qdev && alias ? strstr(qdev, alias) : NULL;
    if (!at)
        return false;
    char end = at[strlen(alias)];
    return (at == qdev || at[-1] == '/') && (end == '\0' || end == '/');
}

static const json_t *find_block(const json_t *blocks, const struct model_disk *disk)
{
    size_t i;
    json_t *item;
    json_array_foreach(blocks, i,
                       item) if (is_device(json_string_value(json_object_get(item, "qdev")),
                                           disk->device.alias.name)) return item;
    return NULL;
}

int32_t stats_block_error(const json_t *blocks, const struct model_disk *disk)
{
    const json_t *block = find_block(blocks, disk);
    const char *status = json_string_value(json_object_get(block, "io-status"));
    if (!status || strcmp(status, "ok") == 0)
        return HVK_DOMAIN_DISK_ERROR_NONE;
    return strcmp(status, "nospace") == 0 ? HVK_DOMAIN_DISK_ERROR_NO_SPACE
                                          : HVK_DOMAIN_DISK_ERROR_UNSPEC;
}

static int64_t failed_operations(const json_t *stats)
{
    static const char *const members[] = {"failed_rd_operations", "failed_wr_operations",
                                          "failed_flush_operations"};
    int64_t sum = 0;
    for (size_t i = 0; i < ARRAY_SIZE(members); i++)
        sum += json_integer_value(json_object_get(stats, members[i]));
    return sum;
}

int64_t stats_block_figure(const json_t *blockstats, const struct model_disk *disk,
                           const struct block_figure *figure)
{
    const json_t *stats = json_object_get(find_block(blockstats, disk), "stats");
    return figure->member ? json_integer_value(json_object_get(stats, figure->member))
                          : failed_operations(stats);
}

/* What the guest sees of an image that nobody has open: its own size, or what a qcow2 header says
 * (qemu/docs/interop/qcow2.txt: magic, then the size in bytes 24 to 31, big-endian). */
static uint64_t image_capacity(int fd, uint64_t size)
{
    uint8_t header[32];
    if (pread(fd, header, sizeof header, 0) != (ssize_t)sizeof header ||
        memcmp(header, "QFI\xfb", 4) != 0)
        return size;
    uint64_t capacity = 0;
    for (int i = 24; i < 32; i++)
        capacity = capacity << 8 | header[i];
    return capacity;
}

bool stats_block_size(const struct model_disk *disk, const json_t *blocks,
                      struct hvk_domain_block_info *out, struct hvk_error *err)
{
    const char *path = disk->source.file ? disk->source.file : disk->source.dev;
    const json_t *image =
        json_object_get(json_object_get(find_block(blocks, disk), "inserted"), "image");
    struct stat st;
    auto_fd int fd = path ? open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK) : -1;
    if (fd < 0 && !image)
        return path ? hvk_error_errno(err, errno, "open the image '%s'", path)
                    : hvk_error_set(err, HVK_ERR_OPERATION_UNSUPPORTED,
                                    "the disk '%s' has no image on this machine to measure",
                                    disk->target.dev);
    if (fd >= 0 && fstat(fd, &st) == 0) {
        off_t end = S_ISBLK(st.st_mode) ? lseek(fd, 0, SEEK_END) : st.st_size;
        out->physical = out->capacity = (uint64_t)end;
        out->allocation = S_ISBLK(st.st_mode) ? (uint64_t)end : (uint64_t)st.st_blocks * 512;
        if (!string_equal(disk->driver.type, "raw"))
            out->capacity = image_capacity(fd, out->capacity);
    }
    if (json_is_integer(json_object_get(image, "virtual-size")))
        out->capacity = (uint64_t)json_integer_value(json_object_get(image, "virtual-size"));
    if (json_is_integer(json_object_get(image, "actual-size")))
        out->allocation = (uint64_t)json_integer_value(json_object_get(image, "actual-size"));
    return true;
}

/* ---- interfaces ----------------------------------------------------------------------------- */

static const struct {
    size_t member;
    const char *file; /* of the host's device: the other direction */
} interface_files[] = {
    {offsetof(struct hvk_domain_interface_stats, rx_bytes), "tx_bytes"},
    {offsetof(struct hvk_domain_interface_stats, rx_packets), "tx_packets"},
    {offsetof(struct hvk_domain_interface_stats, rx_errors), "tx_errors"},
    {offsetof(struct hvk_domain_interface_stats, rx_dropped), "tx_dropped"},
    {offsetof(struct hvk_domain_interface_stats, tx_bytes), "rx_bytes"},
    {offsetof(struct hvk_domain_interface_stats, tx_packets), "rx_packets"},
    {offsetof(struct hvk_domain_interface_stats, tx_errors), "rx_errors"},
    {offsetof(struct hvk_domain_interface_stats, tx_dropped), "rx_dropped"},
};

bool stats_interface(const char *device, struct hvk_domain_interface_stats *out,
                     struct hvk_error *err)
{
    auto_free char *folder = string_format("/sys/class/net/%s/statistics", device);
    auto_fd int fd =
        folder && !strchr(device, '/') ? open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
    if (fd < 0)
        return hvk_error_errno(err, errno, "read the figures of the device '%s'", device);
    for (size_t i = 0; i < ARRAY_SIZE(interface_files); i++) {
        struct hvk_error ignored = {.size = sizeof ignored};
        auto_free char *text = files_read(fd, interface_files[i].file, 64, NULL, &ignored);
        int64_t *place = (int64_t *)(void *)((char *)out + interface_files[i].member);
        if (text)
            text[strcspn(text, "\n")] = '\0';
        if (!text || !string_to_i64(text, 0, INT64_MAX, place))
            *place = -1;
    }
    return true;
}

/* ---- processes ------------------------------------------------------------------------------ */

bool stats_process_times(int32_t pid, uint64_t *out_user_ns, uint64_t *out_system_ns)
{
    char path[64];
    struct hvk_error ignored = {.size = sizeof ignored};
    unsigned long long user, system;
    snprintf(path, sizeof path, "/proc/%d/stat", pid);
    auto_free char *text = files_read(AT_FDCWD, path, 4096, NULL, &ignored);
    const char *fields = text ? strrchr(text, ')') : NULL;
    if (!fields || sscanf(fields, ") %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %llu %llu", &user,
                          &system) != 2)
        return false;
    uint64_t tick_ns = 1000000000u / (uint64_t)sysconf(_SC_CLK_TCK);
    *out_user_ns = user * tick_ns;
    *out_system_ns = system * tick_ns;
    return true;
}

uint64_t stats_affinity(int32_t pid, uint8_t *map, uint64_t size)
{
    cpu_set_t set;
    uint64_t used = 0;
    memset(map, 0, size);
    if (sched_getaffinity(pid, sizeof set, &set) < 0)
        return 0;
    for (uint64_t cpu = 0; cpu < CPU_SETSIZE && cpu / 8 < size; cpu++)
        if (CPU_ISSET(cpu, &set)) {
            map[cpu / 8] |= (uint8_t)(1u << cpu % 8);
            used = cpu / 8 + 1;
        }
    return used;
}
