/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A process that owns a root, for tests that kill it. qemu-owner URI VERB XML-FILE:
 *   start  defines and starts the domain, says "started" and waits for the end of its input
 *   save   saves the domain whose name the file holds, where its next start finds it
 *   churn  defines, starts, saves, restores, destroys and undefines it without end; says "+ VERB"
 *          before each and "- VERB" after each that succeeded, "! VERB: why" after one that failed
 */
#include <hvkit/hvkit.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct owner {
    struct hvk_call call;
    struct hvk_connection *connection;
    struct hvk_domain *domain;
    const char *xml;
};

/* One write for each line: what was said before a kill was said. */
static void say(const char *mark, const char *text)
{
    char line[1200];
    int length = snprintf(line, sizeof line, "%s%s\n", mark, text);
    if (write(STDOUT_FILENO, line, (size_t)length) != length)
        _exit(3);
}

static bool do_define(struct owner *o)
{
    hvk_free(o->domain);
    o->domain = NULL;
    return hvk_domain_define_xml(&o->call, o->connection, o->xml, 0, &o->domain);
}

static bool do_start(struct owner *o)
{
    return hvk_domain_create(&o->call, o->connection, o->domain, NULL, 0, 0, NULL);
}

static bool do_save(struct owner *o)
{
    return hvk_domain_managed_save(&o->call, o->connection, o->domain, 0);
}

static bool do_destroy(struct owner *o)
{
    return hvk_domain_destroy(&o->call, o->connection, o->domain, 0);
}

static bool do_undefine(struct owner *o)
{
    return hvk_domain_undefine(&o->call, o->connection, o->domain,
                               HVK_DOMAIN_UNDEFINE_MANAGED_SAVE);
}

static const struct {
    const char *name;
    bool (*run)(struct owner *o);
} steps[] = {
    {"define", do_define}, {"start", do_start},     {"save", do_save},
    {"start", do_start},   {"destroy", do_destroy}, {"undefine", do_undefine},
};

static int churn(struct owner *o)
{
    for (size_t i = 0;; i = (i + 1) % (sizeof steps / sizeof *steps)) {
        char failure[1100];
        say("+ ", steps[i].name);
        if (steps[i].run(o)) {
            say("- ", steps[i].name);
            continue;
        }
        snprintf(failure, sizeof failure, "%s: %s", steps[i].name, o->call.error.text);
        say("! ", failure);
        return 1;
    }
}

static int start_and_wait(struct owner *o)
{
    char byte;
    if (!do_define(o) || !do_start(o)) {
        say("! ", o->call.error.text);
        return 1;
    }
    say("", "started");
    return read(STDIN_FILENO, &byte, 1) == 0 ? 0 : 1;
}

static int save_named(struct owner *o)
{
    if (!hvk_domain_lookup_by_name(&o->call, o->connection, o->xml, &o->domain) || !do_save(o)) {
        say("! ", o->call.error.text);
        return 1;
    }
    say("- ", "save");
    return 0;
}

static char *read_text(const char *path)
{
    static char text[65536];
    FILE *file = fopen(path, "re");
    size_t size = file ? fread(text, 1, sizeof text - 1, file) : 0;
    if (file)
        fclose(file);
    text[size] = '\0';
    return size > 0 ? text : NULL;
}

static const struct {
    const char *name;
    int (*run)(struct owner *o);
} verbs[] = {{"start", start_and_wait}, {"save", save_named}, {"churn", churn}};

int main(int argc, char **argv)
{
    struct owner owner = {.call = HVK_CALL_INIT};
    if (argc != 4 || !(owner.xml = read_text(argv[3])))
        return 2;
    owner.connection = hvk_connection_open(&owner.call, argv[1], 0);
    if (!owner.connection) {
        say("! ", owner.call.error.text);
        return 1;
    }
    for (size_t i = 0; i < sizeof verbs / sizeof *verbs; i++)
        if (strcmp(argv[2], verbs[i].name) == 0)
            return verbs[i].run(&owner);
    return 2;
}
