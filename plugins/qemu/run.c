/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>

#include <base/string.h>
#include <runtime/cgroup.h>
#include <runtime/child.h>

#include "files.h"
#include "machine.h"
#include "pump.h"

#define PROCESS_END_MS 1000 /* for a program to end after SIGKILL */
#define CGROUP_END_MS 1000  /* for what is left in a cgroup to end after SIGKILL */

void process_fini(struct process *process)
{
    free(process->name);
    cleanup_fd(&process->pidfd);
    *process = (struct process){.pidfd = -1};
}

struct run *run_new(struct node *node, const char *uuid_text, struct hvk_error *err)
{
    struct run *run = calloc(1, sizeof *run);
    auto_free char *folder = string_format("run/%s", uuid_text);
    if (!run || !folder) {
        free(run);
        hvk_error_memory(err);
        return NULL;
    }
    run->qemu.pidfd = run->cpu_fd = run->log_fd = run->job_fd = -1;
    run->helpers = (struct vector)VECTOR_INIT(struct process);
    run->reservations = (struct vector)VECTOR_INIT(struct hvk_reservation *);
    run->directory = node_path(node, folder, NULL);
    run->directory_fd = files_directory(node->run_fd, uuid_text, err);
    if (run->directory && run->directory_fd >= 0)
        return run;
    if (!run->directory)
        hvk_error_memory(err);
    run_free(node, run);
    return NULL;
}

void run_free(struct node *node, struct run *run)
{
    if (!run)
        return;
    if (run->exit_source)
        node->core->source_remove(run->exit_source);
    monitor_close(run->monitor);
    while (run->pumps)
        pump_end(run->pumps);
    process_fini(&run->qemu);
    VECTOR_FOR_EACH (&run->helpers, struct process, helper)
        process_fini(helper);
    vector_fini(&run->helpers);
    VECTOR_FOR_EACH (&run->reservations, struct hvk_reservation *, reservation)
        node->core->release(*reservation);
    vector_fini(&run->reservations);
    if (run->job_timer)
        node->core->source_remove(run->job_timer);
    if (run->job_handle)
        node->core->job_end(run->job_handle, false);
    json_decref(run->setup);
    caps_unref(run->caps);
    cgroup_free(run->cgroup);
    cleanup_fd(&run->job_fd);
    cleanup_fd(&run->cpu_fd);
    cleanup_fd(&run->log_fd);
    cleanup_fd(&run->directory_fd);
    free(run->directory);
    free(run->agent_path);
    free(run->job_path);
    free(run->deleted);
    free(run->unplug_refused);
    free(run);
}

bool run_was_deleted(const struct run *run, const char *id)
{
    for (const char *at = run->deleted; at && at < run->deleted + run->deleted_size;
         at += strlen(at) + 1)
        if (strcmp(at, id) == 0)
            return true;
    return false;
}

void run_forget_deleted(struct run *run, const char *id)
{
    size_t length = strlen(id) + 1;
    free(run->unplug_refused);
    run->unplug_refused = NULL;
    for (char *at = run->deleted; at && at < run->deleted + run->deleted_size;) {
        if (strcmp(at, id) != 0) {
            at += strlen(at) + 1;
            continue;
        }
        memmove(at, at + length, (size_t)(run->deleted + run->deleted_size - at) - length);
        run->deleted_size -= length;
    }
}

void run_make_cgroup(struct run *run, const char *uuid_text)
{
    struct hvk_error ignored = {.size = sizeof ignored};
    struct cgroup *cgroup = cgroup_create(uuid_text, 0, &ignored);
    if (cgroup && cgroup_get_fd(cgroup) < 0) {
        cgroup_remove(cgroup, &ignored);
        cgroup_free(TAKE(cgroup));
    }
    run->cgroup = cgroup;
}

int run_open_cpu_time(const struct run *run)
{
    struct hvk_error ignored = {.size = sizeof ignored};
    char path[64];
    int fd = run->cgroup ? cgroup_open_cpu_time(run->cgroup, &ignored) : -1;
    snprintf(path, sizeof path, "/proc/%d/stat", run->qemu.pid);
    return fd >= 0 ? fd : open(path, O_RDONLY | O_CLOEXEC);
}

/* What is left in it has lost its QEMU. */
static void remove_cgroup(const struct run *run, struct hvk_error *err)
{
    if (!run->cgroup || cgroup_remove(run->cgroup, err))
        return;
    hvk_error_init(err);
    if (cgroup_kill(run->cgroup, CGROUP_END_MS, err))
        cgroup_remove(run->cgroup, err);
}

/* Most helpers have ended with their QEMU; the rest has nobody left to serve. */
static void end_process(struct process *process)
{
    struct hvk_error ignored = {.size = sizeof ignored};
    int32_t status;
    if (process->pidfd >= 0 && child_kill(process->pidfd, SIGKILL, &ignored))
        child_wait(process->pidfd, PROCESS_END_MS, &status, &ignored);
}

void run_end_helpers(struct run *run)
{
    VECTOR_FOR_EACH (&run->helpers, struct process, helper)
        end_process(helper);
}

void run_remove(struct node *node, struct run *run)
{
    struct hvk_error err = {.size = sizeof err};
    if (!run->ended)
        end_process(&run->qemu);
    run_end_helpers(run);
    remove_cgroup(run, &err);
    if (err.code)
        node->core->log(NULL, HVK_LOG_WARNING, err.text);
    const char *name = strrchr(run->directory, '/') + 1;
    if (!files_remove_directory(node->run_fd, name, &err))
        node->core->log(NULL, HVK_LOG_WARNING, err.text);
    run_free(node, run);
}
