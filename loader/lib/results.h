/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The results of a call: slots that belong to the call while it runs, moved to where the caller
 * wants them once all of them are there. */
#ifndef HVKIT_LOADER_RESULTS_H
#define HVKIT_LOADER_RESULTS_H

#include <base/method.h>

/* err: where the collectors report. */
void results_init(union result_slot *slots, const struct method *method, struct hvk_error *err);
void results_fini(union result_slot *slots, const struct method *method);

/* Are the caller's records ready to be filled? */
bool results_check(const struct method *method, const void *args, struct hvk_error *err);
/* Everything or nothing. A result pointer that is NULL drops the result. */
bool results_move(union result_slot *slots, const struct method *method, const void *args);

#endif
