/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Starting processes without fork's dangers in a threaded process: argv only, all descriptors but
 * the named ones closed, signals at their defaults, exec's failure reported to the starter, and a
 * pidfd to watch for the end. */
#ifndef HVKIT_RUNTIME_CHILD_H
#define HVKIT_RUNTIME_CHILD_H

#include <base/error.h>
#include <hvkit/driver.h>

/* The pid, and a pidfd of the caller's in out_pidfd; -1 with the error. Children are reaped by
 * child_wait() or, when nobody waits, by child_forget(). */
int32_t child_spawn(const struct hvk_spawn *spawn, int32_t *out_pidfd, struct hvk_error *err);

/* A pidfd for a process that another owner started, if it is still the one that started at
 * start_time (field 22 of /proc/PID/stat); -1 with native ESRCH when it is not. */
int child_adopt(int32_t pid, uint64_t start_time, struct hvk_error *err);
uint64_t child_start_time(int32_t pid); /* 0: there is no such process */

/* Waits for the end through the pidfd: at most timeout_ms (-1: no limit). out_status as in
 * siginfo: positive exit code, or minus the signal. A process that is not ours has status 0. */
bool child_wait(int pidfd, int32_t timeout_ms, int32_t *out_status, struct hvk_error *err);
bool child_kill(int pidfd, int signal, struct hvk_error *err);

#endif
