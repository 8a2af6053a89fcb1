/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* hvkit.conf, the user's file, drivers.d/ID.conf, and what may be read at all. */
#include "config.h"

#include "fixture.h"
#include "policy.h"
#include "settings.h"
#include "trust.h"
#include <base/cleanup.h>
#include <base/string.h>
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <sys/stat.h>

#include <cmocka.h>

static void assert_config_refused(const struct place *place, const char *text, const char *reason)
{
    struct hvk_error err;
    place_write(place, "etc/hvkit.conf", text);
    struct config *config = config_load(false, &err);
    if (config)
        fail_msg("accepted: %s", text);
    assert_int_equal(err.code, HVK_ERR_CONF_SYNTAX);
    assert_contains(err.text, reason);
    assert_contains(err.text, place->config);
}

static void without_a_file_the_configuration_is_empty(void **state)
{
    (void)state;
    struct hvk_error err;
    AUTO(config_free_auto) struct config *config = config_load(true, &err);
    assert_non_null(config);
    assert_null(config->uri);
    assert_int_equal(config->directories.count, 0);
}

static void settings_comments_and_blanks_are_read(void **state)
{
    struct hvk_error err;
    place_write(*state, "etc/hvkit.conf",
                "# the default\r\n"
                "\turi\t=  test:///a=b # not a comment \r\n"
                "; another\n\n"
                "[drivers]\ndirectory = /one\ndirectory=/two\n"
                "[aliases]\nlab.1-x_Y = test:///x\nlab.1-x_Y = test:///y");
    AUTO(config_free_auto) struct config *config = config_load(false, &err);
    if (!config)
        fail_msg("%s", err.text);
    assert_string_equal(config->uri, "test:///a=b # not a comment");
    assert_int_equal(config->directories.count, 2);
    assert_string_equal(*(char **)vector_at(&config->directories, 1), "/two");
    assert_string_equal(config_alias_find(config, "lab.1-x_Y"), "test:///y");
    assert_null(config_alias_find(config, "lab"));
}

static void what_is_wrong_is_named_with_its_line(void **state)
{
    assert_config_refused(*state, "\n\nnonsense\n", "line 3: 'nonsense' is neither");
    assert_config_refused(*state, "= x\n", "line 1: '= x' is neither");
    assert_config_refused(*state, "[drivers\n", "line 1: a section is written");
    assert_config_refused(*state, "[drivers] x\n", "line 1: a section is written");
    assert_config_refused(*state, "[other]\na = b\n", "line 2: unknown section [other]");
    assert_config_refused(*state, "url = x\n", "line 1: unknown setting 'url'");
    assert_config_refused(*state, "[drivers]\npath = /x\n", "unknown setting 'path'");
    assert_config_refused(*state, "[drivers]\ndirectory = x\n", "'x' is not an absolute path");
    assert_config_refused(*state, "[aliases]\na:b = test:///\n", "alias 'a:b' may hold");
    assert_config_refused(*state, "[aliases]\na = b\n", "stands for 'b', which is no URI");
    assert_config_refused(*state, "uri = a\001b\n", "not clean UTF-8");
    assert_config_refused(*state, "uri = \xff\n", "not clean UTF-8");
}

static void the_number_of_directories_is_bounded(void **state)
{
    char text[4096] = "[drivers]\n";
    for (int i = 0; i <= CONFIG_DIRECTORIES_MAX; i++)
        sprintf(text + strlen(text), "directory = /d%d\n", i);
    assert_config_refused(*state, text, "more than 32 driver directories");
}

static void a_file_is_bounded(void **state)
{
    auto_free char *text = malloc(SETTINGS_SIZE_MAX + 2);
    memset(text, '\n', SETTINGS_SIZE_MAX + 1);
    text[SETTINGS_SIZE_MAX + 1] = '\0';
    assert_config_refused(*state, text, "is longer than");
}

static void a_file_that_others_can_write_to_decides_nothing(void **state)
{
    const struct place *place = *state;
    struct hvk_error err;
    place_write(place, "etc/hvkit.conf", "uri = test:///\n");
    assert_int_equal(chmod(place_path(place, "etc/hvkit.conf"), 0666), 0);
    assert_null(config_load(false, &err));
    assert_contains(err.text, "is writable by everyone (mode 0666)");
    assert_contains(err.text, "chmod go-w");
}

static void the_users_file_wins_but_names_no_directories(void **state)
{
    const struct place *place = *state;
    struct hvk_error err;
    unsetenv("HVKIT_CONFIG_DIR");
    setenv("XDG_CONFIG_HOME", place->root, 1);
    assert_int_equal(mkdir(place_path(place, "hvkit"), 0755), 0);
    place_write(place, "hvkit/hvkit.conf", "uri = test:///mine\n");
    AUTO(config_free_auto) struct config *config = config_load(true, &err);
    if (!config)
        fail_msg("%s", err.text);
    assert_string_equal(config->uri, "test:///mine");
    place_write(place, "hvkit/hvkit.conf", "[drivers]\ndirectory = /mine\n");
    assert_null(config_load(true, &err));
    assert_contains(err.text, "use HVKIT_DRIVER_PATH");
    unsetenv("XDG_CONFIG_HOME");
}

/* ---- policies ------------------------------------------------------------------------------- */

static struct policy *load(const char *id, struct hvk_error *err)
{
    auto_free char *path = NULL;
    hvk_error_init(err);
    auto_fd int directory = policy_directory_open(&path, err);
    assert_int_equal(err->code, HVK_ERR_OK);
    return policy_load(directory, path, id, err);
}

static void a_driver_without_a_policy_has_the_default_one(void **state)
{
    (void)state;
    struct hvk_error err;
    AUTO(policy_free_auto) struct policy *policy = load("some", &err);
    assert_non_null(policy);
    assert_false(policy->disable);
    assert_false(policy->has_priority);
    assert_int_equal(policy->isolation, POLICY_IN_PROCESS);
    assert_string_equal(policy->path, "");
}

static void a_policy_is_read_whole(void **state)
{
    struct hvk_error err;
    place_write(*state, "etc/drivers.d/some.conf",
                "disable = yes\npriority = -5\nisolation = sandbox\n[limits]\nmemory_mib = 512\n"
                "processes = 8\ndescriptors = 64\n[options]\ncolour = dark blue\n");
    AUTO(policy_free_auto) struct policy *policy = load("some", &err);
    if (!policy)
        fail_msg("%s", err.text);
    assert_true(policy->disable);
    assert_true(policy->has_priority);
    assert_int_equal(policy->priority, -5);
    assert_int_equal(policy->isolation, POLICY_SANDBOX);
    assert_int_equal(policy->memory_mib, 512);
    assert_int_equal(policy->processes, 8);
    assert_int_equal(policy->descriptors, 64);
    assert_string_equal(policy_option_find(policy, "colour"), "dark blue");
    assert_null(policy_option_find(policy, "size"));
}

static void a_policy_with_an_error_allows_nothing(void **state)
{
    static const struct {
        const char *text;
        const char *reason;
    } rows[] = {
        {"disable = maybe\n", "line 1: disable is 'yes' or 'no', not 'maybe'"},
        {"priority = 1001\n", "a number from -1000 to 1000"},
        {"priority = high\n", "a number from"},
        {"isolation = jail\n", "not 'jail'"},
        {"enable = yes\n", "unknown setting 'enable'"},
        {"[limits]\ncpus = 1\n", "line 2: unknown limit 'cpus'"},
        {"[limits]\nprocesses = 0\n", "a number from 1 to"},
        {"[options]\na = 1\na = 2\n", "line 3: the option 'a' is set twice"},
        {"[more]\na = 1\n", "unknown section [more]"},
    };
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        struct hvk_error err;
        place_write(*state, "etc/drivers.d/some.conf", rows[i].text);
        struct policy *policy = load("some", &err);
        if (policy)
            fail_msg("accepted: %s", rows[i].text);
        assert_contains(err.text, rows[i].reason);
        assert_contains(err.text, "etc/drivers.d/some.conf");
    }
}

/* ---- trust ---------------------------------------------------------------------------------- */

static void a_path_is_made_canonical_through_links_and_dots(void **state)
{
    const struct place *place = *state;
    struct hvk_error err;
    auto_free char *canonical = NULL;
    assert_int_equal(symlink("../drivers", place_path(place, "etc/link")), 0);
    auto_fd int fd =
        trust_open_directory(place_path(place, "etc/./drivers.d/..//link/"), &canonical, &err);
    if (fd < 0)
        fail_msg("%s", err.text);
    assert_string_equal(canonical, place->drivers);
}

static void a_circle_of_links_ends(void **state)
{
    const struct place *place = *state;
    struct hvk_error err;
    assert_int_equal(symlink("b", place_path(place, "a")), 0);
    assert_int_equal(symlink("a", place_path(place, "b")), 0);
    assert_int_equal(trust_open_directory(place_path(place, "a"), NULL, &err), -1);
    assert_int_equal(err.native, ELOOP);
}

static void a_directory_above_that_others_can_write_to_is_named(void **state)
{
    const struct place *place = *state;
    struct hvk_error err;
    assert_int_equal(chmod(place->config, 0777), 0);
    assert_int_equal(trust_open_directory(place_path(place, "etc/drivers.d"), NULL, &err), -1);
    assert_contains(err.text, place->config);
    assert_contains(err.text, "mode 0777");
}

static void a_sticky_directory_is_passed_but_not_used(void **state)
{
    const struct place *place = *state;
    struct hvk_error err;
    if (geteuid() != 0)
        skip_because("only root makes directories that belong to root");
    assert_int_equal(chmod(place->config, 01777), 0);
    auto_fd int fd = trust_open_directory(place_path(place, "etc/drivers.d"), NULL, &err);
    assert_true(fd >= 0);
    assert_int_equal(trust_open_directory(place->config, NULL, &err), -1);
    assert_contains(err.text, "mode 1777");
}

static void a_link_of_another_owner_is_not_followed(void **state)
{
    const struct place *place = *state;
    struct hvk_error err;
    if (geteuid() != 0)
        skip_because("only root gives files away");
    assert_int_equal(symlink("drivers", place_path(place, "link")), 0);
    assert_int_equal(lchown(place_path(place, "link"), 12345, 12345), 0);
    assert_int_equal(trust_open_directory(place_path(place, "link"), NULL, &err), -1);
    assert_contains(err.text, "belongs to uid 12345");
}

static void a_fifo_is_refused_without_waiting(void **state)
{
    const struct place *place = *state;
    struct hvk_error err;
    assert_int_equal(mkfifo(place_path(place, "drivers/x.so"), 0600), 0);
    auto_fd int directory = trust_open_directory(place->drivers, NULL, &err);
    assert_int_equal(trust_open_file(directory, "x.so", NULL, &err), -1);
    assert_contains(err.text, "not a regular file");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, place_setup, place_teardown)
    const struct CMUnitTest tests[] = {
        TEST(without_a_file_the_configuration_is_empty),
        TEST(settings_comments_and_blanks_are_read),
        TEST(what_is_wrong_is_named_with_its_line),
        TEST(the_number_of_directories_is_bounded),
        TEST(a_file_is_bounded),
        TEST(a_file_that_others_can_write_to_decides_nothing),
        TEST(the_users_file_wins_but_names_no_directories),
        TEST(a_driver_without_a_policy_has_the_default_one),
        TEST(a_policy_is_read_whole),
        TEST(a_policy_with_an_error_allows_nothing),
        TEST(a_path_is_made_canonical_through_links_and_dots),
        TEST(a_circle_of_links_ends),
        TEST(a_directory_above_that_others_can_write_to_is_named),
        TEST(a_sticky_directory_is_passed_but_not_used),
        TEST(a_link_of_another_owner_is_not_followed),
        TEST(a_fifo_is_refused_without_waiting),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
