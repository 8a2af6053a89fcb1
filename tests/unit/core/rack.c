/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "rack.h"

#include "../cmocka_all.h"

#include <errno.h>
#include <fcntl.h>
#include <hvkit/connection-driver.h>
#include <hvkit/domain-driver.h>
#include <ltdl.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static const struct hvk_core *core;
static atomic_uint opened, closed, collisions, refused;

/* ---- hanging -------------------------------------------------------------------------------- */

static pthread_mutex_t hang_mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t hang_changed = PTHREAD_COND_INITIALIZER;
static bool released;
static unsigned hanging;

static void hang(void)
{
    pthread_mutex_lock(&hang_mutex);
    hanging++;
    pthread_cond_broadcast(&hang_changed);
    while (!released)
        pthread_cond_wait(&hang_changed, &hang_mutex);
    pthread_mutex_unlock(&hang_mutex);
}

static void set_released(bool now)
{
    pthread_mutex_lock(&hang_mutex);
    released = now;
    pthread_cond_broadcast(&hang_changed);
    pthread_mutex_unlock(&hang_mutex);
}

void rack_release(void)
{
    set_released(true);
}

void rack_hold(void)
{
    set_released(false);
}

void rack_await_hanging(unsigned count)
{
    pthread_mutex_lock(&hang_mutex);
    while (hanging < count)
        pthread_cond_wait(&hang_changed, &hang_mutex);
    pthread_mutex_unlock(&hang_mutex);
}

/* ---- machines ------------------------------------------------------------------------------- */

struct machine {
    char name[64];
    uint8_t uuid[HVK_UUID_SIZE];
    bool persistent, running, starting, aborted;
    int32_t id;
    int inside; /* plain on purpose */
};

struct rack {
    struct hvk_node *node;
    struct machine machines[RACK_SLOTS];
    atomic_int next_id;
};

static struct machine *machine_of(struct rack *rack, const char *name)
{
    unsigned slot;
    if (sscanf(name, "m%u", &slot) != 1)
        slot = 0;
    return &rack->machines[slot % RACK_SLOTS];
}

static struct machine *enter(struct rack *rack, const char *name)
{
    struct machine *machine = machine_of(rack, name);
    if (machine->inside++ != 0)
        atomic_fetch_add(&collisions, 1);
    return machine;
}

static bool leave(struct machine *machine, bool result)
{
    machine->inside--;
    return result;
}

static bool refuse(struct hvk_call *call, int32_t code, const char *text)
{
    call->error.code = code;
    snprintf(call->error.text, sizeof call->error.text, "%s", text);
    return false;
}

static bool ends_in(const char *text, const char *end)
{
    size_t length = strlen(text), end_length = strlen(end);
    return length >= end_length && strcmp(text + length - end_length, end) == 0;
}

static bool show(struct hvk_call *call, struct rack *rack, const struct machine *machine)
{
    struct hvk_published row = {.size = sizeof row,
                                .kind = HVK_OBJECT_DOMAIN,
                                .name = machine->name,
                                .id = machine->running ? machine->id : -1,
                                .state = machine->running ? HVK_DOMAIN_RUNNING : HVK_DOMAIN_SHUTOFF,
                                .flags = (machine->running ? HVK_PUBLISHED_ACTIVE : 0) |
                                         (machine->persistent ? HVK_PUBLISHED_PERSISTENT : 0),
                                .memory_kib = 1024,
                                .max_memory_kib = 2048,
                                .vcpus = 1,
                                .max_vcpus = 2,
                                .cpu_time_ns = 7,
                                .cpu_time_fd = -1,
                                .os_type = "hvm"};
    memcpy(row.uuid, machine->uuid, HVK_UUID_SIZE);
    return core->publish(call, rack->node, &row);
}

static struct hvk_domain value_of(const struct machine *machine)
{
    struct hvk_domain domain = {
        .size = sizeof domain, .id = machine->running ? machine->id : -1, .name = machine->name};
    memcpy(domain.uuid, machine->uuid, HVK_UUID_SIZE);
    return domain;
}

static void tell(struct rack *rack, const struct machine *machine, int32_t event)
{
    struct hvk_domain domain = value_of(machine);
    struct hvk_event_domain_lifecycle lifecycle = {.size = sizeof lifecycle, .event = event};
    core->emit(rack->node, HVK_EVENT_DOMAIN_LIFECYCLE, &domain, &lifecycle);
}

/* ---- the table ------------------------------------------------------------------------------ */

static bool identify(struct hvk_call *call, void *instance, const char *xml,
                     struct hvk_domain_sink *sink)
{
    char name[64], uuid[33] = "";
    (void)instance;
    struct hvk_domain domain = {.size = sizeof domain, .id = -1, .name = name};
    if (sscanf(xml, "%63s %32s", name, uuid) < 1)
        return refuse(call, HVK_ERR_XML_ERROR, "the XML of a rack's machine is NAME or NAME UUID");
    for (size_t i = 0; i < strlen(uuid) / 2; i++)
        sscanf(uuid + 2 * i, "%2hhx", &domain.uuid[i]);
    return hvk_put_domain(sink, &domain);
}

static bool define_xml(struct hvk_call *call, void *instance, const struct hvk_domain *identity,
                       const char *xml, uint32_t flags, struct hvk_domain_sink *sink)
{
    struct rack *rack = instance;
    struct machine *machine = enter(rack, identity->name);
    (void)flags;
    if (strcmp(xml, "m63 warns") == 0)
        core->warn(call, "the rack does not know 'warns'");
    snprintf(machine->name, sizeof machine->name, "%s", identity->name);
    memcpy(machine->uuid, identity->uuid, HVK_UUID_SIZE);
    machine->persistent = true;
    if (!show(call, rack, machine))
        return leave(machine, false);
    tell(rack, machine, HVK_DOMAIN_EVENT_DEFINED);
    struct hvk_domain domain = value_of(machine);
    return leave(machine, hvk_put_domain(sink, &domain));
}

static bool is_aborted(void *user)
{
    return ((struct machine *)user)->aborted;
}

/* Out of the lane until it is destroyed, or 2 ms have passed where nothing says otherwise. */
static bool boot(struct hvk_call *call, struct machine *machine)
{
    int32_t limit = ends_in(machine->name, "-waits") ? -1 : 2;
    machine->starting = true;
    machine->aborted = false;
    machine->inside--;
    bool ended = core->lane_wait(call, is_aborted, machine, limit);
    machine->inside++;
    machine->starting = false;
    if (ended)
        return refuse(call, HVK_ERR_OPERATION_ABORTED,
                      "the machine was destroyed while it started");
    if (call->error.code != HVK_ERR_OPERATION_TIMEOUT)
        return false;
    call->error.code = HVK_ERR_OK;
    return core->check(call);
}

static bool create(struct hvk_call *call, void *instance, const struct hvk_domain *domain,
                   const int32_t *fds, uint64_t fds_count, uint32_t flags,
                   struct hvk_domain_sink *sink)
{
    struct rack *rack = instance;
    (void)flags;
    if (fds_count > 0 && write(fds[0], "!", 1) != 1)
        return refuse(call, HVK_ERR_SYSTEM_ERROR, "the first descriptor cannot be written to");
    if (ends_in(domain->name, "-mute"))
        return false;
    struct machine *machine = enter(rack, domain->name);
    if (machine->running)
        return leave(machine, refuse(call, HVK_ERR_OPERATION_INVALID, "the machine runs already"));
    if (ends_in(machine->name, "-hangs"))
        hang();
    else if (!boot(call, machine))
        return leave(machine, false);
    machine->running = true;
    machine->id = atomic_fetch_add(&rack->next_id, 1) + 1;
    if (!show(call, rack, machine))
        return leave(machine, false);
    tell(rack, machine, HVK_DOMAIN_EVENT_STARTED);
    struct hvk_domain value = value_of(machine);
    bool put = hvk_put_domain(sink, &value);
    if (ends_in(machine->name, "-confused"))
        refuse(call, HVK_ERR_INTERNAL_ERROR, "nothing to see here");
    return leave(machine, put);
}

static bool destroy(struct hvk_call *call, void *instance, const struct hvk_domain *domain,
                    uint32_t flags)
{
    struct rack *rack = instance;
    struct machine *machine = enter(rack, domain->name);
    (void)flags;
    if (!machine->running && !machine->starting)
        return leave(machine, refuse(call, HVK_ERR_OPERATION_INVALID, "the machine does not run"));
    machine->aborted = true;
    machine->running = false;
    if (!show(call, rack, machine))
        return leave(machine, false);
    tell(rack, machine, HVK_DOMAIN_EVENT_STOPPED);
    return leave(machine, true);
}

static bool undefine(struct hvk_call *call, void *instance, const struct hvk_domain *domain,
                     uint32_t flags)
{
    struct rack *rack = instance;
    struct machine *machine = enter(rack, domain->name);
    (void)flags;
    if (machine->running)
        return leave(machine, refuse(call, HVK_ERR_OPERATION_INVALID, "the machine runs"));
    machine->persistent = false;
    struct machine gone = *machine;
    leave(machine, true); /* with the row goes the name, and the slot is whoever's takes that */
    core->unpublish(rack->node, HVK_OBJECT_DOMAIN, gone.uuid);
    tell(rack, &gone, HVK_DOMAIN_EVENT_UNDEFINED);
    return true;
}

/* Saves until it is aborted; what it reports grows with each call of get_job_stats' caller. */
static bool managed_save(struct hvk_call *call, void *instance, const struct hvk_domain *domain,
                         uint32_t flags)
{
    struct rack *rack = instance;
    struct machine *machine = enter(rack, domain->name);
    struct hvk_param done = {
        .size = sizeof done, .type = HVK_PARAM_UINT64, .name = HVK_DOMAIN_JOB_PARAM_DATA_PROCESSED};
    (void)flags;
    struct hvk_job *job = core->job_begin(call, rack->node, HVK_OBJECT_DOMAIN, machine->uuid,
                                          HVK_DOMAIN_JOB_OPERATION_SAVE);
    if (!job)
        return leave(machine, false);
    done.value.u64 = 4711;
    core->job_progress(job, &done, 1);
    machine->aborted = false;
    machine->inside--;
    bool aborted = core->lane_wait(call, is_aborted, machine, -1);
    machine->inside++;
    core->job_end(job, false);
    return leave(machine, !aborted || refuse(call, HVK_ERR_OPERATION_ABORTED, "given up"));
}

static bool abort_job(struct hvk_call *call, void *instance, const struct hvk_domain *domain,
                      uint32_t flags)
{
    struct machine *machine = enter(instance, domain->name);
    (void)call;
    (void)flags;
    machine->aborted = true;
    return leave(machine, true);
}

static bool get_xml_desc(struct hvk_call *call, void *instance, const struct hvk_domain *domain,
                         uint32_t flags, struct hvk_string_sink *sink)
{
    struct machine *machine = enter(instance, domain->name);
    (void)call;
    (void)flags;
    return leave(machine, hvk_put_string(sink, machine->name));
}

/* ---- later ---------------------------------------------------------------------------------- */

/* A reboot that a timer ends, a reset that a posted function ends: both on the machine's lane. */
struct later {
    struct rack *rack;
    struct hvk_source *timer;
    char name[64];
};

static void later_tell(struct later *later)
{
    struct machine *machine = enter(later->rack, later->name);
    struct hvk_domain domain = value_of(machine);
    core->emit(later->rack->node, HVK_EVENT_DOMAIN_REBOOT, &domain, NULL);
    machine->inside--;
    free(later);
}

static bool later_posted(struct hvk_call *call, void *user)
{
    (void)call;
    later_tell(user);
    return true;
}

/* Goes on after it has removed its source; what hung leaves the rest for later. */
static void later_due(struct hvk_call *call, void *user)
{
    struct later *later = user;
    const struct rack *rack = later->rack;
    (void)call;
    core->source_remove(later->timer);
    if (ends_in(later->name, "-hangs")) {
        hang();
        const uint8_t *uuid = machine_of(later->rack, later->name)->uuid;
        if (core->lane_post(rack->node, HVK_OBJECT_DOMAIN, uuid, later_posted, later))
            return;
        atomic_fetch_add(&refused, 1);
    }
    later_tell(later);
}

static struct later *later_new(struct rack *rack, const struct hvk_domain *domain)
{
    struct later *later = calloc(1, sizeof *later);
    if (later) {
        later->rack = rack;
        snprintf(later->name, sizeof later->name, "%s", domain->name);
    }
    return later;
}

static bool reboot(struct hvk_call *call, void *instance, const struct hvk_domain *domain,
                   uint32_t flags)
{
    struct rack *rack = instance;
    struct later *later = later_new(rack, domain);
    (void)call;
    (void)flags;
    if (later)
        later->timer =
            core->add_timer(rack->node, HVK_OBJECT_DOMAIN, domain->uuid, 1, 1, later_due, later);
    return later && later->timer;
}

static bool reset(struct hvk_call *call, void *instance, const struct hvk_domain *domain,
                  uint32_t flags)
{
    struct rack *rack = instance;
    struct later *later = later_new(rack, domain);
    (void)call;
    (void)flags;
    return later &&
           core->lane_post(rack->node, HVK_OBJECT_DOMAIN, domain->uuid, later_posted, later);
}

/* ---- an echo behind a stream ---------------------------------------------------------------- */

struct echo {
    struct hvk_source *source;
    int fd;
    atomic_bool over;
};

static void echo_end(struct echo *echo)
{
    if (atomic_exchange(&echo->over, true))
        return;
    core->source_remove(echo->source);
    close(echo->fd);
}

static void echo_ready(struct hvk_call *call, int32_t fd, uint32_t events, void *user)
{
    char data[512];
    (void)call;
    (void)events;
    ssize_t got = read(fd, data, sizeof data);
    if (got <= 0 || write(fd, data, (size_t)got) != got)
        echo_end(user);
}

static bool echo_closed(struct hvk_call *call, void *user)
{
    (void)call;
    echo_end(user);
    free(user);
    return true;
}

static bool open_console(struct hvk_call *call, void *instance, const struct hvk_domain *domain,
                         const char *device, struct hvk_stream *stream, uint32_t flags)
{
    struct rack *rack = instance;
    struct echo *echo = calloc(1, sizeof *echo);
    int pair[2];
    (void)device;
    (void)flags;
    if (!echo || socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) < 0) {
        free(echo);
        return refuse(call, HVK_ERR_SYSTEM_ERROR, "no socket pair");
    }
    bool attached = core->stream_attach(call, stream, pair[1]);
    close(pair[1]);
    echo->fd = pair[0];
    if (attached)
        echo->source = core->watch_fd(rack->node, HVK_OBJECT_DOMAIN, domain->uuid, pair[0], POLLIN,
                                      echo_ready, echo);
    if (echo->source) {
        core->stream_on_close(stream, echo_closed, echo);
        return true;
    }
    close(pair[0]);
    free(echo);
    return false;
}

static const struct hvk_domain_table domain_table = {
    .size = sizeof(struct hvk_domain_table),
    .identify = identify,
    .define_xml = define_xml,
    .create = create,
    .destroy = destroy,
    .undefine = undefine,
    .get_xml_desc = get_xml_desc,
    .managed_save = managed_save,
    .abort_job = abort_job,
    .reboot = reboot,
    .reset = reset,
    .open_console = open_console,
};

/* Made by an earlier hvkit: it ends behind get_version. */
static bool get_version(struct hvk_call *call, void *instance, uint64_t *out_version)
{
    (void)call;
    (void)instance;
    *out_version = 42;
    return true;
}

static bool never_called(struct hvk_call *call, void *instance, struct hvk_string_sink *sink)
{
    (void)instance;
    (void)sink;
    return refuse(call, HVK_ERR_INTERNAL_ERROR,
                  "a function behind the end of the table was called");
}

static const struct hvk_connection_table connection_table = {
    .size = offsetof(struct hvk_connection_table, get_hostname),
    .get_version = get_version,
    .get_hostname = never_called,
};

/* ---- the driver ----------------------------------------------------------------------------- */

static bool rack_start(struct hvk_call *call, const struct hvk_core *given)
{
    (void)call;
    core = given;
    return true;
}

static void rack_stop(void)
{
}

/* With a root, the node leaves a mark in its state directory. */
static bool leave_mark(struct hvk_call *call, struct hvk_node *node, const struct hvk_uri *uri)
{
    if (uri->param_count == 0)
        return true;
    int directory = core->state_directory(call, node, "marks/here");
    if (directory < 0)
        return false;
    int mark = openat(directory, "mark", O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    close(directory);
    if (mark >= 0)
        close(mark);
    return mark >= 0;
}

static void *rack_node_open(struct hvk_call *call, struct hvk_node *node, const struct hvk_uri *uri,
                            uint32_t flags)
{
    (void)flags;
    if (strcmp(uri->path, "/broken") == 0) {
        refuse(call, HVK_ERR_OPEN_FAILED, "this rack is broken");
        return NULL;
    }
    struct rack *rack = leave_mark(call, node, uri) ? calloc(1, sizeof *rack) : NULL;
    if (rack) {
        rack->node = node;
        atomic_fetch_add(&opened, 1);
    }
    return rack;
}

static void rack_node_close(void *instance)
{
    atomic_fetch_add(&closed, 1);
    free(instance);
}

static const void *rack_find(const char *table_id)
{
    if (strcmp(table_id, HVK_DOMAIN_TABLE) == 0)
        return &domain_table;
    return strcmp(table_id, HVK_CONNECTION_TABLE) == 0 ? &connection_table : NULL;
}

HVK_DRIVER_IDENTITY(.id = "rack", .version = "1", .schemes = "rack",
                    .tables = HVK_CONNECTION_TABLE " " HVK_DOMAIN_TABLE, .place = HVK_DRIVER_NODE,
                    .threading = HVK_THREADS_PER_OBJECT);

static const struct hvk_driver rack_driver = {
    .size = sizeof rack_driver,
    .identity = &hvk_note.identity,
    .start = rack_start,
    .stop = rack_stop,
    .open = rack_node_open,
    .close = rack_node_close,
    .find = rack_find,
};

static const struct hvk_driver *rack_get(void)
{
    return &rack_driver;
}

/* The same driver under other threading models. */
#define RACK_VARIANT(variant, model)                                                               \
    static const struct hvk_note variant##_note = {                                                \
        .name_size = sizeof HVK_NOTE_OWNER,                                                        \
        .descriptor_size = sizeof(struct hvk_driver_identity),                                     \
        .type = HVK_NOTE_TYPE,                                                                     \
        .name = HVK_NOTE_OWNER,                                                                    \
        .identity = {.size = sizeof(struct hvk_driver_identity),                                   \
                     .epoch = HVK_ABI_EPOCH,                                                       \
                     .revision = HVK_ABI_REVISION,                                                 \
                     .needs = HVK_TARGET_REVISION,                                                 \
                     .id = #variant,                                                               \
                     .version = "1",                                                               \
                     .schemes = #variant,                                                          \
                     .tables = HVK_CONNECTION_TABLE " " HVK_DOMAIN_TABLE,                          \
                     .place = HVK_DRIVER_NODE,                                                     \
                     .threading = model}};                                                         \
    static const struct hvk_driver variant##_driver = {.size = sizeof variant##_driver,            \
                                                       .identity = &variant##_note.identity,       \
                                                       .start = rack_start,                        \
                                                       .stop = rack_stop,                          \
                                                       .open = rack_node_open,                     \
                                                       .close = rack_node_close,                   \
                                                       .find = rack_find};                         \
    static const struct hvk_driver *variant##_get(void)                                            \
    {                                                                                              \
        return &variant##_driver;                                                                  \
    }
RACK_VARIANT(queue, HVK_THREADS_SERIAL)
RACK_VARIANT(crowd, HVK_THREADS_PARALLEL)

void rack_install(void)
{
    static const lt_dlsymlist symbols[] = {
        {"@PROGRAM@", NULL},
        {"rack", NULL},
        {"rack_LTX_hvk_driver_v1", (void *)rack_get},
        {"rack_LTX_hvk_note", (void *)&hvk_note},
        {"queue", NULL},
        {"queue_LTX_hvk_driver_v1", (void *)queue_get},
        {"queue_LTX_hvk_note", (void *)&queue_note},
        {"crowd", NULL},
        {"crowd_LTX_hvk_driver_v1", (void *)crowd_get},
        {"crowd_LTX_hvk_note", (void *)&crowd_note},
        {NULL, NULL},
    };
    assert_int_equal(lt_dlinit(), 0); /* which would forget what was preloaded before it */
    assert_int_equal(lt_dlpreload(symbols), 0);
}

unsigned rack_opened(void)
{
    return atomic_load(&opened);
}

unsigned rack_closed(void)
{
    return atomic_load(&closed);
}

unsigned rack_collisions(void)
{
    return atomic_load(&collisions);
}

unsigned rack_refused(void)
{
    return atomic_load(&refused);
}

struct hvk_connection *rack_open(const char *uri)
{
    struct hvk_call call = HVK_CALL_INIT;
    struct hvk_connection *connection = hvk_connection_open(&call, uri, HVK_CONNECT_NO_ALIASES);
    if (!connection)
        fail_msg("cannot open %s: %s", uri, call.error.text);
    return connection;
}

void rack_define(struct hvk_connection *connection, const char *xml)
{
    struct hvk_call call = HVK_CALL_INIT;
    if (!hvk_domain_define_xml(&call, connection, xml, 0, NULL))
        fail_msg("cannot define '%s': %s", xml, call.error.text);
}

struct hvk_domain rack_named(const char *name)
{
    return (struct hvk_domain){.size = sizeof(struct hvk_domain), .id = -1, .name = name};
}
