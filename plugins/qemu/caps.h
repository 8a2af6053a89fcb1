/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What one emulator binary can do, learned from itself over QMP and kept on disk. Immutable once it
 * exists, so any lane may read it; counted. */
#ifndef HVKIT_QEMU_CAPS_H
#define HVKIT_QEMU_CAPS_H

#include <base/cleanup.h>
#include <base/error.h>
#include <jansson.h>

struct caps;

/* Changes whenever what is asked or how it is kept changes: older cache files are probed again. */
#define CAPS_FORMAT 1

/* What makes a binary another one: compared with what a cache file was made from. */
struct caps_identity {
    char *path; /* absolute, as the domain names it */
    uint64_t device;
    uint64_t inode;
    uint64_t size;
    int64_t mtime_ns;
    int64_t ctime_ns;
    char *kernel;    /* release of the running kernel: accelerators and CPU features follow it */
    bool kvm_device; /* this process may open /dev/kvm */
};

bool caps_identify(const char *path, struct caps_identity *out, struct hvk_error *err);
void caps_identity_fini(struct caps_identity *identity);
json_t *caps_identity_to_json(const struct caps_identity *identity); /* NULL: out of memory */

/* From the replies of the probe (see caps_probe.h), or from what caps_to_json() gave. Bounded,
 * never trusts its input. */
struct caps *caps_from_json(const json_t *json, struct hvk_error *err);
json_t *caps_to_json(const struct caps *caps); /* a new reference; NULL when out of memory */

struct caps *caps_ref(struct caps *caps);
void caps_unref(struct caps *caps);
DEFINE_AUTO_PTR(struct caps, caps_unref)
#define auto_caps AUTO(caps_unref_auto)

/* Was it learned from exactly this binary under this kernel? */
bool caps_is_of(const struct caps *caps, const struct caps_identity *identity);

const char *caps_get_path(const struct caps *caps);
const char *caps_get_arch(const struct caps *caps);    /* "x86_64", "aarch64": libvirt's names */
const char *caps_get_package(const struct caps *caps); /* the distribution's version text or "" */
uint32_t caps_get_version(const struct caps *caps);    /* major * 1000000 + minor * 1000 + micro */

/* KVM answered KVM_CREATE_VM in the probe. That a guest gets far with it is known only once one
 * ran: see machine_accelerator.c. */
bool caps_has_kvm(const struct caps *caps);

struct caps_machine {
    const char *name;
    const char *alias;       /* "pc", "q35"; NULL: none */
    const char *default_cpu; /* QOM type name or NULL */
    uint32_t max_cpus;
    bool is_default;
    bool hotpluggable_cpus;
    bool deprecated;
    bool acpi;
};

uint32_t caps_machine_count(const struct caps *caps);
const struct caps_machine *caps_machine_at(const struct caps *caps, uint32_t index);
/* By name or alias; NULL name: the default one. NULL when the emulator has none such. */
const struct caps_machine *caps_find_machine(const struct caps *caps, const char *name);

struct caps_cpu {
    const char *name; /* "Westmere", "host", "max" */
    const char *type; /* QOM type name */
    bool usable;      /* the host provides every feature (query-cpu-definitions under KVM) */
    bool deprecated;
    const char *blockers; /* features that are missing, separated by blanks; "" */
};

uint32_t caps_cpu_count(const struct caps *caps);
const struct caps_cpu *caps_cpu_at(const struct caps *caps, uint32_t index);
const struct caps_cpu *caps_find_cpu(const struct caps *caps, const char *name);

/* "virtio-blk-pci"; also what -object takes ("memory-backend-memfd", "rng-random"). */
bool caps_has_device(const struct caps *caps, const char *type);
bool caps_has_object(const struct caps *caps, const char *type);
/* A property of a device that the probe asks for (caps_probed_devices); false for others. */
bool caps_has_property(const struct caps *caps, const char *device, const char *property);
extern const char *const caps_probed_devices[]; /* NULL at the end */

bool caps_has_command(const struct caps *caps, const char *name); /* QMP */
/* A value of an enumeration or a member of an object of the QMP schema, by the path
 * "COMMAND/member/…/^value": "chardev-add/backend/^qemu-vdagent", "blockdev-add/^nbd/tls-creds".
 * Only those that the probe looks up (caps_probed_schema). */
bool caps_has_schema(const struct caps *caps, const char *path);
extern const char *const caps_probed_schema[];
/* An option of the command line: "sandbox", "tpmdev"; parameter NULL, or one of its parameters. */
bool caps_has_option(const struct caps *caps, const char *option, const char *parameter);
bool caps_has_tpm_model(const struct caps *caps, const char *model); /* "tpm-crb", "tpm-tis" */

#endif
