/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A guest of the example driver: one program, which runs while the domain does. */
#ifndef EXAMPLE_GUEST_H
#define EXAMPLE_GUEST_H

#include <base/error.h>
#include <hvkit/domain-driver.h>

/* Owned by the domain's lane: everything that changes here changes inside it. */
struct guest {
    struct node *node;
    char *name;
    char *program; /* absolute path */
    uint8_t uuid[HVK_UUID_SIZE];
    int32_t state, reason; /* HVK_DOMAIN_* */
    int32_t pid;           /* also the domain's id; -1 while it does not run */
    int32_t pidfd;         /* readable once the program ended; -1 */
    int32_t stat_fd;       /* its /proc/PID/stat, from which the core reads CPU time; -1 */
    bool is_killed;        /* by destroy */
    struct hvk_source *ended;
};

/* An open connection. Immutable once it is open. */
struct node {
    struct hvk_node *host; /* the core's side */
    struct guest *guests;
    uint64_t count;
};

extern const struct hvk_core *core;

/* Tells the core what it is to answer with. */
bool guest_publish(struct hvk_call *call, struct guest *guest);

/* Stops the program, if it runs, and frees what the guest has. Its node is closing. */
void guest_fini(struct guest *guest);

extern const struct hvk_domain_table domain_table;

#endif
