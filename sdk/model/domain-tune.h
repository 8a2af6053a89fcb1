/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Metadata, memory, vCPUs, tuning and system information of a domain. */
#ifndef HVKIT_MODEL_DOMAIN_TUNE_H
#define HVKIT_MODEL_DOMAIN_TUNE_H

#include "model/domain-enums.h"

struct model_metadata {
    struct model_node node;
    MODEL_ARRAY(struct model_raw) items; /* one for each namespace */
};

/* <memory>, <currentMemory>, <maxMemory> */
struct model_memory {
    struct model_node node;
    uint64_t kib;
    enum model_switch dump_core; /* <memory> */
    struct model_uint slots;     /* <maxMemory> */
};

struct model_hugepage {
    struct model_node node;
    struct model_uint size; /* KiB */
    const char *nodeset;
};

struct model_hugepages {
    struct model_node node;
    MODEL_ARRAY(struct model_hugepage) pages;
};

struct model_memory_backing {
    struct model_node node;
    struct model_hugepages hugepages;
    bool nosharepages;
    bool locked;
    struct model_node source_node;
    enum model_memory_source source;
    struct model_node access_node;
    enum model_memory_access access;
    struct model_node allocation_node;
    enum model_memory_allocation allocation;
    struct model_uint allocation_threads;
    bool discard;
};

struct model_vcpu_total {
    struct model_node node;
    uint32_t maximum;
    struct model_uint current; /* unset: all of them */
    enum model_placement placement;
    const char *cpuset;
};

struct model_vcpu {
    struct model_node node;
    struct model_uint id;
    enum model_switch enabled;
    enum model_switch hotpluggable;
    struct model_uint order;
};

struct model_vcpus {
    struct model_node node;
    MODEL_ARRAY(struct model_vcpu) items;
};

struct model_iothread {
    struct model_node node;
    struct model_uint id;
    struct model_uint thread_pool_min;
    struct model_uint thread_pool_max;
};

struct model_iothreadids {
    struct model_node node;
    MODEL_ARRAY(struct model_iothread) items;
};

struct model_cpu_pin {
    struct model_node node;
    struct model_uint id; /* vcpu or iothread; unset for the emulator */
    const char *cpuset;
};

struct model_scheduler {
    struct model_node node;
    const char *ids; /* vcpus or iothreads */
    const char *scheduler;
    struct model_int priority;
};

/* Periods and quotas in microseconds. */
struct model_cputune {
    struct model_node node;
    struct model_uint shares;
    struct model_uint period;
    struct model_int quota;
    struct model_uint global_period;
    struct model_int global_quota;
    struct model_uint emulator_period;
    struct model_int emulator_quota;
    struct model_uint iothread_period;
    struct model_int iothread_quota;
    MODEL_ARRAY(struct model_cpu_pin) vcpupins;
    struct model_cpu_pin emulatorpin;
    MODEL_ARRAY(struct model_cpu_pin) iothreadpins;
    MODEL_ARRAY(struct model_scheduler) vcpuscheds;
    MODEL_ARRAY(struct model_scheduler) iothreadscheds;
    struct model_scheduler emulatorsched;
};

struct model_numatune_memory {
    struct model_node node;
    struct model_uint cell; /* of a <memnode> */
    enum model_numatune_mode mode;
    const char *nodeset;
    enum model_placement placement;
};

struct model_numatune {
    struct model_node node;
    struct model_numatune_memory memory;
    MODEL_ARRAY(struct model_numatune_memory) memnodes;
};

struct model_blkio_device {
    struct model_node node;
    const char *path;
    struct model_uint weight;
    struct model_uint read_iops_sec;
    struct model_uint write_iops_sec;
    struct model_uint read_bytes_sec;
    struct model_uint write_bytes_sec;
};

struct model_blkiotune {
    struct model_node node;
    struct model_uint weight;
    MODEL_ARRAY(struct model_blkio_device) devices;
};

struct model_memtune {
    struct model_node node;
    struct model_uint hard_limit;
    struct model_uint soft_limit;
    struct model_uint min_guarantee;
    struct model_uint swap_hard_limit;
};

struct model_resource {
    struct model_node node;
    const char *partition;
};

struct model_sysinfo_entry {
    struct model_node node;
    const char *name;
    const char *file; /* fwcfg */
    const char *value;
};

struct model_sysinfo_block {
    struct model_node node;
    MODEL_ARRAY(struct model_sysinfo_entry) entries;
};

struct model_sysinfo {
    struct model_node node;
    enum model_sysinfo_type type;
    struct model_sysinfo_block bios;
    struct model_sysinfo_block system;
    MODEL_ARRAY(struct model_sysinfo_block) base_boards;
    struct model_sysinfo_block chassis;
    struct model_sysinfo_block oem_strings;
    MODEL_ARRAY(struct model_sysinfo_entry) entries; /* fwcfg */
};

#endif
