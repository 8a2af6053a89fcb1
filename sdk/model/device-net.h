/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Network interfaces. */
#ifndef HVKIT_MODEL_DEVICE_NET_H
#define HVKIT_MODEL_DEVICE_NET_H

#include "model/device-common.h"

struct model_ip {
    struct model_node node;
    const char *address;
    const char *family; /* "ipv4", "ipv6" */
    struct model_uint prefix;
    const char *peer;
};

struct model_route {
    struct model_node node;
    const char *family;
    const char *address;
    const char *netmask;
    struct model_uint prefix;
    const char *gateway;
    struct model_uint metric;
};

struct model_interface_local {
    struct model_node node;
    const char *address;
    struct model_uint port;
};

struct model_interface_source {
    struct model_node node;
    const char *network;
    const char *portgroup;
    struct model_uuid portid; /* live */
    const char *bridge;       /* bridge; live of network */
    const char *dev;          /* direct, vdpa, passt's host interface */
    enum model_direct_mode mode;
    const char *name;        /* internal */
    const char *type;        /* vhostuser: "unix" */
    const char *path;        /* vhostuser */
    const char *socket_mode; /* vhostuser: "client" or "server" */
    const char *address;     /* udp, mcast, server, client */
    struct model_uint port;
    const char *managed; /* ethernet in containers */
    struct model_interface_local local;
    struct model_node reconnect_node;
    enum model_switch reconnect;
    struct model_uint reconnect_timeout;
    struct model_address *host_address; /* hostdev */
    MODEL_ARRAY(struct model_ip) ips;
    MODEL_ARRAY(struct model_route) routes;
};

struct model_vport_parameters {
    struct model_node node;
    const char *managerid;
    const char *typeid;
    const char *typeidversion;
    const char *instanceid;
    const char *profileid;
    const char *interfaceid; /* Open vSwitch */
};

struct model_virtualport {
    struct model_node node;
    const char *type; /* "openvswitch", "802.1Qbg", ... */
    struct model_vport_parameters parameters;
};

struct model_vlan_tag {
    struct model_node node;
    struct model_uint id;
    const char *native_mode;
};

struct model_vlan {
    struct model_node node;
    enum model_switch trunk;
    MODEL_ARRAY(struct model_vlan_tag) tags;
};

/* KiB a second; burst in KiB. */
struct model_bandwidth_rate {
    struct model_node node;
    struct model_uint average, peak, burst, floor;
};

struct model_bandwidth {
    struct model_node node;
    struct model_bandwidth_rate inbound;
    struct model_bandwidth_rate outbound;
};

struct model_filter_parameter {
    struct model_node node;
    const char *name;
    const char *value;
};

struct model_filterref {
    struct model_node node;
    const char *filter;
    MODEL_ARRAY(struct model_filter_parameter) parameters;
};

struct model_offload_host {
    struct model_node node;
    enum model_switch csum, gso, tso4, tso6, ecn, ufo, mrg_rxbuf;
};

struct model_offload_guest {
    struct model_node node;
    enum model_switch csum, tso4, tso6, ecn, ufo;
};

struct model_interface_driver_attrs {
    struct model_node node;
    enum model_interface_driver name;
    enum model_txmode txmode;
    enum model_switch ioeventfd;
    enum model_switch event_idx;
    struct model_uint queues;
    struct model_uint rx_queue_size;
    struct model_uint tx_queue_size;
    enum model_switch rss;
    enum model_switch rss_hash_report;
    struct model_virtio virtio;
    struct model_offload_host host;
    struct model_offload_guest guest;
};

struct model_backend {
    struct model_node node;
    enum model_backend_type type;
    const char *tap;
    const char *vhost;
    const char *log_file;
};

struct model_port_range {
    struct model_node node;
    struct model_uint start, end, to;
    enum model_switch exclude;
};

struct model_port_forward {
    struct model_node node;
    const char *proto; /* "tcp", "udp" */
    const char *address;
    const char *dev;
    MODEL_ARRAY(struct model_port_range) ranges;
};

struct model_coalesce {
    struct model_node node;
    struct model_node rx_node;
    struct model_node frames_node;
    struct model_uint frames_max;
};

struct model_teaming {
    struct model_node node;
    const char *type; /* "persistent", "transient" */
    const char *persistent;
};

struct model_interface_model {
    struct model_node node;
    const char *type; /* "virtio", "e1000e", ... */
};

struct model_interface_target {
    struct model_node node;
    const char *dev;     /* tap name; one that hvkit made up is live only */
    const char *managed; /* "no": the tap exists already */
};

struct model_guest_interface {
    struct model_node node;
    const char *dev;
    const char *actual;
};

struct model_interface {
    struct model_device device;
    enum model_interface_type type;
    enum model_switch managed; /* hostdev */
    enum model_switch trust_guest_rx_filters;
    struct model_node mac_node;
    struct model_mac mac;
    const char *mac_type; /* "generated", "static" */
    enum model_switch mac_check;
    struct model_interface_source source;
    struct model_vlan vlan;
    struct model_virtualport virtualport;
    MODEL_ARRAY(struct model_ip) ips;
    MODEL_ARRAY(struct model_route) routes;
    MODEL_ARRAY(struct model_port_forward) port_forwards;
    struct model_node script_node;
    const char *script;
    struct model_node downscript_node;
    const char *downscript;
    struct model_node backenddomain_node;
    const char *backenddomain;
    struct model_interface_target target;
    struct model_guest_interface guest;
    struct model_interface_model model;
    struct model_interface_driver_attrs driver;
    struct model_backend backend;
    struct model_filterref filterref;
    struct model_node tune_node;
    struct model_uint sndbuf; /* <tune><sndbuf> */
    struct model_node link_node;
    enum model_link_state link;
    struct model_node mtu_node;
    struct model_uint mtu;
    struct model_bandwidth bandwidth;
    struct model_coalesce coalesce;
    struct model_teaming teaming;
    struct model_node port_node;
    enum model_switch isolated; /* <port isolated> */
    struct model_rom rom;
};

#endif
