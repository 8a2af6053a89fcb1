/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Devices of the host that the guest gets, and memory that comes as a device. */
#include "command/device.h"
#include "command/machine.h"

#include <base/uuid.h>

#define ELEMENT "devices/hostdev"
#define MEMORY "devices/memory"

/* ---- PCI ---- */

/* The kernel must have given the device to vfio already: taking it from another driver is the node
 * device's business. */
static bool check_vfio(struct build *b, const struct model_hostdev *hostdev, const char *address)
{
    if (b->dry)
        return true;
    auto_free char *link = string_format("/sys/bus/pci/devices/%s/driver", address);
    char driver[256];
    ssize_t length = link ? readlink(link, driver, sizeof driver - 1) : -1;
    driver[length > 0 ? length : 0] = '\0';
    const char *name = strrchr(driver, '/');
    return (name && strcmp(name + 1, "vfio-pci") == 0) ||
           build_refuse(b, &hostdev->device.node, ELEMENT,
                        "the PCI device %s is driven by '%s': bind it to vfio-pci first", address,
                        name ? name + 1 : "nothing");
}

static json_t *pci_device(struct build *b, const struct model_hostdev *hostdev)
{
    const struct model_address *at = &hostdev->source.address;
    if (hostdev->driver.name && strcmp(hostdev->driver.name, "vfio") != 0) {
        build_refuse(b, &hostdev->driver.node, ELEMENT "/driver",
                     "PCI devices are given with vfio, not '%s'", hostdev->driver.name);
        return NULL;
    }
    auto_free char *address =
        string_format("%04x:%02x:%02x.%x", at->domain, at->bus, at->slot, at->function);
    if (!address || !check_vfio(b, hostdev, address) ||
        !build_need_device(b, &hostdev->device.node, ELEMENT, "vfio-pci"))
        return NULL;
    json_t *json = json_pack("{s:s,s:s}", "driver", "vfio-pci", "host", address);
    if (hostdev->rom.enabled == MODEL_SWITCH_OFF)
        json_put_string(json, "romfile", "");
    else if (hostdev->rom.bar)
        json_object_set_new(json, "rombar", json_integer(hostdev->rom.bar == MODEL_SWITCH_ON));
    json_put_string(json, "romfile", hostdev->rom.file);
    return json;
}

static json_t *mdev_device(struct build *b, const struct model_hostdev *hostdev)
{
    char uuid[HVK_UUID_STRING_SIZE];
    if (!hostdev->source.mdev_uuid.set ||
        (hostdev->model && strcmp(hostdev->model, "vfio-pci") != 0)) {
        build_refuse(b, &hostdev->device.node, ELEMENT,
                     "a mediated device needs model vfio-pci and a uuid");
        return NULL;
    }
    uuid_format(hostdev->source.mdev_uuid.bytes, uuid);
    auto_free char *path = string_format("/sys/bus/mdev/devices/%s", uuid);
    json_t *json = path ? json_pack("{s:s,s:s}", "driver", "vfio-pci", "sysfsdev", path) : NULL;
    json_put_onoff(json, "display", hostdev->display);
    json_put_bool(json, "ramfb", hostdev->ramfb);
    return json;
}

/* ---- USB ---- */

static json_t *usb_device(struct build *b, const struct model_hostdev *hostdev)
{
    const struct model_hostdev_source *source = &hostdev->source;
    if (!build_need_device(b, &hostdev->device.node, ELEMENT, "usb-host"))
        return NULL;
    json_t *json = json_pack("{s:s}", "driver", "usb-host");
    bool place = source->usb_bus.set && source->usb_device.set;
    json_put_uint(json, "hostbus", source->usb_bus);
    json_put_uint(json, "hostaddr", source->usb_device);
    json_put_uint(json, "vendorid", source->vendor.id);
    json_put_uint(json, "productid", source->product.id);
    if (source->guest_reset) {
        json_object_set_new(json, "guest-reset",
                            json_boolean(strcmp(source->guest_reset, "off") != 0));
        json_object_set_new(json, "guest-resets-all",
                            json_boolean(strcmp(source->guest_reset, "on") == 0));
    }
    if (place || (source->vendor.id.set && source->product.id.set))
        return json;
    json_decref(json);
    build_refuse(b, &hostdev->device.node, ELEMENT "/source",
                 "a USB device is named by vendor and product, or by bus and device");
    return NULL;
}

static const struct {
    enum model_hostdev_type type;
    json_t *(*make)(struct build *b, const struct model_hostdev *hostdev);
} hostdevs[] = {
    {MODEL_HOSTDEV_PCI, pci_device},
    {MODEL_HOSTDEV_USB, usb_device},
    {MODEL_HOSTDEV_MDEV, mdev_device},
};

bool hostdev_build(struct build *b, void *device)
{
    struct model_hostdev *hostdev = device;
    const char *type = model_word(&model_hostdev_type_words, hostdev->type);
    if (hostdev->mode != MODEL_HOSTDEV_MODE_SUBSYSTEM)
        return build_refuse(b, &hostdev->device.node, ELEMENT "/@mode",
                            "QEMU guests get devices of mode 'subsystem'");
    for (size_t i = 0; i < ARRAY_SIZE(hostdevs); i++) {
        if (hostdevs[i].type != hostdev->type)
            continue;
        json_t *json = hostdevs[i].make(b, hostdev);
        return json && build_device(b, &hostdev->device, json);
    }
    return build_refuse(b, &hostdev->device.node, ELEMENT, "devices of type '%s' are not supported",
                        type ? type : "");
}

/* ---- memory ---- */

static json_t *file_memory(struct build *b, const struct model_memory_device *memory,
                           const char *id)
{
    if (!memory->source.path) {
        build_refuse(b, &memory->device.node, MEMORY "/source", "it needs the path of a file");
        return NULL;
    }
    json_t *json =
        json_pack("{s:s,s:s,s:s,s:I,s:b}", "qom-type", "memory-backend-file", "id", id, "mem-path",
                  memory->source.path, "size", (json_int_t)(memory->target.size.value * 1024),
                  "share", memory->access != MODEL_MEMORY_ACCESS_PRIVATE);
    if (memory->source.pmem)
        json_object_set_new(json, "pmem", json_true());
    if (memory->source.align_size.set)
        json_object_set_new(json, "align",
                            json_integer((json_int_t)memory->source.align_size.value * 1024));
    if (memory->target.readonly)
        json_object_set_new(json, "readonly", json_true());
    return json;
}

enum {
    MEMORY_DIMM = 1,
    MEMORY_NVDIMM = 2,
    MEMORY_VIRTIO = 4,
    MEMORY_PMEM = 8,
};

static const struct memory_model {
    enum model_memory_model model;
    const char *driver;
    uint32_t variant;
} memory_models[] = {
    {MODEL_MEMORY_MODEL_DIMM, "pc-dimm", MEMORY_DIMM},
    {MODEL_MEMORY_MODEL_NVDIMM, "nvdimm", MEMORY_NVDIMM},
    {MODEL_MEMORY_MODEL_VIRTIO_MEM, "virtio-mem-pci", MEMORY_VIRTIO},
    {MODEL_MEMORY_MODEL_VIRTIO_PMEM, "virtio-pmem-pci", MEMORY_PMEM},
};

#define ROW(member, qemu, xml, kind, mask)                                                         \
    PROPERTY_OF(struct model_memory_device, member, qemu, xml, kind, mask)

static const struct property memory_rows[] = {
    ROW(target.node_number, "node", "target/node", PROPERTY_UINT,
        MEMORY_DIMM | MEMORY_NVDIMM | MEMORY_VIRTIO),
    ROW(target.block, NULL, "target/block", PROPERTY_UINT, MEMORY_VIRTIO),
    ROW(target.requested, NULL, "target/requested", PROPERTY_UINT, MEMORY_VIRTIO),
    ROW(target.label.size, NULL, "target/label", PROPERTY_UINT, MEMORY_NVDIMM),
    ROW(source.path, NULL, "source/path", PROPERTY_STRING, MEMORY_NVDIMM | MEMORY_PMEM),
};

static void put_kib(json_t *json, const char *key, struct model_uint kib)
{
    if (kib.set)
        json_object_set_new(json, key, json_integer((json_int_t)kib.value * 1024));
}

bool memory_device_build(struct build *b, void *device)
{
    struct model_memory_device *memory = device;
    const struct memory_model *model = NULL;
    for (size_t i = 0; i < ARRAY_SIZE(memory_models); i++)
        if (memory_models[i].model == memory->model)
            model = &memory_models[i];
    if (!model || !build_need_device(b, &memory->device.node, MEMORY, model->driver))
        return model ? false
                     : build_refuse(b, &memory->device.node, MEMORY,
                                    "memory of model '%s' is not supported",
                                    model_word(&model_memory_model_words, memory->model));
    if (!b->domain->max_memory.node.present)
        return build_refuse(b, &memory->device.node, MEMORY,
                            "memory devices need a <maxMemory slots='...'>");
    auto_free char *id = string_format("mem%s", memory->device.alias.name);
    if (!id)
        return hvk_error_memory(b->err);
    bool file = model->variant & (MEMORY_NVDIMM | MEMORY_PMEM);
    json_t *backend = file ? file_memory(b, memory, id)
                           : memory_backend(b, id, memory->target.size.value * 1024, memory->access,
                                            memory->discard, &memory->device.node);
    if (!backend || !build_part(b, PART_OBJECT, backend))
        return false;
    json_t *json = json_pack("{s:s,s:s}", "driver", model->driver, "memdev", id);
    if (!json || !build_properties(b, json, memory_rows, ARRAY_SIZE(memory_rows), memory,
                                   model->variant, &memory->device.node, MEMORY)) {
        json_decref(json);
        return false;
    }
    put_kib(json, "block-size", memory->target.block);
    put_kib(json, "requested-size", memory->target.requested);
    put_kib(json, "label-size", memory->target.label.size);
    return build_device(b, &memory->device, json);
}
