/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Are the values of a struct within the bounds of its table? */
#include "base/error.h"
#include "base/value.h"

#include <fcntl.h>
#include <math.h>
#include <string.h>

/* Where the check is: for the text of a refusal. */
struct check {
    const char *function; /* or what the record is */
    const char *suffix;   /* "()" behind a function */
    const char *parent;   /* the member around this one, NULL at the top */
    bool in_record;       /* members of a record, not arguments */
    int32_t code;
    struct hvk_error *err;
};

/* More than any public record; a size above it is a struct that was never initialised. */
#define RECORD_SIZE_MAX 65536u

static bool refuse(const struct check *check, const struct field *field, const char *format, ...)
    HVK_PRINTF(3, 4);

static bool refuse(const struct check *check, const struct field *field, const char *format, ...)
{
    char reason[256];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(reason, sizeof reason, format, arguments);
    va_end(arguments);
    return hvk_error_set(check->err, check->code, "%s%s: %s%s%s %s", check->function, check->suffix,
                         check->parent ? check->parent : "", check->parent ? "." : "", field->name,
                         reason);
}

static bool check_signed(const struct check *check, const struct field *field, int64_t value)
{
    if (field->min == 0 && field->max == 0)
        return true;
    if (value < field->min)
        return refuse(check, field, "is %lld, at least %lld is required", (long long)value,
                      (long long)field->min);
    if (field->max != 0 && value > 0 && (uint64_t)value > field->max)
        return refuse(check, field, "is %lld, at most %llu is allowed", (long long)value,
                      (unsigned long long)field->max);
    return true;
}

static bool check_unsigned(const struct check *check, const struct field *field, uint64_t value)
{
    if (field->min > 0 && value < (uint64_t)field->min)
        return refuse(check, field, "is %llu, at least %lld is required", (unsigned long long)value,
                      (long long)field->min);
    if (field->max != 0 && value > field->max)
        return refuse(check, field, "is %llu, at most %llu is allowed", (unsigned long long)value,
                      (unsigned long long)field->max);
    return true;
}

static bool check_flags(const struct check *check, const struct field *field, uint64_t value)
{
    uint64_t unknown = value & ~field->max;
    if (unknown == 0)
        return true;
    return refuse(check, field, "has the unknown bits 0x%llx, known are 0x%llx",
                  (unsigned long long)unknown, (unsigned long long)field->max);
}

static bool check_text(const struct check *check, const struct field *field, const char *text)
{
    size_t length = strlen(text);
    if (field->max != 0 && length > field->max)
        return refuse(check, field, "is %zu bytes long, at most %llu are allowed", length,
                      (unsigned long long)field->max);
    return true;
}

static bool check_count(const struct check *check, const struct field *field, const void *items,
                        uint64_t count)
{
    if (field->max != 0 && count > field->max)
        return refuse(check, field, "has %llu items, at most %llu are allowed",
                      (unsigned long long)count, (unsigned long long)field->max);
    if (count > 0 && !items)
        return refuse(check, field, "is NULL although its count is %llu",
                      (unsigned long long)count);
    return true;
}

static bool check_fields(const struct check *check, const struct field *fields, uint32_t count,
                         const char *values, size_t limit);

static bool check_item(const struct check *check, const struct field *field, const void *item,
                       uint32_t size)
{
    if (size < sizeof(uint32_t) || size > RECORD_SIZE_MAX)
        return refuse(check, field,
                      "has the size %u; set it to sizeof(struct hvk_%s) before the call", size,
                      field->record->name);
    struct check inner = *check;
    inner.parent = field->name;
    inner.in_record = true;
    return check_fields(&inner, field->record->fields, field->record->field_count, item, size);
}

static bool check_records(const struct check *check, const struct field *field, const char *items,
                          uint64_t count)
{
    uint32_t stride;
    for (uint64_t i = 0; i < count; i++) {
        memcpy(&stride, items, sizeof stride); /* all are of one build, and so of one size */
        if (!check_item(check, field, items + i * stride, stride))
            return false;
    }
    return true;
}

static bool check_strings(const struct check *check, const struct field *field,
                          const char *const *items, uint64_t count)
{
    for (uint64_t i = 0; i < count; i++) {
        if (!items[i])
            return refuse(check, field, "has NULL as its item %llu", (unsigned long long)i);
    }
    return true;
}

static bool check_params(const struct check *check, const struct field *field,
                         const struct hvk_param *items, uint64_t count)
{
    for (uint64_t i = 0; i < count; i++) {
        const struct hvk_param *param = &items[i];
        if (param->size < sizeof *param || !param->name || param->name[0] == '\0')
            return refuse(check, field, "has an item %llu without a size or a name",
                          (unsigned long long)i);
        if (param->type < HVK_PARAM_INT32 || param->type > HVK_PARAM_STRING)
            return refuse(check, field, "gives '%.80s' the unknown type %d", param->name,
                          param->type);
        if (param->type == HVK_PARAM_STRING && !param->value.string)
            return refuse(check, field, "gives '%.80s' no text", param->name);
        for (uint64_t k = 0; k < i; k++) {
            if (strcmp(items[k].name, param->name) == 0)
                return refuse(check, field, "names '%.80s' twice", param->name);
        }
    }
    return true;
}

static bool check_fds(const struct check *check, const struct field *field, const int32_t *items,
                      uint64_t count)
{
    for (uint64_t i = 0; i < count; i++) {
        if (fcntl(items[i], F_GETFD) < 0)
            return refuse(check, field, "has %d, which is not an open descriptor", items[i]);
    }
    return true;
}

static bool check_scalar(const struct check *check, const struct field *field, const char *at)
{
    switch ((enum field_kind)field->kind) {
    case FIELD_INT32:
        return check_signed(check, field, *(const int32_t *)(const void *)at);
    case FIELD_INT64:
        return check_signed(check, field, *(const int64_t *)(const void *)at);
    case FIELD_UINT32:
        return check_unsigned(check, field, *(const uint32_t *)(const void *)at);
    case FIELD_UINT64:
        return check_unsigned(check, field, *(const uint64_t *)(const void *)at);
    case FIELD_FLAGS:
        return check_flags(check, field, *(const uint32_t *)(const void *)at);
    case FIELD_FLAGS64:
        return check_flags(check, field, *(const uint64_t *)(const void *)at);
    case FIELD_DOUBLE:
        return isfinite(*(const double *)(const void *)at) ||
               refuse(check, field, "is not a finite number");
    case FIELD_CHARS:
        return memchr(at, '\0', field->max) != NULL ||
               refuse(check, field, "has no NUL among its %llu characters",
                      (unsigned long long)field->max);
    case FIELD_BOOL:
        return !check->in_record || *(const uint32_t *)(const void *)at <= 1 ||
               refuse(check, field, "is neither 0 nor 1");
    case FIELD_STRING:
    case FIELD_UUID:
    case FIELD_BYTES:
    case FIELD_PARAMS:
    case FIELD_RECORD:
    case FIELD_STRINGS:
    case FIELD_INT32S:
    case FIELD_UINT32S:
    case FIELD_UINT64S:
    case FIELD_RECORDS:
    case FIELD_FDS:
    case FIELD_STREAM:
        break;
    }
    return true;
}

static bool check_pointer(const struct check *check, const struct field *field, const void *pointer)
{
    if (!pointer)
        return (field->flags & FIELD_OPTIONAL) || refuse(check, field, "must not be NULL");
    if (field->kind == FIELD_STRING)
        return check_text(check, field, pointer);
    if (field->kind == FIELD_RECORD)
        return check_item(check, field, pointer, *(const uint32_t *)pointer);
    return true;
}

static bool check_array(const struct check *check, const struct field *field, const void *items,
                        uint64_t count)
{
    if (!check_count(check, field, items, count))
        return false;
    if (field->kind == FIELD_RECORDS)
        return check_records(check, field, items, count);
    if (field->kind == FIELD_STRINGS)
        return check_strings(check, field, items, count);
    if (field->kind == FIELD_PARAMS)
        return check_params(check, field, items, count);
    if (field->kind == FIELD_FDS)
        return check_fds(check, field, items, count);
    return true;
}

static bool check_field(const struct check *check, const struct field *field, const char *values)
{
    const char *at = values + field->offset;
    if (field_is_counted(field))
        return check_array(check, field, *(const void *const *)(const void *)at,
                           *(const uint64_t *)(const void *)(values + field->count_offset));
    if (field_is_pointer(field, check->in_record))
        return check_pointer(check, field, *(const void *const *)(const void *)at);
    return check_scalar(check, field, at);
}

static bool check_fields(const struct check *check, const struct field *fields, uint32_t count,
                         const char *values, size_t limit)
{
    for (uint32_t i = 0; i < count; i++) {
        if ((fields[i].flags & FIELD_RESULT) || field_end(&fields[i], check->in_record) > limit)
            continue;
        if (!check_field(check, &fields[i], values))
            return false;
    }
    return true;
}

bool value_check(const char *function, const struct field *fields, uint32_t field_count,
                 const void *values, struct hvk_error *err)
{
    struct check check = {
        .function = function, .suffix = "()", .code = HVK_ERR_INVALID_ARG, .err = err};
    return check_fields(&check, fields, field_count, values, SIZE_MAX);
}

bool value_check_record(const char *what, const struct record *record, const void *item,
                        int32_t code, struct hvk_error *err)
{
    struct check check = {.function = what, .suffix = "", .code = code, .err = err};
    struct field self = {.name = record->name, .kind = FIELD_RECORD, .record = record};
    if (!item)
        return refuse(&check, &self, "must not be NULL");
    return check_item(&check, &self, item, *(const uint32_t *)item);
}
