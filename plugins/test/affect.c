/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "affect.h"

void affected_fini(struct affected *affected)
{
    model_domain_free(affected->models[AFFECTED_LIVE]);
    model_domain_free(affected->models[AFFECTED_CONFIG]);
    *affected = (struct affected){0};
}

static bool check_flags(struct hvk_call *call, const struct machine *machine, uint32_t *flags)
{
    const char *name = machine_model(machine)->name;
    if (!(*flags & (HVK_DOMAIN_AFFECT_LIVE | HVK_DOMAIN_AFFECT_CONFIG)))
        *flags |= machine->live ? HVK_DOMAIN_AFFECT_LIVE : HVK_DOMAIN_AFFECT_CONFIG;
    if (*flags & HVK_DOMAIN_AFFECT_LIVE && !machine->live)
        return hvk_error_set(&call->error, HVK_ERR_OPERATION_INVALID,
                             "domain '%s' is not running: it has a stored configuration only",
                             name);
    if (*flags & HVK_DOMAIN_AFFECT_CONFIG && !machine->config)
        return hvk_error_set(&call->error, HVK_ERR_OPERATION_INVALID,
                             "domain '%s' is transient: it has no stored configuration", name);
    return true;
}

bool affect_begin(struct hvk_call *call, struct machine *machine, uint32_t flags,
                  struct affected *affected)
{
    const struct model_domain *originals[2] = {machine->live, machine->config};
    static const uint32_t bits[2] = {HVK_DOMAIN_AFFECT_LIVE, HVK_DOMAIN_AFFECT_CONFIG};
    affected->machine = machine;
    if (!check_flags(call, machine, &flags))
        return false;
    for (size_t i = 0; i < ARRAY_SIZE(originals); i++) {
        if (!(flags & bits[i]))
            continue;
        affected->models[i] = model_domain_copy(originals[i], &call->error);
        if (!affected->models[i])
            return false;
    }
    return true;
}

bool affect_commit(struct hvk_call *call, struct affected *affected)
{
    struct machine next = *affected->machine;
    if (affected->models[AFFECTED_LIVE])
        next.live = TAKE(affected->models[AFFECTED_LIVE]);
    if (affected->models[AFFECTED_CONFIG])
        next.config = TAKE(affected->models[AFFECTED_CONFIG]);
    return machine_commit(call, affected->machine, &next);
}

const struct model_domain *affect_read(struct hvk_call *call, const struct machine *machine,
                                       uint32_t flags)
{
    if (!check_flags(call, machine, &flags))
        return NULL;
    return flags & HVK_DOMAIN_AFFECT_LIVE ? machine->live : machine->config;
}
