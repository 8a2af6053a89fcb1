/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Verbs that list domains and say what one of them is. */
#include "domain.h"
#include "families.h"
#include "names.h"
#include "output.h"
#include <base/string.h>
#include <base/uuid.h>
#include <inttypes.h>

#define BOTH_KINDS (HVK_DOMAIN_LIST_ACTIVE | HVK_DOMAIN_LIST_INACTIVE)
#define ANY_STATE                                                                                  \
    (HVK_DOMAIN_LIST_RUNNING | HVK_DOMAIN_LIST_PAUSED | HVK_DOMAIN_LIST_SHUTOFF |                  \
     HVK_DOMAIN_LIST_OTHER)

/* Running ones by id, then the others by name. */
static int compare_domains(const void *a, const void *b)
{
    const struct hvk_domain *first = *(const struct hvk_domain *const *)a;
    const struct hvk_domain *second = *(const struct hvk_domain *const *)b;

    if (first->id >= 0 && second->id >= 0)
        return first->id < second->id ? -1 : first->id > second->id;
    if (first->id >= 0 || second->id >= 0)
        return first->id >= 0 ? -1 : 1;
    return strcmp(first->name, second->name);
}

/* Without --all and --inactive only running domains are shown, unless a state was asked for. */
static uint32_t list_flags(const struct arguments *arguments)
{
    uint32_t flags = arguments->bits;

    if (arguments_have(arguments, "all"))
        return flags & ~BOTH_KINDS;
    if (flags & (ANY_STATE | HVK_DOMAIN_LIST_INACTIVE))
        return flags;
    return flags | HVK_DOMAIN_LIST_ACTIVE;
}

struct listing {
    struct hvk_domain_list *domains;
    const struct hvk_domain **sorted;
};

static void listing_fini(struct listing *listing)
{
    hvk_free(listing->domains);
    free(listing->sorted);
}

static bool listing_read(struct cli *cli, const struct arguments *arguments,
                         struct listing *listing)
{
    if (!cli_connect(cli) ||
        !hvk_domain_list(cli_call(cli), cli->connection, list_flags(arguments), &listing->domains))
        return false;
    uint64_t count = listing->domains->count;
    listing->sorted = calloc(count + 1, sizeof(*listing->sorted));
    if (!listing->sorted)
        return hvk_error_memory(&cli->call.error);
    for (uint64_t i = 0; i < count; i++)
        listing->sorted[i] = hvk_domain_list_at(listing->domains, i);
    qsort(listing->sorted, count, sizeof(*listing->sorted), compare_domains);
    return true;
}

/* One line a domain with what was asked for, separated by blanks: for scripts. */
static void print_plain(const struct arguments *arguments, const struct hvk_domain *domain)
{
    char uuid[HVK_UUID_STRING_SIZE];
    const char *gap = "";

    if (arguments_have(arguments, "uuid")) {
        uuid_format(domain->uuid, uuid);
        fputs(uuid, stdout);
        gap = " ";
    }
    if (arguments_have(arguments, "name")) {
        printf("%s%s", gap, domain->name);
        gap = " ";
    }
    if (arguments_have(arguments, "id") && domain->id >= 0)
        printf("%s%d", gap, domain->id);
    else if (arguments_have(arguments, "id"))
        printf("%s-", gap);
    putchar('\n');
}

/* A domain that went away meanwhile is listed without what could not be asked. */
static void add_row(struct cli *cli, const struct arguments *arguments, struct table *table,
                    size_t title_column, const struct hvk_domain *domain)
{
    struct hvk_domain_status status = HVK_RECORD_INIT(status);
    auto_result char *title = NULL;
    char uuid[HVK_UUID_STRING_SIZE];
    bool known = hvk_domain_get_status(cli_call(cli), cli->connection, domain, &status);
    bool saved =
        arguments_have(arguments, "managed-save") && known && status.managed_save && !status.active;

    table_add_row(table);
    if (domain->id >= 0)
        table_set(table, 0, "%d", domain->id);
    else if (!cli->settings.json)
        table_set(table, 0, "-");
    table_set(table, 1, "%s", domain->name);
    table_set(table, 2, "%s", saved ? "saved" : state_name(known ? status.state : 0));
    if (title_column && hvk_domain_get_metadata(cli_call(cli), cli->connection, domain,
                                                HVK_DOMAIN_METADATA_TITLE, NULL, 0, &title))
        table_set(table, title_column, "%s", title);
    if (cli->settings.json) {
        uuid_format(domain->uuid, uuid);
        table_set(table, table_column(table, "uuid", CELL_TEXT), "%s", uuid);
        table_set_bool(table, table_column(table, "persistent", CELL_BOOLEAN), status.persistent);
        table_set_bool(table, table_column(table, "autostart", CELL_BOOLEAN), status.autostart);
    }
}

static bool print_table(struct cli *cli, const struct arguments *arguments,
                        const struct listing *listing)
{
    static const struct column columns[] = {
        {"id", "Id", CELL_NUMBER}, {"name", "Name", CELL_TEXT}, {"state", "State", CELL_TEXT}};
    auto_table *table = table_new(cli, "domains", columns, ARRAY_SIZE(columns));

    bool titled = arguments_have(arguments, "title");
    const char *heading = cli->settings.json ? "title" : "Title";
    size_t title_column = titled ? table_column(table, heading, CELL_TEXT) : 0;

    for (uint64_t i = 0; i < listing->domains->count; i++)
        add_row(cli, arguments, table, title_column, listing->sorted[i]);
    return table_print(cli, table);
}

static bool list_run(struct cli *cli, const struct arguments *arguments)
{
    AUTO(listing_fini) struct listing listing = {0};
    bool plain = arguments_have(arguments, "name") || arguments_have(arguments, "uuid") ||
                 arguments_have(arguments, "id");

    if (plain && (arguments_have(arguments, "table") || arguments_have(arguments, "title")))
        return cli_usage(cli, "--name, --uuid and --id exclude --table and --title");
    if (!listing_read(cli, arguments, &listing))
        return false;
    if (!plain || cli->settings.json)
        return print_table(cli, arguments, &listing);
    for (uint64_t i = 0; i < listing.domains->count; i++)
        print_plain(arguments, listing.sorted[i]);
    return true;
}

/* What the driver has to say about the domain, such as XML that it did not know; a driver without
 * messages has none. */
static void add_messages(struct cli *cli, struct record *record)
{
    auto_result struct hvk_string_list *messages = NULL;

    if (!hvk_domain_get_messages(cli_call(cli), cli->connection, cli->subject, 0, &messages))
        return;
    auto_buffer all = BUFFER_INIT;
    for (uint64_t i = 0; i < messages->count; i++) {
        const char *message = *hvk_string_list_at(messages, i);

        buffer_add_format(&all, "%s%s", i ? "\n" : "", message);
        if (!cli->settings.json)
            record_text(record, "message", "Message", "%s", message);
    }
    if (cli->settings.json)
        record_text(record, "messages", "Messages", "%s", all.data ? all.data : "");
}

static bool dominfo_run(struct cli *cli, const struct arguments *arguments)
{
    const struct hvk_domain *domain = domain_find(cli, arguments);
    struct hvk_domain_status status = HVK_RECORD_INIT(status);
    struct hvk_domain_info info = HVK_RECORD_INIT(info);
    auto_record record = RECORD_INIT("domains");
    auto_result char *os_type = NULL;
    char uuid[HVK_UUID_STRING_SIZE];

    if (!domain || !hvk_domain_get_status(cli_call(cli), cli->connection, domain, &status) ||
        !hvk_domain_get_info(cli_call(cli), cli->connection, domain, &info) ||
        !hvk_domain_get_os_type(cli_call(cli), cli->connection, domain, &os_type))
        return false;
    uuid_format(domain->uuid, uuid);
    if (domain->id >= 0)
        record_number(&record, "id", "Id", (uint64_t)domain->id, NULL);
    else if (!cli->settings.json)
        record_text(&record, "id", "Id", "-");
    record_text(&record, "name", "Name", "%s", domain->name);
    record_text(&record, "uuid", "UUID", "%s", uuid);
    record_text(&record, "os_type", "OS Type", "%s", os_type);
    record_text(&record, "state", "State", "%s", state_name(status.state));
    record_number(&record, "vcpus", "CPU(s)", info.vcpus, NULL);
    if (cli->settings.json)
        record_number(&record, "cpu_time_ns", "CPU time", info.cpu_time_ns, "ns");
    else if (info.cpu_time_ns)
        record_text(&record, "cpu_time", "CPU time", "%.1fs", (double)info.cpu_time_ns / 1e9);
    record_number(&record, "max_memory_kib", "Max memory", info.max_memory_kib, "KiB");
    record_number(&record, "used_memory_kib", "Used memory", info.memory_kib, "KiB");
    record_bool(&record, "persistent", "Persistent", status.persistent);
    if (cli->settings.json)
        record_bool(&record, "autostart", "Autostart", status.autostart);
    else
        record_text(&record, "autostart", "Autostart", "%s",
                    status.autostart ? "enable" : "disable");
    record_bool(&record, "managed_save", "Managed save", status.managed_save);
    add_messages(cli, &record);
    return record_print(cli, &record);
}

static bool domstate_run(struct cli *cli, const struct arguments *arguments)
{
    const struct hvk_domain *domain = domain_find(cli, arguments);
    struct hvk_domain_status status = HVK_RECORD_INIT(status);
    auto_record record = RECORD_INIT("domains");

    if (!domain || !hvk_domain_get_status(cli_call(cli), cli->connection, domain, &status))
        return false;
    const char *reason = reason_name(status.state, status.reason);
    if (cli->settings.json) {
        record_text(&record, "state", "State", "%s", state_name(status.state));
        record_text(&record, "reason", "Reason", "%s", reason);
        return record_print(cli, &record);
    }
    if (arguments_have(arguments, "reason"))
        printf("%s (%s)\n", state_name(status.state), reason);
    else
        puts(state_name(status.state));
    return true;
}

static bool domid_run(struct cli *cli, const struct arguments *arguments)
{
    const struct hvk_domain *domain = domain_find(cli, arguments);

    if (domain && domain->id >= 0)
        return output_value(cli, "domains", "id", CELL_NUMBER, "%d", domain->id);
    return domain && output_value(cli, "domains", "id", CELL_TEXT, "-");
}

static bool domuuid_run(struct cli *cli, const struct arguments *arguments)
{
    const struct hvk_domain *domain = domain_find(cli, arguments);
    char uuid[HVK_UUID_STRING_SIZE];

    if (!domain)
        return false;
    uuid_format(domain->uuid, uuid);
    return output_value(cli, "domains", "uuid", CELL_TEXT, "%s", uuid);
}

static bool domname_run(struct cli *cli, const struct arguments *arguments)
{
    const struct hvk_domain *domain = domain_find(cli, arguments);

    return domain && output_value(cli, "domains", "name", CELL_TEXT, "%s", domain->name);
}

const struct verb list_verbs[] = {
    {.name = "list",
     .aliases = "ls",
     .summary = "list domains",
     .description = "Lists running domains, and with --all or a state also the others. Filters of "
                    "one kind add up; filters of different kinds all have to hold.",
     .options = OPTIONS(
         SWITCH("inactive", HVK_DOMAIN_LIST_INACTIVE, "list stopped domains only"),
         SWITCH("all", 0, "list running and stopped domains"),
         SWITCH("transient", HVK_DOMAIN_LIST_TRANSIENT, "those without a configuration"),
         SWITCH("persistent", HVK_DOMAIN_LIST_PERSISTENT, "those with a configuration"),
         SWITCH("with-snapshot", HVK_DOMAIN_LIST_HAS_SNAPSHOT, "those with snapshots"),
         SWITCH("without-snapshot", HVK_DOMAIN_LIST_NO_SNAPSHOT, "those without"),
         SWITCH("with-checkpoint", HVK_DOMAIN_LIST_HAS_CHECKPOINT, "those with checkpoints"),
         SWITCH("without-checkpoint", HVK_DOMAIN_LIST_NO_CHECKPOINT, "those without"),
         SWITCH("state-running", HVK_DOMAIN_LIST_RUNNING, "those that run"),
         SWITCH("state-paused", HVK_DOMAIN_LIST_PAUSED, "those that are paused"),
         SWITCH("state-shutoff", HVK_DOMAIN_LIST_SHUTOFF, "those that are shut off"),
         SWITCH("state-other", HVK_DOMAIN_LIST_OTHER, "those in any other state"),
         SWITCH("autostart", HVK_DOMAIN_LIST_AUTOSTART, "those that start with the node"),
         SWITCH("no-autostart", HVK_DOMAIN_LIST_NO_AUTOSTART, "those that do not"),
         SWITCH("with-managed-save", HVK_DOMAIN_LIST_MANAGEDSAVE, "those with a saved state"),
         SWITCH("without-managed-save", HVK_DOMAIN_LIST_NO_MANAGEDSAVE, "those without"),
         SWITCH("uuid", 0, "print uuids only"), SWITCH("name", 0, "print names only"),
         SWITCH("id", 0, "print ids only"), SWITCH("table", 0, "print a table (the default)"),
         SWITCH("managed-save", 0, "show stopped domains with a saved state as saved"),
         SWITCH("title", 0, "show titles too")),
     .examples = "hvkit list --all # every domain and its state\n"
                 "hvkit list --json --state-paused # paused domains, for a program",
     .run = list_run},
    {.name = "dominfo",
     .summary = "show what a domain is and does",
     .options = OPTIONS(DOMAIN_OPERAND),
     .run = dominfo_run},
    {.name = "domstate",
     .summary = "show the state of a domain",
     .options = OPTIONS(DOMAIN_OPERAND, SWITCH("reason", 0, "and how it came to that")),
     .run = domstate_run},
    {.name = "domid",
     .summary = "print the id of a domain",
     .options = OPTIONS(DOMAIN_OPERAND),
     .run = domid_run},
    {.name = "domname",
     .summary = "print the name of a domain",
     .options = OPTIONS(DOMAIN_OPERAND),
     .run = domname_run},
    {.name = "domuuid",
     .summary = "print the uuid of a domain",
     .options = OPTIONS(DOMAIN_OPERAND),
     .run = domuuid_run},
    {0},
};
