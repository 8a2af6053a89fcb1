/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* note_read() and identity_check() on whole, damaged and foreign files. */
#include "note.h"
#include "fixture.h"
#include "identity.h"

#include <base/cleanup.h>
#include <base/string.h>
#include <elf.h>
#include <setjmp.h>
#include <stdarg.h>
#include <sys/mman.h>

#include <cmocka.h>

struct image {
    unsigned char *bytes;
    size_t size;
};

static void image_fini(struct image *image)
{
    free(image->bytes);
}

#define auto_image AUTO(image_fini) struct image

static struct image image_of(const char *fixture)
{
    struct image image;
    image.bytes = fixture_read(fixture, &image.size);
    return image;
}

static Elf64_Ehdr *header_of(const struct image *image)
{
    return (Elf64_Ehdr *)(void *)image->bytes;
}

/* The identity of a file with these bytes. */
static struct hvk_driver_identity *read_bytes(const void *bytes, size_t size, struct hvk_error *err)
{
    auto_fd int fd = memfd_create("note", MFD_CLOEXEC);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, bytes, size), size);
    hvk_error_init(err);
    return note_read(fd, err);
}

static void assert_refused(const struct image *image, const char *reason)
{
    struct hvk_error err;
    assert_null(read_bytes(image->bytes, image->size, &err));
    assert_int_equal(err.code, HVK_ERR_DRIVER_REFUSED);
    assert_contains(err.text, reason);
}

/* The note is readable; what it says is not acceptable. */
static void assert_rejected(const struct hvk_driver_identity *identity, const char *reason)
{
    struct hvk_error err;
    assert_false(identity_check(identity, &err));
    assert_int_equal(err.code, HVK_ERR_DRIVER_REFUSED);
    assert_contains(err.text, reason);
}

static void a_driver_states_its_identity(void **state)
{
    (void)state;
    struct hvk_error err;
    auto_image image = image_of("good");
    auto_free struct hvk_driver_identity *identity = read_bytes(image.bytes, image.size, &err);
    assert_non_null(identity);
    assert_string_equal(identity->id, "good");
    assert_string_equal(identity->version, "1.0");
    assert_string_equal(identity->schemes, "good");
    assert_int_equal(identity->place, HVK_DRIVER_NODE);
    assert_true(identity_check(identity, &err));
}

static void the_note_survives_lto_section_collection_and_strip(void **state)
{
    (void)state;
    struct hvk_error err;
    auto_image image = image_of("lean");
    auto_free struct hvk_driver_identity *identity = read_bytes(image.bytes, image.size, &err);
    assert_non_null(identity);
    assert_string_equal(identity->id, "lean");
    assert_true(identity_check(identity, &err));
}

static void a_file_without_a_note_is_no_driver(void **state)
{
    (void)state;
    auto_image image = image_of("plain");
    assert_refused(&image, "carries no hvkit note");
}

static void garbage_is_not_an_elf_file(void **state)
{
    (void)state;
    unsigned char bytes[4096];
    struct image image = {bytes, sizeof bytes};
    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (unsigned char)(i * 37 + 11);
    assert_refused(&image, "is not an ELF file");
    image.size = 0;
    assert_refused(&image, "is not an ELF file");
}

static void a_file_cut_anywhere_is_truncated(void **state)
{
    (void)state;
    auto_image image = image_of("good");
    size_t whole = image.size;
    for (size_t size = 4; size < whole; size += 61) {
        image.size = size;
        assert_refused(&image, "is truncated");
    }
    image.size = whole - 1;
    assert_refused(&image, "is truncated");
}

static void a_file_for_another_machine_names_it(void **state)
{
    (void)state;
    auto_image image = image_of("good");
    header_of(&image)->e_machine ^= EM_X86_64 ^ EM_AARCH64;
    assert_refused(&image, "install the driver for this machine");
    header_of(&image)->e_machine = 0xfffe;
    assert_refused(&image, "an unknown machine (ELF machine 65534)");
}

static void a_32_bit_file_is_named_as_such(void **state)
{
    (void)state;
    auto_image image = image_of("good");
    header_of(&image)->e_ident[EI_CLASS] = ELFCLASS32;
    header_of(&image)->e_machine = EM_386;
    assert_refused(&image, "is not built for 64-bit systems");
}

static void the_other_byte_order_is_named(void **state)
{
    (void)state;
    auto_image image = image_of("good");
    header_of(&image)->e_ident[EI_DATA] ^= ELFDATA2LSB ^ ELFDATA2MSB;
    assert_refused(&image, "other byte order");
}

static void a_program_is_no_driver(void **state)
{
    (void)state;
    auto_image image = image_of("good");
    header_of(&image)->e_type = ET_EXEC;
    assert_refused(&image, "no shared object");
}

static void a_note_of_a_wrong_size_is_damaged(void **state)
{
    (void)state;
    auto_image image = image_of("good");
    fixture_identity(image.bytes, image.size)->size = 4096;
    assert_refused(&image, "states 4096");
}

static void offsets_beyond_the_file_are_refused(void **state)
{
    (void)state;
    auto_image image = image_of("good");
    Elf64_Phdr *segments = (Elf64_Phdr *)(void *)(image.bytes + header_of(&image)->e_phoff);
    segments[0].p_offset = UINT64_MAX - 8;
    assert_refused(&image, "is truncated");
    segments[0].p_offset = 0;
    segments[0].p_filesz = UINT64_MAX;
    assert_refused(&image, "is truncated");
    header_of(&image)->e_phoff = UINT64_MAX - 16;
    assert_refused(&image, "program header table");
}

/* ---- what an identity says ------------------------------------------------------------------ */

static struct hvk_driver_identity whole(void)
{
    return (struct hvk_driver_identity){.size = sizeof(struct hvk_driver_identity),
                                        .epoch = HVK_ABI_EPOCH,
                                        .revision = HVK_ABI_REVISION,
                                        .needs = HVK_TARGET_REVISION,
                                        .id = "some-driver2",
                                        .version = "1.0~rc1+git",
                                        .schemes = "some some.other",
                                        .tables = "hvkit.domain/1 hvkit.network/1",
                                        .node_tables = "hvkit.network/1"};
}

static void an_epoch_says_which_side_to_upgrade(void **state)
{
    (void)state;
    struct hvk_driver_identity identity = whole();
    identity.epoch = HVK_ABI_EPOCH + 1;
    assert_rejected(&identity, "upgrade hvkit");
    identity.epoch = HVK_ABI_EPOCH - 1;
    assert_rejected(&identity, "upgrade the driver");
}

static void a_driver_that_needs_a_newer_core_says_so(void **state)
{
    (void)state;
    struct hvk_driver_identity identity = whole();
    identity.revision = identity.needs = HVK_ABI_REVISION + 3;
    assert_rejected(&identity, "needs revision 4");
    assert_rejected(&identity, "upgrade hvkit");
}

static void a_newer_driver_that_needs_no_newer_core_is_accepted(void **state)
{
    (void)state;
    struct hvk_error err;
    struct hvk_driver_identity identity = whole();
    identity.revision = HVK_ABI_REVISION + 3;
    identity.size += 64; /* members that this core does not know */
    assert_true(identity_check(&identity, &err));
}

static void revisions_that_contradict_each_other_are_damage(void **state)
{
    (void)state;
    struct hvk_driver_identity identity = whole();
    identity.needs = 0;
    assert_rejected(&identity, "damaged");
    identity = whole();
    identity.revision = 0;
    assert_rejected(&identity, "damaged");
}

static void an_identity_of_fewer_members_than_the_first_is_damage(void **state)
{
    (void)state;
    struct hvk_driver_identity identity = whole();
    identity.size = 100;
    assert_rejected(&identity, "at least 960");
}

static void texts_outside_their_grammar_are_damage(void **state)
{
    (void)state;
    static const struct {
        size_t offset;
        const char *text;
        const char *named;
    } rows[] = {
#define ROW(member, text)                                                                          \
    {offsetof(struct hvk_driver_identity, member), text, "its '" #member "' is"}
        ROW(id, ""),         ROW(id, "Upper"),          ROW(id, "two words"),
        ROW(id, "9lives"),   ROW(id, "../evil"),        ROW(version, ""),
        ROW(version, "1 0"), ROW(version, "1\n"),       ROW(schemes, " a"),
        ROW(schemes, "a "),  ROW(schemes, "a  b"),      ROW(schemes, "a+b"),
        ROW(tables, ""),     ROW(tables, "hvkit.x"),    ROW(tables, "hvkit.x/"),
        ROW(tables, "/1"),   ROW(tables, "hvkit.x/1a"), ROW(node_tables, "hvkit.x/one"),
#undef ROW
    };
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        struct hvk_driver_identity identity = whole();
        char *member = (char *)&identity + rows[i].offset;
        memset(member, 0, 32);
        strcpy(member, rows[i].text);
        assert_rejected(&identity, rows[i].named);
    }
}

static void texts_without_an_end_or_with_something_behind_it_are_damage(void **state)
{
    (void)state;
    struct hvk_driver_identity identity = whole();
    memset(identity.id, 'a', sizeof identity.id);
    assert_rejected(&identity, "its 'id' is");
    identity = whole();
    identity.version[20] = 'x';
    assert_rejected(&identity, "its 'version' is");
}

static void a_table_that_is_offered_has_to_be_provided(void **state)
{
    (void)state;
    struct hvk_driver_identity identity = whole();
    strcpy(identity.node_tables, "hvkit.secret/1");
    assert_rejected(&identity, "offers table 'hvkit.secret/1'");
}

static void numbers_that_this_revision_does_not_know_are_refused(void **state)
{
    (void)state;
    struct hvk_driver_identity identity = whole();
    identity.place = 7;
    assert_rejected(&identity, "place 7");
    identity = whole();
    identity.threading = 9;
    assert_rejected(&identity, "threading 9");
    identity = whole();
    identity.flags = 1;
    assert_rejected(&identity, "flags 0x1");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_driver_states_its_identity),
        cmocka_unit_test(the_note_survives_lto_section_collection_and_strip),
        cmocka_unit_test(a_file_without_a_note_is_no_driver),
        cmocka_unit_test(garbage_is_not_an_elf_file),
        cmocka_unit_test(a_file_cut_anywhere_is_truncated),
        cmocka_unit_test(a_file_for_another_machine_names_it),
        cmocka_unit_test(a_32_bit_file_is_named_as_such),
        cmocka_unit_test(the_other_byte_order_is_named),
        cmocka_unit_test(a_program_is_no_driver),
        cmocka_unit_test(a_note_of_a_wrong_size_is_damaged),
        cmocka_unit_test(offsets_beyond_the_file_are_refused),
        cmocka_unit_test(an_epoch_says_which_side_to_upgrade),
        cmocka_unit_test(a_driver_that_needs_a_newer_core_says_so),
        cmocka_unit_test(a_newer_driver_that_needs_no_newer_core_is_accepted),
        cmocka_unit_test(revisions_that_contradict_each_other_are_damage),
        cmocka_unit_test(an_identity_of_fewer_members_than_the_first_is_damage),
        cmocka_unit_test(texts_outside_their_grammar_are_damage),
        cmocka_unit_test(texts_without_an_end_or_with_something_behind_it_are_damage),
        cmocka_unit_test(a_table_that_is_offered_has_to_be_provided),
        cmocka_unit_test(numbers_that_this_revision_does_not_know_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
