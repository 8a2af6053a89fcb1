/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Small devices: entropy, balloon, watchdog, panic, vsock, shared memory, IOMMU, crypto, hubs. */
#include "command/device.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/vhost.h>
#include <sys/ioctl.h>

#define VSOCK_DEVICE "/dev/vhost-vsock"
#define VSOCK_CID_FIRST 3
#define SHMEM_DIRECTORY "/dev/shm"

/* ---- rng ---- */

static json_t *rng_backend(struct build *b, struct model_rng *rng, const char *id)
{
    switch (rng->backend.model) {
    case MODEL_RNG_UNSET:
    case MODEL_RNG_RANDOM:
        return json_pack("{s:s,s:s,s:s}", "qom-type", "rng-random", "id", id, "filename",
                         rng->backend.path ? rng->backend.path : "/dev/urandom");
    case MODEL_RNG_BUILTIN:
        return json_pack("{s:s,s:s}", "qom-type", "rng-builtin", "id", id);
    case MODEL_RNG_EGD:
        break;
    }
    if (!chardev_add(b, &rng->backend.chardev, rng->device.alias.name, NULL, &rng->device.node,
                     "devices/rng"))
        return NULL;
    auto_free char *chardev = string_format("char%s", rng->device.alias.name);
    return chardev ? json_pack("{s:s,s:s,s:s}", "qom-type", "rng-egd", "id", id, "chardev", chardev)
                   : NULL;
}

bool rng_build(struct build *b, void *device)
{
    struct model_rng *rng = device;
    const char *driver = device_virtio(b, "virtio-rng-pci", rng->model);
    auto_free char *id = string_format("obj%s", rng->device.alias.name);
    if (!driver || !id || !build_need_device(b, &rng->device.node, "devices/rng", driver))
        return false;
    json_t *backend = rng_backend(b, rng, id);
    if (!backend || !build_part(b, PART_OBJECT, backend))
        return backend || (b->err && b->err->code) ? false : hvk_error_memory(b->err);
    json_t *json = json_pack("{s:s,s:s}", "driver", driver, "rng", id);
    json_put_virtio(json, &rng->driver.virtio);
    if (rng->rate.bytes.set) {
        json_put_uint(json, "max-bytes", rng->rate.bytes);
        json_put_uint(json, "period", rng->rate.period.set ? rng->rate.period : MODEL_UINT(1000));
    }
    return build_device(b, &rng->device, json);
}

/* ---- balloon ---- */

/* A domain that has less memory now than it may have starts with the balloon taking the rest. */
static bool inflate(struct build *b)
{
    const struct model_domain *domain = b->domain;
    uint64_t now = domain->current_memory.kib;
    return now == 0 || now >= domain->memory.kib ||
           build_setup(b, "balloon", json_pack("{s:I}", "value", (json_int_t)(now * 1024)));
}

bool memballoon_build(struct build *b, void *device)
{
    struct model_memballoon *balloon = device;
    if (string_equal(balloon->model, "none"))
        return true;
    if (b->domain->devices.memballoons.count > 1)
        return build_refuse(b, &balloon->device.node, "devices/memballoon",
                            "a domain has one balloon at most");
    const char *driver = device_virtio(b, "virtio-balloon-pci", balloon->model);
    if (!driver || !build_need_device(b, &balloon->device.node, "devices/memballoon", driver))
        return false;
    json_t *json = json_pack("{s:s}", "driver", driver);
    json_put_bool(json, "deflate-on-oom", balloon->autodeflate);
    json_put_bool(json, "free-page-reporting", balloon->free_page_reporting);
    json_put_virtio(json, &balloon->driver.virtio);
    if (!build_device(b, &balloon->device, json) || !inflate(b))
        return false;
    if (!balloon->stats_period.set || balloon->stats_period.value == 0)
        return true;
    auto_free char *path = string_format("/machine/peripheral/%s", balloon->device.alias.name);
    return build_setup(b, "qom-set",
                       json_pack("{s:s,s:s,s:I}", "path", path, "property",
                                 "guest-stats-polling-interval", "value",
                                 (json_int_t)balloon->stats_period.value));
}

/* ---- watchdog and panic ---- */

static const struct {
    const char *model;
    const char *driver; /* NULL: part of the chip set */
} watchdog_models[] = {{"i6300esb", "i6300esb"}, {"ib700", "ib700"}, {"itco", NULL}};

/* QEMU's action for each of ours: a dump is the driver's to make while the guest waits. */
static const char *const watchdog_actions[] = {
    [MODEL_WATCHDOG_ACTION_RESET] = "reset",
    [MODEL_WATCHDOG_ACTION_SHUTDOWN] = "shutdown",
    [MODEL_WATCHDOG_ACTION_POWEROFF] = "poweroff",
    [MODEL_WATCHDOG_ACTION_PAUSE] = "pause",
    [MODEL_WATCHDOG_ACTION_DUMP] = "pause",
    [MODEL_WATCHDOG_ACTION_NONE] = "none",
    [MODEL_WATCHDOG_ACTION_INJECT_NMI] = "inject-nmi",
};

static bool set_watchdog_action(struct build *b, const struct model_watchdog *watchdog)
{
    const char *action =
        watchdog_actions[watchdog->action ? watchdog->action : MODEL_WATCHDOG_ACTION_RESET];
    if (b->running)
        return build_setup(b, "watchdog-set-action", json_pack("{s:s}", "action", action));
    return build_option_format(b, "-action", "watchdog=%s", action);
}

bool watchdog_build(struct build *b, void *device)
{
    struct model_watchdog *watchdog = device;
    for (size_t i = 0; i < ARRAY_SIZE(watchdog_models); i++) {
        const char *driver = watchdog_models[i].driver;
        if (!string_equal(watchdog_models[i].model, watchdog->model))
            continue;
        if (!driver && !build_is_q35(b->domain))
            return build_refuse(b, &watchdog->device.node, "devices/watchdog",
                                "model 'itco' is part of q35 machines");
        if (!driver && !build_option(b, "-global", "ICH9-LPC.noreboot=off"))
            return false;
        return (!driver ||
                (build_need_device(b, &watchdog->device.node, "devices/watchdog", driver) &&
                 build_device(b, &watchdog->device, json_pack("{s:s}", "driver", driver)))) &&
               set_watchdog_action(b, watchdog);
    }
    return build_refuse(b, &watchdog->device.node, "devices/watchdog", "a PC has no watchdog '%s'",
                        watchdog->model ? watchdog->model : "");
}

/* Hyper-V's way of reporting a crash is a bit of the CPU: see cpu.c. */
bool panic_build(struct build *b, void *device)
{
    struct model_panic *panic = device;
    if (string_equal(panic->model, "hyperv"))
        return true;
    const char *driver = string_equal(panic->model, "isa")       ? "pvpanic"
                         : string_equal(panic->model, "pvpanic") ? "pvpanic-pci"
                                                                 : NULL;
    if (!driver)
        return build_refuse(b, &panic->device.node, "devices/panic",
                            "a PC has no panic device of model '%s'", panic->model);
    json_t *json = json_pack("{s:s}", "driver", driver);
    struct model_device plain = panic->device;
    if (plain.address.type == MODEL_ADDRESS_ISA) {
        json_object_set_new(json, "ioport", json_integer(plain.address.iobase));
        plain.address.assigned = false;
    }
    return build_need_device(b, &panic->device.node, "devices/panic", driver)
               ? build_device(b, &plain, json)
               : (json_decref(json), false);
}

/* ---- vsock ---- */

static bool choose_cid(struct build *b, int fd, struct model_vsock *vsock)
{
    if (vsock->cid.set && vsock->cid_auto != MODEL_SWITCH_ON)
        return true;
    for (uint64_t cid = VSOCK_CID_FIRST; cid < UINT32_MAX; cid++) {
        if (ioctl(fd, VHOST_VSOCK_SET_GUEST_CID, &cid) == 0) {
            vsock->cid_node.present = true;
            vsock->cid = MODEL_UINT(cid);
            return true;
        }
        if (errno != EADDRINUSE)
            break;
    }
    return hvk_error_errno(b->err, errno, "take a vsock context id for domain '%s'",
                           b->domain->name);
}

bool vsock_build(struct build *b, void *device)
{
    struct model_vsock *vsock = device;
    const char *driver = device_virtio(b, "vhost-vsock-pci", vsock->model);
    if (!driver || !build_need_device(b, &vsock->device.node, "devices/vsock", driver))
        return false;
    if (vsock->cid_auto != MODEL_SWITCH_ON &&
        (!vsock->cid.set || vsock->cid.value < VSOCK_CID_FIRST))
        return build_refuse(b, &vsock->device.node, "devices/vsock/cid",
                            "it needs an address from 3, or auto='yes'");
    if (b->dry)
        return true;
    auto_fd int fd = open(VSOCK_DEVICE, O_RDWR | O_CLOEXEC);
    if (fd < 0)
        return hvk_error_errno(b->err, errno,
                               "open %s for domain '%s' (the kernel's vhost_vsock module)",
                               VSOCK_DEVICE, b->domain->name);
    if (!choose_cid(b, fd, vsock))
        return false;
    auto_free char *name = string_format("vhostfd-%s", vsock->device.alias.name);
    auto_free char *text = name ? build_fd(b, TAKE_FD(fd), name) : NULL;
    json_t *json = text ? json_pack("{s:s,s:I,s:s}", "driver", driver, "guest-cid",
                                    (json_int_t)vsock->cid.value, "vhostfd", text)
                        : NULL;
    json_put_virtio(json, &vsock->driver.virtio);
    return build_device(b, &vsock->device, json);
}

/* ---- shared memory ---- */

static bool shmem_plain(struct build *b, const struct model_shmem *shmem)
{
    auto_free char *id = string_format("shmmem-%s", shmem->device.alias.name);
    auto_free char *path = string_format(SHMEM_DIRECTORY "/%s", shmem->name);
    uint64_t size = shmem->size.set ? shmem->size.value : 4u << 20;
    if (shmem->server_node.present || shmem->msi_node.present)
        return build_refuse(b, &shmem->device.node, "devices/shmem",
                            "a server and MSI need model ivshmem-doorbell");
    json_t *memory =
        id && path ? json_pack("{s:s,s:s,s:s,s:I,s:b}", "qom-type", "memory-backend-file", "id", id,
                               "mem-path", path, "size", (json_int_t)size, "share", 1)
                   : NULL;
    if (!build_part(b, PART_OBJECT, memory))
        return false;
    json_t *json = json_pack("{s:s,s:s}", "driver", "ivshmem-plain", "memdev", id);
    struct model_device common = shmem->device;
    if (shmem->role)
        json_put_onoff(json, "master",
                       shmem->role == MODEL_SHMEM_ROLE_MASTER ? MODEL_SWITCH_ON : MODEL_SWITCH_OFF);
    return build_device(b, &common, json);
}

static bool shmem_doorbell(struct build *b, const struct model_shmem *shmem)
{
    auto_free char *id = string_format("char%s", shmem->device.alias.name);
    if (!shmem->server)
        return build_refuse(b, &shmem->device.node, "devices/shmem",
                            "model ivshmem-doorbell needs a <server path='...'>");
    json_t *chardev = id ? json_pack("{s:s,s:{s:s,s:{s:{s:s,s:{s:s}},s:b}}}", "id", id, "backend",
                                     "type", "socket", "data", "addr", "type", "unix", "data",
                                     "path", shmem->server, "server", 0)
                         : NULL;
    if (!build_part(b, PART_CHARDEV, chardev))
        return false;
    json_t *json = json_pack("{s:s,s:s}", "driver", "ivshmem-doorbell", "chardev", id);
    struct model_device common = shmem->device;
    json_put_uint(json, "vectors", shmem->msi_vectors);
    json_put_onoff(json, "ioeventfd", shmem->msi_ioeventfd);
    return build_device(b, &common, json);
}

bool shmem_build(struct build *b, void *device)
{
    const struct model_shmem *shmem = device;
    bool doorbell = string_equal(shmem->model, "ivshmem-doorbell");
    const char *driver = doorbell ? "ivshmem-doorbell" : "ivshmem-plain";
    if (!shmem->name || shmem->name[0] == '.' || strchr(shmem->name, '/'))
        return build_refuse(b, &shmem->device.node, "devices/shmem/@name",
                            "it must be a file name without slashes");
    if (!doorbell && shmem->model && strcmp(shmem->model, "ivshmem-plain") != 0)
        return build_refuse(b, &shmem->model_node, "devices/shmem/model",
                            "model '%s' is not supported", shmem->model);
    return build_need_device(b, &shmem->device.node, "devices/shmem", driver) &&
           (doorbell ? shmem_doorbell(b, shmem) : shmem_plain(b, shmem));
}

/* ---- IOMMU, crypto, hub ---- */

#define ROW(member, qemu, xml, kind, mask)                                                         \
    PROPERTY_OF(struct model_iommu, member, qemu, xml, kind, mask)

static const struct property iommu_rows[] = {
    ROW(driver.intremap, "intremap", "driver/@intremap", PROPERTY_ONOFF, 1),
    ROW(driver.caching_mode, "caching-mode", "driver/@caching_mode", PROPERTY_BOOL, 1),
    ROW(driver.eim, "eim", "driver/@eim", PROPERTY_ONOFF, 1),
    ROW(driver.iotlb, "device-iotlb", "driver/@iotlb", PROPERTY_BOOL, 1),
    ROW(driver.aw_bits, "aw-bits", "driver/@aw_bits", PROPERTY_UINT, 1),
};

bool iommu_build(struct build *b, void *device)
{
    struct model_iommu *iommu = device;
    bool intel = string_equal(iommu->model, "intel");
    if ((!intel && !string_equal(iommu->model, "virtio")) || !build_is_q35(b->domain))
        return build_refuse(b, &iommu->device.node, "devices/iommu",
                            "models 'intel' and 'virtio' are supported, with q35 machines");
    const char *driver = intel ? "intel-iommu" : "virtio-iommu-pci";
    json_t *json = json_pack("{s:s}", "driver", driver);
    if (!build_need_device(b, &iommu->device.node, "devices/iommu", driver) ||
        !build_properties(b, json, iommu_rows, ARRAY_SIZE(iommu_rows), iommu, intel ? 1 : 2,
                          &iommu->driver.node, "devices/iommu")) {
        json_decref(json);
        return false;
    }
    return build_device(b, &iommu->device, json);
}

bool crypto_build(struct build *b, void *device)
{
    struct model_crypto *crypto = device;
    auto_free char *id = string_format("obj%s", crypto->device.alias.name);
    if (crypto->backend.model && strcmp(crypto->backend.model, "builtin") != 0)
        return build_refuse(b, &crypto->backend.node, "devices/crypto/backend",
                            "model 'builtin' is supported");
    if (!build_need_device(b, &crypto->device.node, "devices/crypto", "virtio-crypto-pci"))
        return false;
    json_t *backend =
        id ? json_pack("{s:s,s:s}", "qom-type", "cryptodev-backend-builtin", "id", id) : NULL;
    json_put_uint(backend, "queues", crypto->backend.queues);
    if (!build_part(b, PART_OBJECT, backend))
        return false;
    json_t *json = json_pack("{s:s,s:s}", "driver", "virtio-crypto-pci", "cryptodev", id);
    json_put_virtio(json, &crypto->driver.virtio);
    return build_device(b, &crypto->device, json);
}

bool hub_build(struct build *b, void *device)
{
    struct model_hub *hub = device;
    return build_device(b, &hub->device, json_pack("{s:s}", "driver", "usb-hub"));
}
