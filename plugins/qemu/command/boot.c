/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the guest boots: the order of its devices, the menu, or a kernel given directly. */
#include "command/machine.h"

#define REBOOT_TIMEOUT_MAX 65535 /* milliseconds */

/* ---- order ---- */

static bool has_device_order(const struct model_array *devices)
{
    for (uint32_t i = 0; i < devices->count; i++)
        if (((const struct model_device *)devices->items[i])->boot.node.present)
            return true;
    return false;
}

static bool is_boot_disk(const struct model_disk *disk, enum model_boot_dev dev)
{
    switch (dev) {
    case MODEL_BOOT_FLOPPY:
        return disk->kind == MODEL_DISK_DEVICE_FLOPPY;
    case MODEL_BOOT_CDROM:
        return disk->kind == MODEL_DISK_DEVICE_CDROM;
    case MODEL_BOOT_DISK:
        return disk->kind == MODEL_DISK_DEVICE_DISK || disk->kind == MODEL_DISK_DEVICE_LUN;
    case MODEL_BOOT_NETWORK:
    case MODEL_BOOT_UNSET:
        break;
    }
    return false;
}

/* The first device of the kind gets the next index: what a PC's setup calls its boot order. */
static void order_device(struct build *b, enum model_boot_dev dev, uint32_t *next)
{
    if (dev == MODEL_BOOT_NETWORK) {
        if (b->domain->devices.interfaces.count > 0)
            b->domain->devices.interfaces.items[0]->device.boot.order = MODEL_UINT((*next)++);
        return;
    }
    MODEL_FOR_EACH(&b->domain->devices.disks, struct model_disk, disk)
    if (is_boot_disk(disk, dev)) {
        disk->device.boot.order = MODEL_UINT((*next)++);
        return;
    }
}

/* These indexes are of the command line, not of the XML: their node stays absent, which keeps them
 * out of what is written back. */
bool boot_order(struct build *b)
{
    const struct model_os *os = &b->domain->os;
    struct model_devices *devices = &b->domain->devices;
    bool ordered = has_device_order(ARRAY_OF(&devices->disks)) ||
                   has_device_order(ARRAY_OF(&devices->interfaces)) ||
                   has_device_order(ARRAY_OF(&devices->hostdevs)) ||
                   has_device_order(ARRAY_OF(&devices->redirdevs));
    boot_order_clear(b->domain);
    if (ordered && os->boots.count > 0)
        return build_refuse(
            b, &os->boots.items[0]->node, "os/boot",
            "boot order is either <boot dev> of <os> or <boot order> of devices, not both");
    uint32_t next = 1;
    MODEL_FOR_EACH(&os->boots, struct model_os_boot, boot)
    order_device(b, boot->dev, &next);
    if (!ordered && os->boots.count == 0 && !os->kernel)
        order_device(b, MODEL_BOOT_DISK, &next);
    return true;
}

static void clear_order(const struct model_array *devices)
{
    for (uint32_t i = 0; i < devices->count; i++) {
        struct model_boot *boot = &((struct model_device *)devices->items[i])->boot;
        if (!boot->node.present)
            boot->order = (struct model_uint){0};
    }
}

void boot_order_clear(struct model_domain *domain)
{
    clear_order(ARRAY_OF(&domain->devices.disks));
    clear_order(ARRAY_OF(&domain->devices.interfaces));
}

/* ---- options ---- */

static bool add_boot(struct build *b)
{
    const struct model_os *os = &b->domain->os;
    json_t *json = json_object();
    json_put_onoff(json, "menu", os->bootmenu.enable);
    if (os->bios.reboot_timeout.set) {
        if (os->bios.reboot_timeout.value < -1 ||
            os->bios.reboot_timeout.value > REBOOT_TIMEOUT_MAX) {
            json_decref(json);
            return build_refuse(b, &os->bios.node, "os/bios/@rebootTimeout",
                                "it must lie between -1 and %d", REBOOT_TIMEOUT_MAX);
        }
        json_object_set_new(json, "reboot-timeout", json_integer(os->bios.reboot_timeout.value));
    }
    if (os->bootmenu.enable == MODEL_SWITCH_ON)
        json_put_uint(json, "splash-time", os->bootmenu.timeout);
    json_object_set_new(json, "strict", json_true());
    return build_option_keyval(b, "-boot", NULL, json);
}

static bool add_kernel(struct build *b)
{
    const struct model_os *os = &b->domain->os;
    if (!os->kernel && (os->initrd || os->cmdline))
        return build_refuse(b, &os->node, "os", "<initrd> and <cmdline> go with a <kernel>");
    if (os->dtb)
        return build_refuse(b, &os->node, "os/dtb", "a PC has no device tree");
    return (!os->kernel || build_option(b, "-kernel", os->kernel)) &&
           (!os->initrd || build_option(b, "-initrd", os->initrd)) &&
           (!os->cmdline || build_option(b, "-append", os->cmdline));
}

static bool add_acpi_tables(struct build *b)
{
    MODEL_FOR_EACH(&b->domain->os.acpi.tables, struct model_acpi_table, table)
    {
        if (!string_equal(table->type, "slic"))
            return build_refuse(b, &table->node, "os/acpi/table",
                                "tables of type 'slic' are supported, not '%s'",
                                table->type ? table->type : "");
        if (!build_option_keyval(b, "-acpitable", NULL,
                                 json_pack("{s:s,s:s*}", "sig", "SLIC", "file", table->path)))
            return false;
    }
    return true;
}

bool boot_build(struct build *b)
{
    return add_boot(b) && add_kernel(b) && add_acpi_tables(b);
}
