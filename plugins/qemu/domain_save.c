/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The verbs around saved domains. */
#include <string.h>

#include <base/string.h>
#include <model/domain-xml.h>

#include "domain.h"
#include "index.h"
#include "machine.h"
#include "save.h"
#include "save_file.h"

/* ---- saving --------------------------------------------------------------------------------- */

struct save_request {
    const char *file;
    const char *xml;
};

static bool read_params(struct hvk_call *call, const struct hvk_param *params, uint64_t count,
                        struct save_request *out)
{
    *out = (struct save_request){0};
    for (uint64_t i = 0; i < count; i++) {
        const char **place = string_equal(params[i].name, HVK_DOMAIN_SAVE_PARAM_FILE)   ? &out->file
                             : string_equal(params[i].name, HVK_DOMAIN_SAVE_PARAM_DXML) ? &out->xml
                                                                                        : NULL;
        if (!place || params[i].type != HVK_PARAM_STRING)
            return hvk_error_set(&call->error, HVK_ERR_ARGUMENT_UNSUPPORTED,
                                 "the parameter '%s' is not known here", params[i].name);
        *place = params[i].value.string;
    }
    if (out->file && out->file[0] == '/')
        return true;
    return hvk_error_set(&call->error, HVK_ERR_INVALID_ARG,
                         "the parameter '%s' must be an absolute path", HVK_DOMAIN_SAVE_PARAM_FILE);
}

bool domain_save(DOMAIN_ARGS, const struct hvk_param *params, uint64_t params_count, uint32_t flags)
{
    struct save_request request;
    auto_machine struct machine *machine = machine_find_monitored(call, instance, domain);
    return machine && read_params(call, params, params_count, &request) &&
           save_to(call, machine, request.file, false, flags, request.xml);
}

bool domain_managed_save(DOMAIN_ARGS, uint32_t flags)
{
    auto_machine struct machine *machine = machine_find_monitored(call, instance, domain);
    if (!machine)
        return false;
    if (!machine->config)
        return hvk_error_set(&call->error, HVK_ERR_OPERATION_INVALID,
                             "the domain '%s' is transient: save it to a file of its own",
                             machine->name);
    auto_free char *path = save_managed_path(machine);
    if (!path)
        return hvk_error_memory(&call->error);
    return save_to(call, machine, path, true, flags, NULL);
}

bool domain_managed_save_remove(DOMAIN_ARGS, uint32_t flags)
{
    (void)flags;
    auto_machine struct machine *machine = machine_find(call, instance, domain);
    return machine && save_remove_managed(machine, &call->error) && machine_publish(call, machine);
}

bool domain_core_dump(DOMAIN_ARGS, const char *to, uint32_t format, uint32_t flags)
{
    auto_machine struct machine *machine = machine_find_monitored(call, instance, domain);
    if (!machine)
        return false;
    if (to[0] != '/')
        return hvk_error_set(&call->error, HVK_ERR_INVALID_ARG, "'%s' must be an absolute path",
                             to);
    return save_dump(call, machine, to, format, flags);
}

bool domain_abort_job(DOMAIN_ARGS, uint32_t flags)
{
    (void)flags;
    auto_machine struct machine *machine = machine_find_monitored(call, instance, domain);
    return machine && save_abort(call, machine);
}

/* ---- restoring ------------------------------------------------------------------------------ */

/* The XML that a saved domain carries; malloc'ed, the descriptor at its stream. */
static char *read_saved(struct hvk_call *call, const char *file, int *out_fd)
{
    struct save_header header;
    *out_fd = save_file_open(file, false, &call->error);
    return *out_fd >= 0 ? save_file_read(*out_fd, file, &header, &call->error) : NULL;
}

bool domain_identify_saved(struct hvk_call *call, void *instance, const struct hvk_param *params,
                           uint64_t params_count, struct hvk_domain_sink *out)
{
    (void)instance;
    struct save_request request;
    struct model_identity identity;
    auto_fd int fd = -1;
    if (!read_params(call, params, params_count, &request))
        return false;
    auto_free char *xml = read_saved(call, request.file, &fd);
    if (!xml || !model_identify("domain", xml, strlen(xml), &identity, &call->error))
        return false;
    struct hvk_domain value = {.size = sizeof value, .id = -1, .name = identity.name};
    memcpy(value.uuid, identity.uuid, HVK_UUID_SIZE);
    return hvk_put_domain(out, &value);
}

bool domain_restore(struct hvk_call *call, void *instance, const struct hvk_domain *identity,
                    const struct hvk_param *params, uint64_t params_count, uint32_t flags)
{
    struct node *node = instance;
    struct save_request request;
    uint32_t start = flags & HVK_DOMAIN_SAVE_RESET_NVRAM ? HVK_DOMAIN_START_RESET_NVRAM : 0;
    if (!read_params(call, params, params_count, &request))
        return false;
    auto_machine struct machine *machine = index_find(node->index, identity->uuid);
    bool known = machine != NULL;
    if (!known && !(machine = machine_new(node, identity->uuid, identity->name)))
        return hvk_error_memory(&call->error);
    if (machine->run)
        return hvk_error_set(&call->error, HVK_ERR_OPERATION_INVALID,
                             "the domain '%s' runs already", machine->name);
    /* In the index while it starts, so that a destroy finds it. */
    if (!known && !index_add(node->index, machine))
        return hvk_error_memory(&call->error);
    if (save_restore_from(call, machine, request.file, request.xml, start, flags))
        return true;
    if (!known) {
        machine->gone = true;
        index_remove(node->index, machine);
    }
    return false;
}

/* ---- the XML in a file ---------------------------------------------------------------------- */

static bool put_saved_xml(struct hvk_call *call, const char *file, uint32_t flags,
                          struct hvk_string_sink *out)
{
    struct save_header header;
    auto_fd int fd = save_file_open(file, false, &call->error);
    if (fd < 0)
        return false;
    auto_free char *xml = save_file_read(fd, file, &header, &call->error);
    if (!xml)
        return false;
    auto_model_domain domain =
        model_domain_parse(xml, strlen(xml), MODEL_PARSE_INACTIVE, NULL, &call->error);
    auto_free char *text =
        domain ? model_domain_format(
                     domain,
                     MODEL_FORMAT_INACTIVE |
                         (flags & HVK_DOMAIN_SAVE_IMAGE_XML_SECURE ? MODEL_FORMAT_SECURE : 0),
                     &call->error)
               : NULL;
    return text && hvk_put_string(out, text);
}

/* What was saved is the inside of a machine: it goes on in the same one only. Devices that do not
 * fit are found by QEMU, when it reads their state. */
static bool check_restorable(const struct model_domain *saved, const struct model_domain *wanted,
                             const char *file, struct hvk_error *err)
{
    const struct {
        const char *element;
        bool same;
    } parts[] = {
        {"memory", saved->memory.kib == wanted->memory.kib},
        {"vcpu", saved->vcpu.maximum == wanted->vcpu.maximum},
        {"os/type/@arch", string_equal(saved->os.type.arch, wanted->os.type.arch)},
        {"os/type/@machine", string_equal(saved->os.type.machine, wanted->os.type.machine)},
    };
    for (size_t i = 0; i < ARRAY_SIZE(parts); i++)
        if (!parts[i].same)
            return hvk_error_set(
                err, HVK_ERR_CONFIG_UNSUPPORTED,
                "the guest saved in '%s' cannot go on with another <%s>: only what "
                "it does not see of its machine may change",
                file, parts[i].element);
    return true;
}

static bool change_saved_xml(struct hvk_call *call, const char *file, const char *xml)
{
    struct save_header header;
    struct model_identity before, after;
    auto_fd int fd = save_file_open(file, true, &call->error);
    if (fd < 0)
        return false;
    auto_free char *old = save_file_read(fd, file, &header, &call->error);
    auto_model_domain domain =
        old ? model_domain_parse(xml, strlen(xml), MODEL_PARSE_INACTIVE, NULL, &call->error) : NULL;
    auto_model_domain saved =
        domain ? model_domain_parse(old, strlen(old), MODEL_PARSE_INACTIVE, NULL, &call->error)
               : NULL;
    if (!saved || !model_identify("domain", old, strlen(old), &before, &call->error) ||
        !model_identify("domain", xml, strlen(xml), &after, &call->error))
        return false;
    if (memcmp(before.uuid, after.uuid, HVK_UUID_SIZE) != 0)
        return hvk_error_set(&call->error, HVK_ERR_INVALID_ARG,
                             "the XML is of another domain than the one saved in '%s'", file);
    return check_restorable(saved, domain, file, &call->error) &&
           save_file_replace_xml(fd, file, xml, &call->error);
}

bool domain_save_image_get_xml_desc(struct hvk_call *call, void *instance, const char *file,
                                    uint32_t flags, struct hvk_string_sink *out)
{
    (void)instance;
    return put_saved_xml(call, file, flags, out);
}

bool domain_save_image_define_xml(struct hvk_call *call, void *instance, const char *file,
                                  const char *xml, uint32_t flags)
{
    (void)instance;
    (void)flags;
    return change_saved_xml(call, file, xml);
}

static char *managed_file(struct hvk_call *call, const struct machine *machine)
{
    if (!machine->managed_save) {
        hvk_error_set(&call->error, HVK_ERR_OPERATION_INVALID,
                      "the domain '%s' has no managed save", machine->name);
        return NULL;
    }
    char *path = save_managed_path(machine);
    if (!path)
        hvk_error_memory(&call->error);
    return path;
}

bool domain_managed_save_get_xml_desc(DOMAIN_ARGS, uint32_t flags, struct hvk_string_sink *out)
{
    auto_machine struct machine *machine = machine_find(call, instance, domain);
    auto_free char *path = machine ? managed_file(call, machine) : NULL;
    return path && put_saved_xml(call, path, flags, out);
}

bool domain_managed_save_define_xml(DOMAIN_ARGS, const char *xml, uint32_t flags)
{
    (void)flags;
    auto_machine struct machine *machine = machine_find(call, instance, domain);
    auto_free char *path = machine ? managed_file(call, machine) : NULL;
    return path && change_saved_xml(call, path, xml);
}
