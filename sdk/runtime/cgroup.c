/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "runtime/cgroup.h"

#include <base/string.h>
#include <base/vector.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <runtime/cgroup_internal.h>
#include <runtime/clock.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#define PREFIX "hvkit-"
#define KILL_ROUNDS 64 /* processes that start others while they are killed lose in the end */
#define LEAVE_MS 1000  /* how long a process that has ended may take to leave its cgroup */
#define SMALL_FILE_MAX 4096
#define SHARES_DEFAULT 1024
#define WEIGHT_DEFAULT 100

/* Hierarchies by place: first version 2, then one for each controller of version 1. */
enum place { PLACE_UNIFIED, PLACE_CPU_TIME, PLACE_MEMORY, PLACE_CPU, PLACE_PIDS, PLACES };

static const struct controller {
    const char *name; /* of version 1; of version 2 the same, where it has one */
    uint32_t limit;   /* CGROUP_*; 0: none */
    const char *legacy_file;
    const char *unified_file;
} controllers[PLACES] = {
    [PLACE_CPU_TIME] = {"cpuacct", 0, "cpuacct.usage", "cpu.stat"},
    [PLACE_MEMORY] = {"memory", CGROUP_MEMORY, "memory.limit_in_bytes", "memory.max"},
    [PLACE_CPU] = {"cpu", CGROUP_CPU, "cpu.shares", "cpu.weight"},
    [PLACE_PIDS] = {"pids", CGROUP_PIDS, "pids.max", "pids.max"},
};

struct cgroup {
    char *name;          /* of its directories */
    char *paths[PLACES]; /* NULL: it has none there */
    int fds[PLACES];
    uint32_t limits;
};

DEFINE_AUTO_PTR(struct cgroup, cgroup_free)

/* ---- small files ---------------------------------------------------------------------------- */

/* An errno. */
static int write_file(int directory, const char *name, const char *text)
{
    auto_fd int fd = openat(directory, name, O_WRONLY | O_CLOEXEC);
    if (fd < 0)
        return errno;
    return write(fd, text, strlen(text)) < 0 ? errno : 0;
}

static bool read_file(int directory, const char *name, char text[SMALL_FILE_MAX])
{
    auto_fd int fd = openat(directory, name, O_RDONLY | O_CLOEXEC);
    ssize_t length = fd >= 0 ? read(fd, text, SMALL_FILE_MAX - 1) : -1;
    text[length > 0 ? length : 0] = '\0';
    return length >= 0;
}

/* ---- making --------------------------------------------------------------------------------- */

static struct cgroup *cgroup_new(const char *name, struct hvk_error *err)
{
    size_t length = strnlen(name, CGROUP_NAME_MAX + 1);
    if (length == 0 || length > CGROUP_NAME_MAX ||
        strspn(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-") !=
            length) {
        hvk_error_set(err, HVK_ERR_INVALID_ARG,
                      "'%.*s' cannot name a cgroup: 1 to %d letters, digits, dots, dashes and "
                      "underscores can",
                      CGROUP_NAME_MAX, name, CGROUP_NAME_MAX);
        return NULL;
    }
    struct cgroup *cgroup = calloc(1, sizeof *cgroup);
    if (cgroup)
        cgroup->name = string_format(PREFIX "%s", name);
    if (!cgroup || !cgroup->name) {
        free(cgroup);
        hvk_error_memory(err);
        return NULL;
    }
    for (int place = 0; place < PLACES; place++)
        cgroup->fds[place] = -1;
    return cgroup;
}

void cgroup_free(struct cgroup *cgroup)
{
    if (!cgroup)
        return;
    for (int place = 0; place < PLACES; place++) {
        free(cgroup->paths[place]);
        cleanup_fd(&cgroup->fds[place]);
    }
    free(cgroup->name);
    free(cgroup);
}

/* An errno; takes the path. */
static int open_place(struct cgroup *cgroup, int place, char *path)
{
    if (!path)
        return ENOENT;
    cgroup->paths[place] = path;
    cgroup->fds[place] = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    return cgroup->fds[place] < 0 ? errno : 0;
}

/* An errno: below this process's own cgroup of the hierarchy. */
static int make_place(struct cgroup *cgroup, int place)
{
    auto_free char *parent = cgroup_directory_of(0, controllers[place].name);
    char *path = parent ? string_format("%s/%s", parent, cgroup->name) : NULL;
    if (path && mkdir(path, 0755) < 0 && errno != EEXIST) {
        int failure = errno;
        free(path);
        return failure;
    }
    return open_place(cgroup, place, path);
}

/* Has version 2 this controller for the cgroup, or will it when the parent is told? */
static bool enable_unified(struct cgroup *cgroup, const char *controller)
{
    char text[SMALL_FILE_MAX], request[32];
    int directory = cgroup->fds[PLACE_UNIFIED];
    if (directory < 0)
        return false;
    snprintf(request, sizeof request, "+%s", controller);
    auto_fd int parent = openat(directory, "..", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (!read_file(parent, "cgroup.controllers", text) || !cgroup_list_has(text, " \n", controller))
        return false;
    return (read_file(directory, "cgroup.controllers", text) &&
            cgroup_list_has(text, " \n", controller)) ||
           write_file(parent, "cgroup.subtree_control", request) == 0;
}

/* Where its processes are found: a cgroup has at least one place, and all hold the same ones. */
static int main_place(const struct cgroup *cgroup)
{
    int place = 0;
    while (place < PLACES - 1 && cgroup->fds[place] < 0)
        place++;
    return place;
}

static bool is_populated(const struct cgroup *cgroup)
{
    char text[SMALL_FILE_MAX];
    return read_file(cgroup->fds[main_place(cgroup)], "cgroup.procs", text) && text[0] != '\0';
}

struct cgroup *cgroup_create(const char *name, uint32_t wanted, struct hvk_error *err)
{
    AUTO(cgroup_free_auto) struct cgroup *cgroup = cgroup_new(name, err);
    if (!cgroup)
        return NULL;
    int failure = make_place(cgroup, PLACE_UNIFIED);
    if (failure != 0)
        failure = make_place(cgroup, PLACE_CPU_TIME);
    if (failure != 0) {
        hvk_error_set(err, HVK_ERR_NO_SUPPORT,
                      "cannot create a cgroup '%s' below this process's own: %s", cgroup->name,
                      strerrordesc_np(failure));
        return NULL;
    }
    for (int place = PLACE_MEMORY; place < PLACES; place++) {
        uint32_t limit = wanted & controllers[place].limit;
        if (limit &&
            (enable_unified(cgroup, controllers[place].name) || make_place(cgroup, place) == 0))
            cgroup->limits |= limit;
    }
    if (is_populated(cgroup)) {
        hvk_error_set(err, HVK_ERR_RESOURCE_BUSY, "the cgroup '%s' has processes already",
                      cgroup->paths[main_place(cgroup)]);
        return NULL;
    }
    return TAKE(cgroup);
}

struct cgroup *cgroup_of_process(const char *name, int32_t pid, struct hvk_error *err)
{
    AUTO(cgroup_free_auto) struct cgroup *cgroup = cgroup_new(name, err);
    bool found = false;
    for (int place = 0; cgroup && place < PLACES; place++) {
        char *path = cgroup_directory_of(pid, controllers[place].name);
        const char *last = path ? strrchr(path, '/') : NULL;
        if (!last || !string_equal(last + 1, cgroup->name)) {
            free(path);
            continue;
        }
        if (open_place(cgroup, place, path) == 0)
            cgroup->limits |= controllers[place].limit;
        found = true;
    }
    for (int place = PLACE_MEMORY; found && place < PLACES; place++) {
        if (enable_unified(cgroup, controllers[place].name))
            cgroup->limits |= controllers[place].limit;
    }
    if (cgroup && !found)
        hvk_error_set(err, HVK_ERR_NO_SUPPORT, "process %d is in no cgroup '%s'", pid,
                      cgroup->name);
    return found ? TAKE(cgroup) : NULL;
}

int cgroup_get_fd(const struct cgroup *cgroup)
{
    return cgroup->fds[PLACE_UNIFIED];
}

bool cgroup_add(struct cgroup *cgroup, int32_t pid, struct hvk_error *err)
{
    char text[16];
    snprintf(text, sizeof text, "%d", pid);
    for (int place = PLACE_CPU_TIME; place < PLACES; place++) {
        int directory = cgroup->fds[place];
        int failure = directory >= 0 ? write_file(directory, "cgroup.procs", text) : 0;
        if (failure != 0)
            return hvk_error_errno(err, failure, "move process %d to the cgroup '%s'", pid,
                                   cgroup->paths[place]);
    }
    return true;
}

/* ---- limits and figures --------------------------------------------------------------------- */

bool cgroup_has(const struct cgroup *cgroup, uint32_t limits)
{
    return (cgroup->limits & limits) == limits;
}

/* Shares are version 1's unit, weights version 2's: the same relation to one's neighbours. */
static uint64_t weight_of_shares(uint64_t shares)
{
    uint64_t weight = shares * WEIGHT_DEFAULT / SHARES_DEFAULT;
    if (weight < 1)
        return 1;
    return weight > 10000 ? 10000 : weight;
}

static void format_limit(char text[24], int place, bool unified, uint64_t value)
{
    if (value == CGROUP_UNLIMITED)
        snprintf(text, 24, "%s", unified || place == PLACE_PIDS ? "max" : "-1");
    else
        snprintf(
            text, 24, "%llu",
            (unsigned long long)(unified && place == PLACE_CPU ? weight_of_shares(value) : value));
}

bool cgroup_set_limit(struct cgroup *cgroup, uint32_t limit, uint64_t value, struct hvk_error *err)
{
    for (int place = PLACE_MEMORY; place < PLACES; place++) {
        if (controllers[place].limit != limit || !cgroup_has(cgroup, limit))
            continue;
        bool unified = cgroup->fds[place] < 0;
        int directory = cgroup->fds[unified ? PLACE_UNIFIED : place];
        char text[24];
        format_limit(text, place, unified, value);
        int failure = write_file(
            directory, unified ? controllers[place].unified_file : controllers[place].legacy_file,
            text);
        return failure == 0 ||
               hvk_error_errno(err, failure, "set the %s limit of the cgroup '%s' to %s",
                               controllers[place].name, cgroup->name, text);
    }
    return hvk_error_set(err, HVK_ERR_NO_SUPPORT, "the cgroup '%s' cannot be limited that way here",
                         cgroup->name);
}

int cgroup_open_cpu_time(struct cgroup *cgroup, struct hvk_error *err)
{
    bool unified = cgroup->fds[PLACE_UNIFIED] >= 0;
    const struct controller *controller = &controllers[PLACE_CPU_TIME];
    int fd =
        openat(cgroup->fds[unified ? PLACE_UNIFIED : PLACE_CPU_TIME],
               unified ? controller->unified_file : controller->legacy_file, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        hvk_error_errno(err, errno, "open the CPU time of the cgroup '%s'", cgroup->name);
    return fd;
}

/* ---- the end -------------------------------------------------------------------------------- */

struct member {
    int32_t pid;
    int pidfd;
};

static void members_fini(struct vector *members)
{
    VECTOR_FOR_EACH (members, struct member, member)
        cleanup_fd(&member->pidfd);
    vector_fini(members);
}

static bool list_members(int directory, struct vector *members)
{
    auto_fd int fd = openat(directory, "cgroup.procs", O_RDONLY | O_CLOEXEC);
    auto_file FILE *file = fd >= 0 ? fdopen(fd, "r") : NULL;
    int32_t pid;
    if (!file)
        return false;
    (void)TAKE_FD(fd);
    while (fscanf(file, "%d", &pid) == 1) {
        struct member member = {pid, (int)syscall(SYS_pidfd_open, pid, 0)};
        if (member.pidfd >= 0 && !vector_push(members, &member)) {
            close(member.pidfd);
            return false;
        }
    }
    return true;
}

static bool has_member(int directory, int32_t pid)
{
    auto_fd int fd = openat(directory, "cgroup.procs", O_RDONLY | O_CLOEXEC);
    auto_file FILE *file = fd >= 0 ? fdopen(fd, "r") : NULL;
    int32_t listed = 0;
    if (file)
        (void)TAKE_FD(fd);
    while (file && fscanf(file, "%d", &listed) == 1) {
        if (listed == pid)
            return true;
    }
    return false;
}

/* The pidfd was opened by number: that the number is still listed afterwards proves that it is not
 * a stranger's who got the number of one that ended. */
static void kill_member(int directory, const struct member *member, int64_t until_ns)
{
    struct pollfd end = {.fd = member->pidfd, .events = POLLIN};
    if (!has_member(directory, member->pid))
        return;
    syscall(SYS_pidfd_send_signal, member->pidfd, SIGKILL, NULL, 0);
    while (poll(&end, 1, clock_ms_until(until_ns)) < 0 && errno == EINTR)
        ;
}

/* A process is no longer listed a moment before it has left the cgroup for good, which can be
 * removed only then. Version 2 tells by an event; version 1 has none, and lists it until then. */
static bool wait_until_left(const struct cgroup *cgroup, int64_t until_ns)
{
    char text[SMALL_FILE_MAX];
    int directory = cgroup->fds[PLACE_UNIFIED];
    auto_fd int fd = directory >= 0 ? openat(directory, "cgroup.events", O_RDONLY | O_CLOEXEC) : -1;
    struct pollfd changed = {.fd = fd, .events = POLLPRI};
    while (fd >= 0) {
        ssize_t length = pread(fd, text, sizeof text - 1, 0);
        text[length > 0 ? length : 0] = '\0';
        if (!strstr(text, "populated 1"))
            break;
        if (poll(&changed, 1, clock_ms_until(until_ns)) == 0)
            return false;
    }
    return true;
}

bool cgroup_kill(struct cgroup *cgroup, int32_t timeout_ms, struct hvk_error *err)
{
    int place = main_place(cgroup);
    int64_t until_ns = clock_now_ns() + timeout_ms * CLOCK_NS_PER_MS;
    for (int round = 0; round < KILL_ROUNDS; round++) {
        AUTO(members_fini) struct vector members = VECTOR_INIT(struct member);
        if (!list_members(cgroup->fds[place], &members))
            return errno == ENOENT || /* it was removed */
                   hvk_error_errno(err, errno, "list the processes of the cgroup '%s'",
                                   cgroup->paths[place]);
        if (members.count == 0 && wait_until_left(cgroup, until_ns))
            return true;
        if (clock_now_ns() >= until_ns)
            break;
        /* All at once where the kernel can (5.14): none escapes by forking. */
        write_file(cgroup->fds[place], "cgroup.kill", "1");
        VECTOR_FOR_EACH (&members, struct member, member)
            kill_member(cgroup->fds[place], member, until_ns);
    }
    return hvk_error_set(err, HVK_ERR_OPERATION_TIMEOUT,
                         "some processes of the cgroup '%s' have not ended within %d milliseconds "
                         "after they were killed",
                         cgroup->paths[place], timeout_ms);
}

bool cgroup_remove(struct cgroup *cgroup, struct hvk_error *err)
{
    bool removed = true;
    if (!is_populated(cgroup))
        wait_until_left(cgroup, clock_now_ns() + LEAVE_MS * CLOCK_NS_PER_MS);
    for (int place = 0; place < PLACES; place++) {
        if (cgroup->paths[place] && rmdir(cgroup->paths[place]) < 0 && errno != ENOENT)
            removed = hvk_error_errno(err, errno, "remove the cgroup '%s'", cgroup->paths[place]);
    }
    return removed;
}
