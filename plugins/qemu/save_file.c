/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "save_file.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <base/cleanup.h>

#define SAVE_FILE_VERSION 1
#define PAGE 4096u
#define XML_ROOM (16 * PAGE) /* so that the XML can be changed later */

static const char complete_magic[8] = {'H', 'V', 'K', 'I', 'T', 'S', 'A', 'V'};
static const char partial_magic[8] = {'H', 'V', 'K', 'I', 'T', 'P', 'A', 'R'};

_Static_assert(sizeof(struct save_header) == 64, "the header's size is part of the format");

static uint64_t add_checksum(uint64_t hash, const void *data, size_t size)
{
    const unsigned char *at = data;
    for (size_t i = 0; i < size; i++)
        hash = (hash ^ at[i]) * 0x100000001b3u;
    return hash;
}

static uint64_t checksum(const struct save_header *header, const char *xml)
{
    struct save_header plain = *header;
    plain.checksum = 0;
    return add_checksum(add_checksum(0xcbf29ce484222325u, &plain, sizeof plain), xml,
                        header->xml_size);
}

/* Everything at the offset, or false with the error. */
static bool put(int fd, const void *data, size_t size, off_t offset, const char *path,
                struct hvk_error *err)
{
    const char *at = data;
    while (size > 0) {
        ssize_t written = pwrite(fd, at, size, offset);
        if (written < 0 && errno == EINTR)
            continue;
        if (written < 0)
            return hvk_error_errno(err, errno, "write '%s'", path);
        at += written;
        offset += written;
        size -= (size_t)written;
    }
    return true;
}

static bool get(int fd, void *data, size_t size, off_t offset, const char *path,
                struct hvk_error *err)
{
    char *at = data;
    while (size > 0) {
        ssize_t got = pread(fd, at, size, offset);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return hvk_error_errno(err, errno, "read '%s'", path);
        if (got == 0)
            return hvk_error_set(err, HVK_ERR_STATE_DAMAGED, "'%s' is cut off", path);
        at += got;
        offset += got;
        size -= (size_t)got;
    }
    return true;
}

bool save_file_begin(int fd, const char *path, const char *xml, uint32_t flags,
                     struct hvk_error *err)
{
    struct save_header header = {
        .version = SAVE_FILE_VERSION, .flags = flags, .xml_size = strlen(xml)};
    memcpy(header.magic, partial_magic, sizeof header.magic);
    if (header.xml_size > SAVE_FILE_XML_MAX)
        return hvk_error_set(err, HVK_ERR_LIMIT, "the domain's XML has more than %u bytes",
                             SAVE_FILE_XML_MAX);
    header.data_offset = (sizeof header + header.xml_size + XML_ROOM) / PAGE * PAGE;
    header.checksum = checksum(&header, xml);
    if (!put(fd, &header, sizeof header, 0, path, err) ||
        !put(fd, xml, header.xml_size, sizeof header, path, err))
        return false;
    return (ftruncate(fd, (off_t)header.data_offset) == 0 &&
            lseek(fd, (off_t)header.data_offset, SEEK_SET) >= 0) ||
           hvk_error_errno(err, errno, "write '%s'", path);
}

/* ---- reading -------------------------------------------------------------------------------- */

static bool check_header(const struct save_header *header, const char *magic, const char *path,
                         struct hvk_error *err)
{
    if (memcmp(header->magic, partial_magic, sizeof partial_magic) == 0 && magic != partial_magic)
        return hvk_error_set(err, HVK_ERR_STATE_DAMAGED,
                             "'%s' was not written to its end: the save was interrupted", path);
    if (memcmp(header->magic, magic, sizeof header->magic) != 0)
        return hvk_error_set(err, HVK_ERR_STATE_DAMAGED, "'%s' is no saved domain of hvkit", path);
    if (header->version != SAVE_FILE_VERSION)
        return hvk_error_set(err, HVK_ERR_STATE_DAMAGED,
                             "'%s' has version %u of the format; this driver knows %u", path,
                             header->version, SAVE_FILE_VERSION);
    if (header->xml_size == 0 || header->xml_size > SAVE_FILE_XML_MAX ||
        header->data_offset < sizeof *header + header->xml_size ||
        header->data_offset > 2ull * SAVE_FILE_XML_MAX)
        return hvk_error_set(err, HVK_ERR_STATE_DAMAGED, "the header of '%s' is damaged", path);
    return true;
}

/* Header and XML, checked; malloc'ed XML. */
static char *read_both(int fd, const char *magic, const char *path, struct save_header *header,
                       struct hvk_error *err)
{
    if (!get(fd, header, sizeof *header, 0, path, err) || !check_header(header, magic, path, err))
        return NULL;
    auto_free char *xml = calloc(1, header->xml_size + 1);
    if (!xml) {
        hvk_error_memory(err);
        return NULL;
    }
    if (!get(fd, xml, header->xml_size, sizeof *header, path, err))
        return NULL;
    if (checksum(header, xml) != header->checksum) {
        hvk_error_set(err, HVK_ERR_STATE_DAMAGED, "the checksum of '%s' is wrong", path);
        return NULL;
    }
    return TAKE(xml);
}

int save_file_open(const char *path, bool writable, struct hvk_error *err)
{
    struct stat st;
    auto_fd int fd = open(path, (writable ? O_RDWR : O_RDONLY) | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (fd < 0 || fstat(fd, &st) < 0) {
        hvk_error_errno(err, errno, "open the saved domain '%s'", path);
        return -1;
    }
    if (!S_ISREG(st.st_mode)) {
        hvk_error_set(err, HVK_ERR_INVALID_ARG, "'%s' is no saved domain: it is not a regular file",
                      path);
        return -1;
    }
    return TAKE_FD(fd);
}

char *save_file_read(int fd, const char *path, struct save_header *out_header,
                     struct hvk_error *err)
{
    auto_free char *xml = read_both(fd, complete_magic, path, out_header, err);
    struct stat st;
    if (!xml)
        return NULL;
    if (fstat(fd, &st) < 0 || lseek(fd, (off_t)out_header->data_offset, SEEK_SET) < 0) {
        hvk_error_errno(err, errno, "read '%s'", path);
        return NULL;
    }
    uint64_t size = (uint64_t)st.st_size;
    if (size < out_header->data_offset || size - out_header->data_offset < out_header->data_size) {
        hvk_error_set(err, HVK_ERR_STATE_DAMAGED, "'%s' is cut off", path);
        return NULL;
    }
    return TAKE(xml);
}

/* ---- completing ----------------------------------------------------------------------------- */

static bool write_header(int fd, const char *path, struct save_header *header, const char *xml,
                         struct hvk_error *err)
{
    header->checksum = checksum(header, xml);
    return put(fd, header, sizeof *header, 0, path, err) &&
           (fsync(fd) == 0 || hvk_error_errno(err, errno, "write '%s'", path));
}

bool save_file_complete(int fd, const char *path, struct hvk_error *err)
{
    struct save_header header;
    struct stat st;
    auto_free char *xml = read_both(fd, partial_magic, path, &header, err);
    if (!xml)
        return false;
    if (fsync(fd) < 0 || fstat(fd, &st) < 0)
        return hvk_error_errno(err, errno, "write '%s'", path);
    memcpy(header.magic, complete_magic, sizeof header.magic);
    header.data_size = (uint64_t)st.st_size - header.data_offset;
    return write_header(fd, path, &header, xml, err);
}

bool save_file_replace_xml(int fd, const char *path, const char *xml, struct hvk_error *err)
{
    struct save_header header;
    auto_free char *old = read_both(fd, complete_magic, path, &header, err);
    if (!old)
        return false;
    size_t size = strlen(xml);
    if (sizeof header + size > header.data_offset)
        return hvk_error_set(err, HVK_ERR_LIMIT,
                             "the XML is %zu bytes long; '%s' has room for %llu", size, path,
                             (unsigned long long)(header.data_offset - sizeof header));
    header.xml_size = size;
    return put(fd, xml, size, sizeof header, path, err) &&
           write_header(fd, path, &header, xml, err);
}
