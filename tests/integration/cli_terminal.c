/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli_terminal.h"
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include <utmp.h>

#define PATIENCE_MILLISECONDS 20000

void terminal_start(struct terminal *terminal, const char *uri, const char *const words[])
{
    memset(terminal, 0, sizeof(*terminal));
    assert_int_equal(openpty(&terminal->master, &terminal->slave, NULL, NULL, NULL), 0);
    fcntl(terminal->master, F_SETFD, FD_CLOEXEC);
    assert_int_equal(tcgetattr(terminal->slave, &terminal->before), 0);
    terminal->pid = fork();
    assert_true(terminal->pid >= 0);
    if (terminal->pid == 0) {
        int slave = dup(terminal->slave);

        close(terminal->slave);
        login_tty(slave);
        signal(SIGINT, SIG_DFL); /* a test in the background inherits that it is ignored */
        setenv("HVKIT_URI", uri, 1);
        setenv("TERM", "xterm", 1);
        execv(words[0], (char *const *)(uintptr_t)words);
        _exit(127);
    }
    terminal->pidfd = (int)syscall(SYS_pidfd_open, terminal->pid, 0);
    assert_true(terminal->pidfd >= 0);
}

/* Reads what there is; false when the command has ended and everything was read. */
static bool read_more(struct terminal *terminal)
{
    struct pollfd polled[] = {{.fd = terminal->master, .events = POLLIN},
                              {.fd = terminal->pidfd, .events = POLLIN}};
    int ready = poll(polled, 2, PATIENCE_MILLISECONDS);

    if (ready == 0)
        fail_msg("nothing comes after: %s", terminal->output);
    if (polled[0].revents & POLLIN) {
        ssize_t count = read(terminal->master, terminal->output + terminal->length,
                             sizeof(terminal->output) - 1 - terminal->length);

        terminal->length += count > 0 ? (size_t)count : 0;
        return count > 0;
    }
    return !polled[1].revents;
}

void terminal_expect(struct terminal *terminal, const char *text)
{
    for (;;) {
        const char *found = strstr(terminal->output + terminal->seen, text);

        if (found) {
            terminal->seen = (size_t)(found - terminal->output) + strlen(text);
            return;
        }
        if (!read_more(terminal))
            fail_msg("the command ended without '%s': %s", text, terminal->output);
    }
}

void terminal_type(struct terminal *terminal, const char *keys)
{
    assert_int_equal(write(terminal->master, keys, strlen(keys)), (ssize_t)strlen(keys));
}

int terminal_wait(struct terminal *terminal)
{
    int status;

    while (read_more(terminal))
        continue;
    assert_int_equal(waitpid(terminal->pid, &status, 0), terminal->pid);
    terminal->pid = -1;
    return status;
}

bool terminal_is_restored(const struct terminal *terminal)
{
    struct termios now;

    assert_int_equal(tcgetattr(terminal->slave, &now), 0);
    return now.c_iflag == terminal->before.c_iflag && now.c_oflag == terminal->before.c_oflag &&
           now.c_cflag == terminal->before.c_cflag && now.c_lflag == terminal->before.c_lflag &&
           memcmp(now.c_cc, terminal->before.c_cc, sizeof(now.c_cc)) == 0;
}

bool terminal_is_raw(const struct terminal *terminal)
{
    struct termios now;

    assert_int_equal(tcgetattr(terminal->slave, &now), 0);
    return (now.c_lflag & (ICANON | ECHO | ISIG)) == 0;
}

void terminal_close(struct terminal *terminal)
{
    if (terminal->pid > 0) {
        kill(terminal->pid, SIGKILL);
        waitpid(terminal->pid, NULL, 0);
    }
    close(terminal->pidfd);
    close(terminal->master);
    close(terminal->slave);
}
