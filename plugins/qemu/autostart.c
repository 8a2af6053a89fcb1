/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "autostart.h"

#include <string.h>

#include "files.h"
#include "index.h"
#include "machine.h"
#include "machine_start.h"
#include "save.h"

#define NOTE ".autostarted" /* in run/: the boot id of when it was done last */

static bool is_done(struct node *node)
{
    struct hvk_error ignored = {.size = sizeof ignored};
    auto_free char *when = files_read(node->run_fd, NOTE, 128, NULL, &ignored);
    return when && strcmp(when, node->boot_id) == 0;
}

/* Holds the reference that came with the post. */
static bool start_one(struct hvk_call *call, void *user)
{
    auto_machine struct machine *machine = user;
    struct start start = {.restore_fd = -1};
    if (machine->run || machine->gone)
        return true;
    if (machine->managed_save)
        return save_restore_managed(call, machine, 0);
    struct model_domain *live = machine_live_copy(machine, &call->error);
    return live && machine_start(call, machine, live, &start);
}

static void post_one(struct machine *machine, void *user)
{
    (void)user;
    struct node *node = machine->node;
    if (machine->autostart && !machine->run &&
        !node->core->lane_post(node->handle, HVK_OBJECT_DOMAIN, machine->uuid, start_one,
                               machine_ref(machine)))
        machine_unref(machine);
}

void autostart_all(struct hvk_call *call, struct node *node)
{
    struct hvk_error err = {.size = sizeof err};
    if (is_done(node))
        return;
    if (files_replace(node->run_fd, NOTE, node->boot_id, strlen(node->boot_id), &err)) {
        index_for_each(node->index, post_one, NULL);
        return;
    }
    hvk_error_prefix(&err, "domains are not started with the node");
    node->core->warn(call, err.text);
}
