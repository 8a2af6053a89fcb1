/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Release at the end of a scope, and handing a resource on. */
#ifndef HVKIT_BASE_CLEANUP_H
#define HVKIT_BASE_CLEANUP_H

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* Makes `auto_NAME` usable for TYPE: HVK_CLEANUP(buffer, struct buffer, buffer_fini). The function
 * gets a pointer to the variable. */
#define AUTO(function) __attribute__((cleanup(function)))

/* Defines the cleanup of a pointer variable from its free function, which accepts NULL. */
#define DEFINE_AUTO_PTR(type, free_function)                                                       \
    static inline void free_function##_auto(type **pointer)                                        \
    {                                                                                              \
        free_function(*pointer);                                                                   \
    }

static inline void cleanup_free(void *pointer)
{
    free(*(void **)pointer);
}

static inline void cleanup_fd(const int *fd)
{
    if (*fd >= 0)
        close(*fd);
}

static inline void cleanup_file(FILE **file)
{
    if (*file)
        fclose(*file);
}

static inline void cleanup_dir(DIR **dir)
{
    if (*dir)
        closedir(*dir);
}

#define auto_free AUTO(cleanup_free)
#define auto_fd AUTO(cleanup_fd)
#define auto_file AUTO(cleanup_file)
#define auto_dir AUTO(cleanup_dir)

/* The value of the variable, which no longer owns it. */
#define TAKE(pointer)                                                                              \
    ({                                                                                             \
        __typeof__(pointer) taken_ = (pointer);                                                    \
        (pointer) = NULL;                                                                          \
        taken_;                                                                                    \
    })

#define TAKE_FD(fd)                                                                                \
    ({                                                                                             \
        int taken_ = (fd);                                                                         \
        (fd) = -1;                                                                                 \
        taken_;                                                                                    \
    })

#define ARRAY_SIZE(array) (sizeof(array) / sizeof((array)[0]))

/* The struct around a member. */
#define CONTAINER_OF(pointer, type, member)                                                        \
    ((type *)(void *)((char *)(pointer) - __builtin_offsetof(type, member)))

#endif
