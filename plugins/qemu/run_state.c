/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "run_state.h"

#include <string.h>

#include <base/cleanup.h>

#define PAUSED(why, detail)                                                                        \
    HVK_DOMAIN_PAUSED, HVK_DOMAIN_PAUSED_##why, HVK_DOMAIN_EVENT_SUSPENDED,                        \
        HVK_DOMAIN_EVENT_SUSPENDED_##detail

static const struct run_state states[] = {
    {"running", HVK_DOMAIN_RUNNING, HVK_DOMAIN_RUNNING_UNPAUSED, HVK_DOMAIN_EVENT_RESUMED,
     HVK_DOMAIN_EVENT_RESUMED_UNPAUSED},
    {"paused", PAUSED(USER, PAUSED)},
    {"prelaunch", PAUSED(USER, PAUSED)},
    {"debug", PAUSED(UNKNOWN, PAUSED)},
    {"finish-migrate", PAUSED(MIGRATION, MIGRATED)},
    {"inmigrate", PAUSED(MIGRATION, MIGRATED)},
    {"postmigrate", PAUSED(MIGRATION, MIGRATED)},
    {"save-vm", PAUSED(SAVE, PAUSED)},
    {"restore-vm", PAUSED(FROM_SNAPSHOT, FROM_SNAPSHOT)},
    {"colo", PAUSED(MIGRATION, MIGRATED)},
    {"io-error", PAUSED(IOERROR, IOERROR)},
    {"watchdog", PAUSED(WATCHDOG, WATCHDOG)},
    /* The accelerator gave up on a vCPU: what stands there cannot go on. */
    {"internal-error", PAUSED(CRASHED, API_ERROR)},
    {"guest-panicked", HVK_DOMAIN_CRASHED, HVK_DOMAIN_CRASHED_PANICKED, HVK_DOMAIN_EVENT_CRASHED,
     HVK_DOMAIN_EVENT_CRASHED_PANICKED},
    {"shutdown", HVK_DOMAIN_SHUTDOWN, HVK_DOMAIN_SHUTDOWN_UNKNOWN, -1, 0},
    {"suspended", HVK_DOMAIN_PMSUSPENDED, 0, HVK_DOMAIN_EVENT_PMSUSPENDED,
     HVK_DOMAIN_EVENT_PMSUSPENDED_MEMORY},
};

static const struct run_state unknown = {"", PAUSED(UNKNOWN, PAUSED)};

const struct run_state *run_state_find(const char *qemu)
{
    for (size_t i = 0; qemu && i < ARRAY_SIZE(states); i++)
        if (strcmp(states[i].qemu, qemu) == 0)
            return &states[i];
    return &unknown;
}
