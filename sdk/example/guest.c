/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "guest.h"

#include <base/buffer.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define KILL_WAIT_MS 10000

static struct hvk_domain guest_value(const struct guest *guest)
{
    struct hvk_domain value = {.size = sizeof value, .id = guest->pid, .name = guest->name};
    memcpy(value.uuid, guest->uuid, sizeof value.uuid);
    return value;
}

static struct guest *guest_find(struct hvk_call *call, struct node *node,
                                const struct hvk_domain *domain)
{
    for (uint64_t i = 0; i < node->count; i++) {
        if (memcmp(node->guests[i].uuid, domain->uuid, HVK_UUID_SIZE) == 0)
            return &node->guests[i];
    }
    hvk_error_set(&call->error, HVK_ERR_NO_DOMAIN, "there is no domain '%s'", domain->name);
    return NULL;
}

bool guest_publish(struct hvk_call *call, struct guest *guest)
{
    struct hvk_published row = {
        .size = sizeof row,
        .kind = HVK_OBJECT_DOMAIN,
        .name = guest->name,
        .id = guest->pid,
        .state = guest->state,
        .reason = guest->reason,
        .flags = HVK_PUBLISHED_PERSISTENT | (guest->pid > 0 ? HVK_PUBLISHED_ACTIVE : 0),
        .vcpus = 1,
        .max_vcpus = 1,
        .cpu_time_fd = guest->stat_fd,
        .os_type = "exe",
    };
    memcpy(row.uuid, guest->uuid, sizeof row.uuid);
    return core->publish(call, guest->node->host, &row);
}

/* The order that applications may rely on: published, then the event. */
static bool guest_change(struct hvk_call *call, struct guest *guest, int32_t state, int32_t reason,
                         int32_t event, int32_t detail)
{
    struct hvk_domain value = guest_value(guest);
    struct hvk_event_domain_lifecycle payload = {
        .size = sizeof payload, .event = event, .detail = detail};
    guest->state = state;
    guest->reason = reason;
    if (!guest_publish(call, guest))
        return false;
    core->emit(guest->node->host, HVK_EVENT_DOMAIN_LIFECYCLE, &value, &payload);
    return true;
}

/* ---- the program ---------------------------------------------------------------------------- */

static void close_fd(int32_t *fd)
{
    if (*fd >= 0)
        close(*fd);
    *fd = -1;
}

/* Collects the program, which ended. True when it failed or was killed by a signal. */
static bool guest_reap(struct guest *guest)
{
    siginfo_t info = {0};
    waitid(P_PIDFD, (id_t)guest->pidfd, &info, WEXITED);
    if (guest->ended)
        core->source_remove(guest->ended);
    guest->ended = NULL;
    close_fd(&guest->pidfd);
    close_fd(&guest->stat_fd);
    guest->pid = -1;
    return info.si_code != CLD_EXITED || info.si_status != 0;
}

/* On the guest's lane, at once when the program ends: nothing here polls. */
static void guest_ended(struct hvk_call *call, int32_t fd, uint32_t events, void *user)
{
    struct guest *guest = user;
    (void)fd;
    (void)events;
    bool is_failed = guest_reap(guest);
    if (guest->is_killed)
        guest_change(call, guest, HVK_DOMAIN_SHUTOFF, HVK_DOMAIN_SHUTOFF_DESTROYED,
                     HVK_DOMAIN_EVENT_STOPPED, HVK_DOMAIN_EVENT_STOPPED_DESTROYED);
    else if (is_failed)
        guest_change(call, guest, HVK_DOMAIN_SHUTOFF, HVK_DOMAIN_SHUTOFF_CRASHED,
                     HVK_DOMAIN_EVENT_STOPPED, HVK_DOMAIN_EVENT_STOPPED_CRASHED);
    else
        guest_change(call, guest, HVK_DOMAIN_SHUTOFF, HVK_DOMAIN_SHUTOFF_SHUTDOWN,
                     HVK_DOMAIN_EVENT_STOPPED, HVK_DOMAIN_EVENT_STOPPED_SHUTDOWN);
}

static void guest_kill(struct guest *guest)
{
    if (guest->pidfd < 0)
        return;
    syscall(SYS_pidfd_send_signal, guest->pidfd, SIGKILL, NULL, 0);
    guest_reap(guest);
}

void guest_fini(struct guest *guest)
{
    guest_kill(guest);
    free(guest->name);
    free(guest->program);
}

static bool guest_start(struct hvk_call *call, struct guest *guest)
{
    const char *argv[] = {guest->program, NULL};
    struct hvk_spawn spawn = {.size = sizeof spawn,
                              .path = guest->program,
                              .argv = argv,
                              .stdin_fd = -1,
                              .stdout_fd = -1,
                              .stderr_fd = -1,
                              .cgroup_fd = -1,
                              .directory_fd = -1};
    guest->pid = core->spawn(call, &spawn, &guest->pidfd);
    if (guest->pid < 0)
        return false;
    char path[64];
    snprintf(path, sizeof path, "/proc/%d/stat", guest->pid);
    guest->stat_fd = open(path, O_RDONLY | O_CLOEXEC);
    guest->is_killed = false;
    guest->ended = core->watch_fd(guest->node->host, HVK_OBJECT_DOMAIN, guest->uuid, guest->pidfd,
                                  POLLIN, guest_ended, guest);
    if (guest->ended)
        return true;
    guest_kill(guest);
    return hvk_error_set(&call->error, HVK_ERR_INTERNAL_ERROR,
                         "cannot watch the program of domain '%s'", guest->name);
}

static bool guest_check(struct hvk_call *call, const struct guest *guest, int32_t state)
{
    if (guest->state == state)
        return true;
    return hvk_error_set(&call->error, HVK_ERR_OPERATION_INVALID, "domain '%s' is not %s",
                         guest->name, state == HVK_DOMAIN_PAUSED ? "paused" : "running");
}

/* By descriptor, so that it never reaches another process that got the same number. */
static bool guest_signal(struct hvk_call *call, struct guest *guest, int number)
{
    if (guest->pidfd < 0)
        return hvk_error_set(&call->error, HVK_ERR_OPERATION_INVALID,
                             "domain '%s' is not running: start it first", guest->name);
    if (syscall(SYS_pidfd_send_signal, guest->pidfd, number, NULL, 0) == 0)
        return true;
    return hvk_error_errno(&call->error, errno, "signal the program of domain '%s'", guest->name);
}

/* ---- the table ------------------------------------------------------------------------------ */

static bool domain_create(struct hvk_call *call, void *instance, const struct hvk_domain *domain,
                          const int32_t *fds, uint64_t fds_count, uint32_t flags,
                          struct hvk_domain_sink *out_domain)
{
    struct guest *guest = guest_find(call, instance, domain);
    (void)fds;
    if (!guest)
        return false;
    if (flags != 0 || fds_count != 0)
        return hvk_error_set(&call->error, HVK_ERR_ARGUMENT_UNSUPPORTED,
                             "cannot start domain '%s': the example knows neither flags nor "
                             "descriptors",
                             guest->name);
    if (guest->pid > 0)
        return hvk_error_set(&call->error, HVK_ERR_OPERATION_INVALID,
                             "domain '%s' is already running", guest->name);
    if (!guest_start(call, guest) ||
        !guest_change(call, guest, HVK_DOMAIN_RUNNING, HVK_DOMAIN_RUNNING_BOOTED,
                      HVK_DOMAIN_EVENT_STARTED, HVK_DOMAIN_EVENT_STARTED_BOOTED))
        return false;
    struct hvk_domain value = guest_value(guest);
    return hvk_put_domain(out_domain, &value);
}

static bool guest_is_off(void *user)
{
    const struct guest *guest = user;
    return guest->pid < 0;
}

/* While it waits, the lane is free: guest_ended() runs in it and ends the wait. */
static bool domain_destroy(struct hvk_call *call, void *instance, const struct hvk_domain *domain,
                           uint32_t flags)
{
    struct guest *guest = guest_find(call, instance, domain);
    (void)flags;
    if (!guest || !guest_signal(call, guest, SIGKILL))
        return false;
    guest->is_killed = true;
    return core->lane_wait(call, guest_is_off, guest, KILL_WAIT_MS);
}

static bool domain_shutdown(struct hvk_call *call, void *instance, const struct hvk_domain *domain,
                            uint32_t flags)
{
    struct guest *guest = guest_find(call, instance, domain);
    (void)flags;
    return guest && guest_signal(call, guest, SIGTERM);
}

static bool domain_suspend(struct hvk_call *call, void *instance, const struct hvk_domain *domain)
{
    struct guest *guest = guest_find(call, instance, domain);
    return guest && guest_check(call, guest, HVK_DOMAIN_RUNNING) &&
           guest_signal(call, guest, SIGSTOP) &&
           guest_change(call, guest, HVK_DOMAIN_PAUSED, HVK_DOMAIN_PAUSED_USER,
                        HVK_DOMAIN_EVENT_SUSPENDED, HVK_DOMAIN_EVENT_SUSPENDED_PAUSED);
}

static bool domain_resume(struct hvk_call *call, void *instance, const struct hvk_domain *domain)
{
    struct guest *guest = guest_find(call, instance, domain);
    return guest && guest_check(call, guest, HVK_DOMAIN_PAUSED) &&
           guest_signal(call, guest, SIGCONT) &&
           guest_change(call, guest, HVK_DOMAIN_RUNNING, HVK_DOMAIN_RUNNING_UNPAUSED,
                        HVK_DOMAIN_EVENT_RESUMED, HVK_DOMAIN_EVENT_RESUMED_UNPAUSED);
}

static void add_escaped(struct buffer *xml, const char *text)
{
    for (; *text != '\0'; text++) {
        if (strchr("<>&'\"", *text))
            buffer_add_format(xml, "&#%d;", *text);
        else
            buffer_add_char(xml, *text);
    }
}

static bool domain_get_xml_desc(struct hvk_call *call, void *instance,
                                const struct hvk_domain *domain, uint32_t flags,
                                struct hvk_string_sink *out_xml)
{
    const struct guest *guest = guest_find(call, instance, domain);
    auto_buffer xml = BUFFER_INIT;
    (void)flags;
    if (!guest)
        return false;
    buffer_add_string(&xml, "<domain type='exe'>\n  <name>");
    add_escaped(&xml, guest->name);
    buffer_add_string(&xml, "</name>\n  <os>\n    <type>exe</type>\n    <init>");
    add_escaped(&xml, guest->program);
    buffer_add_string(&xml, "</init>\n  </os>\n</domain>\n");
    return xml.failed ? hvk_error_memory(&call->error) : hvk_put_string(out_xml, xml.data);
}

/* Listing, lookups, state and info are not here: the core answers them from what is published. */
const struct hvk_domain_table domain_table = {
    .size = sizeof domain_table,
    .get_xml_desc = domain_get_xml_desc,
    .create = domain_create,
    .destroy = domain_destroy,
    .shutdown = domain_shutdown,
    .suspend = domain_suspend,
    .resume = domain_resume,
};
