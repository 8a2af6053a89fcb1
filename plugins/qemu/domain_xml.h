/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef HVKIT_QEMU_DOMAIN_XML_H
#define HVKIT_QEMU_DOMAIN_XML_H

#include <hvkit/domain.h>
#include <model/domain.h>

#include "node.h"

/* A configuration from the outside, made whole (uuid, emulator, canonical machine type, addresses)
 * and checked against what its emulator can do. What no table knows is reported through the call's
 * warnings. May leave the lane to ask an emulator. NULL with the error. */
struct model_domain *domain_xml_read(struct hvk_call *call, struct node *node,
                                     const struct hvk_domain *identity, const char *xml,
                                     bool validate);

#endif
