/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Connection URIs: DRIVER[+TRANSPORT]://[USER@][HOST][:PORT]/[PATH][?NAME=VALUE&…], a strict
 * subset of RFC 3986. Percent escapes are decoded once; no decoded part may hold NUL or control
 * characters; a duplicate parameter, a fragment, a password and anything unknown to the grammar
 * are errors that name the position. */
#ifndef HVKIT_LOADER_URI_H
#define HVKIT_LOADER_URI_H

#include <base/error.h>
#include <hvkit/driver.h>

#define URI_LENGTH_MAX 8192
#define URI_PARAMS_MAX 64

/* One block; free() it. */
struct hvk_uri *uri_parse(const char *text, struct hvk_error *err);

/* The URI to open for what the user said: text itself; for NULL or "" $HVKIT_URI, then `uri` of the
 * configuration; an alias of the configuration replaced. NULL without an error (code 0) when there
 * is no default: the registry then probes. malloc'ed. */
char *uri_resolve(const char *text, bool aliases, struct hvk_error *err);

#endif
