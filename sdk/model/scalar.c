/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "model/scalar.h"

#include "model/set.h"
#include <base/string.h>
#include <base/uuid.h>
#include <inttypes.h>
#include <strings.h>

#define NUMBER_TEXT_SIZE 72 /* longer than any number, UUID or MAC address */

static enum scalar_result expect(struct scalar_input *input, const char *format, ...)
    HVK_PRINTF(2, 3);

static enum scalar_result expect(struct scalar_input *input, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(input->expected, sizeof input->expected, format, arguments);
    va_end(arguments);
    return SCALAR_BAD;
}

/* The text with its end; NULL when it is too long to be a number. */
static const char *short_text(const struct scalar_text *value, char buffer[NUMBER_TEXT_SIZE])
{
    if (value->length >= NUMBER_TEXT_SIZE)
        return NULL;
    memcpy(buffer, value->text, value->length);
    buffer[value->length] = '\0';
    return buffer;
}

static enum scalar_result read_string(const struct model_row *row, void *member,
                                      struct scalar_input *input)
{
    const char **out = member;
    if (input->value.length == 0 && row->place != MODEL_AT_ATTRIBUTE)
        return SCALAR_OK;
    *out = model_arena_copy(input->arena, input->value.text, input->value.length);
    return *out ? SCALAR_OK : SCALAR_NO_MEMORY;
}

static enum scalar_result number_read(const struct model_row *row, struct scalar_input *input,
                                      uint64_t most, uint64_t *out_number)
{
    const struct model_number *range = row->detail;
    uint64_t min = range ? range->min : 0;
    uint64_t max = range && range->max < most ? range->max : most;
    char buffer[NUMBER_TEXT_SIZE];
    const char *text = short_text(&input->value, buffer);
    if (text && string_to_u64(text, min, max, out_number))
        return SCALAR_OK;
    if (min == 0 && max == UINT64_MAX)
        return expect(input, "a number");
    if (max == UINT64_MAX)
        return expect(input, "a number from %" PRIu64, min);
    if (range && range->digits)
        return expect(input, "a number from 0x%" PRIx64 " to 0x%" PRIx64, min, max);
    return expect(input, "a number from %" PRIu64 " to %" PRIu64, min, max);
}

static enum scalar_result read_uint(const struct model_row *row, void *member,
                                    struct scalar_input *input)
{
    struct model_uint *out = member;
    enum scalar_result result = number_read(row, input, UINT64_MAX, &out->value);
    out->set = result == SCALAR_OK;
    return result;
}

static enum scalar_result read_u32(const struct model_row *row, void *member,
                                   struct scalar_input *input)
{
    uint64_t number;
    enum scalar_result result = number_read(row, input, UINT32_MAX, &number);
    if (result == SCALAR_OK)
        *(uint32_t *)member = (uint32_t)number;
    return result;
}

static enum scalar_result read_u64(const struct model_row *row, void *member,
                                   struct scalar_input *input)
{
    return number_read(row, input, UINT64_MAX, member);
}

static enum scalar_result read_int(const struct model_row *row, void *member,
                                   struct scalar_input *input)
{
    const struct model_integer *range = row->detail;
    int64_t min = range ? range->min : INT64_MIN;
    int64_t max = range ? range->max : INT64_MAX;
    struct model_int *out = member;
    char buffer[NUMBER_TEXT_SIZE];
    const char *text = short_text(&input->value, buffer);
    out->set = text && string_to_i64(text, min, max, &out->value);
    if (out->set)
        return SCALAR_OK;
    if (!range)
        return expect(input, "a number");
    return expect(input, "a number from %" PRId64 " to %" PRId64, min, max);
}

static enum scalar_result read_enum(const struct model_row *row, void *member,
                                    struct scalar_input *input)
{
    const struct model_words *words = row->detail;
    for (unsigned i = 1; i < words->count; i++) {
        const char *word = words->words[i];
        if (strncmp(word, input->value.text, input->value.length) == 0 &&
            word[input->value.length] == '\0') {
            *(unsigned *)member = i;
            return SCALAR_OK;
        }
    }
    size_t used = (size_t)snprintf(input->expected, sizeof input->expected, "a %s: %s", words->what,
                                   words->words[1]);
    for (unsigned i = 2; i < words->count && used < sizeof input->expected; i++)
        used += (size_t)snprintf(input->expected + used, sizeof input->expected - used, "%s%s",
                                 i + 1 == words->count ? " or " : ", ", words->words[i]);
    return SCALAR_BAD;
}

static const char *const switch_words[][2] = {{"yes", "no"}, {"on", "off"}};

static const char *switch_word(const struct model_row *row, enum model_switch value)
{
    return switch_words[row->kind == MODEL_KIND_ONOFF][value - 1];
}

static enum scalar_result read_switch(const struct model_row *row, void *member,
                                      struct scalar_input *input)
{
    enum model_switch *out = member;
    for (enum model_switch value = MODEL_SWITCH_ON; value <= MODEL_SWITCH_OFF; value++) {
        const char *word = switch_word(row, value);
        if (strlen(word) == input->value.length &&
            memcmp(word, input->value.text, input->value.length) == 0) {
            *out = value;
            return SCALAR_OK;
        }
    }
    return expect(input, "%s or %s", switch_word(row, MODEL_SWITCH_ON),
                  switch_word(row, MODEL_SWITCH_OFF));
}

/* How many bytes a unit stands for: b, byte(s), k, KiB, KB and so on up to E; 0 for none. */
static uint64_t unit_bytes(const char *unit)
{
    static const char prefixes[] = "kmgtpe";
    if (strcmp(unit, "b") == 0 || strcasecmp(unit, "byte") == 0 || strcasecmp(unit, "bytes") == 0)
        return 1;
    char first = (char)(unit[0] | 0x20);
    const char *at = unit[0] ? strchr(prefixes, first) : NULL;
    uint64_t base = strcasecmp(unit + !!unit[0], "b") == 0 ? 1000 : 1024;
    if (!at || (base == 1024 && unit[1] != '\0' && strcasecmp(unit + 1, "ib") != 0))
        return 0;
    uint64_t bytes = base;
    for (const char *p = prefixes; p < at; p++)
        bytes *= base;
    return bytes;
}

static enum scalar_result size_read(const struct model_row *row, struct scalar_input *input,
                                    uint64_t *out_size)
{
    const struct model_scale *scale = row->detail;
    uint64_t bytes = scale->implied;
    char buffer[NUMBER_TEXT_SIZE];
    if (input->unit.text) {
        const char *unit = short_text(&input->unit, buffer);
        bytes = unit ? unit_bytes(unit) : 0;
        if (bytes == 0)
            return expect(input, "a unit: bytes, KiB, MiB, GiB, TiB, PiB, EiB, KB, MB, GB ...");
    }
    const char *text = short_text(&input->value, buffer);
    uint64_t number;
    if (!text || !string_to_u64(text, 0, UINT64_MAX, &number) ||
        __builtin_mul_overflow(number, bytes, &number))
        return expect(input, "an amount of memory below 16 EiB");
    *out_size = number / scale->stored + (number % scale->stored != 0);
    return SCALAR_OK;
}

static enum scalar_result read_size(const struct model_row *row, void *member,
                                    struct scalar_input *input)
{
    struct model_uint *out = member;
    enum scalar_result result = size_read(row, input, &out->value);
    out->set = result == SCALAR_OK;
    return result;
}

static enum scalar_result read_amount(const struct model_row *row, void *member,
                                      struct scalar_input *input)
{
    return size_read(row, input, member);
}

static enum scalar_result read_uuid(const struct model_row *row, void *member,
                                    struct scalar_input *input)
{
    struct model_uuid *out = member;
    char buffer[NUMBER_TEXT_SIZE];
    const char *text = short_text(&input->value, buffer);
    if (input->value.length == 0 && row->place == MODEL_AT_TEXT)
        return SCALAR_OK;
    out->set = text && uuid_parse(text, out->bytes);
    return out->set ? SCALAR_OK : expect(input, "a UUID");
}

/* One or two hexadecimal digits; NULL when there are none. */
static const char *byte_read(const char *at, uint8_t *out_byte)
{
    static const char digits[] = "0123456789abcdef";
    unsigned byte = 0;
    const char *start = at;
    for (const char *digit; at < start + 2 && *at && (digit = strchr(digits, *at | 0x20)); at++)
        byte = byte * 16 + (unsigned)(digit - digits);
    *out_byte = (uint8_t)byte;
    return at > start ? at : NULL;
}

static enum scalar_result read_mac(const struct model_row *row, void *member,
                                   struct scalar_input *input)
{
    struct model_mac *out = member;
    char buffer[NUMBER_TEXT_SIZE];
    const char *at = short_text(&input->value, buffer);
    (void)row;
    for (size_t i = 0; at && i < sizeof out->bytes; i++) {
        at = byte_read(at, &out->bytes[i]);
        if (at && *at++ != (i + 1 < sizeof out->bytes ? ':' : '\0'))
            at = NULL;
    }
    out->set = at != NULL;
    return out->set ? SCALAR_OK : expect(input, "a MAC address such as 52:54:00:12:34:56");
}

static enum scalar_result read_set(const struct model_row *row, void *member,
                                   struct scalar_input *input)
{
    auto_buffer text = BUFFER_INIT;
    (void)row;
    if (!set_normalize(input->value.text, input->value.length, &text))
        return expect(input, "a set such as 0-3,^2,8 with members below %d", MODEL_SET_MAX);
    if (text.failed)
        return SCALAR_NO_MEMORY;
    *(const char **)member = model_arena_copy(input->arena, text.data, text.length);
    return *(const char **)member ? SCALAR_OK : SCALAR_NO_MEMORY;
}

static enum scalar_result read_nothing(const struct model_row *row, void *member,
                                       struct scalar_input *input)
{
    (void)row, (void)member, (void)input;
    return SCALAR_OK;
}

static enum scalar_result (*const readers[MODEL_KINDS])(const struct model_row *row, void *member,
                                                        struct scalar_input *input) = {
    [MODEL_KIND_NONE] = read_nothing,  [MODEL_KIND_BOOL] = read_nothing,
    [MODEL_KIND_STRING] = read_string, [MODEL_KIND_UINT] = read_uint,
    [MODEL_KIND_INT] = read_int,       [MODEL_KIND_U32] = read_u32,
    [MODEL_KIND_U64] = read_u64,       [MODEL_KIND_ENUM] = read_enum,
    [MODEL_KIND_YESNO] = read_switch,  [MODEL_KIND_ONOFF] = read_switch,
    [MODEL_KIND_SIZE] = read_size,     [MODEL_KIND_AMOUNT] = read_amount,
    [MODEL_KIND_UNIT] = read_nothing,  [MODEL_KIND_UUID] = read_uuid,
    [MODEL_KIND_MAC] = read_mac,       [MODEL_KIND_SET] = read_set,
};

enum scalar_result scalar_parse(const struct model_row *row, void *member,
                                struct scalar_input *input)
{
    return readers[row->kind](row, member, input);
}
