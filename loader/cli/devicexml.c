/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "devicexml.h"
#include "text.h"
#include <base/string.h>
#include <sys/stat.h>

/* Which attribute of <source> names the data, by the disk's or interface's type. */
static const struct {
    const char *type;
    const char *attribute;
} source_attributes[] = {
    {"file", "file"},     {"block", "dev"},      {"dir", "dir"},        {"network", "name"},
    {"volume", "volume"}, {"nvme", "namespace"}, {"vhostuser", "path"}, {"vhostvdpa", "dev"},
};

const char *disk_bus_of(const char *target)
{
    static const struct {
        const char *prefix;
        const char *bus;
    } rows[] = {{"vd", "virtio"}, {"sd", "scsi"}, {"hd", "ide"}, {"fd", "fdc"}, {"xvd", "xen"}};

    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        size_t length = strlen(rows[i].prefix);
        const char *letters = target + length;

        if (string_starts_with(target, rows[i].prefix) && *letters &&
            letters[strspn(letters, "abcdefghijklmnopqrstuvwxyz0123456789")] == '\0')
            return rows[i].bus;
    }
    return NULL;
}

static void add_attribute(struct buffer *xml, const char *name, const char *value)
{
    if (!value)
        return;
    buffer_add_format(xml, " %s='", name);
    text_add_xml(xml, value);
    buffer_add_char(xml, '\'');
}

/* "<name a='…' b='…'/>" of the attributes that have a value; nothing when none has. */
struct attribute {
    const char *name;
    const char *value;
};

static void add_element(struct buffer *xml, const char *name, const struct attribute *attributes,
                        size_t count)
{
    bool any = false;

    for (size_t i = 0; i < count; i++)
        any = any || attributes[i].value;
    if (!any)
        return;
    buffer_add_format(xml, "  <%s", name);
    for (size_t i = 0; i < count; i++)
        add_attribute(xml, attributes[i].name, attributes[i].value);
    buffer_add_string(xml, "/>\n");
}

#define ADD_ELEMENT(xml, name, ...)                                                                \
    add_element(xml, name, (const struct attribute[]){__VA_ARGS__},                                \
                sizeof((const struct attribute[]){__VA_ARGS__}) / sizeof(struct attribute))

/* Text between tags. */
static void add_text_element(struct buffer *xml, const char *name, const char *text)
{
    if (!text)
        return;
    buffer_add_format(xml, "  <%s>", name);
    text_add_xml(xml, text);
    buffer_add_format(xml, "</%s>\n", name);
}

static char *finish(struct cli *cli, struct buffer *xml)
{
    char *text = buffer_take(xml);

    if (!text)
        hvk_error_memory(&cli->call.error);
    return text;
}

/* "block" for a block device on this machine, "file" for anything else. */
static const char *guess_type(const char *source)
{
    struct stat status;

    return source && stat(source, &status) == 0 && S_ISBLK(status.st_mode) ? "block" : "file";
}

static const char *source_attribute(const char *type)
{
    for (size_t i = 0; type && i < ARRAY_SIZE(source_attributes); i++) {
        if (string_equal(source_attributes[i].type, type))
            return source_attributes[i].attribute;
    }
    return "file";
}

char *disk_element(struct cli *cli, const struct arguments *arguments)
{
    const char *source = arguments_text(arguments, "source");
    const char *target = arguments_text(arguments, "target");
    const char *device = arguments_text(arguments, "type");
    const char *type = arguments_text(arguments, "sourcetype");
    const char *bus = arguments_text(arguments, "targetbus");
    const char *mode = arguments_text(arguments, "mode");
    auto_buffer xml = BUFFER_INIT;

    source = source && *source ? source : NULL;
    type = type ? type : guess_type(source);
    bus = bus ? bus : disk_bus_of(target);
    if (!bus) {
        cli_usage(cli, "the target '%s' does not tell its bus; add --targetbus", target);
        return NULL;
    }
    buffer_add_string(&xml, "<disk");
    add_attribute(&xml, "type", type);
    add_attribute(&xml, "device", device ? device : "disk");
    buffer_add_string(&xml, ">\n");
    ADD_ELEMENT(&xml, "driver", {"name", arguments_text(arguments, "driver")},
                {"type", arguments_text(arguments, "subdriver")},
                {"cache", arguments_text(arguments, "cache")},
                {"io", arguments_text(arguments, "io")},
                {"discard", arguments_text(arguments, "discard")},
                {"iothread", arguments_text(arguments, "iothread")});
    ADD_ELEMENT(&xml, "source", {source_attribute(type), source});
    ADD_ELEMENT(&xml, "target", {"dev", target}, {"bus", bus});
    add_text_element(&xml, "serial", arguments_text(arguments, "serial"));
    add_text_element(&xml, "wwn", arguments_text(arguments, "wwn"));
    ADD_ELEMENT(&xml, "alias", {"name", arguments_text(arguments, "alias")});
    if (mode)
        buffer_add_format(&xml, "  <%s/>\n", mode);
    buffer_add_string(&xml, "</disk>\n");
    return finish(cli, &xml);
}

/* "AVERAGE[,PEAK[,BURST[,FLOOR]]]" in KiB/s and KiB, written as attributes of <inbound>. */
static bool add_rates(struct cli *cli, struct buffer *xml, const char *name, const char *rates)
{
    static const char *const names[] = {"average", "peak", "burst", "floor"};
    const char *part = rates;

    if (!rates)
        return true;
    buffer_add_format(xml, "    <%s", name);
    for (size_t i = 0; i < ARRAY_SIZE(names) && *part; i++) {
        size_t length = strcspn(part, ",");
        auto_free char *number = strndup(part, length);
        uint64_t value;

        if (length > 0 && !(number && string_to_u64(number, 0, UINT32_MAX, &value)))
            return cli_usage(cli, "--%s takes AVERAGE,PEAK,BURST,FLOOR as numbers, not '%s'", name,
                             rates);
        if (length > 0)
            add_attribute(xml, names[i], number);
        part += length + (part[length] == ',');
    }
    buffer_add_string(xml, "/>\n");
    return !*part || cli_usage(cli, "--%s takes at most four numbers, not '%s'", name, rates);
}

static const char *interface_attribute(const char *type)
{
    static const char *const attributes[][2] = {
        {"network", "network"}, {"bridge", "bridge"},  {"direct", "dev"},
        {"internal", "name"},   {"vhostuser", "path"}, {"vdpa", "dev"},
    };

    for (size_t i = 0; type && i < ARRAY_SIZE(attributes); i++) {
        if (string_equal(attributes[i][0], type))
            return attributes[i][1];
    }
    return NULL;
}

const char *interface_source(const struct element *interface)
{
    const char *attribute = interface_attribute(element_attribute(interface, "type"));

    return attribute ? element_attribute(element_child(interface, "source"), attribute) : NULL;
}

char *interface_element(struct cli *cli, const struct arguments *arguments)
{
    const char *type = arguments_text(arguments, "type");
    const char *source = arguments_text(arguments, "source");
    const char *inbound = arguments_text(arguments, "inbound");
    const char *outbound = arguments_text(arguments, "outbound");
    const char *attribute = interface_attribute(type);
    auto_buffer xml = BUFFER_INIT;

    if (attribute && !source) {
        cli_usage(cli, "an interface of type %s needs a SOURCE", type);
        return NULL;
    }
    buffer_add_string(&xml, "<interface");
    add_attribute(&xml, "type", type);
    buffer_add_string(&xml, ">\n");
    ADD_ELEMENT(&xml, "mac", {"address", arguments_text(arguments, "mac")});
    if (attribute)
        ADD_ELEMENT(&xml, "source", {attribute, source});
    ADD_ELEMENT(&xml, "target", {"dev", arguments_text(arguments, "target")});
    ADD_ELEMENT(&xml, "script", {"path", arguments_text(arguments, "script")});
    ADD_ELEMENT(&xml, "model", {"type", arguments_text(arguments, "model")});
    ADD_ELEMENT(&xml, "alias", {"name", arguments_text(arguments, "alias")});
    if (inbound || outbound) {
        buffer_add_string(&xml, "  <bandwidth>\n");
        if (!add_rates(cli, &xml, "inbound", inbound) ||
            !add_rates(cli, &xml, "outbound", outbound))
            return NULL;
        buffer_add_string(&xml, "  </bandwidth>\n");
    }
    buffer_add_string(&xml, "</interface>\n");
    return finish(cli, &xml);
}

const struct element *devices_read(struct cli *cli, const struct hvk_domain *domain, uint32_t flags,
                                   struct document **out_document)
{
    auto_result char *xml = NULL;

    if (!hvk_domain_get_xml_desc(cli_call(cli), cli->connection, domain, flags, &xml))
        return NULL;
    *out_document = document_parse(xml, &cli->call.error);
    if (!*out_document)
        return NULL;
    const struct element *devices = element_child((*out_document)->root, "devices");
    if (!devices)
        cli_fail(cli, HVK_ERR_DEVICE_MISSING, "domain '%s' has no devices", domain->name);
    return devices;
}

const char *disk_source(const struct element *disk)
{
    return element_attribute(element_child(disk, "source"),
                             source_attribute(element_attribute(disk, "type")));
}

const struct element *devices_find_disk(struct cli *cli, const struct element *devices,
                                        const char *which)
{
    ELEMENT_FOR_EACH(devices, "disk", disk)
    {
        const char *target = element_attribute(element_child(disk, "target"), "dev");

        if (string_equal(target, which) || string_equal(disk_source(disk), which))
            return disk;
    }
    cli_fail(cli, HVK_ERR_DEVICE_MISSING,
             "domain '%s' has no disk whose target or source is '%s'; 'hvkit domblklist %s' shows "
             "those it has",
             cli->subject->name, which, cli->subject->name);
    return NULL;
}

const struct element *devices_find_interface(struct cli *cli, const struct element *devices,
                                             const char *type, const char *mac)
{
    const struct element *found = NULL;

    ELEMENT_FOR_EACH(devices, "interface", interface)
    {
        const char *address = element_attribute(element_child(interface, "mac"), "address");

        if (type && !string_equal(type, element_attribute(interface, "type")))
            continue;
        if (mac && (!address || strcasecmp(mac, address) != 0))
            continue;
        if (found) {
            cli_fail(cli, HVK_ERR_MULTIPLE_INTERFACES,
                     "domain '%s' has several interfaces of this kind; name one with --mac",
                     cli->subject->name);
            return NULL;
        }
        found = interface;
    }
    if (!found)
        cli_fail(cli, HVK_ERR_DEVICE_MISSING,
                 "domain '%s' has no interface%s%s%s%s; 'hvkit domiflist %s' shows those it has",
                 cli->subject->name, type ? " of type " : "", type ? type : "",
                 mac ? " with the address " : "", mac ? mac : "", cli->subject->name);
    return found;
}

char *disk_with_source(const struct document *document, const struct element *disk,
                       const char *source, bool block)
{
    auto_buffer xml = BUFFER_INIT;
    const char *type = block ? "block" : "file";

    buffer_add_string(&xml, "<disk");
    for (char *const *attribute = disk->attributes; attribute && *attribute; attribute += 2) {
        bool is_type = string_equal(attribute[0], "type");

        add_attribute(&xml, attribute[0], is_type ? type : attribute[1]);
    }
    buffer_add_string(&xml, ">\n");
    if (source)
        ADD_ELEMENT(&xml, "source", {source_attribute(type), source});
    for (const struct element *child = disk->children; child; child = child->next) {
        if (string_equal(child->name, "source") || string_equal(child->name, "backingStore"))
            continue;
        buffer_add_string(&xml, "  ");
        document_add_element(document, child, &xml);
        buffer_add_char(&xml, '\n');
    }
    buffer_add_string(&xml, "</disk>\n");
    return buffer_take(&xml);
}
