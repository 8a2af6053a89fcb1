/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A cgroup of one's own for a guest: where its CPU time is counted, where it can be limited, and
 * by which every process of it is found and killed. Version 2 where it is mounted, and version 1
 * for the controllers that are bound there (cgroups(7), the kernel's admin-guide/cgroup-v2). It
 * lies below the cgroup of the process that creates it, which needs the right to make directories
 * there (root, or a delegated unit): where it has not, NO_SUPPORT says so and nothing is lost but
 * these services. Nothing here polls. One thread at a time for one cgroup. */
#ifndef HVKIT_RUNTIME_CGROUP_H
#define HVKIT_RUNTIME_CGROUP_H

#include <base/error.h>

struct cgroup;

/* What can be limited; bits, since which of them are there depends on the machine. */
#define CGROUP_MEMORY (1u << 0)     /* bytes */
#define CGROUP_CPU (1u << 1)        /* shares, 2 to 262144, 1024 is one's fair share */
#define CGROUP_PIDS (1u << 2)       /* processes and threads */
#define CGROUP_UNLIMITED UINT64_MAX /* not for CGROUP_CPU */

#define CGROUP_NAME_MAX 200 /* bytes; [A-Za-z0-9._-]+ */

/* Creates the cgroup hvkit-NAME, or takes the empty one that a crash left. wanted: the limits that
 * will be set; some may be missing afterwards (cgroup_has). NO_SUPPORT when there is no cgroup at
 * all, RESOURCE_BUSY when one of that name has processes. */
struct cgroup *cgroup_create(const char *name, uint32_t wanted, struct hvk_error *err);
/* The cgroup hvkit-NAME that a process is in, to adopt it; NO_SUPPORT when it is in none. */
struct cgroup *cgroup_of_process(const char *name, int32_t pid, struct hvk_error *err);
void cgroup_free(struct cgroup *cgroup); /* the cgroup itself stays */

bool cgroup_has(const struct cgroup *cgroup, uint32_t limits);
bool cgroup_set_limit(struct cgroup *cgroup, uint32_t limit, uint64_t value, struct hvk_error *err);

/* For hvk_spawn.cgroup_fd: starting there costs nothing, moving a process there stops every fork
 * of the system for milliseconds. -1 when there is only version 1. Borrowed. */
int cgroup_get_fd(const struct cgroup *cgroup);
/* Moves a process that was just started into those of version 1; nothing to do without. */
bool cgroup_add(struct cgroup *cgroup, int32_t pid, struct hvk_error *err);

/* For hvk_published.cpu_time_fd: cpu.stat or cpuacct.usage, the caller's; -1 with the error. */
int cgroup_open_cpu_time(struct cgroup *cgroup, struct hvk_error *err);

/* Kills every process in it and waits until they have ended; OPERATION_TIMEOUT when some have not
 * after timeout_ms. */
bool cgroup_kill(struct cgroup *cgroup, int32_t timeout_ms, struct hvk_error *err);
/* Removes the cgroup; native EBUSY while processes are in it; one that is gone already is fine. */
bool cgroup_remove(struct cgroup *cgroup, struct hvk_error *err);

#endif
