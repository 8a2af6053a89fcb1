/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "domain_xml.h"

#include <string.h>
#include <sys/utsname.h>

#include <base/string.h>
#include <model/arena.h>
#include <model/domain-xml.h>

#include "command/command.h"

struct report {
    struct hvk_call *call;
    const struct node *node;
};

static void on_warning(void *data, uint32_t line, uint32_t column, const char *text)
{
    const struct report *report = data;
    auto_free char *message = string_format("line %u, column %u: %s", line, column, text);
    if (message)
        report->node->core->warn(report->call, message);
}

static bool check_kind(const struct model_domain *config, struct hvk_error *err)
{
    if (config->type != MODEL_VIRT_QEMU && config->type != MODEL_VIRT_KVM)
        return hvk_error_set(err, HVK_ERR_CONFIG_UNSUPPORTED,
                             "the domain '%s' is not QEMU's: its type must be 'kvm' or 'qemu'",
                             config->name);
    if (config->os.type.kind != MODEL_OS_HVM)
        return hvk_error_set(err, HVK_ERR_OS_TYPE,
                             "the domain '%s' has an OS type that QEMU does not run: it must be "
                             "'hvm'",
                             config->name);
    return true;
}

static bool fill_emulator(struct model_domain *config, struct hvk_error *err)
{
    struct utsname system;
    uname(&system);
    if (!config->os.type.arch)
        config->os.type.arch = model_arena_string(config->arena, system.machine);
    if (!config->os.type.arch)
        return hvk_error_memory(err);
    if (config->devices.emulator)
        return true;
    auto_free char *path = node_find_emulator(config->os.type.arch, err);
    if (!path)
        return false;
    config->devices.emulator = model_arena_string(config->arena, path);
    return config->devices.emulator || hvk_error_memory(err);
}

static bool complete(struct hvk_call *call, struct node *node, const struct hvk_domain *identity,
                     struct model_domain *config)
{
    memcpy(config->uuid.bytes, identity->uuid, HVK_UUID_SIZE);
    config->uuid.set = true;
    if (!check_kind(config, &call->error) || !fill_emulator(config, &call->error))
        return false;
    auto_caps struct caps *caps = node_caps(call, node, config->devices.emulator);
    return caps && command_check(config, caps, &call->error);
}

struct model_domain *domain_xml_read(struct hvk_call *call, struct node *node,
                                     const struct hvk_domain *identity, const char *xml,
                                     bool validate)
{
    struct report data = {.call = call, .node = node};
    struct model_report report = {.warn = on_warning, .data = &data};
    uint32_t flags = MODEL_PARSE_INACTIVE | (validate ? MODEL_VALIDATE : 0);
    struct model_domain *config =
        model_domain_parse(xml, strlen(xml), flags, &report, &call->error);
    if (!config || complete(call, node, identity, config))
        return config;
    hvk_error_prefix(&call->error, "cannot use the configuration of the domain '%s'",
                     identity->name);
    hvk_error_from(&call->error, HVK_FROM_QEMU);
    model_domain_free(config);
    return NULL;
}
