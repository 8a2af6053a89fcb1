/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Folders of the host that the guest mounts: 9p, served by QEMU, and virtiofs, served by a program.
 */
#include "command/device.h"
#include "command/helper.h"

#define ELEMENT "devices/filesystem"

static const char *const virtiofsd_paths[] = {"/usr/lib/qemu/virtiofsd", "/usr/libexec/virtiofsd",
                                              NULL};

static bool check(struct build *b, const struct model_filesystem *fs)
{
    const struct model_node *node = &fs->device.node;
    if (fs->type != MODEL_FS_TYPE_MOUNT)
        return build_refuse(b, node, ELEMENT, "type 'mount' is supported, not '%s'",
                            model_word(&model_fs_type_words, fs->type));
    if (!fs->target)
        return build_refuse(b, node, ELEMENT,
                            "it needs a <target dir='...'>, the tag that the guest mounts");
    return true;
}

/* ---- 9p ---- */

static const char *const security_models[] = {
    [MODEL_FS_ACCESS_PASSTHROUGH] = "passthrough",
    [MODEL_FS_ACCESS_MAPPED] = "mapped",
    [MODEL_FS_ACCESS_SQUASH] = "none",
};

static bool build_9p(struct build *b, const struct model_filesystem *fs)
{
    const char *driver =
        device_virtio(b, "virtio-9p-pci", model_word(&model_fs_model_words, fs->model));
    if (!fs->source.dir)
        return build_refuse(b, &fs->device.node, ELEMENT "/source", "it needs a directory");
    if (!driver || !build_need_device(b, &fs->device.node, ELEMENT, driver))
        return false;
    auto_free char *id = string_format("fsdev-%s", fs->device.alias.name);
    json_t *json = id ? json_pack("{s:s,s:s,s:s,s:s}", "fsdriver", "local", "security_model",
                                  security_models[fs->access], "id", id, "path", fs->source.dir)
                      : NULL;
    json_put_string(json, "writeout", fs->driver.wrpolicy);
    json_put_string(json, "multidevs", fs->multidevs);
    json_put_string(json, "fmode", fs->fmode);
    json_put_string(json, "dmode", fs->dmode);
    if (fs->readonly)
        json_object_set_new(json, "readonly", json_true());
    if (!build_part(b, PART_FSDEV, json))
        return false;
    struct model_device common = fs->device;
    json_t *device =
        json_pack("{s:s,s:s,s:s}", "driver", driver, "fsdev", id, "mount_tag", fs->target);
    json_put_virtio(device, &fs->driver.virtio);
    return build_device(b, &common, device);
}

/* ---- virtiofs ---- */

static bool check_virtiofs(struct build *b, const struct model_filesystem *fs)
{
    const struct model_node *node = &fs->device.node;
    if (!build_has_shared_memory(b->domain))
        return build_refuse(
            b, node, ELEMENT,
            "virtiofs needs memory that is shared with its server: "
            "<memoryBacking><source type='memfd'/><access mode='shared'/></memoryBacking>");
    if (fs->readonly)
        return build_refuse(b, node, ELEMENT "/readonly",
                            "this virtiofsd cannot serve a folder read-only");
    if (!fs->source.dir == !fs->source.socket)
        return build_refuse(b, node, ELEMENT "/source",
                            "it needs either a directory or the socket of a running server");
    return true;
}

static bool add_options(struct build *b, struct helper *helper, const struct model_filesystem *fs)
{
    const struct model_fs_binary *binary = &fs->binary;
    auto_buffer text = BUFFER_INIT;
    buffer_add_format(&text, "source=%s", fs->source.dir);
    if (binary->cache)
        buffer_add_format(&text, ",cache=%s", model_word(&model_fs_cache_words, binary->cache));
    if (binary->sandbox)
        buffer_add_format(&text, ",sandbox=%s",
                          model_word(&model_fs_sandbox_words, binary->sandbox));
    static const char *const xattr[] = {NULL, "xattr", "no_xattr"},
                             *const flock[] = {NULL, "flock", "no_flock"},
                             *const posix[] = {NULL, "posix_lock", "no_posix_lock"};
    const char *const words[] = {xattr[binary->xattr], flock[binary->lock.flock],
                                 posix[binary->lock.posix]};
    for (size_t i = 0; i < ARRAY_SIZE(words); i++)
        if (words[i])
            buffer_add_format(&text, ",%s", words[i]);
    if (text.failed)
        return hvk_error_memory(b->err);
    return helper_add(b, helper, "-o") && helper_add(b, helper, "%s", text.data) &&
           (!binary->thread_pool.set ||
            helper_add(b, helper, "--thread-pool-size=%u", (unsigned)binary->thread_pool.value)) &&
           (!binary->openfiles_max.set ||
            helper_add(b, helper, "--rlimit-nofile=%u", (unsigned)binary->openfiles_max.value));
}

static bool add_server(struct build *b, const struct model_filesystem *fs, const char *socket)
{
    const char *program = fs->binary.path ? fs->binary.path : helper_find(virtiofsd_paths);
    if (!program)
        return build_refuse(b, &fs->device.node, ELEMENT, "there is no virtiofsd on this machine");
    if (strchr(fs->source.dir, ','))
        return build_refuse(b, &fs->source.node, ELEMENT "/source",
                            "virtiofsd takes no directory with a comma in its name");
    auto_free char *name = string_format("virtiofsd-%s", fs->device.alias.name);
    AUTO(helper_fini) struct helper helper = HELPER_INIT;
    helper.name = name;
    helper.socket = socket;
    return name && helper_listen(b, &helper) && helper_add(b, &helper, "%s", program) &&
           helper_add(b, &helper, "--fd=%s", helper.fd) && add_options(b, &helper, fs) &&
           helper_finish(b, &helper);
}

static bool build_virtiofs(struct build *b, const struct model_filesystem *fs)
{
    if (!check_virtiofs(b, fs) ||
        !build_need_device(b, &fs->device.node, ELEMENT, "vhost-user-fs-pci"))
        return false;
    auto_free char *made =
        string_format("%s/%s.sock", b->in->runtime_directory, fs->device.alias.name);
    const char *socket = fs->source.socket ? fs->source.socket : made;
    auto_free char *id = string_format("char%s", fs->device.alias.name);
    if (!made || !id || (!fs->source.socket && !b->dry && !add_server(b, fs, socket)))
        return false;
    json_t *chardev =
        json_pack("{s:s,s:{s:s,s:{s:{s:s,s:{s:s}},s:b}}}", "id", id, "backend", "type", "socket",
                  "data", "addr", "type", "unix", "data", "path", socket, "server", 0);
    if (!build_part(b, PART_CHARDEV, chardev))
        return false;
    struct model_device common = fs->device;
    json_t *json =
        json_pack("{s:s,s:s,s:s}", "driver", "vhost-user-fs-pci", "chardev", id, "tag", fs->target);
    json_put_uint(json, "queue-size", fs->driver.queue);
    return build_device(b, &common, json);
}

bool filesystem_build(struct build *b, void *device)
{
    const struct model_filesystem *fs = device;
    if (!check(b, fs))
        return false;
    if (fs->driver.type == MODEL_FS_DRIVER_VIRTIOFS)
        return build_virtiofs(b, fs);
    if (fs->driver.type <= MODEL_FS_DRIVER_PATH)
        return build_9p(b, fs);
    return build_refuse(b, &fs->driver.node, ELEMENT "/driver",
                        "drivers 'path' (9p) and 'virtiofs' are supported, not '%s'",
                        model_word(&model_fs_driver_words, fs->driver.type));
}
