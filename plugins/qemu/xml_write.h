/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Writing the few documents that are no model: capabilities. */
#ifndef HVKIT_QEMU_XML_WRITE_H
#define HVKIT_QEMU_XML_WRITE_H

#include <base/buffer.h>

struct xml {
    struct buffer text;
    uint32_t depth;
};

#define auto_xml AUTO(xml_fini) struct xml
void xml_fini(struct xml *xml);

/* attributes: "name" and value pairs, a NULL name at the end; a NULL value leaves its name out. */
void xml_open(struct xml *xml, const char *element, ...);
void xml_close(struct xml *xml, const char *element);
/* An element without content. */
void xml_empty(struct xml *xml, const char *element, ...);
/* An element with text. */
void xml_text(struct xml *xml, const char *element, const char *text, ...);

#endif
