/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the header of a disk image says. QEMU is always told the format of every layer and never
 * asked to guess: a guest could write a qcow2 header with any backing file into its raw disk.
 * Formats: qemu/docs/interop/qcow2.txt, qed_spec.txt; magic numbers of the others. */
#ifndef HVKIT_QEMU_COMMAND_IMAGE_H
#define HVKIT_QEMU_COMMAND_IMAGE_H

#include <base/error.h>

#define IMAGE_HEADER_MAX 65536 /* bytes that are looked at */
#define IMAGE_NAME_MAX 1023    /* bytes of a backing file's name (the format's own bound) */
#define IMAGE_CHAIN_MAX 100    /* layers of one disk */

struct image {
    char format[16];      /* what the header looks like: "qcow2", "qed", "vmdk" …, else "raw" */
    char *backing;        /* as written in the header; NULL: none */
    char *backing_format; /* NULL: not recorded */
    char *data_file;      /* qcow2's external data file; NULL: none */
    bool encrypted;       /* qcow2 with LUKS or AES inside */
    bool block_device;    /* the path is one */
    uint64_t device;      /* of the file, to notice a chain that bites its tail */
    uint64_t inode;
};

void image_fini(struct image *image);

/* Reads the header of a file or block device as `format`, NULL: as what it looks like. A format
 * without fields of interest is only recognised. */
bool image_read(const char *path, const char *format, struct image *out, struct hvk_error *err);

/* The same for bytes; name is for messages. */
bool image_parse(const uint8_t *header, size_t length, const char *format, const char *name,
                 struct image *out, struct hvk_error *err);

/* A backing file's name as the layer at `path` writes it, made absolute: relative ones are relative
 * to the directory of the layer. "file:" is taken off. malloc'ed. */
char *image_resolve(const char *path, const char *backing, struct hvk_error *err);

#endif
