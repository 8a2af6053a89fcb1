/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "command/defaults_device.h"

#include "command/defaults.h"
#include <base/uuid.h>

/* ---- disks ---- */

static const struct {
    const char *prefix;
    enum model_disk_bus bus;
} target_prefixes[] = {
    {"vd", MODEL_DISK_BUS_VIRTIO}, {"sd", MODEL_DISK_BUS_SCSI}, {"hd", MODEL_DISK_BUS_IDE},
    {"fd", MODEL_DISK_BUS_FDC},    {"xvd", MODEL_DISK_BUS_XEN}, {"ubd", MODEL_DISK_BUS_UML},
};

static enum model_disk_bus bus_of_target(const char *target)
{
    for (size_t i = 0; target && i < ARRAY_SIZE(target_prefixes); i++)
        if (string_starts_with(target, target_prefixes[i].prefix))
            return target_prefixes[i].bus;
    return MODEL_DISK_BUS_UNSET;
}

static bool fill_disk(struct build *b, void *device)
{
    struct model_disk *disk = device;
    (void)b;
    if (!disk->kind)
        disk->kind = MODEL_DISK_DEVICE_DISK;
    if (!disk->type)
        disk->type = MODEL_DISK_TYPE_FILE;
    if (!disk->target.bus)
        disk->target.bus = bus_of_target(disk->target.dev);
    disk->driver.node.present = true;
    if (!disk->driver.name)
        disk->driver.name = "qemu";
    if (!disk->driver.type)
        disk->driver.type = "raw";
    if (disk->kind == MODEL_DISK_DEVICE_CDROM)
        disk->readonly = true;
    return true;
}

/* ---- network ---- */

/* The first of these that the emulator has: guests of any age know it. */
static const char *const net_models[] = {"rtl8139", "e1000", "virtio-net-pci"};

static bool fill_interface(struct build *b, void *device)
{
    struct model_interface *interface = device;
    for (size_t i = 0; i < ARRAY_SIZE(net_models) && !interface->model.type; i++)
        if (caps_has_device(b->caps, net_models[i]))
            interface->model.type = i == 2 ? "virtio" : net_models[i];
    interface->model.node.present = true;
    if (interface->mac.set)
        return true;
    uint8_t random[HVK_UUID_SIZE];
    if (!uuid_generate(random))
        return hvk_error_set(b->err, HVK_ERR_INTERNAL_ERROR, "no random bytes for a MAC address");
    interface->mac_node.present = true;
    interface->mac =
        (struct model_mac){.set = true, .bytes = {0x52, 0x54, 0, random[0], random[1], random[2]}};
    return true;
}

/* ---- character devices ---- */

static bool fill_serial(struct build *b, void *device)
{
    struct model_serial *serial = device;
    struct model_chardev_target *target = &serial->target;
    (void)b;
    target->node.present = true;
    if (!target->type)
        target->type = "isa-serial";
    if (!target->model) {
        static const struct {
            const char *type;
            const char *model;
        } models[] = {{"isa-serial", "isa-serial"},
                      {"pci-serial", "pci-serial"},
                      {"usb-serial", "usb-serial"}};
        for (size_t i = 0; i < ARRAY_SIZE(models); i++)
            if (strcmp(target->type, models[i].type) == 0)
                target->model = models[i].model;
        target->model_node.present = target->model != NULL;
    }
    return true;
}

static bool has_port(const struct model_array *devices, size_t offset, uint64_t port)
{
    for (uint32_t i = 0; i < devices->count; i++) {
        const struct model_uint *used = (const void *)((const char *)devices->items[i] + offset);
        if (used->set && used->value == port)
            return true;
    }
    return false;
}

/* Numbers those without a port from 0. */
static void fill_ports(struct model_array *devices, size_t offset)
{
    for (uint32_t i = 0; i < devices->count; i++) {
        struct model_uint *port = (void *)((char *)devices->items[i] + offset);
        for (uint64_t number = 0; !port->set; number++)
            if (!has_port(devices, offset, number))
                *port = MODEL_UINT(number);
    }
}

static bool is_serial_console(const struct model_console *console)
{
    return console->target.console == MODEL_CONSOLE_UNSET ||
           console->target.console == MODEL_CONSOLE_SERIAL;
}

/* The first <console> of a PC is its first <serial> under another name: each brings the other. */
static bool pair_console(struct build *b)
{
    struct model_devices *devices = &b->domain->devices;
    struct model_console *first = devices->consoles.count > 0 ? devices->consoles.items[0] : NULL;
    if (devices->serials.count == 0 && first && is_serial_console(first)) {
        struct model_serial *serial = build_alloc(b, sizeof *serial);
        if (!serial || !build_append(b, &devices->serials, serial))
            return false;
        serial->device.node.present = true;
        serial->chardev = first->chardev;
    }
    if (devices->serials.count > 0 && !first) {
        first = build_alloc(b, sizeof *first);
        if (!first || !build_append(b, &devices->consoles, first))
            return false;
        first->device.node.present = true;
    }
    if (devices->serials.count == 0 || !is_serial_console(first))
        return true;
    struct model_serial *serial = devices->serials.items[0];
    if (!serial->chardev.type)
        serial->chardev.type = MODEL_CHARDEV_PTY;
    first->chardev = serial->chardev;
    first->target.node.present = true;
    first->target.console = MODEL_CONSOLE_SERIAL;
    first->target.port = MODEL_UINT(0);
    return true;
}

/* ---- input and display ---- */

static bool has_input(const struct build *b, enum model_input_type type, enum model_input_bus bus)
{
    MODEL_FOR_EACH(&b->domain->devices.inputs, struct model_input, input)
    if (input->type == type && input->bus == bus)
        return true;
    return false;
}

static bool fill_input(struct build *b, void *device)
{
    struct model_input *input = device;
    (void)b;
    if (input->bus)
        return true;
    if (input->type == MODEL_INPUT_EVDEV)
        return true;
    input->bus = input->type == MODEL_INPUT_PASSTHROUGH ? MODEL_INPUT_BUS_VIRTIO
                 : input->type == MODEL_INPUT_TABLET    ? MODEL_INPUT_BUS_USB
                                                        : MODEL_INPUT_BUS_PS2;
    return true;
}

/* The keyboard controller is part of the chip set. */
static bool add_ps2(struct build *b)
{
    static const enum model_input_type types[] = {MODEL_INPUT_MOUSE, MODEL_INPUT_KEYBOARD};
    for (size_t i = 0; i < ARRAY_SIZE(types); i++) {
        if (has_input(b, types[i], MODEL_INPUT_BUS_PS2))
            continue;
        struct model_input *input = build_alloc(b, sizeof *input);
        if (!input || !build_append(b, &b->domain->devices.inputs, input))
            return false;
        input->device.node.present = true;
        input->type = types[i];
        input->bus = MODEL_INPUT_BUS_PS2;
    }
    return true;
}

static bool fill_graphics(struct build *b, void *device)
{
    struct model_graphics *graphics = device;
    bool server = graphics->type == MODEL_GRAPHICS_VNC || graphics->type == MODEL_GRAPHICS_SPICE;
    if (!server)
        return true;
    if (!graphics->port.set && graphics->autoport == MODEL_SWITCH_UNSET)
        graphics->autoport = MODEL_SWITCH_ON;
    if (graphics->port.set && graphics->port.value == -1 &&
        graphics->autoport == MODEL_SWITCH_UNSET)
        graphics->autoport = MODEL_SWITCH_ON;
    if (graphics->autoport == MODEL_SWITCH_ON && !graphics->port.set)
        graphics->port = MODEL_INT(-1);
    if (graphics->listens.count > 0)
        return true;
    struct model_listen *listen = build_alloc(b, sizeof *listen);
    if (!listen || !build_append(b, &graphics->listens, listen))
        return false;
    listen->node.present = true;
    listen->type = graphics->socket ? MODEL_LISTEN_SOCKET : MODEL_LISTEN_ADDRESS;
    listen->address = graphics->listen;
    listen->socket = graphics->socket;
    return true;
}

static bool fill_video(struct build *b, void *device)
{
    struct model_video *video = device;
    video->model.node.present = true;
    if (!video->model.type)
        video->model.type = caps_has_device(b->caps, "VGA") ? "vga" : "bochs";
    return true;
}

static bool add_video(struct build *b)
{
    struct model_devices *devices = &b->domain->devices;
    bool primary = false;
    if (devices->graphics.count > 0 && devices->videos.count == 0) {
        struct model_video *video = build_alloc(b, sizeof *video);
        if (!video || !build_append(b, &devices->videos, video))
            return false;
        video->device.node.present = true;
        fill_video(b, video);
    }
    MODEL_FOR_EACH(&devices->videos, struct model_video, video)
    primary = primary || video->model.primary == MODEL_SWITCH_ON;
    if (!primary && devices->videos.count > 0)
        devices->videos.items[0]->model.primary = MODEL_SWITCH_ON;
    return true;
}

/* ---- sound ---- */

static bool add_audio(struct build *b)
{
    struct model_devices *devices = &b->domain->devices;
    bool spice = false;
    MODEL_FOR_EACH(&devices->graphics, struct model_graphics, graphics)
    spice = spice || graphics->type == MODEL_GRAPHICS_SPICE;
    if (devices->audios.count > 0 || (devices->sounds.count == 0 && devices->graphics.count == 0))
        return true;
    struct model_audio *audio = build_alloc(b, sizeof *audio);
    if (!audio || !build_append(b, &devices->audios, audio))
        return false;
    audio->device.node.present = true;
    audio->id = MODEL_UINT(1);
    audio->type = spice ? MODEL_AUDIO_SPICE : MODEL_AUDIO_NONE;
    return true;
}

/* ---- the rest ---- */

static bool fill_watchdog(struct build *b, void *device)
{
    struct model_watchdog *watchdog = device;
    (void)b;
    if (!watchdog->action)
        watchdog->action = MODEL_WATCHDOG_ACTION_RESET;
    return true;
}

static bool fill_tpm(struct build *b, void *device)
{
    struct model_tpm *tpm = device;
    (void)b;
    if (!tpm->backend.version && tpm->backend.type == MODEL_TPM_EMULATOR)
        tpm->backend.version = "2.0";
    if (!tpm->model)
        tpm->model = string_equal(tpm->backend.version, "2.0") ? "tpm-crb" : "tpm-tis";
    return true;
}

static bool fill_panic(struct build *b, void *device)
{
    struct model_panic *panic = device;
    (void)b;
    if (!panic->model)
        panic->model = "isa";
    return true;
}

static bool fill_fs(struct build *b, void *device)
{
    struct model_filesystem *fs = device;
    (void)b;
    if (!fs->type)
        fs->type = MODEL_FS_TYPE_MOUNT;
    fs->driver.node.present = true;
    if (!fs->driver.type)
        fs->driver.type = MODEL_FS_DRIVER_PATH;
    if (!fs->access)
        fs->access = fs->driver.type == MODEL_FS_DRIVER_VIRTIOFS ? MODEL_FS_ACCESS_PASSTHROUGH
                                                                 : MODEL_FS_ACCESS_MAPPED;
    return true;
}

static const struct device_default {
    enum model_device_class kind;
    size_t array;
    bool (*fill)(struct build *b, void *device);
} device_defaults[] = {
    {MODEL_DEVICE_DISK, offsetof(struct model_devices, disks), fill_disk},
    {MODEL_DEVICE_INTERFACE, offsetof(struct model_devices, interfaces), fill_interface},
    {MODEL_DEVICE_SERIAL, offsetof(struct model_devices, serials), fill_serial},
    {MODEL_DEVICE_INPUT, offsetof(struct model_devices, inputs), fill_input},
    {MODEL_DEVICE_GRAPHICS, offsetof(struct model_devices, graphics), fill_graphics},
    {MODEL_DEVICE_VIDEO, offsetof(struct model_devices, videos), fill_video},
    {MODEL_DEVICE_WATCHDOG, offsetof(struct model_devices, watchdogs), fill_watchdog},
    {MODEL_DEVICE_TPM, offsetof(struct model_devices, tpms), fill_tpm},
    {MODEL_DEVICE_PANIC, offsetof(struct model_devices, panics), fill_panic},
    {MODEL_DEVICE_FILESYSTEM, offsetof(struct model_devices, filesystems), fill_fs},
};

bool defaults_fill_device(struct build *b, enum model_device_class kind,
                          struct model_device *device)
{
    for (size_t i = 0; i < ARRAY_SIZE(device_defaults); i++)
        if (device_defaults[i].kind == kind)
            return device_defaults[i].fill(b, device);
    return true;
}

bool defaults_fill_devices(struct build *b)
{
    struct model_devices *devices = &b->domain->devices;
    if (!pair_console(b))
        return false;
    for (size_t i = 0; i < ARRAY_SIZE(device_defaults); i++) {
        const struct model_array *array =
            (const void *)((const char *)devices + device_defaults[i].array);
        for (uint32_t n = 0; n < array->count; n++)
            if (!device_defaults[i].fill(b, array->items[n]))
                return false;
    }
    fill_ports(ARRAY_OF(&devices->serials), offsetof(struct model_serial, target.port));
    fill_ports(ARRAY_OF(&devices->parallels), offsetof(struct model_parallel, target.port));
    fill_ports(ARRAY_OF(&devices->consoles), offsetof(struct model_console, target.port));
    return add_ps2(b) && add_video(b) && add_audio(b);
}
