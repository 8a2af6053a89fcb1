/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A driver in many variants, most of them bad: registry.cmake says which FIXTURE_* makes which.
 * Every one has a constructor that leaves a file, so that a test sees whether it was executed. */
#include <fcntl.h>
#include <hvkit/driver.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#ifndef FIXTURE_SCHEMES
#define FIXTURE_SCHEMES FIXTURE_ID
#endif

HVK_DRIVER_IDENTITY(.id = FIXTURE_ID, .version = "1.0", .schemes = FIXTURE_SCHEMES,
                    .tables = "hvkit.connection/1 com.example.fixture/1", .place = HVK_DRIVER_NODE,
                    .threading = HVK_THREADS_PER_OBJECT);

static void leave_mark(const char *variable)
{
    const char *path = getenv(variable);
    int fd = path ? open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600) : -1;
    if (fd >= 0)
        close(fd);
}

__attribute__((constructor)) static void constructor(void)
{
    leave_mark("FIXTURE_CONSTRUCTED");
}

struct table {
    uint32_t size;
    uint32_t reserved;
};
static const struct table connection_table = {.size = sizeof(struct table)};

#ifdef FIXTURE_CALLS_ABSENT
void fixture_absent(void);
#endif

/* Asks the core for the service "fixture", which is a hook of the test's. */
static bool start(struct hvk_call *call, const struct hvk_core *core)
{
#ifdef FIXTURE_CALLS_ABSENT
    fixture_absent();
#endif
    if (core && core->service && !core->service("fixture"))
        return false;
    const char *why = getenv("FIXTURE_START_FAILS");
    if (!why)
        return true;
    if (why[0] != '\0') {
        call->error.code = HVK_ERR_ACCESS_DENIED;
        call->error.native = 13;
        snprintf(call->error.text, sizeof call->error.text, "%s", why);
    }
    return false;
}

static void stop(void)
{
    leave_mark("FIXTURE_STOPPED");
}

static void *open_node(struct hvk_call *call, struct hvk_node *node, const struct hvk_uri *uri,
                       uint32_t flags)
{
    (void)call;
    (void)node;
    (void)uri;
    (void)flags;
    return NULL;
}

static void close_node(void *instance)
{
    (void)instance;
}

static const void *find(const char *table_id)
{
#ifndef FIXTURE_LACKS_TABLE
    if (strcmp(table_id, "com.example.fixture/1") == 0)
        return &connection_table;
#endif
    return strcmp(table_id, "hvkit.connection/1") == 0 ? &connection_table : NULL;
}

#ifdef FIXTURE_PROBES
static int32_t probe(struct hvk_call *call)
{
    (void)call;
    const char *value = getenv("FIXTURE_PROBE_" FIXTURE_ID);
    return value ? atoi(value) : 0;
}
#define PROBE probe
#else
#define PROBE NULL
#endif

#ifdef FIXTURE_DISAGREES /* another version than the note's */
static const struct hvk_driver_identity other = {.size = sizeof(struct hvk_driver_identity),
                                                 .epoch = HVK_ABI_EPOCH,
                                                 .revision = HVK_ABI_REVISION,
                                                 .needs = HVK_TARGET_REVISION,
                                                 .id = FIXTURE_ID,
                                                 .version = "1.1",
                                                 .schemes = FIXTURE_SCHEMES,
                                                 .tables = "hvkit.connection/1"};
#define IDENTITY (&other)
#else
#define IDENTITY (&hvk_note.identity)
#endif

const struct hvk_driver *hvk_driver_v1(void)
{
    static const struct hvk_driver driver = {.size = sizeof driver,
                                             .identity = IDENTITY,
                                             .start = start,
                                             .stop = stop,
                                             .probe = PROBE,
                                             .open = open_node,
                                             .close = close_node,
                                             .find = find};
    return &driver;
}
