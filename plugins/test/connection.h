/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef HVKIT_TEST_CONNECTION_H
#define HVKIT_TEST_CONNECTION_H

#include "node.h"

extern const struct hvk_connection_table connection_table;

#endif
