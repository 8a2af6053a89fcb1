/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Drives: what the guest sees in front of the block graph. */
#include "command/device.h"

#include "command/address.h"
#include "command/alias.h"
#include "command/block.h"
#include "command/defaults.h"

#define ELEMENT "devices/disk"

/* ---- which QEMU device ---- */

/* Variants of drives, for the rows below. */
enum {
    DRIVE_VIRTIO = 1,
    DRIVE_SCSI = 2,
    DRIVE_ATA = 4,
    DRIVE_USB = 8,
    DRIVE_FLOPPY = 16,
};

static const struct drive {
    enum model_disk_bus bus;
    enum model_disk_device kind;
    const char *driver;
    uint32_t variant;
} drives[] = {
    {MODEL_DISK_BUS_VIRTIO, MODEL_DISK_DEVICE_DISK, "virtio-blk-pci", DRIVE_VIRTIO},
    {MODEL_DISK_BUS_SCSI, MODEL_DISK_DEVICE_DISK, "scsi-hd", DRIVE_SCSI},
    {MODEL_DISK_BUS_SCSI, MODEL_DISK_DEVICE_CDROM, "scsi-cd", DRIVE_SCSI},
    {MODEL_DISK_BUS_SCSI, MODEL_DISK_DEVICE_LUN, "scsi-block", DRIVE_SCSI},
    {MODEL_DISK_BUS_IDE, MODEL_DISK_DEVICE_DISK, "ide-hd", DRIVE_ATA},
    {MODEL_DISK_BUS_IDE, MODEL_DISK_DEVICE_CDROM, "ide-cd", DRIVE_ATA},
    {MODEL_DISK_BUS_SATA, MODEL_DISK_DEVICE_DISK, "ide-hd", DRIVE_ATA},
    {MODEL_DISK_BUS_SATA, MODEL_DISK_DEVICE_CDROM, "ide-cd", DRIVE_ATA},
    {MODEL_DISK_BUS_USB, MODEL_DISK_DEVICE_DISK, "usb-storage", DRIVE_USB},
    {MODEL_DISK_BUS_USB, MODEL_DISK_DEVICE_CDROM, "usb-storage", DRIVE_USB},
    {MODEL_DISK_BUS_FDC, MODEL_DISK_DEVICE_FLOPPY, "floppy", DRIVE_FLOPPY},
};

static const struct drive *find_drive(const struct model_disk *disk)
{
    for (size_t i = 0; i < ARRAY_SIZE(drives); i++)
        if (drives[i].bus == disk->target.bus && drives[i].kind == disk->kind)
            return &drives[i];
    return NULL;
}

/* ---- properties ---- */

#define ROW(member, qemu, xml, kind, mask)                                                         \
    PROPERTY_OF(struct model_disk, member, qemu, xml, kind, mask)

static const struct property rows[] = {
    ROW(serial, "serial", "serial", PROPERTY_STRING,
        DRIVE_VIRTIO | DRIVE_SCSI | DRIVE_ATA | DRIVE_USB),
    ROW(vendor, "vendor", "vendor", PROPERTY_STRING, DRIVE_SCSI),
    ROW(product, "product", "product", PROPERTY_STRING, DRIVE_SCSI),
    ROW(target.rotation_rate, "rotation_rate", "target/@rotation_rate", PROPERTY_UINT,
        DRIVE_SCSI | DRIVE_ATA),
    ROW(target.removable, "removable", "target/@removable", PROPERTY_BOOL, DRIVE_SCSI | DRIVE_USB),
    ROW(driver.ioeventfd, "ioeventfd", "driver/@ioeventfd", PROPERTY_BOOL, DRIVE_VIRTIO),
    ROW(driver.event_idx, "event_idx", "driver/@event_idx", PROPERTY_BOOL, DRIVE_VIRTIO),
    ROW(driver.queues, "num-queues", "driver/@queues", PROPERTY_UINT, DRIVE_VIRTIO),
    ROW(driver.queue_size, "queue-size", "driver/@queue_size", PROPERTY_UINT, DRIVE_VIRTIO),
    ROW(driver.virtio.iommu, "iommu_platform", "driver/@iommu", PROPERTY_BOOL, DRIVE_VIRTIO),
    ROW(driver.virtio.ats, "ats", "driver/@ats", PROPERTY_BOOL, DRIVE_VIRTIO),
    ROW(driver.virtio.packed, "packed", "driver/@packed", PROPERTY_BOOL, DRIVE_VIRTIO),
    ROW(driver.virtio.page_per_vq, "page-per-vq", "driver/@page_per_vq", PROPERTY_BOOL,
        DRIVE_VIRTIO),
    ROW(geometry.cylinders, "cyls", "geometry/@cyls", PROPERTY_UINT,
        DRIVE_VIRTIO | DRIVE_SCSI | DRIVE_ATA),
    ROW(geometry.heads, "heads", "geometry/@heads", PROPERTY_UINT,
        DRIVE_VIRTIO | DRIVE_SCSI | DRIVE_ATA),
    ROW(geometry.sectors, "secs", "geometry/@secs", PROPERTY_UINT,
        DRIVE_VIRTIO | DRIVE_SCSI | DRIVE_ATA),
    ROW(geometry.translation, "bios-chs-trans", "geometry/@trans", PROPERTY_STRING, DRIVE_ATA),
    ROW(blockio.logical_block_size, "logical_block_size", "blockio/@logical_block_size",
        PROPERTY_UINT, 0),
    ROW(blockio.physical_block_size, "physical_block_size", "blockio/@physical_block_size",
        PROPERTY_UINT, 0),
    ROW(blockio.discard_granularity, "discard_granularity", "blockio/@discard_granularity",
        PROPERTY_UINT, 0),
    /* put by hand below; only where they are possible is said here */
    ROW(driver.iothread, NULL, "driver/@iothread", PROPERTY_UINT, DRIVE_VIRTIO),
    ROW(wwn, NULL, "wwn", PROPERTY_STRING, DRIVE_SCSI | DRIVE_ATA),
    ROW(model, NULL, "@model", PROPERTY_WORD, DRIVE_VIRTIO),
};

/* ---- where it hangs ---- */

/* Old SCSI adapters know targets; newer ones logical units as well. */
static bool has_units(const struct model_domain *domain, uint32_t index)
{
    const struct model_controller *controller =
        defaults_find_controller(domain, MODEL_CONTROLLER_SCSI, index);
    return controller && controller->model && string_starts_with(controller->model, "virtio");
}

static void put_scsi_place(const struct build *b, json_t *json, const struct model_address *address)
{
    if (has_units(b->domain, address->controller)) {
        json_object_set_new(json, "channel", json_integer(address->bus));
        json_object_set_new(json, "scsi-id", json_integer(address->target));
        json_object_set_new(json, "lun", json_integer(address->unit));
    } else {
        json_object_set_new(json, "scsi-id",
                            json_integer(address->target ? address->target : address->unit));
    }
}

static bool put_place(struct build *b, json_t *json, const struct model_disk *disk)
{
    const struct model_address *address = &disk->device.address;
    if (address->type != MODEL_ADDRESS_DRIVE)
        return true;
    bool sata = disk->target.bus == MODEL_DISK_BUS_SATA,
         ide = disk->target.bus == MODEL_DISK_BUS_IDE;
    enum model_controller_type type = sata  ? MODEL_CONTROLLER_SATA
                                      : ide ? MODEL_CONTROLLER_IDE
                                      : disk->target.bus == MODEL_DISK_BUS_FDC
                                          ? MODEL_CONTROLLER_FDC
                                          : MODEL_CONTROLLER_SCSI;
    const char *alias = alias_of_controller(b->domain, type, address->controller);
    if (!alias)
        return build_refuse(b, &address->node, ELEMENT "/address",
                            "there is no %s controller with index %u: add one first",
                            model_word(&model_controller_type_words, type), address->controller);
    auto_free char *bus = string_format("%s.%u", alias,
                                        sata  ? address->unit
                                        : ide ? address->bus
                                              : 0);
    if (type == MODEL_CONTROLLER_SCSI)
        put_scsi_place(b, json, address);
    if (type != MODEL_CONTROLLER_FDC)
        json_put_string(json, "bus", bus);
    if (type == MODEL_CONTROLLER_IDE || type == MODEL_CONTROLLER_FDC)
        json_object_set_new(json, "unit", json_integer(address->unit));
    return bus || hvk_error_memory(b->err);
}

/* ---- what else is said of a drive ---- */

/* QEMU's words for what happens when the host fails to write. */
static const char *const error_words[] = {
    [MODEL_DISK_ERROR_STOP] = "stop",
    [MODEL_DISK_ERROR_REPORT] = "report",
    [MODEL_DISK_ERROR_IGNORE] = "ignore",
    [MODEL_DISK_ERROR_ENOSPACE] = "enospc",
};

static void put_errors(json_t *json, const struct model_disk *disk)
{
    enum model_disk_error write = disk->driver.error_policy, read = disk->driver.rerror_policy;
    if (!read && write && write != MODEL_DISK_ERROR_ENOSPACE)
        read = write;
    if (write)
        json_put_string(json, "werror", error_words[write]);
    if (read)
        json_put_string(json, "rerror", error_words[read]);
}

/* Whether the guest may see writes as done before they are safe. */
static void put_write_cache(json_t *json, const struct model_disk *disk)
{
    static const char *const words[] = {
        [MODEL_DISK_CACHE_NONE] = "on",      [MODEL_DISK_CACHE_WRITETHROUGH] = "off",
        [MODEL_DISK_CACHE_WRITEBACK] = "on", [MODEL_DISK_CACHE_DIRECTSYNC] = "off",
        [MODEL_DISK_CACHE_UNSAFE] = "on",
    };
    if (disk->driver.cache < ARRAY_SIZE(words) && disk->kind != MODEL_DISK_DEVICE_LUN)
        json_put_string(json, "write-cache", words[disk->driver.cache]);
}

static bool put_wwn(struct build *b, json_t *json, const struct model_disk *disk)
{
    if (!disk->wwn)
        return true;
    auto_free char *text = string_format("0x%s", disk->wwn);
    uint64_t number;
    if (!text || !string_to_u64(text, 0, UINT64_MAX, &number))
        return build_refuse(b, &disk->device.node, ELEMENT "/wwn",
                            "'%s' is no 64-bit hexadecimal number", disk->wwn);
    /* jansson has signed integers only, and a World Wide Name may have the highest bit */
    if (number > INT64_MAX)
        return build_refuse(b, &disk->device.node, ELEMENT "/wwn",
                            "names from 8000000000000000 on are not supported");
    json_object_set_new(json, "wwn", json_integer((json_int_t)number));
    return true;
}

static bool put_iothread(struct build *b, json_t *json, const struct model_disk *disk)
{
    if (!disk->driver.iothread.set)
        return true;
    return device_put_iothread(b, json, disk->driver.iothread.value, &disk->driver.node,
                               ELEMENT "/driver/@iothread");
}

static bool put_rest(struct build *b, json_t *json, const struct drive *drive,
                     const struct model_disk *disk)
{
    put_errors(json, disk);
    put_write_cache(json, disk);
    if (disk->shareable)
        json_object_set_new(json, "share-rw", json_true());
    if (drive->variant == DRIVE_USB && disk->kind == MODEL_DISK_DEVICE_DISK &&
        !disk->target.removable)
        json_object_set_new(json, "removable", json_false());
    /* what udev makes /dev/disk/by-id names from; by default QEMU's name of the drive */
    if (drive->variant == DRIVE_SCSI && disk->kind != MODEL_DISK_DEVICE_LUN) {
        auto_free char *id = string_format("drive-%s", disk->device.alias.name);
        json_put_string(json, "device_id", disk->serial ? disk->serial : id);
    }
    return put_place(b, json, disk) && put_wwn(b, json, disk) && put_iothread(b, json, disk) &&
           build_properties(b, json, rows, ARRAY_SIZE(rows), disk, drive->variant,
                            &disk->device.node, ELEMENT);
}

/* ---- throttling ---- */

#define LIMIT(member, qemu)                                                                        \
    {                                                                                              \
        offsetof(struct model_iotune, member), (qemu)                                              \
    }

static const struct {
    size_t offset;
    const char *name;
} limits[] = {
    LIMIT(total_bytes_sec, "bps"),
    LIMIT(read_bytes_sec, "bps_rd"),
    LIMIT(write_bytes_sec, "bps_wr"),
    LIMIT(total_iops_sec, "iops"),
    LIMIT(read_iops_sec, "iops_rd"),
    LIMIT(write_iops_sec, "iops_wr"),
    LIMIT(total_bytes_sec_max, "bps_max"),
    LIMIT(read_bytes_sec_max, "bps_rd_max"),
    LIMIT(write_bytes_sec_max, "bps_wr_max"),
    LIMIT(total_iops_sec_max, "iops_max"),
    LIMIT(read_iops_sec_max, "iops_rd_max"),
    LIMIT(write_iops_sec_max, "iops_wr_max"),
    LIMIT(size_iops_sec, "iops_size"),
    LIMIT(total_bytes_sec_max_length, "bps_max_length"),
    LIMIT(read_bytes_sec_max_length, "bps_rd_max_length"),
    LIMIT(write_bytes_sec_max_length, "bps_wr_max_length"),
    LIMIT(total_iops_sec_max_length, "iops_max_length"),
    LIMIT(read_iops_sec_max_length, "iops_rd_max_length"),
    LIMIT(write_iops_sec_max_length, "iops_wr_max_length"),
};

char *command_disk_id(const struct model_disk *disk)
{
    const char *alias = disk->device.alias.name;
    if (disk->target.bus == MODEL_DISK_BUS_VIRTIO)
        return string_format("/machine/peripheral/%s/virtio-backend", alias);
    return strdup(alias);
}

/* QEMU wants the first six even when they are 0, which is "no limit". */
json_t *disk_limits(const struct model_disk *disk)
{
    auto_free char *id = command_disk_id(disk);
    json_t *json = id ? json_pack("{s:s}", "id", id) : NULL;
    for (size_t i = 0; i < ARRAY_SIZE(limits); i++) {
        const struct model_uint *value =
            disk->iotune ? (const void *)((const char *)disk->iotune + limits[i].offset) : NULL;
        if (i < 6 || (value && value->set))
            json_object_set_new(json, limits[i].name,
                                json_integer(value ? (json_int_t)value->value : 0));
    }
    if (disk->iotune)
        json_put_string(json, "group", disk->iotune->group_name);
    return json;
}

/* A floppy's place in the boot order is a property of its controller. */
static bool put_floppy_boot(struct build *b, struct model_disk *disk)
{
    const struct model_boot *boot = &disk->device.boot;
    return !boot->order.set || b->running ||
           build_option_format(b, "-global", "isa-fdc.bootindex%c=%u",
                               disk->device.address.unit ? 'B' : 'A', (unsigned)boot->order.value);
}

/* ---- the device ---- */

static bool check(struct build *b, const struct drive *drive, const struct model_disk *disk)
{
    const struct model_node *node = &disk->device.node;
    const char *bus = model_word(&model_disk_bus_words, disk->target.bus);
    if (!disk->target.dev)
        return build_refuse(b, node, ELEMENT, "it needs a <target dev='...'>");
    if (!drive)
        return build_refuse(b, node, ELEMENT, "a %s on bus '%s' is not possible",
                            model_word(&model_disk_device_words, disk->kind), bus ? bus : "(none)");
    if (disk->driver.name && strcmp(disk->driver.name, "qemu") != 0)
        return build_refuse(b, &disk->driver.node, ELEMENT "/driver/@name",
                            "it is 'qemu', not '%s'", disk->driver.name);
    bool changeable =
        disk->kind == MODEL_DISK_DEVICE_CDROM || disk->kind == MODEL_DISK_DEVICE_FLOPPY;
    if (!block_has_source(disk) && !changeable)
        return build_refuse(b, node, ELEMENT, "disk '%s' has no <source>", disk->target.dev);
    if (disk->kind == MODEL_DISK_DEVICE_LUN &&
        (disk->type != MODEL_DISK_TYPE_BLOCK || !string_equal(disk->driver.type, "raw")))
        return build_refuse(b, node, ELEMENT, "device='lun' needs a block device of format raw");
    if (disk->transient)
        return build_refuse(b, node, ELEMENT "/transient",
                            "disks whose changes are thrown away are not supported: "
                            "start from an overlay of the image");
    MODEL_FOR_EACH(&b->domain->devices.disks, struct model_disk, other)
    if (other != disk && string_equal(other->target.dev, disk->target.dev))
        return build_refuse(b, node, ELEMENT "/target", "there are two disks '%s'",
                            disk->target.dev);
    return true;
}

static bool add_floppy(struct build *b, struct model_disk *disk, json_t *json)
{
    struct model_device plain = disk->device;
    plain.boot.order.set = false;
    return build_device(b, &plain, json) && put_floppy_boot(b, disk);
}

bool disk_build(struct build *b, void *device)
{
    struct model_disk *disk = device;
    const struct drive *drive = find_drive(disk);
    char top[BLOCK_NODE_MAX];
    if (!check(b, drive, disk))
        return false;
    const char *driver = drive->driver;
    if (drive->variant == DRIVE_VIRTIO)
        driver =
            device_virtio(b, "virtio-blk-pci", model_word(&model_disk_model_words, disk->model));
    if (!driver || !build_need_device(b, &disk->device.node, ELEMENT, driver) ||
        !block_build(b, disk, top))
        return false;
    json_t *json = json_pack("{s:s}", "driver", driver);
    if (top[0])
        json_put_string(json, "drive", top);
    if (!json || !put_rest(b, json, drive, disk)) {
        json_decref(json);
        return json ? false : hvk_error_memory(b->err);
    }
    if (drive->variant == DRIVE_FLOPPY ? !add_floppy(b, disk, json)
                                       : !build_device(b, &disk->device, json))
        return false;
    return !disk->iotune || build_setup(b, "block_set_io_throttle", disk_limits(disk));
}
