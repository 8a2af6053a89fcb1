/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Displays: video cards, the servers that show them, and input devices. */
#include "command/device.h"

#include <time.h>

#define GRAPHICS "devices/graphics"
#define VIDEO "devices/video"
#define INPUT "devices/input"
#define PORT_FIRST 5900
#define PORT_LAST 65535
#define LOOPBACK "127.0.0.1"

/* ---- servers ---- */

static const struct model_listen *first_listen(const struct model_graphics *graphics)
{
    return graphics->listens.count > 0 ? graphics->listens.items[0] : NULL;
}

static const char *socket_of(const struct model_graphics *graphics)
{
    const struct model_listen *listen = first_listen(graphics);
    return graphics->socket ? graphics->socket : listen ? listen->socket : NULL;
}

/* A listen element of type socket without a path gets one in the domain's directory. */
static bool fix_socket(struct build *b, struct model_graphics *graphics, const char *name)
{
    struct model_listen *listen = graphics->listens.count > 0 ? graphics->listens.items[0] : NULL;
    if (!listen || listen->type != MODEL_LISTEN_SOCKET || socket_of(graphics) || b->dry)
        return true;
    listen->socket = build_text_format(b, "%s/%s.sock", b->in->runtime_directory, name);
    return listen->socket != NULL;
}

static bool fix_address(struct build *b, struct model_graphics *graphics, const char **out)
{
    struct model_listen *listen = graphics->listens.count > 0 ? graphics->listens.items[0] : NULL;
    if (listen && listen->type == MODEL_LISTEN_NETWORK)
        return build_refuse(b, &listen->node, GRAPHICS "/listen",
                            "listening on a network's address is not supported: "
                            "name the address");
    if (listen && !listen->address && !b->dry) {
        listen->address = LOOPBACK;
        graphics->listen = LOOPBACK;
    }
    *out = listen && listen->address ? listen->address : LOOPBACK;
    return true;
}

static bool fix_port(struct build *b, struct model_graphics *graphics, uint16_t *out)
{
    bool any =
        graphics->autoport == MODEL_SWITCH_ON || !graphics->port.set || graphics->port.value == -1;
    *out = any ? PORT_FIRST : (uint16_t)graphics->port.value;
    if (!any && (graphics->port.value < PORT_FIRST || graphics->port.value > PORT_LAST))
        return build_refuse(b, &graphics->device.node, GRAPHICS "/@port", "ports are %d to %d",
                            PORT_FIRST, PORT_LAST);
    if (b->dry)
        return true;
    if (b->in->take_port && !b->in->take_port(b->in->user, any ? 0 : *out, any ? PORT_FIRST : *out,
                                              any ? PORT_LAST : *out, out, b->err))
        return false;
    graphics->port = MODEL_INT(*out);
    return true;
}

static const char *protocol_of(const struct model_graphics *graphics)
{
    return graphics->type == MODEL_GRAPHICS_VNC ? "vnc" : "spice";
}

json_t *graphics_password(const struct model_graphics *graphics)
{
    json_t *json = json_pack("{s:s,s:s}", "protocol", protocol_of(graphics), "password",
                             graphics->passwd ? graphics->passwd : "");
    if (graphics->connected)
        json_put_string(json, "connected",
                        model_word(&model_connected_action_words, graphics->connected));
    return json;
}

/* QEMU counts seconds since 1970; the XML writes a UTC date. */
bool graphics_expiry(const struct model_graphics *graphics, char out[GRAPHICS_EXPIRY_SIZE])
{
    snprintf(out, GRAPHICS_EXPIRY_SIZE, "never");
    if (!graphics->passwd_valid_to)
        return true;
    struct tm parts = {0};
    const char *end = strptime(graphics->passwd_valid_to, "%Y-%m-%dT%H:%M:%S", &parts);
    if (!end || *end)
        return false;
    snprintf(out, GRAPHICS_EXPIRY_SIZE, "%lld", (long long)timegm(&parts));
    return true;
}

/* The password goes over the monitor: an argument vector is everybody's to read. */
static bool set_password(struct build *b, const struct model_graphics *graphics)
{
    char until[GRAPHICS_EXPIRY_SIZE];
    if (!graphics_expiry(graphics, until))
        return build_refuse(b, &graphics->device.node, GRAPHICS "/@passwdValidTo",
                            "'%s' is no date like 2030-12-31T23:59:59", graphics->passwd_valid_to);
    if (!graphics->passwd)
        return true;
    return build_setup(b, "set_password", graphics_password(graphics)) &&
           (!graphics->passwd_valid_to ||
            build_setup(b, "expire_password",
                        json_pack("{s:s,s:s}", "protocol", protocol_of(graphics), "time", until)));
}

static const char *audio_name(const struct build *b, struct model_uint id, char text[32])
{
    const struct model_devices *devices = &b->domain->devices;
    if (!id.set && devices->audios.count == 0)
        return NULL;
    snprintf(text, 32, "audio%u",
             (unsigned)(id.set ? id.value : devices->audios.items[0]->id.value));
    return text;
}

static bool add_vnc(struct build *b, struct model_graphics *graphics)
{
    const struct model_listen *listen = first_listen(graphics);
    const char *address = NULL;
    uint16_t port = 0;
    if (!fix_socket(b, graphics, "vnc"))
        return false;
    auto_free char *where = NULL;
    if (listen && listen->type == MODEL_LISTEN_NONE)
        where = strdup("none");
    else if (socket_of(graphics))
        where = string_format("unix:%s", socket_of(graphics));
    else if (fix_address(b, graphics, &address) && fix_port(b, graphics, &port))
        where =
            string_format(strchr(address, ':') ? "[%s]:%u" : "%s:%u", address, port - PORT_FIRST);
    else
        return false;
    json_t *json = where ? json_pack("{s:s}", "vnc", where) : NULL;
    char audio[32];
    if (graphics->share_policy)
        json_put_string(json, "share", model_word(&model_vnc_share_words, graphics->share_policy));
    if (graphics->passwd)
        json_object_set_new(json, "password", json_true());
    json_put_onoff(json, "power-control", graphics->power_control);
    if (graphics->websocket.set && graphics->websocket.value == -1)
        json_object_set_new(json, "websocket", json_true());
    else if (graphics->websocket.set)
        json_object_set_new(json, "websocket", json_integer(graphics->websocket.value));
    json_put_string(json, "audiodev", audio_name(b, graphics->audio_id, audio));
    return build_option_keyval(b, "-vnc", "vnc", json) &&
           (!graphics->keymap || build_option(b, "-k", graphics->keymap)) &&
           set_password(b, graphics);
}

/* Options that only have to be spelt. */
static void put_spice_options(json_t *json, const struct model_graphics *graphics)
{
    json_put_string(json, "image-compression", graphics->image_compression);
    json_put_string(json, "jpeg-wan-compression", graphics->jpeg_compression);
    json_put_string(json, "zlib-glz-wan-compression", graphics->zlib_compression);
    json_put_onoff(json, "playback-compression", graphics->playback_compression);
    json_put_string(json, "streaming-video", graphics->streaming_mode);
    if (graphics->mouse_mode)
        json_put_string(json, "agent-mouse",
                        strcmp(graphics->mouse_mode, "client") == 0 ? "on" : "off");
    if (graphics->clipboard_copypaste == MODEL_SWITCH_OFF)
        json_object_set_new(json, "disable-copy-paste", json_true());
    if (graphics->filetransfer == MODEL_SWITCH_OFF)
        json_object_set_new(json, "disable-agent-file-xfer", json_true());
    json_put_onoff(json, "gl", graphics->gl.enable);
    json_put_string(json, "rendernode", graphics->gl.rendernode);
}

static bool check_spice(struct build *b, const struct model_graphics *graphics)
{
    if (!caps_has_command(b->caps, "query-spice"))
        return build_refuse(b, &graphics->device.node, GRAPHICS,
                            "%s was built without SPICE: use type='vnc'", caps_get_path(b->caps));
    bool secure = (graphics->tls_port.set && graphics->tls_port.value > 0) ||
                  string_equal(graphics->default_mode, "secure");
    MODEL_FOR_EACH(&graphics->channels, struct model_spice_channel, channel)
    secure = secure || string_equal(channel->mode, "secure");
    return !secure ||
           build_refuse(b, &graphics->device.node, GRAPHICS, "SPICE with TLS is not supported");
}

static bool add_spice(struct build *b, struct model_graphics *graphics)
{
    const struct model_listen *listen = first_listen(graphics);
    const char *address = NULL;
    uint16_t port = 0;
    if (!check_spice(b, graphics) || !fix_socket(b, graphics, "spice"))
        return false;
    json_t *json = json_object();
    if (socket_of(graphics)) {
        json_object_set_new(json, "unix", json_true());
        json_put_string(json, "addr", socket_of(graphics));
    } else if (!listen || listen->type != MODEL_LISTEN_NONE) {
        if (!fix_address(b, graphics, &address) || !fix_port(b, graphics, &port)) {
            json_decref(json);
            return false;
        }
        json_object_set_new(json, "port", json_integer(port));
        json_put_string(json, "addr", address);
    }
    if (!graphics->passwd)
        json_object_set_new(json, "disable-ticketing", json_true());
    put_spice_options(json, graphics);
    json_object_set_new(json, "seamless-migration", json_true());
    return build_option_keyval(b, "-spice", NULL, json) &&
           (!graphics->keymap || build_option(b, "-k", graphics->keymap)) &&
           set_password(b, graphics);
}

static bool add_headless(struct build *b, struct model_graphics *graphics)
{
    json_t *json =
        json_pack("{s:s,s:s*}", "type", "egl-headless", "rendernode", graphics->gl.rendernode);
    return build_option_keyval(b, "-display", "type", json);
}

bool graphics_build(struct build *b, void *device)
{
    struct model_graphics *graphics = device;
    switch (graphics->type) {
    case MODEL_GRAPHICS_VNC:
        return add_vnc(b, graphics);
    case MODEL_GRAPHICS_SPICE:
        return add_spice(b, graphics);
    case MODEL_GRAPHICS_EGL_HEADLESS:
        return add_headless(b, graphics);
    case MODEL_GRAPHICS_UNSET:
    case MODEL_GRAPHICS_SDL:
    case MODEL_GRAPHICS_RDP:
    case MODEL_GRAPHICS_DESKTOP:
    case MODEL_GRAPHICS_DBUS:
        break;
    }
    const char *type = model_word(&model_graphics_type_words, graphics->type);
    return build_refuse(b, &graphics->device.node, GRAPHICS,
                        "displays of type '%s' are not supported: use vnc or spice",
                        type ? type : "");
}

/* ---- video cards ---- */

enum {
    VIDEO_VGA = 1,
    VIDEO_QXL = 2,
    VIDEO_VIRTIO = 4,
    VIDEO_BOCHS = 8,
    VIDEO_OTHER = 16,
};

static const struct video_model {
    const char *type;
    const char *primary;
    const char *secondary; /* NULL: it can only be the first */
    uint32_t variant;
} video_models[] = {
    {"vga", "VGA", "secondary-vga", VIDEO_VGA},
    {"cirrus", "cirrus-vga", NULL, VIDEO_OTHER},
    {"vmvga", "vmware-svga", NULL, VIDEO_VGA},
    {"qxl", "qxl-vga", "qxl", VIDEO_QXL},
    {"virtio", "virtio-vga", "virtio-gpu-pci", VIDEO_VIRTIO},
    {"bochs", "bochs-display", "bochs-display", VIDEO_BOCHS},
    {"ramfb", "ramfb", NULL, VIDEO_OTHER},
};

static const struct video_model *find_video(const char *type)
{
    for (size_t i = 0; i < ARRAY_SIZE(video_models); i++)
        if (string_equal(video_models[i].type, type))
            return &video_models[i];
    return NULL;
}

#define ROW(member, qemu, xml, kind, mask)                                                         \
    PROPERTY_OF(struct model_video, member, qemu, xml, kind, mask)

static const struct property video_rows[] = {
    ROW(model.heads, "max_outputs", "model/@heads", PROPERTY_UINT, VIDEO_VIRTIO | VIDEO_QXL),
    ROW(model.resolution.x, "xres", "model/resolution", PROPERTY_UINT,
        VIDEO_VIRTIO | VIDEO_VGA | VIDEO_QXL | VIDEO_BOCHS),
    ROW(model.resolution.y, "yres", "model/resolution", PROPERTY_UINT,
        VIDEO_VIRTIO | VIDEO_VGA | VIDEO_QXL | VIDEO_BOCHS),
    ROW(model.blob, "blob", "model/@blob", PROPERTY_BOOL, VIDEO_VIRTIO),
    ROW(driver.virtio.iommu, "iommu_platform", "driver/@iommu", PROPERTY_BOOL, VIDEO_VIRTIO),
    ROW(driver.virtio.ats, "ats", "driver/@ats", PROPERTY_BOOL, VIDEO_VIRTIO),
    ROW(driver.virtio.packed, "packed", "driver/@packed", PROPERTY_BOOL, VIDEO_VIRTIO),
    ROW(driver.virtio.page_per_vq, "page-per-vq", "driver/@page_per_vq", PROPERTY_BOOL,
        VIDEO_VIRTIO),
    ROW(model.ram, NULL, "model/@ram", PROPERTY_UINT, VIDEO_QXL),
    ROW(model.vram64, NULL, "model/@vram64", PROPERTY_UINT, VIDEO_QXL),
    ROW(model.vgamem, NULL, "model/@vgamem", PROPERTY_UINT, VIDEO_QXL),
};

static void put_bytes(json_t *json, const char *key, struct model_uint kib, uint64_t unit)
{
    if (kib.set)
        json_object_set_new(json, key, json_integer((json_int_t)(kib.value * 1024 / unit)));
}

/* A card's memory: libvirt's "vram" is what the card calls its video memory. */
static void put_memory(json_t *json, const struct model_video_model *model, uint32_t variant)
{
    const uint64_t mib = 1 << 20;
    switch (variant) {
    case VIDEO_QXL:
        put_bytes(json, "ram_size", model->ram, 1);
        put_bytes(json, "vram_size", model->vram, 1);
        put_bytes(json, "vram64_size_mb", model->vram64, mib);
        put_bytes(json, "vgamem_mb", model->vgamem, mib);
        break;
    case VIDEO_VGA:
        put_bytes(json, "vgamem_mb", model->vram, mib);
        break;
    case VIDEO_BOCHS:
        put_bytes(json, "vgamem", model->vram, 1);
        break;
    }
}

static const char *video_driver(struct build *b, const struct model_video *video,
                                const struct video_model *model)
{
    bool primary = video->model.primary == MODEL_SWITCH_ON;
    const char *driver = primary ? model->primary : model->secondary;
    if (!driver) {
        build_refuse(b, &video->device.node, VIDEO,
                     "a card of type '%s' can only be the primary one", model->type);
        return NULL;
    }
    if (video->model.acceleration.accel3d != MODEL_SWITCH_ON)
        return driver;
    if (model->variant != VIDEO_VIRTIO) {
        build_refuse(b, &video->model.acceleration.node, VIDEO "/model/acceleration",
                     "3D needs type 'virtio'");
        return NULL;
    }
    return primary ? "virtio-vga-gl" : "virtio-gpu-gl-pci";
}

bool video_build(struct build *b, void *device)
{
    struct model_video *video = device;
    if (string_equal(video->model.type, "none"))
        return true;
    const struct video_model *model = find_video(video->model.type);
    if (!model)
        return build_refuse(b, &video->model.node, VIDEO "/model",
                            "video cards of type '%s' are not supported", video->model.type);
    if (video->driver.name && strcmp(video->driver.name, "qemu") != 0)
        return build_refuse(b, &video->driver.node, VIDEO "/driver/@name", "it is 'qemu', not '%s'",
                            video->driver.name);
    const char *driver = video_driver(b, video, model);
    if (!driver || !build_need_device(b, &video->device.node, VIDEO, driver))
        return false;
    json_t *json = json_pack("{s:s}", "driver", driver);
    struct model_video shown = *video;
    if (model->variant & (VIDEO_VGA | VIDEO_BOCHS | VIDEO_OTHER))
        shown.model.heads.set = shown.model.heads.set && shown.model.heads.value != 1;
    if (!json || !build_properties(b, json, video_rows, ARRAY_SIZE(video_rows), &shown,
                                   model->variant, &video->device.node, VIDEO)) {
        json_decref(json);
        return false;
    }
    put_memory(json, &video->model, model->variant);
    return build_device(b, &video->device, json);
}

/* ---- input ---- */

static const struct {
    enum model_input_bus bus;
    enum model_input_type type;
    const char *driver; /* NULL: part of the machine */
} input_models[] = {
    {MODEL_INPUT_BUS_PS2, MODEL_INPUT_MOUSE, NULL},
    {MODEL_INPUT_BUS_PS2, MODEL_INPUT_KEYBOARD, NULL},
    {MODEL_INPUT_BUS_USB, MODEL_INPUT_MOUSE, "usb-mouse"},
    {MODEL_INPUT_BUS_USB, MODEL_INPUT_TABLET, "usb-tablet"},
    {MODEL_INPUT_BUS_USB, MODEL_INPUT_KEYBOARD, "usb-kbd"},
    {MODEL_INPUT_BUS_VIRTIO, MODEL_INPUT_MOUSE, "virtio-mouse-pci"},
    {MODEL_INPUT_BUS_VIRTIO, MODEL_INPUT_TABLET, "virtio-tablet-pci"},
    {MODEL_INPUT_BUS_VIRTIO, MODEL_INPUT_KEYBOARD, "virtio-keyboard-pci"},
    {MODEL_INPUT_BUS_VIRTIO, MODEL_INPUT_PASSTHROUGH, "virtio-input-host-pci"},
};

static bool add_evdev(struct build *b, const struct model_input *input)
{
    json_t *json = json_pack("{s:s,s:s,s:s*}", "qom-type", "input-linux", "id",
                             input->device.alias.name, "evdev", input->source.dev);
    json_put_bool(json, "repeat", input->source.repeat);
    if (input->source.grab == MODEL_INPUT_GRAB_ALL)
        json_object_set_new(json, "grab_all", json_true());
    json_put_string(json, "grab-toggle", input->source.grab_toggle);
    return build_part(b, PART_OBJECT, json);
}

bool input_build(struct build *b, void *device)
{
    struct model_input *input = device;
    if (input->type == MODEL_INPUT_EVDEV)
        return add_evdev(b, input);
    for (size_t i = 0; i < ARRAY_SIZE(input_models); i++) {
        if (input_models[i].bus != input->bus || input_models[i].type != input->type)
            continue;
        const char *driver = input_models[i].driver;
        if (!driver)
            return true;
        if (input->bus == MODEL_INPUT_BUS_VIRTIO && input->model &&
            strcmp(input->model, "virtio") != 0 &&
            strcmp(input->model, "virtio-non-transitional") != 0)
            return build_refuse(b, &input->device.node, INPUT,
                                "virtio input devices have no model '%s'", input->model);
        if (!build_need_device(b, &input->device.node, INPUT, driver))
            return false;
        json_t *json = json_pack("{s:s}", "driver", driver);
        json_put_virtio(json, &input->driver.virtio);
        if (input->type == MODEL_INPUT_PASSTHROUGH)
            json_put_string(json, "evdev", input->source.evdev);
        return build_device(b, &input->device, json);
    }
    return build_refuse(b, &input->device.node, INPUT, "a %s on bus '%s' is not possible",
                        model_word(&model_input_type_words, input->type),
                        model_word(&model_input_bus_words, input->bus));
}
