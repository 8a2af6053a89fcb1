/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What an application uses beside the generated operations: connections, cancellation, results,
 * streams and events. Every function may be called from any thread. Functions that return bool or
 * a pointer report a failure as false or NULL and say why in call->error; call may be NULL. All of
 * them are there since revision 1. The manual pages name the errors.
 *
 * The library starts threads when they are first needed and keeps them until the process ends; in
 * the child of a fork() only exec is possible. With HVKIT_LOG=debug, info, warning or error in the
 * environment it and its drivers tell standard error what they do. */
#ifndef HVKIT_CLIENT_H
#define HVKIT_CLIENT_H

#include <hvkit/call.h>
#include <hvkit/error.h>
#include <hvkit/types.h>

HVK_BEGIN

struct hvk_connection;
struct hvk_stream;
struct hvk_watch;

#define HVK_VERSION "0.1.0"
HVK_EXPORT const char *hvk_version(void);

/* Opens a connection. uri: "DRIVER[+TRANSPORT]://[USER@][HOST][:PORT]/[PATH][?PARAMETERS]"; NULL or
 * "": $HVKIT_URI, the configured default, or the first driver whose probe says that it can serve
 * this machine. flags: HVK_CONNECT_*. Ends with hvk_connection_close(). */
#define HVK_CONNECT_READ_ONLY (1u << 0)
#define HVK_CONNECT_NO_ALIASES (1u << 1)
HVK_EXPORT struct hvk_connection *hvk_connection_open(struct hvk_call *call, const char *uri,
                                                      uint32_t flags);

/* Ends the caller's use: watches end, streams are aborted, calls in flight on it fail with
 * INVALID_CONN. Accepts NULL. */
HVK_EXPORT void hvk_connection_close(struct hvk_connection *connection);

/* Whether the connection's driver provides the operation ("domain.create"): asks the tables,
 * calls nothing. */
HVK_EXPORT bool hvk_connection_supports(struct hvk_connection *connection, const char *method);

/* A driver's own table ("com.example.gpu/1"), in process only: the table, and in out_node the
 * pointer that its functions take; both are the driver's, for as long as the connection is open.
 * NULL when the driver has no such table. */
HVK_EXPORT const void *hvk_connection_vendor_table(struct hvk_connection *connection,
                                                   const char *table_id, void **out_node);

/* Frees what an operation returned: a string, an object, a list. Accepts NULL. */
HVK_EXPORT void hvk_free(void *result);

/* A token that any number of calls may carry. hvk_cancel() may be called from any thread, also
 * from a signal-handling thread, and more than once; calls that carry the token then fail with
 * CANCELLED, also those that start later. Counted: every call in flight keeps it alive. */
HVK_EXPORT struct hvk_cancel *hvk_cancel_new(void);
HVK_EXPORT void hvk_cancel(struct hvk_cancel *cancel);
HVK_EXPORT void hvk_cancel_free(struct hvk_cancel *cancel);

/* CLOCK_MONOTONIC now + milliseconds, for hvk_call.deadline_ns. */
HVK_EXPORT int64_t hvk_deadline_in(uint64_t milliseconds);

/* ---- streams -------------------------------------------------------------------------------- */

/* A byte stream for an operation that takes one (console, screenshot). New streams are handed to
 * exactly one operation. */
HVK_EXPORT struct hvk_stream *hvk_stream_new(struct hvk_call *call,
                                             struct hvk_connection *connection);
/* The bytes read (at most size), 0 at the end of the stream, -1 on failure. Waits until there is
 * something, the call's deadline passes or it is cancelled. */
HVK_EXPORT int64_t hvk_stream_read(struct hvk_call *call, struct hvk_stream *stream, void *data,
                                   uint64_t size);
/* Writes everything or fails. */
HVK_EXPORT bool hvk_stream_write(struct hvk_call *call, struct hvk_stream *stream, const void *data,
                                 uint64_t size);
/* A descriptor to poll() for reading or writing before hvk_stream_read() or _write(); owned by
 * the stream. -1 before the stream was handed to an operation. */
HVK_EXPORT int hvk_stream_get_fd(struct hvk_stream *stream);
/* Says that all was written and waits until the other side has taken it; reports its failure. */
HVK_EXPORT bool hvk_stream_finish(struct hvk_call *call, struct hvk_stream *stream);
HVK_EXPORT void hvk_stream_abort(struct hvk_stream *stream);
HVK_EXPORT void hvk_stream_free(struct hvk_stream *stream); /* aborts what was not finished */

/* ---- events --------------------------------------------------------------------------------- */

/* event: an HVK_EVENT_* of a generated header. object: the value the event is about (struct
 * hvk_domain for HVK_EVENT_DOMAIN_*), payload: the event's struct (struct
 * hvk_event_domain_lifecycle …), NULL where it has none. Both are borrowed. */
typedef void (*hvk_event_callback)(struct hvk_connection *connection, uint32_t event,
                                   const void *object, const void *payload, void *user);

/* Passed to every callback of a connection, with neither object nor payload, when its queue was
 * full and events were lost: what was derived from events is to be read anew. */
#define HVK_EVENT_OVERFLOW 0xffffffffu

/* Subscribes to an event, of one object (object, the value type the event names) or of all (NULL).
 * Without hvk_connection_get_event_fd() callbacks run on a thread of hvkit's, one at a time for
 * each connection, in the order in which things happened. A callback may call anything, including
 * hvk_watch_free(). */
HVK_EXPORT struct hvk_watch *hvk_connection_watch(struct hvk_call *call,
                                                  struct hvk_connection *connection, uint32_t event,
                                                  const void *object, hvk_event_callback callback,
                                                  void *user, void (*free_user)(void *user));
/* After it returns the callback does not run and will not run again, and free_user was called;
 * called from within its own callback, both hold once that has returned. A watch is freed also
 * after its connection was closed. Accepts NULL. */
HVK_EXPORT void hvk_watch_free(struct hvk_watch *watch);

/* For an application with a loop of its own: from this call on no thread of hvkit's runs
 * callbacks; when the descriptor becomes readable, hvk_connection_dispatch() runs those that are
 * due, in the caller's thread, and returns how many. The descriptor belongs to the connection. */
HVK_EXPORT int hvk_connection_get_event_fd(struct hvk_call *call,
                                           struct hvk_connection *connection);
HVK_EXPORT uint32_t hvk_connection_dispatch(struct hvk_connection *connection);

/* ---- drivers -------------------------------------------------------------------------------- */

/* One driver file that was looked at. Strings are borrowed from the list. */
struct hvk_driver_info {
    uint32_t size;
    uint32_t usable;    /* 1: a URI may select it */
    uint32_t loaded;    /* 1: it is in this process */
    uint32_t revision;  /* of the ABI it was built for */
    uint32_t needs;     /* the lowest core revision it works with */
    uint32_t runs;      /* enum hvk_driver_place */
    uint32_t threading; /* enum hvk_driver_threading */
    int32_t priority;
    const char *id; /* "" when it could not be read */
    const char *version;
    const char *schemes; /* separated by blanks */
    const char *tables;  /* separated by blanks */
    const char *path;
    const char *decision; /* one line: why it is usable, or why it is refused and the way out */
};

struct hvk_driver_info_list {
    uint32_t size;
    uint32_t stride;
    uint64_t count;
    const struct hvk_driver_info *items;
};

/* Every file in the driver directories and every static driver, sorted by id and path. Opens no
 * driver. Free with hvk_free(). */
HVK_EXPORT bool hvk_drivers_list(struct hvk_call *call, struct hvk_driver_info_list **out_drivers);

HVK_END

#endif
