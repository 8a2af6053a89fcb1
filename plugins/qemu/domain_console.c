/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Streams to consoles and channels: pseudo terminals and unix sockets that QEMU opened. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <termios.h>

#include <base/string.h>
#include <model/domain-xml.h>

#include "domain.h"
#include "machine.h"
#include "pump.h"

/* ---- which ---------------------------------------------------------------------------------- */

struct port {
    const char *alias;
    const struct model_chardev *chardev;
};

static bool is_named(const struct model_device *device, const char *name)
{
    return !name || string_equal(device->alias.name, name);
}

/* The first console there is: a console element may stand for a serial port of the same terminal.
 */
static bool find_console(const struct model_domain *live, const char *name, struct port *out)
{
    MODEL_FOR_EACH(&live->devices.consoles, struct model_console, console)
    if (is_named(&console->device, name) && console->chardev.sources.count > 0) {
        *out = (struct port){console->device.alias.name, &console->chardev};
        return true;
    }
    MODEL_FOR_EACH(&live->devices.serials, struct model_serial, serial)
    if (is_named(&serial->device, name)) {
        *out = (struct port){serial->device.alias.name, &serial->chardev};
        return true;
    }
    MODEL_FOR_EACH(&live->devices.parallels, struct model_parallel, parallel)
    if (name && is_named(&parallel->device, name)) {
        *out = (struct port){parallel->device.alias.name, &parallel->chardev};
        return true;
    }
    return false;
}

static bool find_channel(const struct model_domain *live, const char *name, struct port *out)
{
    MODEL_FOR_EACH(&live->devices.channels, struct model_channel, channel)
    if (is_named(&channel->device, name) || string_equal(channel->target.name, name)) {
        *out = (struct port){channel->device.alias.name, &channel->chardev};
        return true;
    }
    return false;
}

/* ---- opening -------------------------------------------------------------------------------- */

/* Bytes are to pass as they are, in both directions. */
static int open_terminal(const char *path, struct hvk_error *err)
{
    struct termios settings;
    int fd = open(path, O_RDWR | O_NOCTTY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0) {
        hvk_error_errno(err, errno, "open the terminal '%s'", path);
        return -1;
    }
    if (tcgetattr(fd, &settings) == 0) {
        cfmakeraw(&settings);
        tcsetattr(fd, TCSANOW, &settings);
    }
    return fd;
}

static int open_socket(const char *path, struct hvk_error *err)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    if (strlen(path) >= sizeof address.sun_path) {
        hvk_error_set(err, HVK_ERR_OPERATION_FAILED, "the path '%s' is too long for a socket",
                      path);
        return -1;
    }
    strcpy(address.sun_path, path);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd >= 0 && connect(fd, (struct sockaddr *)&address, sizeof address) == 0)
        return fd;
    hvk_error_errno(err, errno, "connect to '%s'", path);
    cleanup_fd(&fd);
    return -1;
}

static int open_port(const struct machine *machine, const struct port *port, struct hvk_error *err)
{
    const struct model_chardev_source *source = model_chardev_source(port->chardev);
    if (source && source->path && port->chardev->type == MODEL_CHARDEV_PTY)
        return open_terminal(source->path, err);
    if (source && source->path && port->chardev->type == MODEL_CHARDEV_UNIX)
        return open_socket(source->path, err);
    hvk_error_set(err, HVK_ERR_OPERATION_UNSUPPORTED,
                  "'%s' of the domain '%s' is neither a pseudo terminal nor a unix socket: only "
                  "those can be opened",
                  port->alias ? port->alias : "the device", machine->name);
    return -1;
}

/* ---- sessions ------------------------------------------------------------------------------- */

/* One client at a time: two would each see a part of what the guest says. */
static bool claim(struct hvk_call *call, struct machine *machine, const struct port *port,
                  bool force)
{
    struct pump *other = pump_find(machine->run->pumps, port->alias);
    if (other && !force)
        return hvk_error_set(&call->error, HVK_ERR_OPERATION_FAILED,
                             "'%s' of the domain '%s' is in use: the flag FORCE takes it over",
                             port->alias, machine->name);
    pump_end(other);
    return true;
}

static bool attach(struct hvk_call *call, struct machine *machine, const struct port *port,
                   struct hvk_stream *stream)
{
    struct node *node = machine->node;
    struct pump_place place = {.core = node->core, .node = node->handle, .uuid = machine->uuid};
    int pair[2];
    auto_fd int fd = open_port(machine, port, &call->error);
    if (fd < 0)
        return false;
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) < 0)
        return hvk_error_errno(&call->error, errno, "connect a stream with '%s'", port->alias);
    auto_fd int theirs = pair[0];
    auto_fd int ours = pair[1];
    return node->core->stream_attach(call, stream, theirs) &&
           pump_begin(&place, port->alias, TAKE_FD(fd), TAKE_FD(ours), &machine->run->pumps,
                      &call->error);
}

static bool open_found(struct hvk_call *call, struct machine *machine, bool found,
                       const struct port *port, const char *what, struct hvk_stream *stream,
                       bool force)
{
    if (!found || !port->alias)
        return hvk_error_set(&call->error, HVK_ERR_NO_DEVICE, "the domain '%s' has no such %s",
                             machine->name, what);
    return claim(call, machine, port, force) && attach(call, machine, port, stream);
}

bool domain_open_console(DOMAIN_ARGS, const char *device, struct hvk_stream *stream, uint32_t flags)
{
    struct port port = {0};
    auto_machine struct machine *machine = machine_find_running(call, instance, domain);
    /* SAFE asks for what always holds here: one client at a time, through QEMU's own terminal. */
    return machine && open_found(call, machine, find_console(machine->live, device, &port), &port,
                                 "console", stream, flags & HVK_DOMAIN_CONSOLE_FORCE);
}

bool domain_open_channel(DOMAIN_ARGS, const char *name, struct hvk_stream *stream, uint32_t flags)
{
    struct port port = {0};
    auto_machine struct machine *machine = machine_find_running(call, instance, domain);
    return machine && open_found(call, machine, find_channel(machine->live, name, &port), &port,
                                 "channel", stream, flags & HVK_DOMAIN_CHANNEL_FORCE);
}
