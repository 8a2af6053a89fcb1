/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the core answers by itself: about the connection, this machine, jobs, many domains. */
#include "core/rack.h"

#include "cmocka_all.h"

#include <base/cleanup.h>
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <string.h>
#include <unistd.h>

static int setup(void **state)
{
    *state = rack_open("rack:///answers");
    return 0;
}

static int teardown(void **state)
{
    hvk_connection_close(*state);
    return 0;
}

static void a_connection_knows_itself(void **state)
{
    auto_free char *uri = NULL;
    auto_free char *type = NULL;
    uint64_t level = 0;
    bool secure = false;
    assert_true(hvk_connection_get_uri(NULL, *state, &uri));
    assert_string_equal(uri, "rack:///answers");
    assert_true(hvk_connection_get_type(NULL, *state, &type));
    assert_string_equal(type, "rack");
    assert_true(hvk_connection_get_lib_version(NULL, *state, &level));
    assert_true(level >= 9000000);
    assert_true(hvk_connection_is_secure(NULL, *state, &secure));
    assert_true(secure);
}

static const struct hvk_param *param(const struct hvk_param_list *list, const char *name)
{
    for (uint64_t i = 0; i < list->count; i++) {
        if (strcmp(hvk_param_list_at(list, i)->name, name) == 0)
            return hvk_param_list_at(list, i);
    }
    fail_msg("there is no '%s'", name);
    return NULL;
}

/* ---- this machine --------------------------------------------------------------------------- */

static void the_machines_processors_agree_with_the_system(void **state)
{
    struct hvk_node_info info = HVK_RECORD_INIT(info);
    auto_free struct hvk_bytes *map = NULL;
    uint32_t online = 0, cpus = 0, bits = 0;
    assert_true(hvk_connection_node_get_info(NULL, *state, &info));
    assert_int_equal(info.cpus, sysconf(_SC_NPROCESSORS_ONLN));
    assert_int_equal(info.nodes * info.sockets * info.cores * info.threads, info.cpus);
    assert_true(info.memory_kib > 1024 && info.model[0] != '\0');
    assert_true(hvk_connection_node_get_cpu_map(NULL, *state, 0, &map, &online, &cpus));
    assert_int_equal(online, info.cpus);
    assert_true(cpus >= online && map->count == (cpus + 7) / 8);
    for (uint64_t i = 0; i < map->count; i++)
        bits += (uint32_t)__builtin_popcount(map->items[i]);
    assert_int_equal(bits, online);
}

static void processor_times_add_up(void **state)
{
    struct hvk_call call = HVK_CALL_INIT;
    auto_free struct hvk_param_list *all = NULL;
    auto_free struct hvk_param_list *first = NULL;
    assert_true(hvk_connection_node_get_cpu_stats(NULL, *state, -1, 0, &all));
    assert_true(hvk_connection_node_get_cpu_stats(NULL, *state, 0, 0, &first));
    assert_true(param(all, HVK_NODE_CPU_STATS_IDLE)->value.u64 >=
                param(first, HVK_NODE_CPU_STATS_IDLE)->value.u64);
    assert_true(param(all, HVK_NODE_CPU_STATS_USER)->value.u64 > 0);
    struct hvk_param_list *none = NULL;
    assert_false(hvk_connection_node_get_cpu_stats(&call, *state, 100000, 0, &none));
    assert_int_equal(call.error.code, HVK_ERR_INVALID_ARG);
}

static void free_memory_is_a_part_of_all(void **state)
{
    struct hvk_call call = HVK_CALL_INIT;
    uint64_t free_bytes = 0;
    auto_free struct hvk_param_list *stats = NULL;
    auto_free struct hvk_uint64_list *cells = NULL;
    assert_true(hvk_connection_node_get_free_memory(NULL, *state, &free_bytes));
    assert_true(hvk_connection_node_get_memory_stats(NULL, *state, -1, 0, &stats));
    uint64_t total = param(stats, HVK_NODE_MEMORY_STATS_TOTAL)->value.u64;
    assert_true(free_bytes > 0 && free_bytes / 1024 < total);
    assert_true(hvk_connection_node_get_cells_free_memory(NULL, *state, 0, 1024, &cells));
    assert_true(cells->count >= 1 && *hvk_uint64_list_at(cells, 0) / 1024 < total);
    struct hvk_uint64_list *none = NULL;
    assert_false(hvk_connection_node_get_cells_free_memory(&call, *state, 1000, 1, &none));
    assert_non_null(strstr(call.error.text, "no NUMA cell 1000"));
}

static void free_pages_are_counted_by_size(void **state)
{
    struct hvk_call call = HVK_CALL_INIT;
    uint32_t sizes[] = {(uint32_t)sysconf(_SC_PAGESIZE) / 1024};
    auto_free struct hvk_uint64_list *counts = NULL;
    assert_true(hvk_connection_node_get_free_pages(NULL, *state, sizes, 1, -1, 1, 0, &counts));
    assert_int_equal(counts->count, 1);
    assert_true(*hvk_uint64_list_at(counts, 0) > 0);
    sizes[0] = 3;
    struct hvk_uint64_list *none = NULL;
    assert_false(hvk_connection_node_get_free_pages(&call, *state, sizes, 1, 0, 1, 0, &none));
    assert_non_null(strstr(call.error.text, "pages of 3 KiB"));
    uint64_t two[] = {1, 2};
    assert_false(hvk_connection_node_alloc_pages(&call, *state, sizes, 1, two, 2, 0, 1, 0, NULL));
    assert_non_null(strstr(call.error.text, "1 sizes, 2 counts"));
}

static void settings_of_memory_sharing_are_checked_before_any_is_written(void **state)
{
    struct hvk_call call = HVK_CALL_INIT;
    struct hvk_param wrong = {.size = sizeof wrong,
                              .type = HVK_PARAM_UINT64,
                              .name = HVK_NODE_MEMORY_SHARED_PAGES_SHARED};
    assert_false(hvk_connection_node_set_memory_parameters(&call, *state, &wrong, 1, 0));
    assert_non_null(strstr(call.error.text, "cannot be set"));
    wrong.name = "bogus";
    assert_false(hvk_connection_node_set_memory_parameters(&call, *state, &wrong, 1, 0));
    assert_non_null(strstr(call.error.text, "no memory parameter 'bogus'"));
    if (access("/sys/kernel/mm/ksm/pages_to_scan", R_OK) < 0) {
        print_message("skipped, because this kernel does not share equal pages\n");
        skip();
    }
    auto_free struct hvk_param_list *list = NULL;
    assert_true(hvk_connection_node_get_memory_parameters(NULL, *state, 0, &list));
    assert_true(param(list, HVK_NODE_MEMORY_SHARED_PAGES_TO_SCAN)->type == HVK_PARAM_UINT32);
}

static void the_firmware_is_quoted_or_missed(void **state)
{
    struct hvk_call call = HVK_CALL_INIT;
    auto_free char *xml = NULL;
    if (access("/sys/class/dmi/id", F_OK) < 0) {
        assert_false(hvk_connection_get_sysinfo(&call, *state, 0, &xml));
        assert_int_equal(call.error.code, HVK_ERR_NO_SUPPORT);
        return;
    }
    assert_true(hvk_connection_get_sysinfo(&call, *state, 0, &xml));
    assert_non_null(strstr(xml, "<sysinfo type='smbios'>"));
}

/* ---- jobs ----------------------------------------------------------------------------------- */

static void *save_in_thread(void *connection)
{
    struct hvk_domain domain = rack_named("m1");
    hvk_domain_managed_save(NULL, connection, &domain, 0);
    return NULL;
}

static int32_t job_type(struct hvk_connection *connection, uint32_t flags,
                        struct hvk_param_list **out_params)
{
    struct hvk_domain domain = rack_named("m1");
    int32_t type = -1;
    assert_true(hvk_domain_get_job_stats(NULL, connection, &domain, flags, &type, out_params));
    return type;
}

static void a_job_is_seen_while_it_runs_and_once_after_it(void **state)
{
    pthread_t thread;
    struct hvk_param_list *list = NULL;
    struct hvk_domain domain = rack_named("m1");
    rack_define(*state, "m1");
    assert_int_equal(job_type(*state, 0, NULL), HVK_DOMAIN_JOB_NONE);
    pthread_create(&thread, NULL, save_in_thread, *state);
    for (;;) {
        int32_t type = job_type(*state, 0, &list);
        if (type == HVK_DOMAIN_JOB_UNBOUNDED && list->count == 3)
            break;
        hvk_free(list);
        sched_yield();
    }
    assert_int_equal(param(list, HVK_DOMAIN_JOB_PARAM_OPERATION)->value.i32,
                     HVK_DOMAIN_JOB_OPERATION_SAVE);
    assert_int_equal(param(list, HVK_DOMAIN_JOB_PARAM_DATA_PROCESSED)->value.u64, 4711);
    hvk_free(list);
    struct hvk_domain_control_info info = HVK_RECORD_INIT(info);
    do
        assert_true(hvk_domain_get_control_info(NULL, *state, &domain, 0, &info));
    while (info.state != HVK_DOMAIN_CONTROL_JOB);
    assert_int_equal(job_type(*state, HVK_DOMAIN_JOB_STATS_COMPLETED, NULL), HVK_DOMAIN_JOB_NONE);
    assert_true(hvk_domain_abort_job(NULL, *state, &domain, 0));
    pthread_join(thread, NULL);
    assert_int_equal(job_type(*state, 0, NULL), HVK_DOMAIN_JOB_NONE);
    assert_int_equal(job_type(*state, HVK_DOMAIN_JOB_STATS_COMPLETED, NULL), HVK_DOMAIN_JOB_FAILED);
    assert_int_equal(job_type(*state, HVK_DOMAIN_JOB_STATS_COMPLETED, NULL), HVK_DOMAIN_JOB_NONE);
}

/* ---- many domains --------------------------------------------------------------------------- */

static void statistics_of_all_come_from_the_rows_where_a_driver_has_none(void **state)
{
    struct hvk_domain domain = rack_named("m2");
    rack_define(*state, "m2");
    rack_define(*state, "m3");
    assert_true(hvk_domain_create(NULL, *state, &domain, NULL, 0, 0, NULL));
    auto_free struct hvk_domain_stats_list *list = NULL;
    assert_true(hvk_domain_get_all_stats(NULL, *state, NULL, 0, 0, HVK_DOMAIN_LIST_ACTIVE, &list));
    assert_int_equal(list->count, 1);
    const struct hvk_domain_stats *stats = hvk_domain_stats_list_at(list, 0);
    assert_string_equal(stats->domain->name, "m2");
    struct hvk_param_list params = {.size = sizeof params,
                                    .stride = sizeof(struct hvk_param),
                                    .count = stats->params_count,
                                    .items = stats->params};
    assert_int_equal(param(&params, "state.state")->value.i32, HVK_DOMAIN_RUNNING);
    assert_int_equal(param(&params, "balloon.current")->value.u64, 1024);
    auto_free struct hvk_domain_stats_list *one = NULL;
    assert_true(
        hvk_domain_get_all_stats(NULL, *state, &domain, 1, HVK_DOMAIN_STATS_STATE, 0, &one));
    assert_int_equal(one->count, 1);
    assert_int_equal(hvk_domain_stats_list_at(one, 0)->params_count, 2);
}

/* ---- one name, many definitions ------------------------------------------------------------- */

static void *define_in_thread(void *user)
{
    struct hvk_domain *domain = NULL;
    if (!hvk_domain_define_xml(NULL, user, "m20", 0, &domain))
        return NULL;
    return domain;
}

static void definitions_of_one_name_at_once_are_of_one_object(void **state)
{
    pthread_t threads[32];
    struct hvk_domain *first = NULL;
    for (size_t i = 0; i < ARRAY_SIZE(threads); i++)
        pthread_create(&threads[i], NULL, define_in_thread, *state);
    for (size_t i = 0; i < ARRAY_SIZE(threads); i++) {
        void *domain = NULL;
        pthread_join(threads[i], &domain);
        assert_non_null(domain);
        if (first) {
            assert_memory_equal(first->uuid, ((struct hvk_domain *)domain)->uuid, HVK_UUID_SIZE);
            hvk_free(domain);
        } else {
            first = domain;
        }
    }
    hvk_free(first);
    assert_int_equal(rack_collisions(), 0);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(a_connection_knows_itself),
        TEST(the_machines_processors_agree_with_the_system),
        TEST(processor_times_add_up),
        TEST(free_memory_is_a_part_of_all),
        TEST(free_pages_are_counted_by_size),
        TEST(settings_of_memory_sharing_are_checked_before_any_is_written),
        TEST(the_firmware_is_quoted_or_missed),
        TEST(a_job_is_seen_while_it_runs_and_once_after_it),
        TEST(statistics_of_all_come_from_the_rows_where_a_driver_has_none),
        TEST(definitions_of_one_name_at_once_are_of_one_object),
    };
    rack_install();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
