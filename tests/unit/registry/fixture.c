/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "fixture.h"

#include <base/cleanup.h>
#include <base/string.h>
#include <dirent.h>
#include <fcntl.h>
#include <ftw.h>
#include <setjmp.h>
#include <stdarg.h>
#include <sys/stat.h>

#include <cmocka.h>

static int descriptors_before;

static int descriptors_count(void)
{
    int count = 0;
    DIR *directory = opendir("/proc/self/fd");
    while (readdir(directory))
        count++;
    closedir(directory);
    return count;
}

int place_setup(void **state)
{
    struct place *place = calloc(1, sizeof *place);
    const char *temporary = getenv("TMPDIR");
    descriptors_before = descriptors_count();
    snprintf(place->root, sizeof place->root, "%s/hvkit-test-XXXXXX",
             temporary ? temporary : "/tmp");
    assert_non_null(mkdtemp(place->root));
    snprintf(place->drivers, sizeof place->drivers, "%s/drivers", place->root);
    snprintf(place->config, sizeof place->config, "%s/etc", place->root);
    umask(022);
    assert_int_equal(mkdir(place->drivers, 0755), 0);
    assert_int_equal(mkdir(place->config, 0755), 0);
    assert_int_equal(mkdir(place_path(place, "etc/drivers.d"), 0755), 0);
    setenv("HVKIT_DRIVER_PATH", place->drivers, 1);
    setenv("HVKIT_CONFIG_DIR", place->config, 1);
    unsetenv("HVKIT_URI");
    *state = place;
    return 0;
}

static int remove_entry(const char *path, const struct stat *status, int type, struct FTW *ftw)
{
    (void)status;
    (void)type;
    (void)ftw;
    return remove(path);
}

int place_teardown(void **state)
{
    struct place *place = *state;
    static const char *const variables[] = {"HVKIT_DRIVER_PATH",   "HVKIT_CONFIG_DIR",
                                            "HVKIT_URI",           "FIXTURE_CONSTRUCTED",
                                            "FIXTURE_START_FAILS", "FIXTURE_STOPPED"};
    nftw(place->root, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
    free(place);
    for (size_t i = 0; i < ARRAY_SIZE(variables); i++)
        unsetenv(variables[i]);
    return descriptors_count() == descriptors_before ? 0 : -1;
}

const char *place_path(const struct place *place, const char *name)
{
    static char paths[8][256];
    static unsigned turn;
    char *path = paths[turn++ % ARRAY_SIZE(paths)];
    snprintf(path, sizeof paths[0], "%s/%s", place->root, name);
    return path;
}

static void write_file(const char *path, const void *bytes, size_t size, mode_t mode)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, bytes, size), size);
    close(fd);
}

void place_write(const struct place *place, const char *name, const char *text)
{
    write_file(place_path(place, name), text, strlen(text), 0644);
}

unsigned char *fixture_read(const char *fixture, size_t *out_size)
{
    auto_free char *path = string_format(FIXTURES "/%s.so", fixture);
    auto_fd int fd = open(path, O_RDONLY | O_CLOEXEC);
    struct stat status;
    assert_true(fd >= 0);
    assert_int_equal(fstat(fd, &status), 0);
    unsigned char *bytes = malloc((size_t)status.st_size);
    assert_int_equal(read(fd, bytes, (size_t)status.st_size), status.st_size);
    *out_size = (size_t)status.st_size;
    return bytes;
}

void place_install_bytes(const struct place *place, const char *to, const void *bytes, size_t size)
{
    auto_free char *path = string_format("%s/%s.so", place->drivers, to);
    write_file(path, bytes, size, 0644);
}

void place_install(const struct place *place, const char *fixture, const char *to)
{
    size_t size;
    auto_free unsigned char *bytes = fixture_read(fixture, &size);
    place_install_bytes(place, to, bytes, size);
}

struct hvk_driver_identity *fixture_identity(unsigned char *bytes, size_t size)
{
    const struct hvk_note start = {.name_size = sizeof HVK_NOTE_OWNER,
                                   .descriptor_size = sizeof(struct hvk_driver_identity),
                                   .type = HVK_NOTE_TYPE,
                                   .name = HVK_NOTE_OWNER};
    struct hvk_note *note = memmem(bytes, size, &start, offsetof(struct hvk_note, identity));
    assert_non_null(note);
    return &note->identity;
}

bool file_exists(const char *path)
{
    return access(path, F_OK) == 0;
}

void assert_contains(const char *text, const char *part)
{
    if (!strstr(text, part))
        fail_msg("'%s' does not say '%s'", text, part);
}
