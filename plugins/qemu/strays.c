/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "strays.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>

#include <base/buffer.h>
#include <base/string.h>
#include <runtime/child.h>

#include "files.h"
#include "start_spawn.h"

#define STRAY_END_MS 5000
#define ENVIRONMENT_MAX (256u * 1024)

struct search {
    const char *mark; /* "HVKIT_RUN=/…" */
    struct hvk_error *err;
};

/* /proc/PID/environ: texts one behind the other, each with its NUL. */
static bool has_mark(int proc_fd, const char *pid, const char *mark)
{
    struct hvk_error ignored = {.size = sizeof ignored};
    auto_free char *name = string_format("%s/environ", pid);
    size_t size;
    auto_free char *text =
        name ? files_read(proc_fd, name, ENVIRONMENT_MAX, &size, &ignored) : NULL;
    if (!text)
        return false; /* another user's, or gone */
    for (const char *at = text; at < text + size; at += strlen(at) + 1)
        if (strcmp(at, mark) == 0)
            return true;
    return false;
}

/* The process is looked at again once it is held by a descriptor: pids are reused. */
static bool kill_one(const struct search *search, int proc_fd, const char *name, int32_t pid)
{
    struct hvk_error gone = {.size = sizeof gone};
    auto_fd int pidfd = child_adopt(pid, child_start_time(pid), &gone);
    if (pidfd < 0 || !has_mark(proc_fd, name, search->mark))
        return true;
    return child_kill(pidfd, SIGKILL, search->err) &&
           child_wait(pidfd, STRAY_END_MS, NULL, search->err);
}

struct scan {
    struct search search;
    int proc_fd;
};

static bool visit(void *user, const char *name)
{
    const struct scan *scan = user;
    uint64_t pid;
    if (!string_to_u64(name, 1, INT32_MAX, &pid) || pid == (uint64_t)getpid() ||
        !has_mark(scan->proc_fd, name, scan->search.mark))
        return true;
    return kill_one(&scan->search, scan->proc_fd, name, (int32_t)pid);
}

bool strays_kill(const char *run_directory, struct hvk_error *err)
{
    auto_free char *mark = string_format(START_MARK "=%s", run_directory);
    auto_fd int proc_fd = open("/proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (!mark || proc_fd < 0)
        return mark ? hvk_error_errno(err, errno, "look for processes in /proc")
                    : hvk_error_memory(err);
    struct scan scan = {.search = {.mark = mark, .err = err}, .proc_fd = proc_fd};
    return files_each(proc_fd, visit, &scan, err);
}
