/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The smallest hypervisor that does something: a domain is a program.
 *
 *   example:///?NAME=/ABSOLUTE/PROGRAM&…
 *
 * Its domains exist as long as the connection, and their programs end with it: it keeps no state.
 * plugins/test and plugins/qemu show how a driver does that. */
#include "guest.h"

#include <base/uuid.h>
#include <hvkit/connection-driver.h>
#include <stdlib.h>
#include <string.h>

HVK_DRIVER_IDENTITY(.place = HVK_DRIVER_CLIENT, .threading = HVK_THREADS_PER_OBJECT,
                    .id = "example", .version = "1.0", .schemes = "example",
                    .tables = HVK_CONNECTION_TABLE " " HVK_DOMAIN_TABLE);

const struct hvk_core *core;

static bool start(struct hvk_call *call, const struct hvk_core *services)
{
    (void)call;
    core = services;
    return true;
}

static void stop(void)
{
}

static bool guest_init(struct hvk_call *call, struct guest *guest, struct node *node,
                       const struct hvk_uri_param *param)
{
    *guest = (struct guest){.node = node,
                            .pid = -1,
                            .pidfd = -1,
                            .stat_fd = -1,
                            .state = HVK_DOMAIN_SHUTOFF,
                            .reason = HVK_DOMAIN_SHUTOFF_UNKNOWN};
    node->count++;
    if (param->value[0] != '/')
        return hvk_error_set(&call->error, HVK_ERR_INVALID_ARG,
                             "domain '%s' is '%s', which is no absolute path of a program",
                             param->name, param->value);
    guest->name = strdup(param->name);
    guest->program = strdup(param->value);
    if (!guest->name || !guest->program || !uuid_generate(guest->uuid))
        return hvk_error_memory(&call->error);
    return guest_publish(call, guest);
}

static void node_close(void *instance)
{
    struct node *node = instance;
    for (uint64_t i = 0; i < node->count; i++)
        guest_fini(&node->guests[i]);
    free(node->guests);
    free(node);
}

static void *node_open(struct hvk_call *call, struct hvk_node *host, const struct hvk_uri *uri,
                       uint32_t flags)
{
    (void)flags;
    struct node *node = calloc(1, sizeof *node);
    if (node)
        node->guests = calloc(uri->param_count + 1, sizeof *node->guests);
    if (!node || !node->guests) {
        free(node);
        hvk_error_memory(&call->error);
        return NULL;
    }
    node->host = host;
    for (uint64_t i = 0; i < uri->param_count; i++) {
        if (!guest_init(call, &node->guests[i], node, &uri->params[i])) {
            node_close(node);
            return NULL;
        }
    }
    return node;
}

static bool connection_get_version(struct hvk_call *call, void *instance, uint64_t *out_version)
{
    (void)call;
    (void)instance;
    *out_version = 1000000; /* 1.0.0, as the description says */
    return true;
}

static const struct hvk_connection_table connection_table = {
    .size = sizeof connection_table,
    .get_version = connection_get_version,
};

static const void *find(const char *table_id)
{
    if (strcmp(table_id, HVK_CONNECTION_TABLE) == 0)
        return &connection_table;
    return strcmp(table_id, HVK_DOMAIN_TABLE) == 0 ? &domain_table : NULL;
}

const struct hvk_driver *hvk_driver_v1(void)
{
    static const struct hvk_driver driver = {
        .size = sizeof driver,
        .identity = &hvk_note.identity,
        .start = start,
        .stop = stop,
        .open = node_open,
        .close = node_close,
        .find = find,
    };
    return &driver;
}
