/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "node.h"

#include "domain.h"
#include "file.h"

#include <base/string.h>
#include <base/uuid.h>

/* What application suites written for libvirt's test driver expect to find. */
static const char default_domain[] =
    "<domain type='test'>\n"
    "  <name>test</name>\n"
    "  <uuid>6695eb01-f6a4-8304-79aa-97f2502e193f</uuid>\n"
    "  <memory unit='KiB'>8388608</memory>\n"
    "  <currentMemory unit='KiB'>2097152</currentMemory>\n"
    "  <vcpu placement='static'>2</vcpu>\n"
    "  <os>\n"
    "    <type arch='i686'>hvm</type>\n"
    "    <boot dev='hd'/>\n"
    "  </os>\n"
    "  <clock offset='utc'/>\n"
    "  <on_poweroff>destroy</on_poweroff>\n"
    "  <on_reboot>restart</on_reboot>\n"
    "  <on_crash>destroy</on_crash>\n"
    "  <devices>\n"
    "    <disk type='file' device='disk'>\n"
    "      <source file='/guest/diskimage1'/>\n"
    "      <target dev='vda' bus='virtio'/>\n"
    "    </disk>\n"
    "    <interface type='network'>\n"
    "      <mac address='aa:bb:cc:dd:ee:ff'/>\n"
    "      <source network='default'/>\n"
    "      <target dev='testnet0'/>\n"
    "    </interface>\n"
    "    <memballoon model='virtio'/>\n"
    "  </devices>\n"
    "</domain>\n";

static const struct test_node default_node = {
    .model = "i686",
    .memory_kib = 3145728,
    .cpus = 16,
    .mhz = 1400,
    .cell_count = 2,
    .sockets = 2,
    .cores = 2,
    .threads = 2,
    .cells = {{.memory_kib = 2097152, .first_cpu = 0, .cpus = 8},
              {.memory_kib = 4194304, .first_cpu = 8, .cpus = 8}},
};

int32_t node_next_id(struct test_node *node)
{
    return __atomic_add_fetch(&node->last_id, 1, __ATOMIC_RELAXED);
}

bool node_add_domain(struct hvk_call *call, struct test_node *node, const char *xml, bool run)
{
    struct model_domain *config = domain_parse(call, NULL, xml, false);
    if (!config)
        return false;
    if (!config->uuid.set && !uuid_generate(config->uuid.bytes)) {
        model_domain_free(config);
        return hvk_error_set(&call->error, HVK_ERR_SYSTEM_ERROR, "cannot make a uuid");
    }
    config->uuid.set = true;
    struct machine *machine = machine_new(node, config->uuid.bytes, config, &call->error);
    if (!machine)
        return false;
    if (!machine_publish(call, machine)) {
        machine_free(machine);
        return false;
    }
    struct model_domain *live = run ? model_domain_copy(config, &call->error) : NULL;
    return !run || (live && machine_run(call, machine, live, false, HVK_DOMAIN_RUNNING_BOOTED,
                                        HVK_DOMAIN_EVENT_STARTED_BOOTED));
}

static bool apply_params(struct hvk_call *call, struct test_node *node, const struct hvk_uri *uri)
{
    for (uint64_t i = 0; i < uri->param_count; i++) {
        const struct hvk_uri_param *param = &uri->params[i];
        if (strcmp(param->name, "inject") != 0)
            return hvk_error_set(&call->error, HVK_ERR_INVALID_ARG,
                                 "%s: the test driver knows no parameter '%s', only 'inject'",
                                 uri->text, param->name);
        if (!injections_parse(&node->injections, param->value, &call->error))
            return false;
    }
    return true;
}

static bool fill(struct hvk_call *call, struct test_node *node, const struct hvk_uri *uri)
{
    if (uri->host[0] != '\0')
        return hvk_error_set(&call->error, HVK_ERR_INVALID_ARG,
                             "%s: the test driver has no hosts; use test:///default or "
                             "test:///FILE.xml",
                             uri->text);
    if (uri->path[0] == '\0' || strcmp(uri->path, "/") == 0)
        return hvk_error_set(&call->error, HVK_ERR_INVALID_ARG,
                             "%s: which node? Use test:///default or test:///FILE.xml", uri->text);
    if (!apply_params(call, node, uri))
        return false;
    if (strcmp(uri->path, "/default") == 0)
        return node_add_domain(call, node, default_domain, true);
    return file_load(call, node, uri->path);
}

static void free_machine(void *object, void *user)
{
    (void)user;
    machine_free(object);
}

void *node_open(struct hvk_call *call, struct hvk_node *host, const struct hvk_uri *uri,
                uint32_t flags)
{
    (void)flags;
    struct test_node *node = malloc(sizeof *node);
    if (!node) {
        hvk_error_memory(&call->error);
        return NULL;
    }
    *node = default_node;
    node->core = test_core;
    node->host = host;
    if (fill(call, node, uri))
        return node;
    node_close(node);
    return NULL;
}

void node_close(void *instance)
{
    struct test_node *node = instance;
    node->core->for_each_object(node->host, HVK_OBJECT_DOMAIN, free_machine, NULL);
    free(node);
}
