/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Operations on domains that the core composes of others, or answers from the jobs it keeps. */
#include "job.h"
#include "object.h"
#include "route.h"

#include <base/uuid.h>
#include <errno.h>
#include <hvkit-private/methods.h>
#include <hvkit/domain-driver.h>
#include <runtime/loop.h>
#include <string.h>
#include <sys/socket.h>

/* ---- jobs ----------------------------------------------------------------------------------- */

static bool put_param(void *user, const struct hvk_param *param)
{
    return hvk_put_param(user, param);
}

static int32_t job_type(const struct job_state *state)
{
    if (state->running)
        return HVK_DOMAIN_JOB_UNBOUNDED;
    return state->succeeded ? HVK_DOMAIN_JOB_COMPLETED : HVK_DOMAIN_JOB_FAILED;
}

/* The job that runs, or, with COMPLETED, the last one that ended; then what its driver reported. */
static bool get_job_stats(struct hvk_call *call, struct hvk_connection *connection,
                          const struct invocation *v)
{
    const struct hvk_domain_get_job_stats_args *args = v->args;
    struct hvk_param_sink *sink = (void *)&v->results[1].collector;
    struct hvk_node *node = connection->node;
    struct job_state state;
    uint8_t uuid[HVK_UUID_SIZE];
    bool ended = (args->flags & HVK_DOMAIN_JOB_STATS_COMPLETED) != 0;
    if (!published_resolve(node->published, HVK_OBJECT_DOMAIN, args->domain->uuid,
                           args->domain->name, uuid))
        return hvk_error_set(&call->error, HVK_ERR_NO_DOMAIN, "there is no domain '%s' on %s",
                             args->domain->name, node->uri->text);
    v->results[0].u32 = HVK_DOMAIN_JOB_NONE;
    if (!job_get(node, HVK_OBJECT_DOMAIN, uuid, &state, NULL, NULL) || state.running == ended)
        return true;
    v->results[0].u32 = (uint32_t)job_type(&state);
    int64_t until = state.running ? loop_now_ns() : state.ended_ns;
    bool put = hvk_put_param_i32(sink, HVK_DOMAIN_JOB_PARAM_OPERATION, state.operation) &&
               hvk_put_param_u64(sink, HVK_DOMAIN_JOB_PARAM_TIME_ELAPSED,
                                 (uint64_t)(until - state.started_ns) / 1000000);
    if (put)
        job_get(node, HVK_OBJECT_DOMAIN, uuid, &state, put_param, sink);
    if (ended && !(args->flags & HVK_DOMAIN_JOB_STATS_KEEP_COMPLETED))
        job_forget(node, HVK_OBJECT_DOMAIN, uuid);
    return put && !v->results[1].collector.failed;
}

/* ---- figures of many domains ---------------------------------------------------------------- */

/* What needs no driver: for one that has no figures, and for a domain that is busy. */
static bool put_published_stats(struct hvk_param_sink *sink, const struct published_row *row,
                                uint32_t stats)
{
    bool all = stats == 0;
    bool put = true;
    if (all || (stats & HVK_DOMAIN_STATS_STATE))
        put = hvk_put_param_i32(sink, "state.state", row->data.state) &&
              hvk_put_param_i32(sink, "state.reason", row->data.reason);
    if (put && (all || (stats & HVK_DOMAIN_STATS_CPU_TOTAL)) && row->data.id >= 0)
        put = hvk_put_param_u64(sink, "cpu.time", published_cpu_time(row));
    if (put && (all || (stats & HVK_DOMAIN_STATS_BALLOON)))
        put = hvk_put_param_u64(sink, "balloon.current", row->data.memory_kib) &&
              hvk_put_param_u64(sink, "balloon.maximum", row->data.max_memory_kib);
    if (put && (all || (stats & HVK_DOMAIN_STATS_VCPU)))
        put = hvk_put_param_u32(sink, "vcpu.current", row->data.vcpus) &&
              hvk_put_param_u32(sink, "vcpu.maximum", row->data.max_vcpus);
    return put;
}

static struct hvk_param_list *published_stats(struct hvk_connection *connection,
                                              const struct hvk_domain *domain, uint32_t stats,
                                              struct hvk_error *err)
{
    static const struct field field = {.name = "params", .kind = FIELD_PARAMS};
    struct published *published = connection->node->published;
    struct collector collector;
    bool none;
    collector_init(&collector, &field, err);
    published_begin(published);
    const struct published_row *row =
        uuid_is_null(domain->uuid) ? published_by_name(published, HVK_OBJECT_DOMAIN, domain->name)
                                   : published_by_uuid(published, HVK_OBJECT_DOMAIN, domain->uuid);
    bool put = row && put_published_stats((void *)&collector, row, stats);
    published_end(published);
    struct hvk_param_list *list = put ? collector_take(&collector, &none) : NULL;
    collector_fini(&collector);
    return list;
}

/* The domain may be gone since it was listed, or busy, or the driver may have no figures: each is
 * no reason to fail for the others. */
static struct hvk_param_list *stats_of(struct hvk_call *call, struct hvk_connection *connection,
                                       const struct hvk_domain *domain, uint32_t stats,
                                       uint32_t how)
{
    struct hvk_param_list *list = NULL;
    uint32_t before = call->flags;
    if (how & HVK_DOMAIN_STATS_NOWAIT)
        call->flags |= HVK_CALL_NO_WAIT;
    bool done = hvk_domain_get_stats(call, connection, domain, stats, how, &list);
    call->flags = before;
    if (done)
        return list;
    int32_t code = call->error.code;
    if (code == HVK_ERR_RESOURCE_BUSY || code == HVK_ERR_NO_SUPPORT) {
        hvk_error_init(&call->error);
        return published_stats(connection, domain, stats, &call->error);
    }
    if (code == HVK_ERR_NO_DOMAIN || code == HVK_ERR_OBJECT_GONE)
        hvk_error_init(&call->error);
    return NULL;
}

static bool put_stats(struct hvk_call *call, struct hvk_connection *connection,
                      const struct invocation *v, const struct hvk_domain *domain)
{
    const struct hvk_domain_get_all_stats_args *args = v->args;
    struct hvk_domain_stats_sink *sink = (void *)&v->results[0].collector;
    uint32_t how = args->flags &
                   (HVK_DOMAIN_STATS_NOWAIT | HVK_DOMAIN_STATS_BACKING | HVK_DOMAIN_STATS_ENFORCE);
    auto_free struct hvk_param_list *list = stats_of(call, connection, domain, args->stats, how);
    if (!list)
        return call->error.code == HVK_ERR_OK;
    struct hvk_domain_stats stats = {
        .size = sizeof stats, .domain = domain, .params = list->items, .params_count = list->count};
    return hvk_put_domain_stats(sink, &stats);
}

static bool get_all_stats(struct hvk_call *call, struct hvk_connection *connection,
                          const struct invocation *v)
{
    const struct hvk_domain_get_all_stats_args *args = v->args;
    uint32_t filter = args->flags & ~(HVK_DOMAIN_STATS_NOWAIT | HVK_DOMAIN_STATS_BACKING |
                                      HVK_DOMAIN_STATS_ENFORCE);
    auto_free struct hvk_domain_list *list = NULL;
    if (args->domains_count == 0 && !hvk_domain_list(call, connection, filter, &list))
        return false;
    for (uint64_t i = 0; list && i < list->count; i++) {
        if (!put_stats(call, connection, v, hvk_domain_list_at(list, i)))
            return false;
    }
    for (uint64_t i = 0; i < args->domains_count; i++) {
        if (!put_stats(call, connection, v, &args->domains[i]))
            return false;
    }
    return true;
}

/* ---- displays ------------------------------------------------------------------------------- */

static bool open_graphics_fd(struct hvk_call *call, struct hvk_connection *connection,
                             const struct invocation *v)
{
    const struct hvk_domain_open_graphics_fd_args *args = v->args;
    int pair[2];
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) < 0)
        return hvk_error_errno(&call->error, errno, "make a socket for the display of '%s'",
                               args->domain->name);
    auto_fd int ours = pair[0];
    auto_fd int theirs = pair[1];
    return hvk_domain_open_graphics(call, connection, args->domain, args->index, &theirs, 1,
                                    args->flags) &&
           hvk_put_fd((void *)&v->results[0].collector, ours);
}

const struct core_answer_row domain_core_answers[] = {
    {&hvk_method_domain_get_job_stats, get_job_stats},
    {&hvk_method_domain_get_all_stats, get_all_stats},
    {&hvk_method_domain_open_graphics_fd, open_graphics_fd},
    {NULL, NULL},
};
