/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What an emulator can do, from replies that were recorded in miniature. */
#include "cmocka_all.h"

#include <caps_probe.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char replies_text[] =
    "{\"query-version\": {\"qemu\": {\"major\": 7, \"minor\": 2, \"micro\": 9}, \"package\": "
    "\"D\"},"
    " \"query-target\": {\"arch\": \"i386\"},"
    " \"query-kvm\": {\"enabled\": true, \"present\": true},"
    " \"query-machines\": [{\"name\": \"none\", \"cpu-max\": 1},"
    "   {\"name\": \"pc-9\", \"alias\": \"pc\", \"cpu-max\": 255, \"is-default\": true,"
    "    \"hotpluggable-cpus\": true, \"default-cpu-type\": \"q\"},"
    "   {\"name\": \"old\", \"cpu-max\": 16, \"deprecated\": true}],"
    " \"query-cpu-definitions\": [{\"name\": \"A\", \"typename\": \"A-cpu\","
    "    \"unavailable-features\": []}, {\"name\": \"B\", \"typename\": \"B-cpu\","
    "    \"unavailable-features\": [\"avx\", \"sse\"]}],"
    " \"query-commands\": [{\"name\": \"stop\"}],"
    " \"query-command-line-options\": [{\"option\": \"sandbox\","
    "    \"parameters\": [{\"name\": \"spawn\"}]}],"
    " \"query-tpm-models\": [\"tpm-tis\"],"
    " \"query-qmp-schema\": ["
    "   {\"name\": \"screendump\", \"meta-type\": \"command\", \"arg-type\": \"1\", \"ret-type\": "
    "\"0\"},"
    "   {\"name\": \"1\", \"meta-type\": \"object\", \"members\": [{\"name\": \"format\", "
    "\"type\": \"2\"}]},"
    "   {\"name\": \"2\", \"meta-type\": \"enum\", \"values\": [\"ppm\", \"png\"]},"
    "   {\"name\": \"blockdev-add\", \"meta-type\": \"command\", \"arg-type\": \"3\"},"
    "   {\"name\": \"3\", \"meta-type\": \"object\", \"variants\": [{\"case\": \"nbd\", \"type\": "
    "\"4\"}]},"
    "   {\"name\": \"4\", \"meta-type\": \"object\", \"members\": []},"
    "   {\"name\": \"query-display-options\", \"meta-type\": \"command\", \"ret-type\": \"5\"},"
    "   {\"name\": \"5\", \"meta-type\": \"object\", \"members\": [{\"name\": \"type\", \"type\": "
    "\"6\"}]},"
    "   {\"name\": \"6\", \"meta-type\": \"enum\", \"values\": [\"gtk\"]}],"
    " \"qom-list-types/device\": [{\"name\": \"virtio-blk-pci\"}],"
    " \"qom-list-types/user-creatable\": [{\"name\": \"rng-random\"}],"
    " \"device-list-properties/virtio-blk-pci\": [{\"name\": \"queue-size\"}]}";

static json_t *condense(struct hvk_error *err)
{
    struct caps_identity identity = {.path = (char *)"/bin/qemu", .kernel = (char *)"6.1"};
    json_t *replies = json_loads(replies_text, JSON_REJECT_DUPLICATES, NULL);
    assert_non_null(replies);
    json_t *json = caps_condense(&identity, replies, err);
    json_decref(replies);
    return json;
}

static void replies_become_answers(void **state)
{
    (void)state;
    struct hvk_error err = {.size = sizeof err};
    json_t *json = condense(&err);
    struct caps *caps = caps_from_json(json, &err);
    json_decref(json);
    assert_non_null(caps);
    assert_string_equal(caps_get_arch(caps), "i686");
    assert_int_equal(caps_get_version(caps), 7002009);
    assert_true(caps_has_kvm(caps));
    assert_int_equal(caps_machine_count(caps), 2);
    assert_string_equal(caps_find_machine(caps, "pc")->name, "pc-9");
    assert_string_equal(caps_find_machine(caps, NULL)->name, "pc-9");
    assert_true(caps_find_machine(caps, "old")->deprecated);
    assert_null(caps_find_machine(caps, "none"));
    assert_true(caps_find_cpu(caps, "A")->usable);
    assert_string_equal(caps_find_cpu(caps, "B")->blockers, "avx sse");
    assert_true(caps_has_device(caps, "virtio-blk-pci"));
    assert_true(caps_has_object(caps, "rng-random"));
    assert_true(caps_has_property(caps, "virtio-blk-pci", "queue-size"));
    assert_false(caps_has_property(caps, "virtio-blk-pci", "other"));
    assert_true(caps_has_command(caps, "stop"));
    assert_true(caps_has_option(caps, "sandbox", NULL));
    assert_true(caps_has_option(caps, "sandbox", "spawn"));
    assert_false(caps_has_option(caps, "sandbox", "other"));
    assert_true(caps_has_tpm_model(caps, "tpm-tis"));
    assert_true(caps_has_schema(caps, "screendump/format/^png"));
    assert_true(caps_has_schema(caps, "blockdev-add/+nbd"));
    assert_false(caps_has_schema(caps, "blockdev-add/+ssh"));
    assert_true(caps_has_schema(caps, "query-display-options/@type/^gtk"));
    assert_false(caps_has_schema(caps, "query-display-options/@type/^sdl"));
    caps_unref(caps);
}

static void what_was_kept_is_what_was_learned(void **state)
{
    (void)state;
    struct hvk_error err = {.size = sizeof err};
    json_t *json = condense(&err);
    struct caps *caps = caps_from_json(json, &err);
    json_t *again = caps_to_json(caps);
    assert_true(json_equal(json, again));
    struct caps_identity identity = {.path = (char *)"/bin/qemu", .kernel = (char *)"6.1"};
    assert_true(caps_is_of(caps, &identity));
    identity.mtime_ns = 1;
    assert_false(caps_is_of(caps, &identity));
    identity.mtime_ns = 0;
    identity.kvm_device = true;
    assert_false(caps_is_of(caps, &identity));
    json_decref(again);
    json_decref(json);
    caps_unref(caps);
}

/* Every member in turn is missing or of another type: refused, or answered with no. */
static void damaged_descriptions_never_harm(void **state)
{
    (void)state;
    struct hvk_error err = {.size = sizeof err};
    json_t *whole = condense(&err);
    const char *name;
    json_t *value;
    json_object_foreach(whole, name, value)
    {
        json_t *wrong[] = {json_null(),  json_integer(-1), json_string("x"),
                           json_array(), json_object(),    NULL};
        for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
            json_t *copy = json_deep_copy(whole);
            if (wrong[i])
                json_object_set_new(copy, name, wrong[i]);
            else
                json_object_del(copy, name);
            struct caps *caps = caps_from_json(copy, &err);
            if (caps)
                caps_has_device(caps, "virtio-blk-pci");
            caps_unref(caps);
            json_decref(copy);
        }
    }
    json_decref(whole);
}

static void silent_emulator_is_named(void **state)
{
    (void)state;
    struct hvk_error err = {.size = sizeof err};
    struct caps_identity identity = {.path = (char *)"/bin/qemu", .kernel = (char *)"6.1"};
    json_t *nothing = json_object();
    assert_null(caps_condense(&identity, nothing, &err));
    assert_non_null(strstr(err.text, "/bin/qemu"));
    json_decref(nothing);
}

static void program_that_is_none_is_refused_before_it_runs(void **state)
{
    (void)state;
    struct caps_identity identity;
    struct hvk_error err = {.size = sizeof err};
    assert_false(caps_identify("relative", &identity, &err));
    assert_non_null(strstr(err.text, "absolute"));
    assert_false(caps_identify("/etc/passwd", &identity, &err));
    assert_non_null(strstr(err.text, "not a program"));
    assert_false(caps_identify("/nonexistent", &identity, &err));
    assert_non_null(strstr(err.text, "/nonexistent"));
}

static void program_that_is_no_emulator_is_told_with_its_words(void **state)
{
    (void)state;
    struct caps_identity identity;
    struct hvk_error err = {.size = sizeof err};
    assert_true(caps_identify("/bin/ls", &identity, &err));
    assert_null(caps_probe(&identity, &err));
    assert_non_null(strstr(err.text, "/bin/ls"));
    assert_non_null(strstr(err.text, "it printed: "));
    caps_identity_fini(&identity);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(replies_become_answers),
        cmocka_unit_test(what_was_kept_is_what_was_learned),
        cmocka_unit_test(damaged_descriptions_never_harm),
        cmocka_unit_test(silent_emulator_is_named),
        cmocka_unit_test(program_that_is_none_is_refused_before_it_runs),
        cmocka_unit_test(program_that_is_no_emulator_is_told_with_its_words),
    };
    return cmocka_run_group_tests_name("qemu_caps", tests, NULL, NULL);
}
