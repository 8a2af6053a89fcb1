/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "names.h"
#include <base/cleanup.h>

struct state_row {
    const char *name;
    const char *const *reasons;
    int reason_count;
};

static const char *const no_reasons[] = {"unknown"};
static const char *const running_reasons[] = {
    "unknown",       "booted",   "migrated",           "restored",
    "from snapshot", "unpaused", "migration canceled", "save canceled",
    "event wakeup",  "crashed",  "post-copy",          "post-copy failed",
};
static const char *const paused_reasons[] = {
    "unknown",   "user",        "migrating",     "saving",           "dumping",
    "I/O error", "watchdog",    "from snapshot", "shutting down",    "creating snapshot",
    "crashed",   "starting up", "post-copy",     "post-copy failed",
};
static const char *const shutdown_reasons[] = {"unknown", "user"};
static const char *const shutoff_reasons[] = {
    "unknown", "shutdown", "destroyed",     "crashed", "migrated",
    "saved",   "failed",   "from snapshot", "daemon",
};
static const char *const crashed_reasons[] = {"unknown", "panicked"};

#define STATE(text, reasons)                                                                       \
    {                                                                                              \
        text, reasons, ARRAY_SIZE(reasons)                                                         \
    }

static const struct state_row states[] = {
    STATE("no state", no_reasons),
    STATE("running", running_reasons),
    STATE("idle", no_reasons),
    STATE("paused", paused_reasons),
    STATE("in shutdown", shutdown_reasons),
    STATE("shut off", shutoff_reasons),
    STATE("crashed", crashed_reasons),
    STATE("pmsuspended", no_reasons),
};

static const char *const vcpu_states[] = {"offline", "running", "blocked"};
static const char *const job_types[] = {"None",      "Bounded", "Unbounded",
                                        "Completed", "Failed",  "Cancelled"};
static const char *const memory_stats[] = {
    "swap_in",        "swap_out", "major_fault", "minor_fault", "unused",      "available",
    "actual",         "rss",      "usable",      "last_update", "disk_caches", "hugetlb_pgalloc",
    "hugetlb_pgfail",
};

const char *name_in(const char *const *names, int count, int32_t number)
{
    return number >= 0 && number < count && names[number] ? names[number] : "unknown";
}

const char *state_name(int32_t state)
{
    return state >= 0 && state < (int)ARRAY_SIZE(states) ? states[state].name : "unknown";
}

const char *reason_name(int32_t state, int32_t reason)
{
    if (state < 0 || state >= (int)ARRAY_SIZE(states))
        return "unknown";
    return name_in(states[state].reasons, states[state].reason_count, reason);
}

const char *vcpu_state_name(int32_t state)
{
    return NAME_IN(vcpu_states, state);
}

const char *job_type_name(int32_t type)
{
    return NAME_IN(job_types, type);
}

const char *memory_stat_name(int32_t tag)
{
    return tag >= 0 && tag < (int)ARRAY_SIZE(memory_stats) ? memory_stats[tag] : NULL;
}
