/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "monitor_events.h"

#include <string.h>

#include <base/string.h>

#include "crash.h"
#include "log_tail.h"
#include "monitor_notices.h"
#include "run_state.h"
#include "save.h"

static void emit(struct machine *machine, uint32_t event, const void *payload)
{
    struct hvk_domain value = machine_value(machine);
    if (machine->run->started)
        machine->node->core->emit(machine->node->handle, event, &value, payload);
}

/* ---- states --------------------------------------------------------------------------------- */

/* What the accelerator printed is the reason, for whoever asks why the guest stands still. */
static void note_trouble(struct machine *machine)
{
    auto_free char *words =
        machine->run->log_fd >= 0 ? log_head(machine->run->log_fd, machine->run->log_offset) : NULL;
    bool kvm = machine->live->type == MODEL_VIRT_KVM;
    free(machine->trouble);
    machine->trouble = string_format(
        "%s cannot go on with the guest '%s' (QEMU's state is internal-error)%s%s%s",
        kvm ? "KVM" : "QEMU", machine->name, words ? "; it printed: " : "", words ? words : "",
        kvm ? ". Where KVM is nested or interprets its guests only some kernels run: "
              "type='qemu' emulates the processor instead"
            : "");
    if (machine->trouble)
        machine->node->core->log(NULL, HVK_LOG_ERROR, machine->trouble);
}

void monitor_note_status(struct machine *machine, const json_t *status)
{
    const char *name = json_string_value(json_object_get(status, "status"));
    const struct run_state *now = run_state_find(name);
    if (!machine->run->started || machine->run->ended)
        return;
    if (string_equal(name, "internal-error") && !machine->trouble)
        note_trouble(machine);
    if (now->state == machine->state &&
        (now->state == HVK_DOMAIN_RUNNING || now->reason == machine->reason))
        return;
    struct hvk_call call = HVK_CALL_INIT;
    machine_set_state(&call, machine, now->state, now->reason, now->event, now->detail);
}

static void on_status(struct qmp_command *command, void *user)
{
    if (command->result)
        monitor_note_status(user, command->result);
}

void monitor_resync(struct machine *machine)
{
    struct hvk_error ignored = {.size = sizeof ignored};
    if (machine->run->monitor)
        monitor_post(machine->run->monitor, "query-status", NULL, on_status, machine, &ignored);
}

/* STOP does not say why; while a job or a request of our own stops the vCPUs, that one knows. */
static void on_stop(struct machine *machine, const json_t *data)
{
    (void)data;
    if (machine->run->own_stop || machine->run->job != MACHINE_JOB_NONE)
        machine->run->own_stop = false;
    else
        monitor_resync(machine);
}

static void on_resume(struct machine *machine, const json_t *data)
{
    (void)data;
    struct hvk_call call = HVK_CALL_INIT;
    bool own = machine->run->own_resume;
    machine->run->own_resume = false;
    if (!own && machine->run->started && machine->run->job == MACHINE_JOB_NONE)
        machine_set_state(&call, machine, HVK_DOMAIN_RUNNING, HVK_DOMAIN_RUNNING_UNPAUSED,
                          HVK_DOMAIN_EVENT_RESUMED, HVK_DOMAIN_EVENT_RESUMED_UNPAUSED);
}

/* ---- the guest's power ---------------------------------------------------------------------- */

/* QEMU is stopped in its shutdown state: a reset and the vCPUs again are a reboot. */
static void restart(struct machine *machine)
{
    struct run *run = machine->run;
    struct hvk_error err = {.size = sizeof err};
    run->reboot_wanted = false;
    run->shutdown_seen = false;
    run->own_stop = run->own_resume = true;
    bool keep = machine->live->on_poweroff == MODEL_LIFECYCLE_RESTART;
    if (!monitor_post(run->monitor, "system_reset", NULL, NULL, NULL, &err) ||
        (!keep && !monitor_post(run->monitor, "set-action",
                                json_pack("{s:s}", "shutdown", "poweroff"), NULL, NULL, &err)) ||
        !monitor_post(run->monitor, "cont", NULL, NULL, NULL, &err))
        machine->node->core->log(NULL, HVK_LOG_ERROR, err.text);
}

static void on_shutdown(struct machine *machine, const json_t *data)
{
    struct run *run = machine->run;
    struct hvk_call call = HVK_CALL_INIT;
    bool by_guest = json_is_true(json_object_get(data, "guest"));
    run->shutdown_seen = true;
    if (run->reboot_wanted ||
        (machine->live->on_poweroff == MODEL_LIFECYCLE_RESTART && !run->destroy_asked)) {
        restart(machine);
        return;
    }
    if (!run->started || run->destroy_asked)
        return;
    machine_set_state(&call, machine, HVK_DOMAIN_SHUTDOWN,
                      by_guest ? HVK_DOMAIN_SHUTDOWN_UNKNOWN : HVK_DOMAIN_SHUTDOWN_USER,
                      HVK_DOMAIN_EVENT_SHUTDOWN,
                      by_guest ? HVK_DOMAIN_EVENT_SHUTDOWN_GUEST : HVK_DOMAIN_EVENT_SHUTDOWN_HOST);
}

void monitor_adopt_shutdown(struct machine *machine, const json_t *status)
{
    bool waits =
        machine->run->reboot_wanted || machine->live->on_poweroff == MODEL_LIFECYCLE_RESTART;
    const char *name = json_string_value(json_object_get(status, "status"));
    if (waits && string_equal(name, "shutdown"))
        restart(machine);
}

static void on_reset(struct machine *machine, const json_t *data)
{
    (void)data;
    emit(machine, HVK_EVENT_DOMAIN_REBOOT, NULL);
}

void monitor_restart_crashed(struct machine *machine)
{
    struct hvk_call call = HVK_CALL_INIT;
    machine->run->panicked = false;
    restart(machine);
    machine_set_state(&call, machine, HVK_DOMAIN_RUNNING, HVK_DOMAIN_RUNNING_CRASHED,
                      HVK_DOMAIN_EVENT_RESUMED, HVK_DOMAIN_EVENT_RESUMED_UNPAUSED);
}

static void on_panicked(struct machine *machine, const json_t *data)
{
    struct hvk_call call = HVK_CALL_INIT;
    const char *action = json_string_value(json_object_get(data, "action"));
    enum model_lifecycle wanted = machine->live->on_crash;
    machine->run->panicked = true;
    machine_set_state(&call, machine, HVK_DOMAIN_CRASHED, HVK_DOMAIN_CRASHED_PANICKED,
                      HVK_DOMAIN_EVENT_CRASHED, HVK_DOMAIN_EVENT_CRASHED_PANICKED);
    if (!string_equal(action, "pause"))
        return;
    if (wanted == MODEL_LIFECYCLE_RESTART)
        monitor_restart_crashed(machine);
    else if (wanted == MODEL_LIFECYCLE_COREDUMP_DESTROY ||
             wanted == MODEL_LIFECYCLE_COREDUMP_RESTART)
        crash_dump(machine);
}

static void on_suspended(struct machine *machine, const json_t *data)
{
    (void)data;
    struct hvk_call call = HVK_CALL_INIT;
    struct hvk_event_domain_pmsuspend payload = {.size = sizeof payload};
    machine_set_state(&call, machine, HVK_DOMAIN_PMSUSPENDED, 0, HVK_DOMAIN_EVENT_PMSUSPENDED,
                      HVK_DOMAIN_EVENT_PMSUSPENDED_MEMORY);
    emit(machine, HVK_EVENT_DOMAIN_PMSUSPEND, &payload);
}

static void on_suspended_to_disk(struct machine *machine, const json_t *data)
{
    (void)data;
    struct hvk_event_domain_pmsuspend_disk payload = {.size = sizeof payload};
    machine_emit_lifecycle(machine, HVK_DOMAIN_EVENT_PMSUSPENDED,
                           HVK_DOMAIN_EVENT_PMSUSPENDED_DISK);
    emit(machine, HVK_EVENT_DOMAIN_PMSUSPEND_DISK, &payload);
}

static void on_wakeup(struct machine *machine, const json_t *data)
{
    (void)data;
    struct hvk_call call = HVK_CALL_INIT;
    struct hvk_event_domain_pmwakeup payload = {.size = sizeof payload};
    machine_set_state(&call, machine, HVK_DOMAIN_RUNNING, HVK_DOMAIN_RUNNING_WAKEUP,
                      HVK_DOMAIN_EVENT_STARTED, HVK_DOMAIN_EVENT_STARTED_WAKEUP);
    emit(machine, HVK_EVENT_DOMAIN_PMWAKEUP, &payload);
}

/* ---- dispatch ------------------------------------------------------------------------------- */

static const struct {
    const char *name;
    void (*function)(struct machine *machine, const json_t *data);
} handlers[] = {
    {"STOP", on_stop},
    {"RESUME", on_resume},
    {"SHUTDOWN", on_shutdown},
    {"RESET", on_reset},
    {"GUEST_PANICKED", on_panicked},
    {"SUSPEND", on_suspended},
    {"SUSPEND_DISK", on_suspended_to_disk},
    {"WAKEUP", on_wakeup},
    {"MIGRATION", save_on_migration},
    {"DUMP_COMPLETED", save_on_dump_completed},
    {"DEVICE_DELETED", notice_device_deleted},
    {"DEVICE_UNPLUG_GUEST_ERROR", notice_unplug_refused},
    {"BALLOON_CHANGE", notice_balloon},
    {"RTC_CHANGE", notice_rtc},
    {"WATCHDOG", notice_watchdog},
    {"BLOCK_IO_ERROR", notice_io_error},
    {"DEVICE_TRAY_MOVED", notice_tray},
    {"VNC_CONNECTED", notice_graphics_connected},
    {"VNC_INITIALIZED", notice_graphics_initialized},
    {"VNC_DISCONNECTED", notice_graphics_disconnected},
    {"SPICE_CONNECTED", notice_graphics_connected},
    {"SPICE_INITIALIZED", notice_graphics_initialized},
    {"SPICE_DISCONNECTED", notice_graphics_disconnected},
    {"VSERPORT_CHANGE", notice_port},
};

static void on_event(void *user, const char *name, const json_t *data, int64_t seconds,
                     int32_t microseconds)
{
    (void)seconds;
    (void)microseconds;
    struct machine *machine = user;
    for (size_t i = 0; i < ARRAY_SIZE(handlers); i++)
        if (strcmp(handlers[i].name, name) == 0)
            handlers[i].function(machine, data);
}

/* QEMU closed it: the process ends soon, or somebody else will say that it did not. Anything else
 * is a QEMU that cannot be understood any more; its guest may well be running, so it is left alone,
 * in no state, until somebody ends it or opens the root again. */
static void on_lost(void *user, const struct hvk_error *why)
{
    struct machine *machine = user;
    struct hvk_call call = HVK_CALL_INIT;
    if (!why->code || !machine->run->started)
        return;
    free(machine->trouble);
    machine->trouble =
        string_format("the monitor of the domain '%s' is lost: %s", machine->name, why->text);
    if (machine->trouble)
        machine->node->core->log(NULL, HVK_LOG_ERROR, machine->trouble);
    machine_set_state(&call, machine, HVK_DOMAIN_NOSTATE, 0, -1, 0);
    emit(machine, HVK_EVENT_DOMAIN_CONTROL_ERROR, NULL);
}

const struct qmp_handler monitor_events_handler = {.event = on_event, .lost = on_lost};
