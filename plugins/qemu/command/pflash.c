/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Puts the firmware into the machine: flash chips for code and variables, or a ROM image. */
#include "command/firmware.h"
#include "command/machine.h"

#define CODE_NODE "hvkit-pflash0"
#define VARIABLES_NODE "hvkit-pflash1"

static enum model_switch wanted_feature(const struct model_os *os,
                                        enum model_firmware_feature_name name)
{
    MODEL_FOR_EACH(&os->firmware.features, struct model_firmware_feature, feature)
    if (feature->name == name)
        return feature->enabled;
    return MODEL_SWITCH_UNSET;
}

/* Root's own configuration directory plays no part: what root starts is the machine's. */
static bool select_from_system(struct build *b, const struct firmware_request *request,
                               struct firmware *out)
{
    auto_free char *own = NULL;
    const char *config = geteuid() == 0 ? NULL : getenv("XDG_CONFIG_HOME");
    const char *home = geteuid() == 0 ? NULL : getenv("HOME");
    if (config || home) {
        own = config ? string_format("%s/qemu/firmware", config)
                     : string_format("%s/.config/qemu/firmware", home);
        if (!own)
            return hvk_error_memory(b->err);
    }
    const char *directories[4] = {0};
    size_t count = 0;
    if (own)
        directories[count++] = own;
    directories[count++] = "/etc/qemu/firmware";
    directories[count] = "/usr/share/qemu/firmware";
    return firmware_select(directories, request, out, b->err);
}

static struct firmware_request make_request(const struct build *b)
{
    const struct model_domain *domain = b->domain;
    const struct model_os *os = &domain->os;
    return (struct firmware_request){
        .interface = os->firmware_kind == MODEL_FIRMWARE_BIOS ? "bios" : "uefi",
        .arch = os->type.arch,
        .machine = os->type.machine,
        .secure_boot = os->loader.secure == MODEL_SWITCH_ON
                           ? MODEL_SWITCH_ON
                           : wanted_feature(os, MODEL_FIRMWARE_FEATURE_SECURE_BOOT),
        .enrolled_keys = wanted_feature(os, MODEL_FIRMWARE_FEATURE_ENROLLED_KEYS),
        .smm = domain->features.smm.state,
        .stateless = os->loader.stateless,
        .executable = os->loader.path,
    };
}

static const char *describe(const struct firmware_request *request)
{
    if (request->enrolled_keys == MODEL_SWITCH_ON)
        return " with Secure Boot and enrolled keys";
    if (request->secure_boot == MODEL_SWITCH_ON)
        return " with Secure Boot";
    return request->secure_boot == MODEL_SWITCH_OFF ? " without Secure Boot" : "";
}

/* ---- into the live definition ---- */

static bool fix_loader(struct build *b, const struct firmware *found)
{
    struct model_loader *loader = &b->domain->os.loader;
    loader->node.present = true;
    loader->readonly = MODEL_SWITCH_ON;
    loader->type = found->rom ? MODEL_LOADER_ROM : MODEL_LOADER_PFLASH;
    if (found->needs_smm) {
        loader->secure = MODEL_SWITCH_ON;
        b->domain->features.smm.node.present = true;
        b->domain->features.smm.state = MODEL_SWITCH_ON;
    }
    loader->path = build_text(b, found->executable);
    if (found->format && strcmp(found->format, "raw") != 0)
        loader->format = build_text(b, found->format);
    return loader->path != NULL;
}

static bool fix_variables(struct build *b, const struct firmware *found)
{
    struct model_nvram *nvram = &b->domain->os.nvram;
    if (!found->template_)
        return true;
    nvram->node.present = true;
    if (!nvram->template_)
        nvram->template_ = build_text(b, found->template_);
    if (!nvram->template_)
        return false;
    if (!nvram->format && found->template_format && strcmp(found->template_format, "raw") != 0)
        nvram->format = build_text(b, found->template_format);
    return true;
}

static bool select_firmware(struct build *b)
{
    struct model_os *os = &b->domain->os;
    struct firmware_request request = make_request(b);
    AUTO(firmware_fini) struct firmware found = {0};
    if (!select_from_system(b, &request, &found))
        return false;
    if (found.executable)
        return fix_loader(b, &found) && fix_variables(b, &found);
    if (os->firmware_kind == MODEL_FIRMWARE_BIOS && !os->loader.path)
        return true; /* the machine's own */
    return build_refuse(
        b, &os->node, "os/@firmware",
        "no installed firmware%s fits machine type '%s': install OVMF (package ovmf), or "
        "name a <loader>",
        describe(&request), request.machine);
}

/* A <loader> without a template for its variables: the descriptor that names the same file says. */
static bool find_template(struct build *b)
{
    struct firmware_request request = make_request(b);
    AUTO(firmware_fini) struct firmware found = {0};
    request.secure_boot = request.enrolled_keys = MODEL_SWITCH_UNSET;
    if (!select_from_system(b, &request, &found))
        return false;
    return !found.executable || fix_variables(b, &found);
}

/* ---- into the machine ---- */

static bool add_flash(struct build *b, json_t *machine, const char *option, const char *node,
                      const char *path, const char *format, bool readonly)
{
    auto_free char *storage = string_format("%s-storage", node);
    auto_free char *layer = string_format("%s-format", node);
    if (!storage || !layer)
        return hvk_error_memory(b->err);
    json_object_set_new(machine, option, json_string(layer));
    return build_part(b, PART_BLOCKDEV,
                      json_pack("{s:s,s:s,s:s,s:b,s:s}", "driver", "file", "filename", path,
                                "node-name", storage, "auto-read-only", 1, "discard", "unmap")) &&
           build_part(b, PART_BLOCKDEV,
                      json_pack("{s:s,s:b,s:s,s:s}", "node-name", layer, "read-only", readonly,
                                "driver", format ? format : "raw", "file", storage));
}

static bool add_variables(struct build *b, json_t *machine)
{
    struct model_nvram *nvram = &b->domain->os.nvram;
    if (!nvram->node.present)
        return true;
    if (nvram->source.node.present && nvram->type != MODEL_DISK_TYPE_FILE)
        return build_refuse(b, &nvram->node, "os/nvram", "the variable store must be a file");
    /* a definition keeps no path that only a start chooses */
    auto_free char *chosen =
        nvram->path ? strdup(nvram->path)
        : nvram->source.file
            ? strdup(nvram->source.file)
            : string_format("%s/%s_VARS.fd", b->in->nvram_directory, b->domain->name);
    if (!chosen)
        return hvk_error_memory(b->err);
    if (!b->dry && !nvram->path && !(nvram->path = build_text(b, chosen)))
        return false;
    bool keep = !(b->in->flags & COMMAND_RESET_NVRAM);
    if (nvram->template_ && !b->dry && !build_file(b, chosen, nvram->template_, 0600, keep))
        return false;
    return add_flash(b, machine, "pflash1", VARIABLES_NODE, chosen, nvram->format, false);
}

static bool add_code(struct build *b, json_t *machine)
{
    const struct model_os *os = &b->domain->os;
    const struct model_loader *loader = &os->loader;
    if (loader->type == MODEL_LOADER_ROM || !loader->type) {
        if (os->nvram.node.present)
            return build_refuse(b, &os->nvram.node, "os/nvram",
                                "it needs a <loader type='pflash'>");
        return build_option(b, "-bios", loader->path);
    }
    if (loader->secure == MODEL_SWITCH_ON) {
        if (b->domain->features.smm.state != MODEL_SWITCH_ON || !build_is_q35(b->domain))
            return build_refuse(b, &loader->node, "os/loader/@secure",
                                "it needs a q35 machine with <smm state='on'/> among the features");
        if (!build_option(b, "-global", "driver=cfi.pflash01,property=secure,value=on"))
            return false;
    }
    return add_flash(b, machine, "pflash0", CODE_NODE, loader->path, loader->format,
                     loader->readonly != MODEL_SWITCH_OFF) &&
           (loader->stateless == MODEL_SWITCH_ON || add_variables(b, machine));
}

bool firmware_build(struct build *b, json_t *machine)
{
    struct model_os *os = &b->domain->os;
    if (os->firmware_kind == MODEL_FIRMWARE_EFI && !b->domain->features.acpi)
        return build_refuse(b, &os->node, "os/@firmware", "UEFI needs <acpi/> among the features");
    if (os->firmware_kind && !os->loader.path && !b->dry && !select_firmware(b))
        return false;
    if (!os->loader.path)
        return true;
    if (os->loader.type == MODEL_LOADER_PFLASH && os->nvram.node.present && !os->nvram.template_ &&
        !b->dry && !find_template(b))
        return false;
    return add_code(b, machine);
}
