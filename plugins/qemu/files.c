/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "files.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include <base/buffer.h>
#include <base/string.h>

#define READ_SIZE 16384

int files_directory(int at_fd, const char *name, struct hvk_error *err)
{
    if (mkdirat(at_fd, name, 0700) < 0 && errno != EEXIST) {
        hvk_error_errno(err, errno, "create the directory '%s'", name);
        return -1;
    }
    struct stat st;
    auto_fd int fd = openat(at_fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0 || fstat(fd, &st) < 0) {
        hvk_error_errno(err, errno, "open the directory '%s'", name);
        return -1;
    }
    if (st.st_uid != geteuid()) {
        hvk_error_set(
            err, HVK_ERR_OPEN_FAILED,
            "cannot use the directory '%s': it belongs to user %u, who could put anything "
            "into it",
            name, (unsigned)st.st_uid);
        return -1;
    }
    if ((st.st_mode & 077) != 0 && fchmod(fd, 0700) < 0) {
        hvk_error_errno(err, errno, "keep others out of the directory '%s'", name);
        return -1;
    }
    return TAKE_FD(fd);
}

bool files_write_all(int fd, const void *data, size_t size, const char *what, struct hvk_error *err)
{
    const char *at = data;
    while (size > 0) {
        ssize_t written = write(fd, at, size);
        if (written < 0 && errno == EINTR)
            continue;
        if (written < 0)
            return hvk_error_errno(err, errno, "write %s", what);
        at += written;
        size -= (size_t)written;
    }
    return true;
}

bool files_replace(int directory_fd, const char *name, const void *data, size_t size,
                   struct hvk_error *err)
{
    auto_free char *fresh = string_format("%s.new", name);
    if (!fresh)
        return hvk_error_memory(err);
    auto_fd int fd =
        openat(directory_fd, fresh, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (fd < 0)
        return hvk_error_errno(err, errno, "create '%s'", fresh);
    if (!files_write_all(fd, data, size, name, err)) {
        unlinkat(directory_fd, fresh, 0);
        return false;
    }
    if (renameat(directory_fd, fresh, directory_fd, name) < 0)
        return hvk_error_errno(err, errno, "rename '%s' to '%s'", fresh, name);
    return true;
}

char *files_read(int directory_fd, const char *name, size_t max, size_t *out_size,
                 struct hvk_error *err)
{
    auto_fd int fd = openat(directory_fd, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);
    auto_buffer data = BUFFER_INIT;
    ssize_t got = fd < 0 ? -1 : 1;
    while (got > 0 && data.length <= max) {
        char *room = buffer_reserve(&data, READ_SIZE);
        if (!room)
            break;
        do
            got = read(fd, room, READ_SIZE);
        while (got < 0 && errno == EINTR);
        data.length += got > 0 ? (size_t)got : 0;
        data.data[data.length] = '\0';
    }
    if (got < 0) {
        hvk_error_errno(err, errno, "read '%s'", name);
        return NULL;
    }
    if (data.length > max) {
        hvk_error_set(err, HVK_ERR_LIMIT, "'%s' has more than %zu bytes", name, max);
        return NULL;
    }
    if (out_size)
        *out_size = data.length;
    char *text = buffer_take(&data);
    if (!text)
        hvk_error_memory(err);
    return text;
}

bool files_each(int directory_fd, bool (*visit)(void *user, const char *name), void *user,
                struct hvk_error *err)
{
    int fd = openat(directory_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    auto_dir DIR *dir = fd < 0 ? NULL : fdopendir(fd);
    if (!dir) {
        cleanup_fd(&fd);
        return hvk_error_errno(err, errno, "list a directory");
    }
    const struct dirent *entry;
    while ((entry = readdir(dir)))
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0 &&
            !visit(user, entry->d_name))
            return false;
    return true;
}

/* ---- removing ------------------------------------------------------------------------------- */

static bool remove_entry(void *user, const char *name)
{
    int fd = *(int *)user;
    if (unlinkat(fd, name, 0) < 0 && (errno == EISDIR || errno == EPERM)) {
        auto_fd int below = openat(fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        struct hvk_error ignored = {.size = sizeof ignored};
        if (below >= 0)
            files_each(below, remove_entry, &below, &ignored);
        unlinkat(fd, name, AT_REMOVEDIR);
    }
    return true;
}

bool files_remove_directory(int at_fd, const char *name, struct hvk_error *err)
{
    auto_fd int fd = openat(at_fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0)
        return errno == ENOENT || hvk_error_errno(err, errno, "open the directory '%s'", name);
    if (!files_each(fd, remove_entry, &fd, err))
        return false;
    if (unlinkat(at_fd, name, AT_REMOVEDIR) < 0 && errno != ENOENT)
        return hvk_error_errno(err, errno, "remove the directory '%s'", name);
    return true;
}
