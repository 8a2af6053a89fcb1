/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Loading, the handshake, starting and stopping; static drivers; probing. */
#include "registry.h"

#include "fixture.h"
#include "policy.h"
#include <base/cleanup.h>
#include <base/string.h>
#include <dlfcn.h>
#include <ltdl.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <sys/stat.h>

#include <cmocka.h>

/* What a fixture's start() does while it asks for the service "fixture". */
static const void *(*start_hook)(void);
static struct registry *registry;

static const void *service(const char *service_id)
{
    assert_string_equal(service_id, "fixture");
    return start_hook ? start_hook() : "";
}

static const struct hvk_core core = {.size = sizeof core, .service = service};

static int setup(void **state)
{
    struct hvk_error err;
    start_hook = NULL;
    registry = registry_new(&core, &err);
    return registry ? place_setup(state) : -1;
}

/* Mapped objects keep no descriptor, so the place's own check holds. */
static int teardown(void **state)
{
    registry_free(registry);
    return place_teardown(state);
}

static const struct registered_driver *get(const char *scheme)
{
    struct hvk_call call = HVK_CALL_INIT;
    const struct registered_driver *driver = registry_get(registry, &call, scheme);
    if (!driver)
        fail_msg("%s", call.error.text);
    return driver;
}

static void assert_refused(const char *scheme, const char *reason)
{
    struct hvk_call call = HVK_CALL_INIT;
    assert_null(registry_get(registry, &call, scheme));
    assert_int_equal(call.error.code, HVK_ERR_DRIVER_REFUSED);
    assert_contains(call.error.text, reason);
    assert_contains(call.error.text, scheme);
}

/* ---- one driver ----------------------------------------------------------------------------- */

static void a_driver_is_loaded_and_started_once(void **state)
{
    place_install(*state, "good", "good");
    setenv("FIXTURE_CONSTRUCTED", place_path(*state, "constructed"), 1);
    const struct registered_driver *driver = get("good");
    assert_true(file_exists(place_path(*state, "constructed")));
    assert_string_equal(driver->identity->id, "good");
    assert_string_equal(driver->path, place_path(*state, "drivers/good.so"));
    assert_non_null(driver->driver->find("hvkit.connection/1"));
    setenv("FIXTURE_START_FAILS", "it was started twice", 1);
    assert_ptr_equal(get("good"), driver);
}

static void only_the_chosen_driver_is_executed(void **state)
{
    place_install(*state, "good", "good");
    place_install(*state, "probing", "probing");
    get("good");
    auto_free char *path = string_format("%s/probing.so", ((struct place *)*state)->drivers);
    assert_null(dlopen(path, RTLD_NOLOAD | RTLD_LAZY));
}

static void a_driver_stops_when_the_registry_ends_and_stays_mapped(void **state)
{
    struct hvk_error err;
    place_install(*state, "good", "good");
    setenv("FIXTURE_STOPPED", place_path(*state, "stopped"), 1);
    const struct hvk_driver *driver = get("good")->driver;
    registry_free(registry);
    registry = registry_new(&core, &err);
    assert_true(file_exists(place_path(*state, "stopped")));
    assert_non_null(driver->find("hvkit.connection/1"));
}

static void its_symbols_stay_its_own(void **state)
{
    place_install(*state, "good", "good");
    get("good");
    assert_null(dlsym(RTLD_DEFAULT, HVK_DRIVER_SYMBOL));
}

static void a_stripped_driver_of_a_release_build_works(void **state)
{
    place_install(*state, "lean", "lean");
    assert_string_equal(get("lean")->identity->id, "lean");
}

static void a_loaded_driver_is_listed_as_such(void **state)
{
    struct hvk_error err;
    place_install(*state, "good", "good");
    get("good");
    auto_free struct hvk_driver_info_list *list = NULL;
    assert_true(registry_list(registry, &list, &err));
    assert_string_equal(list->items[0].id, "good");
    assert_true(list->items[0].loaded);
}

static void options_of_the_policy_reach_the_core(void **state)
{
    place_install(*state, "good", "good");
    place_write(*state, "etc/drivers.d/good.conf", "[options]\ncolour = blue\n");
    assert_null(registry_option(registry, "good", "colour"));
    assert_string_equal(policy_option_find(get("good")->policy, "colour"), "blue");
    assert_string_equal(registry_option(registry, "good", "colour"), "blue");
    assert_null(registry_option(registry, "good", "size"));
}

/* ---- bad ones ------------------------------------------------------------------------------- */

static void a_missing_symbol_is_named(void **state)
{
    place_install(*state, "symbol", "symbol");
    assert_refused("symbol", "does not export hvk_driver_v1()");
}

static void an_undefined_symbol_fails_at_once_with_the_linkers_own_text(void **state)
{
    place_install(*state, "unresolved", "unresolved");
    assert_refused("unresolved", "undefined symbol: fixture_absent");
}

static void a_note_that_differs_from_the_descriptor_is_refused(void **state)
{
    place_install(*state, "disagree", "disagree");
    assert_refused("disagree", "its note and the identity that hvk_driver_v1() returns differ");
}

static void a_table_that_is_stated_but_absent_is_named(void **state)
{
    place_install(*state, "table", "table");
    assert_refused("table", "states the table 'com.example.fixture/1' in its note");
}

static void a_bad_driver_costs_the_others_nothing(void **state)
{
    place_install(*state, "symbol", "symbol");
    place_install(*state, "unresolved", "unresolved");
    place_install(*state, "good", "good");
    assert_refused("symbol", "does not export");
    assert_refused("unresolved", "undefined symbol");
    get("good");
}

static void a_start_that_fails_says_why_and_may_be_tried_again(void **state)
{
    struct hvk_call call = HVK_CALL_INIT;
    place_install(*state, "good", "good");
    setenv("FIXTURE_START_FAILS", "cannot open '/dev/example': Permission denied", 1);
    assert_null(registry_get(registry, &call, "good"));
    assert_int_equal(call.error.code, HVK_ERR_DRIVER_REFUSED);
    assert_int_equal(call.error.native, 13);
    assert_contains(call.error.text, "cannot start: cannot open '/dev/example'");
    unsetenv("FIXTURE_START_FAILS");
    get("good");
}

static void a_start_that_fails_without_a_reason_is_said_so(void **state)
{
    place_install(*state, "good", "good");
    setenv("FIXTURE_START_FAILS", "", 1);
    assert_refused("good", "cannot start: it does not say why");
}

static void a_bad_file_that_was_replaced_before_it_was_loaded_works(void **state)
{
    place_write(*state, "drivers/good.so", "half a download");
    assert_refused("good", "is not an ELF file");
    place_install(*state, "good", "good");
    get("good");
}

/* ---- threads -------------------------------------------------------------------------------- */

static const void *ask_for_itself(void)
{
    struct hvk_call call = HVK_CALL_INIT;
    assert_null(registry_get(registry, &call, "good"));
    assert_contains(call.error.text, "driver 'good' needs itself in order to start");
    return "";
}

static void a_driver_that_needs_itself_to_start_does_not_hang(void **state)
{
    place_install(*state, "good", "good");
    start_hook = ask_for_itself;
    get("good");
}

static pthread_barrier_t started, may_end;
static unsigned starts;

static const void *start_slowly(void)
{
    __atomic_add_fetch(&starts, 1, __ATOMIC_SEQ_CST);
    pthread_barrier_wait(&started);
    pthread_barrier_wait(&may_end);
    return "";
}

static void *get_in_thread(void *scheme)
{
    struct hvk_call call = HVK_CALL_INIT;
    return (void *)registry_get(registry, &call, scheme);
}

static void a_driver_that_is_slow_to_start_delays_no_other_and_starts_once(void **state)
{
    place_install(*state, "good", "good");
    place_install(*state, "probing", "probing");
    pthread_barrier_init(&started, NULL, 2);
    pthread_barrier_init(&may_end, NULL, 2);
    starts = 0;
    start_hook = start_slowly;
    pthread_t first, second;
    void *by_first, *by_second;
    pthread_create(&first, NULL, get_in_thread, (void *)"good");
    pthread_barrier_wait(&started);
    start_hook = NULL;
    get("probing");

    struct hvk_call call = HVK_CALL_INIT;
    static const int64_t past[] = {1, -1, INT64_MIN};
    for (size_t i = 0; i < sizeof past / sizeof past[0]; i++) {
        call.deadline_ns = past[i];
        alarm(20); /* where a thread would spin */
        assert_null(registry_get(registry, &call, "good"));
        alarm(0);
        assert_int_equal(call.error.code, HVK_ERR_DEADLINE);
    }

    pthread_create(&second, NULL, get_in_thread, (void *)"good");
    pthread_barrier_wait(&may_end);
    pthread_join(first, &by_first);
    pthread_join(second, &by_second);
    assert_non_null(by_first);
    assert_ptr_equal(by_first, by_second);
    assert_int_equal(starts, 1);
    pthread_barrier_destroy(&started);
    pthread_barrier_destroy(&may_end);
}

/* ---- without a URI -------------------------------------------------------------------------- */

static void the_driver_whose_probe_says_most_is_the_default(void **state)
{
    struct hvk_call call = HVK_CALL_INIT;
    place_install(*state, "good", "good");
    place_install(*state, "eager", "eager");
    place_install(*state, "probing", "probing");
    place_install(*state, "symbol", "symbol");
    setenv("FIXTURE_PROBE_probing", "5", 1);
    setenv("FIXTURE_PROBE_eager", "4", 1);
    const struct registered_driver *driver = registry_probe(registry, &call);
    assert_non_null(driver);
    assert_string_equal(driver->identity->id, "probing");
    setenv("FIXTURE_PROBE_eager", "6", 1);
    assert_string_equal(registry_probe(registry, &call)->identity->id, "eager");
}

static void without_a_driver_that_can_serve_the_reasons_are_given(void **state)
{
    struct hvk_call call = HVK_CALL_INIT;
    place_install(*state, "eager", "eager");
    place_install(*state, "symbol", "symbol");
    setenv("FIXTURE_PROBE_eager", "0", 1);
    assert_null(registry_probe(registry, &call));
    assert_int_equal(call.error.code, HVK_ERR_NO_CONNECT);
    assert_contains(call.error.text, "driver 'eager' sees nothing");
    assert_contains(call.error.text, "does not export hvk_driver_v1()");
}

/* ---- static drivers ------------------------------------------------------------------------- */

const struct hvk_driver *still_LTX_hvk_driver_v1(void);
extern const struct hvk_note still_LTX_hvk_note;

static void a_driver_in_the_program_is_found_like_a_file(void **state)
{
    (void)state;
    struct hvk_error err;
    static const lt_dlsymlist symbols[] = {
        {"@PROGRAM@", NULL},
        {"still", NULL},
        {"still_LTX_hvk_driver_v1", (void *)still_LTX_hvk_driver_v1},
        {"still_LTX_hvk_note", (void *)&still_LTX_hvk_note},
        {NULL, NULL},
    };
    assert_int_equal(lt_dlpreload(symbols), 0);
    const struct registered_driver *driver = get("still");
    assert_string_equal(driver->identity->id, "still");
    assert_string_equal(driver->path, "");
    auto_free struct hvk_driver_info_list *list = NULL;
    assert_true(registry_list(registry, &list, &err));
    assert_int_equal(list->count, 1);
    assert_true(list->items[0].loaded);
    assert_string_equal(list->items[0].decision, "usable: linked into the program");
    assert_string_equal(list->items[0].path, "");
    lt_dlpreload(NULL);
}

static void the_stock_loader_is_gone(void **state)
{
    place_install(*state, "good", "good");
    get("good");
    assert_null(lt_dlloader_find("lt_dlopen"));
    assert_non_null(lt_dlloader_find("hvkit"));
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(a_driver_is_loaded_and_started_once),
        TEST(only_the_chosen_driver_is_executed),
        TEST(a_driver_stops_when_the_registry_ends_and_stays_mapped),
        TEST(its_symbols_stay_its_own),
        TEST(a_stripped_driver_of_a_release_build_works),
        TEST(a_loaded_driver_is_listed_as_such),
        TEST(options_of_the_policy_reach_the_core),
        TEST(a_missing_symbol_is_named),
        TEST(an_undefined_symbol_fails_at_once_with_the_linkers_own_text),
        TEST(a_note_that_differs_from_the_descriptor_is_refused),
        TEST(a_table_that_is_stated_but_absent_is_named),
        TEST(a_bad_driver_costs_the_others_nothing),
        TEST(a_start_that_fails_says_why_and_may_be_tried_again),
        TEST(a_start_that_fails_without_a_reason_is_said_so),
        TEST(a_bad_file_that_was_replaced_before_it_was_loaded_works),
        TEST(a_driver_that_needs_itself_to_start_does_not_hang),
        TEST(a_driver_that_is_slow_to_start_delays_no_other_and_starts_once),
        TEST(the_driver_whose_probe_says_most_is_the_default),
        TEST(without_a_driver_that_can_serve_the_reasons_are_given),
        TEST(a_driver_in_the_program_is_found_like_a_file),
        TEST(the_stock_loader_is_gone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
