/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Asks an emulator what it can do: one process without a machine, every question in one write. */
#ifndef HVKIT_QEMU_CAPS_PROBE_H
#define HVKIT_QEMU_CAPS_PROBE_H

#include "caps.h"

#define CAPS_PROBE_TIMEOUT_MS 30000

/* Blocks (leave the lane before); the process has ended when it returns. The JSON is what
 * caps_from_json() takes; NULL with the error, which holds what the emulator printed. */
json_t *caps_probe(const struct caps_identity *identity, struct hvk_error *err);

/* The same from replies that are there already, by command name: the pure part. */
json_t *caps_condense(const struct caps_identity *identity, const json_t *replies,
                      struct hvk_error *err);

#endif
