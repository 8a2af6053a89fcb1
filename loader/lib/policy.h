/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the administrator says about one driver: drivers.d/ID.conf in the configuration directory.
 *
 *   disable = yes           no URI selects it
 *   priority = 10           in place of the priority in its note
 *   isolation = none        or process, sandbox: where it runs
 *   [limits]                of an isolated driver's process
 *   memory_mib = 512
 *   processes = 64
 *   descriptors = 1024
 *   [options]               the driver's own; NAME = VALUE
 */
#ifndef HVKIT_LOADER_POLICY_H
#define HVKIT_LOADER_POLICY_H

#include <base/error.h>
#include <base/vector.h>

#define POLICY_OPTIONS_MAX 256
#define POLICY_PRIORITY_MAX 1000 /* and its negative */

enum policy_isolation { POLICY_IN_PROCESS, POLICY_OWN_PROCESS, POLICY_SANDBOX };

struct policy_option {
    char *name;
    char *value;
};

struct policy {
    char *path; /* of the file; "" where there is none */
    bool disable;
    bool has_priority;
    int32_t priority;
    uint32_t isolation;  /* enum policy_isolation */
    uint64_t memory_mib; /* limits: 0 for none */
    uint64_t processes;
    uint64_t descriptors;
    struct vector options; /* struct policy_option */
};

/* The directory with the policies, -1 without an error (code 0) when there is none. */
int policy_directory_open(char **out_path, struct hvk_error *err);

/* The driver's policy; the default one when it has none or directory is -1. directory and path are
 * what policy_directory_open() returned. NULL with the error: a policy that cannot be read allows
 * nothing. */
struct policy *policy_load(int directory, const char *path, const char *id, struct hvk_error *err);
void policy_free(struct policy *policy);
DEFINE_AUTO_PTR(struct policy, policy_free)

/* The option's value, NULL when it is not set. */
const char *policy_option_find(const struct policy *policy, const char *name);

#endif
