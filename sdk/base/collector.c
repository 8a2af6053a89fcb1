/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Results on their way from a driver to the caller: bounded, copied, one block in the end. */
#include "base/error.h"
#include "base/value.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

/* What every list struct starts with (hvkit/values.h). */
struct list_header {
    uint32_t size;
    uint32_t stride;
    uint64_t count;
    const void *items;
};

static bool collector_fail(struct collector *collector, int32_t code, const char *format, ...)
    HVK_PRINTF(3, 4);

static bool collector_fail(struct collector *collector, int32_t code, const char *format, ...)
{
    char reason[256];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(reason, sizeof reason, format, arguments);
    va_end(arguments);
    collector->failed = true;
    return hvk_error_set(collector->err, code, "the result '%s' %s", collector->field->name,
                         reason);
}

static bool is_single(const struct collector *collector)
{
    enum field_kind kind = collector->field->kind;
    return kind == FIELD_STRING || kind == FIELD_BYTES || kind == FIELD_RECORD;
}

static bool put_text(struct collector *collector, const void *item, uint64_t length)
{
    size_t size = length > 0 ? strnlen(item, length) : strlen(item);
    if (collector->field->max != 0 && is_single(collector) && size > collector->field->max)
        return collector_fail(collector, HVK_ERR_LIMIT,
                              "is %zu bytes long, at most %llu are allowed", size,
                              (unsigned long long)collector->field->max);
    uint64_t text = pack_string(&collector->heap, item, size);
    if (!is_single(collector))
        buffer_add(&collector->items, &text, sizeof text);
    return true;
}

static bool put_bytes(struct collector *collector, const void *item, uint64_t length)
{
    if (collector->field->max != 0 && length > collector->field->max)
        return collector_fail(collector, HVK_ERR_LIMIT, "has %llu bytes, at most %llu are allowed",
                              (unsigned long long)length,
                              (unsigned long long)collector->field->max);
    buffer_add(&collector->items, item, length);
    return true;
}

static bool put_param(struct collector *collector, const void *item, uint64_t length)
{
    const struct hvk_param *param = item;
    if (length < sizeof *param || !param->name || param->name[0] == '\0' ||
        param->type < HVK_PARAM_INT32 || param->type > HVK_PARAM_STRING ||
        (param->type == HVK_PARAM_STRING && !param->value.string))
        return collector_fail(collector, HVK_ERR_DRIVER_FAILED,
                              "was given a parameter without a name, a type or a text");
    pack_param(&collector->items, &collector->heap, param);
    return true;
}

static bool put_record(struct collector *collector, const void *item, uint64_t length)
{
    const struct record *record = collector->field->record;
    uint32_t size = *(const uint32_t *)item;
    if (length > 0 && length != size)
        return collector_fail(collector, HVK_ERR_DRIVER_FAILED,
                              "was given a hvk_%s whose size says %u although it has %llu bytes",
                              record->name, size, (unsigned long long)length);
    if (!value_check_record("a result", record, item, HVK_ERR_DRIVER_FAILED, collector->err)) {
        collector->failed = true;
        return false;
    }
    pack_record(&collector->items, &collector->heap, record, item, size);
    return true;
}

static bool put_number(struct collector *collector, const void *item, uint64_t length)
{
    size_t size = collector->field->kind == FIELD_UINT64S ? sizeof(uint64_t) : sizeof(uint32_t);
    if (length != size)
        return collector_fail(collector, HVK_ERR_DRIVER_FAILED,
                              "was given a number of %llu bytes instead of %zu",
                              (unsigned long long)length, size);
    buffer_add(&collector->items, item, size);
    return true;
}

static bool put_fd(struct collector *collector, const void *item, uint64_t length)
{
    if (length != sizeof(int32_t))
        return put_number(collector, item, length);
    int32_t fd = fcntl(*(const int32_t *)item, F_DUPFD_CLOEXEC, 3);
    if (fd < 0) {
        collector->failed = true;
        return hvk_error_errno(collector->err, errno,
                               "duplicate the descriptor %d of the result '%s'",
                               *(const int32_t *)item, collector->field->name);
    }
    buffer_add(&collector->items, &fd, sizeof fd);
    if (collector->items.failed)
        close(fd);
    return true;
}

static bool (*const putters[])(struct collector *, const void *, uint64_t) = {
    [FIELD_STRING] = put_text,   [FIELD_STRINGS] = put_text,   [FIELD_BYTES] = put_bytes,
    [FIELD_PARAMS] = put_param,  [FIELD_RECORD] = put_record,  [FIELD_RECORDS] = put_record,
    [FIELD_INT32S] = put_number, [FIELD_UINT32S] = put_number, [FIELD_UINT64S] = put_number,
    [FIELD_FDS] = put_fd,        [FIELD_STREAM] = NULL,
};

static bool collector_put(struct hvk_sink *sink, const void *item, uint64_t length)
{
    struct collector *collector = CONTAINER_OF(sink, struct collector, sink);
    const struct field *field = collector->field;
    if (collector->failed)
        return false;
    if (!putters[field->kind] || (!item && length == 0 && field->kind != FIELD_BYTES))
        return collector_fail(collector, HVK_ERR_DRIVER_FAILED, "was given NULL");
    if (is_single(collector) && collector->count > 0)
        return collector_fail(collector, HVK_ERR_DRIVER_FAILED, "was given twice");
    if (!is_single(collector) && field->max != 0 && collector->count >= field->max)
        return collector_fail(collector, HVK_ERR_LIMIT, "has more than %llu items",
                              (unsigned long long)field->max);
    if (!putters[field->kind](collector, item, length))
        return false;
    collector->count++;
    if (collector->items.length + collector->heap.length > COLLECTOR_BYTES_MAX)
        return collector_fail(collector, HVK_ERR_LIMIT, "takes more than %u bytes",
                              COLLECTOR_BYTES_MAX);
    if (collector->items.failed || collector->heap.failed) {
        collector->failed = true;
        return hvk_error_memory(collector->err);
    }
    return true;
}

void collector_init(struct collector *collector, const struct field *field, struct hvk_error *err)
{
    *collector = (struct collector){.sink = {.size = sizeof(struct hvk_sink), .put = collector_put},
                                    .field = field,
                                    .err = err};
}

void collector_fini(struct collector *collector)
{
    size_t fds = collector->field && collector->field->kind == FIELD_FDS
                     ? collector->items.length / sizeof(int32_t)
                     : 0;
    for (size_t i = 0; i < fds; i++)
        close(((const int32_t *)(const void *)collector->items.data)[i]);
    buffer_fini(&collector->items);
    buffer_fini(&collector->heap);
}

static uint32_t list_stride(const struct collector *collector)
{
    const struct field *field = collector->field;
    if (field->kind == FIELD_RECORDS)
        return field->record->size;
    if (field->kind == FIELD_BYTES)
        return 1;
    return (uint32_t)(collector->count > 0 ? collector->items.length / collector->count : 0);
}

static void *take_list(struct collector *collector)
{
    uint64_t count = collector->count;
    if (collector->field->kind == FIELD_BYTES)
        count = collector->items.length;
    struct list_header *list =
        pack_finish(sizeof *list, &collector->items, &collector->heap, collector->field, count);
    if (list)
        *list = (struct list_header){.size = sizeof *list,
                                     .stride = list_stride(collector),
                                     .count = count,
                                     .items = count > 0 ? list + 1 : NULL};
    return list;
}

static void *take_value(struct collector *collector)
{
    if (collector->field->kind == FIELD_STRING)
        return buffer_take(&collector->heap);
    if (collector->field->kind == FIELD_RECORD)
        return pack_finish(0, &collector->items, &collector->heap, collector->field, 1);
    return take_list(collector);
}

void *collector_take(struct collector *collector, bool *out_none)
{
    *out_none = false;
    if (collector->failed)
        return NULL;
    if (is_single(collector) && collector->count == 0) {
        *out_none = (collector->field->flags & FIELD_OPTIONAL) != 0;
        if (!*out_none)
            collector_fail(collector, HVK_ERR_DRIVER_FAILED, "was not given");
        return NULL;
    }
    void *value = take_value(collector);
    if (!value)
        hvk_error_memory(collector->err);
    else
        buffer_fini(&collector->items); /* descriptors are the taker's now */
    return value;
}
