/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "command/address.h"

#include "command/alias.h"
#include "command/usb.h"

#define SERIAL_PORTS 31 /* of a virtio-serial controller, as QEMU makes it */
#define CCID_SLOTS 1

int32_t address_target_index(const char *target)
{
    static const char *const prefixes[] = {"xvd", "ubd", "vd", "sd", "hd", "fd"};
    for (size_t i = 0; target && i < ARRAY_SIZE(prefixes); i++) {
        if (!string_starts_with(target, prefixes[i]))
            continue;
        int32_t index = 0;
        const char *at = target + strlen(prefixes[i]);
        const char *end = at + strspn(at, "abcdefghijklmnopqrstuvwxyz");
        if (end == at || end - at > 4)
            return -1;
        for (; at < end; at++)
            index = index * 26 + (*at - 'a') + 1;
        return index - 1;
    }
    return -1;
}

/* ---- drives ---- */

/* How many disks hang where on a controller of each kind. */
struct drive_bus {
    uint32_t buses;
    uint32_t targets;
    uint32_t units;
    uint32_t skip; /* the unit that is the controller's own; 0: none */
};

static const struct drive_bus drive_buses[] = {
    [MODEL_DISK_BUS_IDE] = {2, 1, 2, 0},
    [MODEL_DISK_BUS_FDC] = {1, 1, 2, 0},
    [MODEL_DISK_BUS_SATA] = {1, 1, 6, 0},
    [MODEL_DISK_BUS_SCSI] = {1, 1, 16, 7},
};

static const struct drive_bus *drive_bus_of(const struct model_disk *disk)
{
    return disk->target.bus < ARRAY_SIZE(drive_buses) && drive_buses[disk->target.bus].units > 0
               ? &drive_buses[disk->target.bus]
               : NULL;
}

static bool same_drive(const struct model_address *a, const struct model_address *b)
{
    return a->controller == b->controller && a->bus == b->bus && a->target == b->target &&
           a->unit == b->unit;
}

static const struct model_disk *drive_owner(const struct build *b, const struct model_disk *disk,
                                            const struct model_address *address)
{
    MODEL_FOR_EACH(&b->domain->devices.disks, struct model_disk, other)
    if (other != disk && other->target.bus == disk->target.bus &&
        other->device.address.type == MODEL_ADDRESS_DRIVE && other->device.address.assigned &&
        same_drive(&other->device.address, address))
        return other;
    return NULL;
}

/* The index-th place of the bus, counted through all controllers. */
static struct model_address drive_at(const struct drive_bus *bus, uint32_t index)
{
    uint32_t units = bus->units - (bus->skip ? 1 : 0), per_controller = units * bus->buses;
    uint32_t unit = index % units;
    return (struct model_address){
        .node.present = true,
        .type = MODEL_ADDRESS_DRIVE,
        .assigned = true,
        .controller = index / per_controller,
        .bus = index % per_controller / units,
        .unit = unit + (bus->skip && unit >= bus->skip ? 1 : 0),
    };
}

static bool assign_drive(struct build *b, struct model_disk *disk)
{
    const struct drive_bus *bus = drive_bus_of(disk);
    struct model_address *address = &disk->device.address;
    if (!bus)
        return true;
    if (address->type == MODEL_ADDRESS_DRIVE && address->assigned) {
        const struct model_disk *owner = drive_owner(b, disk, address);
        return !owner || build_refuse(b, &disk->device.node, "devices/disk",
                                      "disks '%s' and '%s' have the same drive address",
                                      disk->target.dev, owner->target.dev);
    }
    int32_t index = address_target_index(disk->target.dev);
    struct model_address wanted = drive_at(bus, index < 0 ? 0 : (uint32_t)index);
    for (uint32_t next = 0; drive_owner(b, disk, &wanted); next++)
        wanted = drive_at(bus, next);
    *address = wanted;
    return true;
}

/* ---- ports of virtio-serial ---- */

static bool serial_port_is_free(const struct model_array *devices,
                                const struct model_device *except, uint32_t controller,
                                uint32_t port)
{
    for (uint32_t i = 0; i < devices->count; i++) {
        const struct model_device *device = devices->items[i];
        const struct model_address *address = &device->address;
        if (device != except && address->type == MODEL_ADDRESS_VIRTIO_SERIAL && address->assigned &&
            address->controller == controller && address->port == port)
            return false;
    }
    return true;
}

static bool serial_is_free(const struct build *b, const struct model_device *except,
                           uint32_t controller, uint32_t port)
{
    return serial_port_is_free(ARRAY_OF(&b->domain->devices.channels), except, controller, port) &&
           serial_port_is_free(ARRAY_OF(&b->domain->devices.consoles), except, controller, port);
}

/* Port 0 is the console's. */
static bool assign_serial(struct build *b, struct model_device *device, const char *element,
                          uint32_t first)
{
    struct model_address *address = &device->address;
    if (address->type == MODEL_ADDRESS_VIRTIO_SERIAL && address->assigned &&
        address->port <= SERIAL_PORTS)
        return serial_is_free(b, device, address->controller, address->port) ||
               build_refuse(b, &device->node, element,
                            "port %u of virtio-serial controller %u is in use", address->port,
                            address->controller);
    for (uint32_t port = first; port < SERIAL_PORTS; port++) {
        if (!serial_is_free(b, device, 0, port))
            continue;
        *address = (struct model_address){.node.present = true,
                                          .type = MODEL_ADDRESS_VIRTIO_SERIAL,
                                          .assigned = true,
                                          .port = port};
        return true;
    }
    return build_refuse(b, &device->node, element, "virtio-serial controller 0 has no free port");
}

/* ---- slots ---- */

static bool slot_is_free(const struct model_array *devices, const struct model_device *except,
                         uint32_t slot)
{
    for (uint32_t i = 0; i < devices->count; i++) {
        const struct model_device *device = devices->items[i];
        if (device != except && device->address.assigned && device->address.slot == slot)
            return false;
    }
    return true;
}

static bool assign_slot(struct build *b, const struct model_array *devices,
                        struct model_device *device, enum model_address_type type, uint32_t slots,
                        const char *element)
{
    struct model_address *address = &device->address;
    if (address->type == type && address->assigned)
        return slot_is_free(devices, device, address->slot) ||
               build_refuse(b, &device->node, element, "slot %u is in use", address->slot);
    for (uint32_t slot = 0; slot < slots; slot++) {
        if (!slot_is_free(devices, device, slot))
            continue;
        address->node.present = true;
        address->type = type;
        address->assigned = true;
        address->slot = slot;
        return true;
    }
    return build_refuse(b, &device->node, element, "all of the %u slots are in use", slots);
}

/* ---- any device ---- */

static bool chardev_is_virtio(const struct family *family, const struct model_device *device)
{
    if (family->kind == MODEL_DEVICE_CHANNEL)
        return ((const struct model_channel *)device)->target.channel == MODEL_CHANNEL_VIRTIO;
    return ((const struct model_console *)device)->target.console == MODEL_CONSOLE_VIRTIO;
}

static enum model_address_type memory_address(const struct model_device *device)
{
    switch (((const struct model_memory_device *)device)->model) {
    case MODEL_MEMORY_MODEL_DIMM:
    case MODEL_MEMORY_MODEL_NVDIMM:
        return MODEL_ADDRESS_DIMM;
    case MODEL_MEMORY_MODEL_UNSET:
    case MODEL_MEMORY_MODEL_NONE:
    case MODEL_MEMORY_MODEL_VIRTIO_PMEM:
    case MODEL_MEMORY_MODEL_VIRTIO_MEM:
    case MODEL_MEMORY_MODEL_SGX_EPC:
        break;
    }
    return MODEL_ADDRESS_UNSET;
}

enum model_address_type address_type_of(const struct family *family,
                                        const struct model_device *device)
{
    if (usb_is_device(family, device))
        return MODEL_ADDRESS_USB;
    switch ((unsigned)family->kind) {
    case MODEL_DEVICE_DISK:
        return drive_bus_of((const struct model_disk *)device) ? MODEL_ADDRESS_DRIVE
                                                               : MODEL_ADDRESS_UNSET;
    case MODEL_DEVICE_CHANNEL:
    case MODEL_DEVICE_CONSOLE:
        return chardev_is_virtio(family, device) ? MODEL_ADDRESS_VIRTIO_SERIAL
                                                 : MODEL_ADDRESS_UNSET;
    case MODEL_DEVICE_SMARTCARD:
        return MODEL_ADDRESS_CCID;
    case MODEL_DEVICE_MEMORY:
        return memory_address(device);
    }
    return MODEL_ADDRESS_UNSET;
}

bool address_assign_device(struct build *b, const struct family *family,
                           struct model_device *device)
{
    struct model_devices *devices = &b->domain->devices;
    enum model_address_type type = address_type_of(family, device);
    switch ((unsigned)type) {
    case MODEL_ADDRESS_USB:
        return usb_assign(b, family, device);
    case MODEL_ADDRESS_DRIVE:
        return assign_drive(b, (struct model_disk *)device);
    case MODEL_ADDRESS_VIRTIO_SERIAL:
        return assign_serial(b, device, family->element,
                             family->kind == MODEL_DEVICE_CHANNEL ? 1 : 0);
    case MODEL_ADDRESS_CCID:
        return assign_slot(b, ARRAY_OF(&devices->smartcards), device, type, CCID_SLOTS,
                           family->element);
    case MODEL_ADDRESS_DIMM:
        if (!b->domain->max_memory.node.present)
            return true; /* memory_device_build() says what is missing */
        return assign_slot(b, ARRAY_OF(&devices->memories), device, type,
                           (uint32_t)b->domain->max_memory.slots.value, family->element);
    }
    return true;
}

bool address_assign(struct build *b)
{
    return family_each(b, address_assign_device);
}

/* ---- into the device ---- */

static bool put_bus(struct build *b, json_t *json, const struct model_device *device,
                    const char *format, enum model_controller_type type, uint32_t index)
{
    const char *alias = alias_of_controller(b->domain, type, index);
    if (!alias)
        return build_refuse(b, &device->node, "devices",
                            "there is no %s controller with index %u: add one first",
                            model_word(&model_controller_type_words, type), index);
    auto_free char *bus = string_format(format, alias);
    json_put_string(json, "bus", bus);
    return bus || hvk_error_memory(b->err);
}

static bool put_pci(struct build *b, json_t *json, const struct model_device *device)
{
    const struct model_address *address = &device->address;
    char text[16];
    snprintf(text, sizeof text, address->function ? "0x%x.0x%x" : "0x%x", address->slot,
             address->function);
    if (!put_bus(b, json, device, "%s", MODEL_CONTROLLER_PCI, address->bus))
        return false;
    json_put_bool(json, "multifunction", address->multifunction);
    json_put_string(json, "addr", text);
    return true;
}

bool address_put(struct build *b, json_t *json, const struct model_device *device)
{
    const struct model_address *address = &device->address;
    if (!address->assigned)
        return true;
    switch (address->type) {
    case MODEL_ADDRESS_PCI:
        return put_pci(b, json, device);
    case MODEL_ADDRESS_USB:
        json_put_string(json, "port", address->usb_port);
        return put_bus(b, json, device, "%s.0", MODEL_CONTROLLER_USB, address->bus);
    case MODEL_ADDRESS_VIRTIO_SERIAL:
        json_object_set_new(json, "nr", json_integer(address->port));
        return put_bus(b, json, device, "%s.0", MODEL_CONTROLLER_VIRTIO_SERIAL,
                       address->controller);
    case MODEL_ADDRESS_CCID:
        return put_bus(b, json, device, "%s.0", MODEL_CONTROLLER_CCID, address->controller);
    case MODEL_ADDRESS_DIMM:
        json_object_set_new(json, "slot", json_integer(address->slot));
        if (address->base)
            json_object_set_new(json, "addr", json_integer((json_int_t)address->base));
        return true;
    case MODEL_ADDRESS_ISA:
        if (address->iobase)
            json_object_set_new(json, "iobase", json_integer(address->iobase));
        if (address->irq)
            json_object_set_new(json, "irq", json_integer(address->irq));
        return true;
    case MODEL_ADDRESS_UNSET:
    case MODEL_ADDRESS_DRIVE:
    case MODEL_ADDRESS_UNASSIGNED:
        return true;
    case MODEL_ADDRESS_CCW:
    case MODEL_ADDRESS_VIRTIO_MMIO:
    case MODEL_ADDRESS_SPAPR_VIO:
        break;
    }
    return build_refuse(b, &address->node, "devices/*/address",
                        "a PC has no addresses of type '%s'",
                        model_word(&model_address_type_words, address->type));
}
