/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Disks, controllers, leases. */
#include "model/tables.h"

static const struct model_row driver_cache_rows[] = {
    LEAF(disk_driver, "max_size", metadata_cache_max, SIZE, .detail = &model_scale_bytes),
};
FLAT_TYPE(driver_cache, disk_driver, metadata_cache_node);

static const struct model_number from_one = {1, UINT32_MAX, 0, false};

static const struct model_row disk_driver_rows[] = {
    ATTRIBUTE(disk_driver, "name", name, STRING),
    ATTRIBUTE(disk_driver, "type", type, STRING),
    ATTRIBUTE_ENUM(disk_driver, "cache", cache, disk_cache),
    ATTRIBUTE_ENUM(disk_driver, "error_policy", error_policy, disk_error),
    ATTRIBUTE_ENUM(disk_driver, "rerror_policy", rerror_policy, disk_error),
    ATTRIBUTE_ENUM(disk_driver, "io", io, disk_io),
    ATTRIBUTE(disk_driver, "ioeventfd", ioeventfd, ONOFF),
    ATTRIBUTE(disk_driver, "event_idx", event_idx, ONOFF),
    ATTRIBUTE(disk_driver, "copy_on_read", copy_on_read, ONOFF),
    ATTRIBUTE_ENUM(disk_driver, "discard", discard, disk_discard),
    ATTRIBUTE(disk_driver, "iothread", iothread, UINT, .detail = &from_one),
    ATTRIBUTE_ENUM(disk_driver, "detect_zeroes", detect_zeroes, disk_zeroes),
    ATTRIBUTE(disk_driver, "discard_no_unref", discard_no_unref, ONOFF),
    ATTRIBUTE(disk_driver, "queues", queues, UINT, .detail = &from_one),
    ATTRIBUTE(disk_driver, "queue_size", queue_size, UINT, .detail = &from_one),
    VIRTIO_ROWS(disk_driver, virtio),
    CHILD_FLAT("metadata_cache", driver_cache),
};
TYPE(disk_driver);

static const struct model_row disk_target_rows[] = {
    ATTRIBUTE(disk_target, "dev", dev, STRING, .flags = MODEL_ROW_REQUIRED),
    ATTRIBUTE_ENUM(disk_target, "bus", bus, disk_bus),
    ATTRIBUTE_ENUM(disk_target, "tray", tray, disk_tray, .flags = MODEL_ROW_LIVE),
    ATTRIBUTE(disk_target, "removable", removable, ONOFF),
    ATTRIBUTE(disk_target, "rotation_rate", rotation_rate, UINT),
};
TYPE(disk_target);

#define RATE(name) LEAF(iotune, #name, name, UINT)

static const struct model_row iotune_rows[] = {
    RATE(total_bytes_sec),
    RATE(read_bytes_sec),
    RATE(write_bytes_sec),
    RATE(total_iops_sec),
    RATE(read_iops_sec),
    RATE(write_iops_sec),
    RATE(total_bytes_sec_max),
    RATE(read_bytes_sec_max),
    RATE(write_bytes_sec_max),
    RATE(total_iops_sec_max),
    RATE(read_iops_sec_max),
    RATE(write_iops_sec_max),
    RATE(size_iops_sec),
    LEAF(iotune, "group_name", group_name, STRING),
    RATE(total_bytes_sec_max_length),
    RATE(read_bytes_sec_max_length),
    RATE(write_bytes_sec_max_length),
    RATE(total_iops_sec_max_length),
    RATE(read_iops_sec_max_length),
    RATE(write_iops_sec_max_length),
};
TYPE(iotune);

static const struct model_row geometry_rows[] = {
    ATTRIBUTE(geometry, "cyls", cylinders, UINT),
    ATTRIBUTE(geometry, "heads", heads, UINT),
    ATTRIBUTE(geometry, "secs", sectors, UINT),
    ATTRIBUTE(geometry, "trans", translation, STRING),
};
TYPE(geometry);

static const struct model_row blockio_rows[] = {
    ATTRIBUTE(blockio, "logical_block_size", logical_block_size, UINT),
    ATTRIBUTE(blockio, "physical_block_size", physical_block_size, UINT),
    ATTRIBUTE(blockio, "discard_granularity", discard_granularity, UINT),
};
TYPE(blockio);

static const struct model_row mirror_rows[] = {
    ATTRIBUTE_ENUM(mirror, "type", type, disk_type),
    ATTRIBUTE(mirror, "file", file, STRING),
    ATTRIBUTE(mirror, "format", format_name, STRING),
    ATTRIBUTE_ENUM(mirror, "job", job, mirror_job),
    ATTRIBUTE_ENUM(mirror, "ready", ready, mirror_ready),
    CHILD(mirror, "format", format, disk_format),
    CHILD(mirror, "source", source, disk_source),
    POINTER(mirror, "backingStore", backing, backing_store),
};
TYPE(mirror);

static const struct model_row transient_rows[] = {
    PRESENCE(disk, transient),
    ATTRIBUTE(disk, "shareBacking", transient_share_backing, YESNO),
};
FLAT_TYPE(transient, disk, transient_node);

/* What a running disk found below its image is no configuration; what the user wrote is. */
static const struct model_row disk_rows[] = {
    ATTRIBUTE_ENUM(disk, "type", type, disk_type, .preset = "file"),
    ATTRIBUTE_ENUM(disk, "device", kind, disk_device, .preset = "disk"),
    ATTRIBUTE_ENUM(disk, "model", model, disk_model),
    ATTRIBUTE(disk, "rawio", rawio, YESNO),
    ATTRIBUTE(disk, "sgio", sgio, STRING),
    ATTRIBUTE_ENUM(disk, "snapshot", snapshot, disk_snapshot),
    CHILD(disk, "driver", driver, disk_driver),
    CHILD(disk, "auth", auth, auth),
    CHILD(disk, "source", source, disk_source),
    POINTER(disk, "backingStore", backing, backing_store),
    CHILD(disk, "geometry", geometry, geometry),
    CHILD(disk, "blockio", blockio, blockio),
    POINTER(disk, "mirror", mirror, mirror, .flags = MODEL_ROW_LIVE),
    CHILD(disk, "target", target, disk_target, .flags = MODEL_ROW_REQUIRED),
    POINTER(disk, "iotune", iotune, iotune),
    FLAG(disk, "readonly", readonly),
    FLAG(disk, "shareable", shareable),
    CHILD_FLAT("transient", transient),
    LEAF(disk, "serial", serial, STRING),
    LEAF(disk, "wwn", wwn, STRING),
    LEAF(disk, "vendor", vendor, STRING),
    LEAF(disk, "product", product, STRING),
    CHILD(disk, "encryption", encryption, encryption),
    DEVICE_ROWS(disk),
};
SHARED_TYPE(disk, disk);

static const struct model_row master_rows[] = {
    ATTRIBUTE(controller, "startport", master_startport, UINT),
};
FLAT_TYPE(master, controller, master_node);

static const struct model_row controller_driver_rows[] = {
    ATTRIBUTE(controller_driver, "queues", queues, UINT),
    ATTRIBUTE(controller_driver, "cmd_per_lun", cmd_per_lun, UINT),
    ATTRIBUTE(controller_driver, "max_sectors", max_sectors, UINT),
    ATTRIBUTE(controller_driver, "ioeventfd", ioeventfd, ONOFF),
    ATTRIBUTE(controller_driver, "iothread", iothread, UINT, .detail = &from_one),
    VIRTIO_ROWS(controller_driver, virtio),
};
TYPE(controller_driver);

static const struct model_number port_hex = {0, 255, 1, false};
static const struct model_number byte = {0, 255, 0, false};

static const struct model_row controller_target_rows[] = {
    ATTRIBUTE(controller_target, "chassisNr", chassis_nr, UINT, .detail = &byte),
    ATTRIBUTE(controller_target, "chassis", chassis, UINT, .detail = &byte),
    ATTRIBUTE(controller_target, "port", port, UINT, .detail = &port_hex),
    ATTRIBUTE(controller_target, "busNr", bus_nr, UINT, .detail = &byte),
    ATTRIBUTE(controller_target, "index", index, UINT),
    ATTRIBUTE(controller_target, "hotplug", hotplug, ONOFF),
    LEAF(controller_target, "node", node_number, UINT),
};
TYPE(controller_target);

static const struct model_row controller_model_rows[] = {
    ATTRIBUTE(controller_model, "name", name, STRING),
};
TYPE(controller_model);

static const struct model_row controller_rows[] = {
    ATTRIBUTE_ENUM(controller, "type", type, controller_type, .flags = MODEL_ROW_REQUIRED),
    ATTRIBUTE(controller, "index", index, UINT),
    ATTRIBUTE(controller, "model", model, STRING),
    ATTRIBUTE(controller, "ports", ports, UINT),
    ATTRIBUTE(controller, "vectors", vectors, UINT),
    ATTRIBUTE(controller, "maxGrantFrames", max_grant_frames, UINT),
    ATTRIBUTE(controller, "maxEventChannels", max_event_channels, UINT),
    CHILD(controller, "model", pci_model, controller_model),
    CHILD(controller, "target", target, controller_target),
    CHILD(controller, "driver", driver, controller_driver),
    LEAF(controller, "pcihole64", pcihole64, SIZE, .detail = &model_scale_kib),
    DEVICE_HEAD(controller),
    CHILD_FLAT("master", master),
    DEVICE_TAIL(controller),
};
SHARED_TYPE(controller, controller);

static const struct model_row lease_target_rows[] = {
    ATTRIBUTE(lease, "path", path, STRING, .flags = MODEL_ROW_REQUIRED),
    ATTRIBUTE(lease, "offset", offset, UINT),
};
FLAT_TYPE(lease_target, lease, target_node);

static const struct model_row lease_rows[] = {
    LEAF(lease, "lockspace", lockspace, STRING),
    LEAF(lease, "key", key, STRING, .flags = MODEL_ROW_REQUIRED),
    CHILD_FLAT("target", lease_target),
};
SHARED_TYPE(lease, lease);
