/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a later owner of the root must know about a running domain: ROOT/run/UUID/status. It is
 * replaced at every change of state and means nothing after a reboot, so it is not synced. */
#include <errno.h>
#include <string.h>

#include <base/uuid.h>
#include <model/domain-xml.h>

#include "files.h"
#include "machine.h"

#define STATUS_FORMAT 1
#define STATUS_MAX (16u * 1024 * 1024)

static json_t *process_to_json(const struct process *process)
{
    return json_pack("{s:s, s:i, s:I}", "name", process->name ? process->name : "", "pid",
                     process->pid, "start", (json_int_t)process->start_time);
}

static bool process_from_json(struct process *process, json_t *json)
{
    const char *name;
    json_int_t start;
    process->pidfd = -1;
    if (json_unpack(json, "{s:s, s:i, s:I}", "name", &name, "pid", &process->pid, "start", &start) <
            0 ||
        process->pid < 0)
        return false;
    process->start_time = (uint64_t)start;
    process->name = strdup(name);
    return process->name != NULL;
}

static json_t *helpers_to_json(const struct run *run)
{
    json_t *list = json_array();
    VECTOR_FOR_EACH (&run->helpers, struct process, helper)
        json_array_append_new(list, process_to_json(helper));
    return list;
}

static json_t *job_to_json(const struct run *run)
{
    return json_pack("{s:i, s:s, s:b, s:b}", "kind", (int)run->job, "path",
                     run->job_path ? run->job_path : "", "managed", (int)run->job_managed, "resume",
                     (int)run->job_resume);
}

static json_t *to_json(const struct machine *machine, const char *xml)
{
    const struct run *run = machine->run;
    return json_pack(
        "{s:i, s:s, s:i, s:s, s:i, s:i, s:I, s:b, s:b, s:b, s:b, s:b, s:I, s:s*, s:o, "
        "s:o, s:o, s:s}",
        "format", STATUS_FORMAT, "boot", machine->node->boot_id, "id", machine->id, "name",
        machine->name, "state", machine->state, "reason", machine->reason, "balloon",
        (json_int_t)machine->balloon_kib, "started", (int)(run->started || run->restored),
        "autodestroy", (int)machine->autodestroy, "rebooting", (int)run->reboot_wanted,
        "destroying", (int)run->destroy_asked, "persistent", machine_is_persistent(machine), "log",
        (json_int_t)run->log_offset, "agent", run->agent_path, "qemu", process_to_json(&run->qemu),
        "helpers", helpers_to_json(run), "job", job_to_json(run), "xml", xml);
}

bool status_write(struct machine *machine, struct hvk_error *err)
{
    auto_free char *xml = model_domain_format(machine->live, MODEL_FORMAT_SECURE, err);
    if (!xml)
        return false;
    json_t *json = to_json(machine, xml);
    auto_free char *text = json ? json_dumps(json, JSON_COMPACT) : NULL;
    json_decref(json);
    if (!text)
        return hvk_error_memory(err);
    if (files_replace(machine->run->directory_fd, "status", text, strlen(text), err))
        return true;
    return hvk_error_prefix(err, "cannot note the state of the domain '%s' in '%s'", machine->name,
                            machine->run->directory);
}

/* ---- reading -------------------------------------------------------------------------------- */

static bool read_processes(struct run *run, json_t *json)
{
    json_t *helpers = json_object_get(json, "helpers");
    if (!process_from_json(&run->qemu, json_object_get(json, "qemu")))
        return false;
    size_t i;
    json_t *item;
    json_array_foreach(helpers, i, item)
    {
        struct process *helper = vector_add(&run->helpers);
        if (!helper || !process_from_json(helper, item))
            return false;
    }
    return true;
}

static bool read_job(struct run *run, json_t *json)
{
    int kind, managed, resume;
    const char *path;
    if (json_unpack(json_object_get(json, "job"), "{s:i, s:s, s:b, s:b}", "kind", &kind, "path",
                    &path, "managed", &managed, "resume", &resume) < 0 ||
        kind < MACHINE_JOB_NONE || kind > MACHINE_JOB_RESTORE)
        return false;
    run->job = (enum machine_job)kind;
    run->job_managed = managed;
    run->job_resume = resume;
    run->job_path = path[0] ? strdup(path) : NULL;
    return !path[0] || run->job_path;
}

static bool read_members(struct machine *machine, json_t *json)
{
    struct run *run = machine->run;
    int started, autodestroy, rebooting, destroying, persistent;
    json_int_t balloon, log;
    const char *agent = NULL;
    if (json_unpack(json, "{s:i, s:i, s:i, s:I, s:b, s:b, s:b, s:b, s:b, s:I, s?s}", "id",
                    &machine->id, "state", &machine->state, "reason", &machine->reason, "balloon",
                    &balloon, "started", &started, "autodestroy", &autodestroy, "rebooting",
                    &rebooting, "destroying", &destroying, "persistent", &persistent, "log", &log,
                    "agent", &agent) < 0)
        return false;
    machine->balloon_kib = (uint64_t)balloon;
    machine->autodestroy = autodestroy;
    run->started = started;
    run->reboot_wanted = rebooting;
    run->destroy_asked = destroying;
    run->log_offset = (off_t)log;
    run->agent_path = agent ? strdup(agent) : NULL;
    return read_processes(run, json) && read_job(run, json);
}

static struct machine *from_json(struct node *node, const char *uuid_text, json_t *json,
                                 struct hvk_error *err)
{
    const char *boot = json_string_value(json_object_get(json, "boot"));
    const char *name = json_string_value(json_object_get(json, "name"));
    const char *xml = json_string_value(json_object_get(json, "xml"));
    uint8_t uuid[HVK_UUID_SIZE];
    if (!boot || !name || !xml || !uuid_parse(uuid_text, uuid) ||
        json_integer_value(json_object_get(json, "format")) != STATUS_FORMAT) {
        hvk_error_set(err, HVK_ERR_STATE_DAMAGED, "it is of another format");
        return NULL;
    }
    auto_machine struct machine *machine = machine_new(node, uuid, name);
    if (!machine) {
        hvk_error_memory(err);
        return NULL;
    }
    machine->run = run_new(node, uuid_text, err);
    if (!machine->run)
        return NULL;
    machine->live = model_domain_parse(xml, strlen(xml), 0, NULL, err);
    if (!machine->live)
        return NULL;
    if (!read_members(machine, json)) {
        hvk_error_set(err, HVK_ERR_STATE_DAMAGED, "a member is missing or of another type");
        return NULL;
    }
    machine->run->of_this_boot = strcmp(boot, node->boot_id) == 0;
    return TAKE(machine);
}

struct machine *status_read(struct node *node, const char *uuid_text, struct hvk_error *err)
{
    auto_free char *name = NULL;
    if (asprintf(&name, "%s/status", uuid_text) < 0) {
        name = NULL;
        hvk_error_memory(err);
        return NULL;
    }
    size_t size;
    auto_free char *text = files_read(node->run_fd, name, STATUS_MAX, &size, err);
    if (!text)
        return NULL;
    json_t *json = json_loadb(text, size, JSON_REJECT_DUPLICATES, NULL);
    struct machine *machine = NULL;
    if (json)
        machine = from_json(node, uuid_text, json, err);
    else
        hvk_error_set(err, HVK_ERR_STATE_DAMAGED, "it is no JSON");
    json_decref(json);
    if (!machine)
        hvk_error_prefix(err, "cannot read '%s/run/%s'", node->root, name);
    return machine;
}
