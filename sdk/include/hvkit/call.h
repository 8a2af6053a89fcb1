/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The context of one call. An application fills one for each call (or passes NULL); a driver gets
 * one with every operation and hands it to every service of the core that it uses. */
#ifndef HVKIT_CALL_H
#define HVKIT_CALL_H

#include <hvkit/error.h>
#include <hvkit/types.h>

HVK_BEGIN

struct hvk_cancel; /* a token that cancels calls; see hvk_cancel_new() */

/* Who asks. Borrowed for the call; a member that is not known is -1 or NULL. */
struct hvk_identity {
    uint32_t size;
    int32_t pid;
    int64_t uid;
    int64_t gid;
    const char *user_name;
    const char *sasl_name;
    const char *x509_name; /* distinguished name of a verified client certificate */
};

/* hvk_call.flags */
/* Fail with RESOURCE_BUSY rather than queue behind other work. */
#define HVK_CALL_NO_WAIT (1u << 0)

/* Sizes and offsets are part of the ABI; the struct only grows at its end. */
struct hvk_call {
    uint32_t size;                       /* sizeof(struct hvk_call) of whoever filled it */
    uint32_t flags;                      /* HVK_CALL_* */
    int64_t deadline_ns;                 /* CLOCK_MONOTONIC; 0: the operation's own default */
    struct hvk_cancel *cancel;           /* NULL: not cancellable */
    const struct hvk_identity *identity; /* NULL: the process itself */
    uint8_t trace[16];                   /* follows the operation through every process; 0: none */
    struct hvk_error error;              /* why the call failed */
    void (*warning)(void *user, const char *text); /* NULL: warnings are dropped */
    void *warning_user;
    void *reserved[4]; /* NULL */
};

#ifdef __cplusplus
#define HVK_CALL_INIT hvk_record_init<struct hvk_call>()
#else
#define HVK_CALL_INIT                                                                              \
    {                                                                                              \
        .size = sizeof(struct hvk_call)                                                            \
    }
#endif

HVK_END

#endif
