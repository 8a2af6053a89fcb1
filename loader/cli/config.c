/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Verbs that show and change what is stored about a domain. */
#include "domain.h"
#include "editor.h"
#include "families.h"
#include "output.h"
#include <base/string.h>

static bool dumpxml_run(struct cli *cli, const struct arguments *arguments)
{
    const struct hvk_domain *domain = domain_find(cli, arguments);
    auto_result char *xml = NULL;

    return domain &&
           hvk_domain_get_xml_desc(cli_call(cli), cli->connection, domain, arguments->bits, &xml) &&
           output_value(cli, "domains", "xml", CELL_TEXT, "%s", xml);
}

struct edit {
    uint32_t flags;
};

static bool apply_definition(struct cli *cli, const char *text, void *user)
{
    const struct edit *edit = user;
    struct hvk_domain *domain = NULL;

    if (!hvk_domain_define_xml(cli_call(cli), cli->connection, text, edit->flags, &domain))
        return false;
    domain_adopt(cli, domain);
    return true;
}

static bool edit_run(struct cli *cli, const struct arguments *arguments)
{
    bool skip = arguments_have(arguments, "skip-validate");
    struct edit edit = {.flags = skip ? 0 : HVK_DOMAIN_DEFINE_VALIDATE};
    auto_result char *xml = NULL;
    bool changed;

    if (!domain_find(cli, arguments) ||
        !hvk_domain_get_xml_desc(cli_call(cli), cli->connection, cli->subject,
                                 HVK_DOMAIN_XML_SECURE | HVK_DOMAIN_XML_INACTIVE, &xml) ||
        !editor_run(cli, xml, ".xml", apply_definition, &edit, &changed))
        return false;
    return output_outcome(cli, cli->subject, changed ? "edited" : "not changed");
}

static bool rename_run(struct cli *cli, const struct arguments *arguments)
{
    const struct hvk_domain *domain = domain_find(cli, arguments);

    return domain &&
           hvk_domain_rename(cli_call(cli), cli->connection, domain,
                             arguments_text(arguments, "new-name"), 0) &&
           output_outcome(cli, domain, "renamed");
}

/* ---- title, description and metadata ---- */

struct metadata {
    const struct arguments *arguments;
    int32_t type;
    uint32_t flags;
    const char *key;
    const char *uri;
};

static bool get_metadata(struct cli *cli, const struct metadata *metadata, char **out_text)
{
    return hvk_domain_get_metadata(cli_call(cli), cli->connection, cli->subject, metadata->type,
                                   metadata->uri, metadata->flags, out_text);
}

static bool set_metadata(struct cli *cli, const struct metadata *metadata, const char *text)
{
    return hvk_domain_set_metadata(cli_call(cli), cli->connection, cli->subject, metadata->type,
                                   text, metadata->key, metadata->uri, metadata->flags);
}

/* Editors end a text with a line end that nobody typed. */
static bool apply_metadata(struct cli *cli, const char *text, void *user)
{
    size_t length = strlen(text);
    auto_free char *trimmed = strndup(text, length - (length > 0 && text[length - 1] == '\n'));

    return trimmed ? set_metadata(cli, user, *trimmed ? trimmed : NULL)
                   : hvk_error_memory(&cli->call.error);
}

static bool edit_metadata(struct cli *cli, struct metadata *metadata, const char *ending)
{
    auto_result char *text = NULL;
    bool changed;

    if (!get_metadata(cli, metadata, &text) && cli->call.error.code != HVK_ERR_NO_DOMAIN_METADATA)
        return false;
    if (!editor_run(cli, text ? text : "", ending, apply_metadata, metadata, &changed))
        return false;
    return output_outcome(cli, cli->subject, changed ? "edited" : "not changed");
}

/* The words of the new description, joined by blanks. */
static char *join(const struct vector *words)
{
    auto_buffer text = BUFFER_INIT;

    VECTOR_FOR_EACH (words, const char *, word) {
        buffer_add_string(&text, text.length ? " " : "");
        buffer_add_string(&text, *word);
    }
    return buffer_take(&text);
}

static bool print_description(struct cli *cli, const struct metadata *metadata)
{
    const char *key = metadata->type == HVK_DOMAIN_METADATA_TITLE ? "title" : "description";
    auto_result char *text = NULL;

    if (!get_metadata(cli, metadata, &text) && cli->call.error.code != HVK_ERR_NO_DOMAIN_METADATA)
        return false;
    if (text || cli->settings.json)
        return output_value(cli, "domains", key, CELL_TEXT, "%s", text ? text : "");
    output_note(cli, "Domain '%s' has no %s", cli->subject->name, key);
    return true;
}

static bool desc_run(struct cli *cli, const struct arguments *arguments)
{
    bool title = arguments_have(arguments, "title");
    struct metadata metadata = {.type = title ? HVK_DOMAIN_METADATA_TITLE
                                              : HVK_DOMAIN_METADATA_DESCRIPTION};
    bool new_text = arguments->rest.count > 0;

    if (new_text && arguments_have(arguments, "edit"))
        return cli_usage(cli, "--edit and a new text exclude each other");
    if (!domain_affect(cli, arguments, &metadata.flags) || !domain_find(cli, arguments))
        return false;
    if (arguments_have(arguments, "edit"))
        return edit_metadata(cli, &metadata, ".txt");
    if (!new_text)
        return print_description(cli, &metadata);
    auto_free char *text = join(&arguments->rest);
    if (!text)
        return hvk_error_memory(&cli->call.error);
    return set_metadata(cli, &metadata, *text ? text : NULL) &&
           output_outcome(cli, cli->subject, title ? "has a new title" : "has a new description");
}

static bool metadata_run(struct cli *cli, const struct arguments *arguments)
{
    struct metadata metadata = {.type = HVK_DOMAIN_METADATA_ELEMENT,
                                .uri = arguments_text(arguments, "uri"),
                                .key = arguments_text(arguments, "key")};
    const char *set = arguments_text(arguments, "set");
    bool remove = arguments_have(arguments, "remove"), edit = arguments_have(arguments, "edit");
    auto_result char *text = NULL;

    if ((set != NULL) + remove + edit > 1)
        return cli_usage(cli, "--set, --remove and --edit exclude each other");
    if ((set || edit) && !metadata.key)
        return cli_usage(cli, "--set and --edit need --key, the prefix of the namespace");
    if (!domain_affect(cli, arguments, &metadata.flags) || !domain_find(cli, arguments))
        return false;
    if (edit)
        return edit_metadata(cli, &metadata, ".xml");
    if (set || remove)
        return set_metadata(cli, &metadata, set) &&
               output_outcome(cli, cli->subject, remove ? "lost the metadata" : "has new metadata");
    return get_metadata(cli, &metadata, &text) &&
           output_value(cli, "domains", "metadata", CELL_TEXT, "%s", text);
}

/* ---- native configurations ---- */

typedef bool (*convert_call)(struct hvk_call *, struct hvk_connection *, const char *, const char *,
                             uint32_t, char **);

static bool convert(struct cli *cli, const struct arguments *arguments, convert_call call,
                    const char *text)
{
    auto_result char *converted = NULL;

    return text && cli_connect(cli) &&
           call(cli_call(cli), cli->connection, arguments_text(arguments, "format"), text, 0,
                &converted) &&
           output_value(cli, "domains", "config", CELL_TEXT, "%s", converted);
}

static bool from_native_run(struct cli *cli, const struct arguments *arguments)
{
    auto_free char *text = file_read(cli, arguments_text(arguments, "file"));

    return convert(cli, arguments, hvk_domain_xml_from_native, text);
}

static bool to_native_run(struct cli *cli, const struct arguments *arguments)
{
    const char *path = arguments_text(arguments, "xml");
    auto_result char *stored = NULL;

    if ((path != NULL) == arguments_have(arguments, "domain"))
        return cli_usage(cli, "needs either a file with XML or --domain");
    if (path) {
        auto_free char *text = file_read(cli, path);

        return convert(cli, arguments, hvk_domain_xml_to_native, text);
    }
    return domain_find(cli, arguments) &&
           hvk_domain_get_xml_desc(cli_call(cli), cli->connection, cli->subject,
                                   HVK_DOMAIN_XML_SECURE, &stored) &&
           convert(cli, arguments, hvk_domain_xml_to_native, stored);
}

const struct verb config_verbs[] = {
    {.name = "dumpxml",
     .summary = "print the XML of a domain",
     .options = OPTIONS(
         DOMAIN_OPERAND, SWITCH("inactive", HVK_DOMAIN_XML_INACTIVE, "what the next start uses"),
         SWITCH("security-info", HVK_DOMAIN_XML_SECURE, "show passwords too"),
         SWITCH("update-cpu", HVK_DOMAIN_XML_UPDATE_CPU, "with the CPU that the host gives"),
         SWITCH("migratable", HVK_DOMAIN_XML_MIGRATABLE, "fit for another node")),
     .examples = "hvkit dumpxml web > web.xml # keep a copy of the configuration",
     .run = dumpxml_run},
    {.name = "edit",
     .summary = "edit the XML of a domain",
     .description = "Opens the domain's configuration in the editor and defines it when it was "
                    "changed. What is refused may be edited again, and is never lost.",
     .options =
         OPTIONS(DOMAIN_OPERAND, SWITCH("skip-validate", 0, "accept what hvkit does not know")),
     .run = edit_run},
    {.name = "domrename",
     .summary = "rename a domain",
     .options = OPTIONS(DOMAIN_OPERAND, TEXT_OPERAND("new-name", "NEW-NAME", "its new name")),
     .run = rename_run},
    {.name = "desc",
     .summary = "show or set a domain's description or title",
     .options = OPTIONS(DOMAIN_OPERAND,
                        {.name = "new-desc",
                         .value = "TEXT",
                         .type = OPTION_TEXT,
                         .help = "the new text; '' removes it; it is shown when left out",
                         .flags = OPTION_OPERAND | OPTION_REPEATED},
                        SWITCH("title", 0, "the title instead of the description"),
                        SWITCH("edit", 0, "change it in the editor"), AFFECT_SWITCHES),
     .examples = "hvkit desc web --title Web server # set the title",
     .run = desc_run},
    {.name = "metadata",
     .summary = "show or set a domain's custom metadata",
     .options = OPTIONS(DOMAIN_OPERAND, TEXT_OPERAND("uri", "URI", "namespace of the metadata"),
                        TEXT_OPTION("key", "PREFIX", "prefix that the namespace gets in the XML"),
                        TEXT_OPTION("set", "XML", "the new metadata, one element"),
                        SWITCH("remove", 0, "remove the metadata"),
                        SWITCH("edit", 0, "change it in the editor"), AFFECT_SWITCHES),
     .run = metadata_run},
    {.name = "domxml-from-native",
     .summary = "convert a hypervisor's own configuration to XML",
     .options = OPTIONS(TEXT_OPERAND("format", "FORMAT", "the format's name"),
                        FILE_OPERAND("file with the configuration")),
     .run = from_native_run},
    {.name = "domxml-to-native",
     .summary = "convert XML to a hypervisor's own configuration",
     .options = OPTIONS(TEXT_OPERAND("format", "FORMAT", "the format's name"),
                        {.name = "xml",
                         .value = "FILE",
                         .help = "file with the domain's XML",
                         .type = OPTION_FILE,
                         .flags = OPTION_OPERAND},
                        {.name = "domain",
                         .value = "DOMAIN",
                         .help = "a defined domain instead",
                         .type = OPTION_DOMAIN}),
     .run = to_native_run},
    {0},
};
