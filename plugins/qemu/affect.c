/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "affect.h"

#include <model/domain-xml.h>

bool affect_resolve(struct hvk_call *call, const struct machine *machine, uint32_t flags,
                    struct affect *out)
{
    bool active = machine_is_active(machine);
    uint32_t which = flags & (HVK_DOMAIN_AFFECT_LIVE | HVK_DOMAIN_AFFECT_CONFIG);
    out->live = which ? which & HVK_DOMAIN_AFFECT_LIVE : active;
    out->config = which ? which & HVK_DOMAIN_AFFECT_CONFIG : !active;
    if (out->live && !active)
        return hvk_error_set(&call->error, HVK_ERR_OPERATION_INVALID,
                             "the domain '%s' is not running: there is nothing live to change",
                             machine->name);
    if (out->config && !machine->config)
        return hvk_error_set(&call->error, HVK_ERR_OPERATION_INVALID,
                             "the domain '%s' is transient: it has no stored configuration",
                             machine->name);
    return true;
}

bool affect_config(struct hvk_call *call, struct machine *machine, affect_change change, void *user)
{
    auto_model_domain fresh = model_domain_copy(machine->config, &call->error);
    if (!fresh || !change(fresh, user, &call->error))
        return false;
    struct model_domain *old = machine->config;
    machine->config = fresh;
    if (!definition_write(machine, &call->error)) {
        machine->config = old;
        return false;
    }
    fresh = old; /* freed on return */
    machine->updated = machine_is_active(machine);
    return machine_publish(call, machine);
}
