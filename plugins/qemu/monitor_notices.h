/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Events of QEMU that change no run state. */
#ifndef HVKIT_QEMU_MONITOR_NOTICES_H
#define HVKIT_QEMU_MONITOR_NOTICES_H

#include "machine.h"

void notice_device_deleted(struct machine *machine, const json_t *data);
void notice_unplug_refused(struct machine *machine, const json_t *data);
void notice_balloon(struct machine *machine, const json_t *data);
void notice_rtc(struct machine *machine, const json_t *data);
void notice_watchdog(struct machine *machine, const json_t *data);
void notice_io_error(struct machine *machine, const json_t *data);
void notice_tray(struct machine *machine, const json_t *data);
void notice_graphics_connected(struct machine *machine, const json_t *data);
void notice_graphics_initialized(struct machine *machine, const json_t *data);
void notice_graphics_disconnected(struct machine *machine, const json_t *data);
void notice_port(struct machine *machine, const json_t *data);

#endif
