/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Consoles of the test driver, whose guests say back what they hear. */
#include "../unit/open_fds.h"
#include "test_driver.h"

#include <stdlib.h>
#include <string.h>

static struct hvk_connection *connection;
static const struct hvk_domain guest = {.size = sizeof guest, .id = -1, .name = "test"};

static int setup(void **state)
{
    (void)state;
    connection = open_fresh("");
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    hvk_connection_close(connection);
    return 0;
}

static struct hvk_stream *open_console(uint32_t flags)
{
    struct hvk_stream *stream = hvk_stream_new(NULL, connection);
    assert_non_null(stream);
    DONE(hvk_domain_open_console, connection, &guest, NULL, stream, flags);
    return stream;
}

static void expect_echo(struct hvk_stream *stream, const char *text)
{
    char heard[64];
    size_t size = strlen(text), got = 0;
    assert_true(hvk_stream_write(NULL, stream, text, size));
    while (got < size) {
        int64_t more = hvk_stream_read(NULL, stream, heard + got, size - got);
        assert_true(more > 0);
        got += (size_t)more;
    }
    assert_memory_equal(heard, text, size);
}

static void expect_end(struct hvk_stream *stream)
{
    char byte;
    struct hvk_call call = HVK_CALL_INIT;
    assert_int_equal(hvk_stream_read(&call, stream, &byte, 1), 0);
}

#define MUCH (1u << 20)

static void *write_much(void *stream)
{
    char *data = malloc(MUCH);
    for (size_t i = 0; i < MUCH; i++)
        data[i] = (char)(i * 7 + i / 4096);
    bool written = hvk_stream_write(NULL, stream, data, MUCH);
    free(data);
    return written ? stream : NULL;
}

static void a_guest_says_back_every_byte(void **state)
{
    struct hvk_stream *stream = open_console(0);
    pthread_t writer;
    void *written = NULL;
    char data[777];
    size_t got = 0;
    (void)state;
    expect_echo(stream, "hello");
    assert_int_equal(pthread_create(&writer, NULL, write_much, stream), 0);
    while (got < MUCH) {
        int64_t size = hvk_stream_read(NULL, stream, data, sizeof data);
        assert_true(size > 0);
        for (int64_t i = 0; i < size; i++, got++)
            assert_int_equal(data[i], (char)(got * 7 + got / 4096));
    }
    pthread_join(writer, &written);
    assert_ptr_equal(written, stream);
    assert_true(hvk_stream_finish(NULL, stream));
    hvk_stream_free(stream);
}

static void a_console_in_use_is_refused_and_can_be_taken(void **state)
{
    struct hvk_stream *first = open_console(0), *second = hvk_stream_new(NULL, connection);
    (void)state;
    REFUSED(HVK_ERR_OPERATION_FAILED, "in use", hvk_domain_open_console, connection, &guest, NULL,
            second, 0);
    expect_echo(first, "still here");
    hvk_stream_free(second);
    second = open_console(HVK_DOMAIN_CONSOLE_FORCE);
    expect_end(first);
    expect_echo(second, "mine now");
    hvk_stream_free(first);
    expect_echo(second, "still mine");
    hvk_stream_free(second);
}

static void a_console_that_was_closed_is_free_at_once(void **state)
{
    (void)state;
    for (int i = 0; i < 50; i++) {
        struct hvk_stream *stream = open_console(0);
        if (i % 3 == 0)
            hvk_stream_abort(stream);
        else if (i % 3 == 1)
            assert_true(hvk_stream_finish(NULL, stream));
        hvk_stream_free(stream);
    }
}

static void a_stopped_guest_ends_its_console(void **state)
{
    struct hvk_stream *stream = open_console(0);
    (void)state;
    DONE(hvk_domain_destroy, connection, &guest, 0);
    expect_end(stream);
    DONE(hvk_domain_create, connection, &guest, NULL, 0, 0, NULL);
    struct hvk_stream *next = open_console(0);
    expect_echo(next, "again");
    hvk_stream_free(stream);
    hvk_stream_free(next);
}

static void a_transient_guest_ends_its_console_with_itself(void **state)
{
    struct hvk_stream *stream = open_console(0);
    (void)state;
    DONE(hvk_domain_undefine, connection, &guest, 0);
    DONE(hvk_domain_shutdown, connection, &guest, 0);
    expect_end(stream);
    hvk_stream_free(stream);
}

static void a_reader_that_never_reads_delays_only_itself(void **state)
{
    struct hvk_stream *stream = open_console(0);
    struct hvk_call call = HVK_CALL_INIT;
    char *data = calloc(1, 4 * MUCH);
    (void)state;
    call.deadline_ns = hvk_deadline_in(200);
    assert_false(hvk_stream_write(&call, stream, data, 4 * MUCH));
    expect_error(&call.error, HVK_ERR_DEADLINE, "deadline");
    DONE(hvk_domain_suspend, connection, &guest);
    DONE(hvk_domain_resume, connection, &guest);
    hvk_stream_free(stream);
    stream = open_console(0);
    expect_echo(stream, "new one");
    hvk_stream_free(stream);
    free(data);
}

static void a_console_is_named_by_its_alias(void **state)
{
    struct hvk_domain vm = named("vm");
    struct hvk_stream *stream = hvk_stream_new(NULL, connection);
    (void)state;
    define(connection, "vm", "");
    REFUSED(HVK_ERR_OPERATION_INVALID, "not running", hvk_domain_open_console, connection, &vm,
            NULL, stream, 0);
    hvk_stream_free(stream);
    DONE(hvk_domain_create, connection, &vm, NULL, 0, 0, NULL);
    stream = hvk_stream_new(NULL, connection);
    REFUSED(HVK_ERR_INVALID_ARG, "alias 'serial7'", hvk_domain_open_console, connection, &vm,
            "serial7", stream, 0);
    hvk_stream_free(stream);
    stream = hvk_stream_new(NULL, connection);
    DONE(hvk_domain_open_console, connection, &vm, "ua-console", stream, 0);
    expect_echo(stream, "by name");
    hvk_stream_free(stream);
}

static void consoles_leave_no_descriptor_behind(void **state)
{
    struct hvk_stream *stream = open_console(0);
    hvk_stream_free(stream);
    stream = open_console(0); /* behind the end of the first, on the same lane */
    hvk_stream_free(stream);
    int before = count_open_fds();
    (void)state;
    for (int i = 0; i < 20; i++)
        hvk_stream_free(open_console(HVK_DOMAIN_CONSOLE_FORCE));
    DONE(hvk_domain_destroy, connection, &guest, 0); /* behind the last end */
    assert_true(count_open_fds() <= before);
}

static void a_screenshot_is_a_picture(void **state)
{
    struct hvk_stream *stream = hvk_stream_new(NULL, connection);
    char *mime = NULL, data[70000];
    size_t got = 0;
    int64_t more;
    (void)state;
    DONE(hvk_domain_screenshot, connection, &guest, 0, stream, 0, &mime);
    assert_string_equal(mime, "image/x-portable-graymap");
    while ((more = hvk_stream_read(NULL, stream, data + got, sizeof data - got)) > 0)
        got += (size_t)more;
    assert_memory_equal(data, "P5\n320 200\n255\n", 15);
    assert_int_equal(got, 15 + 320 * 200);
    hvk_stream_free(stream);
    hvk_free(mime);
    stream = hvk_stream_new(NULL, connection);
    REFUSED(HVK_ERR_INVALID_ARG, "screen 0", hvk_domain_screenshot, connection, &guest, 1, stream,
            0, NULL);
    hvk_stream_free(stream);
}

int main(void)
{
#define CONSOLE(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
    const struct CMUnitTest tests[] = {
        CONSOLE(a_guest_says_back_every_byte),
        CONSOLE(a_console_in_use_is_refused_and_can_be_taken),
        CONSOLE(a_console_that_was_closed_is_free_at_once),
        CONSOLE(a_stopped_guest_ends_its_console),
        CONSOLE(a_transient_guest_ends_its_console_with_itself),
        CONSOLE(a_reader_that_never_reads_delays_only_itself),
        CONSOLE(a_console_is_named_by_its_alias),
        CONSOLE(consoles_leave_no_descriptor_behind),
        CONSOLE(a_screenshot_is_a_picture),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
