/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the numbers of the API are called on the command line; the words are virsh's, so that what
 * reads its output reads hvkit's. */
#ifndef HVKIT_CLI_NAMES_H
#define HVKIT_CLI_NAMES_H

#include <stdint.h>

const char *state_name(int32_t state);
const char *reason_name(int32_t state, int32_t reason);
const char *vcpu_state_name(int32_t state);
const char *job_type_name(int32_t type);
const char *memory_stat_name(int32_t tag); /* NULL: none that this version knows */

/* names[number], or "unknown" when there is none. */
const char *name_in(const char *const *names, int count, int32_t number);
#define NAME_IN(names, number) name_in(names, (int)ARRAY_SIZE(names), number)

#endif
