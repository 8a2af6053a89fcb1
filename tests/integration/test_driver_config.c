/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What is stored of a domain: defining, renaming, texts, amounts. */
#include "test_driver.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define OTHER_UUID "<uuid>11111111-2222-3333-4444-555555555555</uuid>"

static struct hvk_connection *connection;
static struct journal *journal;
static const struct hvk_domain vm = {.size = sizeof vm, .id = -1, .name = "vm"};
static const struct hvk_domain test = {.size = sizeof test, .id = -1, .name = "test"};

static int setup(void **state)
{
    (void)state;
    connection = open_node("test:///default");
    define(connection, "vm", "");
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

static void refuse_xml(const char *xml, int32_t number, const char *words)
{
    REFUSED(number, words, hvk_domain_define_xml, connection, xml, 0, NULL);
}

static void defining_refuses_what_makes_no_domain(void **state)
{
    char *xml = domain_xml("new", OTHER_UUID);
    (void)state;
    refuse_xml("", HVK_ERR_XML_DETAIL, "");
    refuse_xml("<domain", HVK_ERR_XML_DETAIL, "line 1");
    refuse_xml("<network><name>n</name></network>", HVK_ERR_XML_ERROR, "network");
    refuse_xml("<domain type='test'><name>n</name>\n<memory>lots</memory>"
               "<os><type>hvm</type></os></domain>",
               HVK_ERR_XML_ERROR, "line 2");
    DONE(hvk_domain_define_xml, connection, xml, 0, NULL);
    free(xml);
    xml = domain_xml("newer", OTHER_UUID);
    refuse_xml(xml, HVK_ERR_DOM_EXIST, "belongs to the domain 'new'");
    free(xml);
    xml = domain_xml("vm", OTHER_UUID);
    refuse_xml(xml, HVK_ERR_DOM_EXIST, "the name 'vm' belongs to");
    free(xml);
}

static void remember(void *user, const char *text)
{
    snprintf(user, 256, "%s", text);
}

static void what_no_table_knows_is_kept_warned_of_and_refused_with_validate(void **state)
{
    char *xml = domain_xml("vm", "<novelty level='7'/>");
    char warning[256] = "";
    struct hvk_call call = HVK_CALL_INIT;
    (void)state;
    call.warning = remember;
    call.warning_user = warning;
    assert_true(hvk_domain_define_xml(&call, connection, xml, 0, NULL));
    assert_non_null(strstr(warning, "novelty"));
    expect_xml(connection, "vm", 0, "<novelty level=\"7\"/>", true);
    REFUSED(HVK_ERR_XML_INVALID_SCHEMA, "novelty", hvk_domain_define_xml, connection, xml,
            HVK_DOMAIN_DEFINE_VALIDATE, NULL);
    free(xml);
}

static void a_refused_definition_leaves_the_stored_one(void **state)
{
    (void)state;
    refuse_xml("<domain type='test'><name>vm</name></domain>", HVK_ERR_XML_ERROR, "");
    expect_xml(connection, "vm", 0, "<source file='/images/a.img'/>", true);
}

static void a_rename_is_one_step_and_two_events(void **state)
{
    (void)state;
    struct hvk_domain *before = NULL, *after = NULL;
    DONE(hvk_domain_lookup_by_name, connection, "vm", &before);
    DONE(hvk_domain_rename, connection, &vm, "vm2", 0);
    expect_event(journal, 0, HVK_DOMAIN_EVENT_UNDEFINED, 1);
    assert_string_equal(journal_at(journal, 0)->name, "vm");
    expect_event(journal, 1, HVK_DOMAIN_EVENT_DEFINED, 2);
    assert_string_equal(journal_at(journal, 1)->name, "vm2");
    DONE(hvk_domain_lookup_by_uuid, connection, before->uuid, &after);
    assert_string_equal(after->name, "vm2");
    expect_xml(connection, "vm2", 0, "<name>vm2</name>", true);
    REFUSED(HVK_ERR_NO_DOMAIN, "vm", hvk_domain_lookup_by_name, connection, "vm", NULL);
    hvk_free(before);
    hvk_free(after);
}

static void a_rename_that_cannot_be_changes_nothing(void **state)
{
    (void)state;
    REFUSED(HVK_ERR_DOM_EXIST, "test", hvk_domain_rename, connection, &vm, "test", 0);
    REFUSED(HVK_ERR_OPERATION_INVALID, "running", hvk_domain_rename, connection, &test, "t2", 0);
    REFUSED(HVK_ERR_XML_ERROR, "name", hvk_domain_rename, connection, &vm, "a/b", 0);
    DONE(hvk_domain_create, connection, &vm, NULL, 0, 0, NULL);
    DONE(hvk_domain_managed_save, connection, &vm, 0);
    REFUSED(HVK_ERR_OPERATION_INVALID, "managed save", hvk_domain_rename, connection, &vm, "x", 0);
    expect_xml(connection, "vm", 0, "<name>vm</name>", true);
}

static void autostart_and_undefine_follow_what_is_stored(void **state)
{
    (void)state;
    DONE(hvk_domain_set_autostart, connection, &vm, true);
    assert_int_equal(status_of(connection, "vm").autostart, 1);
    DONE(hvk_domain_set_autostart, connection, &vm, false);
    assert_int_equal(status_of(connection, "vm").autostart, 0);
    DONE(hvk_domain_undefine, connection, &vm, 0);
    REFUSED(HVK_ERR_NO_DOMAIN, "vm", hvk_domain_set_autostart, connection, &vm, true);
}

/* ---- texts ---------------------------------------------------------------------------------- */

static void expect_text(int32_t type, const char *uri, uint32_t flags, const char *text)
{
    char *got = NULL;
    DONE(hvk_domain_get_metadata, connection, &test, type, uri, flags, &got);
    assert_string_equal(got, text);
    hvk_free(got);
}

static void texts_are_kept_for_what_runs_and_what_is_stored(void **state)
{
    (void)state;
    REFUSED(HVK_ERR_NO_DOMAIN_METADATA, "title", hvk_domain_get_metadata, connection, &test,
            HVK_DOMAIN_METADATA_TITLE, NULL, 0, NULL);
    DONE(hvk_domain_set_metadata, connection, &test, HVK_DOMAIN_METADATA_TITLE, "now", NULL, NULL,
         0);
    DONE(hvk_domain_set_metadata, connection, &test, HVK_DOMAIN_METADATA_TITLE, "later", NULL, NULL,
         HVK_DOMAIN_AFFECT_CONFIG);
    expect_text(HVK_DOMAIN_METADATA_TITLE, NULL, 0, "now");
    expect_text(HVK_DOMAIN_METADATA_TITLE, NULL, HVK_DOMAIN_AFFECT_CONFIG, "later");
    assert_int_equal(status_of(connection, "test").updated, 1);
    const struct note *note = journal_at(journal, 0);
    assert_int_equal(note->event, HVK_EVENT_DOMAIN_METADATA_CHANGE);
    assert_int_equal(note->kind, HVK_DOMAIN_METADATA_TITLE);
    DONE(hvk_domain_set_metadata, connection, &test, HVK_DOMAIN_METADATA_DESCRIPTION, "a\nb", NULL,
         NULL, HVK_DOMAIN_AFFECT_LIVE | HVK_DOMAIN_AFFECT_CONFIG);
    expect_text(HVK_DOMAIN_METADATA_DESCRIPTION, NULL, HVK_DOMAIN_AFFECT_CONFIG, "a\nb");
    DONE(hvk_domain_set_metadata, connection, &test, HVK_DOMAIN_METADATA_TITLE, NULL, NULL, NULL,
         0);
    REFUSED(HVK_ERR_NO_DOMAIN_METADATA, "title", hvk_domain_get_metadata, connection, &test,
            HVK_DOMAIN_METADATA_TITLE, NULL, 0, NULL);
}

static void metadata_is_kept_by_its_namespace(void **state)
{
    static const char uri[] = "http://example.com/app";
    (void)state;
    DONE(hvk_domain_set_metadata, connection, &test, HVK_DOMAIN_METADATA_ELEMENT,
         "<state><level>3</level></state>", "app", uri, 0);
    assert_string_equal(journal_at(journal, 0)->text, uri);
    char *got = NULL;
    DONE(hvk_domain_get_metadata, connection, &test, HVK_DOMAIN_METADATA_ELEMENT, uri, 0, &got);
    assert_non_null(strstr(got, "<level>3</level>"));
    hvk_free(got);
    DONE(hvk_domain_set_metadata, connection, &test, HVK_DOMAIN_METADATA_ELEMENT, NULL, NULL, uri,
         0);
    REFUSED(HVK_ERR_NO_DOMAIN_METADATA, uri, hvk_domain_get_metadata, connection, &test,
            HVK_DOMAIN_METADATA_ELEMENT, uri, 0, NULL);
}

static void metadata_refuses_what_cannot_be_found_again(void **state)
{
    (void)state;
    REFUSED(HVK_ERR_INVALID_ARG, "namespace", hvk_domain_set_metadata, connection, &test,
            HVK_DOMAIN_METADATA_ELEMENT, "<a/>", "a", NULL, 0);
    REFUSED(HVK_ERR_INVALID_ARG, "namespace", hvk_domain_get_metadata, connection, &test,
            HVK_DOMAIN_METADATA_ELEMENT, NULL, 0, NULL);
    REFUSED(HVK_ERR_XML_DETAIL, "", hvk_domain_set_metadata, connection, &test,
            HVK_DOMAIN_METADATA_ELEMENT, "<a", "a", "urn:a", 0);
    REFUSED(HVK_ERR_INVALID_ARG, "type", hvk_domain_get_metadata, connection, &test, 3, NULL, 0,
            NULL);
}

/* ---- amounts -------------------------------------------------------------------------------- */

static void memory_changes_within_its_maximum(void **state)
{
    struct hvk_domain_info info = HVK_RECORD_INIT(info);
    (void)state;
    DONE(hvk_domain_set_memory, connection, &test, 1048576, 0);
    DONE(hvk_domain_get_info, connection, &test, &info);
    assert_int_equal(info.memory_kib, 1048576);
    expect_xml(connection, "test", HVK_DOMAIN_XML_INACTIVE, ">2097152</currentMemory>", true);
    REFUSED(HVK_ERR_INVALID_ARG, "maximum is 8388608", hvk_domain_set_memory, connection, &test,
            8388609, 0);
    REFUSED(HVK_ERR_OPERATION_INVALID, "maximum", hvk_domain_set_memory, connection, &test, 8388609,
            HVK_DOMAIN_MEM_MAXIMUM);
    DONE(hvk_domain_set_memory, connection, &vm, 65536, HVK_DOMAIN_MEM_MAXIMUM);
    DONE(hvk_domain_get_info, connection, &vm, &info);
    assert_int_equal(info.max_memory_kib, 65536);
    assert_int_equal(info.memory_kib, 65536);
    REFUSED(HVK_ERR_OPERATION_INVALID, "not running", hvk_domain_set_memory, connection, &vm, 1024,
            HVK_DOMAIN_AFFECT_LIVE);
}

static void vcpus_change_within_their_maximum(void **state)
{
    int32_t vcpus = 0;
    (void)state;
    DONE(hvk_domain_set_vcpus, connection, &test, 1, 0);
    DONE(hvk_domain_get_vcpus_count, connection, &test, 0, &vcpus);
    assert_int_equal(vcpus, 1);
    DONE(hvk_domain_get_vcpus_count, connection, &test, HVK_DOMAIN_AFFECT_CONFIG, &vcpus);
    assert_int_equal(vcpus, 2);
    DONE(hvk_domain_get_vcpus_count, connection, &test, HVK_DOMAIN_VCPU_MAXIMUM, &vcpus);
    assert_int_equal(vcpus, 2);
    REFUSED(HVK_ERR_INVALID_ARG, "maximum is 2", hvk_domain_set_vcpus, connection, &test, 3, 0);
    DONE(hvk_domain_set_vcpus, connection, &vm, 8,
         HVK_DOMAIN_VCPU_MAXIMUM | HVK_DOMAIN_AFFECT_CONFIG);
    DONE(hvk_domain_get_vcpus_count, connection, &vm, 0, &vcpus);
    assert_int_equal(vcpus, 2);
}

static void the_balloon_reports_as_often_as_it_is_told(void **state)
{
    (void)state;
    DONE(hvk_domain_set_memory_stats_period, connection, &test, 5, 0);
    expect_xml(connection, "test", 0, "<stats period='5'/>", true);
    DONE(hvk_domain_set_memory_stats_period, connection, &test, 0, 0);
    expect_xml(connection, "test", 0, "<stats", false);
}

static void what_follows_an_end_can_be_changed(void **state)
{
    (void)state;
    DONE(hvk_domain_set_lifecycle_action, connection, &vm, HVK_DOMAIN_LIFECYCLE_CRASH,
         HVK_DOMAIN_LIFECYCLE_ACTION_COREDUMP_RESTART, 0);
    expect_xml(connection, "vm", 0, "<on_crash>coredump-restart</on_crash>", true);
    DONE(hvk_domain_set_lifecycle_action, connection, &vm, HVK_DOMAIN_LIFECYCLE_POWEROFF,
         HVK_DOMAIN_LIFECYCLE_ACTION_PRESERVE, 0);
    expect_xml(connection, "vm", 0, "<on_poweroff>preserve</on_poweroff>", true);
    REFUSED(HVK_ERR_INVALID_ARG, "", hvk_domain_set_lifecycle_action, connection, &vm, 9, 0, 0);
}

int main(void)
{
#define CONFIG(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
    const struct CMUnitTest tests[] = {
        CONFIG(defining_refuses_what_makes_no_domain),
        CONFIG(what_no_table_knows_is_kept_warned_of_and_refused_with_validate),
        CONFIG(a_refused_definition_leaves_the_stored_one),
        CONFIG(a_rename_is_one_step_and_two_events),
        CONFIG(a_rename_that_cannot_be_changes_nothing),
        CONFIG(autostart_and_undefine_follow_what_is_stored),
        CONFIG(texts_are_kept_for_what_runs_and_what_is_stored),
        CONFIG(metadata_is_kept_by_its_namespace),
        CONFIG(metadata_refuses_what_cannot_be_found_again),
        CONFIG(memory_changes_within_its_maximum),
        CONFIG(vcpus_change_within_their_maximum),
        CONFIG(the_balloon_reports_as_often_as_it_is_told),
        CONFIG(what_follows_an_end_can_be_changed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
