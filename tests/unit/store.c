/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "cmocka_all.h"
#include "open_fds.h"

#include <base/cleanup.h>
#include <base/string.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <runtime/store.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

struct place {
    char path[128];
    int fd;
    struct store *store;
};

static void remove_files(int directory)
{
    DIR *stream = fdopendir(openat(directory, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    struct dirent *entry;
    while ((entry = readdir(stream))) {
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0 &&
            unlinkat(directory, entry->d_name, 0) < 0)
            unlinkat(directory, entry->d_name, AT_REMOVEDIR);
    }
    closedir(stream);
}

static int set_up(void **state)
{
    struct place *place = calloc(1, sizeof *place);
    const char *parent = getenv("TMPDIR");
    snprintf(place->path, sizeof place->path, "%s/hvkit-store-XXXXXX", parent ? parent : "/tmp");
    if (!mkdtemp(place->path))
        return -1;
    place->fd = open(place->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    place->store = store_open(place->fd, NULL);
    *state = place;
    return place->store ? 0 : -1;
}

static int tear_down(void **state)
{
    struct place *place = *state;
    store_close(place->store);
    remove_files(place->fd);
    close(place->fd);
    rmdir(place->path);
    free(place);
    return 0;
}

static void put(struct place *place, const char *key, const char *text)
{
    assert_true(store_write(place->store, key, text, strlen(text), NULL));
}

static void assert_holds(struct place *place, const char *key, const char *text)
{
    size_t size;
    auto_free char *data = store_read(place->store, key, &size, NULL);
    assert_non_null(data);
    assert_int_equal(size, strlen(text));
    assert_string_equal(data, text);
}

static bool exists(struct place *place, const char *name)
{
    return faccessat(place->fd, name, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

/* ---- claims ---- */

static void value_comes_back_byte_for_byte(void **state)
{
    struct place *place = *state;
    static const char binary[] = "a\0b\n\xff";
    size_t size;
    assert_true(store_write(place->store, "binary", binary, sizeof binary, NULL));
    auto_free char *data = store_read(place->store, "binary", &size, NULL);
    assert_int_equal(size, sizeof binary);
    assert_memory_equal(data, binary, sizeof binary);
    assert_true(store_write(place->store, "empty", "", 0, NULL));
    assert_holds(place, "empty", "");
    put(place, "binary", "replaced");
    assert_holds(place, "binary", "replaced");
}

static void missing_and_removed_values_are_told(void **state)
{
    struct place *place = *state;
    struct hvk_error err;
    assert_null(store_read(place->store, "none", NULL, &err));
    assert_int_equal(err.native, ENOENT);
    put(place, "some", "x");
    assert_true(store_remove(place->store, "some", &err));
    assert_true(store_remove(place->store, "some", &err));
    assert_null(store_read(place->store, "some", NULL, &err));
}

static void keys_that_could_leave_the_directory_are_refused(void **state)
{
    struct place *place = *state;
    char long_key[STORE_KEY_MAX + 2];
    memset(long_key, 'k', sizeof long_key - 1);
    long_key[sizeof long_key - 1] = '\0';
    const char *const bad[] = {"",    ".",           "..",          ".hidden", "a/b",
                               "a b", "k\xc3\xa4se", "x.damaged-1", "a\n",     long_key};
    for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
        struct hvk_error err;
        assert_false(store_write(place->store, bad[i], "", 0, &err));
        assert_int_equal(err.code, HVK_ERR_INVALID_ARG);
        assert_null(store_read(place->store, bad[i], NULL, &err));
        assert_false(store_remove(place->store, bad[i], &err));
    }
    long_key[STORE_KEY_MAX] = '\0';
    put(place, long_key, "long");
    assert_holds(place, long_key, "long");
}

static void value_that_is_too_big_is_refused(void **state)
{
    struct place *place = *state;
    struct hvk_error err;
    auto_free char *big = calloc(1, STORE_VALUE_MAX + 1);
    assert_false(store_write(place->store, "big", big, STORE_VALUE_MAX + 1, &err));
    assert_int_equal(err.code, HVK_ERR_LIMIT);
    assert_true(store_write(place->store, "big", big, STORE_VALUE_MAX, &err));
    size_t size;
    auto_free char *data = store_read(place->store, "big", &size, &err);
    assert_int_equal(size, STORE_VALUE_MAX);
    assert_memory_equal(data, big, size);
}

static void files_are_private_whatever_the_umask(void **state)
{
    struct place *place = *state;
    static const mode_t masks[] = {0, 0777};
    for (size_t i = 0; i < ARRAY_SIZE(masks); i++) {
        struct stat status;
        mode_t before = umask(masks[i]);
        put(place, "private", "x");
        umask(before);
        assert_int_equal(fstatat(place->fd, "private", &status, 0), 0);
        assert_int_equal(status.st_mode & 07777, 0600);
    }
}

struct gathered {
    int values;
    int damaged;
    char text[512];
    const char *stop_at;
};

static bool gather(void *user, const char *key, const char *data, size_t size)
{
    struct gathered *gathered = user;
    assert_int_equal(strlen(data), size);
    gathered->values++;
    return !string_equal(key, gathered->stop_at);
}

static void gather_damaged(void *user, const char *text)
{
    struct gathered *gathered = user;
    gathered->damaged++;
    snprintf(gathered->text, sizeof gathered->text, "%s", text);
}

static void overwrite(struct place *place, const char *name, off_t at, const char *bytes)
{
    auto_fd int fd = openat(place->fd, name, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    assert_int_equal(pwrite(fd, bytes, strlen(bytes), at), strlen(bytes));
}

static void damaged_file_is_set_aside_and_the_rest_loads(void **state)
{
    struct place *place = *state;
    struct hvk_error err;
    struct gathered gathered = {0};
    put(place, "good", "good value");
    put(place, "flipped", "some value");
    put(place, "shorter", "some value");
    put(place, "renamed", "some value");
    overwrite(place, "flipped", 34, "X");
    overwrite(place, "foreign", 0, "<domain/>");
    assert_int_equal(renameat(place->fd, "renamed", place->fd, "other"), 0);
    auto_fd int shorter = openat(place->fd, "shorter", O_WRONLY | O_CLOEXEC);
    assert_int_equal(ftruncate(shorter, 36), 0);
    assert_int_equal(symlinkat("/etc/passwd", place->fd, "link"), 0);
    assert_int_equal(mkdirat(place->fd, "directory", 0700), 0);

    assert_int_equal(mkfifoat(place->fd, "fifo", 0600), 0);

    assert_true(store_for_each(place->store, gather, gather_damaged, &gathered, &err));
    assert_int_equal(gathered.values, 1);
    assert_int_equal(gathered.damaged, 6);
    assert_true(exists(place, "link.damaged-1") && exists(place, "fifo.damaged-1"));
    assert_true(exists(place, "flipped.damaged-1") && exists(place, "shorter.damaged-1"));
    assert_true(exists(place, "foreign.damaged-1") && exists(place, "other.damaged-1"));
    assert_null(store_read(place->store, "flipped", NULL, &err));
    assert_int_equal(err.native, ENOENT);

    put(place, "flipped", "again");
    overwrite(place, "flipped", 34, "X");
    assert_null(store_read(place->store, "flipped", NULL, &err));
    assert_int_equal(err.code, HVK_ERR_STATE_DAMAGED);
    assert_non_null(strstr(err.text, "flipped.damaged-2"));
    assert_non_null(strstr(err.text, "checksum"));
}

static void visitor_can_stop_and_write(void **state)
{
    struct place *place = *state;
    struct gathered gathered = {.stop_at = "one"};
    put(place, "one", "1");
    assert_false(store_for_each(place->store, gather, NULL, &gathered, NULL));
    gathered.stop_at = NULL;
    assert_true(store_for_each(place->store, gather, NULL, &gathered, NULL));
    assert_int_equal(gathered.values, 2);
}

static void opening_removes_unfinished_files(void **state)
{
    struct place *place = *state;
    int before = count_open_fds();
    overwrite(place, ".new-half", 0, "hvkit-st");
    overwrite(place, ".other", 0, "not ours");
    struct store *again = store_open(place->fd, NULL);
    assert_non_null(again);
    assert_false(exists(place, ".new-half"));
    assert_true(exists(place, ".other"));
    store_close(again);
    auto_fd int file = openat(place->fd, ".other", O_RDONLY | O_CLOEXEC);
    struct hvk_error err;
    assert_null(store_open(file, &err));
    assert_int_equal(err.native, ENOTDIR);
    close(TAKE_FD(file));
    assert_int_equal(count_open_fds(), before);
}

static void what_stands_in_an_unfinished_files_place_does_no_harm(void **state)
{
    struct place *place = *state;
    struct hvk_error err;
    overwrite(place, "another", 0, "precious");
    assert_int_equal(mkdirat(place->fd, ".new-directory", 0700), 0);
    struct store *again = store_open(place->fd, &err);
    assert_non_null(again);
    assert_int_equal(mkfifoat(place->fd, ".new-fifo", 0600), 0);
    assert_int_equal(linkat(place->fd, "another", place->fd, ".new-link", 0), 0);
    alarm(10); /* opening a FIFO would wait for its reader */
    assert_true(store_write(again, "fifo", "1", 1, &err));
    assert_true(store_write(again, "link", "1", 1, &err));
    alarm(0);
    assert_false(store_write(again, "directory", "1", 1, &err));
    struct stat status;
    assert_int_equal(fstatat(place->fd, "another", &status, 0), 0);
    assert_int_equal(status.st_size, strlen("precious"));
    store_close(again);
}

static bool write_proc(const char *path, const char *format, unsigned id)
{
    char text[64];
    int length = snprintf(text, sizeof text, format, id, id);
    auto_fd int fd = open(path, O_WRONLY | O_CLOEXEC);
    return fd >= 0 && write(fd, text, (size_t)length) == length;
}

/* Mounts of one's own; who is not root gets them in a user namespace, where user and group keep
 * their numbers: one without numbers could not make files. */
static bool leave_mounts(void)
{
    uid_t user = geteuid();
    gid_t group = getegid();
    if (user == 0)
        return unshare(CLONE_NEWNS) == 0;
    return unshare(CLONE_NEWNS | CLONE_NEWUSER) == 0 &&
           write_proc("/proc/self/uid_map", "%u %u 1", user) &&
           write_proc("/proc/self/setgroups", "deny", 0) &&
           write_proc("/proc/self/gid_map", "%u %u 1", group);
}

/* Runs check in a process whose mounts are its own, in a tmpfs of that many bytes: 0 passed, 77
 * cannot be done here. */
static int in_small_disk(const char *path, int (*check)(const char *path))
{
    pid_t pid = fork();
    if (pid == 0) {
        if (!leave_mounts() || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ||
            mount("none", path, "tmpfs", 0, "size=256k") < 0)
            _exit(77);
        _exit(check(path));
    }
    int status;
    waitpid(pid, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

/* Fills the disk with a value; the one that was there before must be untouched, and the next
 * small one must fit again. The failing step's number. */
static int fill_disk(const char *path)
{
    struct hvk_error err;
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    struct store *store = store_open(fd, NULL);
    auto_free char *big = calloc(1, 512 * 1024);
    size_t size;
    if (!store || !big || !store_write(store, "key", "old", 3, &err))
        return 1;
    if (store_write(store, "key", big, 512 * 1024, &err) || err.native != ENOSPC)
        return 2;
    if (faccessat(fd, ".new-key", F_OK, 0) == 0)
        return 3;
    char *data = store_read(store, "key", &size, &err);
    if (!string_equal(data, "old"))
        return 4;
    if (!store_write(store, "key", "new", 3, &err))
        return 5;
    free(data);
    store_close(store);
    return 0;
}

static void full_disk_leaves_the_old_value(void **state)
{
    struct place *place = *state;
    int result = in_small_disk(place->path, fill_disk);
    if (result == 77) {
        print_message("skipped, because this user cannot mount a small disk\n");
        skip();
    }
    assert_int_equal(result, 0);
}

/* ---- kill -9 ---- */

#define KILLS 200
#define KILL_KEYS 4

struct promise {
    uint32_t key;
    uint32_t number;
};

/* Writes ever growing numbers and tells each when it is durable, until it is killed. */
static void write_until_killed(int directory, int promises, uint32_t number)
{
    struct store *store = store_open(directory, NULL);
    for (;; number++) {
        char key[16], text[4096] = {0};
        struct promise promise = {number % KILL_KEYS, number};
        snprintf(key, sizeof key, "key-%u", promise.key);
        snprintf(text, sizeof text, "%u", number);
        if (!store || !store_write(store, key, text, 1000 + number % 3000, NULL) ||
            write(promises, &promise, sizeof promise) != sizeof promise)
            _exit(1);
    }
}

static void pause_randomly(unsigned *seed)
{
    struct timespec pause = {.tv_nsec = rand_r(seed) % 4000000};
    nanosleep(&pause, NULL);
}

/* Reads what was promised and returns the highest number of all. */
static uint32_t take_promises(int fd, uint32_t kept[KILL_KEYS])
{
    struct promise promise;
    uint32_t last = 0;
    while (read(fd, &promise, sizeof promise) == sizeof promise)
        kept[promise.key] = last = promise.number;
    return last;
}

static void assert_kept(struct place *place, const uint32_t kept[KILL_KEYS], uint32_t *last)
{
    struct store *store = store_open(place->fd, NULL);
    assert_non_null(store);
    for (unsigned i = 0; i < KILL_KEYS; i++) {
        char key[16];
        snprintf(key, sizeof key, "key-%u", i);
        struct hvk_error err;
        auto_free char *text = store_read(store, key, NULL, &err);
        if (!text && err.native == ENOENT && kept[i] == 0)
            continue;
        assert_non_null(text);
        uint32_t number = (uint32_t)atoi(text);
        assert_true(number >= kept[i]);
        if (number > *last)
            *last = number;
    }
    store_close(store);
}

static void acknowledged_writes_survive_kill_at_random_instants(void **state)
{
    struct place *place = *state;
    uint32_t kept[KILL_KEYS] = {0}, last = 0;
    unsigned seed = 20;
    for (int i = 0; i < KILLS; i++) {
        int ends[2];
        assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
        pid_t pid = fork();
        if (pid == 0)
            write_until_killed(place->fd, ends[1], last + 1);
        close(ends[1]);
        pause_randomly(&seed);
        kill(pid, SIGKILL);
        int status;
        assert_int_equal(waitpid(pid, &status, 0), pid);
        assert_true(WIFSIGNALED(status));
        uint32_t promised = take_promises(ends[0], kept);
        last = promised > last ? promised : last;
        close(ends[0]);
        assert_kept(place, kept, &last);
    }
    assert_true(last > KILLS / 4);
}

/* ---- threads ---- */

struct writer {
    pthread_t thread;
    struct place *place;
    int number;
    bool failed;
};

static void *write_own_key(void *user)
{
    struct writer *writer = user;
    char key[16];
    snprintf(key, sizeof key, "writer-%d", writer->number);
    for (int i = 0; i < 20; i++) {
        char text[16];
        int length = snprintf(text, sizeof text, "%d", i);
        if (!store_write(writer->place->store, key, text, (size_t)length, NULL))
            writer->failed = true;
        auto_free char *back = store_read(writer->place->store, key, NULL, NULL);
        if (!string_equal(back, text))
            writer->failed = true;
    }
    return NULL;
}

static void different_keys_are_written_in_parallel(void **state)
{
    struct writer writers[8] = {0};
    for (int i = 0; i < 8; i++) {
        writers[i].place = *state;
        writers[i].number = i;
        assert_int_equal(pthread_create(&writers[i].thread, NULL, write_own_key, &writers[i]), 0);
    }
    for (int i = 0; i < 8; i++) {
        pthread_join(writers[i].thread, NULL);
        assert_false(writers[i].failed);
    }
}

#define STORE_TEST(claim) cmocka_unit_test_setup_teardown(claim, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        STORE_TEST(value_comes_back_byte_for_byte),
        STORE_TEST(missing_and_removed_values_are_told),
        STORE_TEST(keys_that_could_leave_the_directory_are_refused),
        STORE_TEST(value_that_is_too_big_is_refused),
        STORE_TEST(files_are_private_whatever_the_umask),
        STORE_TEST(damaged_file_is_set_aside_and_the_rest_loads),
        STORE_TEST(visitor_can_stop_and_write),
        STORE_TEST(opening_removes_unfinished_files),
        STORE_TEST(what_stands_in_an_unfinished_files_place_does_no_harm),
        STORE_TEST(full_disk_leaves_the_old_value),
        STORE_TEST(acknowledged_writes_survive_kill_at_random_instants),
        STORE_TEST(different_keys_are_written_in_parallel),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
