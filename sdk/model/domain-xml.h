/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Domains and their devices between XML and structs. Nothing here locks: a domain belongs to its
 * object's lane. Errors have the source HVK_FROM_XML and name line, column and path. */
#ifndef HVKIT_MODEL_DOMAIN_XML_H
#define HVKIT_MODEL_DOMAIN_XML_H

#include "model/domain.h"
#include "model/identify.h"
#include "model/model.h"
#include <base/cleanup.h>

/* Reads a domain, fills in what its XML leaves to convention, and checks that it makes sense
 * (model_domain_check). flags: enum model_parse_flags. report may be NULL. XML_DETAIL: not
 * well-formed; XML_ERROR: a value or its absence; XML_INVALID_SCHEMA: unknown, with MODEL_VALIDATE;
 * LIMIT: past a bound of model.h. */
struct model_domain *model_domain_parse(const char *xml, size_t length, uint32_t flags,
                                        const struct model_report *report, struct hvk_error *err);

/* The domain's XML, the caller's to free(). flags: enum model_format_flags. */
char *model_domain_format(const struct model_domain *domain, uint32_t flags, struct hvk_error *err);

/* An independent copy. */
struct model_domain *model_domain_copy(const struct model_domain *domain, struct hvk_error *err);

void model_domain_free(struct model_domain *domain);
DEFINE_AUTO_PTR(struct model_domain, model_domain_free)
#define auto_model_domain AUTO(model_domain_free_auto) struct model_domain *

/* Do both have the same XML? path (may be NULL) gets where the first difference is. */
bool model_domain_equal(const struct model_domain *a, const struct model_domain *b, char *path,
                        size_t path_size);

/* What no single member shows: a name that can be used, amounts that fit each other, sources that
 * a type needs, targets, aliases, addresses and boot orders that are used once. */
bool model_domain_check(const struct model_domain *domain, struct hvk_error *err);

/* A copy of text that lives as long as the domain; NULL when out of memory. */
const char *model_domain_string(struct model_domain *domain, const char *text);

/* Kinds of devices, in the order in which they are written. */
enum model_device_class {
    MODEL_DEVICE_DISK,
    MODEL_DEVICE_CONTROLLER,
    MODEL_DEVICE_LEASE,
    MODEL_DEVICE_FILESYSTEM,
    MODEL_DEVICE_INTERFACE,
    MODEL_DEVICE_SMARTCARD,
    MODEL_DEVICE_SERIAL,
    MODEL_DEVICE_PARALLEL,
    MODEL_DEVICE_CONSOLE,
    MODEL_DEVICE_CHANNEL,
    MODEL_DEVICE_INPUT,
    MODEL_DEVICE_TPM,
    MODEL_DEVICE_GRAPHICS,
    MODEL_DEVICE_SOUND,
    MODEL_DEVICE_AUDIO,
    MODEL_DEVICE_VIDEO,
    MODEL_DEVICE_HOSTDEV,
    MODEL_DEVICE_REDIRDEV,
    MODEL_DEVICE_REDIRFILTER,
    MODEL_DEVICE_HUB,
    MODEL_DEVICE_WATCHDOG,
    MODEL_DEVICE_MEMBALLOON,
    MODEL_DEVICE_RNG,
    MODEL_DEVICE_SHMEM,
    MODEL_DEVICE_MEMORY,
    MODEL_DEVICE_PANIC,
    MODEL_DEVICE_IOMMU,
    MODEL_DEVICE_VSOCK,
    MODEL_DEVICE_CRYPTO,
    MODEL_DEVICE_CLASSES,
};

/* The element's name: "disk". */
const char *model_device_element(enum model_device_class class);

/* One device, wherever it is. */
struct model_device_ref {
    enum model_device_class class;
    uint32_t index; /* among its class in the domain */
    struct model_device *device;
};

/* Steps through all devices of a domain: start with {0}, whose device is NULL. The domain must not
 * gain or lose devices on the way. */
bool model_device_next(const struct model_domain *domain, struct model_device_ref *at);

/* Reads one device element into the arena. */
bool model_device_parse(struct model_arena *arena, const char *xml, size_t length, uint32_t flags,
                        const struct model_report *report, struct model_device_ref *out_device,
                        struct hvk_error *err);

/* The device's XML, the caller's to free(). */
char *model_device_format(const struct model_device_ref *device, uint32_t flags,
                          struct hvk_error *err);

/* The domain's device that `wanted` describes: a disk by its target, an interface by its MAC
 * address, a controller by type and index, a file system by its target, any other by all that is
 * said of it; an alias or an address narrows each of them. DEVICE_MISSING when there is none,
 * OPERATION_FAILED when there are several. */
bool model_domain_find_device(const struct model_domain *domain,
                              const struct model_device_ref *wanted,
                              struct model_device_ref *out_found, struct hvk_error *err);

/* Adds a copy of the device, unless the domain would then not make sense. */
bool model_domain_add_device(struct model_domain *domain, const struct model_device_ref *device,
                             struct model_device_ref *out_added, struct hvk_error *err);

/* Takes a device of the domain out of it; its memory stays until the domain is freed. */
void model_domain_remove_device(struct model_domain *domain, const struct model_device_ref *device);

/* Puts a copy of `device` where `old` is, unless the domain would then not make sense. */
bool model_domain_replace_device(struct model_domain *domain, const struct model_device_ref *old,
                                 const struct model_device_ref *device, struct hvk_error *err);

/* The path, host and so on of a character device: its first source, NULL when it has none. */
static inline struct model_chardev_source *model_chardev_source(const struct model_chardev *chardev)
{
    return chardev->sources.count > 0 ? chardev->sources.items[0] : NULL;
}

/* The metadata element of a namespace, NULL when there is none. */
const struct model_raw *model_metadata_find(const struct model_domain *domain, const char *ns);

/* Puts `xml` (one element; NULL: none) in the place of the namespace's metadata, under `prefix`. */
bool model_metadata_set(struct model_domain *domain, const char *ns, const char *prefix,
                        const char *xml, struct hvk_error *err);

#endif
