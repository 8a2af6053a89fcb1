/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a domain leaves between its runs: the firmware's variables, the TPM's state. */
#ifndef HVKIT_QEMU_KEEPSAKES_H
#define HVKIT_QEMU_KEEPSAKES_H

#include "machine.h"

/* Removes what a domain that is undefined leaves. flags: HVK_DOMAIN_UNDEFINE_*; false with
 * OPERATION_INVALID when they do not say what becomes of the firmware's variables. */
bool keepsakes_remove(const struct machine *machine, uint32_t flags, struct hvk_error *err);

/* Around a change of name: the variables, where there are any, have the new name as well, then it
 * alone. */
bool keepsakes_link(const struct machine *machine, const char *new_name, bool *out_linked,
                    struct hvk_error *err);
void keepsakes_unlink(const struct machine *machine, const char *old_name);

#endif
