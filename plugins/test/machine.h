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
    int64_t started_ns; /* CLOCK_MONOTONIC */
    uint64_t generation;
    struct list consoles; /* open ones; of guest.c */
};

/* Takes config. uuid is what the core reserved. NULL when out of memory. */
struct machine *machine_new(struct test_node *node, const uint8_t *uuid,
                            struct model_domain *config, struct hvk_error *err);
void machine_free(struct machine *machine);

/* The domain that a call is about; NULL with NO_DOMAIN. */
struct machine *machine_find(struct hvk_call *call, struct test_node *node,
                             const struct hvk_domain *domain);

/* What runs, else what is stored. */
const struct model_domain *machine_model(const struct machine *machine);
uint64_t machine_memory(const struct model_domain *model); /* KiB, as it is now */
uint32_t machine_vcpus(const struct model_domain *model);
uint64_t machine_uptime_ns(const struct machine *machine);

/* The domain's value, borrowing its name. */
struct hvk_domain machine_value(const struct machine *machine);

/* Publishes what the machine now is. */
bool machine_publish(struct hvk_call *call, struct machine *machine);
void machine_emit_lifecycle(const struct machine *machine, int32_t event, int32_t detail);

/* Takes live. Publishes, then says so. */
bool machine_run(struct hvk_call *call, struct machine *machine, struct model_domain *live,
                 bool paused, int32_t reason, int32_t detail);
/* The domain stops; a transient one is gone afterwards, and machine with it. */
bool machine_stop(struct hvk_call *call, struct machine *machine, int32_t reason, int32_t detail);
/* Withdraws the domain, says so, and frees it. */
void machine_remove(struct hvk_call *call, struct machine *machine, int32_t event, int32_t detail);

/* Ends every open console. */
void machine_close_consoles(struct machine *machine);

/* OPERATION_INVALID unless the domain runs (does not run). */
bool machine_need_active(struct hvk_call *call, const struct machine *machine, const char *to);
bool machine_need_inactive(struct hvk_call *call, const struct machine *machine, const char *to);

#endif
