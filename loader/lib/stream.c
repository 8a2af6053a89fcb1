/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Owns streams. Readers and writers wait in poll() on the descriptor, on the stream's own eventfd
 * (abort, close) and on their cancel token's. */
#include "stream.h"

#include "call.h"
#include "connection.h"
#include "source.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <runtime/loop.h>
#include <signal.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>

enum stream_state { STREAM_NEW, STREAM_OPEN, STREAM_FINISHED, STREAM_ABORTED };

struct hvk_stream {
    atomic_uint references;
    struct list entry;                 /* in the connection's streams, under its mutex */
    pthread_mutex_t mutex;             /* what follows */
    struct hvk_connection *connection; /* NULL once it was closed */
    struct hvk_node *node;             /* a reference, once it was handed to an operation */
    uint32_t kind;
    uint8_t key[HVK_UUID_SIZE];
    enum stream_state state;
    bool bound;
    atomic_bool ended; /* the other side has closed its end */
    int fd;            /* -1 before the driver attached it */
    int wake;          /* an eventfd, readable from the abort on */
    uint32_t users;    /* calls that use fd */
    hvk_lane_function on_close;
    void *on_close_user;
};

/* ---- life ----------------------------------------------------------------------------------- */

struct hvk_stream *stream_ref(struct hvk_stream *stream)
{
    if (stream)
        atomic_fetch_add(&stream->references, 1);
    return stream;
}

void stream_unref(struct hvk_stream *stream)
{
    if (!stream || atomic_fetch_sub(&stream->references, 1) != 1)
        return;
    if (stream->fd >= 0)
        close(stream->fd);
    close(stream->wake);
    node_unref(stream->node, false);
    pthread_mutex_destroy(&stream->mutex);
    free(stream);
}

static struct hvk_stream *stream_create(struct hvk_connection *connection, struct hvk_error *err)
{
    struct hvk_stream *stream = calloc(1, sizeof *stream);
    if (!stream) {
        hvk_error_memory(err);
        return NULL;
    }
    stream->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (stream->wake < 0) {
        hvk_error_errno(err, errno, "create a stream");
        free(stream);
        return NULL;
    }
    atomic_init(&stream->references, 1);
    pthread_mutex_init(&stream->mutex, NULL);
    list_init(&stream->entry);
    stream->fd = -1;
    stream->connection = connection;
    if (connection_add_stream(connection, &stream->entry, err))
        return stream;
    stream_unref(stream);
    return NULL;
}

struct hvk_stream *hvk_stream_new(struct hvk_call *call, struct hvk_connection *connection)
{
    struct hvk_call spare;
    call = call_enter(call, &spare);
    if (!call)
        return NULL;
    if (!connection) {
        hvk_error_set(&call->error, HVK_ERR_INVALID_CONN, "hvk_stream_new(): connection is NULL");
        return NULL;
    }
    return stream_create(connection, &call->error);
}

bool stream_bind(struct hvk_stream *stream, struct hvk_connection *connection, uint32_t kind,
                 const uint8_t *key, struct hvk_error *err)
{
    pthread_mutex_lock(&stream->mutex);
    bool fresh = !stream->bound && stream->connection == connection;
    if (fresh) {
        stream->bound = true;
        stream->node = node_ref(connection->node);
        stream->kind = kind;
        memcpy(stream->key, key, HVK_UUID_SIZE);
    }
    pthread_mutex_unlock(&stream->mutex);
    return fresh || hvk_error_set(err, HVK_ERR_INVALID_STREAM,
                                  "the stream was handed to an operation before, or belongs to "
                                  "another connection; make a new one");
}

/* ---- the driver's end ----------------------------------------------------------------------- */

bool stream_attach(struct hvk_stream *stream, int32_t fd, struct hvk_error *err)
{
    int own = fcntl(fd, F_DUPFD_CLOEXEC, 3);
    int flags = own < 0 ? -1 : fcntl(own, F_GETFL);
    if (flags < 0 || fcntl(own, F_SETFL, flags | O_NONBLOCK) < 0) {
        hvk_error_errno(err, errno, "attach the descriptor %d to a stream", fd);
        if (own >= 0)
            close(own);
        return false;
    }
    pthread_mutex_lock(&stream->mutex);
    bool fresh = stream->fd < 0 && stream->state == STREAM_NEW;
    if (fresh) {
        stream->fd = own;
        stream->state = STREAM_OPEN;
    }
    bool aborted = stream->state == STREAM_ABORTED;
    pthread_mutex_unlock(&stream->mutex);
    if (fresh)
        return true;
    close(own);
    return hvk_error_set(err, HVK_ERR_INVALID_STREAM,
                         aborted ? "the stream was aborted by the application"
                                 : "the stream has a descriptor already");
}

/* With the mutex held: the driver is told once. */
static void stream_tell_driver(struct hvk_stream *stream)
{
    hvk_lane_function on_close = stream->on_close;
    stream->on_close = NULL;
    if (on_close)
        source_post(stream->node, stream->kind, stream->key, on_close, stream->on_close_user);
}

void stream_on_close(struct hvk_stream *stream, hvk_lane_function function, void *user)
{
    pthread_mutex_lock(&stream->mutex);
    stream->on_close = stream->node ? function : NULL;
    stream->on_close_user = user;
    if (stream->state == STREAM_FINISHED || stream->state == STREAM_ABORTED)
        stream_tell_driver(stream);
    pthread_mutex_unlock(&stream->mutex);
}

/* With the mutex held: gives the descriptor back to the system once nobody uses it. */
static void stream_close_fd(struct hvk_stream *stream)
{
    if (stream->users > 0 || stream->fd < 0)
        return;
    close(stream->fd);
    stream->fd = -1;
}

static void stream_end(struct hvk_stream *stream, enum stream_state state)
{
    struct hvk_node *node = NULL;
    pthread_mutex_lock(&stream->mutex);
    if (stream->state == STREAM_NEW || stream->state == STREAM_OPEN) {
        stream->state = state;
        eventfd_write(stream->wake, 1);
        stream_close_fd(stream);
        stream_tell_driver(stream);
        node = TAKE(stream->node);
    }
    pthread_mutex_unlock(&stream->mutex);
    node_unref(node, false);
}

void hvk_stream_abort(struct hvk_stream *stream)
{
    if (stream)
        stream_end(stream, STREAM_ABORTED);
}

/* Held while a stream leaves its connection, so that closing and freeing may meet in any order. */
static pthread_mutex_t leaving_mutex = PTHREAD_MUTEX_INITIALIZER;

/* With leaving_mutex held. */
static void stream_leave(struct hvk_stream *stream)
{
    if (stream->connection)
        connection_remove_stream(stream->connection, &stream->entry);
    pthread_mutex_lock(&stream->mutex);
    stream->connection = NULL;
    pthread_mutex_unlock(&stream->mutex);
}

void hvk_stream_free(struct hvk_stream *stream)
{
    if (!stream)
        return;
    stream_end(stream, STREAM_ABORTED);
    pthread_mutex_lock(&leaving_mutex);
    stream_leave(stream);
    pthread_mutex_unlock(&leaving_mutex);
    stream_unref(stream);
}

void stream_abort_all(struct hvk_connection *connection)
{
    for (;;) {
        pthread_mutex_lock(&leaving_mutex);
        struct hvk_stream *stream = NULL;
        if (!list_is_empty(&connection->streams)) { /* nobody adds to a closed connection */
            stream = stream_ref(LIST_ENTRY(connection->streams.next, struct hvk_stream, entry));
            stream_leave(stream);
        }
        pthread_mutex_unlock(&leaving_mutex);
        if (!stream)
            return;
        stream_end(stream, STREAM_ABORTED);
        stream_unref(stream);
    }
}

/* ---- the application's end ------------------------------------------------------------------ */

/* The descriptor, in use until stream_release(); -1 with the error. */
static int stream_use(struct hvk_stream *stream, const char *function, struct hvk_error *err)
{
    int fd = -1;
    pthread_mutex_lock(&stream->mutex);
    if (stream->state == STREAM_ABORTED)
        hvk_error_set(err, HVK_ERR_OPERATION_ABORTED, "%s(): the stream was aborted", function);
    else if (stream->state != STREAM_OPEN)
        hvk_error_set(err, HVK_ERR_INVALID_STREAM, "%s(): %s", function,
                      stream->state == STREAM_NEW
                          ? "the stream was not handed to an operation that has begun"
                          : "the stream was finished");
    else
        fd = stream->fd;
    if (fd >= 0)
        stream->users++;
    pthread_mutex_unlock(&stream->mutex);
    return fd;
}

static void stream_release(struct hvk_stream *stream)
{
    pthread_mutex_lock(&stream->mutex);
    stream->users--;
    if (stream->state == STREAM_FINISHED || stream->state == STREAM_ABORTED)
        stream_close_fd(stream);
    pthread_mutex_unlock(&stream->mutex);
}

/* Milliseconds to the deadline, rounded up; -1: none. */
static int remaining_ms(const struct hvk_call *call)
{
    if (call->deadline_ns == 0)
        return -1;
    int64_t left = call->deadline_ns - loop_now_ns();
    if (left <= 0)
        return 0;
    left = (left + 999999) / 1000000;
    return left > INT_MAX ? INT_MAX : (int)left;
}

/* Until the descriptor is ready for the events, or has failed, which using it then tells. */
static bool stream_wait(struct hvk_stream *stream, int fd, short events, const char *function,
                        struct hvk_call *call)
{
    struct pollfd fds[] = {{.fd = fd, .events = events},
                           {.fd = stream->wake, .events = POLLIN},
                           {.fd = cancel_fd(call->cancel, &call->error), .events = POLLIN}};
    if (call->error.code != HVK_ERR_OK)
        return false;
    int ready;
    do {
        ready = poll(fds, ARRAY_SIZE(fds), remaining_ms(call));
    } while (ready < 0 && errno == EINTR);
    if (ready < 0)
        return hvk_error_errno(&call->error, errno, "wait for a stream");
    if (fds[1].revents)
        return hvk_error_set(&call->error, HVK_ERR_OPERATION_ABORTED,
                             "%s(): the stream was aborted", function);
    if (fds[2].revents)
        return hvk_error_set(&call->error, HVK_ERR_CANCELLED, "%s() was cancelled", function);
    if (ready == 0)
        return hvk_error_set(&call->error, HVK_ERR_DEADLINE,
                             "%s(): the deadline passed while the other side was silent", function);
    return true;
}

/* EIO is how a terminal says that its other side is closed. */
static bool is_end(ssize_t got)
{
    return got == 0 || (got < 0 && (errno == EIO || errno == ECONNRESET));
}

static int64_t stream_read_fd(struct hvk_stream *stream, int fd, void *data, size_t size,
                              const char *function, struct hvk_call *call)
{
    for (;;) {
        ssize_t got = read(fd, data, size);
        if (is_end(got)) {
            atomic_store(&stream->ended, true);
            return 0;
        }
        if (got > 0)
            return got;
        if (errno == EINTR)
            continue;
        if (errno != EAGAIN) {
            hvk_error_errno(&call->error, errno, "read from a stream");
            return -1;
        }
        if (!stream_wait(stream, fd, POLLIN, function, call))
            return -1;
    }
}

int64_t hvk_stream_read(struct hvk_call *call, struct hvk_stream *stream, void *data, uint64_t size)
{
    struct hvk_call spare;
    call = call_enter(call, &spare);
    if (!call)
        return -1;
    if (!stream || (!data && size > 0)) {
        hvk_error_set(&call->error, HVK_ERR_INVALID_ARG,
                      "hvk_stream_read(): stream and data must not be NULL");
        return -1;
    }
    int fd = stream_use(stream, "hvk_stream_read", &call->error);
    if (fd < 0)
        return -1;
    int64_t got = 0;
    if (size > 0)
        got = stream_read_fd(stream, fd, data, size > SSIZE_MAX ? SSIZE_MAX : size,
                             "hvk_stream_read", call);
    stream_release(stream);
    return got;
}

/* Writes without SIGPIPE: a peer that closed its end is an error of the stream, not the end of the
 * application. A socket has a flag for it; for a pipe the signal is blocked and taken. */
static ssize_t write_quietly(int fd, const char *data, size_t size)
{
    ssize_t put = send(fd, data, size, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (put >= 0 || errno != ENOTSOCK)
        return put;
    sigset_t pipe_only, before, pending;
    sigemptyset(&pipe_only);
    sigaddset(&pipe_only, SIGPIPE);
    pthread_sigmask(SIG_BLOCK, &pipe_only, &before);
    sigpending(&pending);
    put = write(fd, data, size);
    int number = errno;
    if (put < 0 && number == EPIPE && !sigismember(&pending, SIGPIPE))
        sigtimedwait(&pipe_only, NULL, &(struct timespec){0});
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    errno = number;
    return put;
}

static bool stream_write_fd(struct hvk_stream *stream, int fd, const char *data, uint64_t size,
                            struct hvk_call *call)
{
    while (size > 0) {
        ssize_t put = write_quietly(fd, data, size > SSIZE_MAX ? SSIZE_MAX : size);
        if (put >= 0) {
            data += put;
            size -= (uint64_t)put;
        } else if (errno == EAGAIN) {
            if (!stream_wait(stream, fd, POLLOUT, "hvk_stream_write", call))
                return false;
        } else if (errno != EINTR) {
            return hvk_error_errno(&call->error, errno, "write to a stream");
        }
    }
    return true;
}

bool hvk_stream_write(struct hvk_call *call, struct hvk_stream *stream, const void *data,
                      uint64_t size)
{
    struct hvk_call spare;
    call = call_enter(call, &spare);
    if (!call)
        return false;
    if (!stream || (!data && size > 0))
        return hvk_error_set(&call->error, HVK_ERR_INVALID_ARG,
                             "hvk_stream_write(): stream and data must not be NULL");
    int fd = stream_use(stream, "hvk_stream_write", &call->error);
    if (fd < 0)
        return false;
    bool written = stream_write_fd(stream, fd, data, size, call);
    stream_release(stream);
    return written;
}

int hvk_stream_get_fd(struct hvk_stream *stream)
{
    if (!stream)
        return -1;
    pthread_mutex_lock(&stream->mutex);
    int fd = stream->fd;
    pthread_mutex_unlock(&stream->mutex);
    return fd;
}

/* Says that nothing more comes, and reads until the other side has closed its end too: that it has
 * taken everything. What is no socket has no half to close: closing it is all there is. */
static bool stream_drain(struct hvk_stream *stream, int fd, struct hvk_call *call)
{
    char dropped[4096];
    if (shutdown(fd, SHUT_WR) < 0)
        return errno == ENOTSOCK || errno == ENOTCONN ||
               hvk_error_errno(&call->error, errno, "finish a stream");
    int64_t got;
    do {
        got = atomic_load(&stream->ended)
                  ? 0
                  : stream_read_fd(stream, fd, dropped, sizeof dropped, "hvk_stream_finish", call);
    } while (got > 0);
    return got == 0;
}

bool hvk_stream_finish(struct hvk_call *call, struct hvk_stream *stream)
{
    struct hvk_call spare;
    call = call_enter(call, &spare);
    if (!call)
        return false;
    if (!stream)
        return hvk_error_set(&call->error, HVK_ERR_INVALID_ARG,
                             "hvk_stream_finish(): stream is NULL");
    int fd = stream_use(stream, "hvk_stream_finish", &call->error);
    if (fd < 0)
        return false;
    bool finished = stream_drain(stream, fd, call);
    stream_release(stream);
    stream_end(stream, finished ? STREAM_FINISHED : STREAM_ABORTED);
    return finished;
}
