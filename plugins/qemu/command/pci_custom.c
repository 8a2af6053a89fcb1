/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Places that devices have by custom: guests, and people who read lspci, expect them there. */
#include "command/pci_map.h"

/* The slot and function where guests expect a device to be; slot 0: none. */
struct place {
    uint8_t slot;
    uint8_t function;
};

static const struct {
    const char *model;
    struct place express;
} usb_places[] = {
    {"ich9-ehci1", {0x1d, 7}}, {"ich9-uhci1", {0x1d, 0}}, {"ich9-uhci2", {0x1d, 1}},
    {"ich9-uhci3", {0x1d, 2}}, {"ich9-ehci2", {0x1a, 7}}, {"ich9-uhci4", {0x1a, 0}},
    {"ich9-uhci5", {0x1a, 1}}, {"ich9-uhci6", {0x1a, 2}},
};

static struct place usb_place(const char *model)
{
    for (size_t i = 0; i < ARRAY_SIZE(usb_places); i++)
        if (string_equal(usb_places[i].model, model))
            return usb_places[i].express;
    return (struct place){0};
}

static struct place custom_place(const struct pci_map *map, const struct family *family,
                                 const struct model_device *device)
{
    if (family->kind == MODEL_DEVICE_VIDEO &&
        ((const struct model_video *)device)->model.primary == MODEL_SWITCH_ON)
        return (struct place){map->express ? 1 : 2, 0};
    if (family->kind == MODEL_DEVICE_SOUND && map->express &&
        string_equal(((const struct model_sound *)device)->model, "ich9"))
        return (struct place){0x1b, 0};
    if (family->kind != MODEL_DEVICE_CONTROLLER)
        return (struct place){0};
    const struct model_controller *controller = (const struct model_controller *)device;
    if (controller->index.value == 0 && controller->type == MODEL_CONTROLLER_SATA && map->express)
        return (struct place){31, 2};
    if (controller->index.value == 0 && controller->type == MODEL_CONTROLLER_IDE && !map->express)
        return (struct place){1, 1};
    if (controller->index.value == 0 && controller->type == MODEL_CONTROLLER_USB && !map->express &&
        string_equal(controller->model, "piix3-uhci"))
        return (struct place){1, 2};
    return controller->type == MODEL_CONTROLLER_USB ? usb_place(controller->model)
                                                    : (struct place){0};
}

/* USB companions are functions of one slot: that of the first of them that has one. */
static const struct model_device *find_companion(const struct build *b,
                                                 const struct model_controller *controller)
{
    MODEL_FOR_EACH(&b->domain->devices.controllers, struct model_controller, other)
    if (other->type == MODEL_CONTROLLER_USB && other->index.value == controller->index.value &&
        pci_is_placed(&other->device) && usb_place(other->model).slot)
        return &other->device;
    return NULL;
}

bool pci_place_custom(struct build *b, struct pci_map *map, const struct family *family,
                      struct model_device *device, enum pci_class class)
{
    struct place place_ = custom_place(map, family, device);
    if (place_.slot == 0)
        return false;
    struct pci_bus *bus = pci_bus_at(map, 0);
    bool usb = family->kind == MODEL_DEVICE_CONTROLLER &&
               usb_place(((struct model_controller *)device)->model).slot;
    const struct model_device *companion =
        usb ? find_companion(b, (const struct model_controller *)device) : NULL;
    if (companion) {
        bus = pci_bus_at(map, companion->address.bus);
        place_.slot = (uint8_t)companion->address.slot;
    } else if (usb && (!map->express || bus->used[place_.slot] != 0)) {
        int slot = pci_free_slot(bus);
        if (slot < 0)
            return false;
        place_.slot = (uint8_t)slot;
    }
    if (!bus ||
        (bus->used[place_.slot] & 1u << place_.function && !pci_is_builtin(b, family, device)))
        return false;
    pci_place_at(bus, place_.slot, place_.function, class, device);
    return true;
}
