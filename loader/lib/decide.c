/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "decide.h"

#include "config.h"
#include "identity.h"
#include <base/buffer.h>
#include <base/string.h>

/* The packages that provide the schemes that are known: distributions package each driver by
 * itself. */
static const struct package_row {
    const char *scheme;
    const char *package;
} packages[] = {
    {"qemu", "hvkit-driver-qemu"}, {"test", "hvkit-driver-test"},     {"lxc", "hvkit-driver-lxc"},
    {"xen", "hvkit-driver-xen"},   {"vbox", "hvkit-driver-vbox"},     {"esx", "hvkit-driver-esx"},
    {"vpx", "hvkit-driver-esx"},   {"remote", "hvkit-driver-remote"},
};

static const char *package_find(const char *scheme)
{
    for (size_t i = 0; i < ARRAY_SIZE(packages); i++) {
        if (strcmp(packages[i].scheme, scheme) == 0)
            return packages[i].package;
    }
    return NULL;
}

/* ---- rivals --------------------------------------------------------------------------------- */

/* The strongest accepted candidate, other than `but`, that claims the scheme. A driver that lost
 * one scheme is still a rival for another. */
static const struct candidate *strongest_find(const struct scan *scan, const struct candidate *but,
                                              const char *scheme)
{
    const struct candidate *strongest = NULL;
    VECTOR_FOR_EACH (&scan->candidates, const struct candidate, other) {
        if (other == but || !other->accepted ||
            !identity_list_has(other->identity->schemes, scheme))
            continue;
        if (!strongest || other->priority > strongest->priority)
            strongest = other;
    }
    return strongest;
}

static void add_conflict(struct buffer *why, const struct candidate *self,
                         const struct candidate *rival, const char *scheme)
{
    auto_free char *name = candidate_name(rival);
    const char *id = self->identity->id;
    buffer_add_format(why, "%sscheme '%s' is claimed at the same priority, %d, by %s: ",
                      why->length > 0 ? "; " : "", scheme, self->priority, name ? name : "another");
    if (strcmp(id, rival->identity->id) == 0)
        buffer_add_string(why, "remove one of the two");
    else
        buffer_add_format(why, "set a priority in %s/drivers.d/%s.conf, or disable one there",
                          config_directory(), id);
}

static void add_defeat(struct buffer *why, const struct candidate *rival, const char *scheme)
{
    auto_free char *name = candidate_name(rival);
    buffer_add_format(why, "%sscheme '%s' is served by %s, which has priority %d",
                      why->length > 0 ? "; " : "", scheme, name ? name : "another",
                      rival->priority);
}

/* Adds to why when another driver keeps this one from serving the scheme. */
static bool scheme_wins(const struct scan *scan, const struct candidate *candidate,
                        const char *scheme, struct buffer *why)
{
    const struct candidate *rival = strongest_find(scan, candidate, scheme);
    if (!rival || rival->priority < candidate->priority)
        return true;
    if (rival->priority == candidate->priority)
        add_conflict(why, candidate, rival, scheme);
    else
        add_defeat(why, rival, scheme);
    return false;
}

static bool candidate_decide(const struct scan *scan, struct candidate *candidate,
                             struct hvk_error *err)
{
    auto_buffer why = BUFFER_INIT;
    const char *left = candidate->identity->schemes;
    char scheme[IDENTITY_WORD_SIZE];
    bool wins = left[0] == '\0'; /* a driver without schemes is reached by its tables */
    while (identity_next_word(&left, scheme))
        wins |= scheme_wins(scan, candidate, scheme, &why);
    candidate->usable = wins;
    if (!wins)
        candidate->decision = string_format("refused: %s", why.data ? why.data : "");
    else if (why.length > 0)
        candidate->decision =
            string_format("usable: %s, except that %s", candidate->origin, why.data);
    else
        candidate->decision = string_format("usable: %s", candidate->origin);
    return (!why.failed && candidate->decision) || hvk_error_memory(err);
}

bool scan_decide(struct scan *scan, struct hvk_error *err)
{
    VECTOR_FOR_EACH (&scan->candidates, struct candidate, candidate) {
        if (candidate->accepted && !candidate_decide(scan, candidate, err))
            return false;
    }
    return true;
}

/* ---- by scheme ------------------------------------------------------------------------------ */

/* Would the candidate, which cannot be used, have served the scheme? One whose note could not be
 * read is known by its file's name. */
static bool is_meant(const struct candidate *candidate, const char *scheme)
{
    if (candidate->identity)
        return identity_list_has(candidate->identity->schemes, scheme);
    const char *slash = strrchr(candidate->path, '/');
    size_t length = strlen(scheme);
    return slash && !candidate->is_directory && strncmp(slash + 1, scheme, length) == 0 &&
           strcmp(slash + 1 + length, ".so") == 0;
}

static bool refuse(const struct candidate *candidate, const char *scheme, struct hvk_error *err)
{
    auto_free char *name = candidate_name(candidate);
    if (!name)
        return hvk_error_memory(err);
    return hvk_error_set(err, HVK_ERR_DRIVER_REFUSED, "no driver for '%s://': %s: %s", scheme, name,
                         candidate->decision);
}

static bool report_missing(const struct scan *scan, const char *scheme, struct hvk_error *err)
{
    auto_buffer where = BUFFER_INIT;
    VECTOR_FOR_EACH (&scan->directories, char *, directory)
        buffer_add_format(&where, "%s%s", where.length > 0 ? ", " : "", *directory);
    VECTOR_FOR_EACH (&scan->candidates, const struct candidate, candidate) {
        if (candidate->is_directory)
            buffer_add_format(&where, "%s%s (%s)", where.length > 0 ? ", " : "", candidate->path,
                              candidate->decision);
    }
    if (where.failed)
        return hvk_error_memory(err);
    const char *looked = where.length > 0 ? where.data : "no directory";
    const char *package = package_find(scheme);
    if (package)
        return hvk_error_set(
            err, HVK_ERR_DRIVER_MISSING,
            "no driver for '%s://' is installed: install the package %s (looked in "
            "%s)",
            scheme, package, looked);
    return hvk_error_set(
        err, HVK_ERR_DRIVER_MISSING,
        "no driver for '%s://' is installed, and no package is known that provides "
        "one: 'hvkit drivers' lists those there are (looked in %s)",
        scheme, looked);
}

/* Why the scheme has no driver although there is one for it. */
static const struct candidate *refused_find(const struct scan *scan, const char *scheme)
{
    VECTOR_FOR_EACH (&scan->candidates, const struct candidate, candidate) {
        if (!candidate->accepted && is_meant(candidate, scheme))
            return candidate;
    }
    return NULL;
}

const struct candidate *scan_find(const struct scan *scan, const char *scheme,
                                  struct hvk_error *err)
{
    const struct candidate *best = strongest_find(scan, NULL, scheme);
    const struct candidate *second = strongest_find(scan, best, scheme);
    const struct candidate *refused = best ? best : refused_find(scan, scheme);
    if (best && (!second || second->priority < best->priority))
        return best;
    if (refused)
        refuse(refused, scheme, err);
    else
        report_missing(scan, scheme, err);
    return NULL;
}
