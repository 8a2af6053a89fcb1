/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Any bytes from the monitor: the session either goes on or is lost once, with a reason; every
 * command is answered or failed exactly once, and no event comes after the loss. */
#include <assert.h>
#include <fcntl.h>
#include <qmp.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define INPUT_MAX 65536

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct seen {
    unsigned lost;
    unsigned answered;
};

static void on_event(void *user, const char *name, const json_t *data, int64_t seconds,
                     int32_t microseconds)
{
    const struct seen *seen = user;
    (void)seconds;
    (void)microseconds;
    assert(name && json_is_object(data) && seen->lost == 0);
}

static void on_lost(void *user, const struct hvk_error *why)
{
    struct seen *seen = user;
    assert(seen->lost++ == 0);
    assert(why->code == HVK_ERR_OK || why->text[0]);
}

static const struct qmp_handler handler = {.event = on_event, .lost = on_lost};

static void on_answer(struct qmp_command *command, void *user)
{
    struct seen *seen = user;
    assert(command->done && (!command->result || command->error.code == HVK_ERR_OK));
    seen->answered++;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    int pair[2];
    struct seen seen = {0};
    struct hvk_error err = {.size = sizeof err};
    if (size > INPUT_MAX ||
        socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, pair) < 0)
        return 0;
    struct qmp *qmp = qmp_new(pair[0], &handler, &seen, &err);
    assert(qmp);
    static const char *const names[] = {"a", "b", "c"};
    for (size_t i = 0; i < 3; i++) {
        struct qmp_command *command = qmp_send(qmp, names[i], NULL, -1, &err);
        assert(command);
        command->function = on_answer;
        command->user = &seen;
        qmp_command_unref(command);
    }
    qmp_flush(qmp);
    if (size > 0 && write(pair[1], data, size) == (ssize_t)size)
        qmp_receive(qmp);
    close(pair[1]);
    while (!qmp_is_lost(qmp))
        qmp_receive(qmp);
    assert(seen.answered == 3);
    qmp_free(qmp);
    return 0;
}
