/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The rows of each family, defined beside the functions that they name. */
#ifndef HVKIT_CLI_FAMILIES_H
#define HVKIT_CLI_FAMILIES_H

#include "verb.h"

extern const struct verb list_verbs[];
extern const struct verb lifecycle_verbs[];
extern const struct verb save_verbs[];
extern const struct verb config_verbs[];
extern const struct verb resource_verbs[];
extern const struct verb stats_verbs[];
extern const struct verb usage_verbs[];
extern const struct verb device_verbs[];
extern const struct verb console_verbs[];
extern const struct verb input_verbs[];
extern const struct verb event_verbs[];
extern const struct verb node_verbs[];
extern const struct verb program_verbs[];

#endif
