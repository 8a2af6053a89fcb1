/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Starting, stopping and pausing. What is but a change of state is a row of what it needs and what
 * it leads to; the functions of the driver's table only name their row. */
#include "domain.h"

struct transition {
    const char *method;
    const char *verb;   /* for messages */
    uint32_t from;      /* states that it is allowed in: 1 << HVK_DOMAIN_* */
    const char *unless; /* why it is refused in another one */
    int32_t state, reason;
    int32_t event, detail;
};

#define IN(state) (1u << HVK_DOMAIN_##state)
#define ACTIVE (IN(RUNNING) | IN(PAUSED) | IN(BLOCKED) | IN(PMSUSPENDED) | IN(CRASHED))

/* clang-format off */
static const struct transition destroying = {
    "destroy", "stop", ACTIVE, "it is not running",
    HVK_DOMAIN_SHUTOFF, HVK_DOMAIN_SHUTOFF_DESTROYED,
    HVK_DOMAIN_EVENT_STOPPED, HVK_DOMAIN_EVENT_STOPPED_DESTROYED,
};
static const struct transition shutting_down = {
    "shutdown", "shut down", IN(RUNNING), "it is not running",
    HVK_DOMAIN_SHUTOFF, HVK_DOMAIN_SHUTOFF_SHUTDOWN,
    HVK_DOMAIN_EVENT_STOPPED, HVK_DOMAIN_EVENT_STOPPED_SHUTDOWN,
};
static const struct transition rebooting = {
    "reboot", "reboot", IN(RUNNING), "it is not running",
    HVK_DOMAIN_SHUTOFF, HVK_DOMAIN_SHUTOFF_SHUTDOWN,
    HVK_DOMAIN_EVENT_STOPPED, HVK_DOMAIN_EVENT_STOPPED_SHUTDOWN,
};
static const struct transition suspending = {
    "suspend", "suspend", IN(RUNNING), "it is not running",
    HVK_DOMAIN_PAUSED, HVK_DOMAIN_PAUSED_USER,
    HVK_DOMAIN_EVENT_SUSPENDED, HVK_DOMAIN_EVENT_SUSPENDED_PAUSED,
};
static const struct transition resuming = {
    "resume", "resume", IN(PAUSED), "it is not paused",
    HVK_DOMAIN_RUNNING, HVK_DOMAIN_RUNNING_UNPAUSED,
    HVK_DOMAIN_EVENT_RESUMED, HVK_DOMAIN_EVENT_RESUMED_UNPAUSED,
};
/* clang-format on */

/* The machine, when the operation is allowed now. */
static struct machine *transition_begin(struct hvk_call *call, struct test_node *node,
                                        const struct hvk_domain *domain,
                                        const struct transition *transition)
{
    struct machine *machine = machine_find(call, node, domain, transition->method);
    if (!machine || transition->from & 1u << machine->state)
        return machine;
    hvk_error_set(&call->error, HVK_ERR_OPERATION_INVALID, "cannot %s domain '%s': %s",
                  transition->verb, machine_model(machine)->name, transition->unless);
    return NULL;
}

static bool transition_apply(struct hvk_call *call, struct machine *machine,
                             const struct transition *transition)
{
    struct machine next = *machine;
    if (transition->state == HVK_DOMAIN_SHUTOFF)
        return machine_stop(call, machine, &next, transition->reason, transition->detail);
    next.state = transition->state;
    next.reason = transition->reason;
    if (!machine_commit(call, machine, &next))
        return false;
    machine_emit_lifecycle(machine, transition->event, transition->detail);
    return true;
}

static bool transition_run(struct hvk_call *call, struct test_node *node,
                           const struct hvk_domain *domain, const struct transition *transition)
{
    struct machine *machine = transition_begin(call, node, domain, transition);
    return machine && transition_apply(call, machine, transition);
}

bool domain_destroy(struct hvk_call *call, void *instance, const struct hvk_domain *domain,
                    uint32_t flags)
{
    (void)flags;
    return transition_run(call, instance, domain, &destroying);
}

bool domain_suspend(struct hvk_call *call, void *instance, const struct hvk_domain *domain)
{
    return transition_run(call, instance, domain, &suspending);
}

bool domain_resume(struct hvk_call *call, void *instance, const struct hvk_domain *domain)
{
    return transition_run(call, instance, domain, &resuming);
}

/* ---- guests that end or restart by themselves ----------------------------------------------- */

/* A guest here restarts in no time. */
static bool restart(const struct machine *machine)
{
    struct hvk_domain value = machine_value(machine);
    machine->node->core->emit(machine->node->host, HVK_EVENT_DOMAIN_REBOOT, &value, NULL);
    return true;
}

bool domain_shutdown(struct hvk_call *call, void *instance, const struct hvk_domain *domain,
                     uint32_t flags)
{
    (void)flags;
    struct machine *machine = transition_begin(call, instance, domain, &shutting_down);
    if (!machine)
        return false;
    enum model_lifecycle then = machine->live->on_poweroff;
    if (then == MODEL_LIFECYCLE_RESTART || then == MODEL_LIFECYCLE_RESTART_RENAME)
        return restart(machine);
    return transition_apply(call, machine, &shutting_down);
}

bool domain_reboot(struct hvk_call *call, void *instance, const struct hvk_domain *domain,
                   uint32_t flags)
{
    (void)flags;
    struct machine *machine = transition_begin(call, instance, domain, &rebooting);
    if (!machine)
        return false;
    if (machine->live->on_reboot == MODEL_LIFECYCLE_DESTROY)
        return transition_apply(call, machine, &rebooting);
    return restart(machine);
}

bool domain_reset(struct hvk_call *call, void *instance, const struct hvk_domain *domain,
                  uint32_t flags)
{
    (void)flags;
    struct machine *machine = machine_find_active(call, instance, domain, "reset", "reset");
    return machine && restart(machine);
}

/* ---- starting ------------------------------------------------------------------------------- */

/* Nothing is passed to a guest of this driver, and it destroys none with a connection. */
static bool check_start(struct hvk_call *call, uint64_t fds_count, uint32_t flags)
{
    if (fds_count > 0)
        return hvk_error_set(&call->error, HVK_ERR_ARGUMENT_UNSUPPORTED,
                             "the test driver cannot pass descriptors to a guest");
    return !(flags & HVK_DOMAIN_START_AUTODESTROY) ||
           hvk_error_set(&call->error, HVK_ERR_ARGUMENT_UNSUPPORTED,
                         "the test driver does not tie a domain's life to a connection");
}

static bool put_started(const struct machine *machine, struct hvk_domain_sink *out_domain)
{
    struct hvk_domain value = machine_value(machine);
    return hvk_put_domain(out_domain, &value);
}

bool domain_create(struct hvk_call *call, void *instance, const struct hvk_domain *domain,
                   const int32_t *fds, uint64_t fds_count, uint32_t flags,
                   struct hvk_domain_sink *out_domain)
{
    (void)fds;
    if (!check_start(call, fds_count, flags))
        return false;
    struct machine *machine = machine_find(call, instance, domain, "create");
    if (!machine || !machine_need_inactive(call, machine, "start"))
        return false;
    struct machine next = *machine;
    bool restore = machine->saved && !(flags & HVK_DOMAIN_START_FORCE_BOOT);
    bool paused = flags & HVK_DOMAIN_START_PAUSED || (restore && machine->saved_paused);
    next.saved = NULL;
    next.live = restore ? machine->saved : model_domain_copy(machine->config, &call->error);
    return next.live && machine_start(call, machine, &next, paused, restore) &&
           put_started(machine, out_domain);
}

bool domain_create_xml(struct hvk_call *call, void *instance, const struct hvk_domain *identity,
                       const char *xml, const int32_t *fds, uint64_t fds_count, uint32_t flags,
                       struct hvk_domain_sink *out_domain)
{
    struct test_node *node = instance;
    (void)fds;
    if (!check_start(call, fds_count, flags) ||
        !inject(call, node->core, &node->injections, "create_xml"))
        return false;
    auto_model_domain live = domain_parse(call, identity, xml, flags & HVK_DOMAIN_START_VALIDATE);
    struct machine *machine = live ? machine_obtain(call, node, identity) : NULL;
    if (!machine || !machine_need_inactive(call, machine, "start"))
        return false;
    struct machine next = *machine;
    next.live = TAKE(live);
    return machine_start(call, machine, &next, flags & HVK_DOMAIN_START_PAUSED, false) &&
           put_started(machine, out_domain);
}
