/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A driver's durable state: one small file per object in one directory, each written as new file,
 * fsync, rename, fsync of the directory, with a version and a checksum. After a crash at any
 * instant every write that returned true is there, and no file is half written. Files are 0600
 * whatever the umask. A file that cannot be read is set aside (renamed to NAME.damaged-N) and
 * named; the rest loads. One process at a time for one directory (the driver's lock sees to that);
 * in it one thread at a time for one key, different keys in parallel. Subdirectories, files whose
 * names are no keys and those set aside are left alone. */
#ifndef HVKIT_RUNTIME_STORE_H
#define HVKIT_RUNTIME_STORE_H

#include <base/error.h>

struct store;

#define STORE_KEY_MAX 200 /* bytes; [A-Za-z0-9._-]+, no dot first, no ".damaged-" */
#define STORE_VALUE_MAX (16u * 1024 * 1024) /* bytes */

/* directory_fd: duplicated. Removes what a crash left (unfinished new files). */
struct store *store_open(int directory_fd, struct hvk_error *err);
void store_close(struct store *store);

/* Durable when it returns true: two flushes, of the file and of its directory. On failure (also a
 * full disk) the old value is still there; only where the flush of the directory fails it may be
 * either. LIMIT when the value is too big. */
bool store_write(struct store *store, const char *key, const void *data, size_t size,
                 struct hvk_error *err);
/* malloc'ed, NUL-terminated behind its last byte; out_size may be NULL. NULL with native ENOENT
 * when there is none, with STATE_DAMAGED (the text says why and under which name) when it was set
 * aside. */
char *store_read(struct store *store, const char *key, size_t *out_size, struct hvk_error *err);
/* Durable; removing what is not there succeeds. */
bool store_remove(struct store *store, const char *key, struct hvk_error *err);

/* Every readable object, in no order; visit may write and remove. damaged (may be NULL) is called
 * for each of the others, which were set aside or, where permission is what lacks, are left in
 * place. False with the error when the directory cannot be read or this process is short of
 * descriptors or memory; and when visit returned false, which ends it: err is visit's then. */
typedef bool (*store_visit)(void *user, const char *key, const char *data, size_t size);
bool store_for_each(struct store *store, store_visit visit,
                    void (*damaged)(void *, const char *text), void *user, struct hvk_error *err);

#endif
