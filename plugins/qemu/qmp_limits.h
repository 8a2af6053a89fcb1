/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a QEMU that misbehaves may cost. A QEMU serves a guest that may have taken it over, so
 * nothing that comes out of the monitor is trusted. */
#ifndef HVKIT_QEMU_QMP_LIMITS_H
#define HVKIT_QEMU_QMP_LIMITS_H

#define QMP_MESSAGE_MAX                                                                            \
    (8u * 1024 * 1024)                /* bytes; the longest real one (the schema) has 210 KiB */
#define QMP_DEPTH_MAX 64              /* nested objects and arrays */
#define QMP_OUTPUT_MAX (1024u * 1024) /* bytes that QEMU has not read yet */
#define QMP_PENDING_MAX 1024          /* commands without an answer */
#define QMP_READ_SIZE (64u * 1024)
#define QMP_TURN_READS 16          /* reads before other work of the lane has its turn */
#define QMP_EVENTS_PER_SECOND 2000 /* more than that, and the monitor is read at this pace only */

#endif
