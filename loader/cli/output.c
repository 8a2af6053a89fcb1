/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "output.h"
#include "terminal.h"
#include <base/string.h>
#include <base/uuid.h>
#include <errno.h>
#include <inttypes.h>
#include <libsmartcols.h>
#include <locale.h>

struct table {
    struct libscols_table *scols;
    struct libscols_line *row;
    bool failed;
};

static const int json_types[] = {
    [CELL_TEXT] = SCOLS_JSON_STRING,
    [CELL_NUMBER] = SCOLS_JSON_NUMBER,
    [CELL_BOOLEAN] = SCOLS_JSON_BOOLEAN,
};

static void add_column(struct table *table, const char *heading, uint8_t type)
{
    struct libscols_column *column =
        scols_table_new_column(table->scols, heading, 0, type == CELL_NUMBER ? SCOLS_FL_RIGHT : 0);

    if (!column || scols_column_set_json_type(column, json_types[type]) < 0)
        table->failed = true;
}

struct table *table_new(struct cli *cli, const char *name, const struct column *columns,
                        size_t count)
{
    struct table *table = calloc(1, sizeof(*table));

    if (!table)
        return NULL;
    /* Widths of names outside ASCII need the user's character set. */
    setlocale(LC_CTYPE, "");
    table->scols = scols_new_table();
    if (!table->scols || scols_table_set_name(table->scols, name) < 0) {
        table->failed = true;
        return table;
    }
    scols_table_enable_json(table->scols, cli->settings.json);
    if (scols_table_set_column_separator(table->scols, "  ") < 0)
        table->failed = true;
    scols_table_enable_noheadings(table->scols, cli->settings.no_headings);
    for (size_t i = 0; i < count; i++)
        add_column(table, cli->settings.json ? columns[i].key : columns[i].heading,
                   columns[i].type);
    return table;
}

void table_free(struct table *table)
{
    if (!table)
        return;
    scols_unref_table(table->scols);
    free(table);
}

size_t table_column(struct table *table, const char *key, uint8_t type)
{
    if (!table || table->failed)
        return 0;
    size_t count = scols_table_get_ncols(table->scols);
    for (size_t i = 0; i < count; i++) {
        struct libscols_column *column = scols_table_get_column(table->scols, i);

        if (string_equal(scols_column_get_name(column), key))
            return i;
    }
    add_column(table, key, type);
    return count;
}

void table_add_row(struct table *table)
{
    if (!table || table->failed)
        return;
    table->row = scols_table_new_line(table->scols, NULL);
    table->failed = !table->row;
}

static void table_vset(struct table *table, size_t column, const char *format, va_list arguments)
{
    if (!table || table->failed)
        return;
    char *text = string_vformat(format, arguments);
    if (!text || scols_line_refer_data(table->row, column, text) < 0) {
        free(text);
        table->failed = true;
    }
}

void table_set(struct table *table, size_t column, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    table_vset(table, column, format, arguments);
    va_end(arguments);
}

void table_set_bool(struct table *table, size_t column, bool value)
{
    table_set(table, column, "%s", value ? "yes" : "no");
}

bool table_print(struct cli *cli, struct table *table)
{
    if (!table || table->failed)
        return hvk_error_memory(&cli->call.error);
    int failure = scols_print_table(table->scols);
    if (failure < 0)
        return hvk_error_errno(&cli->call.error, -failure, "print the table");
    return true;
}

void record_fini(struct record *record)
{
    VECTOR_FOR_EACH (&record->fields, struct record_field, field)
        free(field->value);
    vector_fini(&record->fields);
}

static void add_field(struct record *record, const struct record_field *field)
{
    if (field->value && vector_push(&record->fields, field))
        return;
    free(field->value);
    record->failed = true;
}

void record_text(struct record *record, const char *key, const char *label, const char *format, ...)
{
    struct record_field field = {.key = key, .label = label, .type = CELL_TEXT};
    va_list arguments;

    va_start(arguments, format);
    field.value = string_vformat(format, arguments);
    va_end(arguments);
    add_field(record, &field);
}

void record_number(struct record *record, const char *key, const char *label, uint64_t value,
                   const char *unit)
{
    add_field(record, &(struct record_field){.key = key,
                                             .label = label,
                                             .unit = unit,
                                             .type = CELL_NUMBER,
                                             .value = string_format("%" PRIu64, value)});
}

void record_bool(struct record *record, const char *key, const char *label, bool value)
{
    add_field(record, &(struct record_field){.key = key,
                                             .label = label,
                                             .type = CELL_BOOLEAN,
                                             .value = strdup(value ? "yes" : "no")});
}

static bool print_record_json(struct cli *cli, const struct record *record)
{
    auto_table *table = table_new(cli, record->name, NULL, 0);
    size_t column = 0;

    VECTOR_FOR_EACH (&record->fields, struct record_field, field)
        table_column(table, field->key, field->type);
    table_add_row(table);
    VECTOR_FOR_EACH (&record->fields, struct record_field, field)
        table_set(table, column++, "%s", field->value);
    return table_print(cli, table);
}

bool record_print(struct cli *cli, struct record *record)
{
    int width = 0;

    if (record->failed)
        return hvk_error_memory(&cli->call.error);
    if (cli->settings.json)
        return print_record_json(cli, record);
    VECTOR_FOR_EACH (&record->fields, struct record_field, field)
        width = (int)strlen(field->label) > width ? (int)strlen(field->label) : width;
    VECTOR_FOR_EACH (&record->fields, struct record_field, field)
        printf("%s:%*s %s%s%s\n", field->label, width - (int)strlen(field->label), "", field->value,
               field->unit ? " " : "", field->unit ? field->unit : "");
    return true;
}

bool output_value(struct cli *cli, const char *name, const char *key, uint8_t type,
                  const char *format, ...)
{
    auto_free char *text = NULL;
    va_list arguments;

    va_start(arguments, format);
    text = string_vformat(format, arguments);
    va_end(arguments);
    if (!text)
        return hvk_error_memory(&cli->call.error);
    if (cli->settings.json) {
        auto_table *table = table_new(cli, name, &(struct column){key, key, type}, 1);

        table_add_row(table);
        table_set(table, 0, "%s", text);
        return table_print(cli, table);
    }
    size_t length = strlen(text);
    fputs(text, stdout);
    if (length == 0 || text[length - 1] != '\n')
        putchar('\n');
    return true;
}

bool output_outcome(struct cli *cli, const struct hvk_domain *domain, const char *outcome)
{
    auto_record record = RECORD_INIT("domains");
    char uuid[HVK_UUID_STRING_SIZE];

    if (!cli->settings.json) {
        output_note(cli, "Domain '%s' %s", domain->name, outcome);
        return true;
    }
    uuid_format(domain->uuid, uuid);
    record_text(&record, "name", "Name", "%s", domain->name);
    record_text(&record, "uuid", "UUID", "%s", uuid);
    record_text(&record, "outcome", "Outcome", "%s", outcome);
    return record_print(cli, &record);
}

void output_note(struct cli *cli, const char *format, ...)
{
    va_list arguments;

    if (cli->settings.quiet || cli->settings.json)
        return;
    va_start(arguments, format);
    vprintf(format, arguments);
    va_end(arguments);
    putchar('\n');
}
