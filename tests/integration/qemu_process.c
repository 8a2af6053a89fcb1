/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qemu_process.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

void owner_spawn(struct lab *lab, const char *verb, const char *xml, struct owner_process *out)
{
    char path[256];
    int in[2], pipe_out[2];
    snprintf(path, sizeof path, "%s/owner.xml", lab->root);
    FILE *file = fopen(path, "we");
    assert_non_null(file);
    fputs(xml, file);
    fclose(file);
    assert_int_equal(pipe2(in, O_CLOEXEC), 0);
    assert_int_equal(pipe2(pipe_out, O_CLOEXEC), 0);
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, in[0], STDIN_FILENO);
    posix_spawn_file_actions_adddup2(&actions, pipe_out[1], STDOUT_FILENO);
    char *argv[] = {(char *)LAB_OWNER, lab->uri, (char *)verb, path, NULL};
    assert_int_equal(posix_spawn(&out->pid, LAB_OWNER, &actions, NULL, argv, environ), 0);
    posix_spawn_file_actions_destroy(&actions);
    close(in[0]);
    close(pipe_out[1]);
    out->in = in[1];
    out->out = pipe_out[0];
}

void owner_expect(const struct owner_process *owner, const char *line)
{
    char seen[4096] = "";
    size_t have = 0;
    while (!strstr(seen, line)) {
        struct pollfd wait = {.fd = owner->out, .events = POLLIN};
        ssize_t got = poll(&wait, 1, LAB_WAIT_MS) > 0
                          ? read(owner->out, seen + have, sizeof seen - 1 - have)
                          : -1;
        if (got <= 0)
            fail_msg("the owner did not say '%s': %s", line, seen);
        seen[have += (size_t)got] = '\0';
    }
}

char *owner_kill(struct owner_process *owner)
{
    size_t have = 0;
    char *text = malloc(1 << 20);
    assert_non_null(text);
    kill(owner->pid, SIGKILL);
    waitpid(owner->pid, NULL, 0);
    ssize_t got;
    while (have < (1 << 20) - 1 && (got = read(owner->out, text + have, (1 << 20) - 1 - have)) > 0)
        have += (size_t)got;
    text[have] = '\0';
    close(owner->in);
    close(owner->out);
    return text;
}
