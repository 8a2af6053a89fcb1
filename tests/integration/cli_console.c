/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Claims about the console on a terminal: raw while it lasts, and restored whatever ends it. The
 * test driver's console answers what it is told. Usage: cli_console HVKIT */
#include "cli_terminal.h"
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>

#define NODE "test:///default"
#define ESCAPE "\x1d" /* Ctrl-] */

static const char *hvkit;

/* The terminal is raw once the command says that it is connected. */
static void attach(struct terminal *terminal)
{
    terminal_start(terminal, NODE, (const char *const[]){hvkit, "console", "test", NULL});
    terminal_expect(terminal, "the escape character is ^]");
    terminal_type(terminal, "ping\r");
    terminal_expect(terminal, "ping");
}

static void the_terminal_is_raw_and_restored_by_the_escape_character(void **state)
{
    struct terminal terminal;
    int status;

    (void)state;
    attach(&terminal);
    assert_true(terminal_is_raw(&terminal));
    terminal_type(&terminal, ESCAPE);
    status = terminal_wait(&terminal);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
    assert_true(terminal_is_restored(&terminal));
    terminal_close(&terminal);
}

static void control_c_goes_to_the_guest(void **state)
{
    struct terminal terminal;

    (void)state;
    attach(&terminal);
    terminal_type(&terminal, "\x03pong\r");
    terminal_expect(&terminal, "pong");
    terminal_type(&terminal, ESCAPE);
    assert_int_equal(terminal_wait(&terminal), 0);
    terminal_close(&terminal);
}

static void every_signal_restores_the_terminal(void **state)
{
    static const int signals[] = {SIGTERM, SIGHUP, SIGINT, SIGQUIT, SIGSEGV, SIGABRT, SIGPIPE};
    struct terminal terminal;

    (void)state;
    for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++) {
        attach(&terminal);
        assert_true(terminal_is_raw(&terminal));
        kill(terminal.pid, signals[i]);
        assert_int_not_equal(terminal_wait(&terminal), 0);
        if (!terminal_is_restored(&terminal))
            fail_msg("signal %d leaves the terminal raw", signals[i]);
        terminal_close(&terminal);
    }
}

static void stopping_and_continuing_leaves_and_enters_raw_mode(void **state)
{
    struct terminal terminal;
    int status;

    (void)state;
    attach(&terminal);
    kill(terminal.pid, SIGTSTP);
    assert_int_equal(waitpid(terminal.pid, &status, WUNTRACED), terminal.pid);
    assert_true(WIFSTOPPED(status));
    assert_true(terminal_is_restored(&terminal));
    kill(terminal.pid, SIGCONT);
    while (!terminal_is_raw(&terminal))
        sched_yield(); /* the test's time limit ends a wait in vain */
    terminal_type(&terminal, "again\r");
    terminal_expect(&terminal, "again");
    terminal_type(&terminal, ESCAPE);
    assert_int_equal(terminal_wait(&terminal), 0);
    assert_true(terminal_is_restored(&terminal));
    terminal_close(&terminal);
}

static void another_escape_character_can_be_chosen(void **state)
{
    struct terminal terminal;

    (void)state;
    terminal_start(&terminal, NODE,
                   (const char *const[]){hvkit, "console", "test", "--escape", "^A", NULL});
    terminal_expect(&terminal, "the escape character is ^A");
    terminal_type(&terminal, "\x01");
    assert_int_equal(terminal_wait(&terminal), 0);
    assert_true(terminal_is_restored(&terminal));
    terminal_close(&terminal);
}

int main(int argc, char *argv[])
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_terminal_is_raw_and_restored_by_the_escape_character),
        cmocka_unit_test(control_c_goes_to_the_guest),
        cmocka_unit_test(every_signal_restores_the_terminal),
        cmocka_unit_test(stopping_and_continuing_leaves_and_enters_raw_mode),
        cmocka_unit_test(another_escape_character_can_be_chosen),
    };

    hvkit = argc > 1 ? argv[1] : "hvkit";
    return cmocka_run_group_tests(tests, NULL, NULL);
}
