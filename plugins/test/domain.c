/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "domain.h"

#include <string.h>

#define IN_TABLE(member) .member = domain_##member,
#define IN_NAMES(member) #member,

const struct hvk_domain_table domain_table = {.size = sizeof domain_table,
                                              DOMAIN_METHODS(IN_TABLE) IDENTIFY_METHODS(IN_TABLE)};

bool domain_has_method(const char *method)
{
    static const char *const names[] = {DOMAIN_METHODS(IN_NAMES)};
    for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
        if (strcmp(names[i], method) == 0)
            return true;
    }
    return false;
}
