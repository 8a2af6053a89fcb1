/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A QMP session (docs/interop/qmp-spec of QEMU): commands with ids, their replies, events. It owns
 * its descriptor, never blocks and knows no threads: whoever polls the descriptor calls
 * qmp_receive() and qmp_flush(). monitor.h ties it to an object's lane; the probe of the
 * capabilities polls it by itself. */
#ifndef HVKIT_QEMU_QMP_H
#define HVKIT_QEMU_QMP_H

#include <base/error.h>
#include <base/list.h>
#include <jansson.h>

struct qmp;

/* One command on its way. The session and whoever sent it each hold a reference. */
struct qmp_command {
    struct list link; /* in the session's list of those without a reply */
    uint32_t references;
    uint64_t id;
    bool done;
    char *name;
    json_t *result;         /* what "return" held; NULL when it failed */
    struct hvk_error error; /* code 0 when it succeeded */
    char error_class[48];   /* QEMU's: "GenericError", "DeviceNotFound" … */
    void (*function)(struct qmp_command *command, void *user); /* NULL, or called once when done */
    void *user;
};

void qmp_command_unref(struct qmp_command *command);
DEFINE_AUTO_PTR(struct qmp_command, qmp_command_unref)
#define auto_qmp_command AUTO(qmp_command_unref_auto)

struct qmp_handler {
    /* An event; data is {} when it has none. May send commands, must not free the session. */
    void (*event)(void *user, const char *name, const json_t *data, int64_t seconds,
                  int32_t microseconds);
    /* Once, when the session can no longer be used: QEMU closed it (code OK), or why. Every command
     * without a reply was failed before. */
    void (*lost)(void *user, const struct hvk_error *why);
};

/* fd: connected and non-blocking; taken. The greeting need not have come: commands that are sent
 * before it simply wait in the socket. */
struct qmp *qmp_new(int fd, const struct qmp_handler *handler, void *user, struct hvk_error *err);
/* Fails what waits for a reply with OPERATION_ABORTED; calls no handler. */
void qmp_free(struct qmp *qmp);

/* arguments: taken, may be NULL. fd: -1, or sent along (SCM_RIGHTS, for getfd) and left to the
 * caller, who keeps it open until qmp_wants() names no POLLOUT. The command goes out with the next
 * qmp_flush(). NULL when the session is lost or a bound is exceeded. */
struct qmp_command *qmp_send(struct qmp *qmp, const char *name, json_t *arguments, int fd,
                             struct hvk_error *err);
void qmp_flush(struct qmp *qmp);

/* Reads and handles what has come, at most a bounded amount; the socket stays readable when there
 * is more. */
void qmp_receive(struct qmp *qmp);

int qmp_get_fd(const struct qmp *qmp);
uint32_t qmp_wants(const struct qmp *qmp); /* POLLIN, POLLOUT; 0 when lost */
bool qmp_is_lost(const struct qmp *qmp);
/* The events that came since the last call of it: for a reader that wants to slow down a flood. */
uint32_t qmp_take_event_count(struct qmp *qmp);
/* Gives up on the session: as if QEMU had broken it with this error. */
void qmp_lose(struct qmp *qmp, const struct hvk_error *why);

#endif
