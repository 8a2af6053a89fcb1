/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Network cards, and what carries their frames on the host. */
#include "command/device.h"
#include "command/tap.h"

#include <errno.h>
#include <fcntl.h>

#define ELEMENT "devices/interface"
#define VHOST_DEVICE "/dev/vhost-net"
#define FORWARDS_MAX 1024 /* ports of one interface */

/* ---- the card ---- */

enum {
    NIC_PLAIN = 1,
    NIC_VIRTIO = 2,
};

static const struct nic_model {
    const char *model;
    const char *driver;
    uint32_t variant;
} nic_models[] = {
    {"virtio", "virtio-net-pci", NIC_VIRTIO},
    {"virtio-transitional", "virtio-net-pci", NIC_VIRTIO},
    {"virtio-non-transitional", "virtio-net-pci", NIC_VIRTIO},
    {"e1000", "e1000", NIC_PLAIN},
    {"e1000e", "e1000e", NIC_PLAIN},
    {"rtl8139", "rtl8139", NIC_PLAIN},
    {"ne2k_pci", "ne2k_pci", NIC_PLAIN},
    {"pcnet", "pcnet", NIC_PLAIN},
    {"i82551", "i82551", NIC_PLAIN},
    {"i82557b", "i82557b", NIC_PLAIN},
    {"i82559er", "i82559er", NIC_PLAIN},
    {"vmxnet3", "vmxnet3", NIC_PLAIN},
};

#define ROW(member, qemu, xml, kind)                                                               \
    PROPERTY_OF(struct model_interface, member, qemu, xml, kind, NIC_VIRTIO)

static const struct property rows[] = {
    ROW(driver.ioeventfd, "ioeventfd", "driver/@ioeventfd", PROPERTY_BOOL),
    ROW(driver.event_idx, "event_idx", "driver/@event_idx", PROPERTY_BOOL),
    ROW(driver.rx_queue_size, "rx_queue_size", "driver/@rx_queue_size", PROPERTY_UINT),
    ROW(driver.tx_queue_size, "tx_queue_size", "driver/@tx_queue_size", PROPERTY_UINT),
    ROW(driver.rss, "rss", "driver/@rss", PROPERTY_BOOL),
    ROW(driver.rss_hash_report, "hash", "driver/@rss_hash_report", PROPERTY_BOOL),
    ROW(driver.virtio.iommu, "iommu_platform", "driver/@iommu", PROPERTY_BOOL),
    ROW(driver.virtio.ats, "ats", "driver/@ats", PROPERTY_BOOL),
    ROW(driver.virtio.packed, "packed", "driver/@packed", PROPERTY_BOOL),
    ROW(driver.virtio.page_per_vq, "page-per-vq", "driver/@page_per_vq", PROPERTY_BOOL),
    ROW(driver.host.csum, "csum", "driver/host/@csum", PROPERTY_BOOL),
    ROW(driver.host.gso, "gso", "driver/host/@gso", PROPERTY_BOOL),
    ROW(driver.host.tso4, "host_tso4", "driver/host/@tso4", PROPERTY_BOOL),
    ROW(driver.host.tso6, "host_tso6", "driver/host/@tso6", PROPERTY_BOOL),
    ROW(driver.host.ecn, "host_ecn", "driver/host/@ecn", PROPERTY_BOOL),
    ROW(driver.host.ufo, "host_ufo", "driver/host/@ufo", PROPERTY_BOOL),
    ROW(driver.host.mrg_rxbuf, "mrg_rxbuf", "driver/host/@mrg_rxbuf", PROPERTY_BOOL),
    ROW(driver.guest.csum, "guest_csum", "driver/guest/@csum", PROPERTY_BOOL),
    ROW(driver.guest.tso4, "guest_tso4", "driver/guest/@tso4", PROPERTY_BOOL),
    ROW(driver.guest.tso6, "guest_tso6", "driver/guest/@tso6", PROPERTY_BOOL),
    ROW(driver.guest.ecn, "guest_ecn", "driver/guest/@ecn", PROPERTY_BOOL),
    ROW(driver.guest.ufo, "guest_ufo", "driver/guest/@ufo", PROPERTY_BOOL),
    ROW(mtu, "host_mtu", "mtu/@size", PROPERTY_UINT),
    ROW(driver.queues, NULL, "driver/@queues", PROPERTY_UINT),
    ROW(driver.txmode, NULL, "driver/@txmode", PROPERTY_WORD),
};

static const struct nic_model *find_model(const char *model)
{
    for (size_t i = 0; i < ARRAY_SIZE(nic_models); i++)
        if (string_equal(nic_models[i].model, model))
            return &nic_models[i];
    return NULL;
}

static uint32_t queues_of(const struct model_interface *interface)
{
    return interface->driver.queues.set && interface->driver.queues.value > 1
               ? (uint32_t)interface->driver.queues.value
               : 1;
}

static void put_rom(json_t *json, const struct model_rom *rom)
{
    if (rom->enabled == MODEL_SWITCH_OFF) {
        json_put_string(json, "romfile", "");
        return;
    }
    if (rom->bar)
        json_object_set_new(json, "rombar", json_integer(rom->bar == MODEL_SWITCH_ON));
    json_put_string(json, "romfile", rom->file);
}

/* ---- carriers ---- */

struct carrier {
    struct build *b;
    struct model_interface *interface;
    bool virtio;
    char id[64];
};

static bool add_netdev(const struct carrier *carrier, json_t *json)
{
    json_put_string(json, "id", carrier->id);
    return build_part(carrier->b, PART_NETDEV, json);
}

static bool put_ips(const struct carrier *carrier, json_t *json)
{
    MODEL_FOR_EACH(&carrier->interface->ips, struct model_ip, ip)
    {
        bool six = string_equal(ip->family, "ipv6");
        if (ip->peer)
            return build_refuse(carrier->b, &ip->node, ELEMENT "/ip",
                                "type 'user' has no peer addresses");
        if (six) {
            json_put_string(json, "ipv6-prefix", ip->address);
            json_put_uint(json, "ipv6-prefixlen", ip->prefix);
            continue;
        }
        auto_free char *net =
            string_format("%s/%u", ip->address, ip->prefix.set ? (unsigned)ip->prefix.value : 24);
        json_put_string(json, "net", net);
    }
    return true;
}

static bool put_forward(const struct carrier *carrier, json_t *list,
                        const struct model_port_forward *forward,
                        const struct model_port_range *range)
{
    uint64_t end = range->end.set ? range->end.value : range->start.value;
    uint64_t to = range->to.set ? range->to.value : range->start.value;
    if (range->exclude == MODEL_SWITCH_ON || !range->start.set || end < range->start.value)
        return build_refuse(carrier->b, &range->node, ELEMENT "/portForward/range",
                            "it needs a start, and an end behind it");
    for (uint64_t port = range->start.value; port <= end; port++, to++) {
        if (json_array_size(list) == FORWARDS_MAX)
            return build_refuse(carrier->b, &range->node, ELEMENT "/portForward",
                                "at most %u ports can be forwarded", FORWARDS_MAX);
        auto_free char *text =
            string_format("%s:%s:%u-:%u", forward->proto ? forward->proto : "tcp",
                          forward->address ? forward->address : "", (unsigned)port, (unsigned)to);
        if (!text || json_array_append_new(list, json_pack("{s:s}", "str", text)) < 0)
            return hvk_error_memory(carrier->b->err);
    }
    return true;
}

static bool put_forwards(const struct carrier *carrier, json_t *json)
{
    if (carrier->interface->port_forwards.count == 0)
        return true;
    json_t *list = json_array();
    json_object_set_new(json, "hostfwd", list);
    MODEL_FOR_EACH(&carrier->interface->port_forwards, struct model_port_forward, forward)
    {
        if (forward->dev || forward->ranges.count == 0)
            return build_refuse(carrier->b, &forward->node, ELEMENT "/portForward",
                                "it needs <range> elements and takes no device");
        MODEL_FOR_EACH(&forward->ranges, struct model_port_range, range)
        if (!put_forward(carrier, list, forward, range))
            return false;
    }
    return true;
}

static bool carry_user(const struct carrier *carrier)
{
    if (carrier->interface->backend.type == MODEL_BACKEND_PASST)
        return build_refuse(carrier->b, &carrier->interface->backend.node, ELEMENT "/backend",
                            "passt is not supported");
    json_t *json = json_pack("{s:s}", "type", "user");
    if (!json || !put_ips(carrier, json) || !put_forwards(carrier, json)) {
        json_decref(json);
        return false;
    }
    return add_netdev(carrier, json);
}

/* Frames may bypass QEMU where the kernel has that and the guest runs at the kernel's speed. */
static bool open_vhost(const struct carrier *carrier, int *out_fd)
{
    enum model_interface_driver wanted = carrier->interface->driver.name;
    *out_fd = -1;
    if (!carrier->virtio || wanted == MODEL_INTERFACE_DRIVER_QEMU ||
        queues_of(carrier->interface) > 1)
        return true;
    if (wanted != MODEL_INTERFACE_DRIVER_VHOST && carrier->b->domain->type != MODEL_VIRT_KVM)
        return true;
    *out_fd = open(VHOST_DEVICE, O_RDWR | O_CLOEXEC);
    return *out_fd >= 0 || wanted != MODEL_INTERFACE_DRIVER_VHOST ||
           build_refuse(carrier->b, &carrier->interface->driver.node, ELEMENT "/driver",
                        "%s cannot be opened: %s", VHOST_DEVICE, strerror(errno));
}

static json_t *tap_netdev(const struct carrier *carrier, const int *fds, uint32_t queues)
{
    struct build *b = carrier->b;
    auto_buffer list = BUFFER_INIT;
    bool ok = true;
    for (uint32_t i = 0; i < queues; i++) {
        auto_free char *name = string_format("fd-%s-%u", carrier->id, i);
        auto_free char *text = name ? build_fd(b, fds[i], name) : NULL;
        ok = ok && text;
        buffer_add_format(&list, "%s%s", i ? ":" : "", text ? text : "");
    }
    int vhost = -1;
    if (!ok || list.failed || !open_vhost(carrier, &vhost))
        return NULL;
    json_t *json = json_pack("{s:s,s:s}", "type", "tap", queues > 1 ? "fds" : "fd", list.data);
    if (vhost < 0)
        return json;
    auto_free char *name = string_format("vhostfd-%s", carrier->id);
    auto_free char *text = name ? build_fd(b, vhost, name) : NULL;
    json_object_set_new(json, "vhost", json_true());
    json_put_string(json, "vhostfd", text);
    return json;
}

static bool carry_tap(const struct carrier *carrier, const char *bridge)
{
    struct build *b = carrier->b;
    struct model_interface *interface = carrier->interface;
    uint32_t queues = queues_of(interface);
    if (queues > TAP_QUEUES_MAX)
        return build_refuse(b, &interface->driver.node, ELEMENT "/driver/@queues",
                            "at most %u queues", TAP_QUEUES_MAX);
    if (b->dry)
        return true;
    bool existing = string_equal(interface->target.managed, "no");
    const struct tap_request request = {
        .name = interface->target.dev,
        .bridge = bridge,
        .mac = interface->mac.set ? interface->mac.bytes : NULL,
        .mtu = (uint32_t)interface->mtu.value,
        .queues = queues,
        .offload = carrier->virtio,
        .existing = existing,
    };
    int fds[TAP_QUEUES_MAX];
    char name[TAP_NAME_SIZE];
    if (!tap_open(&request, fds, name, b->err))
        return hvk_error_prefix(b->err, "domain '%s', network interface %s", b->domain->name,
                                interface->device.alias.name);
    json_t *json = tap_netdev(carrier, fds, queues);
    if (json)
        json_put_uint(json, "sndbuf", interface->sndbuf);
    interface->target.node.present = true;
    interface->target.dev = build_text(b, name);
    return json && interface->target.dev ? add_netdev(carrier, json) : (json_decref(json), false);
}

static bool carry_bridge(const struct carrier *carrier)
{
    const struct model_interface_source *source = &carrier->interface->source;
    if (!source->bridge)
        return build_refuse(carrier->b, &carrier->interface->device.node, ELEMENT,
                            "type 'bridge' needs a <source bridge='...'>");
    return carry_tap(carrier, source->bridge);
}

static bool carry_ethernet(const struct carrier *carrier)
{
    return carry_tap(carrier, NULL);
}

/* Frames between emulators: as QEMU's own sockets. */
static bool carry_socket(const struct carrier *carrier)
{
    const struct model_interface *interface = carrier->interface;
    const struct model_interface_source *source = &interface->source;
    static const struct {
        enum model_interface_type type;
        const char *key;
    } keys[] = {{MODEL_INTERFACE_SERVER, "listen"},
                {MODEL_INTERFACE_CLIENT, "connect"},
                {MODEL_INTERFACE_MCAST, "mcast"},
                {MODEL_INTERFACE_UDP, "udp"}};
    const char *key = NULL;
    for (size_t i = 0; i < ARRAY_SIZE(keys); i++)
        if (keys[i].type == interface->type)
            key = keys[i].key;
    if (!source->port.set)
        return build_refuse(carrier->b, &source->node, ELEMENT "/source", "it needs a port");
    auto_free char *at = string_format("%s:%u", source->address ? source->address : "",
                                       (unsigned)source->port.value);
    json_t *json = at ? json_pack("{s:s,s:s}", "type", "socket", key, at) : NULL;
    if (interface->type == MODEL_INTERFACE_UDP && source->local.port.set) {
        auto_free char *local =
            string_format("%s:%u", source->local.address ? source->local.address : "",
                          (unsigned)source->local.port.value);
        json_put_string(json, "localaddr", local);
    }
    return add_netdev(carrier, json);
}

static const struct {
    enum model_interface_type type;
    bool (*carry)(const struct carrier *carrier);
} carriers[] = {
    {MODEL_INTERFACE_USER, carry_user},         {MODEL_INTERFACE_BRIDGE, carry_bridge},
    {MODEL_INTERFACE_ETHERNET, carry_ethernet}, {MODEL_INTERFACE_SERVER, carry_socket},
    {MODEL_INTERFACE_CLIENT, carry_socket},     {MODEL_INTERFACE_MCAST, carry_socket},
    {MODEL_INTERFACE_UDP, carry_socket},
};

static bool carry(const struct carrier *carrier)
{
    for (size_t i = 0; i < ARRAY_SIZE(carriers); i++)
        if (carriers[i].type == carrier->interface->type)
            return carriers[i].carry(carrier);
    const char *type = model_word(&model_interface_type_words, carrier->interface->type);
    return build_refuse(carrier->b, &carrier->interface->device.node, ELEMENT,
                        "interfaces of type '%s' are not supported: use user, bridge or ethernet",
                        type ? type : "");
}

/* ---- the device ---- */

static void put_virtio(json_t *json, const struct model_interface *interface)
{
    uint32_t queues = queues_of(interface);
    if (interface->driver.txmode)
        json_put_string(json, "tx",
                        interface->driver.txmode == MODEL_TXMODE_TIMER ? "timer" : "bh");
    if (queues > 1) {
        json_object_set_new(json, "mq", json_true());
        json_object_set_new(json, "vectors", json_integer(2 * queues + 2));
    }
}

static json_t *nic_device(struct build *b, const struct nic_model *model,
                          const struct carrier *carrier)
{
    const struct model_interface *interface = carrier->interface;
    const uint8_t *mac = interface->mac.bytes;
    const char *driver =
        carrier->virtio ? device_virtio(b, model->driver, interface->model.type) : model->driver;
    char text[18];
    snprintf(text, sizeof text, "%02x:%02x:%02x:%02x:%02x:%02x", mac[0], mac[1], mac[2], mac[3],
             mac[4], mac[5]);
    if (!driver || !build_need_device(b, &interface->device.node, ELEMENT, driver))
        return NULL;
    json_t *json = json_pack("{s:s}", "driver", driver);
    if (!json || !build_properties(b, json, rows, ARRAY_SIZE(rows), interface, model->variant,
                                   &interface->device.node, ELEMENT)) {
        json_decref(json);
        return NULL;
    }
    if (carrier->virtio)
        put_virtio(json, interface);
    json_put_string(json, "netdev", carrier->id);
    json_put_string(json, "mac", text);
    put_rom(json, &interface->rom);
    return json;
}

bool interface_build(struct build *b, void *device)
{
    struct model_interface *interface = device;
    const struct nic_model *model = find_model(interface->model.type);
    if (!model)
        return build_refuse(b, &interface->model.node, ELEMENT "/model",
                            "network cards of model '%s' are not supported",
                            interface->model.type ? interface->model.type : "");
    struct carrier carrier = {
        .b = b, .interface = interface, .virtio = model->variant == NIC_VIRTIO};
    snprintf(carrier.id, sizeof carrier.id, "host%s", interface->device.alias.name);
    if (!carry(&carrier))
        return false;
    json_t *json = nic_device(b, model, &carrier);
    if (!json || !build_device(b, &interface->device, json))
        return false;
    return interface->link != MODEL_LINK_DOWN ||
           build_setup(b, "set_link",
                       json_pack("{s:s,s:b}", "name", interface->device.alias.name, "up", 0));
}
