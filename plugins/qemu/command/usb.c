/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "command/usb.h"

#define USB_PORT_MAX 16 /* characters of "1.2.3.4" that are looked at */

/* ports: of the root hub, when the definition does not say. A companion has those of its EHCI
 * controller, from `first` on. */
static const struct usb_model {
    const char *model;
    const char *driver;
    uint32_t ports;
    int32_t first; /* -1: no companion */
} usb_models[] = {
    {"piix3-uhci", "piix3-usb-uhci", 2, -1}, {"piix4-uhci", "piix4-usb-uhci", 2, -1},
    {"pci-ohci", "pci-ohci", 3, -1},         {"ehci", "usb-ehci", 6, -1},
    {"nec-xhci", "nec-usb-xhci", 4, -1},     {"qemu-xhci", "qemu-xhci", 4, -1},
    {"ich9-ehci1", "ich9-usb-ehci1", 6, -1}, {"ich9-uhci1", "ich9-usb-uhci1", 0, 0},
    {"ich9-uhci2", "ich9-usb-uhci2", 0, 2},  {"ich9-uhci3", "ich9-usb-uhci3", 0, 4},
};

static const struct usb_model *find_model(const char *model)
{
    for (size_t i = 0; i < ARRAY_SIZE(usb_models); i++)
        if (string_equal(usb_models[i].model, model))
            return &usb_models[i];
    return NULL;
}

const char *usb_controller_driver(const char *model)
{
    const struct usb_model *found = find_model(model);
    return found ? found->driver : NULL;
}

int32_t usb_companion_port(const char *model)
{
    const struct usb_model *found = find_model(model);
    return found ? found->first : -1;
}

bool usb_is_device(const struct family *family, const struct model_device *device)
{
    switch ((unsigned)family->kind) {
    case MODEL_DEVICE_DISK:
        return ((const struct model_disk *)device)->target.bus == MODEL_DISK_BUS_USB;
    case MODEL_DEVICE_INPUT:
        return ((const struct model_input *)device)->bus == MODEL_INPUT_BUS_USB;
    case MODEL_DEVICE_SOUND:
        return string_equal(((const struct model_sound *)device)->model, "usb");
    case MODEL_DEVICE_SERIAL:
        return string_equal(((const struct model_serial *)device)->target.type, "usb-serial");
    case MODEL_DEVICE_CONTROLLER:
        return ((const struct model_controller *)device)->type == MODEL_CONTROLLER_CCID;
    case MODEL_DEVICE_HOSTDEV:
        return ((const struct model_hostdev *)device)->type == MODEL_HOSTDEV_USB;
    case MODEL_DEVICE_HUB:
    case MODEL_DEVICE_REDIRDEV:
        return true;
    }
    return false;
}

/* ---- which ports are taken ---- */

static bool is_at(const struct model_device *device, uint32_t bus, const char *port)
{
    const struct model_address *address = &device->address;
    return address->type == MODEL_ADDRESS_USB && address->assigned && address->bus == bus &&
           string_equal(address->usb_port, port);
}

static bool is_taken(const struct build *b, uint32_t bus, const char *port,
                     const struct model_device *except)
{
    for (const struct family *family = families; family->element; family++) {
        const struct model_array *devices = family_devices(family, b->domain);
        for (uint32_t i = 0; i < devices->count; i++)
            if (devices->items[i] != except && usb_is_device(family, devices->items[i]) &&
                is_at(devices->items[i], bus, port))
                return true;
    }
    return false;
}

static uint32_t port_count(const struct model_controller *controller)
{
    const struct usb_model *model = find_model(controller->model);
    if (controller->ports.set)
        return (uint32_t)controller->ports.value;
    return model ? model->ports : 0;
}

/* The first free port of a root hub or hub, and how many there are. */
struct usb_search {
    uint32_t bus;
    char port[USB_PORT_MAX];
    uint32_t free;
};

static void search_hub(const struct build *b, uint32_t bus, const char *prefix, uint32_t ports,
                       const struct model_device *except, struct usb_search *search)
{
    for (uint32_t number = 1; number <= ports; number++) {
        char port[USB_PORT_MAX];
        if (snprintf(port, sizeof port, "%s%u", prefix, number) >= (int)sizeof port ||
            is_taken(b, bus, port, except))
            continue;
        if (search->free++ > 0)
            continue;
        search->bus = bus;
        memcpy(search->port, port, sizeof port);
    }
}

static struct usb_search search_port(const struct build *b, const struct model_device *except)
{
    struct usb_search search = {0};
    MODEL_FOR_EACH(&b->domain->devices.controllers, struct model_controller, controller)
    if (controller->type == MODEL_CONTROLLER_USB)
        search_hub(b, (uint32_t)controller->index.value, "", port_count(controller), except,
                   &search);
    MODEL_FOR_EACH(&b->domain->devices.hubs, struct model_hub, hub)
    {
        const struct model_address *address = &hub->device.address;
        if (address->type != MODEL_ADDRESS_USB || !address->assigned)
            continue;
        char prefix[USB_PORT_MAX];
        if (snprintf(prefix, sizeof prefix, "%s.", address->usb_port) < (int)sizeof prefix)
            search_hub(b, address->bus, prefix, USB_HUB_PORTS, except, &search);
    }
    return search;
}

static bool set_port(struct build *b, struct model_device *device, const struct usb_search *found)
{
    const char *port = build_text(b, found->port);
    if (!port)
        return false;
    device->address = (struct model_address){.node.present = true,
                                             .type = MODEL_ADDRESS_USB,
                                             .assigned = true,
                                             .bus = found->bus,
                                             .usb_port = port};
    return true;
}

static bool add_hub(struct build *b, const struct usb_search *found)
{
    struct model_hub *hub = build_alloc(b, sizeof *hub);
    if (!hub || !build_append(b, &b->domain->devices.hubs, hub))
        return false;
    hub->device.node.present = true;
    hub->type = "usb";
    return set_port(b, &hub->device, found);
}

bool usb_assign(struct build *b, const struct family *family, struct model_device *device)
{
    const struct model_address *address = &device->address;
    if (address->type == MODEL_ADDRESS_USB && address->assigned && address->usb_port)
        return !is_taken(b, address->bus, address->usb_port, device) ||
               build_refuse(b, &device->node, family->element, "USB port %u:%s is in use",
                            address->bus, address->usb_port);
    struct usb_search found = search_port(b, device);
    if (found.free == 1 && family->kind != MODEL_DEVICE_HUB && !b->running) {
        if (!add_hub(b, &found))
            return false;
        found = search_port(b, device);
    }
    return found.free > 0
               ? set_port(b, device, &found)
               : build_refuse(b, &device->node, family->element,
                              "there is no free USB port: add a USB controller with ports");
}
