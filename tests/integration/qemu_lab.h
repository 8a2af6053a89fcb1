/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A root of its own for each test, and what tests of real guests do over and over: wait for an
 * event, read a console. Nothing here sleeps: every wait ends with what it waits for, or fails the
 * test at its deadline. */
#ifndef HVKIT_TESTS_QEMU_LAB_H
#define HVKIT_TESTS_QEMU_LAB_H

#include <hvkit/hvkit.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define LAB_WAIT_MS 30000
#define LAB_EVENTS_MAX 4096

struct lab_event {
    uint32_t number; /* HVK_EVENT_DOMAIN_* */
    char name[64];   /* of the domain */
    int32_t event;   /* of a lifecycle event */
    int32_t detail;
};

struct lab {
    char root[128];
    char uri[192];
    const char *accel; /* "kvm" or "qemu": what boots the test guest on this machine */
    struct hvk_connection *connection;
    struct hvk_call call; /* for the test's own calls */
    struct hvk_watch *watches[32];
    size_t watch_count;
    pthread_mutex_t mutex; /* what follows */
    pthread_cond_t changed;
    struct lab_event events[LAB_EVENTS_MAX];
    size_t event_count;
    size_t event_seen; /* behind the last one that was waited for */
};

/* cmocka's setup and teardown; *state is the lab. The teardown fails when a process of the root is
 * left. */
int lab_setup(void **state);
int lab_teardown(void **state);

/* Lets go of the root and opens it again, as another process would. */
void lab_reopen(struct lab *lab);
void lab_open(struct lab *lab);
void lab_close(struct lab *lab);

/* A domain's XML: malloc'ed. devices and more (elements below <domain>) may be NULL. */
char *lab_xml(const struct lab *lab, const char *name, const char *devices, const char *more);

/* Defines it; the value is the caller's to hvk_free(). */
struct hvk_domain *lab_define(struct lab *lab, const char *name, const char *devices,
                              const char *more);
/* … and starts it and waits until its guest says READY. */
struct hvk_domain *lab_boot(struct lab *lab, const char *name, const char *devices,
                            const char *more);

/* Lets a guest that was started paused run and waits until it says READY: its console. */
struct hvk_stream *lab_run(struct lab *lab, const struct hvk_domain *domain);

/* The console, as a stream. */
struct hvk_stream *lab_console(struct lab *lab, const struct hvk_domain *domain);
/* Reads until the text has come. */
void lab_expect(struct lab *lab, struct hvk_stream *stream, const char *text);
void lab_send(struct lab *lab, struct hvk_stream *stream, const char *text);

/* Waits for the next lifecycle event of the domain with these numbers; detail -1: any. */
void lab_wait_lifecycle(struct lab *lab, const char *name, int32_t event, int32_t detail);
/* Waits for any other event of the domain. */
void lab_wait_event(struct lab *lab, const char *name, uint32_t number);

int32_t lab_state(struct lab *lab, const struct hvk_domain *domain, int32_t *out_reason);
/* How many processes carry the mark of this root. */
unsigned lab_processes(const struct lab *lab);
/* Kills them and waits until they have ended; how many there were. */
unsigned lab_kill_processes(const struct lab *lab);
/* How many domains have a runtime directory. */
unsigned lab_run_directories(const struct lab *lab);
/* How many files there are in a folder of the root. */
unsigned lab_files(const struct lab *lab, const char *folder);

#define lab_ok(lab, expression)                                                                    \
    do {                                                                                           \
        if (!(expression))                                                                         \
            fail_msg("%s: %s", #expression, (lab)->call.error.text);                               \
    } while (0)

/* The call must fail with this code, and say this. */
#define lab_fails(lab, expression, expected, words)                                                \
    do {                                                                                           \
        if (expression)                                                                            \
            fail_msg("%s succeeded", #expression);                                                 \
        lab_check_error(&(lab)->call.error, (expected), (words));                                  \
    } while (0)
void lab_check_error(const struct hvk_error *error, int32_t code, const char *words);

#endif
