/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* -cpu: the model, single features, and what Hyper-V and KVM guests are told. */
#include "command/machine.h"

#include <cpuid.h>

#define ELEMENT "cpu"

/* A <features> switch that is a property of the CPU. */
struct cpu_switch {
    const char *name;
    const char *path;
    size_t offset; /* of a struct model_feature in struct model_features */
    bool inverted; /* kvm.hidden is kvm=off */
};

#define SWITCH_OF(member, qemu, xml, invert)                                                       \
    {                                                                                              \
        .name = (qemu), .path = (xml), .offset = offsetof(struct model_features, member),          \
        .inverted = (invert)                                                                       \
    }

static const struct cpu_switch cpu_switches[] = {
    SWITCH_OF(pvspinlock, "kvm-pv-unhalt", "pvspinlock", false),
    SWITCH_OF(pmu, "pmu", "pmu", false),
    SWITCH_OF(hyperv.relaxed, "hv-relaxed", "hyperv/relaxed", false),
    SWITCH_OF(hyperv.vapic, "hv-vapic", "hyperv/vapic", false),
    SWITCH_OF(hyperv.vpindex, "hv-vpindex", "hyperv/vpindex", false),
    SWITCH_OF(hyperv.runtime, "hv-runtime", "hyperv/runtime", false),
    SWITCH_OF(hyperv.synic, "hv-synic", "hyperv/synic", false),
    SWITCH_OF(hyperv.stimer.direct, "hv-stimer-direct", "hyperv/stimer/direct", false),
    SWITCH_OF(hyperv.reset, "hv-reset", "hyperv/reset", false),
    SWITCH_OF(hyperv.frequencies, "hv-frequencies", "hyperv/frequencies", false),
    SWITCH_OF(hyperv.reenlightenment, "hv-reenlightenment", "hyperv/reenlightenment", false),
    SWITCH_OF(hyperv.tlbflush, "hv-tlbflush", "hyperv/tlbflush", false),
    SWITCH_OF(hyperv.ipi, "hv-ipi", "hyperv/ipi", false),
    SWITCH_OF(hyperv.evmcs, "hv-evmcs", "hyperv/evmcs", false),
    SWITCH_OF(hyperv.avic, "hv-avic", "hyperv/avic", false),
    SWITCH_OF(hyperv.emsr_bitmap, "hv-emsr-bitmap", "hyperv/emsr_bitmap", false),
    SWITCH_OF(hyperv.xmm_input, "hv-xmm-input", "hyperv/xmm_input", false),
    SWITCH_OF(kvm.hidden, "kvm", "kvm/hidden", true),
    SWITCH_OF(kvm.hint_dedicated, "kvm-hint-dedicated", "kvm/hint-dedicated", false),
    SWITCH_OF(kvm.poll_control, "kvm-poll-control", "kvm/poll-control", false),
    SWITCH_OF(kvm.pv_ipi, "kvm-pv-ipi", "kvm/pv-ipi", false),
};

/* ---- the model ---- */

static bool add_host(struct build *b, json_t *json)
{
    const struct model_cpu *cpu = &b->domain->cpu;
    if (b->domain->type != MODEL_VIRT_KVM)
        return build_refuse(b, &cpu->node, ELEMENT,
                            "mode host-passthrough needs KVM: use mode 'maximum' with type 'qemu'");
    json_put_string(json, "model", "host");
    json_put_onoff(json, "migratable", cpu->migratable);
    return true;
}

/* What a host model is under TCG: everything that the emulator can. */
static bool add_maximum(struct build *b, json_t *json)
{
    (void)b;
    json_put_string(json, "model", "max");
    return true;
}

static bool add_host_model(struct build *b, json_t *json)
{
    return b->domain->type == MODEL_VIRT_KVM ? add_host(b, json) : add_maximum(b, json);
}

/* What the machine has when nobody says: its QOM type without the suffix that every CPU has. */
static bool add_default(struct build *b, json_t *json)
{
    const struct caps_machine *machine = caps_find_machine(b->caps, b->domain->os.type.machine);
    const char *type = machine && machine->default_cpu ? machine->default_cpu : "qemu64";
    auto_free char *suffix = string_format("-%s-cpu", caps_get_arch(b->caps));
    const char *end = suffix ? strstr(type, suffix) : NULL;
    auto_free char *name = end ? strndup(type, (size_t)(end - type)) : strdup(type);
    if (!suffix || !name)
        return hvk_error_memory(b->err);
    json_put_string(json, "model", name);
    return true;
}

static bool add_custom(struct build *b, json_t *json)
{
    const struct model_cpu *cpu = &b->domain->cpu;
    const char *name = cpu->model.name;
    if (!name)
        return add_default(b, json);
    const struct caps_cpu *known = caps_find_cpu(b->caps, name);
    if (!known)
        return build_refuse(b, &cpu->model.node, "cpu/model", "%s has no CPU model '%s'",
                            caps_get_path(b->caps), name);
    if (cpu->match == MODEL_CPU_MATCH_MINIMUM || cpu->match == MODEL_CPU_MATCH_STRICT)
        return build_refuse(b, &cpu->node, "cpu/@match", "only match 'exact' is supported");
    if (b->domain->type == MODEL_VIRT_KVM && cpu->model.fallback == MODEL_CPU_FALLBACK_FORBID &&
        caps_has_kvm(b->caps) && !known->usable)
        return build_refuse(b, &cpu->model.node, "cpu/model",
                            "this host lacks features of the CPU model '%s': %s", name,
                            known->blockers);
    json_put_string(json, "model", name);
    return true;
}

static bool add_model(struct build *b, json_t *json)
{
    switch (b->domain->cpu.mode) {
    case MODEL_CPU_HOST_PASSTHROUGH:
        return add_host(b, json);
    case MODEL_CPU_HOST_MODEL:
        return add_host_model(b, json);
    case MODEL_CPU_MAXIMUM:
        return add_maximum(b, json);
    case MODEL_CPU_CUSTOM:
    case MODEL_CPU_MODE_UNSET:
        break;
    }
    return add_custom(b, json);
}

/* ---- features ---- */

static bool add_features(struct build *b, json_t *json)
{
    MODEL_FOR_EACH(&b->domain->cpu.features, struct model_cpu_feature, feature)
    {
        bool off = feature->policy == MODEL_CPU_POLICY_DISABLE ||
                   feature->policy == MODEL_CPU_POLICY_FORBID;
        if (!feature->name || strpbrk(feature->name, ",= "))
            return build_refuse(b, &feature->node, "cpu/feature",
                                "'%s' is no name of a CPU feature",
                                feature->name ? feature->name : "");
        json_put_onoff(json, feature->name, off ? MODEL_SWITCH_OFF : MODEL_SWITCH_ON);
    }
    return true;
}

static bool is_hyperv_on(const struct model_features *features, size_t offset)
{
    return ((const struct model_feature *)(const void *)((const char *)features + offset))->state ==
           MODEL_SWITCH_ON;
}

/* A property of KVM alone must not be dropped under TCG without a word. */
static bool need_kvm(struct build *b, const struct model_node *node, const char *path)
{
    return b->domain->type == MODEL_VIRT_KVM || build_refuse(b, node, path, "it needs type='kvm'");
}

static bool add_switches(struct build *b, json_t *json)
{
    const struct model_features *features = &b->domain->features;
    for (size_t i = 0; i < ARRAY_SIZE(cpu_switches); i++) {
        const struct cpu_switch *row = &cpu_switches[i];
        const struct model_feature *feature = (const void *)((const char *)features + row->offset);
        if (!feature->state)
            continue;
        bool on = is_hyperv_on(features, row->offset);
        auto_free char *path = string_format("features/%s", row->path);
        if (!path)
            return hvk_error_memory(b->err);
        if (on && strcmp(row->name, "pmu") != 0 && !need_kvm(b, &feature->node, path))
            return false;
        if (!row->inverted || on)
            json_put_onoff(json, row->name,
                           on != row->inverted ? MODEL_SWITCH_ON : MODEL_SWITCH_OFF);
    }
    return true;
}

/* The Hyper-V features that are more than a switch. */
static bool add_hyperv(struct build *b, json_t *json)
{
    const struct model_hyperv *hyperv = &b->domain->features.hyperv;
    if (b->domain->features.viridian || hyperv->mode == MODEL_HYPERV_PASSTHROUGH) {
        if (!need_kvm(b, &hyperv->node, "features/hyperv"))
            return false;
        json_put_onoff(json,
                       hyperv->mode == MODEL_HYPERV_PASSTHROUGH ? "hv-passthrough" : "hv-relaxed",
                       MODEL_SWITCH_ON);
    }
    if (hyperv->spinlocks.state == MODEL_SWITCH_ON) {
        uint64_t retries = hyperv->spinlocks.retries.set ? hyperv->spinlocks.retries.value : 0x1fff;
        if (!need_kvm(b, &hyperv->spinlocks.node, "features/hyperv/spinlocks"))
            return false;
        json_object_set_new(json, "hv-spinlocks", json_integer((json_int_t)retries));
    }
    if (hyperv->stimer.state == MODEL_SWITCH_ON)
        json_put_onoff(json, "hv-stimer", MODEL_SWITCH_ON);
    if (hyperv->vendor_id.state == MODEL_SWITCH_ON)
        json_put_string(json, "hv-vendor-id", hyperv->vendor_id.value);
    return (!json_object_get(json, "hv-stimer") && !json_object_get(json, "hv-vendor-id")) ||
           need_kvm(b, &hyperv->node, "features/hyperv");
}

/* Clocks that are CPUID bits. */
static bool add_timers(struct build *b, json_t *json)
{
    MODEL_FOR_EACH(&b->domain->clock.timers, struct model_timer, timer)
    {
        if (timer->name == MODEL_TIMER_KVMCLOCK)
            json_put_onoff(json, "kvmclock", timer->present);
        if (timer->name == MODEL_TIMER_HYPERVCLOCK && timer->present == MODEL_SWITCH_ON) {
            if (!need_kvm(b, &timer->node, "clock/timer"))
                return false;
            json_put_onoff(json, "hv-time", MODEL_SWITCH_ON);
        }
        if (timer->name == MODEL_TIMER_TSC && timer->frequency.set)
            json_put_uint(json, "tsc-frequency", timer->frequency);
    }
    MODEL_FOR_EACH(&b->domain->devices.panics, struct model_panic, panic)
    if (string_equal(panic->model, "hyperv")) {
        if (!need_kvm(b, &panic->device.node, "devices/panic"))
            return false;
        json_put_onoff(json, "hv-crash", MODEL_SWITCH_ON);
    }
    return true;
}

static bool add_caches(struct build *b, json_t *json)
{
    const struct model_cpu *cpu = &b->domain->cpu;
    switch (cpu->cache.mode) {
    case MODEL_CPU_CACHE_PASSTHROUGH:
        if (cpu->cache.level.set || cpu->mode != MODEL_CPU_HOST_PASSTHROUGH)
            return build_refuse(
                b, &cpu->cache.node, "cpu/cache",
                "mode passthrough takes no level and needs CPU mode host-passthrough");
        json_put_onoff(json, "host-cache-info", MODEL_SWITCH_ON);
        json_put_onoff(json, "l3-cache", MODEL_SWITCH_OFF);
        break;
    case MODEL_CPU_CACHE_EMULATE:
        if (cpu->cache.level.set && cpu->cache.level.value != 3)
            return build_refuse(b, &cpu->cache.node, "cpu/cache", "only level 3 can be emulated");
        json_put_onoff(json, "l3-cache", MODEL_SWITCH_ON);
        json_put_onoff(json, "host-cache-info", MODEL_SWITCH_OFF);
        break;
    case MODEL_CPU_CACHE_DISABLE:
        json_put_onoff(json, "l3-cache", MODEL_SWITCH_OFF);
        json_put_onoff(json, "host-cache-info", MODEL_SWITCH_OFF);
        break;
    case MODEL_CPU_CACHE_UNSET:
        break;
    }
    return true;
}

static bool add_address_width(struct build *b, json_t *json)
{
    const struct model_cpu_maxphysaddr *width = &b->domain->cpu.maxphysaddr;
    if (width->mode == MODEL_CPU_MAXPHYSADDR_EMULATE)
        json_put_uint(json, "phys-bits", width->bits);
    if (width->mode == MODEL_CPU_MAXPHYSADDR_PASSTHROUGH) {
        if (!need_kvm(b, &width->node, "cpu/maxphysaddr"))
            return false;
        json_put_onoff(json, "host-phys-bits", MODEL_SWITCH_ON);
        json_put_uint(json, "host-phys-bits-limit", width->limit);
    }
    return true;
}

static void add_apic(struct build *b, json_t *json)
{
    if (b->domain->features.apic.eoi)
        json_put_onoff(json, "kvm-pv-eoi", b->domain->features.apic.eoi);
    if (b->domain->cpu.check == MODEL_CPU_CHECK_FULL)
        json_put_onoff(json, "enforce", MODEL_SWITCH_ON);
    json_put_string(json, "vendor", b->domain->cpu.model.vendor_id);
}

/* <vendor> says whose processors may run the guest; under TCG all can. */
static bool check_vendor(struct build *b)
{
    static const struct {
        const char *vendor;
        const char *id;
    } vendors[] = {{"Intel", "GenuineIntel"}, {"AMD", "AuthenticAMD"}, {"Hygon", "HygonGenuine"}};
    const char *wanted = b->domain->cpu.vendor;
    uint32_t leaf, id[4] = {0};
    if (!wanted || b->domain->type != MODEL_VIRT_KVM)
        return true;
    __get_cpuid(0, &leaf, &id[0], &id[2], &id[1]);
    for (size_t i = 0; i < ARRAY_SIZE(vendors); i++)
        if (strcmp(vendors[i].vendor, wanted) == 0 && memcmp(vendors[i].id, id, 12) == 0)
            return true;
    return build_refuse(b, &b->domain->cpu.node, "cpu/vendor",
                        "this host's processor is not of vendor '%s'", wanted);
}

bool cpu_build(struct build *b)
{
    json_t *json = json_object();
    if (json && check_vendor(b) && add_model(b, json) && add_features(b, json) &&
        add_timers(b, json) && add_switches(b, json) && add_hyperv(b, json) &&
        add_caches(b, json) && add_address_width(b, json)) {
        add_apic(b, json);
        return build_option_keyval(b, "-cpu", "model", json);
    }
    json_decref(json);
    return json ? false : hvk_error_memory(b->err);
}
