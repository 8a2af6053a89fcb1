/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Where the bytes of an image are. */
#include "command/block.h"
#include "command/secret.h"

#define ELEMENT "devices/disk/source"

struct place {
    struct build *b;
    const struct model_disk_source *source;
    const struct model_disk *disk;
};

static const struct model_auth *auth_of(const struct place *place)
{
    if (place->source->auth.node.present)
        return &place->source->auth;
    return place->disk->auth.node.present && place->source == &place->disk->source
               ? &place->disk->auth
               : NULL;
}

static json_t *refuse(const struct place *place, const char *text)
{
    build_refuse(place->b, &place->source->node, ELEMENT, "%s", text);
    return NULL;
}

/* ---- hosts ---- */

static const struct model_host *only_host(const struct place *place)
{
    if (place->source->hosts.count == 1)
        return place->source->hosts.items[0];
    refuse(place,
           place->source->hosts.count ? "this protocol takes one <host>" : "it needs a <host>");
    return NULL;
}

static json_t *tcp_host(const struct place *place, const struct model_host *host, unsigned port,
                        bool typed)
{
    if (host->transport > MODEL_TRANSPORT_TCP)
        return refuse(place, "this protocol is spoken over TCP only");
    char text[8];
    snprintf(text, sizeof text, "%u", host->port.set ? (unsigned)host->port.value : port);
    json_t *json =
        typed ? json_pack("{s:s,s:s,s:s}", "type", "inet", "host", host->name, "port", text)
              : json_pack("{s:s,s:s}", "host", host->name, "port", text);
    return json ? json : refuse(place, "a <host> needs a name");
}

/* Sets the secret that the node refers to by `key`, and the user's name. */
static bool put_auth(const struct place *place, json_t *json, const char *user_key,
                     const char *secret_key)
{
    const struct model_auth *auth = auth_of(place);
    if (!auth)
        return true;
    if (user_key)
        json_put_string(json, user_key, auth->username);
    if (!secret_key || !auth->secret.node.present)
        return true;
    char id[64];
    snprintf(id, sizeof id, "%s-secret0", place->disk->device.alias.name);
    json_put_string(json, secret_key, id);
    return secret_add(place->b, id, &auth->secret, ELEMENT);
}

/* ---- protocols ---- */

static json_t *nbd_source(const struct place *place)
{
    const struct model_host *host = only_host(place);
    if (!host)
        return NULL;
    json_t *server = host->transport == MODEL_TRANSPORT_UNIX
                         ? json_pack("{s:s,s:s*}", "type", "unix", "path", host->socket)
                         : tcp_host(place, host, 10809, true);
    if (place->source->tls == MODEL_SWITCH_ON) {
        json_decref(server);
        return refuse(place, "tls is not supported for nbd");
    }
    return server ? json_pack("{s:s,s:o,s:s*}", "driver", "nbd", "server", server, "export",
                              place->source->name)
                  : NULL;
}

static bool put_cookies(const struct place *place, json_t *json)
{
    auto_buffer text = BUFFER_INIT;
    MODEL_FOR_EACH(&place->source->cookies.items, struct model_cookie, cookie)
    buffer_add_format(&text, "%s%s=%s", text.length ? "; " : "", cookie->name, cookie->value);
    if (text.length == 0)
        return true;
    char id[64];
    snprintf(id, sizeof id, "%s-cookie0", place->disk->device.alias.name);
    json_put_string(json, "cookie-secret", id);
    return secret_add_data(place->b, id, text.data, text.length);
}

static json_t *web_source(const struct place *place)
{
    static const struct {
        enum model_disk_protocol protocol;
        unsigned port;
    } ports[] = {{MODEL_DISK_PROTOCOL_HTTP, 80},
                 {MODEL_DISK_PROTOCOL_HTTPS, 443},
                 {MODEL_DISK_PROTOCOL_FTP, 21},
                 {MODEL_DISK_PROTOCOL_FTPS, 990}};
    const struct model_disk_source *source = place->source;
    const struct model_host *host = only_host(place);
    if (!host)
        return NULL;
    unsigned port = 0;
    for (size_t i = 0; i < ARRAY_SIZE(ports); i++)
        if (ports[i].protocol == source->protocol)
            port = host->port.set ? (unsigned)host->port.value : ports[i].port;
    const char *scheme = model_word(&model_disk_protocol_words, source->protocol);
    auto_free char *url =
        string_format("%s://%s:%u/%s%s%s", scheme, host->name ? host->name : "", port,
                      source->name ? source->name : "", source->query ? "?" : "",
                      source->query ? source->query : "");
    json_t *json = url ? json_pack("{s:s,s:s}", "driver", scheme, "url", url) : NULL;
    if (!json || !put_auth(place, json, "username", "password-secret") ||
        !put_cookies(place, json)) {
        json_decref(json);
        return NULL;
    }
    if (source->protocol == MODEL_DISK_PROTOCOL_HTTPS ||
        source->protocol == MODEL_DISK_PROTOCOL_FTPS)
        json_put_bool(json, "sslverify", source->ssl_verify);
    json_put_uint(json, "timeout", source->timeout);
    json_put_uint(json, "readahead", source->readahead);
    return json;
}

/* The name is "TARGET/LUN"; without a number the LUN is 0. */
static json_t *iscsi_source(const struct place *place)
{
    const struct model_disk_source *source = place->source;
    const struct model_host *host = only_host(place);
    if (!host || !source->name)
        return host ? refuse(place, "it needs a name: TARGET/LUN") : NULL;
    const char *slash = strrchr(source->name, '/');
    uint64_t lun = 0;
    if (slash && !string_to_u64(slash + 1, 0, 16383, &lun))
        return refuse(place, "the LUN behind the target's name must be a number up to 16383");
    auto_free char *target =
        slash ? strndup(source->name, (size_t)(slash - source->name)) : strdup(source->name);
    auto_free char *portal = string_format("%s:%u", host->name ? host->name : "",
                                           host->port.set ? (unsigned)host->port.value : 3260);
    json_t *json = target && portal
                       ? json_pack("{s:s,s:s,s:s,s:I,s:s}", "driver", "iscsi", "portal", portal,
                                   "target", target, "lun", (json_int_t)lun, "transport", "tcp")
                       : NULL;
    if (!json || !put_auth(place, json, "user", "password-secret")) {
        json_decref(json);
        return NULL;
    }
    json_put_string(json, "initiator-name", source->initiator.iqn);
    return json;
}

static json_t *ssh_source(const struct place *place)
{
    const struct model_host *host = only_host(place);
    json_t *server = host ? tcp_host(place, host, 22, false) : NULL;
    json_t *json = server ? json_pack("{s:s,s:s*,s:o}", "driver", "ssh", "path",
                                      place->source->name, "server", server)
                          : NULL;
    if (json)
        put_auth(place, json, "user", NULL);
    return json;
}

/* The name is "POOL/IMAGE" or "POOL/NAMESPACE/IMAGE". */
static json_t *rbd_source(const struct place *place)
{
    const struct model_disk_source *source = place->source;
    const char *first = source->name ? strchr(source->name, '/') : NULL;
    if (!first)
        return refuse(place, "it needs a name: POOL/IMAGE");
    const char *last = strrchr(source->name, '/');
    auto_free char *pool = strndup(source->name, (size_t)(first - source->name));
    auto_free char *space = last > first ? strndup(first + 1, (size_t)(last - first - 1)) : NULL;
    json_t *json = pool ? json_pack("{s:s,s:s,s:s*,s:s,s:s*,s:s*}", "driver", "rbd", "pool", pool,
                                    "namespace", space, "image", last + 1, "snapshot",
                                    source->snapshot, "conf", source->config)
                        : NULL;
    json_t *servers = source->hosts.count > 0 ? json_array() : NULL;
    MODEL_FOR_EACH(&source->hosts, struct model_host, host)
    json_array_append_new(servers, tcp_host(place, host, 6789, false));
    if (servers)
        json_object_set_new(json, "server", servers);
    if (!json || !put_auth(place, json, "user", "key-secret")) {
        json_decref(json);
        return NULL;
    }
    return json;
}

static const struct protocol {
    enum model_disk_protocol protocol;
    json_t *(*make)(const struct place *place);
} protocols[] = {
    {MODEL_DISK_PROTOCOL_NBD, nbd_source},   {MODEL_DISK_PROTOCOL_HTTP, web_source},
    {MODEL_DISK_PROTOCOL_HTTPS, web_source}, {MODEL_DISK_PROTOCOL_FTP, web_source},
    {MODEL_DISK_PROTOCOL_FTPS, web_source},  {MODEL_DISK_PROTOCOL_ISCSI, iscsi_source},
    {MODEL_DISK_PROTOCOL_SSH, ssh_source},   {MODEL_DISK_PROTOCOL_RBD, rbd_source},
};

static json_t *network_source(const struct place *place)
{
    for (size_t i = 0; i < ARRAY_SIZE(protocols); i++)
        if (protocols[i].protocol == place->source->protocol)
            return protocols[i].make(place);
    const char *word = model_word(&model_disk_protocol_words, place->source->protocol);
    build_refuse(place->b, &place->source->node, ELEMENT, "protocol '%s' is not supported",
                 word ? word : "");
    return NULL;
}

/* ---- local ones ---- */

static const char *aio_of(const struct place *place)
{
    return model_word(&model_disk_io_words, place->disk->driver.io);
}

static json_t *file_source(const struct place *place)
{
    return json_pack("{s:s,s:s,s:s*}", "driver", "file", "filename", place->source->file, "aio",
                     aio_of(place));
}

/* A drive of the host (CD-ROM) is not a plain block device for QEMU. */
static json_t *block_device_source(const struct place *place)
{
    bool cdrom =
        place->disk->kind == MODEL_DISK_DEVICE_CDROM && place->source == &place->disk->source;
    return json_pack("{s:s,s:s,s:s*}", "driver", cdrom ? "host_cdrom" : "host_device", "filename",
                     place->source->dev, "aio", aio_of(place));
}

static json_t *directory_source(const struct place *place)
{
    return json_pack("{s:s,s:s,s:b,s:b}", "driver", "vvfat", "dir", place->source->dir, "floppy",
                     place->disk->kind == MODEL_DISK_DEVICE_FLOPPY, "rw", 0);
}

json_t *block_source(struct build *b, enum model_disk_type type,
                     const struct model_disk_source *source, const struct model_disk *disk)
{
    const struct place place = {b, source, disk};
    switch (type) {
    case MODEL_DISK_TYPE_FILE:
    case MODEL_DISK_TYPE_UNSET:
        return file_source(&place);
    case MODEL_DISK_TYPE_BLOCK:
        return block_device_source(&place);
    case MODEL_DISK_TYPE_DIR:
        return directory_source(&place);
    case MODEL_DISK_TYPE_NETWORK:
        return network_source(&place);
    case MODEL_DISK_TYPE_VOLUME:
    case MODEL_DISK_TYPE_NVME:
    case MODEL_DISK_TYPE_VHOSTUSER:
    case MODEL_DISK_TYPE_VHOSTVDPA:
        break;
    }
    build_refuse(b, &disk->device.node, "devices/disk", "sources of type '%s' are not supported",
                 model_word(&model_disk_type_words, type));
    return NULL;
}
