/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What is answered about domains from what their driver published: on no lane, so that a domain
 * that hangs delays no listing. */
#include "object.h"
#include "route.h"

#include <base/uuid.h>
#include <hvkit-private/methods.h>
#include <hvkit/domain-driver.h>
#include <runtime/loop.h>
#include <string.h>

static bool has(const struct published_row *row, uint32_t flag)
{
    return (row->data.flags & flag) != 0;
}

/* ---- listing -------------------------------------------------------------------------------- */

/* The filter flags come in groups. A row fulfils one of each; it is listed when it fulfils one of
 * those that were asked for in every group from which any was. */
static const uint32_t filter_groups[] = {
    HVK_DOMAIN_LIST_ACTIVE | HVK_DOMAIN_LIST_INACTIVE,
    HVK_DOMAIN_LIST_PERSISTENT | HVK_DOMAIN_LIST_TRANSIENT,
    HVK_DOMAIN_LIST_RUNNING | HVK_DOMAIN_LIST_PAUSED | HVK_DOMAIN_LIST_SHUTOFF |
        HVK_DOMAIN_LIST_OTHER,
    HVK_DOMAIN_LIST_MANAGEDSAVE | HVK_DOMAIN_LIST_NO_MANAGEDSAVE,
    HVK_DOMAIN_LIST_AUTOSTART | HVK_DOMAIN_LIST_NO_AUTOSTART,
    HVK_DOMAIN_LIST_HAS_SNAPSHOT | HVK_DOMAIN_LIST_NO_SNAPSHOT,
    HVK_DOMAIN_LIST_HAS_CHECKPOINT | HVK_DOMAIN_LIST_NO_CHECKPOINT,
};

static const struct {
    uint32_t published;
    uint32_t with;
    uint32_t without;
} filter_facts[] = {
    {HVK_PUBLISHED_ACTIVE, HVK_DOMAIN_LIST_ACTIVE, HVK_DOMAIN_LIST_INACTIVE},
    {HVK_PUBLISHED_PERSISTENT, HVK_DOMAIN_LIST_PERSISTENT, HVK_DOMAIN_LIST_TRANSIENT},
    {HVK_PUBLISHED_MANAGED_SAVE, HVK_DOMAIN_LIST_MANAGEDSAVE, HVK_DOMAIN_LIST_NO_MANAGEDSAVE},
    {HVK_PUBLISHED_AUTOSTART, HVK_DOMAIN_LIST_AUTOSTART, HVK_DOMAIN_LIST_NO_AUTOSTART},
    {HVK_PUBLISHED_HAS_SNAPSHOT, HVK_DOMAIN_LIST_HAS_SNAPSHOT, HVK_DOMAIN_LIST_NO_SNAPSHOT},
    {HVK_PUBLISHED_HAS_CHECKPOINT, HVK_DOMAIN_LIST_HAS_CHECKPOINT, HVK_DOMAIN_LIST_NO_CHECKPOINT},
};

static uint32_t state_fact(int32_t state)
{
    static const struct {
        int32_t state;
        uint32_t fact;
    } facts[] = {{HVK_DOMAIN_RUNNING, HVK_DOMAIN_LIST_RUNNING},
                 {HVK_DOMAIN_PAUSED, HVK_DOMAIN_LIST_PAUSED},
                 {HVK_DOMAIN_SHUTOFF, HVK_DOMAIN_LIST_SHUTOFF}};
    for (size_t i = 0; i < ARRAY_SIZE(facts); i++) {
        if (facts[i].state == state)
            return facts[i].fact;
    }
    return HVK_DOMAIN_LIST_OTHER;
}

static bool is_listed(const struct published_row *row, uint32_t wanted)
{
    uint32_t facts = state_fact(row->data.state);
    for (size_t i = 0; i < ARRAY_SIZE(filter_facts); i++)
        facts |=
            has(row, filter_facts[i].published) ? filter_facts[i].with : filter_facts[i].without;
    for (size_t i = 0; i < ARRAY_SIZE(filter_groups); i++) {
        uint32_t asked = wanted & filter_groups[i];
        if (asked && !(asked & facts))
            return false;
    }
    return true;
}

static bool put_domain(const struct invocation *v, const struct published_row *row)
{
    struct hvk_domain domain = {.size = sizeof domain, .id = row->data.id, .name = row->data.name};
    memcpy(domain.uuid, row->data.uuid, HVK_UUID_SIZE);
    return hvk_put_domain((struct hvk_domain_sink *)(void *)&v->results[0].collector, &domain);
}

struct listing {
    const struct invocation *invocation;
    uint32_t flags;
    bool whole;
};

static bool list_row(void *user, const struct published_row *row)
{
    struct listing *listing = user;
    if (is_listed(row, listing->flags))
        listing->whole = put_domain(listing->invocation, row);
    return listing->whole;
}

static bool list(struct hvk_call *call, struct hvk_connection *connection,
                 const struct invocation *v)
{
    const struct hvk_domain_list_args *args = v->args;
    struct listing listing = {.invocation = v, .flags = args->flags, .whole = true};
    (void)call;
    published_begin(connection->node->published);
    published_for_each(connection->node->published, HVK_OBJECT_DOMAIN, list_row, &listing);
    published_end(connection->node->published);
    return listing.whole;
}

/* ---- one domain ----------------------------------------------------------------------------- */

static bool refuse(struct hvk_call *call, struct hvk_connection *connection, const char *how,
                   const char *what)
{
    return hvk_error_set(&call->error, HVK_ERR_NO_DOMAIN, "there is no domain with %s '%s' on %s",
                         how, what, connection->node->uri->text);
}

static bool lookup_by_id(struct hvk_call *call, struct hvk_connection *connection,
                         const struct invocation *v)
{
    const struct hvk_domain_lookup_by_id_args *args = v->args;
    struct published *published = connection->node->published;
    char id[16];
    snprintf(id, sizeof id, "%d", args->id);
    published_begin(published);
    const struct published_row *row = published_by_id(published, HVK_OBJECT_DOMAIN, args->id);
    bool found = row ? put_domain(v, row) : refuse(call, connection, "the id", id);
    published_end(published);
    return found;
}

static bool lookup_by_name(struct hvk_call *call, struct hvk_connection *connection,
                           const struct invocation *v)
{
    const struct hvk_domain_lookup_by_name_args *args = v->args;
    struct published *published = connection->node->published;
    published_begin(published);
    const struct published_row *row = published_by_name(published, HVK_OBJECT_DOMAIN, args->name);
    bool found = row ? put_domain(v, row) : refuse(call, connection, "the name", args->name);
    published_end(published);
    return found;
}

static bool lookup_by_uuid(struct hvk_call *call, struct hvk_connection *connection,
                           const struct invocation *v)
{
    const struct hvk_domain_lookup_by_uuid_args *args = v->args;
    struct published *published = connection->node->published;
    char uuid[HVK_UUID_STRING_SIZE];
    uuid_format(args->uuid, uuid);
    published_begin(published);
    const struct published_row *row = published_by_uuid(published, HVK_OBJECT_DOMAIN, args->uuid);
    bool found = row ? put_domain(v, row) : refuse(call, connection, "the uuid", uuid);
    published_end(published);
    return found;
}

/* The row of an argument: by uuid, or by name while that is all zero. On success the table stays
 * locked until published_end(). */
static const struct published_row *
begin_row(struct hvk_call *call, struct hvk_connection *connection, const struct hvk_domain *domain)
{
    struct published *published = connection->node->published;
    bool by_name = uuid_is_null(domain->uuid);
    published_begin(published);
    const struct published_row *row =
        by_name ? published_by_name(published, HVK_OBJECT_DOMAIN, domain->name)
                : published_by_uuid(published, HVK_OBJECT_DOMAIN, domain->uuid);
    if (row)
        return row;
    published_end(published);
    char uuid[HVK_UUID_STRING_SIZE];
    uuid_format(domain->uuid, uuid);
    hvk_error_set(&call->error, HVK_ERR_NO_DOMAIN, "there is no domain '%s'%s%s on %s",
                  domain->name, by_name ? "" : " with uuid ", by_name ? "" : uuid,
                  connection->node->uri->text);
    return NULL;
}

static bool get_status(struct hvk_call *call, struct hvk_connection *connection,
                       const struct invocation *v)
{
    const struct hvk_domain_get_status_args *args = v->args;
    struct hvk_domain_status *status = (void *)v->results[0].record;
    const struct published_row *row = begin_row(call, connection, args->domain);
    if (!row)
        return false;
    status->id = row->data.id;
    status->state = row->data.state;
    status->reason = row->data.reason;
    status->active = has(row, HVK_PUBLISHED_ACTIVE);
    status->persistent = has(row, HVK_PUBLISHED_PERSISTENT);
    status->updated = has(row, HVK_PUBLISHED_UPDATED);
    status->autostart = has(row, HVK_PUBLISHED_AUTOSTART);
    status->managed_save = has(row, HVK_PUBLISHED_MANAGED_SAVE);
    status->has_snapshot = has(row, HVK_PUBLISHED_HAS_SNAPSHOT);
    status->has_checkpoint = has(row, HVK_PUBLISHED_HAS_CHECKPOINT);
    published_end(connection->node->published);
    return true;
}

static bool get_os_type(struct hvk_call *call, struct hvk_connection *connection,
                        const struct invocation *v)
{
    const struct hvk_domain_get_os_type_args *args = v->args;
    struct hvk_sink *sink = &v->results[0].collector.sink;
    const struct published_row *row = begin_row(call, connection, args->domain);
    if (!row)
        return false;
    bool put = sink->put(sink, row->data.os_type ? row->data.os_type : "", 0);
    published_end(connection->node->published);
    return put;
}

static bool get_info(struct hvk_call *call, struct hvk_connection *connection,
                     const struct invocation *v)
{
    const struct hvk_domain_get_info_args *args = v->args;
    struct hvk_domain_info *info = (void *)v->results[0].record;
    const struct published_row *row = begin_row(call, connection, args->domain);
    if (!row)
        return false;
    info->state = row->data.state;
    info->max_memory_kib = row->data.max_memory_kib;
    info->memory_kib = row->data.memory_kib;
    info->vcpus = row->data.vcpus;
    info->cpu_time_ns = published_cpu_time(row);
    published_end(connection->node->published);
    return true;
}

/* The lane knows: busy means that something runs on it and lets nothing else in, left that a job
 * waits and lets control calls in. */
static bool get_control_info(struct hvk_call *call, struct hvk_connection *connection,
                             const struct invocation *v)
{
    static const uint32_t states[] = {
        [LANE_IDLE] = HVK_DOMAIN_CONTROL_OK,
        [LANE_BUSY] = HVK_DOMAIN_CONTROL_OCCUPIED,
        [LANE_LEFT] = HVK_DOMAIN_CONTROL_JOB,
    };
    const struct hvk_domain_get_control_info_args *args = v->args;
    struct hvk_domain_control_info *info = (void *)v->results[0].record;
    uint8_t uuid[HVK_UUID_SIZE];
    memcpy(uuid, args->domain->uuid, sizeof uuid);
    if (connection->node->publishes[HVK_OBJECT_DOMAIN]) {
        const struct published_row *row = begin_row(call, connection, args->domain);
        if (!row)
            return false;
        memcpy(uuid, row->data.uuid, sizeof uuid);
        published_end(connection->node->published);
    }
    int64_t since_ns;
    info->state = states[node_lane_state(connection->node, HVK_OBJECT_DOMAIN, uuid, &since_ns)];
    info->state_time_ms = since_ns ? (uint64_t)(loop_now_ns() - since_ns) / 1000000 : 0;
    return true;
}

const struct core_answer_row domain_answers[] = {
    {&hvk_method_domain_list, list},
    {&hvk_method_domain_lookup_by_id, lookup_by_id},
    {&hvk_method_domain_lookup_by_name, lookup_by_name},
    {&hvk_method_domain_lookup_by_uuid, lookup_by_uuid},
    {&hvk_method_domain_get_status, get_status},
    {&hvk_method_domain_get_os_type, get_os_type},
    {&hvk_method_domain_get_info, get_info},
    {&hvk_method_domain_get_control_info, get_control_info},
    {NULL, NULL},
};
