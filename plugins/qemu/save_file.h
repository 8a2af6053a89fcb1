/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A saved domain in one file: a header of fixed size, the domain's XML, and from a page boundary on
 * QEMU's own migration stream. Integers are in the machine's byte order, as the stream itself is
 * for one kind of machine only. */
#ifndef HVKIT_QEMU_SAVE_FILE_H
#define HVKIT_QEMU_SAVE_FILE_H

#include <base/error.h>

#define SAVE_FILE_XML_MAX (16u * 1024 * 1024)

/* A file is marked complete only after everything else of it is on disk. */
#define SAVE_FILE_PAUSED (1u << 0) /* the vCPUs were stopped before */

struct save_header {
    char magic[8];        /* "HVKITSAV" complete, "HVKITPAR" being written */
    uint32_t version;     /* SAVE_FILE_VERSION */
    uint32_t flags;       /* SAVE_FILE_* */
    uint64_t xml_size;    /* bytes, behind the header */
    uint64_t data_offset; /* of the stream */
    uint64_t data_size;   /* of the stream; 0 until it is complete */
    uint64_t reserved[2];
    uint64_t checksum; /* FNV-1a of the header, with this member 0, and of the XML */
};

/* Writes header and XML of a file that is being written, and leaves the descriptor where the stream
 * begins. */
bool save_file_begin(int fd, const char *path, const char *xml, uint32_t flags,
                     struct hvk_error *err);

/* Marks it complete: the stream ends where the file ends. Syncs before and after. */
bool save_file_complete(int fd, const char *path, struct hvk_error *err);

/* Opens a saved domain, to change it or to read it alone. Only a regular file is one: any other is
 * refused at once, also a FIFO, whose writer might never come. -1 when it fails. */
int save_file_open(const char *path, bool writable, struct hvk_error *err);

/* Reads and checks header and XML (malloc'ed, NUL-terminated), and leaves the descriptor where the
 * stream begins. STATE_DAMAGED says what is wrong with the file. */
char *save_file_read(int fd, const char *path, struct save_header *out_header,
                     struct hvk_error *err);

/* Replaces the XML of a complete file; it must fit where the old one was. */
bool save_file_replace_xml(int fd, const char *path, const char *xml, struct hvk_error *err);

#endif
