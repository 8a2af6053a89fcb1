/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Devices, one by one. */
#include "model/domain-xml.h"
#include "model/tables.h"
#include <base/error.h>
#include <base/string.h>

/* Do both mean the same device? NULL in the table: by everything that is said. */
typedef bool (*device_match)(const struct model_device *wanted, const struct model_device *held);

static bool disk_match(const struct model_device *wanted, const struct model_device *held)
{
    const struct model_disk *a = (const void *)wanted;
    const struct model_disk *b = (const void *)held;
    return string_equal(a->target.dev, b->target.dev);
}

static bool interface_match(const struct model_device *wanted, const struct model_device *held)
{
    const struct model_interface *a = (const void *)wanted;
    const struct model_interface *b = (const void *)held;
    if (!a->mac.set)
        return a->type == b->type;
    return b->mac.set && memcmp(a->mac.bytes, b->mac.bytes, sizeof a->mac.bytes) == 0;
}

static bool controller_match(const struct model_device *wanted, const struct model_device *held)
{
    const struct model_controller *a = (const void *)wanted;
    const struct model_controller *b = (const void *)held;
    return a->type == b->type && (!a->index.set || a->index.value == b->index.value);
}

static bool filesystem_match(const struct model_device *wanted, const struct model_device *held)
{
    const struct model_filesystem *a = (const void *)wanted;
    const struct model_filesystem *b = (const void *)held;
    return string_equal(a->target, b->target);
}

static bool shmem_match(const struct model_device *wanted, const struct model_device *held)
{
    const struct model_shmem *a = (const void *)wanted;
    const struct model_shmem *b = (const void *)held;
    return string_equal(a->name, b->name);
}

#define DEVICE(class, element, tag, member, match)                                                 \
    [MODEL_DEVICE_##                                                                               \
        class] = {{element, &model_type_##tag}, offsetof(struct model_devices, member), match}

static const struct device_kind {
    struct model_root root;
    size_t array;
    device_match match;
} kinds[MODEL_DEVICE_CLASSES] = {
    DEVICE(DISK, "disk", disk, disks, disk_match),
    DEVICE(CONTROLLER, "controller", controller, controllers, controller_match),
    DEVICE(LEASE, "lease", lease, leases, NULL),
    DEVICE(FILESYSTEM, "filesystem", filesystem, filesystems, filesystem_match),
    DEVICE(INTERFACE, "interface", interface, interfaces, interface_match),
    DEVICE(SMARTCARD, "smartcard", smartcard, smartcards, NULL),
    DEVICE(SERIAL, "serial", serial, serials, NULL),
    DEVICE(PARALLEL, "parallel", parallel, parallels, NULL),
    DEVICE(CONSOLE, "console", console, consoles, NULL),
    DEVICE(CHANNEL, "channel", channel, channels, NULL),
    DEVICE(INPUT, "input", input, inputs, NULL),
    DEVICE(TPM, "tpm", tpm, tpms, NULL),
    DEVICE(GRAPHICS, "graphics", graphics, graphics, NULL),
    DEVICE(SOUND, "sound", sound, sounds, NULL),
    DEVICE(AUDIO, "audio", audio_device, audios, NULL),
    DEVICE(VIDEO, "video", video, videos, NULL),
    DEVICE(HOSTDEV, "hostdev", hostdev, hostdevs, NULL),
    DEVICE(REDIRDEV, "redirdev", redirdev, redirdevs, NULL),
    DEVICE(REDIRFILTER, "redirfilter", redirfilter, redirfilters, NULL),
    DEVICE(HUB, "hub", hub, hubs, NULL),
    DEVICE(WATCHDOG, "watchdog", watchdog, watchdogs, NULL),
    DEVICE(MEMBALLOON, "memballoon", memballoon, memballoons, NULL),
    DEVICE(RNG, "rng", rng, rngs, NULL),
    DEVICE(SHMEM, "shmem", shmem, shmems, shmem_match),
    DEVICE(MEMORY, "memory", memory_device, memories, NULL),
    DEVICE(PANIC, "panic", panic, panics, NULL),
    DEVICE(IOMMU, "iommu", iommu, iommus, NULL),
    DEVICE(VSOCK, "vsock", vsock, vsocks, NULL),
    DEVICE(CRYPTO, "crypto", crypto, cryptos, NULL),
};

static struct model_array *devices_of(const struct model_domain *domain,
                                      enum model_device_class class)
{
    return (struct model_array *)(void *)((char *)(uintptr_t)&domain->devices + kinds[class].array);
}

const char *model_device_element(enum model_device_class class)
{
    return kinds[class].root.name;
}

bool model_device_next(const struct model_domain *domain, struct model_device_ref *at)
{
    if (at->device)
        at->index++;
    for (; at->class < MODEL_DEVICE_CLASSES; at->class ++, at->index = 0) {
        const struct model_array *devices = devices_of(domain, at->class);
        if (at->index < devices->count) {
            at->device = devices->items[at->index];
            return true;
        }
    }
    at->device = NULL;
    return false;
}

bool model_device_parse(struct model_arena *arena, const char *xml, size_t length, uint32_t flags,
                        const struct model_report *report, struct model_device_ref *out_device,
                        struct hvk_error *err)
{
    struct model_root roots[MODEL_DEVICE_CLASSES];
    const struct model_root *root;
    for (size_t i = 0; i < MODEL_DEVICE_CLASSES; i++)
        roots[i] = kinds[i].root;
    void *device = model_parse(arena, "device", xml, length, roots, MODEL_DEVICE_CLASSES, flags,
                               report, &root, err);
    if (!device)
        return false;
    *out_device = (struct model_device_ref){.class = (enum model_device_class)(root - roots),
                                            .device = device};
    return true;
}

char *model_device_format(const struct model_device_ref *device, uint32_t flags,
                          struct hvk_error *err)
{
    return model_format_text(&kinds[device->class].root, device->device, flags, err);
}

static bool has_alias_of(const struct model_device *wanted, const struct model_device *held)
{
    return wanted->alias.name && string_equal(wanted->alias.name, held->alias.name);
}

/* Where both say an alias or address, these must agree as well. */
static bool device_matches(const struct device_kind *kind, const struct model_device *wanted,
                           const struct model_device *held)
{
    if (wanted->alias.name && held->alias.name)
        return has_alias_of(wanted, held);
    if (wanted->address.assigned && held->address.assigned &&
        !model_covers(&model_type_address, &wanted->address, &held->address, NULL, 0))
        return false;
    return kind->match ? kind->match(wanted, held)
                       : model_covers(kind->root.type, wanted, held, NULL, 0);
}

/* How many devices match, and the first of them. One with the very alias is that device, whatever
 * others look like. */
static uint32_t devices_match(const struct model_array *devices,
                              const struct model_device_ref *wanted, uint32_t *out_first)
{
    uint32_t found = 0;
    for (uint32_t i = 0; i < devices->count; i++) {
        if (has_alias_of(wanted->device, devices->items[i])) {
            *out_first = i;
            return 1;
        }
        if (device_matches(&kinds[wanted->class], wanted->device, devices->items[i]) &&
            found++ == 0)
            *out_first = i;
    }
    return found;
}

bool model_domain_find_device(const struct model_domain *domain,
                              const struct model_device_ref *wanted,
                              struct model_device_ref *out_found, struct hvk_error *err)
{
    const char *element = kinds[wanted->class].root.name;
    const struct model_array *devices = devices_of(domain, wanted->class);
    uint32_t first = 0;
    uint32_t found = devices_match(devices, wanted, &first);
    if (found == 1) {
        *out_found = (struct model_device_ref){wanted->class, first, devices->items[first]};
        return true;
    }
    auto_free char *xml = model_device_format(wanted, MODEL_FORMAT_INACTIVE, NULL);
    const char *shown = xml ? xml : "";
    int length = (int)strcspn(shown, "\n");
    if (found == 0)
        return hvk_error_set(err, HVK_ERR_DEVICE_MISSING,
                             "domain '%s' has no %s that matches %.*s ...", domain->name, element,
                             length, shown);
    return hvk_error_set(err, HVK_ERR_OPERATION_FAILED,
                         "domain '%s' has %u devices that match %.*s ...; name its alias or "
                         "address",
                         domain->name, found, length, shown);
}

/* Content that stood behind the removed device now stands behind the one before it. */
static void extras_shift(struct model_domain *domain, enum model_device_class class, uint32_t index)
{
    uint16_t row = 0;
    while (model_type_devices.rows[row].place != MODEL_AT_ITEMS ||
           model_type_devices.rows[row].offset != kinds[class].array)
        row++;
    for (struct model_extra *extra = domain->devices.node.extras; extra; extra = extra->next) {
        if (extra->row == row + 1 && extra->item >= index && extra->item > 0)
            extra->item--;
    }
}

void model_domain_remove_device(struct model_domain *domain, const struct model_device_ref *device)
{
    struct model_array *devices = devices_of(domain, device->class);
    memmove(devices->items + device->index, devices->items + device->index + 1,
            (devices->count - device->index - 1) * sizeof *devices->items);
    devices->count--;
    extras_shift(domain, device->class, device->index);
}

bool model_domain_add_device(struct model_domain *domain, const struct model_device_ref *device,
                             struct model_device_ref *out_added, struct hvk_error *err)
{
    struct model_array *devices = devices_of(domain, device->class);
    void *copy = model_copy(domain->arena, kinds[device->class].root.type, device->device);
    if (!copy || !model_array_add(domain->arena, devices, copy))
        return hvk_error_memory(err);
    struct model_device_ref added = {device->class, devices->count - 1, copy};
    if (!model_domain_check(domain, err)) {
        devices->count--;
        return false;
    }
    if (out_added)
        *out_added = added;
    return true;
}

bool model_domain_replace_device(struct model_domain *domain, const struct model_device_ref *old,
                                 const struct model_device_ref *device, struct hvk_error *err)
{
    struct model_array *devices = devices_of(domain, old->class);
    void *copy = model_copy(domain->arena, kinds[device->class].root.type, device->device);
    if (!copy)
        return hvk_error_memory(err);
    void *before = devices->items[old->index];
    devices->items[old->index] = copy;
    if (model_domain_check(domain, err))
        return true;
    devices->items[old->index] = before;
    return false;
}
