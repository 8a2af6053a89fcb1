/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "console.h"
#include "domain.h"
#include "families.h"
#include "output.h"
#include "terminal.h"
#include <base/string.h>
#include <ctype.h>
#include <errno.h>
#include <poll.h>

#define CONSOLE_BUFFER 4096u

struct console {
    struct cli *cli;
    struct hvk_stream *stream;
    unsigned char escape;
    bool input_open;
    bool left; /* the escape character came */
};

/* "^]" or a single character; the control key's value. */
static bool read_escape(struct cli *cli, const char *text, unsigned char *out_escape)
{
    if (!text)
        text = "^]";
    if (text[0] == '^' && text[1] && !text[2]) {
        int key = toupper((unsigned char)text[1]);

        if (key >= '@' && key <= '_') {
            *out_escape = (unsigned char)(key - '@');
            return true;
        }
    } else if (text[0] && !text[1]) {
        *out_escape = (unsigned char)text[0];
        return true;
    }
    return cli_usage(cli,
                     "the escape character is one character or ^ and a letter or one of "
                     "@[\\]^_, not '%s'",
                     text);
}

static bool write_output(struct cli *cli, const char *data, size_t size)
{
    while (size > 0) {
        ssize_t count = write(STDOUT_FILENO, data, size);

        if (count < 0 && errno != EINTR)
            return hvk_error_errno(&cli->call.error, errno, "write what the guest printed");
        data += count > 0 ? count : 0;
        size -= count > 0 ? (size_t)count : 0;
    }
    return true;
}

/* What was typed goes to the guest, up to the escape character. */
static bool forward_input(struct console *console)
{
    char data[CONSOLE_BUFFER];
    ssize_t count = read(STDIN_FILENO, data, sizeof(data));

    if (count < 0)
        return errno == EINTR ||
               hvk_error_errno(&console->cli->call.error, errno, "read what is typed");
    const char *escape = memchr(data, console->escape, (size_t)count);
    size_t size = escape ? (size_t)(escape - data) : (size_t)count;
    console->left = escape != NULL;
    console->input_open = count > 0;
    return size == 0 || hvk_stream_write(cli_call(console->cli), console->stream, data, size);
}

static bool forward_output(struct console *console, bool *out_end)
{
    char data[CONSOLE_BUFFER];
    int64_t count = hvk_stream_read(cli_call(console->cli), console->stream, data, sizeof(data));

    *out_end = count == 0;
    return count >= 0 && write_output(console->cli, data, (size_t)count);
}

/* Copies both ways until either side ends it. */
static bool pump(struct console *console)
{
    bool end = false;

    while (!end && !console->left) {
        struct pollfd polled[] = {
            {.fd = hvk_stream_get_fd(console->stream), .events = POLLIN},
            {.fd = console->input_open ? STDIN_FILENO : -1, .events = POLLIN},
        };

        if (!cli_poll(console->cli, polled, ARRAY_SIZE(polled)))
            return false;
        if (polled[1].revents && !forward_input(console))
            return false;
        if (polled[0].revents && !console->left && !forward_output(console, &end))
            return false;
    }
    return true;
}

/* Raw mode is entered first: once the line is there, every key goes to the guest. */
static bool pump_terminal(struct console *console, const struct hvk_domain *domain)
{
    const struct settings *settings = &console->cli->settings;
    bool control = console->escape < ' ';

    if (!terminal_raw(STDIN_FILENO, &console->cli->call.error))
        return false;
    if (!settings->quiet && !settings->json)
        printf("Connected to domain '%s'; the escape character is %s%c\r\n", domain->name,
               control ? "^" : "", control ? console->escape + '@' : console->escape);
    fflush(stdout);
    bool done = pump(console);
    terminal_restore();
    putchar('\n');
    return done;
}

/* A guest that was started paused for the sake of its console runs also when there is none. */
static bool run_without_console(struct cli *cli, const struct hvk_domain *domain)
{
    struct hvk_call call = HVK_CALL_INIT;

    call.deadline_ns = cli->deadline_ns;
    if (hvk_domain_resume(&call, cli->connection, domain))
        return hvk_error_prefix(&cli->call.error,
                                "domain '%s' runs, but its console is not attached", domain->name);
    return hvk_error_prefix(&cli->call.error,
                            "domain '%s' is paused and its console is not attached", domain->name);
}

static bool open_console(struct cli *cli, const struct hvk_domain *domain,
                         const struct console_settings *settings, struct hvk_stream *stream)
{
    if (!hvk_domain_open_console(cli_call(cli), cli->connection, domain, settings->device, stream,
                                 settings->flags))
        return settings->resume && run_without_console(cli, domain);
    return !settings->resume || hvk_domain_resume(cli_call(cli), cli->connection, domain);
}

bool console_attach(struct cli *cli, const struct hvk_domain *domain,
                    const struct console_settings *settings)
{
    struct console console = {.cli = cli, .input_open = true};
    bool done;

    if (!read_escape(cli, settings->escape, &console.escape))
        return false;
    console.stream = hvk_stream_new(cli_call(cli), cli->connection);
    if (!console.stream)
        return false;
    done = open_console(cli, domain, settings, console.stream);
    if (done)
        done = isatty(STDIN_FILENO) ? pump_terminal(&console, domain) : pump(&console);
    hvk_stream_free(console.stream);
    if (done && !console.left && isatty(STDIN_FILENO))
        output_note(cli, "The console of domain '%s' was closed", domain->name);
    return done;
}

static bool console_run(struct cli *cli, const struct arguments *arguments)
{
    const struct hvk_domain *domain = domain_find(cli, arguments);
    struct console_settings settings = {.device = arguments_text(arguments, "devname"),
                                        .escape = arguments_text(arguments, "escape"),
                                        .flags = arguments->bits,
                                        .resume = arguments_have(arguments, "resume")};

    return domain && console_attach(cli, domain, &settings);
}

const struct verb console_verbs[] = {
    {.name = "console",
     .summary = "attach the guest's console",
     .description = "Connects the terminal to the guest's serial or paravirtual console until the "
                    "escape character is typed or the guest ends. Without a terminal it copies "
                    "standard input to the guest and the guest's output to standard output.",
     .options = OPTIONS(
         DOMAIN_OPERAND, TEXT_OPTION("devname", "ALIAS", "alias of the console; the first one"),
         {.name = "escape",
          .letter = 'e',
          .value = "CHAR",
          .type = OPTION_TEXT,
          .help = "the character that leaves the console; ^] by default"},
         SWITCH("force", HVK_DOMAIN_CONSOLE_FORCE, "disconnect whoever uses the console now"),
         SWITCH("safe", HVK_DOMAIN_CONSOLE_SAFE,
                "only if the driver keeps others from using it meanwhile"),
         SWITCH("resume", 0, "resume the guest once the console is attached")),
     .examples = "hvkit console web # leave it with Ctrl-]",
     .run = console_run},
    {0},
};
