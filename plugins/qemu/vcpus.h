/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The vCPUs of a running domain. */
#ifndef HVKIT_QEMU_VCPUS_H
#define HVKIT_QEMU_VCPUS_H

#include "machine.h"

/* Plugs or unplugs until the guest has this many. */
bool vcpus_plug(struct hvk_call *call, struct machine *machine, uint32_t count);

/* /proc/TID/stat of a vCPU's thread: time used, and the processor it ran on last. */
bool vcpus_thread_times(int32_t pid, int32_t tid, uint64_t *out_user_ns, uint64_t *out_system_ns,
                        int32_t *out_cpu);

#endif
