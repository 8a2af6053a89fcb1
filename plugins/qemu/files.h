/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Small files below descriptors of directories. */
#ifndef HVKIT_QEMU_FILES_H
#define HVKIT_QEMU_FILES_H

#include <base/error.h>
#include <stddef.h>

/* Creates the directory (0700) unless it is there, and opens it; one of another user is refused,
 * one that others may enter is closed to them. -1 with the error. */
int files_directory(int at_fd, const char *name, struct hvk_error *err);

/* Replaces the file in one step. It survives the death of this process, not of the machine: for
 * what is meaningless after a reboot anyway. */
bool files_replace(int directory_fd, const char *name, const void *data, size_t size,
                   struct hvk_error *err);

/* The whole file, NUL-terminated, malloc'ed; NULL with the error (LIMIT above max bytes). */
char *files_read(int directory_fd, const char *name, size_t max, size_t *out_size,
                 struct hvk_error *err);

/* Removes a directory with everything below it; links are removed, not followed. */
bool files_remove_directory(int at_fd, const char *name, struct hvk_error *err);

/* Every name but "." and "..": false stops. */
bool files_each(int directory_fd, bool (*visit)(void *user, const char *name), void *user,
                struct hvk_error *err);

/* Writes everything at the descriptor's position. */
bool files_write_all(int fd, const void *data, size_t size, const char *what,
                     struct hvk_error *err);

#endif
