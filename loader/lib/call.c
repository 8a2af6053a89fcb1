/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Owns cancel tokens and the contexts of drivers' calls. */
#include "call.h"

#include "core_limits.h"

#include <errno.h>
#include <runtime/loop.h>
#include <string.h>
#include <sys/eventfd.h>

#define NS_PER_MS 1000000

static _Thread_local struct context *current;

struct hvk_call *call_enter(struct hvk_call *call, struct hvk_call *spare)
{
    if (!call) {
        *spare = (struct hvk_call)HVK_CALL_INIT;
        hvk_error_init(&spare->error);
        return spare;
    }
    if (call->size < sizeof(struct hvk_call))
        return NULL;
    hvk_error_init(&call->error);
    return call;
}

int64_t call_deadline(const struct hvk_call *call, enum method_class class)
{
    static const uint32_t defaults[] = {
        [METHOD_INSTANT] = LIMIT_INSTANT_MS,
        [METHOD_BLOCKING] = LIMIT_BLOCKING_MS,
        [METHOD_LONG] = LIMIT_LONG_MS,
    };
    if (call->deadline_ns != 0)
        return call->deadline_ns;
    return loop_now_ns() + (int64_t)defaults[class] * NS_PER_MS;
}

bool call_check(struct hvk_call *call)
{
    if (cancel_is_set(call->cancel))
        return hvk_error_set(&call->error, HVK_ERR_CANCELLED,
                             "the call was cancelled before it began");
    if (call->deadline_ns != 0 && loop_now_ns() >= call->deadline_ns)
        return hvk_error_set(&call->error, HVK_ERR_DEADLINE,
                             "the call's deadline had passed before it began");
    return true;
}

int64_t hvk_deadline_in(uint64_t milliseconds)
{
    int64_t now = loop_now_ns();
    int64_t span;
    int64_t deadline;
    if (__builtin_mul_overflow(milliseconds, NS_PER_MS, &span) ||
        __builtin_add_overflow(now, span, &deadline))
        return INT64_MAX;
    return deadline;
}

/* ---- cancel tokens -------------------------------------------------------------------------- */

struct hvk_cancel {
    atomic_uint references;
    atomic_bool cancelled;
    pthread_mutex_t mutex; /* what follows */
    struct list listeners;
    int fd; /* an eventfd once somebody asked for it, else -1 */
};

struct hvk_cancel *hvk_cancel_new(void)
{
    struct hvk_cancel *cancel = calloc(1, sizeof *cancel);
    if (!cancel)
        return NULL;
    atomic_init(&cancel->references, 1);
    atomic_init(&cancel->cancelled, false);
    pthread_mutex_init(&cancel->mutex, NULL);
    list_init(&cancel->listeners);
    cancel->fd = -1;
    return cancel;
}

struct hvk_cancel *cancel_ref(struct hvk_cancel *cancel)
{
    if (cancel)
        atomic_fetch_add(&cancel->references, 1);
    return cancel;
}

void hvk_cancel_free(struct hvk_cancel *cancel)
{
    if (!cancel || atomic_fetch_sub(&cancel->references, 1) != 1)
        return;
    if (cancel->fd >= 0)
        close(cancel->fd);
    pthread_mutex_destroy(&cancel->mutex);
    free(cancel);
}

void hvk_cancel(struct hvk_cancel *cancel)
{
    if (!cancel)
        return;
    pthread_mutex_lock(&cancel->mutex);
    if (!atomic_exchange(&cancel->cancelled, true)) {
        if (cancel->fd >= 0)
            eventfd_write(cancel->fd, 1);
        LIST_FOR_EACH (&cancel->listeners, node) {
            struct cancel_listener *listener = LIST_ENTRY(node, struct cancel_listener, entry);
            listener->cancelled(listener);
        }
    }
    pthread_mutex_unlock(&cancel->mutex);
}

bool cancel_is_set(struct hvk_cancel *cancel)
{
    return cancel && atomic_load(&cancel->cancelled);
}

void cancel_listen(struct hvk_cancel *cancel, struct cancel_listener *listener)
{
    list_init(&listener->entry);
    if (!cancel)
        return;
    pthread_mutex_lock(&cancel->mutex);
    list_append(&cancel->listeners, &listener->entry);
    if (atomic_load(&cancel->cancelled))
        listener->cancelled(listener);
    pthread_mutex_unlock(&cancel->mutex);
}

void cancel_unlisten(struct hvk_cancel *cancel, struct cancel_listener *listener)
{
    if (!cancel)
        return;
    pthread_mutex_lock(&cancel->mutex);
    list_remove(&listener->entry);
    pthread_mutex_unlock(&cancel->mutex);
}

int cancel_fd(struct hvk_cancel *cancel, struct hvk_error *err)
{
    if (!cancel)
        return -1;
    pthread_mutex_lock(&cancel->mutex);
    if (cancel->fd < 0) {
        cancel->fd = eventfd(atomic_load(&cancel->cancelled) ? 1 : 0, EFD_CLOEXEC | EFD_NONBLOCK);
        if (cancel->fd < 0)
            hvk_error_errno(err, errno, "create the descriptor of a cancel token");
    }
    int fd = cancel->fd;
    pthread_mutex_unlock(&cancel->mutex);
    return fd;
}

/* ---- contexts of drivers' calls ------------------------------------------------------------- */

void context_init(struct context *context, struct hvk_node *node, struct lane_entry *lane)
{
    *context = (struct context){.call = HVK_CALL_INIT, .node = node, .lane = lane};
    hvk_error_init(&context->call.error);
    /* The second pointer tells a copy of the call, which has no context, from the call itself. */
    context->call.reserved[0] = context;
    context->call.reserved[1] = &context->call;
    list_init(&context->events);
    pthread_mutex_init(&context->warnings_mutex, NULL);
}

void context_fini(struct context *context)
{
    context->call.reserved[0] = context->call.reserved[1] = NULL;
    buffer_fini(&context->warnings);
    pthread_mutex_destroy(&context->warnings_mutex);
}

struct context *context_of(const struct hvk_call *call)
{
    if (!call || call->size < sizeof *call || call->reserved[1] != (const void *)call)
        return NULL;
    return call->reserved[0];
}

void context_begin(struct context *context)
{
    context->outer = current;
    current = context;
}

void context_end(struct context *context)
{
    current = context->outer;
}

struct context *context_current(void)
{
    return current;
}

void context_warn(struct context *context, const char *text)
{
    pthread_mutex_lock(&context->warnings_mutex);
    if (context->warning_count < LIMIT_WARNINGS) {
        buffer_add(&context->warnings, text, strnlen(text, LIMIT_WARNING_BYTES));
        buffer_add_char(&context->warnings, '\0');
        context->warning_count++;
    }
    pthread_mutex_unlock(&context->warnings_mutex);
}

void context_give_warnings(struct context *context, const struct hvk_call *to)
{
    if (!to->warning || context->warning_count == 0 || context->warnings.failed)
        return;
    const char *text = context->warnings.data;
    const char *end = text + context->warnings.length;
    for (; text < end; text += strlen(text) + 1)
        to->warning(to->warning_user, text);
}
