/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "agent.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>

#include <base/string.h>

#include "qmp_json.h"
#include "qmp_splitter.h"

struct agent {
    int fd;
    int64_t deadline_ms;
    struct qmp_splitter splitter;
    json_t *message; /* the last one that came */
};

static int64_t now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1000ll + now.tv_nsec / 1000000;
}

static bool wait_for(struct agent *agent, short events, struct hvk_error *err)
{
    int64_t left = agent->deadline_ms - now_ms();
    struct pollfd wait = {.fd = agent->fd, .events = events};
    if (left > 0 && poll(&wait, 1, (int)left) > 0)
        return true;
    return hvk_error_set(err, HVK_ERR_AGENT_UNRESPONSIVE,
                         "the guest agent does not answer: does it run in the guest?");
}

static bool send_all(struct agent *agent, const char *data, size_t size, struct hvk_error *err)
{
    while (size > 0) {
        if (!wait_for(agent, POLLOUT, err))
            return false;
        ssize_t sent = send(agent->fd, data, size, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (sent < 0 && (errno == EAGAIN || errno == EINTR))
            continue;
        if (sent < 0)
            return hvk_error_errno(err, errno, "write to the guest agent");
        data += sent;
        size -= (size_t)sent;
    }
    return true;
}

static bool send_command(struct agent *agent, const char *name, json_t *arguments,
                         struct hvk_error *err)
{
    json_t *object = arguments ? json_pack("{s:s, s:O}", "execute", name, "arguments", arguments)
                               : json_pack("{s:s}", "execute", name);
    auto_free char *text = object ? json_dumps(object, JSON_COMPACT) : NULL;
    auto_free char *line = text ? string_format("%s\n", text) : NULL;
    json_decref(object);
    return line ? send_all(agent, line, strlen(line), err) : hvk_error_memory(err);
}

static bool on_message(void *user, char *text, size_t length, struct hvk_error *err)
{
    struct agent *agent = user;
    json_decref(agent->message);
    agent->message = qmp_json_parse(text, length, err);
    return agent->message || hvk_error_prefix(err, "the guest agent sent what is no JSON");
}

/* What came before the last 0xff is of an earlier conversation: that byte begins a fresh one. */
static bool feed(struct agent *agent, const char *data, size_t size, struct hvk_error *err)
{
    const char *mark = memrchr(data, 0xff, size);
    if (mark) {
        qmp_splitter_fini(&agent->splitter);
        agent->splitter = (struct qmp_splitter)QMP_SPLITTER_INIT;
        size -= (size_t)(mark + 1 - data);
        data = mark + 1;
    }
    return qmp_splitter_feed(&agent->splitter, data, size, on_message, agent, err);
}

static bool receive(struct agent *agent, struct hvk_error *err)
{
    json_decref(agent->message);
    agent->message = NULL;
    while (!agent->message) {
        char data[4096];
        if (!wait_for(agent, POLLIN, err))
            return false;
        ssize_t got = recv(agent->fd, data, sizeof data, MSG_DONTWAIT);
        if (got < 0 && (errno == EAGAIN || errno == EINTR))
            continue;
        if (got <= 0)
            return hvk_error_set(err, HVK_ERR_AGENT_UNRESPONSIVE,
                                 "the guest agent's channel closed");
        if (!feed(agent, data, (size_t)got, err))
            return false;
    }
    return true;
}

/* A number of our own comes back: whatever another client left in the channel is behind us. */
static bool synchronise(struct agent *agent, struct hvk_error *err)
{
    uint32_t id = 0;
    if (getrandom(&id, sizeof id, 0) < 0)
        id = (uint32_t)now_ms();
    json_t *arguments = json_pack("{s:I}", "id", (json_int_t)id);
    bool sent = send_all(agent, "\xff", 1, err) &&
                send_command(agent, "guest-sync-delimited", arguments, err);
    json_decref(arguments);
    while (sent && receive(agent, err))
        if (json_integer_value(json_object_get(agent->message, "return")) == (json_int_t)id)
            return true;
    return false;
}

static bool connect_agent(struct agent *agent, const char *path, struct hvk_error *err)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    if (strlen(path) >= sizeof address.sun_path)
        return hvk_error_set(err, HVK_ERR_CONFIG_UNSUPPORTED, "the path '%s' is too long", path);
    strcpy(address.sun_path, path);
    agent->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (agent->fd < 0 || connect(agent->fd, (struct sockaddr *)&address, sizeof address) < 0)
        return hvk_error_errno(err, errno, "connect to the guest agent's channel '%s'", path);
    return true;
}

static void agent_fini(struct agent *agent)
{
    cleanup_fd(&agent->fd);
    qmp_splitter_fini(&agent->splitter);
    json_decref(agent->message);
}

/* Outside the lane. */
static bool converse(const char *path, const char *name, json_t *arguments, bool answers,
                     json_t **out_result, struct hvk_error *err)
{
    AUTO(agent_fini)
    struct agent agent = {
        .fd = -1, .deadline_ms = now_ms() + AGENT_TIMEOUT_MS, .splitter = QMP_SPLITTER_INIT};
    if (!connect_agent(&agent, path, err) || !synchronise(&agent, err) ||
        !send_command(&agent, name, arguments, err))
        return false;
    if (!answers)
        return true;
    if (!receive(&agent, err))
        return false;
    const json_t *error = json_object_get(agent.message, "error");
    const char *why = json_string_value(json_object_get(error, "desc"));
    if (error)
        return hvk_error_set(err, HVK_ERR_OPERATION_FAILED, "the guest agent refused '%s': %s",
                             name, why ? why : "it gave no reason");
    if (out_result)
        *out_result = json_incref(json_object_get(agent.message, "return"));
    return true;
}

static bool call_outside(struct hvk_call *call, struct machine *machine, const char *name,
                         json_t *arguments, bool answers, json_t **out_result)
{
    const struct hvk_core *core = machine->node->core;
    struct hvk_error why = {.size = sizeof why};
    auto_free char *path = machine->run->agent_path ? strdup(machine->run->agent_path) : NULL;
    json_t *result = NULL;
    if (!path) {
        json_decref(arguments);
        return hvk_error_set(&call->error, HVK_ERR_ARGUMENT_UNSUPPORTED,
                             "the domain '%s' has no channel org.qemu.guest_agent.0, which an "
                             "agent would answer on",
                             machine->name);
    }
    core->lane_leave(call);
    bool ok = converse(path, name, arguments, answers, &result, &why);
    json_decref(arguments);
    bool back = core->lane_enter(call);
    if (back && !ok) {
        hvk_error_copy(&call->error, &why);
        hvk_error_prefix(&call->error, "domain '%s'", machine->name);
    }
    if (back && ok && out_result)
        *out_result = TAKE(result);
    json_decref(result);
    return back && ok;
}

bool agent_call(struct hvk_call *call, struct machine *machine, const char *name, json_t *arguments,
                json_t **out_result)
{
    return call_outside(call, machine, name, arguments, true, out_result);
}

bool agent_shutdown(struct hvk_call *call, struct machine *machine, const char *mode)
{
    return call_outside(call, machine, "guest-shutdown", json_pack("{s:s}", "mode", mode), false,
                        NULL);
}
