/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Owns the bounded reading of image headers. */
#include "command/image.h"

#include <base/string.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

#define QCOW2_HEADER_MIN 72
#define QCOW2_HEADER_V3 104
#define QCOW2_INCOMPATIBLE_DATA_FILE (1u << 2)
#define QCOW2_EXTENSION_BACKING_FORMAT 0xe2792acau
#define QCOW2_EXTENSION_DATA_FILE 0x44415441u
#define QED_FEATURE_BACKING (1u << 0)
#define QED_FEATURE_BACKING_RAW (1u << 2)

struct bytes {
    const uint8_t *data;
    size_t length;
    const char *name;
};

static uint32_t big32(const struct bytes *bytes, size_t at)
{
    const uint8_t *p = bytes->data + at;
    return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

static uint64_t big64(const struct bytes *bytes, size_t at)
{
    return (uint64_t)big32(bytes, at) << 32 | big32(bytes, at + 4);
}

static uint32_t little32(const struct bytes *bytes, size_t at)
{
    return __builtin_bswap32(big32(bytes, at));
}

static bool damaged(const struct bytes *bytes, const char *what, struct hvk_error *err)
{
    return hvk_error_set(err, HVK_ERR_CONFIG_UNSUPPORTED, "image '%s' is damaged: %s", bytes->name,
                         what);
}

/* A piece of the header as text; it may be neither empty nor contain NUL. */
static bool take_text(const struct bytes *bytes, uint64_t at, uint64_t length, const char *what,
                      char **out, struct hvk_error *err)
{
    if (length == 0 || length > IMAGE_NAME_MAX || at > bytes->length ||
        length > bytes->length - at || memchr(bytes->data + at, 0, length))
        return damaged(bytes, what, err);
    free(*out);
    *out = strndup((const char *)bytes->data + at, length);
    return *out || hvk_error_memory(err);
}

static bool parse_extensions(const struct bytes *bytes, size_t at, size_t end, struct image *out,
                             struct hvk_error *err)
{
    while (end - at >= 8) {
        uint32_t type = big32(bytes, at), length = big32(bytes, at + 4);
        at += 8;
        if (type == 0)
            return true;
        if (length > end - at)
            return damaged(bytes, "a header extension goes past the header", err);
        if (type == QCOW2_EXTENSION_BACKING_FORMAT &&
            !take_text(bytes, at, length, "the backing format", &out->backing_format, err))
            return false;
        if (type == QCOW2_EXTENSION_DATA_FILE &&
            !take_text(bytes, at, length, "the name of the data file", &out->data_file, err))
            return false;
        size_t padded = ((size_t)length + 7) & ~(size_t)7;
        at = padded > end - at ? end : at + padded;
    }
    return true;
}

static bool parse_qcow2(const struct bytes *bytes, struct image *out, struct hvk_error *err)
{
    if (bytes->length < QCOW2_HEADER_MIN)
        return damaged(bytes, "its header is cut short", err);
    uint32_t version = big32(bytes, 4);
    uint64_t backing = big64(bytes, 8);
    uint32_t backing_length = big32(bytes, 16);
    size_t header = QCOW2_HEADER_MIN;
    bool data_file = false;
    if (version >= 3) {
        if (bytes->length < QCOW2_HEADER_V3)
            return damaged(bytes, "its header is cut short", err);
        data_file = big64(bytes, 72) & QCOW2_INCOMPATIBLE_DATA_FILE;
        header = big32(bytes, 100);
        if (header < QCOW2_HEADER_V3 || header > bytes->length)
            return damaged(bytes, "the length of its header", err);
    }
    out->encrypted = big32(bytes, 32) != 0;
    size_t end = backing && backing < bytes->length ? backing : bytes->length;
    if (end > header && !parse_extensions(bytes, header, end, out, err))
        return false;
    if (data_file && !out->data_file)
        return damaged(bytes, "it keeps its data in a file that it does not name", err);
    return !backing || take_text(bytes, backing, backing_length, "the name of its backing file",
                                 &out->backing, err);
}

static bool parse_qed(const struct bytes *bytes, struct image *out, struct hvk_error *err)
{
    if (bytes->length < 64)
        return damaged(bytes, "its header is cut short", err);
    uint32_t features = little32(bytes, 16);
    if (!(features & QED_FEATURE_BACKING))
        return true;
    if (features & QED_FEATURE_BACKING_RAW) {
        out->backing_format = strdup("raw");
        if (!out->backing_format)
            return hvk_error_memory(err);
    }
    return take_text(bytes, little32(bytes, 56), little32(bytes, 60),
                     "the name of its backing file", &out->backing, err);
}

/* Only that there is a parent: QEMU opens those of VMDK by itself, as whatever they look like. */
static bool parse_vmdk(const struct bytes *bytes, struct image *out, struct hvk_error *err)
{
    static const char hint[] = "parentFileNameHint=";
    if (!memmem(bytes->data, bytes->length, hint, sizeof hint - 1))
        return true;
    (void)out;
    return hvk_error_set(err, HVK_ERR_CONFIG_UNSUPPORTED,
                         "image '%s' is a VMDK with a parent: convert it to qcow2 with "
                         "'qemu-img convert' first",
                         bytes->name);
}

/* magic at offset; parse NULL: nothing else is read. The longer row of two that match comes first.
 */
static const struct image_kind {
    const char *format;
    size_t offset;
    const char *magic;
    size_t length;
    bool (*parse)(const struct bytes *bytes, struct image *out, struct hvk_error *err);
} image_kinds[] = {
    {"qcow2", 0, "QFI\xfb\0\0\0\x02", 8, parse_qcow2},
    {"qcow2", 0, "QFI\xfb\0\0\0\x03", 8, parse_qcow2},
    {"qcow", 0, "QFI\xfb\0\0\0\x01", 8, NULL},
    {"qed", 0, "QED\0", 4, parse_qed},
    {"vmdk", 0, "KDMV", 4, parse_vmdk},
    {"vmdk", 0, "COWD", 4, parse_vmdk},
    {"vmdk", 0, "# Disk DescriptorFile", 21, parse_vmdk},
    {"vdi", 64, "\x7f\x10\xda\xbe", 4, NULL},
    {"vhdx", 0, "vhdxfile", 8, NULL},
    {"vpc", 0, "conectix", 8, NULL},
    {"luks", 0, "LUKS\xba\xbe", 6, NULL},
    {"parallels", 0, "WithoutFreeSpace", 16, NULL},
    {"parallels", 0, "WithouFreSpacExt", 16, NULL},
    {"bochs", 0, "Bochs Virtual HD Image", 22, NULL},
};

static const struct image_kind *find_kind(const struct bytes *bytes)
{
    for (size_t i = 0; i < ARRAY_SIZE(image_kinds); i++) {
        const struct image_kind *kind = &image_kinds[i];
        if (bytes->length >= kind->offset + kind->length &&
            memcmp(bytes->data + kind->offset, kind->magic, kind->length) == 0)
            return kind;
    }
    return NULL;
}

bool image_parse(const uint8_t *header, size_t length, const char *format, const char *name,
                 struct image *out, struct hvk_error *err)
{
    struct bytes bytes = {header, length, name};
    const struct image_kind *kind = find_kind(&bytes);
    const char *looks = kind ? kind->format : "raw";
    snprintf(out->format, sizeof out->format, "%s", looks);
    if (format && string_equal(format, "raw"))
        return true; /* whatever a guest wrote into it is data */
    if (format && kind && !string_equal(format, looks))
        return hvk_error_set(err, HVK_ERR_CONFIG_UNSUPPORTED,
                             "image '%s' is to be opened as %s, but it is %s", name, format, looks);
    if (format && !kind && (string_equal(format, "qcow2") || string_equal(format, "qed")))
        return hvk_error_set(err, HVK_ERR_CONFIG_UNSUPPORTED,
                             "image '%s' is to be opened as %s, but it has no such header", name,
                             format);
    return !kind || !kind->parse || kind->parse(&bytes, out, err);
}

/* Reads until the buffer is full or the file ends; -1 with errno. */
static ssize_t read_start(int fd, uint8_t *data, size_t size)
{
    size_t length = 0;
    while (length < size) {
        ssize_t got = pread(fd, data + length, size - length, (off_t)length);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return -1;
        if (got == 0)
            break;
        length += (size_t)got;
    }
    return (ssize_t)length;
}

bool image_read(const char *path, const char *format, struct image *out, struct hvk_error *err)
{
    *out = (struct image){0};
    auto_fd int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    struct stat status;
    if (fd < 0 || fstat(fd, &status) < 0)
        return hvk_error_errno(err, errno, "open the disk image '%s'", path);
    if (!S_ISREG(status.st_mode) && !S_ISBLK(status.st_mode))
        return hvk_error_set(err, HVK_ERR_CONFIG_UNSUPPORTED,
                             "cannot use '%s' as a disk: it is neither a file nor a block device",
                             path);
    out->block_device = S_ISBLK(status.st_mode);
    out->device = S_ISBLK(status.st_mode) ? status.st_rdev : status.st_dev;
    out->inode = S_ISBLK(status.st_mode) ? 0 : status.st_ino;
    auto_free uint8_t *header = malloc(IMAGE_HEADER_MAX);
    if (!header)
        return hvk_error_memory(err);
    ssize_t length = read_start(fd, header, IMAGE_HEADER_MAX);
    if (length < 0)
        return hvk_error_errno(err, errno, "read the header of the disk image '%s'", path);
    if (image_parse(header, (size_t)length, format, path, out, err))
        return true;
    image_fini(out);
    return false;
}

char *image_resolve(const char *path, const char *backing, struct hvk_error *err)
{
    if (string_starts_with(backing, "file:"))
        backing += strlen("file:");
    const char *slash = strrchr(path, '/');
    char *out = backing[0] == '/' || !slash
                    ? strdup(backing)
                    : string_format("%.*s/%s", (int)(slash - path), path, backing);
    if (!out)
        hvk_error_memory(err);
    return out;
}

void image_fini(struct image *image)
{
    free(image->backing);
    free(image->backing_format);
    free(image->data_file);
    *image = (struct image){0};
}
