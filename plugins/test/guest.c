/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What needs a guest: one that shows a grey screen and knows little. */
#include "domain.h"

#include <base/buffer.h>
#include <base/string.h>
#include <errno.h>
#include <sys/mman.h>
#include <time.h>

/* ---- screen and keys ------------------------------------------------------------------------ */

#define SCREEN_WIDTH 320
#define SCREEN_HEIGHT 200

bool domain_screenshot(struct hvk_call *call, void *instance, const struct hvk_domain *domain,
                       uint32_t screen, struct hvk_stream *stream, uint32_t flags,
                       struct hvk_string_sink *out_mime)
{
    struct test_node *node = instance;
    (void)flags;
    struct machine *machine =
        machine_find_active(call, node, domain, "screenshot", "take a screenshot of");
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
    return machine_find_active(call, instance, domain, "send_key", "send keys to") != NULL;
}

bool domain_inject_nmi(struct hvk_call *call, void *instance, const struct hvk_domain *domain,
                       uint32_t flags)
{
    (void)flags;
    return machine_find_active(call, instance, domain, "inject_nmi", "interrupt") != NULL;
}

/* ---- what a guest agent would say ----------------------------------------------------------- */

bool domain_get_hostname(struct hvk_call *call, void *instance, const struct hvk_domain *domain,
                         uint32_t flags, struct hvk_string_sink *out_hostname)
{
    (void)flags;
    struct machine *machine =
        machine_find_active(call, instance, domain, "get_hostname", "ask for the host name of");
    if (!machine)
        return false;
    auto_free char *name = string_format("%shost", machine->live->name);
    return name ? hvk_put_string(out_hostname, name) : hvk_error_memory(&call->error);
}

bool domain_get_time(struct hvk_call *call, void *instance, const struct hvk_domain *domain,
                     uint32_t flags, struct hvk_domain_time *out_time)
{
    struct timespec now;
    (void)flags;
    if (!machine_find_active(call, instance, domain, "get_time", "ask for the time of"))
        return false;
    clock_gettime(CLOCK_REALTIME, &now);
    out_time->seconds = now.tv_sec;
    out_time->nseconds = (uint32_t)now.tv_nsec;
    return true;
}

/* Two file systems on the first disk. */
bool domain_get_fsinfo(struct hvk_call *call, void *instance, const struct hvk_domain *domain,
                       uint32_t flags, struct hvk_domain_fsinfo_sink *out_filesystems)
{
    static const char *const mountpoints[] = {"/", "/boot"};
    (void)flags;
    struct machine *machine =
        machine_find_active(call, instance, domain, "get_fsinfo", "ask for file systems of");
    if (!machine)
        return false;
    const struct model_devices *devices = &machine->live->devices;
    for (uint32_t i = 0; devices->disks.count > 0 && i < ARRAY_SIZE(mountpoints); i++) {
        const char *disk = devices->disks.items[0]->target.dev;
        auto_free char *name = string_format("%s%u", disk, i + 1);
        if (!name)
            return hvk_error_memory(&call->error);
        struct hvk_domain_fsinfo info = {.size = sizeof info,
                                         .mountpoint = mountpoints[i],
                                         .name = name,
                                         .fstype = "ext4",
                                         .disks = &disk,
                                         .disks_count = 1};
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
    struct machine *machine =
        machine_find_active(call, instance, domain, "interface_addresses", "ask for addresses of");
    if (!machine)
        return false;
    for (uint32_t i = 0; i < machine->live->devices.interfaces.count; i++) {
        const struct model_interface *nic = machine->live->devices.interfaces.items[i];
        char mac[18], text[16];
        snprintf(mac, sizeof mac, "%02x:%02x:%02x:%02x:%02x:%02x", nic->mac.bytes[0],
                 nic->mac.bytes[1], nic->mac.bytes[2], nic->mac.bytes[3], nic->mac.bytes[4],
                 nic->mac.bytes[5]);
        snprintf(text, sizeof text, "192.168.122.%u", 3 + i % 250);
        struct hvk_ip_address address = {.size = sizeof address,
                                         .type = HVK_IP_ADDRESS_TYPE_IPV4,
                                         .prefix = 24,
                                         .address = text};
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
    return machine_find_active(call, instance, domain, "get_security_labels",
                               "ask for the label of") &&
           hvk_put_domain_security_label(out_labels, &label);
}
