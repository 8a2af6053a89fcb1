/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The start of the command line: who the guest is, its board and accelerator, and the monitor. */
#include "command/machine.h"

#include <base/uuid.h>

/* The accelerator is what the definition says and nothing else: a guest that asks for KVM gets KVM
 * or an error. */
static const struct {
    enum model_virt type;
    const char *accelerator;
} accelerators[] = {{MODEL_VIRT_KVM, "kvm"}, {MODEL_VIRT_QEMU, "tcg"}};

static bool add_name(struct build *b)
{
    return build_option_keyval(
               b, "-name", NULL,
               json_pack("{s:s,s:b}", "guest", b->domain->name, "debug-threads", 1)) &&
           (!(b->in->flags & COMMAND_PAUSED) || build_option(b, "-S", NULL));
}

static bool add_accelerator(struct build *b)
{
    const struct model_features *features = &b->domain->features;
    const char *accelerator = NULL;
    for (size_t i = 0; i < ARRAY_SIZE(accelerators); i++)
        if (accelerators[i].type == b->domain->type)
            accelerator = accelerators[i].accelerator;
    if (!accelerator)
        return build_refuse(b, &b->domain->node, "domain", "type '%s' is not QEMU's: kvm or qemu",
                            model_word(&model_virt_words, b->domain->type));
    json_t *json = json_pack("{s:s}", "accel", accelerator);
    bool kvm = b->domain->type == MODEL_VIRT_KVM;
    if (features->kvm.dirty_ring.state == MODEL_SWITCH_ON && kvm)
        json_put_uint(json, "dirty-ring-size", features->kvm.dirty_ring.size);
    if (features->tcg.tb_cache.set && !kvm)
        json_object_set_new(json, "tb-size",
                            json_integer((json_int_t)(features->tcg.tb_cache.value / 1024)));
    return build_option_keyval(b, "-accel", "accel", json);
}

/* Options of -machine that follow the definition. */
static void put_machine_features(const struct build *b, json_t *machine)
{
    const struct model_domain *domain = b->domain;
    const struct model_features *features = &domain->features;
    json_put_onoff(machine, "vmport", features->vmport.state);
    json_put_onoff(machine, "smm", features->smm.state);
    if (!features->acpi)
        json_object_set_new(machine, "acpi", json_false());
    MODEL_FOR_EACH(&domain->clock.timers, struct model_timer, timer)
    if (timer->name == MODEL_TIMER_HPET)
        json_put_onoff(machine, "hpet", timer->present);
    /* SeaBIOS writes to the first serial port of a machine without a screen */
    if (domain->os.bios.useserial == MODEL_SWITCH_ON)
        json_put_string(machine, "graphics", "off");
    if (features->ioapic.driver && domain->type == MODEL_VIRT_KVM)
        json_put_string(machine, "kernel_irqchip",
                        features->ioapic.driver == MODEL_IOAPIC_QEMU ? "split" : "on");
    json_object_set_new(machine, "dump-guest-core",
                        json_boolean(domain->memory.dump_core == MODEL_SWITCH_ON));
    if (domain->memory_backing.nosharepages)
        json_object_set_new(machine, "mem-merge", json_false());
    MODEL_FOR_EACH(&domain->devices.memories, struct model_memory_device, memory)
    if (memory->model == MODEL_MEMORY_MODEL_NVDIMM)
        json_object_set_new(machine, "nvdimm", json_true());
}

static bool add_machine(struct build *b)
{
    /* the firmware first: what is chosen may need SMM */
    auto_json *flash = json_object();
    if (!flash || !firmware_build(b, flash))
        return flash ? false : hvk_error_memory(b->err);
    json_t *machine = json_pack("{s:s,s:b}", "type", b->domain->os.type.machine, "usb", 0);
    if (!machine)
        return hvk_error_memory(b->err);
    put_machine_features(b, machine);
    if (memory_has_backend(b))
        json_object_set_new(machine, "memory-backend", json_string(MEMORY_BACKEND_ID));
    json_object_update(machine, flash);
    return build_option_keyval(b, "-machine", "type", machine) && add_accelerator(b);
}

static bool add_uuid(struct build *b)
{
    char text[HVK_UUID_STRING_SIZE];
    uuid_format(b->domain->uuid.bytes, text);
    return build_option(b, "-uuid", text);
}

/* QEMU shall neither read a configuration nor add devices of its own choice. */
static bool add_monitor(struct build *b)
{
    if (!build_option(b, "-no-user-config", NULL) || !build_option(b, "-nodefaults", NULL))
        return false;
    if (b->in->monitor_fd < 0)
        return true;
    return build_option_format(b, "-chardev",
                               "socket,id=" COMMAND_MONITOR_ID ",fd=%d,server=on,wait=off",
                               b->in->monitor_fd) &&
           build_option(b, "-mon", "chardev=" COMMAND_MONITOR_ID ",id=monitor,mode=control");
}

bool machine_check(struct build *b)
{
    const struct model_os_type *type = &b->domain->os.type;
    const struct model_bios *bios = &b->domain->os.bios;
    if (bios->useserial == MODEL_SWITCH_ON && b->domain->devices.serials.count == 0)
        return build_refuse(b, &bios->node, "os/bios/@useserial", "it needs a serial port");
    if (type->kind && type->kind != MODEL_OS_HVM)
        return build_refuse(b, &type->node, "os/type", "QEMU runs guests of type hvm, not '%s'",
                            model_word(&model_os_kind_words, type->kind));
    bool pc = string_equal(type->arch, "x86_64") || string_equal(type->arch, "i686");
    if (!pc || !string_equal(caps_get_arch(b->caps), type->arch))
        return build_refuse(b, &type->node, "os/type/@arch", "%s emulates %s, not '%s'",
                            caps_get_path(b->caps), caps_get_arch(b->caps), type->arch);
    if (!build_is_q35(b->domain) && !build_is_i440fx(b->domain))
        return build_refuse(
            b, &type->node, "os/type/@machine",
            "machines of type '%s' are not supported: use a pc-q35 or pc-i440fx one",
            type->machine);
    return true;
}

bool machine_build(struct build *b)
{
    return add_name(b) && add_machine(b) && cpu_build(b) && memory_build(b) && add_uuid(b) &&
           add_monitor(b) && platform_build(b) && boot_build(b);
}
