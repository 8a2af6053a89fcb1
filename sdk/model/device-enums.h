/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The closed vocabularies of devices. Value 0 is always "unset"; NAME_words translates. */
#ifndef HVKIT_MODEL_DEVICE_ENUMS_H
#define HVKIT_MODEL_DEVICE_ENUMS_H

#include "model/types.h"

#define MODEL_ADDRESS_WORDS(X)                                                                     \
    X(MODEL_ADDRESS_PCI, "pci")                                                                    \
    X(MODEL_ADDRESS_DRIVE, "drive")                                                                \
    X(MODEL_ADDRESS_VIRTIO_SERIAL, "virtio-serial")                                                \
    X(MODEL_ADDRESS_CCID, "ccid")                                                                  \
    X(MODEL_ADDRESS_USB, "usb")                                                                    \
    X(MODEL_ADDRESS_ISA, "isa")                                                                    \
    X(MODEL_ADDRESS_DIMM, "dimm")                                                                  \
    X(MODEL_ADDRESS_CCW, "ccw")                                                                    \
    X(MODEL_ADDRESS_VIRTIO_MMIO, "virtio-mmio")                                                    \
    X(MODEL_ADDRESS_SPAPR_VIO, "spapr-vio")                                                        \
    X(MODEL_ADDRESS_UNASSIGNED, "unassigned")
MODEL_ENUM(model_address_type, MODEL_ADDRESS_UNSET, MODEL_ADDRESS_WORDS)

#define MODEL_DISK_TYPE_WORDS(X)                                                                   \
    X(MODEL_DISK_TYPE_FILE, "file")                                                                \
    X(MODEL_DISK_TYPE_BLOCK, "block")                                                              \
    X(MODEL_DISK_TYPE_DIR, "dir")                                                                  \
    X(MODEL_DISK_TYPE_NETWORK, "network")                                                          \
    X(MODEL_DISK_TYPE_VOLUME, "volume")                                                            \
    X(MODEL_DISK_TYPE_NVME, "nvme")                                                                \
    X(MODEL_DISK_TYPE_VHOSTUSER, "vhostuser")                                                      \
    X(MODEL_DISK_TYPE_VHOSTVDPA, "vhostvdpa")
MODEL_ENUM(model_disk_type, MODEL_DISK_TYPE_UNSET, MODEL_DISK_TYPE_WORDS)

#define MODEL_DISK_DEVICE_WORDS(X)                                                                 \
    X(MODEL_DISK_DEVICE_DISK, "disk")                                                              \
    X(MODEL_DISK_DEVICE_CDROM, "cdrom")                                                            \
    X(MODEL_DISK_DEVICE_FLOPPY, "floppy")                                                          \
    X(MODEL_DISK_DEVICE_LUN, "lun")
MODEL_ENUM(model_disk_device, MODEL_DISK_DEVICE_UNSET, MODEL_DISK_DEVICE_WORDS)

#define MODEL_DISK_BUS_WORDS(X)                                                                    \
    X(MODEL_DISK_BUS_IDE, "ide")                                                                   \
    X(MODEL_DISK_BUS_FDC, "fdc")                                                                   \
    X(MODEL_DISK_BUS_SCSI, "scsi")                                                                 \
    X(MODEL_DISK_BUS_VIRTIO, "virtio")                                                             \
    X(MODEL_DISK_BUS_XEN, "xen")                                                                   \
    X(MODEL_DISK_BUS_USB, "usb")                                                                   \
    X(MODEL_DISK_BUS_UML, "uml")                                                                   \
    X(MODEL_DISK_BUS_SATA, "sata")                                                                 \
    X(MODEL_DISK_BUS_SD, "sd")
MODEL_ENUM(model_disk_bus, MODEL_DISK_BUS_UNSET, MODEL_DISK_BUS_WORDS)

#define MODEL_DISK_SNAPSHOT_WORDS(X)                                                               \
    X(MODEL_DISK_SNAPSHOT_NO, "no")                                                                \
    X(MODEL_DISK_SNAPSHOT_INTERNAL, "internal")                                                    \
    X(MODEL_DISK_SNAPSHOT_EXTERNAL, "external")                                                    \
    X(MODEL_DISK_SNAPSHOT_MANUAL, "manual")
MODEL_ENUM(model_disk_snapshot, MODEL_DISK_SNAPSHOT_UNSET, MODEL_DISK_SNAPSHOT_WORDS)

#define MODEL_DISK_MODEL_WORDS(X)                                                                  \
    X(MODEL_DISK_MODEL_VIRTIO, "virtio")                                                           \
    X(MODEL_DISK_MODEL_VIRTIO_TRANSITIONAL, "virtio-transitional")                                 \
    X(MODEL_DISK_MODEL_VIRTIO_NON_TRANSITIONAL, "virtio-non-transitional")
MODEL_ENUM(model_disk_model, MODEL_DISK_MODEL_UNSET, MODEL_DISK_MODEL_WORDS)

#define MODEL_DISK_CACHE_WORDS(X)                                                                  \
    X(MODEL_DISK_CACHE_DEFAULT, "default")                                                         \
    X(MODEL_DISK_CACHE_NONE, "none")                                                               \
    X(MODEL_DISK_CACHE_WRITETHROUGH, "writethrough")                                               \
    X(MODEL_DISK_CACHE_WRITEBACK, "writeback")                                                     \
    X(MODEL_DISK_CACHE_DIRECTSYNC, "directsync")                                                   \
    X(MODEL_DISK_CACHE_UNSAFE, "unsafe")
MODEL_ENUM(model_disk_cache, MODEL_DISK_CACHE_UNSET, MODEL_DISK_CACHE_WORDS)

#define MODEL_DISK_ERROR_WORDS(X)                                                                  \
    X(MODEL_DISK_ERROR_STOP, "stop")                                                               \
    X(MODEL_DISK_ERROR_REPORT, "report")                                                           \
    X(MODEL_DISK_ERROR_IGNORE, "ignore")                                                           \
    X(MODEL_DISK_ERROR_ENOSPACE, "enospace")
MODEL_ENUM(model_disk_error, MODEL_DISK_ERROR_UNSET, MODEL_DISK_ERROR_WORDS)

#define MODEL_DISK_IO_WORDS(X)                                                                     \
    X(MODEL_DISK_IO_NATIVE, "native")                                                              \
    X(MODEL_DISK_IO_THREADS, "threads")                                                            \
    X(MODEL_DISK_IO_IO_URING, "io_uring")
MODEL_ENUM(model_disk_io, MODEL_DISK_IO_UNSET, MODEL_DISK_IO_WORDS)

#define MODEL_DISK_DISCARD_WORDS(X)                                                                \
    X(MODEL_DISK_DISCARD_UNMAP, "unmap")                                                           \
    X(MODEL_DISK_DISCARD_IGNORE, "ignore")
MODEL_ENUM(model_disk_discard, MODEL_DISK_DISCARD_UNSET, MODEL_DISK_DISCARD_WORDS)

#define MODEL_DISK_ZEROES_WORDS(X)                                                                 \
    X(MODEL_DISK_ZEROES_ON, "on")                                                                  \
    X(MODEL_DISK_ZEROES_OFF, "off")                                                                \
    X(MODEL_DISK_ZEROES_UNMAP, "unmap")
MODEL_ENUM(model_disk_zeroes, MODEL_DISK_ZEROES_UNSET, MODEL_DISK_ZEROES_WORDS)

#define MODEL_DISK_TRAY_WORDS(X)                                                                   \
    X(MODEL_DISK_TRAY_CLOSED, "closed")                                                            \
    X(MODEL_DISK_TRAY_OPEN, "open")
MODEL_ENUM(model_disk_tray, MODEL_DISK_TRAY_UNSET, MODEL_DISK_TRAY_WORDS)

#define MODEL_DISK_PROTOCOL_WORDS(X)                                                               \
    X(MODEL_DISK_PROTOCOL_NBD, "nbd")                                                              \
    X(MODEL_DISK_PROTOCOL_RBD, "rbd")                                                              \
    X(MODEL_DISK_PROTOCOL_SHEEPDOG, "sheepdog")                                                    \
    X(MODEL_DISK_PROTOCOL_GLUSTER, "gluster")                                                      \
    X(MODEL_DISK_PROTOCOL_ISCSI, "iscsi")                                                          \
    X(MODEL_DISK_PROTOCOL_HTTP, "http")                                                            \
    X(MODEL_DISK_PROTOCOL_HTTPS, "https")                                                          \
    X(MODEL_DISK_PROTOCOL_FTP, "ftp")                                                              \
    X(MODEL_DISK_PROTOCOL_FTPS, "ftps")                                                            \
    X(MODEL_DISK_PROTOCOL_TFTP, "tftp")                                                            \
    X(MODEL_DISK_PROTOCOL_VXHS, "vxhs")                                                            \
    X(MODEL_DISK_PROTOCOL_NFS, "nfs")                                                              \
    X(MODEL_DISK_PROTOCOL_SSH, "ssh")
MODEL_ENUM(model_disk_protocol, MODEL_DISK_PROTOCOL_UNSET, MODEL_DISK_PROTOCOL_WORDS)

#define MODEL_STARTUP_WORDS(X)                                                                     \
    X(MODEL_STARTUP_MANDATORY, "mandatory")                                                        \
    X(MODEL_STARTUP_REQUISITE, "requisite")                                                        \
    X(MODEL_STARTUP_OPTIONAL, "optional")
MODEL_ENUM(model_startup_policy, MODEL_STARTUP_UNSET, MODEL_STARTUP_WORDS)

#define MODEL_TRANSPORT_WORDS(X)                                                                   \
    X(MODEL_TRANSPORT_TCP, "tcp")                                                                  \
    X(MODEL_TRANSPORT_RDMA, "rdma")                                                                \
    X(MODEL_TRANSPORT_UNIX, "unix")
MODEL_ENUM(model_host_transport, MODEL_TRANSPORT_UNSET, MODEL_TRANSPORT_WORDS)

#define MODEL_VOLUME_MODE_WORDS(X)                                                                 \
    X(MODEL_VOLUME_MODE_HOST, "host")                                                              \
    X(MODEL_VOLUME_MODE_DIRECT, "direct")
MODEL_ENUM(model_volume_mode, MODEL_VOLUME_MODE_UNSET, MODEL_VOLUME_MODE_WORDS)

#define MODEL_ENCRYPTION_WORDS(X)                                                                  \
    X(MODEL_ENCRYPTION_DEFAULT, "default")                                                         \
    X(MODEL_ENCRYPTION_QCOW, "qcow")                                                               \
    X(MODEL_ENCRYPTION_LUKS, "luks")                                                               \
    X(MODEL_ENCRYPTION_LUKS2, "luks2")
MODEL_ENUM(model_encryption_format, MODEL_ENCRYPTION_UNSET, MODEL_ENCRYPTION_WORDS)

#define MODEL_MIRROR_JOB_WORDS(X)                                                                  \
    X(MODEL_MIRROR_JOB_COPY, "copy")                                                               \
    X(MODEL_MIRROR_JOB_ACTIVE_COMMIT, "active-commit")
MODEL_ENUM(model_mirror_job, MODEL_MIRROR_JOB_UNSET, MODEL_MIRROR_JOB_WORDS)

#define MODEL_MIRROR_READY_WORDS(X)                                                                \
    X(MODEL_MIRROR_READY_YES, "yes")                                                               \
    X(MODEL_MIRROR_READY_ABORT, "abort")                                                           \
    X(MODEL_MIRROR_READY_PIVOT, "pivot")
MODEL_ENUM(model_mirror_ready, MODEL_MIRROR_READY_UNSET, MODEL_MIRROR_READY_WORDS)

#define MODEL_CONTROLLER_WORDS(X)                                                                  \
    X(MODEL_CONTROLLER_IDE, "ide")                                                                 \
    X(MODEL_CONTROLLER_FDC, "fdc")                                                                 \
    X(MODEL_CONTROLLER_SCSI, "scsi")                                                               \
    X(MODEL_CONTROLLER_SATA, "sata")                                                               \
    X(MODEL_CONTROLLER_VIRTIO_SERIAL, "virtio-serial")                                             \
    X(MODEL_CONTROLLER_CCID, "ccid")                                                               \
    X(MODEL_CONTROLLER_USB, "usb")                                                                 \
    X(MODEL_CONTROLLER_PCI, "pci")                                                                 \
    X(MODEL_CONTROLLER_XENBUS, "xenbus")                                                           \
    X(MODEL_CONTROLLER_ISA, "isa")
MODEL_ENUM(model_controller_type, MODEL_CONTROLLER_UNSET, MODEL_CONTROLLER_WORDS)

#define MODEL_FS_TYPE_WORDS(X)                                                                     \
    X(MODEL_FS_TYPE_MOUNT, "mount")                                                                \
    X(MODEL_FS_TYPE_BLOCK, "block")                                                                \
    X(MODEL_FS_TYPE_FILE, "file")                                                                  \
    X(MODEL_FS_TYPE_TEMPLATE, "template")                                                          \
    X(MODEL_FS_TYPE_RAM, "ram")                                                                    \
    X(MODEL_FS_TYPE_BIND, "bind")                                                                  \
    X(MODEL_FS_TYPE_VOLUME, "volume")
MODEL_ENUM(model_fs_type, MODEL_FS_TYPE_UNSET, MODEL_FS_TYPE_WORDS)

#define MODEL_FS_ACCESS_WORDS(X)                                                                   \
    X(MODEL_FS_ACCESS_PASSTHROUGH, "passthrough")                                                  \
    X(MODEL_FS_ACCESS_MAPPED, "mapped")                                                            \
    X(MODEL_FS_ACCESS_SQUASH, "squash")
MODEL_ENUM(model_fs_access, MODEL_FS_ACCESS_UNSET, MODEL_FS_ACCESS_WORDS)

#define MODEL_FS_DRIVER_WORDS(X)                                                                   \
    X(MODEL_FS_DRIVER_PATH, "path")                                                                \
    X(MODEL_FS_DRIVER_HANDLE, "handle")                                                            \
    X(MODEL_FS_DRIVER_LOOP, "loop")                                                                \
    X(MODEL_FS_DRIVER_NBD, "nbd")                                                                  \
    X(MODEL_FS_DRIVER_PLOOP, "ploop")                                                              \
    X(MODEL_FS_DRIVER_VIRTIOFS, "virtiofs")                                                        \
    X(MODEL_FS_DRIVER_MTP, "mtp")
MODEL_ENUM(model_fs_driver, MODEL_FS_DRIVER_UNSET, MODEL_FS_DRIVER_WORDS)

#define MODEL_FS_MODEL_WORDS(X)                                                                    \
    X(MODEL_FS_MODEL_VIRTIO, "virtio")                                                             \
    X(MODEL_FS_MODEL_VIRTIO_TRANSITIONAL, "virtio-transitional")                                   \
    X(MODEL_FS_MODEL_VIRTIO_NON_TRANSITIONAL, "virtio-non-transitional")
MODEL_ENUM(model_fs_model, MODEL_FS_MODEL_UNSET, MODEL_FS_MODEL_WORDS)

#define MODEL_FS_CACHE_WORDS(X)                                                                    \
    X(MODEL_FS_CACHE_NONE, "none")                                                                 \
    X(MODEL_FS_CACHE_ALWAYS, "always")
MODEL_ENUM(model_fs_cache, MODEL_FS_CACHE_UNSET, MODEL_FS_CACHE_WORDS)

#define MODEL_FS_SANDBOX_WORDS(X)                                                                  \
    X(MODEL_FS_SANDBOX_NAMESPACE, "namespace")                                                     \
    X(MODEL_FS_SANDBOX_CHROOT, "chroot")
MODEL_ENUM(model_fs_sandbox, MODEL_FS_SANDBOX_UNSET, MODEL_FS_SANDBOX_WORDS)

#define MODEL_INTERFACE_WORDS(X)                                                                   \
    X(MODEL_INTERFACE_USER, "user")                                                                \
    X(MODEL_INTERFACE_ETHERNET, "ethernet")                                                        \
    X(MODEL_INTERFACE_VHOSTUSER, "vhostuser")                                                      \
    X(MODEL_INTERFACE_SERVER, "server")                                                            \
    X(MODEL_INTERFACE_CLIENT, "client")                                                            \
    X(MODEL_INTERFACE_MCAST, "mcast")                                                              \
    X(MODEL_INTERFACE_UDP, "udp")                                                                  \
    X(MODEL_INTERFACE_NETWORK, "network")                                                          \
    X(MODEL_INTERFACE_BRIDGE, "bridge")                                                            \
    X(MODEL_INTERFACE_INTERNAL, "internal")                                                        \
    X(MODEL_INTERFACE_DIRECT, "direct")                                                            \
    X(MODEL_INTERFACE_HOSTDEV, "hostdev")                                                          \
    X(MODEL_INTERFACE_VDPA, "vdpa")
MODEL_ENUM(model_interface_type, MODEL_INTERFACE_UNSET, MODEL_INTERFACE_WORDS)

#define MODEL_DIRECT_WORDS(X)                                                                      \
    X(MODEL_DIRECT_VEPA, "vepa")                                                                   \
    X(MODEL_DIRECT_PRIVATE, "private")                                                             \
    X(MODEL_DIRECT_BRIDGE, "bridge")                                                               \
    X(MODEL_DIRECT_PASSTHROUGH, "passthrough")
MODEL_ENUM(model_direct_mode, MODEL_DIRECT_UNSET, MODEL_DIRECT_WORDS)

#define MODEL_INTERFACE_DRIVER_WORDS(X)                                                            \
    X(MODEL_INTERFACE_DRIVER_QEMU, "qemu")                                                         \
    X(MODEL_INTERFACE_DRIVER_VHOST, "vhost")                                                       \
    X(MODEL_INTERFACE_DRIVER_VFIO, "vfio")
MODEL_ENUM(model_interface_driver, MODEL_INTERFACE_DRIVER_UNSET, MODEL_INTERFACE_DRIVER_WORDS)

#define MODEL_TXMODE_WORDS(X)                                                                      \
    X(MODEL_TXMODE_IOTHREAD, "iothread")                                                           \
    X(MODEL_TXMODE_TIMER, "timer")
MODEL_ENUM(model_txmode, MODEL_TXMODE_UNSET, MODEL_TXMODE_WORDS)

#define MODEL_LINK_WORDS(X)                                                                        \
    X(MODEL_LINK_UP, "up")                                                                         \
    X(MODEL_LINK_DOWN, "down")
MODEL_ENUM(model_link_state, MODEL_LINK_UNSET, MODEL_LINK_WORDS)

#define MODEL_BACKEND_WORDS(X)                                                                     \
    X(MODEL_BACKEND_DEFAULT, "default")                                                            \
    X(MODEL_BACKEND_PASST, "passt")
MODEL_ENUM(model_backend_type, MODEL_BACKEND_UNSET, MODEL_BACKEND_WORDS)

#define MODEL_CHARDEV_WORDS(X)                                                                     \
    X(MODEL_CHARDEV_NULL, "null")                                                                  \
    X(MODEL_CHARDEV_VC, "vc")                                                                      \
    X(MODEL_CHARDEV_PTY, "pty")                                                                    \
    X(MODEL_CHARDEV_DEV, "dev")                                                                    \
    X(MODEL_CHARDEV_FILE, "file")                                                                  \
    X(MODEL_CHARDEV_PIPE, "pipe")                                                                  \
    X(MODEL_CHARDEV_STDIO, "stdio")                                                                \
    X(MODEL_CHARDEV_UDP, "udp")                                                                    \
    X(MODEL_CHARDEV_TCP, "tcp")                                                                    \
    X(MODEL_CHARDEV_UNIX, "unix")                                                                  \
    X(MODEL_CHARDEV_SPICEVMC, "spicevmc")                                                          \
    X(MODEL_CHARDEV_SPICEPORT, "spiceport")                                                        \
    X(MODEL_CHARDEV_NMDM, "nmdm")                                                                  \
    X(MODEL_CHARDEV_QEMU_VDAGENT, "qemu-vdagent")                                                  \
    X(MODEL_CHARDEV_DBUS, "dbus")
MODEL_ENUM(model_chardev_type, MODEL_CHARDEV_UNSET, MODEL_CHARDEV_WORDS)

#define MODEL_CHARDEV_PROTOCOL_WORDS(X)                                                            \
    X(MODEL_CHARDEV_PROTOCOL_RAW, "raw")                                                           \
    X(MODEL_CHARDEV_PROTOCOL_TELNET, "telnet")                                                     \
    X(MODEL_CHARDEV_PROTOCOL_TELNETS, "telnets")                                                   \
    X(MODEL_CHARDEV_PROTOCOL_TLS, "tls")
MODEL_ENUM(model_chardev_protocol, MODEL_CHARDEV_PROTOCOL_UNSET, MODEL_CHARDEV_PROTOCOL_WORDS)

#define MODEL_SOURCE_MODE_WORDS(X)                                                                 \
    X(MODEL_SOURCE_MODE_CONNECT, "connect")                                                        \
    X(MODEL_SOURCE_MODE_BIND, "bind")                                                              \
    X(MODEL_SOURCE_MODE_CLIENT, "client")                                                          \
    X(MODEL_SOURCE_MODE_SERVER, "server")
MODEL_ENUM(model_source_mode, MODEL_SOURCE_MODE_UNSET, MODEL_SOURCE_MODE_WORDS)

#define MODEL_CONSOLE_WORDS(X)                                                                     \
    X(MODEL_CONSOLE_NONE, "none")                                                                  \
    X(MODEL_CONSOLE_SERIAL, "serial")                                                              \
    X(MODEL_CONSOLE_XEN, "xen")                                                                    \
    X(MODEL_CONSOLE_UML, "uml")                                                                    \
    X(MODEL_CONSOLE_VIRTIO, "virtio")                                                              \
    X(MODEL_CONSOLE_LXC, "lxc")                                                                    \
    X(MODEL_CONSOLE_OPENVZ, "openvz")                                                              \
    X(MODEL_CONSOLE_SCLP, "sclp")                                                                  \
    X(MODEL_CONSOLE_SCLPLM, "sclplm")
MODEL_ENUM(model_console_target, MODEL_CONSOLE_UNSET, MODEL_CONSOLE_WORDS)

#define MODEL_CHANNEL_WORDS(X)                                                                     \
    X(MODEL_CHANNEL_NONE, "none")                                                                  \
    X(MODEL_CHANNEL_GUESTFWD, "guestfwd")                                                          \
    X(MODEL_CHANNEL_VIRTIO, "virtio")                                                              \
    X(MODEL_CHANNEL_XEN, "xen")
MODEL_ENUM(model_channel_target, MODEL_CHANNEL_UNSET, MODEL_CHANNEL_WORDS)

#define MODEL_SMARTCARD_WORDS(X)                                                                   \
    X(MODEL_SMARTCARD_HOST, "host")                                                                \
    X(MODEL_SMARTCARD_HOST_CERTIFICATES, "host-certificates")                                      \
    X(MODEL_SMARTCARD_PASSTHROUGH, "passthrough")
MODEL_ENUM(model_smartcard_mode, MODEL_SMARTCARD_UNSET, MODEL_SMARTCARD_WORDS)

#define MODEL_INPUT_WORDS(X)                                                                       \
    X(MODEL_INPUT_MOUSE, "mouse")                                                                  \
    X(MODEL_INPUT_TABLET, "tablet")                                                                \
    X(MODEL_INPUT_KEYBOARD, "keyboard")                                                            \
    X(MODEL_INPUT_PASSTHROUGH, "passthrough")                                                      \
    X(MODEL_INPUT_EVDEV, "evdev")
MODEL_ENUM(model_input_type, MODEL_INPUT_UNSET, MODEL_INPUT_WORDS)

#define MODEL_INPUT_BUS_WORDS(X)                                                                   \
    X(MODEL_INPUT_BUS_PS2, "ps2")                                                                  \
    X(MODEL_INPUT_BUS_USB, "usb")                                                                  \
    X(MODEL_INPUT_BUS_XEN, "xen")                                                                  \
    X(MODEL_INPUT_BUS_PARALLELS, "parallels")                                                      \
    X(MODEL_INPUT_BUS_VIRTIO, "virtio")                                                            \
    X(MODEL_INPUT_BUS_NONE, "none")
MODEL_ENUM(model_input_bus, MODEL_INPUT_BUS_UNSET, MODEL_INPUT_BUS_WORDS)

#define MODEL_INPUT_GRAB_WORDS(X) X(MODEL_INPUT_GRAB_ALL, "all")
MODEL_ENUM(model_input_grab, MODEL_INPUT_GRAB_UNSET, MODEL_INPUT_GRAB_WORDS)

#define MODEL_TPM_WORDS(X)                                                                         \
    X(MODEL_TPM_PASSTHROUGH, "passthrough")                                                        \
    X(MODEL_TPM_EMULATOR, "emulator")                                                              \
    X(MODEL_TPM_EXTERNAL, "external")
MODEL_ENUM(model_tpm_backend, MODEL_TPM_UNSET, MODEL_TPM_WORDS)

#define MODEL_GRAPHICS_WORDS(X)                                                                    \
    X(MODEL_GRAPHICS_SDL, "sdl")                                                                   \
    X(MODEL_GRAPHICS_VNC, "vnc")                                                                   \
    X(MODEL_GRAPHICS_RDP, "rdp")                                                                   \
    X(MODEL_GRAPHICS_DESKTOP, "desktop")                                                           \
    X(MODEL_GRAPHICS_SPICE, "spice")                                                               \
    X(MODEL_GRAPHICS_EGL_HEADLESS, "egl-headless")                                                 \
    X(MODEL_GRAPHICS_DBUS, "dbus")
MODEL_ENUM(model_graphics_type, MODEL_GRAPHICS_UNSET, MODEL_GRAPHICS_WORDS)

#define MODEL_LISTEN_WORDS(X)                                                                      \
    X(MODEL_LISTEN_NONE, "none")                                                                   \
    X(MODEL_LISTEN_ADDRESS, "address")                                                             \
    X(MODEL_LISTEN_NETWORK, "network")                                                             \
    X(MODEL_LISTEN_SOCKET, "socket")
MODEL_ENUM(model_listen_type, MODEL_LISTEN_UNSET, MODEL_LISTEN_WORDS)

#define MODEL_VNC_SHARE_WORDS(X)                                                                   \
    X(MODEL_VNC_SHARE_ALLOW_EXCLUSIVE, "allow-exclusive")                                          \
    X(MODEL_VNC_SHARE_FORCE_SHARED, "force-shared")                                                \
    X(MODEL_VNC_SHARE_IGNORE, "ignore")
MODEL_ENUM(model_vnc_share, MODEL_VNC_SHARE_UNSET, MODEL_VNC_SHARE_WORDS)

#define MODEL_CONNECTED_WORDS(X)                                                                   \
    X(MODEL_CONNECTED_FAIL, "fail")                                                                \
    X(MODEL_CONNECTED_DISCONNECT, "disconnect")                                                    \
    X(MODEL_CONNECTED_KEEP, "keep")
MODEL_ENUM(model_connected_action, MODEL_CONNECTED_UNSET, MODEL_CONNECTED_WORDS)

#define MODEL_AUDIO_WORDS(X)                                                                       \
    X(MODEL_AUDIO_NONE, "none")                                                                    \
    X(MODEL_AUDIO_ALSA, "alsa")                                                                    \
    X(MODEL_AUDIO_COREAUDIO, "coreaudio")                                                          \
    X(MODEL_AUDIO_JACK, "jack")                                                                    \
    X(MODEL_AUDIO_OSS, "oss")                                                                      \
    X(MODEL_AUDIO_PULSEAUDIO, "pulseaudio")                                                        \
    X(MODEL_AUDIO_SDL, "sdl")                                                                      \
    X(MODEL_AUDIO_SPICE, "spice")                                                                  \
    X(MODEL_AUDIO_FILE, "file")                                                                    \
    X(MODEL_AUDIO_DBUS, "dbus")
MODEL_ENUM(model_audio_type, MODEL_AUDIO_UNSET, MODEL_AUDIO_WORDS)

#define MODEL_HOSTDEV_MODE_WORDS(X)                                                                \
    X(MODEL_HOSTDEV_MODE_SUBSYSTEM, "subsystem")                                                   \
    X(MODEL_HOSTDEV_MODE_CAPABILITIES, "capabilities")
MODEL_ENUM(model_hostdev_mode, MODEL_HOSTDEV_MODE_UNSET, MODEL_HOSTDEV_MODE_WORDS)

#define MODEL_HOSTDEV_WORDS(X)                                                                     \
    X(MODEL_HOSTDEV_USB, "usb")                                                                    \
    X(MODEL_HOSTDEV_PCI, "pci")                                                                    \
    X(MODEL_HOSTDEV_SCSI, "scsi")                                                                  \
    X(MODEL_HOSTDEV_SCSI_HOST, "scsi_host")                                                        \
    X(MODEL_HOSTDEV_MDEV, "mdev")                                                                  \
    X(MODEL_HOSTDEV_STORAGE, "storage")                                                            \
    X(MODEL_HOSTDEV_MISC, "misc")                                                                  \
    X(MODEL_HOSTDEV_NET, "net")
MODEL_ENUM(model_hostdev_type, MODEL_HOSTDEV_UNSET, MODEL_HOSTDEV_WORDS)

#define MODEL_RNG_WORDS(X)                                                                         \
    X(MODEL_RNG_RANDOM, "random")                                                                  \
    X(MODEL_RNG_EGD, "egd")                                                                        \
    X(MODEL_RNG_BUILTIN, "builtin")
MODEL_ENUM(model_rng_backend, MODEL_RNG_UNSET, MODEL_RNG_WORDS)

#define MODEL_WATCHDOG_ACTION_WORDS(X)                                                             \
    X(MODEL_WATCHDOG_ACTION_RESET, "reset")                                                        \
    X(MODEL_WATCHDOG_ACTION_SHUTDOWN, "shutdown")                                                  \
    X(MODEL_WATCHDOG_ACTION_POWEROFF, "poweroff")                                                  \
    X(MODEL_WATCHDOG_ACTION_PAUSE, "pause")                                                        \
    X(MODEL_WATCHDOG_ACTION_DUMP, "dump")                                                          \
    X(MODEL_WATCHDOG_ACTION_NONE, "none")                                                          \
    X(MODEL_WATCHDOG_ACTION_INJECT_NMI, "inject-nmi")
MODEL_ENUM(model_watchdog_action, MODEL_WATCHDOG_ACTION_UNSET, MODEL_WATCHDOG_ACTION_WORDS)

#define MODEL_MEMORY_MODEL_WORDS(X)                                                                \
    X(MODEL_MEMORY_MODEL_NONE, "none")                                                             \
    X(MODEL_MEMORY_MODEL_DIMM, "dimm")                                                             \
    X(MODEL_MEMORY_MODEL_NVDIMM, "nvdimm")                                                         \
    X(MODEL_MEMORY_MODEL_VIRTIO_PMEM, "virtio-pmem")                                               \
    X(MODEL_MEMORY_MODEL_VIRTIO_MEM, "virtio-mem")                                                 \
    X(MODEL_MEMORY_MODEL_SGX_EPC, "sgx-epc")
MODEL_ENUM(model_memory_model, MODEL_MEMORY_MODEL_UNSET, MODEL_MEMORY_MODEL_WORDS)

#define MODEL_SHMEM_ROLE_WORDS(X)                                                                  \
    X(MODEL_SHMEM_ROLE_MASTER, "master")                                                           \
    X(MODEL_SHMEM_ROLE_PEER, "peer")
MODEL_ENUM(model_shmem_role, MODEL_SHMEM_ROLE_UNSET, MODEL_SHMEM_ROLE_WORDS)

#define MODEL_VGACONF_WORDS(X)                                                                     \
    X(MODEL_VGACONF_IO, "io")                                                                      \
    X(MODEL_VGACONF_ON, "on")                                                                      \
    X(MODEL_VGACONF_OFF, "off")
MODEL_ENUM(model_video_vgaconf, MODEL_VGACONF_UNSET, MODEL_VGACONF_WORDS)

#define MODEL_REDIRDEV_BUS_WORDS(X) X(MODEL_REDIRDEV_BUS_USB, "usb")
MODEL_ENUM(model_redirdev_bus, MODEL_REDIRDEV_BUS_UNSET, MODEL_REDIRDEV_BUS_WORDS)

#endif
