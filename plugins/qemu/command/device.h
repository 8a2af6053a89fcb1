/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the builders of single devices share, and those builders. Each adds the parts of one device
 * and what is behind it; families.c lists them. */
#ifndef HVKIT_QEMU_COMMAND_DEVICE_H
#define HVKIT_QEMU_COMMAND_DEVICE_H

#include "command/family.h"

/* "virtio-net-pci" in the flavour that the model's word asks for: "virtio" (NULL too),
 * "virtio-transitional", "virtio-non-transitional". NULL with the error. */
const char *device_virtio(struct build *b, const char *driver, const char *model);

/* "iothread":"iothreadN", when there is such a thread. */
bool device_put_iothread(struct build *b, json_t *json, uint64_t id, const struct model_node *node,
                         const char *path);

/* An end of a device on the host: adds the chardev "char" + alias and puts "chardev" into the
 * device's JSON. fallback names the socket of a unix channel that has no path of its own.
 * (chardev.c) */
bool chardev_add(struct build *b, struct model_chardev *chardev, const char *alias,
                 const char *fallback, const struct model_node *node, const char *element);
/* The QAPI ChardevBackend as options of -chardev; implied key "backend". */
json_t *chardev_options(const json_t *part);

/* The password of a display as arguments of set_password. */
json_t *graphics_password(const struct model_graphics *graphics);
/* Until when it is valid, as expire_password takes it; false when the XML has no date. */
#define GRAPHICS_EXPIRY_SIZE 24
bool graphics_expiry(const struct model_graphics *graphics, char out[GRAPHICS_EXPIRY_SIZE]);

/* The limits of a disk as arguments of block_set_io_throttle. */
json_t *disk_limits(const struct model_disk *disk);

bool controller_build(struct build *b, void *device);
bool disk_build(struct build *b, void *device);
bool filesystem_build(struct build *b, void *device);
bool interface_build(struct build *b, void *device);
bool smartcard_build(struct build *b, void *device);
bool serial_build(struct build *b, void *device);
bool parallel_build(struct build *b, void *device);
bool console_build(struct build *b, void *device);
bool channel_build(struct build *b, void *device);
bool input_build(struct build *b, void *device);
bool tpm_build(struct build *b, void *device);
bool graphics_build(struct build *b, void *device);
bool video_build(struct build *b, void *device);
bool sound_build(struct build *b, void *device);
bool audio_build(struct build *b, void *device);
bool hostdev_build(struct build *b, void *device);
bool redirdev_build(struct build *b, void *device);
bool hub_build(struct build *b, void *device);
bool watchdog_build(struct build *b, void *device);
bool memballoon_build(struct build *b, void *device);
bool rng_build(struct build *b, void *device);
bool shmem_build(struct build *b, void *device);
bool memory_device_build(struct build *b, void *device);
bool panic_build(struct build *b, void *device);
bool iommu_build(struct build *b, void *device);
bool vsock_build(struct build *b, void *device);
bool crypto_build(struct build *b, void *device);

#endif
