/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Answers about this machine's memory: cells, pages and the sharing of equal pages (KSM). */
#include "core_limits.h"
#include "host.h"
#include "route.h"

#include <base/string.h>
#include <errno.h>
#include <fcntl.h>
#include <hvkit-private/methods.h>
#include <inttypes.h>
#include <string.h>

#define NODE_DIRECTORY "/sys/devices/system/node"
#define KSM_DIRECTORY "/sys/kernel/mm/ksm"

/* ---- what meminfo says ---------------------------------------------------------------------- */

/* The machine's meminfo for cell -1, else the cell's. */
static char *meminfo_read(int32_t cell, struct hvk_error *err)
{
    char path[96] = "/proc/meminfo";
    if (cell < 0)
        return host_read_file(path, err);
    snprintf(path, sizeof path, NODE_DIRECTORY "/node%d/meminfo", cell);
    struct hvk_error ignored;
    char *text = host_read_file(path, &ignored);
    if (!text && cell == 0) /* a kernel without NUMA has one cell and no directory for it */
        return host_read_file("/proc/meminfo", err);
    if (!text)
        hvk_error_set(err, HVK_ERR_INVALID_ARG, "this machine has no NUMA cell %d", cell);
    return text;
}

/* A line reads "MemFree:  123 kB", behind "Node 0 " in a cell's file. */
static bool meminfo_get(const char *text, const char *name, uint64_t *out_kib)
{
    size_t length = strlen(name);
    for (const char *at = text; (at = strstr(at, name)); at += length) {
        if (at[length] == ':' && (at == text || at[-1] == '\n' || at[-1] == ' '))
            return sscanf(at + length + 1, "%" SCNu64, out_kib) == 1;
    }
    return false;
}

static bool node_get_memory_stats(struct hvk_call *call, struct hvk_connection *connection,
                                  const struct invocation *v)
{
    static const char *const stats[][2] = {{"MemTotal", HVK_NODE_MEMORY_STATS_TOTAL},
                                           {"MemFree", HVK_NODE_MEMORY_STATS_FREE},
                                           {"Buffers", HVK_NODE_MEMORY_STATS_BUFFERS},
                                           {"Cached", HVK_NODE_MEMORY_STATS_CACHED}};
    const struct hvk_connection_node_get_memory_stats_args *args = v->args;
    struct hvk_param_sink *sink = (void *)&v->results[0].collector;
    auto_free char *text = meminfo_read(args->cell, &call->error);
    (void)connection;
    if (!text)
        return false;
    for (size_t i = 0; i < ARRAY_SIZE(stats); i++) {
        uint64_t kib; /* a cell has no buffers and no cache of its own */
        if (meminfo_get(text, stats[i][0], &kib) && !hvk_put_param_u64(sink, stats[i][1], kib))
            return false;
    }
    return true;
}

static bool free_bytes(int32_t cell, uint64_t *out_bytes, struct hvk_error *err)
{
    auto_free char *text = meminfo_read(cell, err);
    uint64_t kib;
    if (!text)
        return false;
    if (!meminfo_get(text, "MemFree", &kib))
        return hvk_error_set(err, HVK_ERR_INTERNAL_ERROR, "meminfo has no MemFree");
    *out_bytes = kib * 1024;
    return true;
}

static bool node_get_free_memory(struct hvk_call *call, struct hvk_connection *connection,
                                 const struct invocation *v)
{
    (void)connection;
    return free_bytes(-1, &v->results[0].u64, &call->error);
}

static bool cell_exists(uint32_t cell)
{
    char path[96];
    snprintf(path, sizeof path, NODE_DIRECTORY "/node%u", cell);
    return cell == 0 || access(path, F_OK) == 0;
}

static bool node_get_cells_free_memory(struct hvk_call *call, struct hvk_connection *connection,
                                       const struct invocation *v)
{
    const struct hvk_connection_node_get_cells_free_memory_args *args = v->args;
    struct hvk_uint64_sink *sink = (void *)&v->results[0].collector;
    uint32_t first = (uint32_t)args->start_cell;
    (void)connection;
    if (!cell_exists(first))
        return hvk_error_set(&call->error, HVK_ERR_INVALID_ARG, "this machine has no NUMA cell %u",
                             first);
    for (uint32_t i = 0; i < args->max_cells && cell_exists(first + i); i++) {
        uint64_t bytes;
        if (!free_bytes((int32_t)(first + i), &bytes, &call->error) || !hvk_put_uint64(sink, bytes))
            return false;
    }
    return true;
}

/* ---- pages ---------------------------------------------------------------------------------- */

/* A file of one pool of large pages. cell -1: the machine's. */
static void pool_path(char *path, size_t size, int32_t cell, uint32_t page_kib, const char *file)
{
    if (cell < 0)
        snprintf(path, size, "/sys/kernel/mm/hugepages/hugepages-%ukB/%s", page_kib, file);
    else
        snprintf(path, size, NODE_DIRECTORY "/node%d/hugepages/hugepages-%ukB/%s", cell, page_kib,
                 file);
}

static bool free_pages(int32_t cell, uint32_t page_kib, uint64_t *out_count, struct hvk_error *err)
{
    char path[128];
    if (page_kib == (uint32_t)sysconf(_SC_PAGESIZE) / 1024) {
        if (!free_bytes(cell, out_count, err))
            return false;
        *out_count /= (uint64_t)page_kib * 1024;
        return true;
    }
    pool_path(path, sizeof path, cell, page_kib, "free_hugepages");
    return host_read_number(path, out_count) ||
           hvk_error_set(err, HVK_ERR_INVALID_ARG, "this machine has no pages of %u KiB in cell %d",
                         page_kib, cell);
}

static bool node_get_free_pages(struct hvk_call *call, struct hvk_connection *connection,
                                const struct invocation *v)
{
    const struct hvk_connection_node_get_free_pages_args *args = v->args;
    struct hvk_uint64_sink *sink = (void *)&v->results[0].collector;
    (void)connection;
    for (uint32_t cell = 0; cell < args->cell_count; cell++) {
        for (uint64_t page = 0; page < args->pages_count; page++) {
            uint64_t count;
            int32_t in = args->start_cell < 0 ? -1 : args->start_cell + (int32_t)cell;
            if (!free_pages(in, args->pages[page], &count, &call->error) ||
                !hvk_put_uint64(sink, count))
                return false;
        }
    }
    return true;
}

static bool resize_pool(int32_t cell, uint32_t page_kib, uint64_t count, bool absolute,
                        struct hvk_error *err)
{
    char path[128];
    uint64_t now = 0;
    pool_path(path, sizeof path, cell, page_kib, "nr_hugepages");
    if (!host_read_number(path, &now))
        return hvk_error_set(err, HVK_ERR_INVALID_ARG,
                             "this machine has no pages of %u KiB in cell %d", page_kib, cell);
    uint64_t wanted = absolute ? count : now + count;
    if (!host_write_number(path, wanted, err))
        return false;
    /* The kernel takes what it finds, and says so only here. */
    return (host_read_number(path, &now) && now == wanted) ||
           hvk_error_set(err, HVK_ERR_OPERATION_FAILED,
                         "only %llu of %llu pages of %u KiB could be had", (unsigned long long)now,
                         (unsigned long long)wanted, page_kib);
}

static bool node_alloc_pages(struct hvk_call *call, struct hvk_connection *connection,
                             const struct invocation *v)
{
    const struct hvk_connection_node_alloc_pages_args *args = v->args;
    bool absolute = (args->flags & HVK_NODE_ALLOC_PAGES_SET) != 0;
    (void)connection;
    if (args->page_sizes_count != args->page_counts_count)
        return hvk_error_set(&call->error, HVK_ERR_INVALID_ARG,
                             "every page size needs a count: there are %llu sizes, %llu counts",
                             (unsigned long long)args->page_sizes_count,
                             (unsigned long long)args->page_counts_count);
    for (uint32_t cell = 0; cell < args->cell_count; cell++) {
        int32_t in = args->start_cell < 0 ? -1 : args->start_cell + (int32_t)cell;
        for (uint64_t i = 0; i < args->page_sizes_count; i++) {
            if (!resize_pool(in, args->page_sizes[i], args->page_counts[i], absolute, &call->error))
                return false;
            v->results[0].u32++;
        }
    }
    return true;
}

/* ---- sharing of equal pages ----------------------------------------------------------------- */

static const struct ksm_setting {
    const char *param;
    const char *file;
    int32_t type;
    bool writable;
} ksm_settings[] = {
    {HVK_NODE_MEMORY_SHARED_PAGES_TO_SCAN, "pages_to_scan", HVK_PARAM_UINT32, true},
    {HVK_NODE_MEMORY_SHARED_SLEEP_MILLISECS, "sleep_millisecs", HVK_PARAM_UINT32, true},
    {HVK_NODE_MEMORY_SHARED_PAGES_SHARED, "pages_shared", HVK_PARAM_UINT64, false},
    {HVK_NODE_MEMORY_SHARED_PAGES_SHARING, "pages_sharing", HVK_PARAM_UINT64, false},
    {HVK_NODE_MEMORY_SHARED_PAGES_UNSHARED, "pages_unshared", HVK_PARAM_UINT64, false},
    {HVK_NODE_MEMORY_SHARED_PAGES_VOLATILE, "pages_volatile", HVK_PARAM_UINT64, false},
    {HVK_NODE_MEMORY_SHARED_FULL_SCANS, "full_scans", HVK_PARAM_UINT64, false},
    {HVK_NODE_MEMORY_SHARED_MERGE_ACROSS_NODES, "merge_across_nodes", HVK_PARAM_UINT32, true},
};

static bool node_get_memory_parameters(struct hvk_call *call, struct hvk_connection *connection,
                                       const struct invocation *v)
{
    struct hvk_param_sink *sink = (void *)&v->results[0].collector;
    (void)connection;
    if (access(KSM_DIRECTORY, F_OK) < 0)
        return hvk_error_set(&call->error, HVK_ERR_NO_SUPPORT,
                             "this kernel does not share equal pages (KSM)");
    for (size_t i = 0; i < ARRAY_SIZE(ksm_settings); i++) {
        const struct ksm_setting *setting = &ksm_settings[i];
        char path[96];
        uint64_t value;
        snprintf(path, sizeof path, KSM_DIRECTORY "/%s", setting->file);
        if (!host_read_number(path, &value))
            continue;
        bool put = setting->type == HVK_PARAM_UINT32
                       ? hvk_put_param_u32(sink, setting->param, (uint32_t)value)
                       : hvk_put_param_u64(sink, setting->param, value);
        if (!put)
            return false;
    }
    return true;
}

static const struct ksm_setting *ksm_find(const struct hvk_param *param, struct hvk_error *err)
{
    for (size_t i = 0; i < ARRAY_SIZE(ksm_settings); i++) {
        const struct ksm_setting *setting = &ksm_settings[i];
        if (!string_equal(setting->param, param->name))
            continue;
        if (setting->writable && param->type == setting->type)
            return setting;
        hvk_error_set(err, HVK_ERR_INVALID_ARG, "'%s' %s", param->name,
                      setting->writable ? "takes a number of type uint32" : "cannot be set");
        return NULL;
    }
    hvk_error_set(err, HVK_ERR_INVALID_ARG, "there is no memory parameter '%.80s'", param->name);
    return NULL;
}

static bool node_set_memory_parameters(struct hvk_call *call, struct hvk_connection *connection,
                                       const struct invocation *v)
{
    const struct hvk_connection_node_set_memory_parameters_args *args = v->args;
    (void)connection;
    for (uint64_t i = 0; i < args->params_count; i++) { /* everything is checked first */
        if (!ksm_find(&args->params[i], &call->error))
            return false;
    }
    for (uint64_t i = 0; i < args->params_count; i++) {
        char path[96];
        const struct ksm_setting *setting = ksm_find(&args->params[i], &call->error);
        snprintf(path, sizeof path, KSM_DIRECTORY "/%s", setting->file);
        if (!host_write_number(path, args->params[i].value.u32, &call->error))
            return false;
    }
    return true;
}

const struct core_answer_row memory_answers[] = {
    {&hvk_method_connection_node_get_memory_stats, node_get_memory_stats},
    {&hvk_method_connection_node_get_free_memory, node_get_free_memory},
    {&hvk_method_connection_node_get_cells_free_memory, node_get_cells_free_memory},
    {&hvk_method_connection_node_get_free_pages, node_get_free_pages},
    {&hvk_method_connection_node_alloc_pages, node_alloc_pages},
    {&hvk_method_connection_node_get_memory_parameters, node_get_memory_parameters},
    {&hvk_method_connection_node_set_memory_parameters, node_set_memory_parameters},
    {NULL, NULL},
};
