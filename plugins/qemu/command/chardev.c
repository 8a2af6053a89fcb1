/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The host's end of a character device, as QMP's ChardevBackend; -chardev takes the same as a flat
 * list of keys, which the table at the end translates. */
#include "command/device.h"

#define UNIX_PATH_MAX 107 /* bytes of a socket's path without NUL */

struct end {
    struct build *b;
    struct model_chardev *chardev;
    struct model_chardev_source *source; /* the first, or an empty one */
    const char *alias;
    const char *fallback;
    const struct model_node *node;
    const char *element;
};

static json_t *refuse(const struct end *end, const char *text)
{
    build_refuse(end->b, end->node, end->element, "%s", text);
    return NULL;
}

static bool is_server(const struct end *end)
{
    return end->source->mode == MODEL_SOURCE_MODE_BIND;
}

static void put_stream(const struct end *end, json_t *data)
{
    bool server = is_server(end);
    json_object_set_new(data, "server", json_boolean(server));
    if (server)
        json_object_set_new(data, "wait", json_false());
    else if (end->source->reconnect == MODEL_SWITCH_ON)
        json_put_uint(data, "reconnect", end->source->reconnect_timeout);
}

/* ---- kinds of ends ---- */

static json_t *no_data(const struct end *end)
{
    (void)end;
    return json_object();
}

static json_t *file_data(const struct end *end)
{
    json_t *data = end->source->path ? json_pack("{s:s}", "out", end->source->path)
                                     : refuse(end, "type 'file' needs a path");
    if (data)
        json_put_bool(data, "append", end->source->append);
    return data;
}

static json_t *path_data(const struct end *end)
{
    return end->source->path ? json_pack("{s:s}", "device", end->source->path)
                             : refuse(end, "its <source> needs a path");
}

/* A socket without a path of its own is made in the domain's directory, and noted there. */
static const char *socket_path(const struct end *end)
{
    struct build *b = end->b;
    if (end->source->path || !end->fallback)
        return end->source->path;
    const char *path = build_text_format(b, "%s/%s", b->in->runtime_directory, end->fallback);
    if (!path || b->dry)
        return path;
    end->source->node.present = true;
    end->source->mode = MODEL_SOURCE_MODE_BIND;
    end->source->path = path;
    if (end->chardev->sources.count == 0 && !build_append(b, &end->chardev->sources, end->source))
        return NULL;
    return path;
}

static json_t *unix_data(const struct end *end)
{
    const char *path = socket_path(end);
    if (!path)
        return refuse(end, "type 'unix' needs a path");
    if (strlen(path) > UNIX_PATH_MAX)
        return refuse(end, "the path of its socket is longer than 107 bytes");
    json_t *data = json_pack("{s:{s:s,s:{s:s}}}", "addr", "type", "unix", "data", "path", path);
    bool made = end->fallback && end->source->mode == MODEL_SOURCE_MODE_UNSET;
    if (data && made)
        json_object_update_new(data, json_pack("{s:b,s:b}", "server", 1, "wait", 0));
    else if (data)
        put_stream(end, data);
    return data;
}

static json_t *tcp_data(const struct end *end)
{
    const struct model_chardev_source *source = end->source;
    if (!source->host || !source->service)
        return refuse(end, "type 'tcp' needs a host and a service");
    enum model_chardev_protocol protocol = end->chardev->protocol.type;
    if (protocol > MODEL_CHARDEV_PROTOCOL_TELNET || source->tls == MODEL_SWITCH_ON)
        return refuse(end, "TLS is not supported for character devices");
    json_t *data = json_pack("{s:{s:s,s:{s:s,s:s}}}", "addr", "type", "inet", "data", "host",
                             source->host, "port", source->service);
    if (data && protocol == MODEL_CHARDEV_PROTOCOL_TELNET)
        json_object_set_new(data, "telnet", json_true());
    if (data)
        put_stream(end, data);
    return data;
}

/* Two sources: where to send to and, when bound, where to listen. */
static json_t *udp_data(const struct end *end)
{
    const struct model_chardev_source *remote = NULL, *local = NULL;
    MODEL_FOR_EACH(&end->chardev->sources, struct model_chardev_source, source)
    *(source->mode == MODEL_SOURCE_MODE_BIND ? &local : &remote) = source;
    if (!remote || !remote->service)
        return refuse(end, "type 'udp' needs a <source mode='connect'> with a service");
    json_t *data = json_pack("{s:{s:s,s:{s:s,s:s}}}", "remote", "type", "inet", "data", "host",
                             remote->host ? remote->host : "127.0.0.1", "port", remote->service);
    if (data && local)
        json_object_set_new(data, "local",
                            json_pack("{s:s,s:{s:s,s:s}}", "type", "inet", "data", "host",
                                      local->host ? local->host : "", "port",
                                      local->service ? local->service : "0"));
    return data;
}

static json_t *spicevmc_data(const struct end *end)
{
    static const struct {
        const char *element;
        const char *channel;
    } channels[] = {{"devices/redirdev", "usbredir"},
                    {"devices/smartcard", "smartcard"},
                    {"devices/channel", "vdagent"}};
    for (size_t i = 0; i < ARRAY_SIZE(channels); i++)
        if (strcmp(channels[i].element, end->element) == 0)
            return json_pack("{s:s}", "type", channels[i].channel);
    return refuse(end, "type 'spicevmc' is for channels, smart cards and USB redirection");
}

static json_t *spiceport_data(const struct end *end)
{
    return end->source->channel ? json_pack("{s:s}", "fqdn", end->source->channel)
                                : refuse(end, "type 'spiceport' needs a <source channel='...'>");
}

static json_t *vdagent_data(const struct end *end)
{
    json_t *data = json_object();
    if (data) {
        json_put_bool(data, "clipboard", end->source->clipboard);
        if (end->source->mouse_mode)
            json_object_set_new(data, "mouse",
                                json_boolean(strcmp(end->source->mouse_mode, "client") == 0));
    }
    return data;
}

static const struct chardev_kind {
    enum model_chardev_type type;
    const char *backend;
    json_t *(*data)(const struct end *end);
} kinds[] = {
    {MODEL_CHARDEV_NULL, "null", no_data},
    {MODEL_CHARDEV_VC, "vc", no_data},
    {MODEL_CHARDEV_PTY, "pty", no_data},
    {MODEL_CHARDEV_STDIO, "stdio", no_data},
    {MODEL_CHARDEV_DEV, "serial", path_data},
    {MODEL_CHARDEV_PIPE, "pipe", path_data},
    {MODEL_CHARDEV_FILE, "file", file_data},
    {MODEL_CHARDEV_UNIX, "socket", unix_data},
    {MODEL_CHARDEV_TCP, "socket", tcp_data},
    {MODEL_CHARDEV_UDP, "udp", udp_data},
    {MODEL_CHARDEV_SPICEVMC, "spicevmc", spicevmc_data},
    {MODEL_CHARDEV_SPICEPORT, "spiceport", spiceport_data},
    {MODEL_CHARDEV_QEMU_VDAGENT, "qemu-vdagent", vdagent_data},
};

static const struct chardev_kind *find_kind(enum model_chardev_type type)
{
    for (size_t i = 0; i < ARRAY_SIZE(kinds); i++)
        if (kinds[i].type == type)
            return &kinds[i];
    return NULL;
}

static bool put_log(const struct end *end, json_t *data)
{
    const struct model_chardev_log *log = &end->chardev->log;
    if (!log->node.present || !log->file)
        return true;
    json_put_string(data, "logfile", log->file);
    json_put_bool(data, "logappend", log->append);
    return true;
}

/* An end that only the process that starts QEMU could use. */
static bool check_kind(const struct end *end, const struct chardev_kind *kind)
{
    const char *word = model_word(&model_chardev_type_words, end->chardev->type);
    if (!kind || kind->type == MODEL_CHARDEV_STDIO || kind->type == MODEL_CHARDEV_VC)
        return build_refuse(
            end->b, end->node, end->element,
            "character devices of type '%s' are not supported: guests outlive the process that "
            "starts them (use pty, unix, tcp or file)",
            word ? word : "");
    return true;
}

bool chardev_add(struct build *b, struct model_chardev *chardev, const char *alias,
                 const char *fallback, const struct model_node *node, const char *element)
{
    struct model_chardev_source *source =
        chardev->sources.count > 0 ? chardev->sources.items[0] : build_alloc(b, sizeof *source);
    const struct end end = {b, chardev, source, alias, fallback, node, element};
    if (!chardev->type)
        chardev->type = MODEL_CHARDEV_PTY;
    const struct chardev_kind *kind = find_kind(chardev->type);
    if (!source || !check_kind(&end, kind))
        return false;
    const char *backend =
        kind->type == MODEL_CHARDEV_DEV && strcmp(element, "devices/parallel") == 0 ? "parallel"
                                                                                    : kind->backend;
    json_t *data = kind->data(&end);
    if (!data)
        return b->err && b->err->code ? false : hvk_error_memory(b->err);
    put_log(&end, data);
    auto_free char *id = string_format("char%s", alias);
    if (!id || !build_part(b, PART_CHARDEV,
                           json_pack("{s:s,s:{s:s,s:o}}", "id", id, "backend", "type", backend,
                                     "data", data)))
        return id ? false : hvk_error_memory(b->err);
    bool pty = kind->type == MODEL_CHARDEV_PTY;
    bool socket = kind->type == MODEL_CHARDEV_UNIX && source->mode == MODEL_SOURCE_MODE_BIND;
    return b->dry || (!pty && !socket) ||
           build_chardev_note(b, alias, pty ? NULL : source->path, pty);
}

/* ---- for the command line ---- */

static const struct {
    const char *path; /* in the backend's data, members separated by '/' */
    const char *option;
} option_names[] = {
    {"addr/data/path", "path"},
    {"addr/data/host", "host"},
    {"addr/data/port", "port"},
    {"remote/data/host", "host"},
    {"remote/data/port", "port"},
    {"local/data/host", "localaddr"},
    {"local/data/port", "localport"},
    {"out", "path"},
    {"append", "append"},
    {"device", "path"},
    {"telnet", "telnet"},
    {"server", "server"},
    {"wait", "wait"},
    {"reconnect", "reconnect"},
    {"type", "name"},
    {"fqdn", "name"},
    {"mouse", "mouse"},
    {"clipboard", "clipboard"},
    {"logfile", "logfile"},
    {"logappend", "logappend"},
};

static const json_t *at_path(const json_t *json, const char *path)
{
    char name[32];
    for (const char *end; json && *path; path = *end ? end + 1 : end) {
        end = path + strcspn(path, "/");
        snprintf(name, sizeof name, "%.*s", (int)(end - path), path);
        json = json_object_get(json, name);
    }
    return json;
}

json_t *chardev_options(const json_t *part)
{
    const json_t *backend = json_object_get(part, "backend");
    json_t *options = json_object();
    if (!options)
        return NULL;
    json_object_set(options, "backend", json_object_get(backend, "type"));
    json_object_set(options, "id", json_object_get(part, "id"));
    for (size_t i = 0; i < ARRAY_SIZE(option_names); i++) {
        const json_t *value = at_path(json_object_get(backend, "data"), option_names[i].path);
        if (value)
            json_object_set(options, option_names[i].option, (json_t *)value);
    }
    return options;
}
