/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A directory of its own for each test, with a configuration and drivers in it. */
#ifndef HVKIT_TEST_FIXTURE_H
#define HVKIT_TEST_FIXTURE_H

#include <base/error.h>
#include <hvkit/driver.h>
#include <stddef.h>

struct place {
    char root[128];
    char drivers[160]; /* what HVKIT_DRIVER_PATH names */
    char config[160];  /* what HVKIT_CONFIG_DIR names; with drivers.d in it */
};

/* For cmocka: *state is a struct place. The environment is set for it; place_teardown() removes
 * everything, unsets the variables and fails when a descriptor was left open. */
int place_setup(void **state);
int place_teardown(void **state);

/* Path of a file in the place; static buffer of a few, used in turns. */
const char *place_path(const struct place *place, const char *name);

void place_write(const struct place *place, const char *name, const char *text);

/* Copies a built driver to drivers/TO.so. */
void place_install(const struct place *place, const char *fixture, const char *to);

/* The bytes of a built driver; free() them. */
unsigned char *fixture_read(const char *fixture, size_t *out_size);
void place_install_bytes(const struct place *place, const char *to, const void *bytes, size_t size);

/* The note's identity inside the bytes. */
struct hvk_driver_identity *fixture_identity(unsigned char *bytes, size_t size);

bool file_exists(const char *path);

/* Fails the test unless text holds part. */
void assert_contains(const char *text, const char *part);

/* For tests that need root, or a machine that is not everywhere. */
#define skip_because(reason)                                                                       \
    do {                                                                                           \
        print_message("skipped, because %s\n", reason);                                            \
        skip();                                                                                    \
    } while (0)

#endif
