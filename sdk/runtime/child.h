/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Starting processes without fork's dangers in a threaded process, at a cost that does not depend
 * on how much memory it has: argv only, all descriptors but the named ones closed, signals at
 * their defaults and unblocked, exec's failure reported to the starter, and a pidfd to watch for
 * the end. Needs Linux 5.9. Every function may be called from any thread. */
#ifndef HVKIT_RUNTIME_CHILD_H
#define HVKIT_RUNTIME_CHILD_H

#include <base/error.h>
#include <hvkit/driver.h>

#define CHILD_FDS_MAX 1024 /* hvk_spawn.fd_count */

/* The pid, and a pidfd (close-on-exec, the caller's) in out_pidfd; -1 with the error: then nothing
 * was left behind. fds: above 2, each once.
 *
 * Without HVK_SPAWN_DAEMON it is an ordinary child: child_wait() reaps it, and until then it stays
 * a zombie; the application gets its SIGCHLD, and one that reaps every child or ignores SIGCHLD
 * may take the status away (see child_wait). With it the process has a session of its own and is
 * init's child from the beginning: the application sees neither SIGCHLD nor zombie, and nothing
 * has to be reaped.
 *
 * With HVK_SPAWN_BOUND it gets SIGKILL when the thread that called this ends, however it does: for
 * a helper whose starter waits for it. Not together with HVK_SPAWN_DAEMON. */
int32_t child_spawn(const struct hvk_spawn *spawn, int32_t *out_pidfd, struct hvk_error *err);

/* A pidfd for a process that another owner started, if it is still the one that started at
 * start_time (field 22 of /proc/PID/stat, proc(5): clock ticks since this boot); -1 with native
 * ESRCH when it is not. */
int child_adopt(int32_t pid, uint64_t start_time, struct hvk_error *err);
uint64_t child_start_time(int32_t pid); /* 0: there is no such process */

/* Waits for the end through the pidfd: at most timeout_ms (-1: no limit), then OPERATION_TIMEOUT.
 * out_status (may be NULL): the exit code, or minus the signal. Of a process that is not ours (a
 * daemon), or whose status another wait took, it is known from Linux 6.15 on; before, only until
 * its parent reaps it, and then CHILD_STATUS_UNKNOWN. */
#define CHILD_STATUS_UNKNOWN (-1000) /* no signal has this number */
bool child_wait(int pidfd, int32_t timeout_ms, int32_t *out_status, struct hvk_error *err);

/* A process that has ended already counts as killed. */
bool child_kill(int pidfd, int signal, struct hvk_error *err);

#endif
