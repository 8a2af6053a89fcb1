/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "machine_stop.h"

#include <signal.h>
#include <string.h>

#include <model/domain-xml.h>
#include <runtime/child.h>

#include "index.h"
#include "job.h"

void machine_forget(struct hvk_call *call, struct machine *machine)
{
    struct node *node = machine->node;
    machine->gone = true;
    node->core->unpublish(node->handle, HVK_OBJECT_DOMAIN, machine->uuid);
    index_remove(node->index, machine); /* the caller holds a reference */
    node->core->lane_end(call);
}

/* ---- why it ended --------------------------------------------------------------------------- */

struct ending {
    int32_t reason; /* HVK_DOMAIN_SHUTOFF_* */
    int32_t detail; /* HVK_DOMAIN_EVENT_STOPPED_* */
};

static bool was_saved(const struct run *run)
{
    return run->saved;
}
/* <on_crash> or the caller of a dump wants it to be left crashed. */
static bool was_dumped(const struct run *run)
{
    return run->panicked && run->dump_crash;
}
static bool was_destroyed(const struct run *run)
{
    return run->destroy_asked;
}
static bool had_panicked(const struct run *run)
{
    return run->panicked;
}
static bool had_shut_down(const struct run *run)
{
    return run->shutdown_seen;
}
static bool always(const struct run *run)
{
    (void)run;
    return true;
}

/* The first that holds. */
static const struct {
    bool (*holds)(const struct run *run);
    struct ending ending;
} endings[] = {
    {was_saved, {HVK_DOMAIN_SHUTOFF_SAVED, HVK_DOMAIN_EVENT_STOPPED_SAVED}},
    {was_dumped, {HVK_DOMAIN_SHUTOFF_CRASHED, HVK_DOMAIN_EVENT_STOPPED_CRASHED}},
    {was_destroyed, {HVK_DOMAIN_SHUTOFF_DESTROYED, HVK_DOMAIN_EVENT_STOPPED_DESTROYED}},
    {had_panicked, {HVK_DOMAIN_SHUTOFF_CRASHED, HVK_DOMAIN_EVENT_STOPPED_CRASHED}},
    {had_shut_down, {HVK_DOMAIN_SHUTOFF_SHUTDOWN, HVK_DOMAIN_EVENT_STOPPED_SHUTDOWN}},
    {always, {HVK_DOMAIN_SHUTOFF_CRASHED, HVK_DOMAIN_EVENT_STOPPED_FAILED}},
};

static const struct ending *find_ending(const struct run *run)
{
    size_t i = 0;
    while (!endings[i].holds(run))
        i++;
    return &endings[i].ending;
}

/* ---- the end -------------------------------------------------------------------------------- */

/* After the last program has ended: what was running becomes what is defined. */
static void finish(struct hvk_call *call, struct machine *machine)
{
    struct run *run = machine->run;
    const struct ending *ending = find_ending(run);
    job_abandon(machine);
    int32_t detail = ending->detail;
    machine->run = NULL;
    machine->state = HVK_DOMAIN_SHUTOFF;
    machine->reason = ending->reason;
    run_remove(machine->node, run);
    model_domain_free(TAKE(machine->live));
    machine->balloon_kib = 0;
    machine->updated = false;
    machine->autodestroy = false;
    if (machine_is_persistent(machine)) {
        machine_set_state(call, machine, HVK_DOMAIN_SHUTOFF, machine->reason,
                          HVK_DOMAIN_EVENT_STOPPED, detail);
        machine->id = -1;
        return;
    }
    machine_emit_lifecycle(machine, HVK_DOMAIN_EVENT_STOPPED, detail);
    machine_forget(call, machine);
}

/* Helpers are waited for outside the lane. Holds the reference that came with the post. */
static bool finish_later(struct hvk_call *call, void *user)
{
    auto_machine struct machine *machine = user;
    struct run *run = machine->run;
    const struct hvk_core *core = machine->node->core;
    if (!run || !run->ended)
        return true;
    core->lane_leave(call);
    run_end_helpers(run); /* nobody but this function frees a run that has ended */
    core->lane_enter(call);
    hvk_error_init(&call->error);
    finish(call, machine);
    return true;
}

void machine_on_exit(struct hvk_call *call, struct machine *machine)
{
    auto_machine struct machine *held = machine_ref(machine);
    struct run *run = machine->run;
    struct hvk_error ignored = {.size = sizeof ignored};
    machine->node->core->source_remove(TAKE(run->exit_source));
    if (run->monitor)
        monitor_drain(run->monitor); /* its last events say why */
    if (!child_wait(run->qemu.pidfd, 0, &run->exit_status, &ignored))
        run->exit_status = 0;
    run->ended = true;
    monitor_close(TAKE(run->monitor)); /* whoever waits for a reply learns of it */
    if (!run->started)
        return; /* the start, which waits for it, cleans up */
    if (run->helpers.count > 0 &&
        machine->node->core->lane_post(machine->node->handle, HVK_OBJECT_DOMAIN, machine->uuid,
                                       finish_later, machine_ref(machine)))
        return;
    if (run->helpers.count > 0)
        machine_unref(machine);
    finish(call, held);
}

/* ---- on demand ------------------------------------------------------------------------------ */

struct gone {
    const struct machine *machine;
    const struct run *run;
};

static bool is_gone(void *user)
{
    const struct gone *gone = user;
    /* A start that is given up cleans up by itself. */
    return gone->machine->run != gone->run || (gone->run->ended && !gone->run->started);
}

static bool signal_and_wait(struct hvk_call *call, struct machine *machine, int signal,
                            int32_t timeout_ms)
{
    struct gone gone = {.machine = machine, .run = machine->run};
    if (machine->run->qemu.pidfd >= 0 &&
        !child_kill(machine->run->qemu.pidfd, signal, &call->error))
        return false;
    return machine->node->core->lane_wait(call, is_gone, &gone, timeout_ms);
}

/* Did the waiting end because there is nothing left to wait for? A transient machine ends its lane
 * together with itself. */
static bool is_over(struct hvk_call *call, const struct machine *machine)
{
    if (call->error.code != HVK_ERR_OBJECT_GONE || !machine->gone)
        return false;
    hvk_error_init(&call->error);
    return true;
}

bool machine_stop(struct hvk_call *call, struct machine *machine, bool graceful)
{
    machine->run->destroy_asked = true;
    if (signal_and_wait(call, machine, SIGTERM, STOP_TERM_MS) || is_over(call, machine))
        return true;
    if (call->error.code != HVK_ERR_OPERATION_TIMEOUT)
        return false;
    if (graceful) {
        machine->run->destroy_asked = false;
        return hvk_error_set(&call->error, HVK_ERR_OPERATION_FAILED,
                             "QEMU of the domain '%s' did not end within %d seconds of SIGTERM; "
                             "without the flag GRACEFUL it is killed",
                             machine->name, STOP_TERM_MS / 1000);
    }
    hvk_error_init(&call->error);
    if (signal_and_wait(call, machine, SIGKILL, STOP_KILL_MS) || is_over(call, machine))
        return true;
    return hvk_error_prefix(&call->error, "QEMU of the domain '%s' (process %d) cannot be ended",
                            machine->name, machine->run ? machine->run->qemu.pid : 0);
}
