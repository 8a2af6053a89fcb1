/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Metadata, memory, vCPUs, tuning, system information. */
#include "model/tables.h"

static const struct model_row metadata_rows[] = {SUBTREES(metadata, items)};
SHARED_TYPE(metadata, metadata);

static const struct model_row max_memory_rows[] = {
    ATTRIBUTE(memory, "slots", slots, UINT),
    UNIT(memory, kib, .detail = &model_scale_kib, .flags = MODEL_ROW_ALWAYS),
    TEXT(memory, kib, AMOUNT, .detail = &model_scale_kib, .flags = MODEL_ROW_REQUIRED),
};
SHARED_TYPE(max_memory, memory);

static const struct model_row memory_rows[] = {
    ATTRIBUTE(memory, "dumpCore", dump_core, ONOFF),
    UNIT(memory, kib, .detail = &model_scale_kib, .flags = MODEL_ROW_ALWAYS),
    TEXT(memory, kib, AMOUNT, .detail = &model_scale_kib, .flags = MODEL_ROW_REQUIRED),
};
SHARED_TYPE(memory, memory);

static const struct model_row current_memory_rows[] = {
    UNIT(memory, kib, .detail = &model_scale_kib, .flags = MODEL_ROW_ALWAYS),
    TEXT(memory, kib, AMOUNT, .detail = &model_scale_kib, .flags = MODEL_ROW_REQUIRED),
};
SHARED_TYPE(current_memory, memory);

static const struct model_row hugepage_rows[] = {
    ATTRIBUTE(hugepage, "size", size, SIZE, .detail = &model_scale_kib,
              .flags = MODEL_ROW_REQUIRED),
    UNIT(hugepage, size, .detail = &model_scale_kib),
    ATTRIBUTE(hugepage, "nodeset", nodeset, SET),
};
TYPE(hugepage);

static const struct model_row hugepages_rows[] = {ITEMS(hugepages, "page", pages, hugepage)};
TYPE(hugepages);

static const struct model_row memory_source_rows[] = {
    ATTRIBUTE_ENUM(memory_backing, "type", source, memory_source, .flags = MODEL_ROW_REQUIRED),
};
FLAT_TYPE(memory_source, memory_backing, source_node);

static const struct model_row memory_access_rows[] = {
    ATTRIBUTE_ENUM(memory_backing, "mode", access, memory_access, .flags = MODEL_ROW_REQUIRED),
};
FLAT_TYPE(memory_access, memory_backing, access_node);

static const struct model_row memory_allocation_rows[] = {
    ATTRIBUTE_ENUM(memory_backing, "mode", allocation, memory_allocation),
    ATTRIBUTE(memory_backing, "threads", allocation_threads, UINT),
};
FLAT_TYPE(memory_allocation, memory_backing, allocation_node);

static const struct model_row memory_backing_rows[] = {
    CHILD(memory_backing, "hugepages", hugepages, hugepages),
    FLAG(memory_backing, "nosharepages", nosharepages),
    FLAG(memory_backing, "locked", locked),
    CHILD_FLAT("source", memory_source),
    CHILD_FLAT("access", memory_access),
    CHILD_FLAT("allocation", memory_allocation),
    FLAG(memory_backing, "discard", discard),
};
SHARED_TYPE(memory_backing, memory_backing);

#define VCPUS_MAX 16384

static const struct model_number vcpu_range = {1, VCPUS_MAX, 0, false};
static const struct model_number vcpu_id_range = {0, VCPUS_MAX - 1, 0, false};

static const struct model_row vcpu_total_rows[] = {
    ATTRIBUTE_ENUM(vcpu_total, "placement", placement, placement, .preset = "static"),
    ATTRIBUTE(vcpu_total, "cpuset", cpuset, SET),
    ATTRIBUTE(vcpu_total, "current", current, UINT, .detail = &vcpu_range),
    TEXT(vcpu_total, maximum, U32, .detail = &vcpu_range, .preset = "1"),
};
SHARED_TYPE(vcpu_total, vcpu_total);

static const struct model_row vcpu_rows[] = {
    ATTRIBUTE(vcpu, "id", id, UINT, .detail = &vcpu_id_range, .flags = MODEL_ROW_REQUIRED),
    ATTRIBUTE(vcpu, "enabled", enabled, YESNO, .flags = MODEL_ROW_REQUIRED),
    ATTRIBUTE(vcpu, "hotpluggable", hotpluggable, YESNO),
    ATTRIBUTE(vcpu, "order", order, UINT, .detail = &vcpu_range),
};
TYPE(vcpu);

static const struct model_row vcpus_rows[] = {ITEMS(vcpus, "vcpu", items, vcpu)};
SHARED_TYPE(vcpus, vcpus);

static const struct model_number from_one = {1, UINT32_MAX, 0, false};

static const struct model_row iothread_rows[] = {
    ATTRIBUTE(iothread, "id", id, UINT, .detail = &from_one, .flags = MODEL_ROW_REQUIRED),
    ATTRIBUTE(iothread, "thread_pool_min", thread_pool_min, UINT),
    ATTRIBUTE(iothread, "thread_pool_max", thread_pool_max, UINT),
};
TYPE(iothread);

static const struct model_row iothreadids_rows[] = {
    ITEMS(iothreadids, "iothread", items, iothread),
};
SHARED_TYPE(iothreadids, iothreadids);

static const struct model_row vcpupin_rows[] = {
    ATTRIBUTE(cpu_pin, "vcpu", id, UINT, .detail = &vcpu_id_range, .flags = MODEL_ROW_REQUIRED),
    ATTRIBUTE(cpu_pin, "cpuset", cpuset, SET, .flags = MODEL_ROW_REQUIRED),
};
TYPE_AS(vcpupin, cpu_pin);

static const struct model_row emulatorpin_rows[] = {
    ATTRIBUTE(cpu_pin, "cpuset", cpuset, SET, .flags = MODEL_ROW_REQUIRED),
};
TYPE_AS(emulatorpin, cpu_pin);

static const struct model_row iothreadpin_rows[] = {
    ATTRIBUTE(cpu_pin, "iothread", id, UINT, .detail = &from_one, .flags = MODEL_ROW_REQUIRED),
    ATTRIBUTE(cpu_pin, "cpuset", cpuset, SET, .flags = MODEL_ROW_REQUIRED),
};
TYPE_AS(iothreadpin, cpu_pin);

static const struct model_row vcpusched_rows[] = {
    ATTRIBUTE(scheduler, "vcpus", ids, SET, .flags = MODEL_ROW_REQUIRED),
    ATTRIBUTE(scheduler, "scheduler", scheduler, STRING, .flags = MODEL_ROW_REQUIRED),
    ATTRIBUTE(scheduler, "priority", priority, INT),
};
TYPE_AS(vcpusched, scheduler);

static const struct model_row iothreadsched_rows[] = {
    ATTRIBUTE(scheduler, "iothreads", ids, SET, .flags = MODEL_ROW_REQUIRED),
    ATTRIBUTE(scheduler, "scheduler", scheduler, STRING, .flags = MODEL_ROW_REQUIRED),
    ATTRIBUTE(scheduler, "priority", priority, INT),
};
TYPE_AS(iothreadsched, scheduler);

static const struct model_row emulatorsched_rows[] = {
    ATTRIBUTE(scheduler, "scheduler", scheduler, STRING, .flags = MODEL_ROW_REQUIRED),
    ATTRIBUTE(scheduler, "priority", priority, INT),
};
TYPE_AS(emulatorsched, scheduler);

static const struct model_row cputune_rows[] = {
    LEAF(cputune, "shares", shares, UINT),
    LEAF(cputune, "period", period, UINT),
    LEAF(cputune, "quota", quota, INT),
    LEAF(cputune, "global_period", global_period, UINT),
    LEAF(cputune, "global_quota", global_quota, INT),
    LEAF(cputune, "emulator_period", emulator_period, UINT),
    LEAF(cputune, "emulator_quota", emulator_quota, INT),
    LEAF(cputune, "iothread_period", iothread_period, UINT),
    LEAF(cputune, "iothread_quota", iothread_quota, INT),
    ITEMS(cputune, "vcpupin", vcpupins, vcpupin),
    CHILD(cputune, "emulatorpin", emulatorpin, emulatorpin),
    ITEMS(cputune, "iothreadpin", iothreadpins, iothreadpin),
    ITEMS(cputune, "vcpusched", vcpuscheds, vcpusched),
    ITEMS(cputune, "iothreadsched", iothreadscheds, iothreadsched),
    CHILD(cputune, "emulatorsched", emulatorsched, emulatorsched),
};
SHARED_TYPE(cputune, cputune);

static const struct model_row numatune_memory_rows[] = {
    ATTRIBUTE_ENUM(numatune_memory, "mode", mode, numatune_mode),
    ATTRIBUTE(numatune_memory, "nodeset", nodeset, SET),
    ATTRIBUTE_ENUM(numatune_memory, "placement", placement, placement),
};
TYPE(numatune_memory);

static const struct model_row memnode_rows[] = {
    ATTRIBUTE(numatune_memory, "cellid", cell, UINT, .flags = MODEL_ROW_REQUIRED),
    ATTRIBUTE_ENUM(numatune_memory, "mode", mode, numatune_mode),
    ATTRIBUTE(numatune_memory, "nodeset", nodeset, SET),
};
TYPE_AS(memnode, numatune_memory);

static const struct model_row numatune_rows[] = {
    CHILD(numatune, "memory", memory, numatune_memory),
    ITEMS(numatune, "memnode", memnodes, memnode),
};
SHARED_TYPE(numatune, numatune);

static const struct model_row blkio_device_rows[] = {
    LEAF(blkio_device, "path", path, STRING, .flags = MODEL_ROW_REQUIRED),
    LEAF(blkio_device, "weight", weight, UINT),
    LEAF(blkio_device, "read_iops_sec", read_iops_sec, UINT),
    LEAF(blkio_device, "write_iops_sec", write_iops_sec, UINT),
    LEAF(blkio_device, "read_bytes_sec", read_bytes_sec, UINT),
    LEAF(blkio_device, "write_bytes_sec", write_bytes_sec, UINT),
};
TYPE(blkio_device);

static const struct model_row blkiotune_rows[] = {
    LEAF(blkiotune, "weight", weight, UINT),
    ITEMS(blkiotune, "device", devices, blkio_device),
};
SHARED_TYPE(blkiotune, blkiotune);

static const struct model_row memtune_rows[] = {
    LEAF(memtune, "hard_limit", hard_limit, SIZE, .detail = &model_scale_kib),
    LEAF(memtune, "soft_limit", soft_limit, SIZE, .detail = &model_scale_kib),
    LEAF(memtune, "min_guarantee", min_guarantee, SIZE, .detail = &model_scale_kib),
    LEAF(memtune, "swap_hard_limit", swap_hard_limit, SIZE, .detail = &model_scale_kib),
};
SHARED_TYPE(memtune, memtune);

static const struct model_row resource_rows[] = {LEAF(resource, "partition", partition, STRING)};
SHARED_TYPE(resource, resource);

static const struct model_row sysinfo_entry_rows[] = {
    ATTRIBUTE(sysinfo_entry, "name", name, STRING),
    ATTRIBUTE(sysinfo_entry, "file", file, STRING),
    TEXT(sysinfo_entry, value, STRING),
};
TYPE(sysinfo_entry);

static const struct model_row sysinfo_block_rows[] = {
    ITEMS(sysinfo_block, "entry", entries, sysinfo_entry),
};
TYPE(sysinfo_block);

static const struct model_row sysinfo_rows[] = {
    ATTRIBUTE_ENUM(sysinfo, "type", type, sysinfo_type, .flags = MODEL_ROW_REQUIRED),
    CHILD(sysinfo, "bios", bios, sysinfo_block),
    CHILD(sysinfo, "system", system, sysinfo_block),
    ITEMS(sysinfo, "baseBoard", base_boards, sysinfo_block),
    CHILD(sysinfo, "chassis", chassis, sysinfo_block),
    CHILD(sysinfo, "oemStrings", oem_strings, sysinfo_block),
    ITEMS(sysinfo, "entry", entries, sysinfo_entry),
};
SHARED_TYPE(sysinfo, sysinfo);
