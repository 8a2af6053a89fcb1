/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Verbs that show the statistics of many domains at once, and the job of one. */
#include "domain.h"
#include "families.h"
#include "names.h"
#include "params.h"
#include <base/string.h>
#include <inttypes.h>

/* ---- domstats ---- */

#define FILTERS                                                                                    \
    (HVK_DOMAIN_LIST_ACTIVE | HVK_DOMAIN_LIST_INACTIVE | HVK_DOMAIN_LIST_PERSISTENT |              \
     HVK_DOMAIN_LIST_TRANSIENT | HVK_DOMAIN_LIST_RUNNING | HVK_DOMAIN_LIST_PAUSED |                \
     HVK_DOMAIN_LIST_SHUTOFF | HVK_DOMAIN_LIST_OTHER)

/* The groups are the low bits of one argument, filters and modes the bits of another: kept apart
 * here, since a verb's switches share one set of bits. */
static const struct {
    const char *name;
    uint32_t bit;
} groups[] = {
    {"state", HVK_DOMAIN_STATS_STATE},
    {"cpu-total", HVK_DOMAIN_STATS_CPU_TOTAL},
    {"balloon", HVK_DOMAIN_STATS_BALLOON},
    {"vcpu", HVK_DOMAIN_STATS_VCPU},
    {"interface", HVK_DOMAIN_STATS_INTERFACE},
    {"block", HVK_DOMAIN_STATS_BLOCK},
    {"perf", HVK_DOMAIN_STATS_PERF},
    {"iothread", HVK_DOMAIN_STATS_IOTHREAD},
    {"memory", HVK_DOMAIN_STATS_MEMORY},
    {"dirtyrate", HVK_DOMAIN_STATS_DIRTYRATE},
    {"vm", HVK_DOMAIN_STATS_VM},
};

static bool print_stats_text(struct cli *cli, const struct hvk_domain_stats_list *all)
{
    for (uint64_t i = 0; i < all->count; i++) {
        const struct hvk_domain_stats *stats = hvk_domain_stats_list_at(all, i);

        printf("%sDomain: '%s'\n", i ? "\n" : "", stats->domain->name);
        for (uint64_t j = 0; j < stats->params_count; j++) {
            auto_free char *text = param_text(&stats->params[j]);

            if (!text)
                return hvk_error_memory(&cli->call.error);
            printf("  %s=%s\n", stats->params[j].name, text);
        }
    }
    return true;
}

/* One row a domain; a figure that only some domains have is null for the others. */
static bool print_stats_json(struct cli *cli, const struct hvk_domain_stats_list *all)
{
    auto_table *table = table_new(cli, "domains", NULL, 0);
    size_t name = table_column(table, "name", CELL_TEXT);

    for (uint64_t i = 0; i < all->count; i++) {
        const struct hvk_domain_stats *stats = hvk_domain_stats_list_at(all, i);

        for (uint64_t j = 0; j < stats->params_count; j++)
            table_column(table, stats->params[j].name, param_cell_type(&stats->params[j]));
    }
    for (uint64_t i = 0; i < all->count; i++) {
        const struct hvk_domain_stats *stats = hvk_domain_stats_list_at(all, i);

        table_add_row(table);
        table_set(table, name, "%s", stats->domain->name);
        for (uint64_t j = 0; j < stats->params_count; j++)
            table_set_param(table, &stats->params[j]);
    }
    return table_print(cli, table);
}

/* The domains that were named: values that borrow from `found`. */
struct selection {
    struct vector found;  /* struct hvk_domain *, to free */
    struct vector values; /* struct hvk_domain */
};

static void selection_fini(struct selection *selection)
{
    VECTOR_FOR_EACH (&selection->found, struct hvk_domain *, domain)
        hvk_free(*domain);
    vector_fini(&selection->found);
    vector_fini(&selection->values);
}

static bool select_domains(struct cli *cli, const struct vector *names, struct selection *selection)
{
    VECTOR_FOR_EACH (names, const char *, name) {
        struct hvk_domain *domain = domain_lookup(cli, *name);

        if (!domain)
            return false;
        if (!vector_push(&selection->found, &domain)) {
            hvk_free(domain);
            return hvk_error_memory(&cli->call.error);
        }
        if (!vector_push(&selection->values, domain))
            return hvk_error_memory(&cli->call.error);
    }
    return true;
}

static bool domstats_run(struct cli *cli, const struct arguments *arguments)
{
    AUTO(selection_fini)
    struct selection selection = {VECTOR_INIT(struct hvk_domain *), VECTOR_INIT(struct hvk_domain)};
    auto_result struct hvk_domain_stats_list *stats = NULL;
    uint32_t chosen = 0;

    if (arguments->rest.count && (arguments->bits & FILTERS))
        return cli_usage(cli, "the --list switches choose among all domains: name none with them");
    for (size_t i = 0; i < ARRAY_SIZE(groups); i++)
        chosen |= arguments_have(arguments, groups[i].name) ? groups[i].bit : 0;
    if (!cli_connect(cli) || !select_domains(cli, &arguments->rest, &selection) ||
        !hvk_domain_get_all_stats(cli_call(cli), cli->connection, selection.values.items,
                                  selection.values.count, chosen, arguments->bits, &stats))
        return false;
    return cli->settings.json ? print_stats_json(cli, stats) : print_stats_text(cli, stats);
}

/* ---- jobs ---- */

enum job_unit { UNIT_PLAIN, UNIT_BYTES, UNIT_MILLISECONDS, UNIT_RATE, UNIT_PAGES };

static const struct {
    const char *param;
    const char *label;
    uint8_t unit;
} job_rows[] = {
    {HVK_DOMAIN_JOB_PARAM_TIME_ELAPSED, "Time elapsed", UNIT_MILLISECONDS},
    {HVK_DOMAIN_JOB_PARAM_TIME_REMAINING, "Time remaining", UNIT_MILLISECONDS},
    {HVK_DOMAIN_JOB_PARAM_DATA_PROCESSED, "Data processed", UNIT_BYTES},
    {HVK_DOMAIN_JOB_PARAM_DATA_REMAINING, "Data remaining", UNIT_BYTES},
    {HVK_DOMAIN_JOB_PARAM_DATA_TOTAL, "Data total", UNIT_BYTES},
    {HVK_DOMAIN_JOB_PARAM_MEMORY_PROCESSED, "Memory processed", UNIT_BYTES},
    {HVK_DOMAIN_JOB_PARAM_MEMORY_REMAINING, "Memory remaining", UNIT_BYTES},
    {HVK_DOMAIN_JOB_PARAM_MEMORY_TOTAL, "Memory total", UNIT_BYTES},
    {HVK_DOMAIN_JOB_PARAM_MEMORY_BPS, "Memory bandwidth", UNIT_RATE},
    {HVK_DOMAIN_JOB_PARAM_MEMORY_DIRTY_RATE, "Dirty rate", UNIT_PAGES},
    {HVK_DOMAIN_JOB_PARAM_MEMORY_ITERATION, "Iteration", UNIT_PLAIN},
    {HVK_DOMAIN_JOB_PARAM_DISK_PROCESSED, "File processed", UNIT_BYTES},
    {HVK_DOMAIN_JOB_PARAM_DISK_REMAINING, "File remaining", UNIT_BYTES},
    {HVK_DOMAIN_JOB_PARAM_DISK_TOTAL, "File total", UNIT_BYTES},
    {HVK_DOMAIN_JOB_PARAM_DISK_BPS, "File bandwidth", UNIT_RATE},
    {HVK_DOMAIN_JOB_PARAM_DOWNTIME, "Downtime", UNIT_MILLISECONDS},
    {HVK_DOMAIN_JOB_PARAM_SETUP_TIME, "Setup time", UNIT_MILLISECONDS},
};

static const char *const operations[] = {
    "Unknown",  "Start",           "Save", "Restore", "Incoming migration", "Outgoing migration",
    "Snapshot", "Snapshot revert", "Dump", "Backup",  "Snapshot delete",
};

static void add_size(struct record *record, const char *key, const char *label, uint64_t bytes,
                     const char *suffix)
{
    static const char *const units[] = {"B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
    double value = (double)bytes;
    size_t unit = 0;

    for (; value >= 1024 && unit + 1 < ARRAY_SIZE(units); unit++)
        value /= 1024;
    record_text(record, key, label, "%.3f %s%s", value, units[unit], suffix);
}

static void add_job_row(struct record *record, size_t i, uint64_t value)
{
    switch ((enum job_unit)job_rows[i].unit) {
    case UNIT_BYTES:
        add_size(record, job_rows[i].param, job_rows[i].label, value, "");
        break;
    case UNIT_RATE:
        add_size(record, job_rows[i].param, job_rows[i].label, value, "/s");
        break;
    case UNIT_MILLISECONDS:
        record_number(record, job_rows[i].param, job_rows[i].label, value, "ms");
        break;
    case UNIT_PAGES:
        record_number(record, job_rows[i].param, job_rows[i].label, value, "pages/s");
        break;
    case UNIT_PLAIN:
        record_number(record, job_rows[i].param, job_rows[i].label, value, NULL);
        break;
    }
}

/* Programs get everything there is as it is, people what they can read. */
static bool print_job(struct cli *cli, int32_t type, const struct hvk_param_list *params, bool raw)
{
    auto_record record = RECORD_INIT("jobs");
    uint64_t operation = params_number(params, HVK_DOMAIN_JOB_PARAM_OPERATION, 0);

    record_text(&record, "type", "Job type", "%s", job_type_name(type));
    if (type != HVK_DOMAIN_JOB_NONE)
        record_text(&record, "operation_name", "Operation", "%s",
                    NAME_IN(operations, (int32_t)operation));
    for (uint64_t i = 0; (raw || cli->settings.json) && i < params->count; i++) {
        const struct hvk_param *param = hvk_param_list_at(params, i);
        auto_free char *text = param_text(param);

        record_text(&record, param->name, param->name, "%s", text ? text : "");
    }
    for (size_t i = 0; !raw && !cli->settings.json && i < ARRAY_SIZE(job_rows); i++) {
        if (params_find(params, job_rows[i].param))
            add_job_row(&record, i, params_number(params, job_rows[i].param, 0));
    }
    return record_print(cli, &record);
}

static bool domjobinfo_run(struct cli *cli, const struct arguments *arguments)
{
    const struct hvk_domain *domain = domain_find(cli, arguments);
    auto_result struct hvk_param_list *params = NULL;
    int32_t type = 0;

    if (arguments_have(arguments, "keep-completed") && !arguments_have(arguments, "completed"))
        return cli_usage(cli, "--keep-completed needs --completed");
    return domain &&
           hvk_domain_get_job_stats(cli_call(cli), cli->connection, domain, arguments->bits, &type,
                                    &params) &&
           print_job(cli, type, params, arguments_have(arguments, "rawstats"));
}

static bool domjobabort_run(struct cli *cli, const struct arguments *arguments)
{
    const struct hvk_domain *domain = domain_find(cli, arguments);

    return domain && hvk_domain_abort_job(cli_call(cli), cli->connection, domain, 0) &&
           output_outcome(cli, domain, "is no longer busy with its job");
}

const struct verb stats_verbs[] = {
    {.name = "domstats",
     .summary = "show statistics of domains",
     .description = "Shows the chosen groups of statistics, or all, of the named domains, or of "
                    "all of them.",
     .options = OPTIONS(
         {.name = "domain",
          .value = "DOMAIN",
          .help = "name, uuid or id; all when left out",
          .type = OPTION_DOMAIN,
          .flags = OPTION_OPERAND | OPTION_REPEATED},
         SWITCH("state", 0, "state"), SWITCH("cpu-total", 0, "processor time"),
         SWITCH("balloon", 0, "memory"), SWITCH("vcpu", 0, "vCPUs"),
         SWITCH("interface", 0, "network interfaces"), SWITCH("block", 0, "disks"),
         SWITCH("perf", 0, "performance counters"), SWITCH("iothread", 0, "I/O threads"),
         SWITCH("memory", 0, "memory bandwidth"), SWITCH("dirtyrate", 0, "rate of memory writes"),
         SWITCH("vm", 0, "the hypervisor's own"),
         SWITCH("list-active", HVK_DOMAIN_LIST_ACTIVE, "running domains only"),
         SWITCH("list-inactive", HVK_DOMAIN_LIST_INACTIVE, "stopped domains only"),
         SWITCH("list-persistent", HVK_DOMAIN_LIST_PERSISTENT, "those with a configuration"),
         SWITCH("list-transient", HVK_DOMAIN_LIST_TRANSIENT, "those without"),
         SWITCH("list-running", HVK_DOMAIN_LIST_RUNNING, "those in state running"),
         SWITCH("list-paused", HVK_DOMAIN_LIST_PAUSED, "those in state paused"),
         SWITCH("list-shutoff", HVK_DOMAIN_LIST_SHUTOFF, "those in state shut off"),
         SWITCH("list-other", HVK_DOMAIN_LIST_OTHER, "those in any other state"),
         SWITCH("enforce", HVK_DOMAIN_STATS_ENFORCE, "fail when a group is not supported"),
         SWITCH("backing", HVK_DOMAIN_STATS_BACKING, "the backing chain of disks too"),
         SWITCH("nowait", HVK_DOMAIN_STATS_NOWAIT, "leave out what would have to wait")),
     .examples = "hvkit domstats web --block --json # what its disks did, for a program",
     .run = domstats_run},
    {.name = "domjobinfo",
     .summary = "show the job that runs on a domain",
     .options =
         OPTIONS(DOMAIN_OPERAND,
                 SWITCH("completed", HVK_DOMAIN_JOB_STATS_COMPLETED, "the last one that ended"),
                 SWITCH("keep-completed", HVK_DOMAIN_JOB_STATS_KEEP_COMPLETED, "and remember it"),
                 SWITCH("rawstats", 0, "print every figure as it is")),
     .run = domjobinfo_run},
    {.name = "domjobabort",
     .summary = "abort the job that runs on a domain",
     .options = OPTIONS(DOMAIN_OPERAND),
     .run = domjobabort_run},
    {0},
};
