/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The table of verbs, family by family in the order in which help shows them. */
#include "families.h"
#include "text.h"
#include "verb.h"
#include <base/string.h>
#include <limits.h>

const struct family verb_families[] = {
    {"Listing and looking at domains", list_verbs},
    {"Domain life cycle", lifecycle_verbs},
    {"Saving, restoring and dumping domains", save_verbs},
    {"Domain definitions", config_verbs},
    {"Memory and virtual CPUs", resource_verbs},
    {"Disks, interfaces and memory in use", usage_verbs},
    {"Statistics and jobs", stats_verbs},
    {"Devices", device_verbs},
    {"Console", console_verbs},
    {"Screen and keyboard", input_verbs},
    {"Events", event_verbs},
    {"The node", node_verbs},
    {"hvkit itself", program_verbs},
    {0},
};

const struct option_row global_options[] = {
    {.name = "connect",
     .letter = 'c',
     .value = "URI",
     .type = OPTION_TEXT,
     .help = "the hypervisor to talk to, as a URI or an alias of the configuration"},
    {.name = "readonly", .letter = 'r', .help = "connect without the right to change anything"},
    {.name = "quiet", .letter = 'q', .help = "print results only, no confirmations"},
    {.name = "json", .letter = 'j', .help = "print results as one JSON object"},
    {.name = "no-headings", .help = "leave out the heading line of tables"},
    {.name = "timeout",
     .letter = 't',
     .value = "SECONDS",
     .type = OPTION_NUMBER,
     .min = 1,
     .max = 31536000,
     .help = "give up when the command has not ended after so many seconds"},
    {.name = "help", .letter = 'h', .help = "show help and exit"},
    {.name = "version", .letter = 'V', .help = "show the version and exit"},
    {0},
};

static bool has_name(const struct verb *verb, const char *name)
{
    size_t length = strlen(name);

    if (string_equal(verb->name, name))
        return true;
    for (const char *alias = verb->aliases; alias && *alias; alias += strspn(alias, " ")) {
        size_t end = strcspn(alias, " ");

        if (end == length && strncmp(alias, name, length) == 0)
            return true;
        alias += end;
    }
    return false;
}

const struct verb *verb_find(const char *name)
{
    VERB_FOR_EACH(verb)
    {
        if (has_name(verb, name))
            return verb;
    }
    return NULL;
}

const char *verb_suggest(const char *name)
{
    unsigned best = UINT_MAX;
    const char *closest = NULL;

    VERB_FOR_EACH(verb)
    {
        if (text_is_closer(name, verb->name, &best))
            closest = verb->name;
    }
    return closest;
}
