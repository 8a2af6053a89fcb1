/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Cuts the monitor's byte stream into messages: JSON objects one behind the other, with blanks and
 * line ends between them. Looks at brackets and strings only; whether a message is valid JSON is
 * for the parser. Pure: no descriptor, no clock. */
#ifndef HVKIT_QEMU_QMP_SPLITTER_H
#define HVKIT_QEMU_QMP_SPLITTER_H

#include <base/buffer.h>
#include <base/error.h>

struct qmp_splitter {
    struct buffer message; /* what has arrived of the current one */
    uint32_t depth;
    bool in_string;
    bool escaped;
};

#define QMP_SPLITTER_INIT                                                                          \
    {                                                                                              \
        .message = BUFFER_INIT                                                                     \
    }
void qmp_splitter_fini(struct qmp_splitter *splitter);

/* Called for every whole message; false stops the feeding. text is borrowed, NUL-terminated,
 * and may be changed. */
typedef bool (*qmp_message_function)(void *user, char *text, size_t length, struct hvk_error *err);

/* False once the stream is not QMP any more: something between messages, brackets nested too
 * deeply, a message that is too long, or message() returned false. */
bool qmp_splitter_feed(struct qmp_splitter *splitter, const char *data, size_t length,
                       qmp_message_function message, void *user, struct hvk_error *err);

#endif
