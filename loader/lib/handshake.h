/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Does what a driver returns keep to what its note promised? */
#ifndef HVKIT_LOADER_HANDSHAKE_H
#define HVKIT_LOADER_HANDSHAKE_H

#include <base/error.h>
#include <hvkit/driver.h>

/* The descriptor is whole, its identity is the note's byte for byte, and its find() knows every
 * table that the note names. DRIVER_REFUSED with the reason. */
bool handshake_check(const struct hvk_driver_identity *note, const struct hvk_driver *driver,
                     struct hvk_error *err);

#endif
