/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* hvkit-scanner: reads the description of every operation and writes what follows from it. */
#include "baseline.h"

#include <base/string.h>
#include <getopt.h>
#include <libxml/parser.h>

struct options {
    const char *baseline;
    const char *output;
    bool check;
    bool append;
    bool manual;
};

static const char usage[] =
    "usage: hvkit-scanner [OPTION]... FILE...\n"
    "  --output DIR     write the generated sources below DIR\n"
    "  --manual DIR     write the manual pages and the permission tables below DIR\n"
    "  --baseline FILE  the committed ABI baseline\n"
    "  --check          fail when description and baseline differ\n"
    "  --append         add what is new in the description to the baseline\n"
    "  --help\n";

static bool set_option(struct options *options, int option)
{
    switch (option) {
    case 'o':
        options->output = optarg;
        return true;
    case 'm':
        options->output = optarg;
        options->manual = true;
        return true;
    case 'b':
        options->baseline = optarg;
        return true;
    case 'c':
        options->check = true;
        return true;
    case 'a':
        options->append = true;
        return true;
    }
    return false;
}

static bool parse_options(int argc, char **argv, struct options *options)
{
    static const struct option names[] = {{"output", required_argument, NULL, 'o'},
                                          {"manual", required_argument, NULL, 'm'},
                                          {"baseline", required_argument, NULL, 'b'},
                                          {"check", no_argument, NULL, 'c'},
                                          {"append", no_argument, NULL, 'a'},
                                          {"help", no_argument, NULL, 'h'},
                                          {NULL, 0, NULL, 0}};
    int option;
    while ((option = getopt_long(argc, argv, "", names, NULL)) >= 0) {
        if (option == 'h') {
            fputs(usage, stdout);
            exit(EXIT_SUCCESS);
        }
        if (!set_option(options, option))
            return false;
    }
    return optind < argc && (options->baseline || (!options->check && !options->append));
}

static bool use_baseline(struct description *description, const struct options *options,
                         struct baseline *baseline)
{
    if (!options->baseline)
        return true;
    if (!baseline_read(description, options->baseline, baseline))
        return false;
    if (options->append)
        return baseline_append(description, baseline, options->baseline);
    return !options->check || baseline_check(description, baseline, options->baseline);
}

static bool emit(const struct description *description, const struct baseline *baseline,
                 const struct options *options)
{
    if (!options->output)
        return true;
    if (options->manual)
        return emit_manual(description, options->output) &&
               emit_policy(description, options->output);
    return emit_headers(description, options->output) &&
           emit_driver_headers(description, baseline, options->output) &&
           emit_methods(description, options->output) &&
           emit_functions(description, options->output) &&
           emit_anchor(description, options->output);
}

int main(int argc, char **argv)
{
    struct options options = {0};
    if (!parse_options(argc, argv, &options)) {
        fputs(usage, stderr);
        return 2;
    }
    auto_arena arena = ARENA_INIT;
    struct report faults = {.to = stderr};
    struct description description = {
        .arena = &arena, .faults = &faults, .revision = HVK_ABI_REVISION};
    struct baseline baseline = {0};
    bool good =
        model_build(&description, (const char *const *)argv + optind, (size_t)(argc - optind)) &&
        use_baseline(&description, &options, &baseline) && emit(&description, &baseline, &options);
    xmlCleanupParser();
    return good && faults.count == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
