/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What guests of the test driver and their figures say. */
#include "test_driver.h"

#include <string.h>

static struct hvk_connection *connection;
static const struct hvk_domain test = {.size = sizeof test, .id = -1, .name = "test"};
static const struct hvk_domain vm = {.size = sizeof vm, .id = -1, .name = "vm"};

static int setup(void **state)
{
    (void)state;
    connection = open_node("test:///default");
    define(connection, "vm", "");
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    hvk_connection_close(connection);
    return 0;
}

static void a_guest_tells_its_name_its_time_and_its_file_systems(void **state)
{
    char *name = NULL;
    struct hvk_domain_time time = HVK_RECORD_INIT(time);
    struct hvk_domain_fsinfo_list *list = NULL;
    (void)state;
    DONE(hvk_domain_get_hostname, connection, &test, 0, &name);
    assert_string_equal(name, "testhost");
    DONE(hvk_domain_get_time, connection, &test, 0, &time);
    assert_true(time.seconds > 0 && time.nseconds < 1000000000);
    DONE(hvk_domain_get_fsinfo, connection, &test, 0, &list);
    assert_int_equal(list->count, 2);
    const struct hvk_domain_fsinfo *root = hvk_domain_fsinfo_list_at(list, 0);
    assert_string_equal(root->mountpoint, "/");
    assert_string_equal(root->name, "vda1");
    assert_string_equal(root->disks[0], "vda");
    hvk_free(name);
    hvk_free(list);
}

static void interfaces_have_addresses_and_figures(void **state)
{
    struct hvk_domain_interface_list *list = NULL;
    struct hvk_domain_interface_stats stats = HVK_RECORD_INIT(stats);
    (void)state;
    DONE(hvk_domain_interface_addresses, connection, &test, 0, 0, &list);
    const struct hvk_domain_interface *nic = hvk_domain_interface_list_at(list, 0);
    assert_string_equal(nic->name, "testnet0");
    assert_string_equal(nic->hwaddr, "aa:bb:cc:dd:ee:ff");
    assert_string_equal(nic->addresses[0].address, "192.168.122.3");
    assert_int_equal(nic->addresses[0].prefix, 24);
    hvk_free(list);
    DONE(hvk_domain_interface_stats, connection, &test, "testnet0", &stats);
    assert_true(stats.rx_bytes >= 0);
    REFUSED(HVK_ERR_INVALID_ARG, "'eth7'", hvk_domain_interface_stats, connection, &test, "eth7",
            &stats);
}

static void disks_have_sizes_and_figures(void **state)
{
    struct hvk_domain_block_info info = HVK_RECORD_INIT(info);
    struct hvk_param_list *params = NULL;
    struct hvk_domain_disk_error_list *errors = NULL;
    (void)state;
    DONE(hvk_domain_get_block_info, connection, &test, "vda", 0, &info);
    assert_true(info.capacity > 0);
    DONE(hvk_domain_get_block_info, connection, &vm, "/images/a.img", 0, &info);
    DONE(hvk_domain_block_stats, connection, &test, "", 0, &params);
    assert_string_equal(hvk_param_list_at(params, 0)->name, "rd_operations");
    hvk_free(params);
    REFUSED(HVK_ERR_INVALID_ARG, "'vdz'", hvk_domain_block_stats, connection, &test, "vdz", 0,
            NULL);
    DONE(hvk_domain_get_disk_errors, connection, &test, 0, &errors);
    assert_int_equal(errors->count, 0);
    hvk_free(errors);
}

static const struct hvk_param *find(const struct hvk_param_list *list, const char *name)
{
    for (uint64_t i = 0; i < list->count; i++) {
        if (strcmp(hvk_param_list_at(list, i)->name, name) == 0)
            return hvk_param_list_at(list, i);
    }
    return NULL;
}

static void figures_of_all_groups_come_at_once_and_in_groups(void **state)
{
    struct hvk_param_list *list = NULL;
    static const char *const expected[] = {"state.state", "cpu.time",  "balloon.current",
                                           "vcpu.0.time", "net.count", "block.0.name"};
    (void)state;
    DONE(hvk_domain_get_stats, connection, &test, 0, 0, &list);
    for (size_t i = 0; i < sizeof expected / sizeof expected[0]; i++)
        assert_non_null(find(list, expected[i]));
    hvk_free(list);
    DONE(hvk_domain_get_stats, connection, &test, HVK_DOMAIN_STATS_STATE, 0, &list);
    assert_int_equal(list->count, 2);
    hvk_free(list);
    DONE(hvk_domain_get_stats, connection, &vm, 0, 0, &list);
    assert_int_equal(find(list, "state.state")->value.i32, HVK_DOMAIN_SHUTOFF);
    assert_null(find(list, "cpu.time"));
    hvk_free(list);
    REFUSED(HVK_ERR_ARGUMENT_UNSUPPORTED, "groups", hvk_domain_get_stats, connection, &test,
            HVK_DOMAIN_STATS_PERF, HVK_DOMAIN_STATS_ENFORCE, NULL);
}

static void figures_of_every_domain_come_in_one_call(void **state)
{
    struct hvk_domain_stats_list *list = NULL;
    (void)state;
    DONE(hvk_domain_get_all_stats, connection, NULL, 0, 0, 0, &list);
    assert_int_equal(list->count, 2);
    hvk_free(list);
}

static void memory_and_vcpus_are_told(void **state)
{
    struct hvk_domain_memory_stat_list *stats = NULL;
    struct hvk_vcpu_info_list *vcpus = NULL;
    struct hvk_vcpu_pin_list *pins = NULL;
    (void)state;
    DONE(hvk_domain_memory_stats, connection, &test, 0, &stats);
    assert_int_equal(hvk_domain_memory_stat_list_at(stats, 0)->value, 2097152);
    DONE(hvk_domain_get_vcpus, connection, &test, &vcpus);
    assert_int_equal(vcpus->count, 2);
    assert_int_equal(hvk_vcpu_info_list_at(vcpus, 1)->number, 1);
    assert_int_equal(hvk_vcpu_info_list_at(vcpus, 1)->cpumap_size, 2);
    DONE(hvk_domain_get_vcpu_pin_info, connection, &vm, 0, &pins);
    assert_int_equal(pins->count, 4);
    hvk_free(stats);
    hvk_free(vcpus);
    hvk_free(pins);
}

static void keys_and_interrupts_reach_a_running_guest(void **state)
{
    static const uint32_t keys[] = {29, 56, 111};
    struct hvk_domain_security_label_list *labels = NULL;
    (void)state;
    DONE(hvk_domain_send_key, connection, &test, 0, 10, keys, 3, 0);
    DONE(hvk_domain_inject_nmi, connection, &test, 0);
    DONE(hvk_domain_get_security_labels, connection, &test, &labels);
    assert_int_equal(labels->count, 1);
    hvk_free(labels);
}

#define NEEDS_GUEST(function, ...)                                                                 \
    REFUSED(HVK_ERR_OPERATION_INVALID, "not running", function, connection, &vm, __VA_ARGS__)

static void what_needs_a_guest_needs_it_running(void **state)
{
    struct hvk_domain_time time = HVK_RECORD_INIT(time);
    struct hvk_domain_interface_stats stats = HVK_RECORD_INIT(stats);
    struct hvk_stream *stream = hvk_stream_new(NULL, connection);
    (void)state;
    NEEDS_GUEST(hvk_domain_get_hostname, 0, NULL);
    NEEDS_GUEST(hvk_domain_get_time, 0, &time);
    NEEDS_GUEST(hvk_domain_get_fsinfo, 0, NULL);
    NEEDS_GUEST(hvk_domain_interface_addresses, 0, 0, NULL);
    NEEDS_GUEST(hvk_domain_interface_stats, "vnet0", &stats);
    NEEDS_GUEST(hvk_domain_block_stats, "vda", 0, NULL);
    NEEDS_GUEST(hvk_domain_get_disk_errors, 0, NULL);
    NEEDS_GUEST(hvk_domain_memory_stats, 0, NULL);
    NEEDS_GUEST(hvk_domain_get_vcpus, NULL);
    NEEDS_GUEST(hvk_domain_get_security_labels, NULL);
    NEEDS_GUEST(hvk_domain_inject_nmi, 0);
    NEEDS_GUEST(hvk_domain_send_key, 0, 0, &(uint32_t){1}, 1, 0);
    NEEDS_GUEST(hvk_domain_screenshot, 0, stream, 0, NULL);
    NEEDS_GUEST(hvk_domain_managed_save, 0);
    NEEDS_GUEST(hvk_domain_core_dump, "/nonexistent/core", 0, 0);
    hvk_stream_free(stream);
}

int main(void)
{
#define GUEST(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
    const struct CMUnitTest tests[] = {
        GUEST(a_guest_tells_its_name_its_time_and_its_file_systems),
        GUEST(interfaces_have_addresses_and_figures),
        GUEST(disks_have_sizes_and_figures),
        GUEST(figures_of_all_groups_come_at_once_and_in_groups),
        GUEST(figures_of_every_domain_come_in_one_call),
        GUEST(memory_and_vcpus_are_told),
        GUEST(keys_and_interrupts_reach_a_running_guest),
        GUEST(what_needs_a_guest_needs_it_running),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
