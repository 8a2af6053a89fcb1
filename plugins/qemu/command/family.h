/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The kinds of devices, one row each: where the model keeps them, how they are called, what they
 * occupy, and what turns one into parts. */
#ifndef HVKIT_QEMU_COMMAND_FAMILY_H
#define HVKIT_QEMU_COMMAND_FAMILY_H

#include "command/build.h"

/* Where on the PCI buses a device belongs when nobody said. */
enum pci_class {
    PCI_NONE,         /* it is no PCI device */
    PCI_EXPRESS,      /* a port of its own where there is PCI Express, else a slot */
    PCI_CONVENTIONAL, /* a slot of a conventional bus */
    PCI_INTEGRATED,   /* a slot of the root bus */
    PCI_PORT,         /* a function of the root bus, shared with its like */
    PCI_DOWNSTREAM,   /* below a switch's upstream port */
    PCI_ROOT_BUS,     /* is the root bus: has no address */
};

struct family {
    enum model_device_class kind;
    const char *element; /* "devices/disk" */
    size_t array;        /* of struct model_devices */
    const char *alias;   /* "net": net0, net1 …; NULL: see alias.c */
    enum pci_class (*pci)(const struct model_domain *domain, const void *device);
    bool (*build)(struct build *b, void *device);
    bool hotplug; /* may come and go while the domain runs */
};

/* In the order in which QEMU has to get them; NULL element at the end. */
extern const struct family families[];

const struct family *family_find(enum model_device_class kind);
const struct model_array *family_devices(const struct family *family,
                                         const struct model_domain *domain);

/* Calls each for every device, in the families' order; false at the first that returns false. */
typedef bool (*family_function)(struct build *b, const struct family *family,
                                struct model_device *device);
bool family_each(struct build *b, family_function each);

#endif
