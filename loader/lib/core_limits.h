/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Every bound of the running half of libhvkit. */
#ifndef HVKIT_LOADER_LIMITS_H
#define HVKIT_LOADER_LIMITS_H

/* How long a call of each class may take when its caller set no deadline: milliseconds. */
#define LIMIT_INSTANT_MS (30u * 1000)
#define LIMIT_BLOCKING_MS (5u * 60 * 1000)
#define LIMIT_LONG_MS (24u * 60 * 60 * 1000)

/* How long closing a connection waits for calls that it cancelled: milliseconds. A driver that
 * ignores the cancellation keeps its node open for longer, the caller is not kept. */
#define LIMIT_CLOSE_MS 2000u

/* Events that wait for one connection; then it is told that some were lost. */
#define LIMIT_EVENTS_QUEUED 4096u
/* Watches of one connection. */
#define LIMIT_WATCHES 4096u

/* Warnings that one call collects, and the bytes of one. */
#define LIMIT_WARNINGS 64u
#define LIMIT_WARNING_BYTES 1024u

/* Objects of one kind that a node may publish. */
#define LIMIT_PUBLISHED 1000000u
/* Bytes of a published name and OS type. */
#define LIMIT_NAME_BYTES 4096u
#define LIMIT_OS_TYPE_BYTES 64u

/* Reservations of one node, and the bytes of a kind and a key. */
#define LIMIT_RESERVATIONS 65536u
#define LIMIT_RESERVATION_KIND_BYTES 64u
#define LIMIT_RESERVATION_KEY_BYTES 4096u

/* Values in a job's progress. */
#define LIMIT_JOB_PARAMS 64u

/* Sources (descriptors and timers) of one node. */
#define LIMIT_SOURCES 65536u

/* Bytes of a small file of /proc or /sys that is read whole. */
#define LIMIT_SYSTEM_FILE_BYTES (4u * 1024 * 1024)
/* CPUs and NUMA cells that the answers about this machine cover. */
#define LIMIT_HOST_CPUS 8192
#define LIMIT_HOST_CELLS 1024

#endif
