/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Devices that come, go and change while a domain runs, or in what is stored of it. */
#include "test_driver.h"

#define DISK(target, file)                                                                         \
    "<disk type='file' device='disk'><source file='" file "'/><target dev='" target                \
    "'/><alias name='ua-" target "'/></disk>"

static struct hvk_connection *connection;
static struct journal *journal;
static const struct hvk_domain test = {.size = sizeof test, .id = -1, .name = "test"};
static const uint32_t both = HVK_DOMAIN_AFFECT_LIVE | HVK_DOMAIN_AFFECT_CONFIG;

static int setup(void **state)
{
    (void)state;
    connection = open_node("test:///default");
    journal = journal_start(connection);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    journal_stop(journal);
    hvk_connection_close(connection);
    return 0;
}

static void expect_device_event(unsigned index, uint32_t event, const char *alias)
{
    assert_int_equal(journal_at(journal, index)->event, event);
    assert_string_equal(journal_at(journal, index)->text, alias);
}

static void a_device_comes_and_goes_where_it_was_asked_for(void **state)
{
    (void)state;
    DONE(hvk_domain_attach_device, connection, &test, DISK("vdb", "/b"), 0);
    expect_device_event(0, HVK_EVENT_DOMAIN_DEVICE_ADDED, "ua-vdb");
    expect_xml(connection, "test", 0, "<target dev='vdb'", true);
    expect_xml(connection, "test", HVK_DOMAIN_XML_INACTIVE, "<target dev='vdb'", false);
    assert_int_equal(status_of(connection, "test").updated, 1);
    /* Told by its target; the event names the alias that the domain knows. */
    DONE(hvk_domain_detach_device, connection, &test,
         "<disk type='file' device='disk'><target dev='vdb'/></disk>", 0);
    expect_device_event(1, HVK_EVENT_DOMAIN_DEVICE_REMOVED, "ua-vdb");
    expect_xml(connection, "test", 0, "<target dev='vdb'", false);
    assert_int_equal(status_of(connection, "test").updated, 0);
}

static void a_stored_device_is_no_event(void **state)
{
    (void)state;
    DONE(hvk_domain_attach_device, connection, &test, DISK("vdb", "/b"), HVK_DOMAIN_AFFECT_CONFIG);
    expect_xml(connection, "test", HVK_DOMAIN_XML_INACTIVE, "<target dev='vdb'", true);
    expect_xml(connection, "test", 0, "<target dev='vdb'", false);
    DONE(hvk_domain_attach_device, connection, &test, DISK("vdc", "/c"), both);
    expect_device_event(0, HVK_EVENT_DOMAIN_DEVICE_ADDED, "ua-vdc");
}

static void half_a_change_is_none(void **state)
{
    (void)state;
    DONE(hvk_domain_attach_device, connection, &test, DISK("vdb", "/b"), HVK_DOMAIN_AFFECT_CONFIG);
    /* The running domain could take it, the stored one has it already. */
    REFUSED(HVK_ERR_XML_ERROR, "vdb", hvk_domain_attach_device, connection, &test,
            DISK("vdb", "/b"), both);
    expect_xml(connection, "test", 0, "<target dev='vdb'", false);
}

static void a_device_changes_in_its_place(void **state)
{
    (void)state;
    DONE(hvk_domain_update_device, connection, &test, DISK("vda", "/other"), 0);
    expect_xml(connection, "test", 0, "<source file='/other'/>", true);
    expect_xml(connection, "test", 0, "/guest/diskimage1", false);
    REFUSED(HVK_ERR_DEVICE_MISSING, "no disk", hvk_domain_update_device, connection, &test,
            DISK("vdq", "/q"), 0);
}

static void a_device_is_named_by_its_alias(void **state)
{
    (void)state;
    DONE(hvk_domain_attach_device, connection, &test, DISK("vdb", "/b"), 0);
    DONE(hvk_domain_detach_device_alias, connection, &test, "ua-vdb", 0);
    expect_device_event(1, HVK_EVENT_DOMAIN_DEVICE_REMOVED, "ua-vdb");
    REFUSED(HVK_ERR_DEVICE_MISSING, "ua-vdb", hvk_domain_detach_device_alias, connection, &test,
            "ua-vdb", 0);
}

static void what_is_no_device_is_refused(void **state)
{
    (void)state;
    REFUSED(HVK_ERR_XML_ERROR, "gizmo", hvk_domain_attach_device, connection, &test, "<gizmo/>", 0);
    REFUSED(HVK_ERR_XML_DETAIL, "", hvk_domain_attach_device, connection, &test, "<disk", 0);
    REFUSED(HVK_ERR_DEVICE_MISSING, "no disk", hvk_domain_detach_device, connection, &test,
            DISK("vdz", "/z"), 0);
}

int main(void)
{
#define DEVICE(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
    const struct CMUnitTest tests[] = {
        DEVICE(a_device_comes_and_goes_where_it_was_asked_for),
        DEVICE(a_stored_device_is_no_event),
        DEVICE(half_a_change_is_none),
        DEVICE(a_device_changes_in_its_place),
        DEVICE(a_device_is_named_by_its_alias),
        DEVICE(what_is_no_device_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
