/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A node in memory: test:///default with one running domain, or what test:///FILE.xml describes. */
#ifndef HVKIT_TEST_NODE_H
#define HVKIT_TEST_NODE_H

#include "inject.h"

#include <hvkit/connection-driver.h>
#include <hvkit/driver.h>
#include <model/model.h>

struct test_cell {
    uint64_t memory_kib;
    uint32_t first_cpu;
    uint32_t cpus;
};

#define TEST_CELLS_MAX 16
#define TEST_CPUS_MAX 512

/* Constant once the node is open, except for last_id. */
struct test_node {
    const struct hvk_core *core;
    struct hvk_node *host; /* the core's side */
    char model[32];
    uint64_t memory_kib;
    uint32_t cpus, mhz, cell_count, sockets, cores, threads;
    struct test_cell cells[TEST_CELLS_MAX];
    struct injections injections;
    struct model_arena *document; /* of FILE.xml; NULL for none */
    int32_t last_id;              /* atomic: domains start on lanes of their own */
};

void *node_open(struct hvk_call *call, struct hvk_node *host, const struct hvk_uri *uri,
                uint32_t flags);
void node_close(void *instance);

struct model_domain;

/* Takes domain (NULL: fails) and adds it in the state in which it says that it is found. While the
 * node opens. */
bool node_add_domain(struct hvk_call *call, struct test_node *node, struct model_domain *domain);

/* Ids of running domains, from 1. */
int32_t node_next_id(struct test_node *node);

/* Given to start(); the driver's only other state. */
extern const struct hvk_core *test_core;

#endif
