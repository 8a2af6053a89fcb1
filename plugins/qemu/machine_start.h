/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* From a definition to a running guest. */
#ifndef HVKIT_QEMU_MACHINE_START_H
#define HVKIT_QEMU_MACHINE_START_H

#include "machine.h"

#define START_TIMEOUT_MS 60000 /* until QEMU has built the machine and answers */

struct start {
    uint32_t flags;       /* HVK_DOMAIN_START_* */
    int32_t restore_fd;   /* where the saved state continues, or -1 */
    bool restored_paused; /* the domain was saved while it was paused */
};

/* Starts the machine, which is not running, with the configuration `live` (taken). When it returns
 * true the guest runs (or is paused, as asked), which has been published and told. Otherwise
 * nothing of it is left. */
bool machine_start(struct hvk_call *call, struct machine *machine, struct model_domain *live,
                   const struct start *start);

/* A copy of the definition with what a run needs. */
struct model_domain *machine_live_copy(struct machine *machine, struct hvk_error *err);

/* The watch on the process and the session with it: for a machine that starts or is adopted. */
bool machine_watch(struct machine *machine, struct hvk_error *err);
bool machine_connect(struct machine *machine, struct hvk_error *err);

/* Reads where pseudo terminals are from the reply of query-chardev into the live XML. */
void machine_note_terminals(struct machine *machine, const json_t *chardevs);

#endif
