/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Typed parameters: found, printed and put into tables. */
#ifndef HVKIT_CLI_PARAMS_H
#define HVKIT_CLI_PARAMS_H

#include "output.h"

/* NULL: there is none of this name. */
const struct hvk_param *params_find(const struct hvk_param_list *params, const char *name);
/* As an unsigned number; absent when there is none, or it is no whole number. */
uint64_t params_number(const struct hvk_param_list *params, const char *name, uint64_t absent);

/* The value as text; malloc'ed, NULL when out of memory. */
char *param_text(const struct hvk_param *param);
uint8_t param_cell_type(const struct hvk_param *param);

/* Sets the column of the parameter's name, added when the table has none, in the last row. */
void table_set_param(struct table *table, const struct hvk_param *param);

#endif
