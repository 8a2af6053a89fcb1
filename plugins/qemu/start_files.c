/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "start_files.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <base/string.h>

#define LOG_NAME_MAX 200 /* bytes, so that a suffix still fits a file name */

/* ---- the monitor's socket ------------------------------------------------------------------- */

/* Bound through the directory's descriptor: a socket's path is limited to 107 bytes. Listening
 * before QEMU exists means that connecting never has to be tried twice. */
int start_listen(int directory_fd, const char *name, struct hvk_error *err)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    snprintf(address.sun_path, sizeof address.sun_path, "/proc/self/fd/%d/%s", directory_fd, name);
    unlinkat(directory_fd, name, 0);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd >= 0 && bind(fd, (struct sockaddr *)&address, sizeof address) == 0 && listen(fd, 8) == 0)
        return fd;
    hvk_error_errno(err, errno, "listen for QEMU on the socket '%s'", name);
    cleanup_fd(&fd);
    return -1;
}

/* ---- files ---------------------------------------------------------------------------------- */

static bool copy_into(int to, const struct command_file *file, struct hvk_error *err)
{
    auto_fd int from = open(file->copy_of, O_RDONLY | O_CLOEXEC);
    struct stat st;
    if (from < 0 || fstat(from, &st) < 0)
        return hvk_error_errno(err, errno, "open '%s', the template of '%s'", file->copy_of,
                               file->path);
    off_t done = 0;
    while (done < st.st_size) {
        ssize_t sent = sendfile(to, from, &done, (size_t)(st.st_size - done));
        if (sent < 0)
            return hvk_error_errno(err, errno, "copy '%s' to '%s'", file->copy_of, file->path);
        if (sent == 0)
            break;
    }
    return fsync(to) == 0 || hvk_error_errno(err, errno, "write '%s'", file->path);
}

/* Complete or not there: written under another name first. */
static bool create_file(const struct command_file *file, struct hvk_error *err)
{
    if (file->keep && access(file->path, F_OK) == 0)
        return true;
    auto_free char *fresh = string_format("%s.new", file->path);
    if (!fresh)
        return hvk_error_memory(err);
    auto_fd int fd = open(fresh, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC,
                          file->mode ? file->mode : 0600);
    if (fd < 0)
        return hvk_error_errno(err, errno, "create '%s'", fresh);
    if (file->copy_of && !copy_into(fd, file, err)) {
        unlink(fresh);
        return false;
    }
    if (rename(fresh, file->path) < 0)
        return hvk_error_errno(err, errno, "rename '%s' to '%s'", fresh, file->path);
    return true;
}

bool start_create_files(const struct command *command, struct hvk_error *err)
{
    VECTOR_FOR_EACH (&command->files, struct command_file, file)
        if (!create_file(file, err))
            return false;
    return true;
}

/* ---- ports ---------------------------------------------------------------------------------- */

/* Does another program listen on it? The reservation keeps hvkit's own domains apart. */
static bool is_free(uint16_t port)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port)};
    auto_fd int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    int on = 1;
    return fd >= 0 && setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) == 0 &&
           bind(fd, (struct sockaddr *)&address, sizeof address) == 0 && listen(fd, 1) == 0;
}

static bool try_port(const struct start_ports *ports, uint16_t port)
{
    struct node *node = ports->machine->node;
    char key[16];
    snprintf(key, sizeof key, "%u", port);
    struct hvk_call probe = HVK_CALL_INIT; /* a port that is taken is no error of the call */
    struct hvk_reservation *reservation = node->core->reserve(&probe, node->handle, "port", key);
    if (!reservation)
        return false;
    if (is_free(port) && vector_push(&ports->machine->run->reservations, &reservation))
        return true;
    node->core->release(reservation);
    return false;
}

bool start_take_port(void *user, uint16_t preferred, uint16_t first, uint16_t last,
                     uint16_t *out_port, struct hvk_error *err)
{
    const struct start_ports *ports = user;
    if (preferred) {
        *out_port = preferred;
        return try_port(ports, preferred) ||
               hvk_error_set(err, HVK_ERR_RESOURCE_BUSY, "port %u is in use", preferred);
    }
    for (uint32_t port = first; port <= last; port++) {
        *out_port = (uint16_t)port;
        if (try_port(ports, (uint16_t)port))
            return true;
    }
    return hvk_error_set(err, HVK_ERR_RESOURCE_BUSY, "every port from %u to %u is in use", first,
                         last);
}

void start_warn(void *user, const char *text)
{
    const struct start_ports *ports = user;
    ports->machine->node->core->warn(ports->call, text);
}

/* ---- logs ----------------------------------------------------------------------------------- */

/* A name that is no file name gives way to the uuid. */
static const char *log_base(const struct machine *machine)
{
    bool usable = machine->name[0] != '.' && !strchr(machine->name, '/') &&
                  strlen(machine->name) < LOG_NAME_MAX;
    return usable ? machine->name : machine->uuid_text;
}

int start_open_log(struct machine *machine, const char *suffix, struct hvk_error *err)
{
    auto_free char *file = string_format("%s%s.log", log_base(machine), suffix);
    int fd = file ? openat(machine->node->log_fd, file,
                           O_RDWR | O_CREAT | O_APPEND | O_NOFOLLOW | O_CLOEXEC, 0600)
                  : -1;
    if (fd < 0)
        hvk_error_errno(err, file ? errno : ENOMEM, "open the log '%s/log/%s'", machine->node->root,
                        file ? file : "");
    return fd;
}

bool machine_remove_logs(struct machine *machine, struct hvk_error *err)
{
    auto_free char *file = string_format("%s.log", log_base(machine));
    if (!file)
        return hvk_error_memory(err);
    return unlinkat(machine->node->log_fd, file, 0) == 0 || errno == ENOENT ||
           hvk_error_errno(err, errno, "remove the log '%s/log/%s'", machine->node->root, file);
}
