/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Any definition that can be read is either accepted or refused with a reason by the QEMU driver;
 * and what was accepted is accepted again. */
#include <assert.h>
#include <command/command.h>
#include <model/domain-xml.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct caps *load_caps(void)
{
    static struct caps *caps;
    struct hvk_error err;
    json_t *json = caps ? NULL : json_load_file(QEMU_ARGV_DIR "/caps.json", 0, NULL);
    if (!caps && json)
        caps = caps_from_json(json, &err);
    json_decref(json);
    if (!caps)
        abort();
    return caps;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct hvk_error err = {.size = sizeof err};
    auto_model_domain domain =
        model_domain_parse((const char *)data, size, MODEL_PARSE_INACTIVE, NULL, &err);
    if (!domain)
        return 0;
    err.text[0] = '\0';
    if (!command_check(domain, load_caps(), &err)) {
        assert(err.text[0]);
        return 0;
    }
    assert(command_check(domain, load_caps(), &err));
    return 0;
}
