/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The QMP session against a peer that is this test. */
#include "cmocka_all.h"

#include <fcntl.h>
#include <poll.h>
#include <qmp.h>
#include <qmp_json.h>
#include <qmp_limits.h>
#include <qmp_splitter.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "open_fds.h"

/* ---- the splitter --------------------------------------------------------------------------- */

struct collected {
    char text[4096];
    unsigned count;
};

static bool collect(void *user, char *text, size_t length, struct hvk_error *err)
{
    struct collected *collected = user;
    (void)err;
    assert_int_equal(strlen(text), length);
    strcat(strcat(collected->text, text), "|");
    collected->count++;
    return true;
}

static bool feed(const char *bytes, size_t step, struct collected *out, struct hvk_error *err)
{
    struct qmp_splitter splitter = QMP_SPLITTER_INIT;
    size_t length = strlen(bytes);
    bool ok = true;
    *out = (struct collected){0};
    for (size_t at = 0; ok && at < length; at += step)
        ok = qmp_splitter_feed(&splitter, bytes + at, at + step > length ? length - at : step,
                               collect, out, err);
    qmp_splitter_fini(&splitter);
    return ok;
}

static void messages_are_cut_the_same_in_any_pieces(void **state)
{
    (void)state;
    static const char bytes[] = "{\"a\": \"}{\\\"]\"}\r\n {\"b\": [1, {\"c\": 2}]}{}\n";
    struct collected whole, pieces;
    struct hvk_error err = {.size = sizeof err};
    assert_true(feed(bytes, sizeof bytes, &whole, &err));
    assert_int_equal(whole.count, 3);
    for (size_t step = 1; step < sizeof bytes; step++) {
        assert_true(feed(bytes, step, &pieces, &err));
        assert_string_equal(pieces.text, whole.text);
    }
}

static void what_is_no_message_is_refused(void **state)
{
    (void)state;
    struct collected collected;
    struct hvk_error err = {.size = sizeof err};
    assert_false(feed("{} hello", 100, &collected, &err));
    assert_int_equal(err.code, HVK_ERR_PARSE_FAILED);
    assert_non_null(strstr(err.text, "0x68"));
    char deep[QMP_DEPTH_MAX + 8];
    memset(deep, '[', sizeof deep);
    deep[0] = '{';
    deep[sizeof deep - 1] = '\0';
    assert_false(feed(deep, 7, &collected, &err));
    assert_int_equal(err.code, HVK_ERR_LIMIT);
}

static void message_without_end_is_refused_at_its_bound(void **state)
{
    (void)state;
    struct qmp_splitter splitter = QMP_SPLITTER_INIT;
    struct collected collected = {0};
    struct hvk_error err = {.size = sizeof err};
    static char block[65536];
    memset(block, 'x', sizeof block);
    size_t fed = 0;
    bool ok = qmp_splitter_feed(&splitter, "{\"", 2, collect, &collected, &err);
    while (ok && fed <= 2 * QMP_MESSAGE_MAX) {
        ok = qmp_splitter_feed(&splitter, block, sizeof block, collect, &collected, &err);
        fed += sizeof block;
    }
    assert_false(ok);
    assert_int_equal(err.code, HVK_ERR_LIMIT);
    assert_true(fed <= QMP_MESSAGE_MAX + sizeof block);
    qmp_splitter_fini(&splitter);
}

static void unsigned_integers_saturate(void **state)
{
    (void)state;
    struct hvk_error err = {.size = sizeof err};
    char text[] =
        "{\"a\": 18446744073709551615, \"18446744073709551616\": [9223372036854775807, 7]}";
    json_t *json = qmp_json_parse(text, strlen(text), &err);
    assert_non_null(json);
    assert_true(json_integer_value(json_object_get(json, "a")) == INT64_MAX);
    const json_t *list = json_object_get(json, "18446744073709551616");
    assert_true(json_integer_value(json_array_get(list, 0)) == INT64_MAX);
    assert_int_equal(json_integer_value(json_array_get(list, 1)), 7);
    json_decref(json);
    char wrong[] = "{\"a\": 1, \"a\": 2}";
    assert_null(qmp_json_parse(wrong, strlen(wrong), &err));
}

/* ---- the session ---------------------------------------------------------------------------- */

struct peer {
    struct qmp *qmp;
    int fd;
    unsigned events;
    char last_event[64];
    int64_t number;
    unsigned lost;
    struct hvk_error why;
    unsigned answered;
    int fds_before;
};

static void on_event(void *user, const char *name, const json_t *data, int64_t seconds,
                     int32_t microseconds)
{
    struct peer *peer = user;
    peer->events++;
    snprintf(peer->last_event, sizeof peer->last_event, "%s", name);
    peer->number = json_integer_value(json_object_get(data, "n")) + seconds + microseconds;
}

static void on_lost(void *user, const struct hvk_error *why)
{
    struct peer *peer = user;
    peer->lost++;
    peer->why = *why;
}

static const struct qmp_handler handler = {.event = on_event, .lost = on_lost};

static int setup(void **state)
{
    int pair[2];
    struct hvk_error err = {.size = sizeof err};
    struct peer *peer = calloc(1, sizeof *peer);
    if (!peer)
        return -1;
    peer->fds_before = count_open_fds();
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, pair) < 0)
        return -1;
    peer->fd = pair[1];
    peer->qmp = qmp_new(pair[0], &handler, peer, &err);
    *state = peer;
    return peer->qmp ? 0 : -1;
}

static int teardown(void **state)
{
    struct peer *peer = *state;
    qmp_free(peer->qmp);
    if (peer->fd >= 0)
        close(peer->fd);
    int left = count_open_fds() - peer->fds_before;
    free(peer);
    return left;
}

static void say(struct peer *peer, const char *text)
{
    assert_int_equal(write(peer->fd, text, strlen(text)), strlen(text));
    qmp_receive(peer->qmp);
}

/* What QEMU would read. */
static const char *heard(struct peer *peer)
{
    static char text[65536];
    qmp_flush(peer->qmp);
    ssize_t got = read(peer->fd, text, sizeof text - 1);
    text[got > 0 ? got : 0] = '\0';
    return text;
}

static struct qmp_command *send_one(struct peer *peer, const char *name)
{
    struct hvk_error err = {.size = sizeof err};
    struct qmp_command *command = qmp_send(peer->qmp, name, NULL, -1, &err);
    assert_non_null(command);
    return command;
}

static void replies_find_their_commands_in_any_order(void **state)
{
    struct peer *peer = *state;
    struct qmp_command *first = send_one(peer, "one");
    struct qmp_command *second = send_one(peer, "two");
    assert_string_equal(heard(peer),
                        "{\"execute\":\"one\",\"id\":1}\n{\"execute\":\"two\",\"id\":2}\n");
    say(peer, "{\"QMP\": {}}\r\n{\"return\": {\"x\": 5}, \"id\": 2}");
    assert_true(second->done && !first->done);
    assert_int_equal(json_integer_value(json_object_get(second->result, "x")), 5);
    say(peer,
        "{\"error\": {\"class\": \"DeviceNotFound\", \"desc\": \"no such thing\"}, \"id\": 1}");
    assert_true(first->done && !first->result);
    assert_int_equal(first->error.code, HVK_ERR_DEVICE_MISSING);
    assert_non_null(strstr(first->error.text, "no such thing"));
    assert_string_equal(first->error_class, "DeviceNotFound");
    qmp_command_unref(first);
    qmp_command_unref(second);
}

static void events_are_told_with_their_data(void **state)
{
    struct peer *peer = *state;
    say(peer, "{\"event\": \"STOP\", \"timestamp\": {\"seconds\": 10, \"microseconds\": 2}}"
              "{\"event\": \"X\", \"data\": {\"n\": 5}, \"timestamp\": {\"seconds\": 10, "
              "\"microseconds\": 2}}");
    assert_int_equal(peer->events, 2);
    assert_string_equal(peer->last_event, "X");
    assert_int_equal(peer->number, 17);
    assert_int_equal(qmp_take_event_count(peer->qmp), 2);
    assert_int_equal(qmp_take_event_count(peer->qmp), 0);
}

static void count_answer(struct qmp_command *command, void *user)
{
    struct peer *peer = user;
    assert_true(command->done);
    peer->answered++;
}

static void end_of_the_stream_fails_what_waits(void **state)
{
    struct peer *peer = *state;
    struct qmp_command *command = send_one(peer, "query-status");
    command->function = count_answer;
    command->user = peer;
    close(peer->fd);
    peer->fd = -1;
    qmp_receive(peer->qmp);
    assert_true(command->done);
    assert_int_equal(peer->answered, 1);
    assert_non_null(strstr(command->error.text, "query-status"));
    assert_int_equal(peer->lost, 1);
    assert_int_equal(peer->why.code, HVK_ERR_OK);
    assert_true(qmp_is_lost(peer->qmp));
    assert_int_equal(qmp_wants(peer->qmp), 0);
    struct hvk_error err = {.size = sizeof err};
    assert_null(qmp_send(peer->qmp, "stop", NULL, -1, &err));
    assert_non_null(strstr(err.text, "lost"));
    qmp_command_unref(command);
}

static void stray_reply_loses_the_session_once(void **state)
{
    struct peer *peer = *state;
    say(peer, "{\"return\": {}, \"id\": 99}{\"return\": {}, \"id\": 98}");
    assert_int_equal(peer->lost, 1);
    assert_int_equal(peer->why.code, HVK_ERR_PARSE_FAILED);
    assert_non_null(strstr(peer->why.text, "was not sent"));
}

static void messages_of_no_kind_lose_the_session(void **state)
{
    struct peer *peer = *state;
    say(peer, "{\"hello\": 1}");
    assert_int_equal(peer->lost, 1);
    assert_non_null(strstr(peer->why.text, "neither reply nor event"));
}

static void qemu_that_does_not_read_is_bounded(void **state)
{
    struct peer *peer = *state;
    struct hvk_error err = {.size = sizeof err};
    static char block[30000];
    memset(block, 'y', sizeof block - 1);
    unsigned sent = 0;
    struct qmp_command *command;
    while ((command = qmp_send(peer->qmp, "x", json_pack("{s:s}", "a", block), -1, &err))) {
        qmp_flush(peer->qmp);
        qmp_command_unref(command);
        assert_true(++sent < 1000);
    }
    assert_int_equal(err.code, HVK_ERR_LIMIT);
    assert_int_equal(qmp_wants(peer->qmp), POLLIN | POLLOUT);
}

static void descriptor_travels_with_its_command(void **state)
{
    struct peer *peer = *state;
    struct hvk_error err = {.size = sizeof err};
    int sent = open("/dev/null", O_RDWR | O_CLOEXEC);
    qmp_command_unref(send_one(peer, "before"));
    struct qmp_command *command =
        qmp_send(peer->qmp, "getfd", json_pack("{s:s}", "fdname", "x"), sent, &err);
    assert_non_null(command);
    qmp_flush(peer->qmp);
    close(sent);
    int received = -1;
    for (int turn = 0; turn < 2 && received < 0; turn++) {
        char data[512];
        union {
            struct cmsghdr header;
            char room[CMSG_SPACE(sizeof(int))];
        } control;
        struct iovec part = {.iov_base = data, .iov_len = sizeof data};
        struct msghdr message = {.msg_iov = &part,
                                 .msg_iovlen = 1,
                                 .msg_control = &control,
                                 .msg_controllen = sizeof control.room};
        assert_true(recvmsg(peer->fd, &message, MSG_CMSG_CLOEXEC) > 0);
        const struct cmsghdr *header = CMSG_FIRSTHDR(&message);
        if (header)
            memcpy(&received, CMSG_DATA(header), sizeof received);
    }
    assert_true(received >= 0);
    close(received);
    qmp_command_unref(command);
}

int main(void)
{
#define SESSION(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(messages_are_cut_the_same_in_any_pieces),
        cmocka_unit_test(what_is_no_message_is_refused),
        cmocka_unit_test(message_without_end_is_refused_at_its_bound),
        cmocka_unit_test(unsigned_integers_saturate),
        SESSION(replies_find_their_commands_in_any_order),
        SESSION(events_are_told_with_their_data),
        SESSION(end_of_the_stream_fails_what_waits),
        SESSION(stray_reply_loses_the_session_once),
        SESSION(messages_of_no_kind_lose_the_session),
        SESSION(qemu_that_does_not_read_is_bounded),
        SESSION(descriptor_travels_with_its_command),
    };
    return cmocka_run_group_tests_name("qemu_qmp", tests, NULL, NULL);
}
