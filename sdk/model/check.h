/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The checks of a domain, split by what they look at. Private to this room. */
#ifndef HVKIT_MODEL_CHECK_H
#define HVKIT_MODEL_CHECK_H

#include "model/domain-xml.h"

/* XML_ERROR "domain 'NAME', line LINE: WHY"; without the line for what a program made. */
bool check_fail(const struct model_domain *domain, const struct model_node *node,
                struct hvk_error *err, const char *format, ...) HVK_PRINTF(4, 5);

bool check_sources(const struct model_domain *domain, struct hvk_error *err);
bool check_unique(const struct model_domain *domain, struct hvk_error *err);

#endif
