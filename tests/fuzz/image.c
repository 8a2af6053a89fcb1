/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Any bytes as the header of a disk image: read within bounds, and what comes out is text. */
#include <assert.h>
#include <command/image.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_text(const char *text)
{
    assert(!text || (text[0] && strlen(text) <= IMAGE_NAME_MAX));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const formats[] = {NULL, "raw", "qcow2", "qed", "vmdk"};
    for (size_t i = 0; i < sizeof formats / sizeof formats[0]; i++) {
        struct hvk_error err = {.size = sizeof err};
        struct image image = {0};
        bool ok = image_parse(data, size, formats[i], "fuzzed", &image, &err);
        assert(ok || err.text[0]);
        check_text(image.backing);
        check_text(image.backing_format);
        check_text(image.data_file);
        assert(!formats[i] || strcmp(formats[i], "raw") != 0 || !image.backing);
        image_fini(&image);
    }
    return 0;
}
