/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Claims about Ctrl-C and other signals while a command waits. Usage: cli_signals HVKIT */
#include "cli_terminal.h"
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#define EXIT_STOPPED 5

static const char *hvkit;

#define START(terminal, uri, ...)                                                                  \
    terminal_start(terminal, uri, (const char *const[]){hvkit, __VA_ARGS__, NULL})

/* Runs the command at the prompt of a shell that is connected already, and returns once its main
 * thread sleeps in the system call. */
static void begin_waiting(struct terminal *terminal, const char *uri, const char *command,
                          long system_call)
{
    char line[128], path[64];

    START(terminal, uri, "shell");
    terminal_expect(terminal, "hvkit> ");
    snprintf(line, sizeof(line), "domname test; domid test; %s\n", command);
    terminal_type(terminal, line);
    terminal_expect(terminal, "test\r\n1\r\n");
    snprintf(path, sizeof(path), "/proc/%d/syscall", terminal->pid);
    for (long number = -1; number != system_call;) {
        FILE *file = fopen(path, "r");

        assert_non_null(file);
        if (!fgets(line, sizeof(line), file) || sscanf(line, "%ld", &number) != 1)
            number = -1; /* it runs at this moment */
        fclose(file);
        sched_yield();
    }
}

static void interrupting_a_call_cancels_it_and_tells_the_state(void **state)
{
    struct terminal terminal;

    (void)state;
    begin_waiting(&terminal, "test:///default?inject=destroy:delay=120000", "destroy test",
                  SYS_futex);
    kill(terminal.pid, SIGINT);
    terminal_expect(&terminal, "hvkit: destroy: ");
    terminal_expect(&terminal, "domain 'test' is now running");
    terminal_expect(&terminal, "hvkit> ");
    terminal_type(&terminal, "quit\n");
    assert_int_equal(terminal_wait(&terminal), 0);
    terminal_close(&terminal);
}

static void interrupting_a_save_ends_it_and_the_guest_goes_on(void **state)
{
    struct terminal terminal;

    (void)state;
    begin_waiting(&terminal, "test:///default?inject=save:delay=120000", "save test /nowhere/x",
                  SYS_futex);
    terminal_type(&terminal, "\x03");
    terminal_expect(&terminal, "hvkit: save: ");
    terminal_expect(&terminal, "domain 'test' is now running");
    terminal_expect(&terminal, "hvkit> ");
    terminal_type(&terminal, "quit\n");
    assert_int_equal(terminal_wait(&terminal), 0);
    terminal_close(&terminal);
}

static void a_second_interruption_ends_the_process(void **state)
{
    struct terminal terminal;
    int status;

    (void)state;
    begin_waiting(&terminal, "test:///default?inject=save:delay=120000", "save test /nowhere/x",
                  SYS_futex);
    kill(terminal.pid, SIGTERM);
    kill(terminal.pid, SIGHUP);
    status = terminal_wait(&terminal);
    assert_true(WIFSIGNALED(status) || WIFEXITED(status));
    assert_true(terminal_is_restored(&terminal));
    terminal_close(&terminal);
}

static void a_terminated_command_ends_with_its_own_status(void **state)
{
    struct terminal terminal;
    int status;

    (void)state;
    START(&terminal, "test:///default", "event", "--all");
    /* The signal is blocked from the moment on in which the connection is opened; a process that
     * dies of it before shows that as well. */
    kill(terminal.pid, SIGTERM);
    status = terminal_wait(&terminal);
    assert_true((WIFEXITED(status) && WEXITSTATUS(status) == EXIT_STOPPED) ||
                (WIFSIGNALED(status) && WTERMSIG(status) == SIGTERM));
    terminal_close(&terminal);
}

static void a_loop_of_events_is_ended_by_interruption_without_failure(void **state)
{
    struct terminal terminal;

    (void)state;
    begin_waiting(&terminal, "test:///default", "event --all --loop", SYS_poll);
    kill(terminal.pid, SIGINT);
    terminal_expect(&terminal, "events received: 0");
    terminal_expect(&terminal, "hvkit> ");
    terminal_type(&terminal, "quit\n");
    assert_int_equal(terminal_wait(&terminal), 0);
    terminal_close(&terminal);
}

static void interrupting_the_prompt_clears_the_line_only(void **state)
{
    struct terminal terminal;

    (void)state;
    START(&terminal, "test:///default", "shell");
    terminal_expect(&terminal, "hvkit> ");
    terminal_type(&terminal, "destroy te");
    terminal_expect(&terminal, "destroy te");
    terminal_type(&terminal, "\x03");
    terminal_expect(&terminal, "hvkit> ");
    terminal_type(&terminal, "domstate test\n");
    terminal_expect(&terminal, "running");
    terminal_type(&terminal, "quit\n");
    assert_int_equal(terminal_wait(&terminal), 0);
    terminal_close(&terminal);
}

static void the_prompt_completes_verbs_options_and_domains(void **state)
{
    struct terminal terminal;

    (void)state;
    START(&terminal, "test:///default", "shell");
    terminal_expect(&terminal, "hvkit> ");
    terminal_type(&terminal, "domstate\tte\t--reas\t\n");
    terminal_expect(&terminal, "running (");
    terminal_type(&terminal, "dom\t\n");
    terminal_expect(&terminal, "dominfo");
    terminal_expect(&terminal, "domuuid");
    terminal_type(&terminal, "quit\n");
    assert_int_equal(terminal_wait(&terminal), 0);
    terminal_close(&terminal);
}

int main(int argc, char *argv[])
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(interrupting_a_call_cancels_it_and_tells_the_state),
        cmocka_unit_test(interrupting_a_save_ends_it_and_the_guest_goes_on),
        cmocka_unit_test(a_second_interruption_ends_the_process),
        cmocka_unit_test(a_terminated_command_ends_with_its_own_status),
        cmocka_unit_test(a_loop_of_events_is_ended_by_interruption_without_failure),
        cmocka_unit_test(interrupting_the_prompt_clears_the_line_only),
        cmocka_unit_test(the_prompt_completes_verbs_options_and_domains),
    };

    hvkit = argc > 1 ? argv[1] : "hvkit";
    return cmocka_run_group_tests(tests, NULL, NULL);
}
