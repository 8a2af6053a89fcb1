/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Which functions of which slots are taken while addresses are chosen. Private to pci*.c. */
#ifndef HVKIT_QEMU_COMMAND_PCI_MAP_H
#define HVKIT_QEMU_COMMAND_PCI_MAP_H

#include "command/pci.h"

struct pci_bus {
    uint32_t index;
    const struct pci_model *model;
    bool hotplug;
    uint8_t used[PCI_SLOTS];                   /* functions */
    uint8_t ports[PCI_SLOTS];                  /* of those: root ports, which share a slot */
    struct model_device *function0[PCI_SLOTS]; /* whose address needs multifunction */
};

struct pci_map {
    struct vector buses; /* struct pci_bus */
    bool express;        /* the root bus is PCI Express */
};

/* NULL: there is none with this number. */
struct pci_bus *pci_bus_at(const struct pci_map *map, uint32_t index);

/* The first slot of which no function is taken; -1: none. */
int pci_free_slot(const struct pci_bus *bus);

/* Does the device have its address? */
bool pci_is_placed(const struct model_device *device);

/* Is it a controller that comes with the machine, at an address that is taken for it? */
bool pci_is_builtin(const struct build *b, const struct family *family,
                    const struct model_device *device);

void pci_place_at(struct pci_bus *bus, unsigned slot, unsigned function, enum pci_class class,
                  struct model_device *device);

/* Puts the device where it is by custom, if it has such a place and that is free. (pci_custom.c) */
bool pci_place_custom(struct build *b, struct pci_map *map, const struct family *family,
                      struct model_device *device, enum pci_class class);

#endif
