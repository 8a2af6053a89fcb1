/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "command/device.h"

#include "command/address.h"

bool build_device(struct build *b, struct model_device *device, json_t *json)
{
    if (!json)
        return hvk_error_memory(b->err);
    json_put_string(json, "id", device->alias.name);
    if (!address_put(b, json, device)) {
        json_decref(json);
        return false;
    }
    json_put_uint(json, "bootindex", device->boot.order);
    json_put_uint(json, "acpi-index", device->acpi.index);
    return build_part(b, PART_DEVICE, json);
}

static const struct {
    const char *model;
    const char *suffix;
} flavours[] = {
    {"virtio", ""},
    {"virtio-transitional", "-transitional"},
    {"virtio-non-transitional", "-non-transitional"},
};

const char *device_virtio(struct build *b, const char *driver, const char *model)
{
    for (size_t i = 0; i < ARRAY_SIZE(flavours); i++)
        if (!model || strcmp(flavours[i].model, model) == 0)
            return flavours[i].suffix[0] ? build_text_format(b, "%s%s", driver, flavours[i].suffix)
                                         : driver;
    build_refuse(b, NULL, "devices", "model '%s' is not known for '%s'", model, driver);
    return NULL;
}

bool device_put_iothread(struct build *b, json_t *json, uint64_t id, const struct model_node *node,
                         const char *path)
{
    MODEL_FOR_EACH(&b->domain->iothreadids.items, struct model_iothread, iothread)
    {
        if (iothread->id.value != id)
            continue;
        char name[32];
        snprintf(name, sizeof name, "iothread%u", (unsigned)id);
        json_put_string(json, "iothread", name);
        return true;
    }
    return build_refuse(b, node, path, "there is no I/O thread %u: raise <iothreads>",
                        (unsigned)id);
}
