/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The processes inside are this program: its first argument says what it does. */
#include "cmocka_all.h"
#include "open_fds.h"

#include <base/cleanup.h>
#include <base/string.h>
#include <errno.h>
#include <fcntl.h>
#include <runtime/cgroup.h>
#include <runtime/cgroup_internal.h>
#include <runtime/child.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define BROOD 20

static char program[256];

static int act(const char *what)
{
    for (int i = 0; string_equal(what, "brood") && i < BROOD; i++) {
        if (fork() == 0)
            break;
    }
    dprintf(STDOUT_FILENO, "x");
    pause();
    return 0;
}

/* Returns once the program and its brood run. */
static int32_t start_in(int cgroup_fd, const char *what, int count, int *out_pidfd)
{
    int ends[2];
    char byte;
    assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
    const char *const argv[] = {"test-cgroup", what, NULL};
    struct hvk_spawn spawn = {.size = sizeof spawn,
                              .flags = HVK_SPAWN_DAEMON,
                              .path = program,
                              .argv = argv,
                              .stdin_fd = -1,
                              .stdout_fd = ends[1],
                              .stderr_fd = -1,
                              .cgroup_fd = cgroup_fd,
                              .directory_fd = -1};
    struct hvk_error err;
    int32_t pid = child_spawn(&spawn, out_pidfd, &err);
    if (pid < 0)
        print_error("%s\n", err.text);
    assert_true(pid > 0);
    close(ends[1]);
    for (int i = 0; i < count; i++)
        assert_int_equal(read(ends[0], &byte, 1), 1);
    close(ends[0]);
    return pid;
}

static struct cgroup *create_or_skip(const char *purpose, uint32_t wanted)
{
    char name[64];
    struct hvk_error err;
    snprintf(name, sizeof name, "test-%s-%d", purpose, getpid());
    struct cgroup *cgroup = cgroup_create(name, wanted, &err);
    if (!cgroup) {
        print_message("skipped, because: %s\n", err.text);
        assert_int_equal(err.code, HVK_ERR_NO_SUPPORT);
        skip();
    }
    return cgroup;
}

static void process_starts_inside_and_is_counted_there(void **state)
{
    (void)state;
    int before = count_open_fds();
    struct cgroup *cgroup = create_or_skip("start", 0);
    int pidfd;
    int32_t pid = start_in(cgroup_get_fd(cgroup), "alone", 1, &pidfd);
    assert_true(cgroup_add(cgroup, pid, NULL));

    char name[64];
    snprintf(name, sizeof name, "test-start-%d", getpid());
    struct hvk_error err;
    assert_null(cgroup_create(name, 0, &err));
    assert_int_equal(err.code, HVK_ERR_RESOURCE_BUSY);
    struct cgroup *found = cgroup_of_process(name, pid, &err);
    assert_non_null(found);
    assert_null(cgroup_of_process(name, getpid(), &err));
    assert_int_equal(err.code, HVK_ERR_NO_SUPPORT);

    char text[256] = {0};
    int cpu_time = cgroup_open_cpu_time(found, &err);
    assert_true(read(cpu_time, text, sizeof text - 1) > 0);
    assert_true(strstr(text, "usage_usec ") == text || text[strspn(text, "0123456789")] == '\n');
    close(cpu_time);

    assert_false(cgroup_remove(cgroup, &err)); /* not while something runs in it */
    assert_int_equal(err.native, EBUSY);
    assert_true(cgroup_kill(found, 10000, &err));
    assert_true(child_wait(pidfd, -1, NULL, NULL));
    assert_true(cgroup_kill(found, 0, &err)); /* nothing to do */
    assert_true(cgroup_remove(found, &err) && cgroup_remove(cgroup, &err));
    cgroup_free(found);
    cgroup_free(cgroup);
    close(pidfd);
    assert_int_equal(count_open_fds(), before);
}

static void kill_reaches_everything_that_was_started_inside(void **state)
{
    (void)state;
    struct cgroup *cgroup = create_or_skip("kill", 0);
    int pidfd;
    start_in(cgroup_get_fd(cgroup), "brood", 1 + BROOD, &pidfd);
    struct hvk_error err;
    assert_true(cgroup_kill(cgroup, 10000, &err));
    assert_true(cgroup_remove(cgroup, &err));
    cgroup_free(cgroup);
    close(pidfd);
}

static void empty_one_that_a_crash_left_is_taken(void **state)
{
    (void)state;
    cgroup_free(create_or_skip("left", 0)); /* stays on the system */
    struct cgroup *cgroup = create_or_skip("left", 0);
    assert_true(cgroup_remove(cgroup, NULL));
    cgroup_free(cgroup);
}

static void limits_hold_or_are_reported_missing(void **state)
{
    (void)state;
    struct cgroup *cgroup = create_or_skip("limit", CGROUP_MEMORY | CGROUP_CPU | CGROUP_PIDS);
    static const struct {
        uint32_t limit;
        uint64_t value;
        bool unlimited;
    } rows[] = {
        {CGROUP_MEMORY, 64 << 20, true}, {CGROUP_CPU, 2048, false}, {CGROUP_PIDS, 50, true}};
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        struct hvk_error err;
        bool set = cgroup_set_limit(cgroup, rows[i].limit, rows[i].value, &err);
        assert_int_equal(set, cgroup_has(cgroup, rows[i].limit));
        if (!set) {
            print_message("limit 0x%x is missing: %s\n", rows[i].limit, err.text);
            assert_int_equal(err.code, HVK_ERR_NO_SUPPORT);
        } else if (rows[i].unlimited) {
            assert_true(cgroup_set_limit(cgroup, rows[i].limit, CGROUP_UNLIMITED, &err));
        }
    }
    int pidfd;
    int32_t pid = start_in(cgroup_get_fd(cgroup), "alone", 1, &pidfd);
    assert_true(cgroup_add(cgroup, pid, NULL));
    assert_true(cgroup_kill(cgroup, 10000, NULL));
    assert_true(cgroup_remove(cgroup, NULL));
    cgroup_free(cgroup);
    close(pidfd);
}

/* A kernel or hierarchy that clone3() cannot start in: version 1 stands for them here. */
static void process_enters_by_itself_where_it_cannot_be_started_inside(void **state)
{
    (void)state;
    auto_free char *parent = cgroup_directory_of(0, "cpuacct");
    auto_free char *path = parent ? string_format("%s/hvkit-test-%d", parent, getpid()) : NULL;
    if (!path || mkdir(path, 0755) < 0) {
        print_message("skipped, because there is no version 1 hierarchy to write to\n");
        skip();
    }
    auto_fd int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    int pidfd;
    int32_t pid = start_in(fd, "alone", 1, &pidfd);
    auto_free char *of_child = cgroup_directory_of(pid, "cpuacct");
    assert_string_equal(of_child, path);
    assert_true(child_kill(pidfd, 9, NULL) && child_wait(pidfd, -1, NULL, NULL));
    assert_int_equal(rmdir(path), 0);
    close(pidfd);
}

static void bad_names_are_refused(void **state)
{
    (void)state;
    static const char *const names[] = {"", "a/b", "..\n", "a b"};
    for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
        struct hvk_error err;
        assert_null(cgroup_create(names[i], 0, &err));
        assert_int_equal(err.code, HVK_ERR_INVALID_ARG);
    }
}

static void lists_are_searched_by_whole_words(void **state)
{
    (void)state;
    assert_true(cgroup_list_has("rw,cpu,cpuacct", ",", "cpu"));
    assert_true(cgroup_list_has("rw,cpu,cpuacct", ",", "cpuacct"));
    assert_false(cgroup_list_has("rw,cpuacct", ",", "cpu"));
    assert_false(cgroup_list_has("", ",", "cpu"));
    assert_true(cgroup_list_has("cpuset cpu io\n", " \n", "io"));
}

int main(int argc, char **argv)
{
    if (argc > 1) {
        alarm(60); /* should the test that started this end without it */
        return act(argv[1]);
    }
    if (readlink("/proc/self/exe", program, sizeof program - 1) <= 0)
        return 1;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(process_starts_inside_and_is_counted_there),
        cmocka_unit_test(kill_reaches_everything_that_was_started_inside),
        cmocka_unit_test(empty_one_that_a_crash_left_is_taken),
        cmocka_unit_test(limits_hold_or_are_reported_missing),
        cmocka_unit_test(process_enters_by_itself_where_it_cannot_be_started_inside),
        cmocka_unit_test(bad_names_are_refused),
        cmocka_unit_test(lists_are_searched_by_whole_words),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
