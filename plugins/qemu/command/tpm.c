/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The guest's TPM: the host's, or one of its own, which swtpm keeps in the state directory. */
#include "command/device.h"
#include "command/helper.h"

#include <base/uuid.h>
#include <errno.h>
#include <sys/stat.h>

#define ELEMENT "devices/tpm"

static const char *const swtpm_paths[] = {"/usr/bin/swtpm", "/usr/local/bin/swtpm", NULL};

static bool make_directory(struct build *b, const char *path)
{
    return mkdir(path, 0700) == 0 || errno == EEXIST ||
           hvk_error_errno(b->err, errno, "create the directory '%s'", path);
}

/* STATE/tpm/UUID/tpm2, one for each version: their states have nothing in common. */
static bool state_directory(struct build *b, bool version2, char **out)
{
    char uuid[HVK_UUID_STRING_SIZE];
    uuid_format(b->domain->uuid.bytes, uuid);
    auto_free char *all = string_format("%s/tpm", b->in->state_directory);
    auto_free char *mine = string_format("%s/tpm/%s", b->in->state_directory, uuid);
    *out =
        string_format("%s/tpm/%s/%s", b->in->state_directory, uuid, version2 ? "tpm2" : "tpm1.2");
    if (!all || !mine || !*out)
        return hvk_error_memory(b->err);
    return make_directory(b, all) && make_directory(b, mine) && make_directory(b, *out);
}

static bool add_swtpm(struct build *b, const struct model_tpm *tpm, const char *socket)
{
    const char *program = helper_find(swtpm_paths);
    bool version2 = string_equal(tpm->backend.version, "2.0");
    if (!program)
        return build_refuse(b, &tpm->device.node, ELEMENT,
                            "there is no swtpm on this machine: install package swtpm");
    auto_free char *state = NULL;
    auto_free char *name = string_format("swtpm-%s", tpm->device.alias.name);
    AUTO(helper_fini) struct helper helper = HELPER_INIT;
    helper.name = name;
    helper.socket = socket;
    return name && state_directory(b, version2, &state) && helper_listen(b, &helper) &&
           helper_add(b, &helper, "%s", program) && helper_add(b, &helper, "socket") &&
           helper_add(b, &helper, "--ctrl") &&
           helper_add(b, &helper, "type=unixio,fd=%s", helper.fd) &&
           helper_add(b, &helper, "--tpmstate") &&
           helper_add(b, &helper, "dir=%s,mode=0600", state) &&
           (!version2 || helper_add(b, &helper, "--tpm2")) &&
           helper_add(b, &helper, "--terminate") && helper_finish(b, &helper);
}

static bool add_emulator(struct build *b, const struct model_tpm *tpm, const char *id)
{
    const struct model_tpm_backend_attrs *backend = &tpm->backend;
    if (backend->encryption_node.present || backend->active_pcr_banks.node.present)
        return build_refuse(b, &backend->node, ELEMENT "/backend",
                            "encryption and PCR banks are not supported");
    auto_free char *socket =
        string_format("%s/%s.sock", b->in->runtime_directory, tpm->device.alias.name);
    auto_free char *chardev = string_format("chr%s", tpm->device.alias.name);
    if (!socket || !chardev || (!b->dry && !add_swtpm(b, tpm, socket)))
        return false;
    return build_part(b, PART_CHARDEV,
                      json_pack("{s:s,s:{s:s,s:{s:{s:s,s:{s:s}},s:b}}}", "id", chardev, "backend",
                                "type", "socket", "data", "addr", "type", "unix", "data", "path",
                                socket, "server", 0)) &&
           build_part(b, PART_TPMDEV,
                      json_pack("{s:s,s:s,s:s}", "type", "emulator", "id", id, "chardev", chardev));
}

static bool add_external(struct build *b, const struct model_tpm *tpm, const char *id)
{
    auto_free char *chardev = string_format("chr%s", tpm->device.alias.name);
    if (!tpm->backend.source.path)
        return build_refuse(b, &tpm->backend.node, ELEMENT "/backend",
                            "type 'external' needs a <source type='unix' path='...'>");
    return chardev &&
           build_part(b, PART_CHARDEV,
                      json_pack("{s:s,s:{s:s,s:{s:{s:s,s:{s:s}},s:b}}}", "id", chardev, "backend",
                                "type", "socket", "data", "addr", "type", "unix", "data", "path",
                                tpm->backend.source.path, "server", 0)) &&
           build_part(b, PART_TPMDEV,
                      json_pack("{s:s,s:s,s:s}", "type", "emulator", "id", id, "chardev", chardev));
}

static bool add_passthrough(struct build *b, const struct model_tpm *tpm, const char *id)
{
    const char *path = tpm->backend.path ? tpm->backend.path : "/dev/tpm0";
    return build_part(b, PART_TPMDEV,
                      json_pack("{s:s,s:s,s:s}", "type", "passthrough", "id", id, "path", path));
}

static bool add_backend(struct build *b, const struct model_tpm *tpm, const char *id)
{
    switch (tpm->backend.type) {
    case MODEL_TPM_PASSTHROUGH:
        return add_passthrough(b, tpm, id);
    case MODEL_TPM_EMULATOR:
        return add_emulator(b, tpm, id);
    case MODEL_TPM_EXTERNAL:
        return add_external(b, tpm, id);
    case MODEL_TPM_UNSET:
        break;
    }
    return build_refuse(b, &tpm->device.node, ELEMENT, "it needs a <backend> with a type");
}

bool tpm_build(struct build *b, void *device)
{
    struct model_tpm *tpm = device;
    bool known = string_equal(tpm->model, "tpm-tis") || string_equal(tpm->model, "tpm-crb");
    if (!known)
        return build_refuse(b, &tpm->device.node, ELEMENT,
                            "a PC has TPMs of model tpm-tis or tpm-crb, not '%s'", tpm->model);
    if (b->domain->devices.tpms.count > 1)
        return build_refuse(b, &tpm->device.node, ELEMENT, "a PC has one TPM at most");
    auto_free char *id = string_format("tpm-%s", tpm->device.alias.name);
    if (!id || !build_need_device(b, &tpm->device.node, ELEMENT, tpm->model) ||
        !add_backend(b, tpm, id))
        return false;
    return build_device(b, &tpm->device,
                        json_pack("{s:s,s:s}", "driver", tpm->model, "tpmdev", id));
}
