/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Bytes between a console's descriptor and the application's stream, on the domain's lane. Standing
 * between them is what lets a second client take over, and what turns the errors of a terminal
 * whose QEMU is gone into an end. */
#ifndef HVKIT_QEMU_PUMP_H
#define HVKIT_QEMU_PUMP_H

#include <hvkit/driver.h>

#define PUMP_BUFFER 16384 /* bytes in each direction; then the faster side waits */

struct pump;

struct pump_place {
    const struct hvk_core *core;
    struct hvk_node *node;
    const uint8_t *uuid;
};

/* port_fd and peer_fd: taken, made non-blocking. The pump belongs to *list until it ends, by either
 * side's end or pump_end(). alias: copied. */
bool pump_begin(const struct pump_place *place, const char *alias, int port_fd, int peer_fd,
                struct pump **list, struct hvk_error *err);
struct pump *pump_find(struct pump *list, const char *alias);
void pump_end(struct pump *pump);

#endif
