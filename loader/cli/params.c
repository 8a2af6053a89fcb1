/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "params.h"
#include <base/string.h>
#include <inttypes.h>

const struct hvk_param *params_find(const struct hvk_param_list *params, const char *name)
{
    for (uint64_t i = 0; params && i < params->count; i++) {
        const struct hvk_param *param = hvk_param_list_at(params, i);

        if (string_equal(param->name, name))
            return param;
    }
    return NULL;
}

uint64_t params_number(const struct hvk_param_list *params, const char *name, uint64_t absent)
{
    const struct hvk_param *param = params_find(params, name);

    if (!param)
        return absent;
    switch ((enum hvk_param_type)param->type) {
    case HVK_PARAM_INT32:
        return param->value.i32 < 0 ? absent : (uint64_t)param->value.i32;
    case HVK_PARAM_UINT32:
        return param->value.u32;
    case HVK_PARAM_INT64:
        return param->value.i64 < 0 ? absent : (uint64_t)param->value.i64;
    case HVK_PARAM_UINT64:
        return param->value.u64;
    case HVK_PARAM_BOOL:
        return param->value.boolean != 0;
    case HVK_PARAM_DOUBLE:
    case HVK_PARAM_STRING:
        break;
    }
    return absent;
}

char *param_text(const struct hvk_param *param)
{
    switch ((enum hvk_param_type)param->type) {
    case HVK_PARAM_INT32:
        return string_format("%" PRId32, param->value.i32);
    case HVK_PARAM_UINT32:
        return string_format("%" PRIu32, param->value.u32);
    case HVK_PARAM_INT64:
        return string_format("%" PRId64, param->value.i64);
    case HVK_PARAM_UINT64:
        return string_format("%" PRIu64, param->value.u64);
    case HVK_PARAM_DOUBLE:
        return string_format("%f", param->value.number);
    case HVK_PARAM_BOOL:
        return strdup(param->value.boolean ? "yes" : "no");
    case HVK_PARAM_STRING:
        return strdup(param->value.string ? param->value.string : "");
    }
    /* A newer node may send a type that this version does not know. */
    return strdup("");
}

uint8_t param_cell_type(const struct hvk_param *param)
{
    if (param->type == HVK_PARAM_STRING)
        return CELL_TEXT;
    return param->type == HVK_PARAM_BOOL ? CELL_BOOLEAN : CELL_NUMBER;
}

void table_set_param(struct table *table, const struct hvk_param *param)
{
    auto_free char *text = param_text(param);
    size_t column = table_column(table, param->name, param_cell_type(param));

    if (text)
        table_set(table, column, "%s", text);
}
