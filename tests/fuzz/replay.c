/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Stands in for libFuzzer where the compiler has none: runs a fuzz target on every file of the
 * directories and files named, whole, cut, and with bytes changed. Always the same changes, so that
 * a failure can be had again. */
#include <base/cleanup.h>
#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>

#define REPLAY_SIZE_MAX (1 << 20)
#define REPLAY_CHANGES 400 /* of each input */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static uint64_t state = 88172645463325252u;

/* xorshift64 (Marsaglia, 2003) */
static size_t random_below(size_t bound)
{
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return (size_t)(state % bound);
}

static void change(uint8_t *bytes, size_t size)
{
    static const uint8_t special[] = {0x00, 0x01, 0x7f, 0x80, 0xff, '%', '\n', '/'};
    for (size_t count = 1 + random_below(4); count > 0; count--) {
        size_t at = random_below(2) ? random_below(size) : random_below(size < 1024 ? size : 1024);
        bytes[at] =
            random_below(2) ? special[random_below(sizeof special)] : (uint8_t)random_below(256);
    }
}

/* A copy of exactly the size, so that a sanitizer sees a read behind it. */
static void run(const uint8_t *bytes, size_t size, bool changed)
{
    auto_free uint8_t *copy = malloc(size > 0 ? size : 1);
    if (!copy)
        exit(1);
    memcpy(copy, bytes, size);
    if (changed && size > 0)
        change(copy, size);
    LLVMFuzzerTestOneInput(copy, size);
}

static void replay_file(const char *path)
{
    auto_fd int fd = open(path, O_RDONLY | O_CLOEXEC);
    auto_free uint8_t *bytes = malloc(REPLAY_SIZE_MAX);
    ssize_t length = fd >= 0 && bytes ? read(fd, bytes, REPLAY_SIZE_MAX) : -1;
    if (length < 0) {
        perror(path);
        exit(1);
    }
    size_t size = (size_t)length;
    run(bytes, size, false);
    for (unsigned i = 0; i < REPLAY_CHANGES; i++)
        run(bytes, random_below(4) ? size : random_below(size + 1), true);
}

static void replay(const char *path)
{
    auto_dir DIR *directory = opendir(path);
    if (!directory) {
        replay_file(path);
        return;
    }
    struct dirent *entry;
    while ((entry = readdir(directory))) {
        char name[PATH_MAX];
        if (entry->d_name[0] == '.')
            continue;
        snprintf(name, sizeof name, "%s/%s", path, entry->d_name);
        replay_file(name);
    }
}

int main(int argc, char **argv)
{
    for (int i = 1; i < argc; i++)
        replay(argv[i]);
    return 0;
}
