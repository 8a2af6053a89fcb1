/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The drivers of this process: found by their notes, chosen by scheme, loaded and started once, and
 * never unloaded. Safe from any thread; a driver's start runs outside the registry's mutex. */
#ifndef HVKIT_LOADER_REGISTRY_H
#define HVKIT_LOADER_REGISTRY_H

#include <base/error.h>
#include <hvkit/client.h>
#include <hvkit/driver.h>

struct registry;

/* A driver that was loaded and started. Valid as long as the registry. */
struct registered_driver {
    const struct hvk_driver_identity *identity;
    const struct hvk_driver *driver;
    const char *path;            /* "" for a static driver */
    const struct policy *policy; /* policy.h: what the administrator says about it */
};

/* core is handed to every driver's start(). */
struct registry *registry_new(const struct hvk_core *core, struct hvk_error *err);
void registry_free(struct registry *registry); /* stops every started driver */

/* The driver for a scheme, loaded and started if it was not. DRIVER_MISSING names the package that
 * provides it where that is known; DRIVER_REFUSED says why and the way out. */
const struct registered_driver *registry_get(struct registry *registry, struct hvk_call *call,
                                             const char *scheme);

/* The usable driver whose probe() says most; its first scheme is then the default. NULL with
 * NO_CONNECT when none says it can. */
const struct registered_driver *registry_probe(struct registry *registry, struct hvk_call *call);

/* For hvk_drivers_list(); works on a registry that has loaded nothing. */
bool registry_list(struct registry *registry, struct hvk_driver_info_list **out_drivers,
                   struct hvk_error *err);

/* Is the driver with the id running in this process, from that file ("" for a static one)? */
bool registry_has_loaded(struct registry *registry, const char *id, const char *path);

/* An option of the driver with the id, as its policy had it when the driver was started; NULL when
 * it is not set. Valid as long as the registry. */
const char *registry_option(struct registry *registry, const char *id, const char *name);

#endif
