/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "caps_probe.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <time.h>

#include <base/string.h>
#include <base/vector.h>
#include <runtime/child.h>

#include "log_tail.h"
#include "qmp.h"

/* One question; `key` is where its answer goes when a command is asked more than once. */
struct question {
    const char *command;
    const char *key;
    const char *argument; /* "name=value" or NULL */
};

static const struct question questions[] = {
    {"query-version", NULL, NULL},
    {"query-target", NULL, NULL},
    {"query-kvm", NULL, NULL},
    {"query-machines", NULL, NULL},
    {"query-cpu-definitions", NULL, NULL},
    {"query-commands", NULL, NULL},
    {"query-command-line-options", NULL, NULL},
    {"query-qmp-schema", NULL, NULL},
    {"query-tpm-models", NULL, NULL},
    {"qom-list-types", "qom-list-types/device", "implements=device"},
    {"qom-list-types", "qom-list-types/user-creatable", "implements=user-creatable"},
};

const char *const caps_probed_devices[] = {
    "virtio-blk-pci",
    "virtio-scsi-pci",
    "virtio-net-pci",
    "virtio-balloon-pci",
    "virtio-gpu-pci",
    "virtio-vga",
    "virtio-serial-pci",
    "virtio-rng-pci",
    "scsi-hd",
    "ide-hd",
    "usb-storage",
    "nvme",
    "vhost-vsock-pci",
    "vhost-user-fs-pci",
    "qxl",
    "VGA",
    "intel-hda",
    "pvpanic",
    "pcie-root-port",
    "isa-serial",
    "qemu-xhci",
    "virtio-9p-pci",
    NULL,
};

/* ---- one probe ------------------------------------------------------------------------------ */

struct asked {
    struct qmp_command *command;
    char *key;
};

struct probe {
    struct qmp *qmp;
    struct vector asked; /* struct asked, in the order of the replies */
    struct hvk_error lost;
    bool is_lost;
};

static void probe_fini(struct probe *probe)
{
    VECTOR_FOR_EACH (&probe->asked, struct asked, asked) {
        qmp_command_unref(asked->command);
        free(asked->key);
    }
    vector_fini(&probe->asked);
    qmp_free(probe->qmp);
}
#define auto_probe AUTO(probe_fini) struct probe

static void on_lost(void *user, const struct hvk_error *why)
{
    struct probe *probe = user;
    probe->is_lost = true;
    probe->lost = *why;
}

static const struct qmp_handler handler = {.lost = on_lost};

/* Takes arguments. */
static bool ask(struct probe *probe, const char *command, json_t *arguments, const char *key,
                struct hvk_error *err)
{
    struct asked asked = {.command = qmp_send(probe->qmp, command, arguments, -1, err)};
    if (!asked.command)
        return false;
    asked.key = strdup(key);
    if (asked.key && vector_push(&probe->asked, &asked))
        return true;
    qmp_command_unref(asked.command);
    free(asked.key);
    return hvk_error_memory(err);
}

static json_t *question_arguments(const struct question *question)
{
    if (!question->argument)
        return NULL;
    const char *value = strchr(question->argument, '=') + 1;
    return json_pack("{s:s, s:b}", "implements", value, "abstract", 0);
}

static bool ask_all(struct probe *probe, struct hvk_error *err)
{
    if (!ask(probe, "qmp_capabilities", NULL, "qmp_capabilities", err))
        return false;
    for (size_t i = 0; i < ARRAY_SIZE(questions); i++) {
        const struct question *q = &questions[i];
        if (!ask(probe, q->command, question_arguments(q), q->key ? q->key : q->command, err))
            return false;
    }
    for (size_t i = 0; caps_probed_devices[i]; i++) {
        auto_free char *key = string_format("device-list-properties/%s", caps_probed_devices[i]);
        json_t *arguments = json_pack("{s:s}", "typename", caps_probed_devices[i]);
        if (!key || !arguments || !ask(probe, "device-list-properties", arguments, key, err))
            return key && arguments ? false : hvk_error_memory(err);
    }
    return true;
}

static int64_t now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1000ll + now.tv_nsec / 1000000;
}

static bool all_done(const struct probe *probe)
{
    const struct asked *last = vector_at(&probe->asked, probe->asked.count - 1);
    return last->command->done;
}

/* Replies come in the order of the questions, so the last one ends the conversation. */
static bool converse(struct probe *probe, struct hvk_error *err)
{
    int64_t deadline = now_ms() + CAPS_PROBE_TIMEOUT_MS;
    while (!probe->is_lost && !all_done(probe)) {
        qmp_flush(probe->qmp);
        struct pollfd wait = {.fd = qmp_get_fd(probe->qmp), .events = (short)qmp_wants(probe->qmp)};
        int64_t left = deadline - now_ms();
        int due = left > 0 ? poll(&wait, 1, (int)left) : 0;
        if (due == 0)
            return hvk_error_set(err, HVK_ERR_OPERATION_TIMEOUT,
                                 "it did not answer within %d seconds",
                                 CAPS_PROBE_TIMEOUT_MS / 1000);
        if (due > 0)
            qmp_receive(probe->qmp);
    }
    if (!probe->is_lost)
        return true;
    if (probe->lost.code)
        hvk_error_copy(err, &probe->lost);
    else
        hvk_error_set(err, HVK_ERR_OPERATION_FAILED, "it ended before it answered");
    return false;
}

static json_t *collect(const struct probe *probe)
{
    json_t *replies = json_object();
    VECTOR_FOR_EACH (&probe->asked, struct asked, asked)
        if (asked->command->result)
            json_object_set(replies, asked->key, asked->command->result);
    return replies;
}

/* ---- the process ---------------------------------------------------------------------------- */

static int32_t start(const struct caps_identity *identity, int fd, int log_fd, int32_t *out_pidfd,
                     struct hvk_error *err)
{
    auto_free char *chardev = string_format("socket,id=charmonitor,fd=%d", fd);
    if (!chardev) {
        hvk_error_memory(err);
        return -1;
    }
    const char *argv[] = {
        identity->path,
        "-S",
        "-no-user-config",
        "-nodefaults",
        "-display",
        "none",
        "-machine",
        "none",
        "-accel",
        "kvm",
        "-accel",
        "tcg",
        "-chardev",
        chardev,
        "-mon",
        "chardev=charmonitor,mode=control",
        NULL,
    };
    struct hvk_spawn spawn = {.size = sizeof spawn,
                              .flags = HVK_SPAWN_BOUND,
                              .path = identity->path,
                              .argv = argv,
                              .stdin_fd = -1,
                              .stdout_fd = log_fd,
                              .stderr_fd = log_fd,
                              .fd_count = 1,
                              .fds = &fd,
                              .cgroup_fd = -1,
                              .directory_fd = -1};
    return child_spawn(&spawn, out_pidfd, err);
}

static void end(int pidfd)
{
    struct hvk_error ignored = {.size = sizeof ignored};
    int32_t status;
    if (child_kill(pidfd, SIGKILL, &ignored))
        child_wait(pidfd, -1, &status, &ignored);
}

static json_t *probe_through(const struct caps_identity *identity, struct probe *probe,
                             struct hvk_error *err)
{
    if (!ask_all(probe, err) || !converse(probe, err))
        return NULL;
    json_t *replies = collect(probe);
    json_t *condensed = caps_condense(identity, replies, err);
    json_decref(replies);
    return condensed;
}

json_t *caps_probe(const struct caps_identity *identity, struct hvk_error *err)
{
    int pair[2];
    auto_fd int log_fd = memfd_create("qemu-probe", MFD_CLOEXEC);
    if (log_fd < 0 || socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) < 0) {
        hvk_error_errno(err, errno, "prepare the probe of '%s'", identity->path);
        return NULL;
    }
    auto_fd int theirs = pair[1];
    auto_probe probe = {.asked = VECTOR_INIT(struct asked)};
    probe.qmp = qmp_new(pair[0], &handler, &probe, err);
    int32_t pidfd = -1;
    if (!probe.qmp || start(identity, theirs, log_fd, &pidfd, err) < 0)
        return NULL;
    auto_fd int held = pidfd;
    close(TAKE_FD(theirs)); /* or its end would never be seen */
    json_t *result = probe_through(identity, &probe, err);
    end(held);
    if (!result)
        log_tail_explain(log_fd, 0, err, "cannot learn what the emulator '%s' can do",
                         identity->path);
    return result;
}
