/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "runtime/child.h"

#include <base/cleanup.h>
#include <base/string.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <runtime/child_internal.h>
#include <runtime/clock.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#define PROC_STAT_MAX 1024
#define START_TIME_FIELD 22
#define EXIT_CODE_FIELD 52 /* as wait(2) encodes it */

static const char *const default_environment[] = {
    "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL=C", NULL};

static const char *const step_names[] = {
    [CHILD_STEP_CLONE] = "create a process",
    [CHILD_STEP_CGROUP] = "enter its cgroup",
    [CHILD_STEP_SESSION] = "start a session",
    [CHILD_STEP_BIND] = "bind it to its starter",
    [CHILD_STEP_STREAMS] = "connect its standard streams",
    [CHILD_STEP_KEEP] = "keep the descriptors that it needs",
    [CHILD_STEP_CLOSE] = "close the other descriptors (needs Linux 5.9)",
    [CHILD_STEP_DIRECTORY] = "change to its working directory",
    [CHILD_STEP_EXEC] = "execute it",
};

/* ---- starting ------------------------------------------------------------------------------- */

static int compare_fds(const void *a, const void *b)
{
    int32_t left = *(const int32_t *)a, right = *(const int32_t *)b;
    return (left > right) - (left < right);
}

/* Sorted, so that the gaps between them can be closed in one pass; NULL with the error. */
static int32_t *sorted_fds(const struct hvk_spawn *spawn, struct hvk_error *err)
{
    int32_t *fds = malloc((spawn->fd_count + 1) * sizeof *fds);
    if (!fds) {
        hvk_error_memory(err);
        return NULL;
    }
    if (spawn->fd_count > 0)
        memcpy(fds, spawn->fds, spawn->fd_count * sizeof *fds);
    qsort(fds, spawn->fd_count, sizeof *fds, compare_fds);
    for (uint32_t i = 0; i < spawn->fd_count; i++) {
        if (fds[i] > STDERR_FILENO && (i == 0 || fds[i] != fds[i - 1]))
            continue;
        hvk_error_set(err, HVK_ERR_INVALID_ARG,
                      "cannot start '%s': descriptor %d is to be kept, which is %s", spawn->path,
                      fds[i], fds[i] > STDERR_FILENO ? "named twice" : "a standard stream's");
        free(fds);
        return NULL;
    }
    return fds;
}

static bool spawn_check(const struct hvk_spawn *spawn, struct hvk_error *err)
{
    if (!spawn->path || spawn->path[0] != '/')
        return hvk_error_set(err, HVK_ERR_INVALID_ARG,
                             "cannot start '%s': the path of a program must be absolute",
                             spawn->path ? spawn->path : "");
    if (!spawn->argv || !spawn->argv[0])
        return hvk_error_set(err, HVK_ERR_INVALID_ARG, "cannot start '%s' without an argv[0]",
                             spawn->path);
    if (spawn->flags & ~(HVK_SPAWN_DAEMON | HVK_SPAWN_BOUND))
        return hvk_error_set(err, HVK_ERR_INVALID_ARG, "cannot start '%s': unknown flags 0x%x",
                             spawn->path, spawn->flags & ~(HVK_SPAWN_DAEMON | HVK_SPAWN_BOUND));
    if (spawn->flags == (HVK_SPAWN_DAEMON | HVK_SPAWN_BOUND))
        return hvk_error_set(err, HVK_ERR_INVALID_ARG,
                             "cannot start '%s' both as a daemon and bound to its starter",
                             spawn->path);
    if (spawn->fd_count > CHILD_FDS_MAX)
        return hvk_error_set(err, HVK_ERR_LIMIT,
                             "cannot start '%s' with %u descriptors: at most %d are passed on",
                             spawn->path, spawn->fd_count, CHILD_FDS_MAX);
    return true;
}

int32_t child_spawn(const struct hvk_spawn *spawn, int32_t *out_pidfd, struct hvk_error *err)
{
    *out_pidfd = -1;
    if (!spawn_check(spawn, err))
        return -1;
    auto_free int32_t *fds = sorted_fds(spawn, err);
    if (!fds)
        return -1;
    const char *const *environment = spawn->environment ? spawn->environment : default_environment;
    struct child_plan plan = {
        .path = spawn->path,
        .argv = (char *const *)spawn->argv,
        .environment = (char *const *)environment,
        .streams = {spawn->stdin_fd, spawn->stdout_fd, spawn->stderr_fd},
        .fds = fds,
        .fd_count = spawn->fd_count,
        .cgroup_fd = spawn->cgroup_fd,
        .directory_fd = spawn->directory_fd,
        .is_daemon = spawn->flags & HVK_SPAWN_DAEMON,
        .bound_to = spawn->flags & HVK_SPAWN_BOUND ? getpid() : 0,
    };
    child_start(&plan);
    if (plan.failure != 0) {
        hvk_error_errno(err, plan.failure, "start '%s': %s", spawn->path, step_names[plan.step]);
        return -1;
    }
    *out_pidfd = plan.pidfd;
    return plan.pid;
}

/* ---- finding again -------------------------------------------------------------------------- */

/* /proc/PID/stat from its third field on: the second, the program's name, may hold anything. */
static bool read_stat(int32_t pid, char text[PROC_STAT_MAX], const char **out_third)
{
    char path[64];
    snprintf(path, sizeof path, "/proc/%d/stat", pid);
    auto_fd int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t length = fd >= 0 ? read(fd, text, PROC_STAT_MAX - 1) : -1;
    if (length <= 0)
        return false;
    text[length] = '\0';
    const char *name_end = strrchr(text, ')');
    *out_third = name_end ? name_end + 2 : NULL;
    return name_end && name_end[1] == ' ';
}

static bool stat_number(const char *third, int field, uint64_t *out_value)
{
    char digits[24];
    const char *at = third;
    for (int number = 3; at && number < field; number++) {
        at = strchr(at, ' ');
        at = at ? at + 1 : NULL;
    }
    size_t length = at ? strcspn(at, " \n") : 0;
    if (length == 0 || length >= sizeof digits)
        return false;
    memcpy(digits, at, length);
    digits[length] = '\0';
    return string_to_u64(digits, 0, UINT64_MAX, out_value);
}

uint64_t child_start_time(int32_t pid)
{
    char text[PROC_STAT_MAX];
    const char *third;
    uint64_t start_time;
    if (pid <= 0 || !read_stat(pid, text, &third) ||
        !stat_number(third, START_TIME_FIELD, &start_time))
        return 0;
    return start_time;
}

int child_adopt(int32_t pid, uint64_t start_time, struct hvk_error *err)
{
    auto_fd int pidfd = (int)syscall(SYS_pidfd_open, pid, 0);
    if (pidfd < 0) {
        hvk_error_errno(err, errno, "watch process %d", pid);
        return -1;
    }
    /* Read after the pidfd was opened: had the number changed hands before, this is another's. */
    if (start_time == 0 || child_start_time(pid) != start_time) {
        hvk_error_errno(err, ESRCH, "adopt process %d: the one that started at %llu has ended", pid,
                        (unsigned long long)start_time);
        return -1;
    }
    return TAKE_FD(pidfd);
}

/* ---- the end -------------------------------------------------------------------------------- */

/* Linux 6.15, include/uapi/linux/pidfd.h; not in older headers. */
struct pidfd_exit_info {
    uint64_t mask;
    uint64_t cgroup_id;
    uint32_t ids[11];
    int32_t exit_code; /* as wait(2) encodes it */
};
#define PIDFD_EXIT_INFO _IOWR(0xff, 11, struct pidfd_exit_info)
#define PIDFD_EXIT_INFO_BIT (UINT64_C(1) << 3)
_Static_assert(sizeof(struct pidfd_exit_info) == 64, "the size is part of the request's number");

static int32_t status_of_exit(const siginfo_t *info)
{
    return info->si_code == CLD_EXITED ? info->si_status : -info->si_status;
}

/* Once somebody else has reaped it. */
static bool read_exit_info(int pidfd, int32_t *out_code)
{
    struct pidfd_exit_info info = {.mask = PIDFD_EXIT_INFO_BIT};
    if (ioctl(pidfd, PIDFD_EXIT_INFO, &info) < 0 || !(info.mask & PIDFD_EXIT_INFO_BIT))
        return false;
    *out_code = info.exit_code;
    return true;
}

/* Until then: what the zombie shows to its own user. */
static bool read_zombie(int pidfd, int32_t *out_code)
{
    char path[64], text[PROC_STAT_MAX];
    const char *third;
    uint64_t code;
    int32_t pid = 0;
    snprintf(path, sizeof path, "/proc/self/fdinfo/%d", pidfd);
    auto_file FILE *file = fopen(path, "re");
    while (file && fgets(text, sizeof text, file)) {
        if (sscanf(text, "Pid: %d", &pid) == 1)
            break;
    }
    if (pid <= 0 || !read_stat(pid, text, &third) || *third != 'Z' ||
        !stat_number(third, EXIT_CODE_FIELD, &code))
        return false;
    *out_code = (int32_t)code;
    return true;
}

/* Asked twice, since it may be reaped between the two. */
static int32_t status_of_stranger(int pidfd)
{
    int32_t code;
    if (!read_exit_info(pidfd, &code) && !read_zombie(pidfd, &code) &&
        !read_exit_info(pidfd, &code))
        return CHILD_STATUS_UNKNOWN;
    return WIFSIGNALED(code) ? -WTERMSIG(code) : WEXITSTATUS(code);
}

/* 1: it has ended, 0: time is up, -1: errno. */
static int wait_for_end(int pidfd, int32_t timeout_ms)
{
    struct pollfd end = {.fd = pidfd, .events = POLLIN};
    int64_t until_ns = clock_now_ns() + (int64_t)timeout_ms * CLOCK_NS_PER_MS;
    int ready;
    while ((ready = poll(&end, 1, timeout_ms)) < 0 && errno == EINTR) {
        if (timeout_ms >= 0)
            timeout_ms = clock_ms_until(until_ns);
    }
    if (ready > 0 && (end.revents & POLLNVAL)) {
        errno = EBADF;
        return -1;
    }
    return ready;
}

bool child_wait(int pidfd, int32_t timeout_ms, int32_t *out_status, struct hvk_error *err)
{
    int ended = wait_for_end(pidfd, timeout_ms);
    if (ended < 0)
        return hvk_error_errno(err, errno, "wait for the end of a process");
    if (ended == 0)
        return hvk_error_set(err, HVK_ERR_OPERATION_TIMEOUT,
                             "the process has not ended within %d milliseconds", timeout_ms);
    siginfo_t info = {0};
    int32_t status;
    if (waitid((idtype_t)P_PIDFD, (id_t)pidfd, &info, WEXITED | WNOHANG | __WALL) == 0 &&
        info.si_pid != 0)
        status = status_of_exit(&info);
    else
        status = status_of_stranger(pidfd);
    if (out_status)
        *out_status = status;
    return true;
}

bool child_kill(int pidfd, int signal, struct hvk_error *err)
{
    if (syscall(SYS_pidfd_send_signal, pidfd, signal, NULL, 0) == 0 || errno == ESRCH)
        return true;
    return hvk_error_errno(err, errno, "send signal %d to a process", signal);
}
