/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Many threads, few domains: starts, saves, pauses, ends, redefinitions and readings race. Every
 * call ends, well or with a reason; nothing hangs, crashes or is left. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "qemu_lab.h"

#define DOMAINS 3
#define THREADS 8
#define ROUNDS 150 /* of each thread */

struct racer {
    struct lab *lab;
    unsigned seed;
    unsigned done;
    pthread_t thread;
};

static char *documents[DOMAINS];

static bool define(struct hvk_call *call, struct hvk_connection *connection,
                   const struct hvk_domain *domain)
{
    (void)domain;
    struct hvk_domain *defined = NULL;
    bool ok = hvk_domain_define_xml(call, connection, documents[call->trace[0]], 0, &defined);
    hvk_free(defined);
    return ok;
}

static bool start(struct hvk_call *call, struct hvk_connection *connection,
                  const struct hvk_domain *domain)
{
    return hvk_domain_create(call, connection, domain, NULL, 0, 0, NULL);
}

static bool destroy(struct hvk_call *call, struct hvk_connection *connection,
                    const struct hvk_domain *domain)
{
    return hvk_domain_destroy(call, connection, domain, 0);
}

static bool save(struct hvk_call *call, struct hvk_connection *connection,
                 const struct hvk_domain *domain)
{
    return hvk_domain_managed_save(call, connection, domain, 0);
}

static bool undefine(struct hvk_call *call, struct hvk_connection *connection,
                     const struct hvk_domain *domain)
{
    return hvk_domain_undefine(call, connection, domain, HVK_DOMAIN_UNDEFINE_MANAGED_SAVE);
}

static bool read_all(struct hvk_call *call, struct hvk_connection *connection,
                     const struct hvk_domain *domain)
{
    struct hvk_param_list *figures = NULL;
    char *xml = NULL;
    bool ok = hvk_domain_get_xml_desc(call, connection, domain, 0, &xml) &&
              hvk_domain_get_stats(call, connection, domain, 0, 0, &figures);
    hvk_free(xml);
    hvk_free(figures);
    return ok;
}

static bool abort_job(struct hvk_call *call, struct hvk_connection *connection,
                      const struct hvk_domain *domain)
{
    return hvk_domain_abort_job(call, connection, domain, 0);
}

static bool (*const deeds[])(struct hvk_call *, struct hvk_connection *,
                             const struct hvk_domain *) = {
    define,
    start,
    destroy,
    save,
    undefine,
    read_all,
    abort_job,
    hvk_domain_suspend,
    hvk_domain_resume,
    start,
    start,
    define,
};

static void *race(void *user)
{
    struct racer *racer = user;
    for (unsigned round = 0; round < ROUNDS; round++) {
        unsigned which = (unsigned)rand_r(&racer->seed) % DOMAINS;
        unsigned deed = (unsigned)rand_r(&racer->seed) % (sizeof deeds / sizeof *deeds);
        char name[16];
        struct hvk_domain *domain = NULL;
        struct hvk_call call = HVK_CALL_INIT;
        call.trace[0] = (uint8_t)which; /* which document define() takes */
        call.deadline_ns = hvk_deadline_in(LAB_WAIT_MS);
        snprintf(name, sizeof name, "race%u", which);
        if (hvk_domain_lookup_by_name(&call, racer->lab->connection, name, &domain))
            deeds[deed](&call, racer->lab->connection, domain);
        else
            define(&call, racer->lab->connection, NULL);
        if (call.error.code == HVK_ERR_DEADLINE || call.error.code == HVK_ERR_INTERNAL_ERROR)
            fail_msg("deed %u: %s", deed, call.error.text);
        hvk_free(domain);
        racer->done++;
    }
    return NULL;
}

static void every_call_ends_whatever_races_it(void **state)
{
    struct lab *lab = *state;
    struct racer racers[THREADS];
    for (unsigned i = 0; i < DOMAINS; i++) {
        char name[16];
        snprintf(name, sizeof name, "race%u", i);
        documents[i] = lab_xml(lab, name, NULL, NULL);
    }
    for (unsigned i = 0; i < THREADS; i++) {
        racers[i] = (struct racer){.lab = lab, .seed = i + 1};
        assert_int_equal(pthread_create(&racers[i].thread, NULL, race, &racers[i]), 0);
    }
    for (unsigned i = 0; i < THREADS; i++) {
        pthread_join(racers[i].thread, NULL);
        assert_int_equal(racers[i].done, ROUNDS);
    }
    lab_reopen(lab);
    for (unsigned i = 0; i < DOMAINS; i++)
        free(documents[i]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(every_call_ends_whatever_races_it, lab_setup, lab_teardown),
    };
    return cmocka_run_group_tests_name("qemu-race", tests, NULL, NULL);
}
