/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Reads proc(5): /proc/PID/cgroup and /proc/self/mountinfo. */
#include <base/string.h>
#include <runtime/cgroup_internal.h>

bool cgroup_list_has(const char *list, const char *separators, const char *word)
{
    size_t length = strlen(word);
    while (*list != '\0') {
        list += strspn(list, separators);
        size_t item = strcspn(list, separators);
        if (item == length && memcmp(list, word, length) == 0)
            return true;
        list += item;
    }
    return false;
}

/* A line is "NUMBER:CONTROLLERS:PATH"; version 2 has number 0 and no controllers. */
static char *path_in_line(char *line, const char *controller)
{
    char *rest = line;
    char *number = strsep(&rest, ":");
    char *controllers = strsep(&rest, ":");
    if (!rest || !controllers)
        return NULL;
    bool found = controller ? cgroup_list_has(controllers, ",", controller)
                            : string_equal(number, "0") && *controllers == '\0';
    rest[strcspn(rest, "\n")] = '\0';
    return found ? rest : NULL;
}

static char *path_of_process(int32_t pid, const char *controller)
{
    char name[64];
    snprintf(name, sizeof name, pid == 0 ? "/proc/self/cgroup" : "/proc/%d/cgroup", pid);
    auto_file FILE *file = fopen(name, "re");
    auto_free char *line = NULL;
    size_t capacity = 0;
    while (file && getline(&line, &capacity, file) > 0) {
        char *path = path_in_line(line, controller);
        if (path)
            return strdup(path);
    }
    return NULL;
}

/* Blanks and the like are written as backslash and three octal digits. */
static void unescape(char *text)
{
    char *to = text;
    for (const char *from = text; *from != '\0'; to++) {
        bool escaped = from[0] == '\\' && strspn(from + 1, "01234567") >= 3;
        *to =
            escaped ? (char)((from[1] - '0') << 6 | (from[2] - '0') << 3 | (from[3] - '0')) : *from;
        from += escaped ? 4 : 1;
    }
    *to = '\0';
}

struct mount {
    char *root; /* the path in the hierarchy that is mounted */
    char *point;
    char *type;
    char *options; /* of the file system: the controllers */
};

/* "ID PARENT DEVICE ROOT POINT OPTIONS [TAGS…] - TYPE SOURCE OPTIONS". */
static bool mount_parse(char *line, struct mount *mount)
{
    char *rest = strstr(line, " - ");
    if (!rest)
        return false;
    *rest = '\0';
    rest += 3;
    for (int i = 0; i < 3; i++)
        strsep(&line, " ");
    mount->root = strsep(&line, " ");
    mount->point = strsep(&line, " ");
    mount->type = strsep(&rest, " ");
    strsep(&rest, " ");
    mount->options = rest ? rest : (char *)"";
    if (!mount->root || !mount->point || !mount->type)
        return false;
    mount->options[strcspn(mount->options, "\n")] = '\0';
    unescape(mount->root);
    unescape(mount->point);
    return true;
}

/* The directory of a cgroup's path through this mount; NULL when the mount shows another part. */
static char *mount_directory(const struct mount *mount, const char *path, const char *controller)
{
    bool matches = controller ? string_equal(mount->type, "cgroup") &&
                                    cgroup_list_has(mount->options, ",", controller)
                              : string_equal(mount->type, "cgroup2");
    size_t root = strlen(mount->root);
    if (root > 0 && mount->root[root - 1] == '/')
        root--;
    if (!matches || strncmp(path, mount->root, root) != 0 ||
        (path[root] != '/' && path[root] != '\0'))
        return NULL;
    const char *below = path + root;
    return string_format("%s%s", mount->point, string_equal(below, "/") ? "" : below);
}

char *cgroup_directory_of(int32_t pid, const char *controller)
{
    auto_free char *path = path_of_process(pid, controller);
    auto_file FILE *file = path ? fopen("/proc/self/mountinfo", "re") : NULL;
    auto_free char *line = NULL;
    size_t capacity = 0;
    /* Paths outside of this process's cgroup namespace begin with "/..": they have no directory. */
    if (path && string_starts_with(path, "/.."))
        return NULL;
    while (file && getline(&line, &capacity, file) > 0) {
        struct mount mount;
        char *directory =
            mount_parse(line, &mount) ? mount_directory(&mount, path, controller) : NULL;
        if (directory)
            return directory;
    }
    return NULL;
}
