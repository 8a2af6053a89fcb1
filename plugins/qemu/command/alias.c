/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "command/alias.h"

#include "command/address.h"
#include "command/usb.h"

const char *alias_of_controller(const struct model_domain *domain, enum model_controller_type type,
                                uint32_t index)
{
    MODEL_FOR_EACH(&domain->devices.controllers, struct model_controller, controller)
    if (controller->type == type && controller->index.value == index &&
        usb_companion_port(controller->model) < 0)
        return controller->device.alias.name;
    return NULL;
}

/* ---- families whose names are not a prefix and a number ---- */

static const char *name_controller(struct build *b, const struct model_controller *controller)
{
    unsigned index = (unsigned)controller->index.value;
    bool q35 = build_is_q35(b->domain);
    switch ((unsigned)controller->type) {
    case MODEL_CONTROLLER_PCI:
        return build_text_format(b, index == 0 && q35 ? "pcie.%u" : "pci.%u", index);
    case MODEL_CONTROLLER_IDE:
    case MODEL_CONTROLLER_SATA:
        if (index == 0 && q35 == (controller->type == MODEL_CONTROLLER_SATA))
            return "ide"; /* QEMU's name for the bus of the chip set */
        break;
    case MODEL_CONTROLLER_USB:
        return index == 0 ? "usb" : build_text_format(b, "usb%u", index);
    }
    return build_text_format(b, "%s%u", model_word(&model_controller_type_words, controller->type),
                             index);
}

static const char *name_disk(struct build *b, const struct model_disk *disk)
{
    const struct model_address *a = &disk->device.address;
    int32_t index = address_target_index(disk->target.dev);
    const char *bus = model_word(&model_disk_bus_words, disk->target.bus);
    if (a->type == MODEL_ADDRESS_DRIVE && disk->target.bus == MODEL_DISK_BUS_SCSI)
        return build_text_format(b, "scsi%u-%u-%u-%u", a->controller, a->bus, a->target, a->unit);
    if (a->type == MODEL_ADDRESS_DRIVE)
        return build_text_format(b, "%s%u-%u-%u", bus, a->controller, a->bus, a->unit);
    if (index < 0)
        return build_text_format(b, "%s-disk-%s", bus, disk->target.dev ? disk->target.dev : "");
    return build_text_format(b, "%s-disk%d", bus, index);
}

static const char *const memory_prefixes[] = {
    [MODEL_MEMORY_MODEL_DIMM] = "dimm",
    [MODEL_MEMORY_MODEL_NVDIMM] = "nvdimm",
    [MODEL_MEMORY_MODEL_VIRTIO_PMEM] = "virtiopmem",
    [MODEL_MEMORY_MODEL_VIRTIO_MEM] = "virtiomem",
};

static const char *prefix_of(const struct family *family, const struct model_device *device)
{
    if (family->kind != MODEL_DEVICE_MEMORY)
        return family->alias;
    enum model_memory_model model = ((const struct model_memory_device *)device)->model;
    const char *prefix = model < ARRAY_SIZE(memory_prefixes) ? memory_prefixes[model] : NULL;
    return prefix ? prefix : "memory";
}

/* ---- numbers ---- */

static bool is_used(const struct model_array *devices, const char *prefix, uint32_t number)
{
    char name[64];
    snprintf(name, sizeof name, "%s%u", prefix, number);
    for (uint32_t i = 0; i < devices->count; i++)
        if (string_equal(((const struct model_device *)devices->items[i])->alias.name, name))
            return true;
    return false;
}

static const char *name_numbered(struct build *b, const struct family *family,
                                 const struct model_device *device)
{
    const char *prefix = prefix_of(family, device);
    uint32_t number = 0;
    while (is_used(family_devices(family, b->domain), prefix, number))
        number++;
    return build_text_format(b, "%s%u", prefix, number);
}

bool alias_assign_device(struct build *b, const struct family *family, struct model_device *device)
{
    struct model_alias *alias = &device->alias;
    if (alias->name)
        return true;
    if (family->kind == MODEL_DEVICE_CONTROLLER)
        alias->name = name_controller(b, (const struct model_controller *)device);
    else if (family->kind == MODEL_DEVICE_DISK)
        alias->name = name_disk(b, (const struct model_disk *)device);
    else
        alias->name = name_numbered(b, family, device);
    alias->node.present = true;
    return alias->name != NULL;
}

/* The first console of a PC is its first serial port, name included. */
static void share_console_alias(const struct model_domain *domain)
{
    const struct model_devices *devices = &domain->devices;
    if (devices->consoles.count == 0 || devices->serials.count == 0 ||
        devices->consoles.items[0]->target.console != MODEL_CONSOLE_SERIAL)
        return;
    devices->consoles.items[0]->device.alias = devices->serials.items[0]->device.alias;
}

bool alias_assign(struct build *b)
{
    if (!family_each(b, alias_assign_device))
        return false;
    share_console_alias(b->domain);
    return true;
}

void alias_clear(const struct model_domain *domain)
{
    for (const struct family *family = families; family->element; family++) {
        const struct model_array *devices = family_devices(family, domain);
        for (uint32_t i = 0; i < devices->count; i++) {
            struct model_alias *alias = &((struct model_device *)devices->items[i])->alias;
            if (alias->name && !string_starts_with(alias->name, ALIAS_USER_PREFIX))
                *alias = (struct model_alias){0};
        }
    }
}
