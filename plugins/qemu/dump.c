/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "job.h"
#include "save.h"

#define DUMP_FD_NAME "dump"

static const struct {
    uint32_t number;
    const char *name;
} dump_formats[] = {
    {HVK_DOMAIN_DUMP_FORMAT_RAW, "elf"},
    {HVK_DOMAIN_DUMP_FORMAT_KDUMP_ZLIB, "kdump-zlib"},
    {HVK_DOMAIN_DUMP_FORMAT_KDUMP_LZO, "kdump-lzo"},
    {HVK_DOMAIN_DUMP_FORMAT_KDUMP_SNAPPY, "kdump-snappy"},
    {HVK_DOMAIN_DUMP_FORMAT_WIN_DMP, "win-dmp"},
};

static const char *dump_format(uint32_t number)
{
    for (size_t i = 0; i < ARRAY_SIZE(dump_formats); i++)
        if (dump_formats[i].number == number)
            return dump_formats[i].name;
    return NULL;
}

static bool start_dump(struct hvk_call *call, struct machine *machine, int fd, const char *format,
                       bool live)
{
    struct run *run = machine->run;
    json_t *arguments = json_pack("{s:b, s:s, s:b, s:s}", "paging", 0, "protocol",
                                  "fd:" DUMP_FD_NAME, "detach", 1, "format", format);
    run->own_stop = run->job_resume && !live;
    if (run->job_resume && !live && !machine_command(call, machine, "stop", NULL, NULL)) {
        json_decref(arguments);
        return false;
    }
    if (!monitor_call_fd(call, run->monitor, "getfd", json_pack("{s:s}", "fdname", DUMP_FD_NAME),
                         fd) ||
        !machine_still_runs(call, machine)) {
        json_decref(arguments);
        return false;
    }
    return machine_command(call, machine, "dump-guest-memory", arguments, NULL);
}

bool save_dump(struct hvk_call *call, struct machine *machine, const char *path, uint32_t format,
               uint32_t flags)
{
    const char *name = dump_format(format);
    if (!name || !(flags & HVK_DOMAIN_DUMP_MEMORY_ONLY))
        return hvk_error_set(&call->error, HVK_ERR_ARGUMENT_UNSUPPORTED,
                             "a dump holds the guest's memory alone: give the flag MEMORY_ONLY and "
                             "one of the known formats");
    if (!job_check_idle(call, machine))
        return false;
    struct run *run = machine->run;
    run->job_managed = false;
    auto_fd int fd =
        job_begin(call, machine, MACHINE_JOB_DUMP, HVK_DOMAIN_JOB_OPERATION_DUMP, path);
    if (fd < 0)
        return false;
    uint32_t serial = machine->job_serial;
    run->job_fd = dup(fd);
    run->dump_crash = flags & HVK_DOMAIN_DUMP_CRASH;
    run->dump_reset = flags & HVK_DOMAIN_DUMP_RESET;
    if (!start_dump(call, machine, fd, name, flags & HVK_DOMAIN_DUMP_LIVE)) {
        struct hvk_error why = call->error;
        if (machine->run == run && machine->job_serial == serial)
            job_fail(call, machine, &why);
        call->error = machine->job_serial == serial ? why : machine->job_result;
        return false;
    }
    return job_wait(call, machine, serial);
}
