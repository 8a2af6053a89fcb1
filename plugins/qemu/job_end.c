/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* How jobs end. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include <base/string.h>

#include "job.h"
#include "machine_stop.h"
#include "save_file.h"

void job_settle(struct machine *machine, const struct hvk_error *result)
{
    machine->job_result = *result;
    machine->job_serial++;
    struct run *run = machine->run;
    if (!run)
        return;
    if (run->job_timer)
        machine->node->core->source_remove(TAKE(run->job_timer));
    if (run->job_handle)
        machine->node->core->job_end(TAKE(run->job_handle), result->code == HVK_ERR_OK);
    run->job = MACHINE_JOB_NONE;
    run->job_ending = run->job_failed = run->job_aborted = false;
    cleanup_fd(&run->job_fd);
    run->job_fd = -1;
    free(TAKE(run->job_path));
}

char *job_partial_path(const char *path)
{
    return string_format("%s.partial", path);
}

/* Everything of the file on disk, then its name, then the directory. Outside the lane. */
static bool seal(int fd, const char *path, bool is_save, struct hvk_error *err)
{
    auto_free char *partial = job_partial_path(path);
    auto_free char *folder = strdup(path);
    char *slash = folder ? strrchr(folder, '/') : NULL;
    if (!partial || !slash)
        return hvk_error_memory(err);
    slash[slash == folder] = '\0';
    if (is_save && !save_file_complete(fd, partial, err))
        return false;
    auto_fd int directory = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (!is_save && fsync(fd) < 0)
        return hvk_error_errno(err, errno, "write '%s'", partial);
    if (rename(partial, path) < 0)
        return hvk_error_errno(err, errno, "rename '%s' to '%s'", partial, path);
    if (directory < 0 || fsync(directory) < 0)
        return hvk_error_errno(err, errno, "write the directory '%s'", folder);
    return true;
}

/* The guest goes on as if nothing had been tried. */
static void carry_on(struct hvk_call *call, struct machine *machine)
{
    struct run *run = machine->run;
    bool resume = run->job_resume;
    if (resume && run->monitor && !monitor_is_lost(run->monitor)) {
        run->own_resume = true;
        struct hvk_call fresh = HVK_CALL_INIT; /* the caller's may be cancelled */
        if (!monitor_post(run->monitor, "cont", NULL, NULL, NULL, &fresh.error))
            machine->node->core->log(call, HVK_LOG_ERROR, fresh.error.text);
    }
    machine_set_state(call, machine, resume ? HVK_DOMAIN_RUNNING : HVK_DOMAIN_PAUSED,
                      resume ? HVK_DOMAIN_RUNNING_SAVE_CANCELED : HVK_DOMAIN_PAUSED_USER,
                      resume ? HVK_DOMAIN_EVENT_RESUMED : -1, HVK_DOMAIN_EVENT_RESUMED_UNPAUSED);
}

/* That there is no job any more is noted before its file goes: a later owner that finds the job,
 * but not the partial file, knows from it that the whole one is there. */
static void discard(struct machine *machine, const struct hvk_error *result)
{
    struct hvk_error ignored = {.size = sizeof ignored};
    auto_free char *partial =
        machine->run->job_path ? job_partial_path(machine->run->job_path) : NULL;
    bool noted = !machine->run->ended;
    job_settle(machine, result);
    if (noted)
        status_write(machine, &ignored);
    if (partial)
        unlink(partial);
}

void job_fail(struct hvk_call *call, struct machine *machine, const struct hvk_error *why)
{
    enum machine_job job = machine->run->job;
    struct hvk_error result = *why;
    if (machine->run->job_aborted)
        hvk_error_set(&result, HVK_ERR_OPERATION_ABORTED, "the job was aborted");
    hvk_error_prefix(&result, "cannot %s the domain '%s'",
                     job == MACHINE_JOB_DUMP ? "dump" : "save", machine->name);
    discard(machine, &result);
    carry_on(call, machine);
}

void job_abandon(struct machine *machine)
{
    struct hvk_error why = {.size = sizeof why};
    if (machine->run->job == MACHINE_JOB_NONE)
        return;
    hvk_error_set(&why, HVK_ERR_OPERATION_ABORTED, "the domain '%s' ended before its job was done",
                  machine->name);
    discard(machine, &why);
}

static bool seal_outside(struct hvk_call *call, struct machine *machine)
{
    struct run *run = machine->run;
    auto_fd int fd = TAKE_FD(run->job_fd);
    auto_free char *path = strdup(run->job_path);
    struct hvk_error why = {.size = sizeof why};
    bool is_save = run->job == MACHINE_JOB_SAVE;
    if (!path)
        return hvk_error_memory(&call->error);
    machine->node->core->lane_leave(call);
    bool ok = seal(fd, path, is_save, &why);
    if (!machine->node->core->lane_enter(call))
        return false;
    if (!ok)
        hvk_error_copy(&call->error, &why);
    return ok && machine_still_runs(call, machine);
}

bool job_finish_save(struct hvk_call *call, struct machine *machine)
{
    struct hvk_error ok = {.size = sizeof ok};
    if (machine->run->job_managed)
        machine->managed_save = true;
    machine->run->saved = true;
    job_settle(machine, &ok);
    return machine_stop(call, machine, false);
}

static bool finish_dump(struct hvk_call *call, struct machine *machine)
{
    struct hvk_error ok = {.size = sizeof ok};
    struct run *run = machine->run;
    if (run->dump_crash) {
        run->panicked = true;
        job_settle(machine, &ok);
        return machine_stop(call, machine, false);
    }
    if (run->dump_reset && !machine_command(call, machine, "system_reset", NULL, NULL))
        return false;
    if (run->job_resume)
        carry_on(call, machine);
    job_settle(machine, &ok);
    return true;
}

/* On the lane, after QEMU's event. Holds the reference that came with the post. */
static bool conclude(struct hvk_call *call, void *user)
{
    auto_machine struct machine *machine = user;
    struct run *run = machine->run;
    if (!run || run->ended || run->job == MACHINE_JOB_NONE)
        return true;
    if (!run->job_failed && seal_outside(call, machine))
        return run->job == MACHINE_JOB_SAVE ? job_finish_save(call, machine)
                                            : finish_dump(call, machine);
    if (!machine->run || machine->run->ended)
        return true;
    if (call->error.code == HVK_ERR_OK)
        hvk_error_copy(&call->error, &run->job_error);
    struct hvk_error why = call->error;
    hvk_error_init(&call->error);
    job_fail(call, machine, &why);
    return true;
}

void job_end_stream(struct machine *machine, bool failed, const char *why)
{
    struct run *run = machine->run;
    const struct hvk_core *core = machine->node->core;
    if (run->job_ending)
        return;
    run->job_ending = true;
    run->job_failed = failed;
    hvk_error_init(&run->job_error);
    if (failed)
        hvk_error_set(&run->job_error, HVK_ERR_OPERATION_FAILED, "QEMU gave up: %s",
                      why ? why : "it gave no reason");
    if (run->job == MACHINE_JOB_RESTORE)
        return; /* the start waits for it by itself */
    machine_ref(machine);
    if (!core->lane_post(machine->node->handle, HVK_OBJECT_DOMAIN, machine->uuid, conclude,
                         machine))
        machine_unref(machine);
}
