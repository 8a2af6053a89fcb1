/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "command/helper.h"

#include <errno.h>
#include <sys/socket.h>
#include <sys/un.h>

bool helper_listen(struct build *b, struct helper *helper)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    if (strlen(helper->socket) >= sizeof address.sun_path)
        return hvk_error_set(b->err, HVK_ERR_CONFIG_UNSUPPORTED,
                             "domain '%s': the socket path '%s' is too long", b->domain->name,
                             helper->socket);
    strcpy(address.sun_path, helper->socket);
    helper->listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (helper->listener < 0 || (unlink(helper->socket) < 0 && errno != ENOENT) ||
        bind(helper->listener, (const struct sockaddr *)(const void *)&address, sizeof address) <
            0 ||
        listen(helper->listener, 1) < 0)
        return hvk_error_errno(b->err, errno, "listen on '%s' for %s", helper->socket,
                               helper->name);
    snprintf(helper->fd, sizeof helper->fd, "%d", helper->listener);
    return true;
}

bool helper_add(struct build *b, struct helper *helper, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    char *text = string_vformat(format, arguments);
    va_end(arguments);
    if (text && vector_push(&helper->arguments, &text))
        return true;
    free(text);
    return hvk_error_memory(b->err);
}

bool helper_finish(struct build *b, struct helper *helper)
{
    char *end = NULL;
    struct command_helper *out = vector_add(&b->out->helpers);
    int32_t *fds = malloc(sizeof *fds);
    if (!out || !fds || !vector_push(&helper->arguments, &end)) {
        free(fds);
        return hvk_error_memory(b->err);
    }
    fds[0] = TAKE_FD(helper->listener);
    out->fds = fds;
    out->fd_count = 1;
    out->argv = TAKE(helper->arguments.items);
    helper->arguments.count = 0;
    out->name = strdup(helper->name);
    return out->name || hvk_error_memory(b->err);
}

void helper_fini(struct helper *helper)
{
    VECTOR_FOR_EACH (&helper->arguments, char *, argument)
        free(*argument);
    vector_fini(&helper->arguments);
    cleanup_fd(&helper->listener);
}

const char *helper_find(const char *const *paths)
{
    for (; *paths; paths++)
        if (access(*paths, X_OK) == 0)
            return *paths;
    return NULL;
}
