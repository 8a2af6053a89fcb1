/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Starts a domain and tells what happens to it until it stops: example-watch URI DOMAIN */
#include <hvkit/hvkit.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>

static int fail(const struct hvk_call *call, const char *what)
{
    fprintf(stderr, "example-watch: %s: %s\n", what, call->error.text);
    return EXIT_FAILURE;
}

/* user: set once the domain stopped. */
static void changed(struct hvk_connection *connection, uint32_t event, const void *object,
                    const void *payload, void *user)
{
    const struct hvk_domain *domain = object;
    const struct hvk_event_domain_lifecycle *lifecycle = payload;
    bool *is_stopped = user;
    (void)connection;
    (void)event;
    if (lifecycle->event == HVK_DOMAIN_EVENT_STARTED)
        printf("%s started\n", domain->name);
    if (lifecycle->event != HVK_DOMAIN_EVENT_STOPPED)
        return;
    printf("%s %s\n", domain->name,
           lifecycle->detail == HVK_DOMAIN_EVENT_STOPPED_SHUTDOWN ? "ended" : "failed");
    *is_stopped = true;
}

static int run(struct hvk_connection *connection, const char *name)
{
    struct hvk_call call = HVK_CALL_INIT;
    struct hvk_domain *domain, *started = NULL;
    bool is_stopped = false;
    if (!hvk_domain_lookup_by_name(&call, connection, name, &domain))
        return fail(&call, "cannot find the domain");
    /* This program has a loop of its own, the poll() below. */
    struct pollfd events = {.fd = hvk_connection_get_event_fd(&call, connection), .events = POLLIN};
    struct hvk_watch *watch = hvk_connection_watch(&call, connection, HVK_EVENT_DOMAIN_LIFECYCLE,
                                                   domain, changed, &is_stopped, NULL);
    if (events.fd < 0 || !watch)
        return fail(&call, "cannot watch the domain");
    if (!hvk_domain_create(&call, connection, domain, NULL, 0, 0, &started))
        return fail(&call, "cannot start the domain");
    while (!is_stopped && poll(&events, 1, -1) > 0)
        hvk_connection_dispatch(connection);
    hvk_watch_free(watch);
    hvk_free(started);
    hvk_free(domain);
    return EXIT_SUCCESS;
}

int main(int argc, char **argv)
{
    struct hvk_call call = HVK_CALL_INIT;
    if (argc != 3) {
        fprintf(stderr, "usage: example-watch URI DOMAIN\n");
        return EXIT_FAILURE;
    }
    struct hvk_connection *connection = hvk_connection_open(&call, argv[1], 0);
    if (!connection)
        return fail(&call, "cannot connect");
    int status = run(connection, argv[2]);
    hvk_connection_close(connection);
    return status;
}
