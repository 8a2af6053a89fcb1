/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Sockets, ports and files that have to be there before QEMU is. */
#ifndef HVKIT_QEMU_START_FILES_H
#define HVKIT_QEMU_START_FILES_H

#include "command/command.h"
#include "machine.h"

#define START_MONITOR_NAME "monitor"
#define START_LAST_WORDS_MS 5000 /* from the end of a monitor to the end of its process */

/* A listening socket in the directory; -1 with the error. */
int start_listen(int directory_fd, const char *name, struct hvk_error *err);

bool start_create_files(const struct command *command, struct hvk_error *err);

/* command_input.take_port and .warn; user is a struct start_ports. */
struct start_ports {
    struct hvk_call *call;
    struct machine *machine;
};
bool start_take_port(void *user, uint16_t preferred, uint16_t first, uint16_t last,
                     uint16_t *out_port, struct hvk_error *err);
void start_warn(void *user, const char *text);

/* ROOT/log/NAME.log, to append to; -1 with the error. */
int start_open_log(struct machine *machine, const char *suffix, struct hvk_error *err);

#endif
