/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the tests of the test driver share. They use nothing but the public functions; the driver is
 * found as an installation finds it, beside libhvkit. */
#ifndef HVKIT_TESTS_TEST_DRIVER_H
#define HVKIT_TESTS_TEST_DRIVER_H

#include "../unit/cmocka_all.h"

#include <hvkit/hvkit.h>
#include <pthread.h>

/* Asserts that an operation succeeds: DONE(hvk_domain_create, connection, &domain, NULL, 0, 0,
 * NULL) */
#define DONE(function, ...)                                                                        \
    do {                                                                                           \
        struct hvk_call done_call = HVK_CALL_INIT;                                                 \
        if (!function(&done_call, __VA_ARGS__))                                                    \
            fail_msg("%s() failed: %s", #function, done_call.error.text);                          \
    } while (0)

/* Asserts that it fails with this code, and words in its message. */
#define REFUSED(number, words, function, ...)                                                      \
    do {                                                                                           \
        struct hvk_call refused_call = HVK_CALL_INIT;                                              \
        if (function(&refused_call, __VA_ARGS__))                                                  \
            fail_msg("%s() succeeded", #function);                                                 \
        expect_error(&refused_call.error, number, words);                                          \
    } while (0)

void expect_error(const struct hvk_error *error, int32_t number, const char *words);

struct hvk_connection *open_node(const char *uri);
/* A node that no other test has: work that was left behind may keep one open for a moment. injected
 * is what inject= asks for, "" for nothing. */
struct hvk_connection *open_fresh(const char *injected);
/* Opening fails with this code and words. */
void refuse_node(const char *uri, int32_t number, const char *words);

/* Defines a domain of one disk, one interface with target `vnet0` and a balloon, from text that
 * stands behind its name ("" for none). */
void define(struct hvk_connection *connection, const char *name, const char *more);
char *domain_xml(const char *name, const char *more); /* the caller's to free() */
/* A value that names a domain. */
struct hvk_domain named(const char *name);

void expect_state(struct hvk_connection *connection, const char *name, int32_t state,
                  int32_t reason);
struct hvk_domain_status status_of(struct hvk_connection *connection, const char *name);
/* The domain's XML holds the text (does not). */
void expect_xml(struct hvk_connection *connection, const char *name, uint32_t flags,
                const char *holds, bool does);

/* ---- events --------------------------------------------------------------------------------- */

#define JOURNAL_MAX 256

struct note {
    uint32_t event;
    int32_t kind, detail; /* of a lifecycle event */
    int32_t state;        /* that the domain had when the callback ran; -1: it was gone */
    char name[64];
    char text[64]; /* a device's alias, a metadata's URI */
};

struct journal {
    pthread_mutex_t mutex;
    pthread_cond_t grew;
    struct note notes[JOURNAL_MAX];
    unsigned count;
    struct hvk_watch *watches[8];
};

/* Notes every event of this driver's domains. */
struct journal *journal_start(struct hvk_connection *connection);
/* The note with this number, once it is there. */
const struct note *journal_at(struct journal *journal, unsigned index);
void journal_stop(struct journal *journal);
/* Expects a lifecycle event. */
void expect_event(struct journal *journal, unsigned index, int32_t kind, int32_t detail);

/* ---- files ---------------------------------------------------------------------------------- */

/* A directory of the test's own, and names in it; setup and teardown of cmocka. */
int scratch_setup(void **state);
int scratch_teardown(void **state);
const char *scratch_path(const char *name); /* one of the last four that were asked for */
void scratch_write(const char *name, const char *text);

#endif
