/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A driver for the tests of libhvkit, linked into them: `rack:///ANY`, one call at a time for each
 * object; `queue:///ANY`, one at a time in all; `crowd:///ANY`, any number. Its machines are slots
 * m0 … m63, plain structs without a lock, so that a sanitizer sees every mistake of the lanes.
 *
 * A machine's XML is "NAME" or "NAME UUID". What its name ends in says how its start behaves, and
 * "-hangs" how the callback does that ends a reboot:
 *   "-waits"     leaves its lane until it is destroyed or cancelled
 *   "-hangs"     ignores everything until rack_release()
 *   "-mute"      fails without an error
 *   "-confused"  succeeds and leaves an error */
#ifndef HVKIT_TESTS_RACK_H
#define HVKIT_TESTS_RACK_H

#include <hvkit/hvkit.h>

#define RACK_SLOTS 64

/* Makes the driver known to libltdl; once, before anything else. */
void rack_install(void);

/* Ends every "-hangs" that is at work now or later, until rack_hold(). */
void rack_release(void);
void rack_hold(void);
/* Waits until `count` starts and reboots have hung since the program began. */
void rack_await_hanging(unsigned count);

/* How often the driver opened and closed a node. */
unsigned rack_opened(void);
unsigned rack_closed(void);
/* Calls of the driver's functions that found somebody else inside the same machine. */
unsigned rack_collisions(void);
/* Functions that the driver posted in vain. */
unsigned rack_refused(void);

/* ---- what every test does ---- */
struct hvk_connection *rack_open(const char *uri);
/* Defines and forgets the value. */
void rack_define(struct hvk_connection *connection, const char *xml);
/* A value that names a machine. */
struct hvk_domain rack_named(const char *name);

#endif
