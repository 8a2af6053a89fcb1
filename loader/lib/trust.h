/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Opening what becomes code or policy of this process: every directory on the way and the file
 * belong to root or the caller (the effective uid) and nobody else can write to them, so nobody
 * else can have put them there or exchange them afterwards. Of root's sticky directories (/tmp) the
 * mode is excused, unless such a directory is the one that was asked for. No state; safe from any
 * thread. */
#ifndef HVKIT_LOADER_TRUST_H
#define HVKIT_LOADER_TRUST_H

#include <base/error.h>
#include <sys/stat.h>

/* A descriptor for reading the directory, -1 with the error: native is ENOENT when it does not
 * exist. path: absolute; symbolic links are followed by the same rules. out_path: its canonical
 * path, malloc'ed; may be NULL. */
int trust_open_directory(const char *path, char **out_path, struct hvk_error *err);

/* A descriptor for reading a regular file in a directory that trust_open_directory() opened. A
 * symbolic link is followed only to another name in the same directory. The texts name the file by
 * name alone. */
int trust_open_file(int directory, const char *name, struct stat *out_status,
                    struct hvk_error *err);

/* Was the program started with more privilege than its caller has (set-uid, set-gid, file
 * capabilities)? The caller's environment then decides nothing. */
bool trust_is_privileged_start(void);

#endif
