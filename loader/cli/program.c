/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Verbs about hvkit itself: its drivers, its shell, its help. */
#include "complete.h"
#include "families.h"
#include "help.h"
#include "output.h"
#include "text.h"
#include <base/string.h>
#include <errno.h>
#include <limits.h>

static const char *const places[] = {[HVK_DRIVER_CLIENT] = "client", [HVK_DRIVER_NODE] = "node"};
static const char *const threadings[] = {[HVK_THREADS_SERIAL] = "serial",
                                         [HVK_THREADS_PER_OBJECT] = "per object",
                                         [HVK_THREADS_PARALLEL] = "parallel"};

#define NAME_OF(names, number) ((number) < ARRAY_SIZE(names) ? (names)[number] : "unknown")

static const struct hvk_driver_info *driver_at(const struct hvk_driver_info_list *list, uint64_t i)
{
    return (const void *)((const char *)list->items + i * list->stride);
}

static bool list_drivers(struct cli *cli, const struct hvk_driver_info_list *drivers)
{
    static const struct column columns[] = {
        {"id", "Id", CELL_TEXT},
        {"version", "Version", CELL_TEXT},
        {"schemes", "Schemes", CELL_TEXT},
        {"runs", "Runs", CELL_TEXT},
        {"usable", "Usable", CELL_BOOLEAN},
        {"path", "Path", CELL_TEXT},
    };
    auto_table *table = table_new(cli, "drivers", columns, ARRAY_SIZE(columns));
    size_t decision = cli->settings.json ? table_column(table, "decision", CELL_TEXT) : 0;

    for (uint64_t i = 0; i < drivers->count; i++) {
        const struct hvk_driver_info *driver = driver_at(drivers, i);

        table_add_row(table);
        if (driver->id[0]) { /* else nothing could be read of it */
            table_set(table, 0, "%s", driver->id);
            table_set(table, 1, "%s", driver->version);
            table_set(table, 2, "%s", driver->schemes);
            table_set(table, 3, "%s", NAME_OF(places, driver->runs));
        }
        table_set_bool(table, 4, driver->usable);
        table_set(table, 5, "%s", driver->path[0] ? driver->path : "(built in)");
        if (decision)
            table_set(table, decision, "%s", driver->decision);
    }
    return table_print(cli, table);
}

static void add_identity(struct record *record, const struct hvk_driver_info *driver)
{
    record_text(record, "id", "Id", "%s", driver->id);
    record_text(record, "version", "Version", "%s", driver->version);
    record_text(record, "schemes", "Schemes", "%s", driver->schemes);
    record_text(record, "tables", "Tables", "%s", driver->tables);
    record_text(record, "runs", "Runs", "%s", NAME_OF(places, driver->runs));
    record_text(record, "threading", "Threading", "%s", NAME_OF(threadings, driver->threading));
    record_number(record, "revision", "Built for revision", driver->revision, NULL);
    record_number(record, "needs", "Needs revision", driver->needs, NULL);
    record_text(record, "priority", "Priority", "%d", driver->priority);
    record_bool(record, "loaded", "Loaded", driver->loaded);
}

static bool explain_driver(struct cli *cli, const struct hvk_driver_info *driver)
{
    auto_record record = RECORD_INIT("drivers");

    if (driver->id[0]) /* else nothing could be read of it */
        add_identity(&record, driver);
    record_text(&record, "path", "Path", "%s", driver->path[0] ? driver->path : "(built in)");
    record_bool(&record, "usable", "Usable", driver->usable);
    record_text(&record, "decision", "Decision", "%s", driver->decision);
    return record_print(cli, &record);
}

/* The file's name as people say it: "/usr/lib/hvkit/drivers/junk.so" is junk. */
static bool is_file_named(const struct hvk_driver_info *driver, const char *name)
{
    const char *slash = strrchr(driver->path, '/');
    const char *file = slash ? slash + 1 : driver->path;
    size_t length = strlen(name);

    return strncmp(file, name, length) == 0 && (!file[length] || !strcmp(file + length, ".so"));
}

/* Every file that has the id, the name or the path: when two claim one id, both are shown. */
static bool explain_drivers(struct cli *cli, const struct hvk_driver_info_list *drivers,
                            const char *which)
{
    bool found = false;

    for (uint64_t i = 0; i < drivers->count; i++) {
        const struct hvk_driver_info *driver = driver_at(drivers, i);

        if (!string_equal(driver->id, which) && !string_equal(driver->path, which) &&
            !is_file_named(driver, which))
            continue;
        if (found)
            putchar('\n');
        found = true;
        if (!explain_driver(cli, driver))
            return false;
    }
    if (found)
        return true;
    cli->status = EXIT_NOT_FOUND;
    return cli_fail(
        cli, HVK_ERR_DRIVER_MISSING,
        "no driver file has the id, the name or the path '%s'; 'hvkit drivers' shows those that "
        "were looked at",
        which);
}

static bool drivers_run(struct cli *cli, const struct arguments *arguments)
{
    auto_result struct hvk_driver_info_list *drivers = NULL;
    bool why = arguments_choice(arguments, "action", 0) == 1;
    const char *which = arguments_text(arguments, "id");

    if (why != (which != NULL))
        return cli_usage(cli, why ? "'why' needs the ID of a driver" : "an ID follows 'why' only");
    if (!hvk_drivers_list(cli_call(cli), &drivers))
        return false;
    return why ? explain_drivers(cli, drivers, which) : list_drivers(cli, drivers);
}

static bool help_run(struct cli *cli, const struct arguments *arguments)
{
    const char *name = arguments_text(arguments, "command");
    const struct verb *verb = name ? verb_find(name) : NULL;
    const char *meant = name && !verb ? verb_suggest(name) : NULL;

    if (arguments_have(arguments, "manual"))
        return manual_print();
    if (name && !verb)
        return cli_usage(cli, "unknown command '%s'%s%s%s", name, meant ? "; did you mean '" : "",
                         meant ? meant : "", meant ? "'?" : "");
    return verb ? help_print_verb(verb) : help_print_overview();
}

/* The program beside this one: the two are installed together. */
static char *find_shell(struct hvk_error *err)
{
    char self[PATH_MAX];
    ssize_t length = readlink("/proc/self/exe", self, sizeof(self) - 1);

    if (length < 0) {
        hvk_error_errno(err, errno, "find where hvkit is installed");
        return NULL;
    }
    self[length] = '\0';
    char *slash = strrchr(self, '/');
    char *path = string_format("%.*s/hvkit-shell", (int)(slash - self), self);
    if (!path)
        hvk_error_memory(err);
    return path;
}

static bool shell_run(struct cli *cli, const struct arguments *arguments)
{
    auto_free char *path = find_shell(&cli->call.error);
    auto_free char *timeout = string_format("--timeout=%llu", cli->settings.timeout_ms / 1000ULL);
    const char *words[10] = {"hvkit-shell"};
    size_t count = 1;

    (void)arguments;
    if (!path)
        return false;
    if (!timeout)
        return hvk_error_memory(&cli->call.error);
    if (cli->uri) {
        words[count++] = "--connect";
        words[count++] = cli->uri;
    }
    if (cli->settings.read_only)
        words[count++] = "--readonly";
    if (cli->settings.quiet)
        words[count++] = "--quiet";
    if (cli->settings.json)
        words[count++] = "--json";
    if (cli->settings.no_headings)
        words[count++] = "--no-headings";
    if (cli->settings.timeout_ms)
        words[count++] = timeout;
    execv(path, (char *const *)words);
    return hvk_error_errno(&cli->call.error, errno, "run %s", path);
}

static bool connect_run(struct cli *cli, const struct arguments *arguments)
{
    const char *uri = arguments_text(arguments, "uri");
    char *copy = uri ? strdup(uri) : NULL;

    if (uri && !copy)
        return hvk_error_memory(&cli->call.error);
    cli_disconnect(cli);
    free(cli->uri);
    cli->uri = copy;
    return cli_connect(cli) != NULL;
}

static bool quit_run(struct cli *cli, const struct arguments *arguments)
{
    (void)arguments;
    cli->leave = true;
    return true;
}

static bool cd_run(struct cli *cli, const struct arguments *arguments)
{
    const char *folder = arguments_text(arguments, "directory");

    folder = folder ? folder : getenv("HOME");
    if (!folder)
        return cli_usage(cli, "needs a DIRECTORY, since HOME is not set");
    return chdir(folder) == 0 ||
           hvk_error_errno(&cli->call.error, errno, "change the directory to %s", folder);
}

static bool pwd_run(struct cli *cli, const struct arguments *arguments)
{
    char folder[PATH_MAX];

    (void)arguments;
    if (!getcwd(folder, sizeof(folder)))
        return hvk_error_errno(&cli->call.error, errno, "find the current directory");
    return output_value(cli, "directory", "path", CELL_TEXT, "%s", folder);
}

const struct verb program_verbs[] = {
    {.name = "drivers",
     .summary = "list the drivers that were found",
     .description = "Lists every driver file in the driver directories, also those that are "
                    "refused. With 'why' and an id or a path it says what was decided about that "
                    "driver and on what ground. No driver is loaded for this.",
     .options = OPTIONS({.name = "action",
                         .value = "ACTION",
                         .help = "what to do; list when it is left out",
                         .type = OPTION_CHOICE,
                         .choices = CHOICES("list", "why"),
                         .flags = OPTION_OPERAND},
                        {.name = "id",
                         .value = "ID",
                         .help = "id or path of a driver",
                         .type = OPTION_TEXT,
                         .flags = OPTION_OPERAND}),
     .examples = "hvkit drivers why qemu # why the driver is or is not usable",
     .run = drivers_run},
    {.name = "help",
     .summary = "explain a command",
     .options = OPTIONS({.name = "command",
                         .value = "COMMAND",
                         .help = "the command to explain; all are listed when it is left out",
                         .type = OPTION_VERB,
                         .flags = OPTION_OPERAND},
                        SWITCH("manual", 0, "print the source of the manual page")),
     .run = help_run},
    {.name = "completion",
     .summary = "print the completion script of a shell",
     .description = "Prints a script that makes the shell complete commands, options and the "
                    "names of domains.",
     .options = OPTIONS({.name = "shell",
                         .value = "SHELL",
                         .help = "which one",
                         .type = OPTION_CHOICE,
                         .choices = CHOICES("bash", "zsh", "fish"),
                         .flags = OPTION_OPERAND | OPTION_REQUIRED}),
     .examples = "source <(hvkit completion bash) # complete hvkit in this shell",
     .run = complete_run},
    {.name = "shell",
     .summary = "run many commands over one connection",
     .description = "Starts hvkit-shell, which reads commands at a prompt with editing, completion "
                    "and history. When standard input is no terminal it reads them from there and "
                    "stops at the first that fails.",
     .examples = "echo 'suspend web; domstate web' | hvkit shell # two commands, one connection",
     .run = shell_run,
     .flags = VERB_OUTSIDE_SHELL},
    {.name = "connect",
     .summary = "connect to another hypervisor",
     .options = OPTIONS({.name = "uri",
                         .value = "URI",
                         .help = "where to; the default when it is left out",
                         .type = OPTION_TEXT,
                         .flags = OPTION_OPERAND}),
     .run = connect_run,
     .flags = VERB_IN_SHELL_ONLY},
    {.name = "cd",
     .summary = "change the current directory",
     .options = OPTIONS({.name = "directory",
                         .value = "DIRECTORY",
                         .help = "where to; the home directory when it is left out",
                         .type = OPTION_FILE,
                         .flags = OPTION_OPERAND}),
     .run = cd_run,
     .flags = VERB_IN_SHELL_ONLY},
    {.name = "pwd",
     .summary = "print the current directory",
     .run = pwd_run,
     .flags = VERB_IN_SHELL_ONLY},
    {.name = "quit",
     .aliases = "exit",
     .summary = "leave the shell",
     .run = quit_run,
     .flags = VERB_IN_SHELL_ONLY},
    {0},
};
