/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "job.h"

#include "core_limits.h"
#include "node.h"
#include "object.h"

#include <hvkit/values.h>
#include <runtime/loop.h>
#include <string.h>

/* In the node's list, under its mutex, until the object's next job replaces it. */
struct hvk_job {
    struct list entry;
    struct hvk_node *node;
    uint32_t kind;
    uint8_t key[HVK_UUID_SIZE];
    struct job_state state;
    struct hvk_param_list *params; /* NULL before the first report */
};

static void job_free(struct hvk_job *job)
{
    list_remove(&job->entry);
    free(job->params);
    free(job);
}

/* With the node's mutex held. */
static struct hvk_job *job_find(struct hvk_node *node, uint32_t kind, const uint8_t *key)
{
    LIST_FOR_EACH (&node->jobs, at) {
        struct hvk_job *job = LIST_ENTRY(at, struct hvk_job, entry);
        if (job->kind == kind && memcmp(job->key, key, HVK_UUID_SIZE) == 0)
            return job;
    }
    return NULL;
}

static bool job_enter(struct hvk_node *node, struct hvk_job *job, struct hvk_error *err)
{
    struct hvk_job *old = job_find(node, job->kind, job->key);
    if (old && old->state.running)
        return hvk_error_set(err, HVK_ERR_OPERATION_INVALID,
                             "the %s has a job already, which has to end or be aborted first",
                             object_words(job->kind)->noun);
    if (old)
        job_free(old);
    list_append(&node->jobs, &job->entry);
    return true;
}

struct hvk_job *job_begin(struct hvk_node *node, uint32_t kind, const uint8_t *key,
                          int32_t operation, struct hvk_error *err)
{
    if (!node || !key) {
        hvk_error_set(err, HVK_ERR_DRIVER_FAILED, "a job needs a node and an object");
        return NULL;
    }
    auto_free struct hvk_job *job = calloc(1, sizeof *job);
    if (!job) {
        hvk_error_memory(err);
        return NULL;
    }
    list_init(&job->entry);
    job->node = node;
    job->kind = kind;
    memcpy(job->key, key, HVK_UUID_SIZE);
    job->state =
        (struct job_state){.running = true, .operation = operation, .started_ns = loop_now_ns()};
    pthread_mutex_lock(&node->mutex);
    bool entered = job_enter(node, job, err);
    pthread_mutex_unlock(&node->mutex);
    return entered ? TAKE(job) : NULL;
}

/* The reported values in one block; NULL when they are wrong or memory ran out: the last report
 * then stays. */
static struct hvk_param_list *copy_params(const struct hvk_param *params, uint32_t count)
{
    static const struct field field = {
        .name = "progress", .kind = FIELD_PARAMS, .max = LIMIT_JOB_PARAMS};
    struct hvk_error err;
    struct collector collector;
    collector_init(&collector, &field, &err);
    bool whole = true;
    for (uint32_t i = 0; whole && i < count; i++)
        whole = collector.sink.put(&collector.sink, &params[i], sizeof params[i]);
    bool none;
    struct hvk_param_list *list = whole ? collector_take(&collector, &none) : NULL;
    collector_fini(&collector);
    return list;
}

void job_progress(struct hvk_job *job, const struct hvk_param *params, uint32_t count)
{
    struct hvk_param_list *fresh = job && params ? copy_params(params, count) : NULL;
    if (!fresh)
        return;
    pthread_mutex_lock(&job->node->mutex);
    struct hvk_param_list *old = job->params;
    job->params = fresh;
    pthread_mutex_unlock(&job->node->mutex);
    free(old);
}

void job_end(struct hvk_job *job, bool succeeded)
{
    if (!job)
        return;
    pthread_mutex_lock(&job->node->mutex);
    job->state.running = false;
    job->state.succeeded = succeeded;
    job->state.ended_ns = loop_now_ns();
    pthread_mutex_unlock(&job->node->mutex);
}

void job_end_all(struct hvk_node *node)
{
    pthread_mutex_lock(&node->mutex);
    LIST_FOR_EACH (&node->jobs, at)
        job_free(LIST_ENTRY(at, struct hvk_job, entry));
    pthread_mutex_unlock(&node->mutex);
}

bool job_get(struct hvk_node *node, uint32_t kind, const uint8_t *key, struct job_state *out_state,
             bool (*put)(void *user, const struct hvk_param *param), void *user)
{
    pthread_mutex_lock(&node->mutex);
    const struct hvk_job *job = job_find(node, kind, key);
    if (job)
        *out_state = job->state;
    const struct hvk_param_list *params = job ? job->params : NULL;
    for (uint64_t i = 0; put && params && i < params->count; i++) {
        if (!put(user, hvk_param_list_at(params, i)))
            break;
    }
    pthread_mutex_unlock(&node->mutex);
    return job != NULL;
}

void job_forget(struct hvk_node *node, uint32_t kind, const uint8_t *key)
{
    pthread_mutex_lock(&node->mutex);
    struct hvk_job *job = job_find(node, kind, key);
    if (job && !job->state.running)
        job_free(job);
    pthread_mutex_unlock(&node->mutex);
}
