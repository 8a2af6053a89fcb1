/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef HVKIT_QEMU_QMP_JSON_H
#define HVKIT_QEMU_QMP_JSON_H

#include <base/error.h>
#include <jansson.h>

/* One message of QEMU. Its integers may be unsigned 64-bit ones (default values of properties),
 * jansson's are signed: what does not fit becomes the largest that does. text is changed then.
 * NULL with the error. */
json_t *qmp_json_parse(char *text, size_t length, struct hvk_error *err);

#endif
