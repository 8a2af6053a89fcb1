/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Saving to a file and to the domain itself. A file is one line, MAGIC and the state that the
 * domain had, and its XML: a guest in memory has nothing else to keep. */
#include "domain.h"

#include <base/buffer.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#define MAGIC "hvkit-test-save-1 "
#define SAVE_SIZE_MAX (16u * 1024 * 1024)

/* ---- the file ------------------------------------------------------------------------------- */

static bool write_all(int fd, const char *data, size_t size)
{
    while (size > 0) {
        ssize_t written = write(fd, data, size);
        if (written < 0 && errno == EINTR)
            continue;
        if (written <= 0)
            return false;
        data += written;
        size -= (size_t)written;
    }
    return fsync(fd) == 0;
}

static bool file_write(const char *path, const char *xml, bool paused, struct hvk_error *err)
{
    auto_buffer text = BUFFER_INIT;
    buffer_add_format(&text, MAGIC "%s\n%s", paused ? "paused" : "running", xml);
    if (text.failed)
        return hvk_error_memory(err);
    auto_fd int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (fd < 0)
        return hvk_error_errno(err, errno, "create the save file '%s'", path);
    if (write_all(fd, text.data, text.length))
        return true;
    hvk_error_errno(err, errno, "write the save file '%s'", path);
    unlink(path);
    return false;
}

static char *file_read(const char *path, struct hvk_error *err)
{
    struct stat info;
    auto_fd int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0 || fstat(fd, &info) < 0) {
        hvk_error_errno(err, errno, "open the save file '%s'", path);
        return NULL;
    }
    if (!S_ISREG(info.st_mode) || info.st_size > SAVE_SIZE_MAX) {
        hvk_error_set(err, HVK_ERR_OPERATION_FAILED,
                      "'%s' is not a save file: it is not a regular file of at most %u bytes", path,
                      SAVE_SIZE_MAX);
        return NULL;
    }
    auto_free char *text = calloc(1, (size_t)info.st_size + 1);
    if (!text) {
        hvk_error_memory(err);
        return NULL;
    }
    if (pread(fd, text, (size_t)info.st_size, 0) != info.st_size) {
        hvk_error_errno(err, errno, "read the save file '%s'", path);
        return NULL;
    }
    return TAKE(text);
}

/* What a save file holds. */
struct saved {
    char *text;
    const char *xml; /* in text */
    bool paused;
};

static void saved_fini(struct saved *saved)
{
    free(saved->text);
}
#define auto_saved AUTO(saved_fini) struct saved

static bool saved_load(struct saved *saved, const char *path, struct hvk_error *err)
{
    saved->text = file_read(path, err);
    if (!saved->text)
        return false;
    char *line_end = strchr(saved->text, '\n');
    const char *state = saved->text + strlen(MAGIC);
    if (!line_end || strncmp(saved->text, MAGIC, strlen(MAGIC)) != 0)
        return hvk_error_set(err, HVK_ERR_OPERATION_FAILED,
                             "'%s' is not a save file of the test driver", path);
    saved->paused = strncmp(state, "paused\n", 7) == 0;
    saved->xml = line_end + 1;
    return true;
}

/* ---- saving --------------------------------------------------------------------------------- */

static const char *param_string(const struct hvk_param *params, uint64_t count, const char *name)
{
    for (uint64_t i = 0; i < count; i++) {
        if (strcmp(params[i].name, name) == 0 && params[i].type == HVK_PARAM_STRING)
            return params[i].value.string;
    }
    return NULL;
}

/* The state that a restored domain has: what the flags say, else what it had. */
static bool is_paused(uint32_t flags, bool was)
{
    if (flags & HVK_DOMAIN_SAVE_PAUSED)
        return true;
    return flags & HVK_DOMAIN_SAVE_RUNNING ? false : was;
}

bool domain_save(struct hvk_call *call, void *instance, const struct hvk_domain *domain,
                 const struct hvk_param *params, uint64_t params_count, uint32_t flags)
{
    struct test_node *node = instance;
    if (!inject(call, node->core, &node->injections, "save"))
        return false;
    struct machine *machine = machine_find(call, node, domain);
    if (!machine || !machine_need_active(call, machine, "save"))
        return false;
    const char *path = param_string(params, params_count, HVK_DOMAIN_SAVE_PARAM_FILE);
    const char *dxml = param_string(params, params_count, HVK_DOMAIN_SAVE_PARAM_DXML);
    if (!path)
        return hvk_error_set(&call->error, HVK_ERR_INVALID_ARG,
                             "saving needs the parameter '" HVK_DOMAIN_SAVE_PARAM_FILE "'");
    auto_free char *xml = dxml ? strdup(dxml)
                               : model_domain_format(machine->live, MODEL_FORMAT_SECURE,
                                                     &call->error);
    if (!xml)
        return false;
    bool paused = is_paused(flags, machine->state == HVK_DOMAIN_PAUSED);
    return file_write(path, xml, paused, &call->error) &&
           machine_stop(call, machine, HVK_DOMAIN_SHUTOFF_SAVED, HVK_DOMAIN_EVENT_STOPPED_SAVED);
}

bool domain_identify_saved(struct hvk_call *call, void *instance, const struct hvk_param *params,
                           uint64_t params_count, struct hvk_domain_sink *out_domain)
{
    auto_saved saved = {0};
    const char *path = param_string(params, params_count, HVK_DOMAIN_SAVE_PARAM_FILE);
    const char *dxml = param_string(params, params_count, HVK_DOMAIN_SAVE_PARAM_DXML);
    if (!path)
        return hvk_error_set(&call->error, HVK_ERR_INVALID_ARG,
                             "restoring needs the parameter '" HVK_DOMAIN_SAVE_PARAM_FILE "'");
    return saved_load(&saved, path, &call->error) &&
           domain_identify(call, instance, dxml ? dxml : saved.xml, out_domain);
}

bool domain_restore(struct hvk_call *call, void *instance, const struct hvk_domain *identity,
                    const struct hvk_param *params, uint64_t params_count, uint32_t flags)
{
    auto_saved saved = {0};
    struct test_node *node = instance;
    const char *path = param_string(params, params_count, HVK_DOMAIN_SAVE_PARAM_FILE);
    const char *dxml = param_string(params, params_count, HVK_DOMAIN_SAVE_PARAM_DXML);
    if (!inject(call, node->core, &node->injections, "restore") ||
        !saved_load(&saved, path, &call->error))
        return false;
    struct machine *machine = node->core->object(node->host, HVK_OBJECT_DOMAIN, identity->uuid);
    if (machine && !machine_need_inactive(call, machine, "restore"))
        return false;
    struct model_domain *live = domain_parse(call, identity, dxml ? dxml : saved.xml, false);
    if (!live)
        return false;
    struct machine *added = NULL;
    if (!machine)
        machine = added = machine_new(node, identity->uuid, NULL, &call->error);
    if (!machine) {
        model_domain_free(live);
        return false;
    }
    if (machine_run(call, machine, live, is_paused(flags, saved.paused),
                    HVK_DOMAIN_RUNNING_RESTORED, HVK_DOMAIN_EVENT_STARTED_RESTORED))
        return true;
    machine_free(added);
    return false;
}

bool domain_save_image_get_xml_desc(struct hvk_call *call, void *instance, const char *file,
                                    uint32_t flags, struct hvk_string_sink *out_xml)
{
    auto_saved saved = {0};
    (void)instance;
    if (!saved_load(&saved, file, &call->error))
        return false;
    auto_model_domain model = domain_parse(call, NULL, saved.xml, false);
    auto_free char *xml =
        model ? model_domain_format(model, domain_format_flags(flags), &call->error) : NULL;
    return xml && hvk_put_string(out_xml, xml);
}

bool domain_save_image_define_xml(struct hvk_call *call, void *instance, const char *file,
                                  const char *xml, uint32_t flags)
{
    auto_saved saved = {0};
    (void)instance;
    if (!saved_load(&saved, file, &call->error))
        return false;
    auto_model_domain model = domain_parse(call, NULL, xml, false);
    return model && file_write(file, xml, is_paused(flags, saved.paused), &call->error);
}

/* ---- managed save --------------------------------------------------------------------------- */

bool domain_managed_save(struct hvk_call *call, void *instance, const struct hvk_domain *domain,
                         uint32_t flags)
{
    struct test_node *node = instance;
    if (!inject(call, node->core, &node->injections, "managed_save"))
        return false;
    struct machine *machine = machine_find(call, node, domain);
    if (!machine || !machine_need_active(call, machine, "save"))
        return false;
    if (!machine->config)
        return hvk_error_set(&call->error, HVK_ERR_OPERATION_INVALID,
                             "cannot keep the state of transient domain '%s': save it to a file",
                             machine->live->name);
    machine->saved = model_domain_copy(machine->live, &call->error);
    if (!machine->saved)
        return false;
    machine->saved_paused = is_paused(flags, machine->state == HVK_DOMAIN_PAUSED);
    return machine_stop(call, machine, HVK_DOMAIN_SHUTOFF_SAVED, HVK_DOMAIN_EVENT_STOPPED_SAVED);
}

static struct machine *find_saved(struct hvk_call *call, struct test_node *node,
                                  const struct hvk_domain *domain)
{
    struct machine *machine = machine_find(call, node, domain);
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
    struct machine *machine = machine_find(call, instance, domain);
    if (!machine)
        return false;
    model_domain_free(TAKE(machine->saved));
    return machine_publish(call, machine);
}

bool domain_managed_save_get_xml_desc(struct hvk_call *call, void *instance,
                                      const struct hvk_domain *domain, uint32_t flags,
                                      struct hvk_string_sink *out_xml)
{
    struct machine *machine = find_saved(call, instance, domain);
    auto_free char *xml =
        machine ? model_domain_format(machine->saved, domain_format_flags(flags), &call->error)
                : NULL;
    return xml && hvk_put_string(out_xml, xml);
}

bool domain_managed_save_define_xml(struct hvk_call *call, void *instance,
                                    const struct hvk_domain *domain, const char *xml,
                                    uint32_t flags)
{
    struct machine *machine = find_saved(call, instance, domain);
    if (!machine)
        return false;
    struct hvk_domain value = machine_value(machine);
    struct model_domain *model =
        xml ? domain_parse(call, &value, xml, false) : model_domain_copy(machine->saved, &call->error);
    if (!model)
        return false;
    model_domain_free(machine->saved);
    machine->saved = model;
    machine->saved_paused = is_paused(flags, machine->saved_paused);
    return machine_publish(call, machine);
}

/* The memory of a guest that has none: its XML. */
bool domain_core_dump(struct hvk_call *call, void *instance, const struct hvk_domain *domain,
                      const char *to, uint32_t format, uint32_t flags)
{
    struct machine *machine = machine_find(call, instance, domain);
    if (!machine || !machine_need_active(call, machine, "dump"))
        return false;
    if (format != HVK_DOMAIN_DUMP_FORMAT_RAW)
        return hvk_error_set(&call->error, HVK_ERR_OPERATION_UNSUPPORTED,
                             "the test driver dumps in raw format only");
    auto_free char *xml = model_domain_format(machine->live, 0, &call->error);
    if (!xml || !file_write(to, xml, machine->state == HVK_DOMAIN_PAUSED, &call->error))
        return false;
    if (flags & HVK_DOMAIN_DUMP_CRASH)
        return machine_stop(call, machine, HVK_DOMAIN_SHUTOFF_CRASHED,
                            HVK_DOMAIN_EVENT_STOPPED_CRASHED);
    return true;
}
