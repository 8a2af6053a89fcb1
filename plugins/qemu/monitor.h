/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The QMP session of a running domain, on that domain's lane: every function here is called from
 * the lane, and so are the handlers. A job that waits for a reply leaves the lane meanwhile. */
#ifndef HVKIT_QEMU_MONITOR_H
#define HVKIT_QEMU_MONITOR_H

#include <base/vector.h>
#include <hvkit/driver.h>

#include "qmp.h"

struct monitor;

#define MONITOR_TIMEOUT_MS 30000 /* for the reply to one command */

/* Connects to the listening socket `name` in the directory. Nobody need have accepted yet: QEMU
 * finds the connection, and what was sent, when its main loop begins. */
struct monitor *monitor_open(const struct hvk_core *core, struct hvk_node *node,
                             const uint8_t *uuid, int directory_fd, const char *name,
                             const struct qmp_handler *handler, void *user, struct hvk_error *err);
/* What waits for a reply fails with OPERATION_ABORTED. Not from within a handler. */
void monitor_close(struct monitor *monitor);

/* Reads what has arrived without waiting: the last events of a QEMU that has ended. */
void monitor_drain(struct monitor *monitor);
bool monitor_is_lost(const struct monitor *monitor);

/* Sends one command and waits for its reply. arguments: taken, may be NULL. out_result (may be
 * NULL): a new reference. */
bool monitor_call(struct hvk_call *call, struct monitor *monitor, const char *name,
                  json_t *arguments, json_t **out_result);
/* The same with a descriptor (getfd): QEMU gets a duplicate. */
bool monitor_call_fd(struct hvk_call *call, struct monitor *monitor, const char *name,
                     json_t *arguments, int fd);
/* Sends one and does not wait: function (may be NULL) runs on the lane once it is answered or the
 * session ended. False with the error when it cannot be sent. */
bool monitor_post(struct monitor *monitor, const char *name, json_t *arguments,
                  void (*function)(struct qmp_command *command, void *user), void *user,
                  struct hvk_error *err);

/* Several commands in one write, and one wait for all their replies. */
struct monitor_batch {
    struct monitor *monitor;
    struct vector commands; /* struct qmp_command * */
};

#define MONITOR_BATCH_INIT(to)                                                                     \
    {                                                                                              \
        .monitor = (to), .commands = VECTOR_INIT(struct qmp_command *)                             \
    }
#define auto_monitor_batch AUTO(monitor_batch_fini) struct monitor_batch
void monitor_batch_fini(struct monitor_batch *batch);

bool monitor_batch_add(struct monitor_batch *batch, const char *name, json_t *arguments,
                       struct hvk_error *err);
/* Waits until all are answered, however; false only when the waiting failed. */
bool monitor_batch_wait(struct hvk_call *call, struct monitor_batch *batch, int32_t timeout_ms);
/* The result of the command with this index, borrowed; NULL with the error when QEMU refused it. */
const json_t *monitor_batch_result(const struct monitor_batch *batch, size_t index,
                                   struct hvk_error *err);

#endif
