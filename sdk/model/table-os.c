/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a domain boots. */
#include "model/tables.h"

static const struct model_row firmware_feature_rows[] = {
    ATTRIBUTE(firmware_feature, "enabled", enabled, YESNO, .flags = MODEL_ROW_REQUIRED),
    ATTRIBUTE_ENUM(firmware_feature, "name", name, firmware_feature_name,
                   .flags = MODEL_ROW_REQUIRED),
};
TYPE(firmware_feature);

static const struct model_row os_firmware_rows[] = {
    ITEMS(os_firmware, "feature", features, firmware_feature),
};
TYPE(os_firmware);

static const struct model_row os_type_rows[] = {
    ATTRIBUTE(os_type, "arch", arch, STRING),
    ATTRIBUTE(os_type, "machine", machine, STRING),
    TEXT_ENUM(os_type, kind, os_kind, .flags = MODEL_ROW_REQUIRED),
};
TYPE(os_type);

static const struct model_row loader_rows[] = {
    ATTRIBUTE(loader, "readonly", readonly, YESNO),
    ATTRIBUTE(loader, "secure", secure, YESNO),
    ATTRIBUTE_ENUM(loader, "type", type, loader_type),
    ATTRIBUTE(loader, "stateless", stateless, YESNO),
    ATTRIBUTE(loader, "format", format, STRING),
    TEXT(loader, path, STRING),
};
TYPE(loader);

static const struct model_row nvram_rows[] = {
    ATTRIBUTE(nvram, "template", template_, STRING),
    ATTRIBUTE(nvram, "templateFormat", template_format, STRING),
    ATTRIBUTE_ENUM(nvram, "type", type, disk_type),
    ATTRIBUTE(nvram, "format", format, STRING),
    TEXT(nvram, path, STRING),
    CHILD(nvram, "source", source, disk_source),
};
TYPE(nvram);

static const struct model_row os_boot_rows[] = {
    ATTRIBUTE_ENUM(os_boot, "dev", dev, boot_dev, .flags = MODEL_ROW_REQUIRED),
};
TYPE(os_boot);

static const struct model_number boot_timeout = {0, 65535, 0, false};
static const struct model_integer reboot_timeout = {-1, 65535};

static const struct model_row bootmenu_rows[] = {
    ATTRIBUTE(bootmenu, "enable", enable, YESNO, .flags = MODEL_ROW_REQUIRED),
    ATTRIBUTE(bootmenu, "timeout", timeout, UINT, .detail = &boot_timeout),
};
TYPE(bootmenu);

static const struct model_row bios_rows[] = {
    ATTRIBUTE(bios, "useserial", useserial, YESNO),
    ATTRIBUTE(bios, "rebootTimeout", reboot_timeout, INT, .detail = &reboot_timeout),
};
TYPE(bios);

static const struct model_row initenv_rows[] = {
    ATTRIBUTE(env, "name", name, STRING, .flags = MODEL_ROW_REQUIRED),
    TEXT(env, value, STRING),
};
TYPE_AS(initenv, env);

static const struct model_row acpi_table_rows[] = {
    ATTRIBUTE(acpi_table, "type", type, STRING, .flags = MODEL_ROW_REQUIRED),
    TEXT(acpi_table, path, STRING),
};
TYPE(acpi_table);

static const struct model_row os_acpi_rows[] = {ITEMS(os_acpi, "table", tables, acpi_table)};
TYPE(os_acpi);

static const struct model_row smbios_rows[] = {
    ATTRIBUTE_ENUM(os, "mode", smbios, smbios_mode, .flags = MODEL_ROW_REQUIRED),
};
FLAT_TYPE(smbios, os, smbios_node);

static const struct model_row os_rows[] = {
    ATTRIBUTE_ENUM(os, "firmware", firmware_kind, firmware),
    CHILD(os, "type", type, os_type, .flags = MODEL_ROW_REQUIRED),
    CHILD(os, "firmware", firmware, os_firmware),
    LEAF(os, "init", init, STRING),
    ITEMS(os, "initarg", initargs, text),
    ITEMS(os, "initenv", initenvs, initenv),
    LEAF(os, "initdir", initdir, STRING),
    LEAF(os, "inituser", inituser, STRING),
    LEAF(os, "initgroup", initgroup, STRING),
    CHILD(os, "loader", loader, loader),
    CHILD(os, "nvram", nvram, nvram),
    LEAF(os, "kernel", kernel, STRING),
    LEAF(os, "initrd", initrd, STRING),
    LEAF(os, "cmdline", cmdline, STRING),
    LEAF(os, "dtb", dtb, STRING),
    LEAF(os, "root", root, STRING),
    CHILD(os, "acpi", acpi, os_acpi),
    ITEMS(os, "boot", boots, os_boot),
    CHILD(os, "bootmenu", bootmenu, bootmenu),
    CHILD(os, "bios", bios, bios),
    CHILD_FLAT("smbios", smbios),
};
SHARED_TYPE(os, os);

static const struct model_row idmap_entry_rows[] = {
    ATTRIBUTE(idmap_entry, "start", start, UINT, .flags = MODEL_ROW_REQUIRED),
    ATTRIBUTE(idmap_entry, "target", target, UINT, .flags = MODEL_ROW_REQUIRED),
    ATTRIBUTE(idmap_entry, "count", count, UINT, .flags = MODEL_ROW_REQUIRED),
};
TYPE(idmap_entry);

static const struct model_row idmap_rows[] = {
    ITEMS(idmap, "uid", uids, idmap_entry),
    ITEMS(idmap, "gid", gids, idmap_entry),
};
SHARED_TYPE(idmap, idmap);
