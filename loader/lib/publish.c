/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Owns the published rows: three ordered indexes for each kind of object, and their order. */
#include "publish.h"

#include "core_limits.h"
#include "object.h"

#include <base/cleanup.h>
#include <base/uuid.h>
#include <base/vector.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <pthread.h>
#include <search.h>
#include <string.h>

enum { BY_UUID, BY_NAME, BY_ID, INDEX_COUNT };

struct kind_rows {
    void *indexes[INDEX_COUNT]; /* tsearch(3) trees of struct published_row */
    uint32_t count;
};

struct published {
    pthread_rwlock_t lock;
    struct kind_rows kinds[PUBLISHED_KINDS];
};

typedef int (*row_compare)(const void *, const void *);

static int compare_uuid(const void *a, const void *b)
{
    const struct published_row *one = a, *other = b;
    return memcmp(one->data.uuid, other->data.uuid, HVK_UUID_SIZE);
}

static int compare_name(const void *a, const void *b)
{
    const struct published_row *one = a, *other = b;
    return strcmp(one->data.name, other->data.name);
}

static int compare_id(const void *a, const void *b)
{
    const struct published_row *one = a, *other = b;
    return (one->data.id > other->data.id) - (one->data.id < other->data.id);
}

static const row_compare compares[INDEX_COUNT] = {compare_uuid, compare_name, compare_id};

static void row_free(struct published_row *row)
{
    if (!row)
        return;
    if (row->data.cpu_time_fd >= 0)
        close(row->data.cpu_time_fd);
    free((char *)row->data.name);
    free((char *)row->data.os_type);
    free(row);
}
DEFINE_AUTO_PTR(struct published_row, row_free)

struct published *published_new(struct hvk_error *err)
{
    struct published *published = calloc(1, sizeof *published);
    if (!published) {
        hvk_error_memory(err);
        return NULL;
    }
    pthread_rwlockattr_t attributes;
    pthread_rwlockattr_init(&attributes);
    /* A change must not wait for as long as listings follow one another. */
    pthread_rwlockattr_setkind_np(&attributes, PTHREAD_RWLOCK_PREFER_WRITER_NONRECURSIVE_NP);
    pthread_rwlock_init(&published->lock, &attributes);
    pthread_rwlockattr_destroy(&attributes);
    return published;
}

static void keep_row(void *row)
{
    (void)row; /* the tree by uuid frees it */
}

static void free_row(void *row)
{
    row_free(row);
}

void published_free(struct published *published)
{
    if (!published)
        return;
    for (size_t i = 0; i < PUBLISHED_KINDS; i++) {
        tdestroy(published->kinds[i].indexes[BY_ID], keep_row);
        tdestroy(published->kinds[i].indexes[BY_NAME], keep_row);
        tdestroy(published->kinds[i].indexes[BY_UUID], free_row);
    }
    pthread_rwlock_destroy(&published->lock);
    free(published);
}

/* ---- changing ------------------------------------------------------------------------------- */

static bool row_check(const struct hvk_published *row, struct hvk_error *err)
{
    if (!row || row->size < sizeof *row)
        return hvk_error_set(err, HVK_ERR_DRIVER_FAILED,
                             "a published row has the size %u, at least %zu is required",
                             row ? row->size : 0, sizeof *row);
    if (row->kind == HVK_OBJECT_CONNECTION || row->kind >= PUBLISHED_KINDS)
        return hvk_error_set(err, HVK_ERR_DRIVER_FAILED, "a published row has the unknown kind %u",
                             row->kind);
    if (!row->name || row->name[0] == '\0' || strlen(row->name) > LIMIT_NAME_BYTES)
        return hvk_error_set(err, HVK_ERR_DRIVER_FAILED,
                             "a published object needs a name of at most %u bytes",
                             LIMIT_NAME_BYTES);
    if (row->os_type && strlen(row->os_type) > LIMIT_OS_TYPE_BYTES)
        return hvk_error_set(err, HVK_ERR_DRIVER_FAILED,
                             "the OS type of '%.200s' is longer than %u bytes", row->name,
                             LIMIT_OS_TYPE_BYTES);
    if (uuid_is_null(row->uuid))
        return hvk_error_set(err, HVK_ERR_DRIVER_FAILED, "'%.200s' was published without a uuid",
                             row->name);
    return true;
}

static struct published_row *row_new(const struct hvk_published *data, struct hvk_error *err)
{
    AUTO(row_free_auto) struct published_row *row = calloc(1, sizeof *row);
    if (!row) {
        hvk_error_memory(err);
        return NULL;
    }
    row->data = *data;
    row->data.size = sizeof row->data;
    row->data.cpu_time_fd = -1;
    row->data.os_type = NULL;
    row->data.name = strdup(data->name);
    row->data.os_type = data->os_type ? strdup(data->os_type) : NULL;
    if (!row->data.name || (data->os_type && !row->data.os_type)) {
        hvk_error_memory(err);
        return NULL;
    }
    if (data->cpu_time_fd >= 0) {
        row->data.cpu_time_fd = fcntl(data->cpu_time_fd, F_DUPFD_CLOEXEC, 3);
        if (row->data.cpu_time_fd < 0) {
            hvk_error_errno(err, errno, "keep the CPU time's descriptor of '%s'", data->name);
            return NULL;
        }
    }
    return TAKE(row);
}

static bool is_indexed(const struct published_row *row, int index)
{
    return row && (index != BY_ID || row->data.id >= 0);
}

static struct published_row *find(const struct kind_rows *rows, int index,
                                  const struct published_row *like)
{
    struct published_row **found = tfind(like, &rows->indexes[index], compares[index]);
    return found ? *found : NULL;
}

static bool has_key_of(const struct published_row *old, const struct published_row *row, int index)
{
    return is_indexed(old, index) && compares[index](old, row) == 0;
}

/* Another object with the new one's name or id? */
static bool check_conflict(const struct kind_rows *rows, const struct published_row *row,
                           const struct published_row *old, struct hvk_error *err)
{
    char uuid[HVK_UUID_STRING_SIZE];
    const struct published_row *other = find(rows, BY_NAME, row);
    if (other && other != old) {
        uuid_format(other->data.uuid, uuid);
        return hvk_error_set(err, object_words(row->data.kind)->exists,
                             "the name '%s' belongs to the %s with uuid %s", row->data.name,
                             object_words(row->data.kind)->noun, uuid);
    }
    other = row->data.id >= 0 ? find(rows, BY_ID, row) : NULL;
    if (other && other != old)
        return hvk_error_set(err, HVK_ERR_DRIVER_FAILED,
                             "'%.200s' was published with the id %d, which belongs to '%.200s'",
                             row->data.name, row->data.id, other->data.name);
    return true;
}

/* Enters the keys that the old row does not have; those it has are replaced later, which cannot
 * fail. */
static bool add_new_keys(struct kind_rows *rows, struct published_row *row,
                         const struct published_row *old, struct hvk_error *err)
{
    for (int i = 0; i < INDEX_COUNT; i++) {
        if (!is_indexed(row, i) || has_key_of(old, row, i))
            continue;
        if (tsearch(row, &rows->indexes[i], compares[i]))
            continue;
        while (--i >= 0) {
            if (is_indexed(row, i) && !has_key_of(old, row, i))
                tdelete(row, &rows->indexes[i], compares[i]);
        }
        return hvk_error_memory(err);
    }
    return true;
}

static void replace_old_keys(struct kind_rows *rows, struct published_row *row,
                             struct published_row *old)
{
    for (int i = 0; i < INDEX_COUNT; i++) {
        if (is_indexed(row, i) && has_key_of(old, row, i))
            *(struct published_row **)tfind(old, &rows->indexes[i], compares[i]) = row;
        else if (is_indexed(old, i))
            tdelete(old, &rows->indexes[i], compares[i]);
    }
}

static bool put_locked(struct kind_rows *rows, struct published_row *row, struct hvk_error *err)
{
    struct published_row *old = find(rows, BY_UUID, row);
    if (!old && rows->count >= LIMIT_PUBLISHED)
        return hvk_error_set(err, HVK_ERR_LIMIT, "a node may hold %u objects of one kind",
                             LIMIT_PUBLISHED);
    if (!check_conflict(rows, row, old, err) || !add_new_keys(rows, row, old, err))
        return false;
    if (old)
        replace_old_keys(rows, row, old);
    else
        rows->count++;
    row_free(old);
    return true;
}

bool published_put(struct published *published, const struct hvk_published *data,
                   struct hvk_error *err)
{
    if (!row_check(data, err))
        return false;
    AUTO(row_free_auto) struct published_row *row = row_new(data, err);
    if (!row)
        return false;
    pthread_rwlock_wrlock(&published->lock);
    bool done = put_locked(&published->kinds[data->kind], row, err);
    pthread_rwlock_unlock(&published->lock);
    if (done)
        row = NULL;
    return done;
}

void published_remove(struct published *published, uint32_t kind, const uint8_t *uuid)
{
    if (kind >= PUBLISHED_KINDS)
        return;
    pthread_rwlock_wrlock(&published->lock);
    struct kind_rows *rows = &published->kinds[kind];
    struct published_row *row = (struct published_row *)published_by_uuid(published, kind, uuid);
    for (int i = 0; row && i < INDEX_COUNT; i++) {
        if (is_indexed(row, i))
            tdelete(row, &rows->indexes[i], compares[i]);
    }
    rows->count -= row != NULL;
    pthread_rwlock_unlock(&published->lock);
    row_free(row);
}

/* ---- reading -------------------------------------------------------------------------------- */

void published_begin(struct published *published)
{
    pthread_rwlock_rdlock(&published->lock);
}

void published_end(struct published *published)
{
    pthread_rwlock_unlock(&published->lock);
}

const struct published_row *published_by_uuid(struct published *published, uint32_t kind,
                                              const uint8_t *uuid)
{
    struct published_row like;
    memcpy(like.data.uuid, uuid, HVK_UUID_SIZE);
    return find(&published->kinds[kind], BY_UUID, &like);
}

const struct published_row *published_by_name(struct published *published, uint32_t kind,
                                              const char *name)
{
    struct published_row like = {.data.name = name};
    return find(&published->kinds[kind], BY_NAME, &like);
}

const struct published_row *published_by_id(struct published *published, uint32_t kind, int32_t id)
{
    struct published_row like = {.data.id = id};
    return id >= 0 ? find(&published->kinds[kind], BY_ID, &like) : NULL;
}

struct walk {
    bool (*visit)(void *user, const struct published_row *row);
    void *user;
    bool stopped;
};

static void walk_node(const void *node, VISIT which, void *closure)
{
    struct walk *walk = closure;
    if ((which == postorder || which == leaf) && !walk->stopped)
        walk->stopped = !walk->visit(walk->user, *(struct published_row *const *)node);
}

void published_for_each(struct published *published, uint32_t kind,
                        bool (*visit)(void *user, const struct published_row *row), void *user)
{
    struct walk walk = {.visit = visit, .user = user};
    twalk_r(published->kinds[kind].indexes[BY_NAME], walk_node, &walk);
}

void *published_object(struct published *published, uint32_t kind, const uint8_t *uuid)
{
    published_begin(published);
    const struct published_row *row = published_by_uuid(published, kind, uuid);
    void *object = row ? row->data.object : NULL;
    published_end(published);
    return object;
}

static bool collect_object(void *user, const struct published_row *row)
{
    return vector_push(user, &row->data.object);
}

void **published_objects(struct published *published, uint32_t kind, uint32_t *out_count)
{
    struct vector objects = VECTOR_INIT(void *);
    published_begin(published);
    published_for_each(published, kind, collect_object, &objects);
    published_end(published);
    *out_count = (uint32_t)objects.count;
    return objects.items;
}

bool published_resolve(struct published *published, uint32_t kind, const uint8_t *uuid,
                       const char *name, uint8_t out_uuid[HVK_UUID_SIZE])
{
    published_begin(published);
    const struct published_row *row = uuid_is_null(uuid) ? published_by_name(published, kind, name)
                                                         : published_by_uuid(published, kind, uuid);
    if (row)
        memcpy(out_uuid, row->data.uuid, HVK_UUID_SIZE);
    published_end(published);
    return row != NULL;
}

bool published_has(struct published *published, uint32_t kind, const uint8_t *uuid)
{
    published_begin(published);
    bool has = published_by_uuid(published, kind, uuid) != NULL;
    published_end(published);
    return has;
}

/* ---- CPU time ------------------------------------------------------------------------------- */

/* utime and stime of /proc/PID/stat: the 12th and 13th field behind the name, which may itself
 * hold blanks and parentheses. */
static bool cpu_time_from_stat(const char *text, uint64_t *out_ns)
{
    const char *at = strrchr(text, ')');
    uint64_t user, system;
    if (!at || sscanf(at + 1, " %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %" SCNu64 " %" SCNu64,
                      &user, &system) != 2)
        return false;
    long ticks = sysconf(_SC_CLK_TCK);
    *out_ns = ticks > 0 ? (user + system) * (1000000000ull / (uint64_t)ticks) : 0;
    return true;
}

/* cgroup v2's cpu.stat starts with "usage_usec N". */
static bool cpu_time_from_cgroup2(const char *text, uint64_t *out_ns)
{
    uint64_t usage;
    if (sscanf(text, "usage_usec %" SCNu64, &usage) != 1)
        return false;
    *out_ns = usage * 1000;
    return true;
}

/* cgroup v1's cpuacct.usage is one number of nanoseconds. */
static bool cpu_time_from_cgroup1(const char *text, uint64_t *out_ns)
{
    char end;
    return sscanf(text, "%" SCNu64 "%c", out_ns, &end) == 2 && end == '\n';
}

uint64_t published_cpu_time(const struct published_row *row)
{
    static bool (*const readers[])(const char *, uint64_t *) = {
        cpu_time_from_cgroup2, cpu_time_from_cgroup1, cpu_time_from_stat};
    char text[1024];
    ssize_t length = -1;
    if (row->data.cpu_time_fd >= 0)
        length = pread(row->data.cpu_time_fd, text, sizeof text - 1, 0);
    if (length <= 0)
        return row->data.cpu_time_ns; /* the last that the driver knew */
    text[length] = '\0';
    uint64_t ns;
    for (size_t i = 0; i < ARRAY_SIZE(readers); i++) {
        if (readers[i](text, &ns))
            return ns;
    }
    return row->data.cpu_time_ns;
}
