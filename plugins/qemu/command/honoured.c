/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "command/honoured.h"

#include <model/visit.h>

/* What is honoured: paths below an element, a subtree when it ends in '/'. What no list has is
 * refused, so that what the model learns later is refused until this driver learns it too. */
static const char *const domain_paths[] = {
    "@id",
    "@type",
    "name",
    "uuid",
    "genid",
    "title",
    "description",
    "metadata/",
    "memory",
    "memory/",
    "currentMemory",
    "maxMemory",
    "maxMemory/",
    "memoryBacking/",
    "vcpu",
    "vcpu/@current",
    "vcpu/@placement",
    "iothreads",
    "iothreadids/",
    "numatune/memory/",
    "cpu/",
    "clock/@offset",
    "clock/@adjustment",
    "clock/@basis",
    "clock/@start",
    "clock/timer/",
    "pm/",
    "on_poweroff",
    "on_reboot",
    "on_crash",
    "sysinfo/",
    "commandline/",
    "devices/emulator",
    "os/@firmware",
    "os/type",
    "os/type/",
    "os/firmware/",
    "os/loader",
    "os/loader/",
    "os/nvram",
    "os/nvram/@format",
    "os/nvram/@template",
    "os/nvram/@templateFormat",
    "os/nvram/@type",
    "os/nvram/source/@file",
    "os/kernel",
    "os/initrd",
    "os/cmdline",
    "os/dtb",
    "os/acpi/",
    "os/bios/",
    "os/boot/",
    "os/bootmenu/",
    "os/smbios/",
    "features/acpi",
    "features/apic/",
    "features/hap/",
    "features/hyperv/",
    "features/ioapic/",
    "features/kvm/",
    "features/pae",
    "features/pmu/",
    "features/pvspinlock/",
    "features/smm/",
    "features/tcg/",
    "features/viridian",
    "features/vmcoreinfo/",
    "features/vmport/",
    NULL,
};

static const char *const device_paths[] = {"alias/", "address/", "acpi/", NULL};
static const char *const chardev_paths[] = {"@type", "@tty",    "source/", "protocol/",
                                            "log/",  "target/", NULL};
static const char *const virtio_paths[] = {"driver/", "@model", NULL};

/* Of a disk and of each image below it. (Those of types that are refused are here as well: the type
 * is the better reason.) */
static const char *const source_paths[] = {
    "@pool",          "@volume",    "@mode",      "@namespace", "@managed",    "address/", "@file",
    "@dev",           "@dir",       "@protocol",  "@name",      "@query",      "@tls",     "@index",
    "@startupPolicy", "host/",      "initiator/", "snapshot/",  "config/",     "slices/",  "ssl/",
    "cookies/",       "readahead/", "timeout/",   "auth/",      "encryption/", NULL,
};

static const char *const disk_paths[] = {
    "@type",
    "@device",
    "@model",
    "@snapshot",
    "driver/@name",
    "driver/@type",
    "driver/@cache",
    "driver/@error_policy",
    "driver/@rerror_policy",
    "driver/@io",
    "driver/@ioeventfd",
    "driver/@event_idx",
    "driver/@copy_on_read",
    "driver/@discard",
    "driver/@iothread",
    "driver/@detect_zeroes",
    "driver/@queues",
    "driver/@queue_size",
    "driver/@iommu",
    "driver/@ats",
    "driver/@packed",
    "driver/@page_per_vq",
    "driver/metadata_cache/",
    "auth/",
    "target/",
    "iotune/",
    "readonly",
    "shareable",
    "transient",
    "serial",
    "wwn",
    "vendor",
    "product",
    "encryption/",
    "geometry/",
    "blockio/",
    "boot/@order",
    "backingStore/@type",
    "backingStore/@index",
    "backingStore/format/",
    NULL,
};

static const char *const interface_paths[] = {
    "@type",
    "mac/@address",
    "mac/@type",
    "source/@bridge",
    "source/@network",
    "source/@portgroup",
    "source/@portid",
    "source/@dev",
    "source/@mode",
    "source/@name",
    "source/@path",
    "source/@type",
    "source/@address",
    "source/@port",
    "source/local/",
    "ip/",
    "portForward/",
    "target/",
    "model/",
    "driver/",
    "backend/@type",
    "tune/",
    "link/",
    "mtu/",
    "rom/",
    "boot/@order",
    NULL,
};

static const char *const filesystem_paths[] = {
    "@type",
    "@accessmode",
    "@model",
    "@multidevs",
    "@fmode",
    "@dmode",
    "driver/@type",
    "driver/@queue",
    "driver/@wrpolicy",
    "driver/@iommu",
    "driver/@ats",
    "driver/@packed",
    "driver/@page_per_vq",
    "binary/",
    "source/@dir",
    "source/@socket",
    "target/",
    "readonly",
    NULL,
};

static const char *const graphics_paths[] = {
    "@type",
    "@port",
    "@tlsPort",
    "@autoport",
    "@websocket",
    "@websocketGenerated",
    "@listen",
    "@socket",
    "@keymap",
    "@passwd",
    "@passwdValidTo",
    "@connected",
    "@sharePolicy",
    "@powerControl",
    "@defaultMode",
    "listen/",
    "gl/",
    "channel/",
    "image/",
    "jpeg/",
    "zlib/",
    "playback/",
    "streaming/",
    "mouse/",
    "clipboard/",
    "filetransfer/",
    "audio/",
    NULL,
};

static const char *const audio_paths[] = {
    "@id",
    "@type",
    "@timerPeriod",
    "@serverName",
    "@path",
    "input/@mixingEngine",
    "input/@fixedSettings",
    "input/@voices",
    "input/@bufferLength",
    "input/@dev",
    "input/settings/",
    "output/@mixingEngine",
    "output/@fixedSettings",
    "output/@voices",
    "output/@bufferLength",
    "output/@dev",
    "output/settings/",
    NULL,
};

static const char *const video_paths[] = {
    "driver/@name",        "driver/@iommu",
    "driver/@ats",         "driver/@packed",
    "driver/@page_per_vq", "model/@type",
    "model/@ram",          "model/@vram",
    "model/@vram64",       "model/@vgamem",
    "model/@heads",        "model/@primary",
    "model/@blob",         "model/acceleration/@accel3d",
    "model/resolution/",   NULL,
};

static const char *const hostdev_paths[] = {
    "@mode",           "@type",
    "@managed",        "@model",
    "@display",        "@ramfb",
    "driver/@name",    "rom/",
    "boot/@order",     "source/@guestReset",
    "source/address/", "source/vendor/",
    "source/product/", NULL,
};

static const char *const controller_paths[] = {
    "@type",
    "@index",
    "@model",
    "@ports",
    "@vectors",
    "@maxGrantFrames",
    "@maxEventChannels",
    "driver/",
    "master/",
    "model/",
    "target/",
    "pcihole64",
    NULL,
};

static const char *const memory_paths[] = {
    "@model",      "@access",          "@discard", "source/path",
    "source/pmem", "source/alignsize", "target/",  NULL,
};

static const char *const tpm_paths[] = {
    "@model",
    "backend/@type",
    "backend/@version",
    "backend/device/",
    "backend/encryption/",
    "backend/source/",
    "backend/active_pcr_banks/",
    NULL,
};

static const char *const rng_paths[] = {"@model", "rate/", "backend", "backend/", "driver/", NULL};
static const char *const input_paths[] = {"@type", "@bus", "@model", "driver/", "source/", NULL};
static const char *const sound_paths[] = {"@model", "@multichannel", "codec/", "audio/", NULL};
static const char *const balloon_paths[] = {"@model", "@autodeflate", "@freePageReporting",
                                            "stats/", "driver/",      NULL};
static const char *const watchdog_paths[] = {"@model", "@action", NULL};
static const char *const shmem_paths[] = {"@name",   "@role", "model/", "size",
                                          "server/", "msi/",  NULL};
static const char *const vsock_paths[] = {"@model", "cid/", "driver/", NULL};
static const char *const crypto_paths[] = {"@model", "@type", "backend/", "driver/", NULL};
static const char *const smartcard_paths[] = {"@mode", NULL};
static const char *const redirdev_paths[] = {"@bus", "boot/@order", NULL};
static const char *const hub_paths[] = {"@type", NULL};

/* Which lists hold for which element of <devices>. */
static const struct {
    const char *element;
    const char *const *lists[2];
} elements[] = {
    {"disk", {disk_paths}},
    {"controller", {controller_paths}},
    {"interface", {interface_paths}},
    {"filesystem", {filesystem_paths}},
    {"graphics", {graphics_paths}},
    {"audio", {audio_paths}},
    {"video", {video_paths}},
    {"hostdev", {hostdev_paths}},
    {"memory", {memory_paths}},
    {"tpm", {tpm_paths}},
    {"rng", {rng_paths}},
    {"input", {input_paths}},
    {"sound", {sound_paths}},
    {"memballoon", {balloon_paths}},
    {"watchdog", {watchdog_paths}},
    {"shmem", {shmem_paths}},
    {"vsock", {vsock_paths}},
    {"crypto", {crypto_paths}},
    {"smartcard", {smartcard_paths, chardev_paths}},
    {"redirdev", {redirdev_paths, chardev_paths}},
    {"serial", {chardev_paths}},
    {"parallel", {chardev_paths}},
    {"console", {chardev_paths}},
    {"channel", {chardev_paths}},
    {"hub", {hub_paths}},
    {"panic", {virtio_paths}},
    {"iommu", {virtio_paths}},
};

static bool listed(const char *const *list, const char *path)
{
    for (; list && *list; list++) {
        if (**list != *path)
            continue;
        size_t length = strlen(*list);
        if ((*list)[length - 1] == '/' ? strncmp(*list, path, length) == 0
                                       : strcmp(*list, path) == 0)
            return true;
    }
    return false;
}

/* A disk's source may stand at any depth of its chain. */
static bool listed_source(const char *path)
{
    static const char below[] = "backingStore/";
    while (string_starts_with(path, below))
        path += sizeof below - 1;
    return string_starts_with(path, "source/") && listed(source_paths, path + strlen("source/"));
}

static bool device_is_honoured(const char *path)
{
    const char *slash = strchr(path, '/');
    size_t length = slash ? (size_t)(slash - path) : 0;
    for (size_t i = 0; i < ARRAY_SIZE(elements) && slash; i++) {
        if (strlen(elements[i].element) != length ||
            strncmp(elements[i].element, path, length) != 0)
            continue;
        const char *rest = slash + 1;
        bool disk = elements[i].lists[0] == disk_paths;
        while (disk && string_starts_with(rest, "backingStore/backingStore/"))
            rest += strlen("backingStore/");
        return listed(elements[i].lists[0], rest) || listed(elements[i].lists[1], rest) ||
               listed(device_paths, rest) || (disk && listed_source(rest));
    }
    return false;
}

/* Labels of a security driver; "none" asks for nothing. */
static bool is_no_label(const struct model_domain *domain, const char *path)
{
    if (!string_starts_with(path, "seclabel/"))
        return false;
    MODEL_FOR_EACH(&domain->seclabels, struct model_seclabel, label)
    if (label->type != MODEL_SECLABEL_NONE)
        return false;
    return true;
}

static bool visit(void *data, const char *path, const struct model_node *node)
{
    struct build *b = data;
    static const char devices[] = "devices/";
    bool label = strstr(path, "seclabel/");
    bool honoured =
        label ? is_no_label(b->domain, path)
              : listed(domain_paths, path) || (string_starts_with(path, devices) &&
                                               device_is_honoured(path + sizeof devices - 1));
    return honoured ||
           build_refuse(b, node, path, "it is not supported by the QEMU driver: leave it out");
}

bool honoured_check(struct build *b)
{
    return model_domain_visit(b->domain, visit, b);
}
