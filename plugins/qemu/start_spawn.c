/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "start_spawn.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <time.h>

#include <base/buffer.h>
#include <base/string.h>
#include <runtime/cgroup.h>
#include <runtime/child.h>

#include "files.h"
#include "log_tail.h"
#include "start_files.h"

static const char *const minimal_environment[] = {
    "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL=C", NULL};

/* The command's environment and the mark; its strings are borrowed, apart from the mark. */
static bool make_environment(struct vector *environment, char *const *wanted, const char *mark)
{
    const char *const *from = wanted ? (const char *const *)wanted : minimal_environment;
    const char *end = NULL;
    for (; *from; from++)
        if (!vector_push(environment, from))
            return false;
    return vector_push(environment, &mark) && vector_push(environment, &end);
}

struct job {
    const char *name;
    const char *path;
    char *const *argv;
    char *const *environment;
    const int32_t *fds;
    uint32_t fd_count;
    int log_fd;
};

/* Starts one program of the run; false with the error. */
static bool start_process(struct hvk_call *call, struct machine *machine, const struct job *job,
                          struct process *out)
{
    auto_free char *mark = string_format(START_MARK "=%s", machine->run->directory);
    auto_vector environment = VECTOR_INIT(const char *);
    out->name = strdup(job->name);
    if (!mark || !out->name || !make_environment(&environment, job->environment, mark))
        return hvk_error_memory(&call->error);
    struct hvk_spawn spawn = {.size = sizeof spawn,
                              .flags = HVK_SPAWN_DAEMON,
                              .path = job->path,
                              .argv = (const char *const *)job->argv,
                              .environment = environment.items,
                              .stdin_fd = -1,
                              .stdout_fd = job->log_fd,
                              .stderr_fd = job->log_fd,
                              .fd_count = job->fd_count,
                              .fds = job->fds,
                              .cgroup_fd =
                                  machine->run->cgroup ? cgroup_get_fd(machine->run->cgroup) : -1,
                              .directory_fd = machine->run->directory_fd};
    out->pid = machine->node->core->spawn(call, &spawn, &out->pidfd);
    if (out->pid < 0)
        return false;
    out->start_time = child_start_time(out->pid);
    return true;
}

static bool start_helpers(struct hvk_call *call, struct machine *machine,
                          const struct command *command)
{
    VECTOR_FOR_EACH (&command->helpers, struct command_helper, helper) {
        auto_free char *suffix = string_format("-%s", helper->name);
        auto_fd int log_fd = suffix ? start_open_log(machine, suffix, &call->error) : -1;
        struct process *process = vector_add(&machine->run->helpers);
        if (process)
            process->pidfd = -1;
        if (!process || !suffix)
            return hvk_error_memory(&call->error);
        struct job job = {.name = helper->name,
                          .path = helper->argv[0],
                          .argv = helper->argv,
                          .fds = helper->fds,
                          .fd_count = helper->fd_count,
                          .log_fd = log_fd};
        if (log_fd < 0 || !start_process(call, machine, &job, process))
            return hvk_error_prefix(&call->error, "cannot start the helper '%s'", helper->name);
    }
    return true;
}

/* What is started, for whoever reads the log. */
static bool log_command(int fd, const struct command *command, struct hvk_error *err)
{
    char when[32];
    time_t now = time(NULL);
    struct tm utc;
    strftime(when, sizeof when, "%Y-%m-%dT%H:%M:%SZ", gmtime_r(&now, &utc));
    auto_buffer text = BUFFER_INIT;
    buffer_add_format(&text, "%s: starting", when);
    for (char **argument = command->argv; *argument; argument++)
        buffer_add_format(&text, " '%s'", *argument);
    buffer_add_char(&text, '\n');
    if (text.failed)
        return hvk_error_memory(err);
    return files_write_all(fd, text.data, text.length, "the log", err);
}

static bool start_qemu(struct hvk_call *call, struct machine *machine,
                       const struct command *command, int monitor_fd)
{
    struct run *run = machine->run;
    auto_vector fds = VECTOR_INIT(int32_t);
    int32_t monitor = monitor_fd;
    if (!vector_push(&fds, &monitor))
        return hvk_error_memory(&call->error);
    VECTOR_FOR_EACH (&command->fds, int32_t, fd)
        if (!vector_push(&fds, fd))
            return hvk_error_memory(&call->error);
    struct job job = {.name = "qemu",
                      .path = command->path,
                      .argv = command->argv,
                      .environment = command->environment,
                      .fds = fds.items,
                      .fd_count = (uint32_t)fds.count,
                      .log_fd = run->log_fd};
    if (!start_process(call, machine, &job, &run->qemu))
        return false;
    run->cpu_fd = run_open_cpu_time(run);
    return true;
}

bool start_spawn_all(struct hvk_call *call, struct machine *machine, const struct command *command,
                     int monitor_fd)
{
    struct run *run = machine->run;
    run->log_fd = start_open_log(machine, "", &call->error);
    if (run->log_fd < 0 || !log_command(run->log_fd, command, &call->error))
        return false;
    run->log_offset = log_size(run->log_fd);
    return start_helpers(call, machine, command) && start_qemu(call, machine, command, monitor_fd);
}
