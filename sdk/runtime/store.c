/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A file is one line of text, which an administrator can read, then the value:
 *     hvkit-store VERSION CRC SIZE
 * VERSION is decimal, CRC (zlib's CRC-32 of the key, a NUL and the value: a file under another
 * name is damaged too) and SIZE are hexadecimal with leading zeros, so that the line has one
 * length. Unfinished files are called .new-KEY; keys never start with a dot. */
#include "runtime/store.h"

#include <base/string.h>
#include <base/vector.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <zlib.h>

#define HEADER_MAGIC "hvkit-store 1 "
#define HEADER_SIZE (sizeof HEADER_MAGIC - 1 + 8 + 1 + 8 + 1)
#define NEW_PREFIX ".new-"
#define DAMAGED_INFIX ".damaged-"
#define DAMAGED_MAX 10000 /* files set aside for one key */
#define KEY_CHARACTERS "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-"

struct store {
    int directory;
};

DEFINE_AUTO_PTR(struct store, store_close)

/* ---- names ---------------------------------------------------------------------------------- */

static bool key_is_valid(const char *key)
{
    size_t length = strnlen(key, STORE_KEY_MAX + 1);
    return length > 0 && length <= STORE_KEY_MAX && key[0] != '.' &&
           strspn(key, KEY_CHARACTERS) == length && !strstr(key, DAMAGED_INFIX);
}

static bool key_check(const char *key, struct hvk_error *err)
{
    if (key_is_valid(key))
        return true;
    return hvk_error_set(err, HVK_ERR_INVALID_ARG,
                         "'%.*s' cannot be a key of a store: 1 to %d letters, digits, dots, dashes "
                         "and underscores are, unless they start with a dot or contain '%s'",
                         STORE_KEY_MAX, key, STORE_KEY_MAX, DAMAGED_INFIX);
}

/* ---- opening -------------------------------------------------------------------------------- */

static bool list_failed(int number, struct hvk_error *err)
{
    return hvk_error_errno(err, number, "list the files of a store");
}

static DIR *store_opendir(struct store *store, struct hvk_error *err)
{
    /* An offset of its own: fdopendir() on a duplicate would share one with other readers. */
    auto_fd int fd = openat(store->directory, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *stream = fd >= 0 ? fdopendir(fd) : NULL;
    if (stream)
        (void)TAKE_FD(fd);
    else
        list_failed(errno, err);
    return stream;
}

/* EISDIR: what is a directory is none of this store's. */
static bool unfinished_remove(struct store *store, const char *name, struct hvk_error *err)
{
    if (unlinkat(store->directory, name, 0) == 0 || errno == ENOENT || errno == EISDIR)
        return true;
    return hvk_error_errno(err, errno, "remove the unfinished file '%s' of a store", name);
}

static bool store_clean(struct store *store, struct hvk_error *err)
{
    auto_dir DIR *stream = store_opendir(store, err);
    struct dirent *entry;
    if (!stream)
        return false;
    while (errno = 0, (entry = readdir(stream))) {
        if (string_starts_with(entry->d_name, NEW_PREFIX) &&
            !unfinished_remove(store, entry->d_name, err))
            return false;
    }
    return errno == 0 || list_failed(errno, err);
}

struct store *store_open(int directory_fd, struct hvk_error *err)
{
    AUTO(store_close_auto) struct store *store = malloc(sizeof *store);
    if (!store) {
        hvk_error_memory(err);
        return NULL;
    }
    store->directory = fcntl(directory_fd, F_DUPFD_CLOEXEC, 3);
    if (store->directory < 0) {
        hvk_error_errno(err, errno, "open a store");
        return NULL;
    }
    if (!store_clean(store, err))
        return NULL;
    return TAKE(store);
}

void store_close(struct store *store)
{
    if (!store)
        return;
    cleanup_fd(&store->directory);
    free(store);
}

/* ---- writing -------------------------------------------------------------------------------- */

static uint32_t checksum(const char *key, const void *data, size_t size)
{
    uLong crc = crc32_z(0, (const Bytef *)key, strlen(key) + 1);
    return (uint32_t)crc32_z(crc, data, size);
}

static int write_all(int fd, const void *data, size_t size)
{
    const char *at = data;
    while (size > 0) {
        ssize_t written = write(fd, at, size);
        if (written < 0 && errno == EINTR)
            continue;
        if (written <= 0)
            return written < 0 ? errno : ENOSPC;
        at += written;
        size -= (size_t)written;
    }
    return 0;
}

/* An errno. The data is on the disk before the name is: a name never stands for half a file. */
static int write_new(int fd, const char *key, const void *data, size_t size)
{
    char header[HEADER_SIZE + 1];
    snprintf(header, sizeof header, HEADER_MAGIC "%08x %08x\n", checksum(key, data, size),
             (unsigned)size);
    if (fchmod(fd, S_IRUSR | S_IWUSR) < 0)
        return errno;
    int failure = write_all(fd, header, HEADER_SIZE);
    if (failure == 0)
        failure = write_all(fd, data, size);
    if (failure == 0 && fdatasync(fd) < 0)
        failure = errno;
    return failure;
}

/* Anew, whatever stands there: one that was left, or another's link or FIFO. */
static int open_new(struct store *store, const char *name)
{
    const int flags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC;
    int fd = openat(store->directory, name, flags, S_IRUSR | S_IWUSR);
    if (fd < 0 && errno == EEXIST && unlinkat(store->directory, name, 0) == 0)
        fd = openat(store->directory, name, flags, S_IRUSR | S_IWUSR);
    return fd;
}

bool store_write(struct store *store, const char *key, const void *data, size_t size,
                 struct hvk_error *err)
{
    char name[sizeof NEW_PREFIX + STORE_KEY_MAX];
    if (!key_check(key, err))
        return false;
    if (size > STORE_VALUE_MAX)
        return hvk_error_set(err, HVK_ERR_LIMIT,
                             "cannot store '%s': it is %zu bytes long, at most %u are stored", key,
                             size, STORE_VALUE_MAX);
    snprintf(name, sizeof name, NEW_PREFIX "%s", key);
    auto_fd int fd = open_new(store, name);
    int failure = fd < 0 ? errno : write_new(fd, key, data, size);
    if (failure == 0 && renameat(store->directory, name, store->directory, key) < 0)
        failure = errno;
    if (failure != 0) {
        unlinkat(store->directory, name, 0);
        return hvk_error_errno(err, failure, "store '%s'", key);
    }
    return fsync(store->directory) == 0 ||
           hvk_error_errno(err, errno, "make the new '%s' durable in its directory", key);
}

bool store_remove(struct store *store, const char *key, struct hvk_error *err)
{
    if (!key_check(key, err))
        return false;
    if (unlinkat(store->directory, key, 0) < 0 && errno != ENOENT)
        return hvk_error_errno(err, errno, "remove '%s' from its store", key);
    return fsync(store->directory) == 0 ||
           hvk_error_errno(err, errno, "make the removal of '%s' durable", key);
}

/* ---- reading -------------------------------------------------------------------------------- */

/* Renames what cannot be used, so that it is neither met again nor lost; STATE_DAMAGED. */
static bool set_aside(struct store *store, const char *key, const char *why, struct hvk_error *err)
{
    char name[STORE_KEY_MAX + sizeof DAMAGED_INFIX + 8];
    for (int number = 1; number < DAMAGED_MAX; number++) {
        snprintf(name, sizeof name, "%s" DAMAGED_INFIX "%d", key, number);
        if (renameat2(store->directory, key, store->directory, name, RENAME_NOREPLACE) == 0) {
            fsync(store->directory);
            return hvk_error_set(err, HVK_ERR_STATE_DAMAGED,
                                 "the stored '%s' is damaged (%s) and was set aside as '%s'", key,
                                 why, name);
        }
        if (errno != EEXIST)
            break;
    }
    int failure = errno;
    hvk_error_set(err, HVK_ERR_STATE_DAMAGED,
                  "the stored '%s' is damaged (%s) and could not be set aside", key, why);
    if (err)
        err->native = failure;
    return false;
}

/* Up to size bytes; fewer at the end of the file; -1 with errno. */
static ssize_t read_all(int fd, char *data, size_t size)
{
    size_t length = 0;
    while (length < size) {
        ssize_t got = read(fd, data + length, size - length);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return -1;
        if (got == 0)
            break;
        length += (size_t)got;
    }
    return (ssize_t)length;
}

/* Moves the value to the front of the text and returns its size; -1 with why it is none. */
static ssize_t unpack(const char *key, char *text, size_t length, const char **out_why)
{
    char canonical[HEADER_SIZE + 1];
    unsigned crc, size;
    text[length] = '\0';
    *out_why = "it is no file of this store, or of a newer version";
    if (length < HEADER_SIZE || sscanf(text, HEADER_MAGIC "%8x %8x\n", &crc, &size) != 2)
        return -1;
    snprintf(canonical, sizeof canonical, HEADER_MAGIC "%08x %08x\n", crc, size);
    if (memcmp(text, canonical, HEADER_SIZE) != 0)
        return -1;
    *out_why = "its length is wrong";
    if (size != length - HEADER_SIZE)
        return -1;
    *out_why = "its checksum is wrong";
    if (crc != checksum(key, text + HEADER_SIZE, size))
        return -1;
    memmove(text, text + HEADER_SIZE, size + 1);
    return size;
}

/* The whole file with room for a NUL; NULL with out_why where the file is to blame, else with the
 * error. */
static char *read_file(struct store *store, const char *key, size_t *out_length,
                       const char **out_why, struct hvk_error *err)
{
    struct stat status;
    *out_why = NULL;
    auto_fd int fd = openat(store->directory, key, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    if (fd < 0 && (errno == ELOOP || errno == ENXIO)) {
        *out_why = "it is no regular file";
        return NULL;
    }
    if (fd < 0 || fstat(fd, &status) < 0) {
        hvk_error_errno(err, errno, "read the stored '%s'", key);
        return NULL;
    }
    if (!S_ISREG(status.st_mode) || status.st_size > (off_t)(STORE_VALUE_MAX + HEADER_SIZE)) {
        *out_why = S_ISREG(status.st_mode) ? "it is too big" : "it is no regular file";
        return NULL;
    }
    auto_free char *text = malloc((size_t)status.st_size + 1);
    if (!text) {
        hvk_error_memory(err);
        return NULL;
    }
    ssize_t length = read_all(fd, text, (size_t)status.st_size);
    if (length < 0) {
        *out_why = "the disk cannot read it";
        return NULL;
    }
    *out_length = (size_t)length;
    return TAKE(text);
}

char *store_read(struct store *store, const char *key, size_t *out_size, struct hvk_error *err)
{
    const char *why;
    size_t length = 0;
    if (!key_check(key, err))
        return NULL;
    auto_free char *text = read_file(store, key, &length, &why, err);
    ssize_t size = text ? unpack(key, text, length, &why) : -1;
    if (size < 0) {
        if (why)
            set_aside(store, key, why, err);
        return NULL;
    }
    if (out_size)
        *out_size = (size_t)size;
    return TAKE(text);
}

/* ---- everything ----------------------------------------------------------------------------- */

static void names_fini(struct vector *names)
{
    VECTOR_FOR_EACH (names, char *, name)
        free(*name);
    vector_fini(names);
}

/* The keys there are, before files are set aside or the visitor writes. */
static bool store_list(struct store *store, struct vector *names, struct hvk_error *err)
{
    auto_dir DIR *stream = store_opendir(store, err);
    struct dirent *entry;
    if (!stream)
        return false;
    while (errno = 0, (entry = readdir(stream))) {
        if (!key_is_valid(entry->d_name) || entry->d_type == DT_DIR)
            continue;
        char *name = strdup(entry->d_name);
        if (!name || !vector_push(names, &name)) {
            free(name);
            return hvk_error_memory(err);
        }
    }
    return errno == 0 || list_failed(errno, err);
}

/* Is it this process that is in trouble, rather than one file? */
static bool is_shortage(const struct hvk_error *failure)
{
    return failure->native == ENFILE || failure->native == EMFILE ||
           failure->code == HVK_ERR_NO_MEMORY;
}

bool store_for_each(struct store *store, store_visit visit,
                    void (*damaged)(void *, const char *text), void *user, struct hvk_error *err)
{
    AUTO(names_fini) struct vector names = VECTOR_INIT(char *);
    if (!store_list(store, &names, err))
        return false;
    VECTOR_FOR_EACH (&names, char *, name) {
        struct hvk_error failure;
        size_t size;
        auto_free char *data = store_read(store, *name, &size, &failure);
        if (data) {
            if (!visit(user, *name, data, size))
                return false;
        } else if (is_shortage(&failure)) {
            hvk_error_copy(err, &failure);
            return false;
        } else if (failure.native != ENOENT && damaged) {
            damaged(user, failure.text);
        }
    }
    return true;
}
