/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "affect.h"

enum { LIVE, CONFIG };

void affected_fini(struct affected *affected)
{
    model_domain_free(affected->models[LIVE]);
    model_domain_free(affected->models[CONFIG]);
    *affected = (struct affected){0};
}

static bool check_flags(struct hvk_call *call, const struct machine *machine, uint32_t *flags)
{
    const char *name = machine_model(machine)->name;
    if (!(*flags & (HVK_DOMAIN_AFFECT_LIVE | HVK_DOMAIN_AFFECT_CONFIG)))
        *flags |= machine->live ? HVK_DOMAIN_AFFECT_LIVE : HVK_DOMAIN_AFFECT_CONFIG;
    if (*flags & HVK_DOMAIN_AFFECT_LIVE && !machine->live)
        return hvk_error_set(&call->error, HVK_ERR_OPERATION_INVALID,
                             "domain '%s' is not running: only its stored configuration can be "
                             "changed",
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
    for (int i = LIVE; i <= CONFIG; i++) {
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
    struct model_domain **places[2] = {&affected->machine->live, &affected->machine->config};
    for (int i = LIVE; i <= CONFIG; i++) {
        if (!affected->models[i])
            continue;
        model_domain_free(*places[i]);
        *places[i] = TAKE(affected->models[i]);
    }
    return machine_publish(call, affected->machine);
}

const struct model_domain *affect_read(struct hvk_call *call, const struct machine *machine,
                                       uint32_t flags)
{
    if (!check_flags(call, machine, &flags))
        return NULL;
    return flags & HVK_DOMAIN_AFFECT_LIVE ? machine->live : machine->config;
}
