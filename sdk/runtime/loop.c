/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The loop's thread, its posts and its timers are libuv's. Descriptors are in an epoll set of their
 * own, which libuv watches as one: so any thread adds, pauses and removes them with one system
 * call that takes effect at once, and the number may be closed and reused right afterwards. */
#include "runtime/loop.h"

#include <assert.h>
#include <base/list.h>
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <runtime/clock.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/epoll.h>
#include <uv.h>

#define EVENTS_AT_ONCE 64

/* The flags are handed on as they are. */
_Static_assert(POLLIN == EPOLLIN && POLLOUT == EPOLLOUT && POLLERR == EPOLLERR &&
                   POLLHUP == EPOLLHUP && POLLPRI == EPOLLPRI && POLLRDHUP == EPOLLRDHUP,
               "epoll's events are poll's");
_Static_assert(LOOP_ONESHOT == EPOLLONESHOT, "see loop_watch_fd()");

struct post {
    struct list link;
    loop_function function;
    void *user;
};

struct loop {
    uv_loop_t uv;
    uv_async_t wake;
    uv_poll_t poll; /* the epoll set */
    int epoll_fd;
    pthread_t thread;
    pthread_mutex_t mutex; /* guards what follows and the members of sources that say so */
    bool started;
    bool stopping;
    struct list posts;
    struct list sources; /* not removed */
    struct list changed; /* timers to start, sources to free */
};

struct loop_source {
    struct loop *loop;
    struct list link;         /* mutex: in loop->sources */
    struct list changed_link; /* mutex: in loop->changed */
    atomic_bool removed;
    uint32_t events; /* mutex; of a descriptor, 0: paused */
    int fd;          /* -1: a timer */
    loop_fd_function fd_function;
    loop_function function;
    void *user;
    void (*free_user)(void *);
    uint64_t first_ms;
    uint64_t repeat_ms;
    uv_timer_t timer; /* the loop's thread alone */
    bool timer_initialized;
};

int64_t loop_now_ns(void)
{
    return clock_now_ns();
}

/* ---- on the loop's thread ------------------------------------------------------------------- */

static void source_free(struct loop_source *source)
{
    if (source->free_user)
        source->free_user(source->user);
    free(source);
}

static void on_timer_closed(uv_handle_t *handle)
{
    source_free(handle->data);
}

static void on_timer(uv_timer_t *timer)
{
    struct loop_source *source = timer->data;
    if (!atomic_load(&source->removed))
        source->function(source->user);
}

static void source_start_timer(struct loop_source *source)
{
    struct loop *loop = source->loop;
    uv_timer_init(&loop->uv, &source->timer);
    source->timer.data = source;
    source->timer_initialized = true;
    uv_timer_start(&source->timer, on_timer, source->first_ms, source->repeat_ms);
}

static void source_end(struct loop_source *source)
{
    if (source->timer_initialized)
        uv_close((uv_handle_t *)&source->timer, on_timer_closed);
    else
        source_free(source);
}

/* A source that is removed after it was taken here gets into the list again: what it was when it
 * was taken decides, or it would be freed twice. */
static struct loop_source *loop_take_changed(struct loop *loop, bool *out_removed)
{
    struct loop_source *source = NULL;
    pthread_mutex_lock(&loop->mutex);
    if (!list_is_empty(&loop->changed)) {
        source = LIST_ENTRY(loop->changed.next, struct loop_source, changed_link);
        list_remove(&source->changed_link);
        *out_removed = atomic_load(&source->removed);
    }
    pthread_mutex_unlock(&loop->mutex);
    return source;
}

static void loop_apply_changes(struct loop *loop)
{
    struct loop_source *source;
    bool removed;
    uv_update_time(&loop->uv);
    while ((source = loop_take_changed(loop, &removed))) {
        if (removed)
            source_end(source);
        else
            source_start_timer(source);
    }
}

/* What was posted up to now; what these functions post runs in the next round, after descriptors
 * and timers had their turn. */
static void loop_run_posts(struct loop *loop)
{
    struct list posts;
    list_init(&posts);
    pthread_mutex_lock(&loop->mutex);
    list_take_all(&posts, &loop->posts);
    pthread_mutex_unlock(&loop->mutex);
    while (!list_is_empty(&posts)) {
        struct post *post = LIST_ENTRY(posts.next, struct post, link);
        list_remove(&post->link);
        post->function(post->user);
        free(post);
    }
}

static void loop_close_handles(struct loop *loop)
{
    uv_close((uv_handle_t *)&loop->poll, NULL);
    uv_close((uv_handle_t *)&loop->wake, NULL);
}

static void on_wake(uv_async_t *wake)
{
    struct loop *loop = wake->data;
    loop_apply_changes(loop);
    loop_run_posts(loop);

    pthread_mutex_lock(&loop->mutex);
    bool end = loop->stopping && list_is_empty(&loop->posts) && list_is_empty(&loop->changed);
    pthread_mutex_unlock(&loop->mutex);
    if (end)
        loop_close_handles(loop);
}

/* A source that one callback removes may be in the rest of this batch: it is freed in on_wake()
 * only, when the batch is over. */
static void on_poll(uv_poll_t *poll, int status, int events)
{
    (void)status;
    (void)events;
    struct loop *loop = poll->data;
    struct epoll_event batch[EVENTS_AT_ONCE];
    int count = epoll_wait(loop->epoll_fd, batch, EVENTS_AT_ONCE, 0);
    for (int i = 0; i < count; i++) {
        struct loop_source *source = batch[i].data.ptr;
        if (!atomic_load(&source->removed))
            source->fd_function(source->fd, batch[i].events, source->user);
    }
}

static void *loop_main(void *user)
{
    struct loop *loop = user;
    pthread_setname_np(pthread_self(), "hvkit-loop");
    uv_run(&loop->uv, UV_RUN_DEFAULT);
    return NULL;
}

/* ---- the loop ------------------------------------------------------------------------------- */

static int loop_init_handles(struct loop *loop)
{
    int failure = uv_async_init(&loop->uv, &loop->wake, on_wake);
    if (failure != 0)
        return failure;
    failure = uv_poll_init(&loop->uv, &loop->poll, loop->epoll_fd);
    if (failure == 0)
        failure = uv_poll_start(&loop->poll, UV_READABLE, on_poll);
    loop->wake.data = loop->poll.data = loop;
    if (failure != 0) {
        uv_close((uv_handle_t *)&loop->wake, NULL);
        uv_run(&loop->uv, UV_RUN_DEFAULT);
    }
    return failure;
}

static int loop_init(struct loop *loop)
{
    int failure = uv_loop_init(&loop->uv);
    if (failure != 0)
        return failure;
    loop->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    failure = loop->epoll_fd < 0 ? -errno : loop_init_handles(loop);
    if (failure != 0) {
        cleanup_fd(&loop->epoll_fd);
        uv_loop_close(&loop->uv);
    }
    return failure;
}

struct loop *loop_new(struct hvk_error *err)
{
    struct loop *loop = calloc(1, sizeof *loop);
    if (!loop) {
        hvk_error_memory(err);
        return NULL;
    }
    int failure = loop_init(loop);
    if (failure != 0) {
        hvk_error_errno(err, -failure, "create an event loop");
        free(loop);
        return NULL;
    }
    pthread_mutex_init(&loop->mutex, NULL);
    list_init(&loop->posts);
    list_init(&loop->sources);
    list_init(&loop->changed);
    return loop;
}

/* With the mutex held. */
static bool loop_start(struct loop *loop, struct hvk_error *err)
{
    if (loop->started)
        return true;
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    int failure = pthread_create(&loop->thread, NULL, loop_main, loop);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    loop->started = failure == 0;
    return loop->started || hvk_error_errno(err, failure, "start the thread of the event loop");
}

void loop_free(struct loop *loop)
{
    if (!loop)
        return;
    pthread_mutex_lock(&loop->mutex);
    assert(list_is_empty(&loop->sources));
    loop->stopping = true;
    bool started = loop->started;
    pthread_mutex_unlock(&loop->mutex);
    if (started) {
        assert(!pthread_equal(loop->thread, pthread_self()));
        uv_async_send(&loop->wake);
        pthread_join(loop->thread, NULL);
    } else {
        loop_close_handles(loop);
        uv_run(&loop->uv, UV_RUN_DEFAULT);
    }
    uv_loop_close(&loop->uv);
    close(loop->epoll_fd);
    pthread_mutex_destroy(&loop->mutex);
    free(loop);
}

bool loop_post(struct loop *loop, loop_function function, void *user, struct hvk_error *err)
{
    struct post *post = malloc(sizeof *post);
    if (!post)
        return hvk_error_memory(err);
    *post = (struct post){.function = function, .user = user};
    pthread_mutex_lock(&loop->mutex);
    bool started = loop_start(loop, err);
    if (started) {
        list_append(&loop->posts, &post->link);
        uv_async_send(&loop->wake);
    }
    pthread_mutex_unlock(&loop->mutex);
    if (!started)
        free(post);
    return started;
}

/* ---- sources -------------------------------------------------------------------------------- */

static struct loop_source *source_new(struct loop *loop, void *user, void (*free_user)(void *),
                                      struct hvk_error *err)
{
    struct loop_source *source = calloc(1, sizeof *source);
    if (!source) {
        hvk_error_memory(err);
        return NULL;
    }
    source->loop = loop;
    source->fd = -1;
    source->user = user;
    source->free_user = free_user;
    list_init(&source->link);
    list_init(&source->changed_link);
    return source;
}

/* With the mutex held; an errno. A descriptor without events leaves the set, since epoll reports
 * errors and hang-ups unasked. */
static int source_set_events(struct loop_source *source, uint32_t events)
{
    struct epoll_event event = {.events = events, .data.ptr = source};
    int operation = EPOLL_CTL_MOD;
    if (events == 0)
        operation = EPOLL_CTL_DEL;
    else if (source->events == 0)
        operation = EPOLL_CTL_ADD;
    if (events == 0 && source->events == 0)
        return 0;
    source->events = events;
    return epoll_ctl(source->loop->epoll_fd, operation, source->fd, &event) == 0 ? 0 : errno;
}

struct loop_source *loop_watch_fd(struct loop *loop, int fd, uint32_t events,
                                  loop_fd_function function, void *user, void (*free_user)(void *),
                                  struct hvk_error *err)
{
    struct loop_source *source = source_new(loop, user, free_user, err);
    if (!source)
        return NULL;
    source->fd = fd;
    source->fd_function = function;

    pthread_mutex_lock(&loop->mutex);
    bool watched = loop_start(loop, err);
    int failure = watched ? source_set_events(source, events) : 0;
    if (failure != 0)
        watched = hvk_error_errno(err, failure, "watch descriptor %d", fd);
    if (watched)
        list_append(&loop->sources, &source->link);
    pthread_mutex_unlock(&loop->mutex);
    if (!watched) {
        free(source);
        return NULL;
    }
    return source;
}

void loop_watch_fd_events(struct loop_source *source, uint32_t events)
{
    pthread_mutex_lock(&source->loop->mutex);
    if (!atomic_load(&source->removed))
        source_set_events(source, events);
    pthread_mutex_unlock(&source->loop->mutex);
}

/* With the mutex held. */
static void source_changed(struct loop_source *source)
{
    if (list_is_empty(&source->changed_link))
        list_append(&source->loop->changed, &source->changed_link);
    uv_async_send(&source->loop->wake);
}

struct loop_source *loop_add_timer(struct loop *loop, uint64_t first_ms, uint64_t repeat_ms,
                                   loop_function function, void *user, void (*free_user)(void *),
                                   struct hvk_error *err)
{
    struct loop_source *source = source_new(loop, user, free_user, err);
    if (!source)
        return NULL;
    source->function = function;
    source->first_ms = first_ms;
    source->repeat_ms = repeat_ms;

    pthread_mutex_lock(&loop->mutex);
    bool started = loop_start(loop, err);
    if (started) {
        list_append(&loop->sources, &source->link);
        source_changed(source);
    }
    pthread_mutex_unlock(&loop->mutex);
    if (!started) {
        free(source);
        return NULL;
    }
    return source;
}

void loop_source_remove(struct loop_source *source)
{
    if (!source)
        return;
    struct loop *loop = source->loop;
    pthread_mutex_lock(&loop->mutex);
    if (source->fd >= 0)
        source_set_events(source, 0);
    atomic_store(&source->removed, true);
    list_remove(&source->link);
    source_changed(source);
    pthread_mutex_unlock(&loop->mutex);
}
