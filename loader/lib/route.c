/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Finds who answers an operation. */
#include "route.h"

#include <base/string.h>

const struct method *method_by_slot(const char *object, uint16_t slot)
{
    for (const struct method *const *at = method_tables; *at; at++) {
        if ((*at)->slot == slot && string_equal((*at)->object, object))
            return *at;
    }
    return NULL;
}

const void *route_table(const struct registered_driver *driver, const struct method *method)
{
    if (!method->table || method->table_offset == 0)
        return NULL;
    const char *table = driver->driver->find(method->table);
    if (!table || *(const uint32_t *)(const void *)table < method->table_offset + sizeof(void *))
        return NULL; /* a driver that was built before the method was */
    return *(void *const *)(const void *)(table + method->table_offset) ? table : NULL;
}

static core_answer answer_in(const struct core_answer_row *const *arrays, size_t count,
                             const struct method *method)
{
    for (size_t i = 0; i < count; i++) {
        for (const struct core_answer_row *row = arrays[i]; row->method; row++) {
            if (row->method == method)
                return row->answer;
        }
    }
    return NULL;
}

static core_answer answer_find(const struct hvk_node *node, const struct method *method)
{
    static const struct core_answer_row *const everywhere[] = {domain_answers, session_answers,
                                                               domain_core_answers};
    static const struct core_answer_row *const here[] = {node_answers, memory_answers,
                                                         firmware_answers};
    core_answer answer = answer_in(everywhere, ARRAY_SIZE(everywhere), method);
    if (!answer && node->shared)
        answer = answer_in(here, ARRAY_SIZE(here), method);
    return answer;
}

static void route_choose(const struct hvk_node *node, const struct method *method,
                         struct route *route)
{
    *route = (struct route){0};
    if (method->source != METHOD_CORE)
        route->table = route_table(node->driver, method);
    if (!route->table && method->source != METHOD_DRIVER)
        route->answer = answer_find(node, method);
    /* What was never published cannot be answered from it. */
    if (method->source == METHOD_PUBLISHED && !node->publishes[method->kind])
        route->answer = NULL;
}

bool route_find(const struct hvk_node *node, const struct method *method, struct route *route,
                struct hvk_error *err)
{
    route_choose(node, method, route);
    if (route->table || route->answer)
        return true;
    return hvk_error_set(err, HVK_ERR_NO_SUPPORT, "%s(): the driver '%s' %s does not support %s.%s",
                         method->function, node_driver_id(node), node->driver->identity->version,
                         method->object, method->name);
}

static const struct method *method_by_name(const char *name)
{
    for (const struct method *const *at = method_tables; *at; at++) {
        size_t length = strlen((*at)->object);
        if (strncmp(name, (*at)->object, length) == 0 && name[length] == '.' &&
            string_equal(name + length + 1, (*at)->name))
            return *at;
    }
    return NULL;
}

bool route_supports(const struct hvk_connection *connection, const char *name)
{
    const struct method *method = method_by_name(name);
    struct route route;
    return method && route_find(connection->node, method, &route, NULL);
}

void route_publishes(const struct registered_driver *driver, bool publishes[PUBLISHED_KINDS])
{
    memset(publishes, 0, PUBLISHED_KINDS * sizeof *publishes);
    for (const struct method *const *at = method_tables; *at; at++) {
        const struct method *method = *at;
        if (method->source == METHOD_PUBLISHED && method->kind < PUBLISHED_KINDS &&
            string_equal(method->name, "list") && driver->driver->find(method->table))
            publishes[method->kind] = route_table(driver, method) == NULL;
    }
}
