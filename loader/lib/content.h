/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Objects that are named inside the content of a call only (an XML): which one it is, found by the
 * driver's pure identify(), and its name and uuid kept for the length of the call. */
#ifndef HVKIT_LOADER_CONTENT_H
#define HVKIT_LOADER_CONTENT_H

#include "connection.h"

struct content {
    const struct record *record;
    void *identity;      /* the object's value: name and uuid as they will be; free()d */
    struct claim *claim; /* NULL where the driver does not publish */
    uint32_t kind;
};

/* The uuid is the content's; else that of the published object, or of another call in flight, with
 * this name; else a new one. A name that belongs to another uuid is refused with both named. */
bool content_identify(struct content *content, struct hvk_call *call,
                      struct hvk_connection *connection, const struct method *method,
                      const void *args);
/* Once more on the lane: did another call take the name meanwhile? */
bool content_check(const struct content *content, struct hvk_node *node, struct hvk_error *err);
/* Gives up the name and the uuid; the identity stays until content_fini(). */
void content_release(struct content *content, struct hvk_node *node);
void content_fini(struct content *content);

#endif
