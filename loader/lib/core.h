/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What there is once in a process: the loop, the workers and the registry of drivers, each created
 * when it is first needed (`hvkit --version` starts no thread) and kept until the process ends:
 * drivers are never unloaded and idle workers end by themselves. Nothing runs at exit. After a fork
 * only exec is possible in the child, since its threads are gone. */
#ifndef HVKIT_LOADER_CORE_H
#define HVKIT_LOADER_CORE_H

#include <base/error.h>
#include <runtime/lane.h>
#include <runtime/loop.h>

#include "registry.h"

struct loop *core_loop(struct hvk_error *err);
struct lane_pool *core_pool(struct hvk_error *err);
struct registry *core_registry(struct hvk_error *err);

/* The services that drivers are handed. */
extern const struct hvk_core core_services;

/* A line for whoever runs the process, on standard error when HVKIT_LOG asks for its level. */
void core_log(int32_t level, const char *format, ...) HVK_PRINTF(2, 3);

#endif
