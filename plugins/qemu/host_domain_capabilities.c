/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The domain capabilities document: what guests of one emulator, machine and accelerator can have.
 * A row of a table says on which fact of the emulator a value depends. */
#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>

#include <base/string.h>

#include "host.h"
#include "node.h"
#include "xml_write.h"

/* One value of an <enum>: rows of one element and one enum stand together. `has` NULL: always. */
struct value {
    const char *element;
    const char *choice;
    const char *value;
    bool (*has)(const struct caps *caps, const char *what);
    const char *what;
};

#define DEVICE(type) caps_has_device, type
#define OBJECT(type) caps_has_object, type
#define SCHEMA(path) caps_has_schema, path
#define COMMAND(name) caps_has_command, name
#define TPM(model) caps_has_tpm_model, model
#define ALWAYS NULL, NULL

static const struct value device_values[] = {
    {"disk", "diskDevice", "disk", ALWAYS},
    {"disk", "diskDevice", "cdrom", ALWAYS},
    {"disk", "diskDevice", "floppy", ALWAYS},
    {"disk", "diskDevice", "lun", DEVICE("scsi-block")},
    {"disk", "bus", "ide", DEVICE("ide-hd")},
    {"disk", "bus", "fdc", DEVICE("isa-fdc")},
    {"disk", "bus", "scsi", DEVICE("scsi-hd")},
    {"disk", "bus", "virtio", DEVICE("virtio-blk-pci")},
    {"disk", "bus", "usb", DEVICE("usb-storage")},
    {"disk", "bus", "sata", DEVICE("ich9-ahci")},
    {"disk", "model", "virtio", DEVICE("virtio-blk-pci")},
    {"disk", "model", "virtio-transitional", DEVICE("virtio-blk-pci-transitional")},
    {"disk", "model", "virtio-non-transitional", DEVICE("virtio-blk-pci-non-transitional")},
    {"graphics", "type", "sdl", SCHEMA("query-display-options/@type/^sdl")},
    {"graphics", "type", "vnc", COMMAND("query-vnc")},
    {"graphics", "type", "spice", COMMAND("query-spice")},
    {"graphics", "type", "egl-headless", SCHEMA("query-display-options/@type/^egl-headless")},
    {"graphics", "type", "dbus", SCHEMA("query-display-options/@type/^dbus")},
    {"video", "modelType", "vga", DEVICE("VGA")},
    {"video", "modelType", "cirrus", DEVICE("cirrus-vga")},
    {"video", "modelType", "vmvga", DEVICE("vmware-svga")},
    {"video", "modelType", "qxl", DEVICE("qxl")},
    {"video", "modelType", "virtio", DEVICE("virtio-gpu-pci")},
    {"video", "modelType", "none", ALWAYS},
    {"video", "modelType", "bochs", DEVICE("bochs-display")},
    {"video", "modelType", "ramfb", DEVICE("ramfb")},
    {"hostdev", "mode", "subsystem", ALWAYS},
    {"hostdev", "startupPolicy", "default", ALWAYS},
    {"hostdev", "startupPolicy", "mandatory", ALWAYS},
    {"hostdev", "startupPolicy", "requisite", ALWAYS},
    {"hostdev", "startupPolicy", "optional", ALWAYS},
    {"hostdev", "subsysType", "usb", DEVICE("usb-host")},
    {"hostdev", "subsysType", "pci", DEVICE("vfio-pci")},
    {"hostdev", "subsysType", "scsi", DEVICE("scsi-generic")},
    {"hostdev", "pciBackend", "default", ALWAYS},
    {"hostdev", "pciBackend", "vfio", ALWAYS},
    {"rng", "model", "virtio", DEVICE("virtio-rng-pci")},
    {"rng", "model", "virtio-transitional", DEVICE("virtio-rng-pci-transitional")},
    {"rng", "model", "virtio-non-transitional", DEVICE("virtio-rng-pci-non-transitional")},
    {"rng", "backendModel", "random", OBJECT("rng-random")},
    {"rng", "backendModel", "egd", OBJECT("rng-egd")},
    {"rng", "backendModel", "builtin", OBJECT("rng-builtin")},
    {"filesystem", "driverType", "path", DEVICE("virtio-9p-pci")},
    {"filesystem", "driverType", "virtiofs", DEVICE("vhost-user-fs-pci")},
    {"tpm", "model", "tpm-tis", TPM("tpm-tis")},
    {"tpm", "model", "tpm-crb", TPM("tpm-crb")},
    {"tpm", "backendModel", "passthrough", TPM("tpm-tis")},
    {"tpm", "backendModel", "emulator", TPM("tpm-tis")},
    {"tpm", "backendVersion", "1.2", TPM("tpm-tis")},
    {"tpm", "backendVersion", "2.0", TPM("tpm-tis")},
    {"redirdev", "bus", "usb", DEVICE("usb-redir")},
    {"channel", "type", "pty", DEVICE("virtio-serial-pci")},
    {"channel", "type", "unix", DEVICE("virtio-serial-pci")},
    {"channel", "type", "spicevmc", SCHEMA("chardev-add/backend/type/^spicevmc")},
    {"channel", "type", "qemu-vdagent", SCHEMA("chardev-add/backend/type/^qemu-vdagent")},
    {"crypto", "model", "virtio", DEVICE("virtio-crypto-pci")},
    {"crypto", "type", "qemu", DEVICE("virtio-crypto-pci")},
    {"crypto", "backendModel", "builtin", OBJECT("cryptodev-backend-builtin")},
};

/* An element without one of these is not supported at all; the others always are. */
static const struct value device_needs[] = {
    {"hostdev", NULL, NULL, DEVICE("vfio-pci")},
    {"rng", NULL, NULL, DEVICE("virtio-rng-pci")},
    {"tpm", NULL, NULL, TPM("tpm-tis")},
    {"redirdev", NULL, NULL, DEVICE("usb-redir")},
    {"channel", NULL, NULL, DEVICE("virtio-serial-pci")},
    {"crypto", NULL, NULL, DEVICE("virtio-crypto-pci")},
};

static bool holds(const struct caps *caps, const struct value *value)
{
    return !value->has || value->has(caps, value->what);
}

static bool is_supported(const struct caps *caps, const char *element)
{
    for (size_t i = 0; i < ARRAY_SIZE(device_needs); i++)
        if (strcmp(device_needs[i].element, element) == 0)
            return holds(caps, &device_needs[i]);
    return true;
}

/* One <enum>: the rows from *at on that belong together. */
static void write_choice(struct xml *xml, const struct caps *caps, const struct value *values,
                         size_t count, size_t *at)
{
    const struct value *first = &values[*at];
    xml_open(xml, "enum", "name", first->choice, NULL);
    for (; *at < count && strcmp(values[*at].element, first->element) == 0 &&
           strcmp(values[*at].choice, first->choice) == 0;
         (*at)++)
        if (holds(caps, &values[*at]))
            xml_text(xml, "value", values[*at].value, NULL);
    xml_close(xml, "enum");
}

/* One element with its enums. */
static void write_element(struct xml *xml, const struct caps *caps, const struct value *values,
                          size_t count, size_t *at)
{
    const char *element = values[*at].element;
    bool supported = is_supported(caps, element);
    if (supported)
        xml_open(xml, element, "supported", "yes", NULL);
    else
        xml_empty(xml, element, "supported", "no", NULL);
    while (*at < count && strcmp(values[*at].element, element) == 0) {
        if (supported)
            write_choice(xml, caps, values, count, at);
        else
            (*at)++;
    }
    if (supported)
        xml_close(xml, element);
}

static void write_table(struct xml *xml, const struct caps *caps, const struct value *values,
                        size_t count)
{
    for (size_t at = 0; at < count;)
        write_element(xml, caps, values, count, &at);
}

/* ---- what is not a device ------------------------------------------------------------------- */

static void write_os(struct xml *xml, const struct caps *caps)
{
    static const struct value firmware[] = {
        {"os", "firmware", "bios", ALWAYS},
        {"os", "firmware", "efi", ALWAYS},
    };
    static const struct value loader[] = {
        {"loader", "type", "rom", ALWAYS},     {"loader", "type", "pflash", ALWAYS},
        {"loader", "readonly", "yes", ALWAYS}, {"loader", "readonly", "no", ALWAYS},
        {"loader", "secure", "yes", ALWAYS},   {"loader", "secure", "no", ALWAYS},
    };
    size_t at = 0;
    xml_open(xml, "os", "supported", "yes", NULL);
    write_choice(xml, caps, firmware, ARRAY_SIZE(firmware), &at);
    write_table(xml, caps, loader, ARRAY_SIZE(loader));
    xml_close(xml, "os");
}

static void write_models(struct xml *xml, const struct caps *caps, bool kvm)
{
    xml_open(xml, "mode", "name", "custom", "supported", "yes", NULL);
    for (uint32_t i = 0; i < caps_cpu_count(caps); i++) {
        const struct caps_cpu *cpu = caps_cpu_at(caps, i);
        if (strcmp(cpu->name, "host") == 0 || strcmp(cpu->name, "max") == 0 ||
            strcmp(cpu->name, "base") == 0)
            continue;
        /* What the probe knows is about the accelerator that it got. */
        const char *usable = kvm != caps_has_kvm(caps) ? "unknown" : cpu->usable ? "yes" : "no";
        xml_text(xml, "model", cpu->name, "usable", usable, "deprecated",
                 cpu->deprecated ? "yes" : NULL, "vendor", "unknown", NULL);
    }
    xml_close(xml, "mode");
}

/* A mode that leaves out what a migration could not carry, or not, as one likes. */
static void write_mode(struct xml *xml, const char *mode, const char *choice, bool supported)
{
    if (!supported) {
        xml_empty(xml, "mode", "name", mode, "supported", "no", NULL);
        return;
    }
    xml_open(xml, "mode", "name", mode, "supported", "yes", NULL);
    xml_open(xml, "enum", "name", choice, NULL);
    xml_text(xml, "value", "on", NULL);
    xml_text(xml, "value", "off", NULL);
    xml_close(xml, "enum");
    xml_close(xml, "mode");
}

static void write_cpu(struct xml *xml, const struct caps *caps, bool kvm)
{
    bool host = kvm && caps_find_cpu(caps, "host");
    xml_open(xml, "cpu", NULL);
    write_mode(xml, "host-passthrough", "hostPassthroughMigratable", host);
    write_mode(xml, "maximum", "maximumMigratable", true);
    xml_empty(xml, "mode", "name", "host-model", "supported", host ? "yes" : "no", NULL);
    write_models(xml, caps, kvm);
    xml_close(xml, "cpu");
}

static void write_memory(struct xml *xml, const struct caps *caps)
{
    static const struct value values[] = {
        {"memoryBacking", "sourceType", "file", OBJECT("memory-backend-file")},
        {"memoryBacking", "sourceType", "anonymous", ALWAYS},
        {"memoryBacking", "sourceType", "memfd", OBJECT("memory-backend-memfd")},
    };
    write_table(xml, caps, values, ARRAY_SIZE(values));
}

static void write_features(struct xml *xml, const struct caps *caps)
{
    xml_open(xml, "features", NULL);
    xml_empty(xml, "gic", "supported", "no", NULL);
    xml_empty(xml, "vmcoreinfo", "supported", caps_has_device(caps, "vmcoreinfo") ? "yes" : "no",
              NULL);
    xml_empty(xml, "genid", "supported", caps_has_device(caps, "vmgenid") ? "yes" : "no", NULL);
    xml_empty(xml, "backingStoreInput", "supported", "yes", NULL);
    xml_empty(xml, "backup", "supported", "no", NULL);
    xml_empty(xml, "sev", "supported", "no", NULL);
    xml_close(xml, "features");
}

static void write_all(struct xml *xml, const struct caps *caps, const struct caps_machine *machine,
                      bool kvm)
{
    char cpus[16];
    snprintf(cpus, sizeof cpus, "%u", machine->max_cpus);
    xml_open(xml, "domainCapabilities", NULL);
    xml_text(xml, "path", caps_get_path(caps), NULL);
    xml_text(xml, "domain", kvm ? "kvm" : "qemu", NULL);
    xml_text(xml, "machine", machine->name, NULL);
    xml_text(xml, "arch", caps_get_arch(caps), NULL);
    xml_empty(xml, "vcpu", "max", cpus, NULL);
    xml_empty(xml, "iothreads", "supported", caps_has_object(caps, "iothread") ? "yes" : "no",
              NULL);
    write_os(xml, caps);
    write_cpu(xml, caps, kvm);
    write_memory(xml, caps);
    xml_open(xml, "devices", NULL);
    write_table(xml, caps, device_values, ARRAY_SIZE(device_values));
    xml_close(xml, "devices");
    write_features(xml, caps);
    xml_close(xml, "domainCapabilities");
}

/* ---- which ---------------------------------------------------------------------------------- */

static struct caps *find_caps(struct hvk_call *call, struct node *node, const char *emulator,
                              const char *arch)
{
    struct utsname system;
    uname(&system);
    auto_free char *path = emulator
                               ? strdup(emulator)
                               : node_find_emulator(arch ? arch : system.machine, &call->error);
    struct caps *caps = path ? node_caps(call, node, path) : NULL;
    if (!caps || !arch || strcmp(caps_get_arch(caps), arch) == 0)
        return caps;
    hvk_error_set(&call->error, HVK_ERR_INVALID_ARG,
                  "the emulator '%s' is for the architecture '%s', not for '%s'", path,
                  caps_get_arch(caps), arch);
    caps_unref(caps);
    return NULL;
}

static bool choose_accelerator(struct hvk_call *call, const struct caps *caps,
                               const char *virt_type, bool *out_kvm)
{
    *out_kvm = virt_type ? strcmp(virt_type, "kvm") == 0 : caps_has_kvm(caps);
    if (virt_type && !*out_kvm && strcmp(virt_type, "qemu") != 0)
        return hvk_error_set(&call->error, HVK_ERR_INVALID_ARG,
                             "there are no guests of the kind '%s': it is 'kvm' or 'qemu'",
                             virt_type);
    return !*out_kvm || caps_has_kvm(caps) ||
           hvk_error_set(&call->error, HVK_ERR_INVALID_ARG,
                         "the emulator '%s' cannot use KVM on this machine", caps_get_path(caps));
}

bool host_get_domain_capabilities(struct hvk_call *call, void *instance, const char *emulator,
                                  const char *arch, const char *machine, const char *virt_type,
                                  uint32_t flags, struct hvk_string_sink *out)
{
    (void)flags;
    auto_caps struct caps *caps = find_caps(call, instance, emulator, arch);
    bool kvm;
    if (!caps || !choose_accelerator(call, caps, virt_type, &kvm))
        return false;
    const struct caps_machine *found = caps_find_machine(caps, machine);
    if (!found)
        return hvk_error_set(&call->error, HVK_ERR_INVALID_ARG,
                             "the emulator '%s' has no machine type '%s'", caps_get_path(caps),
                             machine ? machine : "(usual)");
    auto_xml xml = {0};
    write_all(&xml, caps, found, kvm);
    return xml.text.failed ? hvk_error_memory(&call->error) : hvk_put_string(out, xml.text.data);
}
