/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Saving a running domain to a file, dumping its memory, and bringing a saved one back.
 *
 * A job lives in the run, not on a stack: QEMU's event ends it, whoever asked merely waits, and a
 * later owner of the root goes on where this one was. */
#ifndef HVKIT_QEMU_SAVE_H
#define HVKIT_QEMU_SAVE_H

#include "machine.h"

/* ROOT/save/UUID.save */
bool save_exists(const struct machine *machine);
/* While opening: notes whether the machine has one, and removes what interrupted saves left. */
void save_find_managed(struct machine *machine);
bool save_sweep(struct node *node, struct hvk_error *err);
bool save_remove_managed(struct machine *machine, struct hvk_error *err);
char *save_managed_path(const struct machine *machine);
/* Starts the domain from its managed save, which is gone afterwards. */
bool save_restore_managed(struct hvk_call *call, struct machine *machine, uint32_t start_flags);

/* Starts the domain, which does not run, from a file. xml NULL: the file's own. */
bool save_restore_from(struct hvk_call *call, struct machine *machine, const char *path,
                       const char *xml, uint32_t start_flags, uint32_t save_flags);

/* Writes the domain to path and ends it. flags: HVK_DOMAIN_SAVE_*; xml NULL: its own. */
bool save_to(struct hvk_call *call, struct machine *machine, const char *path, bool managed,
             uint32_t flags, const char *xml);

/* Within a start: feeds QEMU the stream at fd, and lets it run when `resume`. */
bool save_load(struct hvk_call *call, struct machine *machine, int fd, bool resume);

/* Writes the guest's memory to path. */
bool save_dump(struct hvk_call *call, struct machine *machine, const char *path, uint32_t format,
               uint32_t flags);

/* Gives up the job that runs. */
bool save_abort(struct hvk_call *call, struct machine *machine);

/* QEMU's events. */
void save_on_migration(struct machine *machine, const json_t *data);
void save_on_dump_completed(struct machine *machine, const json_t *data);

/* Goes on with the job of an adopted domain. */
bool save_adopt(struct hvk_call *call, struct machine *machine);

#endif
