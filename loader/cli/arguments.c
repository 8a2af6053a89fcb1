/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "arguments.h"
#include "text.h"
#include <assert.h>
#include <base/string.h>
#include <limits.h>

/* One pass over the words: where it is and what it fills. */
struct reader {
    struct arguments *own;
    struct arguments *global; /* NULL: only own is read */
    const struct verb *verb;  /* NULL: the options before the verb */
    char *const *words;
    int count;
    int next;
    struct hvk_error *err;
};

void arguments_fini(struct arguments *arguments)
{
    vector_fini(&arguments->rest);
}

/* What a message about an option begins with. */
static const char *command(const struct reader *reader)
{
    return reader->verb ? reader->verb->name : "the command";
}

static const struct option_row *find_row(const struct option_row *rows, const char *name,
                                         size_t length)
{
    OPTION_FOR_EACH(rows, row)
    {
        if (strlen(row->name) == length && strncmp(row->name, name, length) == 0)
            return row;
    }
    return NULL;
}

static const struct option_row *find_letter(const struct option_row *rows, char letter)
{
    OPTION_FOR_EACH(rows, row)
    {
        if (row->letter && row->letter == letter)
            return row;
    }
    return NULL;
}

static bool check_choice(const struct option_row *row, const char *value, struct hvk_error *err)
{
    auto_buffer list = BUFFER_INIT;

    for (const char *const *choice = row->choices; *choice; choice++) {
        if (string_equal(*choice, value))
            return true;
        buffer_add_format(&list, "%s%s", choice == row->choices ? "" : ", ", *choice);
    }
    return hvk_error_set(err, HVK_ERR_INVALID_ARG, "'%s' is no %s for --%s; known are: %s", value,
                         row->value, row->name, list.data ? list.data : "none");
}

static bool check_value(const struct option_row *row, const char *value, struct hvk_error *err)
{
    uint64_t number, max = row->max ? row->max : UINT64_MAX;

    switch ((enum option_type)row->type) {
    case OPTION_NUMBER:
        if (string_to_u64(value, row->min, max, &number))
            return true;
        return hvk_error_set(err, HVK_ERR_INVALID_ARG,
                             "--%s takes a whole number from %llu to %llu, not '%s'", row->name,
                             (unsigned long long)row->min, (unsigned long long)max, value);
    case OPTION_SIZE:
        if (text_to_size(value, 1024, &number) && number >= row->min && number <= max)
            return true;
        return hvk_error_set(err, HVK_ERR_INVALID_ARG,
                             "--%s takes a size such as 512MiB, 2GiB or 2097152 (KiB), not '%s'",
                             row->name, value);
    case OPTION_CHOICE:
        return check_choice(row, value, err);
    case OPTION_SWITCH:
    case OPTION_TEXT:
    case OPTION_FILE:
    case OPTION_DOMAIN:
    case OPTION_VERB:
        break;
    }
    return true;
}

static bool store(struct arguments *to, const struct option_row *row, const char *value,
                  struct hvk_error *err)
{
    const char **slot = &to->values[row - to->rows];

    if (row->type == OPTION_SWITCH)
        to->bits |= row->bit;
    else if (*slot && !(row->flags & OPTION_REPEATED))
        return hvk_error_set(err, HVK_ERR_INVALID_ARG, "--%s is given twice", row->name);
    else if (!check_value(row, value, err))
        return false;
    if ((row->flags & OPTION_REPEATED) && !vector_push(&to->rest, &value))
        return hvk_error_memory(err);
    *slot = value;
    return true;
}

/* `inline_value` is what stands behind "=", NULL when nothing does. */
static bool take_option(struct reader *reader, struct arguments *to, const struct option_row *row,
                        const char *inline_value)
{
    const char *value = inline_value;

    if (row->type == OPTION_SWITCH) {
        if (inline_value)
            return hvk_error_set(reader->err, HVK_ERR_INVALID_ARG, "--%s takes no value",
                                 row->name);
        return store(to, row, "", reader->err);
    }
    if (!value && (row->flags & OPTION_MAY_LACK_VALUE))
        value = "";
    else if (!value && reader->next < reader->count)
        value = reader->words[reader->next++];
    if (!value)
        return hvk_error_set(reader->err, HVK_ERR_INVALID_ARG, "--%s needs a value: %s", row->name,
                             row->help);
    return store(to, row, value, reader->err);
}

static bool unknown_option(const struct reader *reader, const char *word)
{
    unsigned best = UINT_MAX;
    const char *meant = NULL;
    size_t length = strcspn(word, "=");
    auto_free char *name = strndup(word, length);

    if (!name)
        return hvk_error_memory(reader->err);
    OPTION_FOR_EACH(reader->own->rows, row)
    meant = text_is_closer(name, row->name, &best) ? row->name : meant;
    OPTION_FOR_EACH(reader->global ? reader->global->rows : NULL, row)
    meant = text_is_closer(name, row->name, &best) ? row->name : meant;
    return hvk_error_set(reader->err, HVK_ERR_INVALID_ARG,
                         "unknown option '--%s'%s%s%s ('hvkit help%s%s' shows all)", name,
                         meant ? "; did you mean '--" : "", meant ? meant : "", meant ? "'?" : "",
                         reader->verb ? " " : "", reader->verb ? reader->verb->name : "");
}

static bool take_long(struct reader *reader, const char *word)
{
    size_t length = strcspn(word, "=");
    const char *value = word[length] ? word + length + 1 : NULL;
    struct arguments *to = reader->own;
    const struct option_row *row = find_row(to->rows, word, length);

    if (!row && reader->global) {
        to = reader->global;
        row = find_row(to->rows, word, length);
    }
    return row ? take_option(reader, to, row, value) : unknown_option(reader, word);
}

/* "-rq", "-cURI" and "-c URI". */
static bool take_letters(struct reader *reader, const char *letters)
{
    for (; *letters; letters++) {
        struct arguments *to = reader->own;
        const struct option_row *row = find_letter(to->rows, *letters);

        if (!row && reader->global) {
            to = reader->global;
            row = find_letter(to->rows, *letters);
        }
        if (!row)
            return hvk_error_set(reader->err, HVK_ERR_INVALID_ARG,
                                 "unknown option '-%c' ('hvkit help%s%s' shows all)", *letters,
                                 reader->verb ? " " : "", reader->verb ? reader->verb->name : "");
        if (row->type != OPTION_SWITCH)
            return take_option(reader, to, row, letters[1] ? letters + 1 : NULL);
        if (!take_option(reader, to, row, NULL))
            return false;
    }
    return true;
}

/* The first operand row that has no value yet, or the one that takes all the rest. */
static bool take_operand(struct reader *reader, const char *word)
{
    OPTION_FOR_EACH(reader->own->rows, row)
    {
        if (!(row->flags & OPTION_OPERAND))
            continue;
        if (!reader->own->values[row - reader->own->rows] || (row->flags & OPTION_REPEATED))
            return store(reader->own, row, word, reader->err);
    }
    return hvk_error_set(reader->err, HVK_ERR_INVALID_ARG,
                         "'%s' is one word too many; 'hvkit help %s' shows what it takes", word,
                         command(reader));
}

static bool check_required(const struct reader *reader)
{
    OPTION_FOR_EACH(reader->own->rows, row)
    {
        if ((row->flags & OPTION_REQUIRED) && !reader->own->values[row - reader->own->rows])
            return hvk_error_set(reader->err, HVK_ERR_INVALID_ARG, "needs %s%s: %s",
                                 row->flags & OPTION_OPERAND ? "" : "--",
                                 row->flags & OPTION_OPERAND ? row->value : row->name, row->help);
    }
    return true;
}

/* One word that begins with a dash and is not "-" alone. */
static bool take_dashed(struct reader *reader, const char *word)
{
    return word[1] == '-' ? take_long(reader, word + 2) : take_letters(reader, word + 1);
}

int arguments_read_global(struct arguments *arguments, int count, char *const words[],
                          struct hvk_error *err)
{
    struct reader reader = {.own = arguments, .words = words, .count = count, .err = err};

    arguments->rows = global_options;
    while (reader.next < count && words[reader.next][0] == '-' && words[reader.next][1]) {
        const char *word = words[reader.next++];

        if (string_equal(word, "--"))
            break;
        if (!take_dashed(&reader, word))
            return -1;
    }
    return reader.next;
}

bool arguments_read(struct arguments *arguments, struct arguments *global, const struct verb *verb,
                    int count, char *const words[], struct hvk_error *err)
{
    struct reader reader = {.own = arguments,
                            .global = global,
                            .verb = verb,
                            .words = words,
                            .count = count,
                            .err = err};
    bool operands_only = false;

    arguments->rows = verb->options;
    while (reader.next < count) {
        const char *word = words[reader.next++];
        bool dashed = !operands_only && word[0] == '-' && word[1];

        if (dashed && string_equal(word, "--"))
            operands_only = true;
        else if (!(dashed ? take_dashed(&reader, word) : take_operand(&reader, word)))
            return false;
    }
    /* "hvkit start --help" wants help, not a complaint that the domain is missing. */
    return (global && arguments_have(global, "help")) || check_required(&reader);
}

static size_t row_index(const struct arguments *arguments, const char *name)
{
    const struct option_row *row = find_row(arguments->rows, name, strlen(name));

    assert(row && row - arguments->rows < ARGUMENT_OPTIONS_MAX);
    return (size_t)(row - arguments->rows);
}

bool arguments_have(const struct arguments *arguments, const char *name)
{
    return arguments->values[row_index(arguments, name)] != NULL;
}

const char *arguments_text(const struct arguments *arguments, const char *name)
{
    return arguments->values[row_index(arguments, name)];
}

uint64_t arguments_number(const struct arguments *arguments, const char *name, uint64_t absent)
{
    const char *value = arguments_text(arguments, name);
    uint64_t number = absent;

    if (value)
        string_to_u64(value, 0, UINT64_MAX, &number);
    return number;
}

uint64_t arguments_bytes(const struct arguments *arguments, const char *name, uint64_t absent)
{
    const char *value = arguments_text(arguments, name);
    uint64_t bytes = absent;

    if (value)
        text_to_size(value, 1024, &bytes);
    return bytes;
}

int arguments_choice(const struct arguments *arguments, const char *name, int absent)
{
    size_t index = row_index(arguments, name);
    const char *const *choices = arguments->rows[index].choices;

    for (int i = 0; arguments->values[index] && choices[i]; i++) {
        if (string_equal(choices[i], arguments->values[index]))
            return i;
    }
    return absent;
}
