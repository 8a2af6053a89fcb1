/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Device elements: written from options, and found in a domain's XML. */
#ifndef HVKIT_CLI_DEVICEXML_H
#define HVKIT_CLI_DEVICEXML_H

#include "cli.h"
#include "document.h"

/* The bus a disk's target name stands for (vda: virtio, sda: scsi …); NULL for any other name. */
const char *disk_bus_of(const char *target);

/* The <disk> or <interface> that the options of attach-disk or attach-interface describe, as text
 * for free(); NULL with the error. */
char *disk_element(struct cli *cli, const struct arguments *arguments);
char *interface_element(struct cli *cli, const struct arguments *arguments);

/* The domain's devices; NULL with the error. `flags` are those of hvk_domain_get_xml_desc(). The
 * document is the caller's. */
const struct element *devices_read(struct cli *cli, const struct hvk_domain *domain, uint32_t flags,
                                   struct document **out_document);

/* The disk with this target or source; the interface of this type (NULL: any) and MAC address
 * (NULL: the only one). NULL with the error, which names the domain. */
const struct element *devices_find_disk(struct cli *cli, const struct element *devices,
                                        const char *which);
const struct element *devices_find_interface(struct cli *cli, const struct element *devices,
                                             const char *type, const char *mac);

/* Where a disk's data comes from, whatever its type; NULL for an empty drive. */
const char *disk_source(const struct element *disk);
/* What an interface is connected to; NULL for a type that is connected to nothing by name. */
const char *interface_source(const struct element *interface);

/* The disk as text with another source (NULL: none, the drive is empty): every other child stays as
 * it is written. free() it; NULL when out of memory. */
char *disk_with_source(const struct document *document, const struct element *disk,
                       const char *source, bool block);

#endif
