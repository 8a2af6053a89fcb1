/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Headers of disk images, friendly and hostile, and the chains they form. */
#include "qemu_cases.h"

#include <command/image.h>

static char directory[64];

static char *path_of(const char *name)
{
    return string_format("%s/%s", directory, name);
}

static bool parse(const void *data, size_t length, const char *format, struct image *out,
                  struct hvk_error *err)
{
    *out = (struct image){0};
    return image_parse(data, length, format, "x", out, err);
}

static void formats_are_known_by_their_magic(void **state)
{
    (void)state;
    static const struct {
        const char *bytes;
        size_t length;
        const char *format;
    } magics[] = {
        {"QED\0", 4, "qed"},         {"KDMV", 4, "vmdk"},
        {"vhdxfile", 8, "vhdx"},     {"conectix", 8, "vpc"},
        {"LUKS\xba\xbe", 6, "luks"}, {"QFI\xfb\0\0\0\1", 8, "qcow"},
        {"anything", 8, "raw"},      {"", 0, "raw"},
    };
    for (size_t i = 0; i < ARRAY_SIZE(magics); i++) {
        static uint8_t header[512];
        struct hvk_error err;
        AUTO(image_fini) struct image image;
        memset(header, 0, sizeof header);
        memcpy(header, magics[i].bytes, magics[i].length);
        assert_true(parse(header, magics[i].length ? sizeof header : 0, NULL, &image, &err));
        assert_string_equal(image.format, magics[i].format);
    }
}

static void a_backing_file_is_read_with_its_format(void **state)
{
    struct hvk_error err;
    AUTO(image_fini) struct image image;
    (void)state;
    auto_free char *path = path_of("overlay.qcow2");
    assert_true(image_read(path, "qcow2", &image, &err));
    assert_string_equal(image.backing, "base.qcow2");
    assert_string_equal(image.backing_format, "qcow2");
    assert_false(image.encrypted);
    auto_free char *below = image_resolve(path, image.backing, &err),
                   *expected = path_of("base.qcow2");
    assert_string_equal(below, expected);
}

static void names_of_backing_files_are_made_absolute(void **state)
{
    struct hvk_error err;
    (void)state;
    static const struct {
        const char *path, *backing, *expected;
    } names[] = {{"/a/b", "c", "/a/c"},
                 {"/a/b", "../c", "/a/../c"},
                 {"/a/b", "/c", "/c"},
                 {"/a/b", "file:c", "/a/c"},
                 {"b", "c", "c"}};
    for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
        auto_free char *got = image_resolve(names[i].path, names[i].backing, &err);
        assert_string_equal(got, names[i].expected);
    }
}

/* Raw is raw, whatever the guest wrote. Everything else must be what it is said to be. */
static void the_format_that_was_named_decides(void **state)
{
    struct hvk_error err;
    AUTO(image_fini) struct image image;
    (void)state;
    auto_free char *qcow2 = path_of("overlay.qcow2"), *raw = path_of("disk.raw");
    assert_true(image_read(qcow2, "raw", &image, &err));
    assert_null(image.backing);
    image_fini(&image);
    assert_false(image_read(raw, "qcow2", &image, &err));
    assert_non_null(strstr(err.text, "it has no such header"));
    assert_false(image_read(qcow2, "vmdk", &image, &err));
    assert_non_null(strstr(err.text, "but it is qcow2"));
}

struct damage {
    size_t at;
    uint64_t value;
    size_t size; /* 4 or 8 */
    const char *words;
};

static void damaged_headers_are_refused(void **state)
{
    (void)state;
    static const struct damage damages[] = {
        {100, 0xffffffff, 4, "the length of its header"},
        {100, 4, 4, "the length of its header"},
        {16, 5000, 4, "the name of its backing file"},
        {16, 0, 4, "the name of its backing file"},
        {8, UINT64_MAX, 8, "the name of its backing file"},
        {8, 1 << 30, 8, "the name of its backing file"},
        {108, 0xffffffff, 4, "a header extension goes past the header"},
        {108, 0, 4, "the backing format"},
        {72, 4, 8, "a file that it does not name"},
    };
    auto_free char *path = path_of("overlay.qcow2");
    for (size_t i = 0; i < ARRAY_SIZE(damages); i++) {
        static uint8_t header[4096];
        struct hvk_error err;
        AUTO(image_fini) struct image image;
        auto_fd int fd = open(path, O_RDONLY | O_CLOEXEC);
        assert_int_equal(pread(fd, header, sizeof header, 0), sizeof header);
        if (damages[i].size == 4)
            case_put32(header + damages[i].at, (uint32_t)damages[i].value);
        else
            case_put64(header + damages[i].at, damages[i].value);
        if (parse(header, sizeof header, "qcow2", &image, &err))
            fail_msg("damage %zu went unnoticed", i);
        if (!strstr(err.text, damages[i].words))
            fail_msg("'%s' instead of '%s'", err.text, damages[i].words);
    }
}

/* Cut anywhere, the header is either complete enough or refused; nothing is read behind it (the
 * sanitizers watch). */
static void a_cut_header_never_reads_past_its_end(void **state)
{
    (void)state;
    auto_free char *path = path_of("overlay.qcow2");
    for (size_t length = 0; length < 160; length++) {
        struct hvk_error err;
        AUTO(image_fini) struct image image;
        auto_free uint8_t *header = malloc(length ? length : 1);
        auto_fd int fd = open(path, O_RDONLY | O_CLOEXEC);
        assert_int_equal(pread(fd, header, length, 0), (ssize_t)length);
        parse(header, length, NULL, &image, &err);
    }
}

static void vmdk_with_a_parent_is_refused(void **state)
{
    struct hvk_error err;
    AUTO(image_fini) struct image image;
    (void)state;
    static const char text[] = "# Disk DescriptorFile\nparentFileNameHint=\"/etc/shadow\"\n";
    assert_false(parse(text, sizeof text, "vmdk", &image, &err));
    assert_non_null(strstr(err.text, "qemu-img convert"));
}

/* ---- chains ---- */

static struct caps *caps;

static bool build(const char *image, const char *inside, struct hvk_error *err)
{
    auto_free char *xml = string_format(
        "<domain type='qemu'><name>c</name><memory>65536</memory><os><type "
        "machine='q35'>hvm</type></os>"
        "<devices><disk type='file' device='disk'><driver type='qcow2'/><source file='%s/%s'/>%s"
        "<target dev='vda'/></disk></devices></domain>",
        directory, image, inside);
    auto_model_domain domain = case_parse(xml);
    AUTO(command_fini) struct command command;
    command_init(&command);
    const struct command_input input = {.domain = domain,
                                        .caps = caps,
                                        .runtime_directory = directory,
                                        .nvram_directory = directory,
                                        .state_directory = directory,
                                        .monitor_fd = -1};
    return command_build(&input, &command, err);
}

static void refuses(const char *image, const char *words)
{
    struct hvk_error err;
    assert_false(build(image, "", &err));
    if (!strstr(err.text, words))
        fail_msg("%s: '%s' instead of '%s'", image, err.text, words);
}

static void chains_that_cannot_be_followed_are_refused(void **state)
{
    (void)state;
    case_qcow2(directory, "self.qcow2", "self.qcow2", "qcow2");
    refuses("self.qcow2", "is its own backing file");
    case_qcow2(directory, "a.qcow2", "b.qcow2", "qcow2");
    case_qcow2(directory, "b.qcow2", "a.qcow2", "qcow2");
    refuses("a.qcow2", "is its own backing file");
    case_qcow2(directory, "lost.qcow2", "nowhere.qcow2", "qcow2");
    refuses("lost.qcow2", "nowhere.qcow2': No such file");
    case_qcow2(directory, "net.qcow2", "nbd://host/export", "raw");
    refuses("net.qcow2", "describe it in a <backingStore>");
    case_qcow2(directory, "json.qcow2", "json:{\"driver\":\"file\"}", "raw");
    refuses("json.qcow2", "describe it in a <backingStore>");
    case_qcow2(directory, "strange.qcow2", "base.qcow2", "vvfat");
    refuses("strange.qcow2", "the format 'vvfat', which is not supported");
    case_qcow2(directory, "guess.qcow2", "base.qcow2", NULL);
    refuses("guess.qcow2", "qemu-img rebase -u -b base.qcow2 -F qcow2");
}

static void a_raw_backing_file_needs_no_recorded_format(void **state)
{
    struct hvk_error err;
    (void)state;
    case_qcow2(directory, "onraw.qcow2", "disk.raw", NULL);
    assert_true(build("onraw.qcow2", "", &err));
}

static void a_chain_that_was_named_is_believed(void **state)
{
    struct hvk_error err;
    (void)state;
    case_qcow2(directory, "ended.qcow2", "nowhere.qcow2", "qcow2");
    assert_true(build("ended.qcow2", "<backingStore/>", &err));
}

static void chains_are_bounded(void **state)
{
    (void)state;
    case_qcow2(directory, "n0.qcow2", NULL, NULL);
    for (int i = 1; i <= IMAGE_CHAIN_MAX; i++) {
        char name[32], below[32];
        snprintf(name, sizeof name, "n%d.qcow2", i);
        snprintf(below, sizeof below, "n%d.qcow2", i - 1);
        case_qcow2(directory, name, below, "qcow2");
    }
    struct hvk_error err;
    char last[32], fits[32];
    snprintf(last, sizeof last, "n%d.qcow2", IMAGE_CHAIN_MAX);
    snprintf(fits, sizeof fits, "n%d.qcow2", IMAGE_CHAIN_MAX - 1);
    refuses(last, "more than 100 layers");
    assert_true(build(fits, "", &err));
}

static int set_up(void **state)
{
    struct hvk_error err;
    (void)state;
    json_t *json = json_load_file(QEMU_ARGV_DIR "/caps.json", 0, NULL);
    caps = json ? caps_from_json(json, &err) : NULL;
    json_decref(json);
    snprintf(directory, sizeof directory, "%s/hvkit-image-XXXXXX",
             getenv("TMPDIR") && strlen(getenv("TMPDIR")) < 32 ? getenv("TMPDIR") : "/tmp");
    if (!caps || !mkdtemp(directory))
        return -1;
    case_images(directory);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    case_remove(directory);
    caps_unref(caps);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(formats_are_known_by_their_magic),
        cmocka_unit_test(a_backing_file_is_read_with_its_format),
        cmocka_unit_test(names_of_backing_files_are_made_absolute),
        cmocka_unit_test(the_format_that_was_named_decides),
        cmocka_unit_test(damaged_headers_are_refused),
        cmocka_unit_test(a_cut_header_never_reads_past_its_end),
        cmocka_unit_test(vmdk_with_a_parent_is_refused),
        cmocka_unit_test(chains_that_cannot_be_followed_are_refused),
        cmocka_unit_test(a_raw_backing_file_needs_no_recorded_format),
        cmocka_unit_test(a_chain_that_was_named_is_believed),
        cmocka_unit_test(chains_are_bounded),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
