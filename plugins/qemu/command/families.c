/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "command/device.h"

#include "command/pci.h"
#include "command/usb.h"

/* ---- which devices are PCI's ---- */

static enum pci_class always_express(const struct model_domain *domain, const void *device)
{
    (void)domain;
    (void)device;
    return PCI_EXPRESS;
}

static enum pci_class disk_pci(const struct model_domain *domain, const void *device)
{
    (void)domain;
    return ((const struct model_disk *)device)->target.bus == MODEL_DISK_BUS_VIRTIO ? PCI_EXPRESS
                                                                                    : PCI_NONE;
}

static enum pci_class scsi_pci(const char *model)
{
    return model && (string_starts_with(model, "virtio") || strcmp(model, "lsisas1078") == 0)
               ? PCI_EXPRESS
               : PCI_CONVENTIONAL;
}

static enum pci_class usb_pci(const char *model)
{
    return model && strstr(model, "xhci") ? PCI_EXPRESS : PCI_CONVENTIONAL;
}

static enum pci_class controller_pci(const struct model_domain *domain, const void *device)
{
    const struct model_controller *controller = device;
    (void)domain;
    switch (controller->type) {
    case MODEL_CONTROLLER_PCI: {
        const struct pci_model *model = pci_model_find(controller->model);
        return model ? model->class : PCI_NONE;
    }
    case MODEL_CONTROLLER_USB:
        return usb_pci(controller->model);
    case MODEL_CONTROLLER_SCSI:
        return scsi_pci(controller->model);
    case MODEL_CONTROLLER_VIRTIO_SERIAL:
        return PCI_EXPRESS;
    case MODEL_CONTROLLER_SATA:
    case MODEL_CONTROLLER_IDE:
        return PCI_CONVENTIONAL;
    case MODEL_CONTROLLER_UNSET:
    case MODEL_CONTROLLER_FDC:
    case MODEL_CONTROLLER_CCID:
    case MODEL_CONTROLLER_XENBUS:
    case MODEL_CONTROLLER_ISA:
        break;
    }
    return PCI_NONE;
}

static bool is_virtio(const char *model)
{
    return !model || string_starts_with(model, "virtio");
}

static enum pci_class interface_pci(const struct model_domain *domain, const void *device)
{
    const char *model = ((const struct model_interface *)device)->model.type;
    (void)domain;
    if (string_equal(model, "usb-net"))
        return PCI_NONE;
    return is_virtio(model) || string_equal(model, "e1000e") || string_equal(model, "vmxnet3")
               ? PCI_EXPRESS
               : PCI_CONVENTIONAL;
}

static enum pci_class sound_pci(const struct model_domain *domain, const void *device)
{
    static const char *const models[] = {"ich6", "ich9", "ac97", "es1370"};
    const char *model = ((const struct model_sound *)device)->model;
    (void)domain;
    for (size_t i = 0; i < ARRAY_SIZE(models); i++)
        if (string_equal(models[i], model))
            return PCI_CONVENTIONAL;
    return PCI_NONE;
}

static enum pci_class video_pci(const struct model_domain *domain, const void *device)
{
    const struct model_video *video = device;
    (void)domain;
    if (string_equal(video->model.type, "none") || string_equal(video->model.type, "ramfb"))
        return PCI_NONE;
    if (video->model.primary == MODEL_SWITCH_ON)
        return PCI_INTEGRATED;
    return string_equal(video->model.type, "virtio") ? PCI_EXPRESS : PCI_CONVENTIONAL;
}

static enum pci_class hostdev_pci(const struct model_domain *domain, const void *device)
{
    enum model_hostdev_type type = ((const struct model_hostdev *)device)->type;
    (void)domain;
    return type == MODEL_HOSTDEV_PCI || type == MODEL_HOSTDEV_MDEV ? PCI_EXPRESS : PCI_NONE;
}

static enum pci_class balloon_pci(const struct model_domain *domain, const void *device)
{
    (void)domain;
    return is_virtio(((const struct model_memballoon *)device)->model) ? PCI_EXPRESS : PCI_NONE;
}

static enum pci_class watchdog_pci(const struct model_domain *domain, const void *device)
{
    (void)domain;
    return string_equal(((const struct model_watchdog *)device)->model, "i6300esb")
               ? PCI_CONVENTIONAL
               : PCI_NONE;
}

static enum pci_class iommu_pci(const struct model_domain *domain, const void *device)
{
    (void)domain;
    return string_equal(((const struct model_iommu *)device)->model, "virtio") ? PCI_INTEGRATED
                                                                               : PCI_NONE;
}

static enum pci_class input_pci(const struct model_domain *domain, const void *device)
{
    (void)domain;
    return ((const struct model_input *)device)->bus == MODEL_INPUT_BUS_VIRTIO ? PCI_EXPRESS
                                                                               : PCI_NONE;
}

static enum pci_class serial_pci(const struct model_domain *domain, const void *device)
{
    (void)domain;
    return string_equal(((const struct model_serial *)device)->target.type, "pci-serial")
               ? PCI_CONVENTIONAL
               : PCI_NONE;
}

static enum pci_class panic_pci(const struct model_domain *domain, const void *device)
{
    (void)domain;
    return string_equal(((const struct model_panic *)device)->model, "pvpanic") ? PCI_CONVENTIONAL
                                                                                : PCI_NONE;
}

static enum pci_class memory_pci(const struct model_domain *domain, const void *device)
{
    enum model_memory_model model = ((const struct model_memory_device *)device)->model;
    (void)domain;
    return model == MODEL_MEMORY_MODEL_VIRTIO_MEM || model == MODEL_MEMORY_MODEL_VIRTIO_PMEM
               ? PCI_EXPRESS
               : PCI_NONE;
}

static enum pci_class shmem_pci(const struct model_domain *domain, const void *device)
{
    (void)domain;
    (void)device;
    return PCI_CONVENTIONAL;
}

/* ---- the table ---- */

#define AT(member) offsetof(struct model_devices, member)

const struct family families[] = {
    {MODEL_DEVICE_IOMMU, "devices/iommu", AT(iommus), "iommu", iommu_pci, iommu_build, false},
    {MODEL_DEVICE_CONTROLLER, "devices/controller", AT(controllers), NULL, controller_pci,
     controller_build, true},
    {MODEL_DEVICE_HUB, "devices/hub", AT(hubs), "hub", NULL, hub_build, false},
    {MODEL_DEVICE_MEMORY, "devices/memory", AT(memories), NULL, memory_pci, memory_device_build,
     true},
    {MODEL_DEVICE_DISK, "devices/disk", AT(disks), NULL, disk_pci, disk_build, true},
    {MODEL_DEVICE_FILESYSTEM, "devices/filesystem", AT(filesystems), "fs", always_express,
     filesystem_build, false},
    {MODEL_DEVICE_INTERFACE, "devices/interface", AT(interfaces), "net", interface_pci,
     interface_build, true},
    {MODEL_DEVICE_SMARTCARD, "devices/smartcard", AT(smartcards), "smartcard", NULL,
     smartcard_build, false},
    {MODEL_DEVICE_SERIAL, "devices/serial", AT(serials), "serial", serial_pci, serial_build, false},
    {MODEL_DEVICE_PARALLEL, "devices/parallel", AT(parallels), "parallel", NULL, parallel_build,
     false},
    {MODEL_DEVICE_CHANNEL, "devices/channel", AT(channels), "channel", NULL, channel_build, true},
    {MODEL_DEVICE_CONSOLE, "devices/console", AT(consoles), "console", NULL, console_build, false},
    {MODEL_DEVICE_TPM, "devices/tpm", AT(tpms), "tpm", NULL, tpm_build, false},
    {MODEL_DEVICE_INPUT, "devices/input", AT(inputs), "input", input_pci, input_build, true},
    {MODEL_DEVICE_AUDIO, "devices/audio", AT(audios), "audio", NULL, audio_build, false},
    {MODEL_DEVICE_GRAPHICS, "devices/graphics", AT(graphics), "graphics", NULL, graphics_build,
     false},
    {MODEL_DEVICE_VIDEO, "devices/video", AT(videos), "video", video_pci, video_build, false},
    {MODEL_DEVICE_SOUND, "devices/sound", AT(sounds), "sound", sound_pci, sound_build, false},
    {MODEL_DEVICE_WATCHDOG, "devices/watchdog", AT(watchdogs), "watchdog", watchdog_pci,
     watchdog_build, true},
    {MODEL_DEVICE_REDIRDEV, "devices/redirdev", AT(redirdevs), "redir", NULL, redirdev_build, true},
    {MODEL_DEVICE_HOSTDEV, "devices/hostdev", AT(hostdevs), "hostdev", hostdev_pci, hostdev_build,
     true},
    {MODEL_DEVICE_MEMBALLOON, "devices/memballoon", AT(memballoons), "balloon", balloon_pci,
     memballoon_build, false},
    {MODEL_DEVICE_RNG, "devices/rng", AT(rngs), "rng", always_express, rng_build, true},
    {MODEL_DEVICE_PANIC, "devices/panic", AT(panics), "panic", panic_pci, panic_build, false},
    {MODEL_DEVICE_SHMEM, "devices/shmem", AT(shmems), "shmem", shmem_pci, shmem_build, true},
    {MODEL_DEVICE_VSOCK, "devices/vsock", AT(vsocks), "vsock", always_express, vsock_build, true},
    {MODEL_DEVICE_CRYPTO, "devices/crypto", AT(cryptos), "crypto", always_express, crypto_build,
     true},
    {0, NULL, 0, NULL, NULL, NULL, false},
};

const struct family *family_find(enum model_device_class kind)
{
    for (const struct family *family = families; family->element; family++)
        if (family->kind == kind)
            return family;
    return NULL;
}

const struct model_array *family_devices(const struct family *family,
                                         const struct model_domain *domain)
{
    return (const void *)((const char *)&domain->devices + family->array);
}

bool family_each(struct build *b, family_function each)
{
    for (const struct family *family = families; family->element; family++) {
        const struct model_array *devices = family_devices(family, b->domain);
        for (uint32_t i = 0; i < devices->count; i++)
            if (!each(b, family, devices->items[i]))
                return false;
    }
    return true;
}
