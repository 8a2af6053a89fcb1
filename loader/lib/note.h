/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Reading a driver's identity from its ELF note, without executing anything of it. The format is
 * that of <hvkit/driver.h>; notes as in the System V gABI. Safe from any thread. */
#ifndef HVKIT_LOADER_NOTE_H
#define HVKIT_LOADER_NOTE_H

#include <base/error.h>
#include <hvkit/driver.h>

/* The identity in the file, which is positioned anywhere and stays the caller's; malloc'ed, of at
 * least sizeof(struct hvk_driver_identity), zero behind its own size. NULL with DRIVER_REFUSED and
 * the reason ("is 32-bit …", to follow the file's name) when the file is not a whole shared object
 * for this machine or does not carry exactly one note. What the identity says is not judged here:
 * identity_check(). */
struct hvk_driver_identity *note_read(int fd, struct hvk_error *err);

#endif
