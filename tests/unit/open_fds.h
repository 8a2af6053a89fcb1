/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef HVKIT_TESTS_OPEN_FDS_H
#define HVKIT_TESTS_OPEN_FDS_H

#include <dirent.h>

/* How many descriptors this process has, for tests that must not leak one. */
static inline int count_open_fds(void)
{
    int count = 0;
    DIR *directory = opendir("/proc/self/fd");
    if (!directory)
        return -1;
    while (readdir(directory))
        count++;
    closedir(directory);
    return count;
}

#endif
