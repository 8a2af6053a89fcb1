/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* cmocka with what its header wants to be included first. */
#ifndef HVKIT_TESTS_CMOCKA_ALL_H
#define HVKIT_TESTS_CMOCKA_ALL_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#endif
