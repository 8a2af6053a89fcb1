/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Owns the map of PCI slots while addresses are chosen. */
#include "command/pci_map.h"

#include "command/defaults.h"

/* What controllers added here are called in the XML. */
#define ROOT_PORT "pcie-root-port"

static const struct pci_model pci_models[] = {
    {"pci-root", NULL, PCI_ROOT_BUS, PCI_BUS_CONVENTIONAL, 1, 31},
    {"pcie-root", NULL, PCI_ROOT_BUS, PCI_BUS_ROOT, 1, 31},
    {"pci-bridge", "pci-bridge", PCI_CONVENTIONAL, PCI_BUS_CONVENTIONAL, 1, 31},
    {"dmi-to-pci-bridge", "i82801b11-bridge", PCI_INTEGRATED, PCI_BUS_CONVENTIONAL, 0, 31},
    {"pcie-to-pci-bridge", "pcie-pci-bridge", PCI_EXPRESS, PCI_BUS_CONVENTIONAL, 1, 31},
    {"pcie-root-port", "pcie-root-port", PCI_PORT, PCI_BUS_PORT, 0, 0},
    {"pcie-switch-upstream-port", "x3130-upstream", PCI_EXPRESS, PCI_BUS_SWITCH, 0, 31},
    {"pcie-switch-downstream-port", "xio3130-downstream", PCI_DOWNSTREAM, PCI_BUS_PORT, 0, 0},
    {"pci-expander-bus", "pxb", PCI_INTEGRATED, PCI_BUS_CONVENTIONAL, 0, 31},
    {"pcie-expander-bus", "pxb-pcie", PCI_INTEGRATED, PCI_BUS_ROOT, 0, 31},
};

const struct pci_model *pci_model_find(const char *model)
{
    for (size_t i = 0; i < ARRAY_SIZE(pci_models); i++)
        if (string_equal(pci_models[i].model, model))
            return &pci_models[i];
    return NULL;
}

static void pci_map_fini(struct pci_map *map)
{
    vector_fini(&map->buses);
}

struct pci_bus *pci_bus_at(const struct pci_map *map, uint32_t index)
{
    VECTOR_FOR_EACH (&map->buses, struct pci_bus, bus)
        if (bus->index == index)
            return bus;
    return NULL;
}

static bool add_bus(struct build *b, struct pci_map *map, const struct model_controller *controller)
{
    const struct pci_model *model = pci_model_find(controller->model);
    const struct model_node *node = &controller->device.node;
    unsigned index = (unsigned)controller->index.value;
    if (!model)
        return build_refuse(b, node, "devices/controller",
                            "PCI controllers of model '%s' are not known",
                            controller->model ? controller->model : "");
    if (pci_bus_at(map, index))
        return build_refuse(b, node, "devices/controller", "a PCI controller with index %u exists",
                            index);
    if (index >= PCI_BUSES_MAX)
        return build_refuse(b, node, "devices/controller",
                            "index %u is too high: there are at most %u PCI buses", index,
                            PCI_BUSES_MAX);
    struct pci_bus *bus = vector_add(&map->buses);
    if (!bus)
        return hvk_error_memory(b->err);
    bus->index = index;
    bus->model = model;
    bus->hotplug = controller->target.hotplug != MODEL_SWITCH_OFF && model->bus != PCI_BUS_ROOT;
    return true;
}

/* ---- what is taken ---- */

static void occupy(struct pci_bus *bus, struct model_device *device, enum pci_class class)
{
    const struct model_address *address = &device->address;
    uint8_t bit = (uint8_t)(1u << address->function);
    bus->used[address->slot] |= bit;
    if (class == PCI_PORT)
        bus->ports[address->slot] |= bit;
    if (address->function == 0)
        bus->function0[address->slot] = device;
}

/* Functions of the chip set; a controller of the definition may stand for one. */
static void occupy_chipset(struct pci_map *map)
{
    struct pci_bus *root = pci_bus_at(map, 0);
    if (map->express)
        root->used[31] = 1u << 0 | 1u << 2 | 1u << 3; /* LPC, SATA, SMBus */
    else
        root->used[1] = 1u << 0 | 1u << 1 | 1u << 3; /* ISA bridge, IDE, power management */
}

bool pci_is_builtin(const struct build *b, const struct family *family,
                    const struct model_device *device)
{
    return family->kind == MODEL_DEVICE_CONTROLLER &&
           defaults_controller_is_builtin(b->domain, (const struct model_controller *)device);
}

/* QEMU makes buses in the order of their numbers. */
static bool check_order(struct build *b, const struct family *family,
                        const struct model_device *device)
{
    const struct model_controller *controller = (const struct model_controller *)device;
    if (family->kind != MODEL_DEVICE_CONTROLLER || controller->type != MODEL_CONTROLLER_PCI ||
        device->address.bus < controller->index.value)
        return true;
    return build_refuse(
        b, &device->node, family->element,
        "PCI controller %u hangs on bus %u: a bus needs a higher index than the one it is on",
        (unsigned)controller->index.value, device->address.bus);
}

static bool claim(struct build *b, const struct pci_map *map, const struct family *family,
                  struct model_device *device)
{
    const struct model_address *address = &device->address;
    struct pci_bus *bus = pci_bus_at(map, address->bus);
    if (!bus || address->domain != 0)
        return build_refuse(b, &device->node, family->element, "there is no PCI bus %04x:%02x",
                            address->domain, address->bus);
    if (address->slot < bus->model->first || address->slot > bus->model->last ||
        address->function >= PCI_FUNCTIONS)
        return build_refuse(
            b, &device->node, family->element,
            "PCI bus %u (%s) has slots %u to %u with functions 0 to 7, but %u.%u is "
            "asked for",
            address->bus, bus->model->model, bus->model->first, bus->model->last, address->slot,
            address->function);
    if (bus->used[address->slot] & 1u << address->function && !pci_is_builtin(b, family, device))
        return build_refuse(b, &device->node, family->element,
                            "the PCI address %04x:%02x:%02x.%u is in use by another device",
                            address->domain, address->bus, address->slot, address->function);
    if (!check_order(b, family, device))
        return false;
    occupy(bus, device, family->pci(b->domain, device));
    return true;
}

static enum pci_class class_of(const struct build *b, const struct family *family,
                               const struct model_device *device)
{
    enum pci_class class = family->pci ? family->pci(b->domain, device) : PCI_NONE;
    enum model_address_type type = device->address.type;
    if (type != MODEL_ADDRESS_UNSET && type != MODEL_ADDRESS_PCI)
        return PCI_NONE;
    return class == PCI_ROOT_BUS ? PCI_NONE : class;
}

bool pci_is_placed(const struct model_device *device)
{
    return device->address.type == MODEL_ADDRESS_PCI && device->address.assigned;
}

void pci_place_at(struct pci_bus *bus, unsigned slot, unsigned function, enum pci_class class,
                  struct model_device *device)
{
    struct model_address *address = &device->address;
    address->node.present = true;
    address->type = MODEL_ADDRESS_PCI;
    address->assigned = true;
    address->domain = 0;
    address->bus = bus->index;
    address->slot = slot;
    address->function = function;
    occupy(bus, device, class);
}

/* ---- finding a place ---- */

int pci_free_slot(const struct pci_bus *bus)
{
    for (unsigned slot = bus->model->first; slot <= bus->model->last; slot++)
        if (bus->used[slot] == 0)
            return (int)slot;
    return -1;
}

static unsigned free_slots(const struct pci_map *map, unsigned kind)
{
    unsigned count = 0;
    VECTOR_FOR_EACH (&map->buses, struct pci_bus, bus)
        for (unsigned slot = bus->model->first; bus->model->bus == kind && slot <= bus->model->last;
             slot++)
            count += bus->used[slot] == 0;
    return count;
}

static bool has_free(const struct pci_map *map, unsigned kind)
{
    return free_slots(map, kind) > 0;
}

/* A bus hangs on one with a lower number (see check_order()); everything else on any. */
static uint32_t bus_bound(const struct family *family, const struct model_device *device)
{
    const struct model_controller *controller = (const struct model_controller *)device;
    bool bus = family->kind == MODEL_DEVICE_CONTROLLER && controller->type == MODEL_CONTROLLER_PCI;
    return bus ? (uint32_t)controller->index.value : UINT32_MAX;
}

static bool place_on(struct pci_map *map, unsigned kind, bool hotplug, enum pci_class class,
                     const struct family *family, struct model_device *device)
{
    VECTOR_FOR_EACH (&map->buses, struct pci_bus, bus) {
        if (bus->model->bus != kind || (hotplug && !bus->hotplug) ||
            bus->index >= bus_bound(family, device))
            continue;
        int slot = pci_free_slot(bus);
        if (slot < 0)
            continue;
        pci_place_at(bus, (unsigned)slot, 0, class, device);
        return true;
    }
    return false;
}

/* Root ports share slots, eight to one. */
static bool place_port(struct pci_map *map, struct model_device *device)
{
    struct pci_bus *root = pci_bus_at(map, 0);
    for (unsigned slot = 2; slot < PCI_SLOTS; slot++) {
        if (root->used[slot] != root->ports[slot] || root->used[slot] == 0xff)
            continue;
        unsigned function = (unsigned)__builtin_ctz(~(unsigned)root->used[slot]);
        pci_place_at(root, slot, function, PCI_PORT, device);
        return true;
    }
    return false;
}

static bool place(struct build *b, struct pci_map *map, const struct family *family,
                  struct model_device *device, enum pci_class class);

static struct model_controller *add_controller(struct build *b, struct pci_map *map,
                                               const char *model)
{
    uint32_t index = 1;
    while (pci_bus_at(map, index))
        index++;
    struct model_controller *controller =
        defaults_add_controller(b, MODEL_CONTROLLER_PCI, index, model);
    if (!controller || !add_bus(b, map, controller) ||
        !place(b, map, family_find(MODEL_DEVICE_CONTROLLER), &controller->device,
               pci_model_find(model)->class))
        return NULL;
    return controller;
}

static bool full(struct build *b, const struct family *family, const struct model_device *device)
{
    return build_refuse(b, &device->node, family->element,
                        b->running ? "the running domain has no free PCI slot for it: define spare "
                                     "pcie-root-port controllers, or remove a device"
                                   : "there is no free PCI slot for it");
}

static bool place_express(struct build *b, struct pci_map *map, const struct family *family,
                          struct model_device *device)
{
    if (place_on(map, PCI_BUS_PORT, b->running, PCI_EXPRESS, family, device))
        return true;
    if (b->running)
        return full(b, family, device);
    return add_controller(b, map, ROOT_PORT) &&
           (place_on(map, PCI_BUS_PORT, false, PCI_EXPRESS, family, device) ||
            full(b, family, device));
}

static bool place_conventional(struct build *b, struct pci_map *map, const struct family *family,
                               struct model_device *device, enum pci_class class)
{
    bool bridge = family->kind == MODEL_DEVICE_CONTROLLER &&
                  pci_model_find(((struct model_controller *)device)->model);
    /* the last slot is a bridge's, which brings 31 more */
    if (!b->running && !bridge && !map->express && free_slots(map, PCI_BUS_CONVENTIONAL) == 1 &&
        !add_controller(b, map, "pci-bridge"))
        return false;
    if (place_on(map, PCI_BUS_CONVENTIONAL, b->running, class, family, device))
        return true;
    if (b->running || !map->express || bridge)
        return full(b, family, device);
    /* the port first: a bus must have a lower number than those behind it */
    bool port = has_free(map, PCI_BUS_PORT) || add_controller(b, map, ROOT_PORT);
    return port && add_controller(b, map, "pcie-to-pci-bridge") &&
           (place_on(map, PCI_BUS_CONVENTIONAL, false, class, family, device) ||
            full(b, family, device));
}

static bool place(struct build *b, struct pci_map *map, const struct family *family,
                  struct model_device *device, enum pci_class class)
{
    switch (class) {
    case PCI_EXPRESS:
        if (map->express)
            return place_express(b, map, family, device);
        return place_conventional(b, map, family, device, class);
    case PCI_CONVENTIONAL:
        return place_conventional(b, map, family, device, class);
    case PCI_INTEGRATED:
        return (!b->running &&
                place_on(map, pci_bus_at(map, 0)->model->bus, false, class, family, device)) ||
               full(b, family, device);
    case PCI_PORT:
        return (map->express && !b->running && place_port(map, device)) || full(b, family, device);
    case PCI_DOWNSTREAM:
        return place_on(map, PCI_BUS_SWITCH, b->running, class, family, device) ||
               full(b, family, device);
    case PCI_NONE:
    case PCI_ROOT_BUS:
        break;
    }
    return true;
}

/* ---- the whole domain ---- */

/* One pass over all devices. */
typedef bool (*pci_pass)(struct build *b, struct pci_map *map, const struct family *family,
                         struct model_device *device);

static bool run_pass(struct build *b, struct pci_map *map, const enum model_device_class *order,
                     size_t count, pci_pass pass)
{
    for (size_t i = 0; i < count; i++) {
        const struct family *family = family_find(order[i]);
        const struct model_array *devices = family_devices(family, b->domain);
        for (uint32_t n = 0; n < devices->count; n++)
            if (class_of(b, family, devices->items[n]) != PCI_NONE &&
                !pass(b, map, family, devices->items[n]))
                return false;
    }
    return true;
}

static bool pass_claim(struct build *b, struct pci_map *map, const struct family *family,
                       struct model_device *device)
{
    return !pci_is_placed(device) || claim(b, map, family, device);
}

static bool pass_custom(struct build *b, struct pci_map *map, const struct family *family,
                        struct model_device *device)
{
    if (!pci_is_placed(device))
        pci_place_custom(b, map, family, device, class_of(b, family, device));
    return true;
}

static bool pass_bridges(struct build *b, struct pci_map *map, const struct family *family,
                         struct model_device *device)
{
    const struct model_controller *controller = (const struct model_controller *)device;
    return controller->type != MODEL_CONTROLLER_PCI || pci_is_placed(device) ||
           place(b, map, family, device, class_of(b, family, device));
}

static bool pass_rest(struct build *b, struct pci_map *map, const struct family *family,
                      struct model_device *device)
{
    return pci_is_placed(device) || place(b, map, family, device, class_of(b, family, device));
}

/* What a guest that is defined again elsewhere would get as well: the order is part of how domains
 * look from inside. */
static const enum model_device_class place_order[] = {
    MODEL_DEVICE_FILESYSTEM, MODEL_DEVICE_INTERFACE, MODEL_DEVICE_SOUND,
    MODEL_DEVICE_CONTROLLER, MODEL_DEVICE_DISK,      MODEL_DEVICE_HOSTDEV,
    MODEL_DEVICE_MEMBALLOON, MODEL_DEVICE_RNG,       MODEL_DEVICE_WATCHDOG,
    MODEL_DEVICE_IOMMU,      MODEL_DEVICE_VSOCK,     MODEL_DEVICE_VIDEO,
    MODEL_DEVICE_SHMEM,      MODEL_DEVICE_INPUT,     MODEL_DEVICE_SERIAL,
    MODEL_DEVICE_PANIC,      MODEL_DEVICE_MEMORY,    MODEL_DEVICE_CRYPTO,
};

static bool map_buses(struct build *b, struct pci_map *map)
{
    map->express = build_is_q35(b->domain);
    MODEL_FOR_EACH(&b->domain->devices.controllers, struct model_controller, controller)
    if (controller->type == MODEL_CONTROLLER_PCI && !add_bus(b, map, controller))
        return false;
    const struct pci_bus *root = pci_bus_at(map, 0);
    if (!root || root->model->class != PCI_ROOT_BUS)
        return build_refuse(b, NULL, "devices/controller",
                            "the PCI controller with index 0 must be %s",
                            map->express ? "pcie-root" : "pci-root");
    if ((root->model->bus == PCI_BUS_ROOT) != map->express)
        return build_refuse(b, NULL, "devices/controller", "a machine of type '%s' has no %s",
                            b->domain->os.type.machine, root->model->model);
    occupy_chipset(map);
    return run_pass(b, map, place_order, ARRAY_SIZE(place_order), pass_claim);
}

static bool has_ports(const struct build *b)
{
    MODEL_FOR_EACH(&b->domain->devices.controllers, struct model_controller, controller)
    if (controller->type == MODEL_CONTROLLER_PCI && string_equal(controller->model, ROOT_PORT))
        return true;
    return false;
}

static bool add_spares(struct build *b, struct pci_map *map)
{
    for (unsigned i = 0; i < PCI_SPARE_PORTS; i++)
        if (!add_controller(b, map, ROOT_PORT))
            return false;
    return true;
}

/* What a port says of itself to the guest, and the flag of slots with several functions. */
static void finish(struct build *b, struct pci_map *map)
{
    MODEL_FOR_EACH(&b->domain->devices.controllers, struct model_controller, controller)
    if (controller->type == MODEL_CONTROLLER_PCI)
        defaults_pci_target(b->domain, controller);
    VECTOR_FOR_EACH (&map->buses, struct pci_bus, bus)
        for (unsigned slot = 0; slot < PCI_SLOTS; slot++) {
            struct model_device *device = bus->function0[slot];
            bool several = bus->used[slot] & ~1u;
            if (device && several && device->address.multifunction == MODEL_SWITCH_UNSET)
                device->address.multifunction = MODEL_SWITCH_ON;
        }
}

bool pci_assign(struct build *b)
{
    AUTO(pci_map_fini) struct pci_map map = {.buses = VECTOR_INIT(struct pci_bus)};
    bool spare = build_is_q35(b->domain) && !has_ports(b);
    static const enum model_device_class controllers[] = {MODEL_DEVICE_CONTROLLER};
    size_t count = ARRAY_SIZE(place_order);
    if (!map_buses(b, &map) || !run_pass(b, &map, place_order, count, pass_custom) ||
        !run_pass(b, &map, controllers, 1, pass_bridges) ||
        !run_pass(b, &map, place_order, count, pass_rest) || (spare && !add_spares(b, &map)))
        return false;
    finish(b, &map);
    return true;
}

bool pci_assign_device(struct build *b, const struct family *family, struct model_device *device)
{
    enum pci_class class = class_of(b, family, device);
    if (class == PCI_NONE || pci_is_placed(device))
        return true;
    AUTO(pci_map_fini) struct pci_map map = {.buses = VECTOR_INIT(struct pci_bus)};
    return map_buses(b, &map) && place(b, &map, family, device, class);
}
