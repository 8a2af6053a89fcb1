/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "settings.h"
#include "trust.h"
#include <base/string.h>
#include <errno.h>
#include <limits.h>

#define CONFIG_FILE "hvkit.conf"

/* The variable, NULL after a privileged start, when it is empty or not an absolute path. */
static const char *environment_path(const char *name)
{
    const char *path = trust_is_privileged_start() ? NULL : getenv(name);
    return path && path[0] == '/' ? path : NULL;
}

const char *config_directory(void)
{
    const char *directory = environment_path("HVKIT_CONFIG_DIR");
    return directory ? directory : HVKIT_CONFIG_DIRECTORY;
}

/* ---- one setting ---------------------------------------------------------------------------- */

struct reading {
    struct config *config;
    bool is_user; /* of the user's file */
};

static bool set_uri(struct reading *reading, const char *name, const char *value,
                    struct hvk_error *err)
{
    if (!string_equal(name, "uri"))
        return hvk_error_set(err, HVK_ERR_CONF_SYNTAX,
                             "unknown setting '%s': only 'uri' stands "
                             "before the first section",
                             name);
    char *uri = strdup(value);
    if (!uri)
        return hvk_error_memory(err);
    free(reading->config->uri);
    reading->config->uri = uri;
    return true;
}

static bool add_directory(struct reading *reading, const char *name, const char *value,
                          struct hvk_error *err)
{
    struct vector *directories = &reading->config->directories;
    if (!string_equal(name, "directory"))
        return hvk_error_set(err, HVK_ERR_CONF_SYNTAX,
                             "unknown setting '%s' in [drivers], which knows 'directory'", name);
    if (reading->is_user)
        return hvk_error_set(err, HVK_ERR_CONF_SYNTAX,
                             "only the machine's configuration, %s/" CONFIG_FILE
                             ", names driver directories: use HVKIT_DRIVER_PATH",
                             config_directory());
    if (value[0] != '/')
        return hvk_error_set(err, HVK_ERR_CONF_SYNTAX, "'%s' is not an absolute path", value);
    if (directories->count == CONFIG_DIRECTORIES_MAX)
        return hvk_error_set(err, HVK_ERR_CONF_SYNTAX, "more than %d driver directories",
                             CONFIG_DIRECTORIES_MAX);
    char *directory = strdup(value);
    if (directory && vector_push(directories, &directory))
        return true;
    free(directory);
    return hvk_error_memory(err);
}

/* Letters, digits, '-', '_' and '.': never what a URI starts with. */
static bool is_alias_name(const char *name)
{
    return name[0] != '\0' &&
           name[strspn(
               name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.")] == '\0';
}

static bool add_alias(struct reading *reading, const char *name, const char *value,
                      struct hvk_error *err)
{
    struct vector *aliases = &reading->config->aliases;
    if (!is_alias_name(name))
        return hvk_error_set(err, HVK_ERR_CONF_SYNTAX,
                             "the alias '%s' may hold letters, digits, '-', '_' and '.' only",
                             name);
    if (!strstr(value, "://"))
        return hvk_error_set(err, HVK_ERR_CONF_SYNTAX,
                             "alias '%s' stands for '%s', which is no URI", name, value);
    if (aliases->count == CONFIG_ALIASES_MAX)
        return hvk_error_set(err, HVK_ERR_CONF_SYNTAX, "more than %d aliases", CONFIG_ALIASES_MAX);
    struct config_alias *alias = vector_add(aliases);
    if (!alias || !(alias->name = strdup(name)) || !(alias->uri = strdup(value)))
        return hvk_error_memory(err);
    return true;
}

static const struct section_row {
    const char *name;
    bool (*set)(struct reading *reading, const char *name, const char *value,
                struct hvk_error *err);
} sections[] = {{"", set_uri}, {"drivers", add_directory}, {"aliases", add_alias}};

static bool set(void *user, const char *section, const char *name, const char *value,
                struct hvk_error *err)
{
    for (size_t i = 0; i < ARRAY_SIZE(sections); i++) {
        if (strcmp(sections[i].name, section) == 0)
            return sections[i].set(user, name, value, err);
    }
    return hvk_error_set(err, HVK_ERR_CONF_SYNTAX, "unknown section [%s]", section);
}

/* ---- files ---------------------------------------------------------------------------------- */

static bool read_file(struct reading *reading, const char *directory, struct hvk_error *err)
{
    struct hvk_error reason;
    auto_fd int at = trust_open_directory(directory, NULL, &reason);
    if (at < 0 && reason.native == ENOENT)
        return true;
    auto_fd int fd = at < 0 ? -1 : trust_open_file(at, CONFIG_FILE, NULL, &reason);
    if (fd < 0 && reason.native == ENOENT)
        return true;
    if (fd < 0) {
        hvk_error_copy(err, &reason);
        return hvk_error_prefix(err, "cannot use the configuration %s/" CONFIG_FILE, directory);
    }
    auto_free char *path = string_format("%s/" CONFIG_FILE, directory);
    if (!path)
        return hvk_error_memory(err);
    return settings_read(fd, path, set, reading, err);
}

static bool read_users(struct config *config, struct hvk_error *err)
{
    const char *base = environment_path("XDG_CONFIG_HOME");
    const char *home = environment_path("HOME");
    if ((!base && !home) || environment_path("HVKIT_CONFIG_DIR"))
        return true;
    auto_free char *directory =
        base ? string_format("%s/hvkit", base) : string_format("%s/.config/hvkit", home);
    auto_free char *path = directory ? string_format("%s/" CONFIG_FILE, directory) : NULL;
    if (!path)
        return hvk_error_memory(err);
    /* Without a file it does not matter whom the directories above belong to (sudo -E). */
    if (access(path, F_OK) < 0)
        return true;
    struct reading reading = {.config = config, .is_user = true};
    return read_file(&reading, directory, err);
}

struct config *config_load(bool with_users, struct hvk_error *err)
{
    AUTO(config_free_auto) struct config *config = calloc(1, sizeof *config);
    if (!config) {
        hvk_error_memory(err);
        return NULL;
    }
    config->directories = (struct vector)VECTOR_INIT(char *);
    config->aliases = (struct vector)VECTOR_INIT(struct config_alias);
    struct reading reading = {.config = config};
    if (!read_file(&reading, config_directory(), err) || (with_users && !read_users(config, err)))
        return NULL;
    return TAKE(config);
}

void config_free(struct config *config)
{
    if (!config)
        return;
    VECTOR_FOR_EACH (&config->directories, char *, directory)
        free(*directory);
    VECTOR_FOR_EACH (&config->aliases, struct config_alias, alias) {
        free(alias->name);
        free(alias->uri);
    }
    vector_fini(&config->directories);
    vector_fini(&config->aliases);
    free(config->uri);
    free(config);
}

/* The last one wins: the user's stand behind the machine's. */
const char *config_alias_find(const struct config *config, const char *name)
{
    for (size_t i = config->aliases.count; i-- > 0;) {
        const struct config_alias *alias = vector_at(&config->aliases, i);
        if (strcmp(alias->name, name) == 0)
            return alias->uri;
    }
    return NULL;
}
