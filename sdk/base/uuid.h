/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef HVKIT_BASE_UUID_H
#define HVKIT_BASE_UUID_H

#include <hvkit/types.h>

/* 32 hexadecimal digits; dashes and blanks before any pair of them, blanks behind the last: what
 * libvirt accepts. On failure the contents of uuid are undefined. */
bool uuid_parse(const char *text, uint8_t uuid[HVK_UUID_SIZE]);
void uuid_format(const uint8_t uuid[HVK_UUID_SIZE], char text[HVK_UUID_STRING_SIZE]);

/* A random one (RFC 9562, version 4); false with errno when the system gives no random bytes. */
bool uuid_generate(uint8_t uuid[HVK_UUID_SIZE]);

bool uuid_is_null(const uint8_t uuid[HVK_UUID_SIZE]);

#endif
