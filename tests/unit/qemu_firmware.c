/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Which firmware descriptor is chosen: priority, masking, features, machines. */
#include "qemu_cases.h"

#include <command/firmware.h>

static char directory[64];

static void describe(const char *layer, const char *file, const char *executable,
                     const char *machines, const char *features)
{
    auto_free char *path = string_format("%s/%s", directory, layer);
    auto_free char *text = string_format("{\"interface-types\":[\"uefi\"],\"mapping\":{\"device\":"
                                         "\"flash\",\"executable\":{\"filename\":\"%s\",\"format\":"
                                         "\"raw\"},\"nvram-template\":{\"filename\":\"%s.vars\","
                                         "\"format\":\"raw\"}},\"targets\":[{\"architecture\":"
                                         "\"x86_64\",\"machines\":[\"%s\"]}],\"features\":[%s]}",
                                         executable, executable, machines, features);
    case_write(path, file, text, strlen(text), (off_t)strlen(text));
}

static void make_layer(const char *layer)
{
    auto_free char *path = string_format("%s/%s", directory, layer);
    assert_int_equal(mkdir(path, 0700), 0);
}

static struct firmware_request request_for(enum model_switch secure)
{
    return (struct firmware_request){
        .interface = "uefi", .arch = "x86_64", .machine = "pc-q35-7.2", .secure_boot = secure};
}

static char *choose(const struct firmware_request *request)
{
    struct hvk_error err;
    AUTO(firmware_fini) struct firmware found;
    auto_free char *high = string_format("%s/high", directory),
                   *low = string_format("%s/low", directory);
    auto_free char *absent = string_format("%s/absent", directory);
    const char *const directories[] = {absent, high, low, NULL};
    assert_true(firmware_select(directories, request, &found, &err));
    return strdup(found.executable ? found.executable : "none");
}

static void expect(const struct firmware_request *request, const char *expected)
{
    auto_free char *got = choose(request);
    assert_string_equal(got, expected);
}

static void names_decide_the_order_across_directories(void **state)
{
    (void)state;
    describe("low", "50-plain.json", "/low", "pc-q35-*", "");
    describe("high", "60-plain.json", "/high", "pc-q35-*", "");
    const struct firmware_request any = request_for(MODEL_SWITCH_UNSET);
    expect(&any, "/low");
    describe("high", "40-plain.json", "/first", "pc-q35-*", "");
    expect(&any, "/first");
}

static void a_file_of_a_higher_directory_masks_its_namesake(void **state)
{
    (void)state;
    const struct firmware_request any = request_for(MODEL_SWITCH_UNSET);
    describe("low", "10-a.json", "/low", "pc-q35-*", "");
    describe("high", "10-a.json", "/high", "pc-q35-*", "");
    expect(&any, "/high");
    auto_free char *high = string_format("%s/high", directory);
    case_write(high, "10-a.json", "", 0, 0); /* empty: there is none of this name */
    expect(&any, "none");
}

static void features_are_required_or_excluded(void **state)
{
    (void)state;
    describe("low", "10-enrolled.json", "/enrolled", "pc-q35-*",
             "\"secure-boot\",\"enrolled-keys\",\"requires-smm\"");
    describe("low", "20-secure.json", "/secure", "pc-q35-*", "\"secure-boot\",\"requires-smm\"");
    describe("low", "30-plain.json", "/plain", "pc-*", "\"acpi-s3\"");
    struct firmware_request request = request_for(MODEL_SWITCH_UNSET);
    expect(&request, "/enrolled");
    request.secure_boot = MODEL_SWITCH_OFF;
    expect(&request, "/plain");
    request.secure_boot = MODEL_SWITCH_ON;
    request.enrolled_keys = MODEL_SWITCH_OFF;
    expect(&request, "/secure");
    request = request_for(MODEL_SWITCH_UNSET);
    request.smm = MODEL_SWITCH_OFF;
    expect(&request, "/plain");
    request.secure_boot = MODEL_SWITCH_ON;
    expect(&request, "none");
}

static void machines_and_architectures_must_fit(void **state)
{
    (void)state;
    describe("low", "10-q35.json", "/q35", "pc-q35-*", "");
    describe("low", "20-any.json", "/any", "pc-*", "");
    struct firmware_request request = request_for(MODEL_SWITCH_UNSET);
    request.machine = "pc-i440fx-7.2";
    expect(&request, "/any");
    request.arch = "aarch64";
    expect(&request, "none");
    request = request_for(MODEL_SWITCH_UNSET);
    request.executable = "/any";
    expect(&request, "/any");
}

static void damaged_descriptors_are_passed_over(void **state)
{
    (void)state;
    auto_free char *low = string_format("%s/low", directory);
    static const char *const damaged[] = {"{",
                                          "[]",
                                          "null",
                                          "{\"mapping\":5}",
                                          "{\"targets\":[5],\"interface-types\":\"uefi\"}",
                                          "{\"interface-types\":[\"uefi\"],\"targets\":[{"
                                          "\"architecture\":\"x86_64\",\"machines\":[\"pc-*\"]}]}"};
    for (size_t i = 0; i < ARRAY_SIZE(damaged); i++) {
        char name[32];
        snprintf(name, sizeof name, "1%zu-damaged.json", i);
        case_write(low, name, damaged[i], strlen(damaged[i]), (off_t)strlen(damaged[i]));
    }
    case_write(low, "05-huge.json", "", 0, FIRMWARE_FILE_MAX + 1);
    describe("low", "90-good.json", "/good", "pc-*", "");
    const struct firmware_request any = request_for(MODEL_SWITCH_UNSET);
    expect(&any, "/good");
}

/* What Debian installs, when it is there. */
static void the_installed_firmware_is_understood(void **state)
{
    struct hvk_error err;
    AUTO(firmware_fini) struct firmware found;
    (void)state;
    if (access("/usr/share/qemu/firmware/60-edk2-x86_64.json", R_OK) < 0) {
        print_message("skipped, because the package ovmf is not installed\n");
        skip();
    }
    static const char *const directories[] = {"/usr/share/qemu/firmware", NULL};
    const struct firmware_request plain = request_for(MODEL_SWITCH_OFF);
    assert_true(firmware_select(directories, &plain, &found, &err));
    assert_int_equal(access(found.executable, R_OK), 0);
    assert_int_equal(access(found.template_, R_OK), 0);
    assert_false(found.needs_smm);
}

static int set_up(void **state)
{
    (void)state;
    snprintf(directory, sizeof directory, "%s/hvkit-firmware-XXXXXX",
             getenv("TMPDIR") && strlen(getenv("TMPDIR")) < 32 ? getenv("TMPDIR") : "/tmp");
    if (!mkdtemp(directory))
        return -1;
    make_layer("high");
    make_layer("low");
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    case_remove(directory);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(names_decide_the_order_across_directories, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_file_of_a_higher_directory_masks_its_namesake, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(features_are_required_or_excluded, set_up, tear_down),
        cmocka_unit_test_setup_teardown(machines_and_architectures_must_fit, set_up, tear_down),
        cmocka_unit_test_setup_teardown(damaged_descriptors_are_passed_over, set_up, tear_down),
        cmocka_unit_test(the_installed_firmware_is_understood),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
