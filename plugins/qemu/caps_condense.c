/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* From the replies of a probe to what struct caps keeps. Replies are an emulator's, so every member
 * may be missing or of another type. */
#include <string.h>

#include <base/buffer.h>
#include <base/string.h>

#include "caps_probe.h"

#define CONDENSE_LIST_MAX 16384

const char *const caps_probed_schema[] = {
    "blockdev-add/+file/aio/^io_uring",
    "blockdev-add/+file/locking",
    "blockdev-add/+host_device",
    "blockdev-add/+nbd",
    "blockdev-add/+nbd/tls-hostname",
    "blockdev-add/+http",
    "blockdev-add/+https",
    "blockdev-add/+ftp",
    "blockdev-add/+iscsi",
    "blockdev-add/+rbd",
    "blockdev-add/+ssh",
    "blockdev-add/+nfs",
    "blockdev-add/+gluster",
    "blockdev-add/+nvme",
    "blockdev-add/+vhdx",
    "chardev-add/backend/type/^spicevmc",
    "chardev-add/backend/type/^spiceport",
    "chardev-add/backend/type/^qemu-vdagent",
    "chardev-add/backend/type/^dbus",
    "netdev_add/+user",
    "netdev_add/+tap",
    "netdev_add/+bridge",
    "netdev_add/+stream",
    "netdev_add/+dgram",
    "netdev_add/+vhost-user",
    "netdev_add/+vhost-vdpa",
    "query-display-options/@type/^gtk",
    "query-display-options/@type/^sdl",
    "query-display-options/@type/^egl-headless",
    "query-display-options/@type/^dbus",
    "screendump/format/^png",
    "set-action/panic",
    NULL,
};

/* ---- the schema ----------------------------------------------------------------------------- */

/* Types by name, so that a path is followed without searching. */
static json_t *index_schema(const json_t *schema)
{
    json_t *index = json_object();
    size_t i;
    json_t *entry;
    json_array_foreach(schema, i, entry)
    {
        const char *name = json_string_value(json_object_get(entry, "name"));
        if (name && i < CONDENSE_LIST_MAX)
            json_object_set(index, name, entry);
    }
    return index;
}

static const json_t *find_named(const json_t *list, const char *key, const char *name)
{
    size_t i;
    json_t *item;
    json_array_foreach(
        list, i,
        item) if (string_equal(json_string_value(json_object_get(item, key)), name)) return item;
    return NULL;
}

static bool has_value(const json_t *type, const char *value)
{
    size_t i;
    json_t *item;
    json_array_foreach(json_object_get(type, "values"), i,
                       item) if (string_equal(json_string_value(item), value)) return true;
    return false;
}

/* The type that one segment of a path leads to: "+case" of a variant, or a member. */
static const json_t *schema_step(const json_t *index, const json_t *type, const char *segment)
{
    const json_t *found = segment[0] == '+'
                              ? find_named(json_object_get(type, "variants"), "case", segment + 1)
                              : find_named(json_object_get(type, "members"), "name", segment);
    const char *name = json_string_value(json_object_get(found, "type"));
    const json_t *next = name ? json_object_get(index, name) : NULL;
    if (string_equal(json_string_value(json_object_get(next, "meta-type")), "array"))
        name = json_string_value(json_object_get(next, "element-type"));
    return name ? json_object_get(index, name) : NULL;
}

/* "COMMAND/member/+case/^value"; a second segment that begins with '@' starts from the result. */
static bool schema_has(const json_t *index, const char *path)
{
    auto_free char *copy = strdup(path);
    if (!copy)
        return false;
    char *rest;
    const char *segment = strtok_r(copy, "/", &rest);
    const json_t *command = json_object_get(index, segment);
    const json_t *type = NULL;
    for (bool first = true; (segment = strtok_r(NULL, "/", &rest)); first = false) {
        bool of_result = first && segment[0] == '@';
        if (first) {
            const char *name =
                json_string_value(json_object_get(command, of_result ? "ret-type" : "arg-type"));
            type = name ? json_object_get(index, name) : NULL;
        }
        if (segment[0] == '^')
            return has_value(type, segment + 1);
        type = schema_step(index, type, segment + of_result);
        if (!type)
            return false;
    }
    return type != NULL;
}

static json_t *condense_schema(const json_t *schema)
{
    json_t *index = index_schema(schema);
    json_t *found = json_object();
    for (size_t i = 0; caps_probed_schema[i]; i++)
        if (schema_has(index, caps_probed_schema[i]))
            json_object_set_new(found, caps_probed_schema[i], json_true());
    json_decref(index);
    return found;
}

/* ---- lists ---------------------------------------------------------------------------------- */

/* A list of objects with a name, or of strings, as a set. */
static json_t *condense_names(const json_t *list, const char *key)
{
    json_t *set = json_object();
    size_t i;
    json_t *item;
    json_array_foreach(list, i, item)
    {
        const char *name = json_string_value(key ? json_object_get(item, key) : item);
        if (name && i < CONDENSE_LIST_MAX)
            json_object_set_new(set, name, json_true());
    }
    return set;
}

static json_t *condense_options(const json_t *list)
{
    json_t *set = json_object();
    size_t i;
    json_t *item;
    json_array_foreach(list, i, item)
    {
        const char *name = json_string_value(json_object_get(item, "option"));
        if (name && i < CONDENSE_LIST_MAX)
            json_object_set_new(set, name,
                                condense_names(json_object_get(item, "parameters"), "name"));
    }
    return set;
}

static bool flag(const json_t *item, const char *name, bool otherwise)
{
    const json_t *value = json_object_get(item, name);
    return json_is_boolean(value) ? json_is_true(value) : otherwise;
}

static json_t *condense_machines(const json_t *list)
{
    json_t *machines = json_array();
    size_t i;
    json_t *item;
    json_array_foreach(list, i, item)
    {
        const char *name = json_string_value(json_object_get(item, "name"));
        if (!name || strcmp(name, "none") == 0 || i >= CONDENSE_LIST_MAX)
            continue;
        json_int_t cpus = json_integer_value(json_object_get(item, "cpu-max"));
        json_array_append_new(
            machines, json_pack("{s:s, s:s*, s:s*, s:I, s:b, s:b, s:b, s:b}", "name", name, "alias",
                                json_string_value(json_object_get(item, "alias")), "default-cpu",
                                json_string_value(json_object_get(item, "default-cpu-type")),
                                "max-cpus", cpus > 0 && cpus < INT32_MAX ? cpus : 1, "default",
                                flag(item, "is-default", false), "hotpluggable-cpus",
                                flag(item, "hotpluggable-cpus", false), "deprecated",
                                flag(item, "deprecated", false), "acpi", flag(item, "acpi", true)));
    }
    return machines;
}

static json_t *condense_blockers(const json_t *features)
{
    auto_buffer text = BUFFER_INIT;
    size_t i;
    json_t *item;
    json_array_foreach(features, i, item)
    {
        if (!json_is_string(item) || i >= 1024)
            continue;
        if (text.length > 0)
            buffer_add_char(&text, ' ');
        buffer_add_string(&text, json_string_value(item));
    }
    return json_string(text.data ? text.data : "");
}

static json_t *condense_cpus(const json_t *list)
{
    json_t *cpus = json_array();
    size_t i;
    json_t *item;
    json_array_foreach(list, i, item)
    {
        const json_t *features = json_object_get(item, "unavailable-features");
        const char *name = json_string_value(json_object_get(item, "name"));
        const char *type = json_string_value(json_object_get(item, "typename"));
        if (!name || !type || i >= CONDENSE_LIST_MAX)
            continue;
        json_array_append_new(cpus, json_pack("{s:s, s:s, s:b, s:b, s:o}", "name", name, "type",
                                              type, "usable", json_array_size(features) == 0,
                                              "deprecated", flag(item, "deprecated", false),
                                              "blockers", condense_blockers(features)));
    }
    return cpus;
}

static json_t *condense_properties(const json_t *replies)
{
    json_t *properties = json_object();
    for (size_t i = 0; caps_probed_devices[i]; i++) {
        auto_free char *key = string_format("device-list-properties/%s", caps_probed_devices[i]);
        const json_t *list = key ? json_object_get(replies, key) : NULL;
        if (list)
            json_object_set_new(properties, caps_probed_devices[i], condense_names(list, "name"));
    }
    return properties;
}

/* ---- the whole ------------------------------------------------------------------------------ */

static const char *arch_name(const char *qemu)
{
    /* What QEMU calls i386, libvirt's XML calls i686. */
    return string_equal(qemu, "i386") ? "i686" : qemu;
}

static json_int_t version_number(const json_t *version)
{
    const json_t *qemu = json_object_get(version, "qemu");
    return json_integer_value(json_object_get(qemu, "major")) * 1000000 +
           json_integer_value(json_object_get(qemu, "minor")) * 1000 +
           json_integer_value(json_object_get(qemu, "micro"));
}

static bool kvm_enabled(const json_t *kvm)
{
    return json_is_true(json_object_get(kvm, "enabled"));
}

json_t *caps_condense(const struct caps_identity *identity, const json_t *replies,
                      struct hvk_error *err)
{
    static const char *const needed[] = {"query-version", "query-target", "query-machines",
                                         "query-commands", "qom-list-types/device"};
    for (size_t i = 0; i < ARRAY_SIZE(needed); i++)
        if (!json_object_get(replies, needed[i])) {
            hvk_error_set(err, HVK_ERR_OPERATION_FAILED, "the emulator '%s' does not answer '%s'",
                          identity->path, needed[i]);
            return NULL;
        }
    const json_t *version = json_object_get(replies, "query-version");
    const char *package = json_string_value(json_object_get(version, "package"));
    const char *arch =
        json_string_value(json_object_get(json_object_get(replies, "query-target"), "arch"));
    json_t *json = json_pack(
        "{s:i, s:o, s:I, s:s, s:s, s:b, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "format",
        CAPS_FORMAT, "identity", caps_identity_to_json(identity), "version",
        version_number(version), "package", package ? package : "", "arch",
        arch ? arch_name(arch) : "", "kvm", kvm_enabled(json_object_get(replies, "query-kvm")),
        "machines", condense_machines(json_object_get(replies, "query-machines")), "cpus",
        condense_cpus(json_object_get(replies, "query-cpu-definitions")), "devices",
        condense_names(json_object_get(replies, "qom-list-types/device"), "name"), "objects",
        condense_names(json_object_get(replies, "qom-list-types/user-creatable"), "name"),
        "properties", condense_properties(replies), "commands",
        condense_names(json_object_get(replies, "query-commands"), "name"), "schema",
        condense_schema(json_object_get(replies, "query-qmp-schema")), "options",
        condense_options(json_object_get(replies, "query-command-line-options")), "tpm-models",
        condense_names(json_object_get(replies, "query-tpm-models"), NULL));
    if (!json)
        hvk_error_memory(err);
    return json;
}
