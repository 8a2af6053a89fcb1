/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The form of hvkit's configuration files: UTF-8 lines that are blank, a comment (first character #
 * or ;), a [section] or NAME = VALUE. Blanks around names and values do not count; a value reaches
 * to the end of its line and knows neither quotes nor escapes.
 *
 * Why no library: libinih is the tenth object to map and 55,000 instructions at every start (8 % of
 * all of hvkit --version), cuts lines at 200 bytes, where a URI may have 8192, and goes on behind
 * an error. */
#ifndef HVKIT_LOADER_SETTINGS_H
#define HVKIT_LOADER_SETTINGS_H

#include <base/error.h>

#define SETTINGS_SIZE_MAX (256 * 1024) /* bytes of a file */

/* One setting; section is "" before the first [section]. False with the reason ends the reading;
 * file and line are put in front of it. */
typedef bool (*settings_function)(void *user, const char *section, const char *name,
                                  const char *value, struct hvk_error *err);

/* path is for messages alone. CONF_SYNTAX names path and line. */
bool settings_read(int fd, const char *path, settings_function function, void *user,
                   struct hvk_error *err);

/* The same of a text, which is changed while it is read. */
bool settings_parse(char *text, const char *path, settings_function function, void *user,
                    struct hvk_error *err);

#endif
