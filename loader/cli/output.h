/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Results on standard output: tables, records and single values; as text, or with --json as one
 * JSON object {"NAME": [{…}, …]}, through libsmartcols either way. Cells never hold raw control
 * characters, whatever a domain's title says. */
#ifndef HVKIT_CLI_OUTPUT_H
#define HVKIT_CLI_OUTPUT_H

#include "cli.h"

enum cell_type { CELL_TEXT, CELL_NUMBER, CELL_BOOLEAN };

struct column {
    const char *key;     /* the JSON member */
    const char *heading; /* above the column, or in front of a record's value */
    uint8_t type;        /* enum cell_type */
};

struct table;

/* name: the JSON member that holds the rows. NULL when out of memory: the functions below then do
 * nothing and table_print() reports it. */
struct table *table_new(struct cli *cli, const char *name, const struct column *columns,
                        size_t count);
void table_free(struct table *table);
DEFINE_AUTO_PTR(struct table, table_free)
#define auto_table AUTO(table_free_auto) struct table

/* The number of the column with this key, added when there is none. */
size_t table_column(struct table *table, const char *key, uint8_t type);
void table_add_row(struct table *table);
/* A cell of the last row; one that is not set is empty, in JSON null. */
void table_set(struct table *table, size_t column, const char *format, ...) HVK_PRINTF(3, 4);
void table_set_bool(struct table *table, size_t column, bool value);
bool table_print(struct cli *cli, struct table *table);

/* One object, a field on each line. */
struct record {
    const char *name;
    struct vector fields;
    bool failed;
};
#define RECORD_INIT(json_name)                                                                     \
    {                                                                                              \
        .name = (json_name), .fields = VECTOR_INIT(struct record_field)                            \
    }
#define auto_record AUTO(record_fini) struct record

struct record_field {
    const char *key;
    const char *label;
    const char *unit; /* follows the value in text; NULL: none */
    char *value;
    uint8_t type;
};

void record_fini(struct record *record);
void record_text(struct record *record, const char *key, const char *label, const char *format, ...)
    HVK_PRINTF(4, 5);
void record_number(struct record *record, const char *key, const char *label, uint64_t value,
                   const char *unit);
void record_bool(struct record *record, const char *key, const char *label, bool value);
bool record_print(struct cli *cli, struct record *record);

/* A single value; `name` and `key` are for JSON only. Text gets a line end when it has none. */
bool output_value(struct cli *cli, const char *name, const char *key, uint8_t type,
                  const char *format, ...) HVK_PRINTF(5, 6);

/* "Domain 'NAME' OUTCOME": a confirmation, left out by --quiet; with --json the domain's row. */
bool output_outcome(struct cli *cli, const struct hvk_domain *domain, const char *outcome);

/* A confirmation about anything else, left out by --quiet and --json. */
void output_note(struct cli *cli, const char *format, ...) HVK_PRINTF(2, 3);

#endif
