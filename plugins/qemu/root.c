/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "root.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>

#include <base/string.h>

#include "files.h"

/* ---- the lock ------------------------------------------------------------------------------- */

static int32_t read_owner(int fd)
{
    char text[32] = "";
    ssize_t got = pread(fd, text, sizeof text - 1, 0);
    uint64_t pid;
    if (got <= 0)
        return 0;
    text[strcspn(text, "\n")] = '\0';
    return string_to_u64(text, 1, INT32_MAX, &pid) ? (int32_t)pid : 0;
}

static bool is_alive(int32_t pid)
{
    return pid > 0 && (kill(pid, 0) == 0 || errno == EPERM);
}

/* A child of a dead owner between its fork and its exec still holds the lock for an instant: that
 * is worth waiting for, a living owner is not. */
static bool take_lock(const struct node *node, struct hvk_error *err)
{
    if (flock(node->lock_fd, LOCK_EX | LOCK_NB) == 0)
        return true;
    if (errno != EWOULDBLOCK)
        return hvk_error_errno(err, errno, "lock '%s/lock'", node->root);
    int32_t owner = read_owner(node->lock_fd);
    if (is_alive(owner))
        return hvk_error_set(err, HVK_ERR_RESOURCE_BUSY,
                             "the root '%s' belongs to process %d%s: end that one, or reach the "
                             "domains through it",
                             node->root, owner, owner == getpid() ? " (this one)" : "");
    while (flock(node->lock_fd, LOCK_EX) < 0)
        if (errno != EINTR)
            return hvk_error_errno(err, errno, "lock '%s/lock'", node->root);
    return true;
}

static bool write_owner(const struct node *node, struct hvk_error *err)
{
    auto_free char *text = string_format("%d\n", getpid());
    if (!text)
        return hvk_error_memory(err);
    if (ftruncate(node->lock_fd, 0) < 0 ||
        pwrite(node->lock_fd, text, strlen(text), 0) != (ssize_t)strlen(text))
        return hvk_error_errno(err, errno, "write the owner into '%s/lock'", node->root);
    return true;
}

static bool lock(struct node *node, int root_fd, struct hvk_error *err)
{
    node->lock_fd = openat(root_fd, "lock", O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (node->lock_fd < 0)
        return hvk_error_errno(err, errno, "open '%s/lock'", node->root);
    return take_lock(node, err) && write_owner(node, err);
}

/* ---- folders -------------------------------------------------------------------------------- */

/* A directory that was no root before must not hold what a root would: "/" has a "run" of its own,
 * which would be cleaned of what no domain of ours owns. */
static bool check_new(const struct node *node, int root_fd, struct hvk_error *err)
{
    static const char *const folders[] = {"run", "log", "save", "nvram", "tpm", "domains", "cache"};
    struct stat st;
    if (fstatat(root_fd, "lock", &st, AT_SYMLINK_NOFOLLOW) == 0)
        return true;
    for (size_t i = 0; i < ARRAY_SIZE(folders); i++)
        if (fstatat(root_fd, folders[i], &st, AT_SYMLINK_NOFOLLOW) == 0)
            return hvk_error_set(err, HVK_ERR_OPEN_FAILED,
                                 "'%s' is no root of hvkit, but holds a '%s' already: name a "
                                 "directory that is empty or does not exist",
                                 node->root, folders[i]);
    return true;
}

static struct store *open_store(int root_fd, const char *name, struct hvk_error *err)
{
    auto_fd int fd = files_directory(root_fd, name, err);
    return fd < 0 ? NULL : store_open(fd, err);
}

static bool open_folders(struct node *node, int root_fd, struct hvk_error *err)
{
    node->run_fd = files_directory(root_fd, "run", err);
    if (node->run_fd < 0)
        return false;
    node->log_fd = files_directory(root_fd, "log", err);
    if (node->log_fd < 0)
        return false;
    node->save_fd = files_directory(root_fd, "save", err);
    if (node->save_fd < 0)
        return false;
    auto_fd int nvram = files_directory(root_fd, "nvram", err);
    auto_fd int tpm = nvram < 0 ? -1 : files_directory(root_fd, "tpm", err);
    if (tpm < 0)
        return false;
    node->domains = open_store(root_fd, "domains", err);
    node->cache = node->domains ? open_store(root_fd, "cache", err) : NULL;
    return node->cache != NULL;
}

static bool read_boot_id(struct node *node, struct hvk_error *err)
{
    node->boot_id = files_read(AT_FDCWD, "/proc/sys/kernel/random/boot_id", 128, NULL, err);
    if (!node->boot_id)
        return false;
    node->boot_id[strcspn(node->boot_id, "\n")] = '\0';
    return true;
}

static int open_directory(struct node *node, const char *path, struct hvk_error *err)
{
    if (path[0] != '/') {
        hvk_error_set(err, HVK_ERR_INVALID_ARG,
                      "the root '%s' must be an absolute path: qemu:///embed?root=/DIRECTORY",
                      path);
        return -1;
    }
    if (mkdir(path, 0700) < 0 && errno != EEXIST) {
        hvk_error_errno(err, errno, "create the root '%s'", path);
        return -1;
    }
    node->root = realpath(path, NULL);
    int fd = node->root ? open(node->root, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
    if (fd < 0)
        hvk_error_errno(err, errno, "open the root '%s'", path);
    return fd;
}

bool root_open(struct node *node, const char *path, struct hvk_error *err)
{
    node->lock_fd = node->run_fd = node->log_fd = node->save_fd = -1;
    auto_fd int root_fd = open_directory(node, path, err);
    return root_fd >= 0 && check_new(node, root_fd, err) && lock(node, root_fd, err) &&
           read_boot_id(node, err) && open_folders(node, root_fd, err);
}

void root_close(struct node *node)
{
    store_close(node->domains);
    store_close(node->cache);
    cleanup_fd(&node->run_fd);
    cleanup_fd(&node->log_fd);
    cleanup_fd(&node->save_fd);
    cleanup_fd(&node->lock_fd); /* last: whoever takes it finds everything written */
    free(node->root);
    free(node->boot_id);
}

char *node_path(const struct node *node, const char *folder, const char *name)
{
    return name ? string_format("%s/%s/%s", node->root, folder, name)
                : string_format("%s/%s", node->root, folder);
}
