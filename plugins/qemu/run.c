/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>

#include <base/string.h>
#include <runtime/child.h>

#include "files.h"
#include "machine.h"
#include "pump.h"

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
    run->disk_errors = (struct vector)VECTOR_INIT(struct disk_error);
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
    VECTOR_FOR_EACH (&run->disk_errors, struct disk_error, error)
        free(error->target);
    vector_fini(&run->disk_errors);
    if (run->job_timer)
        node->core->source_remove(run->job_timer);
    if (run->job_handle)
        node->core->job_end(run->job_handle, false);
    json_decref(run->setup);
    caps_unref(run->caps);
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

/* The helpers have nothing to say to a QEMU that is gone: most of them have ended with it. */
static void end_process(struct process *process)
{
    struct hvk_error ignored = {.size = sizeof ignored};
    int32_t status;
    if (process->pidfd >= 0 && child_kill(process->pidfd, SIGKILL, &ignored))
        child_wait(process->pidfd, 1000, &status, &ignored);
}

void run_remove(struct node *node, struct run *run)
{
    struct hvk_error err = {.size = sizeof err};
    if (!run->ended)
        end_process(&run->qemu);
    VECTOR_FOR_EACH (&run->helpers, struct process, helper)
        end_process(helper);
    const char *name = strrchr(run->directory, '/') + 1;
    if (!files_remove_directory(node->run_fd, name, &err))
        node->core->log(NULL, HVK_LOG_WARNING, err.text);
    run_free(node, run);
}
