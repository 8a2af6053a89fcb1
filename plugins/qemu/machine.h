/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* One domain: its definition, what it is doing, and while it runs its process. Everything here runs
 * on the domain's lane, unless it says otherwise; `counted` alone is touched from any thread.
 *
 * A change goes in this order: durable, published, reply, event. */
#ifndef HVKIT_QEMU_MACHINE_H
#define HVKIT_QEMU_MACHINE_H

#include <base/vector.h>
#include <hvkit/domain.h>
#include <model/domain.h>

#include "counted.h"
#include "monitor.h"
#include "node.h"

/* A program that was started for a domain. */
struct process {
    char *name;
    int32_t pid;
    uint64_t start_time; /* /proc/PID/stat, field 22: with the pid, which process it is */
    int pidfd;
};
void process_fini(struct process *process); /* forgets it; it lives on */

/* What a listing says of a definition without reading it. */
struct machine_sizes {
    uint64_t memory_kib, max_memory_kib;
    uint32_t vcpus, max_vcpus;
};

struct machine_sizes machine_sizes_of(const struct model_domain *domain);

/* What is being done to a running domain for longer than one command takes. */
enum machine_job {
    MACHINE_JOB_NONE,
    MACHINE_JOB_SAVE,
    MACHINE_JOB_DUMP,
    MACHINE_JOB_RESTORE,
};

/* A running domain: from the moment its directory exists until its process has ended. */
struct run {
    int directory_fd;      /* ROOT/run/UUID */
    char *directory;       /* its path */
    struct process qemu;   /* pid 0: not started yet */
    struct vector helpers; /* struct process */
    struct hvk_source *exit_source;
    struct monitor *monitor; /* NULL until it is open */
    struct caps *caps;
    struct cgroup *cgroup;      /* NULL: there is none, and nothing is lost but its services */
    int cpu_fd;                 /* /proc/PID/stat, or the cgroup's cpuacct.usage or cpu.stat; -1 */
    int log_fd;                 /* what QEMU prints */
    off_t log_offset;           /* where this run's part begins */
    char *agent_path;           /* NULL: no guest agent's channel */
    bool agent_connected;       /* the guest has opened it */
    struct vector reservations; /* struct hvk_reservation * */
    bool started;               /* it was running or paused once: an end is an event */
    bool ended;                 /* the process has ended; what is left is being cleaned up */
    int32_t exit_status;
    /* What QEMU announced; decides what an end means. */
    bool shutdown_seen;
    bool shutdown_by_guest;
    bool panicked;
    bool destroy_asked;
    bool reboot_wanted; /* a power-off is the first half of a reboot */
    bool of_this_boot;  /* adopted: its processes may still be there */
    bool adopting;      /* until its monitor is connected again, or was found not to answer */
    bool own_stop;      /* the next STOP is our doing, */
    bool own_resume;    /* or the next RESUME */
    bool restored;      /* its saved state was loaded, and must not be again */
    bool saved;         /* what the domain was is in a file now */
    json_t *setup;      /* commands for before the vCPUs run */
    enum machine_job job;
    struct hvk_job *job_handle;   /* the core's */
    struct hvk_source *job_timer; /* asks for the progress */
    int job_fd;                   /* the file that is written; -1: none */
    bool job_ending;              /* the stream has reached its end, well or not */
    bool job_failed;
    bool job_aborted;
    char *job_path;             /* the file that is written */
    struct hvk_error job_error; /* why it failed */
    bool dump_crash;            /* afterwards: end it, */
    bool dump_reset;            /* or reset it */
    bool job_managed;           /* it is the managed save */
    bool job_resume;            /* the domain ran before: resume it when the job fails */
    char *deleted; /* aliases of DEVICE_DELETED that nobody has looked at, each NUL-terminated */
    size_t deleted_size;
    struct pump *pumps;   /* consoles that are open */
    char *unplug_refused; /* alias of DEVICE_UNPLUG_GUEST_ERROR */
};

struct machine {
    struct counted counted;
    struct node *node;
    uint8_t uuid[HVK_UUID_SIZE];
    char uuid_text[HVK_UUID_STRING_SIZE];
    char *name;
    struct model_domain *config; /* the definition; NULL: transient, or not read yet */
    char *unread;                /* its XML, as it was stored, until it is needed; NULL: read */
    struct machine_sizes sizes;  /* of the unread definition */
    struct model_domain *live;   /* NULL: not running */
    bool gone;                   /* undefined and not running: out of the index */
    bool autostart;
    bool managed_save;
    bool autodestroy;
    bool updated; /* config changed while it runs */
    int32_t id;   /* -1: not running */
    int32_t state;
    int32_t reason;
    uint64_t balloon_kib; /* what the guest has; 0: all of it */
    int64_t state_since_ns;
    uint64_t generation;
    uint32_t job_serial;         /* grows when a job ends; */
    struct hvk_error job_result; /* how that one did */
    char *trouble;   /* why the guest cannot go on (an accelerator that gave up); NULL: nothing */
    struct run *run; /* NULL: not running */
};

struct machine *machine_new(struct node *node, const uint8_t *uuid, const char *name);
struct machine *machine_ref(struct machine *machine);
void machine_unref(struct machine *machine);
DEFINE_AUTO_PTR(struct machine, machine_unref)
#define auto_machine AUTO(machine_unref_auto)

/* The machine a domain value names, with a reference; NULL with NO_DOMAIN. */
struct machine *machine_find(struct hvk_call *call, void *instance,
                             const struct hvk_domain *domain);
/* The same, and it must be running (OPERATION_INVALID). */
struct machine *machine_find_running(struct hvk_call *call, void *instance,
                                     const struct hvk_domain *domain);

/* The same, and its monitor must be usable: OPERATION_FAILED says how it was lost. Waits for that
 * of a domain which is only just being adopted. */
struct machine *machine_find_monitored(struct hvk_call *call, void *instance,
                                       const struct hvk_domain *domain);

/* One command to QEMU. While a job waits, a destroy may end the run: after it returned true the run
 * is there. out_result: a new reference, may be NULL. */
bool machine_command(struct hvk_call *call, struct machine *machine, const char *name,
                     json_t *arguments, json_t **out_result);
/* After any other wait: false with OPERATION_ABORTED when the run has ended. */
bool machine_still_runs(struct hvk_call *call, const struct machine *machine);

/* Is there a balloon that can take memory from the guest? */
bool machine_has_balloon(const struct machine *machine);

/* What runs, else the definition; NULL while that is not read (machine_find() reads it). */
struct model_domain *machine_current(const struct machine *machine);
bool machine_is_active(const struct machine *machine);
struct hvk_domain machine_value(const struct machine *machine); /* borrowed name */

/* ---- telling (machine_publish.c) ---- */

bool machine_publish(struct hvk_call *call, struct machine *machine);
/* Sets the state, keeps it for a later owner, publishes it and emits the lifecycle event (event -1:
 * none). */
void machine_set_state(struct hvk_call *call, struct machine *machine, int32_t state,
                       int32_t reason, int32_t event, int32_t detail);
void machine_emit_lifecycle(struct machine *machine, int32_t event, int32_t detail);

/* ---- definition (definition.c) ---- */

/* Makes what is in memory durable. */
bool definition_write(struct machine *machine, struct hvk_error *err);
/* Reads the definition, unless it was read or there is none. */
bool definition_read(struct machine *machine, struct hvk_error *err);
/* Has it a definition, read or not? */
static inline bool machine_is_persistent(const struct machine *machine)
{
    return machine->config || machine->unread;
}
/* Publishes nothing: for opening. */
bool definition_load_all(struct hvk_call *call, struct node *node);

/* ---- what outlives the owner (status.c) ---- */

bool status_write(struct machine *machine, struct hvk_error *err);
/* Reads ROOT/run/UUID/status into a machine with a run; NULL with the error. */
struct machine *status_read(struct node *node, const char *uuid_text, struct hvk_error *err);

/* Removes what QEMU and its helpers printed. */
bool machine_remove_logs(struct machine *machine, struct hvk_error *err);

/* ---- running (run.c) ---- */

/* The cgroup of the domain, made or taken over; where processes cannot be started right in one
 * (moving them later stops the system's forks for milliseconds) the run has none. */
void run_make_cgroup(struct run *run, const char *uuid_text);
/* Where the core reads CPU time from: the cgroup, else /proc/PID/stat. */
int run_open_cpu_time(const struct run *run);

struct run *run_new(struct node *node, const char *uuid_text, struct hvk_error *err);
/* Closes everything and forgets the process; removes nothing. */
void run_free(struct node *node, struct run *run);
#define RUN_UNPLUG_MS 15000 /* for a guest to let go of a device */

/* Has DEVICE_DELETED come for this id since run_forget_deleted()? */
bool run_was_deleted(const struct run *run, const char *id);
void run_forget_deleted(struct run *run, const char *id);

/* Kills the helpers and waits for their ends: blocks. */
void run_end_helpers(struct run *run);
/* Kills what is left of the run's programs and removes its directory. */
void run_remove(struct node *node, struct run *run);

#endif
