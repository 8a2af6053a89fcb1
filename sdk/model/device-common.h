/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What several kinds of devices have in common. */
#ifndef HVKIT_MODEL_DEVICE_COMMON_H
#define HVKIT_MODEL_DEVICE_COMMON_H

#include "model/device-enums.h"
#include "model/domain-enums.h"

/* <address>: which members count is decided by type. An address of which only the type is given
 * is wanted, not chosen yet: `assigned` is false until somebody chooses. */
struct model_address {
    struct model_node node;
    enum model_address_type type;
    bool assigned;
    enum model_switch multifunction; /* pci */
    uint32_t domain;                 /* pci */
    uint32_t bus;                    /* pci, drive, virtio-serial, usb */
    uint32_t slot;                   /* pci, ccid, dimm */
    uint32_t function;               /* pci */
    uint32_t controller;             /* drive, virtio-serial, ccid */
    uint32_t target;                 /* drive */
    uint32_t unit;                   /* drive */
    uint32_t port;                   /* virtio-serial */
    const char *usb_port;            /* usb: "2" or "1.4" */
    uint32_t iobase;                 /* isa */
    uint32_t irq;                    /* isa */
    uint64_t base;                   /* dimm */
    uint64_t reg;                    /* spapr-vio */
    uint32_t cssid;                  /* ccw */
    uint32_t ssid;
    uint32_t devno;
};

/* An element that is nothing but its text. */
struct model_text {
    struct model_node node;
    const char *value;
};

struct model_alias {
    struct model_node node;
    const char *name; /* live, or the user's own "ua-..." */
};

struct model_boot {
    struct model_node node;
    struct model_uint order; /* from 1 */
    const char *loadparm;
};

struct model_acpi_index {
    struct model_node node;
    struct model_uint index;
};

struct model_rom {
    struct model_node node;
    enum model_switch enabled;
    enum model_switch bar;
    const char *file;
};

/* The virtio attributes of <driver> that every virtio device takes. */
struct model_virtio {
    enum model_switch iommu;
    enum model_switch ats;
    enum model_switch packed;
    enum model_switch page_per_vq;
};

/* First member of every device struct, so that any device can be handled through it. */
struct model_device {
    struct model_node node;
    struct model_boot boot;
    struct model_alias alias;
    struct model_acpi_index acpi;
    struct model_address address;
};

struct model_seclabel {
    struct model_node node;
    enum model_seclabel_type type;
    const char *model;
    enum model_switch relabel;
    enum model_switch labelskip; /* of a device */
    const char *label;
    const char *imagelabel;
    const char *baselabel;
};

/* A place where bytes of a character device come from and go to. */
struct model_chardev_source {
    struct model_node node;
    enum model_source_mode mode; /* bind or connect */
    const char *path;            /* pty (live), dev, file, pipe, unix */
    const char *host;            /* tcp, udp */
    const char *service;
    const char *channel; /* spiceport, dbus */
    const char *master;  /* nmdm */
    const char *slave;
    enum model_switch tls;
    enum model_switch append;    /* file */
    enum model_switch clipboard; /* qemu-vdagent: <clipboard copypaste> */
    struct model_node clipboard_node;
    struct model_node mouse_node;
    const char *mouse_mode; /* qemu-vdagent: <mouse mode> */
    struct model_node reconnect_node;
    enum model_switch reconnect;
    struct model_uint reconnect_timeout; /* seconds */
    MODEL_ARRAY(struct model_seclabel) seclabels;
};

struct model_chardev_log {
    struct model_node node;
    const char *file;
    enum model_switch append;
};

struct model_chardev_wire {
    struct model_node node;
    enum model_chardev_protocol type;
};

/* The host's end of a serial, parallel, console, channel, smartcard, redirdev or rng device. */
struct model_chardev {
    enum model_chardev_type type;
    const char *tty;                                  /* live console only */
    MODEL_ARRAY(struct model_chardev_source) sources; /* udp has two: connect and bind */
    struct model_chardev_wire protocol;
    struct model_chardev_log log;
};

/* "1-4,^2" as ranges: gives the next one from *at, which starts at the set's text; false at the
 * end. Model members hold such sets sorted and without exclusions. */
bool model_set_next(const char **at, uint32_t *out_first, uint32_t *out_last);

#endif
