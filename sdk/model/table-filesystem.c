/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* File systems that the host shares with the guest. */
#include "model/tables.h"

static const struct model_row fs_lock_rows[] = {
    ATTRIBUTE(fs_lock, "posix", posix, ONOFF),
    ATTRIBUTE(fs_lock, "flock", flock, ONOFF),
};
TYPE(fs_lock);

static const struct model_row fs_cache_rows[] = {
    ATTRIBUTE_ENUM(fs_binary, "mode", cache, fs_cache),
};
FLAT_TYPE(fs_cache, fs_binary, cache_node);

static const struct model_row fs_sandbox_rows[] = {
    ATTRIBUTE_ENUM(fs_binary, "mode", sandbox, fs_sandbox),
};
FLAT_TYPE(fs_sandbox, fs_binary, sandbox_node);

static const struct model_row fs_thread_pool_rows[] = {
    ATTRIBUTE(fs_binary, "size", thread_pool, UINT),
};
FLAT_TYPE(fs_thread_pool, fs_binary, thread_pool_node);

static const struct model_row fs_openfiles_rows[] = {
    ATTRIBUTE(fs_binary, "max", openfiles_max, UINT),
};
FLAT_TYPE(fs_openfiles, fs_binary, openfiles_node);

static const struct model_row fs_binary_rows[] = {
    ATTRIBUTE(fs_binary, "path", path, STRING),
    ATTRIBUTE(fs_binary, "xattr", xattr, ONOFF),
    CHILD_FLAT("cache", fs_cache),
    CHILD_FLAT("sandbox", fs_sandbox),
    CHILD(fs_binary, "lock", lock, fs_lock),
    CHILD_FLAT("thread_pool", fs_thread_pool),
    CHILD_FLAT("openfiles", fs_openfiles),
};
TYPE(fs_binary);

static const struct model_row fs_driver_rows[] = {
    ATTRIBUTE_ENUM(fs_driver_attrs, "type", type, fs_driver),
    ATTRIBUTE(fs_driver_attrs, "format", format, STRING),
    ATTRIBUTE(fs_driver_attrs, "name", name, STRING),
    ATTRIBUTE(fs_driver_attrs, "wrpolicy", wrpolicy, STRING),
    ATTRIBUTE(fs_driver_attrs, "queue", queue, UINT),
    VIRTIO_ROWS(fs_driver_attrs, virtio),
};
TYPE_AS(fs_driver, fs_driver_attrs);

static const struct model_row fs_source_rows[] = {
    ATTRIBUTE(fs_source, "dir", dir, STRING),       ATTRIBUTE(fs_source, "dev", dev, STRING),
    ATTRIBUTE(fs_source, "file", file, STRING),     ATTRIBUTE(fs_source, "name", name, STRING),
    ATTRIBUTE(fs_source, "usage", usage, UINT),     ATTRIBUTE(fs_source, "units", units, STRING),
    ATTRIBUTE(fs_source, "pool", pool, STRING),     ATTRIBUTE(fs_source, "volume", volume, STRING),
    ATTRIBUTE(fs_source, "socket", socket, STRING),
};
TYPE(fs_source);

static const struct model_row fs_target_rows[] = {
    ATTRIBUTE(filesystem, "dir", target, STRING, .flags = MODEL_ROW_REQUIRED),
};
FLAT_TYPE(fs_target, filesystem, target_node);

static const struct model_row fs_idmap_entry_rows[] = {
    ATTRIBUTE(fs_idmap_entry, "start", start, UINT),
    ATTRIBUTE(fs_idmap_entry, "target", target, UINT),
    ATTRIBUTE(fs_idmap_entry, "count", count, UINT),
};
TYPE(fs_idmap_entry);

static const struct model_row fs_idmap_rows[] = {
    ITEMS(fs_idmap, "uid", uids, fs_idmap_entry),
    ITEMS(fs_idmap, "gid", gids, fs_idmap_entry),
};
TYPE(fs_idmap);

static const struct model_row filesystem_rows[] = {
    ATTRIBUTE_ENUM(filesystem, "type", type, fs_type, .preset = "mount"),
    ATTRIBUTE_ENUM(filesystem, "accessmode", access, fs_access),
    ATTRIBUTE_ENUM(filesystem, "model", model, fs_model),
    ATTRIBUTE(filesystem, "multidevs", multidevs, STRING),
    ATTRIBUTE(filesystem, "fmode", fmode, STRING),
    ATTRIBUTE(filesystem, "dmode", dmode, STRING),
    CHILD(filesystem, "driver", driver, fs_driver),
    CHILD(filesystem, "binary", binary, fs_binary),
    CHILD(filesystem, "source", source, fs_source),
    CHILD_FLAT("target", fs_target, .flags = MODEL_ROW_REQUIRED),
    CHILD(filesystem, "idmap", idmap, fs_idmap),
    FLAG(filesystem, "readonly", readonly),
    DEVICE_ROWS(filesystem),
    LEAF(filesystem, "space_hard_limit", space_hard_limit, SIZE, .detail = &model_scale_bytes),
    LEAF(filesystem, "space_soft_limit", space_soft_limit, SIZE, .detail = &model_scale_bytes),
};
SHARED_TYPE(filesystem, filesystem);
