/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Work on a running domain that outlives the call that asked for it: a save, a dump. One at a time
 * for each domain. It lives in the run; QEMU's event ends it, on the domain's lane, whether or not
 * anybody waits. What it writes has another name until it is whole. */
#ifndef HVKIT_QEMU_JOB_H
#define HVKIT_QEMU_JOB_H

#include "machine.h"

/* No job is under way, and the domain is running, paused or crashed. */
bool job_check_idle(struct hvk_call *call, const struct machine *machine);

/* The name under which a file is written until it is whole: malloc'ed. */
char *job_partial_path(const char *path);

/* Makes the work the domain's job and creates its partial file: a descriptor, -1 with the error.
 * operation: HVK_DOMAIN_JOB_OPERATION_*. */
int job_begin(struct hvk_call *call, struct machine *machine, enum machine_job kind,
              int32_t operation, const char *path);
/* Waits for the job's end, and for that of a domain that ends with it. Whoever stops waiting (by
 * cancelling, by a deadline) gives the job up. serial: machine->job_serial when it began. */
bool job_wait(struct hvk_call *call, struct machine *machine, uint32_t serial);

/* QEMU is done with the stream, well or not: the rest follows on the lane. */
void job_end_stream(struct machine *machine, bool failed, const char *why);
/* Ends the job with this failure: the file is removed and the guest goes on. */
void job_fail(struct hvk_call *call, struct machine *machine, const struct hvk_error *why);
/* The domain has ended, and its job with it. */
void job_abandon(struct machine *machine);
/* The file of a save is whole: the process has nothing left that is worth keeping. */
bool job_finish_save(struct hvk_call *call, struct machine *machine);
/* Ends it: whoever waits learns how it went. */
void job_settle(struct machine *machine, const struct hvk_error *result);

#endif
