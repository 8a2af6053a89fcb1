/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The console: a guest that says back what it hears. */
#include "domain.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>

#define ECHO_SIZE 4096

/* One open console: the guest's end of a socket pair. It is in its machine's list until the guest
 * hangs up; its memory belongs to the stream, which outlives that. */
struct console {
    struct list entry;
    const struct hvk_core *core;
    struct hvk_source *source; /* NULL once the guest hung up */
    int fd;
    size_t heard; /* bytes of data that are yet to be said */
    char data[ECHO_SIZE];
};

static void console_hang_up(struct console *console)
{
    list_remove(&console->entry);
    if (console->source)
        console->core->source_remove(TAKE(console->source));
    if (console->fd >= 0)
        close(TAKE_FD(console->fd));
}

static void console_free(struct console *console)
{
    if (!console)
        return;
    console_hang_up(console);
    free(console);
}
DEFINE_AUTO_PTR(struct console, console_free)

void machine_close_consoles(struct machine *machine)
{
    LIST_FOR_EACH (&machine->consoles, entry)
        console_hang_up(LIST_ENTRY(entry, struct console, entry));
}

static bool is_over(ssize_t size)
{
    return size == 0 || (size < 0 && errno != EAGAIN && errno != EINTR);
}

/* Hears no more before all was said: an application that does not read is not heard any longer, and
 * piles up nothing here. */
static void console_echo(struct hvk_call *call, int32_t fd, uint32_t events, void *user)
{
    struct console *console = user;
    (void)call;
    (void)events;
    if (console->heard == 0) {
        ssize_t heard = recv(fd, console->data, sizeof console->data, 0);
        if (is_over(heard)) {
            console_hang_up(console);
            return;
        }
        if (heard < 0)
            return;
        console->heard = (size_t)heard;
    }
    ssize_t said = send(fd, console->data, console->heard, MSG_NOSIGNAL);
    if (said < 0 && is_over(said)) {
        console_hang_up(console);
        return;
    }
    if (said > 0) {
        console->heard -= (size_t)said;
        memmove(console->data, console->data + said, console->heard);
    }
    console->core->watch_fd_events(console->source, console->heard > 0 ? POLLOUT : POLLIN);
}

static bool console_closed(struct hvk_call *call, void *user)
{
    (void)call;
    console_free(user);
    return true;
}

/* A console with no descriptor yet; NULL when out of memory. */
static struct console *console_new(const struct hvk_core *core)
{
    struct console *console = calloc(1, sizeof *console);
    if (!console)
        return NULL;
    list_init(&console->entry);
    console->core = core;
    console->fd = -1;
    return console;
}

/* out_far: the application's end, the caller's to close. */
static bool console_connect(struct console *console, const struct machine *machine, int *out_far,
                            struct hvk_error *err)
{
    int ends[2];
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends) < 0)
        return hvk_error_errno(err, errno, "make a console for domain '%s'", machine->live->name);
    console->fd = ends[0];
    *out_far = ends[1];
    console->source = console->core->watch_fd(machine->node->host, HVK_OBJECT_DOMAIN, machine->uuid,
                                              console->fd, POLLIN, console_echo, console);
    return console->source || hvk_error_memory(err);
}

/* NULL means the first; the domain need not have one for that. */
static bool check_device(struct hvk_call *call, const struct machine *machine, const char *device)
{
    struct model_device_ref at = {0};
    while (device && model_device_next(machine->live, &at)) {
        const char *alias = at.device->alias.name;
        bool is_console = at.class == MODEL_DEVICE_CONSOLE || at.class == MODEL_DEVICE_SERIAL ||
                          at.class == MODEL_DEVICE_PARALLEL;
        if (is_console && alias && strcmp(alias, device) == 0)
            return true;
    }
    return !device || hvk_error_set(&call->error, HVK_ERR_INVALID_ARG,
                                    "domain '%s' has no console or port with alias '%s'",
                                    machine->live->name, device);
}

static bool check_free(struct hvk_call *call, const struct machine *machine, uint32_t flags)
{
    return list_is_empty(&machine->consoles) || flags & HVK_DOMAIN_CONSOLE_FORCE ||
           hvk_error_set(&call->error, HVK_ERR_OPERATION_FAILED,
                         "the console of domain '%s' is in use; ask with --force to take it",
                         machine->live->name);
}

bool domain_open_console(struct hvk_call *call, void *instance, const struct hvk_domain *domain,
                         const char *device, struct hvk_stream *stream, uint32_t flags)
{
    struct test_node *node = instance;
    struct machine *machine =
        machine_find_active(call, node, domain, "open_console", "open the console of");
    if (!machine || !check_device(call, machine, device) || !check_free(call, machine, flags))
        return false;
    AUTO(console_free_auto) struct console *console = console_new(node->core);
    auto_fd int far_end = -1;
    if (!console)
        return hvk_error_memory(&call->error);
    if (!console_connect(console, machine, &far_end, &call->error) ||
        !node->core->stream_attach(call, stream, far_end))
        return false;
    machine_close_consoles(machine);
    list_append(&machine->consoles, &console->entry);
    node->core->stream_on_close(stream, console_closed, TAKE(console));
    return true;
}
