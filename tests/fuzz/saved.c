/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Any bytes as the file of a saved domain: accepted only with a matching checksum, never harmful.
 */
#include <assert.h>
#include <save_file.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static int fd = -1;
    struct save_header header;
    struct hvk_error err = {.size = sizeof err};
    if (fd < 0)
        fd = memfd_create("saved", MFD_CLOEXEC);
    if (ftruncate(fd, 0) < 0 || pwrite(fd, data, size, 0) != (ssize_t)size)
        return 0;
    char *xml = save_file_read(fd, "input", &header, &err);
    assert(xml ? strlen(xml) <= header.xml_size : err.code != HVK_ERR_OK);
    if (xml)
        assert(header.data_offset + header.data_size <= size);
    free(xml);
    save_file_complete(fd, "input", &err);
    return 0;
}
