/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Features, CPU and clock. */
#include "model/tables.h"

static const struct model_row feature_rows[] = {
    ATTRIBUTE(feature, "state", state, ONOFF, .preset = "on"),
};
TYPE(feature);

static const struct model_row teardown_rows[] = {
    ATTRIBUTE(feature, "enabled", state, YESNO, .preset = "yes"),
};
TYPE_AS(teardown, feature);

static const struct model_row apic_rows[] = {ATTRIBUTE(apic, "eoi", eoi, ONOFF)};
TYPE(apic);

static const struct model_scale tseg_scale = {(uint64_t)1 << 20, 1024, (uint64_t)1 << 20, "MiB"};

static const struct model_row smm_rows[] = {
    ATTRIBUTE(smm, "state", state, ONOFF, .preset = "on"),
    LEAF(smm, "tseg", tseg, SIZE, .detail = &tseg_scale),
};
TYPE(smm);

static const struct model_number retries_range = {4095, UINT32_MAX, 0, false};

static const struct model_row hyperv_spinlocks_rows[] = {
    ATTRIBUTE(hyperv_spinlocks, "state", state, ONOFF, .flags = MODEL_ROW_REQUIRED),
    ATTRIBUTE(hyperv_spinlocks, "retries", retries, UINT, .detail = &retries_range),
};
TYPE(hyperv_spinlocks);

static const struct model_row hyperv_stimer_rows[] = {
    ATTRIBUTE(hyperv_stimer, "state", state, ONOFF, .flags = MODEL_ROW_REQUIRED),
    CHILD(hyperv_stimer, "direct", direct, feature),
};
TYPE(hyperv_stimer);

static const struct model_row hyperv_vendor_id_rows[] = {
    ATTRIBUTE(hyperv_vendor_id, "state", state, ONOFF, .flags = MODEL_ROW_REQUIRED),
    ATTRIBUTE(hyperv_vendor_id, "value", value, STRING),
};
TYPE(hyperv_vendor_id);

static const struct model_row hyperv_rows[] = {
    ATTRIBUTE_ENUM(hyperv, "mode", mode, hyperv_mode, .preset = "custom"),
    CHILD(hyperv, "relaxed", relaxed, feature),
    CHILD(hyperv, "vapic", vapic, feature),
    CHILD(hyperv, "spinlocks", spinlocks, hyperv_spinlocks),
    CHILD(hyperv, "vpindex", vpindex, feature),
    CHILD(hyperv, "runtime", runtime, feature),
    CHILD(hyperv, "synic", synic, feature),
    CHILD(hyperv, "stimer", stimer, hyperv_stimer),
    CHILD(hyperv, "reset", reset, feature),
    CHILD(hyperv, "vendor_id", vendor_id, hyperv_vendor_id),
    CHILD(hyperv, "frequencies", frequencies, feature),
    CHILD(hyperv, "reenlightenment", reenlightenment, feature),
    CHILD(hyperv, "tlbflush", tlbflush, feature),
    CHILD(hyperv, "ipi", ipi, feature),
    CHILD(hyperv, "evmcs", evmcs, feature),
    CHILD(hyperv, "avic", avic, feature),
    CHILD(hyperv, "emsr_bitmap", emsr_bitmap, feature),
    CHILD(hyperv, "xmm_input", xmm_input, feature),
};
TYPE(hyperv);

static const struct model_row dirty_ring_rows[] = {
    ATTRIBUTE(dirty_ring, "state", state, ONOFF, .preset = "on"),
    ATTRIBUTE(dirty_ring, "size", size, UINT),
};
TYPE(dirty_ring);

static const struct model_row kvm_rows[] = {
    CHILD(kvm, "hidden", hidden, feature),
    CHILD(kvm, "hint-dedicated", hint_dedicated, feature),
    CHILD(kvm, "poll-control", poll_control, feature),
    CHILD(kvm, "pv-ipi", pv_ipi, feature),
    CHILD(kvm, "dirty-ring", dirty_ring, dirty_ring),
};
TYPE(kvm);

static const struct model_row xen_passthrough_rows[] = {
    ATTRIBUTE(xen_passthrough, "state", state, ONOFF, .preset = "on"),
    ATTRIBUTE(xen_passthrough, "mode", mode, STRING),
};
TYPE(xen_passthrough);

static const struct model_row xen_rows[] = {
    CHILD(xen, "e820_host", e820_host, feature),
    CHILD(xen, "passthrough", passthrough, xen_passthrough),
};
TYPE(xen);

static const struct model_row tcg_rows[] = {
    LEAF(tcg, "tb-cache", tb_cache, SIZE, .detail = &model_scale_kib),
};
TYPE(tcg);

static const struct model_row gic_rows[] = {ATTRIBUTE_ENUM(gic, "version", version, gic_version)};
TYPE(gic);

static const struct model_row ioapic_rows[] = {
    ATTRIBUTE_ENUM(ioapic, "driver", driver, ioapic_driver, .flags = MODEL_ROW_REQUIRED),
};
TYPE(ioapic);

static const struct model_row features_rows[] = {
    FLAG(features, "acpi", acpi),
    CHILD(features, "apic", apic, apic),
    FLAG(features, "pae", pae),
    CHILD(features, "hap", hap, feature),
    FLAG(features, "viridian", viridian),
    FLAG(features, "privnet", privnet),
    CHILD(features, "hyperv", hyperv, hyperv),
    CHILD(features, "kvm", kvm, kvm),
    CHILD(features, "pvspinlock", pvspinlock, feature),
    CHILD(features, "pmu", pmu, feature),
    CHILD(features, "vmport", vmport, feature),
    CHILD(features, "gic", gic, gic),
    CHILD(features, "smm", smm, smm),
    CHILD(features, "ioapic", ioapic, ioapic),
    CHILD(features, "vmcoreinfo", vmcoreinfo, feature),
    CHILD(features, "htm", htm, feature),
    CHILD(features, "nested-hv", nested_hv, feature),
    CHILD(features, "ccf-assist", ccf_assist, feature),
    CHILD(features, "xen", xen, xen),
    CHILD(features, "tcg", tcg, tcg),
    CHILD(features, "async-teardown", async_teardown, teardown),
};
SHARED_TYPE(features, features);

static const struct model_row cpu_model_rows[] = {
    ATTRIBUTE_ENUM(cpu_model, "fallback", fallback, cpu_fallback, .preset = "allow"),
    ATTRIBUTE(cpu_model, "vendor_id", vendor_id, STRING),
    TEXT(cpu_model, name, STRING),
};
TYPE(cpu_model);

static const struct model_number from_one = {1, UINT32_MAX, 0, false};

static const struct model_row cpu_topology_rows[] = {
    ATTRIBUTE(cpu_topology, "sockets", sockets, UINT, .detail = &from_one,
              .flags = MODEL_ROW_REQUIRED),
    ATTRIBUTE(cpu_topology, "dies", dies, UINT, .detail = &from_one, .preset = "1"),
    ATTRIBUTE(cpu_topology, "clusters", clusters, UINT, .detail = &from_one),
    ATTRIBUTE(cpu_topology, "cores", cores, UINT, .detail = &from_one, .flags = MODEL_ROW_REQUIRED),
    ATTRIBUTE(cpu_topology, "threads", threads, UINT, .detail = &from_one,
              .flags = MODEL_ROW_REQUIRED),
};
TYPE(cpu_topology);

static const struct model_number cache_level = {1, 3, 0, false};

static const struct model_row cpu_cache_rows[] = {
    ATTRIBUTE(cpu_cache, "level", level, UINT, .detail = &cache_level),
    ATTRIBUTE_ENUM(cpu_cache, "mode", mode, cpu_cache_mode, .flags = MODEL_ROW_REQUIRED),
};
TYPE(cpu_cache);

static const struct model_row cpu_maxphysaddr_rows[] = {
    ATTRIBUTE_ENUM(cpu_maxphysaddr, "mode", mode, cpu_maxphysaddr_mode,
                   .flags = MODEL_ROW_REQUIRED),
    ATTRIBUTE(cpu_maxphysaddr, "bits", bits, UINT),
    ATTRIBUTE(cpu_maxphysaddr, "limit", limit, UINT),
};
TYPE(cpu_maxphysaddr);

static const struct model_row cpu_feature_rows[] = {
    ATTRIBUTE_ENUM(cpu_feature, "policy", policy, cpu_policy),
    ATTRIBUTE(cpu_feature, "name", name, STRING, .flags = MODEL_ROW_REQUIRED),
};
TYPE(cpu_feature);

static const struct model_number distance_range = {10, 255, 0, false};

static const struct model_row numa_distance_rows[] = {
    ATTRIBUTE(numa_distance, "id", id, UINT, .flags = MODEL_ROW_REQUIRED),
    ATTRIBUTE(numa_distance, "value", value, UINT, .detail = &distance_range,
              .flags = MODEL_ROW_REQUIRED),
};
TYPE(numa_distance);

static const struct model_row numa_distances_rows[] = {
    ITEMS(numa_distances, "sibling", siblings, numa_distance),
};
TYPE(numa_distances);

static const struct model_row numa_cell_rows[] = {
    ATTRIBUTE(numa_cell, "id", id, UINT),
    ATTRIBUTE(numa_cell, "cpus", cpus, SET),
    ATTRIBUTE(numa_cell, "memory", memory, SIZE, .detail = &model_scale_kib,
              .flags = MODEL_ROW_REQUIRED),
    UNIT(numa_cell, memory, .detail = &model_scale_kib),
    ATTRIBUTE_ENUM(numa_cell, "memAccess", access, memory_access),
    ATTRIBUTE(numa_cell, "discard", discard, YESNO),
    CHILD(numa_cell, "distances", distances, numa_distances),
};
TYPE(numa_cell);

static const struct model_row cpu_numa_rows[] = {ITEMS(cpu_numa, "cell", cells, numa_cell)};

/* A cell's place is its number where it says none. */
static bool numa_finish(struct model_arena *arena, void *base)
{
    struct model_cpu_numa *numa = base;
    (void)arena;
    for (uint32_t i = 0; i < numa->cells.count; i++) {
        if (!numa->cells.items[i]->id.set)
            numa->cells.items[i]->id = MODEL_UINT(i);
    }
    return true;
}

TYPE(cpu_numa, .finish = numa_finish);

/* A named model means mode='custom', and that exactly it is wanted. */
static bool cpu_finish(struct model_arena *arena, void *base)
{
    struct model_cpu *cpu = base;
    (void)arena;
    if (cpu->mode == MODEL_CPU_MODE_UNSET && cpu->model.name)
        cpu->mode = MODEL_CPU_CUSTOM;
    if (cpu->mode == MODEL_CPU_CUSTOM && cpu->match == MODEL_CPU_MATCH_UNSET)
        cpu->match = MODEL_CPU_MATCH_EXACT;
    for (uint32_t i = 0; i < cpu->features.count; i++) {
        if (cpu->features.items[i]->policy == MODEL_CPU_POLICY_UNSET)
            cpu->features.items[i]->policy = MODEL_CPU_POLICY_REQUIRE;
    }
    return true;
}

static const struct model_row cpu_rows[] = {
    ATTRIBUTE_ENUM(cpu, "mode", mode, cpu_mode),
    ATTRIBUTE_ENUM(cpu, "match", match, cpu_match),
    ATTRIBUTE_ENUM(cpu, "check", check, cpu_check),
    ATTRIBUTE(cpu, "migratable", migratable, ONOFF),
    CHILD(cpu, "model", model, cpu_model),
    LEAF(cpu, "vendor", vendor, STRING),
    CHILD(cpu, "topology", topology, cpu_topology),
    CHILD(cpu, "cache", cache, cpu_cache),
    CHILD(cpu, "maxphysaddr", maxphysaddr, cpu_maxphysaddr),
    ITEMS(cpu, "feature", features, cpu_feature),
    CHILD(cpu, "numa", numa, cpu_numa),
};
SHARED_TYPE(cpu, cpu, .finish = cpu_finish);

static const struct model_row timer_catchup_rows[] = {
    ATTRIBUTE(timer_catchup, "threshold", threshold, UINT),
    ATTRIBUTE(timer_catchup, "slew", slew, UINT),
    ATTRIBUTE(timer_catchup, "limit", limit, UINT),
};
TYPE(timer_catchup);

static const struct model_row timer_rows[] = {
    ATTRIBUTE_ENUM(timer, "name", name, timer_name, .flags = MODEL_ROW_REQUIRED),
    ATTRIBUTE(timer, "present", present, YESNO),
    ATTRIBUTE_ENUM(timer, "tickpolicy", tickpolicy, tickpolicy),
    ATTRIBUTE_ENUM(timer, "track", track, timer_track),
    ATTRIBUTE(timer, "frequency", frequency, UINT),
    ATTRIBUTE_ENUM(timer, "mode", mode, timer_mode),
    CHILD(timer, "catchup", catchup, timer_catchup),
};
TYPE(timer);

static const struct model_row clock_rows[] = {
    ATTRIBUTE_ENUM(clock, "offset", offset, clock_offset, .preset = "utc"),
    ATTRIBUTE(clock, "adjustment", adjustment, STRING),
    ATTRIBUTE_ENUM(clock, "basis", basis, clock_basis),
    ATTRIBUTE(clock, "timezone", timezone, STRING),
    ATTRIBUTE(clock, "start", start, UINT),
    ITEMS(clock, "timer", timers, timer),
};
SHARED_TYPE(clock, clock);
