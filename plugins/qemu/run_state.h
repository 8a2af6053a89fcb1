/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* QEMU's run states (qapi/run-state.json) in terms of a domain's. Pure. */
#ifndef HVKIT_QEMU_RUN_STATE_H
#define HVKIT_QEMU_RUN_STATE_H

#include <hvkit/domain.h>

struct run_state {
    const char *qemu; /* "internal-error" */
    int32_t state;    /* HVK_DOMAIN_* */
    int32_t reason;
    int32_t event; /* HVK_DOMAIN_EVENT_* of getting there, -1: none */
    int32_t detail;
};

/* A state that this table does not know is paused, for an unknown reason. */
const struct run_state *run_state_find(const char *qemu);

#endif
