/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Host devices, memory devices and the small ones. */
#include "model/tables.h"

static const struct model_number usb_id = {0, 0xffff, 4, false};

static const struct model_row usb_id_rows[] = {
    ATTRIBUTE(usb_id, "id", id, UINT, .detail = &usb_id, .flags = MODEL_ROW_REQUIRED),
};
TYPE(usb_id);

static const struct model_row scsi_adapter_rows[] = {
    ATTRIBUTE(scsi_adapter, "name", name, STRING, .flags = MODEL_ROW_REQUIRED),
};
TYPE(scsi_adapter);

#define ON(type) (1U << MODEL_HOSTDEV_##type)
#define PLAIN (ON(SCSI) | ON(SCSI_HOST) | ON(UNSET))

static const struct model_number pci_domain = {0, 0xffff, 4, false};
static const struct model_number pci_bus = {0, 0xff, 2, false};
static const struct model_number pci_slot = {0, 0x1f, 2, false};
static const struct model_number pci_function = {0, 7, 1, false};

/* How an address on the host is written depends on what kind of device is handed through. */
static const struct model_row host_address_rows[] = {
    ATTRIBUTE(hostdev, "domain", source.address.domain, U32, .detail = &pci_domain,
              .only = ON(PCI)),
    ATTRIBUTE(hostdev, "bus", source.address.bus, U32, .detail = &pci_bus, .only = ON(PCI)),
    ATTRIBUTE(hostdev, "slot", source.address.slot, U32, .detail = &pci_slot, .only = ON(PCI)),
    ATTRIBUTE(hostdev, "function", source.address.function, U32, .detail = &pci_function,
              .only = ON(PCI)),
    ATTRIBUTE(hostdev, "bus", source.usb_bus, UINT, .only = ON(USB)),
    ATTRIBUTE(hostdev, "device", source.usb_device, UINT, .only = ON(USB)),
    ATTRIBUTE(hostdev, "bus", source.address.bus, U32, .only = PLAIN),
    ATTRIBUTE(hostdev, "target", source.address.target, U32, .only = PLAIN),
    ATTRIBUTE(hostdev, "unit", source.address.unit, U32, .only = PLAIN),
    ATTRIBUTE(hostdev, "uuid", source.mdev_uuid, UUID, .only = ON(MDEV)),
};
FLAT_TYPE(host_address, hostdev, source.address.node,
          .selector = offsetof(struct model_hostdev, type));

static const struct model_row hostdev_source_rows[] = {
    ATTRIBUTE_ENUM(hostdev, "startupPolicy", source.startup_policy, startup_policy),
    ATTRIBUTE(hostdev, "guestReset", source.guest_reset, STRING),
    ATTRIBUTE(hostdev, "writeFiltering", source.write_filtering, STRING),
    ATTRIBUTE(hostdev, "protocol", source.protocol, STRING),
    ATTRIBUTE(hostdev, "name", source.name, STRING),
    ATTRIBUTE(hostdev, "wwpn", source.wwpn, STRING),
    ITEMS(hostdev, "host", source.hosts, host),
    CHILD(hostdev, "vendor", source.vendor, usb_id),
    CHILD(hostdev, "product", source.product, usb_id),
    CHILD(hostdev, "adapter", source.adapter, scsi_adapter),
    CHILD_FLAT("address", host_address),
    LEAF(hostdev, "block", source.block, STRING),
    LEAF(hostdev, "char", source.character, STRING),
    LEAF(hostdev, "interface", source.interface, STRING),
};
FLAT_TYPE(hostdev_source, hostdev, source.node);

static const struct model_row hostdev_driver_rows[] = {
    ATTRIBUTE(hostdev_driver, "name", name, STRING),
    ATTRIBUTE(hostdev_driver, "model", model, STRING),
};
TYPE(hostdev_driver);

static const struct model_row hostdev_rows[] = {
    ATTRIBUTE_ENUM(hostdev, "mode", mode, hostdev_mode, .preset = "subsystem"),
    ATTRIBUTE_ENUM(hostdev, "type", type, hostdev_type, .flags = MODEL_ROW_REQUIRED),
    ATTRIBUTE(hostdev, "managed", managed, YESNO),
    ATTRIBUTE(hostdev, "sgio", sgio, STRING),
    ATTRIBUTE(hostdev, "rawio", rawio, YESNO),
    ATTRIBUTE(hostdev, "model", model, STRING),
    ATTRIBUTE(hostdev, "display", display, ONOFF),
    ATTRIBUTE(hostdev, "ramfb", ramfb, ONOFF),
    CHILD(hostdev, "driver", driver, hostdev_driver),
    CHILD_FLAT("source", hostdev_source),
    FLAG(hostdev, "readonly", readonly),
    FLAG(hostdev, "shareable", shareable),
    DEVICE_HEAD(hostdev),
    CHILD(hostdev, "rom", rom, rom),
    DEVICE_TAIL(hostdev),
};
SHARED_TYPE(hostdev, hostdev);

static const struct model_row hub_rows[] = {
    ATTRIBUTE(hub, "type", type, STRING, .flags = MODEL_ROW_REQUIRED),
    DEVICE_ROWS(hub),
};
SHARED_TYPE(hub, hub);

static const struct model_row watchdog_rows[] = {
    ATTRIBUTE(watchdog, "model", model, STRING, .flags = MODEL_ROW_REQUIRED),
    ATTRIBUTE_ENUM(watchdog, "action", action, watchdog_action, .preset = "reset"),
    DEVICE_ROWS(watchdog),
};
SHARED_TYPE(watchdog, watchdog);

static const struct model_row stats_rows[] = {ATTRIBUTE(memballoon, "period", stats_period, UINT)};
FLAT_TYPE(stats, memballoon, stats_node);

static const struct model_row memballoon_rows[] = {
    ATTRIBUTE(memballoon, "model", model, STRING, .flags = MODEL_ROW_REQUIRED),
    ATTRIBUTE(memballoon, "autodeflate", autodeflate, ONOFF),
    ATTRIBUTE(memballoon, "freePageReporting", free_page_reporting, ONOFF),
    CHILD_FLAT("stats", stats),
    DEVICE_HEAD(memballoon),
    DEVICE_TAIL(memballoon),
    CHILD(memballoon, "driver", driver, driver_virtio),
};
SHARED_TYPE(memballoon, memballoon);

static const struct model_row panic_rows[] = {
    ATTRIBUTE(panic, "model", model, STRING),
    DEVICE_ROWS(panic),
};
SHARED_TYPE(panic, panic);

static const struct model_number cid_range = {3, UINT32_MAX, 0, false};

/* A context id that was chosen at start is not configuration. */
static bool cid_shown(const void *base, uint32_t flags)
{
    const struct model_vsock *vsock = base;
    return vsock->cid_auto != MODEL_SWITCH_ON || !(flags & MODEL_FORMAT_INACTIVE);
}

static const struct model_row cid_rows[] = {
    ATTRIBUTE(vsock, "auto", cid_auto, YESNO),
    ATTRIBUTE(vsock, "address", cid, UINT, .detail = &cid_range, .shown = cid_shown),
};
FLAT_TYPE(cid, vsock, cid_node);

static const struct model_row vsock_rows[] = {
    ATTRIBUTE(vsock, "model", model, STRING),
    CHILD_FLAT("cid", cid),
    DEVICE_ROWS(vsock),
    CHILD(vsock, "driver", driver, driver_virtio),
};
SHARED_TYPE(vsock, vsock);

static const struct model_row shmem_model_rows[] = {ATTRIBUTE(shmem, "type", model, STRING)};
FLAT_TYPE(shmem_model, shmem, model_node);

static const struct model_row shmem_server_rows[] = {ATTRIBUTE(shmem, "path", server, STRING)};
FLAT_TYPE(shmem_server, shmem, server_node);

static const struct model_row msi_rows[] = {
    ATTRIBUTE(shmem, "enabled", msi, ONOFF),
    ATTRIBUTE(shmem, "vectors", msi_vectors, UINT),
    ATTRIBUTE(shmem, "ioeventfd", msi_ioeventfd, ONOFF),
};
FLAT_TYPE(msi, shmem, msi_node);

static const struct model_scale shmem_scale = {1, 1, (uint64_t)1 << 20, "M"};

static const struct model_row shmem_rows[] = {
    ATTRIBUTE(shmem, "name", name, STRING, .flags = MODEL_ROW_REQUIRED),
    ATTRIBUTE_ENUM(shmem, "role", role, shmem_role),
    CHILD_FLAT("model", shmem_model),
    LEAF(shmem, "size", size, SIZE, .detail = &shmem_scale),
    CHILD_FLAT("server", shmem_server),
    CHILD_FLAT("msi", msi),
    DEVICE_ROWS(shmem),
};
SHARED_TYPE(shmem, shmem);

static const struct model_row memory_source_rows[] = {
    LEAF(memory_source_attrs, "path", path, STRING),
    LEAF(memory_source_attrs, "nodemask", nodemask, SET),
    LEAF(memory_source_attrs, "pagesize", page_size, SIZE, .detail = &model_scale_kib),
    LEAF(memory_source_attrs, "alignsize", align_size, SIZE, .detail = &model_scale_kib),
    FLAG(memory_source_attrs, "pmem", pmem),
};
TYPE_AS(memory_source, memory_source_attrs);

static const struct model_row memory_label_rows[] = {
    LEAF(memory_label, "size", size, SIZE, .detail = &model_scale_kib, .flags = MODEL_ROW_REQUIRED),
};
TYPE(memory_label);

static const struct model_number base_hex = {0, UINT64_MAX, 1, false};

static const struct model_row memory_address_rows[] = {
    ATTRIBUTE(memory_target, "base", address_base, UINT, .detail = &base_hex),
};
FLAT_TYPE(memory_address, memory_target, address_node);

static const struct model_row memory_target_rows[] = {
    LEAF(memory_target, "size", size, SIZE, .detail = &model_scale_kib,
         .flags = MODEL_ROW_REQUIRED),
    LEAF(memory_target, "node", node_number, UINT),
    CHILD(memory_target, "label", label, memory_label),
    LEAF(memory_target, "block", block, SIZE, .detail = &model_scale_kib),
    LEAF(memory_target, "requested", requested, SIZE, .detail = &model_scale_kib),
    LEAF(memory_target, "current", current, SIZE, .detail = &model_scale_kib,
         .flags = MODEL_ROW_LIVE),
    CHILD_FLAT("address", memory_address),
    FLAG(memory_target, "readonly", readonly),
};
TYPE(memory_target);

static const struct model_row memory_device_rows[] = {
    ATTRIBUTE_ENUM(memory_device, "model", model, memory_model, .flags = MODEL_ROW_REQUIRED),
    ATTRIBUTE_ENUM(memory_device, "access", access, memory_access),
    ATTRIBUTE(memory_device, "discard", discard, YESNO),
    LEAF(memory_device, "uuid", uuid, UUID),
    CHILD(memory_device, "source", source, memory_source),
    CHILD(memory_device, "target", target, memory_target, .flags = MODEL_ROW_REQUIRED),
    DEVICE_ROWS(memory_device),
};
SHARED_TYPE(memory_device, memory_device);

static const struct model_row iommu_driver_rows[] = {
    ATTRIBUTE(iommu_driver, "intremap", intremap, ONOFF),
    ATTRIBUTE(iommu_driver, "caching_mode", caching_mode, ONOFF),
    ATTRIBUTE(iommu_driver, "eim", eim, ONOFF),
    ATTRIBUTE(iommu_driver, "iotlb", iotlb, ONOFF),
    ATTRIBUTE(iommu_driver, "aw_bits", aw_bits, UINT),
};
TYPE(iommu_driver);

static const struct model_row iommu_rows[] = {
    ATTRIBUTE(iommu, "model", model, STRING, .flags = MODEL_ROW_REQUIRED),
    CHILD(iommu, "driver", driver, iommu_driver),
    DEVICE_ROWS(iommu),
};
SHARED_TYPE(iommu, iommu);

static const struct model_row crypto_backend_rows[] = {
    ATTRIBUTE(crypto_backend, "model", model, STRING, .flags = MODEL_ROW_REQUIRED),
    ATTRIBUTE(crypto_backend, "queues", queues, UINT),
};
TYPE(crypto_backend);

static const struct model_row crypto_rows[] = {
    ATTRIBUTE(crypto, "model", model, STRING, .flags = MODEL_ROW_REQUIRED),
    ATTRIBUTE(crypto, "type", type, STRING),
    CHILD(crypto, "driver", driver, driver_virtio),
    CHILD(crypto, "backend", backend, crypto_backend),
    DEVICE_ROWS(crypto),
};
SHARED_TYPE(crypto, crypto);
