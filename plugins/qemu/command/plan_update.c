/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What can change in a device while the domain runs. */
#include "command/plan_update.h"

#include "command/block.h"
#include "command/defaults.h"
#include "command/device.h"

/* Both devices, the new one made equal to the old but for what may change. */
struct change {
    struct build *b;
    const struct model_device *old;
    struct model_device *new;
    struct device_plan *out;
};

/* ---- does anything else differ? ---- */

static bool same_text(enum model_device_class class, const struct model_device *a,
                      const struct model_device *b, bool *out_same, struct hvk_error *err)
{
    const struct model_device_ref left = {.class = class, .device = (struct model_device *)a};
    const struct model_device_ref right = {.class = class, .device = (struct model_device *)b};
    auto_free char *one = model_device_format(&left, MODEL_FORMAT_SECURE, err);
    auto_free char *two = one ? model_device_format(&right, MODEL_FORMAT_SECURE, err) : NULL;
    *out_same = two && strcmp(one, two) == 0;
    return two != NULL;
}

static bool need_same(const struct change *change, enum model_device_class class,
                      const struct model_device *as_old, const char *what)
{
    bool same;
    if (!same_text(class, change->old, as_old, &same, change->b->err))
        return false;
    return same || hvk_error_set(change->b->err, HVK_ERR_OPERATION_UNSUPPORTED,
                                 "domain '%s' runs: of a <%s>, only %s can change",
                                 change->b->domain->name, model_device_element(class), what);
}

/* ---- media ---- */

static json_t *drive(const char *execute, const char *id)
{
    return plan_command(execute, json_pack("{s:s}", "id", id));
}

static json_t *insert(const char *id, const char *node)
{
    return plan_command("blockdev-insert-medium",
                        json_pack("{s:s,s:s}", "id", id, "node-name", node));
}

static bool remove_old_nodes(const struct change *change, const struct model_disk *old)
{
    auto_json *nodes = block_nodes(old);
    size_t index;
    json_t *node;
    json_array_foreach(
        nodes, index,
        node) if (!plan_step(change->out,
                             plan_command("blockdev-del", json_pack("{s:O}", "node-name", node)),
                             NULL, change->b->err)) return false;
    return nodes || hvk_error_memory(change->b->err);
}

/* The new medium is opened first, so that a drive is not left empty by an image that is missing. */
static bool change_medium(const struct change *change, const struct model_disk *old,
                          struct model_disk *new)
{
    struct build *b = change->b;
    const char *id = old->device.alias.name;
    char top[BLOCK_NODE_MAX], old_top[BLOCK_NODE_MAX];
    bool force = b->in->flags & COMMAND_FORCE;
    block_top(old, old_top);
    new->source.index = (struct model_uint){0};
    if (!block_build(b, new, top) || !plan_parts(b, change->out))
        return false;
    json_t *open =
        plan_command("blockdev-open-tray", json_pack("{s:s,s:b}", "id", id, "force", force));
    if (!plan_step(change->out, open, drive("blockdev-close-tray", id), b->err))
        return false;
    if (old_top[0] &&
        !plan_step(change->out, drive("blockdev-remove-medium", id), insert(id, old_top), b->err))
        return false;
    if (top[0] &&
        !plan_step(change->out, insert(id, top), drive("blockdev-remove-medium", id), b->err))
        return false;
    if (new->target.tray != MODEL_DISK_TRAY_OPEN &&
        !plan_step(change->out, drive("blockdev-close-tray", id), NULL, b->err))
        return false;
    return remove_old_nodes(change, old);
}

static bool update_disk(const struct change *change)
{
    const struct model_disk *old = (const struct model_disk *)change->old;
    struct model_disk *new = (struct model_disk *)change->new;
    struct model_disk masked = *new;
    masked.type = old->type;
    masked.source = old->source;
    masked.backing = old->backing;
    masked.driver.type = old->driver.type;
    masked.target.tray = old->target.tray;
    masked.readonly = old->readonly;
    if (old->kind != MODEL_DISK_DEVICE_CDROM && old->kind != MODEL_DISK_DEVICE_FLOPPY)
        return hvk_error_set(change->b->err, HVK_ERR_OPERATION_UNSUPPORTED,
                             "domain '%s' runs: disk '%s' has no removable medium",
                             change->b->domain->name, old->target.dev);
    return need_same(change, MODEL_DEVICE_DISK, &masked.device, "the medium") &&
           change_medium(change, old, new);
}

/* ---- link, password, statistics ---- */

static bool update_interface(const struct change *change)
{
    const struct model_interface *old = (const struct model_interface *)change->old;
    struct model_interface masked = *(struct model_interface *)change->new;
    bool up = masked.link != MODEL_LINK_DOWN;
    masked.link = old->link;
    masked.link_node = old->link_node;
    masked.target = old->target;
    masked.source = old->source;
    if (!need_same(change, MODEL_DEVICE_INTERFACE, &masked.device, "the link state"))
        return false;
    return plan_step(
        change->out,
        plan_command("set_link", json_pack("{s:s,s:b}", "name", old->device.alias.name, "up", up)),
        plan_command("set_link", json_pack("{s:s,s:b}", "name", old->device.alias.name, "up",
                                           old->link != MODEL_LINK_DOWN)),
        change->b->err);
}

static bool update_graphics(const struct change *change)
{
    const struct model_graphics *old = (const struct model_graphics *)change->old;
    const struct model_graphics *new = (const struct model_graphics *)change->new;
    struct model_graphics masked = *new;
    masked.passwd = old->passwd;
    masked.passwd_valid_to = old->passwd_valid_to;
    masked.connected = old->connected;
    masked.port = old->port;
    masked.autoport = old->autoport;
    masked.listen = old->listen;
    masked.listens.items = old->listens.items;
    masked.listens.count = old->listens.count;
    if (!need_same(change, MODEL_DEVICE_GRAPHICS, &masked.device, "the password"))
        return false;
    if (!new->passwd)
        return true; /* nothing was said of it */
    if (!plan_step(change->out, plan_command("set_password", graphics_password(new)), NULL,
                   change->b->err))
        return false;
    const char *protocol = new->type == MODEL_GRAPHICS_VNC ? "vnc" : "spice";
    char until[GRAPHICS_EXPIRY_SIZE];
    if (!graphics_expiry(new, until))
        return hvk_error_set(change->b->err, HVK_ERR_XML_ERROR,
                             "passwdValidTo '%s' is no date like 2030-12-31T23:59:59",
                             new->passwd_valid_to);
    return plan_step(change->out,
                     plan_command("expire_password",
                                  json_pack("{s:s,s:s}", "protocol", protocol, "time", until)),
                     NULL, change->b->err);
}

static bool update_balloon(const struct change *change)
{
    const struct model_memballoon *old = (const struct model_memballoon *)change->old;
    const struct model_memballoon *new = (const struct model_memballoon *)change->new;
    struct model_memballoon masked = *new;
    masked.stats_node = old->stats_node;
    masked.stats_period = old->stats_period;
    if (!need_same(change, MODEL_DEVICE_MEMBALLOON, &masked.device, "the period of its statistics"))
        return false;
    auto_free char *path = string_format("/machine/peripheral/%s", old->device.alias.name);
    return plan_step(change->out,
                     plan_command("qom-set", json_pack("{s:s,s:s,s:I}", "path", path, "property",
                                                       "guest-stats-polling-interval", "value",
                                                       (json_int_t) new->stats_period.value)),
                     NULL, change->b->err);
}

static const struct {
    enum model_device_class class;
    bool (*update)(const struct change *change);
} updates[] = {
    {MODEL_DEVICE_DISK, update_disk},
    {MODEL_DEVICE_INTERFACE, update_interface},
    {MODEL_DEVICE_GRAPHICS, update_graphics},
    {MODEL_DEVICE_MEMBALLOON, update_balloon},
};

bool device_plan_update(const struct command_input *in, const struct model_device_ref *old,
                        const struct model_device_ref *device, struct device_plan *out,
                        struct hvk_error *err)
{
    AUTO(command_fini) struct command scratch;
    AUTO(build_fini) struct build b;
    command_init(&scratch);
    build_init(&b, in, &scratch, err);
    b.running = true;
    const struct change change = {&b, old->device, device->device, out};
    if (!defaults_fill_device(&b, device->class, device->device))
        return false;
    /* what the user's text leaves out is as it was */
    if (!device->device->address.assigned)
        device->device->address = old->device->address;
    if (!device->device->alias.name)
        device->device->alias = old->device->alias;
    if (!device->device->boot.node.present)
        device->device->boot = old->device->boot;
    for (size_t i = 0; i < ARRAY_SIZE(updates); i++)
        if (updates[i].class == device->class && old->class == device->class)
            return updates[i].update(&change) || hvk_error_from(err, HVK_FROM_QEMU);
    return hvk_error_set(err, HVK_ERR_OPERATION_UNSUPPORTED,
                         "a <%s> cannot change while domain '%s' runs",
                         model_device_element(device->class), in->domain->name);
}
