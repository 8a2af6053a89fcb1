/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a definition leaves unsaid and a virtual PC has all the same: the canonical machine type,
 * controllers that its devices need, models, a balloon. Filling twice changes nothing. */
#ifndef HVKIT_QEMU_COMMAND_DEFAULTS_H
#define HVKIT_QEMU_COMMAND_DEFAULTS_H

#include "command/build.h"

bool defaults_fill(struct build *b);

/* The controllers that disks and ports hang on, by their addresses. */
bool defaults_fill_controllers(struct build *b);

/* A device that comes to a running domain: models, formats; adds nothing to the domain. */
bool defaults_fill_device(struct build *b, enum model_device_class kind,
                          struct model_device *device);

struct model_controller *defaults_find_controller(const struct model_domain *domain,
                                                  enum model_controller_type type, uint32_t index);

/* Appends one; NULL with the error. model may be NULL. */
struct model_controller *defaults_add_controller(struct build *b, enum model_controller_type type,
                                                 uint32_t index, const char *model);

/* Part of the chip set, so that QEMU makes it with the machine. */
bool defaults_controller_is_builtin(const struct model_domain *domain,
                                    const struct model_controller *controller);

/* <model> and <target> of a PCI controller, from its index and address. */
void defaults_pci_target(const struct model_domain *domain, struct model_controller *controller);

#endif
