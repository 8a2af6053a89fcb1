/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Verbs about the machine behind the connection. */
#include "cpumap.h"
#include "families.h"
#include "params.h"
#include <base/string.h>
#include <inttypes.h>

/* hvkit's and libvirt's version numbers: major * 1,000,000 + minor * 1,000 + release. */
struct version_text {
    char text[40];
};

static struct version_text version_text(uint64_t version)
{
    struct version_text out;

    snprintf(out.text, sizeof(out.text), "%" PRIu64 ".%" PRIu64 ".%" PRIu64, version / 1000000,
             version / 1000 % 1000, version % 1000);
    return out;
}

typedef bool (*text_call)(struct hvk_call *, struct hvk_connection *, char **);

static bool print_text(struct cli *cli, text_call call, const char *key)
{
    auto_result char *text = NULL;

    return cli_connect(cli) && call(cli_call(cli), cli->connection, &text) &&
           output_value(cli, "node", key, CELL_TEXT, "%s", text);
}

static bool hostname_run(struct cli *cli, const struct arguments *arguments)
{
    (void)arguments;
    return print_text(cli, hvk_connection_get_hostname, "hostname");
}

static bool uri_run(struct cli *cli, const struct arguments *arguments)
{
    (void)arguments;
    return print_text(cli, hvk_connection_get_uri, "uri");
}

static bool capabilities_run(struct cli *cli, const struct arguments *arguments)
{
    (void)arguments;
    return print_text(cli, hvk_connection_get_capabilities, "capabilities");
}

static bool sysinfo_run(struct cli *cli, const struct arguments *arguments)
{
    auto_result char *xml = NULL;

    (void)arguments;
    return cli_connect(cli) &&
           hvk_connection_get_sysinfo(cli_call(cli), cli->connection, 0, &xml) &&
           output_value(cli, "node", "sysinfo", CELL_TEXT, "%s", xml);
}

static bool domcapabilities_run(struct cli *cli, const struct arguments *arguments)
{
    auto_result char *xml = NULL;

    return cli_connect(cli) &&
           hvk_connection_get_domain_capabilities(
               cli_call(cli), cli->connection, arguments_text(arguments, "emulatorbin"),
               arguments_text(arguments, "arch"), arguments_text(arguments, "machine"),
               arguments_text(arguments, "virttype"), 0, &xml) &&
           output_value(cli, "node", "domain_capabilities", CELL_TEXT, "%s", xml);
}

static bool version_run(struct cli *cli, const struct arguments *arguments)
{
    auto_record record = RECORD_INIT("versions");
    auto_result char *type = NULL;
    uint64_t level, hypervisor;

    (void)arguments;
    if (!cli_connect(cli) || !hvk_connection_get_type(cli_call(cli), cli->connection, &type) ||
        !hvk_connection_get_lib_version(cli_call(cli), cli->connection, &level) ||
        !hvk_connection_get_version(cli_call(cli), cli->connection, &hypervisor))
        return false;
    record_text(&record, "hvkit", "hvkit", "%s", hvk_version());
    record_text(&record, "libvirt_level", "libvirt level served", "%s", version_text(level).text);
    record_text(&record, "driver", "Driver", "%s", type);
    record_text(&record, "hypervisor", "Running hypervisor", "%s %s", type,
                hypervisor ? version_text(hypervisor).text : "(version unknown)");
    return record_print(cli, &record);
}

static bool nodeinfo_run(struct cli *cli, const struct arguments *arguments)
{
    struct hvk_node_info info = HVK_RECORD_INIT(info);
    auto_record record = RECORD_INIT("node");

    (void)arguments;
    if (!cli_connect(cli) || !hvk_connection_node_get_info(cli_call(cli), cli->connection, &info))
        return false;
    record_text(&record, "cpu_model", "CPU model", "%s", info.model);
    record_number(&record, "cpus", "CPU(s)", info.cpus, NULL);
    record_number(&record, "cpu_mhz", "CPU frequency", info.mhz, "MHz");
    record_number(&record, "sockets", "CPU socket(s)", info.sockets, NULL);
    record_number(&record, "cores_per_socket", "Core(s) per socket", info.cores, NULL);
    record_number(&record, "threads_per_core", "Thread(s) per core", info.threads, NULL);
    record_number(&record, "numa_cells", "NUMA cell(s)", info.nodes, NULL);
    record_number(&record, "memory_kib", "Memory size", info.memory_kib, "KiB");
    return record_print(cli, &record);
}

static bool nodecpumap_run(struct cli *cli, const struct arguments *arguments)
{
    bool pretty = arguments_have(arguments, "pretty");
    auto_record record = RECORD_INIT("node");
    auto_result struct hvk_bytes *map = NULL;
    auto_buffer text = BUFFER_INIT;
    uint32_t online, cpus;

    if (!cli_connect(cli) ||
        !hvk_connection_node_get_cpu_map(cli_call(cli), cli->connection, 0, &map, &online, &cpus))
        return false;
    (pretty ? cpumap_add_list : cpumap_add_marks)(&text, map, cpus);
    record_number(&record, "present", "CPUs present", cpus, NULL);
    record_number(&record, "online", "CPUs online", online, NULL);
    record_text(&record, "map", "CPU map", "%s", text.data ? text.data : "-");
    return record_print(cli, &record);
}

/* The parameters one below the other, with a unit in text. */
static bool print_params(struct cli *cli, const struct hvk_param_list *params, const char *unit)
{
    auto_record record = RECORD_INIT("node");

    for (uint64_t i = 0; i < params->count; i++) {
        const struct hvk_param *param = hvk_param_list_at(params, i);

        record_number(&record, param->name, param->name, params_number(params, param->name, 0),
                      unit);
    }
    return record_print(cli, &record);
}

/* Shares of the time since the node started. */
static bool print_shares(struct cli *cli, const struct hvk_param_list *params)
{
    auto_record record = RECORD_INIT("node");
    uint64_t total = 0;

    for (uint64_t i = 0; i < params->count; i++)
        total += params_number(params, hvk_param_list_at(params, i)->name, 0);
    for (uint64_t i = 0; i < params->count; i++) {
        const char *name = hvk_param_list_at(params, i)->name;

        record_text(&record, name, name, "%.1f%%",
                    total ? 100.0 * (double)params_number(params, name, 0) / (double)total : 0.0);
    }
    return record_print(cli, &record);
}

static bool nodecpustats_run(struct cli *cli, const struct arguments *arguments)
{
    auto_result struct hvk_param_list *params = NULL;
    bool one = arguments_have(arguments, "cpu");
    int32_t cpu = one ? (int32_t)arguments_number(arguments, "cpu", 0) : -1;

    if (!cli_connect(cli) ||
        !hvk_connection_node_get_cpu_stats(cli_call(cli), cli->connection, cpu, 0, &params))
        return false;
    return arguments_have(arguments, "percent") ? print_shares(cli, params)
                                                : print_params(cli, params, "ns");
}

static bool nodememstats_run(struct cli *cli, const struct arguments *arguments)
{
    auto_result struct hvk_param_list *params = NULL;
    bool one = arguments_have(arguments, "cell");
    int32_t cell = one ? (int32_t)arguments_number(arguments, "cell", 0) : -1;

    return cli_connect(cli) &&
           hvk_connection_node_get_memory_stats(cli_call(cli), cli->connection, cell, 0, &params) &&
           print_params(cli, params, "KiB");
}

/* ---- freecell ---- */

static bool print_cells(struct cli *cli, uint32_t first, uint32_t count)
{
    static const struct column columns[] = {{"cell", "Cell", CELL_NUMBER},
                                            {"free_kib", "Free (KiB)", CELL_NUMBER}};
    auto_result struct hvk_uint64_list *cells = NULL;
    auto_table *table = table_new(cli, "cells", columns, ARRAY_SIZE(columns));
    uint64_t total = 0;

    if (!hvk_connection_node_get_cells_free_memory(cli_call(cli), cli->connection, (int32_t)first,
                                                   count, &cells))
        return false;
    for (uint64_t i = 0; i < cells->count; i++) {
        uint64_t kib = *hvk_uint64_list_at(cells, i) / 1024;

        table_add_row(table);
        table_set(table, 0, "%" PRIu64, first + i);
        table_set(table, 1, "%" PRIu64, kib);
        total += kib;
    }
    if (count > 1 && !cli->settings.json) {
        table_add_row(table);
        table_set(table, 0, "Total");
        table_set(table, 1, "%" PRIu64, total);
    }
    return table_print(cli, table);
}

static bool freecell_run(struct cli *cli, const struct arguments *arguments)
{
    struct hvk_node_info info = HVK_RECORD_INIT(info);
    uint64_t free_bytes;

    if (arguments_have(arguments, "all") && arguments_have(arguments, "cellno"))
        return cli_usage(cli, "--all and a cell exclude each other");
    if (!cli_connect(cli))
        return false;
    if (arguments_have(arguments, "cellno"))
        return print_cells(cli, (uint32_t)arguments_number(arguments, "cellno", 0), 1);
    if (arguments_have(arguments, "all"))
        return hvk_connection_node_get_info(cli_call(cli), cli->connection, &info) &&
               print_cells(cli, 0, info.nodes);
    if (!hvk_connection_node_get_free_memory(cli_call(cli), cli->connection, &free_bytes))
        return false;
    if (cli->settings.json)
        return output_value(cli, "node", "free_kib", CELL_NUMBER, "%" PRIu64, free_bytes / 1024);
    return output_value(cli, "node", "free", CELL_TEXT, "Total: %" PRIu64 " KiB",
                        free_bytes / 1024);
}

static bool maxvcpus_run(struct cli *cli, const struct arguments *arguments)
{
    int32_t count;

    return cli_connect(cli) &&
           hvk_connection_get_max_vcpus(cli_call(cli), cli->connection,
                                        arguments_text(arguments, "type"), &count) &&
           output_value(cli, "node", "max_vcpus", CELL_NUMBER, "%" PRId32, count);
}

const struct verb node_verbs[] = {
    {.name = "nodeinfo", .summary = "show the size of the node", .run = nodeinfo_run},
    {.name = "nodecpumap",
     .summary = "show which processors of the node are online",
     .options = OPTIONS(SWITCH("pretty", 0, "show them as a list")),
     .run = nodecpumap_run},
    {.name = "nodecpustats",
     .summary = "show where the node's processor time went",
     .options = OPTIONS({.name = "cpu",
                         .value = "CPU",
                         .type = OPTION_NUMBER,
                         .max = 65535,
                         .help = "one processor; all together when left out",
                         .flags = OPTION_OPERAND},
                        SWITCH("percent", 0, "as shares of the whole")),
     .run = nodecpustats_run},
    {.name = "nodememstats",
     .summary = "show what the node's memory is used for",
     .options = OPTIONS({.name = "cell",
                         .value = "CELL",
                         .type = OPTION_NUMBER,
                         .max = 65535,
                         .help = "one NUMA cell; all together when left out",
                         .flags = OPTION_OPERAND}),
     .run = nodememstats_run},
    {.name = "freecell",
     .summary = "show how much memory of the node is free",
     .options = OPTIONS({.name = "cellno",
                         .value = "CELL",
                         .type = OPTION_NUMBER,
                         .max = 65535,
                         .help = "one NUMA cell",
                         .flags = OPTION_OPERAND},
                        SWITCH("all", 0, "every cell by itself")),
     .run = freecell_run},
    {.name = "maxvcpus",
     .summary = "print how many vCPUs a guest may have",
     .options = OPTIONS({.name = "type",
                         .value = "TYPE",
                         .type = OPTION_TEXT,
                         .help = "how the guest runs, such as kvm",
                         .flags = OPTION_OPERAND}),
     .run = maxvcpus_run},
    {.name = "hostname", .summary = "print the name of the node", .run = hostname_run},
    {.name = "uri", .summary = "print the URI of the connection", .run = uri_run},
    {.name = "version",
     .summary = "show the versions of hvkit, the driver and the hypervisor",
     .run = version_run},
    {.name = "capabilities",
     .summary = "print what the node and its hypervisor can do, as XML",
     .run = capabilities_run},
    {.name = "domcapabilities",
     .summary = "print what a domain can have on this node, as XML",
     .options = OPTIONS(TEXT_OPTION("virttype", "TYPE", "how guests run, such as kvm or qemu"),
                        FILE_OPTION("emulatorbin", "the emulator to ask about"),
                        TEXT_OPTION("arch", "ARCH", "architecture of the guest"),
                        TEXT_OPTION("machine", "MACHINE", "machine type of the guest")),
     .run = domcapabilities_run},
    {.name = "sysinfo",
     .summary = "print what the node's firmware says about it, as XML",
     .run = sysinfo_run},
    {0},
};
