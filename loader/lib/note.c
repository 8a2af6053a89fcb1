/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The file may hold anything: each offset and size in it is checked against the file's length, also
 * those that only the dynamic linker will use, since it would map a truncated file and die of
 * SIGBUS. */
#include "note.h"

#include <base/cleanup.h>
#include <elf.h>
#include <errno.h>
#include <gelf.h>
#include <libelf.h>
#include <string.h>
#include <sys/stat.h>

#define NOTE_SEGMENTS_MAX 128           /* program headers in one file */
#define NOTE_SEGMENT_SIZE_MAX (1 << 16) /* bytes of notes in one segment */
#define NOTE_IDENTITY_SIZE_MIN 8        /* size and epoch: all that epochs have in common */
#define NOTE_IDENTITY_SIZE_MAX (1 << 14)

/* The ELF header of the object that this code is in, which the link editor names: what it is built
 * for is what a driver has to be built for. */
extern const Elf64_Ehdr __ehdr_start __attribute__((visibility("hidden")));

struct image {
    int fd;
    uint64_t size;
    Elf *elf;
};

static void image_fini(struct image *image)
{
    elf_end(image->elf);
}

static const char *machine_name(unsigned machine)
{
    static const struct {
        unsigned machine;
        const char *name;
    } names[] = {{EM_X86_64, "x86-64"}, {EM_386, "i386"},         {EM_AARCH64, "AArch64"},
                 {EM_ARM, "Arm"},       {EM_PPC64, "PowerPC 64"}, {EM_S390, "IBM Z"},
                 {EM_RISCV, "RISC-V"},  {EM_MIPS, "MIPS"},        {EM_LOONGARCH, "LoongArch"}};
    for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
        if (names[i].machine == machine)
            return names[i].name;
    }
    return "an unknown machine";
}

static bool header_check(const Elf64_Ehdr *header, struct hvk_error *err)
{
    const Elf64_Ehdr *own = &__ehdr_start;
    if (memcmp(header->e_ident, ELFMAG, SELFMAG) != 0)
        return hvk_error_set(err, HVK_ERR_DRIVER_REFUSED, "is not an ELF file");
    if (header->e_ident[EI_CLASS] != ELFCLASS64)
        return hvk_error_set(err, HVK_ERR_DRIVER_REFUSED,
                             "is not built for 64-bit systems: install the driver for %s",
                             machine_name(own->e_machine));
    if (header->e_ident[EI_DATA] != own->e_ident[EI_DATA])
        return hvk_error_set(err, HVK_ERR_DRIVER_REFUSED,
                             "is built for the other byte order: install the driver for %s",
                             machine_name(own->e_machine));
    if (header->e_machine != own->e_machine)
        return hvk_error_set(err, HVK_ERR_DRIVER_REFUSED,
                             "is built for %s (ELF machine %u), this is %s: install the driver for "
                             "this machine",
                             machine_name(header->e_machine), header->e_machine,
                             machine_name(own->e_machine));
    if (header->e_type != ET_DYN)
        return hvk_error_set(err, HVK_ERR_DRIVER_REFUSED, "is an ELF file but no shared object");
    return true;
}

static bool refuse_truncated(const struct image *image, const char *part, struct hvk_error *err)
{
    return hvk_error_set(err, HVK_ERR_DRIVER_REFUSED,
                         "is truncated: its %s lies beyond its %llu bytes; install it again", part,
                         (unsigned long long)image->size);
}

static bool extent_check(const struct image *image, uint64_t offset, uint64_t size,
                         const char *part, struct hvk_error *err)
{
    if (offset > image->size || size > image->size - offset)
        return refuse_truncated(image, part, err);
    return true;
}

static bool image_init(struct image *image, int fd, struct hvk_error *err)
{
    struct stat status;
    Elf64_Ehdr header = {0};
    if (fstat(fd, &status) < 0)
        return hvk_error_errno(err, errno, "examine the file");
    ssize_t length = pread(fd, &header, sizeof header, 0);
    if (length < 0)
        return hvk_error_errno(err, errno, "read the file");
    image->fd = fd;
    image->size = (uint64_t)status.st_size;
    if ((size_t)length < sizeof header && memcmp(header.e_ident, ELFMAG, SELFMAG) == 0)
        return refuse_truncated(image, "ELF header", err);
    if (!header_check(&header, err) ||
        !extent_check(image, header.e_phoff, (uint64_t)header.e_phnum * sizeof(Elf64_Phdr),
                      "program header table", err) ||
        !extent_check(image, header.e_shoff, (uint64_t)header.e_shnum * header.e_shentsize,
                      "section header table", err))
        return false;
    elf_version(EV_CURRENT);
    image->elf = elf_begin(fd, ELF_C_READ, NULL);
    if (!image->elf || elf_kind(image->elf) != ELF_K_ELF)
        return hvk_error_set(err, HVK_ERR_DRIVER_REFUSED, "is a damaged ELF file: %s",
                             elf_errmsg(-1));
    return true;
}

/* ---- notes ---------------------------------------------------------------------------------- */

static bool identity_take(const void *descriptor, size_t size,
                          struct hvk_driver_identity **out_identity, struct hvk_error *err)
{
    uint32_t stated = 0;
    if (size >= sizeof stated)
        memcpy(&stated, descriptor, sizeof stated);
    if (size < NOTE_IDENTITY_SIZE_MIN || size > NOTE_IDENTITY_SIZE_MAX || stated != size)
        return hvk_error_set(err, HVK_ERR_DRIVER_REFUSED,
                             "carries a damaged hvkit note: its identity has %zu bytes and states "
                             "%u",
                             size, stated);
    if (*out_identity)
        return hvk_error_set(err, HVK_ERR_DRIVER_REFUSED,
                             "carries more than one hvkit note: a driver has one "
                             "HVK_DRIVER_IDENTITY");
    size_t room = sizeof(struct hvk_driver_identity);
    *out_identity = calloc(1, size > room ? size : room);
    if (!*out_identity)
        return hvk_error_memory(err);
    memcpy(*out_identity, descriptor, size);
    return true;
}

static bool notes_read(Elf_Data *notes, struct hvk_driver_identity **out_identity,
                       struct hvk_error *err)
{
    size_t offset = 0, name, descriptor;
    GElf_Nhdr note;
    while (offset < notes->d_size &&
           (offset = gelf_getnote(notes, offset, &note, &name, &descriptor)) > 0) {
        const char *bytes = notes->d_buf;
        if (note.n_type != HVK_NOTE_TYPE || note.n_namesz != sizeof HVK_NOTE_OWNER ||
            memcmp(bytes + name, HVK_NOTE_OWNER, sizeof HVK_NOTE_OWNER) != 0)
            continue;
        if (!identity_take(bytes + descriptor, note.n_descsz, out_identity, err))
            return false;
    }
    return true;
}

static bool segment_read(const struct image *image, const Elf64_Phdr *segment,
                         struct hvk_driver_identity **out_identity, struct hvk_error *err)
{
    if (segment->p_type == PT_NULL || segment->p_type == PT_GNU_STACK)
        return true; /* their offsets mean nothing */
    if (!extent_check(image, segment->p_offset, segment->p_filesz, "contents", err))
        return false;
    if (segment->p_type != PT_NOTE || segment->p_filesz == 0)
        return true;
    if (segment->p_filesz > NOTE_SEGMENT_SIZE_MAX)
        return hvk_error_set(err, HVK_ERR_DRIVER_REFUSED,
                             "has %llu bytes of notes, at most %d are read",
                             (unsigned long long)segment->p_filesz, NOTE_SEGMENT_SIZE_MAX);
    Elf_Data *notes =
        elf_getdata_rawchunk(image->elf, (int64_t)segment->p_offset, segment->p_filesz,
                             segment->p_align == 8 ? ELF_T_NHDR8 : ELF_T_NHDR);
    if (!notes)
        return hvk_error_set(err, HVK_ERR_DRIVER_REFUSED, "has unreadable notes: %s",
                             elf_errmsg(-1));
    return notes_read(notes, out_identity, err);
}

struct hvk_driver_identity *note_read(int fd, struct hvk_error *err)
{
    AUTO(image_fini) struct image image = {.fd = -1};
    auto_free struct hvk_driver_identity *identity = NULL;
    if (!image_init(&image, fd, err))
        return NULL;
    size_t count = 0;
    const Elf64_Phdr *segments = elf64_getphdr(image.elf);
    if (!segments || elf_getphdrnum(image.elf, &count) < 0 || count > NOTE_SEGMENTS_MAX) {
        hvk_error_set(err, HVK_ERR_DRIVER_REFUSED,
                      "is a damaged ELF file: its program headers cannot be used");
        return NULL;
    }
    for (size_t i = 0; i < count; i++) {
        if (!segment_read(&image, &segments[i], &identity, err))
            return NULL;
    }
    if (!identity)
        hvk_error_set(
            err, HVK_ERR_DRIVER_REFUSED,
            "carries no hvkit note: it is no hvkit driver (HVK_DRIVER_IDENTITY writes the "
            "note)");
    return TAKE(identity);
}
