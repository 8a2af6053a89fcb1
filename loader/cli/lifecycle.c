/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Verbs that bring domains into being, run them and end them. */
#include "console.h"
#include "domain.h"
#include "editor.h"
#include "families.h"
#include "output.h"
#include <base/string.h>

typedef bool (*flags_call)(struct hvk_call *, struct hvk_connection *, const struct hvk_domain *,
                           uint32_t);

/* One call on the domain with the bits of the switches, then the confirmation. */
static bool call_with_flags(struct cli *cli, const struct arguments *arguments, flags_call call,
                            uint32_t flags, const char *outcome)
{
    const struct hvk_domain *domain = domain_find(cli, arguments);

    return domain && call(cli_call(cli), cli->connection, domain, flags) &&
           output_outcome(cli, domain, outcome);
}

static bool define_run(struct cli *cli, const struct arguments *arguments)
{
    auto_free char *xml = file_read(cli, arguments_text(arguments, "file"));
    struct hvk_domain *domain = NULL;

    if (!xml || !cli_connect(cli) ||
        !hvk_domain_define_xml(cli_call(cli), cli->connection, xml, arguments->bits, &domain))
        return false;
    domain_adopt(cli, domain);
    return output_outcome(cli, domain, "defined");
}

static bool undefine_run(struct cli *cli, const struct arguments *arguments)
{
    if (arguments_have(arguments, "nvram") && arguments_have(arguments, "keep-nvram"))
        return cli_usage(cli, "--nvram and --keep-nvram exclude each other");
    if (arguments_have(arguments, "tpm") && arguments_have(arguments, "keep-tpm"))
        return cli_usage(cli, "--tpm and --keep-tpm exclude each other");
    return call_with_flags(cli, arguments, hvk_domain_undefine, arguments->bits, "undefined");
}

/* With --console the guest starts paused and is resumed once somebody listens: nothing that it
 * prints is lost. */
static bool attach_console(struct cli *cli, const struct arguments *arguments)
{
    struct console_settings settings = {.resume = !arguments_have(arguments, "paused")};

    return console_attach(cli, cli->subject, &settings);
}

static uint32_t start_flags(const struct arguments *arguments)
{
    bool console = arguments_have(arguments, "console");

    return arguments->bits | (console ? HVK_DOMAIN_START_PAUSED : 0);
}

static bool create_run(struct cli *cli, const struct arguments *arguments)
{
    auto_free char *xml = file_read(cli, arguments_text(arguments, "file"));
    struct hvk_domain *domain = NULL;

    if (!xml || !cli_connect(cli) ||
        !hvk_domain_create_xml(cli_call(cli), cli->connection, xml, NULL, 0, start_flags(arguments),
                               &domain))
        return false;
    domain_adopt(cli, domain);
    if (!arguments_have(arguments, "console"))
        return output_outcome(cli, domain, "created");
    return attach_console(cli, arguments);
}

static bool start_domain(struct cli *cli, const struct hvk_domain *domain, uint32_t flags)
{
    struct hvk_domain *started = NULL;

    if (!hvk_domain_create(cli_call(cli), cli->connection, domain, NULL, 0, flags, &started))
        return false;
    domain_adopt(cli, started);
    return true;
}

static bool start_run(struct cli *cli, const struct arguments *arguments)
{
    const struct hvk_domain *domain = domain_find(cli, arguments);

    if (!domain || !start_domain(cli, domain, start_flags(arguments)))
        return false;
    if (!arguments_have(arguments, "console"))
        return output_outcome(cli, cli->subject, "started");
    return attach_console(cli, arguments);
}

/* Defines, starts and attaches: what one wants with a new guest. */
static bool run_run(struct cli *cli, const struct arguments *arguments)
{
    auto_free char *xml = file_read(cli, arguments_text(arguments, "file"));
    struct console_settings settings = {.resume = true};
    struct hvk_domain *domain = NULL;
    uint32_t define = arguments_have(arguments, "validate") ? HVK_DOMAIN_DEFINE_VALIDATE : 0;
    uint32_t start = HVK_DOMAIN_START_PAUSED |
                     (arguments_have(arguments, "autodestroy") ? HVK_DOMAIN_START_AUTODESTROY : 0);

    if (!xml || !cli_connect(cli) ||
        !hvk_domain_define_xml(cli_call(cli), cli->connection, xml, define, &domain))
        return false;
    domain_adopt(cli, domain);
    output_note(cli, "Domain '%s' defined", domain->name);
    return start_domain(cli, domain, start) && console_attach(cli, cli->subject, &settings);
}

/* "acpi,agent" as the bits of the modes. */
static bool read_modes(struct cli *cli, const char *text, uint32_t *out_flags)
{
    static const struct {
        const char *name;
        uint32_t bit;
    } modes[] = {{"acpi", HVK_DOMAIN_SHUTDOWN_ACPI_POWER_BTN},
                 {"agent", HVK_DOMAIN_SHUTDOWN_GUEST_AGENT},
                 {"initctl", HVK_DOMAIN_SHUTDOWN_INITCTL},
                 {"signal", HVK_DOMAIN_SHUTDOWN_SIGNAL},
                 {"paravirt", HVK_DOMAIN_SHUTDOWN_PARAVIRT}};

    *out_flags = 0;
    while (text && *text) {
        size_t length = strcspn(text, ","), i = 0;

        while (i < ARRAY_SIZE(modes) &&
               (strlen(modes[i].name) != length || strncmp(modes[i].name, text, length) != 0))
            i++;
        if (i == ARRAY_SIZE(modes))
            return cli_usage(cli,
                             "'%.*s' is no mode; known are: acpi, agent, initctl, signal, paravirt",
                             (int)length, text);
        *out_flags |= modes[i].bit;
        text += length + (text[length] == ',');
    }
    return true;
}

static bool shutdown_run(struct cli *cli, const struct arguments *arguments)
{
    uint32_t flags;

    return read_modes(cli, arguments_text(arguments, "mode"), &flags) &&
           call_with_flags(cli, arguments, hvk_domain_shutdown, flags, "is being shut down");
}

/* The bits of a reboot's modes are those of a shutdown. */
static bool reboot_run(struct cli *cli, const struct arguments *arguments)
{
    uint32_t flags;

    return read_modes(cli, arguments_text(arguments, "mode"), &flags) &&
           call_with_flags(cli, arguments, hvk_domain_reboot, flags, "is being rebooted");
}

static bool reset_run(struct cli *cli, const struct arguments *arguments)
{
    return call_with_flags(cli, arguments, hvk_domain_reset, 0, "was reset");
}

static bool destroy_run(struct cli *cli, const struct arguments *arguments)
{
    return call_with_flags(cli, arguments, hvk_domain_destroy, arguments->bits, "destroyed");
}

static bool suspend_run(struct cli *cli, const struct arguments *arguments)
{
    const struct hvk_domain *domain = domain_find(cli, arguments);

    return domain && hvk_domain_suspend(cli_call(cli), cli->connection, domain) &&
           output_outcome(cli, domain, "suspended");
}

static bool resume_run(struct cli *cli, const struct arguments *arguments)
{
    const struct hvk_domain *domain = domain_find(cli, arguments);

    return domain && hvk_domain_resume(cli_call(cli), cli->connection, domain) &&
           output_outcome(cli, domain, "resumed");
}

static bool autostart_run(struct cli *cli, const struct arguments *arguments)
{
    const struct hvk_domain *domain = domain_find(cli, arguments);
    bool enable = !arguments_have(arguments, "disable");

    return domain && hvk_domain_set_autostart(cli_call(cli), cli->connection, domain, enable) &&
           output_outcome(cli, domain,
                          enable ? "marked as autostarted" : "unmarked as autostarted");
}

#define START_SWITCHES                                                                             \
    SWITCH("console", 0, "attach the guest's console"),                                            \
        SWITCH("paused", HVK_DOMAIN_START_PAUSED, "leave the guest paused"),                       \
        SWITCH("autodestroy", HVK_DOMAIN_START_AUTODESTROY,                                        \
               "destroy the guest when this connection ends"),                                     \
        SWITCH("reset-nvram", HVK_DOMAIN_START_RESET_NVRAM, "start with fresh firmware variables")
#define MODE_OPTION                                                                                \
    {                                                                                              \
        .name = "mode", .value = "MODES",                                                          \
        .help =                                                                                    \
            "how to ask the guest, separated by commas; by default what the driver deems best",    \
        .type = OPTION_TEXT, .choices = CHOICES("acpi", "agent", "initctl", "signal", "paravirt")  \
    }
#define XML_OPERAND FILE_OPERAND("file with the domain's XML; - is standard input")

const struct verb lifecycle_verbs[] = {
    {.name = "define",
     .summary = "define a domain from a file",
     .description = "Stores the domain's configuration, or replaces it, without starting it.",
     .options = OPTIONS(XML_OPERAND, SWITCH("validate", HVK_DOMAIN_DEFINE_VALIDATE,
                                            "refuse what hvkit does not know")),
     .run = define_run},
    {.name = "undefine",
     .summary = "forget a domain",
     .description = "Removes the domain's configuration. A running guest goes on and is forgotten "
                    "when it ends.",
     .options = OPTIONS(
         DOMAIN_OPERAND,
         SWITCH("managed-save", HVK_DOMAIN_UNDEFINE_MANAGED_SAVE, "remove its saved state too"),
         SWITCH("snapshots-metadata", HVK_DOMAIN_UNDEFINE_SNAPSHOTS_METADATA,
                "forget its snapshots too"),
         SWITCH("checkpoints-metadata", HVK_DOMAIN_UNDEFINE_CHECKPOINTS_METADATA,
                "forget its checkpoints too"),
         SWITCH("nvram", HVK_DOMAIN_UNDEFINE_NVRAM, "remove its firmware variables too"),
         SWITCH("keep-nvram", HVK_DOMAIN_UNDEFINE_KEEP_NVRAM, "keep its firmware variables"),
         SWITCH("tpm", HVK_DOMAIN_UNDEFINE_TPM, "remove its TPM state too"),
         SWITCH("keep-tpm", HVK_DOMAIN_UNDEFINE_KEEP_TPM, "keep its TPM state")),
     .run = undefine_run},
    {.name = "create",
     .summary = "start a transient domain from a file",
     .description = "Starts a guest that is forgotten when it ends, unless it is also defined.",
     .options =
         OPTIONS(XML_OPERAND, START_SWITCHES,
                 SWITCH("validate", HVK_DOMAIN_START_VALIDATE, "refuse what hvkit does not know")),
     .run = create_run},
    {.name = "run",
     .summary = "define and start a domain and attach its console",
     .description = "Defines the domain that the file describes, starts it and attaches its "
                    "console from the first byte on. The guest goes on when the console is left, "
                    "unless --autodestroy was given.",
     .options = OPTIONS(XML_OPERAND, SWITCH("validate", 0, "refuse what hvkit does not know"),
                        SWITCH("autodestroy", 0, "destroy the guest when this connection ends")),
     .examples = "hvkit run guest.xml # boot a guest and see its console",
     .run = run_run,
     .flags = 0},
    {.name = "start",
     .summary = "start a defined domain",
     .description = "Starts the domain, from its saved state when there is a managed save.",
     .options = OPTIONS(DOMAIN_OPERAND, START_SWITCHES,
                        SWITCH("bypass-cache", HVK_DOMAIN_START_BYPASS_CACHE,
                               "read a saved state past the host's cache"),
                        SWITCH("force-boot", HVK_DOMAIN_START_FORCE_BOOT,
                               "boot afresh and discard a saved state")),
     .examples = "hvkit start web --console # start it and attach its console",
     .run = start_run},
    {.name = "shutdown",
     .summary = "ask a guest to shut down",
     .description = "Asks the guest to shut down and returns; whether and when it does is up to "
                    "the guest. 'hvkit event --event lifecycle' waits for it.",
     .options = OPTIONS(DOMAIN_OPERAND, MODE_OPTION),
     .run = shutdown_run},
    {.name = "reboot",
     .summary = "ask a guest to reboot",
     .options = OPTIONS(DOMAIN_OPERAND, MODE_OPTION),
     .run = reboot_run},
    {.name = "reset",
     .summary = "reset a guest as its reset button does",
     .options = OPTIONS(DOMAIN_OPERAND),
     .run = reset_run},
    {.name = "destroy",
     .summary = "stop a guest at once",
     .description = "Stops the guest as pulling the plug does. Its configuration stays.",
     .options = OPTIONS(
         DOMAIN_OPERAND,
         SWITCH("graceful", HVK_DOMAIN_DESTROY_GRACEFUL,
                "fail rather than kill a hypervisor that does not react"),
         SWITCH("remove-logs", HVK_DOMAIN_DESTROY_REMOVE_LOGS, "remove the guest's logs too")),
     .run = destroy_run},
    {.name = "suspend",
     .summary = "pause a guest",
     .options = OPTIONS(DOMAIN_OPERAND),
     .run = suspend_run},
    {.name = "resume",
     .summary = "let a paused guest go on",
     .options = OPTIONS(DOMAIN_OPERAND),
     .run = resume_run},
    {.name = "autostart",
     .summary = "start a domain with the node, or no longer",
     .options = OPTIONS(DOMAIN_OPERAND, SWITCH("disable", 0, "no longer start it")),
     .run = autostart_run},
    {0},
};
