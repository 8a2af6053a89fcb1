/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a driver plugin and the core agree on. docs/DRIVERS.md is the guide, docs/ABI.md the rules.
 *
 * A driver is one shared object. Its identity is an ELF note, read without executing anything; its
 * only exported symbol is hvk_driver_v1(), which returns the descriptor. Every function that the
 * core calls gets a struct hvk_call first, and reports a failure by returning false (or NULL) with
 * call->error filled. Inputs are borrowed for the call. Results go to sinks, which copy. What does
 * not say since when it is there has been there since revision 1. */
#ifndef HVKIT_DRIVER_H
#define HVKIT_DRIVER_H

#include <hvkit/call.h>
#include <hvkit/error.h>
#include <hvkit/types.h>

HVK_BEGIN

/* ---- identity ------------------------------------------------------------------------------- */

enum hvk_driver_place {
    /* Its truth is elsewhere; every connection opens a node of its own. */
    HVK_DRIVER_CLIENT = 0,
    /* Owns objects of this machine; connections with one canonical URI share a node. */
    HVK_DRIVER_NODE = 1,
};

enum hvk_driver_threading {
    HVK_THREADS_SERIAL = 0,     /* one call at a time in the whole driver */
    HVK_THREADS_PER_OBJECT = 1, /* one at a time for each object: the usual model */
    HVK_THREADS_PARALLEL = 2,   /* any number at once: the driver locks */
};

/* The note: owner "hvkit" (HVK_NOTE_OWNER), type HVK_NOTE_TYPE, descriptor = this struct in the
 * machine's byte order. Strings are NUL-terminated and NUL-padded; lists are separated by one
 * blank. */
#define HVK_NOTE_OWNER "hvkit"
#define HVK_NOTE_TYPE 1
#define HVK_NOTE_SECTION ".note.hvkit"

struct hvk_driver_identity {
    uint32_t size;      /* sizeof(struct hvk_driver_identity) */
    uint32_t epoch;     /* HVK_ABI_EPOCH */
    uint32_t revision;  /* HVK_ABI_REVISION of the headers it was built with */
    uint32_t needs;     /* HVK_TARGET_REVISION: the lowest core revision that it needs */
    uint32_t place;     /* enum hvk_driver_place */
    uint32_t threading; /* enum hvk_driver_threading */
    int32_t priority;   /* between drivers that claim one scheme the highest wins; usually 0 */
    uint32_t flags;     /* 0 */
    char id[32];        /* [a-z][a-z0-9-]*, unique on a machine */
    char version[32];
    char schemes[96];      /* "qemu", "test", …: [a-z][a-z0-9.-]* */
    char tables[512];      /* ids of the tables that hvk_driver.find returns */
    char node_tables[256]; /* of those: what it provides for the whole node (networks, volumes …) */
};

/* A driver that is linked into a program is built with -DHVK_DRIVER_STATIC=ID, which gives its two
 * symbols the names that libltdl looks for, ID_LTX_hvk_driver_v1 and ID_LTX_hvk_note; the program
 * lists both in what it hands to lt_dlpreload(). */
#ifdef HVK_DRIVER_STATIC
#define HVK_STATIC_JOIN(id, name) id##_LTX_##name
#define HVK_STATIC_NAME(id, name) HVK_STATIC_JOIN(id, name)
#define hvk_driver_v1 HVK_STATIC_NAME(HVK_DRIVER_STATIC, hvk_driver_v1)
#define hvk_note HVK_STATIC_NAME(HVK_DRIVER_STATIC, hvk_note)
#define HVK_NOTE_LINKAGE HVK_EXPORT
#else
#define HVK_NOTE_LINKAGE static
#endif

struct hvk_note {
    uint32_t name_size;
    uint32_t descriptor_size;
    uint32_t type;
    char name[8];
    struct hvk_driver_identity identity;
};

/* Writes the note. Once in a driver, at file scope:
 *   HVK_DRIVER_IDENTITY(.place = HVK_DRIVER_NODE, .threading = HVK_THREADS_PER_OBJECT,
 *                       .id = "test", .version = "1.0", .schemes = "test",
 *                       .tables = "hvkit.connection/1 hvkit.domain/1");
 * and the descriptor's `identity` is &hvk_note.identity. C++ wants the members in this order. */
#define HVK_DRIVER_IDENTITY(...)                                                                   \
    __attribute__((section(HVK_NOTE_SECTION), used, retain, aligned(4)))                           \
    HVK_NOTE_LINKAGE const struct hvk_note hvk_note = {                                            \
        .name_size = sizeof HVK_NOTE_OWNER,                                                        \
        .descriptor_size = sizeof(struct hvk_driver_identity),                                     \
        .type = HVK_NOTE_TYPE,                                                                     \
        .name = HVK_NOTE_OWNER,                                                                    \
        .identity = {.size = sizeof(struct hvk_driver_identity),                                   \
                     .epoch = HVK_ABI_EPOCH,                                                       \
                     .revision = HVK_ABI_REVISION,                                                 \
                     .needs = HVK_TARGET_REVISION,                                                 \
                     __VA_ARGS__}}

/* ---- results -------------------------------------------------------------------------------- */

/* Where a driver puts results that are not plain scalars; the core's, valid for the call. put()
 * copies the item, with what it points to, and returns false when a bound was exceeded or memory
 * ran out (call->error says so): the driver then returns false as well. Drivers use the typed
 * wrappers below and in the generated *-driver.h headers. Sinks of a single result take one item;
 * those of a list any number up to the bound. */
struct hvk_sink {
    uint32_t size;
    uint32_t reserved;
    bool (*put)(struct hvk_sink *sink, const void *item, uint64_t length);
};

struct hvk_string_sink; /* text, or a list of texts */
struct hvk_bytes_sink;
struct hvk_param_sink;
struct hvk_uint64_sink;
struct hvk_uint32_sink;
struct hvk_fd_sink; /* descriptors: the sink duplicates them */

static inline bool hvk_put_string(struct hvk_string_sink *sink, const char *text)
{
    struct hvk_sink *to = (struct hvk_sink *)(void *)sink;
    return to->put(to, text, 0);
}

static inline bool hvk_put_bytes(struct hvk_bytes_sink *sink, const void *data, uint64_t length)
{
    struct hvk_sink *to = (struct hvk_sink *)(void *)sink;
    return to->put(to, data, length);
}

static inline bool hvk_put_param(struct hvk_param_sink *sink, const struct hvk_param *param)
{
    struct hvk_sink *to = (struct hvk_sink *)(void *)sink;
    return to->put(to, param, sizeof *param);
}

static inline bool hvk_put_uint64(struct hvk_uint64_sink *sink, uint64_t value)
{
    struct hvk_sink *to = (struct hvk_sink *)(void *)sink;
    return to->put(to, &value, sizeof value);
}

static inline bool hvk_put_uint32(struct hvk_uint32_sink *sink, uint32_t value)
{
    struct hvk_sink *to = (struct hvk_sink *)(void *)sink;
    return to->put(to, &value, sizeof value);
}

static inline bool hvk_put_fd(struct hvk_fd_sink *sink, int32_t fd)
{
    struct hvk_sink *to = (struct hvk_sink *)(void *)sink;
    return to->put(to, &fd, sizeof fd);
}

static inline struct hvk_param hvk_param_named(const char *name, int32_t type)
{
    struct hvk_param param;
    param.size = sizeof param;
    param.type = type;
    param.name = name;
    param.value.u64 = 0;
    return param;
}

static inline bool hvk_put_param_u64(struct hvk_param_sink *sink, const char *name, uint64_t value)
{
    struct hvk_param param = hvk_param_named(name, HVK_PARAM_UINT64);
    param.value.u64 = value;
    return hvk_put_param(sink, &param);
}

static inline bool hvk_put_param_i64(struct hvk_param_sink *sink, const char *name, int64_t value)
{
    struct hvk_param param = hvk_param_named(name, HVK_PARAM_INT64);
    param.value.i64 = value;
    return hvk_put_param(sink, &param);
}

static inline bool hvk_put_param_u32(struct hvk_param_sink *sink, const char *name, uint32_t value)
{
    struct hvk_param param = hvk_param_named(name, HVK_PARAM_UINT32);
    param.value.u32 = value;
    return hvk_put_param(sink, &param);
}

static inline bool hvk_put_param_i32(struct hvk_param_sink *sink, const char *name, int32_t value)
{
    struct hvk_param param = hvk_param_named(name, HVK_PARAM_INT32);
    param.value.i32 = value;
    return hvk_put_param(sink, &param);
}

static inline bool hvk_put_param_bool(struct hvk_param_sink *sink, const char *name, bool value)
{
    struct hvk_param param = hvk_param_named(name, HVK_PARAM_BOOL);
    param.value.boolean = value;
    return hvk_put_param(sink, &param);
}

static inline bool hvk_put_param_string(struct hvk_param_sink *sink, const char *name,
                                        const char *value)
{
    struct hvk_param param = hvk_param_named(name, HVK_PARAM_STRING);
    param.value.string = value;
    return hvk_put_param(sink, &param);
}

/* ---- core services -------------------------------------------------------------------------- */

struct hvk_node;        /* the core's side of an open node; given to hvk_driver.open */
struct hvk_source;      /* a watched descriptor or timer */
struct hvk_reservation; /* a name, port or device that is taken */
struct hvk_stream;
struct hvk_job;

/* hvk_core.log */
enum hvk_log_level {
    HVK_LOG_DEBUG = 1,
    HVK_LOG_INFO = 2,
    HVK_LOG_WARNING = 3,
    HVK_LOG_ERROR = 4,
};

/* The kinds of object that have a lane and may be published. */
enum hvk_object_kind {
    HVK_OBJECT_CONNECTION = 0, /* the node itself; the key is ignored */
    HVK_OBJECT_DOMAIN = 1,
    HVK_OBJECT_NETWORK = 2,
    HVK_OBJECT_INTERFACE = 3,
    HVK_OBJECT_STORAGE_POOL = 4,
    HVK_OBJECT_NODE_DEVICE = 5,
    HVK_OBJECT_NWFILTER = 6,
    HVK_OBJECT_SECRET = 7,
};

/* What a driver that owns its objects tells the core about one: the core then answers listing,
 * filters, lookup, status, info and OS type by itself. Strings are copied. */
#define HVK_PUBLISHED_ACTIVE (1u << 0)
#define HVK_PUBLISHED_PERSISTENT (1u << 1)
#define HVK_PUBLISHED_AUTOSTART (1u << 2)
#define HVK_PUBLISHED_UPDATED (1u << 3) /* the live and the next configuration differ */
#define HVK_PUBLISHED_MANAGED_SAVE (1u << 4)
#define HVK_PUBLISHED_HAS_SNAPSHOT (1u << 5)
#define HVK_PUBLISHED_HAS_CHECKPOINT (1u << 6)

struct hvk_published {
    uint32_t size;
    uint32_t kind; /* enum hvk_object_kind */
    uint8_t uuid[HVK_UUID_SIZE];
    const char *name;
    int32_t id;    /* -1 while inactive */
    int32_t state; /* HVK_DOMAIN_* of the object's generated header */
    int32_t reason;
    uint32_t flags;      /* HVK_PUBLISHED_* */
    uint64_t memory_kib; /* current */
    uint64_t max_memory_kib;
    uint32_t vcpus;
    uint32_t max_vcpus;
    uint64_t cpu_time_ns; /* where cpu_time_fd is -1 */
    int32_t cpu_time_fd;  /* a cgroup's cpuacct.usage or cpu.stat, or a /proc/PID/stat that was
                             opened by the driver; the core duplicates it. -1: none */
    uint32_t reserved;
    const char *os_type; /* "hvm", "exe", … */
    uint64_t generation; /* grows whenever the object's XML may read differently */
    void *object;        /* the driver's own, for hvk_core.object(); the core only keeps it */
};

/* A callback on an object's lane: nothing else runs in that object meanwhile. It must not wait.
 * call carries no caller; its error is logged when false is returned. */
typedef bool (*hvk_lane_function)(struct hvk_call *call, void *user);
/* events: POLLIN, POLLOUT, POLLERR, POLLHUP (poll.h) that are due. */
typedef void (*hvk_fd_function)(struct hvk_call *call, int32_t fd, uint32_t events, void *user);
typedef void (*hvk_timer_function)(struct hvk_call *call, void *user);
/* Evaluated on the lane; true ends lane_wait(). */
typedef bool (*hvk_ready_function)(void *user);

/* A process to start: argv and environment only, never a shell. Descriptors that are not named
 * are closed in the child. */
struct hvk_spawn {
    uint32_t size;
    uint32_t flags;                 /* HVK_SPAWN_* */
    const char *path;               /* absolute */
    const char *const *argv;        /* NULL-terminated */
    const char *const *environment; /* NULL-terminated; NULL: a minimal PATH and LC_ALL=C */
    int32_t stdin_fd;               /* -1: /dev/null */
    int32_t stdout_fd;
    int32_t stderr_fd;
    uint32_t fd_count;
    const int32_t *fds;   /* kept open under their own numbers */
    int32_t cgroup_fd;    /* a cgroup2 directory to start in; -1: the caller's */
    int32_t directory_fd; /* working directory; -1: / */
    uint64_t reserved;
};
#define HVK_SPAWN_DAEMON (1u << 0) /* a session of its own; outlives the process that starts it */
#define HVK_SPAWN_BOUND (1u << 1)  /* killed when the thread that starts it ends */

/* Given to hvk_driver.start; valid until hvk_driver.stop. Members are only appended: compare
 * `size` (or revision) before using one that is newer than the driver's target revision. All
 * may be called from any thread of the driver's calls and callbacks. */
struct hvk_core {
    uint32_t size;
    uint32_t revision; /* HVK_ABI_REVISION of the core */

    /* A log line; call may be NULL. Never secrets. */
    void (*log)(struct hvk_call *call, int32_t level, const char *text);
    /* A warning for the caller of this call, in words for a person. */
    void (*warn)(struct hvk_call *call, const char *text);
    /* False, with the error filled, once the call was cancelled, its deadline passed or its object
     * went away. */
    bool (*check)(struct hvk_call *call);

    /* Lanes. Between leave and enter the driver may block; control methods and callbacks of the
     * object run meanwhile. enter fails when the object went away or the call was cancelled or
     * timed out; the lane is the caller's again in either case. */
    void (*lane_leave)(struct hvk_call *call);
    bool (*lane_enter)(struct hvk_call *call);
    /* Leaves the lane until ready(user) is true, which is evaluated after each callback and each
     * other job of the lane. timeout_ms: -1 for the call's deadline only. False with
     * OPERATION_TIMEOUT, DEADLINE, CANCELLED or OBJECT_GONE. */
    bool (*lane_wait)(struct hvk_call *call, hvk_ready_function ready, void *user,
                      int32_t timeout_ms);
    /* Runs function on an object's lane, soon; from any thread. It may wait like a job. False when
     * that cannot be, as in a callback that the node waits for to close. */
    bool (*lane_post)(struct hvk_node *node, uint32_t kind, const uint8_t *key,
                      hvk_lane_function function, void *user);
    /* On the object's lane: says that it is gone. Jobs that wait there fail with OBJECT_GONE. */
    void (*lane_end)(struct hvk_call *call);

    /* Sources call back on the object's lane. A source that was removed, from its lane, never
     * calls back again. watch_fd: events as in poll.h; 0 pauses it. */
    struct hvk_source *(*watch_fd)(struct hvk_node *node, uint32_t kind, const uint8_t *key,
                                   int32_t fd, uint32_t events, hvk_fd_function function,
                                   void *user);
    void (*watch_fd_events)(struct hvk_source *source, uint32_t events);
    struct hvk_source *(*add_timer)(struct hvk_node *node, uint32_t kind, const uint8_t *key,
                                    uint64_t first_ms, uint64_t repeat_ms,
                                    hvk_timer_function function, void *user);
    void (*source_remove)(struct hvk_source *source);

    /* Publishing: from the object's lane, after the change is durable, before the reply and the
     * event. publish replaces the row with this kind and uuid; name, id and uuid change in one
     * step. It fails when another object has the name. */
    bool (*publish)(struct hvk_call *call, struct hvk_node *node, const struct hvk_published *row);
    void (*unpublish)(struct hvk_node *node, uint32_t kind, const uint8_t *uuid);
    /* The `object` of the row that was last published for this uuid; NULL when there is none. This
     * is how a driver finds its own struct for a call without a table and a lock of its own: what
     * it points to may be used on the object's lane only. */
    void *(*object)(struct hvk_node *node, uint32_t kind, const uint8_t *uuid);
    /* Calls visit with the `object` of every row of a kind, for hvk_driver.close() and for what
     * concerns all of them. visit may publish and unpublish. */
    void (*for_each_object)(struct hvk_node *node, uint32_t kind,
                            void (*visit)(void *object, void *user), void *user);
    /* event: HVK_EVENT_*; object: the value that it is about; payload: its struct or NULL. */
    void (*emit)(struct hvk_node *node, uint32_t event, const void *object, const void *payload);

    /* Takes (kind, key) for this node until released; NULL with RESOURCE_BUSY when it is taken.
     * kind: "port", "vnc-port", "tap", "pci" …, agreed between drivers of a node. */
    struct hvk_reservation *(*reserve)(struct hvk_call *call, struct hvk_node *node,
                                       const char *kind, const char *key);
    void (*release)(struct hvk_reservation *reservation);

    /* Starts a process; its pid, and a pidfd (the caller's) in out_pidfd, to watch for its end.
     * -1 with the error. exec's own failure is reported here, not as an exit status. */
    int32_t (*spawn)(struct hvk_call *call, const struct hvk_spawn *spawn, int32_t *out_pidfd);

    /* The node's directory for the driver's state: "" the directory itself, else a path below it,
     * created 0700. A descriptor (the caller's), -1 with the error. */
    int32_t (*state_directory)(struct hvk_call *call, struct hvk_node *node, const char *path);

    /* Streams: gives the stream its other end. The core duplicates fd. A stream is read, written
     * or both as the operation says. */
    bool (*stream_attach)(struct hvk_call *call, struct hvk_stream *stream, int32_t fd);
    /* Called on the object's lane when the application finished, aborted or lost the stream. */
    void (*stream_on_close)(struct hvk_stream *stream, hvk_lane_function function, void *user);

    /* Work that outlives a call (a save, a migration). job_begin makes it the object's job; only
     * one at a time. hvk_domain_get_job_stats and the progress of the CLI read its state. */
    struct hvk_job *(*job_begin)(struct hvk_call *call, struct hvk_node *node, uint32_t kind,
                                 const uint8_t *key, int32_t operation);
    void (*job_progress)(struct hvk_job *job, const struct hvk_param *params, uint32_t count);
    void (*job_end)(struct hvk_job *job, bool succeeded);

    /* Other drivers. find: the node's provider of a table ("hvkit.network/1") and its node pointer;
     * NULL when there is none. open: a connection of its own, e.g. a migration's peer. */
    const void *(*find)(struct hvk_call *call, struct hvk_node *node, const char *table_id,
                        void **out_provider);
    struct hvk_connection *(*open)(struct hvk_call *call, struct hvk_node *node, const char *uri);

    /* Services by id, for what is added later without growing this struct; NULL when unknown. */
    const void *(*service)(const char *service_id);
};

/* core->service(HVK_OPTIONS_SERVICE): what the administrator set for a driver, under [options] in
 * its policy file. */
#define HVK_OPTIONS_SERVICE "hvkit.options/1"
struct hvk_options {
    uint32_t size;
    uint32_t reserved;
    /* The text that stands there, for the driver to check; NULL when the option is not set. From
     * start() on; valid until stop(). */
    const char *(*get)(const char *driver_id, const char *name);
};

/* ---- the driver ----------------------------------------------------------------------------- */

/* NAME=VALUE of a URI. Of one size for the whole epoch, since the array carries no stride. */
struct hvk_uri_param {
    const char *name;
    const char *value;
};

/* A URI as the core parsed it: decoded, validated, without what the core consumed. Borrowed. */
struct hvk_uri {
    uint32_t size;
    uint32_t port;         /* 0: none */
    const char *text;      /* canonical */
    const char *scheme;    /* without the transport */
    const char *transport; /* "" for none */
    const char *user;      /* "" for none */
    const char *host;      /* "" for none */
    const char *path;      /* "" or "/…" */
    const struct hvk_uri_param *params;
    uint64_t param_count;
};

struct hvk_driver {
    uint32_t size;
    uint32_t reserved;
    const struct hvk_driver_identity *identity; /* equal to the note */

    /* Once, before anything else; core stays valid until stop. */
    bool (*start)(struct hvk_call *call, const struct hvk_core *core);
    /* After every node was closed. */
    void (*stop)(void);

    /* Can this driver serve a URI without a scheme on this machine? 0 no, more is better. May be
     * NULL. Instant: no waiting. */
    int32_t (*probe)(struct hvk_call *call);

    /* Opens a node: adopts what runs, publishes what it has. The pointer that it returns is handed
     * to every function of its tables. On the node's lane; may wait. NULL with the error. */
    void *(*open)(struct hvk_call *call, struct hvk_node *node, const struct hvk_uri *uri,
                  uint32_t flags);
    /* Ends the node: sources are removed, running guests are left alone. */
    void (*close)(void *instance);

    /* The table with this id, or NULL. Constant for the life of the process. */
    const void *(*find)(const char *table_id);
};

/* The only exported symbol of a driver: pure, no I/O, no threads. */
HVK_EXPORT const struct hvk_driver *hvk_driver_v1(void);
typedef const struct hvk_driver *(*hvk_driver_function)(void);
#define HVK_DRIVER_SYMBOL "hvk_driver_v1"

HVK_END

#endif
