/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a domain boots, its features, CPU and clock. */
#ifndef HVKIT_MODEL_DOMAIN_OS_H
#define HVKIT_MODEL_DOMAIN_OS_H

#include "model/device-disk.h"

struct model_firmware_feature {
    struct model_node node;
    enum model_switch enabled;
    enum model_firmware_feature_name name;
};

/* <firmware> below <os> */
struct model_os_firmware {
    struct model_node node;
    MODEL_ARRAY(struct model_firmware_feature) features;
};

struct model_os_type {
    struct model_node node;
    enum model_os_kind kind;
    const char *arch;
    const char *machine;
};

struct model_loader {
    struct model_node node;
    enum model_switch readonly;
    enum model_loader_type type;
    enum model_switch secure;
    enum model_switch stateless;
    const char *format;
    const char *path;
};

struct model_nvram {
    struct model_node node;
    const char *template_;
    const char *template_format;
    const char *format;
    enum model_disk_type type; /* of source, when there is one */
    struct model_disk_source source;
    const char *path;
};

struct model_os_boot {
    struct model_node node;
    enum model_boot_dev dev;
};

struct model_bootmenu {
    struct model_node node;
    enum model_switch enable;
    struct model_uint timeout; /* milliseconds */
};

struct model_bios {
    struct model_node node;
    enum model_switch useserial;
    struct model_int reboot_timeout; /* milliseconds; -1: never */
};

struct model_env {
    struct model_node node;
    const char *name;
    const char *value;
};

struct model_acpi_table {
    struct model_node node;
    const char *type; /* "slic", ... */
    const char *path;
};

struct model_os_acpi {
    struct model_node node;
    MODEL_ARRAY(struct model_acpi_table) tables;
};

struct model_os {
    struct model_node node;
    enum model_firmware firmware_kind; /* firmware='efi' */
    struct model_os_type type;
    struct model_os_firmware firmware;
    const char *init; /* exe */
    MODEL_ARRAY(struct model_text) initargs;
    MODEL_ARRAY(struct model_env) initenvs;
    const char *initdir;
    const char *inituser;
    const char *initgroup;
    struct model_loader loader;
    struct model_nvram nvram;
    const char *kernel;
    const char *initrd;
    const char *cmdline;
    const char *dtb;
    const char *root;
    struct model_os_acpi acpi;
    MODEL_ARRAY(struct model_os_boot) boots;
    struct model_bootmenu bootmenu;
    struct model_bios bios;
    struct model_node smbios_node;
    enum model_smbios_mode smbios;
};

/* <idmap> */
struct model_idmap_entry {
    struct model_node node;
    struct model_uint start, target, count;
};

struct model_idmap {
    struct model_node node;
    MODEL_ARRAY(struct model_idmap_entry) uids;
    MODEL_ARRAY(struct model_idmap_entry) gids;
};

/* A feature that is on, off or unsaid. */
struct model_feature {
    struct model_node node;
    enum model_switch state;
};

struct model_apic {
    struct model_node node; /* present: the guest has one */
    enum model_switch eoi;
};

struct model_smm {
    struct model_node node;
    enum model_switch state;
    struct model_uint tseg; /* KiB */
};

struct model_hyperv_spinlocks {
    struct model_node node;
    enum model_switch state;
    struct model_uint retries;
};

struct model_hyperv_stimer {
    struct model_node node;
    enum model_switch state;
    struct model_feature direct;
};

struct model_hyperv_vendor_id {
    struct model_node node;
    enum model_switch state;
    const char *value;
};

struct model_hyperv {
    struct model_node node;
    enum model_hyperv_mode mode;
    struct model_feature relaxed;
    struct model_feature vapic;
    struct model_hyperv_spinlocks spinlocks;
    struct model_feature vpindex;
    struct model_feature runtime;
    struct model_feature synic;
    struct model_hyperv_stimer stimer;
    struct model_feature reset;
    struct model_hyperv_vendor_id vendor_id;
    struct model_feature frequencies;
    struct model_feature reenlightenment;
    struct model_feature tlbflush;
    struct model_feature ipi;
    struct model_feature evmcs;
    struct model_feature avic;
    struct model_feature emsr_bitmap;
    struct model_feature xmm_input;
};

struct model_dirty_ring {
    struct model_node node;
    enum model_switch state;
    struct model_uint size;
};

struct model_kvm {
    struct model_node node;
    struct model_feature hidden;
    struct model_feature hint_dedicated;
    struct model_feature poll_control;
    struct model_feature pv_ipi;
    struct model_dirty_ring dirty_ring;
};

struct model_xen_passthrough {
    struct model_node node;
    enum model_switch state;
    const char *mode;
};

struct model_xen {
    struct model_node node;
    struct model_feature e820_host;
    struct model_xen_passthrough passthrough;
};

struct model_tcg {
    struct model_node node;
    struct model_uint tb_cache; /* KiB */
};

struct model_gic {
    struct model_node node;
    enum model_gic_version version;
};

struct model_ioapic {
    struct model_node node;
    enum model_ioapic_driver driver;
};

struct model_features {
    struct model_node node;
    bool pae;
    bool acpi;
    struct model_apic apic;
    struct model_feature hap;
    bool viridian;
    bool privnet;
    struct model_hyperv hyperv;
    struct model_kvm kvm;
    struct model_xen xen;
    struct model_feature pvspinlock;
    struct model_feature pmu;
    struct model_feature vmport;
    struct model_feature vmcoreinfo;
    struct model_feature htm;
    struct model_feature nested_hv;
    struct model_feature ccf_assist;
    struct model_gic gic;
    struct model_ioapic ioapic;
    struct model_smm smm;
    struct model_tcg tcg;
    struct model_feature async_teardown;
};

struct model_cpu_model {
    struct model_node node;
    enum model_cpu_fallback fallback;
    const char *vendor_id;
    const char *name;
};

struct model_cpu_topology {
    struct model_node node;
    struct model_uint sockets;
    struct model_uint dies;
    struct model_uint clusters;
    struct model_uint cores;
    struct model_uint threads;
};

struct model_cpu_cache {
    struct model_node node;
    struct model_uint level;
    enum model_cpu_cache_mode mode;
};

struct model_cpu_maxphysaddr {
    struct model_node node;
    enum model_cpu_maxphysaddr_mode mode;
    struct model_uint bits;
    struct model_uint limit;
};

struct model_cpu_feature {
    struct model_node node;
    enum model_cpu_policy policy;
    const char *name;
};

struct model_numa_distance {
    struct model_node node;
    struct model_uint id;
    struct model_uint value;
};

struct model_numa_distances {
    struct model_node node;
    MODEL_ARRAY(struct model_numa_distance) siblings;
};

struct model_numa_cell {
    struct model_node node;
    struct model_uint id;
    const char *cpus;
    struct model_uint memory;
    enum model_memory_access access;
    enum model_switch discard;
    struct model_numa_distances distances;
};

struct model_cpu_numa {
    struct model_node node;
    MODEL_ARRAY(struct model_numa_cell) cells;
};

struct model_cpu {
    struct model_node node;
    enum model_cpu_match match;
    enum model_cpu_mode mode;
    enum model_cpu_check check;
    enum model_switch migratable;
    struct model_cpu_model model;
    const char *vendor;
    struct model_cpu_topology topology;
    struct model_cpu_cache cache;
    struct model_cpu_maxphysaddr maxphysaddr;
    MODEL_ARRAY(struct model_cpu_feature) features;
    struct model_cpu_numa numa;
};

struct model_timer_catchup {
    struct model_node node;
    struct model_uint threshold, slew, limit;
};

struct model_timer {
    struct model_node node;
    enum model_timer_name name;
    enum model_switch present; /* present='yes' */
    enum model_tickpolicy tickpolicy;
    enum model_timer_track track;
    struct model_uint frequency;
    enum model_timer_mode mode;
    struct model_timer_catchup catchup;
};

struct model_clock {
    struct model_node node;
    enum model_clock_offset offset;
    enum model_clock_basis basis;
    const char *adjustment; /* seconds, or "reset" */
    const char *timezone;
    struct model_uint start; /* absolute: seconds since 1970 */
    MODEL_ARRAY(struct model_timer) timers;
};

#endif
