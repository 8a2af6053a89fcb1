/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "uri.h"

#include "fixture.h"
#include <base/cleanup.h>
#include <base/string.h>
#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static void every_part_is_decoded_once(void **state)
{
    (void)state;
    struct hvk_error err;
    auto_free struct hvk_uri *uri =
        uri_parse("qemu+ssh://a%40b@Host.Example:2222/sys%2574em?root=/a%20b&x=%2541", &err);
    assert_non_null(uri);
    assert_string_equal(uri->scheme, "qemu");
    assert_string_equal(uri->transport, "ssh");
    assert_string_equal(uri->user, "a@b");
    assert_string_equal(uri->host, "host.example");
    assert_int_equal(uri->port, 2222);
    assert_string_equal(uri->path, "/sys%74em");
    assert_int_equal(uri->param_count, 2);
    assert_string_equal(uri->params[0].name, "root");
    assert_string_equal(uri->params[0].value, "/a b");
    assert_string_equal(uri->params[1].value, "%41");
}

static void absent_parts_are_empty(void **state)
{
    (void)state;
    struct hvk_error err;
    auto_free struct hvk_uri *uri = uri_parse("test:///default", &err);
    assert_non_null(uri);
    assert_string_equal(uri->transport, "");
    assert_string_equal(uri->user, "");
    assert_string_equal(uri->host, "");
    assert_int_equal(uri->port, 0);
    assert_string_equal(uri->path, "/default");
    assert_int_equal(uri->param_count, 0);
    assert_string_equal(uri->text, "test:///default");
}

/* Of each pair the second is the canonical text of the first, and of itself. */
static void uris_that_mean_the_same_have_one_canonical_text(void **state)
{
    (void)state;
    static const char *const pairs[][2] = {
        {"QEMU:///System", "qemu:///System"},
        {"Qemu+SSH://Root@HOST/", "qemu+ssh://Root@host/"},
        {"test:///%7e%41%2d", "test:///~A-"},
        {"test:///a%2fb", "test:///a/b"},
        {"test:///%c3%a9", "test:///%C3%A9"},
        {"test:///?b=2&a=1&%63=3", "test:///?a=1&b=2&c=3"},
        {"test:///?a=%26%3d%23", "test:///?a=%26=%23"},
        {"test://h:0022/", "test://h:22/"},
        {"esx://[2001:DB8::1]:443/", "esx://[2001:db8::1]:443/"},
        {"esx://[fe80::1%25eth0]/", "esx://[fe80::1%25eth0]/"},
        {"xen.alt-2://", "xen.alt-2://"},
        {"test:///?a=", "test:///?a="},
    };
    for (size_t i = 0; i < ARRAY_SIZE(pairs); i++) {
        for (size_t side = 0; side < 2; side++) {
            struct hvk_error err = {0};
            auto_free struct hvk_uri *uri = uri_parse(pairs[i][side], &err);
            if (!uri)
                fail_msg("%s", err.text);
            assert_string_equal(uri->text, pairs[i][1]);
        }
    }
}

static void what_the_grammar_does_not_know_is_refused_at_its_place(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        const char *reason;
    } rows[] = {
        {"", "name of a driver, at character 1"},
        {"9p:///", "name of a driver, at character 1"},
        {"test", "no '://' here"},
        {"test:/default", "no '://' here"},
        {"qemu+:///", "no transport behind '+', at character 6"},
        {"qemu+ssh+tls:///", "no '://' here"},
        {"qemu://a:secret@h/", "holds a password"},
        {"qemu://@h/", "no user in front of '@'"},
        {"qemu://-oProxyCommand=x@h/", "user that begins with '-'"},
        {"qemu://%2doProxyCommand=x@h/", "user that begins with '-'"},
        {"qemu://-h/", "host that begins with '-'"},
        {"qemu://h:/", "port that is not within"},
        {"qemu://h:0/", "port that is not within"},
        {"qemu://h:65536/", "port that is not within"},
        {"qemu://h:99999999999999999999/", "port that is not within"},
        {"qemu://:22/", "no host, at character 8"},
        {"qemu://root@/", "no host"},
        {"qemu://h\\x/", "may not stand in a host, at character 9"},
        {"qemu://a%41/", "may not stand in a host"},
        {"qemu://[::1/", "'[' without its ']'"},
        {"qemu://[1.2.3.4]/", "no IPv6 address"},
        {"qemu://[::1%eth0]/", "not written %25ZONE"},
        {"qemu://[::1%25]/", "not written %25ZONE"},
        {"qemu://[1:2:3:4:5:6:7:8:1:2:3:4:5:6:7:8:1:2:3:4:5:6:7]/", "no IPv6 address"},
        {"qemu:///a b", "may not stand here, at character 10"},
        {"qemu:///a\nb", "may not stand here"},
        {"qemu:///\xc3\xa9", "must be percent-encoded"},
        {"qemu:///%", "without two hexadecimal digits"},
        {"qemu:///%4", "without two hexadecimal digits"},
        {"qemu:///%4g", "without two hexadecimal digits"},
        {"qemu:///%\x14\x11", "without two hexadecimal digits"},
        {"qemu:///%00", "escapes a control character, at character 9"},
        {"qemu:///%0a", "escapes a control character"},
        {"qemu:///%7F", "escapes a control character"},
        {"qemu:///%ff", "not UTF-8"},
        {"qemu:///#top", "fragment"},
        {"qemu:///?a=1#top", "fragment"},
        {"qemu:///?a", "not NAME=VALUE"},
        {"qemu:///?", "not NAME=VALUE"},
        {"qemu:///?=1", "not NAME=VALUE"},
        {"qemu:///?a=1&&b=2", "not NAME=VALUE"},
        {"qemu:///?a=1&b=2&a=3", "a parameter twice, at character 18"},
        {"qemu:///?a=1&%61=3", "a parameter twice"},
        {"qemu:///?a=[", "may not stand here"},
    };
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        struct hvk_error err;
        auto_free struct hvk_uri *uri = uri_parse(rows[i].text, &err);
        if (uri)
            fail_msg("%s was accepted as %s", rows[i].text, uri->text);
        assert_int_equal(err.code, HVK_ERR_INVALID_ARG);
        assert_int_equal(err.source, HVK_FROM_URI);
        assert_contains(err.text, rows[i].reason);
    }
}

static void length_and_parameters_are_bounded(void **state)
{
    (void)state;
    struct hvk_error err;
    auto_free char *text = malloc(URI_LENGTH_MAX + 2);
    strcpy(text, "test:///");
    memset(text + 8, 'a', URI_LENGTH_MAX - 8);
    text[URI_LENGTH_MAX] = '\0';
    free(uri_parse(text, &err));
    assert_int_equal(strlen(text), URI_LENGTH_MAX);
    auto_free struct hvk_uri *longest = uri_parse(text, &err);
    assert_non_null(longest);
    strcat(text, "a");
    assert_null(uri_parse(text, &err));
    assert_contains(err.text, "at most 8192");

    strcpy(text, "test:///?p0=");
    for (int i = 1; i < URI_PARAMS_MAX; i++)
        sprintf(text + strlen(text), "&p%d=", i);
    auto_free struct hvk_uri *many = uri_parse(text, &err);
    assert_non_null(many);
    assert_int_equal(many->param_count, URI_PARAMS_MAX);
    strcat(text, "&one=more");
    assert_null(uri_parse(text, &err));
    assert_contains(err.text, "more than 64 parameters");
}

/* ---- uri_resolve ---------------------------------------------------------------------------- */

static void assert_resolves(const char *text, bool aliases, const char *expected)
{
    struct hvk_error err;
    auto_free char *uri = uri_resolve(text, aliases, &err);
    if (!uri)
        fail_msg("%s", err.text);
    assert_string_equal(uri, expected);
}

static void what_was_said_is_opened(void **state)
{
    (void)state;
    setenv("HVKIT_URI", "test:///environment", 1);
    assert_resolves("test:///said", true, "test:///said");
}

static void the_environment_then_the_configuration_name_the_default(void **state)
{
    place_write(*state, "etc/hvkit.conf", "uri = test:///configured\n");
    assert_resolves(NULL, true, "test:///configured");
    assert_resolves("", true, "test:///configured");
    setenv("HVKIT_URI", "test:///environment", 1);
    assert_resolves(NULL, true, "test:///environment");
}

static void without_a_default_there_is_no_error(void **state)
{
    (void)state;
    struct hvk_error err;
    assert_null(uri_resolve(NULL, true, &err));
    assert_int_equal(err.code, HVK_ERR_OK);
}

static void an_alias_stands_for_its_uri(void **state)
{
    place_write(*state, "etc/hvkit.conf",
                "uri = lab\n[aliases]\nlab = qemu+ssh://root@lab/system\n");
    assert_resolves("lab", true, "qemu+ssh://root@lab/system");
    assert_resolves(NULL, true, "qemu+ssh://root@lab/system");
    assert_resolves("lab", false, "lab");
}

static void an_unknown_alias_is_named_with_the_file(void **state)
{
    const struct place *place = *state;
    struct hvk_error err;
    assert_null(uri_resolve("nowhere", true, &err));
    assert_int_equal(err.code, HVK_ERR_INVALID_ARG);
    assert_contains(err.text, "'nowhere' is neither a connection URI");
    assert_contains(err.text, place->config);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_part_is_decoded_once),
        cmocka_unit_test(absent_parts_are_empty),
        cmocka_unit_test(uris_that_mean_the_same_have_one_canonical_text),
        cmocka_unit_test(what_the_grammar_does_not_know_is_refused_at_its_place),
        cmocka_unit_test(length_and_parameters_are_bounded),
        cmocka_unit_test_setup_teardown(what_was_said_is_opened, place_setup, place_teardown),
        cmocka_unit_test_setup_teardown(the_environment_then_the_configuration_name_the_default,
                                        place_setup, place_teardown),
        cmocka_unit_test_setup_teardown(without_a_default_there_is_no_error, place_setup,
                                        place_teardown),
        cmocka_unit_test_setup_teardown(an_alias_stands_for_its_uri, place_setup, place_teardown),
        cmocka_unit_test_setup_teardown(an_unknown_alias_is_named_with_the_file, place_setup,
                                        place_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
