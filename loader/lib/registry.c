/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Owns the drivers that were chosen. The mutex guards the list and each driver's stage; scanning,
 * loading and starting run outside it, and who needs a driver that another thread is starting waits
 * for that. */
#include "registry.h"

#include "config.h"
#include "handshake.h"
#include "identity.h"
#include "module.h"
#include "scan.h"
#include <base/buffer.h>
#include <base/list.h>
#include <base/string.h>
#include <pthread.h>
#include <time.h>

/* A driver stays once it was chosen: its code cannot be unloaded. One that failed may be tried
 * again. */
enum stage { STAGE_IDLE, STAGE_STARTING, STAGE_STARTED };

struct entry {
    struct list node;
    struct registered_driver driver; /* what callers get */
    char *path;                      /* as candidate.path */
    struct hvk_driver_identity *identity;
    struct policy *policy;
    hvk_driver_function function; /* NULL until loaded */
    enum stage stage;
    pthread_t starter;      /* while starting */
    struct hvk_error error; /* why the last start failed */
};

struct route {
    char scheme[sizeof((struct hvk_driver_identity *)0)->schemes];
    struct entry *entry;
};

struct registry {
    const struct hvk_core *core;
    pthread_mutex_t mutex;
    pthread_cond_t changed;
    struct list entries;  /* in the order of their start */
    struct vector routes; /* struct route: the schemes that were asked for, of started drivers */
};

static void entry_free(struct entry *entry)
{
    if (!entry)
        return;
    free(entry->path);
    free(entry->identity);
    policy_free(entry->policy);
    free(entry);
}
DEFINE_AUTO_PTR(struct entry, entry_free)

static void unlock(pthread_mutex_t **held)
{
    pthread_mutex_unlock(*held);
}

#define HOLD_MUTEX(registry)                                                                       \
    AUTO(unlock) pthread_mutex_t *held = &(registry)->mutex;                                       \
    pthread_mutex_lock(held)

struct registry *registry_new(const struct hvk_core *core, struct hvk_error *err)
{
    struct registry *registry = calloc(1, sizeof *registry);
    if (!registry) {
        hvk_error_memory(err);
        return NULL;
    }
    registry->core = core;
    pthread_mutex_init(&registry->mutex, NULL);
    pthread_cond_init(&registry->changed, NULL);
    list_init(&registry->entries);
    registry->routes = (struct vector)VECTOR_INIT(struct route);
    return registry;
}

/* The last that was started stops first. */
void registry_free(struct registry *registry)
{
    if (!registry)
        return;
    while (!list_is_empty(&registry->entries)) {
        struct entry *entry = LIST_ENTRY(registry->entries.previous, struct entry, node);
        if (entry->stage == STAGE_STARTED)
            entry->driver.driver->stop();
        list_remove(&entry->node);
        entry_free(entry);
    }
    vector_fini(&registry->routes);
    pthread_cond_destroy(&registry->changed);
    pthread_mutex_destroy(&registry->mutex);
    free(registry);
}

/* ---- starting ------------------------------------------------------------------------------- */

static bool entry_load(struct entry *entry, struct hvk_error *err)
{
    if (entry->driver.driver)
        return true;
    if (!entry->function)
        entry->function = module_load(entry->path, err);
    if (!entry->function)
        return false;
    const struct hvk_driver *driver = entry->function();
    if (!handshake_check(entry->identity, driver, err))
        return false;
    entry->driver.driver = driver;
    return true;
}

static bool entry_start(const struct registry *registry, struct entry *entry, struct hvk_call *call)
{
    struct hvk_error *err = &call->error;
    hvk_error_init(err);
    if (!entry_load(entry, err))
        return false;
    if (entry->driver.driver->start(call, registry->core))
        return true;
    char reason[HVK_ERROR_TEXT_SIZE];
    int32_t native = err->native;
    bool is_stated = err->code != HVK_ERR_OK && err->text[0] != '\0';
    snprintf(reason, sizeof reason, "%s", is_stated ? err->text : "it does not say why");
    hvk_error_set(err, HVK_ERR_DRIVER_REFUSED, "cannot start: %s", reason);
    err->native = native;
    return false;
}

/* ---- choosing ------------------------------------------------------------------------------- */

static struct entry *route_find(const struct registry *registry, const char *scheme)
{
    VECTOR_FOR_EACH (&registry->routes, const struct route, route) {
        if (strcmp(route->scheme, scheme) == 0)
            return route->entry;
    }
    return NULL;
}

static bool route_add(struct registry *registry, const char *scheme, struct entry *entry,
                      struct hvk_error *err)
{
    if (route_find(registry, scheme))
        return true;
    struct route *route = vector_add(&registry->routes);
    if (!route)
        return hvk_error_memory(err);
    snprintf(route->scheme, sizeof route->scheme, "%s", scheme);
    route->entry = entry;
    return true;
}

static struct entry *entry_find(const struct registry *registry, const char *id)
{
    LIST_FOR_EACH (&registry->entries, node) {
        struct entry *entry = LIST_ENTRY(node, struct entry, node);
        if (strcmp(entry->identity->id, id) == 0)
            return entry;
    }
    return NULL;
}

/* Takes over what the candidate has. */
static struct entry *entry_new(struct candidate *candidate, struct hvk_error *err)
{
    struct entry *entry = calloc(1, sizeof *entry);
    if (!entry) {
        hvk_error_memory(err);
        return NULL;
    }
    list_init(&entry->node);
    entry->path = TAKE(candidate->path);
    entry->identity = TAKE(candidate->identity);
    entry->policy = TAKE(candidate->policy);
    entry->function = candidate->function;
    entry->driver = (struct registered_driver){
        .identity = entry->identity, .path = entry->path, .policy = entry->policy};
    return entry;
}

/* A file that was never mapped may be exchanged; what is mapped stays. */
static bool entry_renew(struct entry *entry, struct candidate *candidate, struct hvk_error *err)
{
    if (entry->driver.driver && strcmp(entry->path, candidate->path) != 0)
        return hvk_error_set(err, HVK_ERR_DRIVER_REFUSED,
                             "driver '%s' was loaded from %s and is at %s now: start the program "
                             "again",
                             entry->identity->id, entry->path, candidate->path);
    if (entry->driver.driver)
        return true;
    AUTO(entry_free_auto) struct entry *fresh = entry_new(candidate, err);
    if (!fresh)
        return false;
    struct entry old = *entry;
    entry->driver = fresh->driver;
    entry->path = TAKE(fresh->path);
    entry->identity = TAKE(fresh->identity);
    entry->policy = TAKE(fresh->policy);
    entry->function = fresh->function;
    fresh->path = old.path;
    fresh->identity = old.identity;
    fresh->policy = old.policy;
    return true;
}

/* ---- claims --------------------------------------------------------------------------------- */

/* Until the other thread's attempt ended or the call's deadline passed. With the mutex. */
static bool starter_wait(struct registry *registry, struct entry *entry, struct hvk_call *call)
{
    if (pthread_equal(entry->starter, pthread_self()))
        return hvk_error_set(&call->error, HVK_ERR_DRIVER_REFUSED,
                             "driver '%s' needs itself in order to start", entry->identity->id);
    struct timespec until = {.tv_sec = call->deadline_ns / 1000000000,
                             .tv_nsec = call->deadline_ns % 1000000000};
    while (entry->stage == STAGE_STARTING) {
        int result = call->deadline_ns == 0
                         ? pthread_cond_wait(&registry->changed, &registry->mutex)
                         : pthread_cond_clockwait(&registry->changed, &registry->mutex,
                                                  CLOCK_MONOTONIC, &until);
        if (result != 0) /* also EINVAL: before the clock began */
            return hvk_error_set(&call->error, HVK_ERR_DEADLINE,
                                 "the call's deadline passed while driver '%s' was starting",
                                 entry->identity->id);
    }
    if (entry->stage == STAGE_STARTED)
        return true;
    hvk_error_copy(&call->error, &entry->error);
    return false;
}

/* What is to be done about a candidate's entry. */
enum claim { CLAIM_FAILED, CLAIM_STARTED, CLAIM_MINE };

/* With the mutex. CLAIM_MINE: the caller starts *out_entry, nobody else does. */
static enum claim entry_claim(struct registry *registry, struct candidate *candidate,
                              struct hvk_call *call, struct entry **out_entry)
{
    struct entry *entry = entry_find(registry, candidate->identity->id);
    if (entry && entry->stage == STAGE_STARTING && !starter_wait(registry, entry, call))
        return CLAIM_FAILED;
    if (entry && !entry_renew(entry, candidate, &call->error))
        return CLAIM_FAILED;
    if (!entry && !(entry = entry_new(candidate, &call->error)))
        return CLAIM_FAILED;
    *out_entry = entry;
    if (entry->stage == STAGE_STARTED)
        return CLAIM_STARTED;
    list_remove(&entry->node);
    list_append(&registry->entries, &entry->node);
    entry->stage = STAGE_STARTING;
    entry->starter = pthread_self();
    return CLAIM_MINE;
}

static bool driver_refuse(struct hvk_call *call, const struct entry *entry)
{
    if (entry->path[0] == '\0')
        return hvk_error_prefix(&call->error, "static driver '%s'", entry->identity->id);
    return hvk_error_prefix(&call->error, "driver '%s' (%s)", entry->identity->id, entry->path);
}

/* The started driver of a candidate, which loses what it has to the registry. */
static struct entry *candidate_start(struct registry *registry, struct candidate *candidate,
                                     struct hvk_call *call)
{
    struct entry *entry = NULL;
    pthread_mutex_lock(&registry->mutex);
    enum claim claim = entry_claim(registry, candidate, call, &entry);
    pthread_mutex_unlock(&registry->mutex);
    if (claim != CLAIM_MINE)
        return claim == CLAIM_STARTED ? entry : NULL;

    bool started = entry_start(registry, entry, call);
    if (!started)
        driver_refuse(call, entry);
    HOLD_MUTEX(registry);
    hvk_error_copy(&entry->error, &call->error);
    entry->stage = started ? STAGE_STARTED : STAGE_IDLE;
    pthread_cond_broadcast(&registry->changed);
    return started ? entry : NULL;
}

/* ---- what callers ask for ------------------------------------------------------------------- */

const struct registered_driver *registry_get(struct registry *registry, struct hvk_call *call,
                                             const char *scheme)
{
    pthread_mutex_lock(&registry->mutex);
    struct entry *entry = route_find(registry, scheme);
    pthread_mutex_unlock(&registry->mutex);
    if (entry)
        return &entry->driver;

    AUTO(scan_free_auto) struct scan *scan = scan_new(&call->error);
    struct candidate *candidate =
        scan ? (struct candidate *)scan_find(scan, scheme, &call->error) : NULL;
    entry = candidate ? candidate_start(registry, candidate, call) : NULL;
    if (!entry)
        return NULL;
    HOLD_MUTEX(registry);
    return route_add(registry, scheme, entry, &call->error) ? &entry->driver : NULL;
}

bool registry_has_loaded(struct registry *registry, const char *id, const char *path)
{
    HOLD_MUTEX(registry);
    const struct entry *entry = entry_find(registry, id);
    return entry && entry->stage == STAGE_STARTED && strcmp(entry->path, path) == 0;
}

const char *registry_option(struct registry *registry, const char *id, const char *name)
{
    HOLD_MUTEX(registry);
    const struct entry *entry = entry_find(registry, id);
    return entry ? policy_option_find(entry->policy, name) : NULL;
}

/* ---- without a URI -------------------------------------------------------------------------- */

/* Does the driver serve the scheme that would become the default? */
static bool candidate_is_probed(const struct scan *scan, const struct candidate *candidate)
{
    if (!candidate->usable)
        return false;
    const char *schemes = candidate->identity->schemes;
    char scheme[IDENTITY_WORD_SIZE];
    return identity_next_word(&schemes, scheme) && scan_find(scan, scheme, NULL) == candidate;
}

/* Starts the driver and asks it; 0 with a line in why when that fails. */
static int32_t candidate_probe(struct registry *registry, struct candidate *candidate,
                               struct hvk_call *call, struct buffer *why,
                               const struct registered_driver **out_driver)
{
    char id[sizeof candidate->identity->id];
    snprintf(id, sizeof id, "%s", candidate->identity->id);
    const struct entry *entry = candidate_start(registry, candidate, call);
    const struct hvk_driver *driver = entry ? entry->driver.driver : NULL;
    int32_t result = driver && driver->probe ? driver->probe(call) : 0;
    if (!entry)
        buffer_add_format(why, "; %s", call->error.text);
    else if (result <= 0)
        buffer_add_format(why, "; driver '%s' sees nothing that it could serve", id);
    *out_driver = entry ? &entry->driver : NULL;
    return result;
}

const struct registered_driver *registry_probe(struct registry *registry, struct hvk_call *call)
{
    AUTO(scan_free_auto) struct scan *scan = scan_new(&call->error);
    auto_vector probed = VECTOR_INIT(struct candidate *);
    auto_buffer why = BUFFER_INIT;
    const struct registered_driver *best = NULL;
    int32_t most = 0;
    if (!scan)
        return NULL;
    VECTOR_FOR_EACH (&scan->candidates, struct candidate, candidate) {
        if (candidate_is_probed(scan, candidate) && !vector_push(&probed, &candidate)) {
            hvk_error_memory(&call->error);
            return NULL;
        }
    }
    VECTOR_FOR_EACH (&probed, struct candidate *, candidate) {
        const struct registered_driver *driver;
        int32_t result = candidate_probe(registry, *candidate, call, &why, &driver);
        if (result > most) {
            most = result;
            best = driver;
        }
    }
    if (!best)
        hvk_error_set(
            &call->error, HVK_ERR_NO_CONNECT,
            "no driver can serve this machine: name a connection URI, or set HVKIT_URI or "
            "uri in %s/hvkit.conf%s",
            config_directory(), why.data ? why.data : "");
    return best;
}
