/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Any text as a configuration file: each setting is clean text, or the line at fault is named. */
#include "settings.h"

#include <assert.h>
#include <base/cleanup.h>
#include <base/string.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool set(void *user, const char *section, const char *name, const char *value,
                struct hvk_error *err)
{
    (void)user;
    (void)err;
    assert(string_is_clean_utf8(section, "\t\r") && string_is_clean_utf8(name, "\t\r") &&
           string_is_clean_utf8(value, "\t\r"));
    return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct hvk_error err;
    auto_free char *text = strndup((const char *)data, size);
    if (text && !settings_parse(text, "FILE", set, NULL, &err))
        assert(strncmp(err.text, "FILE, line ", 11) == 0);
    return 0;
}
