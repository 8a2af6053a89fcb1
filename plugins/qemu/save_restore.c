/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The way back: files of saved domains, and starting from them. */
#include <errno.h>
#include <string.h>

#include <base/string.h>
#include <base/uuid.h>
#include <model/domain-xml.h>

#include "files.h"
#include "index.h"
#include "machine_start.h"
#include "save.h"
#include "save_file.h"

#define RESTORE_FD_NAME "restore"

char *save_managed_path(const struct machine *machine)
{
    auto_free char *name = string_format("%s.save", machine->uuid_text);
    return name ? node_path(machine->node, "save", name) : NULL;
}

bool save_exists(const struct machine *machine)
{
    auto_free char *path = save_managed_path(machine);
    return path && access(path, F_OK) == 0;
}

/* One that the running domain came from is used up, also when its owner had no time to remove it.
 */
void save_find_managed(struct machine *machine)
{
    struct hvk_error err = {.size = sizeof err};
    bool used = machine->run && machine->run->job != MACHINE_JOB_SAVE;
    machine->managed_save = save_exists(machine);
    if (machine->managed_save && used && !save_remove_managed(machine, &err))
        machine->node->core->log(NULL, HVK_LOG_ERROR, err.text);
}

/* "UUID.save.partial" of a save that nobody goes on with. */
static bool sweep_one(void *user, const char *name)
{
    struct node *node = user;
    static const char end[] = ".save.partial";
    size_t length = strlen(name);
    char text[HVK_UUID_STRING_SIZE];
    uint8_t uuid[HVK_UUID_SIZE];
    if (length != sizeof text - 1 + sizeof end - 1 || strcmp(name + sizeof text - 1, end) != 0)
        return true;
    snprintf(text, sizeof text, "%.*s", HVK_UUID_STRING_SIZE - 1, name);
    auto_machine struct machine *machine =
        uuid_parse(text, uuid) ? index_find(node->index, uuid) : NULL;
    if (!machine || !machine->run || machine->run->job != MACHINE_JOB_SAVE)
        unlinkat(node->save_fd, name, 0);
    return true;
}

bool save_sweep(struct node *node, struct hvk_error *err)
{
    return files_each(node->save_fd, sweep_one, node, err);
}

bool save_remove_managed(struct machine *machine, struct hvk_error *err)
{
    auto_free char *path = save_managed_path(machine);
    if (!path)
        return hvk_error_memory(err);
    if (unlink(path) < 0 && errno != ENOENT)
        return hvk_error_errno(err, errno, "remove the managed save '%s'", path);
    if (fsync(machine->node->save_fd) < 0)
        return hvk_error_errno(err, errno, "write '%s/save'", machine->node->root);
    machine->managed_save = false;
    return true;
}

/* ---- the stream ----------------------------------------------------------------------------- */

static bool stream_ended(void *user)
{
    const struct run *run = user;
    return run->job_ending || run->ended;
}

static bool take_stream(struct hvk_call *call, struct machine *machine, int fd)
{
    struct run *run = machine->run;
    auto_monitor_batch batch = MONITOR_BATCH_INIT(run->monitor);
    struct hvk_error *err = &call->error;
    if (!monitor_call_fd(call, run->monitor, "getfd", json_pack("{s:s}", "fdname", RESTORE_FD_NAME),
                         fd) ||
        run->ended)
        return false;
    return monitor_batch_add(
               &batch, "migrate-set-capabilities",
               json_pack("{s:[{s:s, s:b}]}", "capabilities", "capability", "events", "state", 1),
               err) &&
           monitor_batch_add(&batch, "migrate-incoming",
                             json_pack("{s:s}", "uri", "fd:" RESTORE_FD_NAME), err) &&
           monitor_batch_wait(call, &batch, MONITOR_TIMEOUT_MS) &&
           monitor_batch_result(&batch, 0, err) && monitor_batch_result(&batch, 1, err);
}

bool save_load(struct hvk_call *call, struct machine *machine, int fd, bool resume)
{
    struct run *run = machine->run;
    run->job = MACHINE_JOB_RESTORE;
    run->job_ending = run->job_failed = false;
    bool ok = take_stream(call, machine, fd) &&
              machine->node->core->lane_wait(call, stream_ended, run, -1);
    run->job = MACHINE_JOB_NONE;
    if (!ok)
        return false;
    if (run->ended || run->job_failed)
        return hvk_error_set(&call->error, HVK_ERR_OPERATION_FAILED,
                             "QEMU does not accept the saved state%s%s",
                             run->job_error.code ? ": " : "", run->job_error.text);
    run->job_ending = false;
    run->own_resume = resume;
    /* From here on the guest may write to its disks: what was saved must not be used again. */
    run->restored = true;
    if (!status_write(machine, &call->error))
        return false;
    return !resume || (monitor_call(call, run->monitor, "cont", NULL, NULL) && !run->ended);
}

/* ---- starting from a file ------------------------------------------------------------------- */

/* Opens a saved domain; its XML parsed, the descriptor where the stream begins. */
static struct model_domain *open_saved(const char *path, const char *instead, int *out_fd,
                                       struct save_header *header, struct hvk_error *err)
{
    auto_fd int fd = save_file_open(path, false, err);
    auto_free char *xml = fd >= 0 ? save_file_read(fd, path, header, err) : NULL;
    if (!xml)
        return NULL;
    const char *text = instead ? instead : xml;
    struct model_domain *domain =
        model_domain_parse(text, strlen(text), MODEL_PARSE_INACTIVE, NULL, err);
    if (domain)
        *out_fd = TAKE_FD(fd);
    return domain;
}

/* A guest goes on with the devices that it was saved with: another uuid is another guest. */
static bool check_same(const struct machine *machine, const struct model_domain *saved,
                       const char *path, struct hvk_error *err)
{
    return memcmp(saved->uuid.bytes, machine->uuid, HVK_UUID_SIZE) == 0 ||
           hvk_error_set(err, HVK_ERR_OPERATION_INVALID, "'%s' holds another domain than '%s'",
                         path, machine->name);
}

bool save_restore_from(struct hvk_call *call, struct machine *machine, const char *path,
                       const char *xml, uint32_t start_flags, uint32_t save_flags)
{
    struct save_header header;
    auto_fd int fd = -1;
    struct model_domain *saved = open_saved(path, xml, &fd, &header, &call->error);
    if (!saved)
        return false;
    if (!check_same(machine, saved, path, &call->error)) {
        model_domain_free(saved);
        return false;
    }
    bool paused = (header.flags & SAVE_FILE_PAUSED || save_flags & HVK_DOMAIN_SAVE_PAUSED) &&
                  !(save_flags & HVK_DOMAIN_SAVE_RUNNING);
    struct start start = {.flags = start_flags, .restore_fd = fd, .restored_paused = paused};
    return machine_start(call, machine, saved, &start);
}

bool save_restore_managed(struct hvk_call *call, struct machine *machine, uint32_t start_flags)
{
    auto_free char *path = save_managed_path(machine);
    if (!path)
        return hvk_error_memory(&call->error);
    if (!save_restore_from(call, machine, path, NULL, start_flags, 0))
        return hvk_error_prefix(&call->error,
                                "from its managed save (the flag FORCE_BOOT discards it)");
    if (!save_remove_managed(machine, &call->error)) {
        machine->node->core->warn(call, call->error.text);
        hvk_error_init(&call->error);
    }
    return machine_publish(call, machine);
}
