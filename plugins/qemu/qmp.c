/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qmp.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>

#include "qmp_json.h"
#include "qmp_limits.h"
#include "qmp_splitter.h"

struct qmp {
    int fd;
    const struct qmp_handler *handler;
    void *user;
    struct qmp_splitter splitter;
    struct buffer output;
    int output_fd; /* travels with the first byte of output; -1: none */
    struct list pending;
    uint32_t pending_count;
    uint64_t last_id;
    uint32_t event_count;
    bool greeted;
    bool lost;
};

void qmp_command_unref(struct qmp_command *command)
{
    if (!command || --command->references > 0)
        return;
    json_decref(command->result);
    free(command->name);
    free(command);
}

static void finish(struct qmp *qmp, struct qmp_command *command)
{
    list_remove(&command->link);
    qmp->pending_count--;
    command->done = true;
    if (command->function)
        command->function(command, command->user);
    qmp_command_unref(command);
}

static void fail_pending(struct qmp *qmp, int32_t code, const char *why)
{
    while (!list_is_empty(&qmp->pending)) {
        struct qmp_command *command = LIST_ENTRY(qmp->pending.next, struct qmp_command, link);
        hvk_error_set(&command->error, code, "the monitor went away before it answered '%s': %s",
                      command->name, why);
        finish(qmp, command);
    }
}

struct qmp *qmp_new(int fd, const struct qmp_handler *handler, void *user, struct hvk_error *err)
{
    struct qmp *qmp = calloc(1, sizeof *qmp);
    if (!qmp) {
        close(fd);
        hvk_error_memory(err);
        return NULL;
    }
    qmp->fd = fd;
    qmp->output_fd = -1;
    qmp->handler = handler;
    qmp->user = user;
    list_init(&qmp->pending);
    return qmp;
}

void qmp_free(struct qmp *qmp)
{
    if (!qmp)
        return;
    qmp->lost = true;
    fail_pending(qmp, HVK_ERR_OPERATION_ABORTED, "the session was closed");
    qmp_splitter_fini(&qmp->splitter);
    buffer_fini(&qmp->output);
    cleanup_fd(&qmp->fd);
    free(qmp);
}

void qmp_lose(struct qmp *qmp, const struct hvk_error *why)
{
    if (qmp->lost)
        return;
    qmp->lost = true;
    struct hvk_error copy = *why; /* the handler may free what it came from */
    fail_pending(qmp, why->code ? why->code : HVK_ERR_OPERATION_FAILED,
                 why->code ? why->text : "QEMU closed it");
    if (qmp->handler->lost)
        qmp->handler->lost(qmp->user, &copy);
}

/* ---- sending -------------------------------------------------------------------------------- */

static bool serialise(struct qmp *qmp, const struct qmp_command *command, json_t *arguments,
                      struct hvk_error *err)
{
    json_t *object = arguments ? json_pack("{s:s, s:I, s:O}", "execute", command->name, "id",
                                           (json_int_t)command->id, "arguments", arguments)
                               : json_pack("{s:s, s:I}", "execute", command->name, "id",
                                           (json_int_t)command->id);
    auto_free char *text = object ? json_dumps(object, JSON_COMPACT) : NULL;
    json_decref(object);
    if (!text)
        return hvk_error_memory(err);
    size_t length = strlen(text);
    if (qmp->output.length + length + 1 > QMP_OUTPUT_MAX)
        return hvk_error_set(err, HVK_ERR_LIMIT,
                             "cannot send '%s': the monitor does not read (%zu bytes wait for it)",
                             command->name, qmp->output.length);
    buffer_add(&qmp->output, text, length);
    buffer_add_char(&qmp->output, '\n');
    return !qmp->output.failed || hvk_error_memory(err);
}

static struct qmp_command *command_new(struct qmp *qmp, const char *name)
{
    struct qmp_command *command = calloc(1, sizeof *command);
    if (!command)
        return NULL;
    command->references = 1;
    list_init(&command->link);
    hvk_error_init(&command->error);
    command->id = ++qmp->last_id;
    command->name = strdup(name);
    if (!command->name) {
        qmp_command_unref(command);
        return NULL;
    }
    return command;
}

static bool may_send(const struct qmp *qmp, const char *name, struct hvk_error *err)
{
    if (qmp->lost)
        return hvk_error_set(err, HVK_ERR_OPERATION_FAILED, "cannot send '%s': the monitor is lost",
                             name);
    if (qmp->pending_count >= QMP_PENDING_MAX)
        return hvk_error_set(err, HVK_ERR_LIMIT,
                             "cannot send '%s': %u commands wait for an answer of the monitor",
                             name, qmp->pending_count);
    return true;
}

/* A descriptor belongs to the byte it is sent with: what was queued before goes out first. */
static bool queue_fd(struct qmp *qmp, const char *name, int fd, struct hvk_error *err)
{
    if (fd < 0)
        return true;
    qmp_flush(qmp);
    if (qmp->output.length > 0 || qmp->output_fd >= 0)
        return hvk_error_set(err, HVK_ERR_RESOURCE_BUSY,
                             "cannot send '%s': the monitor has not read what was sent before",
                             name);
    qmp->output_fd = fd;
    return true;
}

struct qmp_command *qmp_send(struct qmp *qmp, const char *name, json_t *arguments, int fd,
                             struct hvk_error *err)
{
    struct qmp_command *command = NULL;
    if (may_send(qmp, name, err) && queue_fd(qmp, name, fd, err)) {
        command = command_new(qmp, name);
        if (!command) {
            hvk_error_memory(err);
        } else if (!serialise(qmp, command, arguments, err)) {
            qmp_command_unref(command);
            command = NULL;
        }
    }
    json_decref(arguments);
    if (!command)
        return NULL;
    command->references++;
    list_append(&qmp->pending, &command->link);
    qmp->pending_count++;
    return command;
}

static ssize_t send_some(struct qmp *qmp)
{
    struct iovec part = {.iov_base = qmp->output.data, .iov_len = qmp->output.length};
    struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};
    union {
        struct cmsghdr header;
        char room[CMSG_SPACE(sizeof(int))];
    } control = {0};
    if (qmp->output_fd >= 0) {
        message.msg_control = &control;
        message.msg_controllen = sizeof control.room;
        struct cmsghdr *header = CMSG_FIRSTHDR(&message);
        *header = (struct cmsghdr){
            .cmsg_len = CMSG_LEN(sizeof(int)), .cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS};
        memcpy(CMSG_DATA(header), &qmp->output_fd, sizeof(int));
    }
    return sendmsg(qmp->fd, &message, MSG_NOSIGNAL | MSG_DONTWAIT);
}

void qmp_flush(struct qmp *qmp)
{
    while (!qmp->lost && qmp->output.length > 0) {
        ssize_t sent = send_some(qmp);
        if (sent < 0) {
            if (errno == EINTR)
                continue;
            /* EPIPE: what QEMU said before it went is still to be read; reading finds the end. */
            if (errno == EAGAIN || errno == EPIPE || errno == ECONNRESET)
                return;
            struct hvk_error err = {.size = sizeof err};
            hvk_error_errno(&err, errno, "write to the monitor");
            qmp_lose(qmp, &err);
            return;
        }
        qmp->output_fd = -1;
        qmp->output.length -= (size_t)sent;
        memmove(qmp->output.data, qmp->output.data + sent, qmp->output.length + 1);
    }
}

/* ---- receiving ------------------------------------------------------------------------------ */

static struct qmp_command *find_pending(struct qmp *qmp, const json_t *id)
{
    if (!json_is_integer(id))
        return NULL;
    LIST_FOR_EACH (&qmp->pending, node) {
        struct qmp_command *command = LIST_ENTRY(node, struct qmp_command, link);
        if (command->id == (uint64_t)json_integer_value(id))
            return command;
    }
    return NULL;
}

/* Classes of QMP errors that mean more than "it failed". */
static const struct {
    const char *class;
    int32_t code;
} error_classes[] = {
    {"CommandNotFound", HVK_ERR_OPERATION_UNSUPPORTED},
    {"DeviceNotFound", HVK_ERR_DEVICE_MISSING},
    {"KVMMissingCap", HVK_ERR_ACCELERATOR},
};

static int32_t error_code(const char *class)
{
    for (size_t i = 0; i < ARRAY_SIZE(error_classes); i++)
        if (strcmp(error_classes[i].class, class) == 0)
            return error_classes[i].code;
    return HVK_ERR_OPERATION_FAILED;
}

static void take_error(struct qmp_command *command, const json_t *error)
{
    const char *class = json_string_value(json_object_get(error, "class"));
    const char *text = json_string_value(json_object_get(error, "desc"));
    snprintf(command->error_class, sizeof command->error_class, "%s", class ? class : "");
    hvk_error_set(&command->error, error_code(command->error_class), "QEMU refused '%s': %s",
                  command->name, text ? text : "it gave no reason");
    hvk_error_from(&command->error, HVK_FROM_QEMU);
}

/* JSON that QEMU could not even attribute to a command has no id: then it is about the oldest. */
static struct qmp_command *whose_reply(struct qmp *qmp, const json_t *message, const json_t *error)
{
    const json_t *id = json_object_get(message, "id");
    if (!id && error && !list_is_empty(&qmp->pending))
        return LIST_ENTRY(qmp->pending.next, struct qmp_command, link);
    return find_pending(qmp, id);
}

static bool handle_reply(struct qmp *qmp, json_t *message, struct hvk_error *err)
{
    json_t *result = json_object_get(message, "return");
    const json_t *error = json_object_get(message, "error");
    struct qmp_command *command = whose_reply(qmp, message, error);
    if (!command)
        return hvk_error_set(err, HVK_ERR_PARSE_FAILED,
                             "the monitor sent a reply to a command that was not sent");
    if (error)
        take_error(command, error);
    else
        command->result = json_incref(result);
    finish(qmp, command);
    return true;
}

static void handle_event(struct qmp *qmp, const char *name, const json_t *message)
{
    static const char *const stamp = "timestamp";
    const json_t *when = json_object_get(message, stamp);
    const json_t *data = json_object_get(message, "data");
    json_t *none = json_is_object(data) ? NULL : json_object();
    qmp->event_count++;
    if (qmp->handler->event)
        qmp->handler->event(qmp->user, name, none ? none : data,
                            json_integer_value(json_object_get(when, "seconds")),
                            (int32_t)json_integer_value(json_object_get(when, "microseconds")));
    json_decref(none);
}

static bool handle_message(void *user, char *text, size_t length, struct hvk_error *err)
{
    struct qmp *qmp = user;
    json_t *message = qmp_json_parse(text, length, err);
    if (!message)
        return hvk_error_prefix(err, "the monitor sent what is no JSON");
    const char *event = json_string_value(json_object_get(message, "event"));
    bool ok = true;
    if (event)
        handle_event(qmp, event, message);
    else if (json_object_get(message, "return") || json_object_get(message, "error"))
        ok = handle_reply(qmp, message, err);
    else if (!qmp->greeted && json_is_object(json_object_get(message, "QMP")))
        qmp->greeted = true;
    else
        ok = hvk_error_set(err, HVK_ERR_PARSE_FAILED,
                           "the monitor sent a message that is neither reply nor event");
    json_decref(message);
    return ok && !qmp->lost;
}

/* One read: true when there may be more. */
static bool receive_some(struct qmp *qmp, char *room, size_t size)
{
    struct hvk_error err = {.size = sizeof err};
    ssize_t got = read(qmp->fd, room, size);
    if (got < 0 && errno == EINTR)
        return true;
    if (got < 0 && errno == EAGAIN)
        return false;
    if (got < 0 && errno != ECONNRESET) {
        hvk_error_errno(&err, errno, "read from the monitor");
        qmp_lose(qmp, &err);
        return false;
    }
    if (got <= 0) {
        qmp_lose(qmp, &err); /* no code: QEMU closed it */
        return false;
    }
    if (!qmp_splitter_feed(&qmp->splitter, room, (size_t)got, handle_message, qmp, &err)) {
        qmp_lose(qmp, &err);
        return false;
    }
    return (size_t)got == size;
}

void qmp_receive(struct qmp *qmp)
{
    auto_free char *room = malloc(QMP_READ_SIZE);
    if (!room)
        return; /* the socket stays readable: it is tried again */
    for (int turn = 0; turn < QMP_TURN_READS && !qmp->lost; turn++)
        if (!receive_some(qmp, room, QMP_READ_SIZE))
            break;
}

int qmp_get_fd(const struct qmp *qmp)
{
    return qmp->fd;
}

uint32_t qmp_wants(const struct qmp *qmp)
{
    if (qmp->lost)
        return 0;
    return qmp->output.length > 0 ? POLLIN | POLLOUT : POLLIN;
}

bool qmp_is_lost(const struct qmp *qmp)
{
    return qmp->lost;
}

uint32_t qmp_take_event_count(struct qmp *qmp)
{
    uint32_t count = qmp->event_count;
    qmp->event_count = 0;
    return count;
}
