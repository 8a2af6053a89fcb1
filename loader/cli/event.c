/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The verb event. What each event carries is a table: name, where it lies, what its numbers mean.
 */
#include "domain.h"
#include "families.h"
#include "names.h"
#include "params.h"
#include <base/string.h>
#include <inttypes.h>
#include <poll.h>
#include <sys/time.h>
#include <time.h>

enum payload_kind { PAYLOAD_INT32, PAYLOAD_UINT32, PAYLOAD_INT64, PAYLOAD_UINT64, PAYLOAD_TEXT };

struct payload_field {
    const char *name;
    const char *const *names; /* of an int32 that is an enum; NULL: the number is meant */
    uint16_t name_count;
    uint16_t offset;
    uint8_t kind;
};

struct event_row {
    const char *name;  /* virsh's */
    const char *alias; /* an older event that this one carries more than; NULL: none */
    uint32_t number;
    const struct payload_field *fields; /* ends with a NULL name */
};

static const char *const watchdog_actions[] = {"none",     "pause", "reset",     "poweroff",
                                               "shutdown", "debug", "inject-nmi"};
static const char *const error_actions[] = {"none", "pause", "report"};
static const char *const graphics_phases[] = {"connect", "initialize", "disconnect"};
static const char *const disk_changes[] = {"changed", "dropped"};
static const char *const tray_changes[] = {"opened", "closed"};
static const char *const block_jobs[] = {"unknown",      "block pull",          "block copy",
                                         "block commit", "active block commit", "backup"};
static const char *const block_statuses[] = {"completed", "failed", "cancelled", "ready"};
static const char *const agent_states[] = {"unknown", "connected", "disconnected"};
static const char *const agent_reasons[] = {"unknown", "domain started", "channel event"};
static const char *const metadata_types[] = {"description", "title", "element"};
static const char *const failure_recipients[] = {"hypervisor", "guest"};
static const char *const failure_actions[] = {"ignore", "inject", "fatal", "reset"};

static const char *const lifecycle_events[] = {"Defined",   "Undefined",   "Started",
                                               "Suspended", "Resumed",     "Stopped",
                                               "Shutdown",  "PMSuspended", "Crashed"};
#define DETAILS(...)                                                                               \
    {                                                                                              \
        __VA_ARGS__                                                                                \
    }
static const char *const lifecycle_details[][10] = {
    DETAILS("Added", "Updated", "Renamed", "Snapshot"),
    DETAILS("Removed", "Renamed"),
    DETAILS("Booted", "Migrated", "Restored", "Snapshot", "Event wakeup"),
    DETAILS("Paused", "Migrated", "I/O Error", "Watchdog", "Restored", "Snapshot", "API error",
            "Post-copy", "Post-copy Error"),
    DETAILS("Unpaused", "Migrated", "Snapshot", "Post-copy", "Post-copy Error"),
    DETAILS("Shutdown", "Destroyed", "Crashed", "Migrated", "Saved", "Failed", "Snapshot"),
    DETAILS("Finished", "Finished after guest request", "Finished after host request"),
    DETAILS("Memory", "Disk"),
    DETAILS("Panicked"),
};

#define FIELDS(...)                                                                                \
    (const struct payload_field[])                                                                 \
    {                                                                                              \
        __VA_ARGS__,                                                                               \
        {                                                                                          \
            0                                                                                      \
        }                                                                                          \
    }
#define AT(event, member) .offset = offsetof(struct hvk_event_domain_##event, member)
#define ENUM(event, member, values)                                                                \
    {                                                                                              \
        .name = #member, .names = (values), .name_count = ARRAY_SIZE(values),                      \
        .kind = PAYLOAD_INT32, AT(event, member)                                                   \
    }
#define PLAIN(event, member, payload_kind)                                                         \
    {                                                                                              \
        .name = #member, .kind = (payload_kind), AT(event, member)                                 \
    }
#define DEVICE(event) FIELDS(PLAIN(event, device, PAYLOAD_TEXT))

static const struct event_row rows[] = {
    {"lifecycle", NULL, HVK_EVENT_DOMAIN_LIFECYCLE, NULL},
    {"reboot", NULL, HVK_EVENT_DOMAIN_REBOOT, NULL},
    {"rtc-change", NULL, HVK_EVENT_DOMAIN_RTC_CHANGE,
     FIELDS(PLAIN(rtc_change, offset_s, PAYLOAD_INT64))},
    {"watchdog", NULL, HVK_EVENT_DOMAIN_WATCHDOG, FIELDS(ENUM(watchdog, action, watchdog_actions))},
    {"io-error-reason", "io-error", HVK_EVENT_DOMAIN_IO_ERROR_REASON,
     FIELDS(PLAIN(io_error_reason, source, PAYLOAD_TEXT),
            PLAIN(io_error_reason, device, PAYLOAD_TEXT),
            ENUM(io_error_reason, action, error_actions),
            PLAIN(io_error_reason, reason, PAYLOAD_TEXT))},
    {"graphics", NULL, HVK_EVENT_DOMAIN_GRAPHICS,
     FIELDS(ENUM(graphics, phase, graphics_phases), PLAIN(graphics, local_node, PAYLOAD_TEXT),
            PLAIN(graphics, local_service, PAYLOAD_TEXT),
            PLAIN(graphics, remote_node, PAYLOAD_TEXT),
            PLAIN(graphics, remote_service, PAYLOAD_TEXT),
            PLAIN(graphics, auth_scheme, PAYLOAD_TEXT))},
    {"control-error", NULL, HVK_EVENT_DOMAIN_CONTROL_ERROR, NULL},
    {"disk-change", NULL, HVK_EVENT_DOMAIN_DISK_CHANGE,
     FIELDS(PLAIN(disk_change, device, PAYLOAD_TEXT), ENUM(disk_change, reason, disk_changes),
            PLAIN(disk_change, old_source, PAYLOAD_TEXT),
            PLAIN(disk_change, new_source, PAYLOAD_TEXT))},
    {"tray-change", NULL, HVK_EVENT_DOMAIN_TRAY_CHANGE,
     FIELDS(PLAIN(tray_change, device, PAYLOAD_TEXT), ENUM(tray_change, reason, tray_changes))},
    {"pm-wakeup", NULL, HVK_EVENT_DOMAIN_PMWAKEUP, NULL},
    {"pm-suspend", NULL, HVK_EVENT_DOMAIN_PMSUSPEND, NULL},
    {"balloon-change", NULL, HVK_EVENT_DOMAIN_BALLOON_CHANGE,
     FIELDS(PLAIN(balloon_change, actual_kib, PAYLOAD_UINT64))},
    {"pm-suspend-disk", NULL, HVK_EVENT_DOMAIN_PMSUSPEND_DISK, NULL},
    {"device-removed", NULL, HVK_EVENT_DOMAIN_DEVICE_REMOVED, DEVICE(device_removed)},
    {"block-job-2", "block-job", HVK_EVENT_DOMAIN_BLOCK_JOB_2,
     FIELDS(PLAIN(block_job_2, disk, PAYLOAD_TEXT), ENUM(block_job_2, type, block_jobs),
            ENUM(block_job_2, status, block_statuses))},
    {"tunable", NULL, HVK_EVENT_DOMAIN_TUNABLE, NULL},
    {"agent-lifecycle", NULL, HVK_EVENT_DOMAIN_AGENT_LIFECYCLE,
     FIELDS(ENUM(agent_lifecycle, state, agent_states),
            ENUM(agent_lifecycle, reason, agent_reasons))},
    {"device-added", NULL, HVK_EVENT_DOMAIN_DEVICE_ADDED, DEVICE(device_added)},
    {"migration-iteration", NULL, HVK_EVENT_DOMAIN_MIGRATION_ITERATION,
     FIELDS(PLAIN(migration_iteration, iteration, PAYLOAD_INT32))},
    {"job-completed", NULL, HVK_EVENT_DOMAIN_JOB_COMPLETED, NULL},
    {"device-removal-failed", NULL, HVK_EVENT_DOMAIN_DEVICE_REMOVAL_FAILED,
     DEVICE(device_removal_failed)},
    {"metadata-change", NULL, HVK_EVENT_DOMAIN_METADATA_CHANGE,
     FIELDS(ENUM(metadata_change, type, metadata_types),
            PLAIN(metadata_change, uri, PAYLOAD_TEXT))},
    {"block-threshold", NULL, HVK_EVENT_DOMAIN_BLOCK_THRESHOLD,
     FIELDS(PLAIN(block_threshold, disk, PAYLOAD_TEXT), PLAIN(block_threshold, path, PAYLOAD_TEXT),
            PLAIN(block_threshold, threshold, PAYLOAD_UINT64),
            PLAIN(block_threshold, excess, PAYLOAD_UINT64))},
    {"memory-failure", NULL, HVK_EVENT_DOMAIN_MEMORY_FAILURE,
     FIELDS(ENUM(memory_failure, recipient, failure_recipients),
            ENUM(memory_failure, action, failure_actions),
            PLAIN(memory_failure, flags, PAYLOAD_UINT32))},
    {"memory-device-size-change", NULL, HVK_EVENT_DOMAIN_MEMORY_DEVICE_SIZE_CHANGE,
     FIELDS(PLAIN(memory_device_size_change, device, PAYLOAD_TEXT),
            PLAIN(memory_device_size_change, size_kib, PAYLOAD_UINT64))},
};

struct listener {
    struct cli *cli;
    struct hvk_watch *watches[ARRAY_SIZE(rows)];
    unsigned received;
    unsigned wanted; /* how many end the verb; UINT32_MAX with --loop */
    bool timestamp;
    bool failed;
};

static const struct event_row *row_by_number(uint32_t number)
{
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        if (rows[i].number == number)
            return &rows[i];
    }
    return NULL;
}

static const struct event_row *row_by_name(const char *name)
{
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        if (string_equal(rows[i].name, name) || string_equal(rows[i].alias, name))
            return &rows[i];
    }
    return NULL;
}

static const char *lifecycle_detail(const struct hvk_event_domain_lifecycle *payload)
{
    if (payload->event < 0 || payload->event >= (int32_t)ARRAY_SIZE(lifecycle_details))
        return "unknown";
    return NAME_IN(lifecycle_details[payload->event], payload->detail);
}

static void add_field(struct record *record, const struct payload_field *field, const void *payload)
{
    const void *at = (const char *)payload + field->offset;

    switch ((enum payload_kind)field->kind) {
    case PAYLOAD_INT32:
        if (field->names)
            record_text(record, field->name, field->name, "%s",
                        name_in(field->names, field->name_count, *(const int32_t *)at));
        else
            record_text(record, field->name, field->name, "%" PRId32, *(const int32_t *)at);
        break;
    case PAYLOAD_UINT32:
        record_number(record, field->name, field->name, *(const uint32_t *)at, NULL);
        break;
    case PAYLOAD_INT64:
        record_text(record, field->name, field->name, "%" PRId64, *(const int64_t *)at);
        break;
    case PAYLOAD_UINT64:
        record_number(record, field->name, field->name, *(const uint64_t *)at, NULL);
        break;
    case PAYLOAD_TEXT:
        if (*(const char *const *)at)
            record_text(record, field->name, field->name, "%s", *(const char *const *)at);
        break;
    }
}

/* The parameters of the two events that carry some. */
static void add_params(struct record *record, const struct hvk_param *params, uint64_t count)
{
    for (uint64_t i = 0; i < count; i++) {
        auto_free char *text = param_text(&params[i]);

        record_text(record, params[i].name, params[i].name, "%s", text ? text : "");
    }
}

static void add_payload(struct record *record, const struct event_row *row, const void *payload)
{
    if (row->number == HVK_EVENT_DOMAIN_LIFECYCLE) {
        const struct hvk_event_domain_lifecycle *lifecycle = payload;

        record_text(record, "what", "", "%s", NAME_IN(lifecycle_events, lifecycle->event));
        record_text(record, "detail", "", "%s", lifecycle_detail(lifecycle));
    } else if (row->number == HVK_EVENT_DOMAIN_TUNABLE) {
        const struct hvk_event_domain_tunable *tunable = payload;

        add_params(record, tunable->params, tunable->params_count);
    } else if (row->number == HVK_EVENT_DOMAIN_JOB_COMPLETED) {
        const struct hvk_event_domain_job_completed *job = payload;

        add_params(record, job->params, job->params_count);
    }
    for (const struct payload_field *field = row->fields; field && field->name; field++)
        add_field(record, field, payload);
}

/* "2026-11-20 15:04:05.123+0000" */
static void format_time(char *text, size_t size)
{
    char clock[32], zone[8];
    struct timespec now;
    struct tm local;

    clock_gettime(CLOCK_REALTIME, &now);
    localtime_r(&now.tv_sec, &local);
    strftime(clock, sizeof(clock), "%Y-%m-%d %H:%M:%S", &local);
    strftime(zone, sizeof(zone), "%z", &local);
    snprintf(text, size, "%s.%03ld%s", clock, now.tv_nsec / 1000000, zone);
}

static void print_text(const struct listener *listener, const struct event_row *row,
                       const struct hvk_domain *domain, const struct record *record)
{
    const char *gap = ":";
    char time_text[64];

    if (listener->timestamp) {
        format_time(time_text, sizeof(time_text));
        printf("%s: ", time_text);
    }
    printf("event '%s' for domain '%s'", row->name, domain->name);
    VECTOR_FOR_EACH (&record->fields, struct record_field, field) {
        printf("%s %s%s%s", gap, field->label, *field->label ? " " : "", field->value);
        gap = *field->label ? "," : "";
    }
    putchar('\n');
}

static bool print_event(struct listener *listener, const struct event_row *row,
                        const struct hvk_domain *domain, const void *payload)
{
    auto_record record = RECORD_INIT("events");
    char text[64];

    if (listener->cli->settings.json) {
        format_time(text, sizeof(text));
        record_text(&record, "time", "", "%s", text);
        record_text(&record, "event", "", "%s", row->name);
        record_text(&record, "domain", "", "%s", domain->name);
    }
    if (payload)
        add_payload(&record, row, payload);
    if (listener->cli->settings.json)
        return record_print(listener->cli, &record);
    print_text(listener, row, domain, &record);
    return true;
}

/* Runs inside hvk_connection_dispatch(), in the main thread. */
static void receive(struct hvk_connection *connection, uint32_t event, const void *object,
                    const void *payload, void *user)
{
    const struct event_row *row = row_by_number(event);
    struct listener *listener = user;

    (void)connection;
    if (!row || listener->received >= listener->wanted)
        return;
    listener->received++;
    if (!print_event(listener, row, object, payload))
        listener->failed = true;
    fflush(stdout);
}

static void listener_fini(struct listener *listener)
{
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
        hvk_watch_free(listener->watches[i]);
}

static bool subscribe(struct cli *cli, struct listener *listener, const struct event_row *only,
                      const struct hvk_domain *domain)
{
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        if (only && only != &rows[i])
            continue;
        listener->watches[i] = hvk_connection_watch(cli_call(cli), cli->connection, rows[i].number,
                                                    domain, receive, listener, NULL);
        if (!listener->watches[i])
            return hvk_error_prefix(&cli->call.error, "cannot wait for event '%s'", rows[i].name);
    }
    return true;
}

/* A deadline or an interruption ends --loop as it was meant to end. */
static bool end_of_wait(struct listener *listener)
{
    struct cli *cli = listener->cli;
    bool stopped =
        cli->call.error.code == HVK_ERR_DEADLINE || cli->call.error.code == HVK_ERR_CANCELLED;

    if (!stopped || listener->wanted != UINT32_MAX)
        return false;
    output_note(cli, "events received: %u", listener->received);
    return true;
}

static bool wait_for_events(struct listener *listener, int fd)
{
    while (listener->received < listener->wanted && !listener->failed) {
        struct pollfd polled = {.fd = fd, .events = POLLIN};

        if (!cli_poll(listener->cli, &polled, 1))
            return end_of_wait(listener);
        hvk_connection_dispatch(listener->cli->connection);
    }
    return !listener->failed;
}

static bool print_names(struct cli *cli)
{
    static const struct column columns[] = {{"event", "Event", CELL_TEXT}};
    auto_table *table = table_new(cli, "events", columns, 1);

    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        table_add_row(table);
        table_set(table, 0, "%s", rows[i].name);
    }
    return table_print(cli, table);
}

static bool event_run(struct cli *cli, const struct arguments *arguments)
{
    AUTO(listener_fini) struct listener listener = {.cli = cli, .wanted = 1};
    const char *name = arguments_text(arguments, "event");
    const struct event_row *only = name ? row_by_name(name) : NULL;
    uint64_t seconds = arguments_number(arguments, "timeout", 0);

    if (arguments_have(arguments, "list"))
        return print_names(cli);
    if (arguments_have(arguments, "all") == (name != NULL))
        return cli_usage(cli, "needs either --event or --all, or --list");
    if (name && !only)
        return cli_usage(cli, "there is no event '%s'; 'hvkit event --list' shows all", name);
    if (!(arguments_have(arguments, "domain") ? domain_find(cli, arguments) != NULL
                                              : cli_connect(cli) != NULL))
        return false;
    listener.wanted = arguments_have(arguments, "loop") ? UINT32_MAX : 1;
    listener.timestamp = arguments_have(arguments, "timestamp");
    int fd = hvk_connection_get_event_fd(cli_call(cli), cli->connection);
    if (fd < 0 || !subscribe(cli, &listener, only, cli->subject))
        return false;
    if (seconds) {
        cli->settings.timeout_ms = seconds * 1000;
        cli->deadline_ns = hvk_deadline_in(cli->settings.timeout_ms);
    }
    return wait_for_events(&listener, fd);
}

const struct verb event_verbs[] = {
    {.name = "event",
     .summary = "wait for events of domains",
     .description = "Waits for an event, prints it and ends; with --loop it goes on until it is "
                    "interrupted or the time is over. With --json every event is one object.",
     .options =
         OPTIONS({.name = "domain",
                  .value = "DOMAIN",
                  .help = "of this domain only; of all by default",
                  .type = OPTION_DOMAIN,
                  .flags = OPTION_OPERAND},
                 TEXT_OPTION("event", "EVENT", "the event to wait for"),
                 SWITCH("all", 0, "wait for every kind of event"),
                 SWITCH("loop", 0, "go on after the first event"),
                 NUMBER_OPTION("timeout", "SECONDS", 1, 31536000, "give up after so many seconds"),
                 SWITCH("timestamp", 0, "show when each event came"),
                 SWITCH("list", 0, "print the names of all events")),
     .examples = "hvkit event web --event lifecycle # wait until web changes its state\n"
                 "hvkit event --all --loop --timestamp # watch everything",
     .run = event_run},
    {0},
};
