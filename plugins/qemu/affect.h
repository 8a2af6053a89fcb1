/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Which configuration an operation is about: what runs, what is stored, or both. */
#ifndef HVKIT_QEMU_AFFECT_H
#define HVKIT_QEMU_AFFECT_H

#include "machine.h"

struct affect {
    bool live;
    bool config;
};

/* flags: HVK_DOMAIN_AFFECT_*, other bits are ignored; none: what is current. */
bool affect_resolve(struct hvk_call *call, const struct machine *machine, uint32_t flags,
                    struct affect *out);

/* Changes a copy of the stored configuration with change(), makes it durable and then the
 * machine's; on failure nothing has changed. */
typedef bool (*affect_change)(struct model_domain *config, void *user, struct hvk_error *err);
bool affect_config(struct hvk_call *call, struct machine *machine, affect_change change,
                   void *user);

#endif
