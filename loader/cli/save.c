/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Verbs that keep a guest's state in a file, and bring it back. */
#include "domain.h"
#include "editor.h"
#include "families.h"
#include "output.h"
#include "progress.h"
#include <base/string.h>
#include <limits.h>

/* The driver may run in another directory, or as another user of this machine: it gets the whole
 * path. malloc'ed; NULL with the error. */
static char *absolute_path(struct cli *cli, const char *path)
{
    char folder[PATH_MAX];
    char *whole = NULL;

    if (path[0] == '/')
        whole = strdup(path);
    else if (getcwd(folder, sizeof(folder)))
        whole = string_format("%s/%s", folder, path);
    if (!whole)
        hvk_error_memory(&cli->call.error);
    return whole;
}

static bool check_state_usage(struct cli *cli, const struct arguments *arguments)
{
    return !(arguments_have(arguments, "running") && arguments_have(arguments, "paused")) ||
           cli_usage(cli, "--running and --paused exclude each other");
}

/* The file and the changed XML as the parameters of save and restore. */
struct image {
    char *path;
    char *xml;
    struct hvk_param params[2];
    uint64_t count;
};

static void image_fini(struct image *image)
{
    free(image->path);
    free(image->xml);
}

static struct hvk_param text_param(const char *name, const char *value)
{
    return (struct hvk_param){.size = sizeof(struct hvk_param),
                              .type = HVK_PARAM_STRING,
                              .name = name,
                              .value.string = value};
}

static bool image_init(struct cli *cli, const struct arguments *arguments, struct image *image)
{
    const char *xml_path = arguments_text(arguments, "xml");

    image->path = absolute_path(cli, arguments_text(arguments, "file"));
    image->xml = xml_path ? file_read(cli, xml_path) : NULL;
    if (!image->path || (xml_path && !image->xml))
        return false;
    image->params[image->count++] = text_param(HVK_DOMAIN_SAVE_PARAM_FILE, image->path);
    if (image->xml)
        image->params[image->count++] = text_param(HVK_DOMAIN_SAVE_PARAM_DXML, image->xml);
    return true;
}

static bool save_run(struct cli *cli, const struct arguments *arguments)
{
    AUTO(image_fini) struct image image = {0};
    struct progress progress;

    if (!check_state_usage(cli, arguments) || !image_init(cli, arguments, &image) ||
        !domain_find(cli, arguments))
        return false;
    progress_begin(&progress, cli, cli->subject, "Saving");
    bool saved = hvk_domain_save(cli_call(cli), cli->connection, cli->subject, image.params,
                                 image.count, arguments->bits);
    progress_end(&progress);
    return saved && output_outcome(cli, cli->subject, "saved");
}

static bool restore_run(struct cli *cli, const struct arguments *arguments)
{
    AUTO(image_fini) struct image image = {0};

    if (!check_state_usage(cli, arguments) || !image_init(cli, arguments, &image) ||
        !cli_connect(cli) ||
        !hvk_domain_restore(cli_call(cli), cli->connection, image.params, image.count,
                            arguments->bits))
        return false;
    output_note(cli, "Domain restored from %s", image.path);
    return true;
}

static bool managedsave_run(struct cli *cli, const struct arguments *arguments)
{
    struct progress progress;

    if (!check_state_usage(cli, arguments) || !domain_find(cli, arguments))
        return false;
    progress_begin(&progress, cli, cli->subject, "Saving");
    bool saved =
        hvk_domain_managed_save(cli_call(cli), cli->connection, cli->subject, arguments->bits);
    progress_end(&progress);
    return saved && output_outcome(cli, cli->subject, "state saved");
}

static bool managedsave_remove_run(struct cli *cli, const struct arguments *arguments)
{
    const struct hvk_domain *domain = domain_find(cli, arguments);
    struct hvk_domain_status status = HVK_RECORD_INIT(status);

    if (!domain || !hvk_domain_get_status(cli_call(cli), cli->connection, domain, &status))
        return false;
    if (!status.managed_save) {
        output_note(cli, "Domain '%s' has no saved state", domain->name);
        return true;
    }
    return hvk_domain_managed_save_remove(cli_call(cli), cli->connection, domain, 0) &&
           output_outcome(cli, domain, "lost its saved state");
}

static bool managedsave_dumpxml_run(struct cli *cli, const struct arguments *arguments)
{
    const struct hvk_domain *domain = domain_find(cli, arguments);
    auto_result char *xml = NULL;

    return domain &&
           hvk_domain_managed_save_get_xml_desc(cli_call(cli), cli->connection, domain,
                                                arguments->bits, &xml) &&
           output_value(cli, "domains", "xml", CELL_TEXT, "%s", xml);
}

static bool managedsave_define_run(struct cli *cli, const struct arguments *arguments)
{
    auto_free char *xml = file_read(cli, arguments_text(arguments, "file"));

    return xml && check_state_usage(cli, arguments) && domain_find(cli, arguments) &&
           hvk_domain_managed_save_define_xml(cli_call(cli), cli->connection, cli->subject, xml,
                                              arguments->bits) &&
           output_outcome(cli, cli->subject, "saved state changed");
}

static bool apply_managed_save(struct cli *cli, const char *text, void *user)
{
    const struct arguments *arguments = user;

    return hvk_domain_managed_save_define_xml(cli_call(cli), cli->connection, cli->subject, text,
                                              arguments->bits);
}

static bool managedsave_edit_run(struct cli *cli, const struct arguments *arguments)
{
    auto_result char *xml = NULL;
    bool changed;

    if (!check_state_usage(cli, arguments) || !domain_find(cli, arguments) ||
        !hvk_domain_managed_save_get_xml_desc(cli_call(cli), cli->connection, cli->subject,
                                              HVK_DOMAIN_SAVE_IMAGE_XML_SECURE, &xml) ||
        !editor_run(cli, xml, ".xml", apply_managed_save, (void *)arguments, &changed))
        return false;
    return output_outcome(cli, cli->subject, changed ? "saved state changed" : "not changed");
}

static bool image_dumpxml_run(struct cli *cli, const struct arguments *arguments)
{
    auto_free char *path = absolute_path(cli, arguments_text(arguments, "file"));
    auto_result char *xml = NULL;

    return path && cli_connect(cli) &&
           hvk_domain_save_image_get_xml_desc(cli_call(cli), cli->connection, path, arguments->bits,
                                              &xml) &&
           output_value(cli, "domains", "xml", CELL_TEXT, "%s", xml);
}

static bool image_define_run(struct cli *cli, const struct arguments *arguments)
{
    auto_free char *path = absolute_path(cli, arguments_text(arguments, "file"));
    auto_free char *xml = path ? file_read(cli, arguments_text(arguments, "xml")) : NULL;

    if (!xml || !check_state_usage(cli, arguments) || !cli_connect(cli) ||
        !hvk_domain_save_image_define_xml(cli_call(cli), cli->connection, path, xml,
                                          arguments->bits))
        return false;
    output_note(cli, "Saved state %s changed", path);
    return true;
}

struct image_edit {
    const char *path;
    uint32_t flags;
};

static bool apply_image(struct cli *cli, const char *text, void *user)
{
    const struct image_edit *edit = user;

    return hvk_domain_save_image_define_xml(cli_call(cli), cli->connection, edit->path, text,
                                            edit->flags);
}

static bool image_edit_run(struct cli *cli, const struct arguments *arguments)
{
    auto_free char *path = absolute_path(cli, arguments_text(arguments, "file"));
    struct image_edit edit = {.path = path, .flags = arguments->bits};
    auto_result char *xml = NULL;
    bool changed;

    if (!path || !check_state_usage(cli, arguments) || !cli_connect(cli) ||
        !hvk_domain_save_image_get_xml_desc(cli_call(cli), cli->connection, path,
                                            HVK_DOMAIN_SAVE_IMAGE_XML_SECURE, &xml) ||
        !editor_run(cli, xml, ".xml", apply_image, &edit, &changed))
        return false;
    output_note(cli, "Saved state %s %s", path, changed ? "changed" : "not changed");
    return true;
}

static bool dump_run(struct cli *cli, const struct arguments *arguments)
{
    auto_free char *path = absolute_path(cli, arguments_text(arguments, "file"));
    /* The choices stand in the order of the API's numbers. */
    int format = arguments_choice(arguments, "format", 0);
    struct progress progress;

    if (!path)
        return false;
    if (arguments_have(arguments, "format") && !arguments_have(arguments, "memory-only"))
        return cli_usage(cli, "--format needs --memory-only");
    if (!domain_find(cli, arguments))
        return false;
    progress_begin(&progress, cli, cli->subject, "Dumping");
    bool dumped = hvk_domain_core_dump(cli_call(cli), cli->connection, cli->subject, path,
                                       (uint32_t)format, arguments->bits);
    progress_end(&progress);
    return dumped && output_outcome(cli, cli->subject, "dumped");
}

#define STATE_SWITCHES                                                                             \
    SWITCH("running", HVK_DOMAIN_SAVE_RUNNING, "let the guest run when it is restored"),           \
        SWITCH("paused", HVK_DOMAIN_SAVE_PAUSED, "leave the guest paused when it is restored")
#define CACHE_SWITCH                                                                               \
    SWITCH("bypass-cache", HVK_DOMAIN_SAVE_BYPASS_CACHE, "go past the host's cache")
#define SAVED_FILE_OPERAND FILE_OPERAND("file with the saved state")
#define SECURITY_SWITCH                                                                            \
    SWITCH("security-info", HVK_DOMAIN_SAVE_IMAGE_XML_SECURE, "show passwords too")
#define XML_FILE_OPTION FILE_OPTION("xml", "XML that replaces the saved one")

const struct verb save_verbs[] = {
    {.name = "save",
     .summary = "save a running guest to a file",
     .description = "Writes the guest's state to the file and stops the guest. Ctrl-C aborts the "
                    "save and lets the guest go on.",
     .options = OPTIONS(DOMAIN_OPERAND, FILE_OPERAND("file to write"), CACHE_SWITCH,
                        XML_FILE_OPTION, STATE_SWITCHES),
     .run = save_run},
    {.name = "restore",
     .summary = "restore a guest from a file",
     .options = OPTIONS(
         SAVED_FILE_OPERAND, CACHE_SWITCH, XML_FILE_OPTION, STATE_SWITCHES,
         SWITCH("reset-nvram", HVK_DOMAIN_SAVE_RESET_NVRAM, "with fresh firmware variables")),
     .run = restore_run},
    {.name = "save-image-dumpxml",
     .summary = "print the XML of a saved guest",
     .options = OPTIONS(SAVED_FILE_OPERAND, SECURITY_SWITCH),
     .run = image_dumpxml_run},
    {.name = "save-image-define",
     .summary = "change the XML of a saved guest",
     .options = OPTIONS(SAVED_FILE_OPERAND,
                        {.name = "xml",
                         .value = "XML",
                         .help = "file with the XML",
                         .type = OPTION_FILE,
                         .flags = OPTION_OPERAND | OPTION_REQUIRED},
                        STATE_SWITCHES),
     .run = image_define_run},
    {.name = "save-image-edit",
     .summary = "edit the XML of a saved guest",
     .options = OPTIONS(SAVED_FILE_OPERAND, STATE_SWITCHES),
     .run = image_edit_run},
    {.name = "managedsave",
     .summary = "save a running guest where its next start finds it",
     .options = OPTIONS(DOMAIN_OPERAND, CACHE_SWITCH, STATE_SWITCHES),
     .run = managedsave_run},
    {.name = "managedsave-remove",
     .summary = "remove the managed save of a domain",
     .options = OPTIONS(DOMAIN_OPERAND),
     .run = managedsave_remove_run},
    {.name = "managedsave-dumpxml",
     .summary = "print the XML of a managed save",
     .options = OPTIONS(DOMAIN_OPERAND, SECURITY_SWITCH),
     .run = managedsave_dumpxml_run},
    {.name = "managedsave-define",
     .summary = "change the XML of a managed save",
     .options = OPTIONS(DOMAIN_OPERAND, FILE_OPERAND("file with the XML"), STATE_SWITCHES),
     .run = managedsave_define_run},
    {.name = "managedsave-edit",
     .summary = "edit the XML of a managed save",
     .options = OPTIONS(DOMAIN_OPERAND, STATE_SWITCHES),
     .run = managedsave_edit_run},
    {.name = "dump",
     .summary = "write a guest's memory to a file for analysis",
     .options =
         OPTIONS(DOMAIN_OPERAND, FILE_OPERAND("file to write"),
                 SWITCH("live", HVK_DOMAIN_DUMP_LIVE, "let the guest run meanwhile"),
                 SWITCH("crash", HVK_DOMAIN_DUMP_CRASH, "leave the guest in the state crashed"),
                 SWITCH("reset", HVK_DOMAIN_DUMP_RESET, "reset the guest afterwards"),
                 SWITCH("bypass-cache", HVK_DOMAIN_DUMP_BYPASS_CACHE, "go past the host's cache"),
                 SWITCH("memory-only", HVK_DOMAIN_DUMP_MEMORY_ONLY, "leave out the devices' state"),
                 CHOICE_OPTION("format", "FORMAT", "format of a memory-only dump", "elf",
                               "kdump-zlib", "kdump-lzo", "kdump-snappy", "win-dmp")),
     .run = dump_run},
    {0},
};
