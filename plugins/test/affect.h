/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Changing what runs, what is stored, or both, as the AFFECT flags say: copies are changed, and
 * take the place of the originals at once when all went well. */
#ifndef HVKIT_TEST_AFFECT_H
#define HVKIT_TEST_AFFECT_H

#include "machine.h"

enum { AFFECTED_LIVE, AFFECTED_CONFIG };

struct affected {
    struct machine *machine;
    struct model_domain *models[2]; /* by AFFECTED_*; NULL where it is not affected */
};

void affected_fini(struct affected *affected);
#define auto_affected AUTO(affected_fini) struct affected

/* HVK_DOMAIN_AFFECT_CURRENT (0) is what runs, else what is stored. OPERATION_INVALID when the
 * domain does not run (is transient) and the flags ask for it. */
bool affect_begin(struct hvk_call *call, struct machine *machine, uint32_t flags,
                  struct affected *affected);
bool affect_commit(struct hvk_call *call, struct affected *affected);

/* The one model that a read with these flags is about. */
const struct model_domain *affect_read(struct hvk_call *call, const struct machine *machine,
                                       uint32_t flags);

#define AFFECT_FOR_EACH(affected, model)                                                           \
    for (struct model_domain **model##_at = (affected)->models, *model;                            \
         model##_at < (affected)->models + 2; model##_at++)                                        \
        if ((model = *model##_at))

#endif
