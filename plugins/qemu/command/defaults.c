/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Owns the domain-wide defaults and the controllers. Those of single devices are in
 * defaults_device.c. */
#include "command/defaults.h"

#include "command/defaults_device.h"
#include "command/machine.h"
#include "command/pci.h"
#include "command/usb.h"

#define CONTROLLERS_MAX 64 /* of one type: a hostile definition could ask for millions */
#define ALL_CONTROLLERS_MAX 512
#define IOTHREADS_MAX 1024

struct model_controller *defaults_find_controller(const struct model_domain *domain,
                                                  enum model_controller_type type, uint32_t index)
{
    MODEL_FOR_EACH(&domain->devices.controllers, struct model_controller, controller)
    if (controller->type == type && controller->index.set && controller->index.value == index)
        return controller;
    return NULL;
}

struct model_controller *defaults_add_controller(struct build *b, enum model_controller_type type,
                                                 uint32_t index, const char *model)
{
    struct model_controller *controller = build_alloc(b, sizeof *controller);
    if (!controller || !build_append(b, &b->domain->devices.controllers, controller))
        return NULL;
    controller->device.node.present = true;
    controller->type = type;
    controller->index = MODEL_UINT(index);
    controller->model = model;
    return controller;
}

bool defaults_controller_is_builtin(const struct model_domain *domain,
                                    const struct model_controller *controller)
{
    if (controller->index.value != 0)
        return false;
    switch (controller->type) {
    case MODEL_CONTROLLER_PCI:
    case MODEL_CONTROLLER_ISA:
        return true;
    case MODEL_CONTROLLER_SATA:
        return build_is_q35(domain);
    case MODEL_CONTROLLER_IDE:
    case MODEL_CONTROLLER_FDC:
        return build_is_i440fx(domain);
    case MODEL_CONTROLLER_UNSET:
    case MODEL_CONTROLLER_SCSI:
    case MODEL_CONTROLLER_VIRTIO_SERIAL:
    case MODEL_CONTROLLER_CCID:
    case MODEL_CONTROLLER_USB:
    case MODEL_CONTROLLER_XENBUS:
        break;
    }
    return false;
}

/* ---- the machine ---- */

static bool fill_machine(struct build *b)
{
    struct model_domain *domain = b->domain;
    struct model_os_type *type = &domain->os.type;
    if (!domain->devices.emulator)
        domain->devices.emulator = build_text(b, caps_get_path(b->caps));
    if (!type->arch)
        type->arch = build_text(b, caps_get_arch(b->caps));
    const struct caps_machine *machine = caps_find_machine(b->caps, type->machine);
    if (!machine)
        return build_refuse(b, &type->node, "os/type", "%s has no machine type '%s'",
                            caps_get_path(b->caps), type->machine ? type->machine : "");
    type->machine = build_text(b, machine->name);
    return domain->devices.emulator && type->arch && type->machine;
}

static bool fill_lifecycle(struct build *b)
{
    struct model_domain *domain = b->domain;
    if (!domain->on_poweroff)
        domain->on_poweroff = MODEL_LIFECYCLE_DESTROY;
    if (!domain->on_reboot)
        domain->on_reboot = MODEL_LIFECYCLE_RESTART;
    if (!domain->on_crash)
        domain->on_crash = MODEL_LIFECYCLE_DESTROY;
    domain->clock.node.present = true;
    if (!domain->clock.offset)
        domain->clock.offset = MODEL_CLOCK_UTC;
    return true;
}

static bool fill_amounts(struct build *b)
{
    struct model_domain *domain = b->domain;
    if (!domain->current_memory.node.present) {
        domain->current_memory.node.present = true;
        domain->current_memory.kib = domain->memory.kib;
    }
    domain->vcpu.node.present = true;
    if (domain->vcpu.maximum == 0)
        domain->vcpu.maximum = 1;
    if (domain->iothreads.set && domain->iothreads.value < domain->iothreadids.items.count)
        domain->iothreads = MODEL_UINT(domain->iothreadids.items.count);
    return true;
}

static bool has_iothread(const struct model_domain *domain, uint64_t id)
{
    MODEL_FOR_EACH(&domain->iothreadids.items, struct model_iothread, iothread)
    if (iothread->id.value == id)
        return true;
    return false;
}

/* <iothreads>3</iothreads> without ids numbers them from 1. */
static bool fill_iothreads(struct build *b)
{
    struct model_domain *domain = b->domain;
    if (domain->iothreads.value > IOTHREADS_MAX)
        return build_refuse(b, NULL, "iothreads", "there can be at most %u", IOTHREADS_MAX);
    for (uint64_t id = 1; domain->iothreadids.items.count < domain->iothreads.value; id++) {
        if (has_iothread(domain, id))
            continue;
        struct model_iothread *iothread = build_alloc(b, sizeof *iothread);
        if (!iothread || !build_append(b, &domain->iothreadids.items, iothread))
            return false;
        iothread->node.present = domain->iothreadids.node.present = true;
        iothread->id = MODEL_UINT(id);
    }
    return true;
}

/* ---- controllers ---- */

static bool need_controller(struct build *b, enum model_controller_type type, uint32_t index,
                            const char *model)
{
    if (index >= CONTROLLERS_MAX)
        return build_refuse(b, NULL, "devices/controller",
                            "there are at most %u controllers of type '%s'", CONTROLLERS_MAX,
                            model_word(&model_controller_type_words, type));
    for (uint32_t i = 0; i <= index; i++)
        if (!defaults_find_controller(b->domain, type, i) &&
            !defaults_add_controller(b, type, i, model))
            return false;
    return true;
}

static const char *default_usb_model(const struct build *b)
{
    if (build_is_i440fx(b->domain))
        return "piix3-uhci";
    return "qemu-xhci";
}

static const char *default_scsi_model(const struct build *b)
{
    if (build_is_i440fx(b->domain) && caps_has_device(b->caps, "lsi53c895a"))
        return "lsilogic";
    return "virtio-scsi";
}

static bool fill_builtin_controllers(struct build *b)
{
    bool q35 = build_is_q35(b->domain);
    if (!q35 && !build_is_i440fx(b->domain))
        return true;
    MODEL_FOR_EACH(&b->domain->devices.controllers, struct model_controller, controller)
    {
        if (controller->type == MODEL_CONTROLLER_USB && !controller->model)
            controller->model = default_usb_model(b);
        if (controller->type == MODEL_CONTROLLER_SCSI &&
            (!controller->model || strcmp(controller->model, "auto") == 0))
            controller->model = default_scsi_model(b);
    }
    return need_controller(b, MODEL_CONTROLLER_USB, 0, default_usb_model(b)) &&
           need_controller(b, MODEL_CONTROLLER_PCI, 0, q35 ? "pcie-root" : "pci-root") &&
           need_controller(b, q35 ? MODEL_CONTROLLER_SATA : MODEL_CONTROLLER_IDE, 0, NULL);
}

/* The controller a disk of each bus hangs on; those that need none are absent. */
static const enum model_controller_type disk_controllers[] = {
    [MODEL_DISK_BUS_IDE] = MODEL_CONTROLLER_IDE,
    [MODEL_DISK_BUS_FDC] = MODEL_CONTROLLER_FDC,
    [MODEL_DISK_BUS_SCSI] = MODEL_CONTROLLER_SCSI,
    [MODEL_DISK_BUS_SATA] = MODEL_CONTROLLER_SATA,
};

static bool fill_disk_controllers(struct build *b)
{
    MODEL_FOR_EACH(&b->domain->devices.disks, struct model_disk, disk)
    {
        enum model_controller_type type = disk->target.bus < ARRAY_SIZE(disk_controllers)
                                              ? disk_controllers[disk->target.bus]
                                              : MODEL_CONTROLLER_UNSET;
        bool placed =
            disk->device.address.type == MODEL_ADDRESS_DRIVE && disk->device.address.assigned;
        uint32_t index = placed ? disk->device.address.controller : 0;
        const char *model = type == MODEL_CONTROLLER_SCSI ? default_scsi_model(b) : NULL;
        if (type && !need_controller(b, type, index, model))
            return false;
    }
    return true;
}

static bool need_serial_bus(struct build *b, const struct model_address *address)
{
    bool placed = address->type == MODEL_ADDRESS_VIRTIO_SERIAL && address->assigned;
    return need_controller(b, MODEL_CONTROLLER_VIRTIO_SERIAL, placed ? address->controller : 0,
                           NULL);
}

static bool fill_other_controllers(struct build *b)
{
    MODEL_FOR_EACH(&b->domain->devices.channels, struct model_channel, channel)
    if (channel->target.channel == MODEL_CHANNEL_VIRTIO &&
        !need_serial_bus(b, &channel->device.address))
        return false;
    MODEL_FOR_EACH(&b->domain->devices.consoles, struct model_console, console)
    if (console->target.console == MODEL_CONSOLE_VIRTIO &&
        !need_serial_bus(b, &console->device.address))
        return false;
    return b->domain->devices.smartcards.count == 0 ||
           need_controller(b, MODEL_CONTROLLER_CCID, 0, NULL);
}

/* Chassis numbers name ports to the guest: the bus's number, unless another port has it. */
static uint64_t free_chassis(const struct model_domain *domain, uint64_t wanted)
{
    bool used;
    do {
        used = false;
        MODEL_FOR_EACH(&domain->devices.controllers, struct model_controller, other)
        used = used || (other->type == MODEL_CONTROLLER_PCI && other->target.chassis.set &&
                        other->target.chassis.value == wanted);
        wanted += used;
    } while (used);
    return wanted;
}

void defaults_pci_target(const struct model_domain *domain, struct model_controller *controller)
{
    const struct pci_model *model = pci_model_find(controller->model);
    if (!model || !model->driver)
        return;
    struct model_controller_target *target = &controller->target;
    controller->pci_model.node.present = true;
    if (!controller->pci_model.name)
        controller->pci_model.name = model->driver;
    if (model->bus == PCI_BUS_PORT) {
        target->node.present = true;
        if (!target->chassis.set)
            target->chassis = MODEL_UINT(free_chassis(domain, controller->index.value));
        if (!target->port.set)
            target->port = MODEL_UINT(controller->device.address.slot << 3 |
                                      controller->device.address.function);
    }
    if (strcmp(controller->model, "pci-bridge") == 0 && !target->chassis_nr.set) {
        target->node.present = true;
        target->chassis_nr = controller->index;
    }
}

bool defaults_fill_controllers(struct build *b)
{
    return fill_disk_controllers(b) && fill_other_controllers(b);
}

/* ---- numbers ---- */

static bool is_root_bus(const struct model_controller *controller)
{
    const struct pci_model *model =
        controller->type == MODEL_CONTROLLER_PCI ? pci_model_find(controller->model) : NULL;
    return model && model->bus == PCI_BUS_ROOT;
}

/* The lowest number that no controller of the type has; root buses alone are number 0. */
static uint32_t free_index(const struct model_domain *domain,
                           const struct model_controller *controller)
{
    if (is_root_bus(controller))
        return 0;
    uint32_t index = controller->type == MODEL_CONTROLLER_PCI;
    while (defaults_find_controller(domain, controller->type, index))
        index++;
    return index;
}

/* Controllers that the definition does not number, in its order; a USB companion takes the number
 * of the USB 2 controller before it. */
static bool fill_indexes(struct build *b)
{
    uint32_t master = 0;
    if (b->domain->devices.controllers.count > ALL_CONTROLLERS_MAX)
        return build_refuse(b, &b->domain->devices.node, "devices",
                            "there are %u controllers; at most %u are possible",
                            b->domain->devices.controllers.count, ALL_CONTROLLERS_MAX);
    MODEL_FOR_EACH(&b->domain->devices.controllers, struct model_controller, controller)
    {
        bool companion =
            controller->type == MODEL_CONTROLLER_USB && usb_companion_port(controller->model) >= 0;
        if (!controller->index.set)
            controller->index = MODEL_UINT(companion ? master : free_index(b->domain, controller));
        if (controller->type == MODEL_CONTROLLER_USB && !companion)
            master = (uint32_t)controller->index.value;
    }
    return true;
}

/* ---- all of it ---- */

static bool fill_balloon(struct build *b)
{
    if (b->domain->devices.memballoons.count > 0)
        return true;
    struct model_memballoon *balloon = build_alloc(b, sizeof *balloon);
    if (!balloon || !build_append(b, &b->domain->devices.memballoons, balloon))
        return false;
    balloon->device.node.present = true;
    balloon->model = "virtio";
    return true;
}

bool defaults_fill(struct build *b)
{
    static bool (*const steps[])(struct build * b) = {
        fill_machine,   machine_check,         fill_indexes, fill_lifecycle,           fill_amounts,
        fill_iothreads, defaults_fill_devices, fill_balloon, fill_builtin_controllers,
    };
    b->domain->devices.node.present = true;
    for (size_t i = 0; i < ARRAY_SIZE(steps); i++)
        if (!steps[i](b))
            return false;
    return true;
}
