/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Everything of a command line that is no device. */
#ifndef HVKIT_QEMU_COMMAND_MACHINE_H
#define HVKIT_QEMU_COMMAND_MACHINE_H

#include "command/build.h"

/* Is it a machine that this driver makes? (machine.c) */
bool machine_check(struct build *b);

bool machine_build(struct build *b);  /* -name to -cpu (machine.c) */
bool cpu_build(struct build *b);      /* -cpu (cpu.c) */
bool memory_build(struct build *b);   /* -m, -smp, -numa, memory backends (memory.c) */
bool platform_build(struct build *b); /* -smbios, -rtc, timers, power management (platform.c) */
bool boot_build(struct build *b);     /* -boot, -kernel (boot.c) */

/* The flash chips or ROM image of the firmware (firmware.c): adds block nodes, and members of the
 * -machine object. */
bool firmware_build(struct build *b, json_t *machine);

/* The memory backend that is the guest's RAM when there are no NUMA cells. */
#define MEMORY_BACKEND_ID "pc.ram"

/* Is that backend an object of its own? (memory.c) */
bool memory_has_backend(const struct build *b);
/* "memory-backend-memfd" … with size and policy; for cells and DIMMs as well (memory.c). */
json_t *memory_backend(struct build *b, const char *id, uint64_t bytes,
                       enum model_memory_access access, enum model_switch discard,
                       const struct model_node *node);

/* Gives disks and network cards the boot indexes that <boot dev=…> means (boot.c). */
bool boot_order(struct build *b);
void boot_order_clear(struct model_domain *domain);

#endif
