/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* One root directory and what lives in it. Constant after it was opened, apart from `index`.
 *
 *   lock        held (flock) by the one process that owns the root; holds its pid
 *   domains/    definitions: a store, one file for each uuid
 *   cache/      what emulators can do: a store, one file for each binary
 *   run/UUID/   of a running domain: status, sockets
 *   log/NAME.log  what QEMU and its helpers print
 *   save/UUID.save  managed saves
 *   nvram/ tpm/   what firmware and TPMs remember */
#ifndef HVKIT_QEMU_NODE_H
#define HVKIT_QEMU_NODE_H

#include <hvkit/driver.h>
#include <runtime/store.h>

#include "caps.h"

struct index;
struct machine;

struct node {
    const struct hvk_core *core;
    struct hvk_node *handle; /* the core's */
    char *root;              /* absolute, without symbolic links */
    char *boot_id;           /* of the running kernel: processes of another one are gone */
    int lock_fd;
    int run_fd;
    int log_fd;
    int save_fd;
    struct store *domains;
    struct store *cache;
    struct index *index;
    uint32_t adoptions; /* not concluded yet; owned by the connection's lane */
};

/* node_open.c: the functions of struct hvk_driver. */
void *node_open(struct hvk_call *call, struct hvk_node *handle, const struct hvk_uri *uri,
                uint32_t flags);
void node_close(void *instance);
extern const struct hvk_core *node_core; /* what start() was given */

/* "ROOT/FOLDER" or "ROOT/FOLDER/NAME"; malloc'ed, NULL when out of memory. */
char *node_path(const struct node *node, const char *folder, const char *name);

/* What this emulator can do: from memory, from the cache, else by asking it (one job at a time asks
 * about one binary). Leaves the lane when it has to wait. A reference for the caller. */
struct caps *node_caps(struct hvk_call *call, struct node *node, const char *emulator);

/* The emulator for an architecture and accelerator when the domain names none: malloc'ed path. */
char *node_find_emulator(const char *arch, struct hvk_error *err);
/* Every emulator on this machine, by architecture: calls visit with its path. */
bool node_each_emulator(bool (*visit)(void *user, const char *path), void *user);

#endif
