/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "job.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <base/string.h>

#include "machine_stop.h"
#include "save.h"

#define JOB_PROGRESS_MS 500

/* ---- progress ------------------------------------------------------------------------------- */

static void add_u64(struct hvk_param *params, uint32_t *count, const char *name,
                    const json_t *value)
{
    if (!json_is_integer(value))
        return;
    params[*count] =
        (struct hvk_param){.size = sizeof *params, .type = HVK_PARAM_UINT64, .name = name};
    params[(*count)++].value.u64 = (uint64_t)json_integer_value(value);
}

static const struct {
    const char *name;
    const char *member; /* of query-migrate's "ram" */
} progress_members[] = {
    {HVK_DOMAIN_JOB_PARAM_DATA_TOTAL, "total"},
    {HVK_DOMAIN_JOB_PARAM_DATA_PROCESSED, "transferred"},
    {HVK_DOMAIN_JOB_PARAM_DATA_REMAINING, "remaining"},
    {HVK_DOMAIN_JOB_PARAM_MEMORY_TOTAL, "total"},
    {HVK_DOMAIN_JOB_PARAM_MEMORY_PROCESSED, "transferred"},
    {HVK_DOMAIN_JOB_PARAM_MEMORY_REMAINING, "remaining"},
};

static void on_progress(struct qmp_command *command, void *user)
{
    struct machine *machine = user;
    struct hvk_param params[ARRAY_SIZE(progress_members) + 1];
    uint32_t count = 0;
    const json_t *ram = json_object_get(command->result, "ram");
    if (!machine->run || !machine->run->job_handle)
        return;
    add_u64(params, &count, HVK_DOMAIN_JOB_PARAM_TIME_ELAPSED,
            json_object_get(command->result, "total-time"));
    for (size_t i = 0; i < ARRAY_SIZE(progress_members); i++)
        add_u64(params, &count, progress_members[i].name,
                json_object_get(ram, progress_members[i].member));
    machine->node->core->job_progress(machine->run->job_handle, params, count);
}

static void on_timer(struct hvk_call *call, void *user)
{
    (void)call;
    struct machine *machine = user;
    struct hvk_error ignored = {.size = sizeof ignored};
    if (machine->run && machine->run->monitor && machine->run->job == MACHINE_JOB_SAVE)
        monitor_post(machine->run->monitor, "query-migrate", NULL, on_progress, machine, &ignored);
}

/* ---- beginning ------------------------------------------------------------------------------ */

/* Where the result goes: the file that a symbolic link names, when it is there, not the link. What
 * is renamed onto it at the end takes its place, which must not happen to a device or a directory.
 */
static char *find_target(const char *path, struct hvk_error *err)
{
    struct stat st;
    auto_free char *target = realpath(path, NULL);
    if (!target && errno != ENOENT) {
        hvk_error_errno(err, errno, "write '%s'", path);
        return NULL;
    }
    if (target && (stat(target, &st) < 0 || !S_ISREG(st.st_mode))) {
        hvk_error_set(err, HVK_ERR_INVALID_ARG,
                      "cannot write '%s': it exists and is not a regular file", path);
        return NULL;
    }
    if (!target && !(target = strdup(path)))
        hvk_error_memory(err);
    return TAKE(target);
}

/* The lock lasts as long as somebody, this process or QEMU, has the file open for its job. */
static int create_partial(const char *path, struct hvk_error *err)
{
    auto_free char *partial = job_partial_path(path);
    if (!partial) {
        hvk_error_memory(err);
        return -1;
    }
    auto_fd int fd = open(partial, O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0600);
    if (fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) < 0 && errno == EWOULDBLOCK) {
        hvk_error_set(err, HVK_ERR_OPERATION_INVALID, "another job is writing '%s'", path);
        return -1;
    }
    if (fd >= 0 && ftruncate(fd, 0) == 0)
        return TAKE_FD(fd);
    hvk_error_errno(err, errno, "create '%s'", partial);
    return -1;
}

bool job_check_idle(struct hvk_call *call, const struct machine *machine)
{
    if (machine->run->job != MACHINE_JOB_NONE)
        return hvk_error_set(&call->error, HVK_ERR_OPERATION_INVALID,
                             "the domain '%s' has a job that is not done yet: wait for it, or "
                             "abort it",
                             machine->name);
    if (machine->state == HVK_DOMAIN_RUNNING || machine->state == HVK_DOMAIN_PAUSED ||
        machine->state == HVK_DOMAIN_CRASHED)
        return true;
    return hvk_error_set(&call->error, HVK_ERR_OPERATION_INVALID,
                         "the domain '%s' is neither running nor standing still", machine->name);
}

static bool claim(struct hvk_call *call, struct machine *machine, int32_t operation,
                  const char *path)
{
    struct run *run = machine->run;
    run->job_path = strdup(path);
    if (!run->job_path)
        return hvk_error_memory(&call->error);
    run->job_handle = machine->node->core->job_begin(call, machine->node->handle, HVK_OBJECT_DOMAIN,
                                                     machine->uuid, operation);
    if (!run->job_handle)
        free(TAKE(run->job_path));
    return run->job_handle != NULL;
}

/* The partial file is there before the status that names the job, see job_end.c. */
int job_begin(struct hvk_call *call, struct machine *machine, enum machine_job kind,
              int32_t operation, const char *path)
{
    struct run *run = machine->run;
    const struct hvk_core *core = machine->node->core;
    auto_free char *target = find_target(path, &call->error);
    auto_fd int fd = target ? create_partial(target, &call->error) : -1;
    if (fd < 0 || !claim(call, machine, operation, target))
        return -1;
    run->job = kind;
    run->job_resume = machine->state == HVK_DOMAIN_RUNNING;
    run->job_ending = run->job_failed = run->job_aborted = false;
    run->job_timer = core->add_timer(machine->node->handle, HVK_OBJECT_DOMAIN, machine->uuid,
                                     JOB_PROGRESS_MS, JOB_PROGRESS_MS, on_timer, machine);
    if (status_write(machine, &call->error))
        return TAKE_FD(fd);
    job_abandon(machine);
    return -1;
}

struct job_wait {
    const struct machine *machine;
    uint32_t serial;
    const struct run *run;
};

static bool is_settled(void *user)
{
    const struct job_wait *wait = user;
    return wait->machine->job_serial != wait->serial || wait->machine->run != wait->run;
}

static bool is_stopped(void *user)
{
    const struct job_wait *wait = user;
    return wait->machine->run != wait->run;
}

bool job_wait(struct hvk_call *call, struct machine *machine, uint32_t serial)
{
    struct job_wait wait = {.machine = machine, .serial = serial, .run = machine->run};
    const struct hvk_core *core = machine->node->core;
    bool ok = core->lane_wait(call, is_settled, &wait, -1);
    if (!ok && machine->run == wait.run && machine->job_serial == serial) {
        struct hvk_error why = call->error;
        struct hvk_call fresh = HVK_CALL_INIT;
        save_abort(&fresh, machine);
        call->error = why;
        return false;
    }
    if (machine->job_serial == serial)
        return hvk_error_set(&call->error, HVK_ERR_OPERATION_ABORTED,
                             "the domain '%s' ended before the job was done", machine->name);
    hvk_error_init(&call->error);
    if (machine->job_result.code) {
        hvk_error_copy(&call->error, &machine->job_result);
        return false;
    }
    if (machine->run == wait.run && wait.run->saved)
        core->lane_wait(call, is_stopped, &wait, STOP_TERM_MS + STOP_KILL_MS);
    hvk_error_init(&call->error);
    return true;
}
