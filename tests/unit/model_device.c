/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Devices on their own: attached, found, changed, detached. Also whose XML it is, and metadata. */
#include "model/domain-xml.h"
#include <base/buffer.h>
#include <base/string.h>

#include "cmocka_all.h"

#define DOMAIN                                                                                     \
    "<domain type='qemu'><name>vm</name><uuid>c7a5fdbd-cdaf-9455-926a-d65c16db1809</uuid>"         \
    "<metadata><a:app xmlns:a='urn:a' level='1'/></metadata>"                                      \
    "<memory>1024</memory><os><type>hvm</type></os><devices>\n"                                    \
    "<disk><source file='/a'/><target dev='vda' bus='virtio'/></disk><!-- behind vda -->"          \
    "<disk><source file='/b'/><target dev='vdb' bus='virtio'/></disk><!-- behind vdb -->"          \
    "<interface type='user'><mac address='52:54:00:00:00:01'/></interface>"                        \
    "<interface type='user'><mac address='52:54:00:00:00:02'/></interface>"                        \
    "<interface type='user'><mac address='52:54:00:00:00:02'/><alias name='ua-twin'/></interface>" \
    "<rng model='virtio'><backend model='random'>/dev/urandom</backend></rng>"                     \
    "</devices></domain>"

struct fixture {
    struct model_domain *domain;
    struct model_arena *arena;
    struct hvk_error err;
};

static int set_up(void **state)
{
    struct fixture *fixture = calloc(1, sizeof *fixture);
    fixture->arena = model_arena_new();
    fixture->domain = model_domain_parse(DOMAIN, strlen(DOMAIN), 0, NULL, &fixture->err);
    *state = fixture;
    return fixture->domain ? 0 : -1;
}

static int tear_down(void **state)
{
    struct fixture *fixture = *state;
    model_domain_free(fixture->domain);
    model_arena_free(fixture->arena);
    free(fixture);
    return 0;
}

static struct model_device_ref device(struct fixture *fixture, const char *xml)
{
    struct model_device_ref ref;
    if (!model_device_parse(fixture->arena, xml, strlen(xml), 0, NULL, &ref, &fixture->err))
        fail_msg("%s", fixture->err.text);
    return ref;
}

static void any_kind_of_device_is_read_by_its_element(void **state)
{
    struct fixture *fixture = *state;
    struct model_device_ref ref = device(fixture, "<watchdog model='itco'/>");
    assert_int_equal(ref.class, MODEL_DEVICE_WATCHDOG);
    assert_int_equal(((struct model_watchdog *)ref.device)->action, MODEL_WATCHDOG_ACTION_RESET);
    auto_free char *xml = model_device_format(&ref, 0, &fixture->err);
    assert_string_equal(xml, "<watchdog model='itco' action='reset'/>\n");
    const char *wrong = "<domain/>";
    assert_false(
        model_device_parse(fixture->arena, wrong, strlen(wrong), 0, NULL, &ref, &fixture->err));
    assert_non_null(
        strstr(fixture->err.text, "the outermost element is <domain>; expected <disk>"));
}

static void every_device_is_visited_once_and_in_order(void **state)
{
    struct fixture *fixture = *state;
    struct model_device_ref at = {0};
    auto_buffer seen = BUFFER_INIT;
    while (model_device_next(fixture->domain, &at))
        buffer_add_format(&seen, "%s %u, ", model_device_element(at.class), at.index);
    assert_string_equal(seen.data,
                        "disk 0, disk 1, interface 0, interface 1, interface 2, rng 0, ");
    assert_false(model_device_next(fixture->domain, &at));
}

static void a_device_is_found_by_what_identifies_it(void **state)
{
    static const struct {
        const char *xml;
        uint32_t index;
    } rows[] = {
        {"<disk type='block'><target dev='vdb'/></disk>", 1},
        {"<interface type='user'><mac address='52:54:00:00:00:01'/></interface>", 0},
        {"<interface type='user'><mac address='52:54:00:00:00:02'/><alias name='ua-twin'/>"
         "</interface>",
         2},
        {"<rng model='virtio'><backend model='random'/></rng>", 0},
    };
    struct fixture *fixture = *state;
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        struct model_device_ref wanted = device(fixture, rows[i].xml);
        struct model_device_ref found;
        if (!model_domain_find_device(fixture->domain, &wanted, &found, &fixture->err)) {
            fail_msg("%s", fixture->err.text);
        }
        assert_int_equal(found.index, rows[i].index);
    }
}

static void a_device_that_is_missing_or_ambiguous_is_not_guessed(void **state)
{
    struct fixture *fixture = *state;
    struct model_device_ref found;
    struct model_device_ref wanted = device(fixture, "<disk><target dev='vdz'/></disk>");
    assert_false(model_domain_find_device(fixture->domain, &wanted, &found, &fixture->err));
    assert_int_equal(fixture->err.code, HVK_ERR_DEVICE_MISSING);
    wanted =
        device(fixture, "<interface type='user'><mac address='52:54:00:00:00:02'/></interface>");
    assert_false(model_domain_find_device(fixture->domain, &wanted, &found, &fixture->err));
    assert_int_equal(fixture->err.code, HVK_ERR_OPERATION_FAILED);
    assert_non_null(strstr(fixture->err.text, "has 2 devices that match"));
}

static void an_added_device_lives_as_long_as_the_domain(void **state)
{
    struct fixture *fixture = *state;
    struct model_device_ref added;
    struct model_device_ref ref =
        device(fixture, "<disk><source file='/c'/><target dev='vdc'/></disk>");
    assert_true(model_domain_add_device(fixture->domain, &ref, &added, &fixture->err));
    model_arena_free(TAKE(fixture->arena));
    assert_int_equal(added.index, 2);
    auto_free char *xml = model_domain_format(fixture->domain, 0, &fixture->err);
    assert_non_null(strstr(xml, "<source file='/c'/>"));
}

static void a_device_that_contradicts_the_domain_is_not_added(void **state)
{
    struct fixture *fixture = *state;
    auto_free char *before = model_domain_format(fixture->domain, 0, &fixture->err);
    struct model_device_ref ref =
        device(fixture, "<disk><source file='/c'/><target dev='vda'/></disk>");
    struct model_device_ref old = {MODEL_DEVICE_DISK, 1, NULL};
    assert_false(model_domain_add_device(fixture->domain, &ref, NULL, &fixture->err));
    assert_non_null(strstr(fixture->err.text, "the disk target 'vda' is used twice"));
    assert_false(model_domain_replace_device(fixture->domain, &old, &ref, &fixture->err));
    auto_free char *after = model_domain_format(fixture->domain, 0, &fixture->err);
    assert_string_equal(before, after);
}

static void a_replaced_device_keeps_its_place(void **state)
{
    struct fixture *fixture = *state;
    struct model_device_ref ref =
        device(fixture, "<disk><source file='/new'/><target dev='vda'/></disk>");
    struct model_device_ref old = {MODEL_DEVICE_DISK, 0, NULL};
    assert_true(model_domain_replace_device(fixture->domain, &old, &ref, &fixture->err));
    assert_string_equal(fixture->domain->devices.disks.items[0]->source.file, "/new");
    assert_int_equal(fixture->domain->devices.disks.count, 2);
}

static void what_stood_behind_a_removed_device_stays(void **state)
{
    struct fixture *fixture = *state;
    struct model_device_ref first = {MODEL_DEVICE_DISK, 0, NULL};
    model_domain_remove_device(fixture->domain, &first);
    auto_free char *xml = model_domain_format(fixture->domain, 0, &fixture->err);
    assert_null(strstr(xml, "'vda'"));
    const char *vdb = strstr(xml, "'vdb'");
    const char *comment = strstr(xml, "<!-- behind vda -->");
    assert_non_null(vdb);
    assert_non_null(comment);
    assert_true(strstr(xml, "<!-- behind vdb -->") > vdb);
    model_domain_remove_device(fixture->domain, &first);
    auto_free char *none = model_domain_format(fixture->domain, 0, &fixture->err);
    assert_non_null(strstr(none, "<!-- behind vdb -->"));
}

static void identity_is_read_without_reading_on(void **state)
{
    static const char *const texts[] = {
        "<domain><name>vm &amp; co</name>\n<uuid> c7a5fdbdcdaf9455926ad65c16db1809 </uuid><broken",
        "<domain><uuid>c7a5fdbd-cdaf-9455-926a-d65c16db1809</uuid><os><name>no</name></os>"
        "<name>vm &amp; co</name></domain>",
    };
    struct model_identity identity;
    struct hvk_error err = {0};
    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
        assert_true(model_identify("domain", texts[i], strlen(texts[i]), &identity, &err));
        assert_string_equal(identity.name, "vm & co");
        assert_true(identity.has_uuid);
        assert_int_equal(identity.uuid[15], 0x09);
    }
    const char *plain = "<network><name>n</name></network>";
    assert_true(model_identify("network", plain, strlen(plain), &identity, &err));
    assert_false(identity.has_uuid);
}

static void identity_that_cannot_be_is_refused(void **state)
{
    static const struct {
        const char *xml;
        int32_t code;
    } rows[] = {
        {"<domain/>", HVK_ERR_NO_NAME},
        {"<domain><name/></domain>", HVK_ERR_NO_NAME},
        {"<domain><name>a</name><uuid>zz</uuid></domain>", HVK_ERR_XML_ERROR},
        {"<network><name>a</name></network>", HVK_ERR_XML_ERROR},
        {"<domain><name>a<b/></name></domain>", HVK_ERR_XML_ERROR},
        {"<domain><name>a</nam", HVK_ERR_XML_DETAIL},
        {"<!DOCTYPE d><domain/>", HVK_ERR_XML_DETAIL},
    };
    struct model_identity identity;
    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        struct hvk_error err = {0};
        assert_false(model_identify("domain", rows[i].xml, strlen(rows[i].xml), &identity, &err));
        assert_int_equal(err.code, rows[i].code);
    }
    char long_name[600];
    snprintf(long_name, sizeof long_name, "<domain><name>%0300d</name></domain>", 7);
    struct hvk_error err = {0};
    assert_false(model_identify("domain", long_name, strlen(long_name), &identity, &err));
    assert_non_null(strstr(err.text, "longer than 255 bytes"));
}

static void metadata_is_found_set_and_removed_by_its_namespace(void **state)
{
    struct fixture *fixture = *state;
    struct model_domain *domain = fixture->domain;
    assert_string_equal(model_metadata_find(domain, "urn:a")->xml,
                        "<a:app xmlns:a=\"urn:a\" level=\"1\"/>");
    assert_null(model_metadata_find(domain, "urn:b"));
    assert_true(
        model_metadata_set(domain, "urn:b", "bb", "<note x='1'>t<i/></note>", &fixture->err));
    assert_string_equal(model_metadata_find(domain, "urn:b")->xml,
                        "<bb:note xmlns:bb=\"urn:b\" x=\"1\">t<i/></bb:note>");
    assert_true(model_metadata_set(domain, "urn:a", "a", "<app level='2'/>", &fixture->err));
    auto_free char *xml = model_domain_format(domain, 0, &fixture->err);
    assert_non_null(strstr(xml, "  <metadata>\n    <a:app xmlns:a=\"urn:a\" level=\"2\"/>\n"
                                "    <bb:note "));
    assert_true(model_metadata_set(domain, "urn:a", NULL, NULL, &fixture->err));
    assert_true(model_metadata_set(domain, "urn:b", NULL, NULL, &fixture->err));
    auto_free char *empty = model_domain_format(domain, 0, &fixture->err);
    assert_null(strstr(empty, "metadata"));
    assert_false(model_metadata_set(domain, "urn:b", "bb", "<note>", &fixture->err));
    static const char *const prefixes[] = {"", "a:b", "1a", "xmlns", "a b", "a\001", "\xff"};
    for (size_t i = 0; i < ARRAY_SIZE(prefixes); i++)
        assert_false(model_metadata_set(domain, "urn:b", prefixes[i], "<a/>", &fixture->err));
    assert_false(model_metadata_set(domain, "urn:\001", "bb", "<a/>", &fixture->err));
    assert_false(model_metadata_set(domain, "", "bb", "<a/>", &fixture->err));
    assert_true(model_metadata_set(domain, "urn:b", "_b-1.\xc3\xbc", "<a/>", &fixture->err));
    assert_true(model_metadata_set(domain, "urn:b", NULL, NULL, &fixture->err));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(any_kind_of_device_is_read_by_its_element, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(every_device_is_visited_once_and_in_order, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_device_is_found_by_what_identifies_it, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_device_that_is_missing_or_ambiguous_is_not_guessed,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(an_added_device_lives_as_long_as_the_domain, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_device_that_contradicts_the_domain_is_not_added, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_replaced_device_keeps_its_place, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_stood_behind_a_removed_device_stays, set_up,
                                        tear_down),
        cmocka_unit_test(identity_is_read_without_reading_on),
        cmocka_unit_test(identity_that_cannot_be_is_refused),
        cmocka_unit_test_setup_teardown(metadata_is_found_set_and_removed_by_its_namespace, set_up,
                                        tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
