/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "machine_start.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/stat.h>

#include <base/string.h>
#include <model/domain-xml.h>
#include <runtime/child.h>

#include "command/command.h"
#include "index.h"
#include "log_tail.h"
#include "machine_stop.h"
#include "monitor_events.h"
#include "save.h"
#include "start_files.h"
#include "start_spawn.h"

/* ---- what is there before QEMU -------------------------------------------------------------- */

/* What is left of a run that could not be adopted may well be a guest that writes to the same
 * disks. */
static bool check_left_over(const struct machine *machine, struct hvk_error *err)
{
    const struct node *node = machine->node;
    struct stat st;
    if (fstatat(node->run_fd, machine->uuid_text, &st, AT_SYMLINK_NOFOLLOW) < 0)
        return true;
    return hvk_error_set(err, HVK_ERR_OPERATION_INVALID,
                         "the domain '%s' may still be running from a start whose state cannot be "
                         "read: end its QEMU, then remove '%s/run/%s'",
                         machine->name, node->root, machine->uuid_text);
}

static struct run *prepare_run(struct hvk_call *call, struct machine *machine,
                               struct model_domain *live)
{
    struct node *node = machine->node;
    struct caps *caps = check_left_over(machine, &call->error)
                            ? node_caps(call, node, live->devices.emulator)
                            : NULL;
    if (!caps)
        return NULL;
    struct run *run = run_new(node, machine->uuid_text, &call->error);
    if (!run) {
        caps_unref(caps);
        return NULL;
    }
    run->caps = caps;
    run_make_cgroup(run, machine->uuid_text);
    return run;
}

static bool build(struct hvk_call *call, struct machine *machine, const struct start *start,
                  int monitor_fd, struct command *command)
{
    struct node *node = machine->node;
    auto_free char *nvram = node_path(node, "nvram", NULL);
    struct start_ports ports = {.call = call, .machine = machine};
    if (!nvram)
        return hvk_error_memory(&call->error);
    struct command_input input = {
        .domain = machine->live,
        .caps = machine->run->caps,
        .runtime_directory = machine->run->directory,
        .nvram_directory = nvram,
        .state_directory = node->root,
        .monitor_fd = monitor_fd,
        .flags = COMMAND_PAUSED | (start->restore_fd >= 0 ? COMMAND_INCOMING : 0) |
                 (start->flags & HVK_DOMAIN_START_RESET_NVRAM ? COMMAND_RESET_NVRAM : 0),
        .take_port = start_take_port,
        .user = &ports,
        .warn = start_warn,
    };
    return command_build(&input, command, &call->error);
}

/* ---- the process ---------------------------------------------------------------------------- */

static void on_exit_ready(struct hvk_call *call, int32_t fd, uint32_t events, void *user)
{
    (void)fd;
    (void)events;
    machine_on_exit(call, user);
}

bool machine_watch(struct machine *machine, struct hvk_error *err)
{
    struct node *node = machine->node;
    struct run *run = machine->run;
    run->exit_source = node->core->watch_fd(node->handle, HVK_OBJECT_DOMAIN, machine->uuid,
                                            run->qemu.pidfd, POLLIN, on_exit_ready, machine);
    if (run->exit_source)
        return true;
    return hvk_error_set(err, HVK_ERR_INTERNAL_ERROR, "cannot watch QEMU's process %d",
                         run->qemu.pid);
}

bool machine_connect(struct machine *machine, struct hvk_error *err)
{
    struct node *node = machine->node;
    struct run *run = machine->run;
    run->monitor = monitor_open(node->core, node->handle, machine->uuid, run->directory_fd,
                                START_MONITOR_NAME, &monitor_events_handler, machine, err);
    return run->monitor != NULL;
}

static bool launch(struct hvk_call *call, struct machine *machine, const struct start *start)
{
    struct run *run = machine->run;
    AUTO(command_fini) struct command command;
    command_init(&command);
    auto_fd int listener = start_listen(run->directory_fd, START_MONITOR_NAME, &call->error);
    if (listener < 0 || !build(call, machine, start, listener, &command) ||
        !start_create_files(&command, &call->error))
        return false;
    if (command.agent_path && !(run->agent_path = strdup(command.agent_path)))
        return hvk_error_memory(&call->error);
    run->setup = json_incref(command.setup);
    /* From here on a dead owner leaves a process: the status says that one may be there. */
    return status_write(machine, &call->error) &&
           start_spawn_all(call, machine, &command, listener) &&
           status_write(machine, &call->error) && machine_watch(machine, &call->error) &&
           machine_connect(machine, &call->error);
}

/* ---- the conversation ----------------------------------------------------------------------- */

/* Both ends of the waiting: QEMU has answered, or it has ended. */
static bool add_setup(struct monitor_batch *batch, const json_t *setup, struct hvk_error *err)
{
    size_t i;
    json_t *step;
    json_array_foreach(setup, i, step)
    {
        const char *name = json_string_value(json_object_get(step, "execute"));
        json_t *arguments = json_incref(json_object_get(step, "arguments"));
        if (!monitor_batch_add(batch, name, arguments, err))
            return false;
    }
    return true;
}

static bool check_all(const struct monitor_batch *batch, struct hvk_error *err)
{
    for (size_t i = 0; i < batch->commands.count; i++)
        if (!monitor_batch_result(batch, i, err))
            return false;
    return true;
}

static bool add_balloon(struct machine *machine, struct monitor_batch *batch, struct hvk_error *err)
{
    const struct model_domain *live = machine->live;
    const struct model_memory *now = &live->current_memory;
    if (!now->node.present || now->kib >= live->memory.kib || !machine_has_balloon(machine))
        return true;
    return monitor_batch_add(batch, "balloon",
                             json_pack("{s:I}", "value", (json_int_t)(now->kib * 1024)), err);
}

/* Everything there is to say goes out in one write, into a socket that QEMU has not accepted yet:
 * it answers all of it as soon as its main loop begins. Setup that may fail comes first, and then
 * the vCPUs wait for its outcome. */
static bool converse(struct hvk_call *call, struct machine *machine, bool run_at_once)
{
    auto_monitor_batch batch = MONITOR_BATCH_INIT(machine->run->monitor);
    struct hvk_error *err = &call->error;
    if (!monitor_batch_add(&batch, "qmp_capabilities", NULL, err) ||
        !monitor_batch_add(&batch, "query-chardev", NULL, err) ||
        !add_setup(&batch, machine->run->setup, err) || !add_balloon(machine, &batch, err))
        return false;
    bool wait_first = json_array_size(machine->run->setup) > 0;
    if (run_at_once && !wait_first && !monitor_batch_add(&batch, "cont", NULL, err))
        return false;
    machine->run->own_resume = run_at_once;
    if (!monitor_batch_wait(call, &batch, START_TIMEOUT_MS) || !check_all(&batch, err))
        return false;
    machine_note_terminals(machine, monitor_batch_result(&batch, 1, err));
    if (!run_at_once || !wait_first)
        return true;
    return monitor_call(call, machine->run->monitor, "cont", NULL, NULL);
}

/* ---- failing -------------------------------------------------------------------------------- */

/* The error of a start whose QEMU has ended: its own last words explain it best. */
static void explain(struct hvk_call *call, struct machine *machine)
{
    struct run *run = machine->run;
    struct hvk_error *err = &call->error;
    if (run->destroy_asked) {
        hvk_error_set(err, HVK_ERR_OPERATION_ABORTED,
                      "the start of the domain '%s' was ended by a destroy", machine->name);
    } else if (run->ended && run->exit_status != 0) {
        hvk_error_set(err, HVK_ERR_OPERATION_FAILED, "QEMU ended with %s %d",
                      run->exit_status < 0 ? "signal" : "status",
                      run->exit_status < 0 ? -run->exit_status : run->exit_status);
    } else if (run->ended) {
        hvk_error_set(err, HVK_ERR_OPERATION_FAILED, "QEMU ended before it answered");
    }
    if (run->destroy_asked)
        return;
    if (run->log_fd >= 0)
        log_tail_explain(run->log_fd, run->log_offset, err, "cannot start the domain '%s'",
                         machine->name);
    else
        hvk_error_prefix(err, "cannot start the domain '%s'", machine->name);
    hvk_error_from(err, HVK_FROM_QEMU);
}

/* A monitor that closed may be seen before the process that closed it has ended. */
static bool has_ended(void *user)
{
    const struct run *run = user;
    return run->ended;
}

static void give_up(struct hvk_call *call, struct machine *machine)
{
    struct run *run = machine->run;
    const struct hvk_core *core = machine->node->core;
    if (run->qemu.pid > 0 && run->monitor && monitor_is_lost(run->monitor) && run->exit_source) {
        struct hvk_error why = call->error;
        core->lane_wait(call, has_ended, run, START_LAST_WORDS_MS);
        call->error = why;
    }
    explain(call, machine);
    machine->run = NULL;
    run_remove(machine->node, run);
    model_domain_free(TAKE(machine->live));
    machine->id = -1;
    machine->autodestroy = false;
}

/* ---- the whole ------------------------------------------------------------------------------ */

static void announce(struct hvk_call *call, struct machine *machine, const struct start *start,
                     bool paused)
{
    bool restored = start->restore_fd >= 0;
    machine->run->started = true;
    machine->run->log_offset = log_size(machine->run->log_fd); /* what follows is about the run */
    machine_set_state(call, machine, paused ? HVK_DOMAIN_PAUSED : HVK_DOMAIN_RUNNING,
                      paused     ? HVK_DOMAIN_PAUSED_USER
                      : restored ? HVK_DOMAIN_RUNNING_RESTORED
                                 : HVK_DOMAIN_RUNNING_BOOTED,
                      HVK_DOMAIN_EVENT_STARTED,
                      restored ? HVK_DOMAIN_EVENT_STARTED_RESTORED
                               : HVK_DOMAIN_EVENT_STARTED_BOOTED);
    if (paused)
        machine_emit_lifecycle(machine, HVK_DOMAIN_EVENT_SUSPENDED,
                               restored ? HVK_DOMAIN_EVENT_SUSPENDED_RESTORED
                                        : HVK_DOMAIN_EVENT_SUSPENDED_PAUSED);
}

bool machine_start(struct hvk_call *call, struct machine *machine, struct model_domain *live,
                   const struct start *start)
{
    struct run *run = prepare_run(call, machine, live);
    if (!run) {
        model_domain_free(live);
        hvk_error_prefix(&call->error, "cannot start the domain '%s'", machine->name);
        return false;
    }
    machine->run = run;
    machine->live = live;
    machine->id = index_next_id(machine->node->index);
    live->id = MODEL_UINT((uint64_t)machine->id);
    machine->autodestroy = start->flags & HVK_DOMAIN_START_AUTODESTROY;
    free(TAKE(machine->trouble));
    bool paused = start->flags & HVK_DOMAIN_START_PAUSED || start->restored_paused;
    bool restore = start->restore_fd >= 0;
    if (!launch(call, machine, start) || !converse(call, machine, !paused && !restore) ||
        (restore && !save_load(call, machine, start->restore_fd, !paused)) || run->ended) {
        give_up(call, machine);
        return false;
    }
    announce(call, machine, start, paused);
    return true;
}

struct model_domain *machine_live_copy(struct machine *machine, struct hvk_error *err)
{
    return definition_read(machine, err) ? model_domain_copy(machine->config, err) : NULL;
}
