/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Filling struct hvk_error. Every function here returns false, so that a failing function ends in
 * one line: `return hvk_error_set(err, HVK_ERR_INVALID_ARG, "...")`. A NULL err is allowed and
 * loses the details. No function keeps a reference. */
#ifndef HVKIT_BASE_ERROR_H
#define HVKIT_BASE_ERROR_H

#include <hvkit/error.h>
#include <stdarg.h>

void hvk_error_init(struct hvk_error *err);

/* Replaces whatever err held. */
bool hvk_error_set(struct hvk_error *err, int32_t code, const char *format, ...) HVK_PRINTF(3, 4);
bool hvk_error_vset(struct hvk_error *err, int32_t code, const char *format, va_list arguments);

/* SYSTEM_ERROR (NO_MEMORY for ENOMEM) with native = number: "cannot ATTEMPT: strerror(number)". */
bool hvk_error_errno(struct hvk_error *err, int number, const char *attempt, ...) HVK_PRINTF(3, 4);

/* NO_MEMORY. */
bool hvk_error_memory(struct hvk_error *err);

/* Puts "CONTEXT: " in front of the text that err holds, keeping its code. */
bool hvk_error_prefix(struct hvk_error *err, const char *format, ...) HVK_PRINTF(2, 3);

/* Sets the source where none was set, and returns false. */
bool hvk_error_from(struct hvk_error *err, int32_t source);

void hvk_error_copy(struct hvk_error *to, const struct hvk_error *from);

/* "INVALID_ARG", or "UNKNOWN" for a number without a name. */
const char *hvk_error_code_name(int32_t code);

/* The number that stands for code on libvirt's wire. */
int32_t hvk_error_wire_code(int32_t code);

#endif
