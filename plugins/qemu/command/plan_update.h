/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef HVKIT_QEMU_COMMAND_PLAN_UPDATE_H
#define HVKIT_QEMU_COMMAND_PLAN_UPDATE_H

#include "command/build.h"

/* {"execute", "arguments"}; takes the arguments; NULL for NULL. */
json_t *plan_command(const char *execute, json_t *arguments);
/* Takes both; step NULL is out of memory, undo NULL nothing to undo. */
bool plan_step(struct device_plan *plan, json_t *step, json_t *undo, struct hvk_error *err);
/* The parts and setup commands of the build as steps. */
bool plan_parts(struct build *b, struct device_plan *out);

#endif
