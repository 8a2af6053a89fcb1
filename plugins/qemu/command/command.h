/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* From a domain to what has to be started: QEMU's argument vector, the descriptors it inherits, the
 * files that must exist before, and the helper programs (swtpm, virtiofsd) it talks to. Pure apart
 * from what `struct command_input` hands in: nothing is started here, and nothing is created but
 * sockets inside the domain's runtime directory, which command_fini() closes, network interfaces
 * that go with their descriptors, and directories below the state directory. */
#ifndef HVKIT_QEMU_COMMAND_COMMAND_H
#define HVKIT_QEMU_COMMAND_COMMAND_H

#include <base/error.h>
#include <base/vector.h>
#include <hvkit/types.h>
#include <jansson.h>

#include "caps.h"

struct model_domain;     /* model/domain.h */
struct model_device_ref; /* model/domain-xml.h */

/* What the driver expects of every command line: the monitor as
 * `-chardev socket,id=charmonitor,fd=MONITOR_FD,server=on,wait=off -mon
 * chardev=charmonitor,mode=control`;
 * `-msg timestamp=on`; with on_poweroff other than destroy `-no-shutdown`, else QEMU ends by itself
 * (which is what tells the driver); with on_reboot destroy `-no-reboot`; on_crash as `-action
 * panic=pause` (preserve, coredump-*), `panic=shutdown` (destroy) or `panic=pause` (restart);
 * chardevs are called "char" + alias, block nodes and devices after the alias of their device
 * ("virtio-disk0", "net0"). */
#define COMMAND_MONITOR_ID "charmonitor" /* the chardev of the monitor */

/* Where a TCP port for a display comes from: one in [first, last] that is free now and stays
 * reserved for this domain; false with the error when there is none. preferred 0: any. */
typedef bool (*command_port_function)(void *user, uint16_t preferred, uint16_t first, uint16_t last,
                                      uint16_t *out_port, struct hvk_error *err);

/* The value of a secret, malloc'ed; by uuid, or by usage where uuid is NULL. */
typedef bool (*command_secret_function)(void *user, const uint8_t *uuid, const char *usage,
                                        void **out_data, size_t *out_length, struct hvk_error *err);

#define COMMAND_PAUSED (1u << 0)      /* -S: vCPUs wait for `cont` */
#define COMMAND_NO_SANDBOX (1u << 1)  /* the administrator turned seccomp off */
#define COMMAND_RESET_NVRAM (1u << 2) /* a fresh copy of the variable store's template */
#define COMMAND_INCOMING (1u << 3)    /* -incoming defer: the state comes over the monitor */
#define COMMAND_FORCE (1u << 4)       /* update: change a medium that the guest has locked */

struct command_input {
    struct model_domain *domain; /* the live copy: aliases, addresses, ports and paths that the
                              command line fixes are written into it */
    const struct caps *caps;
    const char *runtime_directory; /* absolute, 0700, of this domain alone: sockets go here */
    const char *nvram_directory;   /* absolute: variable stores without a path of their own */
    const char *state_directory;   /* absolute: what outlives a run (tpm/UUID) */
    int32_t monitor_fd;            /* listening unix socket; QEMU gets it under its own number */
    uint32_t flags;                /* COMMAND_* */
    command_port_function take_port;
    command_secret_function get_secret; /* NULL: this node keeps no secrets */
    void *user;
    void (*warn)(void *user, const char *text); /* may be NULL */
};

/* A file that must exist before QEMU starts. */
struct command_file {
    char *path;
    char *copy_of; /* NULL: created empty */
    uint32_t mode;
    bool keep; /* an existing one is left as it is */
};

/* A program that QEMU talks to; started before it, ends with it. */
struct command_helper {
    char *name;   /* "swtpm-tpm0": for messages and the log file */
    char **argv;  /* argv[0] is an absolute path */
    int32_t *fds; /* descriptors it inherits under their own numbers; owned by the command */
    uint32_t fd_count;
};

/* A character device with something to attach to. */
struct command_chardev {
    char *alias; /* "serial0", "channel1": as in the live XML; QEMU's chardev is "char" + alias */
    char *path;  /* unix socket or file; NULL for a pty, whose path QEMU tells (query-chardev) */
    bool pty;
};

struct command {
    char *path;             /* the emulator */
    char **argv;            /* NULL-terminated; argv[0] == path */
    char **environment;     /* NULL-terminated; NULL: the minimal one */
    struct vector fds;      /* int32_t: inherited by QEMU under their own numbers; owned */
    struct vector files;    /* struct command_file */
    struct vector helpers;  /* struct command_helper, in the order in which they start */
    struct vector chardevs; /* struct command_chardev */
    json_t *setup;    /* array of {"execute", "arguments"} to send before the vCPUs run (what the
                         command line cannot say); NULL: none */
    char *agent_path; /* unix socket of the guest agent's channel; NULL: none */
};

void command_init(struct command *command);
void command_fini(struct command *command);

/* Fills *out (initialised); on failure what was filled is the caller's to fini. CONFIG_UNSUPPORTED
 * names the element and what would be needed. */
bool command_build(const struct command_input *in, struct command *out, struct hvk_error *err);

/* Would command_build() accept it? For define: checks what can be known without starting, and
 * fills what a definition that is stored should fix (canonical machine type, device addresses). */
bool command_check(struct model_domain *domain, const struct caps *caps, struct hvk_error *err);

/* What QEMU's block commands and statistics call the drive ("id", "qdev"), from its alias: a
 * virtio disk is known by the path of its inner device. malloc'ed. */
struct model_disk;
char *command_disk_id(const struct model_disk *disk);
/* Is the node, as QEMU's events name it, the disk's or one of the images below it? */
bool command_disk_has_node(const struct model_disk *disk, const char *node);

/* ---- devices of a running domain ---- */

/* What to send for one device. Steps are {"execute", "arguments"}; a step that fails is followed
 * by the undo steps of those before it, in reverse order. */
struct device_plan {
    json_t *steps;
    json_t *undo;      /* one entry for each step; null: nothing to undo */
    struct vector fds; /* struct device_fd: passed with `getfd` before the steps; owned */
    char *device_id;   /* whose DEVICE_DELETED ends a removal; NULL: gone once the steps are done */
    json_t *after; /* steps for when DEVICE_DELETED came (blockdev-del, netdev_del …); or NULL */
};

struct device_fd {
    char *name;
    int32_t fd;
};

void device_plan_init(struct device_plan *plan);
void device_plan_fini(struct device_plan *plan);

/* The device is part of in->domain already (attach), or still (detach); the plan writes its alias,
 * address and the like into it. update: `device`, which is in no domain, replaces `old`, which is:
 * media of drives, link state, passwords of displays, the statistics period of the balloon;
 * OPERATION_UNSUPPORTED for what cannot change while the domain runs. */
bool device_plan_attach(const struct command_input *in, const struct model_device_ref *device,
                        struct device_plan *out, struct hvk_error *err);
bool device_plan_detach(const struct command_input *in, const struct model_device_ref *device,
                        struct device_plan *out, struct hvk_error *err);
bool device_plan_update(const struct command_input *in, const struct model_device_ref *old,
                        const struct model_device_ref *device, struct device_plan *out,
                        struct hvk_error *err);

#endif
