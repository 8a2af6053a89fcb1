/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "pump.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>

#include <base/error.h>
#include <base/string.h>

/* One side: its descriptor, and what is on its way to it. */
struct side {
    struct pump *pump;
    int fd;
    struct hvk_source *source;
    size_t length; /* bytes that wait for the descriptor to take them */
    char data[PUMP_BUFFER];
};

struct pump {
    struct pump *next;
    struct pump **list;
    const struct hvk_core *core;
    char *alias;
    struct side port;
    struct side peer;
};

static struct side *other_of(struct side *side)
{
    return side == &side->pump->port ? &side->pump->peer : &side->pump->port;
}

struct pump *pump_find(struct pump *list, const char *alias)
{
    while (list && !string_equal(list->alias, alias))
        list = list->next;
    return list;
}

static void side_fini(struct side *side)
{
    if (side->source)
        side->pump->core->source_remove(side->source);
    cleanup_fd(&side->fd);
}

void pump_end(struct pump *pump)
{
    if (!pump)
        return;
    for (struct pump **at = pump->list; *at; at = &(*at)->next)
        if (*at == pump) {
            *at = pump->next;
            break;
        }
    side_fini(&pump->port);
    side_fini(&pump->peer);
    free(pump->alias);
    free(pump);
}

/* A stream whose reader has gone is an end, not a signal. */
static ssize_t put(int fd, const void *data, size_t size)
{
    ssize_t written = send(fd, data, size, MSG_NOSIGNAL);
    return written < 0 && errno == ENOTSOCK ? write(fd, data, size) : written;
}

/* False when the side is at its end. */
static bool deliver(struct side *to)
{
    while (to->length > 0) {
        ssize_t written = put(to->fd, to->data, to->length);
        if (written < 0 && errno == EINTR)
            continue;
        if (written < 0)
            return errno == EAGAIN;
        to->length -= (size_t)written;
        memmove(to->data, to->data + written, to->length);
    }
    return true;
}

/* Moves what has come, while the other side takes it. False at the end. */
static bool take(struct side *from)
{
    struct side *to = other_of(from);
    while (to->length == 0) {
        ssize_t got = read(from->fd, to->data, sizeof to->data);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return errno == EAGAIN;
        if (got == 0)
            return false;
        to->length = (size_t)got;
        if (!deliver(to))
            return false;
    }
    return true;
}

static void watch(struct side *side)
{
    uint32_t events = (other_of(side)->length == 0 ? POLLIN : 0) | (side->length > 0 ? POLLOUT : 0);
    side->pump->core->watch_fd_events(side->source, events);
}

static void on_ready(struct hvk_call *call, int32_t fd, uint32_t events, void *user)
{
    (void)call;
    (void)fd;
    struct side *side = user;
    struct pump *pump = side->pump;
    bool ok = deliver(side);
    if (ok && events & (POLLIN | POLLHUP | POLLERR))
        ok = take(side);
    if (!ok) {
        pump_end(pump);
        return;
    }
    watch(&pump->port);
    watch(&pump->peer);
}

static bool side_watch(const struct pump_place *place, struct side *side, struct hvk_error *err)
{
    int flags = fcntl(side->fd, F_GETFL);
    if (flags < 0 || fcntl(side->fd, F_SETFL, flags | O_NONBLOCK) < 0)
        return hvk_error_errno(err, errno, "prepare a console's descriptor");
    side->source = place->core->watch_fd(place->node, HVK_OBJECT_DOMAIN, place->uuid, side->fd,
                                         POLLIN, on_ready, side);
    return side->source ||
           hvk_error_set(err, HVK_ERR_INTERNAL_ERROR, "cannot watch a console's descriptor");
}

bool pump_begin(const struct pump_place *place, const char *alias, int port_fd, int peer_fd,
                struct pump **list, struct hvk_error *err)
{
    struct pump *pump = calloc(1, sizeof *pump);
    if (!pump) {
        close(port_fd);
        close(peer_fd);
        return hvk_error_memory(err);
    }
    pump->core = place->core;
    pump->port.pump = pump->peer.pump = pump;
    pump->port.fd = port_fd;
    pump->peer.fd = peer_fd;
    pump->list = list;
    pump->next = *list;
    *list = pump;
    pump->alias = strdup(alias);
    if (!pump->alias)
        hvk_error_memory(err);
    if (pump->alias && side_watch(place, &pump->port, err) && side_watch(place, &pump->peer, err))
        return true;
    pump_end(pump);
    return false;
}
