/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Verbs about what one domain's vCPUs, memory, disks and interfaces are and do. */
#include "devicexml.h"
#include "domain.h"
#include "families.h"
#include "names.h"
#include "params.h"
#include <base/string.h>
#include <inttypes.h>

/* ---- disks and interfaces, as the XML lists them ---- */

static void add_disk(struct table *table, const struct element *disk, bool details)
{
    const char *target = element_attribute(element_child(disk, "target"), "dev");
    const char *device = element_attribute(disk, "device");
    const char *source = disk_source(disk);
    size_t column = 0;

    table_add_row(table);
    if (details) {
        table_set(table, column++, "%s", element_attribute(disk, "type"));
        table_set(table, column++, "%s", device ? device : "disk");
    }
    table_set(table, column++, "%s", target ? target : "-");
    table_set(table, column, "%s", source ? source : "-");
}

static bool domblklist_run(struct cli *cli, const struct arguments *arguments)
{
    static const struct column columns[] = {{"type", "Type", CELL_TEXT},
                                            {"device", "Device", CELL_TEXT},
                                            {"target", "Target", CELL_TEXT},
                                            {"source", "Source", CELL_TEXT}};
    const struct hvk_domain *domain = domain_find(cli, arguments);
    bool details = arguments_have(arguments, "details") || cli->settings.json;
    auto_document *document = NULL;
    const struct element *devices =
        domain ? devices_read(cli, domain, arguments->bits, &document) : NULL;

    if (!devices)
        return false;
    auto_table *table = table_new(cli, "disks", columns + (details ? 0 : 2), details ? 4 : 2);
    ELEMENT_FOR_EACH(devices, "disk", disk)
    add_disk(table, disk, details);
    return table_print(cli, table);
}

static const char *or_dash(const char *text)
{
    return text ? text : "-";
}

static bool domiflist_run(struct cli *cli, const struct arguments *arguments)
{
    static const struct column columns[] = {{"interface", "Interface", CELL_TEXT},
                                            {"type", "Type", CELL_TEXT},
                                            {"source", "Source", CELL_TEXT},
                                            {"model", "Model", CELL_TEXT},
                                            {"mac", "MAC", CELL_TEXT}};
    const struct hvk_domain *domain = domain_find(cli, arguments);
    auto_document *document = NULL;
    const struct element *devices =
        domain ? devices_read(cli, domain, arguments->bits, &document) : NULL;

    if (!devices)
        return false;
    auto_table *table = table_new(cli, "interfaces", columns, ARRAY_SIZE(columns));
    ELEMENT_FOR_EACH(devices, "interface", interface)
    {
        const struct element *model = element_child(interface, "model");
        const struct element *target = element_child(interface, "target");

        table_add_row(table);
        table_set(table, 0, "%s", or_dash(element_attribute(target, "dev")));
        table_set(table, 1, "%s", or_dash(element_attribute(interface, "type")));
        table_set(table, 2, "%s", or_dash(interface_source(interface)));
        table_set(table, 3, "%s", or_dash(element_attribute(model, "type")));
        table_set(table, 4, "%s",
                  or_dash(element_attribute(element_child(interface, "mac"), "address")));
    }
    return table_print(cli, table);
}

/* ---- their statistics ---- */

/* The counters that virsh prints under another name than the API's. */
static const char *counter_name(const char *name)
{
    static const char *const names[][2] = {{HVK_DOMAIN_BLOCK_STATS_READ_REQ, "rd_req"},
                                           {HVK_DOMAIN_BLOCK_STATS_WRITE_REQ, "wr_req"},
                                           {HVK_DOMAIN_BLOCK_STATS_FLUSH_REQ, "flush_req"}};

    for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
        if (string_equal(names[i][0], name))
            return names[i][1];
    }
    return name;
}

/* "DEVICE NAME VALUE" lines as virsh prints them, or one JSON row. */
static bool print_params(struct cli *cli, const char *name, const char *device,
                         const struct hvk_param_list *params)
{
    auto_table *table = cli->settings.json ? table_new(cli, name, NULL, 0) : NULL;

    if (table) {
        size_t column = table_column(table, "device", CELL_TEXT);

        for (uint64_t i = 0; i < params->count; i++)
            table_column(table, hvk_param_list_at(params, i)->name,
                         param_cell_type(hvk_param_list_at(params, i)));
        table_add_row(table);
        table_set(table, column, "%s", device);
    }
    for (uint64_t i = 0; i < params->count; i++) {
        const struct hvk_param *param = hvk_param_list_at(params, i);
        auto_free char *text = param_text(param);

        if (table)
            table_set_param(table, param);
        else
            printf("%s%s%s %s\n", device, *device ? " " : "", counter_name(param->name),
                   text ? text : "");
    }
    return !cli->settings.json || table_print(cli, table);
}

static bool domblkstat_run(struct cli *cli, const struct arguments *arguments)
{
    const struct hvk_domain *domain = domain_find(cli, arguments);
    const char *device = arguments_text(arguments, "device");
    auto_result struct hvk_param_list *params = NULL;

    device = device ? device : ""; /* all disks together */
    return domain &&
           hvk_domain_block_stats(cli_call(cli), cli->connection, domain, device, 0, &params) &&
           print_params(cli, "disks", device, params);
}

static bool block_info(struct cli *cli, const char *device, struct hvk_domain_block_info *info)
{
    return hvk_domain_get_block_info(cli_call(cli), cli->connection, cli->subject, device, 0, info);
}

/* A disk without a medium has no sizes: its row says so by dashes. */
static bool print_all_block_infos(struct cli *cli)
{
    static const struct column columns[] = {{"target", "Target", CELL_TEXT},
                                            {"capacity", "Capacity", CELL_NUMBER},
                                            {"allocation", "Allocation", CELL_NUMBER},
                                            {"physical", "Physical", CELL_NUMBER}};
    auto_document *document = NULL;
    const struct element *devices = devices_read(cli, cli->subject, 0, &document);
    auto_table *table = table_new(cli, "disks", columns, ARRAY_SIZE(columns));

    if (!devices)
        return false;
    ELEMENT_FOR_EACH(devices, "disk", disk)
    {
        const char *target = element_attribute(element_child(disk, "target"), "dev");
        struct hvk_domain_block_info info = HVK_RECORD_INIT(info);

        table_add_row(table);
        table_set(table, 0, "%s", or_dash(target));
        if (!target || !disk_source(disk)) {
            for (size_t i = 1; i < ARRAY_SIZE(columns) && !cli->settings.json; i++)
                table_set(table, i, "-");
            continue;
        }
        if (!block_info(cli, target, &info))
            return false;
        table_set(table, 1, "%" PRIu64, info.capacity);
        table_set(table, 2, "%" PRIu64, info.allocation);
        table_set(table, 3, "%" PRIu64, info.physical);
    }
    return table_print(cli, table);
}

static bool domblkinfo_run(struct cli *cli, const struct arguments *arguments)
{
    const char *device = arguments_text(arguments, "device");
    struct hvk_domain_block_info info = HVK_RECORD_INIT(info);
    auto_record record = RECORD_INIT("disks");

    if (arguments_have(arguments, "all") == (device != NULL))
        return cli_usage(cli, "needs either a DEVICE or --all");
    if (!domain_find(cli, arguments))
        return false;
    if (!device)
        return print_all_block_infos(cli);
    if (!block_info(cli, device, &info))
        return false;
    record_number(&record, "capacity", "Capacity", info.capacity, NULL);
    record_number(&record, "allocation", "Allocation", info.allocation, NULL);
    record_number(&record, "physical", "Physical", info.physical, NULL);
    return record_print(cli, &record);
}

static bool domifstat_run(struct cli *cli, const struct arguments *arguments)
{
    const struct hvk_domain *domain = domain_find(cli, arguments);
    const char *device = arguments_text(arguments, "interface");
    struct hvk_domain_interface_stats stats = HVK_RECORD_INIT(stats);

    if (!domain ||
        !hvk_domain_interface_stats(cli_call(cli), cli->connection, domain, device, &stats))
        return false;
    const struct {
        const char *name;
        int64_t value; /* -1: the driver does not count it */
    } counters[] = {
        {"rx_bytes", stats.rx_bytes}, {"rx_packets", stats.rx_packets},
        {"rx_errs", stats.rx_errors}, {"rx_drop", stats.rx_dropped},
        {"tx_bytes", stats.tx_bytes}, {"tx_packets", stats.tx_packets},
        {"tx_errs", stats.tx_errors}, {"tx_drop", stats.tx_dropped},
    };
    auto_record record = RECORD_INIT("interfaces");
    record_text(&record, "interface", "Interface", "%s", device);
    for (size_t i = 0; i < ARRAY_SIZE(counters); i++) {
        if (counters[i].value < 0)
            continue;
        if (!cli->settings.json)
            printf("%s %s %" PRId64 "\n", device, counters[i].name, counters[i].value);
        record_number(&record, counters[i].name, "", (uint64_t)counters[i].value, NULL);
    }
    return !cli->settings.json || record_print(cli, &record);
}

/* ---- memory ---- */

static bool print_memory(struct cli *cli)
{
    auto_result struct hvk_domain_memory_stat_list *stats = NULL;
    auto_record record = RECORD_INIT("memory");

    if (!hvk_domain_memory_stats(cli_call(cli), cli->connection, cli->subject, 0, &stats))
        return false;
    for (uint64_t i = 0; i < stats->count; i++) {
        const struct hvk_domain_memory_stat *stat = hvk_domain_memory_stat_list_at(stats, i);
        const char *name = memory_stat_name(stat->tag);

        if (!name)
            continue;
        if (!cli->settings.json)
            printf("%s %" PRIu64 "\n", name, stat->value);
        record_number(&record, name, "", stat->value, NULL);
    }
    return !cli->settings.json || record_print(cli, &record);
}

static bool dommemstat_run(struct cli *cli, const struct arguments *arguments)
{
    uint32_t flags;

    if (!domain_affect(cli, arguments, &flags) || !domain_find(cli, arguments))
        return false;
    if (!arguments_have(arguments, "period"))
        return print_memory(cli);
    return hvk_domain_set_memory_stats_period(cli_call(cli), cli->connection, cli->subject,
                                              (int32_t)arguments_number(arguments, "period", 0),
                                              flags) &&
           output_outcome(cli, cli->subject, "has a new statistics period");
}

#define INACTIVE_SWITCH SWITCH("inactive", HVK_DOMAIN_XML_INACTIVE, "what the next start uses")

const struct verb usage_verbs[] = {
    {.name = "domblklist",
     .summary = "list the disks of a domain",
     .options =
         OPTIONS(DOMAIN_OPERAND, INACTIVE_SWITCH, SWITCH("details", 0, "show type and device too")),
     .run = domblklist_run},
    {.name = "domblkinfo",
     .summary = "show the sizes of a disk",
     .options = OPTIONS(DOMAIN_OPERAND,
                        {.name = "device",
                         .value = "DEVICE",
                         .help = "target or source",
                         .type = OPTION_TEXT,
                         .flags = OPTION_OPERAND},
                        SWITCH("all", 0, "all disks of the domain")),
     .run = domblkinfo_run},
    {.name = "domblkstat",
     .summary = "show how much a disk was read and written",
     .options =
         OPTIONS(DOMAIN_OPERAND, {.name = "device",
                                  .value = "DEVICE",
                                  .help = "target or source; all disks together when left out",
                                  .type = OPTION_TEXT,
                                  .flags = OPTION_OPERAND}),
     .run = domblkstat_run},
    {.name = "domiflist",
     .summary = "list the network interfaces of a domain",
     .options = OPTIONS(DOMAIN_OPERAND, INACTIVE_SWITCH),
     .run = domiflist_run},
    {.name = "domifstat",
     .summary = "show how much an interface sent and received",
     .options = OPTIONS(DOMAIN_OPERAND, TEXT_OPERAND("interface", "INTERFACE",
                                                     "its name on the host, or its MAC "
                                                     "address")),
     .run = domifstat_run},
    {.name = "dommemstat",
     .summary = "show how a guest uses its memory",
     .options = OPTIONS(DOMAIN_OPERAND,
                        NUMBER_OPTION("period", "SECONDS", 0, INT32_MAX,
                                      "collect every so many seconds; 0 ends it"),
                        AFFECT_SWITCHES),
     .run = dommemstat_run},
    {0},
};
