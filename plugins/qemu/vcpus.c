/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "vcpus.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include <base/string.h>

#include "files.h"

/* ---- plugging ------------------------------------------------------------------------------- */

static const char *plug_path(const json_t *slot)
{
    return json_string_value(json_object_get(slot, "qom-path"));
}

/* Called as hotplugged ones are: by the number of the slot. */
static bool plug_one(struct hvk_call *call, struct machine *machine, const json_t *slot,
                     uint32_t number)
{
    json_t *arguments = json_deep_copy(json_object_get(slot, "props"));
    auto_free char *id = string_format("vcpu%u", number);
    const char *type = json_string_value(json_object_get(slot, "type"));
    if (!arguments || !id || !type) {
        json_decref(arguments);
        return hvk_error_set(&call->error, HVK_ERR_OPERATION_UNSUPPORTED,
                             "the machine type of the domain '%s' has no slots for vCPUs",
                             machine->name);
    }
    json_object_set_new(arguments, "driver", json_string(type));
    json_object_set_new(arguments, "id", json_string(id));
    return machine_command(call, machine, "device_add", arguments, NULL);
}

struct unplug {
    const struct machine *machine;
    const struct run *run;
    const char *id;
};

/* Its DEVICE_DELETED has come, or the guest's refusal. */
static bool is_unplugged(void *user)
{
    const struct unplug *unplug = user;
    const struct run *run = unplug->machine->run;
    return run != unplug->run || run->ended || string_equal(run->unplug_refused, unplug->id) ||
           run_was_deleted(run, unplug->id);
}

static bool unplug_one(struct hvk_call *call, struct machine *machine, const json_t *slot)
{
    struct run *run = machine->run;
    const char *path = plug_path(slot);
    const char *id = path ? strrchr(path, '/') + 1 : NULL;
    if (!id || !strstr(path, "/peripheral/"))
        return hvk_error_set(&call->error, HVK_ERR_OPERATION_UNSUPPORTED,
                             "the domain '%s' began with this vCPU: only plugged ones can go",
                             machine->name);
    struct unplug unplug = {.machine = machine, .run = run, .id = id};
    run_forget_deleted(run, id);
    if (!machine_command(call, machine, "device_del", json_pack("{s:s}", "id", id), NULL) ||
        !machine->node->core->lane_wait(call, is_unplugged, &unplug, RUN_UNPLUG_MS) ||
        !machine_still_runs(call, machine))
        return false;
    return run_was_deleted(run, id) ||
           hvk_error_set(&call->error, HVK_ERR_OPERATION_FAILED,
                         "the guest '%s' did not let go of a vCPU", machine->name);
}

/* The slots, the first vCPU last. */
static bool walk_slots(struct hvk_call *call, struct machine *machine, const json_t *slots,
                       uint32_t wanted, uint32_t *present)
{
    size_t total = json_array_size(slots);
    for (size_t i = total; i > 0 && *present < wanted; i--) {
        const json_t *slot = json_array_get(slots, i - 1);
        if (plug_path(slot))
            continue;
        if (!plug_one(call, machine, slot, (uint32_t)(total - i)))
            return false;
        (*present)++;
    }
    for (size_t i = 0; i<total && * present> wanted; i++) {
        const json_t *slot = json_array_get(slots, i);
        if (!plug_path(slot))
            continue;
        if (!unplug_one(call, machine, slot))
            return false;
        (*present)--;
    }
    return true;
}

static uint32_t count_present(const json_t *slots)
{
    uint32_t present = 0;
    size_t i;
    json_t *slot;
    json_array_foreach(slots, i, slot) present += plug_path(slot) != NULL;
    return present;
}

bool vcpus_plug(struct hvk_call *call, struct machine *machine, uint32_t count)
{
    json_t *slots = NULL;
    struct model_vcpu_total *vcpu = &machine->live->vcpu;
    if (count > vcpu->maximum)
        return hvk_error_set(&call->error, HVK_ERR_INVALID_ARG,
                             "%u vCPUs are more than the %u that the domain '%s' may have", count,
                             vcpu->maximum, machine->name);
    if (!machine_command(call, machine, "query-hotpluggable-cpus", NULL, &slots))
        return false;
    uint32_t present = count_present(slots);
    bool ok = walk_slots(call, machine, slots, count, &present);
    json_decref(slots);
    if (!machine->run || machine->run->ended)
        return false;
    /* Whatever was reached is what there is. */
    vcpu->current = present == vcpu->maximum ? (struct model_uint){0} : MODEL_UINT(present);
    return status_write(machine, ok ? &call->error : &(struct hvk_error){.size = 1024}) &&
           machine_publish(call, machine) && ok;
}

/* ---- times ---------------------------------------------------------------------------------- */

bool vcpus_thread_times(int32_t pid, int32_t tid, uint64_t *out_user_ns, uint64_t *out_system_ns,
                        int32_t *out_cpu)
{
    char path[64];
    struct hvk_error ignored = {.size = sizeof ignored};
    snprintf(path, sizeof path, "/proc/%d/task/%d/stat", pid, tid);
    auto_free char *text = files_read(AT_FDCWD, path, 4096, NULL, &ignored);
    char *fields = text ? strrchr(text, ')') : NULL;
    unsigned long long user, system;
    int cpu;
    /* proc(5): fields 14 and 15 are the times in ticks, 39 the processor. */
    if (!fields || sscanf(fields,
                          ") %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %llu %llu %*d %*d %*d %*d "
                          "%*d %*d %*u %*u %*d %*u %*u %*u %*u %*u %*u %*u %*u %*u %*u %*u %*u %*u "
                          "%*d %d",
                          &user, &system, &cpu) != 3)
        return false;
    uint64_t tick_ns = 1000000000u / (uint64_t)sysconf(_SC_CLK_TCK);
    *out_user_ns = user * tick_ns;
    *out_system_ns = system * tick_ns;
    *out_cpu = cpu;
    return true;
}
