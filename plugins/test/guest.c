/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What needs a guest: one that echoes on its console, shows a grey screen and knows little. */
#include "domain.h"

#include <base/buffer.h>
#include <base/string.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <time.h>

static struct machine *find_active(struct hvk_call *call, struct test_node *node,
                                   const struct hvk_domain *domain, const char *to)
{
    struct machine *machine = machine_find(call, node, domain);
    return machine && machine_need_active(call, machine, to) ? machine : NULL;
}

/* ---- console -------------------------------------------------------------------------------- */

#define ECHO_SIZE 4096

/* One open console: the guest's end of a socket pair. Lives until its stream or its domain ends. */
struct console {
    struct list entry; /* in the machine's */
    const struct hvk_core *core;
    struct hvk_source *source;
    int fd;
};

static void console_free(struct console *console)
{
    if (!console)
        return;
    list_remove(&console->entry);
    if (console->source)
        console->core->source_remove(console->source);
    if (console->fd >= 0)
        close(console->fd);
    free(console);
}
DEFINE_AUTO_PTR(struct console, console_free)

void machine_close_consoles(struct machine *machine)
{
    LIST_FOR_EACH(&machine->consoles, entry)
        console_free(LIST_ENTRY(entry, struct console, entry));
}

/* The socket's own buffer bounds what an application that does not read can pile up: what does not
 * fit is dropped, as on a serial line. */
static void console_echo(struct hvk_call *call, int32_t fd, uint32_t events, void *user)
{
    struct console *console = user;
    char data[ECHO_SIZE];
    (void)call;
    (void)events;
    ssize_t size = recv(fd, data, sizeof data, MSG_DONTWAIT);
    if (size > 0)
        send(fd, data, (size_t)size, MSG_DONTWAIT | MSG_NOSIGNAL);
    else if (size == 0 || errno != EAGAIN)
        console->core->watch_fd_events(console->source, 0);
}

static bool console_closed(struct hvk_call *call, void *user)
{
    (void)call;
    console_free(user);
    return true;
}

bool domain_open_console(struct hvk_call *call, void *instance, const struct hvk_domain *domain,
                         const char *device, struct hvk_stream *stream, uint32_t flags)
{
    struct test_node *node = instance;
    const struct hvk_core *core = node->core;
    (void)device;
    struct machine *machine = find_active(call, node, domain, "open the console of");
    if (!machine)
        return false;
    if (!list_is_empty(&machine->consoles) && !(flags & HVK_DOMAIN_CONSOLE_FORCE))
        return hvk_error_set(&call->error, HVK_ERR_OPERATION_FAILED,
                             "the console of domain '%s' is in use; ask with --force to take it",
                             machine->live->name);
    machine_close_consoles(machine);
    AUTO(console_free_auto) struct console *console = calloc(1, sizeof *console);
    if (!console)
        return hvk_error_memory(&call->error);
    list_init(&console->entry);
    console->core = core;
    int ends[2];
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends) < 0)
        return hvk_error_errno(&call->error, errno, "make a console for domain '%s'",
                               machine->live->name);
    console->fd = ends[0];
    auto_fd int application_end = ends[1];
    console->source = core->watch_fd(node->host, HVK_OBJECT_DOMAIN, machine->uuid, console->fd,
                                     POLLIN, console_echo, console);
    if (!console->source)
        return hvk_error_memory(&call->error);
    if (!core->stream_attach(call, stream, application_end))
        return false;
    core->stream_on_close(stream, console_closed, console);
    list_append(&machine->consoles, &console->entry);
    TAKE(console);
    return true;
}

/* ---- screen and keys ------------------------------------------------------------------------ */

#define SCREEN_WIDTH 320
#define SCREEN_HEIGHT 200

bool domain_screenshot(struct hvk_call *call, void *instance, const struct hvk_domain *domain,
                       uint32_t screen, struct hvk_stream *stream, uint32_t flags,
                       struct hvk_string_sink *out_mime)
{
    struct test_node *node = instance;
    (void)flags;
    struct machine *machine = find_active(call, node, domain, "take a screenshot of");
    if (!machine)
        return false;
    if (screen != 0)
        return hvk_error_set(&call->error, HVK_ERR_INVALID_ARG, "domain '%s' has screen 0 only",
                             machine->live->name);
    /* Portable graymap (netpbm's pgm): a header, then a byte for each pixel. */
    auto_buffer image = BUFFER_INIT;
    buffer_add_format(&image, "P5\n%d %d\n255\n", SCREEN_WIDTH, SCREEN_HEIGHT);
    for (int i = 0; i < SCREEN_WIDTH * SCREEN_HEIGHT; i++)
        buffer_add_char(&image, (char)(i % SCREEN_WIDTH * 255 / SCREEN_WIDTH));
    if (image.failed)
        return hvk_error_memory(&call->error);
    auto_fd int fd = memfd_create("screenshot", MFD_CLOEXEC);
    if (fd < 0 || write(fd, image.data, image.length) != (ssize_t)image.length ||
        lseek(fd, 0, SEEK_SET) < 0)
        return hvk_error_errno(&call->error, errno, "keep the screenshot of domain '%s'",
                               machine->live->name);
    return node->core->stream_attach(call, stream, fd) &&
           hvk_put_string(out_mime, "image/x-portable-graymap");
}

bool domain_send_key(struct hvk_call *call, void *instance, const struct hvk_domain *domain,
                     uint32_t codeset, uint32_t holdtime_ms, const uint32_t *keycodes,
                     uint64_t keycodes_count, uint32_t flags)
{
    (void)codeset;
    (void)holdtime_ms;
    (void)keycodes;
    (void)keycodes_count;
    (void)flags;
    return find_active(call, instance, domain, "send keys to") != NULL;
}

bool domain_inject_nmi(struct hvk_call *call, void *instance, const struct hvk_domain *domain,
                       uint32_t flags)
{
    (void)flags;
    return find_active(call, instance, domain, "interrupt") != NULL;
}

/* ---- what a guest agent would say ----------------------------------------------------------- */

bool domain_get_hostname(struct hvk_call *call, void *instance, const struct hvk_domain *domain,
                         uint32_t flags, struct hvk_string_sink *out_hostname)
{
    (void)flags;
    struct machine *machine = find_active(call, instance, domain, "ask for the host name of");
    auto_free char *name = machine ? string_format("%shost", machine->live->name) : NULL;
    return name && hvk_put_string(out_hostname, name);
}

bool domain_get_time(struct hvk_call *call, void *instance, const struct hvk_domain *domain,
                     uint32_t flags, struct hvk_domain_time *out_time)
{
    struct timespec now;
    (void)flags;
    if (!find_active(call, instance, domain, "ask for the time of"))
        return false;
    clock_gettime(CLOCK_REALTIME, &now);
    out_time->seconds = now.tv_sec;
    out_time->nseconds = (uint32_t)now.tv_nsec;
    return true;
}

bool domain_get_fsinfo(struct hvk_call *call, void *instance, const struct hvk_domain *domain,
                       uint32_t flags, struct hvk_domain_fsinfo_sink *out_filesystems)
{
    (void)flags;
    struct machine *machine = find_active(call, instance, domain, "ask for file systems of");
    if (!machine)
        return false;
    static const char *const mountpoints[] = {"/", "/boot"};
    for (uint32_t i = 0; i < machine->live->devices.disks.count && i < ARRAY_SIZE(mountpoints);
         i++) {
        const char *target = machine->live->devices.disks.items[i]->target.dev;
        auto_free char *name = string_format("%s1", target);
        struct hvk_domain_fsinfo info = {.size = sizeof info,
                                         .mountpoint = mountpoints[i],
                                         .name = name,
                                         .fstype = "ext4",
                                         .disks = &target,
                                         .disks_count = 1};
        if (!name)
            return hvk_error_memory(&call->error);
        if (!hvk_put_domain_fsinfo(out_filesystems, &info))
            return false;
    }
    return true;
}

/* Addresses as a DHCP server of a default network would give them. */
bool domain_interface_addresses(struct hvk_call *call, void *instance,
                                const struct hvk_domain *domain, uint32_t source, uint32_t flags,
                                struct hvk_domain_interface_sink *out_interfaces)
{
    (void)source;
    (void)flags;
    struct machine *machine = find_active(call, instance, domain, "ask for addresses of");
    if (!machine)
        return false;
    for (uint32_t i = 0; i < machine->live->devices.interfaces.count; i++) {
        const struct model_interface *nic = machine->live->devices.interfaces.items[i];
        char mac[18], text[16];
        snprintf(mac, sizeof mac, "%02x:%02x:%02x:%02x:%02x:%02x", nic->mac.bytes[0],
                 nic->mac.bytes[1], nic->mac.bytes[2], nic->mac.bytes[3], nic->mac.bytes[4],
                 nic->mac.bytes[5]);
        snprintf(text, sizeof text, "192.168.122.%u", 3 + i % 250);
        struct hvk_ip_address address = {
            .size = sizeof address, .type = HVK_IP_ADDRESS_TYPE_IPV4, .prefix = 24, .address = text};
        struct hvk_domain_interface item = {.size = sizeof item,
                                            .name = nic->target.dev ? nic->target.dev : "",
                                            .hwaddr = mac,
                                            .addresses = &address,
                                            .addresses_count = 1};
        if (!hvk_put_domain_interface(out_interfaces, &item))
            return false;
    }
    return true;
}

bool domain_get_security_labels(struct hvk_call *call, void *instance,
                                const struct hvk_domain *domain,
                                struct hvk_domain_security_label_sink *out_labels)
{
    struct hvk_domain_security_label label = {
        .size = sizeof label, .enforcing = 1, .label = "hvkit-test"};
    return find_active(call, instance, domain, "ask for the label of") &&
           hvk_put_domain_security_label(out_labels, &label);
}
