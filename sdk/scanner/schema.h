/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Which elements a description has, with which attributes and children. */
#ifndef HVKIT_SCANNER_SCHEMA_H
#define HVKIT_SCANNER_SCHEMA_H

#include "read.h"

/* Reports every unknown or missing element, attribute and text below root. */
bool schema_check(struct report *faults, const struct node *root);

#endif
