/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Loading a driver's code through libltdl: the only user of ltdl.h. libltdl is process-wide and not
 * thread-safe, so one mutex stands around all of it here. A module stays for the life of the
 * process. */
#ifndef HVKIT_LOADER_MODULE_H
#define HVKIT_LOADER_MODULE_H

#include <base/error.h>
#include <hvkit/driver.h>

/* Maps the object (canonical absolute path) with all its symbols bound at once and private to it,
 * and finds hvk_driver_v1. Runs its constructors. NULL with DRIVER_REFUSED and dlerror()'s own
 * text. */
hvk_driver_function module_load(const char *path, struct hvk_error *err);

/* A driver that is linked into the program: a module of libltdl's preloaded symbols
 * (lt_dlpreload(), dlpreload_default) with ID_LTX_hvk_driver_v1 and the note ID_LTX_hvk_note. */
struct module_static {
    hvk_driver_function function;
    const struct hvk_note *note;
};

/* Calls found for every static driver, outside the mutex; ends when it returns false. */
bool module_each_static(bool (*found)(void *user, const struct module_static *module), void *user,
                        struct hvk_error *err);

#endif
