/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "image.h"

#include <base/buffer.h>
#include <base/string.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#define MAGIC "hvkit-test-save-1 "
#define IMAGE_SIZE_MAX (17u << 20) /* the longest XML and the line before it */

/* ---- reading -------------------------------------------------------------------------------- */

void image_fini(struct image *image)
{
    free(image->text);
}

static char *read_text(const char *path, struct hvk_error *err)
{
    struct stat info;
    auto_fd int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK); /* a FIFO would wait */
    if (fd < 0 || fstat(fd, &info) < 0) {
        hvk_error_errno(err, errno, "open the save file '%s'", path);
        return NULL;
    }
    if (!S_ISREG(info.st_mode) || info.st_size > IMAGE_SIZE_MAX) {
        hvk_error_set(err, HVK_ERR_OPERATION_FAILED,
                      "'%s' is not a save file: it is not a regular file of at most %u bytes", path,
                      IMAGE_SIZE_MAX);
        return NULL;
    }
    auto_free char *text = calloc(1, (size_t)info.st_size + 1);
    if (!text || pread(fd, text, (size_t)info.st_size, 0) < 0) {
        hvk_error_errno(err, errno, "read the save file '%s'", path);
        return NULL;
    }
    return TAKE(text);
}

bool image_load(struct image *image, const char *path, struct hvk_error *err)
{
    static const struct {
        const char *line;
        bool paused;
    } heads[] = {{MAGIC "running\n", false}, {MAGIC "paused\n", true}};
    image->text = read_text(path, err);
    if (!image->text)
        return false;
    for (size_t i = 0; i < ARRAY_SIZE(heads); i++) {
        if (!string_starts_with(image->text, heads[i].line))
            continue;
        image->xml = image->text + strlen(heads[i].line);
        image->paused = heads[i].paused;
        return true;
    }
    return hvk_error_set(err, HVK_ERR_OPERATION_FAILED,
                         "'%s' is not a save file of the test driver", path);
}

/* ---- writing -------------------------------------------------------------------------------- */

void image_draft_fini(struct image_draft *draft)
{
    if (draft->temporary)
        unlink(draft->temporary);
    free(draft->temporary);
    free(draft->path);
}

static bool write_all(int fd, const char *data, size_t size)
{
    while (size > 0) {
        ssize_t written = write(fd, data, size);
        if (written < 0 && errno == EINTR)
            continue;
        if (written <= 0)
            return false;
        data += written;
        size -= (size_t)written;
    }
    return fsync(fd) == 0;
}

/* What is no file (a FIFO, a device) would be replaced by one. */
static bool check_target(const char *path, struct hvk_error *err)
{
    struct stat info;
    return stat(path, &info) < 0 || S_ISREG(info.st_mode) ||
           hvk_error_set(err, HVK_ERR_OPERATION_FAILED,
                         "cannot save to '%s': it exists, and is not a regular file", path);
}

bool image_draft_write(struct image_draft *draft, const char *path, const char *xml, bool paused,
                       struct hvk_error *err)
{
    auto_buffer text = BUFFER_INIT;
    buffer_add_format(&text, MAGIC "%s\n%s", paused ? "paused" : "running", xml);
    auto_free char *temporary = string_format("%s.XXXXXX", path);
    draft->path = strdup(path);
    if (text.failed || !temporary || !draft->path)
        return hvk_error_memory(err);
    if (!check_target(path, err))
        return false;
    auto_fd int fd = mkostemp(temporary, O_CLOEXEC);
    if (fd < 0)
        return hvk_error_errno(err, errno, "create the save file '%s'", path);
    draft->temporary = TAKE(temporary);
    return write_all(fd, text.data, text.length) ||
           hvk_error_errno(err, errno, "write the save file '%s'", path);
}

/* The name is on the disk once its directory is. */
static bool sync_directory(const char *path)
{
    const char *slash = strrchr(path, '/');
    auto_free char *directory =
        slash ? strndup(path, slash == path ? 1 : (size_t)(slash - path)) : strdup(".");
    auto_fd int fd = directory ? open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
    return fd >= 0 && fsync(fd) == 0;
}

bool image_draft_place(struct image_draft *draft, struct hvk_error *err)
{
    if (rename(draft->temporary, draft->path) < 0)
        return hvk_error_errno(err, errno, "put the save file '%s' in place", draft->path);
    free(TAKE(draft->temporary));
    return sync_directory(draft->path) ||
           hvk_error_errno(err, errno, "keep the save file '%s'", draft->path);
}
