/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What QEMU printed before it ended is the only explanation there is. */
#ifndef HVKIT_QEMU_LOG_TAIL_H
#define HVKIT_QEMU_LOG_TAIL_H

#include <base/error.h>
#include <sys/types.h>

#define LOG_TAIL_MAX 768 /* bytes */

/* The last lines behind offset, cleaned: no control characters, valid UTF-8, lines separated by
 * "; ". Warnings and other notices are left out unless there is nothing else. malloc'ed; NULL when
 * there is nothing. */
char *log_tail(int fd, off_t offset);

/* The first of them. */
char *log_head(int fd, off_t offset);
off_t log_size(int fd);

/* Puts the context in front of the error, and the tail behind it. Returns false. */
bool log_tail_explain(int fd, off_t offset, struct hvk_error *err, const char *context, ...)
    HVK_PRINTF(4, 5);

#endif
