/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Answers about the connection itself. */
#include "route.h"

#include <base/string.h>
#include <errno.h>
#include <hvkit-private/methods.h>
#include <netdb.h>
#include <string.h>
#include <unistd.h>

/* The level of libvirt's API that is served, as its clients ask for it: 9.0.0. */
#define SERVED_LEVEL 9000000u

static bool put_text(const struct invocation *v, const char *text)
{
    struct hvk_sink *sink = &v->results[0].collector.sink;
    return sink->put(sink, text, 0);
}

static bool get_uri(struct hvk_call *call, struct hvk_connection *connection,
                    const struct invocation *v)
{
    (void)call;
    return put_text(v, connection->node->uri->text);
}

/* The driver's identity, spelled as libvirt's clients expect it of the drivers that they know. */
static bool get_type(struct hvk_call *call, struct hvk_connection *connection,
                     const struct invocation *v)
{
    static const char *const known[][2] = {{"qemu", "QEMU"}, {"test", "Test"}, {"lxc", "LXC"},
                                           {"xen", "Xen"},   {"esx", "ESX"},   {"vbox", "VBOX"}};
    const char *id = node_driver_id(connection->node);
    (void)call;
    for (size_t i = 0; i < ARRAY_SIZE(known); i++) {
        if (string_equal(known[i][0], id))
            return put_text(v, known[i][1]);
    }
    return put_text(v, id);
}

/* This machine's canonical name where the resolver knows one, else the name as it was set. A URI
 * with a host is about another machine, whose driver has to know. */
static bool get_hostname(struct hvk_call *call, struct hvk_connection *connection,
                         const struct invocation *v)
{
    char name[256];
    if (connection->node->uri->host[0] != '\0')
        return put_text(v, connection->node->uri->host);
    if (gethostname(name, sizeof name) < 0)
        return hvk_error_errno(&call->error, errno, "get the name of this machine");
    name[sizeof name - 1] = '\0';
    if (strchr(name, '.') || strcmp(name, "localhost") == 0)
        return put_text(v, name);
    struct addrinfo hints = {.ai_flags = AI_CANONNAME, .ai_family = AF_UNSPEC};
    struct addrinfo *found = NULL;
    bool known = getaddrinfo(name, NULL, &hints, &found) == 0 && found->ai_canonname &&
                 !string_starts_with(found->ai_canonname, "localhost");
    bool put = put_text(v, known ? found->ai_canonname : name);
    if (found)
        freeaddrinfo(found);
    return put;
}

static bool get_lib_version(struct hvk_call *call, struct hvk_connection *connection,
                            const struct invocation *v)
{
    (void)call;
    (void)connection;
    v->results[0].u64 = SERVED_LEVEL;
    return true;
}

/* Nothing leaves the process. A driver that speaks to another node has this function itself. */
static bool is_secure(struct hvk_call *call, struct hvk_connection *connection,
                      const struct invocation *v)
{
    (void)call;
    v->results[0].u32 =
        connection->node->uri->transport[0] == '\0' && connection->node->uri->host[0] == '\0';
    return true;
}

const struct core_answer_row session_answers[] = {
    {&hvk_method_connection_get_uri, get_uri},
    {&hvk_method_connection_get_type, get_type},
    {&hvk_method_connection_get_hostname, get_hostname},
    {&hvk_method_connection_get_lib_version, get_lib_version},
    {&hvk_method_connection_is_secure, is_secure},
    {NULL, NULL},
};
