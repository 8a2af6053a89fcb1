/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Devices that come, go and change while the domain runs: the parts of a device as QMP commands. */
#include "command/address.h"
#include "command/alias.h"
#include "command/block.h"
#include "command/defaults.h"
#include "command/device.h"
#include "command/pci.h"
#include "command/plan_update.h"

void device_plan_init(struct device_plan *plan)
{
    *plan = (struct device_plan){.fds = VECTOR_INIT(struct device_fd)};
}

void device_plan_fini(struct device_plan *plan)
{
    json_decref(plan->steps);
    json_decref(plan->undo);
    json_decref(plan->after);
    VECTOR_FOR_EACH (&plan->fds, struct device_fd, fd) {
        close(fd->fd);
        free(fd->name);
    }
    vector_fini(&plan->fds);
    free(plan->device_id);
    device_plan_init(plan);
}

json_t *plan_command(const char *execute, json_t *arguments)
{
    return arguments ? json_pack("{s:s,s:o}", "execute", execute, "arguments", arguments) : NULL;
}

bool plan_step(struct device_plan *plan, json_t *step, json_t *undo, struct hvk_error *err)
{
    if (!plan->steps)
        plan->steps = json_array();
    if (!plan->undo)
        plan->undo = json_array();
    /* appending consumes the references, whatever comes of it */
    bool ok = json_array_append_new(plan->steps, step) == 0;
    return json_array_append_new(plan->undo, undo ? undo : json_null()) == 0 && ok
               ? true
               : hvk_error_memory(err);
}

/* ---- attach ---- */

/* What QMP calls each kind of part, and what takes it away again. */
static const struct {
    const char *add;
    const char *remove;
    const char *id; /* the member that names it */
} commands[PART_KINDS] = {
    [PART_OBJECT] = {"object-add", "object-del", "id"},
    [PART_CHARDEV] = {"chardev-add", "chardev-remove", "id"},
    [PART_BLOCKDEV] = {"blockdev-add", "blockdev-del", "node-name"},
    [PART_NETDEV] = {"netdev_add", "netdev_del", "id"},
    [PART_DEVICE] = {"device_add", "device_del", "id"},
};

bool plan_parts(struct build *b, struct device_plan *out)
{
    VECTOR_FOR_EACH (&b->parts, struct part, part) {
        if (!commands[part->kind].add)
            return hvk_error_set(b->err, HVK_ERR_OPERATION_UNSUPPORTED,
                                 "domain '%s' runs: QEMU takes this device at its start only",
                                 b->domain->name);
        const char *key = commands[part->kind].id;
        json_t *undo = plan_command(commands[part->kind].remove,
                                    json_pack("{s:O}", key, json_object_get(part->json, key)));
        if (!plan_step(out, plan_command(commands[part->kind].add, json_incref(part->json)), undo,
                       b->err))
            return false;
    }
    size_t index;
    json_t *step;
    json_array_foreach(b->out->setup, index,
                       step) if (!plan_step(out, json_incref(step), NULL, b->err)) return false;
    return true;
}

static void move_fds(struct build *b, struct device_plan *out)
{
    vector_fini(&out->fds);
    out->fds = b->fds;
    b->fds = (struct vector)VECTOR_INIT(struct device_fd);
}

static bool prepare(struct build *b, const struct family *family, struct model_device *device)
{
    return defaults_fill_device(b, family->kind, device) &&
           address_assign_device(b, family, device) && pci_assign_device(b, family, device) &&
           alias_assign_device(b, family, device) && family->build(b, device);
}

static const struct family *find_family(struct build *b, const struct model_device_ref *device,
                                        const char *verb)
{
    const struct family *family = family_find(device->class);
    if (family && family->hotplug)
        return family;
    hvk_error_set(b->err, HVK_ERR_OPERATION_UNSUPPORTED, "cannot %s a <%s> while domain '%s' runs",
                  verb, model_device_element(device->class), b->domain->name);
    return NULL;
}

bool device_plan_attach(const struct command_input *in, const struct model_device_ref *device,
                        struct device_plan *out, struct hvk_error *err)
{
    AUTO(command_fini) struct command scratch;
    AUTO(build_fini) struct build b;
    command_init(&scratch);
    build_init(&b, in, &scratch, err);
    b.running = true;
    const struct family *family = find_family(&b, device, "attach");
    if (!family || !prepare(&b, family, device->device))
        return hvk_error_from(err, HVK_FROM_QEMU);
    if (scratch.helpers.count > 0)
        return hvk_error_set(err, HVK_ERR_OPERATION_UNSUPPORTED,
                             "domain '%s' runs: this device has a helper program, which "
                             "is started with the domain",
                             in->domain->name);
    if (!plan_parts(&b, out))
        return hvk_error_from(err, HVK_FROM_QEMU);
    move_fds(&b, out);
    return true;
}

/* ---- detach ---- */

static bool add_after(struct device_plan *out, const char *execute, const char *key,
                      const char *format, const char *alias, struct hvk_error *err)
{
    auto_free char *id = string_format(format, alias);
    if (!out->after)
        out->after = json_array();
    json_t *step = id ? plan_command(execute, json_pack("{s:s}", key, id)) : NULL;
    return json_array_append_new(out->after, step) == 0 || hvk_error_memory(err);
}

/* What stays of each kind of device when QEMU has let go of it. */
static const struct remainder {
    enum model_device_class class;
    const char *execute;
    const char *format;
} remainders[] = {
    {MODEL_DEVICE_INTERFACE, "netdev_del", "host%s"},
    {MODEL_DEVICE_CHANNEL, "chardev-remove", "char%s"},
    {MODEL_DEVICE_REDIRDEV, "chardev-remove", "char%s"},
    {MODEL_DEVICE_RNG, "object-del", "obj%s"},
    {MODEL_DEVICE_CRYPTO, "object-del", "obj%s"},
    {MODEL_DEVICE_MEMORY, "object-del", "mem%s"},
};

static bool after_disk(const struct model_disk *disk, struct device_plan *out,
                       struct hvk_error *err)
{
    auto_json *nodes = block_nodes(disk);
    size_t index;
    json_t *node;
    json_array_foreach(nodes, index,
                       node) if (!add_after(out, "blockdev-del", "node-name", "%s",
                                            json_string_value(node), err)) return false;
    return nodes || hvk_error_memory(err);
}

static bool after_special(const struct model_device_ref *ref, struct device_plan *out,
                          struct hvk_error *err)
{
    const char *alias = ref->device->alias.name;
    if (ref->class == MODEL_DEVICE_DISK)
        return after_disk((const struct model_disk *)ref->device, out, err);
    if (ref->class == MODEL_DEVICE_RNG &&
        ((const struct model_rng *)ref->device)->backend.model == MODEL_RNG_EGD)
        return add_after(out, "chardev-remove", "id", "char%s", alias, err);
    if (ref->class != MODEL_DEVICE_SHMEM)
        return true;
    bool doorbell =
        string_equal(((const struct model_shmem *)ref->device)->model, "ivshmem-doorbell");
    return doorbell ? add_after(out, "chardev-remove", "id", "char%s", alias, err)
                    : add_after(out, "object-del", "id", "shmmem-%s", alias, err);
}

bool device_plan_detach(const struct command_input *in, const struct model_device_ref *device,
                        struct device_plan *out, struct hvk_error *err)
{
    AUTO(command_fini) struct command scratch;
    AUTO(build_fini) struct build b;
    command_init(&scratch);
    build_init(&b, in, &scratch, err);
    const char *alias = device->device->alias.name;
    if (!find_family(&b, device, "detach"))
        return hvk_error_from(err, HVK_FROM_QEMU);
    if (!alias ||
        defaults_controller_is_builtin(in->domain, (const struct model_controller *)device->device))
        return hvk_error_set(err, HVK_ERR_OPERATION_UNSUPPORTED,
                             "a part of domain '%s''s chip set cannot be detached",
                             in->domain->name);
    out->device_id = strdup(alias);
    if (!out->device_id ||
        !plan_step(out, plan_command("device_del", json_pack("{s:s}", "id", alias)), NULL, err))
        return hvk_error_memory(err);
    for (size_t i = 0; i < ARRAY_SIZE(remainders); i++)
        if (remainders[i].class == device->class &&
            !add_after(out, remainders[i].execute, "id", remainders[i].format, alias, err))
            return false;
    return after_special(device, out, err);
}
