/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Claims about Ctrl-C and other signals while a command waits. Usage: cli_signals HVKIT */
#include "cli_terminal.h"
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>

#define EXIT_STOPPED 5

static const char *hvkit;

#define START(terminal, uri, ...)                                                                  \
    terminal_start(terminal, uri, (const char *const[]){hvkit, __VA_ARGS__, NULL})

/* An event that the command has subscribed to tells that its call is under way: here the shell's
 * own output does. */
static void begin_slow_call(struct terminal *terminal, const char *command)
{
    char line[128];

    START(terminal, "test:///default?inject=destroy:delay=120000,save:delay=120000", "shell");
    terminal_expect(terminal, "hvkit> ");
    snprintf(line, sizeof(line), "pwd; %s\n", command);
    terminal_type(terminal, line);
    terminal_expect(terminal, "/");
}

static void interrupting_a_call_cancels_it_and_tells_the_state(void **state)
{
    struct terminal terminal;

    (void)state;
    begin_slow_call(&terminal, "destroy test");
    terminal_expect(&terminal, "\n");
    kill(terminal.pid, SIGINT);
    terminal_expect(&terminal, "hvkit: destroy: ");
    terminal_expect(&terminal, "domain 'test' is now running");
    terminal_expect(&terminal, "hvkit> ");
    terminal_type(&terminal, "quit\n");
    assert_int_equal(terminal_wait(&terminal), 0);
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
    START(&terminal, "test:///default", "shell");
    terminal_expect(&terminal, "hvkit> ");
    terminal_type(&terminal, "pwd; event --all --loop\n");
    terminal_expect(&terminal, "/");
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
    kill(terminal.pid, SIGINT);
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
    terminal_type(&terminal, "domstate\tte\t--rea\t\n");
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
        cmocka_unit_test(a_terminated_command_ends_with_its_own_status),
        cmocka_unit_test(a_loop_of_events_is_ended_by_interruption_without_failure),
        cmocka_unit_test(interrupting_the_prompt_clears_the_line_only),
        cmocka_unit_test(the_prompt_completes_verbs_options_and_domains),
    };

    hvkit = argc > 1 ? argv[1] : "hvkit";
    return cmocka_run_group_tests(tests, NULL, NULL);
}
