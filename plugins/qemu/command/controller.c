/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Controllers: what other devices hang on. */
#include "command/device.h"

#include "command/alias.h"
#include "command/defaults.h"
#include "command/pci.h"
#include "command/usb.h"

#define ELEMENT "devices/controller"

/* Variants, for the rows below. */
enum {
    CONTROLLER_PLAIN = 1,
    CONTROLLER_VIRTIO_SCSI = 2,
    CONTROLLER_VIRTIO_SERIAL = 4,
    CONTROLLER_USB_XHCI = 8,
    CONTROLLER_PCI_PORT = 16,
    CONTROLLER_PCI_BRIDGE = 32,
    CONTROLLER_EXPANDER = 64,
    CONTROLLER_USB = 128,
};

#define ROW(member, qemu, xml, kind, mask)                                                         \
    PROPERTY_OF(struct model_controller, member, qemu, xml, kind, mask)

static const struct property rows[] = {
    ROW(driver.queues, "num_queues", "driver/@queues", PROPERTY_UINT, CONTROLLER_VIRTIO_SCSI),
    ROW(driver.cmd_per_lun, "cmd_per_lun", "driver/@cmd_per_lun", PROPERTY_UINT,
        CONTROLLER_VIRTIO_SCSI),
    ROW(driver.max_sectors, "max_sectors", "driver/@max_sectors", PROPERTY_UINT,
        CONTROLLER_VIRTIO_SCSI),
    ROW(driver.ioeventfd, "ioeventfd", "driver/@ioeventfd", PROPERTY_BOOL,
        CONTROLLER_VIRTIO_SCSI | CONTROLLER_VIRTIO_SERIAL),
    ROW(driver.iothread, NULL, "driver/@iothread", PROPERTY_UINT, CONTROLLER_VIRTIO_SCSI),
    ROW(driver.virtio.iommu, "iommu_platform", "driver/@iommu", PROPERTY_BOOL,
        CONTROLLER_VIRTIO_SCSI | CONTROLLER_VIRTIO_SERIAL),
    ROW(driver.virtio.ats, "ats", "driver/@ats", PROPERTY_BOOL,
        CONTROLLER_VIRTIO_SCSI | CONTROLLER_VIRTIO_SERIAL),
    ROW(driver.virtio.packed, "packed", "driver/@packed", PROPERTY_BOOL,
        CONTROLLER_VIRTIO_SCSI | CONTROLLER_VIRTIO_SERIAL),
    ROW(driver.virtio.page_per_vq, "page-per-vq", "driver/@page_per_vq", PROPERTY_BOOL,
        CONTROLLER_VIRTIO_SCSI | CONTROLLER_VIRTIO_SERIAL),
    ROW(vectors, "vectors", "@vectors", PROPERTY_UINT, CONTROLLER_VIRTIO_SERIAL),
    ROW(ports, NULL, "@ports", PROPERTY_UINT, CONTROLLER_VIRTIO_SERIAL | CONTROLLER_USB_XHCI),
    ROW(target.port, "port", "target/@port", PROPERTY_UINT, CONTROLLER_PCI_PORT),
    ROW(target.chassis, "chassis", "target/@chassis", PROPERTY_UINT, CONTROLLER_PCI_PORT),
    ROW(target.hotplug, "hotplug", "target/@hotplug", PROPERTY_BOOL, CONTROLLER_PCI_PORT),
    ROW(target.chassis_nr, "chassis_nr", "target/@chassisNr", PROPERTY_UINT, CONTROLLER_PCI_BRIDGE),
    ROW(target.bus_nr, "bus_nr", "target/@busNr", PROPERTY_UINT, CONTROLLER_EXPANDER),
    ROW(target.node_number, "numa_node", "target/node", PROPERTY_UINT, CONTROLLER_EXPANDER),
    ROW(target.index, NULL, "target/@index", PROPERTY_UINT, 0x80000000u),
    ROW(max_grant_frames, NULL, "@maxGrantFrames", PROPERTY_UINT, 0x80000000u),
    ROW(max_event_channels, NULL, "@maxEventChannels", PROPERTY_UINT, 0x80000000u),
};

static const struct scsi_model {
    const char *model;
    const char *driver;
} scsi_models[] = {
    {"virtio-scsi", "virtio-scsi-pci"},
    {"virtio-transitional", "virtio-scsi-pci-transitional"},
    {"virtio-non-transitional", "virtio-scsi-pci-non-transitional"},
    {"lsilogic", "lsi53c895a"},
    {"lsisas1068", "mptsas1068"},
    {"lsisas1078", "megasas"},
    {"vmpvscsi", "pvscsi"},
    {"am53c974", "am53c974"},
    {"dc390", "dc390"},
};

static const char *scsi_driver(const char *model)
{
    for (size_t i = 0; i < ARRAY_SIZE(scsi_models); i++)
        if (string_equal(scsi_models[i].model, model))
            return scsi_models[i].driver;
    return NULL;
}

/* QEMU's device and the variant of a controller. */
struct shape {
    const char *driver;
    uint32_t variant;
};

static struct shape shape_of_pci(const struct model_controller *controller)
{
    const struct pci_model *model = pci_model_find(controller->model);
    if (!model || !model->driver)
        return (struct shape){0};
    if (model->bus == PCI_BUS_PORT)
        return (struct shape){model->driver, CONTROLLER_PCI_PORT};
    if (strstr(controller->model, "expander"))
        return (struct shape){model->driver, CONTROLLER_EXPANDER};
    return (struct shape){model->driver, strcmp(controller->model, "pci-bridge") == 0
                                             ? CONTROLLER_PCI_BRIDGE
                                             : CONTROLLER_PLAIN};
}

static struct shape shape_of_usb(const struct model_controller *controller)
{
    const char *driver = usb_controller_driver(controller->model);
    bool xhci = driver && strstr(driver, "xhci");
    return (struct shape){driver, xhci ? CONTROLLER_USB_XHCI : CONTROLLER_USB};
}

static struct shape shape_of(const struct model_controller *controller)
{
    switch (controller->type) {
    case MODEL_CONTROLLER_PCI:
        return shape_of_pci(controller);
    case MODEL_CONTROLLER_USB:
        return shape_of_usb(controller);
    case MODEL_CONTROLLER_SCSI: {
        const char *driver = scsi_driver(controller->model);
        bool virtio = driver && string_starts_with(driver, "virtio");
        return (struct shape){driver, virtio ? CONTROLLER_VIRTIO_SCSI : CONTROLLER_PLAIN};
    }
    case MODEL_CONTROLLER_VIRTIO_SERIAL:
        return (struct shape){"virtio-serial-pci", CONTROLLER_VIRTIO_SERIAL};
    case MODEL_CONTROLLER_SATA:
        return (struct shape){"ich9-ahci", CONTROLLER_PLAIN};
    case MODEL_CONTROLLER_CCID:
        return (struct shape){"usb-ccid", CONTROLLER_PLAIN};
    case MODEL_CONTROLLER_FDC:
        return (struct shape){"isa-fdc", CONTROLLER_PLAIN};
    case MODEL_CONTROLLER_UNSET:
    case MODEL_CONTROLLER_IDE:
    case MODEL_CONTROLLER_XENBUS:
    case MODEL_CONTROLLER_ISA:
        break;
    }
    return (struct shape){0};
}

/* A USB 2 controller and its USB 1 companions share their ports: the companions name its bus. */
static bool put_companion(struct build *b, json_t *json, const struct model_controller *controller,
                          bool *out)
{
    int32_t first = usb_companion_port(controller->model);
    *out = first >= 0;
    if (!*out)
        return true;
    const char *master =
        alias_of_controller(b->domain, MODEL_CONTROLLER_USB, (uint32_t)controller->index.value);
    if (!master)
        return build_refuse(b, &controller->device.node, ELEMENT,
                            "a companion (%s) needs a controller ich9-ehci1 with the same index",
                            controller->model);
    auto_free char *bus = string_format("%s.0", master);
    json_put_string(json, "masterbus", bus);
    json_object_set_new(json, "firstport",
                        json_integer(controller->master_startport.set
                                         ? (json_int_t)controller->master_startport.value
                                         : first));
    return true;
}

static void put_special(struct build *b, json_t *json, const struct model_controller *controller,
                        uint32_t variant)
{
    if (controller->ports.set && variant == CONTROLLER_USB_XHCI) {
        json_put_uint(json, "p2", controller->ports);
        json_put_uint(json, "p3", controller->ports);
    }
    if (controller->ports.set && variant == CONTROLLER_VIRTIO_SERIAL)
        json_put_uint(json, "max_ports", controller->ports);
    (void)b;
}

static bool check(struct build *b, const struct model_controller *controller,
                  const struct shape *shape)
{
    const struct model_node *node = &controller->device.node;
    const char *type = model_word(&model_controller_type_words, controller->type);
    if (!shape->driver)
        return build_refuse(b, node, ELEMENT, "controllers of type '%s'%s%s are not supported here",
                            type ? type : "", controller->model ? ", model " : "",
                            controller->model ? controller->model : "");
    return build_need_device(b, node, ELEMENT, shape->driver);
}

static bool put_pci_hole(struct build *b, const struct model_controller *controller)
{
    if (!controller->pcihole64.set)
        return true;
    return build_option_format(b, "-global", "%s.pci-hole64-size=%uK",
                               build_is_q35(b->domain) ? "q35-pcihost" : "i440FX-pcihost",
                               (unsigned)controller->pcihole64.value);
}

bool controller_build(struct build *b, void *device)
{
    struct model_controller *controller = device;
    if (defaults_controller_is_builtin(b->domain, controller))
        return put_pci_hole(b, controller);
    struct shape shape = shape_of(controller);
    if (!check(b, controller, &shape))
        return false;
    json_t *json = json_pack("{s:s}", "driver", shape.driver);
    bool companion = false;
    put_special(b, json, controller, shape.variant);
    if (!put_companion(b, json, controller, &companion) ||
        !build_properties(b, json, rows, ARRAY_SIZE(rows), controller, shape.variant,
                          &controller->device.node, ELEMENT) ||
        (controller->driver.iothread.set &&
         !device_put_iothread(b, json, controller->driver.iothread.value, &controller->driver.node,
                              ELEMENT "/driver/@iothread"))) {
        json_decref(json);
        return false;
    }
    if (!companion)
        return build_device(b, &controller->device, json);
    struct model_device anonymous = controller->device;
    anonymous.alias.name = NULL; /* the master has the name already */
    return build_device(b, &anonymous, json);
}
