/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The event loop of a process: one thread of its own on libuv, which owns descriptors, timers and
 * child exits. It never waits for a driver: what it calls must be quick, and usually posts to a
 * lane. Every function may be called from any thread. Started on first use; its thread blocks all
 * signals, and no signal disposition is touched. */
#ifndef HVKIT_RUNTIME_LOOP_H
#define HVKIT_RUNTIME_LOOP_H

#include <base/error.h>

struct loop;

typedef void (*loop_function)(void *user);

struct loop *loop_new(struct hvk_error *err);
/* After what was posted has run; every source was removed; not from the loop's own thread. */
void loop_free(struct loop *loop);

/* Runs function on the loop's thread, in the order of the posts. */
bool loop_post(struct loop *loop, loop_function function, void *user, struct hvk_error *err);

/* A source that calls back on the loop's thread. The pointer is the caller's until it hands it to
 * loop_source_remove(). A callback may still be running on the loop's thread when that returns,
 * but none starts afterwards; free_user (may be NULL) runs after the last one, on the loop's
 * thread. When adding one fails, free_user is not called. */
struct loop_source;

/* events: POLLIN, POLLOUT … (poll.h; errors and hang-ups are reported unasked), or 0: paused,
 * which silences those as well. With LOOP_ONESHOT the source pauses itself when it calls back,
 * until loop_watch_fd_events() sets its events again: what hands the event to a lane needs one
 * system call less. One source a descriptor, else native EEXIST; regular files: EPERM. The
 * descriptor stays the caller's; remove the source before closing it. */
#define LOOP_ONESHOT (1u << 30)
typedef void (*loop_fd_function)(int fd, uint32_t events, void *user);
struct loop_source *loop_watch_fd(struct loop *loop, int fd, uint32_t events,
                                  loop_fd_function function, void *user, void (*free_user)(void *),
                                  struct hvk_error *err);
void loop_watch_fd_events(struct loop_source *source, uint32_t events);

/* first_ms after now, then every repeat_ms; 0: once. A timer that comes late is not made up for. */
struct loop_source *loop_add_timer(struct loop *loop, uint64_t first_ms, uint64_t repeat_ms,
                                   loop_function function, void *user, void (*free_user)(void *),
                                   struct hvk_error *err);
void loop_source_remove(struct loop_source *source); /* accepts NULL */

/* CLOCK_MONOTONIC in nanoseconds. */
int64_t loop_now_ns(void);

#endif
