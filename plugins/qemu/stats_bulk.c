/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* All figures of a domain in one list: a table of groups, each of which writes its own. */
#include <stdio.h>
#include <string.h>

#include <base/string.h>

#include "domain.h"
#include "machine.h"
#include "stats_sources.h"
#include "vcpus.h"

struct collection {
    struct hvk_call *call;
    struct machine *machine;
    struct hvk_param_sink *out;
    uint32_t flags;
};

/* "net.3.rx.bytes" */
static const char *indexed(char *name, size_t size, const char *group, uint32_t index,
                           const char *word)
{
    snprintf(name, size, "%s.%u.%s", group, index, word);
    return name;
}

static bool put_state(const struct collection *c)
{
    return hvk_put_param_i32(c->out, "state.state", c->machine->state) &&
           hvk_put_param_i32(c->out, "state.reason", c->machine->reason);
}

static bool put_cpu(const struct collection *c)
{
    uint64_t user, system;
    if (!machine_is_active(c->machine) ||
        !stats_process_times(c->machine->run->qemu.pid, &user, &system))
        return true;
    return hvk_put_param_u64(c->out, "cpu.time", user + system) &&
           hvk_put_param_u64(c->out, "cpu.user", user) &&
           hvk_put_param_u64(c->out, "cpu.system", system);
}

static bool has_monitor(const struct machine *machine)
{
    return machine_is_active(machine) && machine->run->monitor &&
           !monitor_is_lost(machine->run->monitor);
}

static bool put_balloon(const struct collection *c)
{
    const struct model_domain *source = machine_current(c->machine);
    uint64_t now = c->machine->balloon_kib               ? c->machine->balloon_kib
                   : source->current_memory.node.present ? source->current_memory.kib
                                                         : source->memory.kib;
    if (!hvk_put_param_u64(c->out, "balloon.current", now) ||
        !hvk_put_param_u64(c->out, "balloon.maximum", source->memory.kib))
        return false;
    struct memory_figures figures;
    if (!has_monitor(c->machine))
        return true;
    if (!stats_memory(c->call, c->machine, &figures))
        return false;
    for (uint32_t i = 0; i < figures.count; i++) {
        const char *word = stats_memory_word(figures.items[i].tag);
        char name[64];
        snprintf(name, sizeof name, "balloon.%s", word ? word : "");
        if (word && !hvk_put_param_u64(c->out, name, figures.items[i].value))
            return false;
    }
    return true;
}

static bool put_one_vcpu(const struct collection *c, const json_t *cpu)
{
    char name[64];
    uint64_t user = 0, system = 0;
    int32_t processor = -1;
    uint32_t index = (uint32_t)json_integer_value(json_object_get(cpu, "cpu-index"));
    vcpus_thread_times(c->machine->run->qemu.pid,
                       (int32_t)json_integer_value(json_object_get(cpu, "thread-id")), &user,
                       &system, &processor);
    return hvk_put_param_i32(c->out, indexed(name, sizeof name, "vcpu", index, "state"),
                             HVK_VCPU_RUNNING) &&
           hvk_put_param_u64(c->out, indexed(name, sizeof name, "vcpu", index, "time"),
                             user + system);
}

static bool put_vcpus(const struct collection *c)
{
    const struct model_vcpu_total *vcpu = &machine_current(c->machine)->vcpu;
    uint32_t now = vcpu->current.set ? (uint32_t)vcpu->current.value : vcpu->maximum;
    if (!hvk_put_param_u32(c->out, "vcpu.current", now) ||
        !hvk_put_param_u32(c->out, "vcpu.maximum", vcpu->maximum))
        return false;
    json_t *cpus = NULL;
    if (!has_monitor(c->machine))
        return true;
    if (!machine_command(c->call, c->machine, "query-cpus-fast", NULL, &cpus))
        return false;
    bool ok = true;
    size_t i;
    json_t *cpu;
    json_array_foreach(cpus, i, cpu) ok = ok && put_one_vcpu(c, cpu);
    json_decref(cpus);
    return ok;
}

static const struct {
    const char *word;
    size_t member;
} interface_words[] = {
    {"rx.bytes", offsetof(struct hvk_domain_interface_stats, rx_bytes)},
    {"rx.pkts", offsetof(struct hvk_domain_interface_stats, rx_packets)},
    {"rx.errs", offsetof(struct hvk_domain_interface_stats, rx_errors)},
    {"rx.drop", offsetof(struct hvk_domain_interface_stats, rx_dropped)},
    {"tx.bytes", offsetof(struct hvk_domain_interface_stats, tx_bytes)},
    {"tx.pkts", offsetof(struct hvk_domain_interface_stats, tx_packets)},
    {"tx.errs", offsetof(struct hvk_domain_interface_stats, tx_errors)},
    {"tx.drop", offsetof(struct hvk_domain_interface_stats, tx_dropped)},
};

static bool put_one_interface(const struct collection *c, uint32_t index, const char *device)
{
    struct hvk_domain_interface_stats stats = {.size = sizeof stats};
    struct hvk_error ignored = {.size = sizeof ignored};
    char name[64];
    if (!hvk_put_param_string(c->out, indexed(name, sizeof name, "net", index, "name"), device))
        return false;
    if (!stats_interface(device, &stats, &ignored))
        return true;
    for (size_t i = 0; i < ARRAY_SIZE(interface_words); i++) {
        int64_t value =
            *(const int64_t *)(const void *)((const char *)&stats + interface_words[i].member);
        if (value >= 0 &&
            !hvk_put_param_u64(c->out,
                               indexed(name, sizeof name, "net", index, interface_words[i].word),
                               (uint64_t)value))
            return false;
    }
    return true;
}

static bool put_interfaces(const struct collection *c)
{
    const struct model_domain *source = machine_current(c->machine);
    uint32_t index = 0;
    if (!machine_is_active(c->machine))
        return true;
    MODEL_FOR_EACH(&source->devices.interfaces, struct model_interface, counted)
    index += counted->target.dev != NULL;
    if (!hvk_put_param_u32(c->out, "net.count", index))
        return false;
    index = 0;
    MODEL_FOR_EACH(&source->devices.interfaces, struct model_interface, interface)
    if (interface->target.dev && !put_one_interface(c, index++, interface->target.dev))
        return false;
    return true;
}

static bool put_one_block(const struct collection *c, uint32_t index, const struct model_disk *disk,
                          const json_t *figures, const json_t *blocks)
{
    const char *path = disk->source.file ? disk->source.file : disk->source.dev;
    struct hvk_domain_block_info size = {.size = sizeof size};
    struct hvk_error ignored = {.size = sizeof ignored};
    char name[64];
    if (!hvk_put_param_string(c->out, indexed(name, sizeof name, "block", index, "name"),
                              disk->target.dev) ||
        (path &&
         !hvk_put_param_string(c->out, indexed(name, sizeof name, "block", index, "path"), path)))
        return false;
    for (size_t i = 0; figures && i < block_figure_count; i++)
        if (!hvk_put_param_u64(c->out,
                               indexed(name, sizeof name, "block", index, block_figures[i].word),
                               (uint64_t)stats_block_figure(figures, disk, &block_figures[i])))
            return false;
    if (!stats_block_size(disk, blocks, &size, &ignored))
        return true;
    return hvk_put_param_u64(c->out, indexed(name, sizeof name, "block", index, "allocation"),
                             size.allocation) &&
           hvk_put_param_u64(c->out, indexed(name, sizeof name, "block", index, "capacity"),
                             size.capacity) &&
           hvk_put_param_u64(c->out, indexed(name, sizeof name, "block", index, "physical"),
                             size.physical);
}

static bool put_blocks(const struct collection *c)
{
    const struct model_domain *source = machine_current(c->machine);
    struct monitor *monitor = has_monitor(c->machine) ? c->machine->run->monitor : NULL;
    auto_monitor_batch batch = MONITOR_BATCH_INIT(monitor);
    const json_t *figures = NULL;
    const json_t *blocks = NULL;
    struct hvk_error *err = &c->call->error;
    if (monitor && (!monitor_batch_add(&batch, "query-blockstats", NULL, err) ||
                    !monitor_batch_add(&batch, "query-block", NULL, err) ||
                    !monitor_batch_wait(c->call, &batch, MONITOR_TIMEOUT_MS) ||
                    !machine_still_runs(c->call, c->machine) ||
                    !(figures = monitor_batch_result(&batch, 0, err)) ||
                    !(blocks = monitor_batch_result(&batch, 1, err))))
        return false;
    uint32_t index = 0;
    if (!hvk_put_param_u32(c->out, "block.count", source->devices.disks.count))
        return false;
    MODEL_FOR_EACH(&source->devices.disks, struct model_disk, disk)
    if (!put_one_block(c, index++, disk, figures, blocks))
        return false;
    return true;
}

static const struct {
    uint32_t group;
    bool (*put)(const struct collection *c);
} groups[] = {
    {HVK_DOMAIN_STATS_STATE, put_state},          {HVK_DOMAIN_STATS_CPU_TOTAL, put_cpu},
    {HVK_DOMAIN_STATS_BALLOON, put_balloon},      {HVK_DOMAIN_STATS_VCPU, put_vcpus},
    {HVK_DOMAIN_STATS_INTERFACE, put_interfaces}, {HVK_DOMAIN_STATS_BLOCK, put_blocks},
};

bool domain_get_stats(DOMAIN_ARGS, uint32_t stats, uint32_t flags, struct hvk_param_sink *out)
{
    auto_machine struct machine *machine = machine_find(call, instance, domain);
    struct collection collection = {.call = call, .machine = machine, .out = out, .flags = flags};
    uint32_t left = stats;
    if (!machine)
        return false;
    for (size_t i = 0; i < ARRAY_SIZE(groups); i++) {
        left &= ~groups[i].group;
        if ((!stats || stats & groups[i].group) && !groups[i].put(&collection))
            return false;
    }
    return !(flags & HVK_DOMAIN_STATS_ENFORCE) || !left ||
           hvk_error_set(&call->error, HVK_ERR_ARGUMENT_UNSUPPORTED,
                         "the groups 0x%x of figures are not known for QEMU guests", left);
}
