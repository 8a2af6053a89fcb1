/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copies of described values in one block each. */
#include "base/value.h"

#include <string.h>

/* What a member of each kind takes up, and what its pointer points to. */
static const struct shape {
    uint8_t size; /* in a record; 0: the field's max */
    uint8_t item; /* bytes of one item; 0: the record's size */
    bool counted;
    bool plain;
} shapes[] = {
    [FIELD_BOOL] = {4, 0, false, true},
    [FIELD_INT32] = {4, 0, false, true},
    [FIELD_UINT32] = {4, 0, false, true},
    [FIELD_INT64] = {8, 0, false, true},
    [FIELD_UINT64] = {8, 0, false, true},
    [FIELD_DOUBLE] = {8, 0, false, true},
    [FIELD_FLAGS] = {4, 0, false, true},
    [FIELD_FLAGS64] = {8, 0, false, true},
    [FIELD_CHARS] = {0, 0, false, true},
    [FIELD_STRING] = {8, 0, false, false},
    [FIELD_UUID] = {HVK_UUID_SIZE, 0, false, true},
    [FIELD_BYTES] = {8, 1, true, false},
    [FIELD_PARAMS] = {8, sizeof(struct hvk_param), true, false},
    [FIELD_RECORD] = {8, 0, false, false},
    [FIELD_STRINGS] = {8, sizeof(char *), true, false},
    [FIELD_INT32S] = {8, sizeof(int32_t), true, false},
    [FIELD_UINT32S] = {8, sizeof(uint32_t), true, false},
    [FIELD_UINT64S] = {8, sizeof(uint64_t), true, false},
    [FIELD_RECORDS] = {8, 0, true, false},
    [FIELD_FDS] = {8, sizeof(int32_t), true, false},
    [FIELD_STREAM] = {8, 0, false, false},
};

bool field_is_counted(const struct field *field)
{
    return shapes[field->kind].counted;
}

bool field_is_pointer(const struct field *field, bool in_record)
{
    if (field->kind == FIELD_UUID)
        return !in_record;
    return !shapes[field->kind].plain;
}

size_t field_end(const struct field *field, bool in_record)
{
    const struct shape *shape = &shapes[field->kind];
    size_t size = shape->size;
    if (field->kind == FIELD_CHARS)
        size = field->max;
    else if (!in_record && field->kind == FIELD_BOOL)
        size = sizeof(bool);
    else if (!in_record && field->kind == FIELD_UUID)
        size = sizeof(void *);
    size_t end = field->offset + size;
    size_t count_end = shape->counted ? field->count_offset + sizeof(uint64_t) : 0;
    return end > count_end ? end : count_end;
}

bool record_is_plain(const struct record *record)
{
    for (uint32_t i = 0; i < record->field_count; i++) {
        if (!shapes[record->fields[i].kind].plain)
            return false;
    }
    return true;
}

const struct field *record_field(const struct record *record, const char *name)
{
    for (uint32_t i = 0; i < record->field_count; i++) {
        if (strcmp(record->fields[i].name, name) == 0)
            return &record->fields[i];
    }
    return NULL;
}

/* ---- packing -------------------------------------------------------------------------------- */

static uint64_t load_u64(const char *at)
{
    uint64_t value;
    memcpy(&value, at, sizeof value);
    return value;
}

/* Room for structs, aligned; the offset plus one, 0 when out of memory. */
static uint64_t pack_room(struct buffer *heap, size_t size)
{
    size_t padding = -heap->length & 7;
    char *room = buffer_reserve(heap, padding + size);
    if (!room)
        return 0;
    memset(room, 0, padding + size + 1);
    heap->length += padding;
    uint64_t offset = heap->length + 1;
    heap->length += size;
    return offset;
}

static void pack_store(struct buffer *at, size_t position, uint64_t value)
{
    if (!at->failed && at->data)
        memcpy(at->data + position, &value, sizeof value);
}

uint64_t pack_string(struct buffer *heap, const char *text, size_t length)
{
    uint64_t offset = heap->length + 1;
    buffer_add(heap, text, length);
    buffer_add_char(heap, '\0');
    return offset;
}

static uint64_t pack_block(struct buffer *heap, const void *data, size_t size)
{
    uint64_t offset = size > 0 ? pack_room(heap, size) : 0;
    if (offset)
        memcpy(heap->data + offset - 1, data, size);
    return offset;
}

static void pack_fields(struct buffer *at, size_t base, struct buffer *heap,
                        const struct field *fields, uint32_t count, const char *from, size_t limit,
                        bool in_record);

/* Fills the room at base of `at` with the item; size is the item's own. */
static void pack_into(struct buffer *at, size_t base, struct buffer *heap,
                      const struct record *record, const char *item, size_t size)
{
    uint32_t known = record->size;
    size_t common = size < known ? size : known;
    memcpy(at->data + base, item, common);
    memcpy(at->data + base, &known, sizeof known);
    pack_fields(at, base, heap, record->fields, record->field_count, item, common, true);
}

static uint64_t pack_records(struct buffer *heap, const struct record *record, const char *items,
                             uint64_t count)
{
    uint64_t offset = count > 0 ? pack_room(heap, count * record->size) : 0;
    if (!offset)
        return 0;
    uint32_t stride;
    memcpy(&stride, items, sizeof stride);
    for (uint64_t i = 0; i < count && !heap->failed; i++)
        pack_into(heap, offset - 1 + i * record->size, heap, record, items + i * stride, stride);
    return offset;
}

static uint64_t pack_strings(struct buffer *heap, const char *const *items, uint64_t count)
{
    uint64_t offset = count > 0 ? pack_room(heap, count * sizeof(char *)) : 0;
    for (uint64_t i = 0; offset && i < count; i++) {
        uint64_t text = pack_string(heap, items[i], strlen(items[i]));
        pack_store(heap, offset - 1 + i * sizeof(char *), text);
    }
    return offset;
}

static void pack_param_into(struct buffer *at, size_t base, struct buffer *heap,
                            const struct hvk_param *param)
{
    struct hvk_param copy = *param;
    copy.size = sizeof copy;
    memcpy(at->data + base, &copy, sizeof copy);
    uint64_t name = pack_string(heap, param->name, strlen(param->name));
    pack_store(at, base + offsetof(struct hvk_param, name), name);
    if (param->type != HVK_PARAM_STRING)
        return;
    uint64_t text = pack_string(heap, param->value.string, strlen(param->value.string));
    pack_store(at, base + offsetof(struct hvk_param, value), text);
}

void pack_param(struct buffer *at, struct buffer *heap, const struct hvk_param *param)
{
    uint64_t room = pack_room(at, sizeof *param);
    if (room)
        pack_param_into(at, room - 1, heap, param);
}

static uint64_t pack_params(struct buffer *heap, const struct hvk_param *items, uint64_t count)
{
    uint64_t offset = count > 0 ? pack_room(heap, count * sizeof *items) : 0;
    for (uint64_t i = 0; offset && i < count && !heap->failed; i++)
        pack_param_into(heap, offset - 1 + i * sizeof *items, heap, &items[i]);
    return offset;
}

static uint64_t pack_counted(struct buffer *heap, const struct field *field, const void *items,
                             uint64_t count)
{
    if (field->kind == FIELD_RECORDS)
        return pack_records(heap, field->record, items, count);
    if (field->kind == FIELD_STRINGS)
        return pack_strings(heap, items, count);
    if (field->kind == FIELD_PARAMS)
        return pack_params(heap, items, count);
    return pack_block(heap, items, count * shapes[field->kind].item);
}

static uint64_t pack_pointer(struct buffer *heap, const struct field *field, const char *pointer)
{
    if (!pointer)
        return 0;
    if (field->kind == FIELD_STRING)
        return pack_string(heap, pointer, strlen(pointer));
    if (field->kind == FIELD_UUID)
        return pack_block(heap, pointer, HVK_UUID_SIZE);
    return pack_records(heap, field->record, pointer, 1);
}

static void pack_fields(struct buffer *at, size_t base, struct buffer *heap,
                        const struct field *fields, uint32_t count, const char *from, size_t limit,
                        bool in_record)
{
    for (uint32_t i = 0; i < count; i++) {
        const struct field *field = &fields[i];
        bool counted = field_is_counted(field);
        if (field->flags & FIELD_RESULT) {
            pack_store(at, base + field->offset, 0);
            continue;
        }
        if (field_end(field, in_record) > limit || field->kind == FIELD_STREAM ||
            (!counted && !field_is_pointer(field, in_record)))
            continue;
        const void *pointer = (const void *)(uintptr_t)load_u64(from + field->offset);
        uint64_t offset =
            counted ? pack_counted(heap, field, pointer, load_u64(from + field->count_offset))
                    : pack_pointer(heap, field, pointer);
        pack_store(at, base + field->offset, offset);
    }
}

void pack_record(struct buffer *at, struct buffer *heap, const struct record *record,
                 const void *item, size_t size)
{
    uint64_t room = pack_room(at, record->size);
    if (room)
        pack_into(at, room - 1, heap, record, item, size);
}

/* ---- from offsets to pointers --------------------------------------------------------------- */

static char *place_pointer(char *at, char *heap)
{
    uint64_t offset = load_u64(at);
    char *pointer = offset ? heap + offset - 1 : NULL;
    memcpy(at, &pointer, sizeof pointer);
    return pointer;
}

static void place_fields(char *values, char *heap, const struct field *fields, uint32_t count,
                         bool in_record);

static void place_params(char *items, uint64_t count, char *heap)
{
    for (uint64_t i = 0; i < count; i++) {
        char *item = items + i * sizeof(struct hvk_param);
        place_pointer(item + offsetof(struct hvk_param, name), heap);
        if (((struct hvk_param *)(void *)item)->type == HVK_PARAM_STRING)
            place_pointer(item + offsetof(struct hvk_param, value), heap);
    }
}

/* Sets the pointers inside items of the field's kind. */
static void place_items(const struct field *field, char *items, uint64_t count, char *heap)
{
    const struct record *record = field->record;
    if (field->kind == FIELD_PARAMS)
        place_params(items, count, heap);
    for (uint64_t i = 0; field->kind == FIELD_STRINGS && i < count; i++)
        place_pointer(items + i * sizeof(char *), heap);
    if (field->kind != FIELD_RECORDS && field->kind != FIELD_RECORD)
        return;
    for (uint64_t i = 0; i < count; i++)
        place_fields(items + i * record->size, heap, record->fields, record->field_count, true);
}

static void place_fields(char *values, char *heap, const struct field *fields, uint32_t count,
                         bool in_record)
{
    for (uint32_t i = 0; i < count; i++) {
        const struct field *field = &fields[i];
        bool counted = field_is_counted(field);
        if (field->kind == FIELD_STREAM || (field->flags & FIELD_RESULT) ||
            (!counted && !field_is_pointer(field, in_record)))
            continue;
        char *items = place_pointer(values + field->offset, heap);
        if (items)
            place_items(field, items, counted ? load_u64(values + field->count_offset) : 1, heap);
    }
}

/* One block of the parts; the heap's place in it goes to out_heap. */
static char *pack_join(size_t header, const struct buffer *items, const struct buffer *heap,
                       char **out_heap)
{
    if (items->failed || heap->failed)
        return NULL;
    size_t start = header + ((items->length + 7) & ~(size_t)7);
    char *block = malloc(start + heap->length + 1); /* never 0 bytes */
    if (!block)
        return NULL;
    memset(block, 0, header);
    if (items->length > 0)
        memcpy(block + header, items->data, items->length);
    if (heap->length > 0)
        memcpy(block + start, heap->data, heap->length);
    *out_heap = block + start;
    return block;
}

void *pack_finish(size_t header, const struct buffer *items, const struct buffer *heap,
                  const struct field *field, uint64_t count)
{
    char *heap_start;
    char *block = pack_join(header, items, heap, &heap_start);
    if (block)
        place_items(field, block + header, count, heap_start);
    return block;
}

void *value_copy(const struct record *record, const void *item)
{
    auto_buffer items = BUFFER_INIT;
    auto_buffer heap = BUFFER_INIT;
    struct field self = {.kind = FIELD_RECORD, .record = record};
    pack_record(&items, &heap, record, item, *(const uint32_t *)item);
    return pack_finish(0, &items, &heap, &self, 1);
}

void *value_copy_arguments(const struct field *fields, uint32_t field_count, uint32_t size,
                           const void *values)
{
    auto_buffer items = BUFFER_INIT;
    auto_buffer heap = BUFFER_INIT;
    buffer_add(&items, values, size);
    if (!items.failed)
        pack_fields(&items, 0, &heap, fields, field_count, values, SIZE_MAX, false);
    char *heap_start;
    char *block = pack_join(0, &items, &heap, &heap_start);
    if (block)
        place_fields(block, heap_start, fields, field_count, false);
    return block;
}
