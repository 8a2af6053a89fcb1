/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Everything that a domain says, one thing after the other: for drivers that must refuse what they
 * do not do. */
#ifndef HVKIT_MODEL_VISIT_H
#define HVKIT_MODEL_VISIT_H

#include "model/domain.h"

#define MODEL_PATH_MAX 256 /* bytes of a path with its NUL */

/* path is "devices/disk/driver/@cache" for an attribute, "devices/disk/serial" for an element that
 * has text or stands for itself; node is the element around it. False ends the visit. */
typedef bool (*model_visit)(void *data, const char *path, const struct model_node *node);

/* What is said by presets is said as well; live-only members and secrets too. False when visit
 * ended it. */
bool model_domain_visit(const struct model_domain *domain, model_visit visit, void *data);

#endif
