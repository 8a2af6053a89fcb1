/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What QEMU says by itself, and what it means for the domain. */
#ifndef HVKIT_QEMU_MONITOR_EVENTS_H
#define HVKIT_QEMU_MONITOR_EVENTS_H

#include "machine.h"

/* For monitor_open(); user is the machine. */
extern const struct qmp_handler monitor_events_handler;

/* Asks QEMU for its run state and makes the domain's follow it. */
void monitor_resync(struct machine *machine);

/* A guest that crashed and stands still begins anew. */
void monitor_restart_crashed(struct machine *machine);

/* A guest may have shut down while nobody listened: does what would have been done then. */
void monitor_adopt_shutdown(struct machine *machine, const json_t *status);

/* Makes the domain's state that of a reply of query-status. */
void monitor_note_status(struct machine *machine, const json_t *status);

#endif
