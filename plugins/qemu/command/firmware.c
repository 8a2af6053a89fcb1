/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "command/firmware.h"

#include <base/string.h>
#include <base/vector.h>
#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <jansson.h>
#include <sys/stat.h>

/* ---- the files ---- */

struct descriptor {
    char *name;
    char *path;
};

static void descriptors_fini(struct vector *list)
{
    VECTOR_FOR_EACH (list, struct descriptor, item) {
        free(item->name);
        free(item->path);
    }
    vector_fini(list);
}

static bool has_name(const struct vector *list, const char *name)
{
    VECTOR_FOR_EACH (list, struct descriptor, item)
        if (strcmp(item->name, name) == 0)
            return true;
    return false;
}

static bool add_file(struct vector *list, const char *directory, const char *name,
                     struct hvk_error *err)
{
    struct descriptor item = {strdup(name), string_format("%s/%s", directory, name)};
    if (item.name && item.path && vector_push(list, &item))
        return true;
    free(item.name);
    free(item.path);
    return hvk_error_memory(err);
}

/* A directory that does not exist has no files. */
static bool list_directory(struct vector *list, const char *directory, struct hvk_error *err)
{
    auto_dir DIR *dir = opendir(directory);
    if (!dir)
        return true;
    for (const struct dirent *entry; (entry = readdir(dir)) && list->count < FIRMWARE_FILES_MAX;) {
        const char *dot = strrchr(entry->d_name, '.');
        if (entry->d_name[0] != '.' && dot && strcmp(dot, ".json") == 0 &&
            !has_name(list, entry->d_name) && !add_file(list, directory, entry->d_name, err))
            return false;
    }
    return true;
}

static int compare_names(const void *a, const void *b)
{
    return strcmp(((const struct descriptor *)a)->name, ((const struct descriptor *)b)->name);
}

/* NULL for one that is empty, too long or no JSON. */
static json_t *load(const char *path)
{
    auto_fd int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    struct stat status;
    if (fd < 0 || fstat(fd, &status) < 0 || !S_ISREG(status.st_mode) || status.st_size == 0 ||
        status.st_size > FIRMWARE_FILE_MAX)
        return NULL;
    return json_loadfd(fd, JSON_REJECT_DUPLICATES, NULL);
}

/* ---- does one match? ---- */

static bool array_has(const json_t *array, const char *text)
{
    size_t index;
    json_t *item;
    json_array_foreach(array, index,
                       item) if (string_equal(json_string_value(item), text)) return true;
    return false;
}

static bool matches_target(const json_t *json, const struct firmware_request *request)
{
    size_t i, j;
    json_t *target, *pattern;
    json_array_foreach(json_object_get(json, "targets"), i, target)
    {
        if (!string_equal(json_string_value(json_object_get(target, "architecture")),
                          request->arch))
            continue;
        json_array_foreach(json_object_get(target, "machines"), j,
                           pattern) if (json_is_string(pattern) &&
                                        fnmatch(json_string_value(pattern), request->machine, 0) ==
                                            0) return true;
    }
    return false;
}

static bool matches_switch(enum model_switch wanted, bool has)
{
    return wanted == MODEL_SWITCH_UNSET || (wanted == MODEL_SWITCH_ON) == has;
}

static bool matches(const json_t *json, const struct firmware_request *request)
{
    const json_t *features = json_object_get(json, "features");
    bool needs_smm = array_has(features, "requires-smm");
    return array_has(json_object_get(json, "interface-types"), request->interface) &&
           matches_target(json, request) &&
           matches_switch(request->secure_boot, array_has(features, "secure-boot")) &&
           matches_switch(request->enrolled_keys, array_has(features, "enrolled-keys")) &&
           !(needs_smm && request->smm == MODEL_SWITCH_OFF);
}

static bool copy(char **out, const json_t *text, struct hvk_error *err)
{
    const char *value = json_string_value(text);
    *out = value ? strdup(value) : NULL;
    return *out || !value || hvk_error_memory(err);
}

static bool fill_flash(const json_t *mapping, struct firmware *out, struct hvk_error *err)
{
    const json_t *executable = json_object_get(mapping, "executable");
    const json_t *store = json_object_get(mapping, "nvram-template");
    return copy(&out->executable, json_object_get(executable, "filename"), err) &&
           copy(&out->format, json_object_get(executable, "format"), err) &&
           copy(&out->template_, json_object_get(store, "filename"), err) &&
           copy(&out->template_format, json_object_get(store, "format"), err);
}

/* mode "combined" keeps its variables inside the executable: every guest would write to one file.
 */
static bool fill(const json_t *json, struct firmware *out, struct hvk_error *err)
{
    const json_t *features = json_object_get(json, "features");
    const json_t *mapping = json_object_get(json, "mapping");
    const char *device = json_string_value(json_object_get(mapping, "device"));
    const char *mode = json_string_value(json_object_get(mapping, "mode"));
    out->needs_smm = array_has(features, "requires-smm");
    out->secure_boot = array_has(features, "secure-boot");
    if (string_equal(device, "memory")) {
        out->rom = true;
        return copy(&out->executable, json_object_get(mapping, "filename"), err);
    }
    if (!string_equal(device, "flash") || string_equal(mode, "combined"))
        return true;
    return fill_flash(mapping, out, err);
}

/* Sets *out when the descriptor answers the request. */
static bool try_descriptor(const json_t *json, const struct firmware_request *request,
                           struct firmware *out, struct hvk_error *err)
{
    if (!matches(json, request))
        return true;
    if (!fill(json, out, err))
        return false;
    bool stateless = !out->template_ && !out->rom;
    bool usable = out->executable &&
                  (!request->executable || strcmp(out->executable, request->executable) == 0) &&
                  (request->stateless != MODEL_SWITCH_ON || stateless || out->rom);
    if (!usable)
        firmware_fini(out);
    return true;
}

bool firmware_select(const char *const *directories, const struct firmware_request *request,
                     struct firmware *out, struct hvk_error *err)
{
    AUTO(descriptors_fini) struct vector list = VECTOR_INIT(struct descriptor);
    *out = (struct firmware){0};
    for (; *directories; directories++)
        if (!list_directory(&list, *directories, err))
            return false;
    if (list.count > 0)
        qsort(list.items, list.count, sizeof(struct descriptor), compare_names);
    VECTOR_FOR_EACH (&list, struct descriptor, item) {
        json_t *json = load(item->path);
        bool ok = try_descriptor(json, request, out, err);
        json_decref(json);
        if (!ok || out->executable)
            return ok;
    }
    return true;
}

void firmware_fini(struct firmware *firmware)
{
    free(firmware->executable);
    free(firmware->format);
    free(firmware->template_);
    free(firmware->template_format);
    *firmware = (struct firmware){0};
}
