/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Every definition whose command line tests/unit/qemu_command.c compares is started with the real
 * QEMU, up to where the guest would run: a golden file only says what it said before, QEMU says
 * whether it is right. One test for each definition. */
#include "../unit/qemu_cases.h"

#include <arpa/inet.h>
#include <caps_probe.h>
#include <poll.h>
#include <runtime/child.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>

#define EMULATOR "/usr/bin/qemu-system-x86_64"
#define WAIT_MS 60000
#define PROCESSES_MAX 4
#define REPLY_MAX 65536

static struct caps *caps;
static char directory[64];

struct run {
    int monitor;
    int pidfds[PROCESSES_MAX]; /* QEMU's last */
    size_t processes;
};

static void run_fini(struct run *run)
{
    struct hvk_error err;
    for (size_t i = 0; i < run->processes; i++) {
        child_kill(run->pidfds[i], SIGKILL, &err);
        child_wait(run->pidfds[i], -1, &(int32_t){0}, &err);
        close(run->pidfds[i]);
    }
    cleanup_fd(&run->monitor);
}

/* ---- what a driver does before it starts QEMU ---- */

static bool take_port(void *user, uint16_t preferred, uint16_t first, uint16_t last,
                      uint16_t *out_port, struct hvk_error *err)
{
    (void)user;
    for (uint32_t port = preferred ? preferred : first; port <= last; port++) {
        auto_fd int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        struct sockaddr_in address = {.sin_family = AF_INET,
                                      .sin_port = htons((uint16_t)port),
                                      .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
        if (bind(fd, (struct sockaddr *)(void *)&address, sizeof address) == 0) {
            *out_port = (uint16_t)port;
            return true;
        }
    }
    return hvk_error_set(err, HVK_ERR_OPERATION_FAILED, "no free port");
}

static void make_files(const struct command *command)
{
    VECTOR_FOR_EACH (&command->files, struct command_file, file) {
        auto_fd int from = open(file->copy_of, O_RDONLY | O_CLOEXEC);
        auto_fd int to = open(file->path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, file->mode);
        assert_true(from >= 0 && to >= 0);
        while (copy_file_range(from, NULL, to, NULL, 1 << 20, 0) > 0)
            continue;
    }
}

static void start(struct run *run, const char *const *argv, const int32_t *fds, uint64_t fd_count,
                  int output)
{
    struct hvk_error err;
    const struct hvk_spawn spawn = {.size = sizeof spawn,
                                    .path = argv[0],
                                    .argv = argv,
                                    .stdin_fd = -1,
                                    .stdout_fd = output,
                                    .stderr_fd = output,
                                    .fds = fds,
                                    .fd_count = (uint32_t)fd_count,
                                    .cgroup_fd = -1,
                                    .directory_fd = -1};
    assert_true(run->processes < PROCESSES_MAX);
    if (child_spawn(&spawn, &run->pidfds[run->processes], &err) < 0)
        fail_msg("%s", err.text);
    run->processes++;
}

static int listen_at(const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    snprintf(address.sun_path, sizeof address.sun_path, "%s", path);
    unlink(path);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(bind(fd, (struct sockaddr *)(void *)&address, sizeof address), 0);
    assert_int_equal(listen(fd, 1), 0);
    return fd;
}

static int connect_to(const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    snprintf(address.sun_path, sizeof address.sun_path, "%s", path);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(connect(fd, (struct sockaddr *)(void *)&address, sizeof address), 0);
    return fd;
}

/* ---- the monitor ---- */

static void send_line(const struct run *run, const json_t *json)
{
    auto_free char *text = json_dumps(json, JSON_COMPACT);
    auto_free char *line = string_format("%s\n", text);
    assert_int_equal(send(run->monitor, line, strlen(line), MSG_NOSIGNAL), (ssize_t)strlen(line));
}

/* The next line, or false when QEMU has closed the monitor. */
static bool read_line(const struct run *run, char line[REPLY_MAX])
{
    size_t length = 0;
    while (length < REPLY_MAX - 1) {
        struct pollfd wait = {.fd = run->monitor, .events = POLLIN};
        assert_int_equal(poll(&wait, 1, WAIT_MS), 1);
        if (read(run->monitor, line + length, 1) != 1)
            return false;
        if (line[length++] == '\n')
            break;
    }
    line[length] = '\0';
    return true;
}

static void expect_success(const struct qemu_case *one, const struct run *run, int log)
{
    static char line[REPLY_MAX];
    do {
        if (!read_line(run, line)) {
            char text[2048] = "";
            if (pread(log, text, sizeof text - 1, 0) < 0)
                text[0] = '\0';
            fail_msg("%s: QEMU refused its command line: %s", one->name, text);
        }
    } while (strstr(line, "\"event\""));
    if (strstr(line, "\"error\""))
        fail_msg("%s: %s", one->name, line);
}

static void execute(const struct qemu_case *one, const struct run *run, const json_t *step, int log)
{
    send_line(run, step);
    expect_success(one, run, log);
}

/* ---- one case ---- */

/* It goes to the background once it listens, and ends with its only client. */
static void serve_nbd(void)
{
    struct hvk_error err;
    AUTO(run_fini) struct run parent = {.monitor = -1};
    auto_free char *place = string_format("--socket=%s/nbd.sock", directory);
    auto_free char *image = string_format("%s/disk.raw", directory);
    const char *const argv[] = {
        "/usr/bin/qemu-nbd", "--fork", "--format=raw", "--export-name=export", place, image, NULL};
    int32_t status = -1;
    start(&parent, argv, NULL, 0, -1);
    assert_true(child_wait(parent.pidfds[0], WAIT_MS, &status, &err));
    assert_int_equal(status, 0);
}

static const char *cannot(const struct qemu_case *one)
{
    if (strcmp(one->needs, "spice") == 0)
        return caps_has_command(caps, "query-spice") ? NULL : "this QEMU has no SPICE";
    if (strcmp(one->needs, "ports") == 0)
        return "it names a fixed port";
    if (strcmp(one->needs, "network") == 0)
        return "it names servers that do not exist";
    if (strcmp(one->needs, "nbd") == 0)
        return access("/usr/bin/qemu-nbd", X_OK) == 0 ? NULL : "there is no qemu-nbd";
    return case_obstacle(one) ? "this machine lacks what its first line needs" : NULL;
}

static bool build(const struct qemu_case *one, int monitor, struct model_domain *domain,
                  struct command *command)
{
    struct hvk_error err;
    const struct command_input input = {
        .domain = domain,
        .caps = caps,
        .runtime_directory = directory,
        .nvram_directory = directory,
        .state_directory = directory,
        .monitor_fd = monitor,
        .flags = COMMAND_PAUSED,
        .take_port = take_port,
    };
    if (!command_check(domain, caps, &err) || !command_build(&input, command, &err))
        fail_msg("%s: %s", one->name, err.text);
    return true;
}

static void start_qemu(struct run *run, struct command *command, int monitor, int log)
{
    VECTOR_FOR_EACH (&command->helpers, struct command_helper, helper)
        start(run, (const char *const *)helper->argv, helper->fds, helper->fd_count, log);
    auto_vector fds = VECTOR_INIT(int32_t);
    assert_true(vector_push(&fds, &monitor));
    VECTOR_FOR_EACH (&command->fds, int32_t, fd)
        assert_true(vector_push(&fds, fd));
    start(run, (const char *const *)command->argv, fds.items, fds.count, log);
}

static void talk(const struct qemu_case *one, const struct run *run, const struct command *command,
                 int log)
{
    expect_success(one, run, log); /* the greeting */
    json_t *hello = json_pack("{s:s}", "execute", "qmp_capabilities");
    execute(one, run, hello, log);
    json_decref(hello);
    size_t index;
    json_t *step;
    json_array_foreach(command->setup, index, step) execute(one, run, step, log);
    json_t *quit = json_pack("{s:s}", "execute", "quit");
    execute(one, run, quit, log);
    json_decref(quit);
}

/* Skipping leaves the test at once, so nothing may be held then. */
static void skip_where_impossible(const char *name)
{
    struct qemu_case one;
    case_load(name, directory, &one);
    const char *why = cannot(&one);
    if (why)
        print_message("%s: skipped, because %s\n", name, why);
    case_fini(&one);
    if (why)
        skip();
}

static void qemu_accepts(void **state)
{
    const char *name = *state;
    AUTO(case_fini) struct qemu_case one = {0};
    AUTO(run_fini) struct run run = {.monitor = -1};
    AUTO(command_fini) struct command command;
    struct hvk_error err;
    command_init(&command);
    skip_where_impossible(name);
    case_load(name, directory, &one);
    if (strcmp(one.needs, "nbd") == 0)
        serve_nbd();
    auto_free char *path = string_format("%s/monitor.sock", directory);
    auto_fd int monitor = listen_at(path);
    auto_fd int log = memfd_create("log", MFD_CLOEXEC);
    auto_model_domain domain = case_parse(one.xml);
    build(&one, monitor, domain, &command);
    make_files(&command);
    start_qemu(&run, &command, monitor, log);
    close(TAKE_FD(monitor)); /* QEMU's alone, so that its end is noticed */
    run.monitor = connect_to(path);
    talk(&one, &run, &command, log);
    int32_t status = -1;
    assert_true(child_wait(run.pidfds[run.processes - 1], WAIT_MS, &status, &err));
    assert_int_equal(status, 0);
}

static int set_up(void **state)
{
    struct hvk_error err;
    struct caps_identity identity;
    (void)state;
    snprintf(directory, sizeof directory, "%s/hvkit-accept-XXXXXX",
             getenv("TMPDIR") && strlen(getenv("TMPDIR")) < 32 ? getenv("TMPDIR") : "/tmp");
    assert_non_null(mkdtemp(directory));
    case_images(directory);
    if (!caps_identify(EMULATOR, &identity, &err))
        fail_msg("%s", err.text);
    json_t *json = caps_probe(&identity, &err);
    caps = json ? caps_from_json(json, &err) : NULL;
    if (!caps)
        fail_msg("%s", err.text);
    json_decref(json);
    caps_identity_fini(&identity);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    case_remove(directory);
    caps_unref(caps);
    return 0;
}

int main(void)
{
    struct dirent **entries = NULL;
    int count = scandir(QEMU_ARGV_DIR, &entries, case_is_xml, alphasort);
    struct CMUnitTest *tests = calloc(count > 0 ? (size_t)count : 1, sizeof *tests);
    for (int i = 0; i < count && tests; i++) {
        *strrchr(entries[i]->d_name, '.') = '\0';
        tests[i] = (struct CMUnitTest){.name = entries[i]->d_name,
                                       .test_func = qemu_accepts,
                                       .initial_state = entries[i]->d_name};
    }
    int failed = count <= 0 || !tests ||
                 _cmocka_run_group_tests("qemu accepts", tests, (size_t)count, set_up, tear_down);
    for (int i = 0; i < count; i++)
        free(entries[i]);
    free(entries);
    free(tests);
    return failed;
}
