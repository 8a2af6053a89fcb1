/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Callbacks of drivers: descriptors and timers that the loop watches, and functions that are
 * posted, all run on the lane of their object. */
#ifndef HVKIT_LOADER_SOURCE_H
#define HVKIT_LOADER_SOURCE_H

#include <hvkit/driver.h>

struct hvk_source *source_watch_fd(struct hvk_node *node, uint32_t kind, const uint8_t *key,
                                   int32_t fd, uint32_t events, hvk_fd_function function,
                                   void *user);
void source_watch_fd_events(struct hvk_source *source, uint32_t events);
struct hvk_source *source_add_timer(struct hvk_node *node, uint32_t kind, const uint8_t *key,
                                    uint64_t first_ms, uint64_t repeat_ms,
                                    hvk_timer_function function, void *user);
void source_remove(struct hvk_source *source);
/* Before a driver closes the node: no callback runs when it returns, and none will. The sources are
 * still the driver's to remove. */
void source_quiet_all(struct hvk_node *node);
/* What a driver left behind when it closed the node. */
void source_remove_all(struct hvk_node *node);

/* Runs function on the lane, soon, also while a job has left it. */
bool source_post(struct hvk_node *node, uint32_t kind, const uint8_t *key,
                 hvk_lane_function function, void *user);

#endif
