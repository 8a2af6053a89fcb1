/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "save.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include <base/string.h>
#include <model/domain-xml.h>

#include "machine_start.h"
#include "machine_stop.h"
#include "monitor_events.h"
#include "save_file.h"

#define SAVE_PROGRESS_MS 500
#define SAVE_BANDWIDTH_MAX INT64_C(0x7fffffffffffffff) /* bytes a second: no limit */
#define DUMP_FD_NAME "dump"
#define SAVE_FD_NAME "save"

/* ---- the end of a job ----------------------------------------------------------------------- */

/* Whoever waits for the job learns how it went. */
static void settle(struct machine *machine, const struct hvk_error *result)
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

/* The name under which the file is written until it is whole. */
static char *partial_path(const char *path)
{
    return string_format("%s.partial", path);
}

/* Everything of the file on disk, then its name, then the directory. Outside the lane. */
static bool seal(int fd, const char *path, bool is_save, struct hvk_error *err)
{
    auto_free char *partial = partial_path(path);
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
    auto_free char *partial = run->job_path ? partial_path(run->job_path) : NULL;
    if (partial)
        unlink(partial);
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

static void fail(struct hvk_call *call, struct machine *machine, const struct hvk_error *why)
{
    enum machine_job job = machine->run->job;
    struct hvk_error result = *why;
    if (machine->run->job_aborted)
        hvk_error_set(&result, HVK_ERR_OPERATION_ABORTED, "the job was aborted");
    hvk_error_prefix(&result, "cannot %s the domain '%s'", job == MACHINE_JOB_DUMP ? "dump" : "save",
                     machine->name);
    if (job == MACHINE_JOB_SAVE || job == MACHINE_JOB_DUMP) {
        machine->run->job = MACHINE_JOB_NONE;
        carry_on(call, machine);
    }
    settle(machine, &result);
    struct hvk_error ignored = {.size = sizeof ignored};
    status_write(machine, &ignored);
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

/* The file is whole: the process has nothing left that is worth keeping. */
static bool finish_save(struct hvk_call *call, struct machine *machine)
{
    struct hvk_error ok = {.size = sizeof ok};
    if (machine->run->job_managed)
        machine->managed_save = true;
    machine->run->saved = true;
    settle(machine, &ok);
    return machine_stop(call, machine, false);
}

static bool finish_dump(struct hvk_call *call, struct machine *machine)
{
    struct hvk_error ok = {.size = sizeof ok};
    struct run *run = machine->run;
    if (run->dump_crash) {
        run->panicked = true;
        settle(machine, &ok);
        return machine_stop(call, machine, false);
    }
    if (run->dump_reset && !machine_command(call, machine, "system_reset", NULL, NULL))
        return false;
    char *path = TAKE(run->job_path); /* it is not partial any more */
    free(path);
    if (run->job_resume)
        carry_on(call, machine);
    settle(machine, &ok);
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
        return run->job == MACHINE_JOB_SAVE ? finish_save(call, machine)
                                            : finish_dump(call, machine);
    if (!machine->run || machine->run->ended)
        return true;
    if (call->error.code == HVK_ERR_OK)
        hvk_error_copy(&call->error, &run->job_error);
    struct hvk_error why = call->error;
    hvk_error_init(&call->error);
    fail(call, machine, &why);
    return true;
}

static void end_stream(struct machine *machine, bool failed, const char *why)
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

/* ---- what QEMU says ------------------------------------------------------------------------- */

static void on_final_status(struct qmp_command *command, void *user)
{
    struct machine *machine = user;
    const char *status = json_string_value(json_object_get(command->result, "status"));
    if (!machine->run || machine->run->ended || machine->run->job == MACHINE_JOB_NONE)
        return;
    end_stream(machine, !string_equal(status, "completed"),
               json_string_value(json_object_get(command->result, "error-desc")));
}

void save_on_migration(struct machine *machine, const json_t *data)
{
    const char *status = json_string_value(json_object_get(data, "status"));
    struct hvk_error err = {.size = sizeof err};
    if (machine->run->job == MACHINE_JOB_NONE || !status)
        return;
    if (strcmp(status, "completed") == 0)
        end_stream(machine, false, NULL);
    else if (strcmp(status, "failed") == 0 || strcmp(status, "cancelled") == 0)
        /* Why it failed is in query-migrate only. */
        if (!monitor_post(machine->run->monitor, "query-migrate", NULL, on_final_status, machine,
                          &err))
            end_stream(machine, true, err.text);
}

void save_on_dump_completed(struct machine *machine, const json_t *data)
{
    const char *why = json_string_value(json_object_get(data, "error"));
    if (machine->run->job == MACHINE_JOB_DUMP)
        end_stream(machine, why != NULL, why);
}

/* ---- progress ------------------------------------------------------------------------------- */

static void add_u64(struct hvk_param *params, uint32_t *count, const char *name,
                    const json_t *value)
{
    if (!json_is_integer(value))
        return;
    params[*count] = (struct hvk_param){.size = sizeof *params, .type = HVK_PARAM_UINT64,
                                        .name = name};
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

static int create_partial(const char *path, struct hvk_error *err)
{
    auto_free char *partial = partial_path(path);
    if (!partial) {
        hvk_error_memory(err);
        return -1;
    }
    int fd = open(partial, O_RDWR | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (fd < 0)
        hvk_error_errno(err, errno, "create '%s'", partial);
    return fd;
}

static bool check_idle(struct hvk_call *call, const struct machine *machine)
{
    if (machine->run->job != MACHINE_JOB_NONE)
        return hvk_error_set(&call->error, HVK_ERR_OPERATION_INVALID,
                             "the domain '%s' has a job that is not done yet: wait for it, or "
                             "abort it",
                             machine->name);
    if (machine->state == HVK_DOMAIN_RUNNING || machine->state == HVK_DOMAIN_PAUSED)
        return true;
    return hvk_error_set(&call->error, HVK_ERR_OPERATION_INVALID,
                         "the domain '%s' is neither running nor paused", machine->name);
}

static bool begin_job(struct hvk_call *call, struct machine *machine, enum machine_job kind,
                      int32_t operation, const char *path)
{
    struct run *run = machine->run;
    const struct hvk_core *core = machine->node->core;
    run->job_path = strdup(path);
    if (!run->job_path)
        return hvk_error_memory(&call->error);
    run->job_handle = core->job_begin(call, machine->node->handle, HVK_OBJECT_DOMAIN,
                                      machine->uuid, operation);
    if (!run->job_handle) {
        free(TAKE(run->job_path));
        return false;
    }
    run->job = kind;
    run->job_resume = machine->state == HVK_DOMAIN_RUNNING;
    run->job_ending = run->job_failed = run->job_aborted = false;
    run->job_timer = core->add_timer(machine->node->handle, HVK_OBJECT_DOMAIN, machine->uuid,
                                     SAVE_PROGRESS_MS, SAVE_PROGRESS_MS, on_timer, machine);
    return status_write(machine, &call->error);
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

/* Waits for the job's end, and for that of a domain that ends with it. Whoever stops waiting (by
 * cancelling, by a deadline) gives the job up. */
static bool wait_for_job(struct hvk_call *call, struct machine *machine, uint32_t serial)
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

/* ---- saving --------------------------------------------------------------------------------- */

static bool start_stream(struct hvk_call *call, struct machine *machine, int fd)
{
    struct monitor *monitor = machine->run->monitor;
    auto_monitor_batch batch = MONITOR_BATCH_INIT(monitor);
    machine->run->own_stop = machine->run->job_resume;
    if (!monitor_call_fd(call, monitor, "getfd", json_pack("{s:s}", "fdname", SAVE_FD_NAME), fd) ||
        !machine_still_runs(call, machine))
        return false;
    json_t *events = json_pack("{s:[{s:s, s:b}]}", "capabilities", "capability", "events", "state", 1);
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
    auto_free char *own =
        xml ? NULL : model_domain_format(machine->live, MODEL_FORMAT_SECURE, err);
    bool paused = flags & HVK_DOMAIN_SAVE_PAUSED ||
                  (machine->state != HVK_DOMAIN_RUNNING && !(flags & HVK_DOMAIN_SAVE_RUNNING));
    return (xml || own) && save_file_begin(fd, machine->run->job_path, xml ? xml : own,
                                           paused ? SAVE_FILE_PAUSED : 0, err);
}

bool save_to(struct hvk_call *call, struct machine *machine, const char *path, bool managed,
             uint32_t flags, const char *xml)
{
    if (!check_idle(call, machine))
        return false;
    auto_fd int fd = create_partial(path, &call->error);
    if (fd < 0 || !begin_job(call, machine, MACHINE_JOB_SAVE, HVK_DOMAIN_JOB_OPERATION_SAVE, path))
        return false;
    struct run *run = machine->run;
    uint32_t serial = machine->job_serial;
    run->job_managed = managed;
    run->job_fd = dup(fd);
    if (run->job_fd < 0 || !write_head(machine, fd, flags, xml, &call->error) ||
        !start_stream(call, machine, fd)) {
        struct hvk_error why = call->error;
        if (machine->run == run && machine->job_serial == serial)
            fail(call, machine, &why);
        call->error = machine->job_serial == serial ? why : machine->job_result;
        return false;
    }
    if (run->job_resume)
        machine_set_state(call, machine, HVK_DOMAIN_PAUSED, HVK_DOMAIN_PAUSED_SAVE, -1, 0);
    return wait_for_job(call, machine, serial);
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

/* ---- dumping -------------------------------------------------------------------------------- */

static const struct {
    uint32_t number;
    const char *name;
} dump_formats[] = {
    {HVK_DOMAIN_DUMP_FORMAT_RAW, "elf"},
    {HVK_DOMAIN_DUMP_FORMAT_KDUMP_ZLIB, "kdump-zlib"},
    {HVK_DOMAIN_DUMP_FORMAT_KDUMP_LZO, "kdump-lzo"},
    {HVK_DOMAIN_DUMP_FORMAT_KDUMP_SNAPPY, "kdump-snappy"},
    {HVK_DOMAIN_DUMP_FORMAT_WIN_DMP, "win-dmp"},
};

static const char *dump_format(uint32_t number)
{
    for (size_t i = 0; i < ARRAY_SIZE(dump_formats); i++)
        if (dump_formats[i].number == number)
            return dump_formats[i].name;
    return NULL;
}

static bool start_dump(struct hvk_call *call, struct machine *machine, int fd, const char *format,
                       bool live)
{
    struct run *run = machine->run;
    json_t *arguments = json_pack("{s:b, s:s, s:b, s:s}", "paging", 0, "protocol",
                                  "fd:" DUMP_FD_NAME, "detach", 1, "format", format);
    run->own_stop = run->job_resume && !live;
    if (run->job_resume && !live && !machine_command(call, machine, "stop", NULL, NULL)) {
        json_decref(arguments);
        return false;
    }
    if (!monitor_call_fd(call, run->monitor, "getfd", json_pack("{s:s}", "fdname", DUMP_FD_NAME),
                         fd) ||
        !machine_still_runs(call, machine)) {
        json_decref(arguments);
        return false;
    }
    return machine_command(call, machine, "dump-guest-memory", arguments, NULL);
}

bool save_dump(struct hvk_call *call, struct machine *machine, const char *path, uint32_t format,
               uint32_t flags)
{
    const char *name = dump_format(format);
    if (!name || !(flags & HVK_DOMAIN_DUMP_MEMORY_ONLY))
        return hvk_error_set(&call->error, HVK_ERR_ARGUMENT_UNSUPPORTED,
                             "a dump holds the guest's memory alone: give the flag MEMORY_ONLY and "
                             "one of the known formats");
    if (!check_idle(call, machine))
        return false;
    auto_fd int fd = create_partial(path, &call->error);
    if (fd < 0 || !begin_job(call, machine, MACHINE_JOB_DUMP, HVK_DOMAIN_JOB_OPERATION_DUMP, path))
        return false;
    struct run *run = machine->run;
    uint32_t serial = machine->job_serial;
    run->job_fd = dup(fd);
    run->dump_crash = flags & HVK_DOMAIN_DUMP_CRASH;
    run->dump_reset = flags & HVK_DOMAIN_DUMP_RESET;
    if (!start_dump(call, machine, fd, name, flags & HVK_DOMAIN_DUMP_LIVE)) {
        struct hvk_error why = call->error;
        if (machine->run == run && machine->job_serial == serial)
            fail(call, machine, &why);
        call->error = machine->job_serial == serial ? why : machine->job_result;
        return false;
    }
    return wait_for_job(call, machine, serial);
}

/* ---- going on with another owner's job ------------------------------------------------------ */

bool save_adopt(struct hvk_call *call, struct machine *machine)
{
    struct run *run = machine->run;
    auto_free char *partial = run->job_path ? partial_path(run->job_path) : NULL;
    struct hvk_error why = {.size = sizeof why};
    run->job_fd = partial ? open(partial, O_RDWR | O_NOFOLLOW | O_CLOEXEC) : -1;
    run->job_handle = machine->node->core->job_begin(
        call, machine->node->handle, HVK_OBJECT_DOMAIN, machine->uuid,
        run->job == MACHINE_JOB_DUMP ? HVK_DOMAIN_JOB_OPERATION_DUMP
                                     : HVK_DOMAIN_JOB_OPERATION_SAVE);
    if (run->job == MACHINE_JOB_SAVE && run->job_fd >= 0) {
        json_t *migration = NULL;
        if (!machine_command(call, machine, "query-migrate", NULL, &migration))
            return false;
        const char *status = json_string_value(json_object_get(migration, "status"));
        bool underway = status && (strcmp(status, "active") == 0 || strcmp(status, "setup") == 0 ||
                                   strcmp(status, "device") == 0 ||
                                   strcmp(status, "pre-switchover") == 0);
        if (!underway)
            end_stream(machine, !string_equal(status, "completed"), "it was interrupted");
        json_decref(migration);
        return true;
    }
    hvk_error_set(&why, HVK_ERR_OPERATION_ABORTED, "the process that began it has ended");
    fail(call, machine, &why);
    return true;
}
