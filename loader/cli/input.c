/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Verbs about a guest's screen and keyboard. */
#include "domain.h"
#include "families.h"
#include "output.h"
#include <base/string.h>
#include <errno.h>
#include <fcntl.h>
#include <time.h>

#define SCREENSHOT_BUFFER 65536u
#define KEYS_MAX 16u

struct key {
    const char *name;
    uint32_t code;
};

static const struct key linux_keys[] = {
#include <keys.inc>
};

/* ---- screenshot ---- */

static bool write_file(struct cli *cli, int fd, const char *path, const char *data, size_t size)
{
    while (size > 0) {
        ssize_t count = write(fd, data, size);

        if (count < 0 && errno != EINTR)
            return hvk_error_errno(&cli->call.error, errno, "write %s", path);
        data += count > 0 ? count : 0;
        size -= count > 0 ? (size_t)count : 0;
    }
    return true;
}

static bool receive_file(struct cli *cli, struct hvk_stream *stream, int fd, const char *path)
{
    auto_free char *data = malloc(SCREENSHOT_BUFFER);
    int64_t count;

    if (!data)
        return hvk_error_memory(&cli->call.error);
    while ((count = hvk_stream_read(cli_call(cli), stream, data, SCREENSHOT_BUFFER)) > 0) {
        if (!write_file(cli, fd, path, data, (size_t)count))
            return false;
    }
    return count == 0 && hvk_stream_finish(cli_call(cli), stream);
}

/* "NAME-2026-11-20-15:04:05.ppm", as virsh names it. */
static char *file_name(const struct hvk_domain *domain, const char *mime)
{
    static const char *const endings[][2] = {{"image/x-portable-pixmap", ".ppm"},
                                             {"image/png", ".png"}};
    const char *ending = "";
    char clock[32];
    time_t now = time(NULL);
    struct tm local;

    for (size_t i = 0; i < ARRAY_SIZE(endings); i++)
        ending = string_equal(endings[i][0], mime) ? endings[i][1] : ending;
    strftime(clock, sizeof(clock), "%Y-%m-%d-%H:%M:%S", localtime_r(&now, &local));
    char *name = string_format("%s-%s%s", domain->name, clock, ending);
    for (char *slash = name; slash && (slash = strchr(slash, '/')) != NULL;)
        *slash = '_'; /* a name is never a path */
    return name;
}

static bool save_picture(struct cli *cli, struct hvk_stream *stream, const char *path)
{
    auto_fd int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);

    if (fd < 0)
        return hvk_error_errno(&cli->call.error, errno, "create %s", path);
    if (receive_file(cli, stream, fd, path)) {
        output_note(cli, "Screenshot saved to %s", path);
        return true;
    }
    unlink(path);
    return false;
}

static void stream_free(struct hvk_stream **stream)
{
    hvk_stream_free(*stream);
}

static bool screenshot_run(struct cli *cli, const struct arguments *arguments)
{
    const struct hvk_domain *domain = domain_find(cli, arguments);
    const char *path = arguments_text(arguments, "file");
    uint32_t screen = (uint32_t)arguments_number(arguments, "screen", 0);
    AUTO(stream_free) struct hvk_stream *stream = NULL;
    auto_result char *mime = NULL;
    auto_free char *chosen = NULL;

    if (!domain)
        return false;
    stream = hvk_stream_new(cli_call(cli), cli->connection);
    if (!stream ||
        !hvk_domain_screenshot(cli_call(cli), cli->connection, domain, screen, stream, 0, &mime))
        return false;
    chosen = path ? strdup(path) : file_name(domain, mime);
    return chosen ? save_picture(cli, stream, chosen) : hvk_error_memory(&cli->call.error);
}

/* ---- keys ---- */

static bool read_key(struct cli *cli, const char *text, bool linux_set, uint32_t *out_code)
{
    uint64_t number;

    if (string_to_u64(text, 0, 0xffff, &number)) {
        *out_code = (uint32_t)number;
        return true;
    }
    for (size_t i = 0; linux_set && i < ARRAY_SIZE(linux_keys); i++) {
        if (string_equal(linux_keys[i].name, text)) {
            *out_code = linux_keys[i].code;
            return true;
        }
    }
    return cli_usage(cli, "'%s' is no key; give a number%s", text,
                     linux_set ? " or a name such as KEY_ENTER" : " of the code set");
}

static bool send_key_run(struct cli *cli, const struct arguments *arguments)
{
    int set = arguments_choice(arguments, "codeset", HVK_KEYCODE_SET_LINUX);
    uint32_t hold = (uint32_t)arguments_number(arguments, "holdtime", 0);
    uint32_t codes[KEYS_MAX];
    size_t count = 0;

    if (arguments->rest.count > KEYS_MAX)
        return cli_usage(cli, "at most %u keys are pressed at once", KEYS_MAX);
    VECTOR_FOR_EACH (&arguments->rest, const char *, text) {
        if (!read_key(cli, *text, set == HVK_KEYCODE_SET_LINUX, &codes[count++]))
            return false;
    }
    return domain_find(cli, arguments) &&
           hvk_domain_send_key(cli_call(cli), cli->connection, cli->subject, (uint32_t)set, hold,
                               codes, count, 0);
}

static bool inject_nmi_run(struct cli *cli, const struct arguments *arguments)
{
    const struct hvk_domain *domain = domain_find(cli, arguments);

    return domain && hvk_domain_inject_nmi(cli_call(cli), cli->connection, domain, 0);
}

const struct verb input_verbs[] = {
    {.name = "screenshot",
     .summary = "save a picture of a guest's screen",
     .options =
         OPTIONS(DOMAIN_OPERAND,
                 {.name = "file",
                  .value = "FILE",
                  .type = OPTION_FILE,
                  .help = "where to; by default named after the domain and the time",
                  .flags = OPTION_OPERAND},
                 NUMBER_OPTION("screen", "NUMBER", 0, UINT32_MAX, "which screen; the first")),
     .run = screenshot_run},
    {.name = "send-key",
     .summary = "press keys in a guest",
     .description = "Presses all the keys together and releases them.",
     .options = OPTIONS(
         DOMAIN_OPERAND,
         {.name = "keycode",
          .value = "KEY",
          .type = OPTION_TEXT,
          .help = "number in the code set, or name of a Linux key",
          .flags = OPTION_OPERAND | OPTION_REQUIRED | OPTION_REPEATED},
         /* in the order of HVK_KEYCODE_SET_* */
         CHOICE_OPTION("codeset", "SET", "whose numbers the keys are", "linux", "xt", "atset1",
                       "atset2", "atset3", "os_x", "xt_kbd", "usb", "win32", "qnum"),
         NUMBER_OPTION("holdtime", "MILLISECONDS", 0, 60000, "how long the keys stay pressed")),
     .examples = "hvkit send-key web KEY_LEFTCTRL KEY_LEFTALT KEY_DELETE # the three-key salute",
     .run = send_key_run},
    {.name = "inject-nmi",
     .summary = "inject a non-maskable interrupt into a guest",
     .options = OPTIONS(DOMAIN_OPERAND),
     .run = inject_nmi_run},
    {0},
};
