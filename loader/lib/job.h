/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Work of an object that outlives a call (a save, a migration): one at a time for each object, with
 * the progress that its driver reported last. */
#ifndef HVKIT_LOADER_JOB_H
#define HVKIT_LOADER_JOB_H

#include <base/error.h>
#include <hvkit/driver.h>

struct hvk_job *job_begin(struct hvk_node *node, uint32_t kind, const uint8_t *key,
                          int32_t operation, struct hvk_error *err);
void job_progress(struct hvk_job *job, const struct hvk_param *params, uint32_t count);
void job_end(struct hvk_job *job, bool succeeded);
/* What a driver left behind when it closed the node. */
void job_end_all(struct hvk_node *node);

/* What is known of the object's job, running or, else, the last one that ended. */
struct job_state {
    bool running;
    bool succeeded;
    int32_t operation;
    int64_t started_ns; /* CLOCK_MONOTONIC */
    int64_t ended_ns;
};
/* False when there was none. put (may be NULL) gets each value that the driver reported, with the
 * node's jobs locked. */
bool job_get(struct hvk_node *node, uint32_t kind, const uint8_t *key, struct job_state *out_state,
             bool (*put)(void *user, const struct hvk_param *param), void *user);
/* Forgets a job that has ended. */
void job_forget(struct hvk_node *node, uint32_t kind, const uint8_t *key);

#endif
