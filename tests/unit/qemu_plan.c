/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Devices that come, go and change while a domain runs: the QMP commands of each plan. */
#include "qemu_cases.h"

#include <command/pci.h>

struct fixture {
    struct caps *caps;
    char directory[64];
    struct model_domain *live;
};

#define LIVE                                                                                       \
    "<domain type='qemu'><name>p</name><memory>65536</memory><os><type "                           \
    "machine='q35'>hvm</type></os><devices>"                                                       \
    "<controller type='scsi' model='virtio-scsi'/>"                                                \
    "<disk type='file' device='cdrom'><source file='@DIR@/disk.raw'/><target dev='sda' "           \
    "bus='sata'/></disk>"                                                                          \
    "<interface type='user'><mac address='52:54:00:00:00:01'/><model type='virtio'/></interface>"  \
    "<graphics type='vnc' passwd='old'/><memballoon model='virtio'><stats "                        \
    "period='5'/></memballoon>"                                                                    \
    "</devices></domain>"

static struct command_input input_for(struct fixture *fixture)
{
    return (struct command_input){
        .domain = fixture->live,
        .caps = fixture->caps,
        .runtime_directory = fixture->directory,
        .nvram_directory = fixture->directory,
        .state_directory = fixture->directory,
        .monitor_fd = -1,
    };
}

static struct model_device_ref parse_device(struct fixture *fixture, const char *text)
{
    struct hvk_error err;
    struct model_device_ref device;
    auto_free char *xml = strdup(text);
    case_replace(&xml, "@DIR@", fixture->directory);
    if (!model_device_parse(fixture->live->arena, xml, strlen(xml), MODEL_PARSE_INACTIVE, NULL,
                            &device, &err))
        fail_msg("%s", err.text);
    return device;
}

/* "execute {arguments}" of every step, a line each. */
static char *render(const json_t *steps)
{
    auto_buffer text = BUFFER_INIT;
    size_t index;
    json_t *step;
    json_array_foreach(steps, index, step)
    {
        if (json_is_null(step)) {
            buffer_add_string(&text, "-\n");
            continue;
        }
        auto_free char *arguments = json_dumps(json_object_get(step, "arguments"), JSON_COMPACT);
        buffer_add_format(&text, "%s %s\n", json_string_value(json_object_get(step, "execute")),
                          arguments);
    }
    return buffer_take(&text);
}

static void expect(const struct fixture *fixture, const json_t *steps, const char *expected)
{
    char *got = render(steps);
    case_replace(&got, fixture->directory, "@DIR@");
    assert_string_equal(got, expected);
    free(got);
}

static void attach(struct fixture *fixture, const char *xml, struct device_plan *plan)
{
    struct hvk_error err;
    struct model_device_ref device = parse_device(fixture, xml), added;
    const struct command_input input = input_for(fixture);
    assert_true(model_domain_add_device(fixture->live, &device, &added, &err));
    if (!device_plan_attach(&input, &added, plan, &err))
        fail_msg("%s", err.text);
    assert_int_equal(json_array_size(plan->steps), json_array_size(plan->undo));
}

static void refuse(struct fixture *fixture, const char *xml, int32_t code, const char *words)
{
    struct hvk_error err;
    AUTO(device_plan_fini) struct device_plan plan;
    struct model_device_ref device = parse_device(fixture, xml), added;
    const struct command_input input = input_for(fixture);
    device_plan_init(&plan);
    assert_true(model_domain_add_device(fixture->live, &device, &added, &err));
    assert_false(device_plan_attach(&input, &added, &plan, &err));
    if (err.code != code || !strstr(err.text, words))
        fail_msg("error %d '%s' instead of '%s'", err.code, err.text, words);
}

static void a_disk_comes_from_the_bottom_up_and_goes_from_the_top(void **state)
{
    struct fixture *fixture = *state;
    AUTO(device_plan_fini) struct device_plan plan;
    device_plan_init(&plan);
    attach(fixture,
           "<disk type='file' device='disk'><driver type='qcow2'/><source "
           "file='@DIR@/overlay.qcow2'/><target dev='vda'/></disk>",
           &plan);
    expect(fixture, plan.steps,
           "blockdev-add "
           "{\"driver\":\"file\",\"filename\":\"@DIR@/"
           "base.qcow2\",\"node-name\":\"hvkit-3-storage\",\"auto-read-only\":true,\"discard\":"
           "\"unmap\"}\n"
           "blockdev-add "
           "{\"node-name\":\"hvkit-3-format\",\"read-only\":true,\"driver\":\"qcow2\",\"file\":"
           "\"hvkit-3-storage\",\"backing\":null}\n"
           "blockdev-add "
           "{\"driver\":\"file\",\"filename\":\"@DIR@/"
           "overlay.qcow2\",\"node-name\":\"hvkit-2-storage\",\"auto-read-only\":true,\"discard\":"
           "\"unmap\"}\n"
           "blockdev-add "
           "{\"node-name\":\"hvkit-2-format\",\"read-only\":false,\"driver\":\"qcow2\",\"file\":"
           "\"hvkit-2-storage\",\"backing\":\"hvkit-3-format\"}\n"
           "device_add "
           "{\"driver\":\"virtio-blk-pci\",\"drive\":\"hvkit-2-format\",\"id\":\"virtio-disk0\","
           "\"bus\":\"pci.5\",\"addr\":\"0x0\"}\n");
    expect(fixture, plan.undo,
           "blockdev-del {\"node-name\":\"hvkit-3-storage\"}\nblockdev-del "
           "{\"node-name\":\"hvkit-3-format\"}\n"
           "blockdev-del {\"node-name\":\"hvkit-2-storage\"}\nblockdev-del "
           "{\"node-name\":\"hvkit-2-format\"}\n"
           "device_del {\"id\":\"virtio-disk0\"}\n");
    struct hvk_error err;
    AUTO(device_plan_fini) struct device_plan removal;
    device_plan_init(&removal);
    const struct command_input input = input_for(fixture);
    const struct model_device_ref disk = {.class = MODEL_DEVICE_DISK,
                                          .device = &fixture->live->devices.disks.items[1]->device};
    assert_true(device_plan_detach(&input, &disk, &removal, &err));
    expect(fixture, removal.steps, "device_del {\"id\":\"virtio-disk0\"}\n");
    assert_string_equal(removal.device_id, "virtio-disk0");
    expect(fixture, removal.after,
           "blockdev-del {\"node-name\":\"hvkit-2-format\"}\nblockdev-del "
           "{\"node-name\":\"hvkit-2-storage\"}\n"
           "blockdev-del {\"node-name\":\"hvkit-3-format\"}\nblockdev-del "
           "{\"node-name\":\"hvkit-3-storage\"}\n");
}

static void a_network_card_brings_its_netdev(void **state)
{
    struct fixture *fixture = *state;
    AUTO(device_plan_fini) struct device_plan plan;
    device_plan_init(&plan);
    attach(fixture,
           "<interface type='user'><mac address='52:54:00:00:00:02'/><model type='virtio'/><link "
           "state='down'/></interface>",
           &plan);
    expect(fixture, plan.steps,
           "netdev_add {\"type\":\"user\",\"id\":\"hostnet1\"}\n"
           "device_add "
           "{\"driver\":\"virtio-net-pci\",\"netdev\":\"hostnet1\",\"mac\":\"52:54:00:00:00:02\","
           "\"id\":\"net1\",\"bus\":\"pci.5\",\"addr\":\"0x0\"}\n"
           "set_link {\"name\":\"net1\",\"up\":false}\n");
    expect(fixture, plan.undo,
           "netdev_del {\"id\":\"hostnet1\"}\ndevice_del {\"id\":\"net1\"}\n-\n");
}

static void a_throttled_scsi_disk_is_limited_at_once(void **state)
{
    struct fixture *fixture = *state;
    AUTO(device_plan_fini) struct device_plan plan;
    device_plan_init(&plan);
    attach(fixture,
           "<disk type='file' device='disk'><source file='@DIR@/other.raw'/><target dev='sdb' "
           "bus='scsi'/><iotune><total_iops_sec>100</total_iops_sec></iotune></disk>",
           &plan);
    auto_free char *text = render(plan.steps);
    assert_non_null(strstr(text, "\"bus\":\"scsi0.0\""));
    assert_non_null(strstr(text, "block_set_io_throttle {\"id\":\"scsi0-0-0-1\",\"bps\":0"));
}

static void chardevs_and_objects_come_and_go_with_their_device(void **state)
{
    struct fixture *fixture = *state;
    AUTO(device_plan_fini) struct device_plan rng, channel;
    device_plan_init(&rng);
    device_plan_init(&channel);
    attach(fixture, "<rng model='virtio'><backend model='random'>/dev/urandom</backend></rng>",
           &rng);
    auto_free char *steps = render(rng.steps);
    assert_non_null(strstr(
        steps, "object-add "
               "{\"qom-type\":\"rng-random\",\"id\":\"objrng0\",\"filename\":\"/dev/urandom\"}"));
    struct hvk_error err;
    AUTO(device_plan_fini) struct device_plan removal;
    device_plan_init(&removal);
    const struct command_input input = input_for(fixture);
    const struct model_device_ref device = {
        .class = MODEL_DEVICE_RNG, .device = &fixture->live->devices.rngs.items[0]->device};
    assert_true(device_plan_detach(&input, &device, &removal, &err));
    expect(fixture, removal.after, "object-del {\"id\":\"objrng0\"}\n");
}

static void what_only_a_start_can_give_is_refused(void **state)
{
    struct fixture *fixture = *state;
    refuse(fixture, "<sound model='ich9'/>", HVK_ERR_OPERATION_UNSUPPORTED,
           "cannot attach a <sound> while domain 'p' runs");
    refuse(fixture,
           "<disk type='file' device='disk'><source file='@DIR@/third.raw'/><target dev='sdx' "
           "bus='usb'/><wwn>5000c50015ea71ad</wwn></disk>",
           HVK_ERR_CONFIG_UNSUPPORTED, "not possible");
}

/* Spare root ports are few: the fifth device that needs one is refused with the way out. */
static void ports_run_out_with_advice(void **state)
{
    struct fixture *fixture = *state;
    for (int i = 0; i < PCI_SPARE_PORTS; i++) {
        AUTO(device_plan_fini) struct device_plan plan;
        device_plan_init(&plan);
        attach(fixture, "<rng model='virtio'><backend model='builtin'/></rng>", &plan);
    }
    refuse(fixture, "<rng model='virtio'><backend model='builtin'/></rng>",
           HVK_ERR_CONFIG_UNSUPPORTED, "define spare pcie-root-port controllers");
}

/* ---- changes ---- */

static bool update(struct fixture *fixture, enum model_device_class class, struct model_device *old,
                   const char *xml, struct device_plan *plan, struct hvk_error *err)
{
    const struct model_device_ref held = {.class = class, .device = old};
    const struct model_device_ref device = parse_device(fixture, xml);
    const struct command_input input = input_for(fixture);
    return device_plan_update(&input, &held, &device, plan, err);
}

static void a_medium_is_opened_before_the_old_one_is_taken_out(void **state)
{
    struct hvk_error err;
    struct fixture *fixture = *state;
    AUTO(device_plan_fini) struct device_plan plan;
    device_plan_init(&plan);
    struct model_device *drive = &fixture->live->devices.disks.items[0]->device;
    assert_true(update(fixture, MODEL_DEVICE_DISK, drive,
                       "<disk type='file' device='cdrom'><source file='@DIR@/other.raw'/><target "
                       "dev='sda' bus='sata'/></disk>",
                       &plan, &err));
    expect(fixture, plan.steps,
           "blockdev-add "
           "{\"driver\":\"file\",\"filename\":\"@DIR@/"
           "other.raw\",\"node-name\":\"hvkit-2-storage\",\"auto-read-only\":true,\"discard\":"
           "\"unmap\"}\n"
           "blockdev-add "
           "{\"node-name\":\"hvkit-2-format\",\"read-only\":true,\"driver\":\"raw\",\"file\":"
           "\"hvkit-2-storage\"}\n"
           "blockdev-open-tray {\"id\":\"sata0-0-0\",\"force\":false}\n"
           "blockdev-remove-medium {\"id\":\"sata0-0-0\"}\n"
           "blockdev-insert-medium {\"id\":\"sata0-0-0\",\"node-name\":\"hvkit-2-format\"}\n"
           "blockdev-close-tray {\"id\":\"sata0-0-0\"}\n"
           "blockdev-del {\"node-name\":\"hvkit-1-format\"}\n"
           "blockdev-del {\"node-name\":\"hvkit-1-storage\"}\n");
    auto_free char *undo = render(plan.undo);
    assert_non_null(strstr(
        undo, "blockdev-insert-medium {\"id\":\"sata0-0-0\",\"node-name\":\"hvkit-1-format\"}"));
}

static void an_ejected_medium_leaves_nothing_open(void **state)
{
    struct hvk_error err;
    struct fixture *fixture = *state;
    AUTO(device_plan_fini) struct device_plan plan;
    device_plan_init(&plan);
    struct model_device *drive = &fixture->live->devices.disks.items[0]->device;
    assert_true(update(fixture, MODEL_DEVICE_DISK, drive,
                       "<disk type='file' device='cdrom'><target dev='sda' bus='sata'/></disk>",
                       &plan, &err));
    expect(fixture, plan.steps,
           "blockdev-open-tray {\"id\":\"sata0-0-0\",\"force\":false}\nblockdev-remove-medium "
           "{\"id\":\"sata0-0-0\"}\n"
           "blockdev-close-tray {\"id\":\"sata0-0-0\"}\nblockdev-del "
           "{\"node-name\":\"hvkit-1-format\"}\n"
           "blockdev-del {\"node-name\":\"hvkit-1-storage\"}\n");
}

static void only_what_can_change_may_change(void **state)
{
    struct fixture *fixture = *state;
    const struct {
        enum model_device_class class;
        struct model_device *old;
        const char *xml;
        const char *expected; /* steps, or words of the error */
        bool ok;
    } changes[] = {
        {MODEL_DEVICE_INTERFACE, &fixture->live->devices.interfaces.items[0]->device,
         "<interface type='user'><mac address='52:54:00:00:00:01'/><model type='virtio'/><link "
         "state='down'/></interface>",
         "set_link {\"name\":\"net0\",\"up\":false}\n", true},
        {MODEL_DEVICE_INTERFACE, &fixture->live->devices.interfaces.items[0]->device,
         "<interface type='user'><mac address='52:54:00:00:00:01'/><model "
         "type='e1000'/></interface>",
         "only the link state can change", false},
        {MODEL_DEVICE_GRAPHICS, &fixture->live->devices.graphics.items[0]->device,
         "<graphics type='vnc' passwd='new'/>",
         "set_password {\"protocol\":\"vnc\",\"password\":\"new\"}\nexpire_password "
         "{\"protocol\":\"vnc\",\"time\":\"never\"}\n",
         true},
        {MODEL_DEVICE_GRAPHICS, &fixture->live->devices.graphics.items[0]->device,
         "<graphics type='vnc' keymap='de'/>", "only the password can change", false},
        {MODEL_DEVICE_MEMBALLOON, &fixture->live->devices.memballoons.items[0]->device,
         "<memballoon model='virtio'><stats period='9'/></memballoon>",
         "qom-set "
         "{\"path\":\"/machine/peripheral/"
         "balloon0\",\"property\":\"guest-stats-polling-interval\",\"value\":9}\n",
         true},
        {MODEL_DEVICE_DISK, &fixture->live->devices.disks.items[0]->device,
         "<disk type='file' device='cdrom'><target dev='sda' bus='scsi'/></disk>",
         "only the medium can change", false},
    };
    for (size_t i = 0; i < ARRAY_SIZE(changes); i++) {
        struct hvk_error err;
        AUTO(device_plan_fini) struct device_plan plan;
        device_plan_init(&plan);
        hvk_error_init(&err);
        bool ok = update(fixture, changes[i].class, changes[i].old, changes[i].xml, &plan, &err);
        if (ok != changes[i].ok)
            fail_msg("change %zu: %s", i, err.text);
        if (ok)
            expect(fixture, plan.steps, changes[i].expected);
        else if (!strstr(err.text, changes[i].expected))
            fail_msg("change %zu: '%s' instead of '%s'", i, err.text, changes[i].expected);
    }
}

/* ---- the running domain ---- */

static bool take_port(void *user, uint16_t preferred, uint16_t first, uint16_t last,
                      uint16_t *out_port, struct hvk_error *err)
{
    (void)user;
    (void)last;
    (void)err;
    *out_port = preferred ? preferred : first;
    return true;
}

static int set_up(void **state)
{
    struct hvk_error err;
    struct fixture *fixture = calloc(1, sizeof *fixture);
    json_t *json = json_load_file(QEMU_ARGV_DIR "/caps.json", 0, NULL);
    assert_true(fixture && json);
    fixture->caps = caps_from_json(json, &err);
    json_decref(json);
    snprintf(fixture->directory, sizeof fixture->directory, "%s/hvkit-plan-XXXXXX",
             getenv("TMPDIR") && strlen(getenv("TMPDIR")) < 32 ? getenv("TMPDIR") : "/tmp");
    assert_non_null(mkdtemp(fixture->directory));
    case_images(fixture->directory);
    char *xml = strdup(LIVE);
    case_replace(&xml, "@DIR@", fixture->directory);
    fixture->live = case_parse(xml);
    free(xml);
    AUTO(command_fini) struct command command;
    command_init(&command);
    struct command_input input = input_for(fixture);
    input.take_port = take_port;
    if (!command_build(&input, &command, &err))
        fail_msg("%s", err.text);
    *state = fixture;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *fixture = *state;
    case_remove(fixture->directory);
    model_domain_free(fixture->live);
    caps_unref(fixture->caps);
    free(fixture);
    return 0;
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_disk_comes_from_the_bottom_up_and_goes_from_the_top),
        TEST(a_network_card_brings_its_netdev),
        TEST(a_throttled_scsi_disk_is_limited_at_once),
        TEST(chardevs_and_objects_come_and_go_with_their_device),
        TEST(what_only_a_start_can_give_is_refused),
        TEST(ports_run_out_with_advice),
        TEST(a_medium_is_opened_before_the_old_one_is_taken_out),
        TEST(an_ejected_medium_leaves_nothing_open),
        TEST(only_what_can_change_may_change),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
