/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The hvkit command: reads the options in front of the verb and hands the rest to it. */
#include "cli.h"
#include "help.h"

/* What needs no verb; -1 when there is one to run. */
static int answer_at_once(const struct arguments *globals, bool verb_given)
{
    if (arguments_have(globals, "version"))
        return puts("hvkit " HVK_VERSION) < 0 || fflush(stdout) ? EXIT_FAILED : EXIT_DONE;
    if (arguments_have(globals, "help") && !verb_given)
        return help_print_overview() && fflush(stdout) == 0 ? EXIT_DONE : EXIT_FAILED;
    if (verb_given)
        return -1;
    cli_complain("no command given; 'hvkit help' lists all of them");
    return EXIT_USAGE;
}

int main(int argc, char *argv[])
{
    auto_arguments globals = ARGUMENTS_INIT;
    struct cli cli;

    cli_init(&cli);
    int taken = arguments_read_global(&globals, argc - 1, argv + 1, &cli.call.error);
    int first = taken + 1;
    int status = EXIT_USAGE;
    if (taken < 0)
        cli_complain("%s", cli.call.error.text);
    else if ((status = answer_at_once(&globals, first < argc)) >= 0)
        ;
    else if (!cli_take_globals(&cli, &globals, &cli.settings)) {
        cli_complain("%s", cli.call.error.text);
        status = EXIT_FAILED;
    } else if (arguments_have(&globals, "help")) {
        status = cli_run(&cli, 2, (char *[]){(char *)"help", argv[first]});
    } else {
        status = cli_run(&cli, argc - first, argv + first);
    }
    cli_fini(&cli);
    return status;
}
