/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Definitions and the command lines they give. With HVKIT_UPDATE_GOLDEN set, the expected ones are
 * written instead of compared; tests/integration/qemu_accept.c shows that QEMU takes them. */
#include "qemu_cases.h"

struct fixture {
    struct caps *caps;
    char directory[64];
};

static bool take_port(void *user, uint16_t preferred, uint16_t first, uint16_t last,
                      uint16_t *out_port, struct hvk_error *err)
{
    (void)user;
    (void)last;
    (void)err;
    *out_port = preferred ? preferred : first;
    return true;
}

static bool get_secret(void *user, const uint8_t *uuid, const char *usage, void **out_data,
                       size_t *out_length, struct hvk_error *err)
{
    (void)user;
    (void)uuid;
    (void)usage;
    (void)err;
    *out_data = strdup("open sesame");
    *out_length = strlen("open sesame");
    return *out_data != NULL;
}

static struct command_input input_for(struct fixture *fixture, struct model_domain *domain)
{
    return (struct command_input){
        .domain = domain,
        .caps = fixture->caps,
        .runtime_directory = fixture->directory,
        .nvram_directory = fixture->directory,
        .state_directory = fixture->directory,
        .monitor_fd = 100,
        .flags = COMMAND_PAUSED,
        .take_port = take_port,
        .get_secret = get_secret,
    };
}

/* One argument a line, what follows of it, helpers, files and setup behind. */
static char *render(const struct command *command, const char *directory)
{
    auto_buffer text = BUFFER_INIT;
    for (char **argument = command->argv; *argument; argument++)
        buffer_add_format(&text, "%s\n", *argument);
    VECTOR_FOR_EACH (&command->helpers, struct command_helper, helper) {
        buffer_add_format(&text, "[helper %s]", helper->name);
        for (char **argument = helper->argv; *argument; argument++)
            buffer_add_format(&text, " %s", strstr(*argument, "fd=") ? "FD" : *argument);
        buffer_add_char(&text, '\n');
    }
    VECTOR_FOR_EACH (&command->files, struct command_file, file)
        buffer_add_format(&text, "[file] %s from %s\n", file->path,
                          file->copy_of ? file->copy_of : "nothing");
    VECTOR_FOR_EACH (&command->chardevs, struct command_chardev, chardev)
        buffer_add_format(&text, "[chardev] %s %s\n", chardev->alias,
                          chardev->pty ? "pty" : chardev->path);
    auto_free char *setup = command->setup ? json_dumps(command->setup, JSON_COMPACT) : NULL;
    if (setup)
        buffer_add_format(&text, "[setup] %s\n", setup);
    char *out = buffer_take(&text);
    case_replace(&out, directory, "@DIR@");
    return out;
}

/* The state of a run holds the guest as it is then: a later owner must be able to read it. */
static void assert_adoptable(const struct model_domain *domain)
{
    struct hvk_error err;
    hvk_error_init(&err);
    auto_free char *xml = model_domain_format(domain, MODEL_FORMAT_SECURE, &err);
    assert_non_null(xml);
    auto_model_domain again = model_domain_parse(xml, strlen(xml), 0, NULL, &err);
    if (!again)
        fail_msg("%s, as it runs: %s", domain->name, err.text);
}

static char *build(struct fixture *fixture, struct model_domain *domain)
{
    struct hvk_error err;
    hvk_error_init(&err);
    AUTO(command_fini) struct command command;
    command_init(&command);
    const struct command_input input = input_for(fixture, domain);
    if (!command_build(&input, &command, &err))
        fail_msg("%s: %s", domain->name, err.text);
    assert_adoptable(domain);
    return render(&command, fixture->directory);
}

static void define(struct fixture *fixture, struct model_domain *domain)
{
    struct hvk_error err;
    hvk_error_init(&err);
    if (!command_check(domain, fixture->caps, &err))
        fail_msg("%s: %s", domain->name, err.text);
}

/* Fails with the first line that differs: the whole is too long to read. */
static void assert_same_lines(const char *name, const char *expected, const char *got)
{
    while (*expected || *got) {
        size_t left = strcspn(expected, "\n"), right = strcspn(got, "\n");
        if (left != right || memcmp(expected, got, left) != 0)
            fail_msg("%s: expected\n  %.*s\nbut got\n  %.*s", name, (int)left, expected, (int)right,
                     got);
        expected += left + (expected[left] == '\n');
        got += right + (got[right] == '\n');
    }
}

static void compare(const char *name, const char *got)
{
    auto_free char *path = string_format("%s/%s.args", QEMU_ARGV_DIR, name);
    if (getenv("HVKIT_UPDATE_GOLDEN")) {
        auto_file FILE *file = fopen(path, "we");
        assert_non_null(file);
        assert_true(fputs(got, file) >= 0);
        return;
    }
    auto_free char *expected = case_read(path);
    assert_non_null(expected);
    assert_same_lines(name, expected, got);
}

typedef void (*case_function)(struct fixture *fixture, const struct qemu_case *one);

/* Cases of helpers and firmware that this machine has not are left out and named. */
static void each_case(struct fixture *fixture, case_function function)
{
    struct dirent **entries = NULL;
    int count = scandir(QEMU_ARGV_DIR, &entries, case_is_xml, alphasort);
    assert_true(count > 0);
    for (int i = 0; i < count; i++) {
        AUTO(case_fini) struct qemu_case one;
        *strrchr(entries[i]->d_name, '.') = '\0';
        case_load(entries[i]->d_name, fixture->directory, &one);
        bool path = one.needs[0] == '/' && strcmp(one.needs, "/dev/kvm") != 0;
        if (path && case_obstacle(&one))
            print_message("%s: skipped, because there is no %s\n", one.name, one.needs);
        else
            function(fixture, &one);
        free(entries[i]);
    }
    free(entries);
}

static void check_golden(struct fixture *fixture, const struct qemu_case *one)
{
    auto_model_domain domain = case_parse(one->xml);
    auto_free char *got = build(fixture, domain);
    compare(one->name, got);
}

static void every_definition_gives_its_command_line(void **state)
{
    each_case(*state, check_golden);
}

/* What define fixes must be what start would have chosen, and be stored completely. */
static void check_stability(struct fixture *fixture, const struct qemu_case *one)
{
    struct hvk_error err;
    auto_model_domain direct = case_parse(one->xml);
    auto_free char *expected = build(fixture, direct);
    auto_model_domain defined = case_parse(one->xml);
    define(fixture, defined);
    auto_free char *stored =
        model_domain_format(defined, MODEL_FORMAT_INACTIVE | MODEL_FORMAT_SECURE, &err);
    auto_model_domain loaded = case_parse(stored);
    define(fixture, loaded);
    auto_free char *again =
        model_domain_format(loaded, MODEL_FORMAT_INACTIVE | MODEL_FORMAT_SECURE, &err);
    assert_same_lines(one->name, stored, again);
    auto_free char *got = build(fixture, loaded);
    assert_same_lines(one->name, expected, got);
}

static void a_stored_definition_starts_like_the_text_it_came_from(void **state)
{
    each_case(*state, check_stability);
}

static void check_twice(struct fixture *fixture, const struct qemu_case *one)
{
    auto_model_domain domain = case_parse(one->xml);
    auto_free char *first = build(fixture, domain);
    auto_free char *second = build(fixture, domain);
    assert_same_lines(one->name, first, second);
}

static void starting_the_live_copy_again_gives_the_same_line(void **state)
{
    each_case(*state, check_twice);
}

#define DOMAIN(devices)                                                                            \
    "<domain type='qemu'><name>s</name><uuid>c7a5fdbd-edaf-9455-926a-d65c16db1809</uuid>"          \
    "<memory>65536</memory><os><type machine='q35'>hvm</type></os><devices>" devices               \
    "</devices></domain>"

static void secrets_stay_out_of_the_argument_vector(void **state)
{
    struct fixture *fixture = *state;
    auto_free char *xml = strdup(DOMAIN(
        "<disk type='file' device='disk'><driver name='qemu' type='qcow2'/><source "
        "file='@DIR@/disk.qcow2'>"
        "<encryption format='luks'><secret type='passphrase' usage='u'/></encryption></source>"
        "<target dev='vda'/></disk><graphics type='vnc' passwd='open sesame'/>"));
    case_replace(&xml, "@DIR@", fixture->directory);
    auto_model_domain domain = case_parse(xml);
    AUTO(command_fini) struct command command;
    struct hvk_error err;
    command_init(&command);
    const struct command_input input = input_for(fixture, domain);
    assert_true(command_build(&input, &command, &err));
    for (char **argument = command.argv; *argument; argument++)
        assert_null(strstr(*argument, "sesame"));
    assert_int_equal(command.fds.count, 1);
    char text[32] = "";
    assert_int_equal(pread(*(int32_t *)vector_at(&command.fds, 0), text, sizeof text, 0), 11);
    assert_string_equal(text, "open sesame");
    auto_free char *setup = json_dumps(command.setup, 0);
    assert_non_null(strstr(setup, "set_password"));
}

static void live_values_are_written_back(void **state)
{
    struct fixture *fixture = *state;
    auto_model_domain domain = case_parse(
        DOMAIN("<graphics type='vnc' autoport='yes'/><channel type='unix'><target type='virtio' "
               "name='org.qemu.guest_agent.0'/></channel><console type='pty'/>"));
    auto_free char *line = build(fixture, domain);
    const struct model_devices *devices = &domain->devices;
    assert_int_equal(devices->graphics.items[0]->port.value, 5900);
    assert_string_equal(devices->graphics.items[0]->listens.items[0]->address, "127.0.0.1");
    assert_string_equal(devices->channels.items[0]->device.alias.name, "channel0");
    assert_non_null(strstr(devices->channels.items[0]->chardev.sources.items[0]->path,
                           "org.qemu.guest_agent.0"));
    assert_string_equal(devices->consoles.items[0]->device.alias.name, "serial0");
    assert_string_equal(devices->videos.items[0]->device.alias.name, "video0");
    assert_string_equal(domain->os.type.machine, "pc-q35-7.2");
}

static void define_gives_no_aliases(void **state)
{
    struct fixture *fixture = *state;
    auto_model_domain domain = case_parse(DOMAIN(
        "<interface type='user'><alias name='ua-mine'/></interface><interface type='user'/>"));
    define(fixture, domain);
    assert_string_equal(domain->devices.interfaces.items[0]->device.alias.name, "ua-mine");
    assert_null(domain->devices.interfaces.items[1]->device.alias.name);
    assert_null(domain->devices.controllers.items[0]->device.alias.name);
}

static void define_keeps_no_path_that_a_start_chooses(void **state)
{
    struct fixture *fixture = *state;
    auto_model_domain domain = case_parse(
        "<domain type='qemu'><name>n</name><memory>65536</memory><os><type machine='q35'>hvm</type>"
        "<loader readonly='yes' type='pflash'>/usr/share/OVMF/OVMF_CODE_4M.fd</loader><nvram "
        "template='/t'/></os>"
        "<devices><graphics type='vnc'><listen type='socket'/></graphics></devices></domain>");
    define(fixture, domain);
    assert_null(domain->os.nvram.path);
    assert_null(domain->devices.graphics.items[0]->listens.items[0]->socket);
    auto_free char *line = build(fixture, domain);
    assert_non_null(strstr(line, "[file] @DIR@/n_VARS.fd from /t\n"));
    assert_non_null(strstr(domain->os.nvram.path, "/n_VARS.fd"));
}

static void a_chain_is_opened_layer_by_layer_and_no_further(void **state)
{
    struct fixture *fixture = *state;
    auto_free char *xml =
        strdup(DOMAIN("<disk type='file' device='disk'><driver name='qemu' type='qcow2'/>"
                      "<source file='@DIR@/overlay.qcow2'/><target dev='vda'/></disk>"));
    case_replace(&xml, "@DIR@", fixture->directory);
    auto_model_domain domain = case_parse(xml);
    auto_free char *line = build(fixture, domain);
    assert_non_null(strstr(line, "\"filename\":\"@DIR@/base.qcow2\""));
    assert_non_null(strstr(line, "\"file\":\"hvkit-2-storage\",\"backing\":null"));
    const struct model_disk *disk = domain->devices.disks.items[0];
    assert_string_equal(disk->backing->format.type, "qcow2");
    assert_false(disk->backing->backing->source.node.present);
}

static void a_raw_disk_is_never_taken_for_what_its_guest_wrote(void **state)
{
    struct fixture *fixture = *state;
    auto_free char *xml =
        strdup(DOMAIN("<disk type='file' device='disk'><driver name='qemu' type='raw'/>"
                      "<source file='@DIR@/overlay.qcow2'/><target dev='vda'/></disk>"));
    case_replace(&xml, "@DIR@", fixture->directory);
    auto_model_domain domain = case_parse(xml);
    auto_free char *line = build(fixture, domain);
    assert_non_null(strstr(line, "\"driver\":\"raw\",\"file\":\"hvkit-1-storage\""));
    assert_null(strstr(line, "base.qcow2"));
}

static void commas_in_names_do_not_become_options(void **state)
{
    struct fixture *fixture = *state;
    auto_model_domain domain = case_parse(
        "<domain type='qemu'><name>a,debug-threads=off</name><memory>65536</memory><os><type "
        "machine='q35'>hvm</type></os>"
        "<devices><serial type='file'><source "
        "path='/tmp/a,server=on'/></serial></devices></domain>");
    auto_free char *line = build(fixture, domain);
    assert_non_null(strstr(line, "guest=a,,debug-threads=off,debug-threads=on\n"));
    assert_non_null(strstr(line, "path=/tmp/a,,server=on"));
}

static int set_up(void **state)
{
    struct hvk_error err;
    struct fixture *fixture = calloc(1, sizeof *fixture);
    json_t *json = json_load_file(QEMU_ARGV_DIR "/caps.json", 0, NULL);
    assert_true(fixture && json);
    fixture->caps = caps_from_json(json, &err);
    json_decref(json);
    assert_non_null(fixture->caps);
    snprintf(fixture->directory, sizeof fixture->directory, "%s/hvkit-command-XXXXXX",
             getenv("TMPDIR") && strlen(getenv("TMPDIR")) < 32 ? getenv("TMPDIR") : "/tmp");
    assert_non_null(mkdtemp(fixture->directory));
    case_images(fixture->directory);
    *state = fixture;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *fixture = *state;
    case_remove(fixture->directory);
    caps_unref(fixture->caps);
    free(fixture);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_definition_gives_its_command_line),
        cmocka_unit_test(a_stored_definition_starts_like_the_text_it_came_from),
        cmocka_unit_test(starting_the_live_copy_again_gives_the_same_line),
        cmocka_unit_test(secrets_stay_out_of_the_argument_vector),
        cmocka_unit_test(live_values_are_written_back),
        cmocka_unit_test(define_gives_no_aliases),
        cmocka_unit_test(define_keeps_no_path_that_a_start_chooses),
        cmocka_unit_test(a_chain_is_opened_layer_by_layer_and_no_further),
        cmocka_unit_test(a_raw_disk_is_never_taken_for_what_its_guest_wrote),
        cmocka_unit_test(commas_in_names_do_not_become_options),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
