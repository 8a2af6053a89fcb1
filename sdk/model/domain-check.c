/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "model/check.h"

#include <base/error.h>
#include <base/string.h>
#include <base/uuid.h>
#include <base/vector.h>
#include <inttypes.h>

#define MODEL_TEXT_CONTROLS "\n\r\t\x7f" /* XML 1.0, section 2.2 */

bool check_fail(const struct model_domain *domain, const struct model_node *node,
                struct hvk_error *err, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    hvk_error_vset(err, HVK_ERR_XML_ERROR, format, arguments);
    va_end(arguments);
    const char *name = domain->name ? domain->name : "";
    if (node && node->line)
        hvk_error_prefix(err, "domain '%s', line %u, column %u", name, node->line, node->column);
    else
        hvk_error_prefix(err, "domain '%s'", name);
    return hvk_error_from(err, HVK_FROM_XML);
}

/* A name becomes part of paths and of messages. */
static bool check_name(const struct model_domain *domain, struct hvk_error *err)
{
    const char *name = domain->name;
    if (!name || name[strspn(name, " \t")] == '\0')
        return check_fail(domain, &domain->node, err, "the name is empty");
    if (strlen(name) >= MODEL_NAME_SIZE)
        return check_fail(domain, &domain->node, err, "the name is longer than %d bytes",
                          MODEL_NAME_SIZE - 1);
    if (strchr(name, '/') || strcmp(name, ".") == 0 || strcmp(name, "..") == 0)
        return check_fail(domain, &domain->node, err,
                          "a name must not hold '/' nor be '.' or '..'");
    if (!string_is_clean_utf8(name, ""))
        return check_fail(domain, &domain->node, err, "a name must not hold control characters");
    if (domain->title && strchr(domain->title, '\n'))
        return check_fail(domain, &domain->node, err, "the title must be a single line");
    /* Text that came from elsewhere than XML would make XML that nobody can read. */
    if ((domain->title && !string_is_clean_utf8(domain->title, MODEL_TEXT_CONTROLS)) ||
        (domain->description && !string_is_clean_utf8(domain->description, MODEL_TEXT_CONTROLS)))
        return check_fail(domain, &domain->node, err,
                          "title and description must be UTF-8 text without control characters");
    if (domain->uuid.set && uuid_is_null(domain->uuid.bytes))
        return check_fail(domain, &domain->node, err, "the UUID must not be all zeros");
    return true;
}

static bool check_memory(const struct model_domain *domain, struct hvk_error *err)
{
    const struct model_memory *memory = &domain->memory;
    if (memory->kib == 0)
        return check_fail(domain, memory->node.present ? &memory->node : &domain->node, err,
                          "the amount of <memory> is missing or zero");
    if (domain->current_memory.kib > memory->kib)
        return check_fail(domain, &domain->current_memory.node, err,
                          "currentMemory (%" PRIu64 " KiB) is more than memory (%" PRIu64 " KiB)",
                          domain->current_memory.kib, memory->kib);
    const struct model_memory *most = &domain->max_memory;
    if (most->node.present && most->kib < memory->kib)
        return check_fail(domain, &most->node, err,
                          "maxMemory (%" PRIu64 " KiB) is less than memory (%" PRIu64 " KiB)",
                          most->kib, memory->kib);
    if (most->node.present && (!most->slots.set || most->slots.value == 0))
        return check_fail(domain, &most->node, err,
                          "maxMemory needs the number of slots: slots='16'");
    return true;
}

static bool check_topology(const struct model_domain *domain, struct hvk_error *err)
{
    const struct model_cpu_topology *topology = &domain->cpu.topology;
    if (!topology->node.present)
        return true;
    uint64_t total = 1;
    const struct model_uint *factors[] = {&topology->sockets, &topology->dies, &topology->clusters,
                                          &topology->cores, &topology->threads};
    for (size_t i = 0; i < ARRAY_SIZE(factors); i++) {
        uint64_t factor = factors[i]->set ? factors[i]->value : 1;
        if (__builtin_mul_overflow(total, factor, &total))
            total = UINT64_MAX;
    }
    if (total != domain->vcpu.maximum)
        return check_fail(domain, &topology->node, err,
                          "the CPU topology has room for %" PRIu64 " vCPUs, but <vcpu> says %u",
                          total, domain->vcpu.maximum);
    return true;
}

static bool check_numa(const struct model_domain *domain, struct hvk_error *err)
{
    MODEL_FOR_EACH(&domain->cpu.numa.cells, struct model_numa_cell, cell)
    {
        const char *at = cell->cpus;
        uint32_t first;
        uint32_t last;
        while (model_set_next(&at, &first, &last)) {
            if (last >= domain->vcpu.maximum)
                return check_fail(domain, &cell->node, err,
                                  "the NUMA cell has vCPU %u, but the last one is %u", last,
                                  domain->vcpu.maximum - 1);
        }
        if (cell->id.set && cell->id.value >= domain->cpu.numa.cells.count)
            return check_fail(domain, &cell->node, err,
                              "NUMA cells are numbered from 0 to %u without gaps",
                              domain->cpu.numa.cells.count - 1);
    }
    return true;
}

static bool check_vcpus(const struct model_domain *domain, struct hvk_error *err)
{
    const struct model_vcpu_total *vcpu = &domain->vcpu;
    if (vcpu->current.set && vcpu->current.value > vcpu->maximum)
        return check_fail(domain, &vcpu->node, err,
                          "the current number of vCPUs (%" PRIu64 ") is more than there are (%u)",
                          vcpu->current.value, vcpu->maximum);
    MODEL_FOR_EACH(&domain->vcpus.items, struct model_vcpu, item)
    {
        if (item->id.value >= vcpu->maximum)
            return check_fail(domain, &item->node, err,
                              "there is no vCPU %" PRIu64 "; the last one is %u", item->id.value,
                              vcpu->maximum - 1);
    }
    return check_topology(domain, err) && check_numa(domain, err);
}

static int number_compare(const void *left, const void *right)
{
    uint64_t a = *(const uint64_t *)left;
    uint64_t b = *(const uint64_t *)right;
    return (a > b) - (a < b);
}

/* Ids that are not listed are given in order from 1, so with fewer listed than there are, any id
 * up to their number may exist. */
static bool iothread_exists(const struct model_domain *domain, const struct vector *listed,
                            uint64_t id)
{
    if (listed->count > 0 && bsearch(&id, listed->items, listed->count, sizeof id, number_compare))
        return true;
    uint64_t total = domain->iothreads.set ? domain->iothreads.value : listed->count;
    return total > listed->count && id <= total;
}

static bool check_iothreads(const struct model_domain *domain, struct hvk_error *err)
{
    auto_vector listed = VECTOR_INIT(uint64_t);
    MODEL_FOR_EACH(&domain->iothreadids.items, struct model_iothread, thread)
    {
        if (!vector_push(&listed, &thread->id.value))
            return hvk_error_memory(err);
    }
    if (listed.count > 1)
        qsort(listed.items, listed.count, sizeof(uint64_t), number_compare);
    MODEL_FOR_EACH(&domain->devices.disks, struct model_disk, disk)
    {
        const struct model_uint *id = &disk->driver.iothread;
        if (id->set && !iothread_exists(domain, &listed, id->value))
            return check_fail(domain, &disk->driver.node, err,
                              "there is no I/O thread %" PRIu64 "; add it to <iothreadids>",
                              id->value);
    }
    return true;
}

static bool check_boot(const struct model_domain *domain, struct hvk_error *err)
{
    struct model_device_ref at = {0};
    if (domain->os.boots.count == 0)
        return true;
    while (model_device_next(domain, &at)) {
        if (at.device->boot.order.set)
            return check_fail(
                domain, &at.device->boot.node, err,
                "a device's own <boot order> cannot be used together with <os><boot>; "
                "remove one of them");
    }
    return true;
}

bool model_domain_check(const struct model_domain *domain, struct hvk_error *err)
{
    static bool (*const checks[])(const struct model_domain *domain, struct hvk_error *err) = {
        check_name, check_memory,  check_vcpus,  check_iothreads,
        check_boot, check_sources, check_unique,
    };
    for (size_t i = 0; i < ARRAY_SIZE(checks); i++) {
        if (!checks[i](domain, err))
            return false;
    }
    return true;
}
