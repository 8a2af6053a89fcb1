/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A domain, as its XML says it. Filled by model_domain_parse() (model/domain-xml.h), read and
 * changed by drivers. Inline elements exist when their node.present is true; pointers are NULL
 * when the element is absent. Amounts of memory are KiB unless a comment says otherwise. */
#ifndef HVKIT_MODEL_DOMAIN_H
#define HVKIT_MODEL_DOMAIN_H

#include "model/device-disk.h"
#include "model/device-misc.h"
#include "model/device-net.h"
#include "model/domain-os.h"
#include "model/domain-tune.h"

struct model_arena;

struct model_pm_state {
    struct model_node node;
    enum model_switch enabled;
};

struct model_pm {
    struct model_node node;
    struct model_pm_state suspend_to_mem;
    struct model_pm_state suspend_to_disk;
};

struct model_perf_event {
    struct model_node node;
    const char *name;
    enum model_switch enabled;
};

struct model_perf {
    struct model_node node;
    MODEL_ARRAY(struct model_perf_event) events;
};

struct model_devices {
    struct model_node node;
    const char *emulator;
    MODEL_ARRAY(struct model_disk) disks;
    MODEL_ARRAY(struct model_controller) controllers;
    MODEL_ARRAY(struct model_lease) leases;
    MODEL_ARRAY(struct model_filesystem) filesystems;
    MODEL_ARRAY(struct model_interface) interfaces;
    MODEL_ARRAY(struct model_smartcard) smartcards;
    MODEL_ARRAY(struct model_serial) serials;
    MODEL_ARRAY(struct model_parallel) parallels;
    MODEL_ARRAY(struct model_console) consoles;
    MODEL_ARRAY(struct model_channel) channels;
    MODEL_ARRAY(struct model_input) inputs;
    MODEL_ARRAY(struct model_tpm) tpms;
    MODEL_ARRAY(struct model_graphics) graphics;
    MODEL_ARRAY(struct model_sound) sounds;
    MODEL_ARRAY(struct model_audio) audios;
    MODEL_ARRAY(struct model_video) videos;
    MODEL_ARRAY(struct model_hostdev) hostdevs;
    MODEL_ARRAY(struct model_redirdev) redirdevs;
    MODEL_ARRAY(struct model_redirfilter) redirfilters;
    MODEL_ARRAY(struct model_hub) hubs;
    MODEL_ARRAY(struct model_watchdog) watchdogs;
    MODEL_ARRAY(struct model_memballoon) memballoons;
    MODEL_ARRAY(struct model_rng) rngs;
    MODEL_ARRAY(struct model_shmem) shmems;
    MODEL_ARRAY(struct model_memory_device) memories;
    MODEL_ARRAY(struct model_panic) panics;
    MODEL_ARRAY(struct model_iommu) iommus;
    MODEL_ARRAY(struct model_vsock) vsocks;
    MODEL_ARRAY(struct model_crypto) cryptos;
};

struct model_keywrap_cipher {
    struct model_node node;
    const char *name; /* "aes", "dea" */
    enum model_switch state;
};

struct model_keywrap {
    struct model_node node;
    MODEL_ARRAY(struct model_keywrap_cipher) ciphers;
};

struct model_launch_security {
    struct model_node node;
    enum model_launch_security_type type;
    enum model_switch kernel_hashes;
    struct model_uint cbitpos;
    struct model_uint reduced_phys_bits;
    struct model_uint policy; /* written in hexadecimal */
    const char *dh_cert;
    const char *session;
};

/* The QEMU namespace (http://libvirt.org/schemas/domain/qemu/1.0). */
struct model_qemu_arg {
    struct model_node node;
    const char *value;
};

struct model_qemu_commandline {
    struct model_node node;
    MODEL_ARRAY(struct model_qemu_arg) args;
    MODEL_ARRAY(struct model_env) envs;
};

struct model_qemu_capability {
    struct model_node node;
    const char *name;
};

struct model_qemu_capabilities {
    struct model_node node;
    MODEL_ARRAY(struct model_qemu_capability) add;
    MODEL_ARRAY(struct model_qemu_capability) del;
};

struct model_domain {
    struct model_node node;
    struct model_arena *arena; /* owns everything below */
    enum model_virt type;
    struct model_uint id; /* live */
    const char *name;
    struct model_uuid uuid;
    struct model_node genid_node;
    bool genid_wanted; /* <genid> stands there; without a value it is made at start */
    struct model_uuid genid;
    const char *title;
    const char *description;
    struct model_metadata metadata;
    struct model_memory max_memory;
    struct model_memory memory;
    struct model_memory current_memory; /* absent: all of memory */
    struct model_blkiotune blkiotune;
    struct model_memtune memtune;
    struct model_memory_backing memory_backing;
    struct model_vcpu_total vcpu;
    struct model_vcpus vcpus;
    struct model_uint iothreads;
    struct model_iothreadids iothreadids;
    struct model_cputune cputune;
    struct model_numatune numatune;
    struct model_resource resource;
    MODEL_ARRAY(struct model_sysinfo) sysinfos;
    const char *bootloader;
    const char *bootloader_args;
    struct model_os os;
    struct model_idmap idmap;
    struct model_features features;
    struct model_cpu cpu;
    struct model_clock clock;
    enum model_lifecycle on_poweroff;
    enum model_lifecycle on_reboot;
    enum model_lifecycle on_crash;
    enum model_lockfailure on_lockfailure;
    struct model_pm pm;
    struct model_perf perf;
    struct model_devices devices;
    MODEL_ARRAY(struct model_seclabel) seclabels;
    struct model_keywrap keywrap;
    struct model_launch_security launch_security;
    struct model_qemu_commandline qemu_commandline;
    struct model_qemu_capabilities qemu_capabilities;
    struct model_uint test_runstate; /* what a node of the test driver finds: its state … */
    struct model_uint test_transient, test_managed_save; /* … and whether it is so: 0, 1 */
};

#endif
