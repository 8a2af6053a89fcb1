/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The test driver: a node that lives in memory, for application authors to test against and for
 * driver authors to read. This file is all that the loader needs: the identity (an ELF note), the
 * descriptor, and the tables by id. */
#include "connection.h"
#include "domain.h"

#include <string.h>

HVK_DRIVER_IDENTITY(.id = "test", .version = HVKIT_VERSION_TEXT, .schemes = "test",
                    .tables = HVK_CONNECTION_TABLE " " HVK_DOMAIN_TABLE, .place = HVK_DRIVER_NODE,
                    .threading = HVK_THREADS_PER_OBJECT);

const struct hvk_core *test_core;

static bool start(struct hvk_call *call, const struct hvk_core *core)
{
    (void)call;
    test_core = core;
    return true;
}

static void stop(void)
{
    test_core = NULL;
}

static const void *find(const char *table_id)
{
    static const struct {
        const char *id;
        const void *table;
    } tables[] = {
        {HVK_CONNECTION_TABLE, &connection_table},
        {HVK_DOMAIN_TABLE, &domain_table},
    };
    for (size_t i = 0; i < ARRAY_SIZE(tables); i++) {
        if (strcmp(tables[i].id, table_id) == 0)
            return tables[i].table;
    }
    return NULL;
}

const struct hvk_driver *hvk_driver_v1(void)
{
    static const struct hvk_driver driver = {
        .size = sizeof driver,
        .identity = &hvk_note.identity,
        .start = start,
        .stop = stop,
        .open = node_open,
        .close = node_close,
        .find = find,
    };
    return &driver;
}
