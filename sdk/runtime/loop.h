/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The event loop of a process: one thread of its own on libuv, which owns descriptors, timers and
 * child exits. It never waits for a driver: what it calls must be quick, and usually posts to a
 * lane. Every function may be called from any thread. Started on first use; its thread blocks all
 * signals, and no signal disposition is touched. */
#ifndef HVKIT_RUNTIME_LOOP_H
#define HVKIT_RUNTIME_LOOP_H

#include <base/error.h>

struct loop;
struct loop_source;

typedef void (*loop_function)(void *user);
typedef void (*loop_fd_function)(int fd, uint32_t events, void *user); /* POLLIN … */

struct loop *loop_new(struct hvk_error *err);
void loop_free(struct loop *loop); /* stops and joins; not from the loop's own thread */

/* Runs function on the loop's thread, in the order of the posts. */
bool loop_post(struct loop *loop, loop_function function, void *user);

/* Sources are counted: one reference for the caller. A callback may still be running on the
 * loop's thread when loop_source_remove() returns, but none starts afterwards; free_user runs
 * after the last one. events 0: paused. A one-shot timer has repeat_ms 0. */
struct loop_source *loop_watch_fd(struct loop *loop, int fd, uint32_t events,
                                  loop_fd_function function, void *user,
                                  void (*free_user)(void *), struct hvk_error *err);
void loop_watch_fd_events(struct loop_source *source, uint32_t events);
struct loop_source *loop_add_timer(struct loop *loop, uint64_t first_ms, uint64_t repeat_ms,
                                   loop_function function, void *user, void (*free_user)(void *),
                                   struct hvk_error *err);
void loop_source_remove(struct loop_source *source);

/* CLOCK_MONOTONIC in nanoseconds. */
int64_t loop_now_ns(void);

#endif
