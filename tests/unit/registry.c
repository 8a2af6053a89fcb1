/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the registry finds and decides without executing anything. */
#include "registry.h"

#include "fixture.h"
#include "scan.h"
#include <base/cleanup.h>
#include <base/string.h>
#include <elf.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <cmocka.h>

static struct registry *registry;

static int setup(void **state)
{
    struct hvk_error err;
    registry = registry_new(NULL, &err);
    place_setup(state);
    setenv("FIXTURE_CONSTRUCTED", place_path(*state, "constructed"), 1);
    return registry ? 0 : -1;
}

/* Nothing in this file may have executed a driver. */
static int teardown(void **state)
{
    bool executed = file_exists(place_path(*state, "constructed"));
    registry_free(registry);
    return place_teardown(state) == 0 && !executed ? 0 : -1;
}

static struct hvk_driver_info_list *list_all(void)
{
    struct hvk_error err;
    struct hvk_driver_info_list *list = NULL;
    if (!registry_list(registry, &list, &err))
        fail_msg("%s", err.text);
    return list;
}

/* The item whose path ends in name. */
static const struct hvk_driver_info *item_of(const struct hvk_driver_info_list *list,
                                             const char *name)
{
    for (uint64_t i = 0; i < list->count; i++) {
        size_t length = strlen(list->items[i].path), end = strlen(name);
        if (length >= end && strcmp(list->items[i].path + length - end, name) == 0)
            return &list->items[i];
    }
    fail_msg("%s is not listed", name);
    return NULL;
}

/* The file is listed as refused, a URI that means it fails with the same reason, and the good
 * driver beside it stays usable. */
static void assert_refused(const struct place *place, const char *name, const char *reason)
{
    struct hvk_call call = HVK_CALL_INIT;
    place_install(place, "good", "good");
    auto_free struct hvk_driver_info_list *list = list_all();
    auto_free char *file = string_format("/%s.so", name);
    const struct hvk_driver_info *item = item_of(list, file);
    assert_false(item->usable);
    assert_true(string_starts_with(item->decision, "refused: "));
    assert_contains(item->decision, reason);
    assert_null(strchr(item->decision, '\n'));
    assert_true(item_of(list, "/good.so")->usable);

    assert_null(registry_get(registry, &call, name));
    assert_int_equal(call.error.code, HVK_ERR_DRIVER_REFUSED);
    assert_contains(call.error.text, reason);
    assert_contains(call.error.text, file);
}

static void assert_missing(const char *scheme, const char *text)
{
    struct hvk_call call = HVK_CALL_INIT;
    assert_null(registry_get(registry, &call, scheme));
    assert_int_equal(call.error.code, HVK_ERR_DRIVER_MISSING);
    assert_contains(call.error.text, text);
}

/* ---- listing -------------------------------------------------------------------------------- */

static void a_listing_tells_what_the_notes_say_and_executes_nothing(void **state)
{
    place_install(*state, "good", "good");
    place_install(*state, "probing", "other-name");
    auto_free struct hvk_driver_info_list *list = list_all();
    assert_int_equal(list->count, 2);
    assert_int_equal(list->stride, sizeof(struct hvk_driver_info));
    const struct hvk_driver_info *item = &list->items[0];
    assert_string_equal(item->id, "good");
    assert_string_equal(item->version, "1.0");
    assert_string_equal(item->schemes, "good");
    assert_string_equal(item->tables, "hvkit.connection/1 com.example.fixture/1");
    assert_int_equal(item->revision, HVK_ABI_REVISION);
    assert_int_equal(item->runs, HVK_DRIVER_NODE);
    assert_int_equal(item->threading, HVK_THREADS_PER_OBJECT);
    assert_true(item->usable);
    assert_false(item->loaded);
    assert_string_equal(item->decision, "usable: found in a directory of HVKIT_DRIVER_PATH");
    assert_string_equal(list->items[1].id, "probing");
}

static void other_files_are_not_looked_at(void **state)
{
    place_write(*state, "drivers/README", "x");
    place_write(*state, "drivers/.hidden.so", "x");
    place_write(*state, "drivers/.so", "x");
    place_write(*state, "drivers/lib.so.1", "x");
    auto_free struct hvk_driver_info_list *list = list_all();
    assert_int_equal(list->count, 0);
}

static void a_driver_that_is_installed_later_is_found(void **state)
{
    assert_missing("good", "no driver for 'good://' is installed");
    place_install(*state, "good", "good");
    auto_free struct hvk_driver_info_list *list = list_all();
    assert_int_equal(list->count, 1);
}

/* ---- missing -------------------------------------------------------------------------------- */

static void the_package_of_a_known_scheme_is_named(void **state)
{
    const struct place *place = *state;
    assert_missing("qemu", "install the package hvkit-driver-qemu");
    assert_missing("vpx", "install the package hvkit-driver-esx");
    assert_missing("lxc", place->drivers);
    assert_missing("unheard-of", "no package is known");
}

static void a_directory_that_is_not_there_is_said_so(void **state)
{
    const struct place *place = *state;
    setenv("HVKIT_DRIVER_PATH", place_path(place, "absent"), 1);
    assert_missing("qemu", "No such file or directory");
    auto_free struct hvk_driver_info_list *list = list_all();
    assert_int_equal(list->count, 1);
    assert_string_equal(list->items[0].id, "");
    assert_contains(list->items[0].decision, "refused: cannot open");
}

static void a_relative_directory_is_refused(void **state)
{
    (void)state;
    setenv("HVKIT_DRIVER_PATH", "drivers", 1);
    assert_missing("qemu", "'drivers' is not an absolute path");
}

/* ---- files ---------------------------------------------------------------------------------- */

static void garbage_is_refused(void **state)
{
    place_write(*state, "drivers/bad.so", "not a driver at all");
    assert_refused(*state, "bad", "is not an ELF file");
}

static void a_truncated_driver_is_refused(void **state)
{
    size_t size;
    auto_free unsigned char *bytes = fixture_read("rival", &size);
    place_install_bytes(*state, "bad", bytes, size / 2);
    assert_refused(*state, "bad", "is truncated");
}

static void a_driver_for_another_machine_is_refused(void **state)
{
    size_t size;
    auto_free unsigned char *bytes = fixture_read("rival", &size);
    ((Elf64_Ehdr *)(void *)bytes)->e_machine = EM_S390;
    place_install_bytes(*state, "bad", bytes, size);
    assert_refused(*state, "bad", "is built for IBM Z (ELF machine 22)");
}

static void a_32_bit_driver_is_refused(void **state)
{
    size_t size;
    auto_free unsigned char *bytes = fixture_read("rival", &size);
    bytes[EI_CLASS] = ELFCLASS32;
    place_install_bytes(*state, "bad", bytes, size);
    assert_refused(*state, "bad", "is not built for 64-bit systems");
}

static void a_driver_of_another_epoch_is_refused(void **state)
{
    size_t size;
    auto_free unsigned char *bytes = fixture_read("rival", &size);
    fixture_identity(bytes, size)->epoch = 2;
    place_install_bytes(*state, "bad", bytes, size);
    assert_refused(*state, "bad", "speaks epoch 2 of the driver ABI");
}

static void a_driver_that_needs_a_newer_core_is_refused(void **state)
{
    size_t size;
    auto_free unsigned char *bytes = fixture_read("rival", &size);
    struct hvk_driver_identity *identity = fixture_identity(bytes, size);
    identity->revision = identity->needs = HVK_ABI_REVISION + 1;
    place_install_bytes(*state, "bad", bytes, size);
    assert_refused(*state, "bad", "upgrade hvkit");
}

static void a_driver_without_a_note_is_refused(void **state)
{
    place_install(*state, "plain", "plain");
    assert_refused(*state, "plain", "carries no hvkit note");
}

static void a_file_that_others_can_write_to_is_refused(void **state)
{
    place_install(*state, "rival", "bad");
    assert_int_equal(chmod(place_path(*state, "drivers/bad.so"), 0664), 0);
    assert_refused(*state, "bad", "'bad.so' is writable by its group (mode 0664)");
}

static void a_file_of_another_owner_is_refused(void **state)
{
    if (geteuid() != 0)
        skip_because("only root gives files away");
    place_install(*state, "rival", "bad");
    assert_int_equal(chown(place_path(*state, "drivers/bad.so"), 12345, 0), 0);
    assert_refused(*state, "bad", "'bad.so' belongs to uid 12345");
}

static void a_directory_that_others_can_write_to_is_refused(void **state)
{
    const struct place *place = *state;
    place_install(place, "good", "good");
    assert_int_equal(chmod(place->drivers, 0775), 0);
    assert_missing("good", "is writable by its group (mode 0775)");
    auto_free struct hvk_driver_info_list *list = list_all();
    assert_int_equal(list->count, 1);
    assert_string_equal(list->items[0].path, place->drivers);
    assert_false(list->items[0].usable);
}

static void a_directory_of_too_many_files_costs_no_other_directory(void **state)
{
    const struct place *place = *state;
    place_install(place, "good", "good");
    assert_int_equal(mkdir(place_path(place, "crowd"), 0755), 0);
    for (int i = 0; i <= SCAN_FILES_MAX; i++) {
        char name[32];
        snprintf(name, sizeof name, "crowd/%d.so", i);
        place_write(place, name, "");
    }
    auto_free char *paths = string_format("%s:%s", place_path(place, "crowd"), place->drivers);
    setenv("HVKIT_DRIVER_PATH", paths, 1);
    auto_free struct hvk_driver_info_list *list = list_all();
    assert_int_equal(list->count, 2);
    assert_false(item_of(list, "/crowd")->usable);
    assert_contains(item_of(list, "/crowd")->decision, "has more than 1024 files");
    assert_true(item_of(list, "/good.so")->usable);
}

static void too_many_directories_cost_no_driver_of_the_first(void **state)
{
    const struct place *place = *state;
    auto_free char *paths = strdup(place->drivers);
    place_install(place, "good", "good");
    for (int i = 0; i <= SCAN_DIRECTORIES_MAX; i++) {
        char name[32];
        snprintf(name, sizeof name, "many%d", i);
        assert_int_equal(mkdir(place_path(place, name), 0755), 0);
        auto_free char *before = paths;
        paths = string_format("%s:%s", before, place_path(place, name));
    }
    setenv("HVKIT_DRIVER_PATH", paths, 1);
    auto_free struct hvk_driver_info_list *list = list_all();
    assert_true(item_of(list, "/good.so")->usable);
    assert_contains(item_of(list, "/many64")->decision, "more than 64 driver directories");
}

static void a_link_out_of_the_directory_is_refused(void **state)
{
    const struct place *place = *state;
    place_install(place, "rival", "x");
    assert_int_equal(rename(place_path(place, "drivers/x.so"), place_path(place, "x.so")), 0);
    assert_int_equal(symlink("../x.so", place_path(place, "drivers/bad.so")), 0);
    assert_refused(place, "bad", "is a symbolic link out of its directory, to '../x.so'");
}

static void a_link_within_the_directory_is_the_file_itself(void **state)
{
    const struct place *place = *state;
    place_install(place, "good", "good");
    assert_int_equal(
        rename(place_path(place, "drivers/good.so"), place_path(place, "drivers/good.so.1")), 0);
    assert_int_equal(symlink("good.so.1", place_path(place, "drivers/good.so")), 0);
    assert_int_equal(symlink("good.so", place_path(place, "drivers/loop.so")), 0);
    auto_free struct hvk_driver_info_list *list = list_all();
    assert_int_equal(list->count, 2); /* loop.so leads to a link: not followed */
    assert_true(item_of(list, "/good.so")->usable);
}

static void a_file_under_two_names_is_one_driver(void **state)
{
    const struct place *place = *state;
    place_install(place, "good", "good");
    assert_int_equal(
        link(place_path(place, "drivers/good.so"), place_path(place, "drivers/twin.so")), 0);
    auto_free char *twice = string_format("%s:%s/../drivers", place->drivers, place->drivers);
    setenv("HVKIT_DRIVER_PATH", twice, 1);
    auto_free struct hvk_driver_info_list *list = list_all();
    assert_int_equal(list->count, 1);
    assert_true(list->items[0].usable);
}

/* ---- rivals --------------------------------------------------------------------------------- */

static void two_drivers_of_one_scheme_are_an_error_that_names_both(void **state)
{
    struct hvk_call call = HVK_CALL_INIT;
    place_install(*state, "good", "good");
    place_install(*state, "rival", "rival");
    assert_null(registry_get(registry, &call, "good"));
    assert_int_equal(call.error.code, HVK_ERR_DRIVER_REFUSED);
    assert_contains(call.error.text, "/good.so");
    assert_contains(call.error.text, "/rival.so");
    assert_contains(call.error.text, "drivers.d/good.conf");
    auto_free struct hvk_driver_info_list *list = list_all();
    assert_false(item_of(list, "/good.so")->usable);
    assert_false(item_of(list, "/rival.so")->usable);
}

static void a_contested_scheme_costs_no_other_scheme(void **state)
{
    struct hvk_call call = HVK_CALL_INIT;
    place_install(*state, "good", "good");
    place_install(*state, "wide", "wide");
    auto_free struct hvk_driver_info_list *list = list_all();
    assert_true(item_of(list, "/wide.so")->usable);
    assert_contains(item_of(list, "/wide.so")->decision, "except that scheme 'good'");
    assert_false(item_of(list, "/good.so")->usable);
    assert_null(registry_get(registry, &call, "good"));
    assert_int_equal(call.error.code, HVK_ERR_DRIVER_REFUSED);
}

static void the_administrators_priority_decides(void **state)
{
    place_install(*state, "good", "good");
    place_install(*state, "rival", "rival");
    place_write(*state, "etc/drivers.d/rival.conf", "priority = 7\n");
    auto_free struct hvk_driver_info_list *list = list_all();
    assert_true(item_of(list, "/rival.so")->usable);
    assert_int_equal(item_of(list, "/rival.so")->priority, 7);
    assert_false(item_of(list, "/good.so")->usable);
    assert_contains(item_of(list, "/good.so")->decision, "served by driver 'rival'");
    assert_contains(item_of(list, "/good.so")->decision, "which has priority 7");
}

static void a_disabled_driver_is_no_rival(void **state)
{
    place_install(*state, "good", "good");
    place_install(*state, "rival", "rival");
    place_write(*state, "etc/drivers.d/good.conf", "disable = yes\n");
    auto_free struct hvk_driver_info_list *list = list_all();
    assert_true(item_of(list, "/rival.so")->usable);
    assert_contains(item_of(list, "/good.so")->decision, "refused: disabled by ");
    assert_contains(item_of(list, "/good.so")->decision, "/etc/drivers.d/good.conf");
}

static void one_driver_in_two_directories_is_a_conflict(void **state)
{
    const struct place *place = *state;
    struct hvk_call call = HVK_CALL_INIT;
    place_install(place, "good", "good");
    assert_int_equal(mkdir(place_path(place, "more"), 0755), 0);
    assert_int_equal(
        rename(place_path(place, "drivers/good.so"), place_path(place, "more/good.so")), 0);
    place_install(place, "good", "good");
    auto_free char *text = string_format("[drivers]\ndirectory = %s\n", place_path(place, "more"));
    place_write(place, "etc/hvkit.conf", text);
    assert_null(registry_get(registry, &call, "good"));
    assert_contains(call.error.text, "/more/good.so");
    assert_contains(call.error.text, "/drivers/good.so");
    assert_contains(call.error.text, "remove one of the two");
}

static void a_priority_in_the_note_counts(void **state)
{
    size_t size;
    auto_free unsigned char *bytes = fixture_read("rival", &size);
    fixture_identity(bytes, size)->priority = 3;
    place_install_bytes(*state, "rival", bytes, size);
    place_install(*state, "good", "good");
    auto_free struct hvk_driver_info_list *list = list_all();
    assert_true(item_of(list, "/rival.so")->usable);
    assert_false(item_of(list, "/good.so")->usable);
}

/* ---- policy --------------------------------------------------------------------------------- */

static void a_directory_of_the_configuration_is_searched(void **state)
{
    const struct place *place = *state;
    place_install(place, "good", "good");
    unsetenv("HVKIT_DRIVER_PATH");
    auto_free char *text = string_format("[drivers]\ndirectory = %s\n", place->drivers);
    place_write(place, "etc/hvkit.conf", text);
    auto_free struct hvk_driver_info_list *list = list_all();
    assert_int_equal(list->count, 1);
    assert_string_equal(list->items[0].decision, "usable: found in a directory of hvkit.conf");
}

static void a_policy_that_cannot_be_read_refuses_the_driver_alone(void **state)
{
    place_install(*state, "rival", "rival");
    place_write(*state, "etc/drivers.d/rival.conf", "disable = perhaps\n");
    place_install(*state, "probing", "probing");
    auto_free struct hvk_driver_info_list *list = list_all();
    assert_false(item_of(list, "/rival.so")->usable);
    assert_contains(item_of(list, "/rival.so")->decision, "rival.conf, line 1: disable is");
    assert_true(item_of(list, "/probing.so")->usable);
}

static void isolation_is_never_dropped_silently(void **state)
{
    place_install(*state, "good", "good");
    place_write(*state, "etc/drivers.d/good.conf", "isolation = process\n");
    auto_free struct hvk_driver_info_list *list = list_all();
    assert_contains(item_of(list, "/good.so")->decision, "asks for a process of its own");
    place_write(*state, "etc/drivers.d/good.conf", "[limits]\nprocesses = 4\n");
    auto_free struct hvk_driver_info_list *limited = list_all();
    assert_contains(item_of(limited, "/good.so")->decision, "which need isolation = process");
}

static void a_configuration_with_an_error_is_reported(void **state)
{
    struct hvk_call call = HVK_CALL_INIT;
    place_install(*state, "good", "good");
    place_write(*state, "etc/hvkit.conf", "nonsense\n");
    assert_null(registry_get(registry, &call, "good"));
    assert_int_equal(call.error.code, HVK_ERR_CONF_SYNTAX);
}

/* ---- privilege ------------------------------------------------------------------------------ */

/* A copy of the program, with the mode. */
static const char *inspect_install(const struct place *place, mode_t mode)
{
    const char *path = place_path(place, "inspect");
    auto_fd int from = open(INSPECT, O_RDONLY | O_CLOEXEC);
    auto_fd int to = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0755);
    struct stat status;
    assert_int_equal(fstat(from, &status), 0);
    assert_int_equal(sendfile(to, from, NULL, (size_t)status.st_size), status.st_size);
    assert_int_equal(fchmod(to, mode), 0);
    return path;
}

/* Its one line of output when nobody (uid 65534) starts it. */
static void run_as_nobody(const char *path, char *line, size_t size)
{
    int ends[2], exit_status;
    assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
    pid_t child = fork();
    if (child == 0) {
        dup2(ends[1], STDOUT_FILENO);
        if (setresgid(65534, 65534, 65534) == 0 && setresuid(65534, 65534, 65534) == 0)
            execl(path, path, NULL);
        _exit(127);
    }
    close(ends[1]);
    ssize_t length = read(ends[0], line, size - 1);
    close(ends[0]);
    waitpid(child, &exit_status, 0);
    assert_int_equal(exit_status, 0);
    line[length > 0 ? length : 0] = '\0';
}

static void after_a_privileged_start_the_environment_decides_nothing(void **state)
{
    const struct place *place = *state;
    char line[256];
    if (geteuid() != 0)
        skip_because("only root makes programs that are set-uid to root");
    assert_int_equal(chmod(place->root, 0755), 0);
    place_install(place, "good", "good");
    setenv("HVKIT_URI", "good:///", 1);
    run_as_nobody(inspect_install(place, 0755), line, sizeof line);
    assert_contains(line, place->config);
    assert_contains(line, " good:/// 1\n");
    run_as_nobody(inspect_install(place, 04755), line, sizeof line);
    assert_string_equal(line, "/etc/hvkit - 0\n");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(a_listing_tells_what_the_notes_say_and_executes_nothing),
        TEST(other_files_are_not_looked_at),
        TEST(a_driver_that_is_installed_later_is_found),
        TEST(the_package_of_a_known_scheme_is_named),
        TEST(a_directory_that_is_not_there_is_said_so),
        TEST(a_relative_directory_is_refused),
        TEST(garbage_is_refused),
        TEST(a_truncated_driver_is_refused),
        TEST(a_driver_for_another_machine_is_refused),
        TEST(a_32_bit_driver_is_refused),
        TEST(a_driver_of_another_epoch_is_refused),
        TEST(a_driver_that_needs_a_newer_core_is_refused),
        TEST(a_driver_without_a_note_is_refused),
        TEST(a_file_that_others_can_write_to_is_refused),
        TEST(a_file_of_another_owner_is_refused),
        TEST(a_directory_that_others_can_write_to_is_refused),
        TEST(a_directory_of_too_many_files_costs_no_other_directory),
        TEST(too_many_directories_cost_no_driver_of_the_first),
        TEST(a_link_out_of_the_directory_is_refused),
        TEST(a_link_within_the_directory_is_the_file_itself),
        TEST(a_file_under_two_names_is_one_driver),
        TEST(two_drivers_of_one_scheme_are_an_error_that_names_both),
        TEST(a_contested_scheme_costs_no_other_scheme),
        TEST(the_administrators_priority_decides),
        TEST(a_disabled_driver_is_no_rival),
        TEST(one_driver_in_two_directories_is_a_conflict),
        TEST(a_priority_in_the_note_counts),
        TEST(a_directory_of_the_configuration_is_searched),
        TEST(a_policy_that_cannot_be_read_refuses_the_driver_alone),
        TEST(isolation_is_never_dropped_silently),
        TEST(a_configuration_with_an_error_is_reported),
        TEST(after_a_privileged_start_the_environment_decides_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
