/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Network interfaces. */
#include "model/tables.h"

#include <base/string.h>

static const struct model_number port_range = {1, 65535, 0, false};

static const struct model_row ip_rows[] = {
    ATTRIBUTE(ip, "address", address, STRING, .flags = MODEL_ROW_REQUIRED),
    ATTRIBUTE(ip, "family", family, STRING),
    ATTRIBUTE(ip, "prefix", prefix, UINT),
    ATTRIBUTE(ip, "peer", peer, STRING),
};
TYPE(ip);

static const struct model_row route_rows[] = {
    ATTRIBUTE(route, "family", family, STRING),   ATTRIBUTE(route, "address", address, STRING),
    ATTRIBUTE(route, "netmask", netmask, STRING), ATTRIBUTE(route, "prefix", prefix, UINT),
    ATTRIBUTE(route, "gateway", gateway, STRING), ATTRIBUTE(route, "metric", metric, UINT),
};
TYPE(route);

static const struct model_row mac_rows[] = {
    ATTRIBUTE(interface, "address", mac, MAC, .flags = MODEL_ROW_REQUIRED),
    ATTRIBUTE(interface, "type", mac_type, STRING),
    ATTRIBUTE(interface, "check", mac_check, YESNO),
};
FLAT_TYPE(mac, interface, mac_node);

static const struct model_row local_rows[] = {
    ATTRIBUTE(interface_local, "address", address, STRING),
    ATTRIBUTE(interface_local, "port", port, UINT, .detail = &port_range),
};
TYPE_AS(local, interface_local);

/* The bridge behind a virtual network is known while it is in use. */
static bool bridge_shown(const void *base, uint32_t flags)
{
    const struct model_interface *interface = base;
    return interface->type != MODEL_INTERFACE_NETWORK || !(flags & MODEL_FORMAT_INACTIVE);
}

static const struct model_row source_reconnect_rows[] = {
    ATTRIBUTE(interface, "enabled", source.reconnect, YESNO),
    ATTRIBUTE(interface, "timeout", source.reconnect_timeout, UINT),
};
FLAT_TYPE(source_reconnect, interface, source.reconnect_node);

static const struct model_row interface_source_rows[] = {
    ATTRIBUTE(interface, "network", source.network, STRING),
    ATTRIBUTE(interface, "portgroup", source.portgroup, STRING),
    ATTRIBUTE(interface, "portid", source.portid, UUID, .flags = MODEL_ROW_LIVE),
    ATTRIBUTE(interface, "type", source.type, STRING),
    ATTRIBUTE(interface, "path", source.path, STRING),
    ATTRIBUTE(interface, "bridge", source.bridge, STRING, .shown = bridge_shown),
    ATTRIBUTE(interface, "dev", source.dev, STRING),
    ATTRIBUTE_ENUM(interface, "mode", source.mode, direct_mode,
                   .only = 1U << MODEL_INTERFACE_DIRECT | 1U << MODEL_INTERFACE_NETWORK),
    ATTRIBUTE(interface, "mode", source.socket_mode, STRING,
              .only = 1U << MODEL_INTERFACE_VHOSTUSER),
    ATTRIBUTE(interface, "name", source.name, STRING),
    ATTRIBUTE(interface, "address", source.address, STRING),
    ATTRIBUTE(interface, "port", source.port, UINT, .detail = &port_range),
    ATTRIBUTE(interface, "managed", source.managed, STRING),
    CHILD_FLAT("reconnect", source_reconnect),
    POINTER(interface, "address", source.host_address, address),
    CHILD(interface, "local", source.local, local),
    ITEMS(interface, "ip", source.ips, ip),
    ITEMS(interface, "route", source.routes, route),
};
FLAT_TYPE(interface_source, interface, source.node,
          .selector = offsetof(struct model_interface, type));

static const struct model_number vlan_range = {0, 4095, 0, false};

static const struct model_row vlan_tag_rows[] = {
    ATTRIBUTE(vlan_tag, "id", id, UINT, .detail = &vlan_range, .flags = MODEL_ROW_REQUIRED),
    ATTRIBUTE(vlan_tag, "nativeMode", native_mode, STRING),
};
TYPE(vlan_tag);

static const struct model_row vlan_rows[] = {
    ATTRIBUTE(vlan, "trunk", trunk, YESNO),
    ITEMS(vlan, "tag", tags, vlan_tag),
};
TYPE(vlan);

static const struct model_row vport_parameters_rows[] = {
    ATTRIBUTE(vport_parameters, "managerid", managerid, STRING),
    ATTRIBUTE(vport_parameters, "typeid", typeid, STRING),
    ATTRIBUTE(vport_parameters, "typeidversion", typeidversion, STRING),
    ATTRIBUTE(vport_parameters, "instanceid", instanceid, STRING),
    ATTRIBUTE(vport_parameters, "interfaceid", interfaceid, STRING),
    ATTRIBUTE(vport_parameters, "profileid", profileid, STRING),
};
TYPE(vport_parameters);

static const struct model_row virtualport_rows[] = {
    ATTRIBUTE(virtualport, "type", type, STRING),
    CHILD(virtualport, "parameters", parameters, vport_parameters),
};
TYPE(virtualport);

static const struct model_row bandwidth_rate_rows[] = {
    ATTRIBUTE(bandwidth_rate, "average", average, UINT),
    ATTRIBUTE(bandwidth_rate, "peak", peak, UINT),
    ATTRIBUTE(bandwidth_rate, "floor", floor, UINT),
    ATTRIBUTE(bandwidth_rate, "burst", burst, UINT),
};
TYPE(bandwidth_rate);

static const struct model_row bandwidth_rows[] = {
    CHILD(bandwidth, "inbound", inbound, bandwidth_rate),
    CHILD(bandwidth, "outbound", outbound, bandwidth_rate),
};
TYPE(bandwidth);

static const struct model_row port_range_rows[] = {
    ATTRIBUTE(port_range, "start", start, UINT, .detail = &port_range, .flags = MODEL_ROW_REQUIRED),
    ATTRIBUTE(port_range, "end", end, UINT, .detail = &port_range),
    ATTRIBUTE(port_range, "to", to, UINT, .detail = &port_range),
    ATTRIBUTE(port_range, "exclude", exclude, YESNO),
};
TYPE(port_range);

static const struct model_row port_forward_rows[] = {
    ATTRIBUTE(port_forward, "proto", proto, STRING, .flags = MODEL_ROW_REQUIRED),
    ATTRIBUTE(port_forward, "address", address, STRING),
    ATTRIBUTE(port_forward, "dev", dev, STRING),
    ITEMS(port_forward, "range", ranges, port_range),
};
TYPE(port_forward);

static const struct model_row script_rows[] = {
    ATTRIBUTE(interface, "path", script, STRING, .flags = MODEL_ROW_REQUIRED),
};
FLAT_TYPE(script, interface, script_node);

static const struct model_row downscript_rows[] = {
    ATTRIBUTE(interface, "path", downscript, STRING, .flags = MODEL_ROW_REQUIRED),
};
FLAT_TYPE(downscript, interface, downscript_node);

static const struct model_row backenddomain_rows[] = {
    ATTRIBUTE(interface, "name", backenddomain, STRING, .flags = MODEL_ROW_REQUIRED),
};
FLAT_TYPE(backenddomain, interface, backenddomain_node);

/* Names that were made up at start ("vnet0") are gone when the guest is. */
static bool target_dev_shown(const void *base, uint32_t flags)
{
    const struct model_interface_target *target = base;
    return !(flags & MODEL_FORMAT_INACTIVE) || !target->dev ||
           !string_starts_with(target->dev, "vnet");
}

static const struct model_row interface_target_rows[] = {
    ATTRIBUTE(interface_target, "dev", dev, STRING, .shown = target_dev_shown),
    ATTRIBUTE(interface_target, "managed", managed, STRING),
};
TYPE(interface_target);

static const struct model_row guest_interface_rows[] = {
    ATTRIBUTE(guest_interface, "dev", dev, STRING),
    ATTRIBUTE(guest_interface, "actual", actual, STRING, .flags = MODEL_ROW_LIVE),
};
TYPE(guest_interface);

static const struct model_row interface_model_rows[] = {
    ATTRIBUTE(interface_model, "type", type, STRING, .flags = MODEL_ROW_REQUIRED),
};
TYPE(interface_model);

static const struct model_row offload_host_rows[] = {
    ATTRIBUTE(offload_host, "csum", csum, ONOFF),
    ATTRIBUTE(offload_host, "gso", gso, ONOFF),
    ATTRIBUTE(offload_host, "tso4", tso4, ONOFF),
    ATTRIBUTE(offload_host, "tso6", tso6, ONOFF),
    ATTRIBUTE(offload_host, "ecn", ecn, ONOFF),
    ATTRIBUTE(offload_host, "ufo", ufo, ONOFF),
    ATTRIBUTE(offload_host, "mrg_rxbuf", mrg_rxbuf, ONOFF),
};
TYPE(offload_host);

static const struct model_row offload_guest_rows[] = {
    ATTRIBUTE(offload_guest, "csum", csum, ONOFF), ATTRIBUTE(offload_guest, "tso4", tso4, ONOFF),
    ATTRIBUTE(offload_guest, "tso6", tso6, ONOFF), ATTRIBUTE(offload_guest, "ecn", ecn, ONOFF),
    ATTRIBUTE(offload_guest, "ufo", ufo, ONOFF),
};
TYPE(offload_guest);

static const struct model_row interface_driver_rows[] = {
    ATTRIBUTE_ENUM(interface_driver_attrs, "name", name, interface_driver),
    ATTRIBUTE_ENUM(interface_driver_attrs, "txmode", txmode, txmode),
    ATTRIBUTE(interface_driver_attrs, "ioeventfd", ioeventfd, ONOFF),
    ATTRIBUTE(interface_driver_attrs, "event_idx", event_idx, ONOFF),
    ATTRIBUTE(interface_driver_attrs, "queues", queues, UINT),
    ATTRIBUTE(interface_driver_attrs, "rx_queue_size", rx_queue_size, UINT),
    ATTRIBUTE(interface_driver_attrs, "tx_queue_size", tx_queue_size, UINT),
    ATTRIBUTE(interface_driver_attrs, "rss", rss, ONOFF),
    ATTRIBUTE(interface_driver_attrs, "rss_hash_report", rss_hash_report, ONOFF),
    VIRTIO_ROWS(interface_driver_attrs, virtio),
    CHILD(interface_driver_attrs, "host", host, offload_host),
    CHILD(interface_driver_attrs, "guest", guest, offload_guest),
};
TYPE_AS(interface_driver, interface_driver_attrs);

static const struct model_row backend_rows[] = {
    ATTRIBUTE_ENUM(backend, "type", type, backend_type),
    ATTRIBUTE(backend, "tap", tap, STRING),
    ATTRIBUTE(backend, "vhost", vhost, STRING),
    ATTRIBUTE(backend, "logFile", log_file, STRING),
};
TYPE(backend);

static const struct model_row filter_parameter_rows[] = {
    ATTRIBUTE(filter_parameter, "name", name, STRING, .flags = MODEL_ROW_REQUIRED),
    ATTRIBUTE(filter_parameter, "value", value, STRING, .flags = MODEL_ROW_REQUIRED),
};
TYPE(filter_parameter);

static const struct model_row filterref_rows[] = {
    ATTRIBUTE(filterref, "filter", filter, STRING, .flags = MODEL_ROW_REQUIRED),
    ITEMS(filterref, "parameter", parameters, filter_parameter),
};
TYPE(filterref);

static const struct model_row tune_rows[] = {LEAF(interface, "sndbuf", sndbuf, UINT)};
FLAT_TYPE(tune, interface, tune_node);

static const struct model_row link_rows[] = {
    ATTRIBUTE_ENUM(interface, "state", link, link_state, .flags = MODEL_ROW_REQUIRED),
};
FLAT_TYPE(link, interface, link_node);

static const struct model_row mtu_rows[] = {
    ATTRIBUTE(interface, "size", mtu, UINT, .flags = MODEL_ROW_REQUIRED),
};
FLAT_TYPE(mtu, interface, mtu_node);

static const struct model_row coalesce_frames_rows[] = {
    ATTRIBUTE(coalesce, "max", frames_max, UINT),
};
FLAT_TYPE(coalesce_frames, coalesce, frames_node);

static const struct model_row coalesce_rx_rows[] = {CHILD_FLAT("frames", coalesce_frames)};
FLAT_TYPE(coalesce_rx, coalesce, rx_node);

static const struct model_row coalesce_rows[] = {CHILD_FLAT("rx", coalesce_rx)};
TYPE(coalesce);

static const struct model_row teaming_rows[] = {
    ATTRIBUTE(teaming, "type", type, STRING),
    ATTRIBUTE(teaming, "persistent", persistent, STRING),
};
TYPE(teaming);

static const struct model_row port_rows[] = {ATTRIBUTE(interface, "isolated", isolated, YESNO)};
FLAT_TYPE(port, interface, port_node);

static const struct model_row interface_rows[] = {
    ATTRIBUTE_ENUM(interface, "type", type, interface_type, .preset = "user"),
    ATTRIBUTE(interface, "managed", managed, YESNO),
    ATTRIBUTE(interface, "trustGuestRxFilters", trust_guest_rx_filters, YESNO),
    CHILD_FLAT("mac", mac),
    CHILD_FLAT("source", interface_source),
    CHILD(interface, "vlan", vlan, vlan),
    CHILD(interface, "virtualport", virtualport, virtualport),
    CHILD(interface, "bandwidth", bandwidth, bandwidth),
    CHILD_FLAT("port", port),
    ITEMS(interface, "ip", ips, ip),
    ITEMS(interface, "route", routes, route),
    ITEMS(interface, "portForward", port_forwards, port_forward),
    CHILD_FLAT("script", script),
    CHILD_FLAT("downscript", downscript),
    CHILD_FLAT("backenddomain", backenddomain),
    CHILD(interface, "target", target, interface_target),
    CHILD(interface, "guest", guest, guest_interface),
    CHILD(interface, "model", model, interface_model),
    CHILD(interface, "driver", driver, interface_driver),
    CHILD(interface, "backend", backend, backend),
    CHILD(interface, "teaming", teaming, teaming),
    CHILD(interface, "filterref", filterref, filterref),
    CHILD_FLAT("tune", tune),
    CHILD_FLAT("link", link),
    CHILD_FLAT("mtu", mtu),
    CHILD(interface, "coalesce", coalesce, coalesce),
    DEVICE_HEAD(interface),
    CHILD(interface, "rom", rom, rom),
    DEVICE_TAIL(interface),
};
SHARED_TYPE(interface, interface);
