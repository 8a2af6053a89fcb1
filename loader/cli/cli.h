/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the verbs of one process share: the connection, the call that is under way, what the user
 * wants the output to look like, and how the command ends. */
#ifndef HVKIT_CLI_CLI_H
#define HVKIT_CLI_CLI_H

#include "arguments.h"
#include "interrupt.h"
#include "verb.h"
#include <base/buffer.h>
#include <hvkit/driver.h>
#include <hvkit/hvkit.h>

/* How the command ends. exit_rows says what each stands for. */
enum exit_status {
    EXIT_DONE = 0,
    EXIT_FAILED = 1,
    EXIT_USAGE = 2,
    EXIT_NOT_FOUND = 3,
    EXIT_NO_CONNECTION = 4,
    EXIT_STOPPED = 5,
    EXIT_DENIED = 6,
    EXIT_UNSUPPORTED = 7,
    EXIT_WRONG_STATE = 8,
};

struct exit_row {
    enum exit_status status;
    const char *meaning;
    const int32_t *codes; /* errors that end so; 0 at the end; NULL: everything else */
};

extern const struct exit_row exit_rows[]; /* ends with a NULL meaning */
enum exit_status exit_status_of(int32_t code);

/* What a command says in front of its verb or behind it. */
struct settings {
    bool read_only;
    bool quiet;
    bool json;
    bool no_headings;
    uint64_t timeout_ms; /* 0: none */
};

struct cli {
    char *uri; /* NULL: the default */
    struct settings settings;
    struct hvk_connection *connection; /* opened when a verb first needs it */
    struct interrupt *interrupt;
    struct hvk_call call;
    int64_t deadline_ns;     /* of the whole command */
    enum exit_status status; /* EXIT_DONE: by the error's code */
    const struct verb *verb;
    struct hvk_domain *subject; /* the domain that the verb is about; NULL: none so far */
    bool in_shell;
    bool leave; /* the shell is to end */
};

void cli_init(struct cli *cli);
void cli_fini(struct cli *cli);

/* Runs the command that the words say, verb first, and prints the error when it fails. */
enum exit_status cli_run(struct cli *cli, int count, char *const words[]);

/* Takes the options that stand before the verb. */
bool cli_take_globals(struct cli *cli, const struct arguments *globals, struct settings *settings);

/* The connection, opened if it was not; NULL with the error. */
struct hvk_connection *cli_connect(struct cli *cli);
void cli_disconnect(struct cli *cli);

/* The context for the next call, its error cleared; the command's deadline and cancellation are
 * in it. */
struct hvk_call *cli_call(struct cli *cli);

struct pollfd;
/* Waits for one of the descriptors (at most 8); false with CANCELLED after a signal and with
 * DEADLINE once the command's deadline has passed. */
bool cli_poll(struct cli *cli, struct pollfd *polled, size_t count);

/* Fails with a usage error. */
bool cli_usage(struct cli *cli, const char *format, ...) HVK_PRINTF(2, 3);
/* Fails with any other code. */
bool cli_fail(struct cli *cli, int32_t code, const char *format, ...) HVK_PRINTF(3, 4);

/* One line on standard error: "hvkit: text". */
void cli_complain(const char *format, ...) HVK_PRINTF(1, 2);

static inline void cleanup_result(void *pointer)
{
    hvk_free(*(void **)pointer);
}
#define auto_result AUTO(cleanup_result)

#endif
