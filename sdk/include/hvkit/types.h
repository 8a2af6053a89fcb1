/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Types that every hvkit header shares. Nothing here depends on another header of hvkit. */
#ifndef HVKIT_TYPES_H
#define HVKIT_TYPES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
#define HVK_BEGIN extern "C" {
#define HVK_END }
#else
#define HVK_BEGIN
#define HVK_END
#endif

/* Marks what a shared object exports; everything else is built with hidden visibility. */
#define HVK_EXPORT __attribute__((visibility("default")))
#define HVK_PRINTF(text, first) __attribute__((format(printf, text, first)))
#define HVK_MUST_CHECK __attribute__((warn_unused_result))

/* The ABI: an epoch never changes the meaning of what it published; a revision only adds. */
#define HVK_ABI_EPOCH 1
#define HVK_ABI_REVISION 1

/* What a build may see: define it before the first include to hide everything newer. A driver's
 * note carries it as the lowest revision of the core that it needs. */
#ifndef HVK_TARGET_REVISION
#define HVK_TARGET_REVISION HVK_ABI_REVISION
#endif
#if HVK_TARGET_REVISION < 1 || HVK_TARGET_REVISION > HVK_ABI_REVISION
#error "HVK_TARGET_REVISION names a revision that this hvkit does not have"
#endif

#define HVK_UUID_SIZE 16        /* bytes, network order (RFC 9562) */
#define HVK_UUID_STRING_SIZE 37 /* lower-case text with its NUL */

/* The ABI has room for 64-bit systems only; a member's offset is part of the contract. */
#ifdef __cplusplus
static_assert(sizeof(void *) == 8, "hvkit's ABI is defined for 64-bit systems");
#else
_Static_assert(sizeof(void *) == 8, "hvkit's ABI is defined for 64-bit systems");
#endif

/* The first value of a struct that starts with its size, the rest zero. */
#ifdef __cplusplus
template <typename record_type> static inline record_type hvk_record_init()
{
    record_type record = record_type();
    record.size = sizeof record;
    return record;
}
#endif

/* Holds a member of a struct at the place that was promised for it. */
#ifdef __cplusplus
#define HVK_ASSERT_OFFSET(type, member, offset)                                                    \
    static_assert(offsetof(type, member) == (offset), #type "." #member " moved")
#else
#define HVK_ASSERT_OFFSET(type, member, offset)                                                    \
    _Static_assert(offsetof(type, member) == (offset), #type "." #member " moved")
#endif

/* A typed parameter: one named value. The numbers of `type` are libvirt's. Of one size for the
 * whole epoch, since arrays of it carry no stride. */
enum hvk_param_type {
    HVK_PARAM_INT32 = 1,
    HVK_PARAM_UINT32 = 2,
    HVK_PARAM_INT64 = 3,
    HVK_PARAM_UINT64 = 4,
    HVK_PARAM_DOUBLE = 5,
    HVK_PARAM_BOOL = 6,
    HVK_PARAM_STRING = 7,
};

struct hvk_param {
    uint32_t size; /* sizeof(struct hvk_param) */
    int32_t type;  /* enum hvk_param_type */
    const char *name;
    union {
        int32_t i32;
        uint32_t u32;
        int64_t i64;
        uint64_t u64;
        double number;
        int32_t boolean; /* 0 or 1 */
        const char *string;
    } value;
};

#endif
