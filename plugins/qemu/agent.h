/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The guest agent (qemu-ga) behind a domain's channel org.qemu.guest_agent.0. What it says comes
 * from inside the guest: nothing of it is trusted. */
#ifndef HVKIT_QEMU_AGENT_H
#define HVKIT_QEMU_AGENT_H

#include "machine.h"

#define AGENT_TIMEOUT_MS 5000

/* Sends one command and waits for its reply, outside the lane. arguments: taken. out_result (may be
 * NULL): a new reference. AGENT_UNRESPONSIVE when nobody answers. */
bool agent_call(struct hvk_call *call, struct machine *machine, const char *name, json_t *arguments,
                json_t **out_result);

/* mode: "powerdown", "reboot", "halt". The agent does not answer when it does as asked. */
bool agent_shutdown(struct hvk_call *call, struct machine *machine, const char *mode);

#endif
