/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "results.h"

#include <base/error.h>
#include <hvkit/values.h>
#include <string.h>

static bool is_result(const struct field *field)
{
    return (field->flags & FIELD_RESULT) != 0;
}

static bool is_in_place(const struct field *field)
{
    return field->kind == FIELD_RECORD && record_is_plain(field->record);
}

static bool is_collected(const struct field *field)
{
    return field_is_pointer(field, false) && !is_in_place(field);
}

/* The caller's pointer: `char **out_xml`, `struct hvk_domain_info *out_info` … */
static void *out_pointer(const struct field *field, const void *args)
{
    return *(void *const *)(const void *)((const char *)args + field->offset);
}

#define FOR_EACH_RESULT(method, slots, field, slot)                                                \
    for (union result_slot *slot = (slots), *once_ = slot; once_; once_ = NULL)                    \
        for (const struct field *field = (method)->fields, *end_ = field + (method)->field_count;  \
             field < end_; slot += is_result(field), field++)                                      \
            if (is_result(field))

void results_init(union result_slot *slots, const struct method *method, struct hvk_error *err)
{
    FOR_EACH_RESULT(method, slots, field, slot)
    {
        if (is_collected(field)) {
            collector_init(&slot->collector, field, err);
            continue;
        }
        slot->u64 = 0;
        if (is_in_place(field)) {
            memset(slot->record, 0, field->record->size);
            memcpy(slot->record, &field->record->size, sizeof field->record->size);
        }
    }
}

void results_fini(union result_slot *slots, const struct method *method)
{
    FOR_EACH_RESULT(method, slots, field, slot)
    {
        if (is_collected(field))
            collector_fini(&slot->collector);
    }
}

bool results_check(const struct method *method, const void *args, struct hvk_error *err)
{
    for (uint16_t i = 0; i < method->field_count; i++) {
        const struct field *field = &method->fields[i];
        const uint32_t *out =
            is_result(field) && is_in_place(field) ? out_pointer(field, args) : NULL;
        if (out && *out < sizeof *out)
            return hvk_error_set(err, HVK_ERR_INVALID_ARG,
                                 "%s(): out_%s has the size %u; initialise it with HVK_RECORD_INIT",
                                 method->function, field->name, *out);
    }
    return true;
}

static void drop(const struct field *field, void *value)
{
    if (field->kind == FIELD_FDS && value) {
        const struct hvk_fd_list *fds = value;
        for (uint64_t i = 0; i < fds->count; i++)
            close(fds->items[i]);
    }
    free(value);
}

static void move_scalar(const struct field *field, const union result_slot *slot, void *out)
{
    switch ((enum field_kind)field->kind) {
    case FIELD_BOOL:
        *(bool *)out = slot->u32 != 0;
        break;
    case FIELD_INT32:
    case FIELD_UINT32:
    case FIELD_FLAGS:
        memcpy(out, &slot->u32, sizeof slot->u32);
        break;
    case FIELD_RECORD: { /* at most as long as the caller's is */
        uint32_t size = *(const uint32_t *)out;
        uint32_t common = size < field->record->size ? size : field->record->size;
        memcpy((char *)out + sizeof size, (const char *)slot->record + sizeof size,
               common - sizeof size);
        break;
    }
    case FIELD_INT64:
    case FIELD_UINT64:
    case FIELD_DOUBLE:
    case FIELD_FLAGS64:
        memcpy(out, &slot->u64, sizeof slot->u64);
        break;
    case FIELD_CHARS:
    case FIELD_STRING:
    case FIELD_UUID:
    case FIELD_BYTES:
    case FIELD_PARAMS:
    case FIELD_STRINGS:
    case FIELD_INT32S:
    case FIELD_UINT32S:
    case FIELD_UINT64S:
    case FIELD_RECORDS:
    case FIELD_FDS:
    case FIELD_STREAM:
        break; /* collected, or never a result */
    }
}

static bool take_collected(union result_slot *slots, const struct method *method,
                           void *values[METHOD_RESULTS_MAX])
{
    void **value = values;
    FOR_EACH_RESULT(method, slots, field, slot)
    {
        bool none = true;
        *value = is_collected(field) ? collector_take(&slot->collector, &none) : NULL;
        if (!*value && !none)
            return false;
        value++;
    }
    return true;
}

bool results_move(union result_slot *slots, const struct method *method, const void *args)
{
    void *values[METHOD_RESULTS_MAX] = {NULL};
    bool whole = take_collected(slots, method, values);
    void **value = values;
    FOR_EACH_RESULT(method, slots, field, slot)
    {
        void *out = out_pointer(field, args);
        if (!whole || !out)
            drop(field, *value);
        else if (is_collected(field))
            *(void **)out = *value;
        else
            move_scalar(field, slot, out);
        value++;
    }
    return whole;
}
