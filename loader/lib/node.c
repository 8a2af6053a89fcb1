/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Owns open nodes and their lanes. */
#include "node.h"

#include "core.h"
#include "job.h"
#include "reserve.h"
#include "route.h"
#include "source.h"

#include <base/string.h>
#include <search.h>

/* Guards the list, and the members of a node that node.h says. */
static pthread_mutex_t nodes_mutex = PTHREAD_MUTEX_INITIALIZER;
static struct list nodes = LIST_INIT(nodes);

/* ---- lanes ---------------------------------------------------------------------------------- */

/* A driver that wants one call at a time has one lane for all its nodes. */
struct serial_lane {
    struct list entry;
    const struct registered_driver *driver;
    struct lane *lane;
};
static struct list serial_lanes = LIST_INIT(serial_lanes); /* nodes_mutex */

static struct lane *serial_lane_find(const struct registered_driver *driver, struct hvk_error *err)
{
    LIST_FOR_EACH (&serial_lanes, at) {
        struct serial_lane *serial = LIST_ENTRY(at, struct serial_lane, entry);
        if (serial->driver == driver)
            return lane_ref(serial->lane);
    }
    auto_free struct serial_lane *serial = calloc(1, sizeof *serial);
    struct lane_pool *pool = core_pool(err);
    if (!serial || !pool) {
        if (pool)
            hvk_error_memory(err);
        return NULL;
    }
    serial->driver = driver;
    serial->lane = lane_new(pool, err);
    if (!serial->lane)
        return NULL;
    list_append(&serial_lanes, &serial->entry);
    return lane_ref(TAKE(serial)->lane);
}

static struct lane *lane_for(const struct hvk_node *node, struct hvk_error *err)
{
    if (node->driver->identity->threading == HVK_THREADS_SERIAL) {
        pthread_mutex_lock(&nodes_mutex);
        struct lane *lane = serial_lane_find(node->driver, err);
        pthread_mutex_unlock(&nodes_mutex);
        return lane;
    }
    struct lane_pool *pool = core_pool(err);
    return pool ? lane_new(pool, err) : NULL;
}

static int compare_lanes(const void *a, const void *b)
{
    const struct lane_entry *one = a, *other = b;
    if (one->kind != other->kind)
        return one->kind < other->kind ? -1 : 1;
    return memcmp(one->key, other->key, HVK_UUID_SIZE);
}

static struct lane_entry *lane_entry_new(struct hvk_node *node, uint32_t kind, const uint8_t *key,
                                         struct hvk_error *err)
{
    auto_free struct lane_entry *entry = calloc(1, sizeof *entry);
    if (!entry) {
        hvk_error_memory(err);
        return NULL;
    }
    entry->kind = kind;
    if (kind != HVK_OBJECT_CONNECTION && key)
        memcpy(entry->key, key, HVK_UUID_SIZE);
    entry->users = 1;
    entry->lane = lane_for(node, err);
    return entry->lane ? TAKE(entry) : NULL;
}

static void lane_entry_free(struct lane_entry *entry)
{
    if (!entry)
        return;
    lane_unref(entry->lane);
    free(entry);
}

/* The entry that is there already, with one user more, or the new one. */
static struct lane_entry *lane_entry_enter(struct hvk_node *node, struct lane_entry *fresh,
                                           const struct lane_entry *like)
{
    pthread_mutex_lock(&node->mutex);
    struct lane_entry **found = fresh ? tsearch(fresh, &node->lanes, compare_lanes)
                                      : tfind(like, &node->lanes, compare_lanes);
    struct lane_entry *entry = found ? *found : NULL;
    if (entry && entry != fresh)
        entry->users++;
    pthread_mutex_unlock(&node->mutex);
    return entry;
}

struct lane_entry *node_lane_get(struct hvk_node *node, uint32_t kind, const uint8_t *key,
                                 struct hvk_error *err)
{
    struct lane_entry like = {.kind = kind};
    if (kind != HVK_OBJECT_CONNECTION && key)
        memcpy(like.key, key, HVK_UUID_SIZE);
    struct lane_entry *entry = lane_entry_enter(node, NULL, &like);
    if (entry)
        return entry;
    struct lane_entry *fresh = lane_entry_new(node, kind, key, err);
    if (!fresh)
        return NULL;
    entry = lane_entry_enter(node, fresh, NULL);
    if (entry != fresh)
        lane_entry_free(fresh); /* another thread was quicker, or there is no memory */
    if (!entry)
        hvk_error_memory(err);
    return entry;
}

enum lane_state node_lane_state(struct hvk_node *node, uint32_t kind, const uint8_t *key,
                                int64_t *out_since_ns)
{
    struct lane_entry like = {.kind = kind};
    memcpy(like.key, key, HVK_UUID_SIZE);
    struct lane_entry *entry = lane_entry_enter(node, NULL, &like);
    *out_since_ns = 0;
    enum lane_state state = entry ? lane_get_state(entry->lane, out_since_ns) : LANE_IDLE;
    node_lane_put(node, entry);
    return state;
}

struct lane_entry *node_lane_alone(struct hvk_node *node, struct hvk_error *err)
{
    struct lane_entry *entry = lane_entry_new(node, HVK_OBJECT_CONNECTION, NULL, err);
    if (entry)
        entry->alone = true;
    return entry;
}

/* With the node's mutex held: was that the last user? */
static bool lane_entry_leave(struct hvk_node *node, struct lane_entry *entry)
{
    bool last = --entry->users == 0;
    if (last && !entry->alone)
        tdelete(entry, &node->lanes, compare_lanes);
    return last;
}

void node_callback_begins(struct hvk_node *node, struct lane_entry *entry)
{
    pthread_mutex_lock(&node->mutex);
    entry->users++;
    node->callbacks++;
    pthread_mutex_unlock(&node->mutex);
}

void node_callback_ended(struct hvk_node *node, struct lane_entry *entry)
{
    pthread_mutex_lock(&node->mutex);
    bool last = lane_entry_leave(node, entry);
    if (--node->callbacks == 0)
        pthread_cond_broadcast(&node->quiet);
    pthread_mutex_unlock(&node->mutex);
    if (last)
        lane_entry_free(entry);
}

/* Its sources were removed: what is still queued does nothing, and needs no lane of this thread's.
 */
static void node_await_callbacks(struct hvk_node *node)
{
    pthread_mutex_lock(&node->mutex);
    while (node->callbacks > 0)
        pthread_cond_wait(&node->quiet, &node->mutex);
    pthread_mutex_unlock(&node->mutex);
}

void node_lane_put(struct hvk_node *node, struct lane_entry *entry)
{
    if (!entry)
        return;
    pthread_mutex_lock(&node->mutex);
    bool last = lane_entry_leave(node, entry);
    pthread_mutex_unlock(&node->mutex);
    if (last)
        lane_entry_free(entry);
}

/* ---- life ----------------------------------------------------------------------------------- */

const char *node_driver_id(const struct hvk_node *node)
{
    return node->driver->identity->id;
}

static void node_free(struct hvk_node *node)
{
    if (!node)
        return;
    published_free(node->published);
    pthread_cond_destroy(&node->quiet);
    pthread_mutex_destroy(&node->mutex);
    free(node->uri);
    free(node);
}
DEFINE_AUTO_PTR(struct hvk_node, node_free)

static struct hvk_node *node_new(const struct registered_driver *driver, struct hvk_error *err)
{
    AUTO(node_free_auto) struct hvk_node *node = calloc(1, sizeof *node);
    if (!node) {
        hvk_error_memory(err);
        return NULL;
    }
    list_init(&node->entry);
    list_init(&node->claims);
    list_init(&node->jobs);
    list_init(&node->sources);
    list_init(&node->connections);
    pthread_mutex_init(&node->mutex, NULL);
    pthread_cond_init(&node->quiet, NULL);
    node->driver = driver;
    node->shared = driver->identity->place == HVK_DRIVER_NODE;
    node->references = 1;
    route_publishes(driver, node->publishes);
    node->published = published_new(err);
    return node->published ? TAKE(node) : NULL;
}

static struct hvk_node *node_find_shared(const struct registered_driver *driver,
                                         const struct hvk_uri *uri)
{
    LIST_FOR_EACH (&nodes, at) {
        struct hvk_node *node = LIST_ENTRY(at, struct hvk_node, entry);
        if (node->shared && node->driver == driver && string_equal(node->uri->text, uri->text))
            return node;
    }
    return NULL;
}

struct hvk_node *node_get(const struct registered_driver *driver, struct hvk_uri *uri,
                          struct hvk_error *err)
{
    auto_free struct hvk_uri *owned = uri;
    struct hvk_node *fresh = node_new(driver, err);
    if (!fresh)
        return NULL;
    pthread_mutex_lock(&nodes_mutex);
    struct hvk_node *node = fresh->shared ? node_find_shared(driver, uri) : NULL;
    if (node) {
        node->references++;
    } else {
        node = TAKE(fresh);
        node->uri = TAKE(owned);
        list_append(&nodes, &node->entry);
    }
    pthread_mutex_unlock(&nodes_mutex);
    node_free(fresh);
    return node;
}

struct hvk_node *node_ref(struct hvk_node *node)
{
    pthread_mutex_lock(&nodes_mutex);
    node->references++;
    pthread_mutex_unlock(&nodes_mutex);
    return node;
}

bool node_ref_open(struct hvk_node *node)
{
    pthread_mutex_lock(&nodes_mutex);
    bool open = !node->ending;
    if (open)
        node->references++;
    pthread_mutex_unlock(&nodes_mutex);
    return open;
}

bool node_open(struct hvk_node *node, struct hvk_call *call)
{
    if (node->instance)
        return true;
    node->instance = node->driver->driver->open(call, node, node->uri, 0);
    if (node->instance)
        return true;
    if (call->error.code == HVK_ERR_OK)
        hvk_error_set(&call->error, HVK_ERR_DRIVER_FAILED,
                      "the driver '%s' failed to open %s without saying why", node_driver_id(node),
                      node->uri->text);
    return false;
}

/* Closes the instance, on the node's lane, unless somebody opened the node again meanwhile. */
static void node_close(struct hvk_node *node)
{
    pthread_mutex_lock(&nodes_mutex);
    node->ending = node->references == 0 && node->instance;
    bool ending = node->ending;
    pthread_mutex_unlock(&nodes_mutex);
    if (!ending)
        return;
    source_quiet_all(node); /* nothing else is in the driver while it closes */
    node->driver->driver->close(TAKE(node->instance));
    source_remove_all(node);
    job_end_all(node);
    reserve_release_all(node);
    pthread_mutex_lock(&nodes_mutex);
    node->ending = false;
    pthread_mutex_unlock(&nodes_mutex);
}

struct node_closing {
    struct hvk_node *node;
    struct lane_entry *lane;
};

static void closing_run(struct lane_job *job, void *user)
{
    struct node_closing *closing = user;
    (void)job;
    node_close(closing->node);
}

static void node_submit_closing(struct hvk_node *node, bool wait);

static void closing_done(struct lane_job *job, void *user)
{
    auto_free struct node_closing *closing = user;
    struct hvk_node *node = closing->node;
    (void)job;
    node_lane_put(node, closing->lane);
    pthread_mutex_lock(&nodes_mutex);
    bool unused = node->references == 0;
    bool again = unused && node->instance; /* it was opened and left once more meanwhile */
    node->closing = again;
    if (unused && !again)
        list_remove(&node->entry);
    pthread_mutex_unlock(&nodes_mutex);
    if (again) {
        node_submit_closing(node, false);
    } else if (unused) {
        node_await_callbacks(node);
        node_free(node);
    }
}

/* The node stays in the list until its lane has closed it, so that whoever opens its URI again
 * queues behind that. */
static void node_submit_closing(struct hvk_node *node, bool wait)
{
    struct hvk_error err;
    struct node_closing *closing = calloc(1, sizeof *closing);
    struct lane_entry *lane = node_lane_get(node, HVK_OBJECT_CONNECTION, NULL, &err);
    struct lane_job *job = NULL;
    if (closing && lane)
        job = lane_job_new(LANE_JOB_ORDINARY, closing_run, closing_done, closing, &err);
    if (!job) {
        core_log(HVK_LOG_ERROR, "%s stays open: there was no memory to close it", node->uri->text);
        node_lane_put(node, lane);
        free(closing);
        return;
    }
    *closing = (struct node_closing){.node = node, .lane = lane};
    struct lane *on = lane_ref(lane->lane);
    if (!lane_run_here(on, job) && lane_submit(on, job, &err) && wait)
        lane_job_join(job, 0, NULL, NULL);
    lane_unref(on);
    lane_job_unref(job);
}

void node_unref(struct hvk_node *node, bool wait)
{
    if (!node)
        return;
    pthread_mutex_lock(&nodes_mutex);
    bool last = --node->references == 0 && !node->closing;
    if (last)
        node->closing = true;
    pthread_mutex_unlock(&nodes_mutex);
    if (last)
        node_submit_closing(node, wait);
}
