/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Which emulators this machine has. */
#include <errno.h>
#include <string.h>
#include <sys/utsname.h>

#include <base/string.h>

#include "node.h"

static const char *const folders[] = {"/usr/bin", "/usr/local/bin", "/usr/libexec"};

/* What QEMU's programs are called after, where it is not what the domain's XML says. */
static const struct {
    const char *arch;
    const char *suffix;
} names[] = {
    {"i686", "i386"},       {"x86_64", "x86_64"},
    {"aarch64", "aarch64"}, {"armv7l", "arm"},
    {"armv6l", "arm"},      {"ppc64", "ppc64"},
    {"ppc64le", "ppc64"},   {"s390x", "s390x"},
    {"riscv64", "riscv64"}, {"riscv32", "riscv32"},
    {"mips", "mips"},       {"mipsel", "mipsel"},
    {"sparc", "sparc"},     {"loongarch64", "loongarch64"},
};

static char *find_program(const char *name)
{
    for (size_t i = 0; i < ARRAY_SIZE(folders); i++) {
        char *path = string_format("%s/%s", folders[i], name);
        if (path && access(path, X_OK) == 0)
            return path;
        free(path);
    }
    return NULL;
}

static char *find_by_suffix(const char *suffix)
{
    auto_free char *name = string_format("qemu-system-%s", suffix);
    return name ? find_program(name) : NULL;
}

static bool is_this_machine(const char *arch)
{
    struct utsname system;
    uname(&system);
    return strcmp(system.machine, arch) == 0;
}

char *node_find_emulator(const char *arch, struct hvk_error *err)
{
    const char *suffix = arch;
    for (size_t i = 0; i < ARRAY_SIZE(names); i++)
        if (strcmp(names[i].arch, arch) == 0)
            suffix = names[i].suffix;
    char *path = find_by_suffix(suffix);
    if (!path && is_this_machine(arch))
        path = find_program("qemu-kvm");
    if (!path)
        hvk_error_set(err, HVK_ERR_CONFIG_UNSUPPORTED,
                      "there is no emulator for the architecture '%s': install the one that has "
                      "the program qemu-system-%s, or name it in <emulator>",
                      arch, suffix);
    return path;
}

bool node_each_emulator(bool (*visit)(void *user, const char *path), void *user)
{
    for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
        auto_free char *path = find_by_suffix(names[i].suffix);
        bool repeated = i > 0 && strcmp(names[i].suffix, names[i - 1].suffix) == 0;
        if (path && !repeated && !visit(user, path))
            return false;
    }
    return true;
}
