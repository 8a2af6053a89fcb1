/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What each type of device needs, and what may be used only once. */
#include "model/check.h"

#include "model/tables.h"
#include <base/error.h>
#include <base/string.h>
#include <base/vector.h>
#include <inttypes.h>

/* The member of <source> without which a type means nothing. */
struct source_need {
    unsigned type;
    size_t offset; /* of a const char * in the struct */
    const char *name;
};

static const struct source_need disk_needs[] = {
    {MODEL_DISK_TYPE_FILE, offsetof(struct model_disk, source.file), "file"},
    {MODEL_DISK_TYPE_BLOCK, offsetof(struct model_disk, source.dev), "dev"},
    {MODEL_DISK_TYPE_DIR, offsetof(struct model_disk, source.dir), "dir"},
    {MODEL_DISK_TYPE_VOLUME, offsetof(struct model_disk, source.pool), "pool"},
    {MODEL_DISK_TYPE_VOLUME, offsetof(struct model_disk, source.volume), "volume"},
    {MODEL_DISK_TYPE_VHOSTUSER, offsetof(struct model_disk, source.vhost_path), "path"},
    {MODEL_DISK_TYPE_VHOSTVDPA, offsetof(struct model_disk, source.dev), "dev"},
};

static const struct source_need interface_needs[] = {
    {MODEL_INTERFACE_NETWORK, offsetof(struct model_interface, source.network), "network"},
    {MODEL_INTERFACE_BRIDGE, offsetof(struct model_interface, source.bridge), "bridge"},
    {MODEL_INTERFACE_DIRECT, offsetof(struct model_interface, source.dev), "dev"},
    {MODEL_INTERFACE_INTERNAL, offsetof(struct model_interface, source.name), "name"},
    {MODEL_INTERFACE_VHOSTUSER, offsetof(struct model_interface, source.path), "path"},
    {MODEL_INTERFACE_VDPA, offsetof(struct model_interface, source.dev), "dev"},
};

/* The first need of the type that is not met. */
static const char *missing_source(const struct source_need *needs, size_t count, unsigned type,
                                  const void *base)
{
    for (size_t i = 0; i < count; i++) {
        const char *const *member = (const void *)((const char *)base + needs[i].offset);
        if (needs[i].type == type && (!*member || **member == '\0'))
            return needs[i].name;
    }
    return NULL;
}

static bool has_removable_media(const struct model_disk *disk)
{
    return disk->kind == MODEL_DISK_DEVICE_CDROM || disk->kind == MODEL_DISK_DEVICE_FLOPPY;
}

static bool check_disk(const struct model_domain *domain, const struct model_disk *disk,
                       struct hvk_error *err)
{
    const char *type = model_word(&model_disk_type_words, disk->type);
    const char *missing = missing_source(disk_needs, ARRAY_SIZE(disk_needs), disk->type, disk);
    /* A drive without a medium has no source at all. */
    if (has_removable_media(disk) && disk->type != MODEL_DISK_TYPE_VOLUME)
        missing = NULL;
    if (missing)
        return check_fail(domain, &disk->device.node, err,
                          "a disk of type '%s' needs <source %s='...'/>", type, missing);
    bool network = disk->type == MODEL_DISK_TYPE_NETWORK && !has_removable_media(disk);
    if (network && !disk->source.protocol)
        return check_fail(domain, &disk->device.node, err,
                          "a disk of type 'network' needs <source protocol='...'/>");
    if (disk->type == MODEL_DISK_TYPE_NVME && !disk->source.address)
        return check_fail(domain, &disk->device.node, err,
                          "a disk of type 'nvme' needs <source><address/></source>");
    return true;
}

static bool check_interface(const struct model_domain *domain,
                            const struct model_interface *interface, struct hvk_error *err)
{
    const char *type = model_word(&model_interface_type_words, interface->type);
    const char *missing =
        missing_source(interface_needs, ARRAY_SIZE(interface_needs), interface->type, interface);
    if (missing)
        return check_fail(domain, &interface->device.node, err,
                          "an interface of type '%s' needs <source %s='...'/>", type, missing);
    if (interface->mac.set && (interface->mac.bytes[0] & 1))
        return check_fail(domain, &interface->mac_node, err,
                          "a MAC address of an interface must not be a multicast one: its first "
                          "byte (%02x) must be even",
                          interface->mac.bytes[0]);
    return true;
}

bool check_sources(const struct model_domain *domain, struct hvk_error *err)
{
    MODEL_FOR_EACH(&domain->devices.disks, struct model_disk, disk)
    {
        if (!check_disk(domain, disk, err))
            return false;
    }
    MODEL_FOR_EACH(&domain->devices.interfaces, struct model_interface, interface)
    {
        if (!check_interface(domain, interface, err))
            return false;
    }
    return true;
}

/* Something that only one device may have. */
struct claim {
    const char *what; /* "disk target", the first thing to sort by */
    const char *text; /* NULL: number counts */
    uint64_t number;
    const struct model_node *node;
};

static int claim_compare(const void *left, const void *right)
{
    const struct claim *a = left;
    const struct claim *b = right;
    if (a->what != b->what)
        return a->what < b->what ? -1 : 1;
    if (a->text && b->text)
        return strcmp(a->text, b->text);
    return (a->number > b->number) - (a->number < b->number);
}

static bool claim(struct vector *claims, const char *what, const char *text, uint64_t number,
                  const struct model_node *node)
{
    struct claim *item = vector_add(claims);
    if (item)
        *item = (struct claim){what, text, number, node};
    return item != NULL;
}

static const char disk_target[] = "the disk target";
static const char boot_order[] = "the boot order";
static const char alias_name[] = "the alias";
static const char pci_address[] = "the PCI address";
static const char controller_index[] = "the controller";
static const char iothread_id[] = "the I/O thread";
static const char vcpu_id[] = "the vCPU";

static uint64_t pci_number(const struct model_address *address)
{
    return (uint64_t)address->domain << 32 | address->bus << 16 | address->slot << 8 |
           address->function;
}

/* A <console> whose target is a serial port is the other face of a <serial>, alias included. */
static bool is_other_face(const struct model_device_ref *at)
{
    const struct model_console *console = (const void *)at->device;
    return at->class == MODEL_DEVICE_CONSOLE && console->target.console == MODEL_CONSOLE_SERIAL;
}

/* A UHCI controller that serves the slow ports of an EHCI one shares its index, and its alias. */
static bool is_usb_companion(const struct model_device_ref *at)
{
    static const char companion[] = "ich9-uhci";
    const struct model_controller *controller = (const void *)at->device;
    return at->class == MODEL_DEVICE_CONTROLLER && controller->type == MODEL_CONTROLLER_USB &&
           controller->model && strncmp(controller->model, companion, strlen(companion)) == 0;
}

static bool claim_common(struct vector *claims, const struct model_device_ref *at)
{
    const struct model_device *device = at->device;
    const struct model_address *address = &device->address;
    if (is_other_face(at))
        return true;
    if (device->boot.order.set &&
        !claim(claims, boot_order, NULL, device->boot.order.value, &device->boot.node))
        return false;
    if (device->alias.name && !is_usb_companion(at) &&
        !claim(claims, alias_name, device->alias.name, 0, &device->alias.node))
        return false;
    return address->type != MODEL_ADDRESS_PCI || !address->assigned ||
           claim(claims, pci_address, NULL, pci_number(address), &address->node);
}

static bool claim_own(struct vector *claims, const struct model_device_ref *at)
{
    const struct model_disk *disk = (const void *)at->device;
    const struct model_controller *controller = (const void *)at->device;
    if (at->class == MODEL_DEVICE_DISK)
        return claim(claims, disk_target, disk->target.dev, 0, &disk->target.node);
    if (at->class == MODEL_DEVICE_CONTROLLER && controller->index.set)
        return is_usb_companion(at) || controller->device.address.function != 0 ||
               claim(claims, controller_index, NULL,
                     (uint64_t)controller->type << 32 | (controller->index.value & UINT32_MAX),
                     &controller->device.node);
    return true;
}

static bool claims_collect(const struct model_domain *domain, struct vector *claims)
{
    struct model_device_ref at = {0};
    while (model_device_next(domain, &at)) {
        if (!claim_common(claims, &at) || !claim_own(claims, &at))
            return false;
    }
    MODEL_FOR_EACH(&domain->iothreadids.items, struct model_iothread, thread)
    {
        if (!claim(claims, iothread_id, NULL, thread->id.value, &thread->node))
            return false;
    }
    MODEL_FOR_EACH(&domain->vcpus.items, struct model_vcpu, vcpu)
    {
        if (!claim(claims, vcpu_id, NULL, vcpu->id.value, &vcpu->node))
            return false;
    }
    return true;
}

static void claim_write(const struct claim *item, char *text, size_t size)
{
    if (item->text)
        snprintf(text, size, "'%s'", item->text);
    else if (item->what == pci_address)
        snprintf(text, size, "%04" PRIx64 ":%02x:%02x.%x", item->number >> 32,
                 (unsigned)(item->number >> 16) & 0xff, (unsigned)(item->number >> 8) & 0xff,
                 (unsigned)item->number & 7);
    else if (item->what == controller_index)
        snprintf(text, size, "%s %u",
                 model_word(&model_controller_type_words, (unsigned)(item->number >> 32)),
                 (unsigned)item->number);
    else
        snprintf(text, size, "%" PRIu64, item->number);
}

bool check_unique(const struct model_domain *domain, struct hvk_error *err)
{
    auto_vector claims = VECTOR_INIT(struct claim);
    if (!claims_collect(domain, &claims))
        return hvk_error_memory(err);
    if (claims.count < 2)
        return true;
    qsort(claims.items, claims.count, sizeof(struct claim), claim_compare);
    for (size_t i = 1; i < claims.count; i++) {
        const struct claim *a = vector_at(&claims, i - 1);
        const struct claim *b = vector_at(&claims, i);
        char text[128];
        if (claim_compare(a, b) != 0)
            continue;
        claim_write(a, text, sizeof text);
        uint32_t first = a->node->line < b->node->line ? a->node->line : b->node->line;
        return check_fail(domain, a->node->line > b->node->line ? a->node : b->node, err,
                          first ? "%s %s is used twice, first in line %u" : "%s %s is used twice",
                          a->what, text, first);
    }
    return true;
}
