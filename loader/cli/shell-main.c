/* SPDX-License-Identifier: GPL-2.0-or-later */
/* hvkit-shell: many commands over one connection. At a terminal with line editing, completion and
 * history (libedit); otherwise it reads commands from standard input and stops at the first that
 * fails. It is a program of its own so that the hvkit command does not link libedit. */
#include "cli.h"
#include "help.h"
#include "output.h"
#include "text.h"
#include "words.h"
#include <base/string.h>
#include <errno.h>
#include <histedit.h>
#include <locale.h>
#include <poll.h>
#include <signal.h>
#include <sys/stat.h>
#include <wchar.h>

#define HISTORY_LINES 1000

struct shell {
    struct cli cli;
    EditLine *line_editor;
    History *history;
    char *history_path;
    mbstate_t decoding;
};

/* Runs the commands of one line, separated by semicolons; stops at the first that fails. */
static enum exit_status run_line(struct cli *cli, const char *line)
{
    enum exit_status status = EXIT_DONE;

    while (line && status == EXIT_DONE && !cli->leave) {
        struct vector words = VECTOR_INIT(char *);

        if (!text_split(line, true, &words, &line)) {
            cli_complain("a quote is not closed");
            status = EXIT_USAGE;
        } else if (words.count > 0) {
            status = cli_run(cli, (int)words.count, words.items);
        }
        text_free_words(&words);
    }
    return status;
}

static enum exit_status run_batch(struct cli *cli)
{
    enum exit_status status = EXIT_DONE;
    auto_free char *line = NULL;
    size_t capacity = 0;

    while (!cli->leave && status == EXIT_DONE && getline(&line, &capacity, stdin) > 0)
        status = run_line(cli, line);
    return status;
}

/* ---- at a terminal ---- */

static char *prompt(EditLine *line_editor)
{
    (void)line_editor;
    return (char *)"hvkit> ";
}

/* What Ctrl-C does to the line that is being typed: it is given up, and a new prompt shown. */
static unsigned char give_line_up(EditLine *line_editor, int character)
{
    const LineInfo *info = el_line(line_editor);

    (void)character;
    el_cursor(line_editor, (int)(info->lastchar - info->cursor));
    el_deletestr(line_editor, (int)(info->lastchar - info->buffer));
    puts("^C");
    fflush(stdout);
    return CC_REDISPLAY;
}

/* Reads one character; Ctrl-C arrives as a signal and is handed on as the key that it is. */
static int read_character(EditLine *line_editor, wchar_t *out)
{
    struct shell *shell;
    char byte;

    el_get(line_editor, EL_CLIENTDATA, &shell);
    struct pollfd polled[] = {{.fd = STDIN_FILENO, .events = POLLIN},
                              {.fd = interrupt_get_fd(shell->cli.interrupt), .events = POLLIN}};
    for (;;) {
        if (poll(polled, ARRAY_SIZE(polled), -1) < 0 && errno != EINTR)
            return -1;
        if (polled[1].revents && interrupt_get_signal(shell->cli.interrupt) != SIGINT)
            return 0;
        if (polled[1].revents) {
            interrupt_begin(shell->cli.interrupt);
            *out = L'\003';
            return 1;
        }
        if (!polled[0].revents)
            continue;
        ssize_t count = read(STDIN_FILENO, &byte, 1);
        if (count <= 0)
            return count == 0 ? 0 : -1;
        size_t decoded = mbrtowc(out, &byte, 1, &shell->decoding);
        if (decoded == (size_t)-1)
            shell->decoding = (mbstate_t){0};
        else if (decoded != (size_t)-2)
            return 1;
    }
}

static void show_candidates(const struct candidates *candidates)
{
    putchar('\n');
    VECTOR_FOR_EACH (&candidates->words, char *, word)
        printf("%s  ", *word);
    putchar('\n');
    fflush(stdout);
}

/* Inserts what is certain, and shows the candidates when that is nothing. */
static unsigned char complete(EditLine *line_editor, int character)
{
    const LineInfo *info = el_line(line_editor);
    auto_free char *line = strndup(info->buffer, (size_t)(info->cursor - info->buffer));
    auto_candidates candidates = CANDIDATES_INIT;
    struct shell *shell;

    (void)character;
    el_get(line_editor, EL_CLIENTDATA, &shell);
    if (!line || !candidates_find(&shell->cli, line, &candidates))
        return CC_ERROR;
    const char *first = *(char *const *)vector_at(&candidates.words, 0);
    size_t common = candidates_common(&candidates);
    bool whole = candidates.words.count == 1;
    bool open = whole && common > 0 && strchr("/=", first[common - 1]);
    auto_free char *certain = string_format("%.*s%s", (int)(common - candidates.typed),
                                            first + candidates.typed, whole && !open ? " " : "");
    if (certain && *certain)
        return el_insertstr(line_editor, certain) == 0 ? CC_REFRESH : CC_ERROR;
    show_candidates(&candidates);
    return CC_REDISPLAY;
}

/* $XDG_STATE_HOME/hvkit/history, its folders made; NULL when there is no home. */
static char *find_history(void)
{
    const char *state = getenv("XDG_STATE_HOME"), *home = getenv("HOME");
    auto_free char *base = NULL;

    if (state && state[0] == '/')
        base = strdup(state);
    else if (home && home[0] == '/')
        base = string_format("%s/.local/state", home);
    auto_free char *folder = base ? string_format("%s/hvkit", base) : NULL;
    for (char *slash = folder; slash && (slash = strchr(slash + 1, '/')) != NULL; *slash = '/') {
        *slash = '\0';
        mkdir(folder, 0700);
    }
    if (folder)
        mkdir(folder, 0700);
    return folder ? string_format("%s/history", folder) : NULL;
}

static void open_history(struct shell *shell)
{
    HistEvent event;

    shell->history = history_init();
    shell->history_path = find_history();
    if (!shell->history)
        return;
    history(shell->history, &event, H_SETSIZE, HISTORY_LINES);
    history(shell->history, &event, H_SETUNIQUE, 1);
    if (shell->history_path)
        history(shell->history, &event, H_LOAD, shell->history_path);
    el_set(shell->line_editor, EL_HIST, history, shell->history);
}

static void close_history(struct shell *shell)
{
    HistEvent event;

    if (shell->history && shell->history_path)
        history(shell->history, &event, H_SAVE, shell->history_path);
    if (shell->history)
        history_end(shell->history);
    free(shell->history_path);
}

static bool open_line_editor(struct shell *shell)
{
    setlocale(LC_CTYPE, "");
    shell->line_editor = el_init("hvkit", stdin, stdout, stderr);
    if (!shell->line_editor)
        return false;
    el_set(shell->line_editor, EL_CLIENTDATA, shell);
    el_set(shell->line_editor, EL_PROMPT, prompt);
    el_set(shell->line_editor, EL_EDITOR, "emacs");
    el_set(shell->line_editor, EL_GETCFN, read_character);
    el_set(shell->line_editor, EL_ADDFN, "hvkit-complete", "complete the word", complete);
    el_set(shell->line_editor, EL_BIND, "^I", "hvkit-complete", NULL);
    el_set(shell->line_editor, EL_ADDFN, "hvkit-give-up", "give the line up", give_line_up);
    el_set(shell->line_editor, EL_BIND, "^C", "hvkit-give-up", NULL);
    el_set(shell->line_editor, EL_BIND, "^R", "em-inc-search-prev", NULL);
    el_source(shell->line_editor, NULL);
    open_history(shell);
    return true;
}

static enum exit_status run_interactive(struct shell *shell)
{
    enum exit_status status = EXIT_DONE;
    const char *line;
    int length;

    if (!open_line_editor(shell)) {
        cli_complain("the terminal cannot be set up for editing lines");
        return EXIT_FAILED;
    }
    while (!shell->cli.leave && (line = el_gets(shell->line_editor, &length)) && length > 0) {
        HistEvent event;

        if (line[strspn(line, " \t\n")] && shell->history)
            history(shell->history, &event, H_ENTER, line);
        status = run_line(&shell->cli, line);
        interrupt_begin(shell->cli.interrupt);
    }
    close_history(shell);
    el_end(shell->line_editor);
    return shell->cli.leave ? EXIT_DONE : status;
}

int main(int argc, char *argv[])
{
    struct shell shell = {0};
    auto_arguments globals = ARGUMENTS_INIT;
    enum exit_status status = EXIT_USAGE;

    cli_init(&shell.cli);
    shell.cli.in_shell = true;
    int taken = arguments_read_global(&globals, argc - 1, argv + 1, &shell.cli.call.error);
    if (taken < 0)
        cli_complain("shell: %s", shell.cli.call.error.text);
    else if (arguments_have(&globals, "version"))
        status = puts(HVK_VERSION) < 0 ? EXIT_FAILED : EXIT_DONE;
    else if (arguments_have(&globals, "help"))
        status = help_print_overview() && fflush(stdout) == 0 ? EXIT_DONE : EXIT_FAILED;
    else if (taken < argc - 1)
        cli_complain("shell: '%s' is one word too many; commands are read from standard input",
                     argv[1 + taken]);
    else if (!cli_take_globals(&shell.cli, &globals, &shell.cli.settings))
        cli_complain("shell: %s", shell.cli.call.error.text);
    else if (!isatty(STDIN_FILENO))
        status = run_batch(&shell.cli);
    else if (!(shell.cli.interrupt = interrupt_new(&shell.cli.call.error)))
        cli_complain("shell: %s", shell.cli.call.error.text);
    else
        status = run_interactive(&shell);
    cli_fini(&shell.cli);
    return status;
}
