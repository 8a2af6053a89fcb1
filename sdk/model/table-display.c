/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a person sees and hears: graphics, video, audio, input. */
#include "model/tables.h"

static const struct model_row listen_rows[] = {
    ATTRIBUTE_ENUM(listen, "type", type, listen_type, .flags = MODEL_ROW_REQUIRED),
    ATTRIBUTE(listen, "address", address, STRING),
    ATTRIBUTE(listen, "network", network, STRING),
    ATTRIBUTE(listen, "socket", socket, STRING),
    ATTRIBUTE(listen, "fromConfig", from_config, YESNO, .flags = MODEL_ROW_LIVE),
};
TYPE(listen);

static const struct model_row gl_rows[] = {
    ATTRIBUTE(gl, "enable", enable, YESNO),
    ATTRIBUTE(gl, "rendernode", rendernode, STRING),
};
TYPE(gl);

static const struct model_row spice_channel_rows[] = {
    ATTRIBUTE(spice_channel, "name", name, STRING, .flags = MODEL_ROW_REQUIRED),
    ATTRIBUTE(spice_channel, "mode", mode, STRING, .flags = MODEL_ROW_REQUIRED),
};
TYPE(spice_channel);

#define GRAPHICS_CHILD(tag, xml, member, how)                                                      \
    static const struct model_row tag##_rows[] = {ATTRIBUTE(graphics, xml, member, how)};          \
    FLAT_TYPE(tag, graphics, tag##_node)

GRAPHICS_CHILD(image, "compression", image_compression, STRING);
GRAPHICS_CHILD(jpeg, "compression", jpeg_compression, STRING);
GRAPHICS_CHILD(zlib, "compression", zlib_compression, STRING);
GRAPHICS_CHILD(playback, "compression", playback_compression, ONOFF);
GRAPHICS_CHILD(streaming, "mode", streaming_mode, STRING);
GRAPHICS_CHILD(mouse, "mode", mouse_mode, STRING);
GRAPHICS_CHILD(clipboard, "copypaste", clipboard_copypaste, YESNO);
GRAPHICS_CHILD(filetransfer, "enable", filetransfer, YESNO);
GRAPHICS_CHILD(audio, "id", audio_id, UINT);

static bool is_remote(const struct model_graphics *graphics)
{
    return graphics->type == MODEL_GRAPHICS_VNC || graphics->type == MODEL_GRAPHICS_SPICE ||
           graphics->type == MODEL_GRAPHICS_RDP;
}

/* A port that was chosen at start is not configuration. */
static bool port_shown(const void *base, uint32_t flags)
{
    const struct model_graphics *graphics = base;
    return !(flags & MODEL_FORMAT_INACTIVE) || graphics->autoport != MODEL_SWITCH_ON ||
           graphics->port.value < 0;
}

static bool tls_port_shown(const void *base, uint32_t flags)
{
    const struct model_graphics *graphics = base;
    return !(flags & MODEL_FORMAT_INACTIVE) || graphics->autoport != MODEL_SWITCH_ON ||
           graphics->tls_port.value < 0;
}

/* Port -1 and autoport say the same; VNC spells out both. SPICE leaves the ports away. */
static void ports_derive(struct model_graphics *graphics)
{
    bool none = !graphics->port.set && !graphics->tls_port.set;
    bool socket = graphics->socket || (graphics->listens.count > 0 &&
                                       graphics->listens.items[0]->type != MODEL_LISTEN_ADDRESS &&
                                       graphics->listens.items[0]->type != MODEL_LISTEN_NETWORK);
    if (graphics->type == MODEL_GRAPHICS_VNC && !socket) {
        if (graphics->autoport == MODEL_SWITCH_UNSET)
            graphics->autoport =
                none || graphics->port.value == -1 ? MODEL_SWITCH_ON : MODEL_SWITCH_OFF;
        if (!graphics->port.set && graphics->autoport == MODEL_SWITCH_ON)
            graphics->port = MODEL_INT(-1);
    }
    if (graphics->type == MODEL_GRAPHICS_SPICE) {
        if (graphics->port.value == -1 && graphics->tls_port.value == -1)
            graphics->autoport = MODEL_SWITCH_ON;
        if (graphics->port.value == -1 && graphics->autoport == MODEL_SWITCH_ON)
            graphics->port = (struct model_int){0};
        if (graphics->tls_port.value == -1 && graphics->autoport == MODEL_SWITCH_ON)
            graphics->tls_port = (struct model_int){0};
    }
}

/* The attribute `listen` and the first <listen> of type address say the same. */
static bool graphics_finish(struct model_arena *arena, void *base)
{
    struct model_graphics *graphics = base;
    if (is_remote(graphics) && graphics->listens.count == 0) {
        struct model_listen *listen = model_arena_alloc(arena, sizeof *listen);
        if (!listen || !model_array_add(arena, (struct model_array *)&graphics->listens, listen))
            return false;
        listen->node.present = true;
        listen->type = graphics->socket ? MODEL_LISTEN_SOCKET : MODEL_LISTEN_ADDRESS;
        listen->socket = graphics->socket;
        listen->address = graphics->listen;
    }
    if (graphics->listens.count > 0 && !graphics->listen &&
        graphics->listens.items[0]->type == MODEL_LISTEN_ADDRESS)
        graphics->listen = graphics->listens.items[0]->address;
    ports_derive(graphics);
    return true;
}

static const struct model_integer port_range = {-1, 65535};

static const struct model_row graphics_rows[] = {
    ATTRIBUTE_ENUM(graphics, "type", type, graphics_type, .flags = MODEL_ROW_REQUIRED),
    ATTRIBUTE(graphics, "display", display, STRING),
    ATTRIBUTE(graphics, "xauth", xauth, STRING),
    ATTRIBUTE(graphics, "fullscreen", fullscreen, YESNO),
    ATTRIBUTE(graphics, "socket", socket, STRING),
    ATTRIBUTE(graphics, "port", port, INT, .detail = &port_range, .shown = port_shown),
    ATTRIBUTE(graphics, "tlsPort", tls_port, INT, .detail = &port_range, .shown = tls_port_shown),
    ATTRIBUTE(graphics, "autoport", autoport, YESNO),
    ATTRIBUTE(graphics, "websocket", websocket, INT, .detail = &port_range),
    ATTRIBUTE(graphics, "websocketGenerated", websocket_generated, STRING, .flags = MODEL_ROW_LIVE),
    ATTRIBUTE(graphics, "p2p", p2p, YESNO),
    ATTRIBUTE(graphics, "address", dbus_address, STRING),
    ATTRIBUTE(graphics, "replaceUser", replace_user, YESNO),
    ATTRIBUTE(graphics, "multiUser", multi_user, YESNO),
    ATTRIBUTE(graphics, "listen", listen, STRING),
    ATTRIBUTE(graphics, "keymap", keymap, STRING),
    ATTRIBUTE_ENUM(graphics, "sharePolicy", share_policy, vnc_share),
    ATTRIBUTE(graphics, "powerControl", power_control, YESNO),
    ATTRIBUTE(graphics, "defaultMode", default_mode, STRING),
    ATTRIBUTE(graphics, "passwd", passwd, STRING, .flags = MODEL_ROW_SECRET),
    ATTRIBUTE(graphics, "passwdValidTo", passwd_valid_to, STRING, .flags = MODEL_ROW_SECRET),
    ATTRIBUTE_ENUM(graphics, "connected", connected, connected_action),
    ITEMS(graphics, "listen", listens, listen),
    ITEMS(graphics, "channel", channels, spice_channel),
    CHILD_FLAT("image", image),
    CHILD_FLAT("jpeg", jpeg),
    CHILD_FLAT("zlib", zlib),
    CHILD_FLAT("playback", playback),
    CHILD_FLAT("streaming", streaming),
    CHILD_FLAT("mouse", mouse),
    CHILD_FLAT("clipboard", clipboard),
    CHILD_FLAT("filetransfer", filetransfer),
    CHILD(graphics, "gl", gl, gl),
    CHILD_FLAT("audio", audio),
    DEVICE_HEAD(graphics),
};
SHARED_TYPE(graphics, graphics, .finish = graphics_finish);

static const struct model_row audio_settings_rows[] = {
    ATTRIBUTE(audio_stream, "frequency", frequency, UINT),
    ATTRIBUTE(audio_stream, "channels", channels, UINT),
    ATTRIBUTE(audio_stream, "format", format, STRING),
};
FLAT_TYPE(audio_settings, audio_stream, settings_node);

static const struct model_row audio_stream_rows[] = {
    ATTRIBUTE(audio_stream, "mixingEngine", mixing_engine, YESNO),
    ATTRIBUTE(audio_stream, "fixedSettings", fixed_settings, YESNO),
    ATTRIBUTE(audio_stream, "voices", voices, UINT),
    ATTRIBUTE(audio_stream, "bufferLength", buffer_length, UINT),
    ATTRIBUTE(audio_stream, "dev", dev, STRING),
    ATTRIBUTE(audio_stream, "name", name, STRING),
    ATTRIBUTE(audio_stream, "serverName", server_name, STRING),
    ATTRIBUTE(audio_stream, "latency", latency, UINT),
    ATTRIBUTE(audio_stream, "tryPoll", try_poll, YESNO),
    ATTRIBUTE(audio_stream, "bufferCount", buffer_count, UINT),
    CHILD_FLAT("settings", audio_settings),
};
TYPE(audio_stream);

static const struct model_row audio_device_rows[] = {
    ATTRIBUTE(audio, "id", id, UINT),
    ATTRIBUTE_ENUM(audio, "type", type, audio_type, .flags = MODEL_ROW_REQUIRED),
    ATTRIBUTE(audio, "timerPeriod", timer_period, UINT),
    ATTRIBUTE(audio, "serverName", server_name, STRING),
    ATTRIBUTE(audio, "runtimeDir", runtime_dir, STRING),
    ATTRIBUTE(audio, "path", path, STRING),
    ATTRIBUTE(audio, "driver", driver, STRING),
    CHILD(audio, "input", input, audio_stream),
    CHILD(audio, "output", output, audio_stream),
};
SHARED_TYPE(audio_device, audio);

static const struct model_row sound_codec_rows[] = {
    ATTRIBUTE(sound_codec, "type", type, STRING, .flags = MODEL_ROW_REQUIRED),
};
TYPE(sound_codec);

static const struct model_row sound_audio_rows[] = {ATTRIBUTE(sound, "id", audio_id, UINT)};
FLAT_TYPE(sound_audio, sound, audio_node);

static const struct model_row sound_rows[] = {
    ATTRIBUTE(sound, "model", model, STRING, .flags = MODEL_ROW_REQUIRED),
    ATTRIBUTE(sound, "multichannel", multichannel, YESNO),
    ITEMS(sound, "codec", codecs, sound_codec),
    CHILD_FLAT("audio", sound_audio),
    DEVICE_ROWS(sound),
};
SHARED_TYPE(sound, sound);

static const struct model_row acceleration_rows[] = {
    ATTRIBUTE(acceleration, "accel3d", accel3d, YESNO),
    ATTRIBUTE(acceleration, "accel2d", accel2d, YESNO),
    ATTRIBUTE(acceleration, "rendernode", rendernode, STRING),
};
TYPE(acceleration);

static const struct model_row resolution_rows[] = {
    ATTRIBUTE(resolution, "x", x, UINT, .flags = MODEL_ROW_REQUIRED),
    ATTRIBUTE(resolution, "y", y, UINT, .flags = MODEL_ROW_REQUIRED),
};
TYPE(resolution);

static const struct model_row video_model_rows[] = {
    ATTRIBUTE(video_model, "type", type, STRING, .flags = MODEL_ROW_REQUIRED),
    ATTRIBUTE(video_model, "ram", ram, UINT),
    ATTRIBUTE(video_model, "vram", vram, UINT),
    ATTRIBUTE(video_model, "vram64", vram64, UINT),
    ATTRIBUTE(video_model, "vgamem", vgamem, UINT),
    ATTRIBUTE(video_model, "heads", heads, UINT),
    ATTRIBUTE(video_model, "primary", primary, YESNO),
    ATTRIBUTE(video_model, "blob", blob, ONOFF),
    CHILD(video_model, "acceleration", acceleration, acceleration),
    CHILD(video_model, "resolution", resolution, resolution),
};
TYPE(video_model);

static const struct model_row video_driver_rows[] = {
    ATTRIBUTE(video_driver, "name", name, STRING),
    ATTRIBUTE_ENUM(video_driver, "vgaconf", vgaconf, video_vgaconf),
    VIRTIO_ROWS(video_driver, virtio),
};
TYPE(video_driver);

static const struct model_row video_rows[] = {
    CHILD(video, "driver", driver, video_driver),
    CHILD(video, "model", model, video_model),
    DEVICE_ROWS(video),
};
SHARED_TYPE(video, video);

static const struct model_row input_source_rows[] = {
    ATTRIBUTE(input_source, "evdev", evdev, STRING),
    ATTRIBUTE(input_source, "dev", dev, STRING),
    ATTRIBUTE_ENUM(input_source, "grab", grab, input_grab),
    ATTRIBUTE(input_source, "grabToggle", grab_toggle, STRING),
    ATTRIBUTE(input_source, "repeat", repeat, ONOFF),
};
TYPE(input_source);

static const struct model_row input_rows[] = {
    ATTRIBUTE_ENUM(input, "type", type, input_type, .flags = MODEL_ROW_REQUIRED),
    ATTRIBUTE_ENUM(input, "bus", bus, input_bus),
    ATTRIBUTE(input, "model", model, STRING),
    CHILD(input, "driver", driver, driver_virtio),
    CHILD(input, "source", source, input_source),
    DEVICE_ROWS(input),
};
SHARED_TYPE(input, input);
