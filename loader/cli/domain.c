/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "domain.h"
#include "names.h"
#include <base/string.h>
#include <base/uuid.h>

#define REPORT_MILLISECONDS 2000 /* how long the question after an interruption may take */

/* A failure other than "there is none" ends the search. */
static bool may_try_next(const struct cli *cli)
{
    return cli->call.error.code == HVK_ERR_NO_DOMAIN;
}

struct hvk_domain *domain_lookup(struct cli *cli, const char *text)
{
    struct hvk_domain *domain = NULL;
    uint8_t uuid[HVK_UUID_SIZE];
    uint64_t id;

    if (!cli_connect(cli))
        return NULL;
    if (text[strspn(text, "0123456789")] == '\0' && string_to_u64(text, 0, INT32_MAX, &id) &&
        (hvk_domain_lookup_by_id(cli_call(cli), cli->connection, (int32_t)id, &domain) ||
         !may_try_next(cli)))
        return domain;
    if (uuid_parse(text, uuid) &&
        (hvk_domain_lookup_by_uuid(cli_call(cli), cli->connection, uuid, &domain) ||
         !may_try_next(cli)))
        return domain;
    hvk_domain_lookup_by_name(cli_call(cli), cli->connection, text, &domain);
    return domain;
}

const struct hvk_domain *domain_adopt(struct cli *cli, struct hvk_domain *domain)
{
    hvk_free(cli->subject);
    return cli->subject = domain;
}

const struct hvk_domain *domain_find(struct cli *cli, const struct arguments *arguments)
{
    return domain_adopt(cli, domain_lookup(cli, arguments_text(arguments, "domain")));
}

void domain_report_state(struct cli *cli)
{
    struct hvk_domain_status status = HVK_RECORD_INIT(status);
    struct hvk_call call = HVK_CALL_INIT;

    if (!cli->subject || !cli->connection)
        return;
    call.deadline_ns = hvk_deadline_in(REPORT_MILLISECONDS);
    if (hvk_domain_get_status(&call, cli->connection, cli->subject, &status))
        cli_complain("domain '%s' is now %s (%s)", cli->subject->name, state_name(status.state),
                     reason_name(status.state, status.reason));
    else
        cli_complain("the state of domain '%s' is not known: %s", cli->subject->name,
                     call.error.text);
}

bool domain_affect(struct cli *cli, const struct arguments *arguments, uint32_t *out_flags)
{
    uint32_t mask = HVK_DOMAIN_AFFECT_LIVE | HVK_DOMAIN_AFFECT_CONFIG;

    *out_flags = arguments->bits & mask;
    if (arguments_have(arguments, "current") && *out_flags)
        return cli_usage(cli, "--current excludes --live and --config");
    return true;
}
