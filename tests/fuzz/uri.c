/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Any text as a URI: what is accepted has a canonical text that means the same and is its own
 * canonical text, and no part holds a control character. */
#include "uri.h"

#include <assert.h>
#include <base/cleanup.h>
#include <base/string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void assert_same(const struct hvk_uri *a, const struct hvk_uri *b)
{
    assert(strcmp(a->scheme, b->scheme) == 0 && strcmp(a->transport, b->transport) == 0);
    assert(strcmp(a->user, b->user) == 0 && strcmp(a->host, b->host) == 0);
    assert(strcmp(a->path, b->path) == 0 && strcmp(a->text, b->text) == 0);
    assert(a->port == b->port && a->param_count == b->param_count);
    for (uint64_t i = 0; i < a->param_count; i++)
        assert(strcmp(a->params[i].name, b->params[i].name) == 0 &&
               strcmp(a->params[i].value, b->params[i].value) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct hvk_error err;
    auto_free char *text = strndup((const char *)data, size);
    if (!text)
        return 0;
    auto_free struct hvk_uri *uri = uri_parse(text, &err);
    if (!uri) {
        assert(err.code == HVK_ERR_INVALID_ARG && err.text[0] != '\0');
        return 0;
    }
    assert(strlen(uri->text) <= strlen(text));
    assert(string_is_clean_utf8(uri->path, "") && string_is_clean_utf8(uri->user, ""));
    auto_free struct hvk_uri *again = uri_parse(uri->text, &err);
    assert(again);
    assert_same(uri, again);
    return 0;
}
