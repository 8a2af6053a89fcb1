/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Streams against an echo: the driver's end is a source on the object's lane. */
#include "core/rack.h"

#include "cmocka_all.h"
#include "open_fds.h"

#include <pthread.h>
#include <sched.h>
#include <string.h>

static int setup(void **state)
{
    *state = rack_open("rack:///streams");
    rack_define(*state, "m1");
    return 0;
}

static int teardown(void **state)
{
    hvk_connection_close(*state);
    return 0;
}

static struct hvk_stream *console(struct hvk_connection *connection)
{
    struct hvk_call call = HVK_CALL_INIT;
    struct hvk_domain domain = rack_named("m1");
    struct hvk_stream *stream = hvk_stream_new(&call, connection);
    assert_non_null(stream);
    if (!hvk_domain_open_console(&call, connection, &domain, NULL, stream, 0))
        fail_msg("no console: %s", call.error.text);
    return stream;
}

static void read_exactly(struct hvk_stream *stream, char *data, uint64_t size)
{
    while (size > 0) {
        int64_t got = hvk_stream_read(NULL, stream, data, size);
        assert_true(got > 0);
        data += got;
        size -= (uint64_t)got;
    }
}

static void what_is_written_comes_back(void **state)
{
    char data[6] = "";
    struct hvk_stream *stream = console(*state);
    assert_true(hvk_stream_get_fd(stream) >= 0);
    assert_true(hvk_stream_write(NULL, stream, "hello", 6));
    read_exactly(stream, data, 6);
    assert_string_equal(data, "hello");
    assert_true(hvk_stream_finish(NULL, stream));
    assert_int_equal(hvk_stream_read(NULL, stream, data, 1), -1);
    hvk_stream_free(stream);
}

static void reading_honours_the_deadline(void **state)
{
    char data;
    struct hvk_call call = HVK_CALL_INIT;
    struct hvk_stream *stream = console(*state);
    call.deadline_ns = hvk_deadline_in(20);
    assert_int_equal(hvk_stream_read(&call, stream, &data, 1), -1);
    assert_int_equal(call.error.code, HVK_ERR_DEADLINE);
    hvk_stream_free(stream);
}

struct reader {
    struct hvk_stream *stream;
    struct hvk_call call;
    int64_t got;
};

static void *read_in_thread(void *user)
{
    struct reader *reader = user;
    char data;
    reader->got = hvk_stream_read(&reader->call, reader->stream, &data, 1);
    return NULL;
}

static void reading_can_be_cancelled(void **state)
{
    pthread_t thread;
    struct hvk_cancel *cancel = hvk_cancel_new();
    struct reader reader = {.stream = console(*state), .call = HVK_CALL_INIT};
    reader.call.cancel = cancel;
    pthread_create(&thread, NULL, read_in_thread, &reader);
    hvk_cancel(cancel);
    pthread_join(thread, NULL);
    assert_int_equal(reader.got, -1);
    assert_int_equal(reader.call.error.code, HVK_ERR_CANCELLED);
    hvk_stream_free(reader.stream);
    hvk_cancel_free(cancel);
}

static void aborting_wakes_a_reader(void **state)
{
    pthread_t thread;
    struct reader reader = {.stream = console(*state), .call = HVK_CALL_INIT};
    pthread_create(&thread, NULL, read_in_thread, &reader);
    hvk_stream_abort(reader.stream);
    pthread_join(thread, NULL);
    assert_int_equal(reader.got, -1);
    assert_int_equal(reader.call.error.code, HVK_ERR_OPERATION_ABORTED);
    hvk_stream_free(reader.stream);
}

static void closing_the_connection_aborts_its_streams(void **state)
{
    (void)state;
    char data;
    struct hvk_call call = HVK_CALL_INIT;
    unsigned closed = rack_closed();
    struct hvk_connection *connection = rack_open("rack:///brief");
    rack_define(connection, "m1");
    struct hvk_stream *stream = console(connection);
    hvk_connection_close(connection);
    assert_int_equal(hvk_stream_read(&call, stream, &data, 1), -1);
    assert_int_equal(call.error.code, HVK_ERR_OPERATION_ABORTED);
    hvk_stream_free(stream);
    while (rack_closed() == closed) /* once the driver's end was told */
        sched_yield();
}

static void a_stream_serves_one_operation(void **state)
{
    struct hvk_call call = HVK_CALL_INIT;
    struct hvk_domain domain = rack_named("m1");
    struct hvk_stream *stream = hvk_stream_new(&call, *state);
    char data;
    assert_int_equal(hvk_stream_get_fd(stream), -1);
    assert_int_equal(hvk_stream_read(&call, stream, &data, 1), -1);
    assert_int_equal(call.error.code, HVK_ERR_INVALID_STREAM);
    assert_true(hvk_domain_open_console(&call, *state, &domain, NULL, stream, 0));
    assert_false(hvk_domain_open_console(&call, *state, &domain, NULL, stream, 0));
    assert_int_equal(call.error.code, HVK_ERR_INVALID_STREAM);
    hvk_stream_free(stream);
}

static void no_descriptor_is_left(void **state)
{
    hvk_stream_free(console(*state)); /* the loop has its own from here on */
    int before = count_open_fds();
    for (int i = 0; i < 20; i++) {
        struct hvk_stream *stream = console(*state);
        assert_true(hvk_stream_write(NULL, stream, "x", 1));
        assert_true(hvk_stream_finish(NULL, stream));
        hvk_stream_free(stream);
    }
    while (count_open_fds() > before) /* the driver closes its ends on its lane */
        sched_yield();
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(what_is_written_comes_back),
        TEST(reading_honours_the_deadline),
        TEST(reading_can_be_cancelled),
        TEST(aborting_wakes_a_reader),
        TEST(closing_the_connection_aborts_its_streams),
        TEST(a_stream_serves_one_operation),
        TEST(no_descriptor_is_left),
    };
    rack_install();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
