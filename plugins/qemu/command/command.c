/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Owns the order of the whole: what a definition leaves unsaid, addresses, names, then parts, then
 * the argument vector. */
#include "command/command.h"

#include "command/address.h"
#include "command/alias.h"
#include "command/argv.h"
#include "command/defaults.h"
#include "command/device.h"
#include "command/honoured.h"
#include "command/machine.h"
#include "command/pci.h"
#include "command/usb.h"

void command_init(struct command *command)
{
    *command = (struct command){
        .fds = VECTOR_INIT(int32_t),
        .files = VECTOR_INIT(struct command_file),
        .helpers = VECTOR_INIT(struct command_helper),
        .chardevs = VECTOR_INIT(struct command_chardev),
    };
}

static void helper_free(struct command_helper *helper)
{
    for (uint32_t i = 0; i < helper->fd_count; i++)
        close(helper->fds[i]);
    free(helper->fds);
    free(helper->name);
    argv_free(helper->argv);
}

void command_fini(struct command *command)
{
    free(command->path);
    argv_free(command->argv);
    argv_free(command->environment);
    VECTOR_FOR_EACH (&command->fds, int32_t, fd)
        close(*fd);
    vector_fini(&command->fds);
    VECTOR_FOR_EACH (&command->files, struct command_file, file) {
        free(file->path);
        free(file->copy_of);
    }
    vector_fini(&command->files);
    VECTOR_FOR_EACH (&command->helpers, struct command_helper, helper)
        helper_free(helper);
    vector_fini(&command->helpers);
    VECTOR_FOR_EACH (&command->chardevs, struct command_chardev, chardev) {
        free(chardev->alias);
        free(chardev->path);
    }
    vector_fini(&command->chardevs);
    json_decref(command->setup);
    free(command->agent_path);
    command_init(command);
}

/* ---- the end of the line ---- */

static bool add_sandbox(struct build *b)
{
    if (b->in->flags & COMMAND_NO_SANDBOX ||
        !caps_has_option(b->caps, "sandbox", "elevateprivileges"))
        return true;
    return build_option(b, "-sandbox",
                        "on,obsolete=deny,elevateprivileges=deny,spawn=deny,resourcecontrol=deny");
}

/* The definition's own arguments come last, so that they win. */
static bool add_extra(struct build *b)
{
    MODEL_FOR_EACH(&b->domain->qemu_commandline.args, struct model_qemu_arg, argument)
    if (!build_option(b, argument->value ? argument->value : "", NULL))
        return false;
    return true;
}

static bool add_display(struct build *b)
{
    MODEL_FOR_EACH(&b->domain->devices.graphics, struct model_graphics, graphics)
    if (graphics->type == MODEL_GRAPHICS_EGL_HEADLESS)
        return true;
    return build_option(b, "-display", "none");
}

/* Controllers by what they hang on: buses in the order of their numbers, USB companions after their
 * USB 2 controller, card readers after the hubs. */
enum {
    RANK_PLAIN = PCI_BUSES_MAX,
    RANK_COMPANION,
    RANK_USB_DEVICE,
};

static unsigned controller_rank(const struct model_controller *controller)
{
    if (controller->type == MODEL_CONTROLLER_PCI)
        return (unsigned)controller->index.value;
    if (controller->type == MODEL_CONTROLLER_CCID)
        return RANK_USB_DEVICE;
    if (controller->type != MODEL_CONTROLLER_USB)
        return RANK_PLAIN;
    return usb_companion_port(controller->model) >= 0 ? RANK_COMPANION : RANK_PLAIN;
}

struct ranked {
    unsigned rank;
    uint32_t position; /* in the definition, among equals */
    struct model_controller *controller;
};

static int compare_ranks(const void *a, const void *b)
{
    const struct ranked *left = a, *right = b;
    if (left->rank != right->rank)
        return left->rank < right->rank ? -1 : 1;
    return left->position < right->position ? -1 : left->position > right->position;
}

static bool rank_controllers(struct build *b, struct vector *out)
{
    const struct model_array *controllers = ARRAY_OF(&b->domain->devices.controllers);
    for (uint32_t i = 0; i < controllers->count; i++) {
        struct model_controller *controller = controllers->items[i];
        const struct ranked entry = {controller_rank(controller), i, controller};
        if (!vector_push(out, &entry))
            return hvk_error_memory(b->err);
    }
    if (out->count > 0)
        qsort(out->items, out->count, sizeof(struct ranked), compare_ranks);
    return true;
}

static bool add_controllers(struct build *b, const struct vector *ranked, unsigned first,
                            unsigned last)
{
    VECTOR_FOR_EACH (ranked, struct ranked, entry)
        if (entry->rank >= first && entry->rank <= last && !controller_build(b, entry->controller))
            return false;
    return true;
}

static bool add_class(struct build *b, enum model_device_class class)
{
    const struct family *family = family_find(class);
    const struct model_array *devices = family_devices(family, b->domain);
    for (uint32_t i = 0; i < devices->count; i++)
        if (!family->build(b, devices->items[i]))
            return false;
    return true;
}

static bool add_other(struct build *b, const struct family *family, struct model_device *device)
{
    bool added = family->kind == MODEL_DEVICE_IOMMU || family->kind == MODEL_DEVICE_CONTROLLER ||
                 family->kind == MODEL_DEVICE_HUB;
    return added || family->build(b, device);
}

static bool add_devices(struct build *b)
{
    auto_vector ranked = VECTOR_INIT(struct ranked);
    return rank_controllers(b, &ranked) && add_class(b, MODEL_DEVICE_IOMMU) &&
           add_controllers(b, &ranked, 0, RANK_COMPANION) && add_class(b, MODEL_DEVICE_HUB) &&
           add_controllers(b, &ranked, RANK_USB_DEVICE, RANK_USB_DEVICE) &&
           family_each(b, add_other);
}

static bool add_all(struct build *b)
{
    return machine_build(b) && add_display(b) && add_devices(b) &&
           (!(b->in->flags & COMMAND_INCOMING) || build_option(b, "-incoming", "defer")) &&
           add_sandbox(b) && build_option(b, "-msg", "timestamp=on") && add_extra(b);
}

/* ---- environment and descriptors ---- */

static bool set_environment(struct build *b)
{
    const struct model_qemu_commandline *extra = &b->domain->qemu_commandline;
    if (extra->envs.count == 0)
        return true;
    char **list = calloc(extra->envs.count + 3, sizeof *list);
    b->out->environment = list;
    if (!list)
        return hvk_error_memory(b->err);
    size_t count = 0;
    list[count++] = strdup("LC_ALL=C");
    list[count++] = strdup("PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin");
    MODEL_FOR_EACH(&extra->envs, struct model_env, variable)
    list[count++] = string_format("%s=%s", variable->name, variable->value ? variable->value : "");
    for (size_t i = 0; i < count; i++)
        if (!list[i])
            return hvk_error_memory(b->err);
    return true;
}

static bool hand_over_fds(struct build *b)
{
    VECTOR_FOR_EACH (&b->fds, struct device_fd, fd) {
        if (!vector_push(&b->out->fds, &fd->fd))
            return hvk_error_memory(b->err);
        free(fd->name);
        fd->name = NULL;
        fd->fd = -1;
    }
    b->fds.count = 0;
    return true;
}

/* ---- the two ways in ---- */

/* What a definition leaves open is chosen in this order: devices first, then what they need, which
 * may be devices with addresses of their own. */
static bool prepare(struct build *b)
{
    return defaults_fill(b) && address_assign(b) && defaults_fill_controllers(b) &&
           address_assign(b) && pci_assign(b) && alias_assign(b) && boot_order(b);
}

bool command_build(const struct command_input *in, struct command *out, struct hvk_error *err)
{
    AUTO(build_fini) struct build b;
    build_init(&b, in, out, err);
    bool ok = prepare(&b) && add_all(&b) &&
              argv_make(&b, in->domain->devices.emulator, &out->argv) && set_environment(&b) &&
              hand_over_fds(&b);
    boot_order_clear(in->domain); /* <os><boot> stays what the XML says: it excludes both */
    if (!ok)
        return hvk_error_from(err, HVK_FROM_QEMU);
    out->path = strdup(in->domain->devices.emulator);
    return out->path || hvk_error_memory(err);
}

/* A whole dry run: what it accepts, command_build() accepts as far as the definition goes. */
bool command_check(struct model_domain *domain, const struct caps *caps, struct hvk_error *err)
{
    const struct command_input in = {
        .domain = domain,
        .caps = caps,
        .runtime_directory = "/",
        .nvram_directory = "/",
        .state_directory = "/",
        .monitor_fd = -1,
    };
    AUTO(command_fini) struct command out;
    AUTO(build_fini) struct build b;
    command_init(&out);
    build_init(&b, &in, &out, err);
    b.dry = true;
    bool ok = honoured_check(&b) && prepare(&b) && add_all(&b);
    alias_clear(domain);
    boot_order_clear(domain);
    return ok || hvk_error_from(err, HVK_FROM_QEMU);
}
