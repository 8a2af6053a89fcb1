/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Opening and closing a root. */
#include <string.h>

#include <base/string.h>

#include "adopt.h"
#include "autostart.h"
#include "index.h"
#include "machine.h"
#include "root.h"
#include "save.h"

#define ADOPTION_WAIT_MS 1000

const struct hvk_core *node_core;

static const char *root_of(const struct hvk_uri *uri, struct hvk_error *err)
{
    if (strcmp(uri->path, "/system") == 0 || strcmp(uri->path, "/session") == 0) {
        hvk_error_set(err, HVK_ERR_NO_CONNECT,
                      "'%s' is served by the daemon, which comes with the package hvkitd; without "
                      "one this process can own domains itself: qemu:///embed?root=/DIRECTORY",
                      uri->text);
        return NULL;
    }
    if (strcmp(uri->path, "/embed") != 0 || uri->host[0]) {
        hvk_error_set(err, HVK_ERR_INVALID_ARG,
                      "'%s' is no URI of this driver: it serves qemu:///embed?root=/DIRECTORY",
                      uri->text);
        return NULL;
    }
    for (uint64_t i = 0; i < uri->param_count; i++)
        if (strcmp(uri->params[i].name, "root") == 0)
            return uri->params[i].value;
    hvk_error_set(err, HVK_ERR_INVALID_ARG,
                  "'%s' names no root: qemu:///embed?root=/DIRECTORY says where its domains live",
                  uri->text);
    return NULL;
}

/* ---- closing -------------------------------------------------------------------------------- */

/* A guest that is to end with its owner ends here. */
static void end_bound(struct machine *machine, void *user)
{
    (void)user;
    struct run *run = machine->run;
    if (!run || !machine->autodestroy)
        return;
    machine->run = NULL;
    run_remove(machine->node, run);
}

void node_close(void *instance)
{
    struct node *node = instance;
    if (!node)
        return;
    if (node->index)
        index_for_each(node->index, end_bound, NULL);
    index_free(node->index);
    root_close(node);
    free(node);
}

/* ---- opening -------------------------------------------------------------------------------- */

struct publication {
    struct hvk_call *call;
    struct vector machines; /* struct machine *, with references */
    bool failed;
};

static void collect(struct machine *machine, void *user)
{
    struct publication *publication = user;
    struct machine *held = machine_ref(machine);
    if (!vector_push(&publication->machines, &held)) {
        machine_unref(held);
        publication->failed = true;
    }
}

static bool adoption_concluded(struct hvk_call *call, void *user)
{
    (void)call;
    struct node *node = user;
    node->adoptions--;
    return true;
}

static bool adopt_one(struct hvk_call *call, void *user)
{
    auto_machine struct machine *machine = user; /* the reference that came with the post */
    struct node *node = machine->node;
    bool ok = adopt_connect(call, machine);
    node->core->lane_post(node->handle, HVK_OBJECT_CONNECTION, NULL, adoption_concluded, node);
    return ok;
}

static bool adoptions_are_concluded(void *user)
{
    const struct node *node = user;
    return node->adoptions == 0;
}

/* What was noted of a guest may be old: whoever opens the root is to see what is, unless a QEMU
 * does not answer. Then the others are not kept waiting for it. */
static void await_adoptions(struct hvk_call *call, struct node *node)
{
    if (node->adoptions > 0 &&
        !node->core->lane_wait(call, adoptions_are_concluded, node, ADOPTION_WAIT_MS))
        hvk_error_init(&call->error);
}

/* A row that cannot be published (two definitions with one name) must not hide the others. */
static void publish_one(struct hvk_call *call, struct machine *machine)
{
    const struct hvk_core *core = machine->node->core;
    save_find_managed(machine);
    if (!machine_publish(call, machine)) {
        core->warn(call, call->error.text);
        hvk_error_init(&call->error);
        return;
    }
    if (!machine->run)
        return;
    if (core->lane_post(machine->node->handle, HVK_OBJECT_DOMAIN, machine->uuid, adopt_one,
                        machine_ref(machine)))
        machine->node->adoptions++;
    else
        machine_unref(machine);
}

static bool publish_all(struct hvk_call *call, struct node *node)
{
    struct publication publication = {.call = call, .machines = VECTOR_INIT(struct machine *)};
    index_for_each(node->index, collect, &publication);
    VECTOR_FOR_EACH (&publication.machines, struct machine *, machine) {
        if (!publication.failed) /* all or none: what is posted for one must not outlive the node */
            publish_one(call, *machine);
        machine_unref(*machine);
    }
    vector_fini(&publication.machines);
    return !publication.failed || hvk_error_memory(&call->error);
}

static bool fill(struct hvk_call *call, struct node *node, const char *root)
{
    node->index = index_new();
    if (!node->index)
        return hvk_error_memory(&call->error);
    if (!root_open(node, root, &call->error) || !definition_load_all(call, node) ||
        !adopt_all(call, node) || !save_sweep(node, &call->error) || !publish_all(call, node))
        return false;
    autostart_all(call, node);
    await_adoptions(call, node);
    return true;
}

void *node_open(struct hvk_call *call, struct hvk_node *handle, const struct hvk_uri *uri,
                uint32_t flags)
{
    (void)flags;
    const char *root = root_of(uri, &call->error);
    struct node *node = root ? calloc(1, sizeof *node) : NULL;
    if (!node) {
        if (root)
            hvk_error_memory(&call->error);
        hvk_error_from(&call->error, HVK_FROM_QEMU);
        return NULL;
    }
    node->core = node_core;
    node->handle = handle;
    if (fill(call, node, root))
        return node;
    hvk_error_from(&call->error, HVK_FROM_QEMU);
    node_close(node);
    return NULL;
}
