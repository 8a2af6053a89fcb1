/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Any bytes as a driver file: an identity or a reason, and an accepted identity is well-formed. */
#include "note.h"
#include "identity.h"

#include <assert.h>
#include <base/cleanup.h>
#include <string.h>
#include <sys/mman.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct hvk_error err;
    hvk_error_init(&err);
    auto_fd int fd = memfd_create("fuzz", MFD_CLOEXEC);
    if (fd < 0 || write(fd, data, size) != (ssize_t)size)
        return 0;
    auto_free struct hvk_driver_identity *identity = note_read(fd, &err);
    assert(identity || err.code != HVK_ERR_OK);
    if (!identity || !identity_check(identity, &err))
        return 0;
    assert(memchr(identity->id, '\0', sizeof identity->id) && identity->id[0] != '\0');
    assert(memchr(identity->tables, '\0', sizeof identity->tables));
    return 0;
}
