/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What parsing says about domains: errors with their place, defaults, what is kept. */
#include "model/domain-xml.h"
#include "model_corpus.h"

#include "cmocka_all.h"

#define HEAD                                                                                       \
    "<domain type='qemu'>\n<name>a</name>\n<memory>1024</memory>\n<os><type>hvm</type></os>\n"
#define TAIL "</domain>"

struct warnings {
    unsigned count;
    uint32_t line;
    uint32_t column;
    char text[512];
};

static void remember(void *data, uint32_t line, uint32_t column, const char *text)
{
    struct warnings *warnings = data;
    if (warnings->count++ > 0)
        return;
    warnings->line = line;
    warnings->column = column;
    snprintf(warnings->text, sizeof warnings->text, "%s", text);
}

static struct model_domain *parse(const char *xml, uint32_t flags, struct warnings *warnings,
                                  struct hvk_error *err)
{
    const struct model_report report = {remember, warnings};
    memset(err, 0, sizeof *err);
    return model_domain_parse(xml, strlen(xml), flags, warnings ? &report : NULL, err);
}

static struct model_domain *must_parse(const char *xml)
{
    struct hvk_error err;
    struct model_domain *domain = parse(xml, 0, NULL, &err);
    if (!domain)
        fail_msg("%s", err.text);
    return domain;
}

static const struct refusal {
    const char *xml;
    int32_t code;
    const char *text;
} refusals[] = {
    {"<domain type='qemu'><name>a</name></domain>", HVK_ERR_XML_ERROR,
     "line 1, column 1: /domain: the element <os> is missing"},
    {"<domain type='quemu'/>", HVK_ERR_XML_ERROR,
     "line 1, column 9: /domain/@type: 'quemu' is not accepted; expected a domain type: qemu, "},
    {"<network/>", HVK_ERR_XML_ERROR, "the outermost element is <network>; expected <domain>"},
    {HEAD "  <vcpu>zero</vcpu>" TAIL, HVK_ERR_XML_ERROR,
     "line 5, column 3: /domain/vcpu: 'zero' is not accepted; expected a number from 1 to 16384"},
    {HEAD "<vcpu\n current='0'>1</vcpu>" TAIL, HVK_ERR_XML_ERROR,
     "line 6, column 2: /domain/vcpu/@current: '0' is not accepted"},
    {HEAD "<devices><disk><target dev='vda'/></disk>\n<disk>\n  <target dev='vdb' bus='ibe'/>"
          "</disk></devices>" TAIL,
     HVK_ERR_XML_ERROR,
     "line 7, column 21: /domain/devices/disk[2]/target/@bus: 'ibe' is not accepted; expected a "
     "disk bus: ide, fdc, scsi, virtio, xen, usb, uml, sata or sd"},
    {HEAD "<memory unit='KiB'>1</memory><uuid>x</uuid>" TAIL, HVK_ERR_XML_ERROR,
     "/domain/uuid: 'x' is not accepted; expected a UUID"},
    {HEAD "<currentMemory unit='parsec'>1</currentMemory>" TAIL, HVK_ERR_XML_ERROR,
     "expected a unit: bytes, KiB"},
    {HEAD "<currentMemory unit='EiB'>100</currentMemory>" TAIL, HVK_ERR_XML_ERROR,
     "expected an amount of memory below 16 EiB"},
    {HEAD
     "<devices><interface type='user'><mac address='52:54:00:12:34'/></interface></devices>" TAIL,
     HVK_ERR_XML_ERROR, "expected a MAC address such as"},
    {HEAD "<features><apic eoi='yes'/></features>" TAIL, HVK_ERR_XML_ERROR, "expected on or off"},
    {HEAD "<devices><disk device='cdrom'><source file='x'/></disk></devices>" TAIL,
     HVK_ERR_XML_ERROR, "/domain/devices/disk[1]: the element <target> is missing"},
    {HEAD "<vcpu cpuset='3-1'>1</vcpu>" TAIL, HVK_ERR_XML_ERROR, "expected a set such as"},
    {HEAD "<a><b></a>" TAIL, HVK_ERR_XML_DETAIL,
     "line 5, column 9: mismatched tag: <b> of line 5 is still open"},
    {HEAD "<qemu:commandline/>" TAIL, HVK_ERR_XML_DETAIL, "unbound prefix"},
    {"", HVK_ERR_XML_DETAIL, "domain XML is empty"},
    {"  ", HVK_ERR_XML_DETAIL, "line 1"},
};

static void refusals_name_place_path_and_what_was_expected(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(refusals); i++) {
        struct hvk_error err;
        struct model_domain *domain = parse(refusals[i].xml, 0, NULL, &err);
        assert_null(domain);
        if (!strstr(err.text, refusals[i].text))
            fail_msg("'%s' does not hold '%s'", err.text, refusals[i].text);
        assert_int_equal(err.code, refusals[i].code);
        assert_int_equal(err.source, HVK_FROM_XML);
    }
}

#define DISK(dev) "<disk><source file='/" dev "'/><target dev='" dev "'/></disk>\n"

static const struct refusal contradictions[] = {
    {"<domain type='qemu'><name> </name><memory>1</memory><os><type>hvm</type></os></domain>", 0,
     "the name is empty"},
    {"<domain type='qemu'><name>a/b</name><memory>1</memory><os><type>hvm</type></os></domain>", 0,
     "a name must not hold '/'"},
    {"<domain type='qemu'><name>a</name><os><type>hvm</type></os></domain>", 0,
     "the amount of <memory> is missing"},
    {HEAD "<uuid>00000000-0000-0000-0000-000000000000</uuid>" TAIL, 0, "must not be all zeros"},
    {HEAD "<currentMemory>1025</currentMemory>" TAIL, 0,
     "currentMemory (1025 KiB) is more than memory (1024 KiB)"},
    {HEAD "<maxMemory slots='1'>1</maxMemory>" TAIL, 0, "is less than memory"},
    {HEAD "<vcpu current='3'>2</vcpu>" TAIL, 0, "the current number of vCPUs (3) is more"},
    {HEAD "<vcpu>4</vcpu><cpu><topology sockets='1' cores='3' threads='1'/></cpu>" TAIL, 0,
     "the CPU topology has room for 3 vCPUs, but <vcpu> says 4"},
    {HEAD "<devices>" DISK("vda") DISK("vdb") DISK("vda") "</devices>" TAIL, 0,
     "line 7, column 28: the disk target 'vda' is used twice, first in line 5"},
    {HEAD "<devices><disk type='block'><source file='x'/><target dev='vda'/></disk></devices>" TAIL,
     0, "a disk of type 'block' needs <source dev='...'/>"},
    {HEAD "<devices><interface type='bridge'/></devices>" TAIL, 0,
     "an interface of type 'bridge' needs <source bridge='...'/>"},
    {HEAD "<devices><interface type='user'><mac "
          "address='01:00:5e:00:00:01'/></interface></devices>" TAIL,
     0, "must not be a multicast one"},
    {HEAD "<devices><hub type='usb'><address type='pci' slot='0x3'/></hub><watchdog model='itco'>"
          "<address type='pci' slot='3'/></watchdog></devices>" TAIL,
     0, "the PCI address 0000:00:03.0 is used twice"},
    {HEAD
     "<devices><disk><driver iothread='2'/><source file='x'/><target dev='a'/></disk></devices>"
     "<iothreads>1</iothreads>" TAIL,
     0, "there is no I/O thread 2"},
    {"<domain type='qemu'><name>a</name><memory>9</memory><os><type>hvm</type><boot dev='hd'/></os>"
     "<devices><disk><source file='x'/><target dev='a'/><boot "
     "order='1'/></disk></devices></domain>",
     0, "cannot be used together with <os><boot>"},
};

/* As virt-manager writes them, without addresses, and as libvirt tells them of a running guest. */
static void companions_of_a_usb_controller_share_its_index_and_alias(void **state)
{
    (void)state;
    static const char xml[] = HEAD
        "<devices><controller type='usb' index='0' model='ich9-ehci1'><alias name='usb'/>"
        "</controller><controller type='usb' index='0' model='ich9-uhci1'><alias name='usb'/>"
        "<master startport='0'/></controller><controller type='usb' index='0' "
        "model='ich9-uhci2'><alias name='usb'/><master startport='2'/></controller></devices>" TAIL;
    struct hvk_error err = {.size = sizeof err};
    auto_model_domain domain = model_domain_parse(xml, strlen(xml), 0, NULL, &err);
    if (!domain)
        fail_msg("%s", err.text);
    assert_int_equal(domain->devices.controllers.count, 3);
}

static void contradictions_are_refused_and_named(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(contradictions); i++) {
        struct hvk_error err;
        struct model_domain *domain = parse(contradictions[i].xml, 0, NULL, &err);
        model_domain_free(domain);
        assert_null(domain);
        if (!strstr(err.text, contradictions[i].text))
            fail_msg("'%s' does not hold '%s'", err.text, contradictions[i].text);
        assert_int_equal(err.code, HVK_ERR_XML_ERROR);
    }
}

static void what_is_not_said_gets_its_conventional_value(void **state)
{
    (void)state;
    auto_model_domain domain =
        must_parse(HEAD "<devices>" DISK("vda") "<graphics type='vnc'/></devices>" TAIL);
    assert_int_equal(domain->current_memory.kib, 1024);
    assert_int_equal(domain->vcpu.maximum, 1);
    assert_false(domain->vcpu.current.set);
    assert_int_equal(domain->clock.offset, MODEL_CLOCK_UTC);
    assert_int_equal(domain->on_reboot, MODEL_LIFECYCLE_RESTART);
    const struct model_disk *disk = domain->devices.disks.items[0];
    assert_int_equal(disk->type, MODEL_DISK_TYPE_FILE);
    assert_int_equal(disk->kind, MODEL_DISK_DEVICE_DISK);
    assert_false(disk->device.address.assigned);
    const struct model_graphics *graphics = domain->devices.graphics.items[0];
    assert_int_equal(graphics->autoport, MODEL_SWITCH_ON);
    assert_int_equal(graphics->port.value, -1);
    assert_int_equal(graphics->listens.items[0]->type, MODEL_LISTEN_ADDRESS);
}

static void amounts_are_converted_and_rounded_up(void **state)
{
    static const struct {
        const char *text;
        uint64_t kib;
    } amounts[] = {
        {"<memory>2048</memory>", 2048},
        {"<memory unit='KiB'> 7 </memory>", 7},
        {"<memory unit='b'>1025</memory>", 2},
        {"<memory unit='bytes'>1024</memory>", 1},
        {"<memory unit='KB'>1024</memory>", 1000},
        {"<memory unit='k'>3</memory>", 3},
        {"<memory unit='MB'>1</memory>", 977},
        {"<memory unit='M'>1</memory>", 1024},
        {"<memory unit='GiB'>2</memory>", 2097152},
        {"<memory unit='TiB'>1</memory>", 1073741824},
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(amounts); i++) {
        auto_free char *xml =
            string_format("<domain type='qemu'><name>a</name>%s<os><type>hvm</type></os></domain>",
                          amounts[i].text);
        auto_model_domain domain = must_parse(xml);
        assert_int_equal(domain->memory.kib, amounts[i].kib);
    }
}

#define STRANGE                                                                                    \
    "<devices>\n"                                                                                  \
    "    <!-- first -->\n"                                                                         \
    "    <disk type='file' device='disk' odd='1'>\n"                                               \
    "      <source file='/a'/>\n"                                                                  \
    "      <target dev='vda'/>\n"                                                                  \
    "      <new x=\"&lt;&quot;\">t&amp;<y/><![CDATA[<z>]]></new>\n"                                \
    "    </disk>\n"                                                                                \
    "    <?keep me?>\n"                                                                            \
    "  </devices>\n"

static void what_no_table_knows_is_kept_in_place_and_reported(void **state)
{
    (void)state;
    struct warnings warnings = {0};
    struct hvk_error err;
    auto_model_domain domain = parse(HEAD STRANGE TAIL, 0, &warnings, &err);
    assert_non_null(domain);
    assert_int_equal(warnings.count, 2);
    assert_int_equal(warnings.line, 7);
    assert_int_equal(warnings.column, 37);
    assert_string_equal(warnings.text, "/domain/devices/disk[1]/@odd: this attribute is not known "
                                       "here; it is kept as it is");
    auto_free char *xml = model_domain_format(domain, 0, &err);
    assert_non_null(strstr(xml, STRANGE));
}

static void with_validate_the_unknown_is_an_error_that_lists_the_known(void **state)
{
    (void)state;
    struct hvk_error err;
    assert_null(parse(HEAD "<clock><tock/></clock>" TAIL, MODEL_VALIDATE, NULL, &err));
    assert_int_equal(err.code, HVK_ERR_XML_INVALID_SCHEMA);
    assert_non_null(strstr(err.text, "line 5, column 8: /domain/clock/tock: this element is not "
                                     "known here; expected one of timer"));
    assert_null(parse(HEAD "<clock tick='1'/>" TAIL, MODEL_VALIDATE, NULL, &err));
    assert_int_equal(err.code, HVK_ERR_XML_INVALID_SCHEMA);
}

static void a_second_single_element_is_kept_and_the_first_counts(void **state)
{
    (void)state;
    struct warnings warnings = {0};
    struct hvk_error err;
    auto_model_domain domain =
        parse(HEAD "<title>one</title><title>two</title>" TAIL, 0, &warnings, &err);
    assert_string_equal(domain->title, "one");
    assert_int_equal(warnings.count, 1);
    auto_free char *xml = model_domain_format(domain, 0, &err);
    assert_non_null(strstr(xml, "<title>one</title>\n  <title>two</title>\n"));
}

static void warnings_stop_at_their_bound(void **state)
{
    (void)state;
    auto_buffer xml = BUFFER_INIT;
    struct warnings warnings = {0};
    struct hvk_error err;
    buffer_add_string(&xml, HEAD);
    for (int i = 0; i < 1000; i++)
        buffer_add_string(&xml, "<what/>");
    buffer_add_string(&xml, TAIL);
    auto_model_domain domain = parse(xml.data, 0, &warnings, &err);
    assert_non_null(domain);
    assert_int_equal(warnings.count, MODEL_WARNINGS_MAX);
}

#define LIVE                                                                                       \
    "<domain type='qemu' "                                                                         \
    "id='7'><name>a</name><memory>1</memory><os><type>hvm</type></os><devices>"                    \
    "<disk><source file='/a' index='1'/><target dev='vda'/><alias name='virtio-disk0'/></disk>"    \
    "<disk><source file='/b'/><target dev='vdb'/><alias name='ua-mine'/></disk>"                   \
    "<interface type='user'><target dev='vnet3'/></interface>"                                     \
    "<serial type='pty'><source path='/dev/pts/9'/></serial>"                                      \
    "<console type='pty' tty='/dev/pts/9'/>"                                                       \
    "<graphics type='vnc' port='5901' autoport='yes' passwd='geheim'/>"                            \
    "<vsock><cid auto='yes' address='4'/></vsock></devices></domain>"

static void live_members_are_left_out_where_configuration_is_wanted(void **state)
{
    static const char *const live[] = {"id='7'",     "index='1'", "virtio-disk0", "vnet3",
                                       "/dev/pts/9", "5901",      "address='4'"};
    (void)state;
    struct hvk_error err;
    auto_model_domain domain = must_parse(LIVE);
    auto_model_domain config = parse(LIVE, MODEL_PARSE_INACTIVE, NULL, &err);
    auto_free char *full = model_domain_format(domain, 0, &err);
    auto_free char *inactive = model_domain_format(domain, MODEL_FORMAT_INACTIVE, &err);
    auto_free char *parsed = model_domain_format(config, 0, &err);
    for (size_t i = 0; i < ARRAY_SIZE(live); i++) {
        assert_non_null(strstr(full, live[i]));
        assert_null(strstr(inactive, live[i]));
        assert_null(strstr(parsed, live[i]));
    }
    assert_non_null(strstr(inactive, "ua-mine"));
    assert_non_null(strstr(parsed, "ua-mine"));
    assert_int_equal(config->devices.graphics.items[0]->port.value, -1);
}

static void what_stands_behind_a_hidden_member_is_written(void **state)
{
    (void)state;
    struct hvk_error err;
    auto_model_domain domain =
        must_parse(HEAD "<devices><disk><source file='/a'/><mirror type='file' job='copy'/>"
                        "<!-- mirrored --><target dev='vda'/></disk></devices>" TAIL);
    auto_free char *xml = model_domain_format(domain, MODEL_FORMAT_INACTIVE, &err);
    assert_null(strstr(xml, "<mirror"));
    assert_non_null(strstr(xml, "<source file='/a'/>\n      <!-- mirrored -->\n"));
}

static void passwords_are_written_for_those_only_who_may_see_them(void **state)
{
    (void)state;
    struct hvk_error err;
    auto_model_domain domain = must_parse(LIVE);
    auto_free char *plain = model_domain_format(domain, 0, &err);
    auto_free char *secure = model_domain_format(domain, MODEL_FORMAT_SECURE, &err);
    assert_null(strstr(plain, "geheim"));
    assert_non_null(strstr(secure, "passwd='geheim'"));
}

static void check_round_trip(const char *path, const char *xml)
{
    char where[256];
    struct hvk_error err;
    auto_model_domain first = must_parse(xml);
    auto_free char *text = model_domain_format(first, MODEL_FORMAT_SECURE, &err);
    auto_model_domain second = must_parse(text);
    if (!model_domain_equal(first, second, where, sizeof where))
        fail_msg("%s: %s changes in a round trip", path, where);
    auto_free char *again = model_domain_format(second, MODEL_FORMAT_SECURE, &err);
    assert_string_equal(text, again);
    auto_model_domain copy = model_domain_copy(first, &err);
    model_domain_free(TAKE(first));
    auto_free char *copied = model_domain_format(copy, MODEL_FORMAT_SECURE, &err);
    assert_string_equal(text, copied);
}

static void real_domains_survive_a_round_trip_and_a_copy(void **state)
{
    (void)state;
    assert_true(corpus_each(check_round_trip) >= 7);
}

static void comparison_names_the_first_difference(void **state)
{
    char path[128];
    struct hvk_error err;
    (void)state;
    auto_model_domain a = must_parse(HEAD "<devices>" DISK("vda") DISK("vdb") "</devices>" TAIL);
    auto_model_domain b = model_domain_copy(a, &err);
    assert_true(model_domain_equal(a, b, path, sizeof path));
    b->devices.disks.items[1]->target.dev = "vdc";
    assert_false(model_domain_equal(a, b, path, sizeof path));
    assert_string_equal(path, "/devices/disk[2]/target/@dev");
}

static void a_member_that_a_program_sets_is_written(void **state)
{
    (void)state;
    struct hvk_error err;
    auto_model_domain domain = must_parse(HEAD TAIL);
    domain->cpu.topology.sockets = MODEL_UINT(1);
    domain->on_crash = MODEL_LIFECYCLE_PRESERVE;
    domain->id = MODEL_UINT(3);
    auto_free char *xml = model_domain_format(domain, 0, &err);
    assert_non_null(strstr(xml, "<domain type='qemu' id='3'>\n"));
    assert_non_null(strstr(xml, "  <cpu>\n    <topology sockets='1'/>\n  </cpu>\n"));
    assert_non_null(strstr(xml, "<on_crash>preserve</on_crash>"));
    assert_null(strstr(xml, "qemu:"));
}

static void a_namespace_that_a_program_brings_in_is_declared_once(void **state)
{
    (void)state;
    struct hvk_error err;
    auto_model_domain domain = must_parse(HEAD TAIL);
    struct model_qemu_arg arg = {.value = "-foo"};
    struct model_qemu_arg *args[] = {&arg};
    domain->qemu_commandline.args.items = args;
    domain->qemu_commandline.args.count = 1;
    auto_free char *xml = model_domain_format(domain, 0, &err);
    assert_non_null(strstr(xml, "<domain type='qemu' "
                                "xmlns:qemu='http://libvirt.org/schemas/domain/qemu/1.0'>\n"));
    assert_non_null(strstr(xml, "  <qemu:commandline>\n    <qemu:arg value='-foo'/>\n"));
    auto_model_domain again = must_parse(xml);
    assert_int_equal(again->qemu_commandline.args.count, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(refusals_name_place_path_and_what_was_expected),
        cmocka_unit_test(companions_of_a_usb_controller_share_its_index_and_alias),
        cmocka_unit_test(contradictions_are_refused_and_named),
        cmocka_unit_test(what_is_not_said_gets_its_conventional_value),
        cmocka_unit_test(amounts_are_converted_and_rounded_up),
        cmocka_unit_test(what_no_table_knows_is_kept_in_place_and_reported),
        cmocka_unit_test(with_validate_the_unknown_is_an_error_that_lists_the_known),
        cmocka_unit_test(a_second_single_element_is_kept_and_the_first_counts),
        cmocka_unit_test(warnings_stop_at_their_bound),
        cmocka_unit_test(live_members_are_left_out_where_configuration_is_wanted),
        cmocka_unit_test(what_stands_behind_a_hidden_member_is_written),
        cmocka_unit_test(passwords_are_written_for_those_only_who_may_see_them),
        cmocka_unit_test(real_domains_survive_a_round_trip_and_a_copy),
        cmocka_unit_test(comparison_names_the_first_difference),
        cmocka_unit_test(a_member_that_a_program_sets_is_written),
        cmocka_unit_test(a_namespace_that_a_program_brings_in_is_declared_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
