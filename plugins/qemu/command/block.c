/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "command/block.h"

#include "command/secret.h"

/* libvirt's names of image formats that differ from QEMU's, and those that have layers below. */
static const struct {
    const char *format;
    const char *driver;
    bool layered;
} formats[] = {
    {"raw", "raw", false},     {"qcow2", "qcow2", true},
    {"qcow", "qcow", true},    {"qed", "qed", true},
    {"vmdk", "vmdk", true},    {"vdi", "vdi", false},
    {"vhdx", "vhdx", false},   {"vpc", "vpc", false},
    {"luks", "luks", false},   {"iso", "raw", false},
    {"bochs", "bochs", false}, {"cloop", "cloop", false},
    {"dmg", "dmg", false},     {"parallels", "parallels", false},
};

const char *block_format(const char *format)
{
    for (size_t i = 0; i < ARRAY_SIZE(formats); i++)
        if (string_equal(formats[i].format, format))
            return formats[i].driver;
    return NULL;
}

static bool is_layered(const char *driver)
{
    for (size_t i = 0; i < ARRAY_SIZE(formats); i++)
        if (strcmp(formats[i].driver, driver) == 0)
            return formats[i].layered;
    return false;
}

bool block_has_source(const struct model_disk *disk)
{
    const struct model_disk_source *source = &disk->source;
    return source->file || source->dev || source->dir || source->volume || source->protocol ||
           source->vhost_path || disk->type == MODEL_DISK_TYPE_NVME;
}

/* ---- names ---- */

static void node_name(char name[BLOCK_NODE_MAX], uint64_t index, const char *kind)
{
    snprintf(name, BLOCK_NODE_MAX, "hvkit-%u-%s", (unsigned)index, kind);
}

bool command_disk_has_node(const struct model_disk *disk, const char *node)
{
    unsigned index;
    if (sscanf(node, "hvkit-%u-", &index) != 1)
        return false;
    if (disk->source.index.value == index)
        return true;
    for (const struct model_backing_store *s = disk->backing; s; s = s->backing)
        if (s->source.index.value == index)
            return true;
    return false;
}

static uint64_t highest_index(const struct model_domain *domain)
{
    uint64_t highest = 0;
    MODEL_FOR_EACH(&domain->devices.disks, struct model_disk, disk)
    {
        if (disk->source.index.value > highest)
            highest = disk->source.index.value;
        for (const struct model_backing_store *s = disk->backing; s; s = s->backing)
            if (s->source.index.value > highest)
                highest = s->source.index.value;
    }
    return highest;
}

/* A live source keeps the index it has; a definition has none. */
static struct model_uint take_index(struct build *b, struct model_uint index)
{
    if (index.set)
        return index;
    if (b->next_node == 0)
        b->next_node = (uint32_t)highest_index(b->domain) + 1;
    return MODEL_UINT(b->next_node++);
}

static void filter_name(const struct model_disk *disk, char name[BLOCK_NODE_MAX])
{
    node_name(name, disk->source.index.value, "copy");
}

void block_top(const struct model_disk *disk, char top[BLOCK_NODE_MAX])
{
    top[0] = '\0';
    if (!block_has_source(disk))
        return;
    if (disk->driver.copy_on_read == MODEL_SWITCH_ON)
        filter_name(disk, top);
    else
        node_name(top, disk->source.index.value, "format");
}

static void add_node(json_t *nodes, uint64_t index)
{
    char name[BLOCK_NODE_MAX];
    node_name(name, index, "format");
    json_array_append_new(nodes, json_string(name));
    node_name(name, index, "storage");
    json_array_append_new(nodes, json_string(name));
}

json_t *block_nodes(const struct model_disk *disk)
{
    json_t *nodes = json_array();
    if (!nodes || !block_has_source(disk))
        return nodes;
    char name[BLOCK_NODE_MAX];
    if (disk->driver.copy_on_read == MODEL_SWITCH_ON) {
        filter_name(disk, name);
        json_array_append_new(nodes, json_string(name));
    }
    add_node(nodes, disk->source.index.value);
    for (const struct model_backing_store *s = disk->backing; s && s->source.node.present;
         s = s->backing)
        add_node(nodes, s->source.index.value);
    return nodes;
}

/* ---- nodes ---- */

/* Caching is two things for QEMU: whether the host's page cache is used, and whether the guest's
 * flushes are obeyed. That writes are reported only when they are safe is the device's business. */
static const struct {
    bool set;
    bool direct;
    bool no_flush;
} caches[] = {
    [MODEL_DISK_CACHE_NONE] = {true, true, false},
    [MODEL_DISK_CACHE_WRITETHROUGH] = {true, false, false},
    [MODEL_DISK_CACHE_WRITEBACK] = {true, false, false},
    [MODEL_DISK_CACHE_DIRECTSYNC] = {true, true, false},
    [MODEL_DISK_CACHE_UNSAFE] = {true, false, true},
};

static void put_cache(json_t *json, const struct model_disk *disk)
{
    enum model_disk_cache cache = disk->driver.cache;
    if (cache < ARRAY_SIZE(caches) && caches[cache].set)
        json_object_set_new(json, "cache",
                            json_pack("{s:b,s:b}", "direct", caches[cache].direct, "no-flush",
                                      caches[cache].no_flush));
}

/* One layer to be opened. */
struct layer {
    const struct model_disk *disk;
    enum model_disk_type type;
    struct model_disk_source *source;
    const char *format;
    const struct model_encryption *encryption;
    struct model_uint metadata_cache;
    const struct model_backing_store *below;
    bool top;
    bool readonly;
};

static bool add_storage(struct build *b, const struct layer *layer, const char *name)
{
    json_t *json = block_source(b, layer->type, layer->source, layer->disk);
    if (!json)
        return b->err && b->err->code ? false : hvk_error_memory(b->err);
    json_put_string(json, "node-name", name);
    put_cache(json, layer->disk);
    bool vvfat = layer->type == MODEL_DISK_TYPE_DIR;
    json_object_set_new(json, vvfat ? "read-only" : "auto-read-only", json_true());
    json_object_set_new(json, "discard", json_string("unmap"));
    return build_part(b, PART_BLOCKDEV, json);
}

static bool put_encryption(struct build *b, const struct layer *layer, const char *driver,
                           json_t *json)
{
    const struct model_encryption *encryption = layer->encryption;
    if (!encryption || !encryption->node.present)
        return strcmp(driver, "luks") != 0 ||
               build_refuse(b, &layer->disk->device.node, "devices/disk",
                            "a LUKS image needs an <encryption> with its secret");
    if (encryption->engine && strcmp(encryption->engine, "qemu") != 0)
        return build_refuse(b, &encryption->node, "devices/disk/encryption/@engine",
                            "engine 'qemu' is supported");
    if (encryption->format != MODEL_ENCRYPTION_LUKS || encryption->secrets.count != 1)
        return build_refuse(b, &encryption->node, "devices/disk/encryption",
                            "it takes format luks and one secret");
    char id[64];
    snprintf(id, sizeof id, "%s-luks-secret%u", layer->disk->device.alias.name,
             (unsigned)layer->source->index.value);
    if (strcmp(driver, "qcow2") == 0)
        json_object_set_new(json, "encrypt",
                            json_pack("{s:s,s:s}", "format", "luks", "key-secret", id));
    else
        json_put_string(json, "key-secret", id);
    return secret_add(b, id, encryption->secrets.items[0], "devices/disk/encryption");
}

static bool put_slice(struct build *b, const struct layer *layer, const char *driver, json_t *json)
{
    if (layer->source->slices.items.count == 0)
        return true;
    const struct model_slice *slice = layer->source->slices.items.items[0];
    if (strcmp(driver, "raw") != 0)
        return build_refuse(b, &slice->node, "devices/disk/source/slices",
                            "slices are supported for raw images only");
    json_put_uint(json, "offset", slice->offset);
    json_put_uint(json, "size", slice->size);
    return true;
}

static void put_below(const struct layer *layer, const char *driver, json_t *json)
{
    if (layer->below && layer->below->source.node.present) {
        char below[BLOCK_NODE_MAX];
        node_name(below, layer->below->source.index.value, "format");
        json_put_string(json, "backing", below);
    } else if (is_layered(driver)) {
        json_object_set_new(json, "backing", json_null());
    }
}

static bool add_format(struct build *b, const struct layer *layer, const char *storage)
{
    const char *driver = block_format(layer->format);
    if (!driver)
        return build_refuse(b, &layer->disk->device.node, "devices/disk/driver/@type",
                            "image format '%s' is not supported", layer->format);
    char name[BLOCK_NODE_MAX];
    node_name(name, layer->source->index.value, "format");
    json_t *json = json_pack("{s:s,s:b,s:s,s:s}", "node-name", name, "read-only", layer->readonly,
                             "driver", driver, "file", storage);
    if (!json)
        return hvk_error_memory(b->err);
    if (layer->top && layer->disk->driver.discard)
        json_put_string(json, "discard",
                        model_word(&model_disk_discard_words, layer->disk->driver.discard));
    if (layer->top && layer->disk->driver.detect_zeroes)
        json_put_string(json, "detect-zeroes",
                        model_word(&model_disk_zeroes_words, layer->disk->driver.detect_zeroes));
    put_cache(json, layer->disk);
    if (strcmp(driver, "qcow2") == 0)
        json_put_uint(json, "cache-size", layer->metadata_cache);
    put_below(layer, driver, json);
    if (!put_encryption(b, layer, driver, json) || !put_slice(b, layer, driver, json)) {
        json_decref(json);
        return false;
    }
    return build_part(b, PART_BLOCKDEV, json);
}

static bool add_layer(struct build *b, const struct layer *layer)
{
    char storage[BLOCK_NODE_MAX];
    node_name(storage, layer->source->index.value, "storage");
    return add_storage(b, layer, storage) && add_format(b, layer, storage);
}

/* From the bottom up, since a node names the one below it. */
static bool add_backing(struct build *b, const struct model_disk *disk,
                        struct model_backing_store *store)
{
    if (!store || !store->source.node.present)
        return true;
    store->source.index = take_index(b, store->source.index);
    store->index = store->source.index;
    const struct layer layer = {
        .disk = disk,
        .type = store->type,
        .source = &store->source,
        .format = store->format.type ? store->format.type : "raw",
        .encryption = &store->source.encryption,
        .metadata_cache = store->format.metadata_cache_max,
        .below = store->backing,
        .readonly = true,
    };
    return add_backing(b, disk, store->backing) && add_layer(b, &layer);
}

static bool add_copy_filter(struct build *b, const struct model_disk *disk)
{
    char name[BLOCK_NODE_MAX], file[BLOCK_NODE_MAX];
    if (disk->driver.copy_on_read != MODEL_SWITCH_ON)
        return true;
    filter_name(disk, name);
    node_name(file, disk->source.index.value, "format");
    return build_part(
        b, PART_BLOCKDEV,
        json_pack("{s:s,s:s,s:s}", "driver", "copy-on-read", "node-name", name, "file", file));
}

/* A removable medium that may be missing, and is, leaves the drive empty. */
static void drop_missing(struct build *b, struct model_disk *disk)
{
    bool optional = disk->source.startup_policy == MODEL_STARTUP_OPTIONAL;
    if (b->dry || !optional || !disk->source.file || access(disk->source.file, F_OK) == 0)
        return;
    build_warn(b, "domain '%s': drive '%s' starts empty, since '%s' is missing", b->domain->name,
               disk->target.dev, disk->source.file);
    disk->source = (struct model_disk_source){0};
}

bool block_build(struct build *b, struct model_disk *disk, char top[BLOCK_NODE_MAX])
{
    top[0] = '\0';
    drop_missing(b, disk);
    if (!block_has_source(disk))
        return true;
    disk->source.index = take_index(b, disk->source.index);
    if (!block_probe(b, disk))
        return false;
    const struct model_encryption *old = disk->encryption.node.present ? &disk->encryption : NULL;
    const struct layer layer = {
        .disk = disk,
        .type = disk->type,
        .source = &disk->source,
        .format = disk->driver.type ? disk->driver.type : "raw",
        .encryption = old ? old : &disk->source.encryption,
        .metadata_cache = disk->driver.metadata_cache_max,
        .below = disk->backing,
        .top = true,
        .readonly = disk->readonly || disk->type == MODEL_DISK_TYPE_DIR,
    };
    if (!add_backing(b, disk, disk->backing) || !add_layer(b, &layer) || !add_copy_filter(b, disk))
        return false;
    block_top(disk, top);
    return true;
}
