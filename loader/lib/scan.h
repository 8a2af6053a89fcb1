/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* One look at every driver there is: the directories, the notes, the policies, and what is decided
 * from them. Executes nothing of a driver. Takes microseconds a file, so nothing is kept: who needs
 * a driver that is not loaded looks again and sees what was installed meanwhile.
 *
 * Looked for, in this order: beside libhvkit (hvkit/drivers in its directory), in the directories
 * of hvkit.conf, in those of HVKIT_DRIVER_PATH (separated by colons; ignored after a privileged
 * start), and among the drivers linked into the program. In a directory every file named *.so
 * counts. */
#ifndef HVKIT_LOADER_SCAN_H
#define HVKIT_LOADER_SCAN_H

#include "policy.h"
#include <base/error.h>
#include <base/vector.h>
#include <hvkit/driver.h>
#include <sys/types.h>

#define SCAN_DIRECTORIES_MAX 64
#define SCAN_FILES_MAX 1024 /* names *.so in one directory */

/* A file, a static driver, or a directory that could not be used (then without an identity). */
struct candidate {
    char *path;                           /* canonical; "" for a static driver */
    struct hvk_driver_identity *identity; /* NULL: could not be read, or says nonsense */
    struct policy *policy;                /* NULL: was not reached */
    hvk_driver_function function;         /* of a static driver */
    const char *origin;                   /* "found beside libhvkit" … */
    int32_t priority;                     /* the policy's, else the note's */
    bool accepted;                        /* by what it says itself and by its policy */
    bool usable;                          /* accepted, and a URI selects it */
    bool is_directory;
    char *decision; /* one line for people */
    dev_t device;
    ino_t inode;
};

struct scan {
    struct vector candidates;  /* struct candidate, by id and path */
    struct vector directories; /* char *: where was looked, there or not */
};

/* NULL when memory or a descriptor ran out, or hvkit.conf cannot be used. */
struct scan *scan_new(struct hvk_error *err);
void scan_free(struct scan *scan);
DEFINE_AUTO_PTR(struct scan, scan_free)

/* The driver that serves the scheme. NULL with DRIVER_MISSING, which names the package where it is
 * known, or DRIVER_REFUSED with the reason. */
const struct candidate *scan_find(const struct scan *scan, const char *scheme,
                                  struct hvk_error *err);

/* How messages name a driver: "driver 'test' (/usr/lib/…/test.so)", as far as it is known.
 * malloc'ed. */
char *candidate_name(const struct candidate *candidate);

#endif
