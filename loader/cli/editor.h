/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Changing a text in the user's editor until it is accepted. */
#ifndef HVKIT_CLI_EDITOR_H
#define HVKIT_CLI_EDITOR_H

#include "cli.h"

/* Gives the edited text to whoever keeps it; false with the reason in the call's error. */
typedef bool (*editor_apply)(struct cli *cli, const char *text, void *user);

/* Opens $VISUAL, $EDITOR or vi on a private copy of text and applies what comes out, unless nothing
 * was changed (*out_changed is then false). When it is refused, a user at a terminal may edit the
 * same text again; otherwise the text stays in its file and the error says where. `ending` is that
 * of the file's name, so that the editor knows the language: ".xml". */
bool editor_run(struct cli *cli, const char *text, const char *ending, editor_apply apply,
                void *user, bool *out_changed);

/* The whole file, "-" for standard input, as text; NULL with the error. Bounded by FILE_BYTES_MAX.
 */
#define FILE_BYTES_MAX (16u << 20)
char *file_read(struct cli *cli, const char *path);

#endif
