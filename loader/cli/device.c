/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Verbs that attach, detach and change devices. */
#include "devicexml.h"
#include "domain.h"
#include "editor.h"
#include "families.h"
#include "output.h"
#include <base/string.h>

typedef bool (*device_call)(struct hvk_call *, struct hvk_connection *, const struct hvk_domain *,
                            const char *, uint32_t);

/* --persistent: the configuration always, the guest too while it runs. */
static bool choose_flags(struct cli *cli, const struct arguments *arguments, uint32_t *out_flags)
{
    struct hvk_domain_status status = HVK_RECORD_INIT(status);

    if (!domain_affect(cli, arguments, out_flags))
        return false;
    if (!arguments_have(arguments, "persistent"))
        return true;
    if (*out_flags || arguments_have(arguments, "current"))
        return cli_usage(cli, "--persistent excludes --live, --config and --current");
    if (!hvk_domain_get_status(cli_call(cli), cli->connection, cli->subject, &status))
        return false;
    *out_flags = HVK_DOMAIN_AFFECT_CONFIG | (status.active ? HVK_DOMAIN_AFFECT_LIVE : 0);
    return true;
}

/* Hands the element to the operation, or prints it for --print-xml. */
static bool apply(struct cli *cli, const struct arguments *arguments, device_call call,
                  const char *xml, uint32_t flags, const char *outcome)
{
    uint32_t affect;

    if (!cli->subject || !choose_flags(cli, arguments, &affect))
        return false;
    if (!call(cli_call(cli), cli->connection, cli->subject, xml, flags | affect))
        return false;
    output_note(cli, "%s", outcome);
    return true;
}

static bool apply_file(struct cli *cli, const struct arguments *arguments, device_call call,
                       uint32_t flags, const char *outcome)
{
    auto_free char *xml = file_read(cli, arguments_text(arguments, "file"));

    return xml && domain_find(cli, arguments) && apply(cli, arguments, call, xml, flags, outcome);
}

static bool attach_device_run(struct cli *cli, const struct arguments *arguments)
{
    return apply_file(cli, arguments, hvk_domain_attach_device, 0, "Device attached");
}

static bool detach_device_run(struct cli *cli, const struct arguments *arguments)
{
    return apply_file(cli, arguments, hvk_domain_detach_device, 0, "Device detached");
}

static bool update_device_run(struct cli *cli, const struct arguments *arguments)
{
    uint32_t flags = arguments_have(arguments, "force") ? HVK_DOMAIN_DEVICE_MODIFY_FORCE : 0;

    return apply_file(cli, arguments, hvk_domain_update_device, flags, "Device updated");
}

static bool detach_device_alias_run(struct cli *cli, const struct arguments *arguments)
{
    return domain_find(cli, arguments) &&
           apply(cli, arguments, hvk_domain_detach_device_alias, arguments_text(arguments, "alias"),
                 0, "Device detach request sent");
}

static bool attach_element(struct cli *cli, const struct arguments *arguments, char *element,
                           const char *name, const char *outcome)
{
    auto_free char *xml = element;

    if (!xml)
        return false;
    if (arguments_have(arguments, "print-xml"))
        return output_value(cli, name, "xml", CELL_TEXT, "%s", xml);
    return domain_find(cli, arguments) &&
           apply(cli, arguments, hvk_domain_attach_device, xml, 0, outcome);
}

static bool attach_disk_run(struct cli *cli, const struct arguments *arguments)
{
    return attach_element(cli, arguments, disk_element(cli, arguments), "disk", "Disk attached");
}

static bool attach_interface_run(struct cli *cli, const struct arguments *arguments)
{
    return attach_element(cli, arguments, interface_element(cli, arguments), "interface",
                          "Interface attached");
}

/* Detaches what was found, as the domain's own XML describes it. */
static bool detach_element(struct cli *cli, const struct arguments *arguments,
                           const struct document *document, const struct element *element,
                           const char *outcome)
{
    auto_buffer xml = BUFFER_INIT;

    if (!element)
        return false;
    document_add_element(document, element, &xml);
    if (xml.failed)
        return hvk_error_memory(&cli->call.error);
    if (arguments_have(arguments, "print-xml"))
        return output_value(cli, element->name, "xml", CELL_TEXT, "%s", xml.data);
    return apply(cli, arguments, hvk_domain_detach_device, xml.data, 0, outcome);
}

/* --config alone concerns what the next start uses: look there. */
static const struct element *read_for_change(struct cli *cli, const struct arguments *arguments,
                                             struct document **out_document)
{
    const struct hvk_domain *domain = domain_find(cli, arguments);
    uint32_t affect = arguments->bits & (HVK_DOMAIN_AFFECT_LIVE | HVK_DOMAIN_AFFECT_CONFIG);
    uint32_t flags = affect == HVK_DOMAIN_AFFECT_CONFIG ? HVK_DOMAIN_XML_INACTIVE : 0;

    return domain ? devices_read(cli, domain, flags, out_document) : NULL;
}

static bool detach_disk_run(struct cli *cli, const struct arguments *arguments)
{
    auto_document *document = NULL;
    const struct element *devices = read_for_change(cli, arguments, &document);

    if (!devices)
        return false;
    return detach_element(cli, arguments, document,
                          devices_find_disk(cli, devices, arguments_text(arguments, "target")),
                          "Disk detached");
}

static bool detach_interface_run(struct cli *cli, const struct arguments *arguments)
{
    auto_document *document = NULL;
    const struct element *devices = read_for_change(cli, arguments, &document);

    if (!devices)
        return false;
    return detach_element(cli, arguments, document,
                          devices_find_interface(cli, devices, arguments_text(arguments, "type"),
                                                 arguments_text(arguments, "mac")),
                          "Interface detached");
}

/* Whether the drive may get what was asked for: --insert wants it empty, --eject and --update full.
 */
static bool check_drive(struct cli *cli, const struct arguments *arguments,
                        const struct element *drive)
{
    const char *device = element_attribute(drive, "device");
    const char *present = disk_source(drive);
    const char *path = arguments_text(arguments, "path");
    bool eject = arguments_have(arguments, "eject"), insert = arguments_have(arguments, "insert");

    if (!string_equal(device, "cdrom") && !string_equal(device, "floppy"))
        return cli_fail(cli, HVK_ERR_OPERATION_INVALID,
                        "'%s' of domain '%s' is a %s, not a drive with removable media", path,
                        cli->subject->name, device ? device : "disk");
    if (eject && !present)
        return cli_fail(cli, HVK_ERR_OPERATION_INVALID,
                        "drive '%s' of domain '%s' has no medium to eject", path,
                        cli->subject->name);
    if (insert && present)
        return cli_fail(cli, HVK_ERR_OPERATION_INVALID,
                        "drive '%s' of domain '%s' already holds %s; --update replaces it", path,
                        cli->subject->name, present);
    return true;
}

static bool check_media_usage(struct cli *cli, const struct arguments *arguments)
{
    bool eject = arguments_have(arguments, "eject");
    const char *source = arguments_text(arguments, "source");
    int chosen = eject + arguments_have(arguments, "insert") + arguments_have(arguments, "update");

    if (chosen > 1)
        return cli_usage(cli, "--eject, --insert and --update exclude each other");
    if (eject && source)
        return cli_usage(cli, "--eject takes no SOURCE");
    return eject || source || cli_usage(cli, "needs a SOURCE, or --eject");
}

static bool change_media_run(struct cli *cli, const struct arguments *arguments)
{
    auto_document *document = NULL;
    uint32_t flags = arguments_have(arguments, "force") ? HVK_DOMAIN_DEVICE_MODIFY_FORCE : 0;

    if (!check_media_usage(cli, arguments))
        return false;
    const struct element *devices = read_for_change(cli, arguments, &document);
    const struct element *drive =
        devices ? devices_find_disk(cli, devices, arguments_text(arguments, "path")) : NULL;
    if (!drive || !check_drive(cli, arguments, drive))
        return false;
    auto_free char *xml = disk_with_source(document, drive, arguments_text(arguments, "source"),
                                           arguments_have(arguments, "block"));
    if (!xml)
        return hvk_error_memory(&cli->call.error);
    if (arguments_have(arguments, "print-xml"))
        return output_value(cli, "disk", "xml", CELL_TEXT, "%s", xml);
    return apply(cli, arguments, hvk_domain_update_device, xml, flags,
                 arguments_have(arguments, "eject") ? "Medium ejected" : "Medium changed");
}

#define PERSISTENT_SWITCH                                                                          \
    SWITCH("persistent", 0, "change the configuration, and the guest too while it runs")
#define PRINT_SWITCH SWITCH("print-xml", 0, "print the XML and do nothing")
#define DEVICE_FILE_OPERAND FILE_OPERAND("file with the XML of the device; - is standard input")

const struct verb device_verbs[] = {
    {.name = "attach-device",
     .summary = "attach the device that a file describes",
     .options = OPTIONS(DOMAIN_OPERAND, DEVICE_FILE_OPERAND, PERSISTENT_SWITCH, AFFECT_SWITCHES),
     .run = attach_device_run},
    {.name = "detach-device",
     .summary = "detach the device that a file describes",
     .options = OPTIONS(DOMAIN_OPERAND, DEVICE_FILE_OPERAND, PERSISTENT_SWITCH, AFFECT_SWITCHES),
     .run = detach_device_run},
    {.name = "update-device",
     .summary = "change a device to what a file describes",
     .options = OPTIONS(DOMAIN_OPERAND, DEVICE_FILE_OPERAND, PERSISTENT_SWITCH, AFFECT_SWITCHES,
                        SWITCH("force", 0, "change it even when the guest holds it")),
     .run = update_device_run},
    {.name = "detach-device-alias",
     .summary = "detach the device with an alias",
     .description = "Asks the guest to give up the device. An event device-removed tells that it "
                    "has done so.",
     .options = OPTIONS(DOMAIN_OPERAND, TEXT_OPERAND("alias", "ALIAS", "alias of the device"),
                        PERSISTENT_SWITCH, AFFECT_SWITCHES),
     .run = detach_device_alias_run},
    {.name = "attach-disk",
     .summary = "attach a disk",
     .options = OPTIONS(
         DOMAIN_OPERAND,
         {.name = "source",
          .value = "SOURCE",
          .help = "image or device; '' for an empty drive",
          .type = OPTION_FILE,
          .flags = OPTION_OPERAND | OPTION_REQUIRED},
         TEXT_OPERAND("target", "TARGET", "name in the guest, such as vdb"),
         TEXT_OPTION("targetbus", "BUS", "bus; by default what the target's name stands for"),
         TEXT_OPTION("driver", "DRIVER", "the hypervisor's driver, such as qemu"),
         TEXT_OPTION("subdriver", "FORMAT", "format of the image, such as qcow2"),
         CHOICE_OPTION("cache", "MODE", "how the host caches", "default", "none", "writethrough",
                       "writeback", "directsync", "unsafe"),
         CHOICE_OPTION("io", "MODE", "how the host reads and writes", "threads", "native",
                       "io_uring"),
         CHOICE_OPTION("discard", "MODE", "what happens to discards of the guest", "ignore",
                       "unmap"),
         TEXT_OPTION("iothread", "ID", "the thread that serves the disk"),
         CHOICE_OPTION("type", "DEVICE", "what it is to the guest", "disk", "cdrom", "floppy",
                       "lun"),
         CHOICE_OPTION("mode", "MODE", "how it may be used", "readonly", "shareable"),
         CHOICE_OPTION("sourcetype", "TYPE", "what the source is", "file", "block", "dir"),
         TEXT_OPTION("serial", "TEXT", "serial number that the guest sees"),
         TEXT_OPTION("wwn", "WWN", "world wide name that the guest sees"),
         TEXT_OPTION("alias", "ALIAS", "alias, beginning with ua-"), PRINT_SWITCH,
         PERSISTENT_SWITCH, AFFECT_SWITCHES),
     .examples = "hvkit attach-disk web /images/data.qcow2 vdb --subdriver qcow2 --persistent "
                 "# add a second disk for good",
     .run = attach_disk_run},
    {.name = "detach-disk",
     .summary = "detach a disk",
     .options =
         OPTIONS(DOMAIN_OPERAND, TEXT_OPERAND("target", "TARGET", "target or source of the disk"),
                 PRINT_SWITCH, PERSISTENT_SWITCH, AFFECT_SWITCHES),
     .run = detach_disk_run},
    {.name = "attach-interface",
     .summary = "attach a network interface",
     .options = OPTIONS(
         DOMAIN_OPERAND,
         {.name = "type",
          .value = "TYPE",
          .help = "what it is connected to",
          .type = OPTION_CHOICE,
          .choices = CHOICES("network", "bridge", "direct", "user", "ethernet", "internal"),
          .flags = OPTION_OPERAND | OPTION_REQUIRED},
         {.name = "source",
          .value = "SOURCE",
          .help = "network, bridge or device of the host",
          .type = OPTION_TEXT,
          .flags = OPTION_OPERAND},
         TEXT_OPTION("target", "NAME", "name of the interface on the host"),
         TEXT_OPTION("mac", "ADDRESS", "MAC address; by default a new one"),
         TEXT_OPTION("script", "FILE", "script that connects it"),
         TEXT_OPTION("model", "MODEL", "model that the guest sees, such as virtio"),
         TEXT_OPTION("alias", "ALIAS", "alias, beginning with ua-"),
         TEXT_OPTION("inbound", "RATES", "limits as AVERAGE,PEAK,BURST,FLOOR in KiB/s and KiB"),
         TEXT_OPTION("outbound", "RATES", "limits as AVERAGE,PEAK,BURST in KiB/s and KiB"),
         PRINT_SWITCH, PERSISTENT_SWITCH, AFFECT_SWITCHES),
     .run = attach_interface_run},
    {.name = "detach-interface",
     .summary = "detach a network interface",
     .options = OPTIONS(DOMAIN_OPERAND, TEXT_OPERAND("type", "TYPE", "type of the interface"),
                        TEXT_OPTION("mac", "ADDRESS", "MAC address, when there are several"),
                        PRINT_SWITCH, PERSISTENT_SWITCH, AFFECT_SWITCHES),
     .run = detach_interface_run},
    {.name = "change-media",
     .summary = "change the medium in a CD or floppy drive",
     .options = OPTIONS(
         DOMAIN_OPERAND, TEXT_OPERAND("path", "PATH", "target or source of the drive"),
         {.name = "source",
          .value = "SOURCE",
          .help = "the new medium",
          .type = OPTION_FILE,
          .flags = OPTION_OPERAND},
         SWITCH("eject", 0, "take the medium out"), SWITCH("insert", 0, "fill an empty drive"),
         SWITCH("update", 0, "replace what the drive holds (the default)"),
         SWITCH("force", 0, "also when the guest has locked the drive"),
         SWITCH("block", 0, "the source is a block device"), PRINT_SWITCH, PERSISTENT_SWITCH,
         AFFECT_SWITCHES),
     .examples = "hvkit change-media web sda --eject # take the CD out",
     .run = change_media_run},
    {0},
};
