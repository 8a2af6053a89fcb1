/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "progress.h"
#include <base/string.h>
#include <inttypes.h>

#define TICK_MILLISECONDS 200u
#define QUESTION_MILLISECONDS 1000u
#define ABORT_MILLISECONDS 5000u

static uint64_t find_number(const struct hvk_param_list *params, const char *name)
{
    for (uint64_t i = 0; i < params->count; i++) {
        const struct hvk_param *param = hvk_param_list_at(params, i);

        if (string_equal(param->name, name) && param->type == HVK_PARAM_UINT64)
            return param->value.u64;
    }
    return 0;
}

static void show(struct progress *progress)
{
    auto_result struct hvk_param_list *params = NULL;
    struct hvk_call call = HVK_CALL_INIT;
    int32_t type = 0;

    call.deadline_ns = hvk_deadline_in(QUESTION_MILLISECONDS);
    if (!hvk_domain_get_job_stats(&call, progress->connection, progress->domain, 0, &type, &params))
        return;
    uint64_t total = find_number(params, HVK_DOMAIN_JOB_PARAM_DATA_TOTAL);
    uint64_t done = find_number(params, HVK_DOMAIN_JOB_PARAM_DATA_PROCESSED);
    if (total == 0)
        return;
    fprintf(stderr, "\r%s '%s': %3" PRIu64 " %% of %" PRIu64 " MiB\033[K", progress->what,
            progress->domain->name, done >= total ? 100 : done * 100 / total, total >> 20);
    progress->shown = true;
}

/* Runs on the interrupt's thread while the call waits in the main one. */
static bool handle(void *user, int signal)
{
    struct progress *progress = user;
    struct hvk_call call = HVK_CALL_INIT;

    if (signal == 0) {
        if (progress->visible)
            show(progress);
        return true;
    }
    call.deadline_ns = hvk_deadline_in(ABORT_MILLISECONDS);
    return hvk_domain_abort_job(&call, progress->connection, progress->domain, 0);
}

void progress_begin(struct progress *progress, struct cli *cli, const struct hvk_domain *domain,
                    const char *what)
{
    *progress = (struct progress){.cli = cli,
                                  .connection = cli->connection,
                                  .domain = domain,
                                  .what = what,
                                  .visible = isatty(STDERR_FILENO) && !cli->settings.quiet};
    interrupt_set_handler(cli->interrupt, handle, progress,
                          progress->visible ? TICK_MILLISECONDS : 0);
}

void progress_end(struct progress *progress)
{
    interrupt_set_handler(progress->cli->interrupt, NULL, NULL, 0);
    if (progress->shown)
        fputs("\r\033[K", stderr);
}
