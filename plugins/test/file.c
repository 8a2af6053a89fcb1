/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "file.h"

#include "domain.h"

#include <errno.h>
#include <fcntl.h>
#include <model/rows.h>
#include <model/tables.h>
#include <string.h>
#include <sys/stat.h>

/* ---- the document --------------------------------------------------------------------------- */

struct model_test_cpu {
    struct model_node node;
    const char *model;
    struct model_uint mhz, active, nodes, sockets, cores, threads;
};

struct model_test_file {
    struct model_node node;
    struct model_test_cpu cpu;
    struct model_uint memory;
    MODEL_ARRAY(struct model_raw) others; /* domains and what this driver has not */
};

#define NUMBER_BELOW(limit) &(const struct model_number){.min = 1, .max = (limit)}

static const struct model_row test_cpu_rows[] = {
    LEAF(test_cpu, "model", model, STRING),
    LEAF(test_cpu, "mhz", mhz, UINT, .detail = NUMBER_BELOW(1000000)),
    LEAF(test_cpu, "active", active, UINT, .detail = NUMBER_BELOW(TEST_CPUS_MAX)),
    LEAF(test_cpu, "nodes", nodes, UINT, .detail = NUMBER_BELOW(TEST_CELLS_MAX)),
    LEAF(test_cpu, "sockets", sockets, UINT, .detail = NUMBER_BELOW(TEST_CPUS_MAX)),
    LEAF(test_cpu, "cores", cores, UINT, .detail = NUMBER_BELOW(TEST_CPUS_MAX)),
    LEAF(test_cpu, "threads", threads, UINT, .detail = NUMBER_BELOW(TEST_CPUS_MAX)),
};
TYPE(test_cpu);

static const struct model_row test_file_rows[] = {
    CHILD(test_file, "cpu", cpu, test_cpu),
    LEAF(test_file, "memory", memory, UINT, .detail = NUMBER_BELOW(1ull << 40)),
    SUBTREES(test_file, others),
};
TYPE(test_file);

/* ---- reading it ----------------------------------------------------------------------------- */

static char *read_text(const char *path, size_t *out_size, struct hvk_error *err)
{
    struct stat info;
    auto_fd int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0 || fstat(fd, &info) < 0) {
        hvk_error_errno(err, errno, "open the node's description '%s'", path);
        return NULL;
    }
    if (!S_ISREG(info.st_mode) || info.st_size > FILE_SIZE_MAX) {
        hvk_error_set(err, HVK_ERR_OPEN_FAILED,
                      "cannot use '%s': it is not a regular file of at most %u bytes", path,
                      FILE_SIZE_MAX);
        return NULL;
    }
    *out_size = (size_t)info.st_size;
    char *text = calloc(1, *out_size + 1);
    if (text && pread(fd, text, *out_size, 0) == info.st_size)
        return text;
    hvk_error_errno(err, text ? errno : ENOMEM, "read the node's description '%s'", path);
    free(text);
    return NULL;
}

static void take_number(uint32_t *to, const struct model_uint *from)
{
    if (from->set)
        *to = (uint32_t)from->value;
}

/* Processors and memory are spread evenly over the cells. */
static void spread(struct test_node *node)
{
    uint32_t cpu = 0;
    for (uint32_t i = 0; i < node->cell_count; i++) {
        uint32_t share = (node->cpus - cpu) / (node->cell_count - i);
        node->cells[i] = (struct test_cell){
            .memory_kib = node->memory_kib / node->cell_count, .first_cpu = cpu, .cpus = share};
        cpu += share;
    }
}

static void apply_hardware(struct test_node *node, const struct model_test_file *file)
{
    if (file->cpu.model)
        snprintf(node->model, sizeof node->model, "%s", file->cpu.model);
    take_number(&node->mhz, &file->cpu.mhz);
    take_number(&node->cpus, &file->cpu.active);
    take_number(&node->cell_count, &file->cpu.nodes);
    take_number(&node->sockets, &file->cpu.sockets);
    take_number(&node->cores, &file->cpu.cores);
    take_number(&node->threads, &file->cpu.threads);
    if (file->memory.set)
        node->memory_kib = file->memory.value;
    spread(node);
}

static bool apply_domains(struct hvk_call *call, struct test_node *node,
                          const struct model_test_file *file)
{
    for (uint32_t i = 0; i < file->others.count; i++) {
        const struct model_raw *raw = file->others.items[i];
        if (strcmp(raw->name, "domain") == 0) {
            if (!node_add_domain(call, node, raw->xml, !strstr(raw->xml, "runstate>5</")))
                return false;
            continue;
        }
        char text[160];
        snprintf(text, sizeof text, "line %u: the test driver has no <%.64s>: it is left alone",
                 raw->node.line, raw->name);
        node->core->warn(call, text);
    }
    return true;
}

static void warn(void *data, uint32_t line, uint32_t column, const char *text)
{
    (void)line;
    (void)column;
    test_core->warn(data, text);
}

bool file_load(struct hvk_call *call, struct test_node *node, const char *path)
{
    static const struct model_root root = {.name = "node", .type = &model_type_test_file};
    size_t size;
    auto_free char *text = read_text(path, &size, &call->error);
    if (!text)
        return false;
    struct model_arena *arena = model_arena_new();
    struct model_report report = {.warn = warn, .data = call};
    const struct model_root *found;
    const struct model_test_file *file =
        arena ? model_parse(arena, "node", text, size, &root, 1, 0, &report, &found, &call->error)
              : NULL;
    if (file)
        apply_hardware(node, file);
    bool loaded = file && apply_domains(call, node, file);
    model_arena_free(arena);
    return loaded ? loaded : hvk_error_prefix(&call->error, "%s", path);
}
