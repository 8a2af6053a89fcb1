/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "object.h"

#include <base/error.h>
#include <string.h>

const struct object_words *object_words(uint32_t kind)
{
    static const struct object_words words[] = {
        [HVK_OBJECT_CONNECTION] = {"object", HVK_ERR_INVALID_ARG, HVK_ERR_OPERATION_FAILED},
        [HVK_OBJECT_DOMAIN] = {"domain", HVK_ERR_NO_DOMAIN, HVK_ERR_DOM_EXIST},
        [HVK_OBJECT_NETWORK] = {"network", HVK_ERR_NO_NETWORK, HVK_ERR_NETWORK_EXIST},
        [HVK_OBJECT_INTERFACE] = {"interface", HVK_ERR_NO_INTERFACE, HVK_ERR_OPERATION_FAILED},
        [HVK_OBJECT_STORAGE_POOL] = {"storage pool", HVK_ERR_NO_STORAGE_POOL,
                                     HVK_ERR_OPERATION_FAILED},
        [HVK_OBJECT_NODE_DEVICE] = {"node device", HVK_ERR_NO_NODE_DEVICE,
                                    HVK_ERR_OPERATION_FAILED},
        [HVK_OBJECT_NWFILTER] = {"network filter", HVK_ERR_NO_NWFILTER, HVK_ERR_OPERATION_FAILED},
        [HVK_OBJECT_SECRET] = {"secret", HVK_ERR_NO_SECRET, HVK_ERR_OPERATION_FAILED},
    };
    return &words[kind < ARRAY_SIZE(words) ? kind : HVK_OBJECT_CONNECTION];
}

/* The member, when the item is long enough to have it. */
static const void *member(const struct record *record, const void *item, const char *name,
                          enum field_kind kind)
{
    const struct field *field = record ? record_field(record, name) : NULL;
    if (!field || field->kind != kind || !item || field_end(field, true) > *(const uint32_t *)item)
        return NULL;
    return (const char *)item + field->offset;
}

const char *object_name(const struct record *record, const void *item)
{
    const char *const *name = member(record, item, "name", FIELD_STRING);
    return name && *name ? *name : "";
}

const uint8_t *object_uuid(const struct record *record, const void *item)
{
    return member(record, item, "uuid", FIELD_UUID);
}

/* FNV-1a, 64 bits. */
static uint64_t number_of(const char *name, uint64_t seed)
{
    uint64_t number = seed;
    for (; *name; name++)
        number = (number ^ (uint8_t)*name) * 0x100000001b3ull;
    return number;
}

void object_key(const struct record *record, const void *item, uint8_t key[HVK_UUID_SIZE])
{
    const uint8_t *uuid = object_uuid(record, item);
    if (uuid) {
        memcpy(key, uuid, HVK_UUID_SIZE);
        return;
    }
    const char *name = object_name(record, item);
    uint64_t numbers[2] = {number_of(name, 0xcbf29ce484222325ull),
                           number_of(name, 0x84222325cbf29ce4ull)};
    memcpy(key, numbers, HVK_UUID_SIZE);
}

void *object_new(const struct record *record, const char *name, const uint8_t *uuid)
{
    auto_free char *value = calloc(1, record->size);
    if (!value)
        return NULL;
    memcpy(value, &record->size, sizeof record->size);
    const char **to_name = (const char **)member(record, value, "name", FIELD_STRING);
    uint8_t *to_uuid = (uint8_t *)member(record, value, "uuid", FIELD_UUID);
    int32_t *to_id = (int32_t *)member(record, value, "id", FIELD_INT32);
    if (to_name)
        *to_name = name;
    if (to_uuid && uuid)
        memcpy(to_uuid, uuid, HVK_UUID_SIZE);
    if (to_id)
        *to_id = -1;
    return value_copy(record, value);
}
