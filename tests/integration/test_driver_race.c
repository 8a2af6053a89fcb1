/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Threads that define, rename, start, stop and forget the same few domains: whatever the order,
 * names and uuids stay unique, every failure is one that the caller can understand, and the node is
 * usable afterwards. Run under the thread sanitizer as well. */
#include "test_driver.h"

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define THREADS 16
#define ROUNDS 120
#define NAMES 4

static struct hvk_connection *connection;
static atomic_int unexpected;

static int setup(void **state)
{
    (void)state;
    connection = open_fresh("");
    atomic_store(&unexpected, 0);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    hvk_connection_close(connection);
    return 0;
}

/* What two callers may do to each other. */
static void check(bool done, const struct hvk_call *call, const char *what)
{
    static const int32_t codes[] = {HVK_ERR_DOM_EXIST, HVK_ERR_NO_DOMAIN, HVK_ERR_OPERATION_INVALID,
                                    HVK_ERR_OBJECT_GONE};
    for (size_t i = 0; !done && i < sizeof codes / sizeof codes[0]; i++)
        done = call->error.code == codes[i];
    if (done)
        return;
    print_error("%s: %d %s\n", what, call->error.code, call->error.text);
    atomic_fetch_add(&unexpected, 1);
}

#define TRY(function, ...)                                                                         \
    do {                                                                                           \
        struct hvk_call try_call = HVK_CALL_INIT;                                                  \
        check(function(&try_call, connection, __VA_ARGS__), &try_call, #function);                 \
    } while (0)

static void run(void *(*body)(void *))
{
    pthread_t threads[THREADS];
    for (uintptr_t i = 0; i < THREADS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, body, (void *)i), 0);
    for (int i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    assert_int_equal(atomic_load(&unexpected), 0);
}

/* Each listed domain is found by name and by uuid, and is the same; its XML says so too. */
static void expect_consistency(void)
{
    struct hvk_domain_list *list = NULL;
    DONE(hvk_domain_list, connection, 0, &list);
    for (uint64_t i = 0; i < list->count; i++) {
        const struct hvk_domain *domain = hvk_domain_list_at(list, i);
        struct hvk_domain *named_so = NULL, *numbered_so = NULL;
        char holds[64];
        DONE(hvk_domain_lookup_by_name, connection, domain->name, &named_so);
        DONE(hvk_domain_lookup_by_uuid, connection, domain->uuid, &numbered_so);
        assert_memory_equal(named_so->uuid, domain->uuid, HVK_UUID_SIZE);
        assert_string_equal(numbered_so->name, domain->name);
        snprintf(holds, sizeof holds, "<name>%s</name>", domain->name);
        expect_xml(connection, domain->name, 0, holds, true);
        hvk_free(named_so);
        hvk_free(numbered_so);
    }
    assert_true(list->count <= NAMES + 1);
    hvk_free(list);
    define(connection, "afterwards", "");
}

/* Names meet names, and uuids meet uuids: thread and round choose one of each. */
static void *define_and_forget(void *number)
{
    uintptr_t thread = (uintptr_t)number;
    char name[16], uuid[64];
    for (unsigned i = 0; i < ROUNDS; i++) {
        snprintf(name, sizeof name, "vm%u", (unsigned)(i + thread) % NAMES);
        snprintf(uuid, sizeof uuid, "<uuid>00000000-0000-4000-8000-00000000000%u</uuid>",
                 (unsigned)(i / 2 + thread * 3) % NAMES + 1);
        char *xml = domain_xml(name, uuid);
        TRY(hvk_domain_define_xml, xml, 0, NULL);
        free(xml);
        struct hvk_domain domain = named(name);
        if ((i + thread) % 3 == 0)
            TRY(hvk_domain_undefine, &domain, 0);
    }
    return NULL;
}

static void definitions_race_by_name_and_by_uuid(void **state)
{
    (void)state;
    run(define_and_forget);
    expect_consistency();
}

static void *define_without_uuid(void *number)
{
    (void)number;
    for (unsigned i = 0; i < ROUNDS; i++)
        define(connection, i % 2 ? "vm0" : "vm1", "");
    return NULL;
}

static void one_name_gets_one_uuid(void **state)
{
    struct hvk_domain_list *list = NULL;
    (void)state;
    run(define_without_uuid);
    DONE(hvk_domain_list, connection, HVK_DOMAIN_LIST_INACTIVE, &list);
    assert_int_equal(list->count, 2);
    hvk_free(list);
}

/* The name may just be somebody else's, after a rename. */
static void define_or_not(const char *name)
{
    char *xml = domain_xml(name, "");
    TRY(hvk_domain_define_xml, xml, 0, NULL);
    free(xml);
}

static void *live(void *number)
{
    uintptr_t thread = (uintptr_t)number;
    char name[16], other[16];
    for (unsigned i = 0; i < ROUNDS; i++) {
        snprintf(name, sizeof name, "vm%u", (unsigned)(i + thread) % NAMES);
        snprintf(other, sizeof other, "vm%u", (unsigned)(i * 5 + thread + 1) % NAMES);
        struct hvk_domain domain = named(name);
        switch ((i + thread) % 8) {
        case 0:
            define_or_not(name);
            break;
        case 1:
            TRY(hvk_domain_create, &domain, NULL, 0, 0, NULL);
            break;
        case 2:
            TRY(hvk_domain_suspend, &domain);
            break;
        case 3:
            TRY(hvk_domain_managed_save, &domain, 0);
            break;
        case 4:
            TRY(hvk_domain_rename, &domain, other, 0);
            break;
        case 5:
            TRY(hvk_domain_destroy, &domain, 0);
            break;
        case 6:
            TRY(hvk_domain_set_memory, &domain, 65536 + i, 0);
            break;
        default:
            TRY(hvk_domain_undefine, &domain, HVK_DOMAIN_UNDEFINE_MANAGED_SAVE);
            break;
        }
    }
    return NULL;
}

static void lives_race_with_ends(void **state)
{
    struct journal *journal = journal_start(connection);
    (void)state;
    run(live);
    journal_stop(journal);
    expect_consistency();
}

static void *talk(void *number)
{
    struct hvk_domain domain = named("test");
    for (unsigned i = 0; i < ROUNDS / 2; i++) {
        struct hvk_call call = HVK_CALL_INIT;
        char byte = 'x';
        if ((uintptr_t)number % 8 == 0) {
            TRY(hvk_domain_destroy, &domain, 0);
            TRY(hvk_domain_create, &domain, NULL, 0, 0, NULL);
            continue;
        }
        struct hvk_stream *stream = hvk_stream_new(NULL, connection);
        if (hvk_domain_open_console(&call, connection, &domain, NULL, stream,
                                    HVK_DOMAIN_CONSOLE_FORCE) &&
            hvk_stream_write(NULL, stream, &byte, 1))
            hvk_stream_read(NULL, stream, &byte, 1); /* an echo, or the end */
        hvk_stream_free(stream);
    }
    return NULL;
}

static void consoles_race_with_each_other_and_with_the_guest(void **state)
{
    (void)state;
    run(talk);
    struct hvk_domain domain = named("test");
    struct hvk_stream *stream = hvk_stream_new(NULL, connection);
    TRY(hvk_domain_create, &domain, NULL, 0, 0, NULL);
    DONE(hvk_domain_open_console, connection, &domain, NULL, stream, HVK_DOMAIN_CONSOLE_FORCE);
    hvk_stream_free(stream);
}

int main(void)
{
#define RACE(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
    const struct CMUnitTest tests[] = {
        RACE(definitions_race_by_name_and_by_uuid),
        RACE(one_name_gets_one_uuid),
        RACE(lives_race_with_ends),
        RACE(consoles_race_with_each_other_and_with_the_guest),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
