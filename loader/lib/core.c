/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Owns the process-wide parts of libhvkit and its log. */
#include "core.h"

#include <base/string.h>
#include <pthread.h>
#include <time.h>

static struct {
    pthread_mutex_t mutex;
    struct loop *loop;
    struct lane_pool *pool;
    struct registry *registry;
} core = {.mutex = PTHREAD_MUTEX_INITIALIZER};

struct loop *core_loop(struct hvk_error *err)
{
    pthread_mutex_lock(&core.mutex);
    if (!core.loop)
        core.loop = loop_new(err);
    struct loop *loop = core.loop;
    pthread_mutex_unlock(&core.mutex);
    return loop;
}

struct lane_pool *core_pool(struct hvk_error *err)
{
    static const struct lane_limits limits = LANE_LIMITS_DEFAULT;
    pthread_mutex_lock(&core.mutex);
    if (!core.pool)
        core.pool = lane_pool_new(&limits, err);
    struct lane_pool *pool = core.pool;
    pthread_mutex_unlock(&core.mutex);
    return pool;
}

struct registry *core_registry(struct hvk_error *err)
{
    pthread_mutex_lock(&core.mutex);
    if (!core.registry)
        core.registry = registry_new(&core_services, err);
    struct registry *registry = core.registry;
    pthread_mutex_unlock(&core.mutex);
    return registry;
}

/* ---- the log -------------------------------------------------------------------------------- */

static const char *const level_names[] = {
    [HVK_LOG_DEBUG] = "debug",
    [HVK_LOG_INFO] = "info",
    [HVK_LOG_WARNING] = "warning",
    [HVK_LOG_ERROR] = "error",
};

static int32_t log_threshold;

static void log_configure(void)
{
    const char *wanted = secure_getenv("HVKIT_LOG");
    log_threshold = HVK_LOG_ERROR + 1;
    for (int32_t i = HVK_LOG_DEBUG; wanted && i <= HVK_LOG_ERROR; i++) {
        if (string_equal(wanted, level_names[i]))
            log_threshold = i;
    }
}

void core_log(int32_t level, const char *format, ...)
{
    static pthread_once_t configured = PTHREAD_ONCE_INIT;
    pthread_once(&configured, log_configure);
    if (level < log_threshold || level < HVK_LOG_DEBUG || level > HVK_LOG_ERROR)
        return;
    va_list arguments;
    va_start(arguments, format);
    auto_free char *text = string_vformat(format, arguments);
    va_end(arguments);
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    if (text) /* one call, so that lines of different threads do not mix */
        fprintf(stderr, "hvkit %lld.%03ld %s: %s\n", (long long)now.tv_sec, now.tv_nsec / 1000000,
                level_names[level], text);
}

const char *hvk_version(void)
{
    return HVK_VERSION;
}

void hvk_free(void *result)
{
    free(result);
}

bool hvk_drivers_list(struct hvk_call *call, struct hvk_driver_info_list **out_drivers)
{
    struct hvk_error *err = call ? &call->error : NULL;
    if (!out_drivers)
        return hvk_error_set(err, HVK_ERR_INVALID_ARG, "hvk_drivers_list(): out_drivers is NULL");
    *out_drivers = NULL;
    struct registry *registry = core_registry(err);
    return registry && registry_list(registry, out_drivers, err);
}
