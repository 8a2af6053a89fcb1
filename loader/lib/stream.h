/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Byte streams: the application's end of a descriptor that a driver attached. */
#ifndef HVKIT_LOADER_STREAM_H
#define HVKIT_LOADER_STREAM_H

#include <base/error.h>
#include <hvkit/driver.h>

struct hvk_connection;

struct hvk_stream *stream_ref(struct hvk_stream *stream);
void stream_unref(struct hvk_stream *stream);

/* Hands the stream to an operation on the object with this lane; INVALID_STREAM when it was handed
 * to one before. */
bool stream_bind(struct hvk_stream *stream, struct hvk_connection *connection, uint32_t kind,
                 const uint8_t *key, struct hvk_error *err);

/* The services stream_attach and stream_on_close. */
bool stream_attach(struct hvk_stream *stream, int32_t fd, struct hvk_error *err);
void stream_on_close(struct hvk_stream *stream, hvk_lane_function function, void *user);

/* The connection is closing. */
void stream_abort_all(struct hvk_connection *connection);

#endif
