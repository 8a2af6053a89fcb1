/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Every other kind of device. */
#ifndef HVKIT_MODEL_DEVICE_MISC_H
#define HVKIT_MODEL_DEVICE_MISC_H

#include "model/device-common.h"

/* <target> of serial, parallel, console and channel. */
struct model_chardev_target {
    struct model_node node;
    const char *type; /* serial: "isa-serial"; console and channel: see the enums below */
    struct model_uint port;
    const char *name;                  /* virtio channel */
    enum model_channel_target channel; /* channel: its type */
    enum model_console_target console; /* console: its type */
    const char *address;               /* guestfwd */
    const char *state;                 /* live channel: "connected" */
    struct model_node model_node;
    const char *model; /* serial: <model name> */
};

/* <serial> */
struct model_serial {
    struct model_device device;
    struct model_chardev chardev;
    struct model_chardev_target target;
};

/* <parallel>, <console> and <channel> are made alike. */
struct model_parallel {
    struct model_device device;
    struct model_chardev chardev;
    struct model_chardev_target target;
};

struct model_console {
    struct model_device device;
    struct model_chardev chardev;
    struct model_chardev_target target;
};

struct model_channel {
    struct model_device device;
    struct model_chardev chardev;
    struct model_chardev_target target;
};

struct model_smartcard {
    struct model_device device;
    enum model_smartcard_mode mode;
    struct model_chardev chardev; /* passthrough */
    MODEL_ARRAY(struct model_text) certificates;
    const char *database;
};

struct model_input_source {
    struct model_node node;
    const char *dev;
    const char *evdev;
    enum model_input_grab grab;
    enum model_switch repeat;
    const char *grab_toggle;
};

struct model_driver_virtio {
    struct model_node node;
    struct model_virtio virtio;
};

struct model_input {
    struct model_device device;
    enum model_input_type type;
    enum model_input_bus bus;
    const char *model;
    struct model_driver_virtio driver;
    struct model_input_source source;
};

struct model_hub {
    struct model_device device;
    const char *type; /* "usb" */
};

struct model_pcr_banks {
    struct model_node node;
    bool sha1, sha256, sha384, sha512;
};

struct model_tpm_backend_attrs {
    struct model_node node;
    enum model_tpm_backend type;
    const char *version; /* "1.2", "2.0" */
    enum model_switch persistent_state;
    const char *debug;
    struct model_node device_node;
    const char *path; /* passthrough: <device path> */
    struct model_node encryption_node;
    struct model_uuid secret; /* <encryption secret> */
    const char *source_type;
    struct model_chardev_source source; /* external */
    struct model_pcr_banks active_pcr_banks;
};

struct model_tpm {
    struct model_device device;
    const char *model; /* "tpm-tis", "tpm-crb", "tpm-spapr" */
    struct model_tpm_backend_attrs backend;
};

struct model_listen {
    struct model_node node;
    enum model_listen_type type;
    const char *address;
    const char *network;
    const char *socket;
    enum model_switch from_config; /* live */
};

/* <gl> */
struct model_gl {
    struct model_node node;
    enum model_switch enable;
    const char *rendernode;
};

struct model_spice_channel {
    struct model_node node;
    const char *name;
    const char *mode; /* "secure", "insecure", "any" */
};

struct model_graphics {
    struct model_device device; /* has no address */
    enum model_graphics_type type;
    struct model_int port;     /* -1: chosen at start */
    struct model_int tls_port; /* spice */
    enum model_switch autoport;
    struct model_int websocket; /* vnc */
    const char *websocket_generated;
    const char *listen; /* attribute; listens[0] says the same */
    const char *socket; /* vnc, older place */
    const char *keymap;
    const char *passwd; /* secret: formatted with MODEL_FORMAT_SECURE only */
    const char *passwd_valid_to;
    enum model_connected_action connected;
    enum model_vnc_share share_policy;
    enum model_switch power_control;
    const char *default_mode; /* spice */
    const char *display;      /* sdl */
    const char *xauth;        /* sdl */
    enum model_switch fullscreen;
    enum model_switch p2p;    /* dbus */
    const char *dbus_address; /* dbus */
    enum model_switch multi_user;
    enum model_switch replace_user;
    MODEL_ARRAY(struct model_listen) listens;
    struct model_gl gl;
    MODEL_ARRAY(struct model_spice_channel) channels;
    struct model_node image_node, jpeg_node, zlib_node, playback_node, streaming_node;
    struct model_node mouse_node, clipboard_node, filetransfer_node, audio_node;
    const char *image_compression;
    const char *jpeg_compression;
    const char *zlib_compression;
    enum model_switch playback_compression;
    const char *streaming_mode;
    const char *mouse_mode;
    enum model_switch clipboard_copypaste;
    enum model_switch filetransfer;
    struct model_uint audio_id;
};

struct model_audio_stream {
    struct model_node node;
    enum model_switch mixing_engine;
    enum model_switch fixed_settings;
    struct model_uint voices;
    struct model_uint buffer_length;
    const char *dev;
    const char *name;
    const char *server_name;
    struct model_uint latency;
    enum model_switch try_poll;
    struct model_uint buffer_count;
    struct model_node settings_node;
    struct model_uint frequency;
    struct model_uint channels;
    const char *format;
};

struct model_audio {
    struct model_device device;
    struct model_uint id;
    enum model_audio_type type;
    struct model_uint timer_period;
    const char *server_name;
    const char *runtime_dir;
    const char *path;
    const char *driver;
    struct model_audio_stream input;
    struct model_audio_stream output;
};

struct model_sound_codec {
    struct model_node node;
    const char *type; /* "duplex", "micro", "output" */
};

struct model_sound {
    struct model_device device;
    const char *model; /* "ich9", "ac97", ... */
    enum model_switch multichannel;
    MODEL_ARRAY(struct model_sound_codec) codecs;
    struct model_node audio_node;
    struct model_uint audio_id;
};

struct model_acceleration {
    struct model_node node;
    enum model_switch accel3d;
    enum model_switch accel2d;
    const char *rendernode;
};

struct model_resolution {
    struct model_node node;
    struct model_uint x, y;
};

struct model_video_model {
    struct model_node node;
    const char *type;                            /* "virtio", "qxl", "vga", "none", ... */
    struct model_uint ram, vram, vram64, vgamem; /* KiB */
    struct model_uint heads;
    enum model_switch primary;
    enum model_switch blob;
    struct model_acceleration acceleration;
    struct model_resolution resolution;
};

struct model_video_driver {
    struct model_node node;
    const char *name; /* "qemu", "vhostuser" */
    enum model_video_vgaconf vgaconf;
    struct model_virtio virtio;
};

struct model_video {
    struct model_device device;
    struct model_video_driver driver;
    struct model_video_model model;
};

struct model_usb_id {
    struct model_node node;
    struct model_uint id;
};

/* <adapter name> of a SCSI source */
struct model_scsi_adapter {
    struct model_node node;
    const char *name;
};

struct model_hostdev_source {
    struct model_node node;
    enum model_startup_policy startup_policy;
    const char *guest_reset; /* "on", "off", "uninitialized" */
    const char *write_filtering;
    const char *protocol; /* scsi: "iscsi"; scsi_host: "vhost" */
    const char *name;
    const char *wwpn;
    MODEL_ARRAY(struct model_host) hosts;
    struct model_usb_id vendor;
    struct model_usb_id product;
    struct model_scsi_adapter adapter;
    struct model_address address; /* of the host; for usb: bus and device, for mdev: uuid */
    struct model_uint usb_bus;
    struct model_uint usb_device;
    struct model_uuid mdev_uuid;
    const char *block;
    const char *character; /* <char> */
    const char *interface;
};

struct model_hostdev_driver {
    struct model_node node;
    const char *name; /* "vfio", "kvm", "xen" */
    const char *model;
};

struct model_hostdev {
    struct model_device device;
    enum model_hostdev_mode mode;
    enum model_hostdev_type type;
    enum model_switch managed;
    const char *sgio;
    enum model_switch rawio;
    const char *model; /* mdev: "vfio-pci" */
    enum model_switch display;
    enum model_switch ramfb;
    struct model_hostdev_driver driver;
    struct model_hostdev_source source;
    bool readonly;
    bool shareable;
    struct model_rom rom;
};

struct model_redirdev {
    struct model_device device;
    enum model_redirdev_bus bus;
    struct model_chardev chardev;
};

struct model_redirfilter_rule {
    struct model_node node;
    const char *class_;
    const char *vendor;
    const char *product;
    const char *version;
    enum model_switch allow;
};

struct model_redirfilter {
    struct model_device device;
    MODEL_ARRAY(struct model_redirfilter_rule) rules;
};

struct model_rng_rate {
    struct model_node node;
    struct model_uint bytes;
    struct model_uint period; /* milliseconds */
};

struct model_rng_backend_attrs {
    struct model_node node;
    enum model_rng_backend model;
    struct model_chardev chardev; /* egd */
    const char *path;             /* random */
};

struct model_rng {
    struct model_device device;
    const char *model; /* "virtio", ... */
    struct model_rng_rate rate;
    struct model_rng_backend_attrs backend;
    struct model_driver_virtio driver;
};

struct model_memballoon {
    struct model_device device;
    const char *model; /* "virtio", "none", ... */
    enum model_switch autodeflate;
    enum model_switch free_page_reporting;
    struct model_node stats_node;
    struct model_uint stats_period; /* seconds */
    struct model_driver_virtio driver;
};

struct model_watchdog {
    struct model_device device;
    const char *model; /* "i6300esb", "itco", "diag288" */
    enum model_watchdog_action action;
};

struct model_panic {
    struct model_device device;
    const char *model; /* "isa", "pvpanic", "hyperv", "s390", "pseries" */
};

struct model_vsock {
    struct model_device device;
    const char *model; /* "virtio", ... */
    struct model_node cid_node;
    enum model_switch cid_auto;
    struct model_uint cid; /* from 3 */
    struct model_driver_virtio driver;
};

struct model_shmem {
    struct model_device device;
    const char *name;
    enum model_shmem_role role;
    struct model_node model_node;
    const char *model;      /* "ivshmem-plain", "ivshmem-doorbell" */
    struct model_uint size; /* bytes */
    struct model_node server_node;
    const char *server; /* <server path> */
    struct model_node msi_node;
    enum model_switch msi;
    struct model_uint msi_vectors;
    enum model_switch msi_ioeventfd;
};

struct model_memory_source_attrs {
    struct model_node node;
    const char *path;             /* nvdimm, virtio-pmem */
    const char *nodemask;         /* dimm, virtio-mem, sgx */
    struct model_uint page_size;  /* KiB */
    struct model_uint align_size; /* KiB */
    bool pmem;
};

struct model_memory_label {
    struct model_node node;
    struct model_uint size; /* KiB */
};

struct model_memory_target {
    struct model_node node;
    struct model_uint size; /* KiB */
    struct model_uint node_number;
    struct model_uint block;     /* KiB */
    struct model_uint requested; /* KiB */
    struct model_uint current;   /* KiB, live */
    struct model_memory_label label;
    bool readonly;
    struct model_node address_node;
    struct model_uint address_base;
};

/* <memory> among the devices */
struct model_memory_device {
    struct model_device device;
    enum model_memory_model model;
    enum model_memory_access access;
    enum model_switch discard;
    struct model_uuid uuid; /* nvdimm of pseries */
    struct model_memory_source_attrs source;
    struct model_memory_target target;
};

struct model_iommu_driver {
    struct model_node node;
    enum model_switch intremap;
    enum model_switch caching_mode;
    enum model_switch eim;
    enum model_switch iotlb;
    struct model_uint aw_bits;
};

struct model_iommu {
    struct model_device device;
    const char *model; /* "intel", "smmuv3", "virtio" */
    struct model_iommu_driver driver;
};

struct model_crypto_backend {
    struct model_node node;
    const char *model; /* "builtin", "lkcf" */
    struct model_uint queues;
};

struct model_crypto {
    struct model_device device;
    const char *model; /* "virtio" */
    const char *type;  /* "qemu" */
    struct model_crypto_backend backend;
    struct model_driver_virtio driver;
};

#endif
