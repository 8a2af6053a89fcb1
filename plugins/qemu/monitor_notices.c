/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "monitor_notices.h"

#include <string.h>

#include <base/string.h>

#include "command/command.h"

#define DELETED_MAX 65536 /* bytes of names that nobody looked at */

static void emit(struct machine *machine, uint32_t event, const void *payload)
{
    struct hvk_domain value = machine_value(machine);
    if (machine->run->started)
        machine->node->core->emit(machine->node->handle, event, &value, payload);
}

static const char *text_of(const json_t *data, const char *name)
{
    const char *text = json_string_value(json_object_get(data, name));
    return text ? text : "";
}

/* Words of QEMU as numbers of the events; the first entry is for words that are not listed. */
struct word {
    const char *word;
    int32_t number;
};

static int32_t find_word(const struct word *words, size_t count, const char *word)
{
    for (size_t i = 1; i < count; i++)
        if (strcmp(words[i].word, word) == 0)
            return words[i].number;
    return words[0].number;
}

/* ---- devices -------------------------------------------------------------------------------- */

/* Kept until the job that removes the device looks; names are separated by their NUL. */
void notice_device_deleted(struct machine *machine, const json_t *data)
{
    struct run *run = machine->run;
    const char *device = text_of(data, "device");
    size_t length = strlen(device) + 1;
    struct hvk_event_domain_device_removed payload = {.size = sizeof payload, .device = device};
    if (length == 1 || run->deleted_size > DELETED_MAX)
        return;
    char *grown = realloc(run->deleted, run->deleted_size + length);
    if (!grown)
        return;
    memcpy(grown + run->deleted_size, device, length);
    run->deleted = grown;
    run->deleted_size += length;
    emit(machine, HVK_EVENT_DOMAIN_DEVICE_REMOVED, &payload);
}

void notice_unplug_refused(struct machine *machine, const json_t *data)
{
    const char *device = text_of(data, "device");
    struct hvk_event_domain_device_removal_failed payload = {.size = sizeof payload,
                                                             .device = device};
    free(machine->run->unplug_refused);
    machine->run->unplug_refused = strdup(device);
    emit(machine, HVK_EVENT_DOMAIN_DEVICE_REMOVAL_FAILED, &payload);
}

/* ---- memory and clock ----------------------------------------------------------------------- */

void notice_balloon(struct machine *machine, const json_t *data)
{
    struct hvk_call call = HVK_CALL_INIT;
    struct hvk_event_domain_balloon_change payload = {
        .size = sizeof payload,
        .actual_kib = (uint64_t)json_integer_value(json_object_get(data, "actual")) / 1024};
    machine->balloon_kib = payload.actual_kib;
    if (!machine->run->started)
        return;
    machine->live->current_memory.node.present = true;
    machine->live->current_memory.kib = payload.actual_kib;
    machine_publish(&call, machine);
    emit(machine, HVK_EVENT_DOMAIN_BALLOON_CHANGE, &payload);
}

void notice_rtc(struct machine *machine, const json_t *data)
{
    struct hvk_event_domain_rtc_change payload = {
        .size = sizeof payload, .offset_s = json_integer_value(json_object_get(data, "offset"))};
    emit(machine, HVK_EVENT_DOMAIN_RTC_CHANGE, &payload);
}

/* ---- mishaps -------------------------------------------------------------------------------- */

void notice_watchdog(struct machine *machine, const json_t *data)
{
    static const struct word actions[] = {
        {"none", HVK_DOMAIN_EVENT_WATCHDOG_NONE},
        {"pause", HVK_DOMAIN_EVENT_WATCHDOG_PAUSE},
        {"reset", HVK_DOMAIN_EVENT_WATCHDOG_RESET},
        {"poweroff", HVK_DOMAIN_EVENT_WATCHDOG_POWEROFF},
        {"shutdown", HVK_DOMAIN_EVENT_WATCHDOG_SHUTDOWN},
        {"debug", HVK_DOMAIN_EVENT_WATCHDOG_DEBUG},
        {"inject-nmi", HVK_DOMAIN_EVENT_WATCHDOG_INJECTNMI},
    };
    struct hvk_event_domain_watchdog payload = {
        .size = sizeof payload,
        .action = find_word(actions, ARRAY_SIZE(actions), text_of(data, "action"))};
    emit(machine, HVK_EVENT_DOMAIN_WATCHDOG, &payload);
}

/* By the drive's name ("id"), which begins with the alias (see command.h), or its node's. */
static const struct model_disk *find_disk(const struct machine *machine, const char *qemu_name)
{
    MODEL_FOR_EACH(&machine->live->devices.disks, struct model_disk, disk)
    {
        const char *alias = disk->device.alias.name;
        size_t length = alias ? strlen(alias) : 0;
        if (length > 0 && strncmp(qemu_name, alias, length) == 0 &&
            (qemu_name[length] == '\0' || strchr("-./", qemu_name[length])))
            return disk;
        if (command_disk_has_node(disk, qemu_name))
            return disk;
    }
    return NULL;
}

void notice_io_error(struct machine *machine, const json_t *data)
{
    static const struct word actions[] = {
        {"ignore", HVK_DOMAIN_EVENT_IO_ERROR_NONE},
        {"stop", HVK_DOMAIN_EVENT_IO_ERROR_PAUSE},
        {"report", HVK_DOMAIN_EVENT_IO_ERROR_REPORT},
    };
    const char *name = text_of(data, "device");
    const struct model_disk *disk = find_disk(machine, name[0] ? name : text_of(data, "node-name"));
    bool full = json_is_true(json_object_get(data, "nospace"));
    struct hvk_event_domain_io_error_reason payload = {
        .size = sizeof payload,
        .action = find_word(actions, ARRAY_SIZE(actions), text_of(data, "action")),
        .source = disk && disk->source.file ? disk->source.file : "",
        .device = disk ? disk->device.alias.name : name,
        .reason = full ? "enospc" : ""};
    emit(machine, HVK_EVENT_DOMAIN_IO_ERROR_REASON, &payload);
}

void notice_tray(struct machine *machine, const json_t *data)
{
    const struct model_disk *disk = find_disk(machine, text_of(data, "id"));
    struct hvk_event_domain_tray_change payload = {
        .size = sizeof payload,
        .reason = json_is_true(json_object_get(data, "tray-open"))
                      ? HVK_DOMAIN_EVENT_TRAY_CHANGE_OPEN
                      : HVK_DOMAIN_EVENT_TRAY_CHANGE_CLOSE,
        .device = disk ? disk->device.alias.name : text_of(data, "id")};
    emit(machine, HVK_EVENT_DOMAIN_TRAY_CHANGE, &payload);
}

/* ---- displays ------------------------------------------------------------------------------- */

static int32_t address_family(const json_t *end)
{
    static const struct word families[] = {
        {"ipv4", HVK_DOMAIN_EVENT_GRAPHICS_ADDRESS_IPV4},
        {"ipv6", HVK_DOMAIN_EVENT_GRAPHICS_ADDRESS_IPV6},
        {"unix", HVK_DOMAIN_EVENT_GRAPHICS_ADDRESS_UNIX},
    };
    return find_word(families, ARRAY_SIZE(families), text_of(end, "family"));
}

/* VNC says "service", SPICE "port". */
static const char *service_of(const json_t *end)
{
    const char *service = text_of(end, "service");
    return service[0] ? service : text_of(end, "port");
}

static void tell_graphics(struct machine *machine, const json_t *data, int32_t phase)
{
    const json_t *server = json_object_get(data, "server");
    const json_t *client = json_object_get(data, "client");
    struct hvk_event_domain_graphics payload = {.size = sizeof payload,
                                                .phase = phase,
                                                .local_family = address_family(server),
                                                .remote_family = address_family(client),
                                                .local_node = text_of(server, "host"),
                                                .local_service = service_of(server),
                                                .remote_node = text_of(client, "host"),
                                                .remote_service = service_of(client),
                                                .auth_scheme = text_of(server, "auth")};
    struct hvk_graphics_identity identity = {.size = sizeof identity};
    identity.name = text_of(client, "x509_dname");
    identity.type = "x509dname";
    if (!identity.name[0]) {
        identity.name = text_of(client, "sasl_username");
        identity.type = "saslUsername";
    }
    payload.subject = &identity;
    payload.subject_count = identity.name[0] ? 1 : 0;
    emit(machine, HVK_EVENT_DOMAIN_GRAPHICS, &payload);
}

void notice_graphics_connected(struct machine *machine, const json_t *data)
{
    tell_graphics(machine, data, HVK_DOMAIN_EVENT_GRAPHICS_CONNECT);
}

void notice_graphics_initialized(struct machine *machine, const json_t *data)
{
    tell_graphics(machine, data, HVK_DOMAIN_EVENT_GRAPHICS_INITIALIZE);
}

void notice_graphics_disconnected(struct machine *machine, const json_t *data)
{
    tell_graphics(machine, data, HVK_DOMAIN_EVENT_GRAPHICS_DISCONNECT);
}

/* ---- the agent ------------------------------------------------------------------------------ */

static bool is_agent_port(const struct machine *machine, const char *id)
{
    MODEL_FOR_EACH(&machine->live->devices.channels, struct model_channel, channel)
    if (string_equal(channel->device.alias.name, id))
        return string_equal(channel->target.name, "org.qemu.guest_agent.0");
    return false;
}

void notice_port(struct machine *machine, const json_t *data)
{
    bool open = json_is_true(json_object_get(data, "open"));
    if (!is_agent_port(machine, text_of(data, "id")) || open == machine->run->agent_connected)
        return;
    machine->run->agent_connected = open;
    struct hvk_event_domain_agent_lifecycle payload = {
        .size = sizeof payload,
        .state = open ? HVK_DOMAIN_EVENT_AGENT_STATE_CONNECTED
                      : HVK_DOMAIN_EVENT_AGENT_STATE_DISCONNECTED,
        .reason = HVK_DOMAIN_EVENT_AGENT_REASON_CHANNEL};
    emit(machine, HVK_EVENT_DOMAIN_AGENT_LIFECYCLE, &payload);
}
