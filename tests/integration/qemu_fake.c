/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* An emulator that misbehaves. Asked what it can do it becomes the real one; started with a machine
 * it answers every command with {} until something in its name happens:
 *   fake-dies      ends before its monitor opens, with words on standard error
 *   fake-silent    accepts the monitor and never answers
 *   fake-garbles   answers `stop` with what is no JSON
 *   fake-deep      … with brackets without end
 *   fake-huge      … with a message without end
 *   fake-stranger  … with a reply to something that was not asked
 *   fake-floods    sends events without end after `cont`
 *   fake-immortal  ignores SIGTERM */
#include <errno.h>
#include <jansson.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static int monitor = -1;

static void say(const char *text, size_t size)
{
    while (size > 0) {
        ssize_t written = write(monitor, text, size);
        if (written <= 0)
            exit(0);
        text += written;
        size -= (size_t)written;
    }
}

static void say_text(const char *text)
{
    say(text, strlen(text));
}

static void garble(void)
{
    say_text("this is no JSON at all\r\n");
}

static void nest(void)
{
    for (int i = 0; i < 100000; i++)
        say_text("{\"a\":[");
}

static void swell(void)
{
    static char block[65536];
    memset(block, 'x', sizeof block);
    say_text("{\"return\": \"");
    for (int i = 0; i < 1000; i++)
        say(block, sizeof block);
}

static void answer_nobody(void)
{
    say_text("{\"return\": {}, \"id\": 4711}\r\n");
}

static void flood(void)
{
    for (;;)
        say_text(
            "{\"timestamp\": {\"seconds\": 1, \"microseconds\": 2}, \"event\": \"RTC_CHANGE\", "
            "\"data\": {\"offset\": 1}}\r\n");
}

static const struct {
    const char *name;
    const char *command;
    void (*act)(void);
} vices[] = {
    {"fake-garbles", "stop", garble},       {"fake-deep", "stop", nest},
    {"fake-huge", "stop", swell},           {"fake-stranger", "stop", answer_nobody},
    {"fake-floods", "query-status", flood},
};

static void answer(const char *self, const json_t *command)
{
    const char *name = json_string_value(json_object_get(command, "execute"));
    for (size_t i = 0; name && i < sizeof vices / sizeof *vices; i++)
        if (strcmp(vices[i].name, self) == 0 && strcmp(vices[i].command, name) == 0)
            vices[i].act();
    char reply[128];
    int length = snprintf(reply, sizeof reply, "{\"return\": %s, \"id\": %lld}\r\n",
                          name && strcmp(name, "query-chardev") == 0 ? "[]" : "{}",
                          (long long)json_integer_value(json_object_get(command, "id")));
    say(reply, (size_t)length);
    if (name && strcmp(self, "fake-floods") == 0 && strcmp(name, "cont") == 0)
        flood();
}

static void serve(const char *self)
{
    static char text[1 << 16];
    size_t have = 0;
    ssize_t got;
    if (strcmp(self, "fake-silent") != 0)
        say_text("{\"QMP\": {\"version\": {}, \"capabilities\": []}}\r\n");
    while ((got = read(monitor, text + have, sizeof text - 1 - have)) > 0) {
        text[have += (size_t)got] = '\0';
        char *end;
        while ((end = strchr(text, '\n'))) {
            *end = '\0';
            json_t *command = json_loads(text, 0, NULL);
            if (command && strcmp(self, "fake-silent") != 0)
                answer(self, command);
            json_decref(command);
            have -= (size_t)(end + 1 - text);
            memmove(text, end + 1, have + 1);
        }
    }
    if (strcmp(self, "fake-immortal") == 0)
        pause();
}

static int find_listener(char **argv)
{
    for (; *argv; argv++) {
        const char *at = strstr(*argv, "id=charmonitor");
        const char *fd = at ? strstr(*argv, "fd=") : NULL;
        if (fd)
            return atoi(fd + strlen("fd="));
    }
    return -1;
}

int main(int argc, char **argv)
{
    const char *self = strrchr(argv[0], '/');
    self = self ? self + 1 : argv[0];
    for (int i = 1; i + 1 < argc; i++)
        if (strcmp(argv[i], "-machine") == 0 && strcmp(argv[i + 1], "none") == 0) {
            execv(LAB_EMULATOR, argv);
            return 127;
        }
    if (strcmp(self, "fake-dies") == 0) {
        fprintf(stderr, "fake: there is no machine today\n");
        return 3;
    }
    if (strcmp(self, "fake-immortal") == 0)
        signal(SIGTERM, SIG_IGN);
    signal(SIGPIPE, SIG_IGN);
    monitor = accept(find_listener(argv), NULL, NULL);
    if (monitor < 0)
        return 4;
    serve(self);
    return 0;
}
