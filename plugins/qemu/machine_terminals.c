/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Which pseudo terminals QEMU opened for the domain's serial ports, consoles and channels. */
#include <string.h>

#include <base/string.h>
#include <model/arena.h>

#include "machine_start.h"

/* query-chardev says "pty:/dev/pts/3" in "filename". */
static const char *find_terminal(const json_t *chardevs, const char *alias)
{
    auto_free char *label = string_format("char%s", alias);
    size_t i;
    json_t *item;
    json_array_foreach(chardevs, i, item)
    {
        const char *name = json_string_value(json_object_get(item, "label"));
        const char *file = json_string_value(json_object_get(item, "filename"));
        if (label && file && string_equal(name, label) && string_starts_with(file, "pty:"))
            return file + strlen("pty:");
    }
    return NULL;
}

/* The element that says where, made when the configuration had none. */
static struct model_chardev_source *source_of(const struct model_domain *domain,
                                              struct model_chardev *chardev)
{
    if (chardev->sources.count > 0)
        return chardev->sources.items[0];
    struct model_chardev_source *source = model_arena_alloc(domain->arena, sizeof *source);
    chardev->sources.items = model_arena_alloc(domain->arena, sizeof(void *));
    if (!source || !chardev->sources.items)
        return NULL;
    chardev->sources.items[0] = source;
    chardev->sources.count = chardev->sources.capacity = 1;
    return source;
}

static void note(struct machine *machine, const struct model_device *device,
                 struct model_chardev *chardev, const json_t *chardevs, bool with_tty)
{
    const char *path = chardev->type == MODEL_CHARDEV_PTY && device->alias.name
                           ? find_terminal(chardevs, device->alias.name)
                           : NULL;
    if (!path)
        return;
    struct model_chardev_source *source = source_of(machine->live, chardev);
    const char *copy = model_arena_string(machine->live->arena, path);
    if (!source || !copy)
        return; /* the console cannot be opened then, and says so */
    source->node.present = true;
    source->path = copy;
    if (with_tty)
        chardev->tty = copy;
}

void machine_note_terminals(struct machine *machine, const json_t *chardevs)
{
    struct model_devices *devices = &machine->live->devices;
    MODEL_FOR_EACH(&devices->serials, struct model_serial, serial)
    note(machine, &serial->device, &serial->chardev, chardevs, false);
    MODEL_FOR_EACH(&devices->consoles, struct model_console, console)
    note(machine, &console->device, &console->chardev, chardevs, true);
    MODEL_FOR_EACH(&devices->channels, struct model_channel, channel)
    note(machine, &channel->device, &channel->chardev, chardevs, false);
    MODEL_FOR_EACH(&devices->parallels, struct model_parallel, parallel)
    note(machine, &parallel->device, &parallel->chardev, chardevs, false);
}
