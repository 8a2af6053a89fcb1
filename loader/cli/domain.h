/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The domain that a verb is about, and flags that many verbs share. */
#ifndef HVKIT_CLI_DOMAIN_H
#define HVKIT_CLI_DOMAIN_H

#include "cli.h"

/* The domain that the operand "domain" names: its id, uuid or name, tried in this order. Connects.
 * Owned by cli until the command ends; NULL with the error. */
const struct hvk_domain *domain_find(struct cli *cli, const struct arguments *arguments);
/* The same for any text; the caller's to hvk_free(). */
struct hvk_domain *domain_lookup(struct cli *cli, const char *text);

/* Makes a domain that an operation returned the command's subject and owned by cli. */
const struct hvk_domain *domain_adopt(struct cli *cli, struct hvk_domain *domain);

/* After an interrupted command: says on standard error what state the domain is in now. */
void domain_report_state(struct cli *cli);

/* --live, --config and --current as HVK_DOMAIN_AFFECT_*; --current excludes the others. With
 * --persistent (where the verb has it): the configuration, and the guest too if it runs. */
bool domain_affect(struct cli *cli, const struct arguments *arguments, uint32_t *out_flags);

#define AFFECT_SWITCHES                                                                            \
    SWITCH("live", HVK_DOMAIN_AFFECT_LIVE, "change the running guest"),                            \
        SWITCH("config", HVK_DOMAIN_AFFECT_CONFIG, "change what the next start uses"),             \
        SWITCH("current", 0, "change the guest if it runs, else its configuration (the default)")
#define READ_SWITCHES                                                                              \
    SWITCH("live", HVK_DOMAIN_AFFECT_LIVE, "ask about the running guest"),                         \
        SWITCH("config", HVK_DOMAIN_AFFECT_CONFIG, "ask about what the next start uses"),          \
        SWITCH("current", 0,                                                                       \
               "ask about the guest if it runs, else its configuration (the default)")

#endif
