/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli.h"
#include "domain.h"
#include "help.h"
#include <assert.h>
#include <base/string.h>
#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <stdarg.h>
#include <string.h>
#include <time.h>

#define CODES(...)                                                                                 \
    (const int32_t[])                                                                              \
    {                                                                                              \
        __VA_ARGS__, 0                                                                             \
    }

const struct exit_row exit_rows[] = {
    {EXIT_DONE, "everything that was asked for was done", NULL},
    {EXIT_FAILED, "the operation failed; standard error says why", NULL},
    {EXIT_USAGE, "the command line is wrong; nothing was attempted", NULL},
    {EXIT_NOT_FOUND, "there is no such domain, device or other object",
     CODES(HVK_ERR_NO_DOMAIN, HVK_ERR_NO_DOMAIN_METADATA, HVK_ERR_DEVICE_MISSING,
           HVK_ERR_NO_DOMAIN_SNAPSHOT, HVK_ERR_NO_NETWORK, HVK_ERR_NO_STORAGE_POOL,
           HVK_ERR_NO_STORAGE_VOL, HVK_ERR_NO_NODE_DEVICE, HVK_ERR_OBJECT_GONE)},
    {EXIT_NO_CONNECTION, "no connection could be opened, or it was lost",
     CODES(HVK_ERR_NO_CONNECT, HVK_ERR_INVALID_CONN, HVK_ERR_UNKNOWN_HOST, HVK_ERR_RPC,
           HVK_ERR_NO_SERVER, HVK_ERR_DRIVER_REFUSED, HVK_ERR_DRIVER_MISSING)},
    {EXIT_STOPPED, "the deadline passed or the command was interrupted",
     CODES(HVK_ERR_DEADLINE, HVK_ERR_CANCELLED, HVK_ERR_OPERATION_TIMEOUT,
           HVK_ERR_OPERATION_ABORTED)},
    {EXIT_DENIED, "the caller may not do this",
     CODES(HVK_ERR_ACCESS_DENIED, HVK_ERR_OPERATION_DENIED, HVK_ERR_AUTH_FAILED,
           HVK_ERR_AUTH_CANCELLED, HVK_ERR_AUTH_UNAVAILABLE)},
    {EXIT_UNSUPPORTED, "the driver or the hypervisor cannot do this",
     CODES(HVK_ERR_NO_SUPPORT, HVK_ERR_OPERATION_UNSUPPORTED, HVK_ERR_ARGUMENT_UNSUPPORTED,
           HVK_ERR_CONFIG_UNSUPPORTED, HVK_ERR_ACCELERATOR)},
    {EXIT_WRONG_STATE, "the object's present state does not allow this",
     CODES(HVK_ERR_OPERATION_INVALID, HVK_ERR_DOM_EXIST, HVK_ERR_RESOURCE_BUSY)},
    {0},
};

enum exit_status exit_status_of(int32_t code)
{
    for (const struct exit_row *row = exit_rows; row->meaning; row++) {
        for (const int32_t *known = row->codes; known && *known; known++) {
            if (*known == code)
                return row->status;
        }
    }
    return EXIT_FAILED;
}

void cli_complain(const char *format, ...)
{
    va_list arguments;

    /* What was printed so far comes first where both go to the same place. */
    fflush(stdout);
    va_start(arguments, format);
    fputs("hvkit: ", stderr);
    vfprintf(stderr, format, arguments);
    fputc('\n', stderr);
    va_end(arguments);
}

static void print_warning(void *user, const char *text)
{
    const struct cli *cli = user;

    if (!cli->settings.quiet)
        cli_complain("warning: %s", text);
}

void cli_init(struct cli *cli)
{
    *cli = (struct cli){.call = HVK_CALL_INIT};
    cli->call.warning = print_warning;
    cli->call.warning_user = cli;
    hvk_error_init(&cli->call.error);
}

void cli_disconnect(struct cli *cli)
{
    hvk_connection_close(cli->connection);
    cli->connection = NULL;
}

void cli_fini(struct cli *cli)
{
    hvk_free(cli->subject);
    cli_disconnect(cli);
    interrupt_free(cli->interrupt);
    free(cli->uri);
}

bool cli_fail(struct cli *cli, int32_t code, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    hvk_error_vset(&cli->call.error, code, format, arguments);
    va_end(arguments);
    return false;
}

bool cli_usage(struct cli *cli, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    hvk_error_vset(&cli->call.error, HVK_ERR_INVALID_ARG, format, arguments);
    va_end(arguments);
    cli->status = EXIT_USAGE;
    return false;
}

struct hvk_call *cli_call(struct cli *cli)
{
    hvk_error_init(&cli->call.error);
    cli->call.deadline_ns = cli->deadline_ns;
    return &cli->call;
}

/* Signals are taken only once there is something to cancel: a verb that calls nothing dies of them
 * as any program does. */
static bool take_signals(struct cli *cli)
{
    if (!cli->interrupt)
        cli->interrupt = interrupt_new(&cli->call.error);
    if (cli->interrupt && !cli->call.cancel)
        cli->call.cancel = interrupt_begin(cli->interrupt);
    return cli->interrupt != NULL;
}

/* What was to be connected to, for messages. */
static const char *wanted_uri(const struct cli *cli)
{
    const char *environment = getenv("HVKIT_URI");

    if (cli->uri)
        return cli->uri;
    return environment && *environment ? environment : "the default hypervisor";
}

struct hvk_connection *cli_connect(struct cli *cli)
{
    uint32_t flags = cli->settings.read_only ? HVK_CONNECT_READ_ONLY : 0;

    if (!take_signals(cli))
        return NULL;
    if (cli->connection)
        return cli->connection;
    cli->connection = hvk_connection_open(cli_call(cli), cli->uri, flags);
    if (!cli->connection) {
        enum exit_status status = exit_status_of(cli->call.error.code);

        hvk_error_prefix(&cli->call.error, "cannot connect to %s", wanted_uri(cli));
        cli->status = status == EXIT_STOPPED || status == EXIT_DENIED ? status : EXIT_NO_CONNECTION;
    }
    return cli->connection;
}

#define POLLED_MAX 8u

/* Milliseconds until the deadline, rounded up; -1 when there is none. */
static int time_left(const struct cli *cli)
{
    struct timespec now;

    if (!cli->deadline_ns)
        return -1;
    clock_gettime(CLOCK_MONOTONIC, &now);
    int64_t left = cli->deadline_ns - ((int64_t)now.tv_sec * 1000000000 + now.tv_nsec);
    return left <= 0 ? 0 : left / 1000000 >= INT_MAX ? INT_MAX : (int)(left / 1000000) + 1;
}

bool cli_poll(struct cli *cli, struct pollfd *polled, size_t count)
{
    struct pollfd all[POLLED_MAX + 1] = {
        {.fd = interrupt_get_fd(cli->interrupt), .events = POLLIN}};
    int ready;

    assert(count <= POLLED_MAX);
    memcpy(all + 1, polled, count * sizeof(*polled));
    do
        ready = poll(all, count + 1, time_left(cli));
    while (ready < 0 && errno == EINTR);
    if (ready < 0)
        return hvk_error_errno(&cli->call.error, errno, "wait for input");
    if (all[0].revents)
        return cli_fail(cli, HVK_ERR_CANCELLED, "interrupted by SIG%s",
                        sigabbrev_np(interrupt_get_signal(cli->interrupt)));
    if (ready == 0)
        return cli_fail(cli, HVK_ERR_DEADLINE, "nothing came for %llu s",
                        cli->settings.timeout_ms / 1000ULL);
    memcpy(polled, all + 1, count * sizeof(*polled));
    return true;
}

bool cli_take_globals(struct cli *cli, const struct arguments *globals, struct settings *settings)
{
    const char *uri = arguments_text(globals, "connect");
    bool reconnect = uri || (arguments_have(globals, "readonly") && !settings->read_only);

    settings->read_only |= arguments_have(globals, "readonly");
    settings->quiet |= arguments_have(globals, "quiet");
    settings->json |= arguments_have(globals, "json");
    settings->no_headings |= arguments_have(globals, "no-headings");
    settings->timeout_ms = arguments_number(globals, "timeout", settings->timeout_ms / 1000) * 1000;
    if (reconnect)
        cli_disconnect(cli);
    if (uri) {
        free(cli->uri);
        cli->uri = strdup(uri);
    }
    return !uri || cli->uri || hvk_error_memory(&cli->call.error);
}

static void begin(struct cli *cli, const struct verb *verb)
{
    cli->verb = verb;
    cli->status = EXIT_DONE;
    cli->deadline_ns = cli->settings.timeout_ms ? hvk_deadline_in(cli->settings.timeout_ms) : 0;
    cli->call.cancel = NULL; /* a new token is taken when the verb connects */
    hvk_error_init(&cli->call.error);
    hvk_free(TAKE(cli->subject));
}

/* Prints what went wrong and says how the command ends. */
static enum exit_status report_failure(struct cli *cli)
{
    const struct hvk_error *error = &cli->call.error;
    enum exit_status status = cli->status ? cli->status : exit_status_of(error->code);

    cli_complain("%s: %s", cli->verb->name,
                 error->text[0] ? error->text : hvk_error_code_name(error->code));
    if (status == EXIT_STOPPED)
        domain_report_state(cli);
    return status;
}

static bool read_and_run(struct cli *cli, const struct verb *verb, int count, char *const words[])
{
    auto_arguments own = ARGUMENTS_INIT;
    auto_arguments globals = ARGUMENTS_INIT;

    globals.rows = global_options;
    if (!arguments_read(&own, &globals, verb, count, words, &cli->call.error)) {
        cli->status = EXIT_USAGE;
        return false;
    }
    if (arguments_have(&globals, "help"))
        return help_print_verb(verb);
    if ((verb->flags & VERB_IN_SHELL_ONLY) && !cli->in_shell)
        return cli_usage(cli, "works inside 'hvkit shell' only");
    if ((verb->flags & VERB_OUTSIDE_SHELL) && cli->in_shell)
        return cli_usage(cli, "does not work inside 'hvkit shell'");
    if (!cli_take_globals(cli, &globals, &cli->settings))
        return false;
    cli->deadline_ns = cli->settings.timeout_ms ? hvk_deadline_in(cli->settings.timeout_ms) : 0;
    return verb->run(cli, &own);
}

/* A full disk or a closed pipe behind standard output is a failure of the command. */
static bool finish_output(struct cli *cli)
{
    if (fflush(stdout) == 0 && !ferror(stdout))
        return true;
    int failure = errno;
    clearerr(stdout);
    return hvk_error_errno(&cli->call.error, failure, "write the output");
}

static enum exit_status unknown_verb(const char *name)
{
    const char *meant = verb_suggest(name);

    if (meant)
        cli_complain("unknown command '%s'; did you mean '%s'?", name, meant);
    else
        cli_complain("unknown command '%s'; 'hvkit help' lists all of them", name);
    return EXIT_USAGE;
}

enum exit_status cli_run(struct cli *cli, int count, char *const words[])
{
    const struct settings before = cli->settings;
    const struct verb *verb = verb_find(words[0]);

    if (!verb)
        return unknown_verb(words[0]);
    begin(cli, verb);
    bool done = read_and_run(cli, verb, count - 1, words + 1);
    done = done && finish_output(cli);
    enum exit_status status = done ? cli->status : report_failure(cli);
    if (cli->in_shell) {
        /* One line's options end with it, and so does a connection that they made weaker. */
        if (cli->settings.read_only != before.read_only)
            cli_disconnect(cli);
        cli->settings = before;
    }
    return status;
}
