/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Between child.c, which decides what a child gets, and child_exec.c, which runs in it. */
#ifndef HVKIT_RUNTIME_CHILD_INTERNAL_H
#define HVKIT_RUNTIME_CHILD_INTERNAL_H

#include <stdbool.h>
#include <stdint.h>

enum child_step {
    CHILD_STEP_CLONE,
    CHILD_STEP_CGROUP,
    CHILD_STEP_SESSION,
    CHILD_STEP_BIND,
    CHILD_STEP_STREAMS,
    CHILD_STEP_KEEP,
    CHILD_STEP_CLOSE,
    CHILD_STEP_DIRECTORY,
    CHILD_STEP_EXEC,
};

/* Everything is prepared before: the child shares the starter's memory until it executes. */
struct child_plan {
    const char *path;
    char *const *argv;
    char *const *environment;
    int32_t streams[3]; /* -1: /dev/null */
    const int32_t *fds; /* sorted, without duplicates, each above 2 */
    uint32_t fd_count;
    int32_t cgroup_fd;
    int32_t directory_fd;
    bool is_daemon;
    int32_t bound_to; /* the starter's pid, with which the child ends; 0: it does not */

    /* The outcome. */
    int32_t pid;
    int pidfd;
    int failure; /* an errno of step; 0: the program runs */
    enum child_step step;
};

/* Starts the process that the plan describes; its outcome is in the plan. */
void child_start(struct child_plan *plan);

#endif
