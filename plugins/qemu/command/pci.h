/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The PCI topology of a domain: which buses there are, and which slot each device has. */
#ifndef HVKIT_QEMU_COMMAND_PCI_H
#define HVKIT_QEMU_COMMAND_PCI_H

#include "command/family.h"

#define PCI_SLOTS 32
#define PCI_FUNCTIONS 8
#define PCI_BUSES_MAX 256
#define PCI_SPARE_PORTS 4 /* root ports that a q35 domain gets for hotplug when it names none */

/* What kind of controller a `model` of a PCI controller is. */
struct pci_model {
    const char *model;    /* libvirt's */
    const char *driver;   /* QEMU's; NULL: part of the machine */
    enum pci_class class; /* what it occupies itself */
    unsigned bus;         /* enum pci_bus_kind of the bus behind it */
    uint8_t first, last;  /* slots of that bus */
};

enum pci_bus_kind {
    PCI_BUS_CONVENTIONAL = 1,
    PCI_BUS_ROOT = 2,   /* of PCI Express: root ports and integrated devices */
    PCI_BUS_PORT = 4,   /* one slot for a PCI Express device */
    PCI_BUS_SWITCH = 8, /* downstream ports */
};

const struct pci_model *pci_model_find(const char *model);

/* Gives every PCI device an address, adds the controllers that takes, and checks those that the
 * definition chose: collisions, buses and slots that do not exist. */
bool pci_assign(struct build *b);

/* The same for one device that comes to a running domain; adds no controllers. */
bool pci_assign_device(struct build *b, const struct family *family, struct model_device *device);

#endif
