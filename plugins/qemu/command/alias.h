/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Names of devices in a running domain: QEMU's ids and the <alias> of the live XML. They follow
 * libvirt's pattern, since tools look for them; "ua-…" of the definition stays. */
#ifndef HVKIT_QEMU_COMMAND_ALIAS_H
#define HVKIT_QEMU_COMMAND_ALIAS_H

#include "command/family.h"

#define ALIAS_USER_PREFIX "ua-"

/* Needs addresses. Names what has no name yet. */
bool alias_assign(struct build *b);
bool alias_assign_device(struct build *b, const struct family *family, struct model_device *device);

/* Takes off what alias_assign() gave. */
void alias_clear(const struct model_domain *domain);

/* The alias of the controller, "pci.1"; NULL when there is none such. */
const char *alias_of_controller(const struct model_domain *domain, enum model_controller_type type,
                                uint32_t index);

#endif
