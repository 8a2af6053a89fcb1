/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the objects of a node share: ports, devices, names. One holder at a time for (kind, key). */
#ifndef HVKIT_LOADER_RESERVE_H
#define HVKIT_LOADER_RESERVE_H

#include <base/error.h>
#include <hvkit/driver.h>

struct hvk_reservation *reserve_take(struct hvk_node *node, const char *kind, const char *key,
                                     struct hvk_error *err);
void reserve_release(struct hvk_reservation *reservation);
/* What a driver left behind when it closed the node. */
void reserve_release_all(struct hvk_node *node);

#endif
