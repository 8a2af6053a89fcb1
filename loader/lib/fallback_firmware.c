/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the firmware says about this machine (SMBIOS, as Linux shows it in /sys/class/dmi/id), as
 * libvirt's sysinfo document. */
#include "host.h"
#include "route.h"

#include <base/buffer.h>
#include <base/string.h>
#include <hvkit-private/methods.h>
#include <string.h>

#define DMI_DIRECTORY "/sys/class/dmi/id"

struct dmi_entry {
    const char *file;
    const char *name;
};

#define DMI_ENTRIES_MAX 8

static const struct dmi_group {
    const char *element;
    struct dmi_entry entries[DMI_ENTRIES_MAX];
} groups[] = {
    {"bios",
     {{"bios_vendor", "vendor"},
      {"bios_version", "version"},
      {"bios_date", "date"},
      {"bios_release", "release"}}},
    {"system",
     {{"sys_vendor", "manufacturer"},
      {"product_name", "product"},
      {"product_version", "version"},
      {"product_serial", "serial"},
      {"product_uuid", "uuid"},
      {"product_sku", "sku"},
      {"product_family", "family"}}},
    {"baseBoard",
     {{"board_vendor", "manufacturer"},
      {"board_name", "product"},
      {"board_version", "version"},
      {"board_serial", "serial"},
      {"board_asset_tag", "asset"}}},
    {"chassis",
     {{"chassis_vendor", "manufacturer"},
      {"chassis_version", "version"},
      {"chassis_serial", "serial"},
      {"chassis_asset_tag", "asset"}}},
};

static void add_escaped(struct buffer *xml, const char *text)
{
    static const struct {
        char plain;
        const char *escaped;
    } escapes[] = {{'&', "&amp;"}, {'<', "&lt;"}, {'>', "&gt;"}, {'\'', "&apos;"}, {'"', "&quot;"}};
    for (; *text; text++) {
        const char *escaped = NULL;
        for (size_t i = 0; i < ARRAY_SIZE(escapes); i++) {
            if (escapes[i].plain == *text)
                escaped = escapes[i].escaped;
        }
        if (escaped)
            buffer_add_string(xml, escaped);
        else
            buffer_add_char(xml, *text);
    }
}

/* One entry; firmware leaves many empty, and some only root may read. */
static bool add_entry(struct buffer *xml, const struct dmi_entry *entry)
{
    char path[128];
    struct hvk_error ignored;
    snprintf(path, sizeof path, DMI_DIRECTORY "/%s", entry->file);
    auto_free char *text = host_read_file(path, &ignored);
    if (!text)
        return false;
    text[strcspn(text, "\n")] = '\0';
    size_t length = strlen(text);
    while (length > 0 && text[length - 1] == ' ')
        text[--length] = '\0';
    if (length == 0 || !string_is_clean_utf8(text, ""))
        return false;
    buffer_add_format(xml, "    <entry name='%s'>", entry->name);
    add_escaped(xml, text);
    buffer_add_string(xml, "</entry>\n");
    return true;
}

static void add_group(struct buffer *xml, const struct dmi_group *group)
{
    auto_buffer entries = BUFFER_INIT;
    bool any = false;
    for (size_t i = 0; i < DMI_ENTRIES_MAX && group->entries[i].file; i++)
        any = add_entry(&entries, &group->entries[i]) || any;
    if (any)
        buffer_add_format(xml, "  <%s>\n%s  </%s>\n", group->element,
                          entries.data ? entries.data : "", group->element);
}

static bool get_sysinfo(struct hvk_call *call, struct hvk_connection *connection,
                        const struct invocation *v)
{
    struct hvk_sink *sink = &v->results[0].collector.sink;
    auto_buffer xml = BUFFER_INIT;
    (void)connection;
    if (access(DMI_DIRECTORY, F_OK) < 0)
        return hvk_error_set(&call->error, HVK_ERR_NO_SUPPORT,
                             "the firmware of this machine says nothing about it (no SMBIOS)");
    buffer_add_string(&xml, "<sysinfo type='smbios'>\n");
    for (size_t i = 0; i < ARRAY_SIZE(groups); i++)
        add_group(&xml, &groups[i]);
    buffer_add_string(&xml, "</sysinfo>\n");
    if (xml.failed)
        return hvk_error_memory(&call->error);
    return sink->put(sink, xml.data, 0);
}

const struct core_answer_row firmware_answers[] = {
    {&hvk_method_connection_get_sysinfo, get_sysinfo},
    {NULL, NULL},
};
