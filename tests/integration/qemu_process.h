/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The owner (qemu_owner.c) as a process of a test. */
#ifndef HVKIT_TESTS_QEMU_PROCESS_H
#define HVKIT_TESTS_QEMU_PROCESS_H

#include <sys/types.h>

#include "qemu_lab.h"

struct owner_process {
    pid_t pid;
    int in;  /* its standard input */
    int out; /* its standard output */
};

/* Starts it on the lab's root, which the lab must have closed. */
void owner_spawn(struct lab *lab, const char *verb, const char *xml, struct owner_process *out);
/* Reads until the line has come. */
void owner_expect(const struct owner_process *owner, const char *line);
/* SIGKILL, and what it had said to the last: malloc'ed. */
char *owner_kill(struct owner_process *owner);

#endif
