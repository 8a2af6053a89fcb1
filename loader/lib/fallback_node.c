/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Answers about this machine for drivers that have none of their own. */
#include "host.h"
#include "route.h"

#include <errno.h>
#include <hvkit-private/methods.h>
#include <netdb.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

static bool put_text(const struct invocation *v, const char *text)
{
    struct hvk_sink *sink = &v->results[0].collector.sink;
    return sink->put(sink, text, 0);
}

/* The canonical name where the resolver knows one, else the name as it was set. */
static bool get_hostname(struct hvk_call *call, struct hvk_connection *connection,
                         const struct invocation *v)
{
    char name[256];
    (void)connection;
    if (gethostname(name, sizeof name) < 0)
        return hvk_error_errno(&call->error, errno, "get the name of this machine");
    name[sizeof name - 1] = '\0';
    if (strchr(name, '.') || strcmp(name, "localhost") == 0)
        return put_text(v, name);
    struct addrinfo hints = {.ai_flags = AI_CANONNAME, .ai_family = AF_UNSPEC};
    struct addrinfo *found = NULL;
    bool known = getaddrinfo(name, NULL, &hints, &found) == 0 && found->ai_canonname &&
                 strncmp(found->ai_canonname, "localhost", 9) != 0;
    bool put = put_text(v, known ? found->ai_canonname : name);
    if (found)
        freeaddrinfo(found);
    return put;
}

static bool node_get_info(struct hvk_call *call, struct hvk_connection *connection,
                          const struct invocation *v)
{
    struct hvk_node_info *info = (void *)v->results[0].record;
    struct utsname names;
    struct host_topology topology;
    (void)connection;
    if (uname(&names) < 0)
        return hvk_error_errno(&call->error, errno, "get the architecture of this machine");
    if (!host_get_topology(&topology, &call->error) ||
        !host_get_memory_kib(&info->memory_kib, &call->error))
        return false;
    snprintf(info->model, sizeof info->model, "%.*s", (int)sizeof info->model - 1, names.machine);
    info->cpus = topology.cpus;
    info->mhz = host_get_mhz();
    info->nodes = topology.nodes;
    info->sockets = topology.sockets;
    info->cores = topology.cores;
    info->threads = topology.threads;
    return true;
}

const struct core_answer_row node_answers[] = {
    {&hvk_method_connection_get_hostname, get_hostname},
    {&hvk_method_connection_node_get_info, node_get_info},
    {NULL, NULL},
};
