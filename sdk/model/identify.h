/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Whose XML is this? Reads no further than it must. */
#ifndef HVKIT_MODEL_IDENTIFY_H
#define HVKIT_MODEL_IDENTIFY_H

#include <hvkit/error.h>

#define MODEL_NAME_SIZE 256

struct model_identity {
    char name[MODEL_NAME_SIZE];
    uint8_t uuid[HVK_UUID_SIZE]; /* all zero when has_uuid is false */
    bool has_uuid;
};

/* <name> and <uuid> right below the outermost element, which must be `element`. What follows them
 * is not looked at, so it may yet turn out to be wrong. NO_NAME when there is none. Pure. */
bool model_identify(const char *element, const char *xml, size_t length,
                    struct model_identity *out_identity, struct hvk_error *err);

#endif
