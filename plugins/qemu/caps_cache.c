/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Where capabilities come from: memory, the cache on disk, the emulator itself. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>

#include <base/string.h>

#include "caps_probe.h"
#include "index.h"
#include "node.h"

/* A key of the store for a path: its last part for people, a hash (FNV-1a) of the whole. */
static char *cache_key(const char *path)
{
    uint64_t hash = 0xcbf29ce484222325u;
    for (const char *at = path; *at; at++)
        hash = (hash ^ (unsigned char)*at) * 0x100000001b3u;
    char name[64];
    snprintf(name, sizeof name, "%s", strrchr(path, '/') + 1);
    for (char *at = name; *at; at++)
        if (!strchr("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-", *at))
            *at = '_';
    return string_format("%s-%016llx", name, (unsigned long long)hash);
}

/* What the cache holds of exactly this binary; NULL, without an error, when it has to be asked. */
static struct caps *read_cache(struct node *node, const char *key,
                               const struct caps_identity *identity)
{
    struct hvk_error ignored = {.size = sizeof ignored};
    size_t size;
    auto_free char *text = store_read(node->cache, key, &size, &ignored);
    json_t *json = text ? json_loadb(text, size, JSON_REJECT_DUPLICATES, NULL) : NULL;
    auto_caps struct caps *caps = json ? caps_from_json(json, &ignored) : NULL;
    json_decref(json);
    return caps && caps_is_of(caps, identity) ? TAKE(caps) : NULL;
}

/* A cache that cannot be written costs the next owner of the root a probe, nothing else. */
static void write_cache(struct hvk_call *call, struct node *node, const char *key,
                        const struct caps *caps)
{
    struct hvk_error err = {.size = sizeof err};
    json_t *json = caps_to_json(caps);
    auto_free char *text = json ? json_dumps(json, JSON_COMPACT) : NULL;
    json_decref(json);
    if (text && !store_write(node->cache, key, text, strlen(text), &err))
        node->core->log(call, HVK_LOG_WARNING, err.text);
}

static struct caps *learn(struct hvk_call *call, struct node *node, const char *key,
                          const struct caps_identity *identity)
{
    struct caps *caps = read_cache(node, key, identity);
    if (caps)
        return caps;
    json_t *json = caps_probe(identity, &call->error);
    caps = json ? caps_from_json(json, &call->error) : NULL;
    json_decref(json);
    if (caps)
        write_cache(call, node, key, caps);
    return caps;
}

/* Jobs that need the same unknown emulator queue here, so that one of them asks it; outside the
 * lane. */
static struct caps *learn_alone(struct hvk_call *call, struct node *node,
                                const struct caps_identity *identity)
{
    auto_free char *key = cache_key(identity->path);
    auto_free char *lock = key ? string_format(".%s.probe", key) : NULL;
    if (!lock) {
        hvk_error_memory(&call->error);
        return NULL;
    }
    auto_fd int fd = openat(node->run_fd, lock, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
    int locked = fd < 0 ? -1 : flock(fd, LOCK_EX);
    if (locked < 0) {
        hvk_error_errno(&call->error, errno, "take turns with '%s/run/%s'", node->root, lock);
        return NULL;
    }
    struct caps *caps = index_find_caps(node->index, identity);
    if (caps)
        return caps;
    caps = learn(call, node, key, identity);
    if (caps)
        index_put_caps(node->index, caps);
    return caps;
}

struct caps *node_caps(struct hvk_call *call, struct node *node, const char *emulator)
{
    struct caps_identity identity;
    if (!caps_identify(emulator, &identity, &call->error))
        return NULL;
    auto_caps struct caps *caps = index_find_caps(node->index, &identity);
    if (!caps) {
        struct hvk_error why;
        node->core->lane_leave(call);
        caps = learn_alone(call, node, &identity);
        why = call->error;
        if (!node->core->lane_enter(call)) {
            caps_unref(caps);
            caps = NULL;
        } else if (!caps) {
            call->error = why;
        }
    }
    caps_identity_fini(&identity);
    return TAKE(caps);
}
