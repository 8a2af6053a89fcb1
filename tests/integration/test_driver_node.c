/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Nodes of the test driver: which there are, what they say of themselves, documents that describe
 * one, who shares them, how many domains they hold. */
#include "test_driver.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static const struct hvk_domain test = {.size = sizeof test, .id = -1, .name = "test"};

static char *file_uri(const char *name)
{
    char *uri;
    assert_true(asprintf(&uri, "test://%s", scratch_path(name)) > 0);
    return uri;
}

static struct hvk_connection *open_file(const char *name, const char *text)
{
    scratch_write(name, text);
    char *uri = file_uri(name);
    struct hvk_connection *connection = open_node(uri);
    free(uri);
    return connection;
}

static void refuse_file(const char *name, const char *text, int32_t number, const char *words)
{
    if (text)
        scratch_write(name, text);
    char *uri = file_uri(name);
    refuse_node(uri, number, words);
    free(uri);
}

static void only_nodes_that_exist_are_opened(void **state)
{
    (void)state;
    refuse_node("test:///", HVK_ERR_INVALID_ARG, "which node?");
    refuse_node("test:///no/such/file.xml", HVK_ERR_SYSTEM_ERROR, "/no/such/file.xml");
}

static void the_default_node_is_the_machine_that_suites_expect(void **state)
{
    struct hvk_connection *connection = open_node("test:///default");
    struct hvk_node_info info = HVK_RECORD_INIT(info);
    int32_t vcpus = 0;
    uint64_t free_bytes = 0;
    struct hvk_uint64_list *cells = NULL;
    struct hvk_bytes *map = NULL;
    uint32_t online = 0, cpus = 0;
    (void)state;
    DONE(hvk_connection_node_get_info, connection, &info);
    assert_string_equal(info.model, "i686");
    assert_int_equal(info.memory_kib, 3145728);
    assert_int_equal(info.cpus, 16);
    assert_int_equal(info.nodes * info.sockets * info.cores * info.threads, 16);
    DONE(hvk_connection_get_max_vcpus, connection, NULL, &vcpus);
    assert_int_equal(vcpus, 32);
    DONE(hvk_connection_node_get_cells_free_memory, connection, 0, 8, &cells);
    assert_int_equal(cells->count, 2);
    DONE(hvk_connection_node_get_free_memory, connection, &free_bytes);
    assert_int_equal(free_bytes, cells->items[0] + cells->items[1]);
    REFUSED(HVK_ERR_INVALID_ARG, "cell 2", hvk_connection_node_get_cells_free_memory, connection, 2,
            1, NULL);
    DONE(hvk_connection_node_get_cpu_map, connection, 0, &map, &online, &cpus);
    assert_int_equal(cpus, 16);
    assert_int_equal(online, 16);
    assert_memory_equal(map->items, "\xff\xff", 2);
    hvk_free(cells);
    hvk_free(map);
    hvk_connection_close(connection);
}

static void capabilities_name_what_a_domain_can_be(void **state)
{
    struct hvk_connection *connection = open_node("test:///default");
    struct hvk_node_security_model *model = NULL;
    char *xml = NULL;
    (void)state;
    DONE(hvk_connection_get_capabilities, connection, &xml);
    assert_non_null(strstr(xml, "<os_type>hvm</os_type>"));
    assert_non_null(strstr(xml, "<arch name='i686'>"));
    assert_non_null(strstr(xml, "<cpu id='15' "));
    DONE(hvk_connection_node_get_security_model, connection, &model);
    assert_string_equal(model->model, "testSecurity");
    hvk_free(xml);
    hvk_free(model);
    hvk_connection_close(connection);
}

/* ---- documents ------------------------------------------------------------------------------ */

#define HARDWARE                                                                                   \
    "<cpu><model>i986</model><mhz>6000</mhz><active>50</active><nodes>4</nodes>"                   \
    "<sockets>4</sockets><cores>4</cores><threads>2</threads></cpu><memory>8192000</memory>"
#define DOMAIN(name, more)                                                                         \
    "<domain type='test' xmlns:t='http://libvirt.org/schemas/domain/test/1.0'><name>" name         \
    "</name><memory>65536</memory><os><type>hvm</type></os>" more "</domain>"

static void a_document_describes_a_node(void **state)
{
    struct hvk_node_info info = HVK_RECORD_INIT(info);
    struct hvk_uint64_list *cells = NULL;
    (void)state;
    struct hvk_connection *connection =
        open_file("node.xml", "<node>" HARDWARE DOMAIN("a", "") DOMAIN("b", "") "</node>");
    DONE(hvk_connection_node_get_info, connection, &info);
    assert_string_equal(info.model, "i986");
    assert_int_equal(info.mhz, 6000);
    assert_int_equal(info.cpus, 50);
    assert_int_equal(info.nodes, 4);
    assert_int_equal(info.memory_kib, 8192000);
    DONE(hvk_connection_node_get_cells_free_memory, connection, 0, 100, &cells);
    assert_int_equal(cells->count, 4);
    expect_state(connection, "a", HVK_DOMAIN_RUNNING, 0);
    expect_state(connection, "b", HVK_DOMAIN_RUNNING, 0);
    REFUSED(HVK_ERR_NO_DOMAIN, "test", hvk_domain_lookup_by_name, connection, "test", NULL);
    hvk_free(cells);
    hvk_connection_close(connection);
}

static void a_document_says_how_its_domains_are_found(void **state)
{
    (void)state;
    struct hvk_connection *connection = open_file(
        "states.xml", "<node>" DOMAIN("off", "<t:runstate>5</t:runstate>")
                          DOMAIN("paused", "<t:runstate>3</t:runstate>")
                              DOMAIN("crashed", "<t:runstate>6</t:runstate>")
                                  DOMAIN("saved", "<t:runstate>5</t:runstate>"
                                                  "<t:hasManagedSave>1</t:hasManagedSave>")
                                      DOMAIN("short", "<t:transient>1</t:transient>") "</node>");
    expect_state(connection, "off", HVK_DOMAIN_SHUTOFF, 0);
    expect_state(connection, "paused", HVK_DOMAIN_PAUSED, 0);
    expect_state(connection, "crashed", HVK_DOMAIN_CRASHED, 0);
    assert_int_equal(status_of(connection, "saved").managed_save, 1);
    assert_int_equal(status_of(connection, "short").persistent, 0);
    expect_xml(connection, "off", 0, "runstate", false);
    struct hvk_domain off = named("off");
    DONE(hvk_domain_create, connection, &off, NULL, 0, 0, NULL);
    hvk_connection_close(connection);
}

static void a_wrong_document_is_refused_where_it_is_wrong(void **state)
{
    (void)state;
    refuse_file("cut.xml", "<node>\n <cpu>", HVK_ERR_XML_DETAIL, "line 2");
    refuse_file("other.xml", "<domain/>", HVK_ERR_XML_ERROR, "node");
    refuse_file("number.xml", "<node>\n\n  <memory>much</memory></node>", HVK_ERR_XML_ERROR,
                "line 3");
    refuse_file("cells.xml", "<node><cpu><nodes>0</nodes></cpu></node>", HVK_ERR_XML_ERROR,
                "nodes");
    refuse_file("many.xml", "<node><cpu><active>100000</active></cpu></node>", HVK_ERR_XML_ERROR,
                "active");
    refuse_file("domain.xml",
                "<node>\n" DOMAIN("a", "") "\n<domain type='test'><name>b</name>\n<vcpu>x</vcpu>"
                                           "</domain></node>",
                HVK_ERR_XML_ERROR, "line 4");
    refuse_file("twice.xml", "<node>" DOMAIN("a", "") "\n" DOMAIN("a", "") "</node>",
                HVK_ERR_DOM_EXIST, "line 2");
    refuse_file("gone.xml",
                "<node>" DOMAIN("a", "<t:transient>1</t:transient>"
                                     "<t:runstate>5</t:runstate>") "</node>",
                HVK_ERR_INVALID_ARG, "transient");
    refuse_file("state.xml", "<node>" DOMAIN("a", "<t:runstate>9</t:runstate>") "</node>",
                HVK_ERR_XML_ERROR, "runstate");
}

static void what_is_no_document_is_refused_without_waiting(void **state)
{
    (void)state;
    assert_int_equal(mkfifo(scratch_path("fifo.xml"), 0600), 0);
    refuse_file("fifo.xml", NULL, HVK_ERR_OPEN_FAILED, "not a regular file");
    assert_int_equal(mkdir(scratch_path("dir.xml"), 0700), 0);
    refuse_file("dir.xml", NULL, HVK_ERR_OPEN_FAILED, "not a regular file");
    refuse_file("empty.xml", "", HVK_ERR_XML_DETAIL, "empty.xml");
}

static void add_text(void *user, const char *text)
{
    char *all = user;
    snprintf(all + strlen(all), 512 - strlen(all), "%s;", text);
}

static void what_a_document_has_besides_is_left_out_with_a_warning(void **state)
{
    char warnings[512] = "";
    struct hvk_call call = HVK_CALL_INIT;
    (void)state;
    scratch_write("net.xml", "<node>\n<network><name>n</name></network>\n<pool/></node>");
    char *uri = file_uri("net.xml");
    call.warning = add_text;
    call.warning_user = warnings;
    struct hvk_connection *connection = hvk_connection_open(&call, uri, 0);
    assert_non_null(connection);
    assert_non_null(strstr(warnings, "line 2: the test driver has no <network>"));
    assert_non_null(strstr(warnings, "line 3: the test driver has no <pool>"));
    hvk_connection_close(connection);
    free(uri);
}

/* ---- sharing -------------------------------------------------------------------------------- */

static void connections_to_one_uri_share_a_node_as_long_as_one_is_open(void **state)
{
    struct hvk_connection *first = open_node("test:///default");
    struct hvk_connection *second = open_node("test:///default");
    (void)state;
    define(first, "vm", "");
    expect_state(second, "vm", HVK_DOMAIN_SHUTOFF, 0);
    struct journal *journal = journal_start(second);
    DONE(hvk_domain_destroy, first, &test, 0);
    expect_event(journal, 0, HVK_DOMAIN_EVENT_STOPPED, 1);
    journal_stop(journal);
    hvk_connection_close(first);
    expect_state(second, "vm", HVK_DOMAIN_SHUTOFF, 0);
    hvk_connection_close(second);
    first = open_node("test:///default");
    REFUSED(HVK_ERR_NO_DOMAIN, "vm", hvk_domain_lookup_by_name, first, "vm", NULL);
    expect_state(first, "test", HVK_DOMAIN_RUNNING, 0);
    hvk_connection_close(first);
}

static void a_read_only_connection_looks_and_does_not_touch(void **state)
{
    struct hvk_connection *connection =
        hvk_connection_open(NULL, "test:///default", HVK_CONNECT_READ_ONLY);
    char *xml = NULL;
    (void)state;
    assert_non_null(connection);
    DONE(hvk_domain_list, connection, 0, NULL);
    DONE(hvk_domain_get_xml_desc, connection, &test, 0, &xml);
    REFUSED(HVK_ERR_OPERATION_DENIED, "read-only", hvk_domain_get_xml_desc, connection, &test,
            HVK_DOMAIN_XML_SECURE, NULL);
    REFUSED(HVK_ERR_OPERATION_DENIED, "read-only", hvk_domain_destroy, connection, &test, 0);
    REFUSED(HVK_ERR_OPERATION_DENIED, "read-only", hvk_domain_define_xml, connection, xml, 0, NULL);
    REFUSED(HVK_ERR_OPERATION_DENIED, "read-only", hvk_domain_set_memory, connection, &test, 1, 0);
    expect_state(connection, "test", HVK_DOMAIN_RUNNING, 0);
    hvk_free(xml);
    hvk_connection_close(connection);
}

static void what_the_driver_has_not_is_said_before_and_when_it_is_called(void **state)
{
    struct hvk_connection *connection = open_node("test:///default");
    (void)state;
    assert_true(hvk_connection_supports(connection, "domain.create"));
    assert_false(hvk_connection_supports(connection, "domain.block_pull"));
    REFUSED(HVK_ERR_NO_SUPPORT, "test", hvk_domain_block_pull, connection, &test, "vda", NULL, 0,
            0);
    hvk_connection_close(connection);
}

static void a_node_holds_ten_thousand_domains(void **state)
{
    enum { COUNT = 10000 };
    struct hvk_connection *connection = open_fresh("");
    struct hvk_domain_list *list = NULL;
    struct hvk_domain *last = NULL;
    char name[16];
    (void)state;
    for (int i = 0; i < COUNT; i++) {
        snprintf(name, sizeof name, "vm%05d", i);
        define(connection, name, "");
    }
    DONE(hvk_domain_list, connection, 0, &list);
    assert_int_equal(list->count, COUNT + 1);
    for (uint64_t i = 1; i < list->count; i++)
        assert_true(
            strcmp(hvk_domain_list_at(list, i - 1)->name, hvk_domain_list_at(list, i)->name) < 0);
    DONE(hvk_domain_lookup_by_name, connection, "vm09999", &last);
    DONE(hvk_domain_undefine, connection, last, 0);
    hvk_free(list);
    DONE(hvk_domain_list, connection, HVK_DOMAIN_LIST_INACTIVE, &list);
    assert_int_equal(list->count, COUNT - 1);
    hvk_free(list);
    hvk_free(last);
    hvk_connection_close(connection);
}

int main(void)
{
#define FILES(test) cmocka_unit_test_setup_teardown(test, scratch_setup, scratch_teardown)
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_nodes_that_exist_are_opened),
        cmocka_unit_test(the_default_node_is_the_machine_that_suites_expect),
        cmocka_unit_test(capabilities_name_what_a_domain_can_be),
        FILES(a_document_describes_a_node),
        FILES(a_document_says_how_its_domains_are_found),
        FILES(a_wrong_document_is_refused_where_it_is_wrong),
        FILES(what_is_no_document_is_refused_without_waiting),
        FILES(what_a_document_has_besides_is_left_out_with_a_warning),
        cmocka_unit_test(connections_to_one_uri_share_a_node_as_long_as_one_is_open),
        cmocka_unit_test(a_read_only_connection_looks_and_does_not_touch),
        cmocka_unit_test(what_the_driver_has_not_is_said_before_and_when_it_is_called),
        cmocka_unit_test(a_node_holds_ten_thousand_domains),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
