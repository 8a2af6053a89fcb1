/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What starting a process costs the thread that starts it, beside posix_spawn() and fork(), in a
 * process with the given amount of memory in use: bench-child [MIB]. */
#include <runtime/child.h>
#include <runtime/clock.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#define ROUNDS 200

extern char **environ;

static const char *const arguments[] = {"true", NULL};
static const char program[] = "/bin/true";

/* Each starts the program and returns a pidfd, or -1 with the pid in *out_pid. */
static int start_child(uint32_t flags, int32_t *out_pid)
{
    struct hvk_spawn spawn = {.size = sizeof spawn,
                              .flags = flags,
                              .path = program,
                              .argv = arguments,
                              .stdin_fd = -1,
                              .stdout_fd = -1,
                              .stderr_fd = -1,
                              .cgroup_fd = -1,
                              .directory_fd = -1};
    int pidfd;
    *out_pid = child_spawn(&spawn, &pidfd, NULL);
    return pidfd;
}

static int by_child(int32_t *out_pid)
{
    return start_child(0, out_pid);
}

static int by_daemon(int32_t *out_pid)
{
    return start_child(HVK_SPAWN_DAEMON, out_pid);
}

static int by_posix_spawn(int32_t *out_pid)
{
    if (posix_spawn(out_pid, program, NULL, NULL, (char **)arguments, environ) != 0)
        *out_pid = -1;
    return -1;
}

static int by_fork(int32_t *out_pid)
{
    *out_pid = fork();
    if (*out_pid == 0) {
        execv(program, (char **)arguments);
        _exit(127);
    }
    return -1;
}

static int compare_times(const void *a, const void *b)
{
    int64_t left = *(const int64_t *)a, right = *(const int64_t *)b;
    return (left > right) - (left < right);
}

/* The median, since the starts that meet other work take many times as long. */
static void measure(const char *name, int (*start)(int32_t *out_pid))
{
    int64_t times_ns[ROUNDS];
    for (int i = 0; i < ROUNDS; i++) {
        int32_t pid;
        int64_t before_ns = clock_now_ns();
        int pidfd = start(&pid);
        times_ns[i] = clock_now_ns() - before_ns;
        if (pid < 0)
            abort();
        if (pidfd >= 0) {
            child_wait(pidfd, -1, NULL, NULL);
            close(pidfd);
        } else {
            waitpid(pid, NULL, 0);
        }
    }
    qsort(times_ns, ROUNDS, sizeof times_ns[0], compare_times);
    printf("%-14s %8.0f us\n", name, (double)times_ns[ROUNDS / 2] / 1e3);
}

int main(int argc, char **argv)
{
    size_t used = (size_t)(argc > 1 ? atoi(argv[1]) : 256) << 20;
    void *memory = mmap(NULL, used + 1, PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
    if (memory == MAP_FAILED)
        return 1;
    measure("child", by_child);
    measure("child, daemon", by_daemon);
    measure("posix_spawn", by_posix_spawn);
    measure("fork", by_fork);
    munmap(memory, used + 1);
    return 0;
}
