/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qmp_splitter.h"

#include "qmp_limits.h"

void qmp_splitter_fini(struct qmp_splitter *splitter)
{
    buffer_fini(&splitter->message);
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* Follows one byte of a message; false when brackets nest too deeply. */
static bool follow(struct qmp_splitter *splitter, char c)
{
    if (splitter->in_string) {
        if (splitter->escaped)
            splitter->escaped = false;
        else if (c == '\\')
            splitter->escaped = true;
        else if (c == '"')
            splitter->in_string = false;
        return true;
    }
    if (c == '"')
        splitter->in_string = true;
    else if (c == '{' || c == '[')
        splitter->depth++;
    else if (c == '}' || c == ']')
        splitter->depth--;
    return splitter->depth <= QMP_DEPTH_MAX;
}

/* Where the message that data continues ends: behind its last bracket, or length. */
static bool find_end(struct qmp_splitter *splitter, const char *data, size_t length,
                     size_t *out_end, struct hvk_error *err)
{
    size_t at = 0;
    while (at < length) {
        if (!follow(splitter, data[at++]))
            return hvk_error_set(err, HVK_ERR_LIMIT,
                                 "the monitor sent brackets nested more than %d deep",
                                 QMP_DEPTH_MAX);
        if (splitter->depth == 0)
            break;
    }
    *out_end = at;
    return true;
}

static bool add(struct qmp_splitter *splitter, const char *data, size_t length,
                struct hvk_error *err)
{
    if (splitter->message.length + length > QMP_MESSAGE_MAX)
        return hvk_error_set(err, HVK_ERR_LIMIT, "the monitor sent a message of more than %u bytes",
                             QMP_MESSAGE_MAX);
    buffer_add(&splitter->message, data, length);
    return !splitter->message.failed || hvk_error_memory(err);
}

bool qmp_splitter_feed(struct qmp_splitter *splitter, const char *data, size_t length,
                       qmp_message_function message, void *user, struct hvk_error *err)
{
    size_t at = 0;
    while (at < length) {
        if (splitter->depth == 0) {
            if (is_blank(data[at])) {
                at++;
                continue;
            }
            if (data[at] != '{')
                return hvk_error_set(err, HVK_ERR_PARSE_FAILED,
                                     "the monitor sent byte 0x%02x where a message should begin",
                                     (unsigned char)data[at]);
        }
        size_t end = 0;
        if (!find_end(splitter, data + at, length - at, &end, err) ||
            !add(splitter, data + at, end, err))
            return false;
        at += end;
        if (splitter->depth > 0)
            return true;
        if (!message(user, splitter->message.data, splitter->message.length, err))
            return false;
        buffer_reset(&splitter->message);
    }
    return true;
}
