/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The block graph of a disk: for every layer a node that reads bytes from a file or a server
 * ("hvkit-N-storage") and one that understands its format ("hvkit-N-format"). The whole chain is
 * named, so that QEMU opens nothing that was not asked for. */
#ifndef HVKIT_QEMU_COMMAND_BLOCK_H
#define HVKIT_QEMU_COMMAND_BLOCK_H

#include "command/build.h"

#define BLOCK_NODE_MAX 32 /* with NUL; QEMU's bound for node names */

/* Adds the nodes of the disk's image and of everything below it. The name of the topmost one goes
 * to top; "" for a drive without a medium. Fills disk->backing and source.index. */
bool block_build(struct build *b, struct model_disk *disk, char top[BLOCK_NODE_MAX]);

/* The topmost node of a disk whose source.index is known; "" for none. */
void block_top(const struct model_disk *disk, char top[BLOCK_NODE_MAX]);

/* Names of all nodes of the disk, topmost first: JSON array of strings. */
json_t *block_nodes(const struct model_disk *disk);

/* Does the source say anything (a drive may be empty)? */
bool block_has_source(const struct model_disk *disk);

/* The node that reads bytes (block_source.c): the driver and where its bytes are; alias is for the
 * ids of secrets. A new reference; NULL with the error. */
json_t *block_source(struct build *b, enum model_disk_type type,
                     const struct model_disk_source *source, const struct model_disk *disk);

/* Finds the layers below an image by its header (block_chain.c). */
bool block_probe(struct build *b, struct model_disk *disk);

/* What QEMU calls an image format of libvirt's; NULL: not supported. */
const char *block_format(const char *format);

#endif
