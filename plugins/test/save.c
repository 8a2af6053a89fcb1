/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Saving to a file and to the domain itself. Files are read and written outside the lane: disks can
 * be slow, and meanwhile the domain can be destroyed. */
#include "domain.h"
#include "image.h"

#include <string.h>

/* ---- files ---------------------------------------------------------------------------------- */

static bool load_image(struct hvk_call *call, const struct test_node *node, struct image *image,
                       const char *path)
{
    struct hvk_error error;
    hvk_error_init(&error);
    node->core->lane_leave(call);
    bool loaded = image_load(image, path, &error);
    if (!node->core->lane_enter(call))
        return false;
    if (!loaded)
        hvk_error_copy(&call->error, &error);
    return loaded;
}

/* lane_enter() fails when the domain went away. */
static bool write_draft(struct hvk_call *call, const struct test_node *node,
                        struct image_draft *draft, const char *path, const char *xml, bool paused)
{
    struct hvk_error error;
    hvk_error_init(&error);
    node->core->lane_leave(call);
    bool written = image_draft_write(draft, path, xml, paused, &error);
    if (!node->core->lane_enter(call))
        return false;
    if (!written)
        hvk_error_copy(&call->error, &error);
    return written;
}

/* What a call about a file was told. */
struct target {
    const char *file;
    const char *dxml; /* takes the place of the saved XML; NULL: that stays */
};

static bool target_read(struct hvk_call *call, const struct hvk_param *params, uint64_t count,
                        struct target *target)
{
    const struct {
        const char *name;
        const char **value;
    } known[] = {{HVK_DOMAIN_SAVE_PARAM_FILE, &target->file},
                 {HVK_DOMAIN_SAVE_PARAM_DXML, &target->dxml}};
    *target = (struct target){0};
    for (uint64_t i = 0; i < count; i++) {
        size_t k = 0;
        while (k < ARRAY_SIZE(known) && strcmp(params[i].name, known[k].name) != 0)
            k++;
        if (k == ARRAY_SIZE(known) || params[i].type != HVK_PARAM_STRING)
            return hvk_error_set(&call->error, HVK_ERR_ARGUMENT_UNSUPPORTED,
                                 "the test driver knows no parameter '%s' of this type",
                                 params[i].name);
        *known[k].value = params[i].value.string;
    }
    return target->file || hvk_error_set(&call->error, HVK_ERR_INVALID_ARG,
                                         "the parameter '" HVK_DOMAIN_SAVE_PARAM_FILE
                                         "' says which file is meant; it is missing");
}

/* The state that a restored domain has: what the flags say, else what it had. */
static bool is_paused(uint32_t flags, bool was)
{
    if (flags & HVK_DOMAIN_SAVE_PAUSED)
        return true;
    return flags & HVK_DOMAIN_SAVE_RUNNING ? false : was;
}

/* ---- saving --------------------------------------------------------------------------------- */

/* What is saved as the domain's XML. */
static char *saved_xml(struct hvk_call *call, const struct machine *machine, const char *dxml)
{
    if (!dxml)
        return model_domain_format(machine->live, MODEL_FORMAT_SECURE, &call->error);
    struct hvk_domain value = machine_value(machine);
    auto_model_domain model = domain_parse(call, &value, dxml, false);
    return model ? model_domain_format(model, MODEL_FORMAT_SECURE, &call->error) : NULL;
}

/* Writes the domain to a file; it is still running then. */
static bool save_to(struct hvk_call *call, struct machine *machine, const struct target *target,
                    uint32_t flags)
{
    auto_image_draft draft = {0};
    auto_free char *xml = saved_xml(call, machine, target->dxml);
    bool paused = is_paused(flags, machine->state == HVK_DOMAIN_PAUSED);
    return xml && write_draft(call, machine->node, &draft, target->file, xml, paused) &&
           machine_need_active(call, machine, "save") && image_draft_place(&draft, &call->error);
}

bool domain_save(struct hvk_call *call, void *instance, const struct hvk_domain *domain,
                 const struct hvk_param *params, uint64_t params_count, uint32_t flags)
{
    struct target target;
    struct machine *machine = machine_find_active(call, instance, domain, "save", "save");
    if (!machine || !target_read(call, params, params_count, &target) ||
        !save_to(call, machine, &target, flags))
        return false;
    struct machine next = *machine;
    return machine_stop(call, machine, &next, HVK_DOMAIN_SHUTOFF_SAVED,
                        HVK_DOMAIN_EVENT_STOPPED_SAVED);
}

/* The memory of a guest that has none: its XML. */
bool domain_core_dump(struct hvk_call *call, void *instance, const struct hvk_domain *domain,
                      const char *to, uint32_t format, uint32_t flags)
{
    struct target target = {.file = to};
    struct machine *machine = machine_find_active(call, instance, domain, "core_dump", "dump");
    if (!machine)
        return false;
    if (format != HVK_DOMAIN_DUMP_FORMAT_RAW)
        return hvk_error_set(&call->error, HVK_ERR_OPERATION_UNSUPPORTED,
                             "the test driver dumps in raw format only");
    if (!save_to(call, machine, &target, 0))
        return false;
    struct machine next = *machine;
    return !(flags & HVK_DOMAIN_DUMP_CRASH) ||
           machine_stop(call, machine, &next, HVK_DOMAIN_SHUTOFF_CRASHED,
                        HVK_DOMAIN_EVENT_STOPPED_CRASHED);
}

/* ---- restoring ------------------------------------------------------------------------------ */

bool domain_identify_saved(struct hvk_call *call, void *instance, const struct hvk_param *params,
                           uint64_t params_count, struct hvk_domain_sink *out_domain)
{
    auto_image image = {0};
    struct target target;
    return target_read(call, params, params_count, &target) &&
           image_load(&image, target.file, &call->error) &&
           (domain_identify(call, instance, target.dxml ? target.dxml : image.xml, out_domain) ||
            hvk_error_prefix(&call->error, "%s", target.file));
}

bool domain_restore(struct hvk_call *call, void *instance, const struct hvk_domain *identity,
                    const struct hvk_param *params, uint64_t params_count, uint32_t flags)
{
    auto_image image = {0};
    struct target target;
    struct test_node *node = instance;
    if (!inject(call, node->core, &node->injections, "restore") ||
        !target_read(call, params, params_count, &target) ||
        !load_image(call, node, &image, target.file))
        return false;
    auto_model_domain live =
        domain_parse(call, identity, target.dxml ? target.dxml : image.xml, false);
    if (!live)
        return hvk_error_prefix(&call->error, "%s", target.file);
    struct machine *machine = machine_obtain(call, node, identity);
    if (!machine || !machine_need_inactive(call, machine, "restore"))
        return false;
    struct machine next = *machine;
    next.live = TAKE(live);
    return machine_start(call, machine, &next, is_paused(flags, image.paused), true);
}

bool domain_save_image_get_xml_desc(struct hvk_call *call, void *instance, const char *file,
                                    uint32_t flags, struct hvk_string_sink *out_xml)
{
    auto_image image = {0};
    struct test_node *node = instance;
    if (!inject(call, node->core, &node->injections, "save_image_get_xml_desc") ||
        !load_image(call, node, &image, file))
        return false;
    auto_model_domain model = domain_parse(call, NULL, image.xml, false);
    if (!model)
        return hvk_error_prefix(&call->error, "%s", file);
    return domain_put_xml(call, model, flags | HVK_DOMAIN_XML_INACTIVE, out_xml);
}

/* The XML of a saved domain may change, but not whose it is. */
static bool same_domain(struct hvk_call *call, const char *file, const char *old, const char *new)
{
    struct model_identity is, becomes;
    if (!model_identify("domain", old, strlen(old), &is, &call->error))
        return hvk_error_prefix(&call->error, "%s", file);
    if (!model_identify("domain", new, strlen(new), &becomes, &call->error))
        return false;
    return (strcmp(is.name, becomes.name) == 0 &&
            memcmp(is.uuid, becomes.uuid, HVK_UUID_SIZE) == 0) ||
           hvk_error_set(&call->error, HVK_ERR_INVALID_ARG,
                         "'%s' holds domain '%s'; its XML cannot become that of domain '%s', "
                         "nor have another uuid",
                         file, is.name, becomes.name);
}

bool domain_save_image_define_xml(struct hvk_call *call, void *instance, const char *file,
                                  const char *xml, uint32_t flags)
{
    auto_image image = {0};
    auto_image_draft draft = {0};
    struct test_node *node = instance;
    if (!inject(call, node->core, &node->injections, "save_image_define_xml") ||
        !load_image(call, node, &image, file))
        return false;
    auto_model_domain model = domain_parse(call, NULL, xml, false);
    return model && same_domain(call, file, image.xml, xml) &&
           write_draft(call, node, &draft, file, xml, is_paused(flags, image.paused)) &&
           image_draft_place(&draft, &call->error);
}

/* ---- managed save --------------------------------------------------------------------------- */

bool domain_managed_save(struct hvk_call *call, void *instance, const struct hvk_domain *domain,
                         uint32_t flags)
{
    struct machine *machine = machine_find_active(call, instance, domain, "managed_save", "save");
    if (!machine)
        return false;
    if (!machine->config)
        return hvk_error_set(&call->error, HVK_ERR_OPERATION_INVALID,
                             "cannot keep the state of transient domain '%s': save it to a file",
                             machine->live->name);
    struct machine next = *machine;
    next.saved = next.live;
    next.saved_paused = is_paused(flags, machine->state == HVK_DOMAIN_PAUSED);
    return machine_stop(call, machine, &next, HVK_DOMAIN_SHUTOFF_SAVED,
                        HVK_DOMAIN_EVENT_STOPPED_SAVED);
}

static struct machine *find_saved(struct hvk_call *call, struct test_node *node,
                                  const struct hvk_domain *domain, const char *method)
{
    struct machine *machine = machine_find(call, node, domain, method);
    if (!machine || machine->saved)
        return machine;
    hvk_error_set(&call->error, HVK_ERR_OPERATION_INVALID, "domain '%s' has no managed save image",
                  machine_model(machine)->name);
    return NULL;
}

bool domain_managed_save_remove(struct hvk_call *call, void *instance,
                                const struct hvk_domain *domain, uint32_t flags)
{
    (void)flags;
    struct machine *machine = machine_find(call, instance, domain, "managed_save_remove");
    if (!machine)
        return false;
    struct machine next = *machine;
    next.saved = NULL;
    return !machine->saved || machine_commit(call, machine, &next);
}

bool domain_managed_save_get_xml_desc(struct hvk_call *call, void *instance,
                                      const struct hvk_domain *domain, uint32_t flags,
                                      struct hvk_string_sink *out_xml)
{
    struct machine *machine = find_saved(call, instance, domain, "managed_save_get_xml_desc");
    return machine &&
           domain_put_xml(call, machine->saved, flags | HVK_DOMAIN_XML_INACTIVE, out_xml);
}

bool domain_managed_save_define_xml(struct hvk_call *call, void *instance,
                                    const struct hvk_domain *domain, const char *xml,
                                    uint32_t flags)
{
    struct machine *machine = find_saved(call, instance, domain, "managed_save_define_xml");
    if (!machine)
        return false;
    struct hvk_domain value = machine_value(machine);
    struct machine next = *machine;
    next.saved_paused = is_paused(flags, machine->saved_paused);
    if (xml)
        next.saved = domain_parse(call, &value, xml, false);
    return next.saved && machine_commit(call, machine, &next);
}
