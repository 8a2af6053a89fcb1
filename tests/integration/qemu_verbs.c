/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Verbs of a running guest that need little of it: what follows its end, the definition inside a
 * save, figures, displays, devices by alias. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "qemu_lab.h"

#define CALL &lab->call, lab->connection

static bool xml_has(struct lab *lab, const struct hvk_domain *domain, uint32_t flags,
                    const char *text)
{
    char *xml = NULL;
    lab_ok(lab, hvk_domain_get_xml_desc(CALL, domain, flags, &xml));
    bool found = strstr(xml, text) != NULL;
    hvk_free(xml);
    return found;
}

/* A copy of the text with the first `from` replaced. */
static char *replace(const char *text, const char *from, const char *to)
{
    const char *at = strstr(text, from);
    char *copy = NULL;
    assert_non_null(at);
    assert_true(asprintf(&copy, "%.*s%s%s", (int)(at - text), text, to, at + strlen(from)) > 0);
    return copy;
}

static void action_of_a_running_guest_is_changed(void **state)
{
    struct lab *lab = *state;
    struct hvk_domain *domain = lab_boot(lab, "changed", NULL, NULL);
    struct hvk_stream *console = lab_console(lab, domain);
    lab_ok(lab, hvk_domain_set_lifecycle_action(CALL, domain, HVK_DOMAIN_LIFECYCLE_REBOOT,
                                                HVK_DOMAIN_LIFECYCLE_ACTION_DESTROY,
                                                HVK_DOMAIN_AFFECT_LIVE));
    assert_true(xml_has(lab, domain, 0, "<on_reboot>destroy</on_reboot>"));
    assert_false(xml_has(lab, domain, HVK_DOMAIN_XML_INACTIVE, "<on_reboot>destroy</on_reboot>"));
    lab_send(lab, console, "!r");
    lab_wait_lifecycle(lab, "changed", HVK_DOMAIN_EVENT_STOPPED, -1);
    hvk_stream_free(console);
    lab_fails(lab,
              hvk_domain_set_lifecycle_action(CALL, domain, HVK_DOMAIN_LIFECYCLE_POWEROFF,
                                              HVK_DOMAIN_LIFECYCLE_ACTION_DESTROY,
                                              HVK_DOMAIN_AFFECT_LIVE),
              HVK_ERR_OPERATION_INVALID, "not running");
    hvk_free(domain);
}

static void definition_inside_a_managed_save_is_changed(void **state)
{
    struct lab *lab = *state;
    struct hvk_domain *domain = lab_boot(lab, "packed", NULL, NULL);
    char *xml = NULL, *other = NULL;
    lab_fails(lab, hvk_domain_managed_save_get_xml_desc(CALL, domain, 0, &xml),
              HVK_ERR_OPERATION_INVALID, "packed");
    lab_ok(lab, hvk_domain_managed_save(CALL, domain, 0));
    lab_fails(lab, hvk_domain_undefine(CALL, domain, 0), HVK_ERR_OPERATION_INVALID, "managed save");
    lab_ok(lab, hvk_domain_managed_save_get_xml_desc(CALL, domain, 0, &xml));
    other = replace(xml, "<memory ", "<title>repacked</title><memory ");
    lab_ok(lab, hvk_domain_managed_save_define_xml(CALL, domain, other, 0));
    free(other);
    other = replace(xml, ">32768</memory>", ">65536</memory>"); /* no guest could go on with that */
    lab_fails(lab, hvk_domain_managed_save_define_xml(CALL, domain, other, 0),
              HVK_ERR_CONFIG_UNSUPPORTED, "memory");
    lab_ok(lab, hvk_domain_create(CALL, domain, NULL, 0, 0, NULL));
    lab_wait_lifecycle(lab, "packed", HVK_DOMAIN_EVENT_STARTED, HVK_DOMAIN_EVENT_STARTED_RESTORED);
    assert_true(xml_has(lab, domain, 0, "<title>repacked</title>"));
    assert_false(xml_has(lab, domain, HVK_DOMAIN_XML_INACTIVE, "repacked"));
    free(other);
    hvk_free(xml);
    hvk_free(domain);
}

static void period_of_memory_figures_is_kept(void **state)
{
    struct lab *lab = *state;
    struct hvk_domain *domain = lab_boot(lab, "measured", NULL, NULL);
    lab_ok(lab, hvk_domain_set_memory_stats_period(
                    CALL, domain, 5, HVK_DOMAIN_AFFECT_LIVE | HVK_DOMAIN_AFFECT_CONFIG));
    assert_true(xml_has(lab, domain, 0, "<stats period='5'/>"));
    lab_reopen(lab);
    assert_true(xml_has(lab, domain, 0, "<stats period='5'/>"));
    assert_true(xml_has(lab, domain, HVK_DOMAIN_XML_INACTIVE, "<stats period='5'/>"));
    hvk_free(domain);
}

static uint64_t cpu_time(struct lab *lab, const struct hvk_domain *domain)
{
    struct hvk_domain_cpu_stats_list *list = NULL;
    uint64_t time_ns = 0;
    lab_ok(lab, hvk_domain_get_cpu_stats(CALL, domain, -1, 1, 0, &list));
    assert_int_equal(list->count, 1);
    const struct hvk_domain_cpu_stats *all = hvk_domain_cpu_stats_list_at(list, 0);
    assert_int_equal(all->cpu, -1);
    for (uint64_t i = 0; i < all->params_count; i++)
        if (strcmp(all->params[i].name, HVK_DOMAIN_CPU_STATS_CPUTIME) == 0)
            time_ns = all->params[i].value.u64;
    hvk_free(list);
    return time_ns;
}

static void processor_time_grows(void **state)
{
    struct lab *lab = *state;
    struct hvk_domain *domain = lab_boot(lab, "worker", NULL, NULL);
    struct hvk_stream *console = lab_console(lab, domain);
    uint64_t before = cpu_time(lab, domain);
    assert_true(before > 0);
    while (cpu_time(lab, domain) == before) /* it ticks once a second */
        lab_expect(lab, console, "tick");
    hvk_stream_free(console);
    hvk_free(domain);
}

static void interface_that_nobody_counts_says_so(void **state)
{
    struct lab *lab = *state;
    struct hvk_domain_interface_stats stats = HVK_RECORD_INIT(stats);
    static const char nic[] = "<interface type='user'><mac address='52:54:00:00:00:07'/>"
                              "<model type='virtio'/></interface>";
    struct hvk_domain *domain = lab_boot(lab, "wired", nic, NULL);
    lab_fails(lab, hvk_domain_interface_stats(CALL, domain, "52:54:00:00:00:07", &stats),
              HVK_ERR_OPERATION_UNSUPPORTED, "no device on this machine");
    lab_fails(lab, hvk_domain_interface_stats(CALL, domain, "vnet7", &stats), HVK_ERR_INVALID_ARG,
              "no interface 'vnet7'");
    hvk_free(domain);
}

static void display_takes_a_connection_that_is_handed_over(void **state)
{
    struct lab *lab = *state;
    static const char screen[] = "<graphics type='vnc' autoport='yes'/><video><model type='vga'/>"
                                 "</video>";
    struct hvk_domain *domain = lab_boot(lab, "seen", screen, NULL);
    int pair[2];
    char greeting[13] = "";
    size_t have = 0;
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), 0);
    const int32_t theirs = pair[1];
    lab_fails(lab, hvk_domain_open_graphics(CALL, domain, 1, &theirs, 1, 0), HVK_ERR_INVALID_ARG,
              "no display 1");
    lab_ok(lab, hvk_domain_open_graphics(CALL, domain, 0, &theirs, 1,
                                         HVK_DOMAIN_OPEN_GRAPHICS_SKIPAUTH));
    close(pair[1]);
    while (have < sizeof greeting - 1) {
        ssize_t got = read(pair[0], greeting + have, sizeof greeting - 1 - have);
        assert_true(got > 0);
        have += (size_t)got;
    }
    assert_string_equal(greeting, "RFB 003.008\n"); /* RFC 6143, 7.1.1 */
    close(pair[0]);
    hvk_free(domain);
}

static void device_leaves_by_its_alias(void **state)
{
    struct lab *lab = *state;
    static const char tablet[] = "<controller type='usb' model='qemu-xhci'/>"
                                 "<input type='tablet' bus='usb'><alias name='ua-pen'/></input>";
    struct hvk_domain *domain = lab_boot(lab, "drawn-on", tablet, NULL);
    lab_fails(lab, hvk_domain_detach_device_alias(CALL, domain, "ua-brush", HVK_DOMAIN_AFFECT_LIVE),
              HVK_ERR_DEVICE_MISSING, "ua-brush");
    lab_ok(lab, hvk_domain_detach_device_alias(CALL, domain, "ua-pen", HVK_DOMAIN_AFFECT_LIVE));
    lab_wait_event(lab, "drawn-on", HVK_EVENT_DOMAIN_DEVICE_REMOVED);
    assert_false(xml_has(lab, domain, 0, "ua-pen"));
    assert_true(xml_has(lab, domain, HVK_DOMAIN_XML_INACTIVE, "ua-pen"));
    hvk_free(domain);
}

static void node_tells_what_it_can_do(void **state)
{
    struct lab *lab = *state;
    uint64_t version = 0;
    int32_t max = 0;
    struct hvk_string_list *names = NULL;
    bool found = false;
    lab_ok(lab, hvk_connection_get_version(CALL, &version));
    assert_true(version >= 5000000); /* 5.0.0: major * 1,000,000 + minor * 1,000 + release */
    lab_ok(lab, hvk_connection_get_max_vcpus(CALL, "qemu", &max));
    assert_true(max >= 8);
    lab_ok(lab, hvk_connection_get_cpu_model_names(CALL, "x86_64", 0, &names));
    for (uint64_t i = 0; i < names->count; i++)
        found = found || strcmp(names->items[i], "qemu64") == 0;
    assert_true(found);
    hvk_free(names);
    names = NULL;
    lab_fails(lab, hvk_connection_get_cpu_model_names(CALL, "pdp11", 0, &names),
              HVK_ERR_CONFIG_UNSUPPORTED, "pdp11");
}

int main(void)
{
#define CLAIM(name) cmocka_unit_test_setup_teardown(name, lab_setup, lab_teardown)
    const struct CMUnitTest tests[] = {
        CLAIM(action_of_a_running_guest_is_changed),
        CLAIM(definition_inside_a_managed_save_is_changed),
        CLAIM(period_of_memory_figures_is_kept),
        CLAIM(processor_time_grows),
        CLAIM(interface_that_nobody_counts_says_so),
        CLAIM(display_takes_a_connection_that_is_handed_over),
        CLAIM(device_leaves_by_its_alias),
        CLAIM(node_tells_what_it_can_do),
    };
    return cmocka_run_group_tests_name("qemu-verbs", tests, NULL, NULL);
}
