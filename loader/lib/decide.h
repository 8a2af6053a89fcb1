/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Choosing between candidates: of those that may be used, the one with the highest priority serves
 * a scheme, and two with the same priority are an error that names both. */
#ifndef HVKIT_LOADER_DECIDE_H
#define HVKIT_LOADER_DECIDE_H

#include "scan.h"

/* Writes the decision of every candidate that was not refused, and refuses those that are left
 * without a scheme. */
bool scan_decide(struct scan *scan, struct hvk_error *err);

#endif
