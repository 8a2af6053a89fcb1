/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a durable write costs with 100, 1,000 and 10,000 values in the store, beside two bare
 * fdatasync() of one block on the same disk; and loading them all. bench-store [DIRECTORY]: a
 * temporary directory is made there, by default in the current one. */
#include <base/cleanup.h>
#include <fcntl.h>
#include <runtime/clock.h>
#include <runtime/store.h>
#include <stdio.h>
#include <string.h>

#define ROUNDS 200
#define VALUE_SIZE 3000

static const unsigned sizes[] = {100, 1000, 10000};
static char value[VALUE_SIZE];

static double milliseconds(int64_t since_ns)
{
    return (double)(clock_now_ns() - since_ns) / 1e6;
}

static void write_value(struct store *store, unsigned number)
{
    char key[32];
    snprintf(key, sizeof key, "domain-%08u", number);
    if (!store_write(store, key, value, sizeof value, NULL))
        abort();
}

static bool count_value(void *user, const char *key, const char *data, size_t size)
{
    (void)key;
    (void)data;
    *(unsigned *)user += size == VALUE_SIZE;
    return true;
}

static void measure_bare(int directory)
{
    auto_fd int fd = openat(directory, ".bare", O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    int64_t start_ns = clock_now_ns();
    for (int i = 0; i < 2 * ROUNDS; i++) {
        if (pwrite(fd, value, sizeof value, 0) != sizeof value || fdatasync(fd) < 0)
            abort();
    }
    printf("two bare fdatasync     %8.3f ms\n", milliseconds(start_ns) / ROUNDS);
    unlinkat(directory, ".bare", 0);
}

static unsigned fill(struct store *store, unsigned from, unsigned to)
{
    for (; from < to; from++)
        write_value(store, from);
    return from;
}

static void measure_store(struct store *store, unsigned count)
{
    int64_t start_ns = clock_now_ns();
    for (unsigned i = 0; i < ROUNDS; i++)
        write_value(store, i * 7919 % count);
    printf("write among %6u     %8.3f ms\n", count, milliseconds(start_ns) / ROUNDS);
    unsigned seen = 0;
    start_ns = clock_now_ns();
    if (!store_for_each(store, count_value, NULL, &seen, NULL) || seen != count)
        abort();
    printf("load all of %6u     %8.3f ms\n", count, milliseconds(start_ns));
}

int main(int argc, char **argv)
{
    char path[4096];
    snprintf(path, sizeof path, "%s/bench-store-XXXXXX", argc > 1 ? argv[1] : ".");
    auto_fd int directory = mkdtemp(path) ? open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
    struct store *store = directory >= 0 ? store_open(directory, NULL) : NULL;
    unsigned count = 0;
    if (!store)
        return 1;
    memset(value, 'x', sizeof value);
    measure_bare(directory);
    for (size_t i = 0; i < ARRAY_SIZE(sizes); i++) {
        count = fill(store, count, sizes[i]);
        measure_store(store, count);
    }
    store_close(store);
    for (unsigned i = 0; i < count; i++) {
        char key[32];
        snprintf(key, sizeof key, "domain-%08u", i);
        unlinkat(directory, key, 0);
    }
    return rmdir(path) == 0 ? 0 : 1;
}
