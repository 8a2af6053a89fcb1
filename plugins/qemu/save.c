/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "save.h"

#include <fcntl.h>
#include <string.h>

#include <base/string.h>
#include <model/domain-xml.h>

#include "job.h"
#include "save_file.h"

#define SAVE_BANDWIDTH_MAX INT64_MAX /* bytes a second: no limit */
#define SAVE_FD_NAME "save"

/* ---- what QEMU says ------------------------------------------------------------------------- */

static void on_final_status(struct qmp_command *command, void *user)
{
    struct machine *machine = user;
    const char *status = json_string_value(json_object_get(command->result, "status"));
    if (!machine->run || machine->run->ended || machine->run->job == MACHINE_JOB_NONE)
        return;
    job_end_stream(machine, !string_equal(status, "completed"),
                   json_string_value(json_object_get(command->result, "error-desc")));
}

void save_on_migration(struct machine *machine, const json_t *data)
{
    const char *status = json_string_value(json_object_get(data, "status"));
    struct hvk_error err = {.size = sizeof err};
    if (machine->run->job == MACHINE_JOB_NONE || !status)
        return;
    if (strcmp(status, "completed") == 0)
        job_end_stream(machine, false, NULL);
    else if (strcmp(status, "failed") == 0 || strcmp(status, "cancelled") == 0)
        /* Why it failed is in query-migrate only. */
        if (!monitor_post(machine->run->monitor, "query-migrate", NULL, on_final_status, machine,
                          &err))
            job_end_stream(machine, true, err.text);
}

void save_on_dump_completed(struct machine *machine, const json_t *data)
{
    const char *why = json_string_value(json_object_get(data, "error"));
    if (machine->run->job == MACHINE_JOB_DUMP)
        job_end_stream(machine, why != NULL, why);
}

/* ---- saving --------------------------------------------------------------------------------- */

static bool start_stream(struct hvk_call *call, struct machine *machine, int fd)
{
    struct monitor *monitor = machine->run->monitor;
    auto_monitor_batch batch = MONITOR_BATCH_INIT(monitor);
    machine->run->own_stop = machine->run->job_resume;
    if (!monitor_call_fd(call, monitor, "getfd", json_pack("{s:s}", "fdname", SAVE_FD_NAME), fd) ||
        !machine_still_runs(call, machine))
        return false;
    json_t *events =
        json_pack("{s:[{s:s, s:b}]}", "capabilities", "capability", "events", "state", 1);
    json_t *speed = json_pack("{s:I}", "max-bandwidth", (json_int_t)SAVE_BANDWIDTH_MAX);
    json_t *uri = json_pack("{s:s}", "uri", "fd:" SAVE_FD_NAME);
    struct hvk_error *err = &call->error;
    return (monitor_batch_add(&batch, "stop", NULL, err) &
            monitor_batch_add(&batch, "migrate-set-capabilities", events, err) &
            monitor_batch_add(&batch, "migrate-set-parameters", speed, err) &
            monitor_batch_add(&batch, "migrate", uri, err)) &&
           monitor_batch_wait(call, &batch, MONITOR_TIMEOUT_MS) &&
           monitor_batch_result(&batch, 0, err) && monitor_batch_result(&batch, 1, err) &&
           monitor_batch_result(&batch, 3, err) && machine_still_runs(call, machine);
}

static bool write_head(struct machine *machine, int fd, uint32_t flags, const char *xml,
                       struct hvk_error *err)
{
    auto_free char *own = xml ? NULL : model_domain_format(machine->live, MODEL_FORMAT_SECURE, err);
    bool paused = flags & HVK_DOMAIN_SAVE_PAUSED ||
                  (machine->state != HVK_DOMAIN_RUNNING && !(flags & HVK_DOMAIN_SAVE_RUNNING));
    return (xml || own) && save_file_begin(fd, machine->run->job_path, xml ? xml : own,
                                           paused ? SAVE_FILE_PAUSED : 0, err);
}

bool save_to(struct hvk_call *call, struct machine *machine, const char *path, bool managed,
             uint32_t flags, const char *xml)
{
    if (!job_check_idle(call, machine))
        return false;
    struct run *run = machine->run;
    run->job_managed = managed;
    auto_fd int fd =
        job_begin(call, machine, MACHINE_JOB_SAVE, HVK_DOMAIN_JOB_OPERATION_SAVE, path);
    if (fd < 0)
        return false;
    uint32_t serial = machine->job_serial;
    run->job_fd = dup(fd);
    if (run->job_fd < 0 || !write_head(machine, fd, flags, xml, &call->error) ||
        !start_stream(call, machine, fd)) {
        struct hvk_error why = call->error;
        if (machine->run == run && machine->job_serial == serial)
            job_fail(call, machine, &why);
        call->error = machine->job_serial == serial ? why : machine->job_result;
        return false;
    }
    if (run->job_resume)
        machine_set_state(call, machine, HVK_DOMAIN_PAUSED, HVK_DOMAIN_PAUSED_SAVE, -1, 0);
    return job_wait(call, machine, serial);
}

bool save_abort(struct hvk_call *call, struct machine *machine)
{
    struct run *run = machine->run;
    if (run->job != MACHINE_JOB_SAVE || run->job_ending)
        return hvk_error_set(&call->error, HVK_ERR_OPERATION_INVALID,
                             "the domain '%s' has no job that can be aborted", machine->name);
    run->job_aborted = true;
    return monitor_post(run->monitor, "migrate_cancel", NULL, NULL, NULL, &call->error);
}

/* ---- going on with another owner's job ------------------------------------------------------ */

static bool is_underway(const char *status)
{
    static const char *const words[] = {"setup", "active", "pre-switchover", "device"};
    for (size_t i = 0; i < ARRAY_SIZE(words); i++)
        if (string_equal(words[i], status))
            return true;
    return false;
}

/* QEMU goes on writing whoever watches: it is done, at it, or has given up. */
static bool adopt_stream(struct hvk_call *call, struct machine *machine)
{
    json_t *migration = NULL;
    if (!machine_command(call, machine, "query-migrate", NULL, &migration))
        return false;
    const char *status = json_string_value(json_object_get(migration, "status"));
    if (!is_underway(status))
        job_end_stream(machine, !string_equal(status, "completed"), "it was interrupted");
    json_decref(migration);
    return true;
}

bool save_adopt(struct hvk_call *call, struct machine *machine)
{
    struct run *run = machine->run;
    auto_free char *partial = run->job_path ? job_partial_path(run->job_path) : NULL;
    struct hvk_error why = {.size = sizeof why};
    bool is_save = run->job == MACHINE_JOB_SAVE && partial;
    run->job_fd = is_save ? open(partial, O_RDWR | O_NOFOLLOW | O_CLOEXEC) : -1;
    run->job_handle = machine->node->core->job_begin(
        call, machine->node->handle, HVK_OBJECT_DOMAIN, machine->uuid,
        is_save ? HVK_DOMAIN_JOB_OPERATION_SAVE : HVK_DOMAIN_JOB_OPERATION_DUMP);
    if (run->job_fd >= 0)
        return adopt_stream(call, machine);
    if (is_save && access(run->job_path, F_OK) == 0)
        return job_finish_save(call, machine);
    hvk_error_set(&why, HVK_ERR_OPERATION_ABORTED, "the process that began it has ended");
    job_fail(call, machine, &why);
    return true;
}
