/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Where the hierarchies of cgroups are mounted and where a process is in them. */
#ifndef HVKIT_RUNTIME_CGROUP_INTERNAL_H
#define HVKIT_RUNTIME_CGROUP_INTERNAL_H

#include <base/error.h>

/* The directory (malloc'ed) of the cgroup that a process (0: this one) is in, in the hierarchy of
 * a version 1 controller or, with NULL, of version 2; NULL when there is none that can be seen
 * from here. */
char *cgroup_directory_of(int32_t pid, const char *controller);

/* Is word in a list of words between separators? */
bool cgroup_list_has(const char *list, const char *separators, const char *word);

#endif
