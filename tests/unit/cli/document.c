/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Claims about reading a domain's XML and about the device elements that are made of it. */
#include "document.h"
#include "../cmocka_all.h"
#include "devicexml.h"
#include <base/string.h>

static const char guest[] =
    "<domain type='test'>\n"
    "  <name>a &amp; b</name>\n"
    "  <devices>\n"
    "    <disk type='file' device='disk'>\n"
    "      <source file='/images/a&amp;b.qcow2'/>\n"
    "      <target dev='vda' bus='virtio'/>\n"
    "    </disk>\n"
    "    <disk type='block' device='cdrom'><source dev='/dev/sr0'/><backingStore/>"
    "<target dev='hdc' bus='ide'/><readonly/></disk>\n"
    "    <disk type='network'><source protocol='rbd' name='pool/x'/><target dev='vdb'/></disk>\n"
    "    <interface type='bridge'><mac address='52:54:00:AA:bb:01'/><source bridge='br0'/>"
    "</interface>\n"
    "    <interface type='user'><mac address='52:54:00:aa:bb:02'/></interface>\n"
    "  </devices>\n"
    "</domain>\n";

struct fixture {
    struct document *document;
    const struct element *devices;
    struct cli cli;
    struct hvk_domain domain;
};

static int setup(void **state)
{
    struct fixture *fixture = calloc(1, sizeof(*fixture));

    assert_non_null(fixture);
    cli_init(&fixture->cli);
    fixture->domain.name = "web";
    fixture->cli.subject = &fixture->domain;
    fixture->document = document_parse(guest, &fixture->cli.call.error);
    assert_non_null(fixture->document);
    fixture->devices = element_child(fixture->document->root, "devices");
    *state = fixture;
    return 0;
}

static int teardown(void **state)
{
    struct fixture *fixture = *state;

    document_free(fixture->document);
    free(fixture);
    return 0;
}

static void disks_are_found_by_target_or_source(void **state)
{
    struct fixture *f = *state;
    const struct element *disk = devices_find_disk(&f->cli, f->devices, "vda");

    assert_string_equal(disk_source(disk), "/images/a&b.qcow2");
    assert_ptr_equal(devices_find_disk(&f->cli, f->devices, "/images/a&b.qcow2"), disk);
    assert_string_equal(disk_source(devices_find_disk(&f->cli, f->devices, "hdc")), "/dev/sr0");
    assert_string_equal(disk_source(devices_find_disk(&f->cli, f->devices, "vdb")), "pool/x");
}

static void a_missing_disk_is_named_with_its_domain(void **state)
{
    struct fixture *f = *state;

    assert_null(devices_find_disk(&f->cli, f->devices, "vdz"));
    assert_int_equal(f->cli.call.error.code, HVK_ERR_DEVICE_MISSING);
    assert_non_null(strstr(f->cli.call.error.text, "domain 'web'"));
    assert_non_null(strstr(f->cli.call.error.text, "'vdz'"));
}

static void interfaces_are_found_by_type_and_address(void **state)
{
    struct fixture *f = *state;
    const struct element *bridge = devices_find_interface(&f->cli, f->devices, "bridge", NULL);

    assert_string_equal(interface_source(bridge), "br0");
    assert_ptr_equal(devices_find_interface(&f->cli, f->devices, NULL, "52:54:00:aa:BB:01"),
                     bridge);
    assert_null(interface_source(devices_find_interface(&f->cli, f->devices, "user", NULL)));
}

static void an_ambiguous_interface_is_refused(void **state)
{
    struct fixture *f = *state;

    assert_null(devices_find_interface(&f->cli, f->devices, NULL, NULL));
    assert_int_equal(f->cli.call.error.code, HVK_ERR_MULTIPLE_INTERFACES);
}

static void an_element_is_handed_back_as_it_is_written(void **state)
{
    struct fixture *f = *state;
    auto_buffer out = BUFFER_INIT;

    document_add_element(f->document, devices_find_disk(&f->cli, f->devices, "vda"), &out);
    assert_string_equal(out.data, "<disk type='file' device='disk'>\n"
                                  "      <source file='/images/a&amp;b.qcow2'/>\n"
                                  "      <target dev='vda' bus='virtio'/>\n"
                                  "    </disk>");
}

static void a_changed_medium_keeps_the_rest_of_the_drive(void **state)
{
    struct fixture *f = *state;
    const struct element *drive = devices_find_disk(&f->cli, f->devices, "hdc");
    auto_free char *full = disk_with_source(f->document, drive, "/a'b.iso", false);
    auto_free char *empty = disk_with_source(f->document, drive, NULL, false);

    assert_string_equal(full, "<disk type='file' device='cdrom'>\n"
                              "  <source file='/a&#39;b.iso'/>\n"
                              "  <target dev='hdc' bus='ide'/>\n"
                              "  <readonly/>\n"
                              "</disk>\n");
    assert_null(strstr(empty, "<source"));
}

static void the_bus_follows_from_the_target(void **state)
{
    (void)state;
    assert_string_equal(disk_bus_of("vda"), "virtio");
    assert_string_equal(disk_bus_of("sdaa"), "scsi");
    assert_string_equal(disk_bus_of("xvda1"), "xen");
    assert_null(disk_bus_of("disk0"));
    assert_null(disk_bus_of("vd"));
    assert_null(disk_bus_of("vda/../x"));
}

static void assert_refused(const char *text, const char *why)
{
    struct hvk_error err;

    hvk_error_init(&err);
    assert_null(document_parse(text, &err));
    if (!strstr(err.text, why))
        fail_msg("'%s' does not say '%s'", err.text, why);
}

static void broken_and_hostile_documents_are_refused(void **state)
{
    auto_buffer deep = BUFFER_INIT;

    (void)state;
    assert_refused("", "line 1");
    assert_refused("<a>", "line 1");
    assert_refused("<a></b>", "mismatched tag");
    assert_refused("<!DOCTYPE a [<!ENTITY x 'y'>]><a>&x;</a>", "document type declaration");
    for (int i = 0; i < 100; i++)
        buffer_add_string(&deep, "<a>");
    assert_refused(deep.data, "nested too deeply");
}

/* Every damaged copy is either refused or read; neither may touch memory that is not its own,
 * which a run under AddressSanitizer shows. */
static void damage_is_survived(void **state)
{
    unsigned seed = 1;

    (void)state;
    for (int round = 0; round < 3000; round++) {
        auto_free char *copy = strdup(guest);
        auto_document *document = NULL;
        struct hvk_error err;

        hvk_error_init(&err);
        for (int i = 0; i < 3; i++)
            copy[(size_t)rand_r(&seed) % strlen(guest)] = (char)(1 + rand_r(&seed) % 255);
        document = document_parse(copy, &err);
        if (document && document->root) {
            auto_buffer out = BUFFER_INIT;

            document_add_element(document, document->root, &out);
            assert_true(out.length <= strlen(copy));
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(disks_are_found_by_target_or_source, setup, teardown),
        cmocka_unit_test_setup_teardown(a_missing_disk_is_named_with_its_domain, setup, teardown),
        cmocka_unit_test_setup_teardown(interfaces_are_found_by_type_and_address, setup, teardown),
        cmocka_unit_test_setup_teardown(an_ambiguous_interface_is_refused, setup, teardown),
        cmocka_unit_test_setup_teardown(an_element_is_handed_back_as_it_is_written, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(a_changed_medium_keeps_the_rest_of_the_drive, setup,
                                        teardown),
        cmocka_unit_test(the_bus_follows_from_the_target),
        cmocka_unit_test(broken_and_hostile_documents_are_refused),
        cmocka_unit_test(damage_is_survived),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
