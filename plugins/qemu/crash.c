/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "crash.h"

#include <fcntl.h>
#include <string.h>
#include <time.h>

#include <base/string.h>

#include "files.h"
#include "machine_stop.h"
#include "monitor_events.h"
#include "save.h"

/* A name that is no file name gives way to the uuid, as for logs. */
static char *dump_path(const struct machine *machine, struct hvk_error *err)
{
    char when[32];
    struct tm utc;
    time_t now = time(NULL);
    bool usable = machine->name[0] != '.' && !strchr(machine->name, '/');
    auto_fd int root = open(machine->node->root, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    auto_fd int folder = root < 0 ? -1 : files_directory(root, "dump", err);
    if (folder < 0)
        return NULL;
    strftime(when, sizeof when, "%Y%m%dT%H%M%SZ", gmtime_r(&now, &utc));
    auto_free char *file =
        string_format("%s-%s.core", usable ? machine->name : machine->uuid_text, when);
    return file ? node_path(machine->node, "dump", file) : NULL;
}

/* A dump that fails keeps the guest as it is: it is all that is left of what happened. */
static bool dump_then_act(struct hvk_call *call, void *user)
{
    auto_machine struct machine *machine = user;
    auto_free char *path = dump_path(machine, &call->error);
    if (!machine->run || !machine->run->panicked)
        return true;
    bool restart = machine->live->on_crash == MODEL_LIFECYCLE_COREDUMP_RESTART;
    if (!path || !save_dump(call, machine, path, HVK_DOMAIN_DUMP_FORMAT_RAW,
                            HVK_DOMAIN_DUMP_MEMORY_ONLY | (restart ? 0 : HVK_DOMAIN_DUMP_CRASH)))
        return false;
    if (restart && machine->run && !machine->run->ended)
        monitor_restart_crashed(machine);
    return true;
}

void crash_dump(struct machine *machine)
{
    const struct hvk_core *core = machine->node->core;
    machine_ref(machine);
    if (!core->lane_post(machine->node->handle, HVK_OBJECT_DOMAIN, machine->uuid, dump_then_act,
                         machine))
        machine_unref(machine);
}
