/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The node's own operations: what a made-up machine says about itself. What the node really is
 * (host name, free memory …) is left to the core's own answers. */
#include "connection.h"

#include <base/buffer.h>
#include <inttypes.h>
#include <string.h>

#define MAX_VCPUS 32

static bool get_version(struct hvk_call *call, void *instance, uint64_t *out_version)
{
    (void)call;
    (void)instance;
    *out_version = 2; /* 0.0.2: major * 1,000,000 + minor * 1,000 + release */
    return true;
}

static bool get_max_vcpus(struct hvk_call *call, void *instance, const char *type,
                          int32_t *out_max_vcpus)
{
    (void)call;
    (void)instance;
    (void)type;
    *out_max_vcpus = MAX_VCPUS;
    return true;
}

static bool get_info(struct hvk_call *call, void *instance, struct hvk_node_info *out_info)
{
    const struct test_node *node = instance;
    (void)call;
    memcpy(out_info->model, node->model, sizeof out_info->model);
    out_info->memory_kib = node->memory_kib;
    out_info->cpus = node->cpus;
    out_info->mhz = node->mhz;
    out_info->nodes = node->cell_count;
    out_info->sockets = node->sockets;
    out_info->cores = node->cores;
    out_info->threads = node->threads;
    return true;
}

static bool get_cells_free_memory(struct hvk_call *call, void *instance, int32_t start_cell,
                                  uint32_t max_cells, struct hvk_uint64_sink *out_free_bytes)
{
    const struct test_node *node = instance;
    if (start_cell < 0 || (uint32_t)start_cell >= node->cell_count)
        return hvk_error_set(&call->error, HVK_ERR_INVALID_ARG,
                             "there is no NUMA cell %d: the node has cells 0 to %u", start_cell,
                             node->cell_count - 1);
    for (uint32_t i = (uint32_t)start_cell; i < node->cell_count && max_cells-- > 0; i++) {
        if (!hvk_put_uint64(out_free_bytes, node->cells[i].memory_kib * 1024))
            return false;
    }
    return true;
}

static bool get_free_memory(struct hvk_call *call, void *instance, uint64_t *out_free_bytes)
{
    const struct test_node *node = instance;
    (void)call;
    *out_free_bytes = 0;
    for (uint32_t i = 0; i < node->cell_count; i++)
        *out_free_bytes += node->cells[i].memory_kib * 1024;
    return true;
}

static bool get_cpu_map(struct hvk_call *call, void *instance, uint32_t flags,
                        struct hvk_bytes_sink *out_cpumap, uint32_t *out_online, uint32_t *out_cpus)
{
    const struct test_node *node = instance;
    uint8_t map[TEST_CPUS_MAX / 8] = {0};
    (void)call;
    (void)flags;
    for (uint32_t cpu = 0; cpu < node->cpus; cpu++)
        map[cpu / 8] |= (uint8_t)(1u << cpu % 8);
    *out_online = *out_cpus = node->cpus;
    return hvk_put_bytes(out_cpumap, map, (node->cpus + 7) / 8);
}

/* ---- capabilities --------------------------------------------------------------------------- */

static const char *const arch_features =
    "<features>\n      <pae/>\n      <nonpae/>\n    </features>";

static void add_cell(struct buffer *xml, const struct test_node *node, uint32_t index)
{
    const struct test_cell *cell = &node->cells[index];
    buffer_add_format(xml,
                      "        <cell id='%u'>\n"
                      "          <memory unit='KiB'>%" PRIu64 "</memory>\n"
                      "          <pages unit='KiB' size='4'>%" PRIu64 "</pages>\n"
                      "          <cpus num='%u'>\n",
                      index, cell->memory_kib, cell->memory_kib / 4, cell->cpus);
    for (uint32_t i = 0; i < cell->cpus; i++) {
        uint32_t cpu = cell->first_cpu + i;
        buffer_add_format(
            xml,
            "            <cpu id='%u' socket_id='%u' die_id='0' core_id='%u' siblings='%u'/>\n",
            cpu, index, i, cpu);
    }
    buffer_add_string(xml, "          </cpus>\n        </cell>\n");
}

static void add_guest(struct buffer *xml, const struct test_node *node, const char *os_type)
{
    buffer_add_format(xml,
                      "  <guest>\n"
                      "    <os_type>%s</os_type>\n"
                      "    <arch name='%s'>\n"
                      "      <wordsize>32</wordsize>\n"
                      "      <emulator>/usr/bin/test-hv</emulator>\n"
                      "      <domain type='test'/>\n"
                      "    </arch>\n"
                      "    %s\n"
                      "  </guest>\n\n",
                      os_type, node->model, arch_features);
}

static bool get_capabilities(struct hvk_call *call, void *instance, struct hvk_string_sink *out_xml)
{
    const struct test_node *node = instance;
    auto_buffer xml = BUFFER_INIT;
    buffer_add_format(&xml,
                      "<capabilities>\n\n"
                      "  <host>\n"
                      "    <cpu>\n"
                      "      <arch>%s</arch>\n"
                      "      <pages unit='KiB' size='4'/>\n"
                      "    </cpu>\n"
                      "    <power_management/>\n"
                      "    <iommu support='no'/>\n"
                      "    <topology>\n"
                      "      <cells num='%u'>\n",
                      node->model, node->cell_count);
    for (uint32_t i = 0; i < node->cell_count; i++)
        add_cell(&xml, node, i);
    buffer_add_string(&xml, "      </cells>\n    </topology>\n  </host>\n\n");
    add_guest(&xml, node, "hvm");
    add_guest(&xml, node, "xen");
    buffer_add_string(&xml, "</capabilities>\n");
    return xml.failed ? hvk_error_memory(&call->error) : hvk_put_string(out_xml, xml.data);
}

static bool get_security_model(struct hvk_call *call, void *instance,
                               struct hvk_node_security_model_sink *out_model)
{
    struct hvk_node_security_model model = {
        .size = sizeof model, .model = "testSecurity", .doi = ""};
    (void)call;
    (void)instance;
    return hvk_put_node_security_model(out_model, &model);
}

const struct hvk_connection_table connection_table = {
    .size = sizeof connection_table,
    .get_version = get_version,
    .get_max_vcpus = get_max_vcpus,
    .get_capabilities = get_capabilities,
    .node_get_info = get_info,
    .node_get_cpu_map = get_cpu_map,
    .node_get_free_memory = get_free_memory,
    .node_get_cells_free_memory = get_cells_free_memory,
    .node_get_security_model = get_security_model,
};
