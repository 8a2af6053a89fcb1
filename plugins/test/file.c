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
    MODEL_ARRAY(struct model_domain) domains;
    MODEL_ARRAY(struct model_raw) others; /* what this driver has not */
};

#define NUMBER_UP_TO(limit)                                                                        \
    &(const struct model_number)                                                                   \
    {                                                                                              \
        .min = 1, .max = (limit)                                                                   \
    }

static const struct model_row test_cpu_rows[] = {
    LEAF(test_cpu, "model", model, STRING),
    LEAF(test_cpu, "mhz", mhz, UINT, .detail = NUMBER_UP_TO(1000000)),
    LEAF(test_cpu, "active", active, UINT, .detail = NUMBER_UP_TO(TEST_CPUS_MAX)),
    LEAF(test_cpu, "nodes", nodes, UINT, .detail = NUMBER_UP_TO(TEST_CELLS_MAX)),
    LEAF(test_cpu, "sockets", sockets, UINT, .detail = NUMBER_UP_TO(TEST_CPUS_MAX)),
    LEAF(test_cpu, "cores", cores, UINT, .detail = NUMBER_UP_TO(TEST_CPUS_MAX)),
    LEAF(test_cpu, "threads", threads, UINT, .detail = NUMBER_UP_TO(TEST_CPUS_MAX)),
};
TYPE(test_cpu);

static const struct model_row test_file_rows[] = {
    CHILD(test_file, "cpu", cpu, test_cpu),
    LEAF(test_file, "memory", memory, UINT, .detail = NUMBER_UP_TO(1ull << 40)),
    ITEMS(test_file, "domain", domains, domain),
    SUBTREES(test_file, others),
};
TYPE(test_file);

/* ---- reading it ----------------------------------------------------------------------------- */

static char *read_text(const char *path, size_t *out_size, struct hvk_error *err)
{
    struct stat info;
    auto_fd int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK); /* a FIFO would wait */
    if (fd < 0 || fstat(fd, &info) < 0) {
        hvk_error_errno(err, errno, "open the node's description '%s'", path);
        return NULL;
    }
    if (!S_ISREG(info.st_mode) || (uintmax_t)info.st_size > MODEL_XML_SIZE_MAX) {
        hvk_error_set(err, HVK_ERR_OPEN_FAILED,
                      "cannot use '%s': it is not a regular file of at most %zu bytes", path,
                      MODEL_XML_SIZE_MAX);
        return NULL;
    }
    auto_free char *text = malloc((size_t)info.st_size + 1);
    ssize_t size = text ? pread(fd, text, (size_t)info.st_size, 0) : -1;
    if (size < 0) {
        hvk_error_errno(err, errno, "read the node's description '%s'", path);
        return NULL;
    }
    *out_size = (size_t)size;
    return TAKE(text);
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

/* The domains stay in the document's memory, which lives as long as the node: model_domain_free()
 * has nothing to free of them, and whoever changes one changes a copy. */
static bool apply_domains(struct hvk_call *call, struct test_node *node,
                          const struct model_test_file *file)
{
    MODEL_FOR_EACH(&file->domains, struct model_domain, read)
    {
        if (!model_domain_check(read, &call->error) || !node_add_domain(call, node, read))
            return hvk_error_prefix(&call->error, "line %u", read->node.line);
    }
    return true;
}

static void warn_of_others(struct hvk_call *call, const struct model_test_file *file)
{
    char text[160];
    MODEL_FOR_EACH(&file->others, struct model_raw, raw)
    {
        snprintf(text, sizeof text, "line %u: the test driver has no <%.64s>: it is left out",
                 raw->node.line, raw->name);
        test_core->warn(call, text);
    }
}

bool file_load(struct hvk_call *call, struct test_node *node, const char *path)
{
    static const struct model_root root = {.name = "node", .type = &model_type_test_file};
    struct model_report report = {.warn = domain_warn, .data = call};
    size_t size;
    auto_free char *text = read_text(path, &size, &call->error);
    if (!text)
        return false;
    node->document = model_arena_new();
    if (!node->document)
        return hvk_error_memory(&call->error);
    const struct model_test_file *file =
        model_parse(node->document, "node", text, size, &root, 1, MODEL_PARSE_INACTIVE, &report,
                    NULL, &call->error);
    if (!file)
        return hvk_error_prefix(&call->error, "%s", path);
    warn_of_others(call, file);
    apply_hardware(node, file);
    return apply_domains(call, node, file) || hvk_error_prefix(&call->error, "%s", path);
}
