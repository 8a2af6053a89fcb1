/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Character devices and what is built on them. */
#include "model/tables.h"

static const struct model_row target_model_rows[] = {
    ATTRIBUTE(chardev_target, "name", model, STRING),
};
FLAT_TYPE(target_model, chardev_target, model_node);

static const struct model_row serial_target_rows[] = {
    ATTRIBUTE(chardev_target, "type", type, STRING),
    ATTRIBUTE(chardev_target, "port", port, UINT),
    CHILD_FLAT("model", target_model),
};
TYPE_AS(serial_target, chardev_target);

static const struct model_row parallel_target_rows[] = {
    ATTRIBUTE(chardev_target, "port", port, UINT),
};
TYPE_AS(parallel_target, chardev_target);

static const struct model_row console_target_rows[] = {
    ATTRIBUTE_ENUM(chardev_target, "type", console, console_target),
    ATTRIBUTE(chardev_target, "port", port, UINT),
};
TYPE_AS(console_target, chardev_target);

static const struct model_row channel_target_rows[] = {
    ATTRIBUTE_ENUM(chardev_target, "type", channel, channel_target, .flags = MODEL_ROW_REQUIRED),
    ATTRIBUTE(chardev_target, "address", address, STRING),
    ATTRIBUTE(chardev_target, "port", port, UINT),
    ATTRIBUTE(chardev_target, "name", name, STRING),
    ATTRIBUTE(chardev_target, "state", state, STRING, .flags = MODEL_ROW_LIVE),
};
TYPE_AS(channel_target, chardev_target);

/* The four structs are alike, so that one function serves them all. */
_Static_assert(offsetof(struct model_serial, chardev) == offsetof(struct model_console, chardev),
               "serial and console are alike");
_Static_assert(offsetof(struct model_serial, chardev) == offsetof(struct model_channel, chardev),
               "serial and channel are alike");
_Static_assert(offsetof(struct model_serial, chardev) == offsetof(struct model_parallel, chardev),
               "serial and parallel are alike");

/* The host chooses a pseudoterminal anew at each start. */
static bool source_shown(const void *base, uint32_t flags)
{
    const struct model_serial *device = base;
    return device->chardev.type != MODEL_CHARDEV_PTY ||
           !(flags & (MODEL_FORMAT_INACTIVE | MODEL_FORMAT_MIGRATABLE));
}

#define SERIAL_LIKE_ROWS(tag)                                                                      \
    ATTRIBUTE_ENUM(tag, "type", chardev.type, chardev_type, .flags = MODEL_ROW_REQUIRED),          \
        ATTRIBUTE(tag, "tty", chardev.tty, STRING, .flags = MODEL_ROW_LIVE),                       \
        ITEMS(tag, "source", chardev.sources, chardev_source, .shown = source_shown),              \
        CHILD(tag, "protocol", chardev.protocol, chardev_wire),                                    \
        CHILD(tag, "log", chardev.log, chardev_log), CHILD(tag, "target", target, tag##_target),   \
        DEVICE_ROWS(tag)

static const struct model_row serial_rows[] = {SERIAL_LIKE_ROWS(serial)};
SHARED_TYPE(serial, serial);

static const struct model_row parallel_rows[] = {SERIAL_LIKE_ROWS(parallel)};
SHARED_TYPE(parallel, parallel);

static const struct model_row console_rows[] = {SERIAL_LIKE_ROWS(console)};
SHARED_TYPE(console, console);

static const struct model_row channel_rows[] = {SERIAL_LIKE_ROWS(channel)};
SHARED_TYPE(channel, channel);

static const struct model_row smartcard_rows[] = {
    ATTRIBUTE_ENUM(smartcard, "mode", mode, smartcard_mode, .flags = MODEL_ROW_REQUIRED),
    ATTRIBUTE_ENUM(smartcard, "type", chardev.type, chardev_type),
    ITEMS(smartcard, "certificate", certificates, text),
    LEAF(smartcard, "database", database, STRING),
    CHARDEV_ROWS(smartcard, chardev),
    DEVICE_ROWS(smartcard),
};
SHARED_TYPE(smartcard, smartcard);

static const struct model_row redirdev_rows[] = {
    ATTRIBUTE_ENUM(redirdev, "bus", bus, redirdev_bus, .preset = "usb"),
    ATTRIBUTE_ENUM(redirdev, "type", chardev.type, chardev_type, .flags = MODEL_ROW_REQUIRED),
    CHARDEV_ROWS(redirdev, chardev),
    DEVICE_ROWS(redirdev),
};
SHARED_TYPE(redirdev, redirdev);

static const struct model_row rule_rows[] = {
    ATTRIBUTE(redirfilter_rule, "class", class_, STRING),
    ATTRIBUTE(redirfilter_rule, "vendor", vendor, STRING),
    ATTRIBUTE(redirfilter_rule, "product", product, STRING),
    ATTRIBUTE(redirfilter_rule, "version", version, STRING),
    ATTRIBUTE(redirfilter_rule, "allow", allow, YESNO, .flags = MODEL_ROW_REQUIRED),
};
TYPE_AS(rule, redirfilter_rule);

static const struct model_row redirfilter_rows[] = {ITEMS(redirfilter, "usbdev", rules, rule)};
SHARED_TYPE(redirfilter, redirfilter);

static const struct model_row rng_rate_rows[] = {
    ATTRIBUTE(rng_rate, "bytes", bytes, UINT, .flags = MODEL_ROW_REQUIRED),
    ATTRIBUTE(rng_rate, "period", period, UINT),
};
TYPE(rng_rate);

static const struct model_row rng_backend_rows[] = {
    ATTRIBUTE_ENUM(rng_backend_attrs, "model", model, rng_backend, .flags = MODEL_ROW_REQUIRED),
    ATTRIBUTE_ENUM(rng_backend_attrs, "type", chardev.type, chardev_type),
    TEXT(rng_backend_attrs, path, STRING),
    CHARDEV_ROWS(rng_backend_attrs, chardev),
};
TYPE_AS(rng_backend, rng_backend_attrs);

static const struct model_row rng_rows[] = {
    ATTRIBUTE(rng, "model", model, STRING, .flags = MODEL_ROW_REQUIRED),
    CHILD(rng, "rate", rate, rng_rate),
    CHILD(rng, "backend", backend, rng_backend, .flags = MODEL_ROW_REQUIRED),
    CHILD(rng, "driver", driver, driver_virtio),
    DEVICE_ROWS(rng),
};
SHARED_TYPE(rng, rng);

static const struct model_row bank_rows[] = {
    FLAG(pcr_banks, "sha1", sha1),
    FLAG(pcr_banks, "sha256", sha256),
    FLAG(pcr_banks, "sha384", sha384),
    FLAG(pcr_banks, "sha512", sha512),
};
TYPE_AS(bank, pcr_banks);

static const struct model_row tpm_device_rows[] = {
    ATTRIBUTE(tpm_backend_attrs, "path", path, STRING, .flags = MODEL_ROW_REQUIRED),
};
FLAT_TYPE(tpm_device, tpm_backend_attrs, device_node);

static const struct model_row tpm_encryption_rows[] = {
    ATTRIBUTE(tpm_backend_attrs, "secret", secret, UUID, .flags = MODEL_ROW_REQUIRED),
};
FLAT_TYPE(tpm_encryption, tpm_backend_attrs, encryption_node);

static const struct model_row tpm_source_rows[] = {
    ATTRIBUTE(tpm_backend_attrs, "type", source_type, STRING),
    ATTRIBUTE_ENUM(tpm_backend_attrs, "mode", source.mode, source_mode),
    ATTRIBUTE(tpm_backend_attrs, "path", source.path, STRING),
};
FLAT_TYPE(tpm_source, tpm_backend_attrs, source.node);

static const struct model_row tpm_backend_rows[] = {
    ATTRIBUTE_ENUM(tpm_backend_attrs, "type", type, tpm_backend, .flags = MODEL_ROW_REQUIRED),
    ATTRIBUTE(tpm_backend_attrs, "version", version, STRING),
    ATTRIBUTE(tpm_backend_attrs, "persistent_state", persistent_state, YESNO),
    ATTRIBUTE(tpm_backend_attrs, "debug", debug, STRING),
    CHILD_FLAT("device", tpm_device),
    CHILD_FLAT("encryption", tpm_encryption),
    CHILD_FLAT("source", tpm_source),
    CHILD(tpm_backend_attrs, "active_pcr_banks", active_pcr_banks, bank),
};
TYPE_AS(tpm_backend, tpm_backend_attrs);

static const struct model_row tpm_rows[] = {
    ATTRIBUTE(tpm, "model", model, STRING),
    CHILD(tpm, "backend", backend, tpm_backend, .flags = MODEL_ROW_REQUIRED),
    DEVICE_ROWS(tpm),
};
SHARED_TYPE(tpm, tpm);
