/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Any bytes as a domain, as a device and as something to identify: nothing may crash, leak or hang,
 * and what is accepted must come back the same. */
#include "model/domain-xml.h"
#include <base/string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void ignore(void *data, uint32_t line, uint32_t column, const char *text)
{
    (void)data, (void)line, (void)column, (void)text;
}

static const struct model_report report = {ignore, NULL};

static void require(bool condition, const char *text)
{
    if (condition)
        return;
    fprintf(stderr, "broken promise:\n%s\n", text ? text : "");
    abort();
}

static void round_trip(const struct model_domain *domain)
{
    struct hvk_error err;
    auto_free char *text = model_domain_format(domain, MODEL_FORMAT_SECURE, &err);
    auto_model_domain again = model_domain_parse(text, strlen(text), 0, &report, &err);
    require(again != NULL, text);
    auto_free char *second = model_domain_format(again, MODEL_FORMAT_SECURE, &err);
    auto_model_domain third = model_domain_parse(second, strlen(second), 0, &report, &err);
    require(third && model_domain_equal(again, third, NULL, 0), text);
    auto_model_domain copy = model_domain_copy(again, &err);
    require(model_domain_equal(again, copy, NULL, 0), text);
    auto_free char *inactive = model_domain_format(copy, MODEL_FORMAT_INACTIVE, &err);
    auto_model_domain config =
        model_domain_parse(inactive, strlen(inactive), MODEL_PARSE_INACTIVE, NULL, &err);
    require(config != NULL, inactive);
}

static void change_devices(const char *xml, size_t size)
{
    struct hvk_error err;
    auto_model_domain domain = model_domain_parse(xml, size, MODEL_PARSE_INACTIVE, NULL, &err);
    struct model_device_ref at = {0};
    struct model_device_ref found;
    if (!domain || !model_device_next(domain, &at))
        return;
    auto_free char *text = model_device_format(&at, MODEL_FORMAT_SECURE, &err);
    model_domain_find_device(domain, &at, &found, &err);
    model_domain_add_device(domain, &at, NULL, &err);
    model_domain_replace_device(domain, &at, &at, &err);
    model_domain_remove_device(domain, &at);
    struct model_arena *arena = model_arena_new();
    model_device_parse(arena, text, strlen(text), 0, NULL, &found, &err);
    model_arena_free(arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *xml = (const char *)data;
    struct hvk_error err;
    struct model_identity identity;
    model_identify("domain", xml, size, &identity, &err);
    auto_model_domain domain = model_domain_parse(xml, size, 0, &report, &err);
    if (!domain)
        return 0;
    round_trip(domain);
    change_devices(xml, size);
    return 0;
}
