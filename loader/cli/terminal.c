/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "terminal.h"
#include <base/cleanup.h>
#include <errno.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <termios.h>

/* What ends a process besides the signals that interrupt.c takes. */
static const int fatal_signals[] = {SIGQUIT, SIGILL,  SIGABRT, SIGBUS,  SIGFPE,
                                    SIGSEGV, SIGPIPE, SIGXCPU, SIGXFSZ, SIGSYS};
static const int job_signals[] = {SIGTSTP, SIGCONT};

static struct termios cooked, raw;
static struct sigaction fatal_before[ARRAY_SIZE(fatal_signals)];
static struct sigaction job_before[ARRAY_SIZE(job_signals)];
static volatile sig_atomic_t raw_fd = -1;

static void set_mode(const struct termios *mode)
{
    int saved = errno;

    if (raw_fd >= 0)
        tcsetattr(raw_fd, TCSANOW, mode);
    errno = saved;
}

/* SA_RESETHAND has put the default back: the signal that is raised again ends the process. */
static void handle_fatal(int number)
{
    set_mode(&cooked);
    raise(number);
}

static void handle_job(int number)
{
    set_mode(number == SIGCONT ? &raw : &cooked);
    if (number == SIGTSTP)
        raise(SIGSTOP);
}

static void take_signals(void)
{
    struct sigaction fatal = {.sa_handler = handle_fatal, .sa_flags = SA_RESETHAND | SA_NODEFER};
    struct sigaction job = {.sa_handler = handle_job, .sa_flags = SA_RESTART};

    for (size_t i = 0; i < ARRAY_SIZE(fatal_signals); i++)
        sigaction(fatal_signals[i], &fatal, &fatal_before[i]);
    for (size_t i = 0; i < ARRAY_SIZE(job_signals); i++)
        sigaction(job_signals[i], &job, &job_before[i]);
}

static void give_signals_back(void)
{
    for (size_t i = 0; i < ARRAY_SIZE(fatal_signals); i++)
        sigaction(fatal_signals[i], &fatal_before[i], NULL);
    for (size_t i = 0; i < ARRAY_SIZE(job_signals); i++)
        sigaction(job_signals[i], &job_before[i], NULL);
}

bool terminal_raw(int fd, struct hvk_error *err)
{
    if (tcgetattr(fd, &cooked) < 0)
        return hvk_error_errno(err, errno, "read the settings of the terminal");
    raw = cooked;
    cfmakeraw(&raw);
    raw_fd = fd;
    take_signals();
    if (tcsetattr(fd, TCSADRAIN, &raw) == 0)
        return true;
    int failure = errno;
    terminal_restore();
    return hvk_error_errno(err, failure, "put the terminal into raw mode");
}

void terminal_restore(void)
{
    if (raw_fd < 0)
        return;
    set_mode(&cooked);
    raw_fd = -1;
    give_signals_back();
}

unsigned terminal_columns(int fd)
{
    struct winsize size;

    return ioctl(fd, TIOCGWINSZ, &size) == 0 ? size.ws_col : 0;
}
