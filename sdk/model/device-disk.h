/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Devices that hold data: disks, controllers, leases, file systems. */
#ifndef HVKIT_MODEL_DEVICE_DISK_H
#define HVKIT_MODEL_DEVICE_DISK_H

#include "model/device-common.h"

struct model_secret_ref {
    struct model_node node;
    const char *type; /* "ceph", "iscsi", "passphrase", ... */
    struct model_uuid uuid;
    const char *usage;
};

struct model_auth {
    struct model_node node;
    const char *username;
    struct model_secret_ref secret;
};

struct model_encryption {
    struct model_node node;
    enum model_encryption_format format;
    const char *engine; /* "qemu", "librbd" */
    MODEL_ARRAY(struct model_secret_ref) secrets;
};

struct model_host {
    struct model_node node;
    const char *name;
    struct model_uint port;
    enum model_host_transport transport;
    const char *socket;
};

struct model_initiator {
    struct model_node node;
    struct model_node iqn_node;
    const char *iqn;
};

struct model_reservations {
    struct model_node node;
    enum model_switch managed;
    enum model_switch migration;
    struct model_chardev_source source;
    const char *source_type; /* "unix" */
};

struct model_slice {
    struct model_node node;
    const char *type; /* "storage" */
    struct model_uint offset;
    struct model_uint size;
};

struct model_slices {
    struct model_node node;
    MODEL_ARRAY(struct model_slice) items;
};

struct model_cookie {
    struct model_node node;
    const char *name;
    const char *value; /* secret: formatted with MODEL_FORMAT_SECURE only */
};

struct model_cookies {
    struct model_node node;
    MODEL_ARRAY(struct model_cookie) items;
};

/* <source> of a disk, a backing store or a mirror: the enclosing element's type decides which
 * members count. */
struct model_disk_source {
    struct model_node node;
    const char *file;
    const char *dev;
    const char *dir;
    const char *pool;   /* volume */
    const char *volume; /* volume */
    enum model_volume_mode mode;
    enum model_disk_protocol protocol; /* network */
    const char *name;
    const char *query;
    enum model_switch tls;
    const char *tls_hostname;
    const char *address_type;     /* nvme: "pci" */
    enum model_switch managed;    /* nvme */
    struct model_uint namespace_; /* nvme */
    const char *vhost_path;       /* vhostuser: a unix socket */
    const char *vhost_type;
    enum model_startup_policy startup_policy;
    struct model_uint index; /* live */
    MODEL_ARRAY(struct model_host) hosts;
    struct model_initiator initiator;
    struct model_node snapshot_node;
    const char *snapshot;
    struct model_node config_node;
    const char *config;
    struct model_slices slices;
    struct model_node ssl_node;
    enum model_switch ssl_verify;
    struct model_cookies cookies;
    struct model_node readahead_node;
    struct model_uint readahead; /* bytes */
    struct model_node timeout_node;
    struct model_uint timeout; /* seconds */
    struct model_auth auth;
    struct model_encryption encryption;
    struct model_reservations *reservations;
    struct model_address *address; /* nvme */
    MODEL_ARRAY(struct model_seclabel) seclabels;
};

struct model_disk_format {
    struct model_node node;
    const char *type;
    struct model_node metadata_cache_node;
    struct model_uint metadata_cache_max; /* bytes */
};

/* One image below a disk. An element without content ends the chain. */
struct model_backing_store {
    struct model_node node;
    enum model_disk_type type;
    struct model_uint index; /* live */
    struct model_disk_format format;
    struct model_disk_source source;
    struct model_backing_store *backing;
};

struct model_mirror {
    struct model_node node;
    enum model_disk_type type;
    const char *file;
    const char *format_name;
    enum model_mirror_job job;
    enum model_mirror_ready ready;
    struct model_disk_format format;
    struct model_disk_source source;
    struct model_backing_store *backing;
};

struct model_disk_driver {
    struct model_node node;
    const char *name;
    const char *type; /* "raw", "qcow2", ... */
    enum model_disk_cache cache;
    enum model_disk_error error_policy;
    enum model_disk_error rerror_policy;
    enum model_disk_io io;
    enum model_switch ioeventfd;
    enum model_switch event_idx;
    enum model_switch copy_on_read;
    enum model_disk_discard discard;
    struct model_uint iothread;
    enum model_disk_zeroes detect_zeroes;
    enum model_switch discard_no_unref;
    struct model_uint queues;
    struct model_uint queue_size;
    struct model_virtio virtio;
    struct model_node metadata_cache_node;
    struct model_uint metadata_cache_max; /* bytes */
};

struct model_disk_target {
    struct model_node node;
    const char *dev; /* "vda" */
    enum model_disk_bus bus;
    enum model_disk_tray tray;
    enum model_switch removable;
    struct model_uint rotation_rate;
};

/* Bytes and operations a second; `max` are bursts, `length` their seconds. */
struct model_iotune {
    struct model_node node;
    struct model_uint total_bytes_sec, read_bytes_sec, write_bytes_sec;
    struct model_uint total_iops_sec, read_iops_sec, write_iops_sec;
    struct model_uint total_bytes_sec_max, read_bytes_sec_max, write_bytes_sec_max;
    struct model_uint total_iops_sec_max, read_iops_sec_max, write_iops_sec_max;
    struct model_uint size_iops_sec;
    const char *group_name;
    struct model_uint total_bytes_sec_max_length, read_bytes_sec_max_length;
    struct model_uint write_bytes_sec_max_length;
    struct model_uint total_iops_sec_max_length, read_iops_sec_max_length;
    struct model_uint write_iops_sec_max_length;
};

struct model_geometry {
    struct model_node node;
    struct model_uint cylinders, heads, sectors;
    const char *translation;
};

struct model_blockio {
    struct model_node node;
    struct model_uint logical_block_size;
    struct model_uint physical_block_size;
    struct model_uint discard_granularity;
};

struct model_disk {
    struct model_device device;
    enum model_disk_type type;
    enum model_disk_device kind; /* device='disk' */
    enum model_disk_model model;
    enum model_switch rawio;
    const char *sgio;
    enum model_disk_snapshot snapshot;
    struct model_disk_driver driver;
    struct model_auth auth; /* older place; see source.auth */
    struct model_disk_source source;
    struct model_backing_store *backing; /* NULL: not said, so found by probing */
    struct model_mirror *mirror;         /* live */
    struct model_disk_target target;
    struct model_iotune *iotune;
    bool readonly;
    bool shareable;
    struct model_node transient_node;
    bool transient;
    enum model_switch transient_share_backing;
    const char *serial;
    const char *wwn;
    const char *vendor;
    const char *product;
    struct model_encryption encryption; /* older place; see source.encryption */
    struct model_geometry geometry;
    struct model_blockio blockio;
};

struct model_controller_driver {
    struct model_node node;
    struct model_uint queues;
    struct model_uint cmd_per_lun;
    struct model_uint max_sectors;
    enum model_switch ioeventfd;
    struct model_uint iothread;
    struct model_virtio virtio;
};

struct model_controller_target {
    struct model_node node;
    struct model_uint chassis_nr;
    struct model_uint chassis;
    struct model_uint port; /* written in hexadecimal */
    struct model_uint bus_nr;
    struct model_uint index;
    enum model_switch hotplug;
    struct model_uint node_number; /* <node> */
};

struct model_controller_model {
    struct model_node node;
    const char *name; /* "pcie-root-port", ... */
};

struct model_controller {
    struct model_device device;
    enum model_controller_type type;
    struct model_uint index;
    const char *model; /* "pcie-root", "qemu-xhci", "virtio-scsi", ... */
    struct model_uint ports;
    struct model_uint vectors;
    struct model_uint max_grant_frames;
    struct model_uint max_event_channels;
    struct model_node master_node;
    struct model_uint master_startport; /* usb companion */
    struct model_controller_driver driver;
    struct model_controller_model pci_model;
    struct model_controller_target target;
    struct model_uint pcihole64; /* KiB */
};

struct model_lease {
    struct model_device device; /* has neither address nor boot */
    const char *lockspace;
    const char *key;
    struct model_node target_node;
    const char *path;
    struct model_uint offset;
};

struct model_fs_lock {
    struct model_node node;
    enum model_switch posix;
    enum model_switch flock;
};

struct model_fs_binary {
    struct model_node node;
    const char *path;
    enum model_switch xattr;
    struct model_node cache_node;
    enum model_fs_cache cache;
    struct model_node sandbox_node;
    enum model_fs_sandbox sandbox;
    struct model_fs_lock lock;
    struct model_node thread_pool_node;
    struct model_uint thread_pool;
    struct model_node openfiles_node;
    struct model_uint openfiles_max;
};

struct model_fs_driver_attrs {
    struct model_node node;
    enum model_fs_driver type;
    const char *format;
    const char *name;
    struct model_uint queue;
    const char *wrpolicy;
    struct model_virtio virtio;
};

struct model_fs_source {
    struct model_node node;
    const char *dir;
    const char *file;
    const char *dev;
    const char *name;   /* template */
    const char *pool;   /* volume */
    const char *volume; /* volume */
    const char *socket; /* virtiofs run by somebody else */
    struct model_uint usage;
    const char *units;
};

struct model_fs_idmap_entry {
    struct model_node node;
    struct model_uint start, target, count;
};

struct model_fs_idmap {
    struct model_node node;
    MODEL_ARRAY(struct model_fs_idmap_entry) uids;
    MODEL_ARRAY(struct model_fs_idmap_entry) gids;
};

struct model_filesystem {
    struct model_device device;
    enum model_fs_type type;
    enum model_fs_access access;
    enum model_fs_model model;
    const char *multidevs;
    const char *fmode;
    const char *dmode;
    struct model_fs_driver_attrs driver;
    struct model_fs_binary binary;
    struct model_fs_source source;
    struct model_node target_node;
    const char *target; /* <target dir>: mount tag or path */
    struct model_fs_idmap idmap;
    bool readonly;
    struct model_uint space_hard_limit; /* bytes */
    struct model_uint space_soft_limit;
};

#endif
