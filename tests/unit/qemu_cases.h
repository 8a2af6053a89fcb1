/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The definitions of tests/data/qemu-argv: one domain each, in which @DIR@ stands for a directory
 * with the images below. "<!-- needs: X -->" in the first line names what the machine must have. */
#ifndef HVKIT_TESTS_QEMU_CASES_H
#define HVKIT_TESTS_QEMU_CASES_H

#include <base/buffer.h>
#include <base/string.h>
#include <command/command.h>
#include <dirent.h>
#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <model/domain-xml.h>
#include <stdio.h>
#include <sys/stat.h>

#include "cmocka_all.h"

#define CASE_NAME_MAX 64
#define CASE_CLUSTER 65536u

struct qemu_case {
    char name[CASE_NAME_MAX];
    char *xml;       /* @DIR@ replaced */
    char needs[128]; /* "" for nothing */
};

static inline void case_fini(struct qemu_case *one)
{
    free(one->xml);
}

static inline char *case_read(const char *path)
{
    auto_file FILE *file = fopen(path, "re");
    auto_buffer text = BUFFER_INIT;
    if (!file)
        return NULL;
    for (size_t got = 1; got > 0; text.length += got) {
        char *room = buffer_reserve(&text, 4096);
        got = room ? fread(room, 1, 4096, file) : 0;
    }
    return buffer_take(&text);
}

static inline void case_replace(char **text, const char *what, const char *with)
{
    auto_buffer out = BUFFER_INIT;
    const char *at = *text;
    for (const char *hit; (hit = strstr(at, what)); at = hit + strlen(what)) {
        buffer_add(&out, at, (size_t)(hit - at));
        buffer_add_string(&out, with);
    }
    buffer_add_string(&out, at);
    free(*text);
    *text = buffer_take(&out);
}

static inline void case_load(const char *name, const char *directory, struct qemu_case *out)
{
    auto_free char *path = string_format("%s/%s.xml", QEMU_ARGV_DIR, name);
    *out = (struct qemu_case){0};
    assert_true(strlen(name) < sizeof out->name);
    strcpy(out->name, name);
    out->xml = case_read(path);
    assert_non_null(out->xml);
    sscanf(out->xml, "<!-- needs: %127s -->", out->needs);
    case_replace(&out->xml, "@DIR@", directory);
}

static inline int case_is_xml(const struct dirent *entry)
{
    const char *dot = strrchr(entry->d_name, '.');
    return dot && strcmp(dot, ".xml") == 0;
}

/* Why it cannot run here, or NULL. A path must exist; other words are what the caller cannot do. */
static inline const char *case_obstacle(const struct qemu_case *one)
{
    return one->needs[0] == '\0' || (one->needs[0] == '/' && access(one->needs, F_OK) == 0)
               ? NULL
               : one->needs;
}

/* ---- images ---- */

static inline void case_write(const char *directory, const char *name, const void *data,
                              size_t length, off_t size)
{
    auto_free char *path = string_format("%s/%s", directory, name);
    auto_fd int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, data, length), (ssize_t)length);
    assert_int_equal(ftruncate(fd, size), 0);
}

static inline void case_put32(uint8_t *at, uint32_t value)
{
    value = htobe32(value);
    memcpy(at, &value, sizeof value);
}

static inline void case_put64(uint8_t *at, uint64_t value)
{
    value = htobe64(value);
    memcpy(at, &value, sizeof value);
}

/* An empty qcow2 of 8 MiB, as QEMU accepts it: header, reference counts of its own clusters, and an
 * L1 table. backing and format may be NULL. */
static inline void case_qcow2(const char *directory, const char *name, const char *backing,
                              const char *format)
{
    static uint8_t image[4 * CASE_CLUSTER];
    memset(image, 0, sizeof image);
    memcpy(image, "QFI\xfb", 4);
    case_put32(image + 4, 3);
    case_put32(image + 20, 16);      /* cluster_bits */
    case_put64(image + 24, 8 << 20); /* size */
    case_put32(image + 36, 1);       /* l1_size */
    case_put64(image + 40, 3 * CASE_CLUSTER);
    case_put64(image + 48, CASE_CLUSTER); /* reference count table */
    case_put32(image + 56, 1);
    case_put32(image + 96, 4);    /* reference counts of 16 bits */
    case_put32(image + 100, 104); /* header length */
    size_t at = 104;
    if (format) {
        case_put32(image + at, 0xe2792acau);
        case_put32(image + at + 4, (uint32_t)strlen(format));
        memcpy(image + at + 8, format, strlen(format));
        at += 8 + ((strlen(format) + 7) & ~(size_t)7);
    }
    at += 8; /* the end of the extensions */
    if (backing) {
        case_put64(image + 8, at);
        case_put32(image + 16, (uint32_t)strlen(backing));
        memcpy(image + at, backing, strlen(backing));
    }
    case_put64(image + CASE_CLUSTER, 2 * CASE_CLUSTER);
    for (int i = 0; i < 4; i++)
        image[2 * CASE_CLUSTER + 2 * i + 1] = 1;
    case_write(directory, name, image, sizeof image, sizeof image);
}

/* Nothing but the header that QEMU reads before it loads a Linux kernel
 * (Documentation/arch/x86/boot). */
static inline void case_kernel(const char *directory)
{
    static uint8_t image[CASE_CLUSTER];
    memcpy(image + 0x202, "HdrS", 4);
    image[0x206] = 0x0c;
    image[0x207] = 0x02;            /* protocol 2.12 */
    image[0x211] = 1;               /* loaded high */
    memset(image + 0x22c, 0x7f, 4); /* where the initrd may end */
    case_write(directory, "kernel", image, sizeof image, sizeof image);
}

static inline void case_images(const char *directory)
{
    static const struct {
        const char *name;
        off_t size;
    } plain[] = {{"disk.raw", 8 << 20},      {"other.raw", 8 << 20}, {"third.raw", 8 << 20},
                 {"floppy.raw", 1440 << 10}, {"nvdimm", 128 << 20},  {"initrd", 4096}};
    for (size_t i = 0; i < ARRAY_SIZE(plain); i++)
        case_write(directory, plain[i].name, "", 0, plain[i].size);
    case_kernel(directory);
    case_qcow2(directory, "disk.qcow2", NULL, NULL);
    case_qcow2(directory, "base.qcow2", NULL, NULL);
    case_qcow2(directory, "overlay.qcow2", "base.qcow2", "qcow2");
}

/* With everything below it. */
static inline void case_remove(const char *path)
{
    auto_dir DIR *dir = opendir(path);
    for (const struct dirent *entry; dir && (entry = readdir(dir));) {
        auto_free char *inner = string_format("%s/%s", path, entry->d_name);
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0 &&
            unlink(inner) < 0)
            case_remove(inner);
    }
    rmdir(path);
}

/* ---- building ---- */

static inline struct model_domain *case_parse(const char *xml)
{
    struct hvk_error err;
    hvk_error_init(&err);
    struct model_domain *domain =
        model_domain_parse(xml, strlen(xml), MODEL_PARSE_INACTIVE, NULL, &err);
    if (!domain)
        fail_msg("%s", err.text);
    return domain;
}

#endif
