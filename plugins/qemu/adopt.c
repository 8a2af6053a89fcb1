/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "adopt.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>

#include <base/string.h>
#include <base/uuid.h>
#include <model/domain-xml.h>
#include <runtime/cgroup.h>
#include <runtime/child.h>

#include "files.h"
#include "index.h"
#include "machine.h"
#include "machine_start.h"
#include "machine_stop.h"
#include "monitor_events.h"
#include "save.h"
#include "start_files.h"
#include "start_spawn.h"
#include "strays.h"

/* ---- finding -------------------------------------------------------------------------------- */

static void adopt_process(struct process *process)
{
    struct hvk_error gone = {.size = sizeof gone};
    int32_t status;
    process->pidfd = process->pid > 0 ? child_adopt(process->pid, process->start_time, &gone) : -1;
    /* One that nobody has reaped yet has a pid still. */
    if (process->pidfd >= 0 && child_wait(process->pidfd, 0, &status, &gone))
        close(TAKE_FD(process->pidfd));
}

/* Its QEMU runs, and its start had been acknowledged or nearly so: it goes on. */
static bool is_alive(struct machine *machine)
{
    struct run *run = machine->run;
    if (!run->of_this_boot)
        return false;
    adopt_process(&run->qemu);
    VECTOR_FOR_EACH (&run->helpers, struct process, helper)
        adopt_process(helper);
    return run->qemu.pidfd >= 0 && run->started && !machine->autodestroy && !run->destroy_asked;
}

/* What a later owner finds of a domain that does not run any more: the ashes. */
static bool clean_up(struct machine *machine, struct hvk_error *err)
{
    struct run *run = TAKE(machine->run);
    bool ok = !run->of_this_boot || strays_kill(run->directory, err);
    struct node *node = machine->node;
    if (ok)
        run_make_cgroup(run, machine->uuid_text); /* takes the empty one, to remove it */
    if (ok)
        run_remove(node, run);
    else
        run_free(node, run);
    return ok;
}

/* The row of a definition becomes that of a running domain; a transient one is new. */
static bool join(struct node *node, struct machine *found, struct hvk_error *err)
{
    auto_machine struct machine *machine = index_find(node->index, found->uuid);
    if (!machine) {
        machine = machine_ref(found);
        if (!index_add(node->index, machine))
            return hvk_error_memory(err);
    } else {
        machine->run = TAKE(found->run);
        machine->live = TAKE(found->live);
        machine->id = found->id;
        machine->state = found->state;
        machine->reason = found->reason;
        machine->balloon_kib = found->balloon_kib;
    }
    machine->run->adopting = true;
    machine->run->log_fd = start_open_log(machine, "", err);
    struct hvk_error none = {.size = sizeof none};
    machine->run->cgroup = cgroup_of_process(machine->uuid_text, machine->run->qemu.pid, &none);
    machine->run->cpu_fd = run_open_cpu_time(machine->run);
    index_used_id(node->index, machine->id);
    return machine->run->log_fd >= 0;
}

static bool adopt_one(struct node *node, const char *uuid_text, struct hvk_error *err)
{
    auto_machine struct machine *found = status_read(node, uuid_text, err);
    if (found)
        return is_alive(found) ? join(node, found, err) : clean_up(found, err);
    /* Without a status nothing was started yet. */
    if (err->native != ENOENT)
        return false;
    hvk_error_init(err);
    return files_remove_directory(node->run_fd, uuid_text, err);
}

struct adoption {
    struct hvk_call *call;
    struct node *node;
};

static bool visit(void *user, const char *name)
{
    const struct adoption *adoption = user;
    struct hvk_error err = {.size = sizeof err};
    uint8_t uuid[HVK_UUID_SIZE];
    if (uuid_parse(name, uuid) && !adopt_one(adoption->node, name, &err)) {
        hvk_error_prefix(&err, "the running domain %s cannot be adopted and is left alone", name);
        adoption->node->core->warn(adoption->call, err.text);
    }
    return true;
}

bool adopt_all(struct hvk_call *call, struct node *node)
{
    struct adoption adoption = {.call = call, .node = node};
    return files_each(node->run_fd, visit, &adoption, &call->error);
}

/* ---- taking over ---------------------------------------------------------------------------- */

static void reserve_ports(struct machine *machine)
{
    struct hvk_call probe = HVK_CALL_INIT;
    const struct hvk_core *core = machine->node->core;
    MODEL_FOR_EACH(&machine->live->devices.graphics, struct model_graphics, graphics)
    {
        char key[16];
        snprintf(key, sizeof key, "%lld", (long long)graphics->port.value);
        struct hvk_reservation *reservation =
            graphics->port.set && graphics->port.value > 0
                ? core->reserve(&probe, machine->node->handle, "port", key)
                : NULL;
        if (reservation && !vector_push(&machine->run->reservations, &reservation))
            core->release(reservation);
    }
}

/* The state that was noted may be old: QEMU knows. */
static bool ask(struct hvk_call *call, struct machine *machine)
{
    auto_monitor_batch batch = MONITOR_BATCH_INIT(machine->run->monitor);
    if (!monitor_batch_add(&batch, "qmp_capabilities", NULL, &call->error) ||
        !monitor_batch_add(&batch, "query-status", NULL, &call->error) ||
        !monitor_batch_wait(call, &batch, MONITOR_TIMEOUT_MS) || !machine_still_runs(call, machine))
        return false;
    const json_t *status = monitor_batch_result(&batch, 1, &call->error);
    if (!status)
        return false;
    if (machine->run->job != MACHINE_JOB_NONE)
        return save_adopt(call, machine);
    monitor_note_status(machine, status);
    monitor_adopt_shutdown(machine, status);
    return true;
}

/* What the emulator can do matters for devices only: not knowing it is no failure. */
static bool learn_caps(struct hvk_call *call, struct machine *machine)
{
    auto_free char *emulator = strdup(machine->live->devices.emulator);
    struct caps *caps = emulator ? node_caps(call, machine->node, emulator) : NULL;
    hvk_error_init(&call->error);
    if (!machine_still_runs(call, machine)) {
        caps_unref(caps);
        return false;
    }
    caps_unref(machine->run->caps);
    machine->run->caps = caps;
    return true;
}

static bool take_over(struct hvk_call *call, struct machine *machine)
{
    reserve_ports(machine);
    return learn_caps(call, machine) && machine_connect(machine, &call->error) &&
           ask(call, machine);
}

bool adopt_connect(struct hvk_call *call, struct machine *machine)
{
    if (!machine->run || !machine->run->adopting)
        return true;
    /* Whoever watches the process may end the run at any wait below. */
    bool ok = machine_watch(machine, &call->error) && take_over(call, machine);
    if (!machine->run)
        return true;
    machine->run->adopting = false;
    if (!ok && !machine->run->ended && !machine->trouble)
        machine->trouble = string_format("the monitor of the domain '%s' cannot be reached: %s",
                                         machine->name, call->error.text);
    return ok;
}
