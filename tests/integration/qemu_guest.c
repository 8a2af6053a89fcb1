/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qemu_guest.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define CALL &lab->call, lab->connection
#define BOOT_WAIT_MS 90000 /* a loaded machine that emulates is slow */

/* ---- the guest ---- */

static const char *guest_file(const char *name)
{
    static char path[512];
    const char *directory = getenv("HVKIT_TEST_GUEST");
    snprintf(path, sizeof path, "%s/%s", directory ? directory : GUEST_DIR, name);
    return path;
}

void need_guest(const char *name)
{
    if (access(guest_file(name), R_OK) == 0)
        return;
    print_message("skipped, because there is no %s: ci/guest makes it\n", guest_file(name));
    skip();
}

static char *guest_xml(const char *name, const struct guest *guest)
{
    char *kernel = strdup(guest_file(guest->kernel ? guest->kernel : "kernel"));
    char *initrd = strdup(guest_file(guest->initrd ? guest->initrd : "initramfs"));
    char *xml = NULL;
    int length = asprintf(
        &xml,
        "<domain type='qemu'><name>%s</name><memory unit='MiB'>320</memory><vcpu>1</vcpu>"
        "<os%s><type arch='x86_64' machine='%s'>hvm</type><kernel>%s</kernel><initrd>%s</initrd>"
        "<cmdline>console=ttyS0 quiet panic=-1%s</cmdline>%s</os>"
        "<features><acpi/><apic/></features>%s<devices><emulator>%s</emulator><serial "
        "type='pty'/>%s"
        "</devices></domain>",
        name, guest->os ? guest->os : "", guest->machine ? guest->machine : "q35", kernel, initrd,
        guest->command ? guest->command : "",
        guest->os ? "<firmware><feature enabled='no' name='secure-boot'/></firmware>" : "",
        guest->elements ? guest->elements : "", LAB_EMULATOR, guest->devices ? guest->devices : "");
    assert_true(length > 0);
    free(kernel);
    free(initrd);
    return xml;
}

struct hvk_domain *start_guest(struct lab *lab, const char *name, const struct guest *guest)
{
    struct hvk_domain *domain = NULL;
    char *xml = guest_xml(name, guest);
    lab_ok(lab, hvk_domain_define_xml(CALL, xml, 0, &domain));
    free(xml);
    lab_ok(lab, hvk_domain_create(CALL, domain, NULL, 0, 0, NULL));
    return domain;
}

struct console *open_console(struct lab *lab, const struct hvk_domain *domain)
{
    struct console *console = calloc(1, sizeof *console);
    assert_non_null(console);
    console->stream = lab_console(lab, domain);
    return console;
}

void close_console(struct console *console)
{
    hvk_stream_free(console->stream);
    free(console);
}

void expect(struct lab *lab, struct console *console, const char *text)
{
    char *hit;
    lab->call.deadline_ns = hvk_deadline_in(BOOT_WAIT_MS);
    while (!(hit = strstr(console->text, text))) {
        size_t room = sizeof console->text - 1 - console->length;
        int64_t got = room > 0 ? hvk_stream_read(&lab->call, console->stream,
                                                 console->text + console->length, room)
                               : -1;
        if (got <= 0)
            fail_msg("'%s' was expected on the console: %s; it said: %s", text,
                     got < 0 ? lab->call.error.text : "it ended", console->text);
        for (int64_t i = 0; i < got; i++)
            if (console->text[console->length + (size_t)i] == '\0')
                console->text[console->length + (size_t)i] = ' ';
        console->length += (size_t)got;
        console->text[console->length] = '\0';
    }
    lab->call.deadline_ns = 0;
    size_t done = (size_t)(hit - console->text) + strlen(text);
    memmove(console->text, console->text + done, console->length - done + 1);
    console->length -= done;
}

void ask(struct lab *lab, struct console *console, const char *command, const char *answer)
{
    lab_send(lab, console->stream, command);
    lab_send(lab, console->stream, "\n");
    expect(lab, console, answer);
}

void power_off(struct lab *lab, const char *name, const struct hvk_domain *domain)
{
    lab_ok(lab, hvk_domain_shutdown(CALL, domain, HVK_DOMAIN_SHUTDOWN_ACPI_POWER_BTN));
    lab_wait_lifecycle(lab, name, HVK_DOMAIN_EVENT_STOPPED, HVK_DOMAIN_EVENT_STOPPED_SHUTDOWN);
}

/* ---- files ---- */

char *lab_file(const struct lab *lab, const char *name)
{
    char *path = NULL;
    assert_true(asprintf(&path, "%s/%s", lab->root, name) > 0);
    return path;
}

void write_file(const char *path, const char *text, off_t size)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, text, strlen(text)), (ssize_t)strlen(text));
    if (size > 0)
        assert_int_equal(ftruncate(fd, size), 0);
    close(fd);
}
