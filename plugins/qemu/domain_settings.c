/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Memory, vCPUs, metadata, actions: what can be changed of a domain. */
#include <string.h>

#include <base/string.h>
#include <model/domain-xml.h>

#include "affect.h"
#include "domain.h"
#include "machine.h"
#include "vcpus.h"

/* ---- memory --------------------------------------------------------------------------------- */

struct memory_change {
    uint64_t kib;
    bool maximum;
};

static bool change_memory(struct model_domain *config, void *user, struct hvk_error *err)
{
    const struct memory_change *change = user;
    if (!change->maximum && change->kib > config->memory.kib)
        return hvk_error_set(err, HVK_ERR_INVALID_ARG,
                             "%llu KiB is more than the %llu KiB that the domain '%s' may have: "
                             "the flag MAXIMUM changes that",
                             (unsigned long long)change->kib,
                             (unsigned long long)config->memory.kib, config->name);
    if (change->maximum) {
        config->memory.kib = change->kib;
        if (config->current_memory.kib > change->kib)
            config->current_memory.kib = change->kib;
        return true;
    }
    config->current_memory.node.present = true;
    config->current_memory.kib = change->kib;
    return true;
}

static bool inflate(struct hvk_call *call, struct machine *machine, uint64_t kib)
{
    if (!machine_has_balloon(machine))
        return hvk_error_set(&call->error, HVK_ERR_OPERATION_INVALID,
                             "the domain '%s' has no memory balloon, so its memory cannot change "
                             "while it runs",
                             machine->name);
    if (kib > machine->live->memory.kib)
        return hvk_error_set(&call->error, HVK_ERR_INVALID_ARG,
                             "%llu KiB is more than the %llu KiB that the domain '%s' has",
                             (unsigned long long)kib, (unsigned long long)machine->live->memory.kib,
                             machine->name);
    return machine_command(call, machine, "balloon",
                           json_pack("{s:I}", "value", (json_int_t)kib * 1024), NULL);
}

bool domain_set_memory(DOMAIN_ARGS, uint64_t memory_kib, uint32_t flags)
{
    struct affect affect;
    struct memory_change change = {.kib = memory_kib, .maximum = flags & HVK_DOMAIN_MEM_MAXIMUM};
    auto_machine struct machine *machine = machine_find(call, instance, domain);
    if (!machine || !affect_resolve(call, machine, flags, &affect))
        return false;
    if (affect.live && change.maximum)
        return hvk_error_set(&call->error, HVK_ERR_OPERATION_INVALID,
                             "the most that the domain '%s' may have cannot change while it runs: "
                             "use the flag CONFIG",
                             machine->name);
    if (affect.live && !inflate(call, machine, memory_kib))
        return false;
    return !affect.config || affect_config(call, machine, change_memory, &change);
}

static struct model_memballoon *find_balloon(const struct model_domain *domain)
{
    MODEL_FOR_EACH(&domain->devices.memballoons, struct model_memballoon, balloon)
    if (!string_equal(balloon->model, "none"))
        return balloon;
    return NULL;
}

static bool change_period(struct model_domain *config, void *user, struct hvk_error *err)
{
    struct model_memballoon *balloon = find_balloon(config);
    if (!balloon)
        return hvk_error_set(err, HVK_ERR_OPERATION_INVALID,
                             "the domain '%s' has no memory balloon, which would report",
                             config->name);
    balloon->stats_node.present = true;
    balloon->stats_period = MODEL_UINT((uint64_t) * (const int32_t *)user);
    return true;
}

static bool apply_period(struct hvk_call *call, struct machine *machine, int32_t period_s)
{
    const struct model_memballoon *balloon = find_balloon(machine->live);
    if (!balloon)
        return change_period(machine->live, &period_s, &call->error); /* says why not */
    auto_free char *path = string_format("/machine/peripheral/%s", balloon->device.alias.name);
    if (!path)
        return hvk_error_memory(&call->error);
    json_t *arguments = json_pack("{s:s, s:s, s:i}", "path", path, "property",
                                  "guest-stats-polling-interval", "value", period_s);
    return machine_command(call, machine, "qom-set", arguments, NULL) &&
           change_period(machine->live, &period_s, &call->error) &&
           status_write(machine, &call->error);
}

bool domain_set_memory_stats_period(DOMAIN_ARGS, int32_t period_s, uint32_t flags)
{
    struct affect affect;
    auto_machine struct machine *machine = machine_find(call, instance, domain);
    if (!machine || !affect_resolve(call, machine, flags, &affect))
        return false;
    if (affect.live && !apply_period(call, machine, period_s))
        return false;
    return !affect.config || affect_config(call, machine, change_period, &period_s);
}

/* ---- vCPUs ---------------------------------------------------------------------------------- */

struct vcpu_change {
    uint32_t count;
    bool maximum;
};

static bool change_vcpus(struct model_domain *config, void *user, struct hvk_error *err)
{
    const struct vcpu_change *change = user;
    struct model_vcpu_total *vcpu = &config->vcpu;
    if (!change->maximum && change->count > vcpu->maximum)
        return hvk_error_set(err, HVK_ERR_INVALID_ARG,
                             "%u vCPUs are more than the %u that the domain '%s' may have: the "
                             "flag MAXIMUM changes that",
                             change->count, vcpu->maximum, config->name);
    config->vcpus.items.count = 0; /* who is plugged is chosen anew */
    config->vcpus.node.present = false;
    if (!change->maximum) {
        vcpu->current =
            change->count == vcpu->maximum ? (struct model_uint){0} : MODEL_UINT(change->count);
        return true;
    }
    vcpu->maximum = change->count;
    if (vcpu->current.set && vcpu->current.value >= change->count)
        vcpu->current = (struct model_uint){0};
    return true;
}

bool domain_set_vcpus(DOMAIN_ARGS, uint32_t vcpus, uint32_t flags)
{
    struct affect affect;
    struct vcpu_change change = {.count = vcpus, .maximum = flags & HVK_DOMAIN_VCPU_MAXIMUM};
    auto_machine struct machine *machine = machine_find(call, instance, domain);
    if (!machine || !affect_resolve(call, machine, flags, &affect))
        return false;
    if (flags & HVK_DOMAIN_VCPU_GUEST)
        return hvk_error_set(&call->error, HVK_ERR_ARGUMENT_UNSUPPORTED,
                             "vCPUs are plugged from the host only");
    if (affect.live && change.maximum)
        return hvk_error_set(&call->error, HVK_ERR_OPERATION_INVALID,
                             "the most that the domain '%s' may have cannot change while it runs: "
                             "use the flag CONFIG",
                             machine->name);
    if (affect.live && !vcpus_plug(call, machine, vcpus))
        return false;
    return !affect.config || affect_config(call, machine, change_vcpus, &change);
}

bool domain_get_vcpus_count(DOMAIN_ARGS, uint32_t flags, int32_t *out_vcpus)
{
    struct affect affect;
    auto_machine struct machine *machine = machine_find(call, instance, domain);
    if (!machine || !affect_resolve(call, machine, flags, &affect))
        return false;
    if (affect.live && affect.config)
        return hvk_error_set(&call->error, HVK_ERR_INVALID_ARG,
                             "one number is of what runs or of what is stored, not of both");
    const struct model_vcpu_total *vcpu = &(affect.live ? machine->live : machine->config)->vcpu;
    bool all = flags & HVK_DOMAIN_VCPU_MAXIMUM || !vcpu->current.set;
    *out_vcpus = (int32_t)(all ? vcpu->maximum : vcpu->current.value);
    return true;
}

/* ---- metadata ------------------------------------------------------------------------------- */

struct metadata_change {
    int32_t type;
    const char *text;
    const char *key;
    const char *uri;
};

static bool set_text(struct model_domain *config, const char **member, const char *text,
                     struct hvk_error *err)
{
    *member = text && text[0] ? model_domain_string(config, text) : NULL;
    if (!*member && text && text[0])
        return hvk_error_memory(err);
    return model_domain_check(config, err);
}

static bool change_metadata(struct model_domain *config, void *user, struct hvk_error *err)
{
    const struct metadata_change *change = user;
    switch ((enum hvk_domain_metadata_type)change->type) {
    case HVK_DOMAIN_METADATA_TITLE:
        if (change->text && strchr(change->text, '\n'))
            return hvk_error_set(err, HVK_ERR_INVALID_ARG, "a title is one line");
        return set_text(config, &config->title, change->text, err);
    case HVK_DOMAIN_METADATA_DESCRIPTION:
        return set_text(config, &config->description, change->text, err);
    case HVK_DOMAIN_METADATA_ELEMENT:
        if (!change->uri || (change->text && !change->key))
            return hvk_error_set(err, HVK_ERR_INVALID_ARG,
                                 "an element needs a namespace and, to set it, a prefix");
        return model_metadata_set(config, change->uri, change->key, change->text, err);
    }
    return hvk_error_set(err, HVK_ERR_INVALID_ARG, "there is no metadata of type %d", change->type);
}

static void tell_metadata(struct machine *machine, int32_t type, const char *uri)
{
    struct hvk_domain value = machine_value(machine);
    struct hvk_event_domain_metadata_change payload = {
        .size = sizeof payload, .type = type, .uri = uri};
    machine->node->core->emit(machine->node->handle, HVK_EVENT_DOMAIN_METADATA_CHANGE, &value,
                              &payload);
}

bool domain_set_metadata(DOMAIN_ARGS, int32_t type, const char *metadata, const char *key,
                         const char *uri, uint32_t flags)
{
    struct affect affect;
    struct metadata_change change = {.type = type, .text = metadata, .key = key, .uri = uri};
    auto_machine struct machine *machine = machine_find(call, instance, domain);
    if (!machine || !affect_resolve(call, machine, flags, &affect))
        return false;
    if (affect.live && (!change_metadata(machine->live, &change, &call->error) ||
                        !status_write(machine, &call->error) || !machine_publish(call, machine)))
        return false;
    if (affect.config && !affect_config(call, machine, change_metadata, &change))
        return false;
    tell_metadata(machine, type, uri);
    return true;
}

bool domain_get_metadata(DOMAIN_ARGS, int32_t type, const char *uri, uint32_t flags,
                         struct hvk_string_sink *out)
{
    struct affect affect;
    auto_machine struct machine *machine = machine_find(call, instance, domain);
    if (!machine || !affect_resolve(call, machine, flags, &affect))
        return false;
    const struct model_domain *source = affect.live ? machine->live : machine->config;
    const struct model_raw *element =
        type == HVK_DOMAIN_METADATA_ELEMENT && uri ? model_metadata_find(source, uri) : NULL;
    const char *text = type == HVK_DOMAIN_METADATA_TITLE         ? source->title
                       : type == HVK_DOMAIN_METADATA_DESCRIPTION ? source->description
                       : element                                 ? element->xml
                                                                 : NULL;
    if (text)
        return hvk_put_string(out, text);
    return hvk_error_set(&call->error, HVK_ERR_NO_DOMAIN_METADATA,
                         "the domain '%s' has no such metadata", machine->name);
}

/* ---- actions and messages ------------------------------------------------------------------- */

static const enum model_lifecycle lifecycle_words[] = {
    [HVK_DOMAIN_LIFECYCLE_ACTION_DESTROY] = MODEL_LIFECYCLE_DESTROY,
    [HVK_DOMAIN_LIFECYCLE_ACTION_RESTART] = MODEL_LIFECYCLE_RESTART,
    [HVK_DOMAIN_LIFECYCLE_ACTION_RESTART_RENAME] = MODEL_LIFECYCLE_RESTART_RENAME,
    [HVK_DOMAIN_LIFECYCLE_ACTION_PRESERVE] = MODEL_LIFECYCLE_PRESERVE,
    [HVK_DOMAIN_LIFECYCLE_ACTION_COREDUMP_DESTROY] = MODEL_LIFECYCLE_COREDUMP_DESTROY,
    [HVK_DOMAIN_LIFECYCLE_ACTION_COREDUMP_RESTART] = MODEL_LIFECYCLE_COREDUMP_RESTART,
};

struct lifecycle_change {
    uint32_t type;
    enum model_lifecycle action;
};

static bool change_lifecycle(struct model_domain *config, void *user, struct hvk_error *err)
{
    (void)err;
    const struct lifecycle_change *change = user;
    enum model_lifecycle *places[] = {
        [HVK_DOMAIN_LIFECYCLE_POWEROFF] = &config->on_poweroff,
        [HVK_DOMAIN_LIFECYCLE_REBOOT] = &config->on_reboot,
        [HVK_DOMAIN_LIFECYCLE_CRASH] = &config->on_crash,
    };
    *places[change->type] = change->action;
    return true;
}

/* What QEMU does by itself was said at its start; set-action changes it. */
static bool apply_lifecycle(struct hvk_call *call, struct machine *machine,
                            const struct lifecycle_change *change)
{
    bool destroy = change->action == MODEL_LIFECYCLE_DESTROY;
    const char *members[] = {[HVK_DOMAIN_LIFECYCLE_POWEROFF] = "shutdown",
                             [HVK_DOMAIN_LIFECYCLE_REBOOT] = "reboot",
                             [HVK_DOMAIN_LIFECYCLE_CRASH] = "panic"};
    const char *actions[] = {[HVK_DOMAIN_LIFECYCLE_POWEROFF] = destroy ? "poweroff" : "pause",
                             [HVK_DOMAIN_LIFECYCLE_REBOOT] = destroy ? "shutdown" : "reset",
                             [HVK_DOMAIN_LIFECYCLE_CRASH] = destroy ? "shutdown" : "pause"};
    return machine_command(call, machine, "set-action",
                           json_pack("{s:s}", members[change->type], actions[change->type]), NULL);
}

bool domain_set_lifecycle_action(DOMAIN_ARGS, uint32_t type, uint32_t action, uint32_t flags)
{
    struct affect affect;
    auto_machine struct machine *machine = machine_find(call, instance, domain);
    if (!machine || !affect_resolve(call, machine, flags, &affect))
        return false;
    if (type > HVK_DOMAIN_LIFECYCLE_CRASH || action >= ARRAY_SIZE(lifecycle_words))
        return hvk_error_set(&call->error, HVK_ERR_INVALID_ARG,
                             "there is no action %u for what happens as %u", action, type);
    struct lifecycle_change change = {.type = type, .action = lifecycle_words[action]};
    if (affect.live && (!apply_lifecycle(call, machine, &change) ||
                        !change_lifecycle(machine->live, &change, &call->error) ||
                        !status_write(machine, &call->error)))
        return false;
    return !affect.config || affect_config(call, machine, change_lifecycle, &change);
}

bool domain_get_messages(DOMAIN_ARGS, uint32_t flags, struct hvk_string_sink *out)
{
    auto_machine struct machine *machine = machine_find(call, instance, domain);
    if (!machine)
        return false;
    bool tainting = !flags || flags & HVK_DOMAIN_MESSAGE_TAINTING;
    bool deprecation = !flags || flags & HVK_DOMAIN_MESSAGE_DEPRECATION;
    const struct model_domain *source = machine_current(machine);
    if (tainting && machine->trouble && !hvk_put_string(out, machine->trouble))
        return false;
    if (tainting && source->qemu_commandline.args.count > 0 &&
        !hvk_put_string(out, "tainted: custom arguments are handed to QEMU"))
        return false;
    const struct caps_machine *type =
        machine->run && machine->run->caps
            ? caps_find_machine(machine->run->caps, source->os.type.machine)
            : NULL;
    return !deprecation || !type || !type->deprecated ||
           hvk_put_string(out, "deprecated configuration: the machine type goes away in a later "
                               "QEMU");
}
