/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "editor.h"
#include <base/string.h>
#include <errno.h>
#include <fcntl.h>

#define FILE_STEP 65536u

static char *read_descriptor(struct cli *cli, int fd, const char *path)
{
    auto_buffer text = BUFFER_INIT;
    char *room;

    while ((room = buffer_reserve(&text, FILE_STEP)) != NULL) {
        ssize_t count = read(fd, room, FILE_STEP);

        if (count < 0 && errno == EINTR)
            continue;
        if (count < 0) {
            hvk_error_errno(&cli->call.error, errno, "read %s", path);
            return NULL;
        }
        if (count == 0)
            break;
        text.length += (size_t)count;
        if (text.length > FILE_BYTES_MAX) {
            cli_fail(cli, HVK_ERR_LIMIT, "%s is larger than %u MiB", path, FILE_BYTES_MAX >> 20);
            return NULL;
        }
    }
    if (text.data && memchr(text.data, '\0', text.length)) {
        cli_fail(cli, HVK_ERR_XML_ERROR, "%s is no text: it holds zero bytes", path);
        return NULL;
    }
    buffer_add(&text, "", 0);
    char *taken = buffer_take(&text);
    if (!taken)
        hvk_error_memory(&cli->call.error);
    return taken;
}

char *file_read(struct cli *cli, const char *path)
{
    if (string_equal(path, "-"))
        return read_descriptor(cli, STDIN_FILENO, "standard input");
    auto_fd int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        hvk_error_errno(&cli->call.error, errno, "open %s", path);
        return NULL;
    }
    return read_descriptor(cli, fd, path);
}
