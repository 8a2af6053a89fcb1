/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "types.h"

#include <base/string.h>

#define COUNT "_count"

static const struct type_info types[] = {
    [TYPE_BOOL] = {"bool", NULL, "FIELD_BOOL", "bool ", "uint32_t ", "bool *", "uint32_t *", "u32",
                   NULL, 4, 4, BOUND_NONE, true},
    [TYPE_INT32] = {"int32", NULL, "FIELD_INT32", "int32_t ", NULL, "int32_t *", "int32_t *", "u32",
                    NULL, 4, 4, BOUND_VALUE, true},
    [TYPE_UINT32] = {"uint32", NULL, "FIELD_UINT32", "uint32_t ", NULL, "uint32_t *", "uint32_t *",
                     "u32", NULL, 4, 4, BOUND_VALUE, true},
    [TYPE_INT64] = {"int64", NULL, "FIELD_INT64", "int64_t ", NULL, "int64_t *", "int64_t *", "u64",
                    NULL, 8, 8, BOUND_VALUE, true},
    [TYPE_UINT64] = {"uint64", NULL, "FIELD_UINT64", "uint64_t ", NULL, "uint64_t *", "uint64_t *",
                     "u64", NULL, 8, 8, BOUND_VALUE, true},
    [TYPE_DOUBLE] = {"double", NULL, "FIELD_DOUBLE", "double ", NULL, "double *", "double *",
                     "number", NULL, 8, 8, BOUND_NONE, true},
    [TYPE_FLAGS] = {"flags", NULL, "FIELD_FLAGS", "uint32_t ", NULL, "uint32_t *", "uint32_t *",
                    "u32", NULL, 4, 4, BOUND_NONE, true},
    [TYPE_CHARS] = {"chars", NULL, "FIELD_CHARS", NULL, "char ", NULL, NULL, NULL, NULL, 1, 1,
                    BOUND_LENGTH, true},
    [TYPE_STRING] = {"string", NULL, "FIELD_STRING", "const char *", NULL, "char **",
                     "struct hvk_string_sink *", NULL, NULL, 8, 8, BOUND_LENGTH, false},
    [TYPE_UUID] = {"uuid", NULL, "FIELD_UUID", "const uint8_t ", "uint8_t ", NULL, NULL, NULL, NULL,
                   16, 1, BOUND_NONE, true},
    [TYPE_BYTES] = {"bytes", NULL, "FIELD_BYTES", "const void *", NULL, "struct hvk_bytes **",
                    "struct hvk_bytes_sink *", NULL, "_size", 8, 8, BOUND_LENGTH, false},
    [TYPE_PARAMS] = {"params", NULL, "FIELD_PARAMS", "const struct hvk_param *", NULL,
                     "struct hvk_param_list **", "struct hvk_param_sink *", NULL, COUNT, 8, 8,
                     BOUND_LENGTH, false},
    [TYPE_RECORD] = {"record", NULL, "FIELD_RECORD", "const struct hvk_%s *", NULL,
                     "struct hvk_%s **", "struct hvk_%s_sink *", NULL, NULL, 8, 8, BOUND_NONE,
                     false},
    [TYPE_STRINGS] = {"list", "string", "FIELD_STRINGS", "const char *const *", NULL,
                      "struct hvk_string_list **", "struct hvk_string_sink *", NULL, COUNT, 8, 8,
                      BOUND_LENGTH, false},
    [TYPE_INT32S] = {"list", "int32", "FIELD_INT32S", "const int32_t *", NULL,
                     "struct hvk_int32_list **", "struct hvk_int32_sink *", NULL, COUNT, 8, 8,
                     BOUND_LENGTH, false},
    [TYPE_UINT32S] = {"list", "uint32", "FIELD_UINT32S", "const uint32_t *", NULL,
                      "struct hvk_uint32_list **", "struct hvk_uint32_sink *", NULL, COUNT, 8, 8,
                      BOUND_LENGTH, false},
    [TYPE_UINT64S] = {"list", "uint64", "FIELD_UINT64S", "const uint64_t *", NULL,
                      "struct hvk_uint64_list **", "struct hvk_uint64_sink *", NULL, COUNT, 8, 8,
                      BOUND_LENGTH, false},
    [TYPE_RECORDS] = {"list", "", "FIELD_RECORDS", "const struct hvk_%s *", NULL,
                      "struct hvk_%s_list **", "struct hvk_%s_sink *", NULL, COUNT, 8, 8,
                      BOUND_LENGTH, false},
    [TYPE_FDS] = {"fds", NULL, "FIELD_FDS", "const int32_t *", NULL, "struct hvk_fd_list **",
                  "struct hvk_fd_sink *", NULL, COUNT, 8, 8, BOUND_LENGTH, false},
    [TYPE_STREAM] = {"stream", NULL, "FIELD_STREAM", "struct hvk_stream *", NULL, NULL, NULL, NULL,
                     NULL, 8, 8, BOUND_NONE, false},
    [TYPE_PAD] = {"pad", NULL, NULL, NULL, "uint8_t ", NULL, NULL, NULL, NULL, 1, 1, BOUND_NONE,
                  true},
};

const struct type_info *type_info(enum type type)
{
    return &types[type];
}

bool type_parse(const char *type, const char *of, enum type *out_type)
{
    bool list = strcmp(type, "list") == 0;
    for (size_t i = 0; i < ARRAY_SIZE(types); i++) {
        if (strcmp(types[i].name, type) != 0)
            continue;
        /* RECORDS stands behind the lists of plain items and takes every other name. */
        if (list && (!of || (strcmp(types[i].list_of, of) != 0 && i != TYPE_RECORDS)))
            continue;
        *out_type = (enum type)i;
        return true;
    }
    return false;
}
