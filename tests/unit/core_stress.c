/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Many threads on few machines: starts and stops racing with destroy, undefine and cancel. The
 * rack's machines have no lock, so a sanitizer and its own count see whether a lane ever let two
 * into one of them. */
#include "core/rack.h"

#include "cmocka_all.h"

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define THREADS 64
#define MACHINES 16
#define ROUNDS 60

static struct hvk_connection *connection;
static atomic_uint succeeded, refused;

/* What may come of a call whose object others change at the same time. */
static const int32_t expected[] = {
    HVK_ERR_NO_DOMAIN, HVK_ERR_OPERATION_INVALID, HVK_ERR_OPERATION_ABORTED,
    HVK_ERR_CANCELLED, HVK_ERR_OBJECT_GONE,       HVK_ERR_DEADLINE,
};

static void account(const struct hvk_call *call, bool done)
{
    if (done) {
        atomic_fetch_add(&succeeded, 1);
        return;
    }
    atomic_fetch_add(&refused, 1);
    for (size_t i = 0; i < sizeof expected / sizeof expected[0]; i++) {
        if (expected[i] == call->error.code)
            return;
    }
    fprintf(stderr, "unexpected: %d %s\n", call->error.code, call->error.text);
    abort();
}

struct player {
    pthread_t thread;
    unsigned seed;
    struct hvk_cancel *cancel;
};

static void play(struct player *player)
{
    static const char *const ends[] = {"", "-waits"};
    char name[32];
    unsigned machine = (unsigned)rand_r(&player->seed) % MACHINES;
    snprintf(name, sizeof name, "m%u%s", machine, ends[machine % 2]);
    struct hvk_domain domain = rack_named(name);
    struct hvk_call call = HVK_CALL_INIT;
    call.deadline_ns = hvk_deadline_in(20000);
    switch (rand_r(&player->seed) % 8) {
    case 0:
    case 1:
        account(&call, hvk_domain_define_xml(&call, connection, name, 0, NULL));
        break;
    case 2:
        call.deadline_ns = hvk_deadline_in(5); /* fall through: one that is soon over */
        account(&call, hvk_domain_create(&call, connection, &domain, NULL, 0, 0, NULL));
        break;
    case 3:
        player->cancel = hvk_cancel_new();
        call.cancel = player->cancel;
        if (player->seed % 2)
            hvk_cancel(player->cancel);
        call.deadline_ns = hvk_deadline_in(20);
        account(&call, hvk_domain_create(&call, connection, &domain, NULL, 0, 0, NULL));
        hvk_cancel_free(player->cancel);
        break;
    case 4:
    case 5:
        account(&call, hvk_domain_destroy(&call, connection, &domain, 0));
        break;
    case 6:
        account(&call, hvk_domain_undefine(&call, connection, &domain, 0));
        break;
    case 7: {
        char *xml = NULL;
        account(&call, hvk_domain_get_xml_desc(&call, connection, &domain, 0, &xml));
        hvk_free(xml);
        break;
    }
    }
}

static void *play_all(void *user)
{
    for (int i = 0; i < ROUNDS; i++)
        play(user);
    return NULL;
}

static void ignore(struct hvk_connection *of, uint32_t event, const void *object,
                   const void *payload, void *user)
{
    const struct hvk_domain *domain = object;
    (void)of;
    (void)event;
    (void)payload;
    if (domain)
        atomic_fetch_add((atomic_uint *)user, (unsigned)strlen(domain->name) > 0);
}

static void threads_on_few_machines_never_meet_in_one(void **state)
{
    (void)state;
    static struct player players[THREADS];
    atomic_uint heard = 0;
    connection = rack_open("rack:///stress");
    struct hvk_watch *watch = hvk_connection_watch(NULL, connection, HVK_EVENT_DOMAIN_LIFECYCLE,
                                                   NULL, ignore, &heard, NULL);
    for (unsigned i = 0; i < THREADS; i++) {
        players[i].seed = i + 1;
        pthread_create(&players[i].thread, NULL, play_all, &players[i]);
    }
    for (unsigned i = 0; i < THREADS; i++)
        pthread_join(players[i].thread, NULL);
    assert_int_equal(rack_collisions(), 0);
    assert_int_equal(atomic_load(&succeeded) + atomic_load(&refused), THREADS * ROUNDS);
    assert_true(atomic_load(&succeeded) > THREADS);
    hvk_watch_free(watch);
    hvk_connection_close(connection);
}

static void *start_hanging(void *user)
{
    struct hvk_domain domain = rack_named(user);
    hvk_domain_create(NULL, connection, &domain, NULL, 0, 0, NULL);
    return NULL;
}

static void a_start_that_hangs_delays_nothing_else(void **state)
{
    (void)state;
    static struct player players[THREADS];
    pthread_t hanging;
    connection = rack_open("rack:///hanging");
    rack_define(connection, "m40-hangs");
    pthread_create(&hanging, NULL, start_hanging, (char[]){"m40-hangs"});
    rack_await_hanging(1);
    for (unsigned i = 0; i < THREADS; i++) {
        players[i].seed = 1000 + i;
        pthread_create(&players[i].thread, NULL, play_all, &players[i]);
    }
    for (unsigned i = 0; i < THREADS; i++)
        pthread_join(players[i].thread, NULL);
    struct hvk_domain_list *list = NULL;
    assert_true(hvk_domain_list(NULL, connection, 0, &list));
    hvk_free(list);
    rack_release();
    pthread_join(hanging, NULL);
    hvk_connection_close(connection);
}

static void *open_and_close(void *user)
{
    unsigned seed = (unsigned)(uintptr_t)user;
    for (int i = 0; i < 30; i++) {
        struct hvk_connection *own = rack_open("rack:///door");
        if (rand_r(&seed) % 2)
            rack_define(own, "m1");
        hvk_connection_close(own);
    }
    return NULL;
}

static void a_node_survives_being_opened_and_closed_at_once(void **state)
{
    (void)state;
    pthread_t threads[16];
    for (uintptr_t i = 0; i < 16; i++)
        pthread_create(&threads[i], NULL, open_and_close, (void *)(i + 1));
    for (int i = 0; i < 16; i++)
        pthread_join(threads[i], NULL);
    while (rack_closed() < rack_opened())
        sched_yield();
    assert_int_equal(rack_closed(), rack_opened());
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(threads_on_few_machines_never_meet_in_one),
        cmocka_unit_test(a_start_that_hangs_delays_nothing_else),
        cmocka_unit_test(a_node_survives_being_opened_and_closed_at_once),
    };
    rack_install();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
