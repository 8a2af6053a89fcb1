/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Parts that many devices share. */
#include "model/tables.h"

#include <base/string.h>

const struct model_scale model_scale_kib = {1024, 1024, 1024, "KiB"};
const struct model_scale model_scale_bytes = {1, 1, 1, "bytes"};

static const struct model_number order_range = {1, UINT32_MAX, 0, false};

static const struct model_row boot_rows[] = {
    ATTRIBUTE(boot, "order", order, UINT, .detail = &order_range),
    ATTRIBUTE(boot, "loadparm", loadparm, STRING),
};
SHARED_TYPE(boot, boot);

/* Names that a driver gave are live; a user's own begin with "ua-". */
static bool alias_shown(const void *base, uint32_t flags)
{
    const struct model_alias *alias = base;
    return !(flags & MODEL_FORMAT_INACTIVE) || !alias->name ||
           string_starts_with(alias->name, "ua-");
}

static const struct model_row alias_rows[] = {
    ATTRIBUTE(alias, "name", name, STRING, .shown = alias_shown),
};
SHARED_TYPE(alias, alias);

static const struct model_number acpi_range = {1, 16383, 0, false};

static const struct model_row acpi_index_rows[] = {
    ATTRIBUTE(acpi_index, "index", index, UINT, .detail = &acpi_range),
};
SHARED_TYPE(acpi_index, acpi_index);

static const struct model_number pci_domain = {0, 0xffff, 4, false};
static const struct model_number pci_bus = {0, 0xff, 2, false};
static const struct model_number pci_slot = {0, 0x1f, 2, false};
static const struct model_number pci_function = {0, 7, 1, false};
static const struct model_number isa_port = {0, 0xffff, 1, true};
static const struct model_number ccw_cssid = {0, 0xfe, 1, false};
static const struct model_number ccw_ssid = {0, 3, 1, false};
static const struct model_number ccw_devno = {0, 0xffff, 4, false};
static const struct model_number wide = {0, UINT64_MAX, 1, true};
static const struct model_number spapr_reg = {0, UINT64_MAX, 8, false};

#define ON(type) (1U << MODEL_ADDRESS_##type)

/* Without an assigned address only its type is said. */
static bool address_shown(const void *base, uint32_t flags)
{
    (void)flags;
    return ((const struct model_address *)base)->assigned;
}

#define PART(xml, member, how, range, types)                                                       \
    ATTRIBUTE(address, xml, member, how, .detail = (range), .only = (types), .shown = address_shown)

/* libvirt takes 0000:00:00.0 for "to be chosen": nothing but the host bridge can be there. */
static bool address_finish(struct model_arena *arena, void *base)
{
    struct model_address *address = base;
    (void)arena;
    switch (address->type) {
    case MODEL_ADDRESS_UNSET:
    case MODEL_ADDRESS_UNASSIGNED:
    case MODEL_ADDRESS_VIRTIO_MMIO:
        address->assigned = false;
        break;
    case MODEL_ADDRESS_PCI:
        address->assigned = address->domain || address->bus || address->slot || address->function;
        break;
    case MODEL_ADDRESS_USB:
        address->assigned = address->usb_port || address->bus;
        break;
    case MODEL_ADDRESS_ISA:
        address->assigned = address->iobase || address->irq;
        break;
    case MODEL_ADDRESS_DRIVE:
    case MODEL_ADDRESS_VIRTIO_SERIAL:
    case MODEL_ADDRESS_CCID:
    case MODEL_ADDRESS_DIMM:
    case MODEL_ADDRESS_CCW:
    case MODEL_ADDRESS_SPAPR_VIO:
        address->assigned = true;
        break;
    }
    return true;
}

static const struct model_row address_rows[] = {
    ATTRIBUTE_ENUM(address, "type", type, address_type, .flags = MODEL_ROW_REQUIRED),
    PART("domain", domain, U32, &pci_domain, ON(PCI)),
    PART("controller", controller, U32, NULL, ON(DRIVE) | ON(VIRTIO_SERIAL) | ON(CCID)),
    PART("bus", bus, U32, &pci_bus, ON(PCI)),
    PART("bus", bus, U32, NULL, ON(DRIVE) | ON(VIRTIO_SERIAL) | ON(USB)),
    PART("slot", slot, U32, &pci_slot, ON(PCI)),
    PART("slot", slot, U32, NULL, ON(CCID) | ON(DIMM)),
    PART("function", function, U32, &pci_function, ON(PCI)),
    ATTRIBUTE(address, "multifunction", multifunction, ONOFF, .only = ON(PCI)),
    PART("target", target, U32, NULL, ON(DRIVE)),
    PART("unit", unit, U32, NULL, ON(DRIVE)),
    PART("port", port, U32, NULL, ON(VIRTIO_SERIAL)),
    PART("port", usb_port, STRING, NULL, ON(USB)),
    PART("iobase", iobase, U32, &isa_port, ON(ISA)),
    PART("irq", irq, U32, &isa_port, ON(ISA)),
    PART("base", base, U64, &wide, ON(DIMM)),
    PART("reg", reg, U64, &spapr_reg, ON(SPAPR_VIO)),
    PART("cssid", cssid, U32, &ccw_cssid, ON(CCW)),
    PART("ssid", ssid, U32, &ccw_ssid, ON(CCW)),
    PART("devno", devno, U32, &ccw_devno, ON(CCW)),
};
SHARED_TYPE(address, address, .selector = offsetof(struct model_address, type),
            .finish = address_finish);

static bool pci_address_finish(struct model_arena *arena, void *base)
{
    struct model_address *address = base;
    (void)arena;
    address->type = MODEL_ADDRESS_PCI;
    address->assigned = true;
    return true;
}

/* Where only a PCI device can be meant, the type is not said. */
static const struct model_row pci_address_rows[] = {
    ATTRIBUTE(address, "domain", domain, U32, .detail = &pci_domain),
    ATTRIBUTE(address, "bus", bus, U32, .detail = &pci_bus),
    ATTRIBUTE(address, "slot", slot, U32, .detail = &pci_slot),
    ATTRIBUTE(address, "function", function, U32, .detail = &pci_function),
};
SHARED_TYPE(pci_address, address, .finish = pci_address_finish);

static const struct model_row rom_rows[] = {
    ATTRIBUTE(rom, "enabled", enabled, YESNO),
    ATTRIBUTE(rom, "bar", bar, ONOFF),
    ATTRIBUTE(rom, "file", file, STRING),
};
SHARED_TYPE(rom, rom);

static bool label_shown(const void *base, uint32_t flags)
{
    const struct model_seclabel *label = base;
    return !(flags & MODEL_FORMAT_INACTIVE) || label->type != MODEL_SECLABEL_DYNAMIC;
}

static const struct model_row seclabel_rows[] = {
    ATTRIBUTE_ENUM(seclabel, "type", type, seclabel_type),
    ATTRIBUTE(seclabel, "model", model, STRING),
    ATTRIBUTE(seclabel, "relabel", relabel, YESNO),
    ATTRIBUTE(seclabel, "labelskip", labelskip, YESNO),
    LEAF(seclabel, "label", label, STRING, .shown = label_shown),
    LEAF(seclabel, "imagelabel", imagelabel, STRING, .flags = MODEL_ROW_LIVE),
    LEAF(seclabel, "baselabel", baselabel, STRING),
};
SHARED_TYPE(seclabel, seclabel);

static const struct model_row clipboard_rows[] = {
    ATTRIBUTE(chardev_source, "copypaste", clipboard, YESNO),
};
FLAT_TYPE(clipboard, chardev_source, clipboard_node);

static const struct model_row agent_mouse_rows[] = {
    ATTRIBUTE(chardev_source, "mode", mouse_mode, STRING),
};
FLAT_TYPE(agent_mouse, chardev_source, mouse_node);

static const struct model_row reconnect_rows[] = {
    ATTRIBUTE(chardev_source, "enabled", reconnect, YESNO),
    ATTRIBUTE(chardev_source, "timeout", reconnect_timeout, UINT),
};
FLAT_TYPE(reconnect, chardev_source, reconnect_node);

static const struct model_row chardev_source_rows[] = {
    ATTRIBUTE_ENUM(chardev_source, "mode", mode, source_mode),
    ATTRIBUTE(chardev_source, "host", host, STRING),
    ATTRIBUTE(chardev_source, "service", service, STRING),
    ATTRIBUTE(chardev_source, "path", path, STRING),
    ATTRIBUTE(chardev_source, "append", append, ONOFF),
    ATTRIBUTE(chardev_source, "channel", channel, STRING),
    ATTRIBUTE(chardev_source, "master", master, STRING),
    ATTRIBUTE(chardev_source, "slave", slave, STRING),
    ATTRIBUTE(chardev_source, "tls", tls, YESNO),
    CHILD_FLAT("clipboard", clipboard),
    CHILD_FLAT("mouse", agent_mouse),
    CHILD_FLAT("reconnect", reconnect),
    ITEMS(chardev_source, "seclabel", seclabels, seclabel),
};
SHARED_TYPE(chardev_source, chardev_source);

static const struct model_row chardev_wire_rows[] = {
    ATTRIBUTE_ENUM(chardev_wire, "type", type, chardev_protocol),
};
SHARED_TYPE(chardev_wire, chardev_wire);

static const struct model_row chardev_log_rows[] = {
    ATTRIBUTE(chardev_log, "file", file, STRING, .flags = MODEL_ROW_REQUIRED),
    ATTRIBUTE(chardev_log, "append", append, ONOFF),
};
SHARED_TYPE(chardev_log, chardev_log);

static const struct model_row driver_virtio_rows[] = {VIRTIO_ROWS(driver_virtio, virtio)};
SHARED_TYPE(driver_virtio, driver_virtio);

static const struct model_row text_rows[] = {TEXT(text, value, STRING)};
SHARED_TYPE(text, text);
