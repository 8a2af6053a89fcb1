/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Finding: directories, files, notes and policies become candidates. Deciding between them is in
 * decide.c. */
#include "scan.h"

#include "config.h"
#include "decide.h"
#include "identity.h"
#include "module.h"
#include "note.h"
#include "trust.h"
#include <base/string.h>
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <limits.h>

#define DRIVER_SUFFIX ".so"

/* ---- candidates ----------------------------------------------------------------------------- */

static void candidate_fini(struct candidate *candidate)
{
    free(candidate->path);
    free(candidate->identity);
    policy_free(candidate->policy);
    free(candidate->decision);
}

/* Takes path; NULL when out of memory. */
static struct candidate *candidate_add(struct scan *scan, char *path, const char *origin,
                                       struct hvk_error *err)
{
    struct candidate *candidate = path ? vector_add(&scan->candidates) : NULL;
    if (!candidate) {
        free(path);
        hvk_error_memory(err);
        return NULL;
    }
    candidate->path = path;
    candidate->origin = origin;
    return candidate;
}

/* Records why the candidate cannot be used. Only the lack of memory ends the scan. */
static bool candidate_refuse(struct candidate *candidate, const struct hvk_error *reason,
                             struct hvk_error *err)
{
    if (reason->code == HVK_ERR_NO_MEMORY) {
        hvk_error_copy(err, reason);
        return false;
    }
    candidate->decision = string_format("refused: %s", reason->text);
    return candidate->decision || hvk_error_memory(err);
}

char *candidate_name(const struct candidate *candidate)
{
    const char *id = candidate->identity ? candidate->identity->id : NULL;
    if (candidate->is_directory)
        return string_format("driver directory %s", candidate->path);
    if (!id)
        return string_format("driver file %s", candidate->path);
    if (candidate->path[0] == '\0')
        return string_format("static driver '%s'", id);
    return string_format("driver '%s' (%s)", id, candidate->path);
}

/* ---- one look ------------------------------------------------------------------------------- */

/* What is open while a scan is made. */
struct look {
    struct scan *scan;
    struct config *config;
    int policies; /* the directory; -1: none */
    char *policies_path;
    struct hvk_error policies_error; /* why it cannot be used */
};

static void look_fini(struct look *look)
{
    config_free(look->config);
    cleanup_fd(&look->policies);
    free(look->policies_path);
}

static bool isolation_check(const struct policy *policy, struct hvk_error *err)
{
    bool has_limits = policy->memory_mib || policy->processes || policy->descriptors;
    if (policy->isolation != POLICY_IN_PROCESS)
        return hvk_error_set(err, HVK_ERR_DRIVER_REFUSED,
                             "its policy %s asks for a process of its own, and this hvkit runs "
                             "drivers in its own process only: set isolation = none there to allow "
                             "that",
                             policy->path);
    if (has_limits)
        return hvk_error_set(err, HVK_ERR_DRIVER_REFUSED,
                             "its policy %s sets limits, which need isolation = process",
                             policy->path);
    return true;
}

/* Judges what a candidate's note says by itself; the rivals come later. */
static bool candidate_judge(const struct look *look, struct candidate *candidate,
                            struct hvk_error *reason)
{
    if (!identity_check(candidate->identity, reason)) {
        free(TAKE(candidate->identity));
        return false;
    }
    candidate->priority = candidate->identity->priority;
    if (look->policies_error.code != HVK_ERR_OK) {
        hvk_error_copy(reason, &look->policies_error);
        return hvk_error_prefix(reason, "its policy cannot be read");
    }
    candidate->policy =
        policy_load(look->policies, look->policies_path, candidate->identity->id, reason);
    if (!candidate->policy)
        return false;
    if (candidate->policy->has_priority)
        candidate->priority = candidate->policy->priority;
    if (candidate->policy->disable)
        return hvk_error_set(reason, HVK_ERR_DRIVER_REFUSED, "disabled by %s",
                             candidate->policy->path);
    return isolation_check(candidate->policy, reason);
}

static bool candidate_read(const struct look *look, struct candidate *candidate, int directory,
                           const char *name, struct hvk_error *reason)
{
    struct stat status;
    auto_fd int fd = trust_open_file(directory, name, &status, reason);
    if (fd < 0)
        return false;
    candidate->device = status.st_dev;
    candidate->inode = status.st_ino;
    candidate->identity = note_read(fd, reason);
    return candidate->identity && candidate_judge(look, candidate, reason);
}

/* Was the same file seen before, under another name or through another directory? */
static bool is_seen(const struct scan *scan, const struct candidate *candidate)
{
    VECTOR_FOR_EACH (&scan->candidates, const struct candidate, other) {
        if (other != candidate && candidate->inode != 0 && other->inode == candidate->inode &&
            other->device == candidate->device)
            return true;
    }
    return false;
}

static bool file_look(const struct look *look, const char *path, int directory, const char *name,
                      const char *origin, struct hvk_error *err)
{
    struct hvk_error reason;
    hvk_error_init(&reason);
    struct candidate *candidate =
        candidate_add(look->scan, string_format("%s/%s", path, name), origin, err);
    if (!candidate)
        return false;
    candidate->accepted = candidate_read(look, candidate, directory, name, &reason);
    if (is_seen(look->scan, candidate)) {
        candidate_fini(candidate);
        look->scan->candidates.count--;
        return true;
    }
    return candidate->accepted || candidate_refuse(candidate, &reason, err);
}

/* ---- directories ---------------------------------------------------------------------------- */

static bool is_driver_name(const char *name)
{
    size_t length = strlen(name), suffix = strlen(DRIVER_SUFFIX);
    return name[0] != '.' && length > suffix && strcmp(name + length - suffix, DRIVER_SUFFIX) == 0;
}

static bool files_look(const struct look *look, DIR *directory, const char *path,
                       const char *origin, struct hvk_error *err)
{
    size_t count = 0;
    struct dirent *entry;
    while (errno = 0, (entry = readdir(directory))) {
        if (!is_driver_name(entry->d_name))
            continue;
        if (++count > SCAN_FILES_MAX)
            return hvk_error_set(err, HVK_ERR_LIMIT,
                                 "the directory has more than %d files named *%s: name one that "
                                 "holds drivers only",
                                 SCAN_FILES_MAX, DRIVER_SUFFIX);
        if (!file_look(look, path, dirfd(directory), entry->d_name, origin, err))
            return false;
    }
    return errno == 0 || hvk_error_errno(err, errno, "read the driver directory %s", path);
}

/* All of a directory's files or none: its order must not decide between drivers. */
static void candidates_drop(struct scan *scan, size_t first)
{
    for (size_t i = first; i < scan->candidates.count; i++)
        candidate_fini(vector_at(&scan->candidates, i));
    scan->candidates.count = first;
}

static bool directory_was_read(const struct scan *scan, const char *path)
{
    VECTOR_FOR_EACH (&scan->directories, char *, seen) {
        if (strcmp(*seen, path) == 0)
            return true;
    }
    return false;
}

/* A directory that cannot be used is a candidate too, so that one learns why its drivers are not
 * there. */
static bool directory_refuse(const struct look *look, const char *path, const char *origin,
                             const struct hvk_error *reason, struct hvk_error *err)
{
    struct candidate *candidate = candidate_add(look->scan, strdup(path), origin, err);
    if (!candidate)
        return false;
    candidate->is_directory = true;
    return candidate_refuse(candidate, reason, err);
}

static bool directory_remember(struct scan *scan, char **path, struct hvk_error *err)
{
    if (!vector_push(&scan->directories, path))
        return hvk_error_memory(err);
    *path = NULL;
    return true;
}

/* may_be_missing: then it was looked at all the same. */
static bool directory_look(const struct look *look, const char *path, const char *origin,
                           bool may_be_missing, struct hvk_error *err)
{
    struct hvk_error reason;
    auto_free char *canonical = NULL;
    auto_fd int fd = trust_open_directory(path, &canonical, &reason);
    if (fd < 0 && may_be_missing && (reason.native == ENOENT || reason.native == ENOTDIR)) {
        canonical = strdup(path);
        return canonical ? directory_remember(look->scan, &canonical, err) : hvk_error_memory(err);
    }
    if (fd < 0)
        return directory_refuse(look, path, origin, &reason, err);
    if (directory_was_read(look->scan, canonical))
        return true;
    if (look->scan->directories.count == SCAN_DIRECTORIES_MAX) {
        hvk_error_set(&reason, HVK_ERR_LIMIT, "there are more than %d driver directories",
                      SCAN_DIRECTORIES_MAX);
        return directory_refuse(look, canonical, origin, &reason, err);
    }
    const char *kept = canonical;
    if (!directory_remember(look->scan, &canonical, err))
        return false;
    auto_dir DIR *directory = fdopendir(fd);
    if (!directory)
        return hvk_error_errno(err, errno, "read the driver directory %s", kept);
    (void)TAKE_FD(fd); /* the DIR's now */
    size_t first = look->scan->candidates.count;
    if (files_look(look, directory, kept, origin, &reason))
        return true;
    candidates_drop(look->scan, first);
    return directory_refuse(look, kept, origin, &reason, err);
}

/* Beside the object that this code is in: libhvkit, or the program that has it inside. */
static bool own_directory_look(const struct look *look, struct hvk_error *err)
{
    Dl_info info;
    if (dladdr((const void *)(uintptr_t)own_directory_look, &info) == 0 || !info.dli_fname)
        return true;
    auto_free char *file = realpath(info.dli_fname, NULL);
    char *slash = file ? strrchr(file, '/') : NULL;
    if (!slash)
        return true;
    *slash = '\0';
    auto_free char *path = string_format("%s/hvkit/drivers", file);
    return path ? directory_look(look, path, "found beside libhvkit", true, err)
                : hvk_error_memory(err);
}

static bool configured_look(const struct look *look, struct hvk_error *err)
{
    VECTOR_FOR_EACH (&look->config->directories, char *, directory) {
        if (!directory_look(look, *directory, "found in a directory of hvkit.conf", false, err))
            return false;
    }
    return true;
}

static bool environment_look(const struct look *look, struct hvk_error *err)
{
    const char *value = trust_is_privileged_start() ? NULL : getenv("HVKIT_DRIVER_PATH");
    auto_free char *paths = value ? strdup(value) : NULL;
    if (value && !paths)
        return hvk_error_memory(err);
    char *rest = paths;
    while (rest) {
        const char *path = strsep(&rest, ":");
        if (path[0] != '\0' &&
            !directory_look(look, path, "found in a directory of HVKIT_DRIVER_PATH", false, err))
            return false;
    }
    return true;
}

/* ---- static drivers ------------------------------------------------------------------------- */

struct static_look {
    const struct look *look;
    struct hvk_error *err;
};

static bool static_look(void *user, const struct module_static *module)
{
    const struct static_look *statics = user;
    struct hvk_error reason;
    hvk_error_init(&reason);
    struct candidate *candidate =
        candidate_add(statics->look->scan, strdup(""), "linked into the program", statics->err);
    if (!candidate)
        return false;
    size_t size = module->note->identity.size, room = sizeof *candidate->identity;
    candidate->function = module->function;
    candidate->identity = calloc(1, size > room ? size : room);
    if (!candidate->identity)
        return hvk_error_memory(statics->err);
    memcpy(candidate->identity, &module->note->identity, size);
    candidate->accepted = candidate_judge(statics->look, candidate, &reason);
    return candidate->accepted || candidate_refuse(candidate, &reason, statics->err);
}

/* ---- the scan ------------------------------------------------------------------------------- */

static int compare(const void *a, const void *b)
{
    const struct candidate *left = a, *right = b;
    const char *left_id = left->identity ? left->identity->id : "";
    const char *right_id = right->identity ? right->identity->id : "";
    int order = strcmp(left_id, right_id);
    return order != 0 ? order : strcmp(left->path, right->path);
}

static bool look_everywhere(struct look *look, struct hvk_error *err)
{
    look->config = config_load(false, err);
    if (!look->config)
        return false;
    look->policies = policy_directory_open(&look->policies_path, &look->policies_error);
    struct static_look statics = {look, err};
    return own_directory_look(look, err) && configured_look(look, err) &&
           environment_look(look, err) && module_each_static(static_look, &statics, err);
}

struct scan *scan_new(struct hvk_error *err)
{
    AUTO(scan_free_auto) struct scan *scan = calloc(1, sizeof *scan);
    if (!scan) {
        hvk_error_memory(err);
        return NULL;
    }
    scan->candidates = (struct vector)VECTOR_INIT(struct candidate);
    scan->directories = (struct vector)VECTOR_INIT(char *);
    AUTO(look_fini) struct look look = {.scan = scan, .policies = -1};
    if (!look_everywhere(&look, err))
        return NULL;
    if (scan->candidates.count > 0)
        qsort(scan->candidates.items, scan->candidates.count, sizeof(struct candidate), compare);
    return scan_decide(scan, err) ? TAKE(scan) : NULL;
}

void scan_free(struct scan *scan)
{
    if (!scan)
        return;
    VECTOR_FOR_EACH (&scan->candidates, struct candidate, candidate)
        candidate_fini(candidate);
    VECTOR_FOR_EACH (&scan->directories, char *, directory)
        free(*directory);
    vector_fini(&scan->candidates);
    vector_fini(&scan->directories);
    free(scan);
}
