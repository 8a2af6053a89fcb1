/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "inject.h"

#include "domain.h"

#include <base/string.h>

/* "delay=500" or "error=38", at *option. */
static bool option_parse(struct injection *item, const char *option, struct hvk_error *err)
{
    uint64_t value;
    if (string_starts_with(option, "delay=") &&
        string_to_u64(option + 6, 0, INJECTION_DELAY_MAX_MS, &value)) {
        item->delay_ms = (uint32_t)value;
        return true;
    }
    if (string_starts_with(option, "error=") && string_to_u64(option + 6, 1, 0x1ffff, &value)) {
        item->code = (int32_t)value;
        return true;
    }
    return hvk_error_set(err, HVK_ERR_INVALID_ARG,
                         "inject: '%s' is neither delay=MILLISECONDS (at most %u) nor error=CODE",
                         option, INJECTION_DELAY_MAX_MS);
}

/* "METHOD:OPTION[:OPTION]"; text is changed. */
static bool item_parse(struct injection *item, char *text, struct hvk_error *err)
{
    char *rest = text;
    const char *method = strsep(&rest, ":");
    if (*method == '\0' || strlen(method) >= sizeof item->method || !rest)
        return hvk_error_set(err, HVK_ERR_INVALID_ARG,
                             "inject: '%s' is not METHOD:delay=MILLISECONDS or METHOD:error=CODE",
                             method);
    if (strcmp(method, "*") != 0 && !domain_has_method(method))
        return hvk_error_set(
            err, HVK_ERR_INVALID_ARG,
            "inject: the test driver's hvkit.domain/1 has no method '%s' that waits "
            "or fails on request; '*' means all",
            method);
    memcpy(item->method, method, strlen(method) + 1);
    for (char *option = strsep(&rest, ":"); option; option = strsep(&rest, ":")) {
        if (!option_parse(item, option, err))
            return false;
    }
    return true;
}

bool injections_parse(struct injections *injections, const char *text, struct hvk_error *err)
{
    auto_free char *copy = strdup(text);
    if (!copy)
        return hvk_error_memory(err);
    char *rest = copy;
    for (char *item = strsep(&rest, ","); item; item = strsep(&rest, ",")) {
        if (injections->count == INJECTIONS_MAX)
            return hvk_error_set(err, HVK_ERR_LIMIT, "inject: more than %d items", INJECTIONS_MAX);
        if (!item_parse(&injections->items[injections->count++], item, err))
            return false;
    }
    return true;
}

static bool never(void *user)
{
    (void)user;
    return false;
}

/* Waits outside the lane; only the end of the time is success. */
static bool delay(struct hvk_call *call, const struct hvk_core *core, uint32_t milliseconds)
{
    core->lane_wait(call, never, NULL, (int32_t)milliseconds);
    if (call->error.code != HVK_ERR_OPERATION_TIMEOUT)
        return false;
    hvk_error_init(&call->error);
    return core->check(call);
}

bool inject(struct hvk_call *call, const struct hvk_core *core, const struct injections *injections,
            const char *method)
{
    for (uint32_t i = 0; i < injections->count; i++) {
        const struct injection *item = &injections->items[i];
        if (strcmp(item->method, "*") != 0 && strcmp(item->method, method) != 0)
            continue;
        if (item->delay_ms > 0 && !delay(call, core, item->delay_ms))
            return false;
        if (item->code != 0)
            return hvk_error_set(&call->error, item->code,
                                 "%s: this error was asked for (inject=%s:error=%d)", method,
                                 method, item->code);
    }
    return true;
}
