/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Writing a subtree that no table knows back as text, event by event. Private to the engine. */
#ifndef HVKIT_MODEL_RAW_H
#define HVKIT_MODEL_RAW_H

#include "model/reader.h"
#include <base/buffer.h>

struct raw {
    struct buffer text;
    unsigned depth; /* of open elements; the subtree is whole when it is 0 again */
    bool tag_open;  /* ">" or "/>" is still owed */
};

void raw_start(struct raw *raw, const struct reader_element *element);
void raw_end(struct raw *raw, const char *prefix, const char *name);
void raw_text(struct raw *raw, const char *text, size_t length);
void raw_cdata(struct raw *raw, const char *text, size_t length);
void raw_comment(struct raw *raw, const char *text);
void raw_instruction(struct raw *raw, const char *target, const char *text);

#endif
