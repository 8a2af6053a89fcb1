/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Serial and parallel ports, consoles, channels, and what else ends in a character device. */
#include "command/device.h"

#define AGENT_CHANNEL "org.qemu.guest_agent.0"

static const struct {
    const char *type;  /* <target type> */
    const char *model; /* <model name> */
    const char *driver;
} serial_models[] = {
    {"isa-serial", "isa-serial", "isa-serial"},
    {"pci-serial", "pci-serial", "pci-serial"},
    {"usb-serial", "usb-serial", "usb-serial"},
    {"isa-debug", "isa-debugcon", "isa-debugcon"},
};

static const char *serial_driver(const struct model_chardev_target *target)
{
    for (size_t i = 0; i < ARRAY_SIZE(serial_models); i++)
        if (string_equal(serial_models[i].type, target->type) &&
            (!target->model || strcmp(serial_models[i].model, target->model) == 0))
            return serial_models[i].driver;
    return NULL;
}

/* The device itself, behind whose "char" + alias the host's end is. */
static json_t *chardev_device(const char *driver, const char *alias)
{
    auto_free char *id = string_format("char%s", alias);
    return id ? json_pack("{s:s,s:s}", "driver", driver, "chardev", id) : NULL;
}

bool serial_build(struct build *b, void *device)
{
    struct model_serial *serial = device;
    const char *element = "devices/serial";
    const char *driver = serial_driver(&serial->target);
    if (!driver)
        return build_refuse(b, &serial->device.node, element,
                            "a PC has no serial ports of type '%s', model '%s'",
                            serial->target.type, serial->target.model ? serial->target.model : "");
    if (!build_need_device(b, &serial->device.node, element, driver) ||
        !chardev_add(b, &serial->chardev, serial->device.alias.name, NULL, &serial->device.node,
                     element))
        return false;
    json_t *json = chardev_device(driver, serial->device.alias.name);
    if (strcmp(driver, "isa-serial") == 0)
        json_put_uint(json, "index", serial->target.port);
    return build_device(b, &serial->device, json);
}

bool parallel_build(struct build *b, void *device)
{
    struct model_parallel *parallel = device;
    if (!chardev_add(b, &parallel->chardev, parallel->device.alias.name, NULL,
                     &parallel->device.node, "devices/parallel"))
        return false;
    return build_device(b, &parallel->device,
                        chardev_device("isa-parallel", parallel->device.alias.name));
}

/* A console of type serial is the first serial port, which is there already. */
bool console_build(struct build *b, void *device)
{
    struct model_console *console = device;
    const char *element = "devices/console";
    bool first = b->domain->devices.consoles.items[0] == console;
    bool serial = console->target.console <= MODEL_CONSOLE_SERIAL;
    if (serial && first)
        return true;
    if (console->target.console != MODEL_CONSOLE_VIRTIO)
        return build_refuse(
            b, &console->device.node, element,
            serial
                ? "only the first console can be of type serial: further ones are <serial> devices"
                : "consoles of a PC are of type serial or virtio");
    if (!chardev_add(b, &console->chardev, console->device.alias.name, NULL, &console->device.node,
                     element))
        return false;
    return build_device(b, &console->device,
                        chardev_device("virtconsole", console->device.alias.name));
}

static bool note_agent(struct build *b, const struct model_channel *channel)
{
    if (b->dry || channel->chardev.type != MODEL_CHARDEV_UNIX ||
        !string_equal(channel->target.name, AGENT_CHANNEL) || channel->chardev.sources.count == 0 ||
        b->out->agent_path)
        return true;
    b->out->agent_path = strdup(channel->chardev.sources.items[0]->path);
    return b->out->agent_path || hvk_error_memory(b->err);
}

/* A port's name is the guest's to choose devices by; as a file name it may have no slash. */
static const char *channel_file(const struct model_channel *channel)
{
    const char *name = channel->target.name;
    return name && name[0] != '.' && !strchr(name, '/') ? name : channel->device.alias.name;
}

bool channel_build(struct build *b, void *device)
{
    struct model_channel *channel = device;
    const char *element = "devices/channel";
    if (channel->target.channel != MODEL_CHANNEL_VIRTIO)
        return build_refuse(b, &channel->device.node, element,
                            "channels with a target of type virtio are supported");
    if (!chardev_add(b, &channel->chardev, channel->device.alias.name, channel_file(channel),
                     &channel->device.node, element))
        return false;
    json_t *json = chardev_device("virtserialport", channel->device.alias.name);
    bool spice = channel->chardev.type == MODEL_CHARDEV_SPICEVMC;
    json_put_string(json, "name",
                    channel->target.name ? channel->target.name
                    : spice              ? "com.redhat.spice.0"
                                         : NULL);
    return note_agent(b, channel) && build_device(b, &channel->device, json);
}

bool smartcard_build(struct build *b, void *device)
{
    struct model_smartcard *card = device;
    const char *element = "devices/smartcard";
    if (card->mode != MODEL_SMARTCARD_PASSTHROUGH)
        return build_refuse(b, &card->device.node, element,
                            "mode passthrough is supported, not '%s'",
                            model_word(&model_smartcard_mode_words, card->mode));
    if (!build_need_device(b, &card->device.node, element, "ccid-card-passthru") ||
        !chardev_add(b, &card->chardev, card->device.alias.name, NULL, &card->device.node, element))
        return false;
    return build_device(b, &card->device,
                        chardev_device("ccid-card-passthru", card->device.alias.name));
}

bool redirdev_build(struct build *b, void *device)
{
    struct model_redirdev *redirdev = device;
    const char *element = "devices/redirdev";
    if (!build_need_device(b, &redirdev->device.node, element, "usb-redir") ||
        !chardev_add(b, &redirdev->chardev, redirdev->device.alias.name, NULL,
                     &redirdev->device.node, element))
        return false;
    return build_device(b, &redirdev->device,
                        chardev_device("usb-redir", redirdev->device.alias.name));
}
