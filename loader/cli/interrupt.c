/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "interrupt.h"
#include "terminal.h"
#include <base/cleanup.h>
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <sys/timerfd.h>

static const int taken_signals[] = {SIGINT, SIGTERM, SIGHUP};

struct interrupt {
    pthread_t thread;
    pthread_mutex_t lock; /* of everything below that is not atomic or a descriptor */
    struct hvk_cancel *cancel;
    interrupt_handler handler;
    void *handler_user;
    sigset_t signals;
    sigset_t before; /* the mask to give back */
    atomic_int signal;
    atomic_bool ignored;
    int signal_fd;
    int timer_fd;
    int wake_fd; /* readable after a signal */
    int stop_fd;
    bool running;
};

static bool open_descriptors(struct interrupt *interrupt, struct hvk_error *err)
{
    interrupt->signal_fd = signalfd(-1, &interrupt->signals, SFD_CLOEXEC);
    interrupt->timer_fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC);
    interrupt->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    interrupt->stop_fd = eventfd(0, EFD_CLOEXEC);
    if (interrupt->signal_fd < 0 || interrupt->timer_fd < 0 || interrupt->wake_fd < 0 ||
        interrupt->stop_fd < 0)
        return hvk_error_errno(err, errno, "open the descriptors that signals arrive on");
    return true;
}

/* The user insists: end as the signal would have ended an ordinary program. */
static void end_process(const struct interrupt *interrupt, int number)
{
    terminal_restore();
    signal(number, SIG_DFL);
    pthread_sigmask(SIG_UNBLOCK, &interrupt->signals, NULL);
    raise(number);
}

static void handle_signal(struct interrupt *interrupt, int number)
{
    uint64_t one = 1;

    if (number == SIGINT && atomic_load(&interrupt->ignored))
        return;
    /* All of it before interrupt_begin() can forget the signal, or none of it. */
    pthread_mutex_lock(&interrupt->lock);
    if (atomic_exchange(&interrupt->signal, number))
        end_process(interrupt, number);
    /* An eventfd takes one more unless its counter is at the end: it cannot be. */
    (void)!write(interrupt->wake_fd, &one, sizeof(one));
    bool handled = interrupt->handler && interrupt->handler(interrupt->handler_user, number);
    if (!handled && interrupt->cancel)
        hvk_cancel(interrupt->cancel);
    pthread_mutex_unlock(&interrupt->lock);
}

static void handle_tick(struct interrupt *interrupt)
{
    pthread_mutex_lock(&interrupt->lock);
    if (interrupt->handler)
        interrupt->handler(interrupt->handler_user, 0);
    pthread_mutex_unlock(&interrupt->lock);
}

static void *interrupt_run(void *argument)
{
    struct interrupt *interrupt = argument;
    struct pollfd polled[] = {{.fd = interrupt->signal_fd, .events = POLLIN},
                              {.fd = interrupt->timer_fd, .events = POLLIN},
                              {.fd = interrupt->stop_fd, .events = POLLIN}};
    struct signalfd_siginfo info;
    uint64_t ticks;

    for (;;) {
        if (poll(polled, ARRAY_SIZE(polled), -1) < 0)
            continue;
        if (polled[2].revents)
            return NULL;
        if (polled[0].revents && read(interrupt->signal_fd, &info, sizeof(info)) == sizeof(info))
            handle_signal(interrupt, (int)info.ssi_signo);
        if (polled[1].revents && read(interrupt->timer_fd, &ticks, sizeof(ticks)) == sizeof(ticks))
            handle_tick(interrupt);
    }
}

static void choose_signals(struct interrupt *interrupt)
{
    sigemptyset(&interrupt->signals);
    for (size_t i = 0; i < ARRAY_SIZE(taken_signals); i++) {
        struct sigaction action;

        /* What nohup or a background job ignores stays ignored. */
        if (sigaction(taken_signals[i], NULL, &action) == 0 && action.sa_handler != SIG_IGN)
            sigaddset(&interrupt->signals, taken_signals[i]);
    }
}

struct interrupt *interrupt_new(struct hvk_error *err)
{
    struct interrupt *interrupt = calloc(1, sizeof(*interrupt));

    if (!interrupt) {
        hvk_error_memory(err);
        return NULL;
    }
    interrupt->signal_fd = interrupt->timer_fd = interrupt->wake_fd = interrupt->stop_fd = -1;
    pthread_mutex_init(&interrupt->lock, NULL);
    choose_signals(interrupt);
    pthread_sigmask(SIG_BLOCK, &interrupt->signals, &interrupt->before);
    if (open_descriptors(interrupt, err)) {
        int failure = pthread_create(&interrupt->thread, NULL, interrupt_run, interrupt);

        interrupt->running = failure == 0;
        if (interrupt->running)
            return interrupt;
        hvk_error_errno(err, failure, "start the thread that waits for signals");
    }
    interrupt_free(interrupt);
    return NULL;
}

void interrupt_free(struct interrupt *interrupt)
{
    uint64_t one = 1;

    if (!interrupt)
        return;
    if (interrupt->running && write(interrupt->stop_fd, &one, sizeof(one)) == sizeof(one))
        pthread_join(interrupt->thread, NULL);
    cleanup_fd(&interrupt->signal_fd);
    cleanup_fd(&interrupt->timer_fd);
    cleanup_fd(&interrupt->wake_fd);
    cleanup_fd(&interrupt->stop_fd);
    hvk_cancel_free(interrupt->cancel);
    pthread_sigmask(SIG_SETMASK, &interrupt->before, NULL);
    pthread_mutex_destroy(&interrupt->lock);
    free(interrupt);
}

struct hvk_cancel *interrupt_begin(struct interrupt *interrupt)
{
    struct hvk_cancel *fresh = hvk_cancel_new(), *old;
    uint64_t count;

    pthread_mutex_lock(&interrupt->lock);
    old = interrupt->cancel;
    interrupt->cancel = fresh;
    atomic_store(&interrupt->signal, 0);
    (void)!read(interrupt->wake_fd, &count, sizeof(count));
    pthread_mutex_unlock(&interrupt->lock);
    hvk_cancel_free(old);
    return fresh;
}

int interrupt_get_fd(const struct interrupt *interrupt)
{
    return interrupt->wake_fd;
}

int interrupt_get_signal(const struct interrupt *interrupt)
{
    return atomic_load(&interrupt->signal);
}

void interrupt_set_ignored(struct interrupt *interrupt, bool ignored)
{
    atomic_store(&interrupt->ignored, ignored);
}

void interrupt_set_handler(struct interrupt *interrupt, interrupt_handler handler, void *user,
                           unsigned milliseconds)
{
    struct timespec interval = {.tv_sec = milliseconds / 1000,
                                .tv_nsec = (long)(milliseconds % 1000) * 1000000};
    struct itimerspec timer = {.it_interval = interval, .it_value = interval};

    pthread_mutex_lock(&interrupt->lock);
    interrupt->handler = handler;
    interrupt->handler_user = user;
    pthread_mutex_unlock(&interrupt->lock);
    timerfd_settime(interrupt->timer_fd, 0, &timer, NULL);
}
