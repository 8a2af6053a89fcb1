/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Walks a path one component at a time on descriptors, so that what was checked is what is opened.
 */
#include "trust.h"

#include <base/cleanup.h>
#include <base/string.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sys/auxv.h>

#define TRUST_LINKS_MAX 40 /* as many as the kernel follows */

bool trust_is_privileged_start(void)
{
    return getauxval(AT_SECURE) != 0;
}

static bool owner_check(const struct stat *status, const char *name, struct hvk_error *err)
{
    uid_t caller = geteuid();
    if (status->st_uid == 0 || status->st_uid == caller)
        return true;
    if (caller == 0)
        return hvk_error_set(err, HVK_ERR_DRIVER_REFUSED,
                             "'%s' belongs to uid %u and may belong to root only: use chown root",
                             name, status->st_uid);
    return hvk_error_set(
        err, HVK_ERR_DRIVER_REFUSED,
        "'%s' belongs to uid %u and may belong to root or the caller, uid %u, only", name,
        status->st_uid, caller);
}

static bool mode_check(const struct stat *status, const char *name, struct hvk_error *err)
{
    if (!(status->st_mode & (S_IWGRP | S_IWOTH)))
        return true;
    return hvk_error_set(
        err, HVK_ERR_DRIVER_REFUSED,
        "'%s' is writable by %s (mode %04o), who could exchange what it holds: use "
        "chmod go-w",
        name, status->st_mode & S_IWOTH ? "everyone" : "its group", status->st_mode & 07777);
}

static bool is_roots_sticky(const struct stat *status)
{
    return status->st_uid == 0 && (status->st_mode & S_ISVTX);
}

/* ---- the walk ------------------------------------------------------------------------------- */

struct walk {
    int fd;              /* the directory that was reached */
    size_t length;       /* of path */
    char path[PATH_MAX]; /* its canonical path; "" for the root */
    char rest[PATH_MAX]; /* what is still to be walked */
    unsigned links;
    struct stat status; /* of fd */
};

static void walk_fini(struct walk *walk)
{
    cleanup_fd(&walk->fd);
}

static void walk_move(struct walk *walk, int fd)
{
    cleanup_fd(&walk->fd);
    walk->fd = fd;
}

static bool walk_to_root(struct walk *walk, struct hvk_error *err)
{
    walk->length = 0;
    walk->path[0] = '\0';
    int fd = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return hvk_error_errno(err, errno, "open '/'");
    walk_move(walk, fd);
    if (fstat(fd, &walk->status) < 0)
        return hvk_error_errno(err, errno, "examine '/'");
    return owner_check(&walk->status, "/", err) &&
           (is_roots_sticky(&walk->status) || mode_check(&walk->status, "/", err));
}

/* The next component of the rest, "" at its end; false when it is too long for a file name. */
static bool walk_next(struct walk *walk, char component[NAME_MAX + 1])
{
    const char *start = walk->rest + strspn(walk->rest, "/");
    size_t length = strcspn(start, "/");
    if (length > NAME_MAX)
        return false;
    memcpy(component, start, length);
    component[length] = '\0';
    memmove(walk->rest, start + length, strlen(start + length) + 1);
    return true;
}

/* The parent was checked on the way down. */
static bool walk_up(struct walk *walk, struct hvk_error *err)
{
    int fd = openat(walk->fd, "..", O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0 || fstat(fd, &walk->status) < 0)
        return hvk_error_errno(err, errno, "open the directory above '%s'", walk->path);
    walk_move(walk, fd);
    char *slash = strrchr(walk->path, '/');
    walk->length = slash ? (size_t)(slash - walk->path) : 0;
    walk->path[walk->length] = '\0';
    return true;
}

static bool walk_link(struct walk *walk, int link, const char *name, struct hvk_error *err)
{
    char target[PATH_MAX];
    ssize_t length = readlinkat(link, "", target, sizeof target - 1);
    if (length < 0)
        return hvk_error_errno(err, errno, "read the symbolic link '%s'", name);
    target[length] = '\0';
    size_t rest = strlen(walk->rest);
    if (++walk->links > TRUST_LINKS_MAX)
        return hvk_error_errno(err, ELOOP, "follow the symbolic link '%s'", name);
    if ((size_t)length + 1 + rest + 1 > sizeof walk->rest)
        return hvk_error_errno(err, ENAMETOOLONG, "follow the symbolic link '%s'", name);
    memmove(walk->rest + length + 1, walk->rest, rest + 1);
    memcpy(walk->rest, target, (size_t)length);
    walk->rest[length] = '/';
    return target[0] == '/' ? walk_to_root(walk, err) : true;
}

static bool walk_down(struct walk *walk, const char *component, struct hvk_error *err)
{
    size_t before = walk->length;
    size_t room = sizeof walk->path - before;
    size_t added = (size_t)snprintf(walk->path + before, room, "/%s", component);
    if (added >= room) {
        walk->path[before] = '\0';
        return hvk_error_errno(err, ENAMETOOLONG, "open '%s' in '%s'", component, walk->path);
    }
    auto_fd int fd = openat(walk->fd, component, O_PATH | O_NOFOLLOW | O_CLOEXEC);
    struct stat status;
    if (fd < 0 || fstat(fd, &status) < 0)
        return hvk_error_errno(err, errno, "open '%s'", walk->path);
    if (!owner_check(&status, walk->path, err))
        return false;
    if (S_ISLNK(status.st_mode)) {
        char name[PATH_MAX];
        memcpy(name, walk->path, before + added + 1);
        walk->path[before] = '\0';
        return walk_link(walk, fd, name, err);
    }
    if (!S_ISDIR(status.st_mode))
        return hvk_error_errno(err, ENOTDIR, "open '%s'", walk->path);
    if (!is_roots_sticky(&status) && !mode_check(&status, walk->path, err))
        return false;
    walk->length = before + added;
    walk->status = status;
    walk_move(walk, TAKE_FD(fd));
    return true;
}

static bool walk_rest(struct walk *walk, struct hvk_error *err)
{
    char component[NAME_MAX + 1];
    for (;;) {
        if (!walk_next(walk, component))
            return hvk_error_errno(err, ENAMETOOLONG, "open a directory below '%s'", walk->path);
        bool moved = true;
        if (component[0] == '\0')
            return true;
        if (strcmp(component, "..") == 0)
            moved = walk_up(walk, err);
        else if (strcmp(component, ".") != 0)
            moved = walk_down(walk, component, err);
        if (!moved)
            return false;
    }
}

int trust_open_directory(const char *path, char **out_path, struct hvk_error *err)
{
    AUTO(walk_fini) struct walk walk = {.fd = -1};
    if (path[0] != '/') {
        hvk_error_set(err, HVK_ERR_DRIVER_REFUSED, "'%s' is not an absolute path", path);
        return -1;
    }
    if (strlen(path) >= sizeof walk.rest) {
        hvk_error_errno(err, ENAMETOOLONG, "open the directory '%.64s…'", path);
        return -1;
    }
    strcpy(walk.rest, path);
    if (!walk_to_root(&walk, err) || !walk_rest(&walk, err))
        return -1;
    const char *canonical = walk.length > 0 ? walk.path : "/";
    if (!mode_check(&walk.status, canonical, err))
        return -1;
    auto_fd int fd = openat(walk.fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0) {
        hvk_error_errno(err, errno, "read the directory '%s'", canonical);
        return -1;
    }
    if (out_path && !(*out_path = strdup(canonical))) {
        hvk_error_memory(err);
        return -1;
    }
    return TAKE_FD(fd);
}

/* ---- files ---------------------------------------------------------------------------------- */

/* O_NONBLOCK: a FIFO must not hold us up; it has no effect on a regular file. */
static int file_open(int directory, const char *name)
{
    return openat(directory, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
}

/* Opens what a symbolic link names, when that is in the same directory. */
static int file_open_linked(int directory, const char *name, struct hvk_error *err)
{
    char target[PATH_MAX];
    ssize_t length = readlinkat(directory, name, target, sizeof target - 1);
    if (length < 0) {
        hvk_error_errno(err, errno, "read the symbolic link '%s'", name);
        return -1;
    }
    target[length] = '\0';
    if (strchr(target, '/') || strcmp(target, "..") == 0 || strcmp(target, ".") == 0) {
        hvk_error_set(err, HVK_ERR_DRIVER_REFUSED,
                      "'%s' is a symbolic link out of its directory, to '%s': copy the file, or "
                      "name that directory in the configuration",
                      name, target);
        return -1;
    }
    int fd = file_open(directory, target);
    if (fd < 0)
        hvk_error_errno(err, errno, "open '%s', which '%s' is a symbolic link to", target, name);
    return fd;
}

int trust_open_file(int directory, const char *name, struct stat *out_status, struct hvk_error *err)
{
    auto_fd int fd = file_open(directory, name);
    if (fd < 0 && errno == ELOOP) {
        fd = file_open_linked(directory, name, err);
        if (fd < 0)
            return -1;
    } else if (fd < 0) {
        hvk_error_errno(err, errno, "open '%s'", name);
        return -1;
    }
    struct stat status;
    if (fstat(fd, &status) < 0) {
        hvk_error_errno(err, errno, "examine '%s'", name);
        return -1;
    }
    if (!S_ISREG(status.st_mode)) {
        hvk_error_set(err, HVK_ERR_DRIVER_REFUSED, "'%s' is not a regular file", name);
        return -1;
    }
    if (!owner_check(&status, name, err) || !mode_check(&status, name, err))
        return -1;
    if (out_status)
        *out_status = status;
    return TAKE_FD(fd);
}
