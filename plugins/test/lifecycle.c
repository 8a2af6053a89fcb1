/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Starting, stopping and pausing. Each operation is a row of what it needs and what it leads to;
 * the functions of the driver's table only name their row. */
#include "domain.h"

struct transition {
    const char *method; /* as inject= names it */
    const char *verb;   /* for messages */
    uint32_t from;      /* states that it is allowed in: 1 << HVK_DOMAIN_* */
    const char *unless; /* why it is refused in another one */
    int32_t state, reason;
    int32_t event, detail;
};

#define IN(state) (1u << HVK_DOMAIN_##state)
#define ACTIVE (IN(RUNNING) | IN(PAUSED) | IN(BLOCKED) | IN(PMSUSPENDED) | IN(CRASHED))

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

/* The machine, when the operation is allowed now and no injected error says otherwise. */
static struct machine *transition_begin(struct hvk_call *call, struct test_node *node,
                                        const struct hvk_domain *domain,
                                        const struct transition *transition)
{
    if (!inject(call, node->core, &node->injections, transition->method))
        return NULL;
    struct machine *machine = machine_find(call, node, domain);
    if (!machine)
        return NULL;
    if (transition->from & 1u << machine->state)
        return machine;
    hvk_error_set(&call->error, HVK_ERR_OPERATION_INVALID, "cannot %s domain '%s': %s",
                  transition->verb, machine_model(machine)->name, transition->unless);
    return NULL;
}

static bool transition_run(struct hvk_call *call, struct test_node *node,
                           const struct hvk_domain *domain, const struct transition *transition)
{
    struct machine *machine = transition_begin(call, node, domain, transition);
    if (!machine)
        return false;
    if (transition->state == HVK_DOMAIN_SHUTOFF)
        return machine_stop(call, machine, transition->reason, transition->detail);
    machine->state = transition->state;
    machine->reason = transition->reason;
    if (!machine_publish(call, machine))
        return false;
    machine_emit_lifecycle(machine, transition->event, transition->detail);
    return true;
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

/* What the configuration says should follow when the guest ends by itself. */
static bool follow(struct hvk_call *call, struct machine *machine, enum model_lifecycle action,
                   const struct transition *transition)
{
    if (action == MODEL_LIFECYCLE_DESTROY || action == MODEL_LIFECYCLE_UNSET)
        return machine_stop(call, machine, transition->reason, transition->detail);
    machine->state = HVK_DOMAIN_RUNNING;
    machine->reason = HVK_DOMAIN_RUNNING_BOOTED;
    return machine_publish(call, machine);
}

bool domain_shutdown(struct hvk_call *call, void *instance, const struct hvk_domain *domain,
                     uint32_t flags)
{
    (void)flags;
    struct machine *machine = transition_begin(call, instance, domain, &shutting_down);
    return machine && follow(call, machine, machine->live->on_poweroff, &shutting_down);
}

/* A guest here restarts in no time. */
static bool restart(struct hvk_call *call, struct test_node *node, const struct hvk_domain *domain,
                    const struct transition *transition)
{
    struct machine *machine = transition_begin(call, node, domain, transition);
    if (!machine)
        return false;
    if (machine->live->on_reboot == MODEL_LIFECYCLE_DESTROY)
        return machine_stop(call, machine, transition->reason, transition->detail);
    struct hvk_domain value = machine_value(machine);
    if (!machine_publish(call, machine))
        return false;
    node->core->emit(node->host, HVK_EVENT_DOMAIN_REBOOT, &value, NULL);
    return true;
}

bool domain_reboot(struct hvk_call *call, void *instance, const struct hvk_domain *domain,
                   uint32_t flags)
{
    static const struct transition rebooting = {
        "reboot", "reboot", IN(RUNNING), "it is not running",
        HVK_DOMAIN_SHUTOFF, HVK_DOMAIN_SHUTOFF_SHUTDOWN,
        HVK_DOMAIN_EVENT_STOPPED, HVK_DOMAIN_EVENT_STOPPED_SHUTDOWN,
    };
    (void)flags;
    return restart(call, instance, domain, &rebooting);
}

bool domain_reset(struct hvk_call *call, void *instance, const struct hvk_domain *domain,
                  uint32_t flags)
{
    static const struct transition resetting = {
        "reset", "reset", ACTIVE, "it is not running",
        HVK_DOMAIN_SHUTOFF, HVK_DOMAIN_SHUTOFF_SHUTDOWN,
        HVK_DOMAIN_EVENT_STOPPED, HVK_DOMAIN_EVENT_STOPPED_SHUTDOWN,
    };
    (void)flags;
    return restart(call, instance, domain, &resetting);
}

/* ---- starting ------------------------------------------------------------------------------- */

/* What start flags mean to a guest that keeps nothing and destroys with no connection. */
static bool flags_check(struct hvk_call *call, uint32_t flags)
{
    return !(flags & HVK_DOMAIN_START_AUTODESTROY) ||
           hvk_error_set(&call->error, HVK_ERR_ARGUMENT_UNSUPPORTED,
                         "the test driver does not tie a domain's life to a connection");
}

bool domain_create(struct hvk_call *call, void *instance, const struct hvk_domain *domain,
                   const int32_t *fds, uint64_t fds_count, uint32_t flags,
                   struct hvk_domain_sink *out_domain)
{
    struct test_node *node = instance;
    (void)fds;
    (void)fds_count;
    if (!flags_check(call, flags) || !inject(call, node->core, &node->injections, "create"))
        return false;
    struct machine *machine = machine_find(call, node, domain);
    if (!machine || !machine_need_inactive(call, machine, "start"))
        return false;
    bool restore = machine->saved && !(flags & HVK_DOMAIN_START_FORCE_BOOT);
    bool paused = flags & HVK_DOMAIN_START_PAUSED || (restore && machine->saved_paused);
    struct model_domain *live =
        model_domain_copy(restore ? machine->saved : machine->config, &call->error);
    if (!live)
        return false;
    auto_model_domain saved = TAKE(machine->saved);
    if (!machine_run(call, machine, live, paused,
                     restore ? HVK_DOMAIN_RUNNING_RESTORED : HVK_DOMAIN_RUNNING_BOOTED,
                     restore ? HVK_DOMAIN_EVENT_STARTED_RESTORED
                             : HVK_DOMAIN_EVENT_STARTED_BOOTED)) {
        machine->saved = TAKE(saved);
        return false;
    }
    struct hvk_domain value = machine_value(machine);
    return hvk_put_domain(out_domain, &value);
}

bool domain_create_xml(struct hvk_call *call, void *instance, const struct hvk_domain *identity,
                       const char *xml, const int32_t *fds, uint64_t fds_count, uint32_t flags,
                       struct hvk_domain_sink *out_domain)
{
    struct test_node *node = instance;
    (void)fds;
    (void)fds_count;
    if (!flags_check(call, flags) || !inject(call, node->core, &node->injections, "create_xml"))
        return false;
    struct machine *machine = node->core->object(node->host, HVK_OBJECT_DOMAIN, identity->uuid);
    if (machine && !machine_need_inactive(call, machine, "start"))
        return false;
    struct model_domain *live =
        domain_parse(call, identity, xml, flags & HVK_DOMAIN_START_VALIDATE);
    if (!live)
        return false;
    struct machine *added = NULL;
    if (!machine)
        machine = added = machine_new(node, identity->uuid, NULL, &call->error);
    if (!machine) {
        model_domain_free(live);
        return false;
    }
    if (!machine_run(call, machine, live, flags & HVK_DOMAIN_START_PAUSED,
                     HVK_DOMAIN_RUNNING_BOOTED, HVK_DOMAIN_EVENT_STARTED_BOOTED)) {
        machine_free(added);
        return false;
    }
    struct hvk_domain value = machine_value(machine);
    return hvk_put_domain(out_domain, &value);
}
