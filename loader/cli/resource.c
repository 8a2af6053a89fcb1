/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Verbs about memory and virtual CPUs. */
#include "cpumap.h"
#include "domain.h"
#include "families.h"
#include "names.h"
#include "output.h"
#include <base/string.h>
#include <inttypes.h>

static bool set_memory(struct cli *cli, const struct arguments *arguments, uint32_t extra,
                       const char *outcome)
{
    uint64_t bytes = arguments_bytes(arguments, "size", 0);
    uint32_t flags;

    return domain_affect(cli, arguments, &flags) && domain_find(cli, arguments) &&
           hvk_domain_set_memory(cli_call(cli), cli->connection, cli->subject,
                                 bytes / 1024 + (bytes % 1024 != 0), flags | extra) &&
           output_outcome(cli, cli->subject, outcome);
}

static bool setmem_run(struct cli *cli, const struct arguments *arguments)
{
    return set_memory(cli, arguments, 0, "has new memory");
}

static bool setmaxmem_run(struct cli *cli, const struct arguments *arguments)
{
    return set_memory(cli, arguments, HVK_DOMAIN_MEM_MAXIMUM, "has a new memory limit");
}

static bool setvcpus_run(struct cli *cli, const struct arguments *arguments)
{
    uint32_t count = (uint32_t)arguments_number(arguments, "count", 0), flags;
    uint32_t extra = arguments->bits & (HVK_DOMAIN_VCPU_MAXIMUM | HVK_DOMAIN_VCPU_GUEST |
                                        HVK_DOMAIN_VCPU_HOTPLUGGABLE);

    if ((extra & HVK_DOMAIN_VCPU_MAXIMUM) && (extra & HVK_DOMAIN_VCPU_GUEST))
        return cli_usage(cli, "--maximum and --guest exclude each other");
    return domain_affect(cli, arguments, &flags) && domain_find(cli, arguments) &&
           hvk_domain_set_vcpus(cli_call(cli), cli->connection, cli->subject, count,
                                flags | extra) &&
           output_outcome(cli, cli->subject, "has new vCPUs");
}

/* ---- vcpucount ---- */

static const struct {
    const char *which;
    const char *where;
    uint32_t flags;
} vcpu_counts[] = {
    {"maximum", "config", HVK_DOMAIN_VCPU_MAXIMUM | HVK_DOMAIN_AFFECT_CONFIG},
    {"maximum", "live", HVK_DOMAIN_VCPU_MAXIMUM | HVK_DOMAIN_AFFECT_LIVE},
    {"current", "config", HVK_DOMAIN_AFFECT_CONFIG},
    {"current", "live", HVK_DOMAIN_AFFECT_LIVE},
};

/* Those that a domain has none of, such as live ones of a stopped guest, are left out. */
static bool print_vcpu_counts(struct cli *cli)
{
    static const struct column columns[] = {{"which", "Which", CELL_TEXT},
                                            {"where", "Where", CELL_TEXT},
                                            {"count", "Count", CELL_NUMBER}};
    auto_table *table = table_new(cli, "vcpus", columns, ARRAY_SIZE(columns));

    for (size_t i = 0; i < ARRAY_SIZE(vcpu_counts); i++) {
        int32_t count;

        if (!hvk_domain_get_vcpus_count(cli_call(cli), cli->connection, cli->subject,
                                        vcpu_counts[i].flags, &count)) {
            if (exit_status_of(cli->call.error.code) == EXIT_STOPPED)
                return false;
            continue;
        }
        table_add_row(table);
        table_set(table, 0, "%s", vcpu_counts[i].which);
        table_set(table, 1, "%s", vcpu_counts[i].where);
        table_set(table, 2, "%d", count);
    }
    return table_print(cli, table);
}

static bool vcpucount_run(struct cli *cli, const struct arguments *arguments)
{
    bool active = arguments_have(arguments, "active"),
         maximum = arguments_have(arguments, "maximum");
    uint32_t flags;
    int32_t count;

    if (active && maximum)
        return cli_usage(cli, "--active and --maximum exclude each other");
    if (!domain_affect(cli, arguments, &flags) || !domain_find(cli, arguments))
        return false;
    if (!active && !maximum && !arguments->bits)
        return print_vcpu_counts(cli);
    flags |= arguments->bits & (HVK_DOMAIN_VCPU_MAXIMUM | HVK_DOMAIN_VCPU_GUEST);
    return hvk_domain_get_vcpus_count(cli_call(cli), cli->connection, cli->subject, flags,
                                      &count) &&
           output_value(cli, "vcpus", "count", CELL_NUMBER, "%d", count);
}

/* ---- vcpuinfo ---- */

/* "yy-y": one character a processor of the node, as far as the map goes. */
static bool add_affinity(struct record *record, const struct hvk_vcpu_info *vcpu, uint32_t cpus,
                         bool pretty)
{
    struct hvk_bytes map = {.count = vcpu->cpumap_size, .items = vcpu->cpumap};
    auto_buffer text = BUFFER_INIT;

    if (pretty)
        cpumap_add_list(&text, &map, cpus);
    else
        cpumap_add_marks(&text, &map, cpus);
    record_text(record, "cpu_affinity", "CPU Affinity", "%s", text.data ? text.data : "-");
    return !text.failed;
}

static bool print_vcpu(struct cli *cli, const struct hvk_vcpu_info *vcpu, uint32_t cpus,
                       bool pretty)
{
    auto_record record = RECORD_INIT("vcpus");

    record_number(&record, "vcpu", "VCPU", vcpu->number, NULL);
    if (vcpu->cpu >= 0)
        record_number(&record, "cpu", "CPU", (uint64_t)vcpu->cpu, NULL);
    else
        record_text(&record, "cpu", "CPU", "N/A");
    record_text(&record, "state", "State", "%s", vcpu_state_name(vcpu->state));
    record_text(&record, "cpu_time", "CPU time", "%.1fs", (double)vcpu->cpu_time_ns / 1e9);
    return add_affinity(&record, vcpu, cpus, pretty) ? record_print(cli, &record)
                                                     : hvk_error_memory(&cli->call.error);
}

static bool print_vcpus_json(struct cli *cli, const struct hvk_vcpu_info_list *vcpus, uint32_t cpus)
{
    static const struct column columns[] = {{"vcpu", "VCPU", CELL_NUMBER},
                                            {"cpu", "CPU", CELL_NUMBER},
                                            {"state", "State", CELL_TEXT},
                                            {"cpu_time_ns", "CPU time", CELL_NUMBER},
                                            {"cpu_affinity", "Affinity", CELL_TEXT}};
    auto_table *table = table_new(cli, "vcpus", columns, ARRAY_SIZE(columns));

    for (uint64_t i = 0; i < vcpus->count; i++) {
        const struct hvk_vcpu_info *vcpu = hvk_vcpu_info_list_at(vcpus, i);
        struct hvk_bytes map = {.count = vcpu->cpumap_size, .items = vcpu->cpumap};
        auto_buffer text = BUFFER_INIT;

        cpumap_add_list(&text, &map, cpus);
        table_add_row(table);
        table_set(table, 0, "%" PRIu32, vcpu->number);
        if (vcpu->cpu >= 0)
            table_set(table, 1, "%" PRId32, vcpu->cpu);
        table_set(table, 2, "%s", vcpu_state_name(vcpu->state));
        table_set(table, 3, "%" PRIu64, vcpu->cpu_time_ns);
        table_set(table, 4, "%s", text.data ? text.data : "");
    }
    return table_print(cli, table);
}

static bool vcpuinfo_run(struct cli *cli, const struct arguments *arguments)
{
    const struct hvk_domain *domain = domain_find(cli, arguments);
    auto_result struct hvk_vcpu_info_list *vcpus = NULL;
    auto_result struct hvk_bytes *map = NULL;
    uint32_t online, cpus;

    if (!domain || !hvk_domain_get_vcpus(cli_call(cli), cli->connection, domain, &vcpus) ||
        !hvk_connection_node_get_cpu_map(cli_call(cli), cli->connection, 0, &map, &online, &cpus))
        return false;
    if (cli->settings.json)
        return print_vcpus_json(cli, vcpus, cpus);
    for (uint64_t i = 0; i < vcpus->count; i++) {
        if (i)
            putchar('\n');
        if (!print_vcpu(cli, hvk_vcpu_info_list_at(vcpus, i), cpus,
                        arguments_have(arguments, "pretty")))
            return false;
    }
    return true;
}

const struct verb resource_verbs[] = {
    {.name = "setmem",
     .summary = "change how much memory a guest has",
     .options = OPTIONS(DOMAIN_OPERAND,
                        {.name = "size",
                         .value = "SIZE",
                         .help = "memory; KiB without a unit",
                         .type = OPTION_SIZE,
                         .min = 1024,
                         .flags = OPTION_OPERAND | OPTION_REQUIRED},
                        AFFECT_SWITCHES),
     .examples = "hvkit setmem web 2GiB --live # give memory to a running guest, or take it away",
     .run = setmem_run},
    {.name = "setmaxmem",
     .summary = "change how much memory a guest may have",
     .options = OPTIONS(DOMAIN_OPERAND,
                        {.name = "size",
                         .value = "SIZE",
                         .help = "the limit; KiB without a unit",
                         .type = OPTION_SIZE,
                         .min = 1024,
                         .flags = OPTION_OPERAND | OPTION_REQUIRED},
                        AFFECT_SWITCHES),
     .run = setmaxmem_run},
    {.name = "setvcpus",
     .summary = "change how many vCPUs a guest has",
     .options =
         OPTIONS(DOMAIN_OPERAND,
                 {.name = "count",
                  .value = "Count",
                  .help = "number of vCPUs",
                  .type = OPTION_NUMBER,
                  .min = 1,
                  .max = 65535,
                  .flags = OPTION_OPERAND | OPTION_REQUIRED},
                 SWITCH("maximum", HVK_DOMAIN_VCPU_MAXIMUM, "the limit of the next start"),
                 SWITCH("guest", HVK_DOMAIN_VCPU_GUEST, "switch them on or off inside the guest"),
                 SWITCH("hotpluggable", HVK_DOMAIN_VCPU_HOTPLUGGABLE, "make added ones removable"),
                 AFFECT_SWITCHES),
     .run = setvcpus_run},
    {.name = "vcpucount",
     .summary = "count the vCPUs of a domain",
     .options =
         OPTIONS(DOMAIN_OPERAND, SWITCH("maximum", HVK_DOMAIN_VCPU_MAXIMUM, "the limit"),
                 SWITCH("active", 0, "those in use"),
                 SWITCH("guest", HVK_DOMAIN_VCPU_GUEST, "as the guest sees it"), READ_SWITCHES),
     .run = vcpucount_run},
    {.name = "vcpuinfo",
     .summary = "show what the vCPUs of a guest do",
     .options = OPTIONS(DOMAIN_OPERAND, SWITCH("pretty", 0, "show processors as a list")),
     .run = vcpuinfo_run},
    {0},
};
