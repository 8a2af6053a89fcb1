/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The programs that are started are this one: its first argument says what it does. */
#include "cmocka_all.h"
#include "open_fds.h"

#include <base/cleanup.h>
#include <base/string.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <runtime/child.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

/* ---- what the started program does ---- */

/* Its descriptors, as "0 1 2 7 ". */
static int report_fds(void)
{
    for (int fd = 0; fd < 1024; fd++) {
        if (fcntl(fd, F_GETFD) >= 0)
            dprintf(STDOUT_FILENO, "%d ", fd);
    }
    return 0;
}

/* The signals that are blocked or ignored (a handler would not outlive exec), its session,
 * directory and environment. */
static int report_surroundings(void)
{
    sigset_t mask;
    char directory[256];
    pthread_sigmask(SIG_SETMASK, NULL, &mask);
    for (int number = 1; number < 65; number++) {
        struct sigaction action = {0};
        bool ignored = sigaction(number, NULL, &action) == 0 && action.sa_handler == SIG_IGN;
        if (ignored || sigismember(&mask, number) == 1)
            dprintf(STDOUT_FILENO, "signal %d ", number);
    }
    dprintf(STDOUT_FILENO, "%s %s %s", getsid(0) == getpid() ? "leader" : "member",
            getcwd(directory, sizeof directory), getenv("LC_ALL"));
    return environ[0] && environ[1] && !environ[2] ? 0 : 1;
}

/* Copies standard input to standard output until its end. */
static int copy(void)
{
    char byte;
    while (read(STDIN_FILENO, &byte, 1) == 1) {
        if (write(STDOUT_FILENO, &byte, 1) != 1)
            return 1;
    }
    return 0;
}

static int hang(void)
{
    pause(); /* no signal is handled: it never returns */
    return 1;
}

static int act(const char *what)
{
    if (strcmp(what, "fds") == 0)
        return report_fds();
    if (strcmp(what, "surroundings") == 0)
        return report_surroundings();
    if (strcmp(what, "copy") == 0)
        return copy();
    return strcmp(what, "hang") == 0 ? hang() : atoi(what);
}

/* ---- starting it ---- */

static char program[256];

struct started {
    int32_t pid;
    int pidfd;
    int output;
    int input;
};

static struct hvk_spawn spawn_of(const char *const *argv)
{
    return (struct hvk_spawn){
        .size = sizeof(struct hvk_spawn),
        .path = program,
        .argv = argv,
        .stdin_fd = -1,
        .stdout_fd = -1,
        .stderr_fd = -1,
        .cgroup_fd = -1,
        .directory_fd = -1,
    };
}

static int32_t start_plain(const char *what, uint32_t flags, int *out_pidfd)
{
    const char *const argv[] = {"test-child", what, NULL};
    struct hvk_spawn spawn = spawn_of(argv);
    struct hvk_error err;
    spawn.flags = flags;
    int32_t pid = child_spawn(&spawn, out_pidfd, &err);
    if (pid < 0)
        print_error("%s\n", err.text);
    assert_true(pid > 0 && *out_pidfd >= 0);
    return pid;
}

/* What the program writes until it ends. */
static int32_t run(struct hvk_spawn *spawn, char *text, size_t size)
{
    int ends[2], pidfd;
    struct hvk_error err;
    assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
    spawn->stdout_fd = ends[1];
    assert_true(child_spawn(spawn, &pidfd, &err) > 0);
    close(ends[1]);
    size_t length = 0;
    ssize_t got;
    while ((got = read(ends[0], text + length, size - 1 - length)) > 0)
        length += (size_t)got;
    text[length] = '\0';
    close(ends[0]);
    int32_t status;
    assert_true(child_wait(pidfd, -1, &status, &err));
    close(pidfd);
    return status;
}

/* ---- claims ---- */

static void exit_code_and_signal_are_told_apart(void **state)
{
    (void)state;
    int pidfd;
    int32_t status;
    start_plain("7", 0, &pidfd);
    assert_true(child_wait(pidfd, -1, &status, NULL));
    assert_int_equal(status, 7);
    close(pidfd);

    start_plain("hang", 0, &pidfd);
    struct hvk_error err;
    assert_false(child_wait(pidfd, 1, &status, &err));
    assert_int_equal(err.code, HVK_ERR_OPERATION_TIMEOUT);
    assert_true(child_kill(pidfd, SIGKILL, NULL));
    assert_true(child_wait(pidfd, -1, &status, NULL));
    assert_int_equal(status, -SIGKILL);
    assert_true(child_kill(pidfd, SIGKILL, NULL)); /* it has ended already */
    close(pidfd);
    assert_false(child_wait(pidfd, 0, &status, &err));
    assert_int_equal(err.native, EBADF);
    assert_false(child_kill(pidfd, SIGKILL, &err));
}

static void failure_to_execute_is_the_starters_and_leaves_nothing(void **state)
{
    (void)state;
    int before = count_open_fds();
    static const uint32_t flags[] = {0, HVK_SPAWN_DAEMON};
    for (size_t i = 0; i < ARRAY_SIZE(flags); i++) {
        const char *const argv[] = {"nothing", NULL};
        struct hvk_spawn spawn = spawn_of(argv);
        struct hvk_error err;
        int pidfd;
        spawn.path = "/nonexistent/program";
        spawn.flags = flags[i];
        assert_int_equal(child_spawn(&spawn, &pidfd, &err), -1);
        assert_int_equal(pidfd, -1);
        assert_int_equal(err.native, ENOENT);
        assert_non_null(strstr(err.text, "/nonexistent/program"));
        assert_non_null(strstr(err.text, "execute"));
        spawn.path = "/proc/self/status"; /* no permission to execute */
        assert_int_equal(child_spawn(&spawn, &pidfd, &err), -1);
        assert_int_equal(err.native, EACCES);
    }
    assert_int_equal(waitpid(-1, NULL, WNOHANG | __WALL), -1);
    assert_int_equal(errno, ECHILD);
    assert_int_equal(count_open_fds(), before);
}

static void bad_requests_are_refused(void **state)
{
    (void)state;
    const char *const argv[] = {"test-child", NULL}, *const empty[] = {NULL};
    const int32_t twice[] = {5, 9, 5}, low[] = {1};
    struct hvk_error err;
    int pidfd;
    struct hvk_spawn spawn = spawn_of(argv);
    spawn.path = "relative";
    assert_int_equal(child_spawn(&spawn, &pidfd, &err), -1);
    assert_int_equal(err.code, HVK_ERR_INVALID_ARG);
    spawn = spawn_of(empty);
    assert_int_equal(child_spawn(&spawn, &pidfd, &err), -1);
    spawn = spawn_of(argv);
    spawn.flags = 1u << 31;
    assert_int_equal(child_spawn(&spawn, &pidfd, &err), -1);
    spawn = spawn_of(argv);
    spawn.fds = twice;
    spawn.fd_count = 3;
    assert_int_equal(child_spawn(&spawn, &pidfd, &err), -1);
    assert_non_null(strstr(err.text, "descriptor 5"));
    spawn.fds = low;
    spawn.fd_count = 1;
    assert_int_equal(child_spawn(&spawn, &pidfd, &err), -1);
    spawn.fd_count = CHILD_FDS_MAX + 1;
    assert_int_equal(child_spawn(&spawn, &pidfd, &err), -1);
    assert_int_equal(err.code, HVK_ERR_LIMIT);
}

static void only_named_descriptors_reach_the_program(void **state)
{
    (void)state;
    const char *const argv[] = {"test-child", "fds", NULL};
    struct hvk_spawn spawn = spawn_of(argv);
    char text[256], expected[64];
    int inheritable = dup(STDERR_FILENO); /* without close-on-exec */
    int32_t kept[2] = {fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 200),
                       fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 100)};
    spawn.fds = kept;
    spawn.fd_count = 2;
    assert_int_equal(run(&spawn, text, sizeof text), 0);
    snprintf(expected, sizeof expected, "0 1 2 %d %d ", kept[1], kept[0]);
    assert_string_equal(text, expected);
    assert_int_equal(fcntl(kept[0], F_GETFD), FD_CLOEXEC); /* ours is as it was */
    close(kept[0]);
    close(kept[1]);
    close(inheritable);

    const int32_t closed[] = {900};
    struct hvk_error err;
    int pidfd;
    spawn.fds = closed;
    spawn.fd_count = 1;
    assert_int_equal(child_spawn(&spawn, &pidfd, &err), -1);
    assert_int_equal(err.native, EBADF);
}

static void crossed_streams_arrive_where_they_belong(void **state)
{
    (void)state;
    int in[2], out[2], pidfd;
    assert_int_equal(pipe2(in, O_CLOEXEC), 0);
    assert_int_equal(pipe2(out, O_CLOEXEC), 0);
    auto_fd int stdin_saved = fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 10);
    auto_fd int stdout_saved = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 10);
    const char *const argv[] = {"test-child", "copy", NULL};
    struct hvk_spawn spawn = spawn_of(argv);
    dup2(out[1], STDIN_FILENO); /* the streams to be in each other's places */
    dup2(in[0], STDOUT_FILENO);
    spawn.stdin_fd = STDOUT_FILENO;
    spawn.stdout_fd = STDIN_FILENO;
    int32_t pid = child_spawn(&spawn, &pidfd, NULL);
    dup2(stdin_saved, STDIN_FILENO);
    dup2(stdout_saved, STDOUT_FILENO);
    close(in[0]);
    close(out[1]);
    assert_true(pid > 0);
    char text[8] = {0};
    assert_int_equal(write(in[1], "hello", 5), 5);
    close(in[1]);
    int32_t status;
    assert_true(child_wait(pidfd, -1, &status, NULL));
    assert_int_equal(status, 0);
    assert_int_equal(read(out[0], text, sizeof text - 1), 5);
    assert_string_equal(text, "hello");
    close(out[0]);
    close(pidfd);
}

static void program_starts_with_clean_signals_environment_and_directory(void **state)
{
    (void)state;
    const char *const argv[] = {"test-child", "surroundings", NULL};
    struct hvk_spawn spawn = spawn_of(argv);
    char text[512];
    sigset_t blocked, before;
    sigemptyset(&blocked);
    sigaddset(&blocked, SIGUSR1);
    pthread_sigmask(SIG_BLOCK, &blocked, &before);
    sighandler_t pipe_before = signal(SIGPIPE, SIG_IGN);
    assert_int_equal(run(&spawn, text, sizeof text), 0);
    assert_string_equal(text, "member / C");
    spawn.flags = HVK_SPAWN_DAEMON;
    auto_fd int directory = open("/proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    spawn.directory_fd = directory;
    run(&spawn, text, sizeof text);
    assert_string_equal(text, "leader /proc C");
    assert_ptr_equal(signal(SIGPIPE, pipe_before), SIG_IGN); /* the application's is untouched */
    pthread_sigmask(SIG_SETMASK, &before, &blocked);
    assert_true(sigismember(&blocked, SIGUSR1));
}

static atomic_int child_signals;

static void count_child_signal(int number)
{
    (void)number;
    atomic_fetch_add(&child_signals, 1);
}

static void daemon_is_neither_a_zombie_nor_a_signal_of_the_application(void **state)
{
    (void)state;
    sighandler_t before = signal(SIGCHLD, count_child_signal);
    int pidfd;
    int32_t pid = start_plain("hang", HVK_SPAWN_DAEMON, &pidfd);
    assert_int_equal(waitpid(pid, NULL, WNOHANG | __WALL), -1);
    assert_int_equal(errno, ECHILD);
    assert_int_equal(waitpid(-1, NULL, WNOHANG | __WALL), -1);
    assert_true(child_kill(pidfd, SIGTERM, NULL));
    int32_t status;
    assert_true(child_wait(pidfd, -1, &status, NULL));
    assert_true(status == -SIGTERM || status == CHILD_STATUS_UNKNOWN);
    assert_int_equal(atomic_load(&child_signals), 0);
    close(pidfd);

    start_plain("0", 0, &pidfd);
    assert_true(child_wait(pidfd, -1, &status, NULL));
    assert_int_equal(atomic_load(&child_signals), 1);
    close(pidfd);
    signal(SIGCHLD, before);
}

static void daemon_tells_its_exit_code_where_the_kernel_can(void **state)
{
    (void)state;
    int pidfd;
    int32_t status;
    start_plain("42", HVK_SPAWN_DAEMON, &pidfd);
    assert_true(child_wait(pidfd, -1, &status, NULL));
    close(pidfd);
    if (status == CHILD_STATUS_UNKNOWN) {
        print_message("skipped, because this kernel does not tell strangers' exit codes\n");
        skip();
    }
    assert_int_equal(status, 42);
}

/* Starts a bound child, says its pid and waits to be killed. */
static void start_bound(int say_to)
{
    int pidfd;
    int32_t pid = start_plain("hang", HVK_SPAWN_BOUND, &pidfd);
    if (write(say_to, &pid, sizeof pid) == sizeof pid)
        pause();
    _exit(1);
}

static void bound_child_ends_with_a_starter_that_is_killed(void **state)
{
    (void)state;
    int ends[2];
    assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
    pid_t starter = fork();
    if (starter == 0)
        start_bound(ends[1]);
    int32_t pid;
    assert_int_equal(read(ends[0], &pid, sizeof pid), sizeof pid);
    int pidfd = child_adopt(pid, child_start_time(pid), NULL);
    assert_true(pidfd >= 0);
    kill(starter, SIGKILL);
    assert_int_equal(waitpid(starter, NULL, 0), starter);
    assert_true(child_wait(pidfd, 10000, NULL, NULL));
    close(pidfd);
    close(ends[0]);
    close(ends[1]);
}

static void bound_child_is_no_daemon(void **state)
{
    (void)state;
    const char *const argv[] = {"test-child", NULL};
    struct hvk_spawn spawn = spawn_of(argv);
    struct hvk_error err;
    int pidfd;
    spawn.flags = HVK_SPAWN_DAEMON | HVK_SPAWN_BOUND;
    assert_int_equal(child_spawn(&spawn, &pidfd, &err), -1);
    assert_int_equal(err.code, HVK_ERR_INVALID_ARG);
}

static void adopting_needs_the_same_process(void **state)
{
    (void)state;
    int pidfd;
    int32_t pid = start_plain("hang", HVK_SPAWN_DAEMON, &pidfd);
    uint64_t start = child_start_time(pid);
    assert_true(start > 0);
    struct hvk_error err;
    int adopted = child_adopt(pid, start, &err);
    assert_true(adopted >= 0);
    assert_int_equal(child_adopt(pid, start + 1, &err), -1);
    assert_int_equal(err.native, ESRCH);
    assert_true(child_kill(adopted, SIGKILL, NULL));
    assert_true(child_wait(adopted, -1, NULL, NULL));
    assert_true(child_wait(pidfd, -1, NULL, NULL));
    close(adopted);
    close(pidfd);
    assert_int_equal(child_adopt(-1, start, &err), -1);
    assert_int_equal(child_start_time(0), 0);
}

struct starter {
    pthread_t thread;
    int failures;
};

static void *start_many(void *user)
{
    struct starter *starter = user;
    const char *const argv[] = {"test-child", "fds", NULL}, *const missing[] = {"x", NULL};
    for (int i = 0; i < 25; i++) {
        struct hvk_spawn spawn = spawn_of(argv);
        struct hvk_error err;
        int pidfd;
        int32_t status = -1;
        spawn.flags = i % 2 ? HVK_SPAWN_DAEMON : 0;
        if (child_spawn(&spawn, &pidfd, &err) < 0 || !child_wait(pidfd, -1, &status, &err) ||
            (i % 2 == 0 && status != 0))
            starter->failures++;
        if (pidfd >= 0)
            close(pidfd);
        spawn = spawn_of(missing);
        spawn.path = "/nonexistent";
        if (child_spawn(&spawn, &pidfd, &err) != -1 || err.native != ENOENT)
            starter->failures++;
    }
    return NULL;
}

static void many_threads_start_processes_at_once(void **state)
{
    (void)state;
    int before = count_open_fds();
    struct starter starters[8] = {0};
    for (size_t i = 0; i < ARRAY_SIZE(starters); i++)
        assert_int_equal(pthread_create(&starters[i].thread, NULL, start_many, &starters[i]), 0);
    for (size_t i = 0; i < ARRAY_SIZE(starters); i++) {
        pthread_join(starters[i].thread, NULL);
        assert_int_equal(starters[i].failures, 0);
    }
    assert_int_equal(count_open_fds(), before);
    assert_int_equal(waitpid(-1, NULL, WNOHANG | __WALL), -1);
}

int main(int argc, char **argv)
{
    if (argc > 1) {
        alarm(60); /* should the test that started this end without it */
        return act(argv[1]);
    }
    ssize_t length = readlink("/proc/self/exe", program, sizeof program - 1);
    if (length <= 0)
        return 1;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(exit_code_and_signal_are_told_apart),
        cmocka_unit_test(failure_to_execute_is_the_starters_and_leaves_nothing),
        cmocka_unit_test(bad_requests_are_refused),
        cmocka_unit_test(only_named_descriptors_reach_the_program),
        cmocka_unit_test(crossed_streams_arrive_where_they_belong),
        cmocka_unit_test(program_starts_with_clean_signals_environment_and_directory),
        cmocka_unit_test(daemon_is_neither_a_zombie_nor_a_signal_of_the_application),
        cmocka_unit_test(daemon_tells_its_exit_code_where_the_kernel_can),
        cmocka_unit_test(bound_child_ends_with_a_starter_that_is_killed),
        cmocka_unit_test(bound_child_is_no_daemon),
        cmocka_unit_test(adopting_needs_the_same_process),
        cmocka_unit_test(many_threads_start_processes_at_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
