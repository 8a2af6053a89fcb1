/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "command/secret.h"

#include <base/uuid.h>
#include <errno.h>
#include <sys/mman.h>

static bool write_all(int fd, const char *data, size_t length)
{
    while (length > 0) {
        ssize_t done = write(fd, data, length);
        if (done < 0 && errno == EINTR)
            continue;
        if (done <= 0)
            return false;
        data += done;
        length -= (size_t)done;
    }
    return lseek(fd, 0, SEEK_SET) == 0;
}

bool secret_add_data(struct build *b, const char *id, const void *data, size_t length)
{
    if (b->running)
        return hvk_error_set(
            b->err, HVK_ERR_CONFIG_UNSUPPORTED,
            "domain '%s' runs: a device with a secret can only be there from its start",
            b->domain->name);
    auto_fd int fd = memfd_create("hvkit-secret", MFD_CLOEXEC);
    if (fd < 0 || !write_all(fd, data, length))
        return hvk_error_errno(b->err, errno, "hand a secret to QEMU");
    auto_free char *number = build_fd(b, TAKE_FD(fd), id);
    auto_free char *path = number ? string_format("/proc/self/fd/%s", number) : NULL;
    if (!path)
        return hvk_error_memory(b->err);
    return build_part(b, PART_OBJECT,
                      json_pack("{s:s,s:s,s:s,s:s}", "qom-type", "secret", "id", id, "format",
                                "raw", "file", path));
}

bool secret_add(struct build *b, const char *id, const struct model_secret_ref *reference,
                const char *element)
{
    if (b->dry)
        return true;
    if (!b->in->get_secret)
        return build_refuse(b, &reference->node, element,
                            "it needs a secret, but this node keeps none");
    void *data = NULL;
    size_t length = 0;
    if (!b->in->get_secret(b->in->user, reference->uuid.set ? reference->uuid.bytes : NULL,
                           reference->usage, &data, &length, b->err))
        return false;
    bool ok = secret_add_data(b, id, data, length);
    explicit_bzero(data, length);
    free(data);
    return ok;
}
