/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Finds the layers below an image. A definition that names them is believed; else the headers say,
 * each read once, before QEMU starts. */
#include "command/block.h"
#include "command/image.h"

struct chain {
    struct build *b;
    const struct model_disk *disk;
    struct {
        uint64_t device, inode;
    } seen[IMAGE_CHAIN_MAX];
    unsigned depth;
};

static const char *local_path(enum model_disk_type type, const struct model_disk_source *source)
{
    if (type == MODEL_DISK_TYPE_BLOCK)
        return source->dev;
    return type == MODEL_DISK_TYPE_FILE || type == MODEL_DISK_TYPE_UNSET ? source->file : NULL;
}

static bool note_layer(struct chain *chain, const struct image *image, const char *path)
{
    for (unsigned i = 0; i < chain->depth; i++)
        if (chain->seen[i].device == image->device && chain->seen[i].inode == image->inode)
            return build_refuse(chain->b, &chain->disk->device.node, "devices/disk",
                                "image '%s' is its own backing file", path);
    if (chain->depth == IMAGE_CHAIN_MAX)
        return build_refuse(chain->b, &chain->disk->device.node, "devices/disk",
                            "the chain of images has more than %u layers", IMAGE_CHAIN_MAX);
    chain->seen[chain->depth].device = image->device;
    chain->seen[chain->depth++].inode = image->inode;
    return true;
}

/* The end of the chain is an empty element: nobody looks for more below. */
static bool end_chain(struct build *b, struct model_backing_store **slot)
{
    *slot = build_alloc(b, sizeof **slot);
    if (*slot)
        (*slot)->node.present = true;
    return *slot != NULL;
}

/* A name like "nbd://host/export" or "json:{…}": QEMU's own language for what is not a local file.
 */
static bool is_pseudo_protocol(const char *name)
{
    const char *colon = strchr(name, ':');
    const char *slash = strchr(name, '/');
    return colon && (!slash || colon < slash) && !string_starts_with(name, "file:");
}

/* An image that does not say what its backing file is may still have a raw one; anything else would
 * have to be guessed. */
static bool backing_format(struct chain *chain, const char *path, const struct image *overlay,
                           const char *overlay_path, const char **out)
{
    if (overlay->backing_format) {
        *out = block_format(overlay->backing_format);
        return *out ||
               build_refuse(
                   chain->b, &chain->disk->device.node, "devices/disk",
                   "image '%s' has a backing file of the format '%s', which is not supported",
                   overlay_path, overlay->backing_format);
    }
    AUTO(image_fini) struct image image = {0};
    if (!image_read(path, NULL, &image, chain->b->err))
        return false;
    *out = "raw";
    return strcmp(image.format, "raw") == 0 ||
           build_refuse(chain->b, &chain->disk->device.node, "devices/disk",
                        "image '%s' does not record the format of its backing file '%s', which "
                        "looks like %s: if "
                        "that is right, 'qemu-img rebase -u -b %s -F %s %s' records it",
                        overlay_path, path, image.format, overlay->backing, image.format,
                        overlay_path);
}

static bool probe_layer(struct chain *chain, const char *path, const char *format,
                        struct model_backing_store **slot);

static bool probe_backing(struct chain *chain, const char *path, const struct image *image,
                          struct model_backing_store **slot)
{
    struct build *b = chain->b;
    if (is_pseudo_protocol(image->backing))
        return build_refuse(
            b, &chain->disk->device.node, "devices/disk",
            "image '%s' has the backing file '%s', which is no local file: describe it in a "
            "<backingStore>",
            path, image->backing);
    auto_free char *below = image_resolve(path, image->backing, b->err);
    const char *format = NULL;
    if (!below || !backing_format(chain, below, image, path, &format))
        return false;
    struct model_backing_store *store = build_alloc(b, sizeof *store);
    if (!store)
        return false;
    AUTO(image_fini) struct image head = {0};
    if (!image_read(below, format, &head, b->err))
        return hvk_error_prefix(b->err, "domain '%s', disk '%s', backing file of '%s'",
                                b->domain->name, chain->disk->target.dev, path);
    store->node.present = store->format.node.present = store->source.node.present = true;
    store->type = head.block_device ? MODEL_DISK_TYPE_BLOCK : MODEL_DISK_TYPE_FILE;
    store->format.type = build_text(b, format);
    *(head.block_device ? &store->source.dev : &store->source.file) = build_text(b, below);
    *slot = store;
    return store->format.type && probe_layer(chain, below, format, &store->backing);
}

static bool probe_layer(struct chain *chain, const char *path, const char *format,
                        struct model_backing_store **slot)
{
    struct build *b = chain->b;
    AUTO(image_fini) struct image image = {0};
    if (!image_read(path, format, &image, b->err))
        return hvk_error_prefix(b->err, "domain '%s', disk '%s'", b->domain->name,
                                chain->disk->target.dev);
    if (!note_layer(chain, &image, path))
        return false;
    if (strcmp(format, "raw") == 0)
        return true;
    if (image.data_file)
        return build_refuse(
            b, &chain->disk->device.node, "devices/disk",
            "image '%s' keeps its data in another file ('%s'), which is not supported", path,
            image.data_file);
    return image.backing ? probe_backing(chain, path, &image, slot) : end_chain(b, slot);
}

/* Follows what the definition says down to its last layer, whose header says the rest. */
static bool walk(struct chain *chain, enum model_disk_type type,
                 const struct model_disk_source *source, const char *format,
                 struct model_backing_store **slot)
{
    while (*slot) {
        struct model_backing_store *store = *slot;
        if (!store->source.node.present)
            return true; /* <backingStore/> */
        type = store->type;
        source = &store->source;
        format = store->format.type ? store->format.type : "raw";
        slot = &store->backing;
    }
    const char *path = local_path(type, source);
    return !path || probe_layer(chain, path, format, slot);
}

bool block_probe(struct build *b, struct model_disk *disk)
{
    struct chain chain = {.b = b, .disk = disk};
    return b->dry || walk(&chain, disk->type, &disk->source,
                          disk->driver.type ? disk->driver.type : "raw", &disk->backing);
}
