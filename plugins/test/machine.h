/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A domain of the test node. Everything here runs on the domain's lane (or in open and close of
 * the node, when nothing else runs), so there is no lock. */
#ifndef HVKIT_TEST_MACHINE_H
#define HVKIT_TEST_MACHINE_H

#include "node.h"

#include <base/list.h>
#include <hvkit/domain-driver.h>
#include <model/domain-xml.h>

struct machine {
    struct test_node *node;
    uint8_t uuid[HVK_UUID_SIZE];
    struct model_domain *config; /* stored; NULL for a transient domain */
    struct model_domain *live;   /* while it runs; NULL otherwise */
    struct model_domain *saved;  /* managed save; NULL for none */
    int32_t id;                  /* -1 while it does not run */
    int32_t state;               /* HVK_DOMAIN_* */
    int32_t reason;
    bool autostart;
    bool saved_paused;
    int64_t started_ns;   /* CLOCK_MONOTONIC */
    uint64_t generation;  /* 0: was never published */
    struct list consoles; /* open ones; of console.c */
};

/* The domain that a call of this method is about, once the delay and the error that inject= asks
 * for are dealt with; NULL with the error, NO_DOMAIN when there is none. */
struct machine *machine_find(struct hvk_call *call, struct test_node *node,
                             const struct hvk_domain *domain, const char *method);
/* The same; OPERATION_INVALID when it does not run: "cannot TO domain …". */
struct machine *machine_find_active(struct hvk_call *call, struct test_node *node,
                                    const struct hvk_domain *domain, const char *method,
                                    const char *to);
/* The domain that a content names; a new one, not yet published, when there is none. */
struct machine *machine_obtain(struct hvk_call *call, struct test_node *node,
                               const struct hvk_domain *identity);
void machine_free(struct machine *machine);

/* Changes are made in a copy of the struct, which this publishes and then puts in place; the models
 * that only the old one had are freed. When it fails nothing has changed, what only the copy had
 * is freed, and a machine that was never published is freed as well. */
bool machine_commit(struct hvk_call *call, struct machine *machine, struct machine *next);

/* next->live runs, in next->state, from now on. */
bool machine_run(struct hvk_call *call, struct machine *machine, struct machine *next);
/* Starts next->live, and says so. */
bool machine_start(struct hvk_call *call, struct machine *machine, struct machine *next,
                   bool paused, bool restored);
/* Stops; a transient domain is gone afterwards, and machine with it. */
bool machine_stop(struct hvk_call *call, struct machine *machine, struct machine *next,
                  int32_t reason, int32_t detail);
/* Withdraws the domain, says so, and frees it. */
void machine_remove(struct hvk_call *call, struct machine *machine, int32_t event, int32_t detail);
void machine_emit_lifecycle(const struct machine *machine, int32_t event, int32_t detail);

/* OPERATION_INVALID unless the domain runs (does not run). */
bool machine_need_active(struct hvk_call *call, const struct machine *machine, const char *to);
bool machine_need_inactive(struct hvk_call *call, const struct machine *machine, const char *to);

/* What runs, else what is stored. */
const struct model_domain *machine_model(const struct machine *machine);
/* The domain's value, borrowing its name. */
struct hvk_domain machine_value(const struct machine *machine);
uint64_t machine_uptime_ns(const struct machine *machine);
uint64_t machine_memory(const struct model_domain *model); /* KiB, as it is now */
uint32_t machine_vcpus(const struct model_domain *model);

/* Every open console ends. console.c */
void machine_close_consoles(struct machine *machine);

#endif
