/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a person in front of the guest would do: look at the screen, press keys and buttons. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include <base/string.h>

#include "domain.h"
#include "keymap.h"
#include "machine.h"

#define SCREENSHOT_FILE "screenshot"

/* ---- the screen ----------------------------------------------------------------------------- */

/* Screens are counted through all heads of all video devices. */
static const struct model_video *find_screen(const struct model_domain *live, uint32_t screen,
                                             uint32_t *out_head)
{
    MODEL_FOR_EACH(&live->devices.videos, struct model_video, video)
    {
        uint32_t heads = video->model.heads.set ? (uint32_t)video->model.heads.value : 1;
        if (screen < heads) {
            *out_head = screen;
            return video;
        }
        screen -= heads;
    }
    return NULL;
}

static bool send_picture(struct hvk_call *call, struct machine *machine, struct hvk_stream *stream)
{
    auto_fd int fd =
        openat(machine->run->directory_fd, SCREENSHOT_FILE, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0)
        return hvk_error_errno(&call->error, errno, "open the picture of the domain '%s'",
                               machine->name);
    unlinkat(machine->run->directory_fd, SCREENSHOT_FILE, 0);
    return machine->node->core->stream_attach(call, stream, fd);
}

bool domain_screenshot(DOMAIN_ARGS, uint32_t screen, struct hvk_stream *stream, uint32_t flags,
                       struct hvk_string_sink *out_mime)
{
    (void)flags;
    auto_machine struct machine *machine = machine_find_monitored(call, instance, domain);
    if (!machine)
        return false;
    uint32_t head;
    const struct model_video *video = find_screen(machine->live, screen, &head);
    if (!video || !video->device.alias.name)
        return hvk_error_set(&call->error, HVK_ERR_INVALID_ARG, "the domain '%s' has no screen %u",
                             machine->name, screen);
    bool png = machine->run->caps && caps_has_schema(machine->run->caps, "screendump/format/^png");
    auto_free char *path = string_format("%s/" SCREENSHOT_FILE, machine->run->directory);
    json_t *arguments = path ? json_pack("{s:s, s:s, s:i}", "filename", path, "device",
                                         video->device.alias.name, "head", (int)head)
                             : NULL;
    if (!arguments)
        return hvk_error_memory(&call->error);
    if (png)
        json_object_set_new(arguments, "format", json_string("png"));
    return machine_command(call, machine, "screendump", arguments, NULL) &&
           send_picture(call, machine, stream) &&
           hvk_put_string(out_mime, png ? "image/png" : "image/x-portable-pixmap");
}

bool domain_open_graphics(DOMAIN_ARGS, uint32_t index, const int32_t *fds, uint64_t fds_count,
                          uint32_t flags)
{
    auto_machine struct machine *machine = machine_find_monitored(call, instance, domain);
    if (!machine)
        return false;
    if (index >= machine->live->devices.graphics.count || fds_count != 1)
        return hvk_error_set(&call->error, HVK_ERR_INVALID_ARG,
                             "the domain '%s' has no display %u, or not one descriptor was given",
                             machine->name, index);
    enum model_graphics_type type = machine->live->devices.graphics.items[index]->type;
    const char *protocol = type == MODEL_GRAPHICS_VNC     ? "vnc"
                           : type == MODEL_GRAPHICS_SPICE ? "spice"
                                                          : NULL;
    if (!protocol)
        return hvk_error_set(&call->error, HVK_ERR_OPERATION_UNSUPPORTED,
                             "display %u of the domain '%s' takes no connections", index,
                             machine->name);
    bool skip = flags & HVK_DOMAIN_OPEN_GRAPHICS_SKIPAUTH;
    return monitor_call_fd(call, machine->run->monitor, "getfd",
                           json_pack("{s:s}", "fdname", "graphics"), fds[0]) &&
           machine_still_runs(call, machine) &&
           machine_command(call, machine, "add_client",
                           json_pack("{s:s, s:s, s:b}", "protocol", protocol, "fdname", "graphics",
                                     "skipauth", (int)skip),
                           NULL);
}

/* ---- keys and buttons ----------------------------------------------------------------------- */

static json_t *translate(struct hvk_call *call, uint32_t codeset, const uint32_t *keycodes,
                         uint64_t count)
{
    json_t *keys = json_array();
    for (uint64_t i = 0; i < count; i++) {
        int32_t number = keymap_to_qnum(codeset, keycodes[i]);
        if (number < 0) {
            hvk_error_set(&call->error, HVK_ERR_INVALID_ARG,
                          "the code set %u has no key %u that QEMU knows", codeset, keycodes[i]);
            json_decref(keys);
            return NULL;
        }
        json_array_append_new(keys, json_pack("{s:s, s:i}", "type", "number", "data", number));
    }
    return keys;
}

bool domain_send_key(DOMAIN_ARGS, uint32_t codeset, uint32_t holdtime_ms, const uint32_t *keycodes,
                     uint64_t keycodes_count, uint32_t flags)
{
    (void)flags;
    auto_machine struct machine *machine = machine_find_monitored(call, instance, domain);
    json_t *keys = machine ? translate(call, codeset, keycodes, keycodes_count) : NULL;
    if (!keys)
        return false;
    json_t *arguments = json_pack("{s:o}", "keys", keys);
    if (holdtime_ms > 0)
        json_object_set_new(arguments, "hold-time", json_integer(holdtime_ms));
    return machine_command(call, machine, "send-key", arguments, NULL);
}

bool domain_inject_nmi(DOMAIN_ARGS, uint32_t flags)
{
    (void)flags;
    auto_machine struct machine *machine = machine_find_monitored(call, instance, domain);
    return machine && machine_command(call, machine, "inject-nmi", NULL, NULL);
}

bool domain_pm_wakeup(DOMAIN_ARGS, uint32_t flags)
{
    (void)flags;
    auto_machine struct machine *machine = machine_find_monitored(call, instance, domain);
    if (!machine)
        return false;
    if (machine->state != HVK_DOMAIN_PMSUSPENDED)
        return hvk_error_set(&call->error, HVK_ERR_OPERATION_INVALID,
                             "the guest of the domain '%s' does not sleep", machine->name);
    return machine_command(call, machine, "system_wakeup", NULL, NULL);
}
