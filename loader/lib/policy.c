/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "policy.h"

#include "config.h"
#include "settings.h"
#include "trust.h"
#include <base/string.h>
#include <errno.h>

static bool set_disable(struct policy *policy, const char *value, struct hvk_error *err)
{
    return string_to_bool(value, &policy->disable) ||
           hvk_error_set(err, HVK_ERR_CONF_SYNTAX, "disable is 'yes' or 'no', not '%.80s'", value);
}

static bool set_priority(struct policy *policy, const char *value, struct hvk_error *err)
{
    int64_t number;
    if (!string_to_i64(value, -POLICY_PRIORITY_MAX, POLICY_PRIORITY_MAX, &number))
        return hvk_error_set(err, HVK_ERR_CONF_SYNTAX,
                             "priority is a number from %d to %d, not '%.80s'",
                             -POLICY_PRIORITY_MAX, POLICY_PRIORITY_MAX, value);
    policy->priority = (int32_t)number;
    policy->has_priority = true;
    return true;
}

static bool set_isolation(struct policy *policy, const char *value, struct hvk_error *err)
{
    static const char *const names[] = {[POLICY_IN_PROCESS] = "none",
                                        [POLICY_OWN_PROCESS] = "process",
                                        [POLICY_SANDBOX] = "sandbox"};
    for (uint32_t i = 0; i < ARRAY_SIZE(names); i++) {
        if (strcmp(names[i], value) == 0) {
            policy->isolation = i;
            return true;
        }
    }
    return hvk_error_set(err, HVK_ERR_CONF_SYNTAX,
                         "isolation is 'none', 'process' or 'sandbox', not '%.80s'", value);
}

static const struct setting_row {
    const char *name;
    bool (*set)(struct policy *policy, const char *value, struct hvk_error *err);
} setting_rows[] = {
    {"disable", set_disable}, {"priority", set_priority}, {"isolation", set_isolation}};

static bool set_top(struct policy *policy, const char *name, const char *value,
                    struct hvk_error *err)
{
    for (size_t i = 0; i < ARRAY_SIZE(setting_rows); i++) {
        if (strcmp(setting_rows[i].name, name) == 0)
            return setting_rows[i].set(policy, value, err);
    }
    return hvk_error_set(
        err, HVK_ERR_CONF_SYNTAX,
        "unknown setting '%.80s': disable, priority and isolation stand before the "
        "first section",
        name);
}

static const struct limit_row {
    const char *name;
    size_t offset;
    uint64_t max;
} limit_rows[] = {{"memory_mib", offsetof(struct policy, memory_mib), 1 << 24},
                  {"processes", offsetof(struct policy, processes), 1 << 20},
                  {"descriptors", offsetof(struct policy, descriptors), 1 << 20}};

static bool set_limit(struct policy *policy, const char *name, const char *value,
                      struct hvk_error *err)
{
    for (size_t i = 0; i < ARRAY_SIZE(limit_rows); i++) {
        if (strcmp(limit_rows[i].name, name) != 0)
            continue;
        uint64_t *limit = (uint64_t *)(void *)((char *)policy + limit_rows[i].offset);
        return string_to_u64(value, 1, limit_rows[i].max, limit) ||
               hvk_error_set(err, HVK_ERR_CONF_SYNTAX,
                             "the limit %s is a number from 1 to %llu, not '%.80s'", name,
                             (unsigned long long)limit_rows[i].max, value);
    }
    return hvk_error_set(err, HVK_ERR_CONF_SYNTAX,
                         "unknown limit '%.80s': there are memory_mib, processes and descriptors",
                         name);
}

static bool set_option(struct policy *policy, const char *name, const char *value,
                       struct hvk_error *err)
{
    if (policy_option_find(policy, name))
        return hvk_error_set(err, HVK_ERR_CONF_SYNTAX, "the option '%.80s' is set twice", name);
    if (policy->options.count == POLICY_OPTIONS_MAX)
        return hvk_error_set(err, HVK_ERR_CONF_SYNTAX, "more than %d options", POLICY_OPTIONS_MAX);
    struct policy_option *option = vector_add(&policy->options);
    if (!option || !(option->name = strdup(name)) || !(option->value = strdup(value)))
        return hvk_error_memory(err);
    return true;
}

static const struct section_row {
    const char *name;
    bool (*set)(struct policy *policy, const char *name, const char *value, struct hvk_error *err);
} sections[] = {{"", set_top}, {"limits", set_limit}, {"options", set_option}};

static bool set(void *user, const char *section, const char *name, const char *value,
                struct hvk_error *err)
{
    for (size_t i = 0; i < ARRAY_SIZE(sections); i++) {
        if (strcmp(sections[i].name, section) == 0)
            return sections[i].set(user, name, value, err);
    }
    return hvk_error_set(err, HVK_ERR_CONF_SYNTAX, "unknown section [%.80s]", section);
}

/* ---- files ---------------------------------------------------------------------------------- */

int policy_directory_open(char **out_path, struct hvk_error *err)
{
    auto_free char *path = string_format("%s/drivers.d", config_directory());
    if (!path) {
        hvk_error_memory(err);
        return -1;
    }
    int fd = trust_open_directory(path, out_path, err);
    if (fd < 0 && err->native == ENOENT)
        hvk_error_init(err);
    return fd;
}

static bool policy_read(struct policy *policy, int directory, const char *name,
                        struct hvk_error *err)
{
    struct hvk_error reason;
    hvk_error_init(&reason);
    auto_fd int fd = trust_open_file(directory, name, NULL, &reason);
    if (fd < 0 && reason.native == ENOENT) {
        policy->path[0] = '\0';
        return true;
    }
    if (fd >= 0 && settings_read(fd, policy->path, set, policy, &reason))
        return true;
    hvk_error_copy(err, &reason);
    return hvk_error_prefix(err, "its policy %s cannot be used", policy->path);
}

struct policy *policy_load(int directory, const char *path, const char *id, struct hvk_error *err)
{
    AUTO(policy_free_auto) struct policy *policy = calloc(1, sizeof *policy);
    auto_free char *name = string_format("%s.conf", id);
    if (policy) {
        policy->options = (struct vector)VECTOR_INIT(struct policy_option);
        policy->path = directory < 0 ? strdup("") : string_format("%s/%s", path, name ? name : "");
    }
    if (!policy || !name || !policy->path) {
        hvk_error_memory(err);
        return NULL;
    }
    if (directory >= 0 && !policy_read(policy, directory, name, err))
        return NULL;
    return TAKE(policy);
}

void policy_free(struct policy *policy)
{
    if (!policy)
        return;
    VECTOR_FOR_EACH (&policy->options, struct policy_option, option) {
        free(option->name);
        free(option->value);
    }
    vector_fini(&policy->options);
    free(policy->path);
    free(policy);
}

const char *policy_option_find(const struct policy *policy, const char *name)
{
    VECTOR_FOR_EACH (&policy->options, const struct policy_option, option) {
        if (strcmp(option->name, name) == 0)
            return option->value;
    }
    return NULL;
}
