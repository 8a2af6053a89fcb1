/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "node.h"

#include "domain.h"
#include "file.h"

#include <base/string.h>
#include <base/uuid.h>
#include <errno.h>
#include <string.h>

/* What application suites written for libvirt's test driver expect to find. */
static const char default_domain[] = "<domain type='test'>\n"
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

static bool give_uuid(struct model_domain *config, struct hvk_error *err)
{
    if (!config->uuid.set && !uuid_generate(config->uuid.bytes))
        return hvk_error_errno(err, errno, "make a uuid for domain '%s'", config->name);
    config->uuid.set = true;
    return true;
}

/* What a document says of how the domain is found; it is no part of the configuration. */
struct found {
    int32_t state;
    bool transient;
    bool saved;
};

static bool take_found(struct model_domain *config, struct found *found, struct hvk_error *err)
{
    found->state =
        config->test_runstate.set ? (int32_t)config->test_runstate.value : HVK_DOMAIN_RUNNING;
    found->transient = config->test_transient.value != 0;
    found->saved = config->test_managed_save.value != 0;
    config->test_runstate = config->test_transient = config->test_managed_save =
        (struct model_uint){0};
    bool stopped = found->state == HVK_DOMAIN_SHUTOFF;
    if (found->transient && stopped)
        return hvk_error_set(err, HVK_ERR_INVALID_ARG,
                             "domain '%s' cannot be transient and not run", config->name);
    if (found->saved && !stopped)
        return hvk_error_set(err, HVK_ERR_INVALID_ARG,
                             "domain '%s' cannot have a managed save image while it runs",
                             config->name);
    return true;
}

static struct machine *new_machine(struct hvk_call *call, struct test_node *node,
                                   const struct model_domain *config)
{
    struct hvk_domain identity = {.size = sizeof identity, .id = -1, .name = config->name};
    memcpy(identity.uuid, config->uuid.bytes, HVK_UUID_SIZE);
    struct machine *machine = machine_obtain(call, node, &identity);
    if (!machine || machine->generation == 0)
        return machine;
    hvk_error_set(&call->error, HVK_ERR_DOM_EXIST, "domains '%s' and '%s' have the same uuid",
                  machine_model(machine)->name, config->name);
    return NULL;
}

bool node_add_domain(struct hvk_call *call, struct test_node *node, struct model_domain *domain)
{
    auto_model_domain config = domain;
    struct found found;
    if (!config || !give_uuid(config, &call->error) || !take_found(config, &found, &call->error))
        return false;
    bool runs = found.state != HVK_DOMAIN_SHUTOFF;
    bool twice = found.saved || (runs && !found.transient); /* stored, and also runs or is saved */
    auto_model_domain copy = twice ? model_domain_copy(config, &call->error) : NULL;
    struct machine *machine = copy || !twice ? new_machine(call, node, config) : NULL;
    if (!machine)
        return false;
    struct machine next = *machine;
    *(found.transient ? &next.live : &next.config) = TAKE(config);
    if (twice)
        *(found.saved ? &next.saved : &next.live) = TAKE(copy);
    next.state = found.state;
    next.reason = found.saved ? HVK_DOMAIN_SHUTOFF_SAVED : 0; /* else unknown, in every state */
    return runs ? machine_run(call, machine, &next) : machine_commit(call, machine, &next);
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
    if (uri->path[0] == '\0' || strcmp(uri->path, "/") == 0)
        return hvk_error_set(&call->error, HVK_ERR_INVALID_ARG,
                             "%s: which node? Use test:///default or test:///FILE.xml", uri->text);
    if (!apply_params(call, node, uri))
        return false;
    if (strcmp(uri->path, "/default") == 0)
        return node_add_domain(call, node, domain_parse(call, NULL, default_domain, false));
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
    model_arena_free(node->document);
    free(node);
}
