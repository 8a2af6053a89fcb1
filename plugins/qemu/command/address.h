/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Addresses that are not PCI's: drives, USB ports, virtio-serial ports, smart card and DIMM slots.
 */
#ifndef HVKIT_QEMU_COMMAND_ADDRESS_H
#define HVKIT_QEMU_COMMAND_ADDRESS_H

#include "command/family.h"

/* Chooses what is not chosen yet and refuses what is chosen twice; adds USB hubs. */
bool address_assign(struct build *b);

/* The same for one device that comes to a running domain. */
bool address_assign_device(struct build *b, const struct family *family,
                           struct model_device *device);

/* 0 for "vda", 27 for "sdab"; -1 when it is no such name. Partitions' digits are ignored. */
int32_t address_target_index(const char *target);

/* The type of address a device has on its bus; UNSET: none or PCI. */
enum model_address_type address_type_of(const struct family *family,
                                        const struct model_device *device);

/* Puts "bus" and what says where on it; drives are their builder's. A device without an address
 * gets nothing. */
bool address_put(struct build *b, json_t *json, const struct model_device *device);

#endif
