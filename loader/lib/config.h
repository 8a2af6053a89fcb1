/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* hvkit.conf, the configuration of the machine, and the user's own:
 *
 *   uri = qemu:///system                  the default connection
 *   [drivers]
 *   directory = /opt/example/drivers      where drivers are looked for as well; may be repeated
 *   [aliases]
 *   lab = qemu+ssh://root@lab.example/system
 *
 * The machine's is /etc/hvkit/hvkit.conf. The user's, $XDG_CONFIG_HOME/hvkit/hvkit.conf (~/.config
 * where that is not set), is read after it and wins; it may not name directories.
 * HVKIT_CONFIG_DIR names another directory in place of both. Neither the user's file nor the
 * variable counts after a privileged start. A file that others can write to is refused. */
#ifndef HVKIT_LOADER_CONFIG_H
#define HVKIT_LOADER_CONFIG_H

#include <base/error.h>
#include <base/vector.h>

#define CONFIG_DIRECTORIES_MAX 32
#define CONFIG_ALIASES_MAX 1024

struct config_alias {
    char *name;
    char *uri;
};

struct config {
    char *uri;                 /* NULL: none */
    struct vector directories; /* char * */
    struct vector aliases;     /* struct config_alias */
};

/* with_users: the user's file as well. A missing file is an empty one. NULL with the error. */
struct config *config_load(bool with_users, struct hvk_error *err);
void config_free(struct config *config);
DEFINE_AUTO_PTR(struct config, config_free)

/* The alias's URI, NULL when there is none of the name. */
const char *config_alias_find(const struct config *config, const char *name);

/* Where the machine's configuration is: hvkit.conf and drivers.d/. Static or of the environment. */
const char *config_directory(void);

#endif
