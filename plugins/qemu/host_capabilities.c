/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The capabilities document: the host, and the guests that each emulator runs. */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/sysinfo.h>
#include <sys/utsname.h>

#include <base/string.h>
#include <base/uuid.h>

#include "files.h"
#include "host.h"
#include "index.h"
#include "node.h"
#include "xml_write.h"

/* ---- the host ------------------------------------------------------------------------------- */

/* /etc/machine-id: 32 hexadecimal digits, the machine's own identity. */
static void write_uuid(struct xml *xml)
{
    struct hvk_error ignored = {.size = sizeof ignored};
    auto_free char *text = files_read(AT_FDCWD, "/etc/machine-id", 128, NULL, &ignored);
    uint8_t uuid[HVK_UUID_SIZE];
    char formatted[HVK_UUID_STRING_SIZE];
    if (!text)
        return;
    text[strcspn(text, "\n")] = '\0';
    if (!uuid_parse(text, uuid))
        return;
    uuid_format(uuid, formatted);
    xml_text(xml, "uuid", formatted, NULL);
}

static void write_cell(struct xml *xml)
{
    struct sysinfo info;
    char memory[32] = "0";
    char cpus[24];
    long count = sysconf(_SC_NPROCESSORS_ONLN);
    if (sysinfo(&info) == 0)
        snprintf(memory, sizeof memory, "%llu",
                 (unsigned long long)info.totalram * info.mem_unit / 1024);
    snprintf(cpus, sizeof cpus, "%ld", count);
    xml_open(xml, "topology", NULL);
    xml_open(xml, "cells", "num", "1", NULL);
    xml_open(xml, "cell", "id", "0", NULL);
    xml_text(xml, "memory", memory, "unit", "KiB", NULL);
    xml_open(xml, "cpus", "num", cpus, NULL);
    for (long i = 0; i < count; i++) {
        char id[24];
        snprintf(id, sizeof id, "%ld", i);
        xml_empty(xml, "cpu", "id", id, NULL);
    }
    xml_close(xml, "cpus");
    xml_close(xml, "cell");
    xml_close(xml, "cells");
    xml_close(xml, "topology");
}

static void write_host(struct xml *xml)
{
    struct utsname system;
    uname(&system);
    xml_open(xml, "host", NULL);
    write_uuid(xml);
    xml_open(xml, "cpu", NULL);
    xml_text(xml, "arch", system.machine, NULL);
    xml_close(xml, "cpu");
    xml_empty(xml, "power_management", NULL);
    xml_empty(xml, "iommu", "support",
              access("/sys/kernel/iommu_groups/0", F_OK) == 0 ? "yes" : "no", NULL);
    write_cell(xml);
    xml_close(xml, "host");
}

/* ---- guests --------------------------------------------------------------------------------- */

static void write_machine(struct xml *xml, const struct caps_machine *machine)
{
    char cpus[16];
    snprintf(cpus, sizeof cpus, "%u", machine->max_cpus);
    const char *deprecated = machine->deprecated ? "yes" : NULL;
    xml_text(xml, "machine", machine->name, "maxCpus", cpus, "deprecated", deprecated, NULL);
    if (machine->alias)
        xml_text(xml, "machine", machine->alias, "canonical", machine->name, "maxCpus", cpus,
                 "deprecated", deprecated, NULL);
}

static bool is_64_bit(const char *arch)
{
    return strstr(arch, "64") || strcmp(arch, "s390x") == 0;
}

static void write_guest(struct xml *xml, const struct caps *caps)
{
    const char *arch = caps_get_arch(caps);
    xml_open(xml, "guest", NULL);
    xml_text(xml, "os_type", "hvm", NULL);
    xml_open(xml, "arch", "name", arch, NULL);
    xml_text(xml, "wordsize", is_64_bit(arch) ? "64" : "32", NULL);
    xml_text(xml, "emulator", caps_get_path(caps), NULL);
    /* The usual one first: it is what a client takes when it has no wish of its own. */
    const struct caps_machine *usual = caps_find_machine(caps, NULL);
    if (usual)
        write_machine(xml, usual);
    for (uint32_t i = 0; i < caps_machine_count(caps); i++)
        if (caps_machine_at(caps, i) != usual)
            write_machine(xml, caps_machine_at(caps, i));
    xml_empty(xml, "domain", "type", "qemu", NULL);
    if (caps_has_kvm(caps))
        xml_empty(xml, "domain", "type", "kvm", NULL);
    xml_close(xml, "arch");
    xml_open(xml, "features", NULL);
    xml_empty(xml, "acpi", "default", "on", "toggle", "yes", NULL);
    xml_empty(xml, "apic", "default", "on", "toggle", "no", NULL);
    xml_empty(xml, "cpuselection", NULL);
    xml_empty(xml, "deviceboot", NULL);
    xml_empty(xml, "disksnapshot", "default", "on", "toggle", "no", NULL);
    xml_close(xml, "features");
    xml_close(xml, "guest");
}

struct survey {
    struct hvk_call *call;
    struct node *node;
    struct xml *xml;
};

/* An emulator that cannot be asked is left out, with a warning: the others work. */
static bool survey_emulator(void *user, const char *path)
{
    struct survey *survey = user;
    auto_caps struct caps *caps = node_caps(survey->call, survey->node, path);
    if (caps) {
        write_guest(survey->xml, caps);
        return true;
    }
    if (!survey->node->core->check(survey->call))
        return false;
    survey->node->core->warn(survey->call, survey->call->error.text);
    hvk_error_init(&survey->call->error);
    return true;
}

bool host_get_capabilities(struct hvk_call *call, void *instance, struct hvk_string_sink *out)
{
    auto_xml xml = {0};
    struct survey survey = {.call = call, .node = instance, .xml = &xml};
    xml_open(&xml, "capabilities", NULL);
    write_host(&xml);
    if (!node_each_emulator(survey_emulator, &survey))
        return false;
    xml_close(&xml, "capabilities");
    return xml.text.failed ? hvk_error_memory(&call->error) : hvk_put_string(out, xml.text.data);
}

/* ---- single facts --------------------------------------------------------------------------- */

/* The emulator for an architecture (NULL: this machine's), asked. */
static struct caps *caps_for(struct hvk_call *call, struct node *node, const char *arch)
{
    struct utsname system;
    uname(&system);
    auto_free char *path = node_find_emulator(arch ? arch : system.machine, &call->error);
    return path ? node_caps(call, node, path) : NULL;
}

bool host_get_version(struct hvk_call *call, void *instance, uint64_t *out_version)
{
    auto_caps struct caps *caps = caps_for(call, instance, NULL);
    *out_version = caps ? caps_get_version(caps) : 0;
    return caps != NULL;
}

bool host_get_max_vcpus(struct hvk_call *call, void *instance, const char *type,
                        int32_t *out_max_vcpus)
{
    if (type && strcmp(type, "kvm") != 0 && strcmp(type, "qemu") != 0)
        return hvk_error_set(&call->error, HVK_ERR_INVALID_ARG,
                             "there are no guests of the kind '%s': it is 'kvm' or 'qemu'", type);
    auto_caps struct caps *caps = caps_for(call, instance, NULL);
    uint32_t most = 0;
    for (uint32_t i = 0; caps && i < caps_machine_count(caps); i++)
        if (caps_machine_at(caps, i)->max_cpus > most)
            most = caps_machine_at(caps, i)->max_cpus;
    *out_max_vcpus = (int32_t)most;
    return caps != NULL;
}

bool host_get_cpu_model_names(struct hvk_call *call, void *instance, const char *arch,
                              uint32_t flags, struct hvk_string_sink *out)
{
    (void)flags;
    auto_caps struct caps *caps = caps_for(call, instance, arch);
    for (uint32_t i = 0; caps && i < caps_cpu_count(caps); i++)
        if (!hvk_put_string(out, caps_cpu_at(caps, i)->name))
            return false;
    return caps != NULL;
}
