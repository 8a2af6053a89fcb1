/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Linux guests for tests: ci/guest's, which says what it sees in lines that begin with GUEST, and
 * gives a shell on its console. */
#ifndef HVKIT_TESTS_QEMU_GUEST_H
#define HVKIT_TESTS_QEMU_GUEST_H

#include <sys/types.h>

#include "qemu_lab.h"

/* Where ci/guest could not fetch its packages there is nothing to boot: the test is skipped. */
void need_guest(const char *name);

struct guest {
    const char *os;       /* attributes of <os> */
    const char *machine;  /* NULL: q35 */
    const char *kernel;   /* NULL: the small one */
    const char *initrd;   /* NULL: without the agent */
    const char *command;  /* words for the kernel's command line, "" or " …" */
    const char *elements; /* of <domain> */
    const char *devices;
};

/* Defined and started; the value is the caller's to hvk_free(). */
struct hvk_domain *start_guest(struct lab *lab, const char *name, const struct guest *guest);
/* Presses the power button and waits for the end. */
void power_off(struct lab *lab, const char *name, const struct hvk_domain *domain);

/* A console and what it said that nobody asked for yet: guests print many lines at once. */
struct console {
    struct hvk_stream *stream;
    char text[32768];
    size_t length;
};
struct console *open_console(struct lab *lab, const struct hvk_domain *domain);
void close_console(struct console *console);

/* Waits for the text, and drops what came up to it. */
void expect(struct lab *lab, struct console *console, const char *text);
/* Types a command and waits for what it prints; the answer must not be part of the question. */
void ask(struct lab *lab, struct console *console, const char *command, const char *answer);

/* A path below the lab's root: malloc'ed. */
char *lab_file(const struct lab *lab, const char *name);
/* The text, then zeros up to size. */
void write_file(const char *path, const char *text, off_t size);

#endif
