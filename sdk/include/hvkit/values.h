/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Lists that operations return. Each is one block, freed with hvk_free(). Items lie `stride` bytes
 * apart, since a newer hvkit may have longer ones: use the _at() functions. */
#ifndef HVKIT_VALUES_H
#define HVKIT_VALUES_H

#include <hvkit/types.h>

/* Declares struct hvk_NAME_list with items of the type, and hvk_NAME_list_at(). */
#define HVK_LIST(list_name, type)                                                                  \
    struct list_name {                                                                             \
        uint32_t size;                                                                             \
        uint32_t stride;                                                                           \
        uint64_t count;                                                                            \
        const type *items;                                                                         \
    };                                                                                             \
    static inline const type *list_name##_at(const struct list_name *list, uint64_t index)         \
    {                                                                                              \
        return (const type *)(const void *)((const char *)list->items + index * list->stride);     \
    }

HVK_LIST(hvk_param_list, struct hvk_param)
HVK_LIST(hvk_string_list, char *const)
HVK_LIST(hvk_uint32_list, uint32_t)
HVK_LIST(hvk_int32_list, int32_t)
HVK_LIST(hvk_uint64_list, uint64_t)
HVK_LIST(hvk_fd_list, int32_t) /* the descriptors are the caller's to close */
HVK_LIST(hvk_bytes, uint8_t)

/* A record that the caller provides: struct hvk_domain_info info = HVK_RECORD_INIT(info); */
#ifdef __cplusplus
#define HVK_RECORD_INIT(variable) hvk_record_init<decltype(variable)>()
#else
#define HVK_RECORD_INIT(variable)                                                                  \
    {                                                                                              \
        .size = sizeof(variable)                                                                   \
    }
#endif

#endif
