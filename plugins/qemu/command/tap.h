/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Network interfaces of the host that carry a guest's frames. */
#ifndef HVKIT_QEMU_COMMAND_TAP_H
#define HVKIT_QEMU_COMMAND_TAP_H

#include <base/error.h>

#define TAP_NAME_SIZE 16
#define TAP_QUEUES_MAX 256

struct tap_request {
    const char *name;   /* NULL: one is chosen */
    const char *bridge; /* NULL: none */
    const uint8_t
        *mac;        /* of the guest: the host's end gets a like one; NULL: the kernel's choice */
    uint32_t mtu;    /* 0: the default */
    uint32_t queues; /* from 1 */
    bool offload;    /* virtio headers */
    bool existing;   /* it must be there; it is left as it is */
};

/* Opens one descriptor for each queue. The interface goes away with the last of them. */
bool tap_open(const struct tap_request *request, int *fds, char name[TAP_NAME_SIZE],
              struct hvk_error *err);

#endif
