/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Sound cards and where their sound goes. */
#include "command/device.h"

#define SOUND "devices/sound"
#define AUDIO "devices/audio"

static const struct sound_model {
    const char *model;
    const char *driver;
    bool codecs;
} sound_models[] = {
    {"ich6", "intel-hda", true}, {"ich9", "ich9-intel-hda", true}, {"ac97", "AC97", false},
    {"es1370", "ES1370", false}, {"sb16", "sb16", false},          {"usb", "usb-audio", false},
};

static bool put_audio(struct build *b, json_t *json, const struct model_sound *sound)
{
    const struct model_devices *devices = &b->domain->devices;
    if (devices->audios.count == 0)
        return true;
    uint64_t id = sound->audio_id.set ? sound->audio_id.value : devices->audios.items[0]->id.value;
    MODEL_FOR_EACH(&devices->audios, struct model_audio, audio)
    if (audio->id.value == id) {
        char name[32];
        snprintf(name, sizeof name, "audio%u", (unsigned)id);
        json_put_string(json, "audiodev", name);
        return true;
    }
    return build_refuse(b, &sound->audio_node, SOUND "/audio", "there is no <audio> with id %u",
                        (unsigned)id);
}

static bool add_codec(struct build *b, const struct model_sound *sound, const char *type,
                      unsigned number)
{
    static const char *const types[] = {"duplex", "micro", "output"};
    bool known = false;
    for (size_t i = 0; i < ARRAY_SIZE(types); i++)
        known = known || strcmp(types[i], type) == 0;
    if (!known)
        return build_refuse(b, &sound->device.node, SOUND "/codec", "codec '%s' is not known",
                            type);
    auto_free char *driver = string_format("hda-%s", type);
    auto_free char *id = string_format("%s-codec%u", sound->device.alias.name, number);
    auto_free char *bus = string_format("%s.0", sound->device.alias.name);
    json_t *json = driver && id && bus ? json_pack("{s:s,s:s,s:s,s:i}", "driver", driver, "id", id,
                                                   "bus", bus, "cad", (int)number)
                                       : NULL;
    if (json && !put_audio(b, json, sound)) {
        json_decref(json);
        return false;
    }
    return build_part(b, PART_DEVICE, json);
}

static bool add_codecs(struct build *b, const struct model_sound *sound)
{
    unsigned number = 0;
    MODEL_FOR_EACH(&sound->codecs, struct model_sound_codec, codec)
    if (!add_codec(b, sound, codec->type ? codec->type : "", number++))
        return false;
    return number > 0 || add_codec(b, sound, "duplex", 0);
}

bool sound_build(struct build *b, void *device)
{
    struct model_sound *sound = device;
    for (size_t i = 0; i < ARRAY_SIZE(sound_models); i++) {
        const struct sound_model *model = &sound_models[i];
        if (!string_equal(model->model, sound->model))
            continue;
        if (!build_need_device(b, &sound->device.node, SOUND, model->driver))
            return false;
        json_t *json = json_pack("{s:s}", "driver", model->driver);
        if (strcmp(model->model, "usb") == 0)
            json_put_bool(json, "multi", sound->multichannel);
        if (!model->codecs && !put_audio(b, json, sound)) {
            json_decref(json);
            return false;
        }
        return build_device(b, &sound->device, json) && (!model->codecs || add_codecs(b, sound));
    }
    return build_refuse(b, &sound->device.node, SOUND,
                        "sound cards of model '%s' are not supported",
                        sound->model ? sound->model : "");
}

/* ---- backends ---- */

static const struct {
    enum model_audio_type type;
    const char *driver;
} backends[] = {
    {MODEL_AUDIO_NONE, "none"},     {MODEL_AUDIO_ALSA, "alsa"},   {MODEL_AUDIO_OSS, "oss"},
    {MODEL_AUDIO_PULSEAUDIO, "pa"}, {MODEL_AUDIO_SPICE, "spice"}, {MODEL_AUDIO_FILE, "wav"},
    {MODEL_AUDIO_JACK, "jack"},     {MODEL_AUDIO_DBUS, "dbus"},
};

#define ROW(member, qemu, xml, kind)                                                               \
    PROPERTY_OF(struct model_audio_stream, member, qemu, xml, kind, 0)

static const struct property stream_rows[] = {
    ROW(mixing_engine, "mixing-engine", "@mixingEngine", PROPERTY_BOOL),
    ROW(fixed_settings, "fixed-settings", "@fixedSettings", PROPERTY_BOOL),
    ROW(voices, "voices", "@voices", PROPERTY_UINT),
    ROW(buffer_length, "buffer-length", "@bufferLength", PROPERTY_UINT),
    ROW(dev, "dev", "@dev", PROPERTY_STRING),
    ROW(frequency, "frequency", "settings/@frequency", PROPERTY_UINT),
    ROW(channels, "channels", "settings/@channels", PROPERTY_UINT),
    ROW(format, "format", "settings/@format", PROPERTY_STRING),
};

static bool put_stream(struct build *b, json_t *json, const char *key,
                       const struct model_audio_stream *stream)
{
    if (!stream->node.present)
        return true;
    json_t *member = json_object();
    if (!member || !build_properties(b, member, stream_rows, ARRAY_SIZE(stream_rows), stream, 0,
                                     &stream->node, AUDIO)) {
        json_decref(member);
        return false;
    }
    json_object_set_new(json, key, member);
    return true;
}

bool audio_build(struct build *b, void *device)
{
    const struct model_audio *audio = device;
    const char *driver = NULL;
    for (size_t i = 0; i < ARRAY_SIZE(backends); i++)
        if (backends[i].type == audio->type)
            driver = backends[i].driver;
    if (!driver)
        return build_refuse(b, &audio->device.node, AUDIO, "audio of type '%s' is not supported",
                            model_word(&model_audio_type_words, audio->type));
    char id[32];
    snprintf(id, sizeof id, "audio%u", (unsigned)audio->id.value);
    json_t *json = json_pack("{s:s,s:s}", "id", id, "driver", driver);
    json_put_uint(json, "timer-period", audio->timer_period);
    if (audio->type == MODEL_AUDIO_FILE)
        json_put_string(json, "path", audio->path);
    if (audio->type == MODEL_AUDIO_PULSEAUDIO)
        json_put_string(json, "server", audio->server_name);
    if (!json || !put_stream(b, json, "in", &audio->input) ||
        !put_stream(b, json, "out", &audio->output)) {
        json_decref(json);
        return false;
    }
    return build_part(b, PART_AUDIODEV, json);
}
