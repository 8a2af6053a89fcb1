/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What every reader and writer of models takes: flags, bounds, where warnings go. */
#ifndef HVKIT_MODEL_MODEL_H
#define HVKIT_MODEL_MODEL_H

#include "model/arena.h"
#include "model/types.h"
#include <hvkit/error.h>

/* Input beyond these is refused with HVK_ERR_LIMIT. */
#define MODEL_XML_SIZE_MAX ((size_t)16 << 20)
#define MODEL_XML_DEPTH_MAX 200
#define MODEL_XML_ELEMENTS_MAX 200000
#define MODEL_XML_ATTRIBUTES_MAX 1000    /* of one element */
#define MODEL_WARNINGS_MAX 100           /* the rest is counted, not reported one by one */
#define MODEL_METADATA_NAMESPACES_MAX 16 /* declared by one piece of metadata */

enum model_parse_flags {
    MODEL_VALIDATE = 1 << 0,       /* what no table knows is an error, not a warning */
    MODEL_PARSE_INACTIVE = 1 << 1, /* live-only members (id, aliases, tty paths) are left out */
};

enum model_format_flags {
    MODEL_FORMAT_INACTIVE = 1 << 0,   /* without live-only members */
    MODEL_FORMAT_SECURE = 1 << 1,     /* with passwords */
    MODEL_FORMAT_MIGRATABLE = 1 << 2, /* what a peer must see: live, without this host's state */
};

/* Takes one warning; line and column are those of the element or attribute. */
typedef void (*model_warn)(void *data, uint32_t line, uint32_t column, const char *text);

struct model_report {
    model_warn warn; /* NULL: nobody listens */
    void *data;
};

#endif
