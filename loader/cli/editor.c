/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "editor.h"
#include "text.h"
#include <base/string.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>

extern char **environ;

/* One text under the editor: its file is removed at the end unless it is to be kept. */
struct draft {
    char *path;
    bool keep;
};

static void draft_fini(struct draft *draft)
{
    if (draft->path && !draft->keep)
        unlink(draft->path);
    free(draft->path);
}

static bool write_all(int fd, const char *text)
{
    for (size_t left = strlen(text); left;) {
        ssize_t count = write(fd, text, left);

        if (count < 0 && errno != EINTR)
            return false;
        text += count > 0 ? count : 0;
        left -= count > 0 ? (size_t)count : 0;
    }
    return true;
}

/* Only its owner may read it: what it shows may hold secrets. */
static bool draft_create(struct cli *cli, struct draft *draft, const char *text, const char *ending)
{
    const char *folder = getenv("TMPDIR");

    draft->path = string_format("%s/hvkit-XXXXXX%s", folder && *folder ? folder : "/tmp", ending);
    if (!draft->path)
        return hvk_error_memory(&cli->call.error);
    auto_fd int fd = mkostemps(draft->path, (int)strlen(ending), O_CLOEXEC);
    if (fd < 0) {
        hvk_error_errno(&cli->call.error, errno, "create a file to edit, %s", draft->path);
        free(TAKE(draft->path)); /* it is not ours to remove */
        return false;
    }
    return write_all(fd, text) || hvk_error_errno(&cli->call.error, errno, "write %s", draft->path);
}

static const char *editor_command(void)
{
    const char *visual = getenv("VISUAL"), *editor = getenv("EDITOR");

    if (visual && *visual)
        return visual;
    return editor && *editor ? editor : "vi";
}

/* Runs the words with the signals as they were before this program blocked some. */
static int spawn_and_wait(char *const words[], int *out_status)
{
    posix_spawnattr_t attributes;
    sigset_t none;
    pid_t child;
    int failure;

    sigemptyset(&none);
    posix_spawnattr_init(&attributes);
    posix_spawnattr_setsigmask(&attributes, &none);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK);
    failure = posix_spawnp(&child, words[0], NULL, &attributes, words, environ);
    posix_spawnattr_destroy(&attributes);
    while (!failure && waitpid(child, out_status, 0) < 0)
        failure = errno == EINTR ? 0 : errno;
    return failure;
}

/* The variable may hold options of the editor: it is split into words, and no shell reads it. */
static bool open_editor(struct cli *cli, const struct draft *draft)
{
    struct vector words = VECTOR_INIT(char *);
    const char *command = editor_command();
    char *path = strdup(draft->path), *end = NULL;
    int status = 0;
    bool split = text_split(command, false, &words, NULL) && words.count > 0 && path &&
                 vector_push(&words, &path) && vector_push(&words, &end);

    fflush(stdout);
    if (cli->interrupt)
        interrupt_set_ignored(cli->interrupt, true);
    int failure = split ? spawn_and_wait(words.items, &status) : EINVAL;
    if (cli->interrupt)
        interrupt_set_ignored(cli->interrupt, false);
    text_free_words(&words);
    if (failure)
        return hvk_error_errno(&cli->call.error, failure, "run the editor '%s'", command);
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
        return cli_fail(cli, HVK_ERR_OPERATION_FAILED, "the editor '%s' ended with %s %d", command,
                        WIFEXITED(status) ? "status" : "signal",
                        WIFEXITED(status) ? WEXITSTATUS(status) : WTERMSIG(status));
    return true;
}

/* Asks at the terminal whether to go on; no answer, an end of input and Ctrl-C mean no. */
static bool wants_again(struct cli *cli)
{
    struct pollfd polled[] = {
        {.fd = STDIN_FILENO, .events = POLLIN},
        {.fd = cli->interrupt ? interrupt_get_fd(cli->interrupt) : -1, .events = POLLIN}};
    char answer[128];

    if (!isatty(STDIN_FILENO))
        return false;
    cli_complain("%s: %s", cli->verb->name, cli->call.error.text);
    fputs("Edit the text again? [y/n] ", stderr);
    while (poll(polled, ARRAY_SIZE(polled), -1) < 0 && errno == EINTR)
        continue;
    if (polled[1].revents || !fgets(answer, sizeof(answer), stdin))
        return false;
    return answer[0] == 'y' || answer[0] == 'Y';
}

bool editor_run(struct cli *cli, const char *text, const char *ending, editor_apply apply,
                void *user, bool *out_changed)
{
    AUTO(draft_fini) struct draft draft = {0};

    *out_changed = false;
    if (!draft_create(cli, &draft, text, ending))
        return false;
    for (;;) {
        if (!open_editor(cli, &draft))
            break;
        auto_free char *edited = file_read(cli, draft.path);
        if (!edited)
            break;
        if (string_equal(edited, text))
            return true;
        *out_changed = true;
        if (apply(cli, edited, user))
            return true;
        if (!wants_again(cli))
            break;
    }
    draft.keep = *out_changed;
    if (draft.keep)
        hvk_error_prefix(&cli->call.error, "the edited text was not accepted and stays in %s",
                         draft.path);
    return false;
}
