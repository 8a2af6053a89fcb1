/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Where the bytes of a disk come from: sources, backing chains, credentials. */
#include "model/tables.h"

static const struct model_number port_range = {1, 65535, 0, false};

static const struct model_row host_rows[] = {
    ATTRIBUTE(host, "name", name, STRING),
    ATTRIBUTE(host, "port", port, UINT, .detail = &port_range),
    ATTRIBUTE_ENUM(host, "transport", transport, host_transport),
    ATTRIBUTE(host, "socket", socket, STRING),
};
SHARED_TYPE(host, host);

static const struct model_row secret_ref_rows[] = {
    ATTRIBUTE(secret_ref, "type", type, STRING),
    ATTRIBUTE(secret_ref, "usage", usage, STRING),
    ATTRIBUTE(secret_ref, "uuid", uuid, UUID),
};
TYPE(secret_ref);

static const struct model_row auth_rows[] = {
    ATTRIBUTE(auth, "username", username, STRING, .flags = MODEL_ROW_REQUIRED),
    CHILD(auth, "secret", secret, secret_ref),
};
SHARED_TYPE(auth, auth);

static const struct model_row encryption_rows[] = {
    ATTRIBUTE_ENUM(encryption, "format", format, encryption_format, .flags = MODEL_ROW_REQUIRED),
    ATTRIBUTE(encryption, "engine", engine, STRING),
    ITEMS(encryption, "secret", secrets, secret_ref),
};
SHARED_TYPE(encryption, encryption);

static const struct model_row iqn_rows[] = {
    ATTRIBUTE(initiator, "name", iqn, STRING, .flags = MODEL_ROW_REQUIRED),
};
FLAT_TYPE(iqn, initiator, iqn_node);

static const struct model_row initiator_rows[] = {CHILD_FLAT("iqn", iqn)};
TYPE(initiator);

static const struct model_row reservation_source_rows[] = {
    ATTRIBUTE(reservations, "type", source_type, STRING),
    ATTRIBUTE(reservations, "path", source.path, STRING),
    ATTRIBUTE_ENUM(reservations, "mode", source.mode, source_mode),
};
FLAT_TYPE(reservation_source, reservations, source.node);

static const struct model_row reservations_rows[] = {
    ATTRIBUTE(reservations, "managed", managed, YESNO),
    ATTRIBUTE(reservations, "migration", migration, YESNO),
    CHILD_FLAT("source", reservation_source),
};
TYPE(reservations);

static const struct model_row slice_rows[] = {
    ATTRIBUTE(slice, "type", type, STRING, .flags = MODEL_ROW_REQUIRED),
    ATTRIBUTE(slice, "offset", offset, UINT, .flags = MODEL_ROW_REQUIRED),
    ATTRIBUTE(slice, "size", size, UINT, .flags = MODEL_ROW_REQUIRED),
};
TYPE(slice);

static const struct model_row slices_rows[] = {ITEMS(slices, "slice", items, slice)};
TYPE(slices);

static const struct model_row cookie_rows[] = {
    ATTRIBUTE(cookie, "name", name, STRING, .flags = MODEL_ROW_REQUIRED),
    TEXT(cookie, value, STRING, .flags = MODEL_ROW_SECRET),
};
TYPE(cookie);

static const struct model_row cookies_rows[] = {ITEMS(cookies, "cookie", items, cookie)};
TYPE(cookies);

static const struct model_row snapshot_rows[] = {
    ATTRIBUTE(disk_source, "name", snapshot, STRING, .flags = MODEL_ROW_REQUIRED),
};
FLAT_TYPE(snapshot, disk_source, snapshot_node);

static const struct model_row config_rows[] = {
    ATTRIBUTE(disk_source, "file", config, STRING, .flags = MODEL_ROW_REQUIRED),
};
FLAT_TYPE(config, disk_source, config_node);

static const struct model_row ssl_rows[] = {
    ATTRIBUTE(disk_source, "verify", ssl_verify, YESNO),
};
FLAT_TYPE(ssl, disk_source, ssl_node);

static const struct model_row readahead_rows[] = {
    ATTRIBUTE(disk_source, "size", readahead, UINT),
};
FLAT_TYPE(readahead, disk_source, readahead_node);

static const struct model_row timeout_rows[] = {
    ATTRIBUTE(disk_source, "seconds", timeout, UINT),
};
FLAT_TYPE(timeout, disk_source, timeout_node);

static const struct model_number namespace_range = {1, UINT32_MAX, 0, false};

static const struct model_row disk_source_rows[] = {
    ATTRIBUTE(disk_source, "file", file, STRING),
    ATTRIBUTE(disk_source, "dev", dev, STRING),
    ATTRIBUTE(disk_source, "dir", dir, STRING),
    ATTRIBUTE_ENUM(disk_source, "protocol", protocol, disk_protocol),
    ATTRIBUTE(disk_source, "name", name, STRING),
    ATTRIBUTE(disk_source, "query", query, STRING),
    ATTRIBUTE(disk_source, "tls", tls, YESNO),
    ATTRIBUTE(disk_source, "tlsHostname", tls_hostname, STRING),
    ATTRIBUTE(disk_source, "pool", pool, STRING),
    ATTRIBUTE(disk_source, "volume", volume, STRING),
    ATTRIBUTE_ENUM(disk_source, "mode", mode, volume_mode),
    ATTRIBUTE(disk_source, "type", address_type, STRING),
    ATTRIBUTE(disk_source, "path", vhost_path, STRING),
    ATTRIBUTE(disk_source, "managed", managed, YESNO),
    ATTRIBUTE(disk_source, "namespace", namespace_, UINT, .detail = &namespace_range),
    ATTRIBUTE_ENUM(disk_source, "startupPolicy", startup_policy, startup_policy),
    ATTRIBUTE(disk_source, "index", index, UINT, .flags = MODEL_ROW_LIVE),
    ITEMS(disk_source, "host", hosts, host),
    CHILD_FLAT("snapshot", snapshot),
    CHILD_FLAT("config", config),
    POINTER(disk_source, "address", address, pci_address),
    CHILD(disk_source, "auth", auth, auth),
    ITEMS(disk_source, "seclabel", seclabels, seclabel),
    CHILD(disk_source, "encryption", encryption, encryption),
    POINTER(disk_source, "reservations", reservations, reservations),
    CHILD(disk_source, "initiator", initiator, initiator),
    CHILD(disk_source, "slices", slices, slices),
    CHILD_FLAT("ssl", ssl),
    CHILD(disk_source, "cookies", cookies, cookies),
    CHILD_FLAT("readahead", readahead),
    CHILD_FLAT("timeout", timeout),
};
SHARED_TYPE(disk_source, disk_source);

static const struct model_row format_cache_rows[] = {
    LEAF(disk_format, "max_size", metadata_cache_max, SIZE, .detail = &model_scale_bytes),
};
FLAT_TYPE(format_cache, disk_format, metadata_cache_node);

static const struct model_row disk_format_rows[] = {
    ATTRIBUTE(disk_format, "type", type, STRING, .flags = MODEL_ROW_REQUIRED),
    CHILD_FLAT("metadata_cache", format_cache),
};
SHARED_TYPE(disk_format, disk_format);

static const struct model_row backing_store_rows[] = {
    ATTRIBUTE_ENUM(backing_store, "type", type, disk_type),
    ATTRIBUTE(backing_store, "index", index, UINT, .flags = MODEL_ROW_LIVE),
    CHILD(backing_store, "format", format, disk_format),
    CHILD(backing_store, "source", source, disk_source),
    POINTER(backing_store, "backingStore", backing, backing_store),
};
SHARED_TYPE(backing_store, backing_store);
