/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "monitor.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>

#include <base/string.h>

#include "qmp_limits.h"

struct monitor {
    const struct hvk_core *core;
    struct hvk_node *node;
    uint8_t uuid[HVK_UUID_SIZE];
    struct qmp *qmp;
    struct hvk_source *source; /* of the socket */
    struct hvk_source *pause;  /* the timer that ends a pause after a flood of events */
    int64_t window_ms;         /* when the current second of counting began */
    uint32_t events;           /* in it */
};

/* ---- the descriptor ------------------------------------------------------------------------- */

/* Sends what is queued, and waits for what the session wants next. */
static void pump(struct monitor *monitor)
{
    qmp_flush(monitor->qmp);
    if (monitor->source && !monitor->pause)
        monitor->core->watch_fd_events(monitor->source, qmp_wants(monitor->qmp));
}

static int64_t now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1000ll + now.tv_nsec / 1000000;
}

static void on_pause_over(struct hvk_call *call, void *user)
{
    (void)call;
    struct monitor *monitor = user;
    monitor->core->source_remove(TAKE(monitor->pause));
    pump(monitor);
}

/* A guest can make its QEMU send events as fast as it likes. They are read at a bounded pace; the
 * rest stays in the socket, and QEMU's own throttling has its effect. */
static void slow_down(struct monitor *monitor)
{
    int64_t now = now_ms();
    if (now - monitor->window_ms >= 1000) {
        monitor->window_ms = now;
        monitor->events = 0;
    }
    monitor->events += qmp_take_event_count(monitor->qmp);
    if (monitor->events < QMP_EVENTS_PER_SECOND || monitor->pause)
        return;
    uint64_t rest = (uint64_t)(monitor->window_ms + 1000 - now);
    monitor->pause = monitor->core->add_timer(monitor->node, HVK_OBJECT_DOMAIN, monitor->uuid, rest,
                                              0, on_pause_over, monitor);
    if (monitor->pause)
        monitor->core->watch_fd_events(monitor->source, 0);
}

static void on_ready(struct hvk_call *call, int32_t fd, uint32_t events, void *user)
{
    (void)call;
    (void)fd;
    struct monitor *monitor = user;
    if (events & (POLLIN | POLLHUP | POLLERR))
        qmp_receive(monitor->qmp);
    slow_down(monitor);
    pump(monitor);
}

/* A socket's path is limited to 107 bytes: through the directory's descriptor it always fits. */
static int connect_to(int directory_fd, const char *name, struct hvk_error *err)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    snprintf(address.sun_path, sizeof address.sun_path, "/proc/self/fd/%d/%s", directory_fd, name);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd >= 0 && connect(fd, (struct sockaddr *)&address, sizeof address) == 0)
        return fd;
    hvk_error_errno(err, errno, "connect to the monitor");
    cleanup_fd(&fd);
    return -1;
}

struct monitor *monitor_open(const struct hvk_core *core, struct hvk_node *node,
                             const uint8_t *uuid, int directory_fd, const char *name,
                             const struct qmp_handler *handler, void *user, struct hvk_error *err)
{
    int fd = connect_to(directory_fd, name, err);
    if (fd < 0)
        return NULL;
    struct monitor *monitor = calloc(1, sizeof *monitor);
    struct qmp *qmp = qmp_new(fd, handler, user, err);
    if (!monitor || !qmp) {
        qmp_free(qmp);
        free(monitor);
        hvk_error_memory(err);
        return NULL;
    }
    monitor->core = core;
    monitor->node = node;
    memcpy(monitor->uuid, uuid, HVK_UUID_SIZE);
    monitor->qmp = qmp;
    monitor->source = core->watch_fd(node, HVK_OBJECT_DOMAIN, uuid, fd, POLLIN, on_ready, monitor);
    if (!monitor->source) {
        monitor_close(monitor);
        hvk_error_set(err, HVK_ERR_INTERNAL_ERROR, "cannot watch the monitor");
        return NULL;
    }
    return monitor;
}

void monitor_close(struct monitor *monitor)
{
    if (!monitor)
        return;
    if (monitor->pause)
        monitor->core->source_remove(monitor->pause);
    if (monitor->source)
        monitor->core->source_remove(monitor->source);
    qmp_free(monitor->qmp);
    free(monitor);
}

void monitor_drain(struct monitor *monitor)
{
    /* A dead QEMU sends no more than its socket holds, so this ends. */
    for (int turn = 0; turn < 64 && !qmp_is_lost(monitor->qmp); turn++) {
        struct pollfd now = {.fd = qmp_get_fd(monitor->qmp), .events = POLLIN};
        if (poll(&now, 1, 0) <= 0)
            return;
        qmp_receive(monitor->qmp);
    }
}

bool monitor_is_lost(const struct monitor *monitor)
{
    return qmp_is_lost(monitor->qmp);
}

/* ---- commands ------------------------------------------------------------------------------- */

bool monitor_post(struct monitor *monitor, const char *name, json_t *arguments,
                  void (*function)(struct qmp_command *command, void *user), void *user,
                  struct hvk_error *err)
{
    auto_qmp_command struct qmp_command *command = qmp_send(monitor->qmp, name, arguments, -1, err);
    if (!command)
        return false;
    command->function = function;
    command->user = user;
    pump(monitor);
    return true;
}

bool monitor_batch_add(struct monitor_batch *batch, const char *name, json_t *arguments,
                       struct hvk_error *err)
{
    struct qmp_command *command = qmp_send(batch->monitor->qmp, name, arguments, -1, err);
    if (!command)
        return false;
    if (vector_push(&batch->commands, &command))
        return true;
    qmp_command_unref(command);
    return hvk_error_memory(err);
}

void monitor_batch_fini(struct monitor_batch *batch)
{
    VECTOR_FOR_EACH (&batch->commands, struct qmp_command *, command)
        qmp_command_unref(*command);
    vector_fini(&batch->commands);
}

static bool batch_is_done(void *user)
{
    const struct monitor_batch *batch = user;
    for (size_t i = batch->commands.count; i > 0; i--)
        if (!(*(struct qmp_command **)vector_at(&batch->commands, i - 1))->done)
            return false;
    return true;
}

bool monitor_batch_wait(struct hvk_call *call, struct monitor_batch *batch, int32_t timeout_ms)
{
    pump(batch->monitor);
    const struct hvk_core *core = batch->monitor->core;
    if (core->lane_wait(call, batch_is_done, batch, timeout_ms))
        return true;
    if (call->error.code == HVK_ERR_OPERATION_TIMEOUT && batch->commands.count > 0) {
        const struct qmp_command *first = *(struct qmp_command **)vector_at(&batch->commands, 0);
        return hvk_error_set(&call->error, HVK_ERR_OPERATION_TIMEOUT,
                             "QEMU did not answer '%s' within %d seconds", first->name,
                             timeout_ms / 1000);
    }
    return false;
}

const json_t *monitor_batch_result(const struct monitor_batch *batch, size_t index,
                                   struct hvk_error *err)
{
    const struct qmp_command *command = *(struct qmp_command **)vector_at(&batch->commands, index);
    if (command->result)
        return command->result;
    if (command->error.code)
        hvk_error_copy(err, &command->error);
    else
        hvk_error_set(err, HVK_ERR_OPERATION_FAILED, "QEMU has not answered '%s'", command->name);
    return NULL;
}

bool monitor_call(struct hvk_call *call, struct monitor *monitor, const char *name,
                  json_t *arguments, json_t **out_result)
{
    auto_monitor_batch batch = MONITOR_BATCH_INIT(monitor);
    if (!monitor_batch_add(&batch, name, arguments, &call->error) ||
        !monitor_batch_wait(call, &batch, MONITOR_TIMEOUT_MS))
        return false;
    const json_t *result = monitor_batch_result(&batch, 0, &call->error);
    if (result && out_result)
        *out_result = json_incref((json_t *)result);
    return result != NULL;
}

bool monitor_call_fd(struct hvk_call *call, struct monitor *monitor, const char *name,
                     json_t *arguments, int fd)
{
    auto_monitor_batch batch = MONITOR_BATCH_INIT(monitor);
    struct qmp_command *command = qmp_send(monitor->qmp, name, arguments, fd, &call->error);
    if (!command)
        return false;
    if (!vector_push(&batch.commands, &command)) {
        qmp_command_unref(command);
        return hvk_error_memory(&call->error);
    }
    return monitor_batch_wait(call, &batch, MONITOR_TIMEOUT_MS) &&
           monitor_batch_result(&batch, 0, &call->error) != NULL;
}
