/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Ports of USB controllers and hubs. */
#ifndef HVKIT_QEMU_COMMAND_USB_H
#define HVKIT_QEMU_COMMAND_USB_H

#include "command/family.h"

#define USB_HUB_PORTS 8

bool usb_is_device(const struct family *family, const struct model_device *device);

/* Gives the device a port; a hub is added when this would take the last one. */
bool usb_assign(struct build *b, const struct family *family, struct model_device *device);

/* QEMU's device for a controller model, or NULL. */
const char *usb_controller_driver(const char *model);

/* Where a companion's ports start at its EHCI controller; -1: it is none. */
int32_t usb_companion_port(const char *model);

#endif
