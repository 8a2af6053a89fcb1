/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The types that tables of several files use. Private to this room. */
#ifndef HVKIT_MODEL_TABLES_H
#define HVKIT_MODEL_TABLES_H

#include "model/domain.h"
#include "model/rows.h"

DECLARE_TYPE(boot, boot);
DECLARE_TYPE(alias, alias);
DECLARE_TYPE(acpi_index, acpi_index);
DECLARE_TYPE(address, address);
DECLARE_TYPE(pci_address, address);
DECLARE_TYPE(rom, rom);
DECLARE_TYPE(seclabel, seclabel);
DECLARE_TYPE(chardev_source, chardev_source);
DECLARE_TYPE(chardev_wire, chardev_wire);
DECLARE_TYPE(chardev_log, chardev_log);
DECLARE_TYPE(driver_virtio, driver_virtio);
DECLARE_TYPE(text, text);
DECLARE_TYPE(host, host);
DECLARE_TYPE(backing_store, backing_store);
DECLARE_TYPE(disk_source, disk_source);
DECLARE_TYPE(disk_format, disk_format);
DECLARE_TYPE(auth, auth);
DECLARE_TYPE(encryption, encryption);

DECLARE_TYPE(disk, disk);
DECLARE_TYPE(controller, controller);
DECLARE_TYPE(lease, lease);
DECLARE_TYPE(filesystem, filesystem);
DECLARE_TYPE(interface, interface);
DECLARE_TYPE(smartcard, smartcard);
DECLARE_TYPE(serial, serial);
DECLARE_TYPE(parallel, parallel);
DECLARE_TYPE(console, console);
DECLARE_TYPE(channel, channel);
DECLARE_TYPE(input, input);
DECLARE_TYPE(tpm, tpm);
DECLARE_TYPE(graphics, graphics);
DECLARE_TYPE(sound, sound);
DECLARE_TYPE(audio_device, audio);
DECLARE_TYPE(video, video);
DECLARE_TYPE(hostdev, hostdev);
DECLARE_TYPE(redirdev, redirdev);
DECLARE_TYPE(redirfilter, redirfilter);
DECLARE_TYPE(hub, hub);
DECLARE_TYPE(watchdog, watchdog);
DECLARE_TYPE(memballoon, memballoon);
DECLARE_TYPE(rng, rng);
DECLARE_TYPE(shmem, shmem);
DECLARE_TYPE(memory_device, memory_device);
DECLARE_TYPE(panic, panic);
DECLARE_TYPE(iommu, iommu);
DECLARE_TYPE(vsock, vsock);
DECLARE_TYPE(crypto, crypto);

DECLARE_TYPE(metadata, metadata);
DECLARE_TYPE(max_memory, memory);
DECLARE_TYPE(memory, memory);
DECLARE_TYPE(current_memory, memory);
DECLARE_TYPE(blkiotune, blkiotune);
DECLARE_TYPE(memtune, memtune);
DECLARE_TYPE(memory_backing, memory_backing);
DECLARE_TYPE(vcpu_total, vcpu_total);
DECLARE_TYPE(vcpus, vcpus);
DECLARE_TYPE(iothreadids, iothreadids);
DECLARE_TYPE(cputune, cputune);
DECLARE_TYPE(numatune, numatune);
DECLARE_TYPE(resource, resource);
DECLARE_TYPE(sysinfo, sysinfo);
DECLARE_TYPE(env, env);
DECLARE_TYPE(os, os);
DECLARE_TYPE(idmap, idmap);
DECLARE_TYPE(features, features);
DECLARE_TYPE(cpu, cpu);
DECLARE_TYPE(clock, clock);
DECLARE_TYPE(devices, devices);
DECLARE_TYPE(domain, domain);

/* Amounts: what a bare number means, what is held, what is written. */
extern const struct model_scale model_scale_kib;
extern const struct model_scale model_scale_bytes;

/* What every device ends with. */
#define DEVICE_HEAD(tag)                                                                           \
    CHILD(tag, "boot", device.boot, boot), CHILD(tag, "alias", device.alias, alias)
#define DEVICE_TAIL(tag)                                                                           \
    CHILD(tag, "acpi", device.acpi, acpi_index), CHILD(tag, "address", device.address, address)
#define DEVICE_ROWS(tag) DEVICE_HEAD(tag), DEVICE_TAIL(tag)

#define VIRTIO_ROWS(tag, member)                                                                   \
    ATTRIBUTE(tag, "iommu", member.iommu, ONOFF), ATTRIBUTE(tag, "ats", member.ats, ONOFF),        \
        ATTRIBUTE(tag, "packed", member.packed, ONOFF),                                            \
        ATTRIBUTE(tag, "page_per_vq", member.page_per_vq, ONOFF)

#define CHARDEV_ROWS(tag, member)                                                                  \
    ITEMS(tag, "source", member.sources, chardev_source),                                          \
        CHILD(tag, "protocol", member.protocol, chardev_wire),                                     \
        CHILD(tag, "log", member.log, chardev_log)

#endif
