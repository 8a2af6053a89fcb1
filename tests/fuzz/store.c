/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Any bytes as a stored file: what is accepted is byte for byte what writing its value gives, all
 * else is set aside unchanged. */
#include <assert.h>
#include <base/cleanup.h>
#include <fcntl.h>
#include <runtime/store.h>
#include <stdio.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static char path[256];
static int directory = -1;
static struct store *store;

static void close_store(void)
{
    store_close(store);
    close(directory);
    rmdir(path);
}

static void open_store(void)
{
    const char *parent = getenv("TMPDIR");
    snprintf(path, sizeof path, "%s/hvkit-fuzz-XXXXXX", parent ? parent : "/tmp");
    if (!mkdtemp(path))
        abort();
    directory = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    store = store_open(directory, NULL);
    if (!store)
        abort();
    atexit(close_store);
}

static void put_file(const uint8_t *data, size_t size)
{
    auto_fd int fd = openat(directory, "key", O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (fd < 0 || write(fd, data, size) != (ssize_t)size)
        abort();
}

/* The file holds these bytes; it is gone afterwards. */
static void take_file(const char *name, const uint8_t *data, size_t size)
{
    auto_fd int fd = openat(directory, name, O_RDONLY | O_CLOEXEC);
    auto_free uint8_t *read_back = malloc(size + 1);
    assert(fd >= 0 && read_back && read(fd, read_back, size + 1) == (ssize_t)size);
    assert(memcmp(data, read_back, size) == 0);
    assert(unlinkat(directory, name, 0) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct hvk_error err;
    size_t length;
    if (!store)
        open_store();
    put_file(data, size);
    auto_free char *value = store_read(store, "key", &length, &err);
    if (value && !store_write(store, "key", value, length, &err))
        abort();
    assert(value || err.code == HVK_ERR_STATE_DAMAGED);
    take_file(value ? "key" : "key.damaged-1", data, size);
    return 0;
}
