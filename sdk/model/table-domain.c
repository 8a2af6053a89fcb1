/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The domain itself, and the list of its devices. */
#include "model/tables.h"

static const struct model_namespace qemu_namespace = {"qemu",
                                                      "http://libvirt.org/schemas/domain/qemu/1.0"};
static const struct model_namespace test_namespace = {"test",
                                                      "http://libvirt.org/schemas/domain/test/1.0"};

static const struct model_row genid_rows[] = {
    PRESENCE(domain, genid_wanted),
    TEXT(domain, genid, UUID),
};
FLAT_TYPE(genid, domain, genid_node);

static const struct model_row pm_state_rows[] = {ATTRIBUTE(pm_state, "enabled", enabled, YESNO)};
TYPE(pm_state);

static const struct model_row pm_rows[] = {
    CHILD(pm, "suspend-to-mem", suspend_to_mem, pm_state),
    CHILD(pm, "suspend-to-disk", suspend_to_disk, pm_state),
};
TYPE(pm);

static const struct model_row perf_event_rows[] = {
    ATTRIBUTE(perf_event, "name", name, STRING, .flags = MODEL_ROW_REQUIRED),
    ATTRIBUTE(perf_event, "enabled", enabled, YESNO, .flags = MODEL_ROW_REQUIRED),
};
TYPE(perf_event);

static const struct model_row perf_rows[] = {ITEMS(perf, "event", events, perf_event)};
TYPE(perf);

static const struct model_row devices_rows[] = {
    LEAF(devices, "emulator", emulator, STRING),
    ITEMS(devices, "disk", disks, disk),
    ITEMS(devices, "controller", controllers, controller),
    ITEMS(devices, "lease", leases, lease),
    ITEMS(devices, "filesystem", filesystems, filesystem),
    ITEMS(devices, "interface", interfaces, interface),
    ITEMS(devices, "smartcard", smartcards, smartcard),
    ITEMS(devices, "serial", serials, serial),
    ITEMS(devices, "parallel", parallels, parallel),
    ITEMS(devices, "console", consoles, console),
    ITEMS(devices, "channel", channels, channel),
    ITEMS(devices, "input", inputs, input),
    ITEMS(devices, "tpm", tpms, tpm),
    ITEMS(devices, "graphics", graphics, graphics),
    ITEMS(devices, "sound", sounds, sound),
    ITEMS(devices, "audio", audios, audio_device),
    ITEMS(devices, "video", videos, video),
    ITEMS(devices, "hostdev", hostdevs, hostdev),
    ITEMS(devices, "redirdev", redirdevs, redirdev),
    ITEMS(devices, "redirfilter", redirfilters, redirfilter),
    ITEMS(devices, "hub", hubs, hub),
    ITEMS(devices, "watchdog", watchdogs, watchdog),
    ITEMS(devices, "memballoon", memballoons, memballoon),
    ITEMS(devices, "rng", rngs, rng),
    ITEMS(devices, "shmem", shmems, shmem),
    ITEMS(devices, "memory", memories, memory_device),
    ITEMS(devices, "panic", panics, panic),
    ITEMS(devices, "iommu", iommus, iommu),
    ITEMS(devices, "vsock", vsocks, vsock),
    ITEMS(devices, "crypto", cryptos, crypto),
};
SHARED_TYPE(devices, devices);

static const struct model_row keywrap_cipher_rows[] = {
    ATTRIBUTE(keywrap_cipher, "name", name, STRING, .flags = MODEL_ROW_REQUIRED),
    ATTRIBUTE(keywrap_cipher, "state", state, ONOFF, .flags = MODEL_ROW_REQUIRED),
};
TYPE(keywrap_cipher);

static const struct model_row keywrap_rows[] = {ITEMS(keywrap, "cipher", ciphers, keywrap_cipher)};
TYPE(keywrap);

static const struct model_number policy_hex = {0, UINT32_MAX, 4, false};

static const struct model_row launch_security_rows[] = {
    ATTRIBUTE_ENUM(launch_security, "type", type, launch_security_type,
                   .flags = MODEL_ROW_REQUIRED),
    ATTRIBUTE(launch_security, "kernelHashes", kernel_hashes, YESNO),
    LEAF(launch_security, "cbitpos", cbitpos, UINT),
    LEAF(launch_security, "reducedPhysBits", reduced_phys_bits, UINT),
    LEAF(launch_security, "policy", policy, UINT, .detail = &policy_hex),
    LEAF(launch_security, "dhCert", dh_cert, STRING),
    LEAF(launch_security, "session", session, STRING),
};
TYPE(launch_security);

static const struct model_row qemu_arg_rows[] = {
    ATTRIBUTE(qemu_arg, "value", value, STRING, .flags = MODEL_ROW_REQUIRED),
};
TYPE(qemu_arg);

static const struct model_row qemu_env_rows[] = {
    ATTRIBUTE(env, "name", name, STRING, .flags = MODEL_ROW_REQUIRED),
    ATTRIBUTE(env, "value", value, STRING),
};
TYPE_AS(qemu_env, env);

static const struct model_row qemu_commandline_rows[] = {
    ITEMS(qemu_commandline, "arg", args, qemu_arg, .ns = &qemu_namespace),
    ITEMS(qemu_commandline, "env", envs, qemu_env, .ns = &qemu_namespace),
};
TYPE(qemu_commandline);

static const struct model_row qemu_capability_rows[] = {
    ATTRIBUTE(qemu_capability, "capability", name, STRING, .flags = MODEL_ROW_REQUIRED),
};
TYPE(qemu_capability);

static const struct model_row qemu_capabilities_rows[] = {
    ITEMS(qemu_capabilities, "add", add, qemu_capability, .ns = &qemu_namespace),
    ITEMS(qemu_capabilities, "del", del, qemu_capability, .ns = &qemu_namespace),
};
TYPE(qemu_capabilities);

/* What every domain has, said or not. */
static bool domain_finish(struct model_arena *arena, void *base)
{
    struct model_domain *domain = base;
    (void)arena;
    if (!domain->current_memory.node.present) {
        domain->current_memory.node.present = domain->memory.node.present;
        domain->current_memory.kib = domain->memory.kib;
    }
    if (domain->vcpu.maximum == 0) {
        domain->vcpu.maximum = 1;
        domain->vcpu.placement = MODEL_PLACEMENT_STATIC;
    }
    domain->vcpu.node.present = true;
    domain->clock.node.present = true;
    if (domain->clock.offset == MODEL_CLOCK_UNSET)
        domain->clock.offset = MODEL_CLOCK_UTC;
    domain->devices.node.present = true;
    return true;
}

/* Numbers of libvirt's virDomainState. */
static const struct model_number domain_state = {.min = 1, .max = 7};
static const struct model_number zero_or_one = {.max = 1};

static const struct model_row domain_rows[] = {
    ATTRIBUTE_ENUM(domain, "type", type, virt, .flags = MODEL_ROW_REQUIRED),
    ATTRIBUTE(domain, "id", id, UINT, .flags = MODEL_ROW_LIVE),
    LEAF(domain, "name", name, STRING, .flags = MODEL_ROW_REQUIRED),
    LEAF(domain, "uuid", uuid, UUID),
    CHILD_FLAT("genid", genid),
    LEAF(domain, "title", title, STRING),
    LEAF(domain, "description", description, STRING),
    CHILD(domain, "metadata", metadata, metadata),
    CHILD(domain, "maxMemory", max_memory, max_memory),
    CHILD(domain, "memory", memory, memory),
    CHILD(domain, "currentMemory", current_memory, current_memory),
    CHILD(domain, "blkiotune", blkiotune, blkiotune),
    CHILD(domain, "memtune", memtune, memtune),
    CHILD(domain, "memoryBacking", memory_backing, memory_backing),
    CHILD(domain, "vcpu", vcpu, vcpu_total),
    CHILD(domain, "vcpus", vcpus, vcpus),
    LEAF(domain, "iothreads", iothreads, UINT),
    CHILD(domain, "iothreadids", iothreadids, iothreadids),
    CHILD(domain, "cputune", cputune, cputune),
    CHILD(domain, "numatune", numatune, numatune),
    CHILD(domain, "resource", resource, resource),
    ITEMS(domain, "sysinfo", sysinfos, sysinfo),
    LEAF(domain, "bootloader", bootloader, STRING),
    LEAF(domain, "bootloader_args", bootloader_args, STRING),
    CHILD(domain, "os", os, os, .flags = MODEL_ROW_REQUIRED),
    CHILD(domain, "idmap", idmap, idmap),
    CHILD(domain, "features", features, features),
    CHILD(domain, "cpu", cpu, cpu),
    CHILD(domain, "clock", clock, clock),
    LEAF_ENUM(domain, "on_poweroff", on_poweroff, lifecycle, .preset = "destroy"),
    LEAF_ENUM(domain, "on_reboot", on_reboot, lifecycle, .preset = "restart"),
    LEAF_ENUM(domain, "on_crash", on_crash, lifecycle, .preset = "destroy"),
    LEAF_ENUM(domain, "on_lockfailure", on_lockfailure, lockfailure),
    CHILD(domain, "pm", pm, pm),
    CHILD(domain, "perf", perf, perf),
    CHILD(domain, "devices", devices, devices),
    ITEMS(domain, "seclabel", seclabels, seclabel),
    CHILD(domain, "keywrap", keywrap, keywrap),
    CHILD(domain, "launchSecurity", launch_security, launch_security),
    CHILD(domain, "commandline", qemu_commandline, qemu_commandline, .ns = &qemu_namespace),
    CHILD(domain, "capabilities", qemu_capabilities, qemu_capabilities, .ns = &qemu_namespace),
    LEAF(domain, "runstate", test_runstate, UINT, .ns = &test_namespace, .detail = &domain_state),
    LEAF(domain, "transient", test_transient, UINT, .ns = &test_namespace, .detail = &zero_or_one),
    LEAF(domain, "hasManagedSave", test_managed_save, UINT, .ns = &test_namespace,
         .detail = &zero_or_one),
};
SHARED_TYPE(domain, domain, .finish = domain_finish);
