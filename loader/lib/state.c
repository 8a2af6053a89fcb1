/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "state.h"

#include <base/string.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

#define DIRECTORY_FLAGS (O_RDONLY | O_DIRECTORY | O_CLOEXEC)

static const char *uri_param(const struct hvk_uri *uri, const char *name)
{
    for (uint64_t i = 0; i < uri->param_count; i++) {
        if (string_equal(uri->params[i].name, name))
            return uri->params[i].value;
    }
    return NULL;
}

/* One name for the URI's path: "/system" is "system", "" is "default". */
static char *place_name(const struct hvk_uri *uri)
{
    const char *path = uri->path + strspn(uri->path, "/");
    char *name = strdup(path[0] != '\0' ? path : "default");
    for (char *at = name; at && *at; at++) {
        if (*at == '/' || (*at == '.' && at == name))
            *at = '_';
    }
    return name;
}

static char *base_path(struct hvk_error *err)
{
    const char *state = secure_getenv("XDG_STATE_HOME");
    const char *home = secure_getenv("HOME");
    if (geteuid() == 0)
        return strdup("/var/lib/hvkit");
    if (state && state[0] == '/')
        return string_format("%s/hvkit", state);
    if (home && home[0] == '/')
        return string_format("%s/.local/state/hvkit", home);
    hvk_error_set(err, HVK_ERR_OPERATION_INVALID,
                  "there is no directory for state: set HOME, or give the URI a parameter `root`");
    return NULL;
}

static char *node_path(const struct hvk_node *node, struct hvk_error *err)
{
    const char *root = uri_param(node->uri, "root");
    if (root && root[0] != '/') {
        hvk_error_set(err, HVK_ERR_INVALID_ARG, "%s: root must be an absolute path",
                      node->uri->text);
        return NULL;
    }
    auto_free char *base = root ? NULL : base_path(err);
    auto_free char *name = root ? NULL : place_name(node->uri);
    if (!root && !base)
        return NULL;
    char *path = root ? strdup(root)
                      : string_format("%s/%s/%s", base, node_driver_id(node), name ? name : "");
    if (!path || (!root && !name)) {
        free(path);
        hvk_error_memory(err);
        return NULL;
    }
    return path;
}

/* Opens one directory, creating it when it is not there. */
static int step(int at, const char *name, int flags, const char *whole, struct hvk_error *err)
{
    if (mkdirat(at, name, 0700) < 0 && errno != EEXIST) {
        hvk_error_errno(err, errno, "create the directory '%s' of %s", name, whole);
        return -1;
    }
    int fd = openat(at, name, DIRECTORY_FLAGS | flags);
    if (fd < 0)
        hvk_error_errno(err, errno, "open the directory '%s' of %s", name, whole);
    return fd;
}

/* Every component below start. Below a node's own directory no symbolic link is followed. */
static int walk(int start, const char *path, int flags, struct hvk_error *err)
{
    auto_free char *text = strdup(path);
    auto_fd int at = start;
    char *rest = text;
    if (!text) {
        hvk_error_memory(err);
        return -1;
    }
    for (char *name; (name = strsep(&rest, "/"));) {
        if (name[0] == '\0' || string_equal(name, "."))
            continue;
        if (string_equal(name, "..")) {
            hvk_error_set(err, HVK_ERR_INVALID_ARG, "'%s' must not hold '..'", path);
            return -1;
        }
        int next = step(at, name, flags, path, err);
        if (next < 0)
            return -1;
        close(at);
        at = next;
    }
    return TAKE_FD(at);
}

int state_directory_open(const struct hvk_node *node, const char *path, struct hvk_error *err)
{
    auto_free char *base = node_path(node, err);
    if (!base)
        return -1;
    int top = open("/", DIRECTORY_FLAGS);
    if (top < 0) {
        hvk_error_errno(err, errno, "open /");
        return -1;
    }
    int fd = walk(top, base, 0, err);
    return fd < 0 || !path || path[0] == '\0' ? fd : walk(fd, path, O_NOFOLLOW, err);
}
