/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Network interfaces of the host, in a network namespace of the test's own: nothing of the machine
 * is touched, and all of it goes with the test. */
#include "qemu_lab.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#define CALL &lab->call, lab->connection
#define BRIDGE "hvkbr0"

static const char *obstacle; /* why bridges cannot be had here; NULL: they can */

static void need_bridge(void)
{
    if (!obstacle)
        return;
    print_message("skipped, because %s\n", obstacle);
    skip();
}

static int control(void)
{
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    assert_true(fd >= 0);
    return fd;
}

static short flags_of(const char *name)
{
    struct ifreq frame = {0};
    int fd = control();
    snprintf(frame.ifr_name, sizeof frame.ifr_name, "%s", name);
    assert_int_equal(ioctl(fd, SIOCGIFFLAGS, &frame), 0);
    close(fd);
    return frame.ifr_flags;
}

static int mtu_of(const char *name)
{
    struct ifreq frame = {0};
    int fd = control();
    snprintf(frame.ifr_name, sizeof frame.ifr_name, "%s", name);
    assert_int_equal(ioctl(fd, SIOCGIFMTU, &frame), 0);
    close(fd);
    return frame.ifr_mtu;
}

/* A port of the bridge cannot be added to it a second time. */
static bool is_port(const char *name)
{
    struct ifreq frame = {.ifr_ifindex = (int)if_nametoindex(name)};
    int fd = control();
    snprintf(frame.ifr_name, sizeof frame.ifr_name, "%s", BRIDGE);
    int result = ioctl(fd, SIOCBRADDIF, &frame), error = errno;
    close(fd);
    assert_true(frame.ifr_ifindex > 0);
    return result < 0 && error == EBUSY;
}

/* ---- claims ---- */

static void a_card_on_a_bridge_has_an_interface_while_it_runs(void **state)
{
    struct lab *lab = *state;
    need_bridge();
    struct hvk_domain *domain =
        lab_boot(lab, "bridged",
                 "<interface type='bridge'><source bridge='" BRIDGE
                 "'/><target dev='hvktap7'/><model type='virtio'/><mtu size='1400'/></interface>",
                 NULL);
    assert_true(flags_of("hvktap7") & IFF_UP);
    assert_int_equal(mtu_of("hvktap7"), 1400);
    assert_true(is_port("hvktap7"));
    lab_ok(lab, hvk_domain_destroy(CALL, domain, 0));
    lab_wait_lifecycle(lab, "bridged", HVK_DOMAIN_EVENT_STOPPED,
                       HVK_DOMAIN_EVENT_STOPPED_DESTROYED);
    assert_int_equal(if_nametoindex("hvktap7"), 0);
    hvk_free(domain);
}

static void an_interface_without_a_name_is_named_in_the_live_definition(void **state)
{
    struct lab *lab = *state;
    need_bridge();
    struct hvk_domain *domain = lab_boot(
        lab, "named", "<interface type='ethernet'><model type='virtio'/></interface>", NULL);
    char *xml = NULL;
    lab_ok(lab, hvk_domain_get_xml_desc(CALL, domain, 0, &xml));
    assert_non_null(strstr(xml, "<target dev='vnet"));
    hvk_free(xml);
    lab_ok(lab, hvk_domain_get_xml_desc(CALL, domain, HVK_DOMAIN_XML_INACTIVE, &xml));
    assert_null(strstr(xml, "vnet"));
    hvk_free(xml);
    hvk_free(domain);
}

static void a_card_with_queues_comes_to_a_running_domain(void **state)
{
    struct lab *lab = *state;
    need_bridge();
    struct hvk_domain *domain = lab_boot(lab, "late", NULL, NULL);
    static const char card[] =
        "<interface type='bridge'><mac address='52:54:00:00:00:31'/><source bridge='" BRIDGE
        "'/><target dev='hvktap8'/><model type='virtio'/><driver queues='2'/></interface>";
    lab_ok(lab, hvk_domain_attach_device(CALL, domain, card, HVK_DOMAIN_AFFECT_LIVE));
    assert_true(is_port("hvktap8"));
    lab_ok(lab, hvk_domain_destroy(CALL, domain, 0));
    hvk_free(domain);
}

static void a_bridge_that_does_not_exist_leaves_nothing_behind(void **state)
{
    struct lab *lab = *state;
    need_bridge();
    struct hvk_domain *domain = lab_define(
        lab, "lost",
        "<interface type='bridge'><source bridge='hvkbr9'/><target dev='hvktap9'/></interface>",
        NULL);
    lab_fails(lab, hvk_domain_create(CALL, domain, NULL, 0, 0, NULL), HVK_ERR_SYSTEM_ERROR,
              "add the network interface 'hvktap9' to the bridge 'hvkbr9'");
    assert_int_equal(if_nametoindex("hvktap9"), 0);
    assert_int_equal(lab_processes(lab), 0);
    hvk_free(domain);
}

/* Before the first thread: all of them shall live there. */
static void enter_own_network(void)
{
    if (geteuid() != 0 || unshare(CLONE_NEWNET) < 0) {
        obstacle = "only root may have a network namespace of its own";
        return;
    }
    int fd = control();
    if (ioctl(fd, SIOCBRADDBR, BRIDGE) < 0)
        obstacle = "this kernel has no bridges";
    else if (access("/dev/net/tun", R_OK | W_OK) < 0)
        obstacle = "there is no /dev/net/tun";
    close(fd);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, lab_setup, lab_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_card_on_a_bridge_has_an_interface_while_it_runs),
        TEST(an_interface_without_a_name_is_named_in_the_live_definition),
        TEST(a_card_with_queues_comes_to_a_running_domain),
        TEST(a_bridge_that_does_not_exist_leaves_nothing_behind),
    };
    enter_own_network();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
