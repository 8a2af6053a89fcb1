/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Lists that are only ever searched stay JSON objects used as sets: jansson's hash tables may be
 * read by any number of threads as long as nobody counts references. */
#include "caps.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/utsname.h>

#include <base/string.h>

#include "counted.h"

#define CAPS_LIST_MAX 65536

struct caps {
    struct counted counted;
    json_t *json; /* the whole, as it is kept on disk; the pointers below are borrowed from it */
    const json_t *devices;
    const json_t *objects;
    const json_t *properties; /* device: {property: true} */
    const json_t *commands;
    const json_t *schema;
    const json_t *options; /* option: {parameter: true} */
    const json_t *tpm_models;
    struct caps_machine *machines;
    uint32_t machine_count;
    struct caps_cpu *cpus;
    uint32_t cpu_count;
    uint32_t version;
};

/* ---- identity ------------------------------------------------------------------------------- */

bool caps_identify(const char *path, struct caps_identity *out, struct hvk_error *err)
{
    struct stat st;
    if (path[0] != '/')
        return hvk_error_set(err, HVK_ERR_CONFIG_UNSUPPORTED,
                             "the emulator '%s' must be an absolute path", path);
    if (stat(path, &st) < 0)
        return hvk_error_errno(err, errno, "look at the emulator '%s'", path);
    if (!S_ISREG(st.st_mode) || access(path, X_OK) < 0)
        return hvk_error_set(err, HVK_ERR_CONFIG_UNSUPPORTED,
                             "the emulator '%s' is not a program that may be executed", path);
    struct utsname system;
    uname(&system);
    *out = (struct caps_identity){
        .path = strdup(path),
        .device = st.st_dev,
        .inode = st.st_ino,
        .size = (uint64_t)st.st_size,
        .mtime_ns = st.st_mtim.tv_sec * 1000000000ll + st.st_mtim.tv_nsec,
        .ctime_ns = st.st_ctim.tv_sec * 1000000000ll + st.st_ctim.tv_nsec,
        .kernel = strdup(system.release),
        .kvm_device = access("/dev/kvm", R_OK | W_OK) == 0,
    };
    if (out->path && out->kernel)
        return true;
    caps_identity_fini(out);
    return hvk_error_memory(err);
}

void caps_identity_fini(struct caps_identity *identity)
{
    free(identity->path);
    free(identity->kernel);
    *identity = (struct caps_identity){0};
}

json_t *caps_identity_to_json(const struct caps_identity *identity)
{
    return json_pack("{s:s, s:I, s:I, s:I, s:I, s:I, s:s, s:b}", "path", identity->path, "device",
                     (json_int_t)identity->device, "inode", (json_int_t)identity->inode, "size",
                     (json_int_t)identity->size, "mtime", (json_int_t)identity->mtime_ns, "ctime",
                     (json_int_t)identity->ctime_ns, "kernel", identity->kernel, "kvm",
                     (int)identity->kvm_device);
}

bool caps_is_of(const struct caps *caps, const struct caps_identity *identity)
{
    json_t *wanted = caps_identity_to_json(identity);
    bool same = wanted && json_equal(wanted, json_object_get(caps->json, "identity"));
    json_decref(wanted);
    return same;
}

/* ---- reading -------------------------------------------------------------------------------- */

static bool read_machine(struct caps_machine *machine, const json_t *json)
{
    int max_cpus, is_default, hotpluggable, deprecated, acpi;
    if (json_unpack((json_t *)json, "{s:s, s?s, s?s, s:i, s:b, s:b, s:b, s:b}", "name",
                    &machine->name, "alias", &machine->alias, "default-cpu", &machine->default_cpu,
                    "max-cpus", &max_cpus, "default", &is_default, "hotpluggable-cpus",
                    &hotpluggable, "deprecated", &deprecated, "acpi", &acpi) < 0)
        return false;
    machine->max_cpus = max_cpus > 0 ? (uint32_t)max_cpus : 1;
    machine->is_default = is_default;
    machine->hotpluggable_cpus = hotpluggable;
    machine->deprecated = deprecated;
    machine->acpi = acpi;
    return true;
}

static bool read_machines(struct caps *caps, const json_t *list)
{
    size_t count = json_array_size(list);
    if (count == 0 || count > CAPS_LIST_MAX)
        return false;
    caps->machines = calloc(count, sizeof *caps->machines);
    if (!caps->machines)
        return false;
    for (; caps->machine_count < count; caps->machine_count++)
        if (!read_machine(&caps->machines[caps->machine_count],
                          json_array_get(list, caps->machine_count)))
            return false;
    return true;
}

static bool read_cpus(struct caps *caps, const json_t *list)
{
    size_t count = json_array_size(list);
    if (count > CAPS_LIST_MAX)
        return false;
    caps->cpus = calloc(count + 1, sizeof *caps->cpus);
    if (!caps->cpus)
        return false;
    for (; caps->cpu_count < count; caps->cpu_count++) {
        struct caps_cpu *cpu = &caps->cpus[caps->cpu_count];
        int usable, deprecated;
        if (json_unpack(json_array_get(list, caps->cpu_count), "{s:s, s:s, s:b, s:b, s:s}", "name",
                        &cpu->name, "type", &cpu->type, "usable", &usable, "deprecated",
                        &deprecated, "blockers", &cpu->blockers) < 0)
            return false;
        cpu->usable = usable;
        cpu->deprecated = deprecated;
    }
    return true;
}

/* A member that is an object used as a set. */
static bool read_set(const json_t *json, const char *name, const json_t **out_set)
{
    *out_set = json_object_get(json, name);
    return json_is_object(*out_set);
}

static bool read_all(struct caps *caps)
{
    const json_t *json = caps->json;
    const json_t *format = json_object_get(json, "format");
    const json_t *version = json_object_get(json, "version");
    caps->version = (uint32_t)json_integer_value(version);
    return json_integer_value(format) == CAPS_FORMAT && json_is_integer(version) &&
           json_is_string(json_object_get(json, "arch")) &&
           json_is_string(json_object_get(json, "package")) &&
           json_is_string(json_object_get(json_object_get(json, "identity"), "path")) &&
           read_set(json, "devices", &caps->devices) && read_set(json, "objects", &caps->objects) &&
           read_set(json, "properties", &caps->properties) &&
           read_set(json, "commands", &caps->commands) && read_set(json, "schema", &caps->schema) &&
           read_set(json, "options", &caps->options) &&
           read_set(json, "tpm-models", &caps->tpm_models) &&
           read_machines(caps, json_object_get(json, "machines")) &&
           read_cpus(caps, json_object_get(json, "cpus"));
}

struct caps *caps_from_json(const json_t *json, struct hvk_error *err)
{
    auto_caps struct caps *caps = calloc(1, sizeof *caps);
    if (!caps) {
        hvk_error_memory(err);
        return NULL;
    }
    counted_init(&caps->counted);
    caps->json = json_deep_copy(json); /* others may count references of what they gave */
    if (!caps->json || !read_all(caps)) {
        hvk_error_set(err, HVK_ERR_PARSE_FAILED,
                      "the description of the emulator lacks a member or is of another format");
        return NULL;
    }
    return TAKE(caps);
}

json_t *caps_to_json(const struct caps *caps)
{
    return json_deep_copy(caps->json);
}

struct caps *caps_ref(struct caps *caps)
{
    counted_ref(&caps->counted);
    return caps;
}

void caps_unref(struct caps *caps)
{
    if (!caps || !counted_unref(&caps->counted))
        return;
    json_decref(caps->json);
    free(caps->machines);
    free(caps->cpus);
    free(caps);
}

/* ---- questions ------------------------------------------------------------------------------ */

const char *caps_get_path(const struct caps *caps)
{
    return json_string_value(json_object_get(json_object_get(caps->json, "identity"), "path"));
}

const char *caps_get_arch(const struct caps *caps)
{
    return json_string_value(json_object_get(caps->json, "arch"));
}

const char *caps_get_package(const struct caps *caps)
{
    return json_string_value(json_object_get(caps->json, "package"));
}

uint32_t caps_get_version(const struct caps *caps)
{
    return caps->version;
}

bool caps_has_kvm(const struct caps *caps)
{
    return json_is_true(json_object_get(caps->json, "kvm"));
}

uint32_t caps_machine_count(const struct caps *caps)
{
    return caps->machine_count;
}

const struct caps_machine *caps_machine_at(const struct caps *caps, uint32_t index)
{
    return &caps->machines[index];
}

const struct caps_machine *caps_find_machine(const struct caps *caps, const char *name)
{
    for (uint32_t i = 0; i < caps->machine_count; i++) {
        const struct caps_machine *machine = &caps->machines[i];
        if (name ? string_equal(machine->name, name) || string_equal(machine->alias, name)
                 : machine->is_default)
            return machine;
    }
    return NULL;
}

uint32_t caps_cpu_count(const struct caps *caps)
{
    return caps->cpu_count;
}

const struct caps_cpu *caps_cpu_at(const struct caps *caps, uint32_t index)
{
    return &caps->cpus[index];
}

const struct caps_cpu *caps_find_cpu(const struct caps *caps, const char *name)
{
    for (uint32_t i = 0; i < caps->cpu_count; i++)
        if (strcmp(caps->cpus[i].name, name) == 0)
            return &caps->cpus[i];
    return NULL;
}

bool caps_has_device(const struct caps *caps, const char *type)
{
    return json_object_get(caps->devices, type) != NULL;
}

bool caps_has_object(const struct caps *caps, const char *type)
{
    return json_object_get(caps->objects, type) != NULL;
}

bool caps_has_property(const struct caps *caps, const char *device, const char *property)
{
    return json_object_get(json_object_get(caps->properties, device), property) != NULL;
}

bool caps_has_command(const struct caps *caps, const char *name)
{
    return json_object_get(caps->commands, name) != NULL;
}

bool caps_has_schema(const struct caps *caps, const char *path)
{
    return json_object_get(caps->schema, path) != NULL;
}

bool caps_has_option(const struct caps *caps, const char *option, const char *parameter)
{
    const json_t *parameters = json_object_get(caps->options, option);
    return parameter ? json_object_get(parameters, parameter) != NULL : parameters != NULL;
}

bool caps_has_tpm_model(const struct caps *caps, const char *model)
{
    return json_object_get(caps->tpm_models, model) != NULL;
}
