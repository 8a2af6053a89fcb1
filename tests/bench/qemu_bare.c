/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qemu_bare.h"

#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#define WORDS_MAX 1024
#define WORDS_SIZE 65536

/* Texts one behind the other, each with its NUL, as /proc holds them. */
struct words {
    char text[WORDS_SIZE];
    char *list[WORDS_MAX + 1]; /* NULL-terminated */
};

struct bare_command {
    char program[256];
    struct words arguments;
    struct words environment;
    int monitor_fd; /* the number that the arguments name */
};

static void die(const char *what)
{
    perror(what);
    exit(1);
}

/* ---- reading a process ---------------------------------------------------------------------- */

static bool read_words(const char *pid, const char *file, struct words *out)
{
    char path[300];
    snprintf(path, sizeof path, "/proc/%s/%s", pid, file);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t got = fd < 0 ? -1 : read(fd, out->text, sizeof out->text - 1);
    size_t count = 0;
    if (fd >= 0)
        close(fd);
    if (got <= 0)
        return false;
    for (char *at = out->text; at < out->text + got && count < WORDS_MAX; at += strlen(at) + 1)
        out->list[count++] = at;
    out->list[count] = NULL;
    return true;
}

static bool has_word(const struct words *words, const char *text)
{
    for (char *const *at = words->list; *at; at++)
        if (strcmp(*at, text) == 0)
            return true;
    return false;
}

/* "socket,id=charmonitor,fd=9,server=on,wait=off" */
static int find_monitor_fd(const struct words *arguments)
{
    for (char *const *at = arguments->list; *at; at++) {
        const char *fd = strstr(*at, "id=charmonitor") ? strstr(*at, "fd=") : NULL;
        if (fd)
            return atoi(fd + strlen("fd="));
    }
    return -1;
}

static bool read_command(const char *pid, const char *mark, struct bare_command *command)
{
    char path[300];
    snprintf(path, sizeof path, "/proc/%s/exe", pid);
    ssize_t length = readlink(path, command->program, sizeof command->program - 1);
    if (length <= 0 || !read_words(pid, "environ", &command->environment) ||
        !has_word(&command->environment, mark) || !read_words(pid, "cmdline", &command->arguments))
        return false;
    command->program[length] = '\0';
    command->monitor_fd = find_monitor_fd(&command->arguments);
    return command->monitor_fd > STDERR_FILENO;
}

struct bare_command *bare_command_of(const char *mark)
{
    struct bare_command *command = malloc(sizeof *command);
    DIR *proc = opendir("/proc");
    const struct dirent *entry;
    bool found = false;
    if (!command || !proc)
        die("look for QEMU");
    while (!found && (entry = readdir(proc)))
        found = entry->d_name[0] >= '1' && entry->d_name[0] <= '9' &&
                read_command(entry->d_name, mark, command);
    closedir(proc);
    if (found)
        return command;
    free(command);
    return NULL;
}

void bare_command_free(struct bare_command *command)
{
    free(command);
}

/* ---- starting it ---------------------------------------------------------------------------- */

/* An abstract name of the kernel's choice: nothing is left in the file system. */
static int listen_somewhere(struct sockaddr_un *out_address, socklen_t *out_size)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    *out_size = sizeof *out_address;
    if (fd < 0 || bind(fd, (struct sockaddr *)&address, sizeof address.sun_family) < 0 ||
        listen(fd, 1) < 0 || getsockname(fd, (struct sockaddr *)out_address, out_size) < 0)
        die("listen for QEMU");
    return fd;
}

static pid_t spawn(const struct bare_command *command, int listener)
{
    posix_spawn_file_actions_t actions;
    pid_t pid;
    int moved = fcntl(listener, F_DUPFD_CLOEXEC, command->monitor_fd + 1); /* another number */
    if (moved < 0 || posix_spawn_file_actions_init(&actions) != 0 ||
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0) != 0 ||
        posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0) != 0 ||
        posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0) != 0 ||
        posix_spawn_file_actions_adddup2(&actions, moved, command->monitor_fd) != 0 ||
        posix_spawn(&pid, command->program, &actions, NULL, command->arguments.list,
                    command->environment.list) != 0)
        die("start QEMU");
    posix_spawn_file_actions_destroy(&actions);
    close(moved);
    return pid;
}

void bare_start(const struct bare_command *command, struct bare_process *out)
{
    struct sockaddr_un address;
    socklen_t size;
    int listener = listen_somewhere(&address, &size);
    out->pid = spawn(command, listener);
    out->monitor = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (out->monitor < 0 || connect(out->monitor, (struct sockaddr *)&address, size) < 0)
        die("connect to QEMU");
    close(listener);
}

/* Reads until the text has come. */
static void await(const struct bare_process *process, const char *wanted)
{
    char text[8192] = "";
    size_t have = 0;
    while (!strstr(text, wanted)) {
        ssize_t got = read(process->monitor, text + have, sizeof text - 1 - have);
        if (got <= 0) {
            fprintf(stderr, "bench-qemu: QEMU ended before '%s'; it said: %s\n", wanted, text);
            exit(1);
        }
        text[have += (size_t)got] = '\0';
    }
}

void bare_await_greeting(const struct bare_process *process)
{
    await(process, "\"QMP\"");
}

void bare_run(const struct bare_process *process)
{
    static const char commands[] = "{\"execute\":\"qmp_capabilities\"}\n"
                                   "{\"execute\":\"cont\",\"id\":\"run\"}\n";
    if (write(process->monitor, commands, sizeof commands - 1) != sizeof commands - 1)
        die("talk to QEMU");
    await(process, "\"id\": \"run\"");
}

void bare_end(struct bare_process *process)
{
    if (kill(process->pid, SIGTERM) < 0 || waitpid(process->pid, NULL, 0) != process->pid)
        die("end QEMU");
    close(process->monitor);
}
