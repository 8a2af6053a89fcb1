/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The work in progress of one command line or device plan. Builders describe what QEMU is to have
 * as parts, in JSON as QMP takes it; a part becomes an option of the command line (command_argv.c)
 * or a QMP command (plan.c), so that both ways of giving a domain a device are one. */
#ifndef HVKIT_QEMU_COMMAND_BUILD_H
#define HVKIT_QEMU_COMMAND_BUILD_H

#include <base/buffer.h>
#include <base/string.h>
#include <model/arena.h>
#include <model/domain-xml.h>

#include "command/command.h"

enum part_kind {
    PART_OPTION, /* of the command line only */
    PART_OBJECT,
    PART_AUDIODEV,
    PART_CHARDEV,
    PART_BLOCKDEV,
    PART_NETDEV,
    PART_FSDEV,
    PART_TPMDEV,
    PART_DEVICE,
    PART_KINDS,
};

struct part {
    enum part_kind kind;
    const char *option; /* PART_OPTION: "-boot" */
    char *text;         /* PART_OPTION: its value or NULL */
    json_t *json;       /* every other kind */
};

struct build {
    const struct command_input *in;
    struct model_domain *domain;
    const struct caps *caps;
    struct command *out; /* files, helpers, chardevs, setup */
    struct hvk_error *err;
    struct vector parts; /* struct part */
    struct vector fds;   /* struct device_fd: owned */
    bool dry;            /* command_check(): nothing outside the domain is read, opened or made */
    bool running;        /* QEMU runs already: descriptors are passed by name */
    uint32_t next_node;  /* of the block graph */
};

void build_init(struct build *b, const struct command_input *in, struct command *out,
                struct hvk_error *err);
void build_fini(struct build *b);

/* Adding takes the reference; NULL JSON is out of memory. */
bool build_part(struct build *b, enum part_kind kind, json_t *json);
bool build_option(struct build *b, const char *option, const char *value);
bool build_option_format(struct build *b, const char *option, const char *format, ...)
    HVK_PRINTF(3, 4);
bool build_option_keyval(struct build *b, const char *option, const char *implied, json_t *json);
/* A QMP command for before the vCPUs run; arguments may be NULL. */
bool build_setup(struct build *b, const char *execute, json_t *arguments);

/* How QEMU names a descriptor of ours, which the build owns from now on: its number on a command
 * line, `name` on a running domain. malloc'ed. */
char *build_fd(struct build *b, int fd, const char *name);

/* A file that must exist before QEMU starts; strings are copied. */
bool build_file(struct build *b, const char *path, const char *copy_of, uint32_t mode, bool keep);
bool build_chardev_note(struct build *b, const char *alias, const char *path, bool pty);

/* "domain 'a', devices/disk (line 12): …", CONFIG_UNSUPPORTED. node may be NULL. */
bool build_refuse(struct build *b, const struct model_node *node, const char *path,
                  const char *format, ...) HVK_PRINTF(4, 5);
void build_warn(struct build *b, const char *format, ...) HVK_PRINTF(2, 3);

/* The emulator lacks what the element needs: refused with `what`. */
bool build_need_device(struct build *b, const struct model_node *node, const char *path,
                       const char *type);
bool build_need_object(struct build *b, const struct model_node *node, const char *path,
                       const char *type);

/* Memory, text and array members that live as long as the domain; NULL or false with the error when
 * out of memory. */
void *build_alloc(struct build *b, size_t size);
bool build_append(struct build *b, void *array, void *item);
const char *build_text(struct build *b, const char *text);
const char *build_text_format(struct build *b, const char *format, ...) HVK_PRINTF(2, 3);

/* The last step of every device: id, bus and address, boot index, ACPI index. */
bool build_device(struct build *b, struct model_device *device, json_t *json);

/* JSON members of values that may be unset. */
void json_put_string(json_t *json, const char *key, const char *value);
void json_put_uint(json_t *json, const char *key, struct model_uint value);
void json_put_bool(json_t *json, const char *key, enum model_switch value);  /* true, false */
void json_put_onoff(json_t *json, const char *key, enum model_switch value); /* "on", "off" */
void json_put_virtio(json_t *json, const struct model_virtio *virtio);

#define auto_json AUTO(build_json_release) json_t
static inline void build_json_release(json_t **json)
{
    json_decref(*json);
}

/* ---- properties that are copied as they are ---- */

enum property_kind {
    PROPERTY_STRING,
    PROPERTY_UINT,
    PROPERTY_BOOL,
    PROPERTY_ONOFF,
    PROPERTY_WORD,
};

/* A member of a model struct and the QEMU property it becomes. */
struct property {
    const char *name; /* QEMU's */
    const char *path; /* in the element: "driver/@queues" */
    enum property_kind kind;
    uint16_t offset;
    uint32_t variants; /* mask of those of the family that have it; 0: all */
    const struct model_words *words;
};

#define PROPERTY_OF(type, member, qemu, xml, what, mask)                                           \
    {                                                                                              \
        .name = (qemu), .path = (xml), .kind = (what), .offset = offsetof(type, member),           \
        .variants = (mask)                                                                         \
    }

/* Puts what is set; refuses what is set and not the variant's. */
bool build_properties(struct build *b, json_t *json, const struct property *rows, size_t count,
                      const void *base, uint32_t variant, const struct model_node *node,
                      const char *element);

/* ---- what is asked about the machine ---- */

bool build_is_q35(const struct model_domain *domain);
bool build_is_i440fx(const struct model_domain *domain);
bool build_has_shared_memory(const struct model_domain *domain);

#define ARRAY_OF(array) ((struct model_array *)(void *)(array))

#endif
