/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "keepsakes.h"

#include <errno.h>
#include <fcntl.h>

#include <base/string.h>

#include "files.h"

/* Where variables are that the definition gives no place (see command/pflash.c). */
static char *default_variables(const struct machine *machine, const char *name)
{
    auto_free char *file = string_format("%s_VARS.fd", name);
    return file ? node_path(machine->node, "nvram", file) : NULL;
}

static bool remove_variables(const struct machine *machine, uint32_t flags, struct hvk_error *err)
{
    const struct model_nvram *nvram = &machine->config->os.nvram;
    const char *given = nvram->path ? nvram->path : nvram->source.file;
    auto_free char *path = given ? strdup(given) : default_variables(machine, machine->name);
    if (!path)
        return hvk_error_memory(err);
    if (access(path, F_OK) < 0 || flags & HVK_DOMAIN_UNDEFINE_KEEP_NVRAM)
        return true;
    if (!(flags & HVK_DOMAIN_UNDEFINE_NVRAM))
        return hvk_error_set(err, HVK_ERR_OPERATION_INVALID,
                             "the firmware of the domain '%s' keeps variables in '%s': undefine "
                             "needs the flag NVRAM (remove it) or KEEP_NVRAM",
                             machine->name, path);
    return unlink(path) == 0 || errno == ENOENT ||
           hvk_error_errno(err, errno, "remove the variables '%s'", path);
}

static bool wants_tpm_kept(const struct model_domain *config)
{
    MODEL_FOR_EACH(&config->devices.tpms, struct model_tpm, tpm)
    if (tpm->backend.persistent_state == MODEL_SWITCH_ON)
        return true;
    return false;
}

static bool remove_tpm(const struct machine *machine, uint32_t flags, struct hvk_error *err)
{
    bool keep = flags & HVK_DOMAIN_UNDEFINE_KEEP_TPM ||
                (wants_tpm_kept(machine->config) && !(flags & HVK_DOMAIN_UNDEFINE_TPM));
    auto_free char *folder = node_path(machine->node, "tpm", NULL);
    auto_fd int fd = folder ? open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
    if (keep)
        return true;
    if (fd < 0)
        return hvk_error_errno(err, folder ? errno : ENOMEM, "open '%s/tpm'", machine->node->root);
    return files_remove_directory(fd, machine->uuid_text, err);
}

bool keepsakes_remove(const struct machine *machine, uint32_t flags, struct hvk_error *err)
{
    return remove_variables(machine, flags, err) && remove_tpm(machine, flags, err);
}

bool keepsakes_link(const struct machine *machine, const char *new_name, bool *out_linked,
                    struct hvk_error *err)
{
    auto_free char *from = default_variables(machine, machine->name);
    auto_free char *to = default_variables(machine, new_name);
    if (!from || !to)
        return hvk_error_memory(err);
    *out_linked = link(from, to) == 0;
    return *out_linked || errno == ENOENT ||
           hvk_error_errno(err, errno, "name the variables '%s' '%s'", from, to);
}

void keepsakes_unlink(const struct machine *machine, const char *old_name)
{
    auto_free char *path = default_variables(machine, old_name);
    if (path)
        unlink(path);
}
